#include "model/measure/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "sim/memory.h"

/* What differs from the centre. 0 and NULL: as the centre. */
struct entry {
    const char *family;
    bool quick;
    double rate_per_s; /* -1: max */
    int32_t record_bytes;
    int partitions;
    double linger_ms; /* -1: 0 */
    int groups, burst;
    const char *compression;
    bool constant, fsync;
    int replication;
    const char *acks; /* NULL: 1 */
};

static const struct entry ENTRIES[] = {
    {.family = "rate", .quick = true, .rate_per_s = 500},
    {.family = "rate", .rate_per_s = 2000},
    {.family = "rate", .quick = true, .rate_per_s = 5000},
    {.family = "rate", .rate_per_s = 10000},
    {.family = "rate", .quick = true, .rate_per_s = 20000},
    {.family = "rate", .rate_per_s = 40000},
    {.family = "rate", .quick = true, .rate_per_s = 60000},
    {.family = "rate", .rate_per_s = 80000},
    {.family = "rate", .rate_per_s = 120000},
    {.family = "rate", .rate_per_s = 20000, .constant = true},
    {.family = "max", .quick = true, .rate_per_s = -1},
    {.family = "max", .rate_per_s = -1, .record_bytes = 100},
    {.family = "max", .rate_per_s = -1, .record_bytes = 10000},
    {.family = "max", .rate_per_s = -1, .record_bytes = 500, .partitions = 64},
    {.family = "size", .quick = true, .rate_per_s = 20000, .record_bytes = 100},
    {.family = "size", .rate_per_s = 100000, .record_bytes = 100},
    {.family = "size", .rate_per_s = 250000, .record_bytes = 100},
    {.family = "size", .rate_per_s = 200, .record_bytes = 10000},
    {.family = "size", .quick = true, .rate_per_s = 1000, .record_bytes = 10000},
    {.family = "size", .rate_per_s = 4000, .record_bytes = 10000},
    {.family = "size", .rate_per_s = 8000, .record_bytes = 10000},
    {.family = "size", .rate_per_s = 20, .record_bytes = 100000},
    {.family = "size", .rate_per_s = 200, .record_bytes = 100000},
    {.family = "linger", .quick = true, .rate_per_s = 2000, .linger_ms = -1},
    {.family = "linger", .rate_per_s = 5000, .linger_ms = 1},
    {.family = "linger", .quick = true, .rate_per_s = 5000, .linger_ms = 20},
    {.family = "linger", .rate_per_s = 5000, .linger_ms = 100},
    {.family = "linger", .rate_per_s = 20000, .linger_ms = -1},
    {.family = "linger", .rate_per_s = 20000, .linger_ms = 20},
    {.family = "partitions", .rate_per_s = 20000, .record_bytes = 500, .partitions = 1},
    {.family = "partitions",
     .quick = true,
     .rate_per_s = 20000,
     .record_bytes = 500,
     .partitions = 16},
    {.family = "partitions",
     .quick = true,
     .rate_per_s = 20000,
     .record_bytes = 500,
     .partitions = 64},
    {.family = "partitions", .rate_per_s = 20000, .record_bytes = 500, .partitions = 256},
    {.family = "fanout", .rate_per_s = 2000, .groups = 1},
    {.family = "fanout", .quick = true, .rate_per_s = 10000, .groups = 1},
    {.family = "fanout", .rate_per_s = 10000, .groups = 2},
    {.family = "fanout", .quick = true, .rate_per_s = 5000, .groups = 4},
    {.family = "fanout", .rate_per_s = 20000, .groups = 4},
    {.family = "fanout", .rate_per_s = 40000, .groups = 1},
    {.family = "compression", .rate_per_s = 10000, .compression = "gzip"},
    {.family = "compression", .rate_per_s = 20000, .compression = "snappy"},
    {.family = "compression", .quick = true, .rate_per_s = 20000, .compression = "lz4"},
    {.family = "compression", .quick = true, .rate_per_s = 20000, .compression = "zstd"},
    {.family = "fsync", .rate_per_s = 200, .partitions = 1, .fsync = true},
    {.family = "fsync", .rate_per_s = 2000, .partitions = 1, .fsync = true},
    {.family = "fsync", .quick = true, .rate_per_s = 2000, .fsync = true},
    {.family = "burst", .quick = true, .rate_per_s = 5000, .burst = 100},
    {.family = "burst", .rate_per_s = 5000, .burst = 1000},
    {.family = "rf2", .rate_per_s = 5000, .partitions = 6, .replication = 2, .acks = "all"},
    {.family = "rf3", .rate_per_s = 10000, .partitions = 6, .replication = 3, .acks = "0"},
    {.family = "rf3", .rate_per_s = 2000, .partitions = 6, .replication = 3},
    {.family = "rf3", .quick = true, .rate_per_s = 10000, .partitions = 6, .replication = 3},
    {.family = "rf3", .rate_per_s = 20000, .partitions = 6, .replication = 3},
    {.family = "rf3", .rate_per_s = 2000, .partitions = 6, .replication = 3, .acks = "all"},
    {.family = "rf3",
     .quick = true,
     .rate_per_s = 10000,
     .partitions = 6,
     .replication = 3,
     .acks = "all"},
    {.family = "rf3", .rate_per_s = 20000, .partitions = 6, .replication = 3, .acks = "all"},
    {.family = "rf3",
     .rate_per_s = 10000,
     .record_bytes = 100,
     .partitions = 6,
     .replication = 3,
     .acks = "all"},
    {.family = "rf3",
     .rate_per_s = 5000,
     .partitions = 6,
     .linger_ms = -1,
     .replication = 3,
     .acks = "all"},
    {.family = "rf3",
     .rate_per_s = 5000,
     .partitions = 6,
     .groups = 1,
     .replication = 3,
     .acks = "all"},
    {.family = "rf3", .rate_per_s = -1, .partitions = 6, .replication = 3},
    {.family = "rf3",
     .quick = true,
     .rate_per_s = -1,
     .partitions = 6,
     .replication = 3,
     .acks = "all"},
};
enum { ENTRY_COUNT = sizeof ENTRIES / sizeof *ENTRIES };

/* Compressed payloads have to compress: as in the measured rows. */
#define COMPRESSION_RANDOM_SHARE 0.3

static void fill(struct measure_config *c, const struct entry *e,
                 const struct measure_config *times)
{
    measure_config_init(c);
    c->warmup_ns = times->warmup_ns;
    c->measure_ns = times->measure_ns;
    snprintf(c->family, sizeof c->family, "%s", e->family);
    c->rate_per_s = e->rate_per_s > 0 ? e->rate_per_s : 0;
    c->record_bytes = e->record_bytes ? e->record_bytes : c->record_bytes;
    c->partitions = e->partitions ? e->partitions : c->partitions;
    if (e->linger_ms != 0)
        c->linger_ms = e->linger_ms > 0 ? e->linger_ms : 0;
    c->groups = e->groups;
    c->burst = e->burst ? e->burst : 1;
    c->arrivals = e->constant ? MEASURE_CONSTANT : MEASURE_POISSON;
    c->replication = e->replication ? e->replication : 1;
    if (e->acks)
        c->acks = e->acks[0] == 'a' ? -1 : 0;
    if (e->compression) {
        snprintf(c->compression, sizeof c->compression, "%s", e->compression);
        c->random_share = COMPRESSION_RANDOM_SHARE;
    }
    if (e->fsync)
        strcpy(c->topic_config[c->topic_config_count++], "flush.messages=1");
    measure_config_name(c);
}

static void fill_configs(struct measure_schema *s, enum measure_plan plan, int brokers,
                         const struct measure_config *times)
{
    s->configs = sim_alloc(ENTRY_COUNT, sizeof *s->configs);
    if (plan == MEASURE_NO_PLAN) {
        s->configs[s->config_count++] = *times;
        return;
    }
    for (int i = 0; i < ENTRY_COUNT; i++)
        if ((plan == MEASURE_FULL || ENTRIES[i].quick) && ENTRIES[i].replication <= brokers)
            fill(&s->configs[s->config_count++], &ENTRIES[i], times);
}

static void fill_steps(struct measure_schema *s, int repeats, uint64_t seed)
{
    s->steps = sim_alloc((size_t)(s->config_count * repeats), sizeof *s->steps);
    uint32_t *order = sim_alloc((size_t)s->config_count, sizeof *order);
    for (int pass = 1; pass <= repeats; pass++) {
        struct sim_stream stream;
        sim_stream_init(&stream, seed, (uint64_t)pass, "measure order");
        for (int i = 0; i < s->config_count; i++)
            order[i] = (uint32_t)i;
        sim_shuffle(&stream, order, (size_t)s->config_count);
        for (int i = 0; i < s->config_count; i++)
            s->steps[s->step_count++] = (struct measure_step){(int)order[i], pass};
    }
    free(order);
}

void measure_schema_init(struct measure_schema *schema, enum measure_plan plan, int brokers,
                         int repeats, uint64_t seed, const struct measure_config *times)
{
    memset(schema, 0, sizeof *schema);
    if (repeats == 0)
        repeats = plan == MEASURE_FULL ? 3 : 1;
    fill_configs(schema, plan, brokers, times);
    fill_steps(schema, repeats, seed);
    for (int i = 0; i < schema->step_count; i++)
        schema->length_ns += measure_config_length_ns(&schema->configs[schema->steps[i].config]);
}

void measure_schema_pause(struct measure_schema *schema, int64_t delete_delay_ns, bool warmed)
{
    const int64_t unlink_ns = 2000000000; /* some GB of ext4 */
    schema->pause_ns = delete_delay_ns + unlink_ns;
    if (schema->step_count > 0)
        schema->length_ns += schema->pause_ns * (schema->step_count - 1 + warmed);
}

void measure_schema_release(struct measure_schema *schema)
{
    free(schema->configs);
    free(schema->steps);
    memset(schema, 0, sizeof *schema);
}

int64_t measure_config_length_ns(const struct measure_config *config)
{
    /* Kafka lets a first member wait 3 s for others (group.initial.rebalance.delay.ms). */
    const int64_t topic_ns = 1500000000, groups_ns = 3500000000;
    return config->warmup_ns + config->measure_ns + topic_ns + (config->groups ? groups_ns : 0);
}
