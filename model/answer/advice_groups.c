/* See advice.h: groups that ask for what is not there. */
#include "model/answer/advice.h"

#include <math.h>

#include "model/cluster/retained.h"

/* Kafka's default assignor goes topic by topic: members beyond a topic's partitions get none of it. */
static void advise_idle(struct result *r, const struct scenario *s, const struct scenario_group *g)
{
    int most = 0;
    for (int t = 0; t < g->topic_count; t++)
        most =
            s->topics[g->topics[t]].partitions > most ? s->topics[g->topics[t]].partitions : most;
    if (g->clients > most)
        result_warn(r,
                    result_format(r,
                                  "%d of the %d consumers of %s are idle: it reads %s%d partitions",
                                  g->clients - most, g->clients, g->name,
                                  g->topic_count > 1 ? "topics of at most " : "", most),
                    "more partitions, or fewer clients");
}

/* Of one partition on the average, before compression. */
static double partition_bytes_per_s(const struct scenario *s, int topic)
{
    double sum = 0;
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].topic == topic)
            sum += s->producers[i].payload_bytes_per_s_mean;
    return sum / s->topics[topic].partitions;
}

/* A batch of a topic that is compressed fills its segments, and retention.bytes, more slowly. */
static double ratio_max(const struct scenario *s, int topic)
{
    double most = 1;
    for (int i = 0; i < s->producer_count; i++)
        for (int k = 0;
             s->producers[i].topic == topic && k < s->producers[i].compression_ratio.count; k++)
            most = fmax(most, s->producers[i].compression_ratio.ratio[k]);
    return most;
}

/* The largest mean of its producers'; at least one byte. */
static double record_bytes(const struct scenario *s, int topic)
{
    double most = 1;
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].topic == topic)
            most = fmax(most, s->producers[i].size.mean_bytes);
    return most;
}

/* How far back the group begins, where that follows from its topics' rates. */
static double lag_s(const struct scenario *s, const struct scenario_group *g)
{
    double bytes = 0, records = 0;
    for (int i = 0; i < s->producer_count; i++)
        if (scenario_reads(g, s->producers[i].topic)) {
            bytes += s->producers[i].payload_bytes_per_s_mean;
            records += s->producers[i].records_per_s_mean;
        }
    return scenario_lag_s(g, records, bytes);
}

static void advise_lag(struct result *r, const struct scenario *s, const struct scenario_group *g)
{
    double behind_s = lag_s(s, g);
    for (int t = 0; t < g->topic_count && behind_s > 0; t++) {
        int topic = g->topics[t];
        struct model_retention kept;
        model_retention_init(&kept, s, topic);
        double rate = partition_bytes_per_s(s, topic) / ratio_max(s, topic);
        double kept_s = model_retained_s(&kept, rate);
        if (rate > 0 && behind_s > kept_s)
            result_warn(
                r,
                result_format(
                    r,
                    "%s starts %s behind, but %s keeps about %s (%s + a segment): what is older "
                    "does not exist",
                    g->name, result_duration(r, behind_s), s->topics[topic].name,
                    result_duration(r, kept_s),
                    model_retained_by_size(&kept, rate) ? "retention.bytes" : "retention.ms"),
                "a shorter lag, or a longer retention");
    }
}

/* The two contradict each other: the horizon, which begins with such logs, has nobody behind. */
static void advise_lag_of_nothing(struct result *r, const struct scenario_group *g)
{
    if (scenario_begins_behind(g))
        result_warn(r,
                    result_format(r,
                                  "%s is stated to lag, and start.logs: empty leaves nothing to "
                                  "lag behind: the days ahead begin without that lag",
                                  g->name),
                    "state start.logs: retained");
}

/* A stated one alone: where it is not stated it follows from the brokers' selector. */
static void advise_rack(struct result *r, const struct scenario *s, const struct scenario_group *g)
{
    if (g->states_rack && s->cluster.config.replica_selector == SCENARIO_SELECT_LEADER)
        result_warn(r,
                    result_format(r,
                                  "%s states its racks (client_rack), which changes nothing: the "
                                  "brokers send it to leaders all the same",
                                  g->name),
                    "state cluster.config.replica.selector.class: RackAwareReplicaSelector");
}

/* What one consumer's fetches bring at most, when all its partitions have so much. */
static double fetched_records(const struct scenario *s, const struct scenario_group *g)
{
    double sum = 0;
    for (int t = 0; t < g->topic_count; t++) {
        double partitions = ceil((double)s->topics[g->topics[t]].partitions / g->clients);
        double bytes = record_bytes(s, g->topics[t]) / ratio_max(s, g->topics[t]);
        sum += partitions * fmax(1, (double)g->config.max_partition_fetch_bytes / bytes);
    }
    return floor(sum);
}

/* Of a record of the largest that it reads. */
static double handling_s(const struct scenario *s, const struct scenario_group *g)
{
    double bytes = 0;
    for (int t = 0; t < g->topic_count; t++)
        bytes = fmax(bytes, record_bytes(s, g->topics[t]));
    return ((double)(g->processing_per_record_ns + g->processing_wait_ns) +
            bytes * g->processing_ns_per_byte) /
           1e9;
}

static double polled_records(const struct scenario *s, const struct scenario_group *g)
{
    bool java = g->client == SCENARIO_CLIENT_JAVA;
    return java ? fmin((double)g->config.max_poll_records, fetched_records(s, g)) : 1;
}

/* A poll of a group, and how long the group waits for the next. */
struct poll {
    double records, takes_s, most_s;
    bool varies;
};

/* The longest poll and the shortest interval of a group, wherever in their ranges its inputs lie. */
static void poll_widen(struct poll *poll, const struct scenario *s, int group)
{
    const struct scenario_group *g = &s->groups[group];
    double records = polled_records(s, g), takes_s = records * handling_s(s, g);
    double most_s = (double)g->config.max_poll_interval_ms / 1e3;
    poll->varies |= takes_s > poll->takes_s;
    if (takes_s > poll->takes_s) {
        poll->records = records;
        poll->takes_s = takes_s;
    }
    poll->most_s = fmin(poll->most_s, most_s);
}

static void warn_poll(struct result *r, const struct scenario_group *g, const struct poll *poll)
{
    bool several = poll->records > 1;
    const char *fewer = several
                            ? result_format(r, "fewer max.poll.records (now %s), ",
                                            result_count(r, (uint64_t)g->config.max_poll_records))
                            : "";
    result_warn(r,
                result_format(r,
                              "a consumer of %s for which %s record%s wait%s takes %s%s for one "
                              "poll, and leaves its group after %s (max.poll.interval.ms): what it "
                              "has not committed is read again, and no run shows that",
                              g->name, result_count(r, (uint64_t)poll->records), several ? "s" : "",
                              several ? "" : "s", poll->varies ? "up to " : "",
                              result_duration(r, poll->takes_s), result_duration(r, poll->most_s)),
                result_format(r, "%sa longer max.poll.interval.ms, or shorten processing", fewer));
}

/*
 * Java's thread of heartbeats leaves the group when poll() was not called for so long, librdkafka's main thread likewise; a poll of Java hands over
 * up to max.poll.records, one of librdkafka a single record (rd_kafka_consumer_poll).
 */
void advice_polls(struct result *r, const struct scenario_doc *doc, int variant)
{
    const struct scenario *s = variant < 0 ? scenario_base(doc) : scenario_variant_at(doc, variant);
    struct scenario *ends[] = {scenario_at_end(doc, variant, false),
                               scenario_at_end(doc, variant, true)};
    for (int g = 0; g < s->group_count; g++) {
        struct poll poll = {.most_s = INFINITY};
        poll_widen(&poll, s, g);
        poll.varies = false;
        for (int i = 0; i < 2; i++)
            poll_widen(&poll, ends[i], g);
        if (poll.takes_s > poll.most_s)
            warn_poll(r, &s->groups[g], &poll);
    }
    for (int i = 0; i < 2; i++)
        scenario_free(ends[i]);
}

void advice_groups(struct result *r, const struct scenario *s)
{
    for (int g = 0; g < s->group_count; g++) {
        advise_idle(r, s, &s->groups[g]);
        advise_rack(r, s, &s->groups[g]);
        if (s->start.logs == SCENARIO_EMPTY)
            advise_lag_of_nothing(r, &s->groups[g]);
        else
            advise_lag(r, s, &s->groups[g]);
    }
}
