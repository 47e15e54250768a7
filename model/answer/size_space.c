/*
 * What a plan's disks hold at the end of the horizon, at most: each partition under its topic's limits. Load differs by the hour, so a limit
 * counts over the worst stretch of its length, with the batches of those hours as they have grown by then. Topics have their worst hours apart.
 */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/cluster/retained.h"
#include "sim/memory.h"

/* log-storage.md: an 8-byte and a 12-byte index entry each time more than index.interval.bytes came since the last. */
static const double INDEX_ENTRY_BYTES = 8 + 12;

double size_index_bytes_per_s(const struct scenario_topic_config *c, double bytes, double batches)
{
    double by_interval = bytes / ((double)c->index_interval_bytes + 1);
    return INDEX_ENTRY_BYTES * (by_interval < batches ? by_interval : batches);
}

/* The segment that may be open is full, however fast it was filled; or as old as it may get, in the hours of a stretch that is so much longer. */
enum closing { CLOSED_FULL, CLOSED_OLD, CLOSINGS };

/* What one producer has in the worst of its own stretches, as a multiple of its mean. */
struct worst {
    double more[CLOSINGS], over_s[CLOSINGS];
    bool flat; /* nothing says at which hours */
};

/* One limit of all topics: its flows over a week as grown in the stretch that counts, and how much more the worst stretch has. */
struct limit {
    struct model_flows *flows;
    struct worst *worst; /* by producer */
};

struct space {
    const struct size_plan *plan;
    const struct scenario *sized; /* with its brokers */
    const struct model_shares *shares;
    double end_s; /* of the horizon */
    struct limit by_time, by_size;
};

/*
 * Mean growth over the last so many seconds of the horizon (INFINITY: all of it). A load that falls fills the disks most at the start, unless
 * nothing is deleted. The hours of most load may be those that have grown most: over whole weeks that is no more than the growth of a week
 * on (of a week before, when it falls), and never more than the largest of all.
 */
static double late_growth(const struct space *x, const struct scenario_producer *p, bool is_flat,
                          double over_s)
{
    if (p->growth_ratio < 0 && !isinf(over_s))
        return 1;
    double from_s = isinf(over_s) ? 0 : x->end_s - over_s;
    double week_s = is_flat ? 0 : 7 * 86400.0;
    double shift_s = p->growth_ratio > 0 ? week_s : -week_s;
    double largest = fmax(1, model_growth_mean(p, x->end_s, x->end_s));
    return fmin(largest, model_growth_mean(p, from_s + shift_s, x->end_s + shift_s));
}

/* Nothing is deleted: what is there is what the horizon brings. */
static bool is_endless(const struct model_retention *r)
{
    return r->retention_s < 0 && r->retention_bytes < 0;
}

/* Over which stretch the rate counts, without the segment that may be open. By size that is what comes until the next check alone. */
static double stretch_s(const struct space *x, const struct model_retention *r, bool by_size)
{
    double late_s = r->check_interval_s + r->delete_delay_s;
    if (by_size)
        return late_s;
    if (r->retention_s < 0)
        return x->end_s;
    double kept_s = r->retention_s + late_s;
    return x->plan->s->start.logs == SCENARIO_EMPTY ? fmin(kept_s, x->end_s) : kept_s;
}

static void fill_worst(const struct space *x, const double *over_s, struct limit *limit)
{
    const struct scenario *s = x->plan->s;
    struct model_stretches stretches;
    limit->worst = sim_alloc((size_t)s->producer_count, sizeof *limit->worst);
    for (int i = 0; i < s->producer_count; i++) {
        const struct scenario_producer *p = &s->producers[i];
        struct worst *w = &limit->worst[i];
        double segment_s = (double)s->topics[p->topic].config.segment_ms / 1e3;
        model_stretches_init(&stretches, p, model_flows_week(limit->flows, i));
        w->flat = stretches.flat;
        w->over_s[CLOSED_FULL] = over_s[i];
        w->over_s[CLOSED_OLD] = over_s[i] + segment_s;
        for (int k = 0; k < CLOSINGS; k++)
            w->more[k] = model_stretches_more(&stretches, w->over_s[k]);
    }
}

static void limit_init(const struct space *x, bool by_size, struct limit *limit)
{
    const struct scenario *s = x->plan->s;
    size_t n = (size_t)s->producer_count;
    double *grown = sim_alloc(n, sizeof *grown), *over_s = sim_alloc(n, sizeof *over_s);
    struct model_stretches stretches;
    double hours[MODEL_WEEK_HOURS];
    for (size_t i = 0; i < n; i++) {
        const struct scenario_producer *p = &s->producers[i];
        struct model_retention r;
        model_retention_init(&r, s, p->topic);
        model_shape_week(p, hours);
        model_stretches_init(&stretches, p, hours);
        over_s[i] = stretch_s(x, &r, by_size);
        grown[i] = late_growth(x, p, stretches.flat, is_endless(&r) ? INFINITY : over_s[i]);
    }
    limit->flows =
        model_flows_mean(x->sized, x->plan->profile, x->plan->placement, x->shares, grown);
    fill_worst(x, over_s, limit);
    free(over_s);
    free(grown);
}

static void limit_release(struct limit *limit)
{
    model_flows_free(limit->flows);
    free(limit->worst);
}

/* What a replica holds at most under a limit, and the rate over its stretch. */
struct kept {
    double bytes, rate;
};

static struct kept less(struct kept a, struct kept b)
{
    return b.bytes < a.bytes ? b : a;
}

/* A producer's bytes in one partition, hour by hour. */
static void add_hours(const struct limit *limit, int producer, int partition,
                      double hours[MODEL_WEEK_HOURS])
{
    const struct model_producer_flow *f = model_flows_producer(limit->flows, producer);
    const double *week = model_flows_week(limit->flows, producer);
    for (int h = 0; h < MODEL_WEEK_HOURS && f->wire_bytes_per_s > 0; h++)
        hours[h] += week[h] * f->wire[partition] / f->wire_bytes_per_s;
}

/*
 * Producers whose hours are known have the worst stretch of their sum: one may rest while the other is busy. Where nothing says when one is
 * busy, it may be then.
 */
static double rate_under(const struct space *x, const struct limit *limit, enum closing closing,
                         int topic, int partition)
{
    double apart = 0, hours[MODEL_WEEK_HOURS] = {0}, over_s = 0, alone = 0;
    int known = 0;
    for (int i = 0; i < x->plan->s->producer_count; i++) {
        const struct worst *w = &limit->worst[i];
        if (x->plan->s->producers[i].topic != topic)
            continue;
        double own = model_flows_producer(limit->flows, i)->wire[partition] * w->more[closing];
        if (w->flat) {
            apart += own;
            continue;
        }
        alone = own;
        over_s = w->over_s[closing];
        add_hours(limit, i, partition, hours);
        known++;
    }
    return apart + (known > 1 ? model_stretch_rate(hours, over_s) : alone);
}

/* Whichever way the open segment is closed first. */
static struct kept kept_under(const struct space *x, const struct limit *limit,
                              const struct model_retention *r, int topic, int partition)
{
    struct model_retention full = *r, old = *r;
    struct kept kept[CLOSINGS];
    full.segment_s = old.segment_bytes = INFINITY;
    for (int k = 0; k < CLOSINGS; k++) {
        kept[k].rate = rate_under(x, limit, (enum closing)k, topic, partition);
        kept[k].bytes = model_retained_bytes(k == CLOSED_FULL ? &full : &old, kept[k].rate);
    }
    return less(kept[CLOSED_FULL], kept[CLOSED_OLD]);
}

static struct kept kept_by_time(const struct space *x, const struct model_retention *r, int topic,
                                int partition)
{
    struct model_retention by_time = *r;
    struct kept all = {.rate = rate_under(x, &x->by_time, CLOSED_FULL, topic, partition)};
    bool is_all = is_endless(r) || x->plan->s->start.logs == SCENARIO_EMPTY;
    by_time.retention_bytes = -1;
    all.bytes = is_all ? all.rate * x->end_s : INFINITY;
    return less(all, kept_under(x, &x->by_time, &by_time, topic, partition));
}

static struct kept kept_by_size(const struct space *x, const struct model_retention *r, int topic,
                                int partition)
{
    struct model_retention by_size = *r;
    by_size.retention_s = -1;
    return r->retention_bytes < 0 ? (struct kept){.bytes = INFINITY}
                                  : kept_under(x, &x->by_size, &by_size, topic, partition);
}

/* Bytes of one replica at the end of the horizon; its segments, which segment.ms may close before they are full, are added to its topic's. */
static double space_of(const struct space *x, struct size_plan *plan,
                       const struct model_retention *r, int topic, int partition)
{
    const struct model_flow *flow = model_flows_partition(x->by_time.flows, topic, partition);
    struct kept time = kept_by_time(x, r, topic, partition),
                size = kept_by_size(x, r, topic, partition);
    struct kept kept = less(time, size);
    double batch = flow->batches_per_s > 0 ? flow->wire_bytes_per_s / flow->batches_per_s : 1;
    double closed =
        fmax(batch, kept.rate * model_roll_s(r->segment_bytes, r->segment_s, kept.rate));
    plan->kept_by_size[topic] += size.bytes < time.bytes;
    plan->segments[topic] += kept.rate > 0 ? kept.bytes / closed : 0;
    return kept.bytes +
           size_index_bytes_per_s(&plan->s->topics[topic].config, kept.bytes, kept.bytes / batch);
}

static bool any_by_size(const struct scenario *s)
{
    for (int t = 0; t < s->topic_count; t++)
        if (s->topics[t].config.retention_bytes >= 0)
            return true;
    return false;
}

/* The offsets topic is compacted: a segment each, of no size. */
static void fill_topic(const struct space *x, struct size_plan *plan, int topic)
{
    int n = model_placement_partition_count(plan->placement, topic);
    struct model_retention r;
    plan->space[topic] = sim_alloc((size_t)n, sizeof **plan->space);
    if (topic < plan->s->topic_count) {
        model_retention_init(&r, plan->s, topic);
        for (int p = 0; p < n; p++)
            plan->space[topic][p] = space_of(x, plan, &r, topic, p);
    }
    plan->segments[topic] = ceil(plan->segments[topic] / n) + 1; /* of one replica */
}

void size_plan_space(struct size_plan *plan, const struct scenario *sized,
                     const struct model_shares *shares)
{
    int topics = model_placement_topic_count(plan->placement);
    struct space x = {.plan = plan,
                      .sized = sized,
                      .shares = shares,
                      .end_s = (double)plan->s->horizon.length_ns / 1e9};
    limit_init(&x, false, &x.by_time);
    if (any_by_size(plan->s))
        limit_init(&x, true, &x.by_size);
    plan->space = sim_alloc((size_t)topics, sizeof *plan->space);
    plan->segments = sim_alloc((size_t)topics, sizeof *plan->segments);
    plan->kept_by_size = sim_alloc((size_t)topics, sizeof *plan->kept_by_size);
    for (int t = 0; t < topics; t++)
        fill_topic(&x, plan, t);
    limit_release(&x.by_time);
    limit_release(&x.by_size);
}
