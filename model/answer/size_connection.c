/*
 * What one connection carries, whatever the machines at its ends could: requests in flight and what fits into them, a window each round trip,
 * the limit of a single flow. The connection of a client to a broker that is nearest to it has the row.
 */
#include "model/answer/size_internal.h"

#include <math.h>
#include <string.h>

#include "broker-core/record/batch.h"
#include "model/cluster/reading.h"
#include "model/cluster/round_trip.h"
#include "model/scenario/full_batch.h"

/* A connection's limit, and how near it is. */
struct conn {
    int broker;
    double demand, capacity; /* bytes a second */
    double requests_per_s, request_bytes, rtt_s, broker_s;
    double transfer_s; /* of a request's bytes beyond the way, at the connection's rate */
    int in_flight;     /* a producer's */
    const char *few;   /* why so few: " (as its sockets hold no more)"; "" */
    double handling_s; /* by the client, which asks for nothing meanwhile */
};

static double use_of(const struct conn *c)
{
    return c->capacity > 0 ? c->demand / c->capacity : 0;
}

static void keep_worse(struct conn *worst, const struct conn *c)
{
    if (use_of(c) > use_of(worst))
        *worst = *c;
}

static void add(struct result *r, const struct conn *c, const char *resource, const char *formula)
{
    struct result_bound *b = RESULT_ADD(r, bounds, bound_count);
    b->resource = resource;
    b->formula = formula;
    b->demand = c->demand;
    b->capacity = c->capacity;
    b->unit = "bytes/s";
    b->utilisation = use_of(c);
    b->utilisation_survive = NAN;
}

/* "64 KiB a round trip of 10 ms", or the limit of a flow. */
static void add_flow(const struct size_plan *plan, const char *name, double window,
                     const struct conn *c, struct result *r)
{
    double single = plan->s->cluster.network.single_flow_bytes_per_s;
    if (!(use_of(c) >= SIZE_WORTH_A_ROW))
        return;
    const char *why = c->capacity == single
                          ? "by single_flow"
                          : result_format(r, "by a window of %.4g bytes a round trip of %.3g ms",
                                          window, c->rtt_s * 1e3);
    add(r, c, result_format(r, "client connection of %s", name),
        result_format(r, "one client's connection to broker %d: %.4g MB/s of %.4g MB/s, %s",
                      c->broker + 1, c->demand / 1e6, c->capacity / 1e6, why));
}

/* Whether some machine of those racks has to go to another rack for that broker, or all have. */
static bool far(const struct size_plan *plan, const int *racks, int count, int broker, bool all)
{
    int at = model_placement_rack_of(plan->placement, broker);
    bool some_far = false, some_near = false;
    for (int i = 0; i < count; i++) {
        some_far = some_far || racks[i] != at;
        some_near = some_near || racks[i] == at;
    }
    return all ? !some_near : some_far;
}

/* ---- producers ---- */

/* What a producer sends to one broker. */
struct to_broker {
    double share,
        hottest; /* of its records: of all partitions led there, and of the one that has most */
    int partitions;
};

static struct to_broker to_broker(const struct size_plan *plan, int producer, int broker)
{
    const struct model_producer_flow *f = model_flows_producer(plan->flows, producer);
    int topic = plan->s->producers[producer].topic;
    struct to_broker to = {0};
    for (int p = 0; p < plan->s->topics[topic].partitions; p++)
        if (model_placement_replicas(plan->placement, topic, p)[0].broker == broker) {
            to.share += f->share[p];
            to.hottest = fmax(to.hottest, f->share[p]);
            to.partitions += f->share[p] > 0;
        }
    return to;
}

/* The most that a request carries: a full batch of the partition that has most and as much less of the others (Java), or one batch. */
static struct round_trip_request fullest(const struct scenario_producer *p,
                                         const struct model_producer_flow *f,
                                         const struct to_broker *to)
{
    double records = scenario_full_batch(p), raw = f->raw_batch_bytes / f->records_per_batch;
    double bytes = BROKER_BATCH_HEADER_BYTES +
                   records * raw / scenario_ratio_at(&p->compression_ratio, records * raw);
    double batches = p->client == SCENARIO_CLIENT_JAVA ? to->share / to->hottest : 1;
    batches = fmax(1, fmin(batches, (double)p->config.max_request_size / bytes));
    return (struct round_trip_request){batches, batches * records, batches * bytes};
}

/* All but so many requests of a broker, as its mean one is. */
static struct round_trip_others others_at(const struct size_load *l, double own_per_s)
{
    double all = l->in_requests;
    if (all <= own_per_s)
        return (struct round_trip_others){0};
    return (struct round_trip_others){
        all - own_per_s, {l->in_batches / all, l->in_records / all, l->in_bytes / all}};
}

static struct conn in_flight(const struct size_plan *plan, const struct size_state *state,
                             const struct round_trip *trip, int index, int broker,
                             const struct to_broker *to)
{
    const struct scenario_producer *p = &plan->s->producers[index];
    const struct scenario_network *n = &plan->s->cluster.network;
    const struct model_producer_flow *f = model_flows_producer(plan->flows, index);
    struct round_trip_request request = fullest(p, f, to);
    struct conn c = {.broker = broker, .request_bytes = request.bytes};
    c.rtt_s = round_trip_rtt_s(n, far(plan, p->racks, p->rack_count, broker, false));
    double own = f->requests_per_s / p->clients * to->share; /* of the broker's requests */
    struct round_trip_others others = others_at(&state->load[broker], own);
    c.broker_s = round_trip_produce_s(trip, p, &request, &others);
    c.transfer_s =
        round_trip_transfer_s(n, (double)p->config.send_buffer_bytes, c.rtt_s, request.bytes);
    double in_sockets = fmax(1, round_trip_in_sockets(p, request.bytes));
    double lets = round_trip_in_flight(p, to->partitions, request.records);
    c.in_flight = (int)fmin(lets, in_sockets);
    c.few = in_sockets < lets                ? " (as its sockets hold no more)"
            : lets < p->config.max_in_flight ? " (as its partitions wait for their answers)"
                                             : "";
    c.requests_per_s = round_trip_requests_per_s(c.in_flight, c.rtt_s + c.transfer_s, c.broker_s);
    c.demand = f->records_per_s / p->clients * to->share * request.bytes / request.records;
    c.capacity = c.requests_per_s * request.bytes;
    return c;
}

static struct conn producer_flow(const struct size_plan *plan, int index, int broker,
                                 const struct to_broker *to)
{
    const struct scenario_producer *p = &plan->s->producers[index];
    const struct scenario_network *n = &plan->s->cluster.network;
    struct conn c = {.broker = broker};
    c.rtt_s = round_trip_rtt_s(n, far(plan, p->racks, p->rack_count, broker, false));
    c.capacity = round_trip_flow_bytes_per_s(n, (double)p->config.send_buffer_bytes, c.rtt_s);
    c.demand = model_flows_producer(plan->flows, index)->wire_bytes_per_s / p->clients * to->share;
    return c;
}

static void add_in_flight(const struct scenario_producer *p, const struct conn *c, struct result *r)
{
    if (!(use_of(c) >= SIZE_WORTH_A_ROW))
        return;
    bool by_broker = c->requests_per_s * c->broker_s > 0.999;
    const char *why =
        by_broker ? result_format(r, "one at a time, as the broker takes %.3g ms for each",
                                  c->broker_s * 1e3)
                  : result_format(r,
                                  "%d in flight%s, each %.3g ms there and back + %.3g ms of its "
                                  "bytes + %.3g ms of the broker and its followers",
                                  c->in_flight, c->few, c->rtt_s * 1e3, c->transfer_s * 1e3,
                                  c->broker_s * 1e3);
    add(r, c, result_format(r, "client in flight of %s", p->name),
        result_format(r,
                      "one client's connection to broker %d: %.4g MB/s of %.4g requests/s x "
                      "%.4g kB, all batches full: %s",
                      c->broker + 1, c->demand / 1e6, c->requests_per_s, c->request_bytes / 1e3,
                      why));
}

/* acks=0 waits for nothing. */
void size_producer_connections(const struct size_plan *plan, const struct size_state *state,
                               int index, struct result *r)
{
    const struct scenario_producer *p = &plan->s->producers[index];
    struct conn worst = {0}, worst_flow = {0};
    struct round_trip trip;
    round_trip_init(&trip, plan->s, plan->brokers, plan->profile);
    for (int b = 0; b < plan->brokers; b++) {
        struct to_broker to = to_broker(plan, index, b);
        if (to.hottest <= 0)
            continue;
        struct conn c = in_flight(plan, state, &trip, index, b, &to),
                    flow = producer_flow(plan, index, b, &to);
        if (p->config.acks != 0)
            keep_worse(&worst, &c);
        keep_worse(&worst_flow, &flow);
    }
    add_in_flight(p, &worst, r);
    add_flow(plan, p->name, (double)p->config.send_buffer_bytes, &worst_flow, r);
}

/* ---- consumers ---- */

/* The partition of which most is read, and its batches. */
static const struct model_flow *hottest_read(const struct size_plan *plan,
                                             const struct scenario_group *g)
{
    const struct model_flow *hottest = NULL;
    for (int i = 0; i < g->topic_count; i++)
        for (int p = 0; p < plan->s->topics[g->topics[i]].partitions; p++) {
            const struct model_flow *f = model_flows_partition(plan->flows, g->topics[i], p);
            if (!hottest || f->wire_bytes_per_s > hottest->wire_bytes_per_s)
                hottest = f;
        }
    return hottest;
}

/* Of all partitions together: the consumer's limit and the broker's. */
static double answer_bytes(const struct size_plan *plan, const struct scenario_group *g)
{
    return fmin((double)g->config.fetch_max_bytes, (double)plan->s->cluster.config.fetch_max_bytes);
}

/* Whole batches of a partition, one at least: what begins in an answer and does not end there is asked for again. */
static double partition_bytes(const struct size_plan *plan, const struct scenario_group *g,
                              const struct model_flow *hottest)
{
    double batch = hottest->wire_bytes_per_s / hottest->batches_per_s;
    double most = fmin((double)g->config.max_partition_fetch_bytes, answer_bytes(plan, g));
    return batch * fmax(1, floor(most / batch));
}

double size_handling_s(const struct size_plan *plan, const struct scenario_group *g, double batches,
                       double records, double bytes)
{
    if (g->client != SCENARIO_CLIENT_JAVA)
        return 0;
    struct model_cost cost = size_receive_cost(plan, g);
    return model_cost_ns(&cost, 1, batches, batches, records, bytes) /
               size_lone_speed(plan, &g->machine) / 1e9 +
           records * (double)(g->processing_per_record_ns + g->processing_wait_ns) / 1e9 +
           bytes * g->processing_ns_per_byte / 1e9;
}

static double answer_s(const struct size_plan *plan, double partitions, double bytes)
{
    const struct model_profile *p = &plan->broker;
    double ns = model_cost_ns(&p->fetch_receive, 1, partitions, partitions, 0, 0) +
                model_cost_ns(&p->fetch, 1, partitions, 0, 0, 0) +
                p->read_partition_ns * partitions +
                model_cost_ns(&p->send, 1, partitions, partitions, 0, bytes);
    return ns / size_lone_speed(plan, &plan->s->cluster.machine) / 1e9 +
           2 * (double)p->wakeup_ns / 1e9;
}

static struct conn fetches(const struct size_plan *plan, const struct scenario_group *g,
                           const struct size_reading *read, int broker,
                           const struct model_flow *hottest)
{
    const struct scenario_network *n = &plan->s->cluster.network;
    double connections = fmin(read->partitions, g->clients);
    struct conn c = {.broker = broker};
    double covered = read->partitions / connections, each = read->bytes / connections;
    double one = partition_bytes(plan, g, hottest);
    c.demand = fmax(each, hottest->wire_bytes_per_s);
    c.request_bytes =
        fmin(one * c.demand / hottest->wire_bytes_per_s, fmax(one, answer_bytes(plan, g)));
    double batches = c.request_bytes * read->batches / read->bytes;
    double records = c.request_bytes * hottest->records_per_s / hottest->wire_bytes_per_s;
    c.rtt_s = round_trip_rtt_s(
        n, far(plan, g->racks, g->rack_count, broker, model_reads_near(plan->s, g)));
    c.transfer_s =
        round_trip_transfer_s(n, (double)g->config.receive_buffer_bytes, c.rtt_s, c.request_bytes);
    c.broker_s = answer_s(plan, fmin(covered, batches), c.request_bytes);
    c.handling_s = size_handling_s(plan, g, batches, records, c.request_bytes);
    c.requests_per_s = 1 / (c.rtt_s + c.transfer_s + c.broker_s + c.handling_s);
    c.capacity = c.requests_per_s * c.request_bytes;
    return c;
}

/* Where handling is most of a turn, it is the client's thread that binds, and has a row. */
static void add_fetches(const struct scenario_group *g, const struct conn *c, struct result *r)
{
    if (!(use_of(c) >= SIZE_WORTH_A_ROW) || c->handling_s * c->requests_per_s > 0.5)
        return;
    add(r, c, result_format(r, "client fetches of %s", g->name),
        result_format(r,
                      "one consumer's connection to broker %d: %.4g MB/s of %.4g fetches/s x %.4g "
                      "kB (max.partition.fetch.bytes and fetch.max.bytes), one at a time: %.3g ms "
                      "there and back + %.3g ms of its bytes + %.3g ms of the broker + %.3g ms of "
                      "the consumer",
                      c->broker + 1, c->demand / 1e6, c->requests_per_s, c->request_bytes / 1e3,
                      c->rtt_s * 1e3, c->transfer_s * 1e3, c->broker_s * 1e3, c->handling_s * 1e3));
}

void size_group_connections(const struct size_plan *plan, const struct size_state *state, int index,
                            struct result *r)
{
    const struct scenario_group *g = &plan->s->groups[index];
    const struct scenario_network *n = &plan->s->cluster.network;
    const struct model_flow *hottest = hottest_read(plan, g);
    double window = (double)g->config.receive_buffer_bytes;
    struct conn worst = {0}, worst_flow = {0};
    for (int b = 0; b < plan->brokers && hottest->wire_bytes_per_s > 0; b++) {
        const struct size_reading *read = &state->reading[index * plan->brokers + b];
        if (read->partitions < 1e-9 || read->bytes <= 0)
            continue;
        struct conn c = fetches(plan, g, read, b, hottest), flow = c;
        flow.capacity = round_trip_flow_bytes_per_s(n, window, c.rtt_s);
        keep_worse(&worst, &c);
        keep_worse(&worst_flow, &flow);
    }
    add_fetches(g, &worst, r);
    add_flow(plan, g->name, window, &worst_flow, r);
}
