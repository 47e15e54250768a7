/* From what a broker does to what it asks of each resource, and which broker asks most. */
#include "model/answer/size_internal.h"
#include "model/cluster/disk_rate.h"
#include "model/cluster/round_trip.h"
#include "model/hardware/cpu.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *size_dim_name(enum size_dim dim)
{
    static const char *const names[SIZE_DIMS] = {
        "cpu",        "network in",      "network out", "shared network",   "disk bandwidth",
        "disk space", "network threads", "I/O threads", "replica fetchers", "partitions"};
    return names[dim];
}

double size_limit(const struct scenario *s, enum size_dim dim)
{
    switch (dim) {
    case SIZE_CPU:
        return s->limits.cpu;
    case SIZE_NETWORK_IN:
    case SIZE_NETWORK_OUT:
    case SIZE_SHARED_NETWORK:
        return s->limits.network;
    case SIZE_DISK_BANDWIDTH:
        return s->limits.disk_bandwidth;
    case SIZE_DISK_SPACE:
        return s->limits.disk_space;
    case SIZE_NETWORK_THREADS:
    case SIZE_IO_THREADS:
    case SIZE_REPLICA_FETCHERS:
        return 1 - s->limits.thread_idle;
    case SIZE_PARTITIONS:
    case SIZE_DIMS:
        break;
    }
    return 1;
}

double size_ratio(const struct size_use *use)
{
    return use->capacity > 0 ? use->demand / use->capacity : NAN;
}

double size_speed(const struct size_plan *plan, const struct scenario_machine *machine)
{
    return model_machine_speed_mean(machine, plan->profile, plan->s->limits.cpu);
}

double size_lone_speed(const struct size_plan *plan, const struct scenario_machine *machine)
{
    return model_machine_speed(machine, plan->profile, 0);
}

struct model_cost size_receive_cost(const struct size_plan *plan,
                                    const struct scenario_group *group)
{
    struct model_profile own;
    model_profile_on(plan->profile, size_lone_speed(plan, &group->machine), false, &own);
    bool java = group->client == SCENARIO_CLIENT_JAVA;
    struct model_cost cost = *model_client_receive(&own, java);
    if (plan->s->cluster.tls == SCENARIO_TLS_OFF)
        return cost;
    return model_cost_encrypted(cost, model_client_tls(&own, java));
}

/* ---- CPU ---- */

/* What threads that sleep between requests compute more at waking (profile.h, cold_work_ns). */
static double wake_ns(const struct model_profile *p, double wakes_per_s, double threads,
                      double busy_ns)
{
    if (wakes_per_s <= 0 || p->cold_work_ns <= 0)
        return 0;
    double idle_ns = threads * 1e9 - busy_ns;
    double slept = idle_ns > 0 ? idle_ns / wakes_per_s : 0;
    return wakes_per_s * p->cold_work_ns * slept / (slept + (double)p->cold_sleep_ns);
}

/* Turns of network threads: one for each frame and answer while they mostly wait, few when they are busy. */
static double poll_ns(const struct model_profile *p, double items_per_s, double threads,
                      double busy_ns)
{
    return p->poll_ns * items_per_s * fmax(0, 1 - busy_ns / (threads * 1e9));
}

static double tls_ns(const struct size_plan *plan, const struct size_load *l)
{
    double bytes = l->in_bytes + l->group_out_bytes;
    double messages = l->in_requests + l->answers + 2 * l->fetches;
    switch (plan->s->cluster.tls) {
    case SCENARIO_TLS_OFF:
        return 0;
    case SCENARIO_TLS_ALL:
        bytes += l->replica_out_bytes + l->follow_bytes;
        messages += 2 * l->replica_fetches_in + l->replica_fetches_out;
        break;
    case SCENARIO_TLS_CLIENTS:
        break;
    }
    return model_cost_ns(&plan->profile->tls, messages, 0, 0, 0, bytes);
}

static double collector_ratio(const struct size_plan *plan, const struct size_load *l)
{
    const struct model_profile *p = &plan->broker;
    struct model_gc_config gc = model_machine_collector(&plan->s->cluster, plan->profile);
    double requests = l->in_requests + l->fetches + l->replica_fetches_in + l->replica_fetches_out;
    double bytes = l->in_bytes + l->follow_bytes;
    if (!gc.on || gc.young_bytes <= 0)
        return 0;
    double per_s =
        (bytes * p->gc_alloc_per_byte + requests * p->gc_alloc_per_request) / gc.young_bytes;
    double pause_ns = gc.pause_median_ns * exp(gc.pause_sigma * gc.pause_sigma / 2);
    return fmin(1, per_s * pause_ns / 1e9);
}

double size_wake_ns(const struct size_cpu *cpu)
{
    return cpu->network_wake_ns + cpu->io_wake_ns + cpu->fetcher_wake_ns;
}

void size_cpu(const struct size_plan *plan, const struct size_load *l, struct size_cpu *cpu)
{
    const struct model_profile *p = &plan->broker;
    const struct scenario_broker_config *c = &plan->s->cluster.config;
    double fetches = l->fetches + l->replica_fetches_in;
    double parts = l->found_partitions + l->replica_found;
    double batches = l->fetch_batches + l->replica_out_batches;
    double out = l->group_out_bytes + l->replica_out_bytes;
    double speed = size_speed(plan, &plan->s->cluster.machine);
    memset(cpu, 0, sizeof *cpu);
    cpu->network_ns =
        model_cost_ns(&p->receive, l->in_requests, l->in_batches, l->in_batches, l->in_records,
                      l->in_bytes) +
        (l->in_requests > 0 ? l->in_requests * model_fault_ns(p, l->in_bytes / l->in_requests)
                            : 0) +
        model_cost_ns(&p->fetch_receive, fetches, parts, batches, 0, 0) +
        model_cost_ns(&p->send, fetches + l->answers, parts, batches, 0, out) + tls_ns(plan, l);
    cpu->io_ns =
        model_cost_ns(&p->append, l->in_requests, l->in_batches, l->in_batches, l->in_records,
                      l->in_bytes) +
        model_cost_ns(&p->fetch, fetches, l->looked_partitions, 0, 0, 0) +
        p->read_partition_ns * parts +
        model_cost_ns(&p->replica_read, l->replica_fetches_in, l->replica_partitions, 0, 0, 0) +
        SIZE_SYNC_FILES * p->sync_ns * l->lead_syncs + l->codec_ns;
    cpu->fetcher_ns =
        model_cost_ns(&p->replica_fetch, l->replica_fetches_out, l->asked_partitions, 0, 0, 0) +
        model_cost_ns(&p->replica_append, l->replica_fetches_out, l->follow_found,
                      l->follow_batches, l->follow_records, l->follow_bytes);
    cpu->idle_ns = p->idle_broker_ns_per_s + p->idle_partition_ns_per_s * l->holds +
                   SIZE_SYNC_FILES * p->sync_ns * l->timed_syncs; /* background threads */
    double requests = l->in_requests + fetches, answers = l->answers + fetches;
    cpu->network_wake_ns =
        wake_ns(p, requests + answers, c->num_network_threads, cpu->network_ns / speed) +
        poll_ns(p, requests + answers, c->num_network_threads, cpu->network_ns / speed);
    cpu->io_wake_ns = wake_ns(p, requests, c->num_io_threads, cpu->io_ns / speed);
    cpu->fetcher_wake_ns =
        wake_ns(p, l->replica_fetches_out, c->num_replica_fetchers, cpu->fetcher_ns / speed);
    cpu->collector_ratio = collector_ratio(plan, l);
    cpu->total_ns =
        (cpu->network_ns + cpu->io_ns + cpu->fetcher_ns + cpu->idle_ns + size_wake_ns(cpu)) /
            speed +
        cpu->collector_ratio * model_machine_collector_cores(&plan->s->cluster) * 1e9;
}

/* ---- the busiest broker ---- */

static void offer(struct size_use *use, double demand, double capacity, int broker, int disk,
                  const char *bind)
{
    if (use->broker >= 0 && demand * use->capacity <= use->demand * capacity)
        return;
    *use = (struct size_use){
        .demand = demand, .capacity = capacity, .broker = broker, .disk = disk, .bind = bind};
}

/* Amazon MSK's recommended replicas by broker size, 2 to 16 vCPUs and more (instance-catalog.csv). */
static double partitions_recommended(double vcpus)
{
    return vcpus < 8 ? 1000 : vcpus < 16 ? 2000 : 4000;
}

/*
 * What a follower waits for the bytes of its answers: a connection has a window in flight each round trip, and no more than a single flow's
 * limit. Replicas of one partition lie in different racks where there are some.
 */
double size_replica_transfer_s(const struct scenario *s, double bytes)
{
    const struct scenario_cluster *c = &s->cluster;
    double rtt_s = round_trip_rtt_s(&c->network, c->rack_count > 1);
    double window = (double)c->config.replica_socket_receive_buffer_bytes;
    return bytes / round_trip_flow_bytes_per_s(&c->network, window, rtt_s);
}

static void offer_threads(const struct size_plan *plan, const struct size_load *l,
                          const struct size_cpu *cpu, int broker, struct size_use *uses)
{
    const struct scenario *s = plan->s;
    const struct scenario_broker_config *c = &s->cluster.config;
    double speed = size_speed(plan, &s->cluster.machine);
    double chunk = (double)s->cluster.read_ahead_bytes;
    double sources = plan->brokers - 1;
    double network = (cpu->network_ns + cpu->network_wake_ns) / speed / 1e9 +
                     l->cold_bytes / chunk * disk_rate_cold_read_s(s);
    double io = (cpu->io_ns + cpu->io_wake_ns) / speed / 1e9 + size_sync_threads(plan, l);
    /* Syncs of followers are not counted: while one runs, the next fetch gathers more, and one sync does for all of it. */
    double fetcher = (cpu->fetcher_ns + cpu->fetcher_wake_ns) / speed / 1e9 +
                     size_replica_transfer_s(s, l->follow_bytes);
    offer(&uses[SIZE_NETWORK_THREADS], network, c->num_network_threads, broker, 0, "");
    offer(&uses[SIZE_IO_THREADS], io, c->num_io_threads, broker, 0, "");
    if (sources > 0)
        offer(&uses[SIZE_REPLICA_FETCHERS], fetcher, sources * c->num_replica_fetchers, broker, 0,
              "");
}

static void offer_disks(const struct size_plan *plan, const struct size_state *state, int broker,
                        struct size_use *uses)
{
    const struct scenario *s = plan->s;
    const char *write_bind, *read_bind;
    double write = disk_rate_write(s, &write_bind), read = disk_rate_read(s, &read_bind);
    double size = (double)s->cluster.disks.size_bytes * disk_rate_members(&s->cluster.disks);
    for (int i = 0; i < plan->disks; i++) {
        const struct size_disk_load *d = &state->disk[broker * plan->disks + i];
        double cold = read > 0 ? d->cold_bytes * write / read : 0;
        double demand = d->write_bytes + cold + d->syncs * disk_rate_sync_bytes(s, write) +
                        d->ways * disk_rate_way_bytes(s, write);
        offer(&uses[SIZE_DISK_BANDWIDTH], demand, write, broker, i, write_bind);
        offer(&uses[SIZE_DISK_SPACE], d->space_bytes, size, broker, i, "");
    }
}

/* Every byte once, whoever sends it to whom. */
static void offer_shared(const struct size_plan *plan, const struct size_state *state,
                         struct size_use *uses)
{
    double bytes = 0;
    for (int b = 0; b < plan->brokers; b++) {
        const struct size_load *l = &state->load[b];
        if (l->up)
            bytes += size_wire_shared(l);
    }
    offer(&uses[SIZE_SHARED_NETWORK], bytes, plan->s->cluster.network.shared_bytes_per_s, 0, 0, "");
}

static void offer_network(const struct size_plan *plan, const struct size_load *l, int broker,
                          struct size_use *uses)
{
    const struct scenario_machine *m = &plan->s->cluster.machine;
    double nic = m->nic_baseline_bytes_per_s;
    if (plan->s->cluster.network.shared_bytes_per_s > 0)
        return;
    struct size_wire wire = size_wire(l);
    offer(&uses[SIZE_NETWORK_IN], wire.in, nic, broker, 0, "");
    offer(&uses[SIZE_NETWORK_OUT], wire.out, nic, broker, 0, "");
}

void size_uses(const struct size_plan *plan, const struct size_state *state,
               struct size_use uses[SIZE_DIMS])
{
    double cores = model_machine_cores(plan->s);
    for (int d = 0; d < SIZE_DIMS; d++)
        uses[d] = (struct size_use){.broker = -1, .bind = ""};
    for (int b = 0; b < plan->brokers; b++) {
        const struct size_load *l = &state->load[b];
        struct size_cpu cpu;
        if (!l->up)
            continue;
        size_cpu(plan, l, &cpu);
        offer(&uses[SIZE_CPU], cpu.total_ns / 1e9, cores, b, 0, "");
        offer(&uses[SIZE_PARTITIONS], l->holds, partitions_recommended(cores), b, 0, "");
        offer_threads(plan, l, &cpu, b, uses);
        offer_disks(plan, state, b, uses);
        offer_network(plan, l, b, uses);
    }
    if (plan->s->cluster.network.shared_bytes_per_s > 0)
        offer_shared(plan, state, uses);
}

static void keep_worst(struct size_use worst[SIZE_DIMS], const struct size_use uses[SIZE_DIMS])
{
    for (int d = 0; d < SIZE_DIMS; d++)
        if (uses[d].broker >= 0)
            offer(&worst[d], uses[d].demand, uses[d].capacity, uses[d].broker, uses[d].disk,
                  uses[d].bind);
}

/* Of the kind that `survive` asks for. */
static int losses(const struct size_plan *plan)
{
    const struct scenario_cluster *c = &plan->s->cluster;
    switch (c->survive) {
    case SCENARIO_SURVIVE_NONE:
        break;
    case SCENARIO_SURVIVE_BROKER:
        return plan->brokers;
    case SCENARIO_SURVIVE_MACHINE:
        return (plan->brokers + c->brokers_per_machine - 1) / c->brokers_per_machine;
    case SCENARIO_SURVIVE_RACK:
        return c->rack_count;
    }
    return 0;
}

bool size_uses_survive(const struct size_plan *plan, const struct size_state *whole,
                       struct size_use worst[SIZE_DIMS], int *live)
{
    int cases = losses(plan);
    int topics = model_placement_topic_count(plan->placement);
    for (int t = 0; t < topics; t++)
        live[t] = model_placement_replication(plan->placement, t);
    for (int d = 0; d < SIZE_DIMS; d++)
        worst[d] = (struct size_use){.broker = -1, .bind = ""};
    if (cases == 0)
        return false;
    for (int i = 0; i < cases && !size_stopped(plan->stop); i++) {
        struct size_state state;
        struct size_use uses[SIZE_DIMS];
        size_state_without(
            plan, whole, (struct size_loss){.what = plan->s->cluster.survive, .index = i}, &state);
        size_uses(plan, &state, uses);
        keep_worst(worst, uses);
        for (int t = 0; t < topics; t++)
            live[t] = state.live[t] < live[t] ? state.live[t] : live[t];
        size_state_release(&state);
    }
    return true;
}
