/*
 * model/answer/trust_batches.c - whether what is written depends on how records fall into batches: headers are a share of it, and a batch
 * compresses by its size. How many batches there are outside the fitted range is taken to be known to a factor of two (judgement), and looked
 * at where the load peaks, which writes most.
 */
#include <math.h>

#include "broker-core/record/batch.h"
#include "model/answer/trust.h"
#include "model/cluster/flow.h"

/* Wire bytes of each byte of records, in batches of that size before compression. */
static double wire_per_byte(const struct scenario_producer *p, double batch_bytes)
{
    return BROKER_BATCH_HEADER_BYTES / batch_bytes +
           1 / scenario_ratio_at(&p->compression_ratio, batch_bytes);
}

/* INFINITY: nothing is known of its batches. */
static double change_of(const struct scenario_producer *p, const struct model_producer_flow *flow)
{
    double bytes = flow->raw_batch_bytes;
    if (flow->unstated)
        return INFINITY;
    if (!(bytes > 0)) /* it sends nothing */
        return 0;
    double now = wire_per_byte(p, bytes);
    return fmax(fabs(wire_per_byte(p, bytes / 2) / now - 1),
                fabs(wire_per_byte(p, bytes * 2) / now - 1));
}

double trust_change_by_batches(const struct scenario *s, const struct model_profile *profile)
{
    double most = 0;
    if (s->cluster.brokers <= 0)
        return INFINITY;
    struct model_placement *placement = model_placement_new(s, s->run.seed);
    struct model_shares *shares = model_shares_new(s);
    struct model_flows *flows = model_flows_new(s, profile, placement, shares, 1);
    for (int p = 0; p < s->producer_count; p++)
        most = fmax(most, change_of(&s->producers[p], model_flows_producer(flows, p)));
    model_flows_free(flows);
    model_shares_free(shares);
    model_placement_free(placement);
    return most;
}
