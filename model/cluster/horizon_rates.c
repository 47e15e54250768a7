/*
 * What each producer brings at each hour. Batches, and with them compression, depend on the rate: wire bytes are worked out by flow.h on a
 * grid of rates between the lowest and the highest of the horizon and interpolated.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdlib.h>

static const int64_t NS_HOUR = 3600000000000;

/* One producer alone, at one rate. */
static void work_out(const struct horizon *h, const struct scenario *alone,
                     const struct model_shares *shares, struct horizon_source *src, int at)
{
    int topic = src->producer->topic, n = h->s->topics[topic].partitions;
    struct model_flows *flows =
        model_flows_new(alone, h->profile, h->placement, shares, src->grid.factor[at]);
    src->wire[at] = sim_alloc((size_t)n, sizeof(double));
    for (int p = 0; p < n; p++) {
        src->wire[at][p] = model_flows_partition(flows, topic, p)->wire_bytes_per_s;
        src->wire_all[at] += src->wire[at][p];
    }
    if (at + 1 == src->grid.count) {
        const struct model_producer_flow *sum = model_flows_producer(flows, 0);
        src->share = sim_alloc((size_t)n, sizeof(double));
        src->batches = sim_alloc((size_t)n, sizeof(double));
        for (int p = 0; p < n; p++) {
            src->share[p] = sum->share[p];
            src->batches[p] =
                model_flows_partition(flows, topic, p)->batches_per_s / src->grid.factor[at];
        }
        src->records_peak = src->producer->records_per_s_peak;
        src->batches_peak = sum->batches_per_s / src->grid.factor[at];
    }
    model_flows_free(flows);
}

static struct scenario alone_of(const struct horizon *h, int index)
{
    struct scenario alone = *h->s;
    alone.producer_count = 1;
    alone.producers = &h->s->producers[index];
    alone.group_count = 0;
    return alone;
}

static void source_init(const struct horizon *h, struct horizon_source *src, int index)
{
    struct scenario alone = alone_of(h, index);
    double end = model_growth_factor(&h->s->producers[index], h->length_ns);
    src->producer = &h->s->producers[index];
    struct model_shares *shares =
        model_shares_new(&alone); /* hashes every key: once for all rates */
    rate_grid_init(&src->grid, src->producer, fmin(1, end), fmax(1, end));
    for (int i = 0; i < src->grid.count; i++)
        work_out(h, &alone, shares, src, i);
    model_shares_free(shares);
}

/* Bytes of a week whose hours have grown so far, at the grid's rates. */
static double week_wire(const struct scenario_producer *p, const struct rate_grid *grid,
                        const double wire[RATE_GRID_MOST], double grown)
{
    double factor[MODEL_WEEK_HOURS], sum = 0;
    model_shape_week(p, factor);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++) {
        struct rate_place at = rate_grid_place(grid, factor[hour] * grown);
        sum += rate_grid_between(&at, wire[at.cell], wire[at.cell + 1]);
    }
    return sum;
}

/* Judgement: beyond so many times the load batches are full, and the grid is to be fine below it. */
static const double GROWN_MOST = 32;

void horizon_source_wire_growth(const struct horizon *h, int index, double *growth, int count)
{
    const struct scenario_producer *p = h->sources[index].producer;
    struct scenario alone = alone_of(h, index);
    double wire[RATE_GRID_MOST], from = growth[0], to = growth[count - 1];
    struct rate_grid grid;
    if (from == to)
        return;
    struct model_shares *shares = model_shares_new(&alone);
    rate_grid_init(&grid, p, fmax(fmin(from, to), from / GROWN_MOST),
                   fmin(fmax(from, to), from * GROWN_MOST));
    for (int i = 0; i < grid.count; i++) {
        struct model_flows *flows =
            model_flows_new(&alone, h->profile, h->placement, shares, grid.factor[i]);
        wire[i] = model_flows_producer(flows, 0)->wire_bytes_per_s;
        model_flows_free(flows);
    }
    model_shares_free(shares);
    double first = week_wire(p, &grid, wire, from);
    for (int i = 1; i < count && first > 0; i++)
        growth[i] = from * week_wire(p, &grid, wire, growth[i]) / first;
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
        for (int k = 0; k < RATE_GRID_MOST; k++)
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
    return (struct horizon_moment){.now = now, .place = rate_grid_place(&src->grid, now)};
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

static double wire_of(const struct horizon_source *src, const struct rate_place *at, int partition)
{
    return rate_grid_between(at, src->wire[at->cell][partition],
                             src->wire[at->cell + 1][partition]);
}

double horizon_source_wire(const struct horizon_source *src, int step, int partition)
{
    return wire_of(src, &src->moments[step].place, partition);
}

double horizon_source_wire_at(const struct horizon_source *src, double factor, int partition)
{
    struct rate_place at = rate_grid_place(&src->grid, factor);
    return wire_of(src, &at, partition);
}

static double wire_all_of(const struct horizon_source *src, const struct rate_place *at)
{
    return rate_grid_between(at, src->wire_all[at->cell], src->wire_all[at->cell + 1]);
}

double horizon_source_wire_all(const struct horizon_source *src, int step)
{
    return wire_all_of(src, &src->moments[step].place);
}

double horizon_source_wire_all_at(const struct horizon_source *src, double factor)
{
    struct rate_place at = rate_grid_place(&src->grid, factor);
    return wire_all_of(src, &at);
}

double horizon_source_wire_peak(const struct horizon_source *src)
{
    return src->wire_all[src->grid.count - 1] / src->grid.factor[src->grid.count - 1];
}
