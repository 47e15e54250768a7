/* A plan: the flows of a scenario over the placement of so many brokers, and what its disks will hold. */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "model/answer/size_formula.h"
#include "model/cluster/retained.h"
#include "sim/memory.h"

/* log-storage.md: an 8-byte and a 12-byte index entry each time more than index.interval.bytes came since the last. */
static const double INDEX_ENTRY_BYTES = 8 + 12;

double size_index_bytes_per_s(const struct scenario_topic_config *c, double bytes, double batches)
{
    double by_interval = bytes / ((double)c->index_interval_bytes + 1);
    return INDEX_ENTRY_BYTES * (by_interval < batches ? by_interval : batches);
}

/* What a replica's size depends on beside its own flow; arrays by producer. */
struct ahead {
    const struct size_plan *plan;
    const struct model_flows *mean;
    struct model_stretches *stretches;
    double *shape_mean;
    double end_s; /* of the horizon */
};

/*
 * Mean growth over the last so many seconds of the horizon (INFINITY: all of it). A load that falls fills the disks most at the start, unless
 * nothing is deleted. The hours of most load may be those that have grown most: over whole weeks that is no more than the growth of a week
 * on (of a week before, when it falls), and never more than the largest of all.
 */
static double late_growth(const struct ahead *x, int producer, double over_s)
{
    const struct scenario_producer *p = &x->plan->s->producers[producer];
    if (p->growth_ratio < 0 && !isinf(over_s))
        return 1;
    double from_s = isinf(over_s) ? 0 : x->end_s - over_s;
    double week_s = x->stretches[producer].flat ? 0 : 7 * 86400.0;
    double shift_s = p->growth_ratio > 0 ? week_s : -week_s;
    double largest = fmax(1, model_growth_mean(p, x->end_s, x->end_s));
    return fmin(largest, model_growth_mean(p, from_s + shift_s, x->end_s + shift_s));
}

/*
 * Wire rate into one partition at the end of the horizon: the shape's worst stretch of over_s (0: the week's mean), and the growth of the
 * last grown_s.
 */
static double late_rate(const struct ahead *x, int topic, int partition, double over_s,
                        double grown_s)
{
    double rate = 0;
    for (int i = 0; i < x->plan->s->producer_count; i++) {
        const struct model_producer_flow *f = model_flows_producer(x->mean, i);
        if (x->plan->s->producers[i].topic != topic)
            continue;
        double more =
            over_s > 0 ? model_stretches_mean_max(&x->stretches[i], over_s) / x->shape_mean[i] : 1;
        rate += f->wire_bytes_per_s * f->share[partition] * more * late_growth(x, i, grown_s);
    }
    return rate;
}

/*
 * Bytes of one replica at the end of the horizon; its segments, which segment.ms may close before they are full, are added to its topic's.
 * What is kept for ever is what the horizon brings. A segment counts whole, so that growth is
 * that of the stretch without it.
 */
static double space_of(const struct ahead *x, const struct model_retention *r, int topic,
                       int partition)
{
    const struct model_flow *flow = model_flows_partition(x->plan->flows, topic, partition);
    double rate = late_rate(x, topic, partition, 0, 0), reach_s = model_retained_s(r, rate);
    double roll_s = model_roll_s(r->segment_bytes, r->segment_s, rate);
    double kept_s = isinf(reach_s) ? x->end_s : reach_s;
    double late = late_rate(x, topic, partition, kept_s, fmax(0, reach_s - roll_s));
    double bytes = isinf(reach_s) ? late * kept_s : model_retained_bytes(r, late);
    x->plan->kept_by_size[topic] += model_retained_by_size(r, late);
    double batch = flow->batches_per_s > 0 ? flow->wire_bytes_per_s / flow->batches_per_s : 1;
    double closed = fmax(batch, late * model_roll_s(r->segment_bytes, r->segment_s, late));
    x->plan->segments[topic] += late > 0 ? bytes / closed : 0;
    return bytes + size_index_bytes_per_s(&x->plan->s->topics[topic].config, bytes, bytes / batch);
}

static void ahead_init(struct ahead *x, const struct size_plan *plan,
                       const struct model_flows *mean)
{
    size_t n = (size_t)plan->s->producer_count;
    *x = (struct ahead){.plan = plan,
                        .mean = mean,
                        .stretches = sim_alloc(n, sizeof *x->stretches),
                        .shape_mean = sim_alloc(n, sizeof(double)),
                        .end_s = (double)plan->s->horizon.length_ns / 1e9};
    for (size_t i = 0; i < n; i++) {
        const struct scenario_producer *p = &plan->s->producers[i];
        model_stretches_init(&x->stretches[i], p);
        x->shape_mean[i] = model_shape_mean(p);
    }
}

static void ahead_release(struct ahead *x)
{
    free(x->stretches);
    free(x->shape_mean);
}

static void fill_space(struct size_plan *plan, const struct model_flows *mean)
{
    const struct scenario *s = plan->s;
    int topics = model_placement_topic_count(plan->placement);
    struct ahead x;
    ahead_init(&x, plan, mean);
    plan->space = sim_alloc((size_t)topics, sizeof *plan->space);
    plan->segments = sim_alloc((size_t)topics, sizeof *plan->segments);
    plan->kept_by_size = sim_alloc((size_t)topics, sizeof *plan->kept_by_size);
    for (int t = 0; t < topics; t++) {
        int n = model_placement_partition_count(plan->placement, t);
        struct model_retention r;
        plan->space[t] = sim_alloc((size_t)n, sizeof **plan->space);
        if (t < s->topic_count) { /* the offsets topic is compacted: a segment each, of no size */
            model_retention_init(&r, s, t);
            for (int p = 0; p < n; p++)
                plan->space[t][p] = space_of(&x, &r, t, p);
        }
        plan->segments[t] = ceil(plan->segments[t] / n) + 1; /* of one replica */
    }
    ahead_release(&x);
}

/*
 * A group that starts behind reads from disk when its lag reaches back further than what memory holds. The bound counts what it must read to
 * fall no further behind; what is left of the disk is what it catches up with.
 */
static double group_lag_s(const struct size_plan *plan, const struct scenario_group *g)
{
    double records = 0, bytes = 0;
    for (int i = 0; i < g->topic_count; i++)
        for (int p = 0; p < plan->s->topics[g->topics[i]].partitions; p++) {
            const struct model_flow *f = model_flows_partition(plan->flows, g->topics[i], p);
            records += f->records_per_s;
            bytes += f->payload_bytes_per_s;
        }
    return scenario_lag_s(g, records, bytes);
}

double size_page_cache_bytes(const struct scenario *s)
{
    const struct scenario_cluster *c = &s->cluster;
    double left = (double)c->machine.ram_bytes - (double)c->heap_bytes - (double)c->reserved_bytes;
    return left > 0 ? left : 0;
}

static void fill_cold(struct size_plan *plan)
{
    const struct scenario *s = plan->s;
    double written = 0;
    for (int t = 0; t < s->topic_count; t++)
        for (int p = 0; p < s->topics[t].partitions; p++)
            written += model_flows_partition(plan->flows, t, p)->wire_bytes_per_s *
                       s->topics[t].replication;
    double cache_s = size_cache_s(size_page_cache_bytes(s), written / plan->brokers);
    plan->cold = sim_alloc((size_t)s->group_count, sizeof *plan->cold);
    for (int g = 0; g < s->group_count; g++)
        plan->cold[g] = group_lag_s(plan, &s->groups[g]) > cache_s;
}

/* A topic whose codec differs from its producers' is unpacked and packed again by the leader. */
static double recompression(const struct size_plan *plan, int topic)
{
    enum scenario_compression want = plan->s->topics[topic].config.compression_type;
    double ns = 0, bytes = 0;
    for (int i = 0; i < plan->s->producer_count; i++) {
        const struct scenario_producer *p = &plan->s->producers[i];
        double weight = model_flows_producer(plan->flows, i)->payload_bytes_per_s;
        if (p->topic != topic)
            continue;
        bytes += weight;
        if (want != SCENARIO_COMPRESSION_PRODUCER && want != p->config.compression_type)
            ns += weight * (plan->profile->decompress_byte_ns[p->config.compression_type] +
                            plan->profile->compress_byte_ns[want]);
    }
    return bytes > 0 ? ns / bytes : 0;
}

static void fill_topics(struct size_plan *plan)
{
    const struct scenario *s = plan->s;
    plan->topics =
        sim_alloc((size_t)model_placement_topic_count(plan->placement), sizeof *plan->topics);
    for (int t = 0; t < s->topic_count; t++)
        plan->topics[t].codec_ns_per_byte = recompression(plan, t);
}

static void fill_on(struct size_plan *plan)
{
    const struct model_placement *m = plan->placement;
    int all = 0;
    int *next = sim_alloc((size_t)plan->brokers, sizeof *next);
    plan->on_first = sim_alloc((size_t)plan->brokers + 1, sizeof *plan->on_first);
    for (int b = 0; b < plan->brokers; b++) {
        plan->on_first[b] = next[b] = all;
        all += model_placement_replicas_on(m, b);
    }
    plan->on_first[plan->brokers] = all;
    plan->on = sim_alloc((size_t)all, sizeof *plan->on);
    for (int t = 0; t < model_placement_topic_count(m); t++)
        for (int p = 0; p < model_placement_partition_count(m, t); p++) {
            const struct model_replica *r = model_placement_replicas(m, t, p);
            for (int i = 0; i < model_placement_replication(m, t); i++)
                plan->on[next[r[i].broker]++] = (struct size_where){t, p};
        }
    free(next);
}

void size_plan_grow(const struct size_plan *plan, const struct model_shares *shares, double days,
                    struct size_plan *grown)
{
    const struct scenario *s = plan->s;
    double *factors = sim_alloc((size_t)s->producer_count, sizeof *factors);
    for (int i = 0; i < s->producer_count; i++)
        factors[i] = model_growth_factor(&s->producers[i], (int64_t)(days * 86400e9));
    *grown = *plan;
    grown->flows = model_flows_at(s, plan->profile, plan->placement, shares, factors);
    fill_topics(grown);
    free(factors);
}

void size_plan_grown_release(struct size_plan *grown)
{
    model_flows_free(grown->flows);
    free(grown->topics);
    grown->flows = NULL;
    grown->topics = NULL;
}

struct size_plan *size_plan_new(const struct scenario *s, const struct model_profile *profile,
                                const struct model_shares *shares, int brokers)
{
    struct size_plan *plan = sim_alloc(1, sizeof *plan);
    struct scenario sized = *s;
    sized.cluster.brokers = brokers;
    plan->s = s;
    plan->profile = profile;
    model_profile_on(profile, size_speed(plan, &s->cluster.machine), s->cluster.page_reporting,
                     &plan->broker);
    plan->brokers = brokers;
    plan->placement = model_placement_new(&sized, s->run.seed);
    plan->disks = model_placement_disk_count(plan->placement);
    plan->flows = model_flows_new(&sized, profile, plan->placement, shares, 1);
    struct model_flows *mean = model_flows_mean(&sized, profile, plan->placement, shares);
    fill_space(plan, mean);
    model_flows_free(mean);
    fill_cold(plan);
    fill_topics(plan);
    fill_on(plan);
    return plan;
}

void size_plan_free(struct size_plan *plan)
{
    if (!plan)
        return;
    for (int t = 0; t < model_placement_topic_count(plan->placement); t++)
        free(plan->space[t]);
    free(plan->space);
    free(plan->segments);
    free(plan->kept_by_size);
    free(plan->cold);
    free(plan->topics);
    free(plan->on);
    free(plan->on_first);
    model_flows_free(plan->flows);
    model_placement_free(plan->placement);
    free(plan);
}
