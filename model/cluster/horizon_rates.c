/*
 * What each producer brings at each hour. Batches, and with them compression, depend on the rate: wire bytes are worked out by flow.h at a
 * dozen rates between the lowest and the highest of the horizon and interpolated.
 */
#include "model/cluster/horizon_internal.h"
#include "sim/dmath.h"

#include <math.h>
#include <stdlib.h>

static const int64_t NS_HOUR = 3600000000000;

static void bounds(const struct horizon *h, const struct scenario_producer *p, double *low,
                   double *high)
{
    double end = model_growth_factor(p, h->length_ns), last = end > 1 ? end : 1,
           first = end > 1 ? 1 : end;
    double factor[MODEL_WEEK_HOURS];
    *low = INFINITY;
    *high = 0;
    model_shape_week(p, factor);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++) {
        if (factor[hour] > 0)
            *low = fmin(*low, factor[hour] * first);
        *high = fmax(*high, factor[hour] * last);
    }
    if (isinf(*low))
        *low = 1;
}

/* One producer alone, at one rate. */
static void work_out(const struct horizon *h, const struct scenario *alone,
                     const struct model_shares *shares, struct horizon_source *src, int at)
{
    int topic = src->producer->topic, n = h->s->topics[topic].partitions;
    struct model_flows *flows =
        model_flows_new(alone, h->profile, h->placement, shares, src->factor[at]);
    src->wire[at] = sim_alloc((size_t)n, sizeof(double));
    for (int p = 0; p < n; p++) {
        src->wire[at][p] = model_flows_partition(flows, topic, p)->wire_bytes_per_s;
        src->wire_all[at] += src->wire[at][p];
    }
    if (at + 1 == src->grid) {
        const struct model_producer_flow *sum = model_flows_producer(flows, 0);
        src->share = sim_alloc((size_t)n, sizeof(double));
        src->batches = sim_alloc((size_t)n, sizeof(double));
        for (int p = 0; p < n; p++) {
            src->share[p] = sum->share[p];
            src->batches[p] =
                model_flows_partition(flows, topic, p)->batches_per_s / src->factor[at];
        }
        src->records_peak = src->producer->records_per_s_peak;
        src->batches_peak = sum->batches_per_s / src->factor[at];
    }
    model_flows_free(flows);
}

static void source_init(const struct horizon *h, struct horizon_source *src, int index)
{
    double low, high;
    struct scenario alone = *h->s;
    src->producer = &h->s->producers[index];
    alone.producer_count = 1;
    alone.producers = &h->s->producers[index];
    alone.group_count = 0;
    struct model_shares *shares =
        model_shares_new(&alone); /* hashes every key: once for all rates */
    bounds(h, src->producer, &low, &high);
    src->grid = high > low * 1.0001 ? HORIZON_GRID : 2; /* a constant rate needs only its ends */
    for (int i = 0; i < src->grid; i++)
        src->factor[i] = low * sim_pow(high / low * 1.001, (double)i / (src->grid - 1));
    for (int i = 0; i < src->grid; i++)
        work_out(h, &alone, shares, src, i);
    model_shares_free(shares);
}

void horizon_sources_init(struct horizon *h)
{
    h->source_count = h->s->producer_count;
    h->sources = sim_alloc((size_t)h->source_count, sizeof *h->sources);
    for (int i = 0; i < h->source_count; i++)
        source_init(h, &h->sources[i], i);
}

void horizon_sources_free(struct horizon *h)
{
    for (int i = 0; i < h->source_count; i++) {
        for (int k = 0; k < HORIZON_GRID; k++)
            free(h->sources[i].wire[k]);
        free(h->sources[i].share);
        free(h->sources[i].batches);
    }
    free(h->sources);
}

/* Mean factor over a step: the shape changes at full hours only, growth is taken in the middle of each piece. */
static double mean_factor(const struct scenario_producer *p, int64_t begin_ns, int64_t end_ns)
{
    double sum = 0;
    for (int64_t at = begin_ns; at < end_ns;) {
        int64_t next = (at / NS_HOUR + 1) * NS_HOUR;
        next = next < end_ns ? next : end_ns;
        sum += model_shape_factor(p, at) / model_growth_factor(p, at) *
               model_growth_factor(p, at + (next - at) / 2) * (double)(next - at);
        at = next;
    }
    return sum / (double)(end_ns - begin_ns);
}

static struct horizon_moment moment(const struct horizon_source *src, double now)
{
    struct horizon_moment m = {.now = now};
    while (m.cell + 2 < src->grid && src->factor[m.cell + 1] < now)
        m.cell++;
    m.weight = (now - src->factor[m.cell]) / (src->factor[m.cell + 1] - src->factor[m.cell]);
    return m;
}

void horizon_sources_block(struct horizon *h)
{
    for (int i = 0; i < h->source_count; i++) {
        struct horizon_source *src = &h->sources[i];
        for (int k = 0; k < h->steps; k++)
            src->moments[k] = moment(
                src, mean_factor(src->producer, h->step_begin_ns[k], h->step_begin_ns[k + 1]));
    }
}

static double between(const struct horizon_source *src, const struct horizon_moment *m, double low,
                      double high)
{
    /* Below the grid (an hour at zero) bytes go with the rate. */
    if (m->weight < 0)
        return low * m->now / src->factor[m->cell];
    return low + (high - low) * m->weight;
}

static double wire_of(const struct horizon_source *src, const struct horizon_moment *m,
                      int partition)
{
    return between(src, m, src->wire[m->cell][partition], src->wire[m->cell + 1][partition]);
}

double horizon_source_wire(const struct horizon_source *src, int step, int partition)
{
    return wire_of(src, &src->moments[step], partition);
}

double horizon_source_wire_at(const struct horizon_source *src, double factor, int partition)
{
    struct horizon_moment m = moment(src, factor);
    return wire_of(src, &m, partition);
}

double horizon_source_wire_all(const struct horizon_source *src, int step)
{
    const struct horizon_moment *m = &src->moments[step];
    return between(src, m, src->wire_all[m->cell], src->wire_all[m->cell + 1]);
}

double horizon_source_wire_peak(const struct horizon_source *src)
{
    return src->wire_all[src->grid - 1] / src->factor[src->grid - 1];
}
