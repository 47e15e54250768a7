/* A plan: the flows of a scenario over the placement of so many brokers, and what its disks will hold. */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "model/answer/size_formula.h"
#include "sim/memory.h"

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
    size_plan_space(plan, &sized, shares);
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
