/*
 * model/cluster/flow_sticky.c - records without keys, which stick to a partition: one batch of a client is open at a time.
 */
#include "model/cluster/flow_internal.h"

#include <math.h>
#include <stdlib.h>

#include "model/scenario/full_batch.h"
#include "sim/memory.h"

enum { SETTLES = 6 }; /* what is full by the ratio that is learned of what is cut: a few turns */

/*
 * Keyless librdkafka keeps a partition for a while: batches that begin within it share it. A batch that lingers on takes its share of the
 * draws that follow: a second is a hundred of them, and most of a hundred partitions are drawn again meanwhile.
 */
static double sticky_window(const struct flow_client *c, int partitions)
{
    double sticky = (double)c->p->config.sticky_linger_ms / 1e3;
    if (c->p->client != SCENARIO_CLIENT_LIBRDKAFKA)
        return c->linger_s;
    if (c->linger_s > sticky)
        return sticky + (c->linger_s - sticky) / partitions;
    return c->linger_s <= 0 ? 0 : sticky / ceil(sticky / c->linger_s);
}

/* The chance that the next partition that sticky records go to is another one of the same leader. */
static double same_leader(const struct flow_client *c, const struct model_placement *m,
                          int partitions)
{
    int brokers = model_placement_broker_count(m);
    double *leads = sim_alloc((size_t)brokers, sizeof *leads), same = 0;
    for (int p = 0; p < partitions; p++) {
        leads[model_placement_replicas(m, c->p->topic, p)[0].broker] += c->share[p];
        same -= c->share[p] * c->share[p];
    }
    for (int b = 0; b < brokers; b++)
        same += leads[b] * leads[b];
    free(leads);
    return fmax(0, same);
}

/* The only open batch of a keyless Java client: full, or after its linger, or cut. */
struct sticky {
    double most;         /* records of a full one */
    double whole;        /* of one that is not cut, on average */
    double cut, records; /* share of all that are cut; records of those */
};

static double sticky_mean(const struct sticky *s)
{
    return (1 - s->cut) * s->whole + s->cut * s->records;
}

/*
 * The record that finds a batch full begins the next one, and the request that the full one is in takes it along where it has gone to another
 * partition of the same leader: a batch of one record, or of what comes until the sender's thread is awake. A partition is left when batch.size
 * bytes have gone to it, which a full batch just fails to be: so every second one is followed by one of another partition.
 * With batch.size 0 a batch is full by its only record, and the next comes when that is gone.
 */
static struct sticky sticky_java(const struct flow_client *c, double same)
{
    double rate = c->records_per_s / c->burst;
    double awake_s = c->gather->has_costs ? (double)c->gather->own.wakeup_ns / 1e9 : 0;
    /* Java begins with an estimate of 1: what it comes down to is found from there. */
    double first = c->burst * c->record_bytes;
    struct sticky s = {.most = scenario_full_batch_beside(c->p, 1, first)};
    for (int i = 0; i < SETTLES; i++) {
        s.whole = model_flow_batch(rate, c->burst, c->linger_s, s.most);
        double full = flow_batch_filled(s.most / c->burst - 1, rate * c->linger_s);
        s.cut = c->p->config.batch_size > 0 ? same * full / (1 + s.most / s.whole) : 0;
        s.records = fmin(s.whole, c->burst + c->records_per_s * awake_s);
        s.most = scenario_full_batch_beside(c->p, s.cut, first);
    }
    return s;
}

void flow_stream_sticky(const struct flow_client *c, const struct model_placement *m,
                        struct flow_stream *out, int partitions)
{
    bool java = c->p->client == SCENARIO_CLIENT_JAVA;
    struct sticky s = {.most = c->most};
    if (java)
        s = sticky_java(c, same_leader(c, m, partitions));
    else
        s.whole = model_flow_batch(c->records_per_s / c->burst, c->burst,
                                   sticky_window(c, partitions), c->most);
    double sticky_s = (double)c->p->config.sticky_linger_ms / 1e3;
    struct gather_at at = {c->records_per_s, 1, 1, java ? s.most / c->records_per_s : sticky_s};
    /* One is open at a time; what is cut goes with another. */
    double starts = c->records_per_s / sticky_mean(&s) * (1 - s.cut);
    double held = gather_requests_per_s(c->gather, &at, starts) / starts;
    s.whole = fmin(s.most, s.whole / held);
    double n = sticky_mean(&s);
    for (int p = 0; p < partitions; p++) {
        struct flow_stream *o = &out[p];
        o->records = c->records_per_s * c->share[p];
        o->batches = o->records / n;
        o->requests = o->batches * (1 - s.cut);
        o->cut = o->batches * s.cut;
        o->cut_records = s.records;
    }
}
