/* The machines that clients run on: often it is the client that binds. Their limits are those of brokers. */
#include "model/answer/size_internal.h"

#include <math.h>

#include "model/cluster/hot_partition.h"
#include "model/hardware/cpu.h"

struct client_load {
    const char *what; /* "checkout" */
    const struct scenario_machine *machine;
    int machines, clients;
    double threads;   /* that may be busy at once, all clients */
    double cpu_ns;    /* per second, all clients, of threads with a core to themselves */
    double thread_ns; /* of it on one client's busiest thread */
    double in_bytes, out_bytes;
};

/*
 * How much longer work takes on the machine than on threads that have a core to themselves: hyper-threads share one when more are busy than
 * there are cores. Longer work keeps more threads busy: the fixed point, from below.
 */
static double sharing(const struct client_load *c)
{
    uint32_t each = (uint32_t)c->machine->threads_per_core;
    double lone = c->cpu_ns / 1e9 / c->machines, most = c->threads / c->machines, factor = 1;
    for (int i = 0; i < 50 && c->machine->vcpus > 0; i++) {
        double busy = fmin(lone * factor, most) / c->machine->vcpus;
        factor = model_cpu_gain(each, 0) / model_cpu_gain(each, fmin(1, busy));
    }
    return factor;
}

/* Lone work becomes work on this machine. */
static void share_cores(struct client_load *c)
{
    double factor = sharing(c);
    c->cpu_ns *= factor;
    c->thread_ns *= factor;
}

static void bound(struct result *r, const char *resource, const char *formula, double demand,
                  double capacity, double limit, const char *unit)
{
    struct result_bound *b = RESULT_ADD(r, bounds, bound_count);
    b->resource = resource;
    b->formula = formula;
    b->demand = demand;
    b->capacity = capacity * limit;
    b->unit = unit;
    b->utilisation = capacity > 0 ? demand / capacity : NAN;
    b->utilisation_survive = NAN;
}

static void fill_cpu(const struct scenario *s, const struct client_load *c, struct result *r)
{
    double cores = c->cpu_ns / 1e9 / c->machines, vcpus = c->machine->vcpus;
    if (c->machine->vcpus <= 0)
        return;
    bound(r, result_format(r, "client cpu of %s", c->what),
          result_format(r, "%s client%s on %d x %s: %.3g of %d vCPUs each",
                        result_count(r, (uint64_t)c->clients), c->clients == 1 ? "" : "s",
                        c->machines, c->machine->name, cores, c->machine->vcpus),
          cores, vcpus, s->limits.cpu, "vCPU");
}

/* One thread cannot use two cores. Above 1 the client falls behind however many vCPUs it has. */
static void fill_thread(const struct client_load *c, const char *why, struct result *r)
{
    double busy = c->thread_ns / 1e9;
    if (busy < SIZE_WORTH_A_ROW)
        return;
    bound(r, result_format(r, "client thread of %s", c->what), why, busy, 1, 1, "ratio");
}

static void fill_network(const struct scenario *s, const struct client_load *c, struct result *r)
{
    double out = c->out_bytes >= c->in_bytes ? c->out_bytes : c->in_bytes;
    double each = out * SIZE_WIRE_PER_PAYLOAD / c->machines,
           nic = c->machine->nic_baseline_bytes_per_s;
    if (nic <= 0 || s->cluster.network.shared_bytes_per_s > 0)
        return;
    bound(r, result_format(r, "client network of %s", c->what),
          result_format(r, "%.4g MB/s over %d x %s = %.4g MB/s of %.4g MB/s x %.0f %%", out / 1e6,
                        c->machines, c->machine->name, each / 1e6, nic / 1e6,
                        100 * s->limits.network),
          each, nic, s->limits.network, "bytes/s");
}

/* ns of its core's time in a second, all clients. */
struct producer_work {
    double app, sender;
    int senders; /* threads a client that share the sender's part */
};

/* Java's application thread fills and compresses batches, librdkafka's hands records over to a thread a broker that does. */
static struct producer_work producer_work(const struct size_plan *plan,
                                          const struct scenario_producer *p,
                                          const struct model_producer_flow *f,
                                          const struct model_profile *own)
{
    bool java = p->client == SCENARIO_CLIENT_JAVA;
    const struct model_cost *send = model_client_send(own, java);
    struct model_cost answer = model_client_answer(own, java, p->config.acks);
    const struct model_cost *app = java ? send : &own->librdkafka_app;
    double raw = f->batches_per_s * f->raw_batch_bytes;
    double fill = model_cost_ns(send, 0, 0, 0, f->records_per_s, raw) +
                  raw * own->compress_byte_ns[p->config.compression_type];
    double requests =
        model_cost_ns(send, f->requests_per_s, f->batches_per_s, f->batches_per_s, 0, 0) +
        model_cost_ns(&answer, f->requests_per_s, 0, f->batches_per_s, 0, 0);
    if (plan->s->cluster.tls != SCENARIO_TLS_OFF)
        requests += model_tls_send_ns(own, java, p->config.compression_type != 0, f->requests_per_s,
                                      f->records_per_s, f->wire_bytes_per_s);
    if (java)
        return (struct producer_work){fill, requests, 1};
    int partitions = plan->s->topics[p->topic].partitions;
    return (struct producer_work){
        model_cost_ns(app, 0, 0, 0, f->records_per_s, raw),
        requests + fill +
            f->batches_per_s * model_client_far_ns(own, f->records_per_batch, f->raw_batch_bytes),
        partitions < plan->brokers ? partitions : plan->brokers};
}

/*
 * What waking for records that fall due costs one client's application, as producers do it (model/client/producer.c): at most what is left
 * of its core, for who is late finds more due at a time.
 */
static double wake_work(const struct scenario_producer *p, const struct model_producer_flow *f,
                        const struct model_profile *own, double left)
{
    bool java = p->client == SCENARIO_CLIENT_JAVA;
    double wake_ns = java ? own->java_app_wake_ns : own->librdkafka_app_wake_ns;
    double window_ns = java ? own->java_app_window_ns : own->librdkafka_app_window_ns;
    double rate = f->records_per_s / p->clients;
    if (p->arrivals.kind == SCENARIO_ARRIVALS_BURST)
        rate /= p->arrivals.burst_records;
    return fmax(0, fmin(left, wake_ns * 1e9 / (1e9 / rate + window_ns)));
}

/*
 * What threads that sleep between jobs compute more at waking, in each client (profile.h): `wakes` a second of work that takes work_ns of it.
 */
static double cold_ns(const struct model_profile *own, double wakes, double work_ns)
{
    double slept_ns = wakes > 0 ? fmax(0, 1e9 - work_ns) / wakes : 0;
    return slept_ns > 0 ? wakes * own->client_cold_work_ns * slept_ns /
                              (slept_ns + (double)own->client_cold_sleep_ns)
                        : 0;
}

/*
 * A client's sender threads wake for requests, answers and new batches; what one fetches into its cache the others find there. `cores`: ns of work that
 * the client's part of the machine does in a second. Where all of it is busy nobody sleeps.
 */
static double sender_cold_ns(const struct scenario_producer *p, const struct model_producer_flow *f,
                             const struct model_profile *own, const struct producer_work *work,
                             double cores)
{
    double wakes = (2 * f->requests_per_s + f->batches_per_s) / p->clients;
    double idle = fmax(0, 1 - (work->app + work->sender) / p->clients / cores);
    return idle * fmin(cores, cold_ns(own, wakes, work->sender / p->clients));
}

/* *by_app: the busiest thread is the application's. */
static struct client_load producer_load(const struct size_plan *plan,
                                        const struct scenario_producer *p,
                                        const struct model_producer_flow *f, bool *by_app)
{
    double speed = size_lone_speed(plan, &p->machine);
    struct model_profile own;
    model_profile_on(plan->profile, speed, false, &own);
    struct producer_work work = producer_work(plan, p, f, &own);
    int machines = p->machines > 0 ? p->machines : 1;
    double cores = 1e9 * speed * p->machine.vcpus * machines / p->clients;
    work.sender += p->clients * sender_cold_ns(p, f, &own, &work, cores);
    double app = work.app / p->clients, sender = work.sender / p->clients / work.senders;
    double left = fmin(1e9 * speed, cores - work.sender / p->clients) - app;
    double due = wake_work(p, f, &own, left);
    struct client_load c = {.what = p->name,
                            .machine = &p->machine,
                            .machines = machines,
                            .clients = p->clients,
                            .threads = p->clients * (1 + work.senders),
                            .cpu_ns = (work.app + due * p->clients + work.sender) / speed,
                            .thread_ns = fmax(app, sender) / speed,
                            .out_bytes = f->wire_bytes_per_s};
    share_cores(&c);
    *by_app = app > sender;
    return c;
}

static void fill_producer(const struct size_plan *plan, int index, struct result *r)
{
    const struct scenario_producer *p = &plan->s->producers[index];
    const struct model_producer_flow *f = model_flows_producer(plan->flows, index);
    bool by_app;
    if (f->unstated || f->records_per_s <= 0)
        return;
    struct client_load c = producer_load(plan, p, f, &by_app);
    fill_cpu(plan->s, &c, r);
    fill_network(plan->s, &c, r);
    fill_thread(&c,
                result_format(r,
                              "%.4g records/s and %.4g batches/s a client, its busiest thread %s: "
                              "%.2g s of work a second",
                              f->records_per_s / p->clients, f->batches_per_s / p->clients,
                              by_app ? "the application's" : "the sender's", c.thread_ns / 1e9),
                r);
}

/* What a group reads in all: every topic of it whole. */
static struct model_flow read_by(const struct size_plan *plan, const struct scenario_group *g)
{
    struct model_flow sum = {0};
    for (int i = 0; i < g->topic_count; i++)
        for (int p = 0; p < plan->s->topics[g->topics[i]].partitions; p++) {
            const struct model_flow *f = model_flows_partition(plan->flows, g->topics[i], p);
            sum.records_per_s += f->records_per_s;
            sum.batches_per_s += f->batches_per_s;
            sum.payload_bytes_per_s += f->payload_bytes_per_s;
            sum.wire_bytes_per_s += f->wire_bytes_per_s;
            sum.raw_bytes_per_s += f->raw_bytes_per_s;
        }
    return sum;
}

/* Share of the work that the busiest consumer has: who reads the hottest partition. */
static double busiest_share(const struct size_plan *plan, const struct scenario_group *g,
                            double records_per_s)
{
    double hottest = 0;
    for (int i = 0; i < g->topic_count; i++)
        for (int p = 0; p < plan->s->topics[g->topics[i]].partitions; p++)
            hottest =
                fmax(hottest, model_flows_partition(plan->flows, g->topics[i], p)->records_per_s);
    return model_hot_member(plan->s, g, hottest / records_per_s);
}

/* Unpacking costs what the producers' codecs cost, weighted by their bytes. */
static double unpack_ns(const struct size_plan *plan, const struct scenario_group *g)
{
    double ns = 0;
    for (int p = 0; p < plan->s->producer_count; p++) {
        const struct scenario_producer *producer = &plan->s->producers[p];
        if (scenario_reads(g, producer->topic))
            ns += model_flows_producer(plan->flows, p)->payload_bytes_per_s *
                  plan->profile->decompress_byte_ns[producer->config.compression_type];
    }
    return ns;
}

/*
 * ns a second of all members: on what they read, and on asking for it and waking for the answers. For that the thread of each has at most what is
 * left of its second, and a little less: who is late finds more in each answer.
 */
struct group_work {
    double read, ask;
    double wait; /* for others, without a core */
};

#define ASKS_MOST 0.98

static struct group_work group_work(const struct size_plan *plan, const struct size_state *state,
                                    int index, const struct model_flow *f, int active)
{
    const struct scenario_group *g = &plan->s->groups[index];
    struct model_cost cost = size_receive_cost(plan, g);
    double speed = size_lone_speed(plan, &g->machine), fetches = 0;
    for (int b = 0; b < plan->brokers; b++)
        fetches += state->reading[index * plan->brokers + b].fetches;
    double batches = model_cost_ns(&cost, 0, f->batches_per_s, f->batches_per_s, f->records_per_s,
                                   f->raw_bytes_per_s);
    double read = (batches + unpack_ns(plan, g)) / speed +
                  f->records_per_s * (double)g->processing_per_record_ns +
                  f->payload_bytes_per_s * g->processing_ns_per_byte;
    double wait = f->records_per_s * (double)g->processing_wait_ns;
    double ask = fetches * cost.request_ns / speed;
    ask += active * cold_ns(plan->profile, fetches / active, (read + ask) / active) / speed;
    ask = fmin(ask, fmax(0, active * 1e9 - read - wait) * ASKS_MOST);
    return (struct group_work){.read = read, .ask = ask, .wait = wait};
}

static void fill_group(const struct size_plan *plan, const struct size_state *state, int index,
                       struct result *r)
{
    const struct scenario_group *g = &plan->s->groups[index];
    struct model_flow f = read_by(plan, g);
    int partitions = scenario_partitions_read(plan->s, g);
    /* Consumers beyond the partitions have nothing to do. */
    int active = g->clients < partitions ? g->clients : partitions;
    if (f.records_per_s <= 0)
        return;
    double share = busiest_share(plan, g, f.records_per_s);
    struct group_work work = group_work(plan, state, index, &f, active);
    double busiest = work.read * share, waits = work.wait * share;
    struct client_load c = {
        .what = g->name,
        .machine = &g->machine,
        .machines = g->machines > 0 ? g->machines : 1,
        .clients = g->clients,
        .threads = active,
        .cpu_ns = work.read + work.ask,
        .thread_ns = busiest + fmin(work.ask / active, fmax(0, 1e9 - busiest - waits) * ASKS_MOST),
        .in_bytes = f.wire_bytes_per_s};
    share_cores(&c);
    c.thread_ns += waits;
    fill_cpu(plan->s, &c, r);
    fill_network(plan->s, &c, r);
    fill_thread(&c,
                result_format(r,
                              "%.4g records/s over min(%d clients, %d partitions); the "
                              "busiest takes %.3g %%: %.2g s of work%s a second",
                              f.records_per_s, g->clients, partitions, 100 * share,
                              c.thread_ns / 1e9, waits > 0 ? " and waiting" : ""),
                r);
}

void size_producers_fill(const struct size_plan *plan, const struct size_state *state,
                         struct result *r)
{
    for (int i = 0; i < plan->s->producer_count; i++) {
        fill_producer(plan, i, r);
        if (model_flows_producer(plan->flows, i)->records_per_s <= 0)
            continue;
        size_producer_connections(plan, state, i, r);
        size_producer_queue(plan, i, r);
    }
}

void size_groups_fill(const struct size_plan *plan, const struct size_state *state,
                      struct result *r)
{
    for (int g = 0; g < plan->s->group_count; g++) {
        fill_group(plan, state, g, r);
        size_group_connections(plan, state, g, r);
    }
}
