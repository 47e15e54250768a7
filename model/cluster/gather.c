/* model/cluster/gather.c - see gather.h. */
#include "model/cluster/gather.h"

#include <math.h>

#include "broker-core/record/batch.h"
#include "model/cluster/machine_share.h"
#include "sim/dmath.h"

enum {
    SERVERS_MOST =
        32, /* so many in flight are as good as any number: the broker takes one at a time */
    SETTLES = 40,
};

/* How much likelier n at work and waiting are than one less: falls with n. */
static double likelier(int n, double starts_per_s, int servers, double done_per_s, double queues)
{
    int waiting = n - 1 - servers;
    double births = starts_per_s * (waiting > 0 ? 1 - waiting / queues : 1);
    return fmax(0, births) / (done_per_s * fmin(n, servers) / servers);
}

/* From the likeliest state both ways until the others weigh nothing: whatever the overload, of thousands of places some hundred count. */
double gather_joined(double starts_per_s, int servers, double done_per_s, double queues)
{
    int low = 0, high = servers + (int)ceil(queues), last = high;
    while (low < high) {
        int n = (low + high + 1) / 2;
        if (likelier(n, starts_per_s, servers, done_per_s, queues) >= 1)
            low = n;
        else
            high = n - 1;
    }
    double sum = 0, joins = 0, p = 1;
    for (int n = low; n <= last && p > 1e-12 * sum; n++) {
        sum += p;
        joins += n > servers ? p * fmin(1, (n - servers) / queues) : 0;
        p *= likelier(n + 1, starts_per_s, servers, done_per_s, queues);
    }
    p = 1;
    for (int n = low; n > 0 && p > 1e-12 * sum; n--) {
        p /= likelier(n, starts_per_s, servers, done_per_s, queues);
        sum += p;
        joins += n - 1 > servers ? p * fmin(1, (n - 1 - servers) / queues) : 0;
    }
    return joins / sum;
}

/* A client goes to all brokers alike. */
static double way_s(const struct scenario *s, const struct scenario_producer *p,
                    const struct model_placement *m)
{
    int brokers = model_placement_broker_count(m), far = 0;
    for (int b = 0; b < brokers; b++)
        for (int i = 0; i < p->rack_count; i++)
            far += model_placement_rack_of(m, b) != p->racks[i];
    double share = p->rack_count > 0 ? (double)far / brokers / p->rack_count : 0;
    return share * round_trip_rtt_s(&s->cluster.network, true) +
           (1 - share) * round_trip_rtt_s(&s->cluster.network, false);
}

void gather_init(struct gather *g, const struct round_trip *trip,
                 const struct model_profile *profile, const struct scenario_producer *p,
                 const struct model_placement *m, double record_bytes, double most)
{
    *g = (struct gather){
        .trip = trip,
        .p = p,
        .has_costs = profile != NULL,
        .speed = 1,
        .way_s = way_s(trip->s, p, m),
        .brokers = fmin(model_placement_broker_count(m), trip->s->topics[p->topic].partitions),
        .record_bytes = record_bytes,
        .most = most};
    if (!profile)
        return;
    g->speed = model_machine_speed(&p->machine, profile, 0);
    model_profile_on(profile, g->speed, false, &g->own);
}

/* Of the records that came since the last one went; a batch holds no more than a full one. */
static struct round_trip_request request_at(const struct gather *g, const struct gather_at *at,
                                            double requests_per_s)
{
    double n = fmin(at->records_per_s / requests_per_s, at->parts * g->most);
    double batches = at->parts > 1 ? at->parts * (1 - sim_pow(1 - 1 / at->parts, n)) : 1;
    double raw = n * g->record_bytes;
    batches = fmax(batches, 1);
    return (struct round_trip_request){
        batches, n,
        batches * BROKER_BATCH_HEADER_BYTES +
            raw / scenario_ratio_at(&g->p->compression_ratio, raw / batches)};
}

/*
 * A client that takes one connection after the other has all their requests in flight and their brokers' time in the end, if it goes on
 * before those of one are all out; one that stays has the one's alone.
 */
static double in_turn(const struct gather *g, double turn_s, int servers, double most)
{
    return turn_s > 0 ? most * (1 + (g->brokers - 1) / (1 + turn_s * most / servers)) : most;
}

/* Of a connection's time: one broker after the other, or always. */
static double here(const struct gather *g, const struct gather_at *at)
{
    return at->turn_s > 0 ? 1 / g->brokers : 1;
}

/* Of all starts, what the connection leaves apart. */
static double let_through(const struct gather *g, const struct gather_at *at,
                          const struct round_trip_request *r, double starts_per_s,
                          double requests_per_s)
{
    const struct scenario_producer_config *c = &g->p->config;
    struct round_trip_others others = {(g->p->clients - 1) * requests_per_s * here(g, at), *r};
    double window = (double)c->send_buffer_bytes;
    double in_flight = round_trip_in_flight(g->p, at->queues, r->records);
    double broker_s = round_trip_produce_s(g->trip, g->p, r, &others);
    double way =
        g->way_s + round_trip_transfer_s(&g->trip->s->cluster.network, window, g->way_s, r->bytes);
    in_flight = fmin(in_flight, fmax(1, round_trip_in_sockets(g->p, r->bytes)));
    if (c->acks == 0) /* nobody waits for an answer */
        in_flight = SERVERS_MOST;
    int servers = (int)fmin(in_flight, SERVERS_MOST);
    double most = round_trip_requests_per_s(servers, c->acks == 0 ? 0 : way, broker_s);
    if (isinf(most))
        return 1;
    /* librdkafka makes one more, which waits apart. */
    int apart = servers + (g->p->client == SCENARIO_CLIENT_LIBRDKAFKA);
    return 1 -
           gather_joined(starts_per_s, apart, in_turn(g, at->turn_s, servers, most), at->queues);
}

/* The sender's thread serves all connections (Java), or there is one for each. */
static double sender_lets_through(const struct gather *g, const struct gather_at *at,
                                  const struct round_trip_request *r, double starts_per_s)
{
    if (!g->has_costs)
        return 1;
    const struct model_profile *own = &g->own;
    bool java = g->p->client == SCENARIO_CLIENT_JAVA;
    struct model_cost answer = model_client_answer(own, java, g->p->config.acks);
    double records = java ? 0 : r->records, raw = java ? 0 : r->records * g->record_bytes;
    double ns =
        model_cost_ns(model_client_send(own, java), 1, r->batches, r->batches, records, raw) +
        model_cost_ns(&answer, 1, 0, r->batches, 0, 0) +
        raw * own->compress_byte_ns[g->p->config.compression_type];
    /* Keyless, only one connection is busy at a time. */
    bool all = java && g->p->partitioner != SCENARIO_PARTITIONER_STICKY;
    double share = all ? g->brokers : 1;
    return 1 -
           gather_joined(starts_per_s * share, 1, 1e9 * g->speed / ns, all ? share : at->queues);
}

static double socketful_s(const struct gather_socketful *f)
{
    return f->requests * f->broker_s;
}

/* As the thread makes them, before anything waits for the connection. */
static struct gather_socketful socketful(const struct gather *g, const struct gather_at *at,
                                         double starts_per_s)
{
    const struct scenario_producer *p = g->p;
    struct round_trip_request r = request_at(g, at, starts_per_s);
    double rate = starts_per_s * sender_lets_through(g, at, &r, starts_per_s);
    r = request_at(g, at, rate);
    struct gather_socketful f = {.requests_per_s = rate * here(g, at), .records = r.records};
    struct round_trip_others others = {(p->clients - 1) * f.requests_per_s, r};
    f.broker_s = round_trip_alone_s(g->trip, p, round_trip_produce_s(g->trip, p, &r, &others));
    if (p->client == SCENARIO_CLIENT_LIBRDKAFKA && p->config.acks != 0 &&
        !p->config.enable_idempotence && f.requests_per_s * f.broker_s > 1)
        f.requests = fmin(p->config.max_in_flight, round_trip_in_sockets(p, r.bytes));
    return f;
}

static double settle(const struct gather *g, const struct gather_at *at, double starts_per_s)
{
    double rate = starts_per_s;
    for (int i = 0; i < SETTLES; i++) {
        struct round_trip_request r = request_at(g, at, rate);
        double apart = sender_lets_through(g, at, &r, starts_per_s);
        double next = starts_per_s * apart;
        next *= let_through(g, at, &r, next, rate);
        double change = fabs(next - rate);
        rate = (rate + next) / 2;
        if (change < 1e-6 * rate)
            break;
    }
    return rate;
}

static bool is_same(const struct gather_known *k, const struct gather_at *at, double starts_per_s)
{
    return k->starts_per_s == starts_per_s && k->at.records_per_s == at->records_per_s &&
           k->at.parts == at->parts && k->at.queues == at->queues && k->at.turn_s == at->turn_s;
}

double gather_requests_per_s(struct gather *g, const struct gather_at *at, double starts_per_s)
{
    for (int i = 0; i < GATHER_KNOWN; i++)
        if (is_same(&g->known[i], at, starts_per_s))
            return g->known[i].requests_per_s;
    struct gather_known *k = &g->known[g->next];
    *k = (struct gather_known){*at, starts_per_s, settle(g, at, starts_per_s)};
    g->next = (g->next + 1) % GATHER_KNOWN;
    struct gather_socketful full = socketful(g, at, starts_per_s);
    if (socketful_s(&full) > socketful_s(&g->fullest))
        g->fullest = full;
    return k->requests_per_s;
}
