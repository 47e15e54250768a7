/* The sentence of each row: the formula with the numbers in it. */
#include "model/answer/size_internal.h"
#include "model/cluster/disk_rate.h"
#include "model/cluster/round_trip.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "model/answer/size_formula.h"

static double mb(double bytes)
{
    return bytes / 1e6;
}

/* ---- sentences ---- */

const char *size_lost_name(const struct size_answer *a)
{
    return scenario_lost_name(a->s->cluster.survive);
}

static const char *tail(const struct size_answer *a, enum size_dim dim)
{
    if (!a->survive || a->lost[dim].broker < 0)
        return "";
    double scale = dim == SIZE_DISK_SPACE ? 1e9 : 1e6;
    if (dim == SIZE_CPU || dim >= SIZE_NETWORK_THREADS)
        scale = 1;
    return result_format(a->r, "; %s: %.4g on broker %d", size_lost_name(a),
                         a->lost[dim].demand / scale, a->lost[dim].broker + 1);
}

/* Erlang's C far from saturation is a number nobody means: below 1e-6 it is never. */
static const char *waiting(const struct size_answer *a, double capacity, double demand)
{
    double p = size_wait_probability(capacity, demand);
    return p < 1e-6 ? "below 1e-6" : result_format(a->r, "%.2g", p);
}

static const char *explain_cpu(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_CPU];
    struct size_cpu cpu;
    size_cpu(a->plan, &a->state.load[u->broker], &cpu);
    const struct size_load *l = &a->state.load[u->broker];
    double speed = size_speed(a->plan, &a->s->cluster.machine);
    return result_format(
        a->r,
        "broker %d: %.4g requests/s of producers, %.4g of groups and %.4g of followers, %.4g "
        "batches/s, "
        "%.4g records/s, %.4g MB/s in, %.4g MB/s out: "
        "network "
        "threads %.3g + I/O threads %.3g + replica fetchers %.3g + waking %.3g + idle %.3g + "
        "collector %.3g = %.3g of %.3g vCPUs (core speed %.2f of the profile's; all busy with "
        "probability %s)%s",
        u->broker + 1, l->in_requests, l->fetches, l->replica_fetches_in, l->in_batches,
        l->in_records, mb(l->in_bytes + l->follow_bytes),
        mb(l->group_out_bytes + l->replica_out_bytes), cpu.network_ns / speed / 1e9,
        cpu.io_ns / speed / 1e9, cpu.fetcher_ns / speed / 1e9, size_wake_ns(&cpu) / speed / 1e9,
        cpu.idle_ns / speed / 1e9,
        cpu.collector_ratio * model_machine_collector_cores(&a->s->cluster), u->demand, u->capacity,
        speed, waiting(a, u->capacity, u->demand), tail(a, SIZE_CPU));
}

static const char *explain_in(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_NETWORK_IN];
    const struct size_load *l = &a->state.load[u->broker];
    return result_format(a->r,
                         "broker %d: %.4g MB/s produced to it + %.4g MB/s replicated to it, with "
                         "requests and frames %.4g MB/s of %.4g MB/s x %.0f %%%s",
                         u->broker + 1, mb(l->in_bytes), mb(l->follow_bytes), mb(u->demand),
                         mb(u->capacity), 100 * a->s->limits.network, tail(a, SIZE_NETWORK_IN));
}

static const char *explain_out(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_NETWORK_OUT];
    const struct size_load *l = &a->state.load[u->broker];
    return result_format(
        a->r,
        "broker %d: leads %.4g MB/s; %.4g MB/s to followers + %.4g MB/s to groups, "
        "with requests and frames %.4g MB/s of %.4g MB/s x %.0f %%%s",
        u->broker + 1, mb(l->in_bytes), mb(l->replica_out_bytes), mb(l->group_out_bytes),
        mb(u->demand), mb(u->capacity), 100 * a->s->limits.network, tail(a, SIZE_NETWORK_OUT));
}

static const char *explain_shared(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_SHARED_NETWORK];
    double in = 0, replicas = 0, groups = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        in += a->state.load[b].in_bytes;
        replicas += a->state.load[b].replica_out_bytes;
        groups += a->state.load[b].group_out_bytes;
    }
    const char *lost = a->survive ? result_format(a->r, "; %s: %.4g MB/s", size_lost_name(a),
                                                  mb(a->lost[SIZE_SHARED_NETWORK].demand))
                                  : "";
    return result_format(a->r,
                         "one link for all: %.4g MB/s produced + %.4g MB/s to followers + %.4g "
                         "MB/s to groups, with requests and frames %.4g MB/s of %.4g MB/s x "
                         "%.0f %%%s",
                         mb(in), mb(replicas), mb(groups), mb(u->demand), mb(u->capacity),
                         100 * a->s->limits.network, lost);
}

static const char *explain_bandwidth(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_DISK_BANDWIDTH];
    const struct size_disk_load *d = &a->state.disk[u->broker * a->plan->disks + u->disk];
    const char *bind;
    double read = disk_rate_read(a->s, &bind);
    const char *ways =
        d->ways > 0 ? result_format(a->r, " + %.4g seeks/s to logs that get little", d->ways) : "";
    return result_format(
        a->r,
        "broker %d disk %d: writes %.4g MB/s + reads of lagging groups %.4g MB/s "
        "(at %.4g MB/s when "
        "cold) + %.4g syncs/s%s, as writes %.4g MB/s of %.4g MB/s (%s) x %.0f %%%s",
        u->broker + 1, u->disk + 1, mb(d->write_bytes), mb(d->cold_bytes), mb(read), d->syncs, ways,
        mb(u->demand), mb(u->capacity), u->bind, 100 * a->s->limits.disk_bandwidth,
        tail(a, SIZE_DISK_BANDWIDTH));
}

/* What a topic's replicas on the fullest disk hold. */
static double topic_there(const struct size_answer *a, int topic)
{
    const struct size_use *u = &a->now[SIZE_DISK_SPACE];
    double sum = 0;
    for (int p = 0; p < a->s->topics[topic].partitions; p++) {
        const struct model_replica *on = model_placement_replicas(a->plan->placement, topic, p);
        for (int k = 0; k < a->s->topics[topic].replication; k++)
            if (on[k].broker == u->broker && on[k].disk == u->disk)
                sum += a->plan->space[topic][p];
    }
    return sum;
}

/* The topic that fills that disk most: another one may be larger in all, and be spread. */
static int fullest_topic(const struct size_answer *a)
{
    double best = -1;
    int at = 0;
    for (int t = 0; t < a->s->topic_count; t++) {
        double sum = topic_there(a, t);
        if (sum > best) {
            best = sum;
            at = t;
        }
    }
    return at;
}

/* What ends a record's life in the topic: its partitions' size, its age, or nothing before the horizon does. */
static const char *kept(const struct size_answer *a, int topic)
{
    const struct scenario_topic_config *c = &a->s->topics[topic].config;
    int by_size = a->plan->kept_by_size[topic], partitions = a->s->topics[topic].partitions;
    const char *age = result_format(a->r, "%s (retention.ms)",
                                    result_duration(a->r, (double)c->retention_ms / 1e3));
    const char *size =
        result_format(a->r, "%.4g GB (retention.bytes)", (double)c->retention_bytes / 1e9);
    if (by_size == 0)
        return c->retention_ms < 0 ? "no limit" : age;
    if (by_size == partitions)
        return result_format(a->r, "%s a partition", size);
    return result_format(a->r, "%s in %d of %d partitions, else %s", size, by_size, partitions,
                         age);
}

/* Of the busiest partition: segment.ms closes it before it is full where little comes. */
static const char *open_segment(const struct size_answer *a, int topic)
{
    const struct scenario_topic_config *c = &a->s->topics[topic].config;
    double most = 0, full_s = (double)c->segment_ms / 1e3;
    for (int p = 0; p < a->s->topics[topic].partitions; p++)
        most = fmax(most, model_flows_partition(a->plan->flows, topic, p)->wire_bytes_per_s);
    if (most * full_s >= (double)c->segment_bytes)
        return result_format(a->r, "%.4g MB", mb((double)c->segment_bytes));
    return result_format(a->r, "%s (segment.ms) of %.4g MB", result_duration(a->r, full_s),
                         mb(most * full_s));
}

static const char *explain_space(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_DISK_SPACE];
    int t = fullest_topic(a);
    const struct scenario_topic *topic = &a->s->topics[t];
    double sum = 0;
    for (int p = 0; p < topic->partitions; p++)
        sum += a->plan->space[t][p];
    return result_format(
        a->r,
        "broker %d disk %d after %.4g d: %.4g GB of %.4g GB x %.0f %%; mostly %s: retention %s + a "
        "segment of %s + %s until unlinked = %.4g GB x %d replica%s, over %d broker%s",
        u->broker + 1, u->disk + 1, (double)a->s->horizon.length_ns / 86400e9, u->demand / 1e9,
        u->capacity / 1e9, 100 * a->s->limits.disk_space, topic->name, kept(a, t),
        open_segment(a, t),
        result_duration(a->r, ((double)a->s->cluster.config.log_retention_check_interval_ms +
                               (double)topic->config.file_delete_delay_ms) /
                                  1e3),
        sum / 1e9, topic->replication, topic->replication == 1 ? "" : "s", a->plan->brokers,
        a->plan->brokers == 1 ? "" : "s");
}

/* "a window of 65,536 bytes (replica.socket.receive.buffer.bytes) a round trip of 1.2 ms", or the limit of a flow. */
static const char *replica_flow(const struct size_answer *a)
{
    const struct scenario_cluster *c = &a->s->cluster;
    double rtt_s = round_trip_rtt_s(&c->network, c->rack_count > 1);
    double window = (double)c->config.replica_socket_receive_buffer_bytes;
    double rate = round_trip_flow_bytes_per_s(&c->network, window, rtt_s);
    if (rate == c->network.single_flow_bytes_per_s)
        return result_format(a->r, "single_flow of %.4g MB/s", mb(rate));
    return result_format(
        a->r, "replica.socket.receive.buffer.bytes of %.4g kB each round trip of %.3g ms",
        window / 1e3, rtt_s * 1e3);
}

/* Where followers wait for their bytes, that is said apart: no faster machine helps. */
static const char *fetchers_do(const struct size_answer *a, int broker)
{
    double waits = size_replica_transfer_s(a->s, a->state.load[broker].follow_bytes);
    double all = a->now[SIZE_REPLICA_FETCHERS].demand;
    if (waits < 0.05 * all)
        return "receive and append as follower";
    return result_format(
        a->r, "receive and append as follower %.3g + waiting for %.4g MB/s %.3g (%s)", all - waits,
        mb(a->state.load[broker].follow_bytes), waits, replica_flow(a));
}

static const char *explain_threads(const struct size_answer *a, enum size_dim dim)
{
    const struct size_use *u = &a->now[dim];
    const char *what = dim == SIZE_NETWORK_THREADS ? "receive, send, waking and cold reads"
                       : dim == SIZE_IO_THREADS    ? "append, fetch, waking and syncs"
                                                   : fetchers_do(a, u->broker);
    if (u->demand > u->capacity)
        return result_format(a->r, "broker %d: %s would keep %.3g of %.0f threads busy%s",
                             u->broker + 1, what, u->demand, u->capacity, tail(a, dim));
    return result_format(a->r, "broker %d: %s keep %.3g of %.0f threads busy, idle %.2f%s",
                         u->broker + 1, what, u->demand, u->capacity, 1 - u->demand / u->capacity,
                         tail(a, dim));
}

const char *size_segments_text(const struct size_answer *a, double segments)
{
    return segments <= SIZE_SEGMENTS_MOST ? result_count(a->r, (uint64_t)segments)
                                          : "more than a billion";
}

static const char *explain_partitions(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_PARTITIONS];
    const struct size_load *l = &a->state.load[u->broker];
    const char *segments = size_load_unknown(a->s)
                               ? ""
                               : result_format(a->r, " in %s%s segments",
                                               l->segments <= SIZE_SEGMENTS_MOST ? "about " : "",
                                               size_segments_text(a, l->segments));
    return result_format(
        a->r,
        "broker %d holds %.0f replicas (leads %d)%s; at most %s replicas are recommended for "
        "%.3g vCPUs; it keeps up to %s connections",
        u->broker + 1, u->demand, l->leads, segments, result_count(a->r, (uint64_t)u->capacity),
        model_machine_cores(a->s),
        result_count(a->r, (uint64_t)size_sockets(a->plan, &a->state, u->broker)));
}

const char *size_explain(const struct size_answer *a, enum size_dim dim)
{
    switch (dim) {
    case SIZE_CPU:
        return explain_cpu(a);
    case SIZE_NETWORK_IN:
        return explain_in(a);
    case SIZE_NETWORK_OUT:
        return explain_out(a);
    case SIZE_SHARED_NETWORK:
        return explain_shared(a);
    case SIZE_DISK_BANDWIDTH:
        return explain_bandwidth(a);
    case SIZE_DISK_SPACE:
        return explain_space(a);
    case SIZE_PARTITIONS:
        return explain_partitions(a);
    case SIZE_NETWORK_THREADS:
    case SIZE_IO_THREADS:
    case SIZE_REPLICA_FETCHERS:
    case SIZE_DIMS:
        break;
    }
    return explain_threads(a, dim);
}

const char *size_place(const struct size_answer *a, enum size_dim dim, const struct size_use *u)
{
    const char *name = size_dim_name(dim);
    if (dim == SIZE_SHARED_NETWORK)
        return name;
    if (dim == SIZE_DISK_BANDWIDTH || dim == SIZE_DISK_SPACE)
        return result_format(a->r, "%s of broker %d disk %d%s%s%s", name, u->broker + 1,
                             u->disk + 1, *u->bind ? " (" : "", u->bind, *u->bind ? ")" : "");
    return result_format(a->r, "%s of broker %d", name, u->broker + 1);
}
