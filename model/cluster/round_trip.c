/* model/cluster/round_trip.c - see round_trip.h. */
#include "model/cluster/round_trip.h"

#include <math.h>

#include "model/client/producer.h"
#include "model/cluster/disk_rate.h"
#include "model/cluster/log_sync.h"
#include "model/cluster/machine_share.h"
#include "model/hardware/call.h"
#include "sim/dmath.h"

enum {
    LOOP_MOST = 10,
    LOOP_SETTLES = 8, /* a fetcher that is busy for half of its time is within 1 % then */
};

double round_trip_rtt_s(const struct scenario_network *n, bool between_racks)
{
    double sigma = n->rtt_sigma, mean = sim_exp(sigma * sigma / 2);
    double spike_ns = n->spike_ratio * (double)(n->spike_ns_min + n->spike_ns_max); /* two ways */
    if (!between_racks)
        return (double)n->same_rack_rtt_ns / 1e9 * mean;
    return ((double)n->cross_rack_rtt_ns * mean + spike_ns) / 1e9;
}

double round_trip_flow_bytes_per_s(const struct scenario_network *n, double window_bytes,
                                   double rtt_s)
{
    double by_window = window_bytes > 0 && rtt_s > 0 ? window_bytes / rtt_s : INFINITY;
    double by_flow = n->single_flow_bytes_per_s > 0 ? n->single_flow_bytes_per_s : INFINITY;
    return fmin(by_window, by_flow);
}

double round_trip_transfer_s(const struct scenario_network *n, double window_bytes, double rtt_s,
                             double bytes)
{
    double over = window_bytes > 0 ? fmax(0, bytes - window_bytes) * rtt_s / window_bytes : 0;
    double single = n->single_flow_bytes_per_s;
    return fmax(over, single > 0 ? bytes / single : 0);
}

/*
 * A follower's fetch is waiting when the records come: they go to it, and its next fetch says that it has them: one loop. But a connection's
 * next request is taken up just when that fetch has come: with records of others at hand it has left again, and comes back a loop later. A
 * client with one request in flight sends the next a way later: it may meet the fetch that has come back, and a bound says that it does.
 */
static double loops(int in_flight, double loop_s, double others_per_s)
{
    return in_flight == 1 ? 1 : 2 - sim_exp(-others_per_s * loop_s);
}

void round_trip_init(struct round_trip *trip, const struct scenario *s, int brokers,
                     const struct model_profile *profile)
{
    *trip =
        (struct round_trip){.s = s, .brokers = brokers, .speed = 1, .has_costs = profile != NULL};
    if (!profile)
        return;
    trip->speed = model_machine_speed(&s->cluster.machine, profile, 0);
    model_profile_on(profile, trip->speed, s->cluster.page_reporting, &trip->own);
}

static double leader_s(const struct round_trip *trip, const struct scenario_producer *p,
                       const struct round_trip_request *r)
{
    const struct model_profile *own = &trip->own;
    if (!trip->has_costs)
        return 0;
    double ns = model_cost_ns(&own->receive, 1, r->batches, r->batches, r->records, r->bytes) +
                model_fault_ns(own, r->bytes) +
                model_cost_ns(&own->append, 1, r->batches, r->batches, r->records, r->bytes) +
                (p->config.acks == 0 ? 0 : model_cost_ns(&own->send, 1, 0, 0, 0, 0));
    /* A request handler is woken, and a network thread to answer. */
    return (ns / trip->speed + 2 * (double)own->wakeup_ns) / 1e9;
}

/* Of a fetch that covers so many partitions. */
static double empty_fetch_s(const struct round_trip *trip, double partitions)
{
    const struct model_profile *own = &trip->own;
    if (!trip->has_costs)
        return 0;
    double ns = own->fetch_receive.request_ns + own->fetch.request_ns +
                own->fetch.partition_ns * partitions + own->send.request_ns +
                own->replica_append.request_ns + own->replica_fetch.request_ns;
    return ns / trip->speed / 1e9;
}

/* What the records that a fetch brings cost on top, those of `found` partitions: named in it, read, sent and appended. */
static double found_s(const struct round_trip *trip, double found,
                      const struct round_trip_request *r)
{
    const struct model_profile *own = &trip->own;
    if (!trip->has_costs)
        return 0;
    double ns = model_cost_ns(&own->send, 0, found, r->batches, 0, r->bytes) +
                model_cost_ns(&own->replica_append, 0, found, r->batches, r->records, r->bytes) +
                model_cost_ns(&own->replica_fetch, 0, found, 0, 0, 0) +
                model_cost_ns(&own->fetch_receive, 0, found, 0, 0, 0) +
                own->read_partition_ns * found;
    return ns / trip->speed / 1e9;
}

double round_trip_found(double partitions, double each, double batches)
{
    if (partitions <= each)
        return fmin(batches, partitions);
    return fmin(batches, partitions * (1 - sim_pow(1 - each / partitions, batches / each)));
}

double round_trip_loop_s(const struct round_trip *trip, const struct round_trip_link *link,
                         const struct round_trip_request *own)
{
    const struct scenario_cluster *c = &trip->s->cluster;
    double rtt_s = round_trip_rtt_s(&c->network, c->rack_count > 1);
    double window = (double)c->config.replica_socket_receive_buffer_bytes;
    double empty = rtt_s + empty_fetch_s(trip, link->partitions), loop = empty;
    struct round_trip_request more = own ? *own : (struct round_trip_request){0, 0, 0};
    for (int i = 0; i < LOOP_SETTLES; i++) {
        struct round_trip_request r = {more.batches + link->batches * loop,
                                       more.records + link->records * loop,
                                       more.bytes + link->bytes * loop};
        double found = round_trip_found(fmax(1, link->partitions), 1, r.batches);
        loop = empty + round_trip_transfer_s(&c->network, window, rtt_s, r.bytes) +
               found_s(trip, found, &r);
        if (loop > LOOP_MOST * empty)
            return LOOP_MOST * empty;
    }
    return loop;
}

/* flush.messages: each partition's log that has come to so many, one after the other. What flush.ms does is done in the background. */
static double syncs_s(const struct round_trip *trip, const struct scenario_producer *p,
                      const struct round_trip_request *r, double others_per_s)
{
    const struct scenario_cluster *c = &trip->s->cluster;
    const struct scenario_topic *topic = &trip->s->topics[p->topic];
    if (topic->config.flush_messages == INT64_MAX)
        return 0;
    double syncs = fmin(r->batches, r->records / (double)topic->config.flush_messages);
    /* A broker follows as much as it leads. */
    double on_disk = others_per_s * syncs * topic->replication / disk_rate_dirs(&c->disks);
    return syncs * log_sync_s(trip->s, on_disk, r->bytes / syncs,
                              log_sync_dirty(&topic->config, r->bytes / syncs));
}

/* To one follower of its partitions' leader: it follows some of what is led there. */
static struct round_trip_link link_of(const struct round_trip *trip,
                                      const struct scenario_producer *p,
                                      const struct round_trip_others *others)
{
    const struct round_trip_request *r = &others->each;
    const struct scenario_topic *topic = &trip->s->topics[p->topic];
    double fetchers = trip->s->cluster.config.num_replica_fetchers;
    double followers = fmin(topic->replication, trip->brokers) - 1;
    double share = followers / (fmax(2, trip->brokers) - 1) / fetchers;
    double requests = others->requests_per_s * share;
    double led = (double)topic->partitions / fmax(1, trip->brokers);
    return (struct round_trip_link){fmax(1, led * share), requests * r->batches,
                                    requests * r->records, requests * r->bytes};
}

double round_trip_produce_s(const struct round_trip *trip, const struct scenario_producer *p,
                            const struct round_trip_request *r,
                            const struct round_trip_others *others)
{
    double others_per_s = others->requests_per_s;
    double syncs = syncs_s(trip, p, r, others_per_s), leads = leader_s(trip, p, r) + syncs;
    if (p->config.acks != -1 || trip->s->topics[p->topic].replication < 2)
        return leads;
    /* A follower that syncs is where the records are: only the way is gone twice. */
    struct round_trip_link link = link_of(trip, p, others);
    double loop = round_trip_loop_s(trip, &link, r);
    return leads + syncs + loop * loops(p->config.max_in_flight, loop, others_per_s);
}

/*
 * Woken for a request of one connection: a handler, a network thread to answer; with acks=all also a network thread for the followers' answer,
 * their fetchers, and both again for the next fetch. The first two's wake-ups are counted (leader_s), their slow starts are not (profile.h).
 */
double round_trip_alone_s(const struct round_trip *trip, const struct scenario_producer *p,
                          double broker_s)
{
    const struct model_profile *own = &trip->own;
    bool followed = p->config.acks == -1 && trip->s->topics[p->topic].replication > 1;
    double more = followed ? 4 * (double)own->wakeup_ns / 1e9 : 0, wakes = followed ? 6 : 2;
    if (!trip->has_costs)
        return broker_s;
    double slept = broker_s + more;
    return slept + wakes * own->cold_work_ns / 1e9 / trip->speed * slept /
                       (slept + (double)own->cold_sleep_ns / 1e9);
}

double round_trip_in_flight(const struct scenario_producer *p, double partitions, double records)
{
    double each = ceil(MODEL_PRODUCER_IDEMPOTENT_RECORDS / records);
    if (p->client != SCENARIO_CLIENT_LIBRDKAFKA || !p->config.enable_idempotence)
        return p->config.max_in_flight;
    return fmin(p->config.max_in_flight, fmax(1, partitions) * each);
}

/* Writable up to two thirds, whatever comes then as a whole: sender.c. */
double round_trip_in_sockets(const struct scenario_producer *p, double batch_bytes)
{
    double stated = (double)p->config.send_buffer_bytes;
    double room = stated > 0 ? stated : (double)MODEL_PRODUCER_SOCKET_BYTES;
    double request = batch_bytes + (double)model_call_produce_overhead_bytes(1, 1);
    if (p->client != SCENARIO_CLIENT_LIBRDKAFKA)
        return INFINITY;
    return fmin(floor(room * 2 / 3 / request) + 1, floor(room / request));
}

double round_trip_requests_per_s(int in_flight, double way_s, double broker_s)
{
    double by_client = way_s + broker_s > 0 ? in_flight / (way_s + broker_s) : INFINITY;
    double by_broker = broker_s > 0 ? 1 / broker_s : INFINITY;
    return fmin(by_client, by_broker);
}
