#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/span.h"

static void span__survives_its_bytes(void **state)
{
    (void)state;
    const struct model_span span = {123456789012345, 123456789999999, 4000000000u, 65535, 77};
    uint8_t bytes[MODEL_SPAN_BYTES];
    struct model_span back;
    model_span_write(&span, bytes);
    model_span_read(bytes, &back);
    assert_true(back.first_ns == span.first_ns && back.last_ns == span.last_ns);
    assert_int_equal(back.count, span.count);
    assert_int_equal(back.producer, span.producer);
    assert_int_equal(back.groups, span.groups);
}

/* The log takes a batch whose records begin with a zero byte for opaque: no record and no compressed stream does. */
static void span__begins_with_a_zero_and_has_a_fixed_layout(void **state)
{
    (void)state;
    const struct model_span span = {0x0001020304050607, 0x08, 0x090a0b0c, 0x0d0e, 0x0f10};
    static const uint8_t expected[MODEL_SPAN_BYTES] = {0, 1, 2, 3, 4, 5,  6,  7,  0,  0,  0,  0,
                                                       0, 0, 0, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    uint8_t bytes[MODEL_SPAN_BYTES];
    model_span_write(&span, bytes);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span__survives_its_bytes),
        cmocka_unit_test(span__begins_with_a_zero_and_has_a_fixed_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
