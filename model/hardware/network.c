/* The way of a message: flow, two interfaces, delay. */
#include "model/hardware/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/call.h"
#include "model/hardware/machine.h"
#include "model/hardware/network_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

enum {
    JITTER_POINTS = 4096, /* quantiles in a table: one draw and one look-up a message */
    SMALL_DEFAULT = 65536,
};

static void arrived(struct sim *sim, struct sim_event *event);

/* A token bucket lets a burst through as fast as what is below carries it: so much faster that it takes no time to speak of. */
#define SHARED_BURST_FACTOR 1000

void model_net_init(struct model_net *net, struct sim *sim, const struct model_net_config *config)
{
    assert(config->rtt_sigma >= 0);
    assert(config->spike_ratio >= 0 && config->spike_ratio <= 1);
    assert(config->spike_ns_min <= config->spike_ns_max);
    memset(net, 0, sizeof(*net));
    net->sim = sim;
    net->config = *config;
    if (net->config.mtu == 0)
        net->config.mtu = MODEL_NET_MTU;
    if (net->config.small_bytes == 0)
        net->config.small_bytes = SMALL_DEFAULT;
    assert(net->config.mtu > MODEL_NET_PACKET_BYTES);
    net->segment_bytes = net->config.mtu - MODEL_NET_PACKET_BYTES;
    sim_stream_init(&net->random, config->seed, config->replication, "network delay");
    struct model_nic_config shared = {.baseline_bytes_per_s = config->shared_bytes_per_s,
                                      .burst_bytes_per_s =
                                          SHARED_BURST_FACTOR * config->shared_bytes_per_s,
                                      .credit_bytes = config->shared_burst_bytes,
                                      .credits_full = true};
    model_nic_init(&net->shared, net, &shared);
    net->jitter = sim_alloc(JITTER_POINTS, sizeof(float));
    for (int i = 0; i < JITTER_POINTS; i++) {
        double z = sim_normal_quantile((i + 0.5) / JITTER_POINTS);
        net->jitter[i] = (float)sim_exp(config->rtt_sigma * z);
    }
}

void model_net_release(struct model_net *net)
{
    model_nic_release(&net->shared);
    free(net->jitter);
    net->jitter = NULL;
}

double model_net_wire_bytes(const struct model_net *net, uint64_t bytes)
{
    double frames = bytes < (uint64_t)net->segment_bytes
                        ? 1
                        : (double)(bytes / (uint64_t)net->segment_bytes +
                                   (bytes % (uint64_t)net->segment_bytes != 0));
    return (double)bytes + frames * MODEL_NET_FRAME_BYTES;
}

int64_t model_net_rtt_ns(const struct model_net *net, const struct model_machine *from,
                         const struct model_machine *to)
{
    if (from == to)
        return net->config.loopback_rtt_ns;
    return from->rack == to->rack ? net->config.same_rack_rtt_ns : net->config.cross_rack_rtt_ns;
}

/* Half a round trip: the median times a lognormal factor, and a spike now and then between racks. */
static int64_t draw_delay_ns(const struct model_net *net, struct sim_stream *random, int64_t rtt_ns,
                             bool between_racks)
{
    uint64_t draw = sim_u64(random);
    double delay_ns = (double)rtt_ns * 0.5 * (double)net->jitter[draw % JITTER_POINTS];
    /* The bits that did not choose the quantile decide about the spike. */
    double u = (double)(draw / JITTER_POINTS) * (1.0 / (double)(UINT64_MAX / JITTER_POINTS + 1));
    if (between_racks && u < net->config.spike_ratio)
        delay_ns +=
            sim_uniform(random, (double)net->config.spike_ns_min, (double)net->config.spike_ns_max);
    return (int64_t)(delay_ns + 0.5);
}

void model_net_connect(struct model_net *net, struct model_connection *connection, const char *name)
{
    static const char *const ways[2] = {"to the server", "to the client"};
    for (int i = 0; i < 2; i++) {
        struct model_net_flow *flow = &connection->flow[i];
        assert(!flow->known && !flow->named);
        flow->named = true;
        sim_stream_initf(&flow->delay, net->config.seed, net->config.replication,
                         "network delay %s %s", name, ways[i]);
    }
}

static void flow_set(struct model_net *net, struct model_net_flow *flow, double window_bytes,
                     int64_t rtt_ns)
{
    flow->known = true;
    flow->rtt_ns = rtt_ns;
    if (window_bytes > 0)
        flow->window_ns_per_byte = (double)rtt_ns / window_bytes;
    if (net->config.single_flow_bytes_per_s > 0)
        flow->limit_ns_per_byte = 1e9 / net->config.single_flow_bytes_per_s;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * When the flow's own limits let the last byte go: a window's worth of bytes goes at once and comes free at window / RTT
 * (so one round trip of grace); the flow limit has no grace.
 */
static int64_t flow_floor_ns(struct model_net_flow *flow, int64_t now_ns, double bytes)
{
    int64_t floor_ns = now_ns;
    if (flow->window_ns_per_byte > 0) {
        flow->window_ns =
            later(flow->window_ns, now_ns) + (int64_t)(bytes * flow->window_ns_per_byte + 0.5);
        floor_ns = later(floor_ns, flow->window_ns - flow->rtt_ns);
    }
    if (flow->limit_ns_per_byte > 0) {
        flow->limit_ns =
            later(flow->limit_ns, now_ns) + (int64_t)(bytes * flow->limit_ns_per_byte + 0.5);
        floor_ns = later(floor_ns, flow->limit_ns);
    }
    return floor_ns;
}

/* Its last byte left the line at sent_ns: it arrives half a round trip later, and in order. */
static void arrive(struct model_transfer *transfer, int64_t sent_ns)
{
    int64_t arrival_ns = later(sent_ns, transfer->floor_ns) + transfer->delay_ns;
    if (transfer->flow != NULL) {
        arrival_ns = later(arrival_ns, transfer->flow->arrival_ns);
        transfer->flow->arrival_ns = arrival_ns;
    }
    sim_event_init(&transfer->event, arrived);
    sim_at(transfer->net->sim, &transfer->event, arrival_ns, SIM_PRIORITY_NORMAL);
}

static void arrived(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_transfer *transfer = sim_container(event, struct model_transfer, event);
    transfer->done(transfer);
}

static bool is_large(const struct model_transfer *transfer)
{
    return transfer->from != NULL &&
           transfer->wire_bytes > (double)transfer->net->config.small_bytes;
}

/* Returns true when its arrival is known (and scheduled), false when it shares a line now. */
static bool start(struct model_transfer *transfer)
{
    int64_t now_ns = sim_now_ns(transfer->net->sim);
    if (transfer->flow != NULL)
        transfer->floor_ns = flow_floor_ns(transfer->flow, now_ns, (double)transfer->bytes);
    if (transfer->from == NULL) {
        arrive(transfer, now_ns);
        return true;
    }
    struct model_nic_side *out = &transfer->from->out;
    struct model_nic_side *in = transfer->to == transfer->from ? NULL : &transfer->to->in;
    if (!is_large(transfer)) {
        int64_t out_ns = model_nic_pass(out, transfer->bytes, transfer->wire_bytes);
        int64_t in_ns = in ? model_nic_pass(in, transfer->bytes, transfer->wire_bytes) : out_ns;
        arrive(transfer, later(out_ns, in_ns));
        return true;
    }
    transfer->sides = 0;
    model_nic_share(out, transfer);
    if (in)
        model_nic_share(in, transfer);
    if (transfer->sides == 0) { /* neither has a limit */
        arrive(transfer, now_ns);
        return true;
    }
    return false;
}

static void start_waiting(struct model_net_flow *flow)
{
    while (flow->active == NULL && flow->waiting != NULL) {
        struct model_transfer *next = flow->waiting;
        flow->waiting = next->next;
        if (!start(next))
            flow->active = next;
    }
}

void model_net_side_done(struct model_transfer *transfer)
{
    assert(transfer->sides > 0);
    if (--transfer->sides > 0)
        return;
    arrive(transfer, sim_now_ns(transfer->net->sim));
    struct model_net_flow *flow = transfer->flow;
    if (flow == NULL)
        return;
    assert(flow->active == transfer);
    flow->active = NULL;
    start_waiting(flow);
}

static struct model_net_flow *flow_of(struct model_net *net, struct model_connection *connection,
                                      const struct model_machine *from,
                                      const struct model_machine *to, int64_t rtt_ns)
{
    if (connection == NULL)
        return NULL;
    bool to_server = from == connection->client && to == connection->server;
    assert(to_server || (from == connection->server && to == connection->client));
    struct model_net_flow *flow = &connection->flow[to_server ? 0 : 1];
    if (!flow->known)
        flow_set(net, flow, connection->window_bytes, rtt_ns);
    return flow;
}

void model_net_send(struct model_net *net, struct model_transfer *transfer,
                    struct model_machine *from, struct model_machine *to, uint64_t bytes,
                    struct model_connection *connection)
{
    assert(bytes > 0);
    int64_t rtt_ns = model_net_rtt_ns(net, from, to);
    transfer->net = net;
    transfer->bytes = bytes;
    transfer->wire_bytes = model_net_wire_bytes(net, bytes);
    bool shared = net->config.shared_bytes_per_s > 0;
    transfer->from = shared ? &net->shared : from == to ? NULL : &from->nic;
    transfer->to = shared ? &net->shared : from == to ? NULL : &to->nic;
    struct model_net_flow *flow = flow_of(net, connection, from, to, rtt_ns);
    struct sim_stream *random = flow && flow->named ? &flow->delay : &net->random;
    transfer->delay_ns = draw_delay_ns(net, random, rtt_ns, from->rack != to->rack);
    transfer->floor_ns = sim_now_ns(net->sim);
    transfer->next = NULL;
    transfer->flow = flow;
    if (flow == NULL) {
        start(transfer);
        return;
    }
    if (flow->active == NULL) {
        if (!start(transfer))
            flow->active = transfer;
        return;
    }
    if (flow->waiting == NULL)
        flow->waiting = transfer;
    else
        flow->waiting_last->next = transfer;
    flow->waiting_last = transfer;
}
