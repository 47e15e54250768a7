/*
 * tests/theory/test_metamorphic_run.c - what must get worse when a scenario gets harder, whatever the numbers are.
 *
 * Both scenarios of a pair run with the same seeds, so that arrivals are the same records at the same times. What must rise, rises:
 * the interval of the paired differences, at 99 % over the seeds, lies above 0. What must not fall may stay: the interval does
 * not lie below a fall of 0.2 %. Without cold wake-ups: threads that sleep less wake less cold, so that a little more load elsewhere
 * makes a request cheaper by some microseconds; that was measured, and is in the profiles that ship.
 * Source   reference/peers-capacity.md section 5, acceptance tests taken from peers' mistakes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "sim/stat.h"
#include "tests/support/measured.h"

#define SECOND INT64_C(1000000000)
#define SEEDS  5

static const char *const base =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 3\n"
    "  racks: [a, b, c]\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 100 MB/s},\n"
    "            disks: {type: ssd, size: 1 TB}}\n"
    "  gc: none\n" /* pauses and jitter come at random and would hide small differences */
    "  network: {jitter: 0}\n"
    "  dirty_expire: 1 s\n"
    "topics: {t: {partitions: 6, replication: 3}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 6, rate: 4000 records/s, record: {size: 1000 B},\n"
    "      config: {linger.ms: 5, acks: all}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n"
    "groups:\n";

static void with_groups(char *text, size_t size, int groups)
{
    int at = snprintf(text, size, "%s", base);
    for (int g = 1; g <= groups; g++)
        at += snprintf(text + at, size - (size_t)at, "  g%d: {topics: [t], clients: 3}\n", g);
}

/* ---- metrics ---- */

enum {
    LATENCY = 1,
    END_TO_END = 2,
    CPU = 4,
    DISK = 8,
    NETWORK_IN = 16,
    NETWORK_OUT = 32,
    WRITTEN = 64,
    LOG = 128,
    ALL = 255,
    METRICS = 8
};
static const char *const metric_names[METRICS] = {
    "produce latency", "end-to-end latency", "CPU",           "disk",
    "network in",      "network out",        "bytes written", "bytes of logs"};

static double metric(const struct measured_run *m, int index)
{
    const double values[METRICS] = {m->latency_ns,    m->end_to_end_ns, m->cores,
                                    m->disks,         m->in_bytes,      m->out_bytes,
                                    m->written_bytes, m->log_bytes};
    return values[index];
}

struct side {
    const char *sets; /* --set's */
    int groups;
};

static void run_side(const struct side *side, struct measured_run out[SEEDS])
{
    char text[2048];
    struct model_profile profile;
    small_profile_linear(&profile);
    with_groups(text, sizeof text, side->groups);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        out[seed - 1] = measured_run_with(text, side->sets, seed, 5 * SECOND, &profile);
}

static void expect_metric(const struct measured_run *from, const struct measured_run *to, int i,
                          bool rises, const char *what)
{
    double before[SEEDS], after[SEEDS];
    for (int s = 0; s < SEEDS; s++) {
        before[s] = metric(&from[s], i);
        after[s] = metric(&to[s], i);
    }
    struct sim_interval rise = sim_interval_paired(after, before, SEEDS, 0.99);
    if (rises ? !(rise.low > 0) : rise.high < -0.002 * before[0])
        fail_msg("%s: %s from %g by %g (%g to %g)", what, metric_names[i], before[0], rise.value,
                 rise.low, rise.high);
}

static void expect_sides(struct side from, struct side to, int rises, int falls_not)
{
    struct measured_run before[SEEDS], after[SEEDS];
    char what[256];
    run_side(&from, before);
    run_side(&to, after);
    snprintf(what, sizeof what, "[%s] -> [%s]", from.sets, to.sets);
    for (int i = 0; i < METRICS; i++)
        if ((rises | falls_not) & 1 << i)
            expect_metric(before, after, i, rises & 1 << i, what);
}

static void expect(const char *from, const char *to, int rises, int falls_not)
{
    expect_sides((struct side){from, 1}, (struct side){to, 1}, rises, falls_not);
}

/* ---- worse scenarios ---- */

static void replicas__cost_latency_cpu_network_and_disk(void **state)
{
    (void)state;
    expect("topics.t.replication=1", "topics.t.replication=2", ALL, 0);
    expect("topics.t.replication=2", "topics.t.replication=3", ALL, 0);
}

static void groups__cost_cpu_and_network_out(void **state)
{
    (void)state;
    expect_sides((struct side){"", 1}, (struct side){"", 2}, CPU | NETWORK_OUT,
                 LATENCY | END_TO_END);
    expect_sides((struct side){"", 2}, (struct side){"", 8},
                 LATENCY | END_TO_END | CPU | NETWORK_OUT, DISK | WRITTEN | LOG);
    expect_sides((struct side){"", 8}, (struct side){"", 16},
                 LATENCY | END_TO_END | CPU | NETWORK_OUT, DISK | WRITTEN | LOG);
}

static void payload__costs_everything(void **state)
{
    (void)state;
    /* A full batch does not wait for its linger: with room for all sizes none is full. */
    expect("producers.p.config.batch.size=131072\nproducers.p.record.size=500 B",
           "producers.p.config.batch.size=131072\nproducers.p.record.size=2000 B", ALL, 0);
    expect("producers.p.config.batch.size=131072\nproducers.p.record.size=2000 B",
           "producers.p.config.batch.size=131072\nproducers.p.record.size=8000 B", ALL, 0);
}

static void disks__cost_what_they_are_slow(void **state)
{
    (void)state;
    /* Behind the page cache nobody waits for a disk, but it is busier. */
    expect("cluster.machine.disks.write=400 MB/s", "cluster.machine.disks.write=100 MB/s", DISK,
           LATENCY | END_TO_END);
    /* With a flush for each append everybody does. */
    expect("topics.t.config.flush.messages=1\ncluster.machine.disks.flush=200 us",
           "topics.t.config.flush.messages=1\ncluster.machine.disks.flush=1 ms",
           LATENCY | END_TO_END, 0);
    expect("", "topics.t.config.flush.messages=1\ncluster.machine.disks.flush=200 us",
           LATENCY | END_TO_END | WRITTEN, 0);
}

static void cores_and_lines__cost_what_they_are_slow(void **state)
{
    (void)state;
    expect("cluster.machine.coremark=14000", "cluster.machine.coremark=7000",
           LATENCY | END_TO_END | CPU, 0);
    expect("", "cluster.machine.network.baseline=25 MB/s", LATENCY | END_TO_END, 0);
    expect("", "cluster.network.cross_rack=4 ms", LATENCY | END_TO_END, 0);
    expect("", "cluster.tls=all", LATENCY | CPU, 0);
}

static void acks_and_linger__trade_latency_for_safety_and_cpu(void **state)
{
    (void)state;
    expect("producers.p.config.acks=0", "producers.p.config.acks=1", LATENCY, 0);
    expect("producers.p.config.acks=1", "producers.p.config.acks=all", LATENCY, 0);
    expect("producers.p.config.linger.ms=5", "producers.p.config.linger.ms=20", LATENCY, 0);
    expect("producers.p.config.linger.ms=5", "producers.p.config.linger.ms=0", CPU, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replicas__cost_latency_cpu_network_and_disk),
        cmocka_unit_test(groups__cost_cpu_and_network_out),
        cmocka_unit_test(payload__costs_everything),
        cmocka_unit_test(disks__cost_what_they_are_slow),
        cmocka_unit_test(cores_and_lines__cost_what_they_are_slow),
        cmocka_unit_test(acks_and_linger__trade_latency_for_safety_and_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
