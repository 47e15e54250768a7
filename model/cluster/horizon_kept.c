/*
 * How far back what is kept reaches: on the topics' logs by retention, and in the brokers' page caches. A topic's partitions are taken as
 * equal: by size a hot one reaches back less.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdlib.h>

#include "model/cluster/retained.h"

/* Bytes that leave the page caches are the oldest, so it is what was written that decides, not the rate of now. */
static double cache_s(struct horizon *h)
{
    const struct scenario_cluster *c = &h->s->cluster;
    double left = (double)c->machine.ram_bytes - (double)c->heap_bytes - (double)c->reserved_bytes;
    return left > 0 ? horizon_past_age(h, h->written, NULL, left * h->brokers, &h->cache_point)
                    : INFINITY;
}

void horizon_kept_cache_step(struct horizon *h)
{
    h->cache_s = cache_s(h);
}

/* By time alone at the mean rate, as segments are filled then; by size, what came since decides how far back that is. */
static void topic_init(struct horizon *h, int topic)
{
    struct horizon_kept *kept = &h->kept[topic];
    struct model_retention by_time, by_size;
    int partitions = h->s->topics[topic].partitions;
    double wire = 0;
    kept->peak = sim_alloc((size_t)h->source_count, sizeof *kept->peak);
    for (int i = 0; i < h->source_count; i++)
        if (h->sources[i].producer->topic == topic) {
            kept->peak[i] = horizon_source_wire_peak(&h->sources[i]);
            wire += kept->peak[i] * h->past.before[i];
        }
    model_retention_init(&by_time, h->s, topic);
    by_size = by_time;
    by_time.retention_bytes = by_size.retention_s = -1;
    kept->by_time_s = wire > 0 ? model_retained_s(&by_time, wire / partitions) : INFINITY;
    kept->by_size =
        wire > 0 ? model_retained_bytes(&by_size, wire / partitions) * partitions : INFINITY;
}

static double reach_s(const struct horizon *h, struct horizon_kept *kept)
{
    if (isinf(kept->by_size))
        return kept->by_time_s;
    return fmin(kept->by_time_s,
                horizon_past_age(h, kept->peak, NULL, kept->by_size, &kept->point));
}

/* What was deleted does not come back when the load falls. */
void horizon_kept_logs_step(struct horizon *h)
{
    for (int t = 0; t < h->s->topic_count; t++)
        h->kept[t].reach_s = reach_s(h, &h->kept[t]);
    for (int i = 0; i < h->source_count; i++) {
        double reach = h->kept[h->sources[i].producer->topic].reach_s;
        h->gone_before[i] = h->gone[i];
        h->gone[i] = fmax(h->gone[i], horizon_past_sum(h, i, reach));
    }
}

void horizon_kept_init(struct horizon *h)
{
    size_t sources = (size_t)h->source_count;
    h->kept = sim_alloc((size_t)h->s->topic_count, sizeof *h->kept);
    h->gone = sim_alloc(sources, sizeof *h->gone);
    h->gone_before = sim_alloc(sources, sizeof *h->gone_before);
    h->written = sim_alloc(sources, sizeof *h->written);
    h->cache_point = 0;
    for (int t = 0; t < h->s->topic_count; t++)
        topic_init(h, t);
    for (size_t i = 0; i < sources; i++) {
        h->gone[i] = -INFINITY;
        h->written[i] = horizon_source_wire_peak(&h->sources[i]) *
                        h->s->topics[h->sources[i].producer->topic].replication;
    }
    horizon_kept_logs_step(h);
    horizon_kept_cache_step(h);
}

void horizon_kept_free(struct horizon *h)
{
    for (int t = 0; h->kept && t < h->s->topic_count; t++)
        free(h->kept[t].peak);
    free(h->kept);
    free(h->gone);
    free(h->gone_before);
    free(h->written);
}
