/* How far back it reaches what is kept: on the topics' logs by retention, and in the brokers' page caches. */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdlib.h>

#include "model/cluster/retained.h"

/* Bytes that leave the page caches are the oldest, so it is what was written that decides, not the rate of now. */
static double cache_s(struct horizon *h)
{
    const struct scenario_cluster *c = &h->s->cluster;
    double left = (double)c->machine.ram_bytes - (double)c->heap_bytes - (double)c->reserved_bytes;
    return left > 0 ? horizon_past_age(h, h->written, left * h->brokers, &h->cache_point)
                    : INFINITY;
}

void horizon_kept_init(struct horizon *h)
{
    h->written = horizon_alloc((size_t)h->source_count, sizeof *h->written);
    for (int i = 0; i < h->source_count; i++)
        h->written[i] = horizon_source_wire_peak(&h->sources[i]) *
                        h->s->topics[h->sources[i].producer->topic].replication;
    h->cache_point = 0;
    h->cache_s = cache_s(h);
}

void horizon_kept_free(struct horizon *h)
{
    free(h->written);
}

void horizon_kept_step(struct horizon *h)
{
    h->cache_s = cache_s(h);
}

double horizon_kept_s(const struct horizon *h, int topic)
{
    struct model_retention kept;
    double wire = 0;
    for (int i = 0; i < h->source_count; i++)
        if (h->sources[i].producer->topic == topic)
            wire += horizon_source_wire_peak(&h->sources[i]) * h->past.before[i];
    model_retention_init(&kept, h->s, topic);
    return wire > 0 ? model_retained_s(&kept, wire / h->s->topics[topic].partitions) : INFINITY;
}
