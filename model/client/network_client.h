/*
 * model/client/network_client.h - a client's connections to its brokers, and how it learns which of them leads.
 *
 * Shape    A node (a broker, or a group's coordinator) is down, connecting or up. connect brings it up when its rest is over:
 *          TCP's handshake, then ApiVersions, then `changed`. disconnect closes the connection; the node rests for
 *          reconnect.backoff.ms, twice as long each time that connecting failed again, with jitter. ask fetches metadata from a node
 *          that is up, else from one that it brings up, never sooner than retry.backoff.ms after the last answer; then `known`.
 * Omits    Bootstrap connections (metadata comes from a broker's own), refreshes each metadata.max.age.ms,
 *          connections.max.idle.ms, time-outs of connecting, TLS and SASL.
 * Source   reference/kafka/clients.md sections 1 and 5; Java's NetworkClient and ClusterConnectionStates; librdkafka's broker.
 * Checked  tests/model/test_network_client.c, test_producer.c, test_consumer.c
 */
#ifndef MODEL_CLIENT_NETWORK_CLIENT_H
#define MODEL_CLIENT_NETWORK_CLIENT_H

#include "model/client/metadata.h"
#include "sim/random.h"
#include "sim/sim.h"

struct network_client_config {
    int64_t reconnect_backoff_ns;
    int64_t reconnect_backoff_max_ns;
    bool java;                /* else librdkafka */
    int64_t retry_backoff_ns; /* between two requests for metadata */
};

enum network_node_state { NETWORK_NODE_DOWN, NETWORK_NODE_CONNECTING, NETWORK_NODE_UP };

struct network_attempt;

struct network_node {
    enum network_node_state state;
    uint32_t failures;               /* since it was last up, its end included */
    int64_t rest_ns;                 /* it is not connected to before */
    struct network_attempt *attempt; /* under way, or waiting for the rest to end */
};

struct network_client {
    struct network_client_config config;
    struct sim *sim;
    const struct model_metadata *metadata;
    struct model_transport *transport;
    void (*changed)(void *owner, uint32_t node); /* it came up, or could not be connected to */
    void (*known)(void *owner);                  /* metadata is there: who leads can be looked up */
    void *owner;
    struct sim_stream random;
    uint32_t count;
    uint32_t up_count;
    struct network_node *nodes; /* [brokers], then the coordinator's if the metadata has one */

    struct sim_event ask_event;
    struct model_call ask_call;
    bool asking;
    bool ask_in_flight;
    int64_t asked_ns; /* the last answer; below 0: none yet */
    uint32_t ask_node;
};

/* Borrows sim, metadata and transport. `name` names its stream. The three callbacks' fields are set by the caller. */
void network_client_init(struct network_client *nc, const struct network_client_config *config,
                         struct sim *sim, const struct model_metadata *metadata,
                         struct model_transport *transport, uint64_t seed, uint64_t replication,
                         const char *name);
/* Calls still carried by the transport must not be answered any more. */
void network_client_release(struct network_client *nc);

static inline bool network_client_is_up(const struct network_client *nc, uint32_t node)
{
    return nc->nodes[node].state == NETWORK_NODE_UP;
}
/* It is down and nobody has asked for it: connect would make a difference. */
static inline bool network_client_is_idle(const struct network_client *nc, uint32_t node)
{
    return nc->nodes[node].state == NETWORK_NODE_DOWN && !nc->nodes[node].attempt;
}
/* As soon as its rest is over, unless it is up or on its way there. */
void network_client_connect(struct network_client *nc, uint32_t node);
/* Closes the connection: what the owner has in flight on it is lost, and the owner gives it its fate. Asks for metadata. */
void network_client_disconnect(struct network_client *nc, uint32_t node);
void network_client_ask(struct network_client *nc);
/* The connection that the node's calls go on, and its number when it is the coordinator's. */
struct model_connection *network_client_connection(const struct network_client *nc, uint32_t node);

#endif
