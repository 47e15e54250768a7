/* What is predicted of a scenario, against what its load alone determines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/evidence/predict.h"
#include "model/scenario/profile.h"

static struct model_profile profile;

static int load_profile(void **state)
{
    struct broker_err err = {""};
    (void)state;
    return scenario_profile_load("scenarios", "generic", &profile, &err);
}

/* 1,000 records of 1,000 B a second, constant, by a client that sends one batch a request. */
static struct prediction predict_text(int brokers, int replication, const char *disk,
                                      const char *topic, uint64_t seed)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct predict_options how = {.seed = seed, .replications = 2, .variant = -1};
    struct broker_err err = {""};
    struct scenario_doc *doc;
    struct prediction out;
    char text[1024];
    snprintf(
        text, sizeof text,
        "version: 1\n"
        "cluster: {brokers: %d, racks: [a], machine: {vcpus: 4, ram: 16 GiB, network: "
        "{baseline: 10 Gbit/s}, disks: {type: ssd, count: 1, size: 100 GB%s}}}\n"
        "topics: {t: {partitions: 3, replication: %d, config: {min.insync.replicas: 1%s}}}\n"
        "producers: {p: {topic: t, client: librdkafka, rate: 1000 records/s, record: {size: "
        "1000 B}, arrivals: constant, partitioner: uniform, config: {acks: 1, linger.ms: 5}}}\n"
        "start: {logs: empty}\n"
        "run: {warmup: 1 s, measure: 3 s}\n",
        brokers, disk, replication, topic);
    if (scenario_load_text("predict.yaml", text, strlen(text), &options, &doc) != SCENARIO_OK)
        fail_msg("%s", scenario_error_at(doc, 0)->message);
    if (predict(doc, &profile, &how, &out, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    scenario_doc_free(doc);
    return out;
}

static void assert_within(double value, double expected, double share)
{
    if (!(fabs(value - expected) <= share * expected))
        fail_msg("%g, expected %g within %g %%", value, expected, 100 * share);
}

static double of(const struct prediction *p, enum measured_quantity q)
{
    return p->quantity[q].value;
}

static void prediction__agrees_with_the_load(void **state)
{
    (void)state;
    struct prediction p = predict_text(1, 1, "", "", 1);
    assert_true(p.stable);
    assert_false(p.cut);
    assert_within(of(&p, MEASURED_THROUGHPUT), 1000, 0.01);
    /* a request is a batch: 61 B around records of 1,000 B and 7 to 9 more */
    assert_within(of(&p, MEASURED_BATCHES), of(&p, MEASURED_REQUESTS), 0.01);
    assert_within(of(&p, MEASURED_DISK_BYTES), 1000 * 1008.5 + 61 * of(&p, MEASURED_BATCHES), 0.01);
    assert_true(of(&p, MEASURED_PRODUCE_P50) <= of(&p, MEASURED_PRODUCE_P99));
    /* linger is in the latency and not in the round trip */
    assert_true(of(&p, MEASURED_ROUND_TRIP) < of(&p, MEASURED_PRODUCE_MEAN));
    assert_true(isnan(of(&p, MEASURED_END_TO_END_P50)));
    assert_true(of(&p, MEASURED_BROKER_CPU) > 0 && of(&p, MEASURED_CLIENT_CPU) > 0);
}

/* The application's thread wakes for each record; what sending a byte costs is of the other. */
static void threads__of_a_client_are_all_of_it(void **state)
{
    (void)state;
    struct prediction p = predict_text(1, 1, "", "", 1);
    double application = p.quantity[FITTED_APPLICATION_CPU].value,
           broker_thread = p.quantity[FITTED_BROKER_THREAD_CPU].value;
    double woken = 1000 * (double)profile.librdkafka_app_wake_ns /
                   (1 + 1000 * (double)profile.librdkafka_app_window_ns / 1e9) / 1e9;
    assert_within(application + broker_thread, of(&p, MEASURED_CLIENT_CPU), 0.001);
    assert_true(application > woken && broker_thread > 0.005);
    struct model_profile was = profile;
    profile.librdkafka_send.byte_ns += 10; /* of a million a second */
    struct prediction more = predict_text(1, 1, "", "", 1);
    profile = was;
    assert_within(more.quantity[FITTED_APPLICATION_CPU].value, application, 0.02);
    assert_within(more.quantity[FITTED_BROKER_THREAD_CPU].value - broker_thread, 0.0101, 0.05);
}

/* What a broker does while idle is in none of the threads that serve requests. */
static void threads__of_a_broker_are_all_of_it(void **state)
{
    (void)state;
    struct prediction p = predict_text(1, 1, "", "", 1);
    double request = p.quantity[FITTED_REQUEST_CPU].value,
           other = p.quantity[FITTED_OTHER_CPU].value;
    assert_within(request + other, of(&p, MEASURED_BROKER_CPU), 0.001);
    assert_true(p.quantity[FITTED_FETCHER_CPU].value == 0);
    struct model_profile was = profile;
    profile.idle_broker_ns_per_s += 10e6; /* a second */
    struct prediction more = predict_text(1, 1, "", "", 1);
    profile = was;
    assert_within(more.quantity[FITTED_REQUEST_CPU].value, request, 0.02);
    /* a vCPU of 14,000 for the profile's core of 16,000 */
    assert_within(more.quantity[FITTED_OTHER_CPU].value - other, 0.01 * 16 / 14, 0.05);
}

/* 2,000 records a second fill the warm-up with batches that nobody asked for. */
static void budget__holds_for_the_warm_up_too(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 1, racks: [a], machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 10 "
        "Gbit/s}, disks: {type: ssd, count: 1, size: 100 GB}}}\n"
        "topics: {t: {partitions: 1, replication: 1}}\n"
        "producers: {p: {topic: t, rate: 2000 records/s, record: {size: 1000 B}, arrivals: "
        "constant, config: {acks: 1, linger.ms: 0}}}\n"
        "start: {logs: empty}\nrun: {warmup: 5 s, measure: 10 s}\n";
    struct scenario_options options = {.datadir = "scenarios"};
    struct predict_options how = {
        .replications = 2, .batches_max = 600, .warmup_batches_max = 1000, .variant = -1};
    struct broker_err err = {""};
    struct scenario_doc *doc;
    struct prediction out;
    assert_int_equal(scenario_load_text("p.yaml", text, strlen(text), &options, &doc), SCENARIO_OK);
    assert_int_equal(predict(doc, &profile, &how, &out, &err), BROKER_OK);
    assert_true(out.cut);
    assert_in_range(out.batches, 800, 1700);
    scenario_doc_free(doc);
}

static void replicas__are_in_the_bytes_and_not_in_the_batches(void **state)
{
    (void)state;
    struct prediction one = predict_text(3, 1, "", "", 1), three = predict_text(3, 3, "", "", 1);
    assert_within(of(&three, MEASURED_DISK_BYTES), 3 * of(&one, MEASURED_DISK_BYTES), 0.02);
    assert_within(of(&three, MEASURED_BATCHES), of(&one, MEASURED_BATCHES), 0.02);
}

/* Each append is flushed to a disk that is far too slow: what is sent is not what is written. */
static void batches__of_an_overloaded_broker_are_those_that_it_wrote(void **state)
{
    (void)state;
    struct prediction p =
        predict_text(1, 1, ", write_iops: 40, write_latency: 1 ms", ", flush.messages: 1", 1);
    assert_false(p.stable);
    assert_true(of(&p, MEASURED_BATCHES) <= 40);
    assert_true(of(&p, MEASURED_REQUESTS) > 2 * of(&p, MEASURED_BATCHES));
    assert_true(of(&p, MEASURED_THROUGHPUT) < 500);
}

static void prediction__is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    struct prediction a = predict_text(1, 1, "", "", 7), b = predict_text(1, 1, "", "", 7);
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        if (!isnan(of(&a, (enum measured_quantity)q)))
            assert_memory_equal(&a.quantity[q], &b.quantity[q], sizeof a.quantity[q]);
}

/* 3 and 4 are two sides of a triangle whose third is 5. */
static void widened__interval_adds_in_quadrature(void **state)
{
    (void)state;
    struct model_profile_error error = {.rows = 9, .ratio_low = exp(-0.1), .ratio_high = exp(0.4)};
    struct predict_value exact = {10, 10, 10}, had = {10, 10 * exp(-0.3), 10 * exp(0.3)};
    struct predict_value wide = predict_widen(exact, &error);
    assert_within(wide.low, 10 * exp(-0.1), 1e-9);
    assert_within(wide.high, 10 * exp(0.4), 1e-9);
    wide = predict_widen(had, &error);
    assert_within(wide.low, 10 * exp(-hypot(0.3, 0.1)), 1e-9);
    assert_within(wide.high, 10 * exp(0.5), 1e-9);
    struct predict_value none = {NAN, NAN, NAN};
    assert_true(isnan(predict_widen(none, &error).value));
    error.rows = 0; /* nothing is known: scatter alone is no prediction interval */
    wide = predict_widen(had, &error);
    assert_true(wide.value == had.value && isnan(wide.low) && isnan(wide.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prediction__agrees_with_the_load),
        cmocka_unit_test(threads__of_a_client_are_all_of_it),
        cmocka_unit_test(threads__of_a_broker_are_all_of_it),
        cmocka_unit_test(budget__holds_for_the_warm_up_too),
        cmocka_unit_test(replicas__are_in_the_bytes_and_not_in_the_batches),
        cmocka_unit_test(batches__of_an_overloaded_broker_are_those_that_it_wrote),
        cmocka_unit_test(prediction__is_the_same_for_the_same_seed),
        cmocka_unit_test(widened__interval_adds_in_quadrature),
    };
    return cmocka_run_group_tests(tests, load_profile, NULL);
}
