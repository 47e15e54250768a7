/*
 * Loads by broker. Every partition is laid on its leader and its followers; where the leader is lost, the next replica in the list that is
 * alive leads, as the controller elects it. Nothing is moved to replace lost replicas.
 */
#include "model/answer/size_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/cluster/disk_rate.h"
#include "model/cluster/log_sync.h"
#include "model/cluster/reading.h"
#include "model/cluster/round_trip.h"
#include "sim/memory.h"

/* One partition's part in a state; sign -1 takes it out again. */
struct lay {
    const struct size_plan *plan;
    struct size_state *state;
    const struct model_flow *flow;
    int topic, partition;
    int sign;
    double syncs, timed_syncs;
    double dirty;      /* share of them that find a new index entry */
    double sync_bytes; /* of the log that each finds */
};

/* By flush.messages, which appends wait for, and by flush.ms, in the background: of what came since the last. */
static void count_syncs(struct lay *lay, const struct scenario_topic_config *config)
{
    const struct scenario *s = lay->plan->s;
    const struct model_flow *f = lay->flow;
    lay->syncs = log_sync_counted_per_s(config, f->records_per_s, f->batches_per_s);
    lay->timed_syncs = fmin(1 / log_sync_period_s(s, config), f->batches_per_s);
    if (lay->syncs > 0) {
        lay->dirty = log_sync_dirty(config, f->wire_bytes_per_s / lay->syncs);
        lay->sync_bytes = log_sync_bytes(s, f->wire_bytes_per_s, lay->syncs);
    }
}

static void lay_replica(const struct lay *lay, const struct model_replica *r)
{
    const struct size_plan *plan = lay->plan;
    struct size_load *l = &lay->state->load[r->broker];
    struct size_disk_load *d = &lay->state->disk[r->broker * plan->disks + r->disk];
    double index =
        lay->topic < plan->s->topic_count
            ? size_index_bytes_per_s(&plan->s->topics[lay->topic].config,
                                     lay->flow->wire_bytes_per_s, lay->flow->batches_per_s)
            : 0;
    d->space_bytes += lay->sign * plan->space[lay->topic][lay->partition];
    d->write_bytes += lay->sign * (lay->flow->wire_bytes_per_s + index);
    d->syncs += lay->sign * (lay->syncs + lay->timed_syncs);
    l->timed_syncs += lay->sign * lay->timed_syncs;
    d->ways += lay->sign *
               disk_rate_extra_ways(plan->s, lay->flow->wire_bytes_per_s, lay->flow->batches_per_s);
    l->holds += lay->sign;
    l->segments += lay->sign * plan->segments[lay->topic];
}

/* What a group reads from one replica: the share of the partition that it takes there. */
static void lay_reading(const struct lay *lay, int group, const struct model_replica *r,
                        double share, double far)
{
    struct size_reading *reading = &lay->state->reading[group * lay->plan->brokers + r->broker];
    struct size_load *l = &lay->state->load[r->broker];
    double bytes = lay->sign * share * lay->flow->wire_bytes_per_s;
    reading->batches += lay->sign * share * lay->flow->batches_per_s;
    reading->records += lay->sign * share * lay->flow->records_per_s;
    reading->requests += lay->sign * share * lay->flow->requests_per_s;
    reading->bytes += bytes;
    reading->partitions += lay->sign * share;
    reading->far += lay->sign * far;
    l->group_out_bytes += bytes;
    l->cold_bytes += bytes * lay->plan->cold[group];
    lay->state->disk[r->broker * lay->plan->disks + r->disk].cold_bytes +=
        bytes * lay->plan->cold[group];
}

static void lay_readers(const struct lay *lay, const struct model_replica *live, int count)
{
    const struct scenario *s = lay->plan->s;
    double shares[SCENARIO_REPLICAS_MAX], far[SCENARIO_REPLICAS_MAX];
    for (int g = 0; g < s->group_count; g++) {
        if (!scenario_reads(&s->groups[g], lay->topic))
            continue;
        model_reading_shares(s, &s->groups[g], lay->plan->placement, live, count, shares);
        model_reading_far(s, &s->groups[g], lay->plan->placement, live, count, far);
        for (int r = 0; r < count; r++)
            if (shares[r] > 0)
                lay_reading(lay, g, &live[r], shares[r], far[r]);
    }
}

static void lay_leader(const struct lay *lay, const struct model_replica *r, int live)
{
    struct size_load *l = &lay->state->load[r->broker];
    const struct size_topic *t = &lay->plan->topics[lay->topic];
    const struct model_flow *f = lay->flow;
    double bytes = lay->sign * f->wire_bytes_per_s, batches = lay->sign * f->batches_per_s;
    l->leads += lay->sign;
    l->in_requests += lay->sign * f->requests_per_s;
    l->answers += lay->sign * f->answers_per_s;
    l->in_batches += batches;
    l->in_records += lay->sign * f->records_per_s;
    l->in_bytes += bytes;
    l->codec_ns += lay->sign * f->raw_bytes_per_s * t->codec_ns_per_byte;
    l->replica_out_bytes += bytes * (live - 1);
    l->replica_out_batches += batches * (live - 1);
    l->replica_out_partitions += lay->sign * (live - 1);
    l->lead_syncs += lay->sign * lay->syncs;
    l->lead_syncs_squared += lay->sign * lay->syncs * lay->syncs;
    l->lead_syncs_batches += lay->sign * lay->syncs * f->batches_per_s;
    l->lead_syncs_dirty += lay->sign * lay->syncs * lay->dirty;
    l->lead_syncs_bytes += lay->sign * lay->syncs * lay->sync_bytes;
}

static void lay_follower(const struct lay *lay, const struct model_replica *r)
{
    struct size_load *l = &lay->state->load[r->broker];
    l->follow_bytes += lay->sign * lay->flow->wire_bytes_per_s;
    l->follow_batches += lay->sign * lay->flow->batches_per_s;
    l->follow_requests += lay->sign * lay->flow->requests_per_s;
    l->follow_records += lay->sign * lay->flow->records_per_s;
    l->follow_syncs += lay->sign * lay->syncs;
}

static void lay_partition(const struct size_plan *plan, struct size_state *state, int topic,
                          int partition, int sign)
{
    const struct model_replica *r = model_placement_replicas(plan->placement, topic, partition);
    struct model_replica live[SCENARIO_REPLICAS_MAX]; /* the first leads */
    int n = model_placement_replication(plan->placement, topic), count = 0;
    struct lay lay = {.plan = plan,
                      .state = state,
                      .flow = model_flows_partition(plan->flows, topic, partition),
                      .topic = topic,
                      .partition = partition,
                      .sign = sign};
    if (topic < plan->s->topic_count) /* the offsets topic is not flushed */
        count_syncs(&lay, &plan->s->topics[topic].config);
    for (int i = 0; i < n; i++)
        if (state->load[r[i].broker].up)
            live[count++] = r[i];
    if (sign > 0 && count < state->live[topic])
        state->live[topic] = count;
    for (int i = 0; i < count; i++)
        lay_replica(&lay, &live[i]);
    for (int i = 1; i < count; i++)
        lay_follower(&lay, &live[i]);
    if (count == 0)
        return;
    lay_leader(&lay, &live[0], count);
    lay_readers(&lay, live, count);
}

/* ---- fetches ---- */

/*
 * Of the batches that come to `covered` of a broker's partitions, the share that does not come with another of them: a request of many
 * partitions brings its batches at once, and the fetch that waits takes them all. Which partitions it has is drawn without returning them:
 * the chance to meet none is below both powers, and is one of them where it has one, or the fetch covers one or all.
 */
static double apart(double requests, double batches, double partitions, double covered)
{
    double each = fmin(partitions, batches / requests), part = fmin(1, covered / partitions);
    if (requests <= 0 || !(each * part > 0))
        return 1;
    double missed = fmin(pow(1 - each / partitions, covered), pow(1 - part, each));
    return fmin(1, (1 - missed) / (each * part));
}

/* Of those that a fetch covers, partitions with records in an answer of so many batches: a request's are of different ones, those of several may meet. */
static double found(double requests, double batches, double partitions, double covered,
                    double answer)
{
    double each = requests > 0 ? fmin(partitions, batches / requests) : 1;
    if (!(answer > 0 && partitions > 0))
        return 0;
    each = fmax(1, each * fmin(1, covered / partitions));
    return round_trip_found(fmax(1, covered), each, answer);
}

/* Share of the fetches that wait: nothing came during the loop before. */
static double waits(double arrivals_per_s, double loop_s)
{
    return exp(-arrivals_per_s * loop_s);
}

/*
 * A fetcher asks again as soon as it has its answer, and is answered at once when something came meanwhile; else when the next comes: a
 * cycle is the loop, plus the wait until the next of arrivals_per_s (Poisson) if none came during the loop.
 */
static double fetch_rate(double arrivals_per_s, double loop_s, double wait_max_s)
{
    if (arrivals_per_s <= 0)
        return 1 / (loop_s + wait_max_s);
    double wait = waits(arrivals_per_s, loop_s) / arrivals_per_s;
    return 1 / (loop_s + (wait < wait_max_s ? wait : wait_max_s));
}

/* Of a fetch that covers so many partitions, by a way within a rack or between two. */
static double loop_s(const struct size_plan *plan, const struct model_cost *client,
                     double partitions, bool between_racks)
{
    const struct model_profile *p = &plan->broker;
    double rtt_s = round_trip_rtt_s(&plan->s->cluster.network, between_racks);
    double ns = p->fetch_receive.request_ns + p->fetch.request_ns +
                p->fetch.partition_ns * partitions + p->send.request_ns + client->request_ns;
    return rtt_s + ns / size_speed(plan, &plan->s->cluster.machine) / 1e9;
}

/* Fetches a second of a link, and what they cover. */
struct followed {
    double fetches, covered, looked;
};

static struct followed followed(const struct size_plan *plan, const struct round_trip *trip,
                                const struct round_trip_link *link, double came)
{
    double wait_max = (double)plan->s->cluster.config.replica_fetch_wait_max_ms / 1e3;
    double loop = round_trip_loop_s(trip, link, NULL), rate = fetch_rate(came, loop, wait_max);
    double covered = rate * link->partitions;
    return (struct followed){rate, covered, covered * (1 + waits(came, loop))};
}

/* Every follower has num.replica.fetchers threads for each leader that it follows; replicas are kept in different racks where there are some. */
static void count_replica_fetches(const struct size_plan *plan, struct size_state *state)
{
    struct round_trip trip;
    int up = 0, led = 0;
    for (int b = 0; b < plan->brokers; b++) {
        up += state->load[b].up;
        led += state->load[b].leads;
    }
    double pairs = (double)(up - 1) * plan->s->cluster.config.num_replica_fetchers;
    round_trip_init(&trip, plan->s, up, plan->profile);
    for (int b = 0; b < plan->brokers && pairs > 0; b++) {
        struct size_load *l = &state->load[b];
        double records = l->in_batches > 0 ? l->in_records / l->in_batches : 0;
        struct round_trip_link out = {
            l->replica_out_partitions / pairs, l->replica_out_batches / pairs,
            l->replica_out_batches / pairs * records, l->replica_out_bytes / pairs};
        struct round_trip_link in = {(l->holds - l->leads) / pairs, l->follow_batches / pairs,
                                     l->follow_records / pairs, l->follow_bytes / pairs};
        double sent = out.batches * apart(l->in_requests, l->in_batches, l->leads, out.partitions);
        double came = in.batches *
                      apart(l->follow_requests, l->follow_batches, (double)led / up, in.partitions);
        struct followed to = followed(plan, &trip, &out, sent);
        struct followed from = followed(plan, &trip, &in, came);
        if (out.batches > 0) {
            l->replica_fetches_in = pairs * to.fetches;
            l->replica_partitions = pairs * to.covered;
            l->looked_partitions += pairs * to.looked;
            l->replica_found = pairs * to.fetches *
                               found(l->in_requests, l->in_batches, l->leads, out.partitions,
                                     out.batches / to.fetches);
        }
        if (in.batches > 0) {
            l->replica_fetches_out = pairs * from.fetches;
            l->asked_partitions = pairs * from.covered;
            l->follow_found = pairs * from.fetches *
                              found(l->follow_requests, l->follow_batches, (double)led / up,
                                    in.partitions, in.batches / from.fetches);
        }
    }
}

/*
 * Consumers are shown what all followers in sync have: records of replicated topics come with the followers' fetches, those of all partitions
 * at once, and no more often than these.
 */
static double shown(const struct size_plan *plan, const struct scenario_group *g,
                    const struct size_load *load, double came)
{
    for (int i = 0; i < g->topic_count; i++)
        if (plan->s->topics[g->topics[i]].replication < 2)
            return came;
    return load->replica_fetches_in > 0 ? fmin(came, load->replica_fetches_in) : came;
}

/*
 * So many of a group's connections to a broker, each with its share of what is read there. While the consumer handles what came it does not
 * ask: that is part of its loop, and of all time.
 */
static double add_group_fetches(const struct size_plan *plan, const struct scenario_group *g,
                                const struct size_reading *r, double connections,
                                bool between_racks, struct size_load *load)
{
    struct model_cost receive = size_receive_cost(plan, g);
    double all = fmin(r->partitions, g->clients),
           wait_max = (double)g->config.fetch_max_wait_ms / 1e3;
    double covered = r->partitions / all, bytes = r->bytes / all;
    double came = r->batches / all * apart(r->requests, r->batches, r->partitions, covered);
    came = shown(plan, g, load, came);
    double loop = loop_s(plan, &receive, covered, between_racks);
    double busy = fmin(0.99, size_handling_s(plan, g, r->batches / all, r->records / all, bytes));
    double handled = loop + busy / fetch_rate(came, loop, wait_max);
    double least = (double)g->config.fetch_min_bytes;
    double rate = fetch_rate(came, handled, wait_max);
    double came_here = connections * r->batches / all;
    double to_least = bytes > 0 ? least / bytes : wait_max;
    if (least > 1) /* the answer waits for fetch.min.bytes */
        rate = fmin(rate, 1 / fmin(to_least, wait_max));
    rate = connections * fmax(rate, bytes / (double)g->config.fetch_max_bytes);
    double brought =
        rate * found(r->requests, r->batches, r->partitions, covered, came_here / rate);
    load->found_partitions += brought;
    load->named_partitions += g->client == SCENARIO_CLIENT_JAVA ? brought : rate * covered;
    load->fetches += rate;
    load->looked_partitions += rate * covered * (1 + waits(came, loop));
    return rate;
}

/* One group's fetches from each broker: a connection for each consumer that has a partition there. */
static void count_group_fetches(const struct size_plan *plan, struct size_state *state, int index)
{
    const struct scenario_group *g = &plan->s->groups[index];
    for (int b = 0; b < plan->brokers; b++) {
        struct size_reading *r = &state->reading[index * plan->brokers + b];
        double connections = fmin(r->partitions, g->clients);
        r->fetches = 0;
        if (connections < 1e-9) /* what taking shares out again leaves */
            continue;
        double far = fmin(1, fmax(0, r->far / r->partitions));
        r->fetches =
            add_group_fetches(plan, g, r, connections * (1 - far), false, &state->load[b]) +
            add_group_fetches(plan, g, r, connections * far, true, &state->load[b]);
        state->load[b].fetch_batches += r->batches;
    }
}

static void count_fetches(const struct size_plan *plan, struct size_state *state)
{
    for (int b = 0; b < plan->brokers; b++) {
        struct size_load *l = &state->load[b];
        l->fetches = l->fetch_batches = l->looked_partitions = 0;
        l->replica_fetches_in = l->replica_fetches_out = 0;
        l->replica_partitions = l->asked_partitions = 0;
        l->replica_found = l->follow_found = 0;
        l->found_partitions = l->named_partitions = 0;
    }
    count_replica_fetches(plan, state);
    for (int g = 0; g < plan->s->group_count; g++)
        count_group_fetches(plan, state, g);
}

/* ---- states ---- */

static void make(const struct size_plan *plan, struct size_state *state)
{
    size_t brokers = (size_t)plan->brokers, topics, groups = (size_t)plan->s->group_count;
    topics = (size_t)model_placement_topic_count(plan->placement);
    state->load = sim_alloc(brokers, sizeof *state->load);
    state->disk = sim_alloc(brokers * (size_t)plan->disks, sizeof *state->disk);
    state->reading = sim_alloc(brokers * groups, sizeof *state->reading);
    state->live = sim_alloc(topics, sizeof *state->live);
}

void size_state_init(const struct size_plan *plan, struct size_state *state)
{
    make(plan, state);
    for (int b = 0; b < plan->brokers; b++)
        state->load[b].up = true;
    for (int t = 0; t < model_placement_topic_count(plan->placement); t++) {
        state->live[t] = model_placement_replication(plan->placement, t);
        for (int p = 0; p < model_placement_partition_count(plan->placement, t); p++)
            lay_partition(plan, state, t, p, 1);
    }
    count_fetches(plan, state);
}

static bool is_lost(const struct size_plan *plan, int broker, struct size_loss loss)
{
    switch (loss.what) {
    case SCENARIO_SURVIVE_NONE:
        break;
    case SCENARIO_SURVIVE_BROKER:
        return broker == loss.index;
    case SCENARIO_SURVIVE_MACHINE:
        return broker / plan->s->cluster.brokers_per_machine == loss.index;
    case SCENARIO_SURVIVE_RACK:
        return model_placement_rack_of(plan->placement, broker) == loss.index;
    }
    return false;
}

/* Every partition with a lost replica, once: at its first one. */
static void lay_lost(const struct size_plan *plan, struct size_state *state, struct size_loss loss,
                     int sign)
{
    for (int b = 0; b < plan->brokers; b++) {
        if (!is_lost(plan, b, loss))
            continue;
        for (int i = plan->on_first[b]; i < plan->on_first[b + 1]; i++) {
            const struct size_where *w = &plan->on[i];
            const struct model_replica *r =
                model_placement_replicas(plan->placement, w->topic, w->partition);
            while (!is_lost(plan, r->broker, loss))
                r++;
            if (r->broker == b)
                lay_partition(plan, state, w->topic, w->partition, sign);
        }
    }
}

void size_state_without(const struct size_plan *plan, const struct size_state *whole,
                        struct size_loss loss, struct size_state *state)
{
    size_t brokers = (size_t)plan->brokers, groups = (size_t)plan->s->group_count;
    size_t topics = (size_t)model_placement_topic_count(plan->placement);
    make(plan, state);
    memcpy(state->load, whole->load, brokers * sizeof *state->load);
    memcpy(state->disk, whole->disk, brokers * (size_t)plan->disks * sizeof *state->disk);
    memcpy(state->reading, whole->reading, brokers * groups * sizeof *state->reading);
    memcpy(state->live, whole->live, topics * sizeof *state->live);
    lay_lost(plan, state, loss, -1);
    for (int b = 0; b < plan->brokers; b++)
        state->load[b].up = !is_lost(plan, b, loss);
    lay_lost(plan, state, loss, 1);
    count_fetches(plan, state);
}

void size_state_release(struct size_state *state)
{
    free(state->load);
    free(state->disk);
    free(state->reading);
    free(state->live);
}
