/* model/answer/outcome.c - copying one replication's figures, and whether they are those of a steady system. */
#include "model/answer/outcome.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/growth.h"

/* Followers are one fetch behind by nature: only what is more than this counts. */
#define FOLLOWER_LAG_S 1.0
/* Records that were due and never accepted or delivered: a steady system loses none, an accident a few. */
#define LOST_RATIO_MAX 0.001

static double *copy_series(const double *series, uint32_t count)
{
    double *copy = malloc((count ? count : 1) * sizeof *copy);
    assert(copy);
    memcpy(copy, series, count * sizeof *copy);
    return copy;
}

static void copy_histogram(struct sim_histogram *to, const struct sim_histogram *from)
{
    sim_histogram_init(to);
    sim_histogram_merge(to, from);
}

static void copy_latency_series(struct outcome_series *to,
                                const struct cluster_latency_series *from, uint32_t count)
{
    to->mean_ns = copy_series(from->mean_ns, count);
    to->p50_ns = copy_series(from->p50_ns, count);
    to->p95_ns = copy_series(from->p95_ns, count);
    to->p99_ns = copy_series(from->p99_ns, count);
}

static void free_latency_series(struct outcome_series *series)
{
    free(series->mean_ns);
    free(series->p50_ns);
    free(series->p95_ns);
    free(series->p99_ns);
}

static double total_of(const double *series, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += series[i];
    return sum;
}

static void copy_following(struct outcome_producer *to, const struct cluster_following *start,
                           const struct cluster_following *end, double seconds)
{
    double records = end->records - start->records;
    to->follower_growth_ratio = to->follower_lag_end_s = 0;
    if (records <= 0)
        return;
    to->follower_growth_ratio = (end->lag_records - start->lag_records) / records;
    to->follower_lag_end_s = end->lag_records / records * seconds;
}

static uint64_t given_up(const struct model_producer_stats *c)
{
    return c->records_failed + c->records_expired;
}

static void copy_producer(struct outcome_producer *to, const struct cluster_producer_seen *from,
                          uint32_t ticks, double tick_s)
{
    copy_histogram(&to->latency, from->stats->latency_ns);
    copy_histogram(&to->queue, from->stats->queue_ns);
    copy_histogram(&to->batch, from->stats->records_per_batch);
    copy_histogram(&to->round_trip, from->stats->answer_ns);
    for (int part = 0; part < CLUSTER_PARTS; part++)
        copy_histogram(&to->parts[part], &from->parts[part]);
    uint64_t answered = from->parts[CLUSTER_PART_SEND].count;
    to->held_ns = answered ? from->held_ns / (double)answered : 0;
    to->counts = *from->stats;
    to->counts.latency_ns = to->counts.queue_ns = to->counts.sent_ns = to->counts.answer_ns = NULL;
    to->counts.records_per_batch = to->counts.in_flight = to->counts.memory_wait_ns = NULL;
    copy_latency_series(&to->latency_series, &from->latency, ticks);
    to->acked_records = copy_series(from->acked_records, ticks);
    to->acked_bytes = copy_series(from->acked_bytes, ticks);
    to->buffered_records = copy_series(from->buffered_records, ticks);
    to->backlog_s = copy_series(from->backlog_s, ticks);
    to->backlog_end_s = from->backlog_end_s;
    /* Waiting outside the accumulator is time, waiting inside is records: the faster of the two growths tells. */
    double left = (total_of(from->acked_records, ticks) + (double)given_up(from->stats)) /
                  (ticks ? ticks : 1);
    double inside = left > 0 ? growth_slope(from->buffered_records, ticks) / left
                             : growth_slope(from->buffered_records, ticks) > 0;
    double outside = growth_slope(from->backlog_s, ticks) / tick_s;
    to->backlog_growth_ratio = fmax(inside, outside);
    to->backlog_outside_growth_ratio = outside;
    copy_following(to, &from->following_start, &from->following_end, tick_s * ticks);
}

static void copy_group(struct outcome_group *to, const struct cluster_group_seen *from,
                       uint32_t ticks, double tick_s)
{
    copy_histogram(&to->end_to_end, from->stats->end_to_end_ns);
    copy_histogram(&to->fetch, from->stats->fetch_data_ns);
    to->counts = *from->stats;
    to->counts.end_to_end_ns = to->counts.fetch_ns = to->counts.fetch_data_ns =
        to->counts.commit_ns = NULL;
    to->counts.records_per_fetch = NULL;
    copy_latency_series(&to->latency_series, &from->latency, ticks);
    to->records = copy_series(from->records, ticks);
    to->bytes = copy_series(from->bytes, ticks);
    to->lag_records = copy_series(from->lag_records, ticks);
    to->lag_end_records = from->lag_end_records;
    to->lag_fell_records = from->lag_start_records - from->lag_end_records;
    to->laid_s = from->laid_s;
    to->thread_ratio = from->thread_ratio;
    double read = total_of(from->records, ticks) / (ticks ? ticks : 1);
    to->lag_grows = growth_stands_out(from->lag_records, ticks, tick_s, read);
}

static void copy_broker(struct outcome_broker *to, const struct cluster_broker_seen *from,
                        uint32_t ticks)
{
    to->seen = *from;
    to->seen.cpu = copy_series(from->cpu, ticks);
    to->seen.network_in = copy_series(from->network_in, ticks);
    to->seen.network_out = copy_series(from->network_out, ticks);
    to->seen.disk = copy_series(from->disk, ticks);
}

static void *many(uint32_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    assert(memory);
    return memory;
}

struct outcome *outcome_new(struct cluster *cluster)
{
    const struct cluster_seen *seen = cluster_seen(cluster);
    struct outcome *outcome = many(1, sizeof *outcome);
    outcome->seconds = (double)(seen->end_ns - seen->begin_ns) / 1e9;
    outcome->tick_count = seen->tick_count;
    outcome->tick_s = (double)seen->tick_ns / 1e9;
    outcome->producer_count = seen->producer_count;
    outcome->group_count = seen->group_count;
    outcome->broker_count = seen->broker_count;
    outcome->client_count = seen->client_count;
    outcome->producers = many(seen->producer_count, sizeof *outcome->producers);
    outcome->groups = many(seen->group_count, sizeof *outcome->groups);
    outcome->brokers = many(seen->broker_count, sizeof *outcome->brokers);
    outcome->clients = many(seen->client_count, sizeof *outcome->clients);
    outcome->batches = seen->batches;
    outcome->requests = seen->requests;
    for (uint32_t p = 0; p < seen->producer_count; p++) {
        copy_producer(&outcome->producers[p], &seen->producers[p], seen->tick_count,
                      outcome->tick_s);
        outcome->batches += seen->producers[p].stats->batches;
        outcome->requests += seen->producers[p].stats->requests;
    }
    for (uint32_t g = 0; g < seen->group_count; g++)
        copy_group(&outcome->groups[g], &seen->groups[g], seen->tick_count, outcome->tick_s);
    for (uint32_t b = 0; b < seen->broker_count; b++)
        copy_broker(&outcome->brokers[b], &seen->brokers[b], seen->tick_count);
    for (uint32_t c = 0; c < seen->client_count; c++) {
        outcome->clients[c] = seen->clients[c];
        outcome->clients[c].name = strdup(seen->clients[c].name);
    }
    outcome->events = seen->events;
    outcome->fingerprint = seen->fingerprint;
    return outcome;
}

static void free_producer(struct outcome_producer *producer)
{
    sim_histogram_release(&producer->latency);
    sim_histogram_release(&producer->queue);
    sim_histogram_release(&producer->batch);
    sim_histogram_release(&producer->round_trip);
    for (int part = 0; part < CLUSTER_PARTS; part++)
        sim_histogram_release(&producer->parts[part]);
    free_latency_series(&producer->latency_series);
    free(producer->acked_records);
    free(producer->acked_bytes);
    free(producer->buffered_records);
    free(producer->backlog_s);
}

static void free_group(struct outcome_group *group)
{
    sim_histogram_release(&group->end_to_end);
    sim_histogram_release(&group->fetch);
    free_latency_series(&group->latency_series);
    free(group->records);
    free(group->bytes);
    free(group->lag_records);
}

void outcome_free(struct outcome *outcome)
{
    if (!outcome)
        return;
    for (uint32_t p = 0; p < outcome->producer_count; p++)
        free_producer(&outcome->producers[p]);
    for (uint32_t g = 0; g < outcome->group_count; g++)
        free_group(&outcome->groups[g]);
    for (uint32_t b = 0; b < outcome->broker_count; b++) {
        free(outcome->brokers[b].seen.cpu);
        free(outcome->brokers[b].seen.network_in);
        free(outcome->brokers[b].seen.network_out);
        free(outcome->brokers[b].seen.disk);
    }
    for (uint32_t c = 0; c < outcome->client_count; c++)
        free((char *)outcome->clients[c].name);
    free(outcome->producers);
    free(outcome->groups);
    free(outcome->brokers);
    free(outcome->clients);
    free(outcome);
}

bool outcome_followers_unstable(const struct outcome_producer *producer)
{
    return producer->follower_growth_ratio > GROWTH_RATIO_MAX &&
           producer->follower_lag_end_s > FOLLOWER_LAG_S;
}

static bool is_lost(const struct model_producer_stats *c, uint64_t records, uint64_t lost)
{
    return (double)records > LOST_RATIO_MAX * (double)(c->records_due + lost);
}

bool outcome_gives_up(const struct outcome_producer *producer)
{
    const struct model_producer_stats *c = &producer->counts;
    return producer->backlog_outside_growth_ratio <= GROWTH_RATIO_MAX && c->records_refused == 0 &&
           is_lost(c, c->records_expired, given_up(c));
}

bool outcome_producer_unstable(const struct outcome_producer *producer)
{
    const struct model_producer_stats *c = &producer->counts;
    uint64_t lost = given_up(c) + c->records_refused;
    return producer->backlog_growth_ratio > GROWTH_RATIO_MAX ||
           outcome_followers_unstable(producer) || is_lost(c, lost, lost);
}

bool outcome_group_unstable(const struct outcome_group *group)
{
    return group->lag_grows;
}
