/*
 * Loads by broker. Every partition is laid on its leader and its followers; where the leader is lost, the next replica in the list that is
 * alive leads, as the controller elects it. Nothing is moved to replace lost replicas.
 */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/answer/size_formula.h"
#include "model/cluster/retained.h"

static void *zalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p) {
        fputs("headroom: out of memory\n", stderr);
        abort();
    }
    return p;
}

/* log-storage.md: an 8-byte and a 12-byte index entry each time more than index.interval.bytes came since the last. */
static const double INDEX_ENTRY_BYTES = 8 + 12;

static double index_bytes_per_s(const struct scenario_topic_config *c, double bytes, double batches)
{
    double by_interval = bytes / ((double)c->index_interval_bytes + 1);
    return INDEX_ENTRY_BYTES * (by_interval < batches ? by_interval : batches);
}

/* Mean wire rate into one partition at the end of the horizon; over_s: the worst stretch of that length, 0: the week. */
static double late_rate(const struct size_plan *plan, const struct model_flows *mean, int topic,
                        int partition, double over_s)
{
    double rate = 0;
    for (int i = 0; i < plan->s->producer_count; i++) {
        const struct scenario_producer *p = &plan->s->producers[i];
        const struct model_producer_flow *f = model_flows_producer(mean, i);
        if (p->topic != topic)
            continue;
        double more = over_s > 0 ? model_shape_mean_max(p, (int64_t)(fmin(over_s, 1e9) * 1e9)) /
                                       model_shape_mean(p)
                                 : 1;
        rate += f->wire_bytes_per_s * f->share[partition] * more *
                model_growth_factor(p, plan->s->horizon.length_ns);
    }
    return rate;
}

/* Bytes of one replica at the end of the horizon. What is kept for ever has the horizon to grow. */
static double space_of(const struct size_plan *plan, const struct model_flows *mean, int topic,
                       int partition)
{
    const struct model_flow *flow = model_flows_partition(plan->flows, topic, partition);
    struct model_retention r;
    model_retention_init(&r, plan->s, topic);
    double rate = late_rate(plan, mean, topic, partition, 0);
    double reach_s = model_retained_s(&r, rate);
    double bytes = isinf(reach_s)
                       ? rate * (double)plan->s->horizon.length_ns / 1e9
                       : model_retained_bytes(&r, late_rate(plan, mean, topic, partition, reach_s));
    double batch = flow->batches_per_s > 0 ? flow->wire_bytes_per_s / flow->batches_per_s : 1;
    return bytes + index_bytes_per_s(&plan->s->topics[topic].config, bytes, bytes / batch);
}

static void fill_space(struct size_plan *plan, const struct model_flows *mean)
{
    const struct scenario *s = plan->s;
    int topics = model_placement_topic_count(plan->placement);
    plan->space = zalloc((size_t)topics, sizeof *plan->space);
    plan->segments = zalloc((size_t)topics, sizeof *plan->segments);
    for (int t = 0; t < topics; t++) {
        int n = model_placement_partition_count(plan->placement, t);
        double sum = 0;
        plan->space[t] = zalloc((size_t)n, sizeof **plan->space);
        plan->segments[t] = 1;
        for (int p = 0; p < n && t < s->topic_count; p++)
            sum += plan->space[t][p] = space_of(plan, mean, t, p);
        if (t < s->topic_count) /* the offsets topic is compacted: a segment each, of no size */
            plan->segments[t] = ceil(sum / n / (double)s->topics[t].config.segment_bytes) + 1;
    }
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
    switch (g->lag_kind) {
    case SCENARIO_LAG_TIME:
        return g->lag / 1e9;
    case SCENARIO_LAG_BYTES:
        return bytes > 0 ? g->lag / bytes : 0;
    case SCENARIO_LAG_RECORDS:
        return records > 0 ? g->lag / records : 0;
    case SCENARIO_LAG_NONE:
        break;
    }
    return 0;
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
    plan->cold = zalloc((size_t)s->group_count, sizeof *plan->cold);
    for (int g = 0; g < s->group_count; g++)
        plan->cold[g] = group_lag_s(plan, &s->groups[g]) > cache_s;
}

struct size_plan *size_plan_new(const struct scenario *s, const struct model_profile *profile,
                                const struct model_shares *shares, int brokers)
{
    struct size_plan *plan = zalloc(1, sizeof *plan);
    struct scenario sized = *s;
    sized.cluster.brokers = brokers;
    plan->s = s;
    plan->profile = profile;
    plan->brokers = brokers;
    plan->placement = model_placement_new(&sized, s->run.seed);
    plan->disks = model_placement_disk_count(plan->placement);
    plan->flows = model_flows_new(&sized, plan->placement, shares, 1);
    struct model_flows *mean = model_flows_mean(&sized, plan->placement, shares);
    fill_space(plan, mean);
    model_flows_free(mean);
    fill_cold(plan);
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
    free(plan->cold);
    model_flows_free(plan->flows);
    model_placement_free(plan->placement);
    free(plan);
}

/* ---- one state ---- */

struct lay { /* one topic of a state */
    const struct size_plan *plan;
    struct size_state *state;
    const struct scenario_topic *topic; /* NULL: the offsets topic */
    int index;
    double codec_ns_per_byte;
    double readers; /* bytes out per byte in: groups that read it */
    double cold;    /* bytes from disk per byte in */
};

/* flush.messages and flush.ms: at each append at most. */
static double syncs_per_s(const struct scenario_topic *t, const struct model_flow *f)
{
    double by_count = 0, by_time = 0;
    if (!t)
        return 0;
    if (t->config.flush_messages != INT64_MAX)
        by_count = f->records_per_s / (double)t->config.flush_messages;
    if (t->config.flush_ms != INT64_MAX)
        by_time = 1e3 / (double)(t->config.flush_ms > 0 ? t->config.flush_ms : 1);
    double syncs = by_count + by_time;
    return syncs < f->batches_per_s ? syncs : f->batches_per_s;
}

static void lay_replica(const struct lay *lay, const struct model_replica *r,
                        const struct model_flow *f, int partition)
{
    const struct size_plan *plan = lay->plan;
    struct size_load *l = &lay->state->load[r->broker];
    struct size_disk_load *d = &lay->state->disk[r->broker * plan->disks + r->disk];
    double index =
        lay->topic ? index_bytes_per_s(&lay->topic->config, f->wire_bytes_per_s, f->batches_per_s)
                   : 0;
    d->space_bytes += plan->space[lay->index][partition];
    d->write_bytes += f->wire_bytes_per_s + index;
    d->syncs += syncs_per_s(lay->topic, f);
    l->holds++;
    l->segments += plan->segments[lay->index];
}

static void lay_leader(const struct lay *lay, const struct model_replica *r,
                       const struct model_flow *f, int live)
{
    struct size_load *l = &lay->state->load[r->broker];
    l->leads++;
    l->in_requests += f->requests_per_s;
    l->in_batches += f->batches_per_s;
    l->in_records += f->records_per_s;
    l->in_bytes += f->wire_bytes_per_s;
    l->in_raw_bytes += f->raw_bytes_per_s;
    l->codec_ns += f->raw_bytes_per_s * lay->codec_ns_per_byte;
    l->replica_out_bytes += f->wire_bytes_per_s * (live - 1);
    l->replica_out_batches += f->batches_per_s * (live - 1);
    l->group_out_bytes += f->wire_bytes_per_s * lay->readers;
    l->lead_syncs += syncs_per_s(lay->topic, f);
    l->cold_bytes += f->wire_bytes_per_s * lay->cold;
    lay->state->disk[r->broker * lay->plan->disks + r->disk].cold_bytes +=
        f->wire_bytes_per_s * lay->cold;
}

static void lay_partition(const struct lay *lay, int partition)
{
    const struct model_placement *m = lay->plan->placement;
    const struct model_replica *r = model_placement_replicas(m, lay->index, partition);
    const struct model_flow *f = model_flows_partition(lay->plan->flows, lay->index, partition);
    int n = model_placement_replication(m, lay->index), live = 0, leader = -1;
    for (int i = 0; i < n; i++)
        if (lay->state->load[r[i].broker].up) {
            live++;
            leader = leader < 0 ? i : leader;
            lay_replica(lay, &r[i], f, partition);
        }
    if (live < lay->state->live[lay->index])
        lay->state->live[lay->index] = live;
    if (leader < 0)
        return;
    lay_leader(lay, &r[leader], f, live);
    for (int i = leader + 1; i < n; i++) {
        struct size_load *l = &lay->state->load[r[i].broker];
        if (!l->up)
            continue;
        l->follow_bytes += f->wire_bytes_per_s;
        l->follow_batches += f->batches_per_s;
        l->follow_records += f->records_per_s;
        l->follow_syncs += syncs_per_s(lay->topic, f);
    }
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

static void count_readers(struct lay *lay)
{
    const struct scenario *s = lay->plan->s;
    for (int g = 0; g < s->group_count; g++)
        for (int i = 0; i < s->groups[g].topic_count; i++)
            if (s->groups[g].topics[i] == lay->index) {
                lay->readers += 1;
                lay->cold += lay->plan->cold[g];
            }
}

/*
 * A fetcher asks again as soon as it has its answer, and is answered at once when something came meanwhile; else when the next batch
 * comes: a cycle is the loop, plus the wait until the next of batches_per_s (Poisson) if none came during the loop.
 */
static double fetch_rate(double batches_per_s, double loop_s, double wait_max_s)
{
    if (batches_per_s <= 0)
        return 1 / (loop_s + wait_max_s);
    double wait = exp(-batches_per_s * loop_s) / batches_per_s;
    return 1 / (loop_s + (wait < wait_max_s ? wait : wait_max_s));
}

static double loop_s(const struct size_plan *plan, const struct model_cost *client)
{
    const struct model_profile *p = plan->profile;
    double rtt = (double)plan->s->cluster.network.same_rack_rtt_ns;
    double ns =
        p->fetch_receive.request_ns + p->fetch.request_ns + p->send.request_ns + client->request_ns;
    return (rtt + ns / size_speed(&plan->s->cluster.machine, p)) / 1e9;
}

/* Every follower has num.replica.fetchers threads for each leader that it follows. */
static void count_replica_fetches(const struct size_plan *plan, struct size_state *state)
{
    const struct scenario_broker_config *c = &plan->s->cluster.config;
    double loop = loop_s(plan, &plan->profile->replica_append);
    double wait_max = (double)c->replica_fetch_wait_max_ms / 1e3;
    int up = 0;
    for (int b = 0; b < plan->brokers; b++)
        up += state->load[b].up;
    double pairs = (double)(up - 1) * c->num_replica_fetchers;
    for (int b = 0; b < plan->brokers && pairs > 0; b++) {
        struct size_load *l = &state->load[b];
        if (l->replica_out_batches > 0)
            l->replica_fetches_in =
                pairs * fetch_rate(l->replica_out_batches / pairs, loop, wait_max);
        if (l->follow_batches > 0)
            l->replica_fetches_out = pairs * fetch_rate(l->follow_batches / pairs, loop, wait_max);
    }
}

/* One group's fetches from each broker: a connection for each consumer that has a partition there. */
static void count_group_fetches(const struct size_plan *plan, struct size_state *state,
                                const struct scenario_group *g, const double *batches,
                                const double *bytes, const int *leads)
{
    double loop = loop_s(plan, &plan->profile->java_receive);
    double wait_max = (double)g->config.fetch_max_wait_ms / 1e3;
    double least = (double)g->config.fetch_min_bytes;
    for (int b = 0; b < plan->brokers; b++) {
        double connections = leads[b] < g->clients ? leads[b] : g->clients;
        if (connections <= 0)
            continue;
        double rate = fetch_rate(batches[b] / connections, loop, wait_max);
        double each = bytes[b] / connections, to_least = each > 0 ? least / each : wait_max;
        if (least > 1) /* the answer waits for fetch.min.bytes */
            rate = fmin(rate, 1 / fmin(to_least, wait_max));
        rate = fmax(rate, each / (double)g->config.fetch_max_bytes);
        state->load[b].fetches += connections * rate;
        state->load[b].fetch_batches += batches[b];
    }
}

static int leader_of(const struct size_plan *plan, const struct size_state *state, int topic,
                     int partition)
{
    const struct model_replica *r = model_placement_replicas(plan->placement, topic, partition);
    for (int i = 0; i < model_placement_replication(plan->placement, topic); i++)
        if (state->load[r[i].broker].up)
            return r[i].broker;
    return -1;
}

static void count_fetches(const struct size_plan *plan, struct size_state *state)
{
    const struct scenario *s = plan->s;
    double *batches = zalloc((size_t)plan->brokers, sizeof *batches);
    double *bytes = zalloc((size_t)plan->brokers, sizeof *bytes);
    int *leads = zalloc((size_t)plan->brokers, sizeof *leads);
    for (int g = 0; g < s->group_count; g++) {
        for (int b = 0; b < plan->brokers; b++)
            batches[b] = bytes[b] = leads[b] = 0;
        for (int i = 0; i < s->groups[g].topic_count; i++) {
            int t = s->groups[g].topics[i];
            for (int p = 0; p < s->topics[t].partitions; p++) {
                int b = leader_of(plan, state, t, p);
                if (b < 0)
                    continue;
                batches[b] += model_flows_partition(plan->flows, t, p)->batches_per_s;
                bytes[b] += model_flows_partition(plan->flows, t, p)->wire_bytes_per_s;
                leads[b]++;
            }
        }
        count_group_fetches(plan, state, &s->groups[g], batches, bytes, leads);
    }
    free(batches);
    free(bytes);
    free(leads);
}

void size_state_init(const struct size_plan *plan, int lost_broker, int lost_rack,
                     struct size_state *state)
{
    state->load = zalloc((size_t)plan->brokers, sizeof *state->load);
    state->disk = zalloc((size_t)plan->brokers * (size_t)plan->disks, sizeof *state->disk);
    int topics = model_placement_topic_count(plan->placement);
    state->live = zalloc((size_t)topics, sizeof *state->live);
    for (int t = 0; t < topics; t++)
        state->live[t] = model_placement_replication(plan->placement, t);
    for (int b = 0; b < plan->brokers; b++)
        state->load[b].up =
            b != lost_broker && model_placement_rack_of(plan->placement, b) != lost_rack;
    for (int t = 0; t < topics; t++) {
        bool ours = t < plan->s->topic_count;
        struct lay lay = {.plan = plan,
                          .state = state,
                          .topic = ours ? &plan->s->topics[t] : NULL,
                          .index = t,
                          .codec_ns_per_byte = ours ? recompression(plan, t) : 0};
        if (ours)
            count_readers(&lay);
        for (int p = 0; p < model_placement_partition_count(plan->placement, t); p++)
            lay_partition(&lay, p);
    }
    count_replica_fetches(plan, state);
    count_fetches(plan, state);
}

void size_state_release(struct size_state *state)
{
    free(state->load);
    free(state->disk);
    free(state->live);
}
