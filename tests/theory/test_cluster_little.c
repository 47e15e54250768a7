/*
 * tests/theory/test_cluster_little.c - Little's law on the whole cluster, exactly: the integral of the records inside is the sum of
 * the times that they spent there.
 *
 * What is inside is not asked of the cluster: arrivals come from streams of the same name and seed, read here on their own; what has
 * left is counted event by event. The sum of times is the one in the cluster's histograms, which no percentile can be
 * right without. A run ends at the first moment at which nothing is inside, so that nothing is cut off.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "model/client/arrivals.h"
#include "sim/stat.h"
#include "tests/support/small_cluster.h"

#define SECOND   INT64_C(1000000000)
#define START_NS SECOND /* by then every client has connected to every broker */
#define CLIENTS  4

static const char *const form =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
    "topics: {t: {partitions: 6, replication: 3, config: {min.insync.replicas: 2}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 4, rate: %.0f records/s, record: {size: 1000 B}, arrivals: %s,\n"
    "      config: {linger.ms: %d, batch.size: %d, acks: all}}\n"
    "groups: {g: {topics: [t], clients: 3}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

struct load {
    double rate;
    const char *arrivals;          /* of the scenario ... */
    enum model_arrivals_kind kind; /* ... and of the stream */
    int linger_ms, batch_size;
};

/* ---- arrivals, read beside the cluster ---- */

struct arrivals {
    struct model_arrivals *streams[CLIENTS];
};

static void arrivals_open(struct arrivals *arrivals, const struct load *load, uint64_t seed,
                          const struct cluster *cluster)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct model_arrivals_config config;
        char name[64];
        model_arrivals_config_init(&config);
        config.kind = load->kind;
        config.rate_records_per_s = load->rate / CLIENTS;
        config.sizes.mean_bytes = 1000;
        config.burst_records = 15;
        config.mmpp_count = 1;
        config.mmpp[0] = (struct model_mmpp){4, 100000000, 300000000};
        snprintf(name, sizeof name, "producer p client %d arrivals", i);
        arrivals->streams[i] =
            model_arrivals_new(&config, seed, 0, name, "producer p",
                               cluster_producer_begins_ns(cluster, (uint32_t)i), 1, NULL);
    }
}

static void arrivals_close(struct arrivals *arrivals)
{
    for (int i = 0; i < CLIENTS; i++)
        model_arrivals_free(arrivals->streams[i]);
}

/* Records due up to now, one by one: their number, and the sum of their times. */
static uint64_t arrivals_until(struct arrivals *arrivals, int64_t now_ns, sim_int128 *sum_ns)
{
    uint64_t count = 0;
    for (int i = 0; i < CLIENTS; i++) {
        struct model_take_limit one = {
            .until_ns = now_ns, .bytes = UINT64_MAX, .records = 1, .force_one = true};
        struct model_taken taken;
        while (model_arrivals_peek(arrivals->streams[i], 0) <= now_ns &&
               model_arrivals_take(arrivals->streams[i], 0, &one, &taken)) {
            count += taken.count;
            *sum_ns += taken.first_ns;
        }
    }
    return count;
}

/* ---- stations: what is inside, integrated event by event ---- */

/* integral of (arrived - left) dt up to T = sum of (T - arrival) - sum of (T - leaving) = sum of leavings - sum of arrivals, when empty. */
struct station {
    uint64_t arrived, left;
    sim_int128 arrivals_ns, leavings_ns;
};

static void leave(struct station *station, uint64_t left, int64_t now_ns)
{
    station->leavings_ns += (sim_int128)(left - station->left) * now_ns;
    station->left = left;
}

static sim_int128 integral_ns(const struct station *station)
{
    assert_int_equal(station->arrived, station->left);
    return station->leavings_ns - station->arrivals_ns;
}

/* Twice the sum, because spans may count halves. */
static sim_int128 twice_sum_ns(const struct sim_histogram *h)
{
    return 2 * h->sum_ns + (sim_int128)h->half_count;
}

/* All that is summed, at an instant at which nothing was under way. */
struct sums {
    uint64_t records;
    int64_t now_ns;
    sim_int128 produce_ns, produced_ns; /* twice: by integral, by histogram */
    sim_int128 consume_ns, consumed_ns;
};

static struct sums sums_at(int64_t now_ns, const struct station *produce,
                           const struct station *consume, const struct sim_histogram *latency,
                           const struct sim_histogram *end_to_end)
{
    assert_int_equal(latency->count, produce->left);
    assert_int_equal(end_to_end->count, consume->left);
    return (struct sums){produce->left,
                         now_ns,
                         2 * integral_ns(produce),
                         twice_sum_ns(latency),
                         2 * integral_ns(consume),
                         twice_sum_ns(end_to_end)};
}

struct laws {
    double records;
    double produce_ns, consume_ns; /* sum of times less integral, a record */
    double inside;                 /* mean number between intended send and acknowledgement */
};

static struct laws run(const struct load *load, uint64_t seed, int64_t least_ns)
{
    char text[2048];
    struct small_cluster small;
    struct arrivals arrivals;
    struct station produce = {0}, consume = {0};
    snprintf(text, sizeof text, form, load->rate, load->arrivals, load->linger_ms,
             load->batch_size);
    small_cluster_new(&small, text, seed, least_ns);
    arrivals_open(&arrivals, load, seed, small.cluster);
    struct sim *sim = cluster_sim(small.cluster);
    const struct cluster_seen *seen = cluster_seen(small.cluster);
    const struct model_producer_stats *p = seen->producers[0].stats;
    const struct model_consumer_stats *g = seen->groups[0].stats;
    /* Records that come before a connection is up share batches: what follows them is looked at. */
    int64_t until_ns[2] = {START_NS, least_ns};
    struct sums sums[2];
    for (int i = 0; i < 2; i++) {
        do {
            assert_true(sim_step(sim) && sim->now_ns < 4 * least_ns);
            uint64_t come = arrivals_until(&arrivals, sim->now_ns, &produce.arrivals_ns);
            produce.arrived += come;
            leave(&produce, p->records_acked, sim->now_ns);
            leave(&consume, g->records, sim->now_ns);
        } while (sim->now_ns < until_ns[i] || produce.arrived > produce.left ||
                 produce.arrived > consume.left);
        consume.arrived = produce.arrived;
        consume.arrivals_ns = produce.arrivals_ns;
        sums[i] = sums_at(sim->now_ns, &produce, &consume, p->latency_ns, g->end_to_end_ns);
    }

    double records = (double)(sums[1].records - sums[0].records);
    sim_int128 inside_ns = sums[1].produce_ns - sums[0].produce_ns;
    struct laws laws = {
        .records = records,
        .produce_ns = (double)(sums[1].produced_ns - sums[0].produced_ns - inside_ns) / 2 / records,
        .consume_ns = (double)(sums[1].consumed_ns - sums[0].consumed_ns -
                               (sums[1].consume_ns - sums[0].consume_ns)) /
                      2 / records,
        .inside = (double)inside_ns / 2 / (double)(sums[1].now_ns - sums[0].now_ns),
    };
    arrivals_close(&arrivals);
    small_cluster_free(&small);
    return laws;
}

/* ---- the law ---- */

static void little__holds_to_the_nanosecond_for_single_records(void **state)
{
    (void)state;
    struct load load = {800, "poisson", MODEL_ARRIVALS_POISSON, 0, 0};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct laws laws = run(&load, seed, 3 * SECOND);
        assert_true(laws.records > 1000 && laws.inside > 0.5);
        assert_true(laws.produce_ns == 0);
        assert_true(laws.consume_ns == 0);
    }
}

/*
 * What comes at one moment is a batch of its own without linger: a span without length. Bursts are far apart, since one that came while
 * the sender's thread is at work would join the next batch.
 */
static void little__holds_to_the_nanosecond_for_records_that_come_together(void **state)
{
    (void)state;
    struct load load = {150, "{burst: {records: 15}}", MODEL_ARRIVALS_BURST, 0, 16384};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct laws laws = run(&load, seed, 20 * SECOND);
        assert_true(laws.records > 2000 && laws.inside > 0.1);
        assert_true(laws.produce_ns == 0);
        assert_true(laws.consume_ns == 0);
    }
}

/* A batch keeps its first and last record, and spaces the others evenly: wrong for each batch, right on the mean. */
static void little__holds_on_the_mean_for_batches_of_random_records(void **state)
{
    (void)state;
    struct load load = {800, "{mmpp: {high: 4, busy: 100 ms, quiet: 300 ms}}", MODEL_ARRIVALS_MMPP,
                        20, 16384};
    double produce[60], consume[60];
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct laws laws = run(&load, seed, 3 * SECOND);
        produce[seed - 1] = laws.produce_ns;
        consume[seed - 1] = laws.consume_ns;
    }
    struct sim_interval of_produce = sim_interval_mean(produce, 60, 0.999);
    struct sim_interval of_consume = sim_interval_mean(consume, 60, 0.999);
    /* Of latencies of some 15 ms: a bias of 0.1 ms would be 0.7 %. */
    assert_true(of_produce.low <= 0 && 0 <= of_produce.high && of_produce.high < 100000);
    assert_true(of_consume.low <= 0 && 0 <= of_consume.high && of_consume.high < 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(little__holds_to_the_nanosecond_for_single_records),
        cmocka_unit_test(little__holds_to_the_nanosecond_for_records_that_come_together),
        cmocka_unit_test(little__holds_on_the_mean_for_batches_of_random_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
