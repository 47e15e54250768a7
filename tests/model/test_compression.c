#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker-core/record/ratio_estimate.h"
#include "model/client/compression.h"

static void assert_close(double got, double want)
{
    if (!(got > want - 1e-9 && got < want + 1e-9))
        fail_msg("got %.12g, expected %.12g", got, want);
}

static void ratio__is_linear_in_the_logarithm_of_the_size(void **state)
{
    (void)state;
    struct model_compression c;
    model_compression_init(&c, BROKER_ZSTD);
    assert_close(model_compression_ratio(&c, 100), 2.03);
    assert_close(model_compression_ratio(&c, 1024), 2.03);
    assert_close(model_compression_ratio(&c, 4096), (2.03 + 4.69) / 2); /* half way in ln */
    assert_close(model_compression_ratio(&c, 16384), 4.69);
    assert_close(model_compression_ratio(&c, 1e9), 5.65);
}

static void ratio__comes_from_the_table_that_was_set(void **state)
{
    (void)state;
    struct model_compression c;
    model_compression_init(&c, BROKER_LZ4);
    model_compression_set(&c, 2, (double[]){1000, 100000}, (double[]){2, 4});
    assert_close(model_compression_ratio(&c, 10000), 3);
    assert_int_equal(model_compression_bytes(&c, 10000), 3333);
    assert_int_equal(model_compression_bytes(&c, 1), 1);
    assert_int_equal(model_compression_bytes(&c, 0), 0);
}

static void none__keeps_the_size(void **state)
{
    (void)state;
    struct model_compression c;
    model_compression_init(&c, BROKER_NONE);
    assert_int_equal(model_compression_bytes(&c, 12345), 12345);
}

/* clients.md section 1: up by 0.05 or to what was seen, down by 0.005 at most. */
static void estimate__grows_fast_and_shrinks_slowly(void **state)
{
    (void)state;
    assert_close(broker_ratio_estimate_next(1.0, 0.4), 0.995);
    assert_close(broker_ratio_estimate_next(0.402, 0.4), 0.4);
    assert_close(broker_ratio_estimate_next(0.4, 0.42), 0.45);
    assert_close(broker_ratio_estimate_next(0.4, 0.7), 0.7);
    assert_close(broker_ratio_estimate_next(0.5, 0.5), 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratio__is_linear_in_the_logarithm_of_the_size),
        cmocka_unit_test(ratio__comes_from_the_table_that_was_set),
        cmocka_unit_test(none__keeps_the_size),
        cmocka_unit_test(estimate__grows_fast_and_shrinks_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
