/*
 * tests/bench/bench_horizon.c - horizon.30d: 30 days of 1,000 distinct partitions, RF 3, 5-minute steps, 7 days retained.
 *
 * Value      ns of wall clock for the whole of it; asked for are 5 s and 500 MB.
 * Yardstick  as many bare appends of a header and a hole to files of the same environment: the least that keeping the bytes costs.
 */
#include "tests/support/bench.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "broker-core/record/batch.h"
#include "model/broker/env_sim.h"
#include "model/cluster/horizon.h"
#include "model/scenario/load.h"

static const char text[] = "version: 1\n"
                           "cluster: {brokers: 9, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                           "topics:\n"
                           "  t: {partitions: %d, replication: 3, config: {retention.ms: 7 d}}\n"
                           "producers:\n"
                           "  p:\n"
                           "    topic: t\n"
                           "    clients: 24\n"
                           "    rate: 100 MB/s\n"
                           "    record: {size: 1 KiB}\n"
                           "    partitioner: keyed\n"
                           "    keys: {count: 100000, zipf: 0.5}\n"
                           "    shape: {daily: [0.3, 0.2, 0.2, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 1, 1, "
                           "1, 1, 1, 0.9, 0.9, 0.9, "
                           "1, 1, 0.9, 0.8, 0.6, 0.5, 0.4]}\n"
                           "groups: {g: {topics: [t], clients: 12}}\n"
                           "horizon: {length: %d d, step: 5 m}\n";

static int64_t simulate(const struct scenario *s)
{
    struct model_profile profile;
    struct broker_err err = {0};
    struct result *r = result_new();
    model_profile_init(&profile);
    int64_t begin = bench_clock_ns();
    int rc = horizon_fill(s, &profile, r, NULL, &err);
    int64_t took = bench_clock_ns() - begin;
    assert(rc == BROKER_OK && r->disk_count > 0);
    result_free(r);
    return took;
}

static int64_t bare(int files, int64_t appends)
{
    static struct broker_file *file[1000];
    uint8_t head[BROKER_BATCH_HEADER_BYTES] = {0};
    struct broker_span spans[2] = {{head, sizeof head}, {NULL, 30000000}};
    struct env_sim *sim = env_sim_new(1, UINT64_MAX / 2);
    struct broker_env *env = env_sim_env(sim);
    int64_t begin = bench_clock_ns();
    for (int i = 0; i < files; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d", i);
        int rc = env->ops->open(env, name, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file[i]);
        assert(rc == BROKER_OK);
    }
    for (int64_t i = 0; i < appends; i++) {
        int rc = env->ops->append(env, file[i % files], spans, 2);
        assert(rc == BROKER_OK);
        if (i % (files * 36) ==
            files * 36 - 1) /* a segment's worth: as retention, nothing piles up */
            for (int k = 0; k < files; k++)
                env->ops->truncate(env, file[k], 0);
    }
    for (int i = 0; i < files; i++)
        env->ops->close(env, file[i]);
    int64_t took = bench_clock_ns() - begin;
    env_sim_free(sim);
    return took;
}

int main(int argc, char **argv)
{
    bool small = bench_is_small(argc, argv);
    int partitions = small ? 100 : 1000, days = small ? 3 : 30, rounds = small ? 1 : 5;
    struct bench bench = {.name = "horizon.30d"};
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char yaml[sizeof text + 32];
    snprintf(yaml, sizeof yaml, text, partitions, days);
    if (scenario_load_text("bench", yaml, strlen(yaml), &options, &doc) != SCENARIO_OK) {
        scenario_errors_write(doc, stderr);
        return 1;
    }
    for (int i = 0; i < rounds; i++) {
        int64_t took = simulate(scenario_base(doc));
        if (i == 0)
            bench.rss_mb = bench_rss_mb();
        bench_add(&bench, (double)took, (double)bare(partitions, (int64_t)partitions * days * 288));
    }
    bench_print(&bench);
    scenario_doc_free(doc);
    return 0;
}
