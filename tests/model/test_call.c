/* Frame sizes against hand-counted messages, and costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/hardware/call.h"
#include "model/hardware/profile.h"

/* Counted field by field from reference/kafka/wire-messages.md: Produce 13, Fetch 18. */
static void frames__are_as_long_as_their_fields(void **state)
{
    (void)state;
    /* length 4, header 21, transaction 1, acks 2, timeout 4, topics 1, tags 1; topic 18; partition 8 */
    assert_int_equal(model_call_produce_overhead_bytes(1, 1), 34 + 18 + 8);
    assert_int_equal(model_call_produce_overhead_bytes(2, 10), 34 + 2 * 18 + 10 * 8);
    /* length 4, correlation 4, tags 1, topics 1, throttle 4, tags 1; partition 33 */
    assert_int_equal(model_call_produce_response_bytes(1, 1), 15 + 18 + 33);
    /* length 4, header 21, body 25; topic 18; partition 33 */
    assert_int_equal(model_call_fetch_request_bytes(0), 50);
    assert_int_equal(model_call_fetch_request_bytes(3), 50 + 18 + 3 * 33);
    /* length 4, correlation 4, tags 1, throttle 4, error 2, session 4, topics 1, tags 1; partition 39 */
    assert_int_equal(model_call_fetch_response_overhead_bytes(0), 21);
    assert_int_equal(model_call_fetch_response_overhead_bytes(2), 21 + 18 + 2 * 39);
}

static void cost__is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct model_cost cost = {
        .request_ns = 10, .partition_ns = 20, .batch_ns = 30, .record_ns = 0.5, .byte_ns = 0.25};
    assert_float_equal(model_cost_ns(&cost, 1, 2, 3, 4, 8), 10 + 40 + 90 + 2 + 2, 1e-12);
    assert_float_equal(model_cost_ns(&cost, 0, 0, 0, 0, 0), 0, 0);
}

static void profile__without_a_file_is_uncalibrated_and_possible(void **state)
{
    (void)state;
    struct model_profile p;
    memset(&p, 0xff, sizeof(p));
    model_profile_init(&p);
    assert_false(p.calibrated);
    assert_string_equal(p.error, "uncalibrated");
    assert_true(p.coremark > 0 && p.quantum_ns > 0 && p.gc_young_bytes > 0);
    assert_true(p.compress_byte_ns[BROKER_NONE] <= 0 && p.compress_byte_ns[BROKER_NONE] >= 0);
    for (int codec = BROKER_GZIP; codec <= BROKER_ZSTD; codec++)
        assert_true(p.compress_byte_ns[codec] > p.decompress_byte_ns[codec]);
}

/* A busy single broker of data/kafka-4.2 (row linger-05): 11,922 requests of one record of 1 kB a second took 0.907 cores. */
static void profile__is_near_the_measured_row_of_small_requests(void **state)
{
    (void)state;
    struct model_profile p;
    model_profile_init(&p);
    double per_request_ns = model_cost_ns(&p.receive, 1, 1, 1, 1.68, 1763) +
                            model_cost_ns(&p.append, 1, 1, 1, 1.68, 1763) +
                            model_cost_ns(&p.send, 1, 1, 0, 0, 66);
    /* Threads that wake: the network thread slept 1 / 11,922 s, each of eight I/O threads 8 / 11,922. */
    double slept_ns = 1e9 / 11922;
    double tau_ns = (double)p.cold_sleep_ns;
    double cold_ns =
        p.cold_work_ns * (slept_ns / (slept_ns + tau_ns) + 8 * slept_ns / (8 * slept_ns + tau_ns));
    double cores = (per_request_ns + cold_ns) * 11922e-9 + p.idle_broker_ns_per_s * 1e-9;
    assert_true(cores > 0.907 * 0.85 && cores < 0.907 * 1.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames__are_as_long_as_their_fields),
        cmocka_unit_test(cost__is_the_sum_of_its_parts),
        cmocka_unit_test(profile__without_a_file_is_uncalibrated_and_possible),
        cmocka_unit_test(profile__is_near_the_measured_row_of_small_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
