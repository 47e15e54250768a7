/*
 * tests/theory/test_cluster_queueing.c - a whole cluster whose only cost is the append is one server with a queue.
 *
 * Poisson producers, one record a batch, one I/O thread, nothing else takes time: the mean time from the intended send to the answer
 * is then the time in an M/D/1 queue (records of one size), or in an M/G/1 queue (sizes by a law), by Pollaczek and Khinchine.
 * A request that waits behind another of its own connection changes the order, not the mean: the server never idles meanwhile.
 * Statements hold at the level 99.9 %, seeds 1, 2, 3, ...: none is chosen.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/replicate.h"
#include "sim/stat.h"
#include "tests/support/small_cluster.h"

#define SECOND     INT64_C(1000000000)
#define SERVICE_NS 100e3

static const char *const form =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 1\n"
    "  machine: {vcpus: 8, coremark: 16000, ram: 16 GiB, network: {baseline: 900 GB/s},\n"
    "            disks: {type: nvme, size: 4 TB}}\n"
    "  gc: none\n"
    "  network: {same_rack: 0 ms, jitter: 0, single_flow: 900 GB/s}\n"
    "  config: {num.io.threads: 1}\n"
    "topics: {t: {partitions: 1, replication: 1}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 20, rate: %.0f records/s, record: {size: %s}, arrivals: poisson,\n"
    "      machine: {vcpus: 64, coremark: 16000, ram: 16 GiB, network: {baseline: 900 GB/s}},\n"
    "      config: {linger.ms: 0, batch.size: 0, acks: 1}}\n"
    "start: {logs: empty}\n"
    "run: {measure: %.1f s, warmup: 100 ms}\n";

struct queue {
    double rate;
    const char *size;
    double measure_s;
    struct model_cost append;
};

/* ---- running it ---- */

static struct scenario_doc *load(const struct queue *queue)
{
    char text[2048];
    snprintf(text, sizeof text, form, queue->rate, queue->size, queue->measure_s);
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    if (scenario_load_text("queue.yaml", text, strlen(text), &options, &doc) != SCENARIO_OK) {
        scenario_errors_write(doc, stderr);
        fail();
    }
    return doc;
}

/* Mean times in the system of `count` independent runs. Returns the bytes that a batch has beside its payload. */
static double run(const struct queue *queue, uint64_t seed, uint32_t count, double *mean_ns)
{
    struct scenario_doc *doc = load(queue);
    struct model_profile profile;
    small_profile_without_costs(&profile);
    profile.append = queue->append;
    struct replicate_options options = {.seed = seed,
                                        .replications = count,
                                        .measure_ns = (int64_t)(queue->measure_s * 1e9),
                                        .warmup_ns = SECOND / 10,
                                        .threads = 2};
    struct replications out;
    struct broker_err err = {0};
    assert_int_equal(replicate(doc, -1, &profile, &options, &out, &err), BROKER_OK);
    assert_int_equal(out.count, count);
    double overhead = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct outcome_producer *p = &out.outcomes[i]->producers[0];
        assert_int_equal(p->counts.records_failed + p->counts.records_expired, 0);
        mean_ns[i] = sim_histogram_mean_ns(&p->latency);
        overhead = (double)(p->counts.wire_bytes_acked - p->counts.raw_bytes_acked) /
                   (double)p->counts.records_acked;
    }
    replications_release(&out);
    scenario_doc_free(doc);
    return overhead;
}

/* Pollaczek-Khinchine: service, and the wait by its two moments. */
static double time_in_queue_ns(double rate, double service_ns, double cv)
{
    double use = rate * service_ns / 1e9;
    return service_ns + use * service_ns * (1 + cv * cv) / (2 * (1 - use));
}

static void expect_within(const double *mean_ns, uint32_t count, double expected_ns)
{
    struct sim_interval i = sim_interval_mean(mean_ns, count, 0.999);
    if (!(i.low <= expected_ns && expected_ns <= i.high))
        fail_msg("%.0f ns expected, seen %.0f (%.0f to %.0f)", expected_ns, i.value, i.low, i.high);
    assert_true(sim_interval_relative(&i) < 0.08); /* narrow enough to say something */
}

/* ---- M/D/1 and M/G/1 ---- */

static const struct model_cost fixed = {.request_ns = SERVICE_NS};

static void produce__waits_as_in_an_m_d_1_queue(void **state)
{
    (void)state;
    static const double use[] = {0.5, 0.8, 0.9};
    for (int i = 0; i < 3; i++) {
        double mean_ns[12], rate = use[i] * 1e9 / SERVICE_NS;
        struct queue queue = {rate, "1000 B", 4, fixed};
        run(&queue, 1, 12, mean_ns);
        expect_within(mean_ns, 12, time_in_queue_ns(rate, SERVICE_NS, 0));
    }
}

/* The checksum and copy are paid by the byte here: a record of lognormal size is a service of lognormal length. */
static void produce__waits_as_in_an_m_g_1_queue(void **state)
{
    (void)state;
    const double payload = 20000, byte_ns = 5;
    for (int i = 0; i < 2; i++) {
        double mean_ns[24], cv = i == 0 ? 0.5 : 1;
        char size[64];
        snprintf(size, sizeof size, "{lognormal: {mean: %.0f B, cv: %.1f}}", payload, cv);
        struct queue queue = {7000, size, 4, {.byte_ns = byte_ns}};
        double overhead = run(&queue, 1, 24, mean_ns);
        double service = byte_ns * (payload + overhead);
        double service_cv = cv * payload / (payload + overhead);
        expect_within(mean_ns, 24, time_in_queue_ns(7000, service, service_cv));
    }
}

/* A service that is twice as variable must not pass for the other: the check above can fail. */
static void produce__does_not_wait_as_with_another_service(void **state)
{
    (void)state;
    double mean_ns[12];
    struct queue queue = {8000, "1000 B", 4, fixed};
    run(&queue, 1, 12, mean_ns);
    struct sim_interval i = sim_interval_mean(mean_ns, 12, 0.999);
    assert_true(i.high < time_in_queue_ns(8000, SERVICE_NS, 1));
}

/* ---- intervals ---- */

/* Of 80 intervals at 95 %, each of five replications, 76 should hold the truth; exact binomial bounds at 99.9 %. */
static void intervals__cover_the_truth_as_often_as_they_say(void **state)
{
    (void)state;
    const double rate = 5000, truth = time_in_queue_ns(rate, SERVICE_NS, 0);
    uint64_t held = 0, count = 80;
    for (uint64_t seed = 1; seed <= count; seed++) {
        double mean_ns[5];
        struct queue queue = {rate, "1000 B", 0.4, fixed};
        run(&queue, seed, 5, mean_ns);
        struct sim_interval i = sim_interval_mean(mean_ns, 5, 0.95);
        held += i.low <= truth && truth <= i.high;
    }
    struct sim_interval share = sim_interval_share(held, count, 0.999);
    if (!(share.low <= 0.95 && 0.95 <= share.high))
        fail_msg("%d of %d intervals hold the truth", (int)held, (int)count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(produce__waits_as_in_an_m_d_1_queue),
        cmocka_unit_test(produce__waits_as_in_an_m_g_1_queue),
        cmocka_unit_test(produce__does_not_wait_as_with_another_service),
        cmocka_unit_test(intervals__cover_the_truth_as_often_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
