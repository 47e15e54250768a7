/* model/answer/fill_flow.c - throughput of producers and groups, and mechanisms that were rare in these runs. */
#include "model/answer/fill.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define RARE_MAX                                                                                   \
    30 /* fewer occurrences than this say little about a percentile (design section 7) */

/* Counts of a run that become rates: where they are. */
enum produced { ACKED_RECORDS, ACKED_BYTES, ACKED_WIRE, BATCHES, REQUESTS };
static const size_t produced_at[] = {
    [ACKED_RECORDS] = offsetof(struct model_producer_stats, records_acked),
    [ACKED_BYTES] = offsetof(struct model_producer_stats, raw_bytes_acked),
    [ACKED_WIRE] = offsetof(struct model_producer_stats, wire_bytes_acked),
    [BATCHES] = offsetof(struct model_producer_stats, batches),
    [REQUESTS] = offsetof(struct model_producer_stats, requests),
};
enum consumed { READ_RECORDS, READ_WIRE, FETCHES };
static const size_t consumed_at[] = {
    [READ_RECORDS] = offsetof(struct model_consumer_stats, records),
    [READ_WIRE] = offsetof(struct model_consumer_stats, wire_bytes),
    [FETCHES] = offsetof(struct model_consumer_stats, fetches),
};

static double count_at(const void *counts, size_t at)
{
    uint64_t count;
    memcpy(&count, (const char *)counts + at, sizeof count);
    return (double)count;
}
static double produced_per_s(const struct outcome *o, uint32_t p, double which)
{
    return count_at(&o->producers[p].counts, produced_at[(int)which]) / o->seconds;
}
static double consumed_per_s(const struct outcome *o, uint32_t g, double which)
{
    return count_at(&o->groups[g].counts, consumed_at[(int)which]) / o->seconds;
}
static double records_per_batch(const struct outcome *o, uint32_t p, double unused)
{
    (void)unused;
    return sim_histogram_mean_ns(&o->producers[p].batch);
}
/* A mean over runs of which one sent no batch would count that as batches without records. */
static bool all_sent(const struct fill *fill, uint32_t p)
{
    for (uint32_t r = 0; r < fill->replications->count; r++)
        if (fill->replications->outcomes[r]->producers[p].batch.observation_count == 0)
            return false;
    return true;
}
static double failed_ratio(const struct outcome *o, uint32_t p, double unused)
{
    (void)unused;
    const struct model_producer_stats *c = &o->producers[p].counts;
    double lost = (double)(c->records_failed + c->records_expired + c->records_refused);
    double due = (double)(c->records_acked) + lost;
    return due > 0 ? lost / due : 0;
}
static void add_producer(struct fill *fill, uint32_t p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    struct result_flow *row = RESULT_ADD(fill->result, flows, flow_count);
    row->name = result_format(fill->result, "%s → %s", entry->name,
                              fill->scenario->topics[entry->topic].name);
    row->produce = true;
    row->records_per_s = fill_estimate(fill, produced_per_s, p, ACKED_RECORDS);
    row->bytes_per_s = fill_estimate(fill, produced_per_s, p, ACKED_BYTES);
    row->wire_bytes_per_s = fill_estimate(fill, produced_per_s, p, ACKED_WIRE);
    row->records_per_batch =
        all_sent(fill, p) ? fill_estimate(fill, records_per_batch, p, 0) : result_unknown();
    row->batches_per_s = fill_estimate(fill, produced_per_s, p, BATCHES);
    row->requests_per_s = fill_estimate(fill, produced_per_s, p, REQUESTS);
    row->failed_ratio = fill_estimate(fill, failed_ratio, p, 0);
    row->failed_ratio.high = fmin(row->failed_ratio.high, 1); /* no more fail than are due */
    row->offered_records_per_s =
        entry->rate_kind == SCENARIO_RATE_MAX ? 0 : entry->records_per_s_peak;
}

/* Sizes and rates as stated: of what was not written while it was measured. */
static double stated_record_bytes(const struct scenario *s, const struct scenario_group *group)
{
    double bytes = 0, records = 0;
    for (int p = 0; p < s->producer_count; p++) {
        if (!scenario_reads(group, s->producers[p].topic))
            continue;
        double weight =
            s->producers[p].records_per_s_peak > 0 ? s->producers[p].records_per_s_peak : 1;
        bytes += weight * s->producers[p].size.mean_bytes;
        records += weight;
    }
    return records > 0 ? bytes / records : 0;
}

/* Payload that a group reads: its records have the mean size of what was written to its topics meanwhile. */
static struct result_estimate group_bytes_per_s(const struct fill *fill, uint32_t g)
{
    const struct scenario *s = fill->scenario;
    const struct scenario_group *group = &s->groups[g];
    uint32_t count = fill->replications->count;
    double *values = calloc(count + 1, sizeof *values);
    assert(values);
    for (uint32_t r = 0; r < count; r++) {
        const struct outcome *o = fill->replications->outcomes[r];
        double bytes = 0, records = 0;
        for (uint32_t p = 0; p < o->producer_count; p++) {
            bool read = scenario_reads(group, s->producers[p].topic);
            bytes += read ? (double)o->producers[p].counts.raw_bytes_acked : 0;
            records += read ? (double)o->producers[p].counts.records_acked : 0;
        }
        double size = records > 0 ? bytes / records : stated_record_bytes(s, group);
        values[r] = (double)o->groups[g].counts.records * size / o->seconds;
    }
    struct result_estimate estimate = fill_values(fill, values);
    free(values);
    return estimate;
}

static void add_group(struct fill *fill, uint32_t g)
{
    const struct scenario_group *entry = &fill->scenario->groups[g];
    struct result_flow *row = RESULT_ADD(fill->result, flows, flow_count);
    const char *from = entry->topic_count == 1
                           ? fill->scenario->topics[entry->topics[0]].name
                           : result_format(fill->result, "%d topics", entry->topic_count);
    row->name = result_format(fill->result, "%s → %s", from, entry->name);
    row->records_per_s = fill_estimate(fill, consumed_per_s, g, READ_RECORDS);
    row->bytes_per_s = group_bytes_per_s(fill, g);
    row->wire_bytes_per_s = fill_estimate(fill, consumed_per_s, g, READ_WIRE);
    row->requests_per_s = fill_estimate(fill, consumed_per_s, g, FETCHES);
    row->records_per_batch = row->batches_per_s = row->failed_ratio = result_unknown();
}

void fill_flows(struct fill *fill)
{
    for (uint32_t p = 0; p < (uint32_t)fill->scenario->producer_count; p++)
        add_producer(fill, p);
    for (uint32_t g = 0; g < (uint32_t)fill->scenario->group_count; g++)
        add_group(fill, g);
}

static void add_rare(struct fill *fill, const char *name, uint64_t count)
{
    if (count >= RARE_MAX)
        return;
    struct result_rare *row = RESULT_ADD(fill->result, rares, rare_count);
    row->name = name;
    row->count = count;
}

void fill_rares(struct fill *fill)
{
    uint64_t rolls = 0, pauses = 0, gc = 0, expired = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *o = fill->replications->outcomes[r];
        for (uint32_t b = 0; b < o->broker_count; b++) {
            rolls += o->brokers[b].seen.host.segment_rolls;
            pauses += o->brokers[b].seen.host.write_pauses;
            gc += o->brokers[b].seen.host.gc_pauses;
        }
        for (uint32_t p = 0; p < o->producer_count; p++)
            expired += o->producers[p].counts.request_timeouts;
    }
    add_rare(fill, "segment roll", rolls);
    add_rare(fill, "kernel write pause", pauses);
    add_rare(fill, "request timeout", expired);
    if (fill->scenario->cluster.gc == SCENARIO_GC_G1)
        add_rare(fill, "young collection", gc);
}
