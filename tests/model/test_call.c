/* Frame sizes against hand-counted messages, and costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker-core/record/record.h"
#include "model/hardware/call.h"
#include "model/hardware/profile.h"
#include "model/scenario/profile.h"

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
    /* names of 20 characters: 21. header 25, software 21 and 1 + 5, tags 1 */
    assert_int_equal(model_call_api_versions_request_bytes(), 25 + 21 + 6 + 1);
    /* length 4, header 4, error 2, 60 APIs of 7 and 1, throttle 4, tags 1, 2 * 8 features of 26 and 3, epoch 10 */
    assert_int_equal(model_call_api_versions_response_bytes(),
                     4 + 4 + 2 + 421 + 4 + 1 + 2 * 211 + 10);
    /* header 25, topics 1, topic 38, two flags, tags 1 */
    assert_int_equal(model_call_metadata_request_bytes(1), 25 + 1 + 38 + 2 + 1);
    /* header 9, throttle 4, brokers 1, cluster 21, controller 4, topics 1, tags 1; broker 31; topic 46; partition 42 */
    assert_int_equal(model_call_metadata_response_bytes(3, 1, 6, 3), 41 + 3 * 31 + 46 + 6 * 42);
}

/* What a batch of a hundred records has beyond its payload, by the code that writes records. */
static void records__have_what_their_format_adds(void **state)
{
    (void)state;
    static const uint8_t bytes[1000];
    static const struct {
        int32_t key, value;
        int64_t linger_ms;
    } cases[] = {{-1, 40, 0}, {-1, 100, 5}, {16, 84, 5}, {70, 900, 100}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double key = cases[i].key > 0 ? cases[i].key : 0, payload = key + cases[i].value;
        struct broker_builder builder;
        broker_builder_init(&builder);
        broker_builder_add(&builder, 0, (struct broker_bytes){bytes, cases[i].key},
                           (struct broker_bytes){bytes, cases[i].value}, NULL, 0);
        size_t first = builder.size;
        broker_builder_add_at(&builder, 100, cases[i].linger_ms,
                              (struct broker_bytes){bytes, cases[i].key},
                              (struct broker_bytes){bytes, cases[i].value}, NULL, 0);
        assert_int_equal(model_call_record_overhead_bytes(payload, key, 200 * payload,
                                                          cases[i].linger_ms * 1000000),
                         builder.size - first - (size_t)payload);
        broker_builder_release(&builder);
    }
}

static void cost__is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct model_cost cost = {
        .request_ns = 10, .partition_ns = 20, .batch_ns = 30, .record_ns = 0.5, .byte_ns = 0.25};
    assert_float_equal(model_cost_ns(&cost, 1, 2, 3, 4, 8), 10 + 40 + 90 + 2 + 2, 1e-12);
    assert_float_equal(model_cost_ns(&cost, 0, 0, 0, 0, 0), 0, 0);
}

static bool ends(const char *text, const char *with)
{
    size_t length = strlen(text), end = strlen(with);
    return length >= end && strcmp(text + length - end, with) == 0;
}

/* Divided by the speed like all costs, a byte then takes as long as before. */
static void profile__on_faster_cores_keeps_what_bytes_cost(void **state)
{
    (void)state;
    struct model_profile p, fast;
    const struct scenario_profile_key *key;
    model_profile_init(&p);
    for (int i = 0; (key = scenario_profile_key_at(i)); i++)
        scenario_profile_set(&p, key, 100 + i);
    model_profile_on(&p, 2, true, &fast);
    for (int i = 0; (key = scenario_profile_key_at(i)); i++) {
        bool moved = (ends(key->path, ".byte") && !strstr(key->path, "tls")) ||
                     ends(key->path, "far_byte") || ends(key->path, "fault_byte");
        assert_float_equal(scenario_profile_get(&fast, key), (100 + i) * (moved ? 2 : 1), 1e-9);
    }
}

/* Requests of 1 MB on a core whose cache holds half of them. */
static void profile__counts_faults_only_where_memory_goes_back(void **state)
{
    (void)state;
    struct model_profile p, kept, returned;
    model_profile_init(&p);
    p.core_cache_bytes = 5e5;
    p.fault_byte_ns = 1.5;
    model_profile_on(&p, 1, false, &kept);
    model_profile_on(&p, 1, true, &returned);
    assert_float_equal(model_fault_ns(&kept, 1e6), 0, 0);
    assert_float_equal(model_fault_ns(&returned, 1e6), 750e3, 1e-6);
    assert_float_equal(model_fault_ns(&returned, 5e5), 0, 0);
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
                            model_cost_ns(&p.send, 1, 0, 0, 0, 66) + 2 * p.poll_ns;
    /* Threads that wake: the network thread slept 1 / 11,922 s, each of eight I/O threads 8 / 11,922. */
    double slept_ns = 1e9 / 11922;
    double tau_ns = (double)p.cold_sleep_ns;
    double cold_ns =
        p.cold_work_ns * (slept_ns / (slept_ns + tau_ns) + 8 * slept_ns / (8 * slept_ns + tau_ns));
    double cores = (per_request_ns + cold_ns) * 11922e-9 + p.idle_broker_ns_per_s * 1e-9;
    assert_true(cores > 0.907 * 0.85 && cores < 0.907 * 1.15);
}

static void assert_same(double a, double b)
{
    assert_true(a <= b * (1 + 1e-12) && b <= a * (1 + 1e-12));
}

static void profile_file__says_what_the_built_in_one_says(void **state)
{
    (void)state;
    struct model_profile built, read;
    struct broker_err err;
    model_profile_init(&built);
    assert_int_equal(scenario_profile_load("scenarios", "generic", &read, &err), 0);
    assert_string_equal(read.name, built.name);
    assert_string_equal(read.error, built.error);
    assert_int_equal(read.calibrated, built.calibrated);
    assert_same(read.coremark, built.coremark);
    const struct model_cost *costs[][2] = {
        {&read.receive, &built.receive},
        {&read.append, &built.append},
        {&read.fetch_receive, &built.fetch_receive},
        {&read.fetch, &built.fetch},
        {&read.send, &built.send},
        {&read.replica_append, &built.replica_append},
        {&read.replica_fetch, &built.replica_fetch},
        {&read.tls, &built.tls},
        {&read.java_send, &built.java_send},
        {&read.java_receive, &built.java_receive},
        {&read.librdkafka_send, &built.librdkafka_send},
        {&read.librdkafka_receive, &built.librdkafka_receive},
    };
    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        assert_same(costs[i][0]->request_ns, costs[i][1]->request_ns);
        assert_same(costs[i][0]->partition_ns, costs[i][1]->partition_ns);
        assert_same(costs[i][0]->batch_ns, costs[i][1]->batch_ns);
        assert_same(costs[i][0]->record_ns, costs[i][1]->record_ns);
        assert_same(costs[i][0]->byte_ns, costs[i][1]->byte_ns);
    }
    assert_same(read.idle_broker_ns_per_s, built.idle_broker_ns_per_s);
    assert_same(read.idle_partition_ns_per_s, built.idle_partition_ns_per_s);
    for (int codec = 0; codec < 5; codec++) {
        assert_same(read.compress_byte_ns[codec], built.compress_byte_ns[codec]);
        assert_same(read.decompress_byte_ns[codec], built.decompress_byte_ns[codec]);
    }
    assert_int_equal(read.quantum_ns, built.quantum_ns);
    assert_int_equal(read.wakeup_ns, built.wakeup_ns);
    assert_same(read.cold_work_ns, built.cold_work_ns);
    assert_int_equal(read.cold_sleep_ns, built.cold_sleep_ns);
    assert_int_equal(read.gc, built.gc);
    assert_same(read.gc_alloc_per_byte, built.gc_alloc_per_byte);
    assert_same(read.gc_alloc_per_request, built.gc_alloc_per_request);
    assert_same(read.gc_young_bytes, built.gc_young_bytes);
    assert_same(read.gc_heap_bytes, built.gc_heap_bytes);
    assert_same(read.gc_pause_median_ns, built.gc_pause_median_ns);
    assert_same(read.gc_pause_sigma, built.gc_pause_sigma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames__are_as_long_as_their_fields),
        cmocka_unit_test(records__have_what_their_format_adds),
        cmocka_unit_test(cost__is_the_sum_of_its_parts),
        cmocka_unit_test(profile__counts_faults_only_where_memory_goes_back),
        cmocka_unit_test(profile__without_a_file_is_uncalibrated_and_possible),
        cmocka_unit_test(profile__on_faster_cores_keeps_what_bytes_cost),
        cmocka_unit_test(profile_file__says_what_the_built_in_one_says),
        cmocka_unit_test(profile__is_near_the_measured_row_of_small_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
