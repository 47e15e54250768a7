#include "model/client/network_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* One connecting: the rest before it, then its ApiVersions. */
struct network_attempt {
    struct sim_event event;
    struct model_call call;
    struct network_client *nc;
    uint32_t node;
};

static void ask_now(struct sim *sim, struct sim_event *event);

void network_client_init(struct network_client *nc, const struct network_client_config *config,
                         struct sim *sim, const struct model_metadata *metadata,
                         struct model_transport *transport, uint64_t seed, uint64_t replication,
                         const char *name)
{
    memset(nc, 0, sizeof *nc);
    nc->config = *config;
    nc->sim = sim;
    nc->metadata = metadata;
    nc->transport = transport;
    nc->asked_ns = -1;
    nc->count = metadata->broker_count + (metadata->coordinator ? 1 : 0);
    nc->nodes = sim_alloc(nc->count, sizeof *nc->nodes);
    sim_event_init(&nc->ask_event, ask_now);
    sim_stream_init(&nc->random, seed, replication, name);
}

void network_client_release(struct network_client *nc)
{
    if (!nc->nodes)
        return;
    sim_cancel(nc->sim, &nc->ask_event);
    for (uint32_t i = 0; i < nc->count; i++) {
        struct network_attempt *attempt = nc->nodes[i].attempt;
        if (attempt)
            sim_cancel(nc->sim, &attempt->event);
        free(attempt);
    }
    free(nc->nodes);
    nc->nodes = NULL;
}

struct model_connection *network_client_connection(const struct network_client *nc, uint32_t node)
{
    assert(node < nc->count);
    return node < nc->metadata->broker_count ? nc->metadata->connections[node]
                                             : nc->metadata->coordinator;
}

static void send(struct network_client *nc, struct model_call *call, enum model_call_kind kind,
                 uint32_t node, void (*answered)(struct model_call *call), void *owner)
{
    memset(call, 0, sizeof *call);
    call->kind = kind;
    call->connection = network_client_connection(nc, node);
    call->answered = answered;
    call->owner = owner;
    call->at.created_ns = sim_now_ns(nc->sim);
    if (kind == MODEL_METADATA) {
        call->request_bytes = model_call_metadata_request_bytes(1);
        call->metadata.answer_bytes = nc->metadata->answer_bytes;
    } else {
        call->request_bytes = model_call_api_versions_request_bytes();
    }
    nc->transport->send(nc->transport, call);
}

/* ---- asking ---- */

static void ask_at(struct network_client *nc, int64_t time_ns)
{
    int64_t now_ns = sim_now_ns(nc->sim);
    sim_at(nc->sim, &nc->ask_event, time_ns > now_ns ? time_ns : now_ns, SIM_PRIORITY_NORMAL);
}

void network_client_ask(struct network_client *nc)
{
    if (nc->asking)
        return;
    nc->asking = true;
    ask_at(nc, nc->asked_ns < 0 ? 0 : nc->asked_ns + nc->config.retry_backoff_ns);
}

static void asked(struct model_call *call)
{
    struct network_client *nc = call->owner;
    bool lost = call->outcome == MODEL_CALL_LOST;
    nc->asking = nc->ask_in_flight = false;
    nc->asked_ns = sim_now_ns(nc->sim);
    if (lost && !model_call_is_stale(call))
        network_client_disconnect(nc, nc->ask_node);
    if (lost)
        network_client_ask(nc);
    else
        nc->known(nc->owner);
}

static void send_ask(struct network_client *nc)
{
    nc->ask_in_flight = true;
    send(nc, &nc->ask_call, MODEL_METADATA, nc->ask_node, asked, nc);
}

/* It waits for this node. */
static bool asks_from(const struct network_client *nc, uint32_t node)
{
    return nc->asking && nc->ask_node == node && !nc->ask_in_flight &&
           !sim_is_pending(&nc->ask_event);
}

/* One that is up, else the one that can be connected to first; looked through from anywhere, so that clients spread. */
static uint32_t choose_node(struct network_client *nc)
{
    uint32_t brokers = nc->metadata->broker_count;
    uint32_t first = (uint32_t)sim_below(&nc->random, brokers), best = first;
    for (uint32_t i = 0; i < brokers; i++) {
        uint32_t node = (first + i) % brokers;
        if (network_client_is_up(nc, node))
            return node;
        if (nc->nodes[node].rest_ns < nc->nodes[best].rest_ns)
            best = node;
    }
    return best;
}

static void ask_now(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct network_client *nc = sim_container(event, struct network_client, ask_event);
    nc->ask_node = choose_node(nc);
    if (network_client_is_up(nc, nc->ask_node))
        send_ask(nc);
    else
        network_client_connect(nc, nc->ask_node); /* came_up asks */
}

/* ---- connecting ---- */

static void rest(struct network_client *nc, struct network_node *node)
{
    double wait = (double)nc->config.reconnect_backoff_ns;
    for (uint32_t i = 0; i < node->failures; i++) {
        if (wait >= (double)nc->config.reconnect_backoff_max_ns)
            break;
        wait *= 2;
    }
    if (wait > (double)nc->config.reconnect_backoff_max_ns)
        wait = (double)nc->config.reconnect_backoff_max_ns;
    /* reference/kafka/clients.md section 1: Java within 20 %, librdkafka -25 % to +50 % */
    wait *=
        nc->config.java ? sim_uniform(&nc->random, 0.8, 1.2) : sim_uniform(&nc->random, 0.75, 1.5);
    node->rest_ns = sim_now_ns(nc->sim) + (int64_t)wait;
    node->failures++;
    node->state = NETWORK_NODE_DOWN;
}

static void came_up(struct network_client *nc, uint32_t node)
{
    nc->nodes[node].state = NETWORK_NODE_UP;
    nc->up_count++;
    nc->nodes[node].failures = 0;
    if (asks_from(nc, node))
        send_ask(nc);
    nc->changed(nc->owner, node);
}

static void connected(struct model_call *call)
{
    struct network_attempt *attempt = call->owner;
    struct network_client *nc = attempt->nc;
    uint32_t number = attempt->node;
    struct network_node *node = &nc->nodes[number];
    bool lost = call->outcome == MODEL_CALL_LOST;
    node->attempt = NULL;
    free(attempt);
    if (!lost) {
        came_up(nc, number);
        return;
    }
    rest(nc, node);
    if (asks_from(nc, number))
        ask_at(nc, 0);
    nc->changed(nc->owner, number);
}

static void begin(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct network_attempt *attempt = sim_container(event, struct network_attempt, event);
    struct network_client *nc = attempt->nc;
    nc->nodes[attempt->node].state = NETWORK_NODE_CONNECTING;
    send(nc, &attempt->call, MODEL_API_VERSIONS, attempt->node, connected, attempt);
}

void network_client_connect(struct network_client *nc, uint32_t number)
{
    assert(number < nc->count);
    struct network_node *node = &nc->nodes[number];
    if (node->state != NETWORK_NODE_DOWN || node->attempt)
        return;
    struct network_attempt *attempt = sim_alloc(1, sizeof *attempt);
    attempt->nc = nc;
    attempt->node = number;
    node->attempt = attempt;
    sim_event_init(&attempt->event, begin);
    int64_t now_ns = sim_now_ns(nc->sim);
    if (node->rest_ns > now_ns)
        sim_at(nc->sim, &attempt->event, node->rest_ns, SIM_PRIORITY_NORMAL);
    else
        begin(nc->sim, &attempt->event);
}

void network_client_disconnect(struct network_client *nc, uint32_t number)
{
    assert(number < nc->count);
    struct network_node *node = &nc->nodes[number];
    if (node->state != NETWORK_NODE_UP)
        return;
    nc->up_count--;
    rest(nc, node);
    nc->transport->close(nc->transport, network_client_connection(nc, number));
    network_client_ask(nc);
}
