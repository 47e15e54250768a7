/*
 * Values that are possible alone and contradict each other. A check is made only when none of the values that it
 * compares was wrong by itself, so that one slip gives one message.
 */
#include "model/scenario/scenario_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/scenario/profile.h"
#include "sim/dmath.h"
#include "sim/memory.h"

struct checked {
    struct scenario_build *b;
    struct scenario_thing *thing;
};

static bool good(const struct checked *c, const char *path)
{
    return !scenario_origin_of(c->thing, path)->is_bad;
}

static const char *in(const struct checked *c, const char *path)
{
    return scenario_path_text(c->b->arena, c->thing->path, path);
}

#define FAIL(c, path, ...)                                                                         \
    scenario_errors_add((c)->b->errors, scenario_place_of((c)->thing, path), __VA_ARGS__)

/* The place of the stated one of two settings, the first if both are. */
static const char *stated_of(const struct checked *c, const char *first, const char *second)
{
    return scenario_is_stated(c->thing, first) || !scenario_is_stated(c->thing, second) ? first
                                                                                        : second;
}

/* ---- cluster ---- */

static void check_racks(const struct checked *c)
{
    const struct scenario_cluster *cluster = &c->b->s->cluster;
    if (!good(c, "cluster/racks") || !good(c, "cluster/brokers"))
        return;
    int each = cluster->brokers_per_machine;
    int machines = (cluster->brokers + each - 1) / each;
    if (!cluster->brokers_auto && each > 1 && machines < cluster->rack_count)
        FAIL(c, stated_of(c, "cluster/brokers_per_machine", "cluster/racks"),
             "cluster.brokers is %d, which is %d machine%s; expected at least one in each of the "
             "%d racks",
             cluster->brokers, machines, machines == 1 ? "" : "s", cluster->rack_count);
    else if (!cluster->brokers_auto && cluster->brokers < cluster->rack_count)
        FAIL(c, stated_of(c, "cluster/brokers", "cluster/racks"),
             "cluster.brokers is %d; expected at least one in each of the %d racks",
             cluster->brokers, cluster->rack_count);
    if (cluster->survive == SCENARIO_SURVIVE_RACK && cluster->rack_count < 2)
        FAIL(c, "cluster/survive",
             "cluster.survive is one rack; expected at least 2 racks in cluster.racks");
    if (cluster->survive == SCENARIO_SURVIVE_BROKER && cluster->brokers == 1)
        FAIL(c, "cluster/survive", "cluster.survive is one broker; expected at least 2 brokers");
    if (cluster->survive == SCENARIO_SURVIVE_MACHINE && !cluster->brokers_auto && machines < 2)
        FAIL(c, "cluster/survive",
             "cluster.survive is one machine; expected more brokers than one machine holds (%d)",
             each);
}

static void check_memory(const struct checked *c)
{
    const struct scenario_cluster *cluster = &c->b->s->cluster;
    char heap[64], reserved[64], ram[64];
    if (cluster->machine.ram_bytes <= 0 || !good(c, "cluster/heap") ||
        !good(c, "cluster/reserved_memory"))
        return;
    if (cluster->heap_bytes + cluster->reserved_bytes >= cluster->machine.ram_bytes)
        FAIL(c, stated_of(c, "cluster/heap", "cluster/reserved_memory"),
             "cluster.heap of %s and reserved_memory of %s leave no page cache of %s",
             scenario_integer_write(cluster->heap_bytes, SCENARIO_UNIT_BYTES, heap),
             scenario_integer_write(cluster->reserved_bytes, SCENARIO_UNIT_BYTES, reserved),
             scenario_integer_write(cluster->machine.ram_bytes, SCENARIO_UNIT_BYTES, ram));
    if (good(c, "cluster/dirty_background") && good(c, "cluster/dirty_limit") &&
        cluster->dirty_background_ratio >= cluster->dirty_ratio)
        FAIL(c, stated_of(c, "cluster/dirty_background", "cluster/dirty_limit"),
             "cluster.dirty_background is %g %%; expected below dirty_limit (%g %%)",
             cluster->dirty_background_ratio * 100, cluster->dirty_ratio * 100);
}

static void check_network(const struct checked *c)
{
    const struct scenario_machine *m = &c->b->s->cluster.machine;
    if (scenario_is_stated(c->thing, "cluster/machine/network/burst") &&
        good(c, "cluster/machine/network/burst") &&
        m->nic_burst_bytes_per_s < m->nic_baseline_bytes_per_s)
        FAIL(c, "cluster/machine/network/burst", "cluster.machine.network.burst is below baseline");
    const struct scenario_network *n = &c->b->s->cluster.network;
    const char *low = "cluster/network/spike_min", *high = "cluster/network/spike_max";
    if (good(c, low) && good(c, high) && n->spike_ns_min > n->spike_ns_max)
        FAIL(c, stated_of(c, low, high), "cluster.network.spike_min is above spike_max");
}

/* What Kafka's own start refuses: followers that wait longer than that leave the replicas in sync again and again. */
static void check_replica_times(const struct checked *c)
{
    const struct scenario_cluster *cluster = &c->b->s->cluster;
    const char *wait = "cluster/config/replica.fetch.wait.max.ms",
               *lag = "cluster/config/replica.lag.time.max.ms";
    if (good(c, wait) && good(c, lag) &&
        cluster->config.replica_fetch_wait_max_ms > cluster->config.replica_lag_time_max_ms)
        FAIL(c, stated_of(c, wait, lag),
             "cluster.config.replica.fetch.wait.max.ms is %" PRId64
             "; expected at most replica.lag.time.max.ms (%" PRId64 ")",
             cluster->config.replica_fetch_wait_max_ms, cluster->config.replica_lag_time_max_ms);
}

/* It is there, and can be read. */
static void check_profile(const struct checked *c)
{
    const char *name = c->b->s->cluster.profile;
    struct broker_err err;
    struct model_profile *profile = sim_checked(malloc(sizeof *profile));
    if (c->b->datadir && scenario_is_stated(c->thing, "cluster/profile") &&
        good(c, "cluster/profile") &&
        scenario_profile_load(c->b->datadir, name, profile, &err) != 0)
        FAIL(c, "cluster/profile", "cluster.profile: %s", err.text);
    free(profile);
}

/* What AWS sells: gp3 since late 2025. */
static void check_volumes(const struct checked *c)
{
    const struct scenario_disks *d = &c->b->s->cluster.disks;
    double gib = (double)d->size_bytes / 1073741824;
    bool has_iops = scenario_is_stated(c->thing, "cluster/volumes/iops");
    double most = d->type == SCENARIO_DISK_GP3 ? fmax(3000, fmin(80000, 500 * gib))
                                               : fmin(256000, 1000 * gib);
    if (d->type != SCENARIO_DISK_GP3 && d->type != SCENARIO_DISK_IO2)
        return;
    if (has_iops && good(c, "cluster/volumes/iops") && d->iops > most)
        FAIL(c, "cluster/volumes/iops",
             "cluster.volumes.iops is %.0f; a %s of that size has at most %.0f", d->iops,
             scenario_disk_type_name(d->type), most);
    double per_iops = 0.25 * 1048576 * d->iops;
    if (d->type == SCENARIO_DISK_GP3 &&
        scenario_is_stated(c->thing, "cluster/volumes/throughput") &&
        good(c, "cluster/volumes/throughput") &&
        d->throughput_bytes_per_s > fmin(per_iops, 2000 * 1048576.0))
        FAIL(c, "cluster/volumes/throughput",
             "cluster.volumes.throughput is %.0f MB/s; a gp3 with %.0f IOPS has at most %.0f MB/s",
             d->throughput_bytes_per_s / 1e6, d->iops, fmin(per_iops, 2000 * 1048576.0) / 1e6);
}

static void check_disks(const struct checked *c)
{
    const struct scenario_disks *d = &c->b->s->cluster.disks;
    bool is_known = c->b->s->cluster.machine.vcpus > 0;
    if (d->count == 0 && is_known && !scenario_node_at(c->thing->node, "cluster/volumes") &&
        !scenario_node_at(c->thing->node, "cluster/machine/disks"))
        FAIL(c, "cluster/machine",
             "cluster.machine has no disks of its own; add such as volumes: {type: gp3, size: 1 "
             "TB}");
    if (scenario_node_at(c->thing->node, "cluster/volumes") && d->size_bytes > 0)
        check_volumes(c);
}

static void check_run(const struct checked *c)
{
    const struct scenario *s = c->b->s;
    if (good(c, "run/replications") && good(c, "run/replications_max") && s->run.precision > 0 &&
        s->run.replications > s->run.replications_max)
        FAIL(c, stated_of(c, "run/replications_max", "run/replications"),
             "run.replications_max is %d; expected at least replications (%d)",
             s->run.replications_max, s->run.replications);
    if (good(c, "horizon/length") && good(c, "horizon/step") &&
        s->horizon.step_ns > s->horizon.length_ns)
        FAIL(c, stated_of(c, "horizon/step", "horizon/length"),
             "horizon.step is longer than horizon.length");
    if (good(c, "cluster/config/offsets.topic.replication.factor") && s->cluster.brokers > 0 &&
        s->cluster.config.offsets_topic_replication_factor > s->cluster.brokers)
        FAIL(c, "cluster/config/offsets.topic.replication.factor",
             "cluster.config.offsets.topic.replication.factor is %d; expected at most the %d "
             "brokers",
             s->cluster.config.offsets_topic_replication_factor, s->cluster.brokers);
}

/* ---- topics ---- */

static void check_replication(const struct checked *c, const struct scenario_topic *t)
{
    const struct scenario_cluster *cluster = &c->b->s->cluster;
    const char *min_isr = "config/min.insync.replicas";
    if (!good(c, "replication"))
        return;
    if (cluster->brokers > 0 && t->replication > cluster->brokers) {
        FAIL(c, "replication", "%s is %d; expected at most the %d brokers", in(c, "replication"),
             t->replication, cluster->brokers);
        return;
    }
    if (!good(c, min_isr))
        return;
    if (t->config.min_insync_replicas > t->replication)
        FAIL(c, stated_of(c, min_isr, "replication"), "%s is %d; expected at most replication (%d)",
             in(c, min_isr), t->config.min_insync_replicas, t->replication);
    else if (cluster->survive != SCENARIO_SURVIVE_NONE && t->replication < 2 &&
             cluster->brokers != 1)
        FAIL(c, "replication", "%s is %d; to survive a loss (cluster.survive) it takes at least 2",
             in(c, "replication"), t->replication);
    else if (cluster->survive != SCENARIO_SURVIVE_NONE && t->replication > 1 &&
             t->config.min_insync_replicas == t->replication)
        FAIL(c, min_isr,
             "%s is %d of %d replicas; to survive a loss (cluster.survive) it must be less",
             in(c, min_isr), t->config.min_insync_replicas, t->replication);
}

static void check_topic(const struct checked *c)
{
    const struct scenario_topic *t = c->thing->base;
    const char *segment = "config/segment.bytes", *largest = "config/max.message.bytes";
    check_replication(c, t);
    if (good(c, segment) && good(c, largest) &&
        t->config.max_message_bytes > t->config.segment_bytes)
        FAIL(c, stated_of(c, largest, segment),
             "%s is %" PRId64 "; expected at most segment.bytes (%" PRId64 ")", in(c, largest),
             t->config.max_message_bytes, t->config.segment_bytes);
    if (good(c, "config/segment.jitter.ms") && t->config.segment_jitter_ms > t->config.segment_ms)
        FAIL(c, "config/segment.jitter.ms",
             "%s is %" PRId64 "; expected at most segment.ms (%" PRId64 ")",
             in(c, "config/segment.jitter.ms"), t->config.segment_jitter_ms, t->config.segment_ms);
}

/* ---- producers ---- */

static void check_sizes(const struct checked *c, const struct scenario_producer *p)
{
    const struct scenario_topic *t = c->b->s->topic_count > 0 ? &c->b->s->topics[p->topic] : NULL;
    bool is_java = p->client == SCENARIO_CLIENT_JAVA;
    const char *request = is_java ? "config/max.request.size" : "config/message.max.bytes";
    const char *size =
        scenario_is_stated(c->thing, "record/size") ? "record/size" : "record/size/lognormal/mean";
    if (!good(c, size) || !good(c, request) || !good(c, "config/batch.size"))
        return;
    const struct scenario_producer_config *k = &p->config;
    if (p->size.mean_bytes > (double)k->max_request_size)
        FAIL(c, size, "%s is %.0f B; expected at most %s (%" PRId64 ")", in(c, "record/size"),
             p->size.mean_bytes, strchr(request, '/') + 1, k->max_request_size);
    else if (t && t->config.max_message_bytes > 0 &&
             p->size.mean_bytes > (double)t->config.max_message_bytes)
        FAIL(c, size, "%s is %.0f B; expected at most max.message.bytes of topic %s (%" PRId64 ")",
             in(c, "record/size"), p->size.mean_bytes, t->name, t->config.max_message_bytes);
    if (k->batch_size > k->max_request_size)
        FAIL(c, stated_of(c, "config/batch.size", request),
             "%s is %" PRId64 "; expected at most %s (%" PRId64 ")", in(c, "config/batch.size"),
             k->batch_size, strchr(request, '/') + 1, k->max_request_size);
    if (is_java && good(c, "config/buffer.memory") && k->buffer_memory < k->batch_size)
        FAIL(c, stated_of(c, "config/buffer.memory", "config/batch.size"),
             "%s is %" PRId64 "; expected at least batch.size (%" PRId64 ")",
             in(c, "config/buffer.memory"), k->buffer_memory, k->batch_size);
    if (good(c, "record/key") && p->key_bytes > p->size.mean_bytes)
        FAIL(c, "record/key", "%s is %.0f B; expected at most the record's size (%.0f B)",
             in(c, "record/key"), p->key_bytes, p->size.mean_bytes);
}

/* What never gets through: a record that the client's memory cannot hold, a request that the broker's socket refuses. */
static void check_room(const struct checked *c, const struct scenario_producer *p)
{
    bool is_java = p->client == SCENARIO_CLIENT_JAVA;
    const char *memory = is_java ? "config/buffer.memory" : "config/queue.buffering.max.kbytes";
    const char *request = is_java ? "config/max.request.size" : "config/message.max.bytes";
    const char *socket = "cluster/config/socket.request.max.bytes";
    struct checked root = {c->b, &c->b->root};
    int64_t room = c->b->s->cluster.config.socket_request_max_bytes;
    if (good(c, memory) && good(c, "record/size") &&
        p->size.mean_bytes > (double)p->config.buffer_memory)
        FAIL(c, memory, "%s holds %" PRId64 " B; expected at least a record (%.0f B)",
             in(c, memory), p->config.buffer_memory, p->size.mean_bytes);
    if (good(&root, socket) && good(c, request) && p->config.max_request_size > room)
        FAIL(&root, socket,
             "cluster.config.socket.request.max.bytes is %" PRId64 "; expected at least %s of %s "
             "(%" PRId64 ")",
             room, strchr(request, '/') + 1, p->name, p->config.max_request_size);
}

static void check_ratio(const struct checked *c, const struct scenario_producer *p)
{
    if (scenario_is_stated(c->thing, "compression_ratio") &&
        !scenario_is_stated(c->thing, "config/compression.type") &&
        p->config.compression_type == SCENARIO_COMPRESSION_NONE)
        FAIL(c, "compression_ratio",
             "%s is stated, and nothing is compressed; state config.compression.type, or leave it "
             "out",
             in(c, "compression_ratio"));
}

static void check_timeouts(const struct checked *c, const struct scenario_producer *p)
{
    bool is_java = p->client == SCENARIO_CLIENT_JAVA;
    const char *delivery = is_java ? "config/delivery.timeout.ms" : "config/message.timeout.ms";
    const struct scenario_producer_config *k = &p->config;
    if (!good(c, delivery) || !good(c, "config/linger.ms") || !good(c, "config/request.timeout.ms"))
        return;
    if (is_java && k->delivery_timeout_ms < k->linger_ms + k->request_timeout_ms)
        FAIL(c, delivery,
             "%s is %" PRId64 "; expected at least linger.ms + request.timeout.ms (%" PRId64 ")",
             in(c, delivery), k->delivery_timeout_ms, k->linger_ms + k->request_timeout_ms);
    if (!is_java && k->delivery_timeout_ms > 0 && k->delivery_timeout_ms <= k->linger_ms)
        FAIL(c, stated_of(c, delivery, "config/linger.ms"),
             "%s is %" PRId64 "; expected more than linger.ms (%" PRId64 ")", in(c, delivery),
             k->delivery_timeout_ms, k->linger_ms);
}

static void check_idempotence(const struct checked *c, const struct scenario_producer *p)
{
    const char *flag = "config/enable.idempotence",
               *in_flight = "config/max.in.flight.requests.per.connection";
    if (!p->config.enable_idempotence || !good(c, flag))
        return;
    if (good(c, "config/acks") && p->config.acks != -1)
        FAIL(c, stated_of(c, "config/acks", flag), "%s is %d; enable.idempotence needs acks: all",
             in(c, "config/acks"), p->config.acks);
    if (good(c, in_flight) && p->config.max_in_flight > 5)
        FAIL(c, in_flight, "%s is %d; enable.idempotence allows at most 5", in(c, in_flight),
             p->config.max_in_flight);
    if (good(c, "config/retries") && p->config.retries == 0)
        FAIL(c, "config/retries", "%s is 0; enable.idempotence needs retries",
             in(c, "config/retries"));
}

static void check_rate(const struct checked *c, const struct scenario_producer *p)
{
    bool has_both =
        scenario_is_stated(c->thing, "rate/mean") && scenario_is_stated(c->thing, "rate/peak");
    double shape = 0;
    if (!has_both || !good(c, "rate/mean") || !good(c, "rate/peak") || !good(c, "shape/daily") ||
        !good(c, "shape/weekly"))
        return;
    for (int h = 0; h < 24; h++)
        for (int d = 0; d < 7; d++)
            shape += p->daily[h] * p->weekly[d] / 168;
    double ratio = p->rate_mean / p->rate_peak;
    bool is_drawn = c->b->override || scenario_origin_of(c->thing, "rate/mean")->is_uncertain ||
                    scenario_origin_of(c->thing, "rate/peak")->is_uncertain;
    if (ratio > 1 && !is_drawn)
        FAIL(c, "rate/mean", "%s is above peak", in(c, "rate/mean"));
    else if (shape < 1 - 1e-9 && !is_drawn &&
             fabs(ratio - shape) > 0.05) /* what rounding of a shape's figures explains */
        FAIL(c, "rate/mean",
             "%s is %.0f %% of peak, but the shape's mean is %.0f %%; give one of them, or agree "
             "them",
             in(c, "rate/mean"), ratio * 100, shape * 100);
}

/* Nobody plans beyond it, and the horizon would follow segments by the million. */
#define GROWN_MAX 1000.0

static void check_growth(const struct checked *c, const struct scenario_producer *p)
{
    double length_ns = (double)c->b->s->horizon.length_ns;
    if (!good(c, "growth") || p->growth_ratio <= 0 || p->growth_period_ns <= 0)
        return;
    double most_ns =
        sim_log(GROWN_MAX) / sim_log(1 + p->growth_ratio) * (double)p->growth_period_ns;
    if (length_ns > most_ns)
        FAIL(
            c, "growth",
            "%s comes to more than %.0f times the load within horizon.length; expected less, or at "
            "most %.0f d of horizon",
            in(c, "growth"), GROWN_MAX, floor(most_ns / 86400e9));
}

static void check_spread(const struct checked *c, const struct scenario_producer *p)
{
    const struct scenario_topic *t = c->b->s->topic_count > 0 ? &c->b->s->topics[p->topic] : NULL;
    bool is_stated =
        scenario_is_stated(c->thing, "hottest_partition") && good(c, "hottest_partition");
    if (t && is_stated && t->partitions > 0 &&
        p->hottest_partition_share < 1.0 / t->partitions - 1e-9)
        FAIL(c, "hottest_partition",
             "%s is %.4g %%; with %d partitions the busiest has at least %.4g %%",
             in(c, "hottest_partition"), p->hottest_partition_share * 100, t->partitions,
             100.0 / t->partitions);
    const struct scenario_arrivals *a = &p->arrivals;
    bool is_mmpp = a->kind == SCENARIO_ARRIVALS_MMPP && a->mmpp_busy_ns > 0 && a->mmpp_quiet_ns > 0;
    double busy =
        is_mmpp ? (double)a->mmpp_busy_ns / (double)(a->mmpp_busy_ns + a->mmpp_quiet_ns) : 0;
    if (is_mmpp && good(c, "arrivals/mmpp/high") && a->mmpp_high * busy > 1)
        FAIL(c, "arrivals/mmpp/high", "%s is %g; busy %.3g %% of the time, it is at most %.4g",
             in(c, "arrivals/mmpp/high"), a->mmpp_high, busy * 100, 1 / busy);
}

static void check_trace(const struct checked *c, const struct scenario_producer *p)
{
    if (p->rate_kind == SCENARIO_RATE_MAX)
        FAIL(c, "rate", "%s is max; a trace has its own rate", in(c, "rate"));
    if (good(c, "arrivals/trace/file") && p->arrivals.trace_path[0] &&
        access(p->arrivals.trace_path, R_OK) != 0)
        FAIL(c, "arrivals/trace/file", "%s is \"%s\", which cannot be read: %s",
             in(c, "arrivals/trace/file"), p->arrivals.trace_path, strerror(errno));
}

static void check_producer(const struct checked *c)
{
    const struct scenario_producer *p = c->thing->base;
    check_sizes(c, p);
    check_room(c, p);
    check_ratio(c, p);
    check_timeouts(c, p);
    check_idempotence(c, p);
    check_rate(c, p);
    check_growth(c, p);
    check_spread(c, p);
    if (p->arrivals.kind == SCENARIO_ARRIVALS_TRACE)
        check_trace(c, p);
}

/* A client machine of one's own may burst too. */
static void check_client_machine(const struct checked *c, const struct scenario_machine *m)
{
    if (scenario_is_stated(c->thing, "machine/network/burst") && good(c, "machine/network/burst") &&
        m->nic_burst_bytes_per_s < m->nic_baseline_bytes_per_s)
        FAIL(c, "machine/network/burst", "%s is below baseline", in(c, "machine/network/burst"));
}

/* An SLO says no more than the name (orders throughput), nor do the rows of client CPU: it must tell which is meant. */
static void check_group_name(const struct checked *c)
{
    const char *name = c->thing->name, *other = name;
    const struct scenario *s = c->b->s;
    if (scenario_producer_find(s, name) < 0)
        return;
    for (int i = 1; scenario_producer_find(s, other) >= 0 || scenario_group_find(s, other) >= 0;
         i++)
        other = i == 1 ? scenario_arena_printf(c->b->arena, "%s-group", name)
                       : scenario_arena_printf(c->b->arena, "%s-group-%d", name, i);
    scenario_errors_add(c->b->errors, c->thing->at,
                        "groups.%s is called as a producer is; expected another name, such as %s",
                        scenario_shown(c->b->arena, name), scenario_shown(c->b->arena, other));
}

/* ---- all ---- */

void scenario_check(struct scenario_build *b)
{
    struct checked root = {b, &b->root};
    check_racks(&root);
    check_memory(&root);
    check_network(&root);
    check_replica_times(&root);
    check_profile(&root);
    check_disks(&root);
    check_run(&root);
    if (b->s->producer_count == 0 && !scenario_node_find(b->tree, "producers"))
        scenario_errors_add(b->errors, b->root.at,
                            "producers is missing; a scenario needs at least one");
    else if (b->s->producer_count == 0 && b->errors->count == 0)
        scenario_errors_add(b->errors, b->root.at,
                            "producers is empty; a scenario needs at least one");
    for (int i = 0; i < b->s->topic_count; i++)
        check_topic(&(struct checked){b, &b->topics[i]});
    for (int i = 0; i < b->s->producer_count; i++) {
        struct checked c = {b, &b->producers[i]};
        check_producer(&c);
        check_client_machine(&c, &b->s->producers[i].machine);
    }
    for (int i = 0; i < b->s->group_count; i++) {
        struct checked c = {b, &b->groups[i]};
        check_group_name(&c);
        check_client_machine(&c, &b->s->groups[i].machine);
    }
}
