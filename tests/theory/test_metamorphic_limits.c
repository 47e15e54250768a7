/*
 * tests/theory/test_metamorphic_limits.c - what binds, what counts once, and what must not matter, in whole runs.
 *
 * Egress can bind alone; a cluster carries no more than its lines and disks; each replica's bytes are written once; members
 * beyond the partitions add nothing; the interval of the series changes no result.
 * Source   reference/peers-capacity.md section 4 item 2 (the bound published for MSK) and section 5 (peers' mistakes).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/outcome.h"
#include "model/answer/size_formula.h"
#include "tests/support/measured.h"

#define SECOND INT64_C(1000000000)

/* Topic, producer and groups are given by each test. */
static const char *const form = "version: 1\n"
                                "cluster:\n"
                                "  brokers: 3\n"
                                "  racks: [a, b, c]\n"
                                "  gc: none\n"
                                "  dirty_expire: 1 s\n"
                                "  machine: {vcpus: 8, ram: 16 GiB, network: {baseline: %s},\n"
                                "            disks: {type: %s}}\n"
                                "topics: {t: {partitions: 6, replication: %d}}\n"
                                "producers:\n"
                                "  p: {topic: t, clients: 6, rate: %s, record: {size: 1000 B},\n"
                                "      config: {linger.ms: 5, batch.size: 65536, acks: all}}\n"
                                "start: {logs: empty, cache: cold}\n"
                                "run: {measure: 10 s, warmup: 1 s}\n"
                                "groups:\n";

#define FLASH "nvme, size: 1 TB"

static const char *build(const char *network, const char *disks, int replication, const char *rate,
                         int groups, const char *of_group)
{
    static char text[4096];
    size_t at = (size_t)snprintf(text, sizeof text, form, network, disks, replication, rate);
    for (int g = 1; g <= groups; g++)
        at += (size_t)snprintf(text + at, sizeof text - at, "  g%d: {topics: [t], %s}\n", g,
                               of_group);
    assert_true(at < sizeof text);
    if (groups == 0)
        text[at - strlen("groups:\n")] = 0;
    return text;
}

static void expect_near(double seen, double expected, double ratio, const char *what)
{
    if (!(fabs(seen / expected - 1) <= ratio))
        fail_msg("%s: %g, expected %g", what, seen, expected);
}

/* ---- egress ---- */

/* 20 MB/s in, 100 MB/s of line: three groups of three fit each broker (6.7 x 3 x 3 / 3 out), eighteen do not. */
static void egress__binds_alone(void **state)
{
    (void)state;
    struct measured_run few =
        measured_run(build("100 MB/s", FLASH, 1, "20 MB/s", 3, "clients: 3"), "", 1, 10 * SECOND);
    struct measured_run many =
        measured_run(build("100 MB/s", FLASH, 1, "20 MB/s", 18, "clients: 3"), "", 1, 10 * SECOND);

    expect_near(few.produced, 20000, 0.02, "records with few groups");
    expect_near(few.consumed, 3 * few.produced, 0.01, "records read by three groups");
    assert_true(few.network_out > 0.15 && few.network_out < 0.4);

    assert_true(many.network_out > 0.97 && many.network_out <= 1.001);
    assert_true(many.network_in < 0.3 && many.cpu < 0.8 && many.disk < 0.3);
    assert_true(many.consumed < 0.95 * 18 * many.produced);
    assert_true(many.lag_end > many.lag_start + 100000);
    /* Lines carry what they carry; Kafka's striping may leave one broker fewer leaders, and room. */
    assert_true(many.consumed * 1000 <= 300e6);
    assert_true(many.consumed * 1000 >= 0.75 * 300e6);
}

static void egress__that_binds_is_called_unstable(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, build("100 MB/s", FLASH, 1, "20 MB/s", 18, "clients: 3"), 1,
                      11 * SECOND);
    small_cluster_run(&small, SECOND, 10 * SECOND);
    struct outcome *outcome = outcome_new(small.cluster);
    int unstable = 0;
    for (uint32_t g = 0; g < outcome->group_count; g++)
        unstable += outcome_group_unstable(&outcome->groups[g]);
    assert_true(unstable > 9);
    outcome_free(outcome);
    small_cluster_free(&small);
}

/* Every byte leaves a leader once for each follower and each group, and enters each replica's machine once. */
static void network__carries_each_byte_as_often_as_it_is_copied(void **state)
{
    (void)state;
    for (int replication = 1; replication <= 3; replication++)
        for (int groups = 1; groups <= 4; groups += 3) {
            struct measured_run m =
                measured_run(build("1 GB/s", FLASH, replication, "20 MB/s", groups, "clients: 3"),
                             "", 1, 4 * SECOND);
            double payload = m.produced * 1000;
            double out = payload * (replication - 1 + groups), in = payload * replication;
            /* Requests, frames and record overheads are a few percent of batches of some kB. */
            assert_true(m.out_bytes > out && m.out_bytes < 1.05 * out);
            assert_true(m.in_bytes > in && m.in_bytes < 1.1 * in);
        }
}

/* ---- saturation: never above the bound, not far below ---- */

/* Three brokers of 40 MB/s: in and out, a line carries t x (replication - 1 + groups) / 3 and t x replication / 3. */
static void rate_max__stays_below_what_lines_allow(void **state)
{
    (void)state;
    for (int groups = 1; groups <= 3; groups++) {
        struct measured_run m = measured_run(
            build("40 MB/s", FLASH, 3, "max", groups, "clients: 3"), "", 1, 10 * SECOND);
        double bound = size_sustained_bytes_per_s(3, 3, groups, 0, 0, 40e6);
        double carried = fmin(m.produced, m.consumed / groups) * 1000;
        if (!(carried <= bound && carried > 0.7 * bound))
            fail_msg("%d groups: %g MB/s, bound %g MB/s", groups, carried / 1e6, bound / 1e6);
    }
}

/* Little memory may be dirty: what is written must reach a disk of 30 MB/s, and each record three of them. */
static void rate_max__stays_below_what_disks_allow(void **state)
{
    (void)state;
    static const char *const sets = "cluster.dirty_background=1 %\ncluster.dirty_limit=2 %\n"
                                    "cluster.machine.ram=8 GiB";
    for (int replication = 2; replication <= 3; replication++) {
        struct measured_run m = measured_run(
            build("1 GB/s", "ssd, size: 1 TB, write: 30 MB/s", replication, "max", 1, "clients: 3"),
            sets, 1, 20 * SECOND);
        double bound = size_sustained_bytes_per_s(3, replication, 1, 30e6, 0, 0);
        /* Dirty memory may still be filling: some 2 % of it on each of three brokers, in 20 s. */
        double filling = 3 * 0.02 * 8 * 1073741824 / 20 / replication;
        if (!(m.produced * 1000 <= bound + filling && m.produced * 1000 > 0.7 * bound))
            fail_msg("%d replicas: %g MB/s, bound %g MB/s", replication, m.produced / 1e3,
                     bound / 1e6);
        assert_true(m.disk > 0.9 && m.disk <= 1.001);
    }
}

/* ---- disks ---- */

static void logs__count_once_for_each_replica(void **state)
{
    (void)state;
    double one = 0;
    for (int replication = 1; replication <= 3; replication++) {
        struct measured_run m = measured_run(
            build("1 GB/s", FLASH, replication, "20 MB/s", 1, "clients: 3"), "", 1, 36 * SECOND);
        one = replication == 1 ? m.log_bytes : one;
        expect_near(m.log_bytes, one * replication, 0.002, "bytes of logs");
        /* Of 37 s, what came until the flusher's last turn at 35 s is on the disk. */
        expect_near(m.written_bytes * 36, m.log_bytes * 35 / 37, 0.03, "bytes written");
    }
}

static void groups__write_nothing(void **state)
{
    (void)state;
    /* Records of Poisson arrivals beyond some 32 a batch are drawn together, so timing decides which are drawn. */
    const char *sets = "producers.p.arrivals=constant\n";
    struct measured_run one =
        measured_run(build("1 GB/s", FLASH, 2, "20 MB/s", 1, "clients: 3"), sets, 1, 5 * SECOND);
    struct measured_run four =
        measured_run(build("1 GB/s", FLASH, 2, "20 MB/s", 4, "clients: 3"), sets, 1, 5 * SECOND);
    /* Where the run ends, some ms of the load are under way: 0.1 % of its 6 s each. */
    expect_near(four.log_bytes, one.log_bytes, 0.002, "bytes of logs");
}

/* ---- groups ---- */

/*
 * Work of 200 us a record on one thread: a member carries 5,000 a second; six partitions keep six members busy, not twelve. Each has a core of
 * its own.
 */
static void consumers__beyond_the_partitions_add_nothing(void **state)
{
    (void)state;
    double consumed[3];
    static const int members[] = {3, 6, 12};
    for (int i = 0; i < 3; i++) {
        char group[256];
        snprintf(group, sizeof group,
                 "clients: %d, machine: {vcpus: 16, ram: 16 GiB, network: {baseline: 10 GB/s}}, "
                 "processing: {per_record: 200 us}",
                 members[i]);
        struct measured_run m =
            measured_run(build("1 GB/s", FLASH, 1, "40000 records/s", 1, group), "", 1, 8 * SECOND);
        consumed[i] = m.consumed;
        assert_true(m.lag_end > m.lag_start);
    }
    expect_near(consumed[1], 2 * consumed[0], 0.03, "twice the members");
    /* Where a fetch of 1 MiB ends makes a difference of some records. */
    expect_near(consumed[2], consumed[1], 0.01, "members beyond the partitions");
}

/* A group that stood still has missed what was produced; two have missed it twice. */
static void backlog__multiplies_by_groups(void **state)
{
    (void)state;
    double lag[3];
    for (int groups = 1; groups <= 3; groups++) {
        struct measured_run m = measured_run(build("1 GB/s", FLASH, 1, "20000 records/s", groups,
                                                   "clients: 3, processing: {per_record: 500 us}"),
                                             "", 1, 8 * SECOND);
        lag[groups - 1] = m.lag_end;
    }
    expect_near(lag[1], 2 * lag[0], 0.02, "two groups");
    expect_near(lag[2], 3 * lag[0], 0.02, "three groups");
}

/* ---- the interval of the series ---- */

static struct measured_run with_tick(int64_t tick_ns, struct sim_histogram *latency)
{
    struct small_cluster small;
    struct small_options options = {.seed = 1, .length_ns = 5 * SECOND, .tick_ns = tick_ns};
    small_cluster_new_with(&small, build("100 MB/s", FLASH, 3, "10 MB/s", 2, "clients: 3"),
                           &options);
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 4 * SECOND);
    struct measured_run m = {.produced = (double)seen->producers[0].stats->records_acked,
                             .consumed = (double)seen->groups[1].stats->records,
                             .lag_end = seen->groups[1].lag_end_records};
    for (uint32_t b = 0; b < 3; b++) {
        m.cpu += seen->brokers[b].cpu_ratio;
        m.out_bytes += seen->brokers[b].network_out_bytes_per_s;
        m.written_bytes += seen->brokers[b].disk_write_bytes_per_s;
        m.log_bytes += (double)seen->brokers[b].log_bytes;
    }
    sim_histogram_init(latency);
    sim_histogram_merge(latency, seen->producers[0].stats->latency_ns);
    sim_histogram_merge(latency, seen->groups[0].stats->end_to_end_ns);
    small_cluster_free(&small);
    return m;
}

static void results__do_not_depend_on_the_interval_of_the_series(void **state)
{
    (void)state;
    struct sim_histogram a, b;
    struct measured_run coarse = with_tick(SECOND, &a), fine = with_tick(SECOND / 1000 + 7, &b);
    struct sim_histogram_cursor at_a = {0}, at_b = {0};
    assert_memory_equal(&coarse, &fine, sizeof coarse);
    assert_true(a.sum_ns == b.sum_ns && a.count == b.count && a.max_ns == b.max_ns);
    while (sim_histogram_next(&a, &at_a)) {
        assert_true(sim_histogram_next(&b, &at_b));
        assert_true(at_a.bin == at_b.bin && at_a.count == at_b.count);
    }
    assert_false(sim_histogram_next(&b, &at_b));
    sim_histogram_release(&a);
    sim_histogram_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(egress__binds_alone),
        cmocka_unit_test(egress__that_binds_is_called_unstable),
        cmocka_unit_test(network__carries_each_byte_as_often_as_it_is_copied),
        cmocka_unit_test(rate_max__stays_below_what_lines_allow),
        cmocka_unit_test(rate_max__stays_below_what_disks_allow),
        cmocka_unit_test(logs__count_once_for_each_replica),
        cmocka_unit_test(groups__write_nothing),
        cmocka_unit_test(consumers__beyond_the_partitions_add_nothing),
        cmocka_unit_test(backlog__multiplies_by_groups),
        cmocka_unit_test(results__do_not_depend_on_the_interval_of_the_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
