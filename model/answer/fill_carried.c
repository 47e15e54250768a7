/*
 * model/answer/fill_carried.c - what comes of a producer's records where not all of them are carried: where the rest is, and what helps.
 */
#include "model/answer/fill.h"

#include <inttypes.h>
#include <math.h>

#include "model/answer/advice.h"

/* What became of the records that a producer's replications did not get acknowledged, in all; the worst of them where it is a level. */
struct left_over {
    uint64_t lost, full, timeouts;
    double before;           /* in the clients' buffers at the beginning */
    double buffered, late_s; /* there at the end; before them */
    double runs;
};

static struct left_over left_over(const struct fill *fill, int p)
{
    struct left_over left = {.runs = fill->replications->count};
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *outcome = fill->replications->outcomes[r];
        const struct outcome_producer *one = &outcome->producers[p];
        left.lost +=
            one->counts.records_failed + one->counts.records_expired + one->counts.records_refused;
        left.full += one->counts.queue_full_waits;
        left.timeouts += one->counts.request_timeouts;
        left.late_s = fmax(left.late_s, one->backlog_end_s);
        if (outcome->tick_count == 0)
            continue;
        left.before = fmax(left.before, one->buffered_records[0]);
        left.buffered = fmax(left.buffered, one->buffered_records[outcome->tick_count - 1]);
    }
    return left;
}

/* Where the rest is, and only what is so: zeros would say nothing. more: was carried than came meanwhile. */
static const char *left_text(struct fill *fill, const struct left_over *left, bool more)
{
    struct result *result = fill->result;
    const char *text =
        more ? result_format(result,
                             ", as up to %.4g records that had come before waited at the "
                             "beginning; up to %.4g wait in the clients' buffers at the end",
                             left->before, left->buffered)
             : result_format(
                   result,
                   "; of the rest up to %.4g records wait in the clients' buffers at the end",
                   left->buffered);
    if (left->late_s >= 0.05 || left->full > 0)
        text = result_format(result,
                             "%s, and the application is up to %.1f s late (buffer.memory was full "
                             "%s times a run)",
                             text, left->late_s,
                             result_count(result, (uint64_t)ceil((double)left->full / left->runs)));
    if (left->lost > 0)
        text = result_format(result,
                             "%s; %.4g were given up by the producer, of which the log may hold "
                             "some",
                             text, (double)left->lost / left->runs);
    if (left->timeouts > 0)
        text = result_format(result, "%s; %.4g requests timed out", text,
                             (double)left->timeouts / left->runs);
    return text;
}

static void warn_followers(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    double lag_s = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        lag_s = fmax(lag_s, fill->replications->outcomes[r]->producers[p].follower_lag_end_s);
    result_warn(
        fill->result,
        result_format(fill->result,
                      "followers of %s fall behind what %s sends: up to %.1f s at the end, and "
                      "nobody waits for them; after replica.lag.time.max.ms they are out of sync",
                      fill->scenario->topics[entry->topic].name, entry->name, lag_s),
        "a lower rate, more num.replica.fetchers or faster disks; acks: all would slow the "
        "producers down");
}

/* By what makes it wait: small requests, a group that reads all that disks and threads give it, or the load itself. */
static const char *remedy_of_growth(struct fill *fill, int p)
{
    struct result *r = fill->result;
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    const char *sockets = advice_sockets_remedy(r, entry);
    if (fill_gives_up(fill, (uint32_t)p))
        return result_format(r,
                             "raise %s (now %" PRId64 "); where as many are lost even so, more is "
                             "offered than is carried: find the ceiling with rate: max",
                             fill_waits_at_most(fill, (uint32_t)p),
                             entry->config.delivery_timeout_ms);
    if (sockets && fill_waves(fill, p))
        return result_format(r, "%s; waves are shorter if you %s", fill_waves_remedy(fill, p),
                             sockets);
    if (sockets)
        return sockets;
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill_catches_up(fill, g))
            return result_format(
                r,
                "less lag of %s, memory that holds it or faster disks; without groups.%s.lag the "
                "run shows the time after it has caught up",
                fill->scenario->groups[g].name, fill->scenario->groups[g].name);
    return "its latencies are those of a growing queue and are not given; find the ceiling with "
           "rate: max";
}

static void warn_load(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    struct left_over left = left_over(fill, p);
    if (fill->producer_unstable[p]) {
        const struct result_flow *flow = &fill->result->flows[p];
        result_warn(
            fill->result,
            result_format(
                fill->result, "%s: %.4g records/s offered, %.4g carried%s", entry->name,
                flow->offered_records_per_s, flow->records_per_s.value,
                left_text(fill, &left, flow->records_per_s.value > flow->offered_records_per_s)),
            remedy_of_growth(fill, p));
    } else if (left.lost > 0) {
        result_warn(
            fill->result,
            result_format(
                fill->result, "%s lost %s records in %u replications (failed, expired or refused)",
                entry->name, result_count(fill->result, left.lost), fill->replications->count),
            "look at delivery.timeout.ms, buffer.memory and min.insync.replicas");
    }
}

void fill_carried(struct fill *fill, int p)
{
    if (fill_followers_unstable(fill, (uint32_t)p))
        warn_followers(fill, p);
    else
        warn_load(fill, p);
}
