/*
 * tests/bench/bench_run.c - the whole simulation: ns an event, ns a record batch, and many partitions.
 *
 * run.batch      a record batch through RF 3 with one consumer group. Yardstick: the same batch appended three times to the real log,
 *                which is the least that running the real code can cost.
 * run.event      ns an event of that run. Yardstick: an empty event of the kernel, as many pending.
 * run.partitions 10,000 partitions x 3 on 30 brokers: ns of wall clock for a simulated second. Yardstick: the same load on 100
 *                partitions.
 */
#include "tests/support/bench.h"
#include "tests/support/small_cluster.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const stream =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
    "topics: {t: {partitions: 24, replication: 3}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 24, rate: 60 MB/s, record: {size: 1 KiB}, config: {linger.ms: 5}}\n"
    "groups: {g: {topics: [t], clients: 12}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

static const char *many(char *text, size_t size, int partitions)
{
    snprintf(text, size,
             "version: 1\n"
             "cluster: {brokers: 30, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
             "topics: {t: {partitions: %d, replication: 3}}\n"
             "producers:\n"
             "  p: {topic: t, clients: 60, rate: 60 MB/s, record: {size: 1 KiB}, config: "
             "{linger.ms: 20}}\n"
             "groups: {g: {topics: [t], clients: 60}}\n"
             "start: {logs: empty}\n"
             "run: {measure: 10 s, warmup: 1 s}\n",
             partitions);
    return text;
}

struct measured_stream {
    double ns_a_batch, ns_an_event, events_a_batch, ns_a_second;
};

static struct measured_stream run(const char *yaml, double seconds)
{
    struct small_cluster small;
    struct measured_stream m;
    int64_t length_ns = (int64_t)(seconds * 1e9);
    small_cluster_new(&small, yaml, 1, 2 * length_ns);
    cluster_run_until(small.cluster,
                      length_ns / 10); /* sessions, first batches: not what a batch costs */
    cluster_reset_seen(small.cluster);
    uint64_t events = sim_event_count(cluster_sim(small.cluster));
    int64_t begin_ns = bench_cpu_ns();
    cluster_run_until(small.cluster, length_ns / 10 + length_ns);
    double wall_ns = (double)(bench_cpu_ns() - begin_ns);
    const struct cluster_seen *seen = cluster_seen(small.cluster);
    double batches = (double)seen->producers[0].stats->batches;
    events = seen->events - events;
    m = (struct measured_stream){wall_ns / batches, wall_ns / (double)events,
                                 (double)events / batches, wall_ns / seconds};
    small_cluster_free(&small);
    return m;
}

/* ---- yardsticks ---- */

static double three_appends(int count)
{
    struct env_sim *env = env_sim_new(1, UINT64_C(1) << 50);
    struct broker_dir_config dir_config;
    struct broker_log_config log_config;
    struct broker_dir *dir;
    struct broker_log *logs[3];
    struct broker_receipt receipt = {0};
    broker_dir_config_init(&dir_config);
    broker_log_config_init(&log_config);
    log_config.allow_holes = true;
    env_sim_set_now(env, CLUSTER_EPOCH_MS);
    if (broker_dir_open(env_sim_env(env), "data", &dir_config, &dir, NULL) != BROKER_OK)
        abort();
    for (int i = 0; i < 3; i++)
        if (broker_dir_log(dir, "t", i, &log_config, &logs[i], &receipt, NULL) != BROKER_OK)
            abort();
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = CLUSTER_EPOCH_MS,
                                         .max_timestamp_ms = CLUSTER_EPOCH_MS,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = 12};
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    broker_batch_build_opaque(&header, 12000, bytes);
    struct broker_span spans[] = {{bytes, sizeof bytes}, {NULL, 12000}};
    int64_t begin_ns = bench_cpu_ns();
    for (int n = 0; n < count; n++) {
        for (int i = 0; i < 3; i++) {
            struct broker_append out;
            if (broker_log_append(logs[i], spans, 2, 0, &out, NULL) != BROKER_OK)
                abort();
            broker_log_publish(logs[i]);
        }
    }
    double ns = ((double)(bench_cpu_ns() - begin_ns)) / count;
    broker_dir_abandon(dir);
    env_sim_free(env);
    return ns;
}

static void again(struct sim *sim, struct sim_event *event)
{
    sim_after(sim, event, 1000 + (int64_t)(sim_event_count(sim) % 977));
}

static double empty_event(int pending, int count)
{
    struct sim sim;
    struct sim_event *events = calloc((size_t)pending, sizeof *events);
    if (!events)
        abort();
    sim_init(&sim);
    for (int i = 0; i < pending; i++) {
        sim_event_init(&events[i], again);
        sim_after(&sim, &events[i], i);
    }
    int64_t begin_ns = bench_cpu_ns();
    for (int i = 0; i < count; i++)
        sim_step(&sim);
    double ns = ((double)(bench_cpu_ns() - begin_ns)) / count;
    sim_release(&sim);
    free(events);
    return ns;
}

static void run_stream(bool small)
{
    struct bench batch = {.name = "run.batch"}, event = {.name = "run.event"};
    double events_a_batch = 0;
    for (int i = 0; i < (small ? 1 : BENCH_ROUNDS); i++) {
        struct measured_stream m = run(stream, small ? 0.5 : 10);
        bench_add(&batch, m.ns_a_batch, three_appends(small ? 1000 : 200000));
        bench_add(&event, m.ns_an_event, empty_event(100, small ? 10000 : 5000000));
        events_a_batch = m.events_a_batch;
    }
    bench_print(&batch);
    bench_print(&event);
    fprintf(stderr, "run.batch: %.1f events a batch\n", events_a_batch);
}

static void run_partitions(bool small)
{
    struct bench bench = {.name = "run.partitions"};
    char text[1024];
    for (int i = 0; i < (small ? 1 : BENCH_ROUNDS); i++) {
        double few = run(many(text, sizeof text, 100), small ? 0.2 : 10).ns_a_second;
        bench_add(&bench,
                  run(many(text, sizeof text, small ? 300 : 10000), small ? 0.2 : 10).ns_a_second,
                  few);
    }
    bench_print(&bench);
}

int main(int argc, char **argv)
{
    bool small = bench_is_small(argc, argv);
    run_stream(small);
    run_partitions(small);
    return 0;
}
