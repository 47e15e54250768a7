/*
 * model/cluster/transport.c - carries a client's calls to brokers; answers come back by the host itself.
 *
 * A connection's first call, ApiVersions, waits for TCP's handshake: one message each way.
 * With acks=0 no answer travels: the client is told as soon as the connection's socket has the request, and a copy of the call, which lives
 * until the broker is done with it, takes its place.
 */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A request without an answer: everything that the broker still needs, in one piece of memory. */
struct unanswered {
    struct model_call call;
    struct model_call *original;          /* NULL: the client has been told */
    struct unanswered *next;              /* that waits for the socket behind it */
    struct unanswered **live, *live_next; /* all, for the end of a run */
    struct sim_event sent;
    struct broker_produce_part *parts;
    struct broker_span *spans;
    uint8_t *bytes;
};

static struct model_host *host_of(const struct cluster_client *client,
                                  const struct model_call *call)
{
    return client->cluster->hosts[call->connection->server_id];
}

static void arrived(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    model_host_receive(host_of(transfer->owner, call), call);
}

/* The client's own callback comes after the parts of the request's time have been noted. */
static void answered(struct model_call *call)
{
    struct cluster_client *client = call->transfer.owner;
    call->answered = client->answered[call->kind];
    recorder_answered(client->cluster->recorder, client, call);
    call->answered(call);
}

static void carry(struct cluster_client *client, struct model_call *call,
                  void (*done)(struct model_transfer *transfer))
{
    call->op = NULL;
    call->transfer.done = done;
    call->transfer.owner = client;
    model_net_send(&client->cluster->net, &call->transfer, client->machine,
                   call->connection->server, call->request_bytes, call->connection);
}

/* ---- a new connection ---- */

/* hardware-models.md 3.1: a SYN has no payload; its headers are added by the network. */
#define SYN_BYTES 1

static void accepted(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    carry(transfer->owner, call, arrived);
}

static void syn_arrived(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    struct cluster_client *client = transfer->owner;
    transfer->done = accepted;
    model_net_send(&client->cluster->net, transfer, call->connection->server, client->machine,
                   SYN_BYTES, call->connection);
}

static void connect_and_carry(struct cluster_client *client, struct model_call *call)
{
    call->op = NULL;
    call->transfer.done = syn_arrived;
    call->transfer.owner = client;
    model_net_send(&client->cluster->net, &call->transfer, client->machine,
                   call->connection->server, SYN_BYTES, call->connection);
}

void cluster_close(struct model_transport *transport, struct model_connection *connection)
{
    struct cluster_client *client = sim_container(transport, struct cluster_client, transport);
    model_host_close(client->cluster->hosts[connection->server_id], connection);
}

/* ---- acks=0 ---- */

static void free_unanswered(struct unanswered *copy)
{
    *copy->live = copy->live_next;
    if (copy->live_next)
        copy->live_next->live = copy->live;
    free(copy->parts);
    free(copy->spans);
    free(copy->bytes);
    free(copy);
}

static void broker_done(struct model_call *call)
{
    free_unanswered(sim_container(call, struct unanswered, call));
}

static void keep(struct cluster *cluster, struct unanswered *copy)
{
    copy->live = &cluster->unanswered;
    copy->live_next = cluster->unanswered;
    if (copy->live_next)
        copy->live_next->live = &copy->live_next;
    cluster->unanswered = copy;
}

void cluster_transport_free(struct cluster *cluster)
{
    while (cluster->unanswered)
        free_unanswered(cluster->unanswered);
}

static struct cluster_socket *socket_of(const struct unanswered *copy)
{
    struct cluster_client *client = copy->call.transfer.owner;
    return &client->sockets[copy->call.connection->server_id];
}

/* The first that waits. What it asks for next comes behind those that wait already. */
static void tell_client(struct sim *sim, struct cluster_socket *socket)
{
    struct unanswered *copy = socket->first;
    struct model_call *original = copy->original;
    socket->first = copy->next;
    socket->bytes += copy->call.request_bytes;
    copy->original = NULL;
    original->at.answered_ns = sim->now_ns;
    original->outcome = MODEL_CALL_ANSWERED;
    original->answered(original);
}

static void tell_who_fits(struct sim *sim, struct cluster_socket *socket)
{
    while (socket->first && socket->bytes + socket->first->call.request_bytes <= socket->bytes_max)
        tell_client(sim, socket);
}

static void sent(struct sim *sim, struct sim_event *event)
{
    tell_who_fits(sim, socket_of(sim_container(event, struct unanswered, sent)));
}

/* Messages of a connection arrive in order: a larger one than the socket was first in it, and has gone through it. */
static void arrived_unanswered(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    struct unanswered *copy = sim_container(call, struct unanswered, call);
    struct cluster_client *client = transfer->owner;
    struct sim *sim = &client->cluster->sim;
    struct cluster_socket *socket = socket_of(copy);
    sim_cancel(sim, &copy->sent);
    assert(!copy->original || socket->first == copy);
    if (copy->original)
        tell_client(sim, socket);
    socket->bytes -= call->request_bytes;
    tell_who_fits(sim, socket);
    model_host_receive(host_of(client, call), call);
}

static void wait_for_socket(struct cluster_socket *socket, struct unanswered *copy)
{
    struct unanswered **end = &socket->first;
    while (*end)
        end = &(*end)->next;
    *end = copy;
}

static uint64_t copy_sizes(const struct model_call *call, uint32_t *span_count)
{
    uint64_t bytes = 0;
    *span_count = 0;
    for (uint32_t i = 0; i < call->produce.count; i++)
        for (uint32_t j = 0; j < call->produce.parts[i].span_count; j++, (*span_count)++)
            bytes +=
                call->produce.parts[i].spans[j].bytes ? call->produce.parts[i].spans[j].size : 0;
    return bytes;
}

static void copy_parts(struct unanswered *copy, const struct model_call *call)
{
    struct broker_span *span = copy->spans;
    uint8_t *bytes = copy->bytes;
    for (uint32_t i = 0; i < call->produce.count; i++) {
        const struct broker_produce_part *part = &call->produce.parts[i];
        copy->parts[i] = *part;
        copy->parts[i].spans = span;
        for (uint32_t j = 0; j < part->span_count; j++, span++) {
            *span = part->spans[j];
            if (!span->bytes)
                continue;
            memcpy(bytes, span->bytes, span->size);
            span->bytes = bytes;
            bytes += span->size;
        }
    }
}

static void send_unanswered(struct cluster_client *client, struct model_call *call)
{
    uint32_t span_count;
    uint64_t bytes = copy_sizes(call, &span_count);
    struct unanswered *copy = calloc(1, sizeof *copy);
    assert(copy);
    copy->parts = calloc(call->produce.count, sizeof *copy->parts);
    copy->spans = calloc(span_count, sizeof *copy->spans);
    copy->bytes = malloc(bytes ? bytes : 1);
    assert(copy->parts && copy->spans && copy->bytes);
    keep(client->cluster, copy);
    copy_parts(copy, call);
    copy->original = call;
    copy->call = *call;
    copy->call.produce.parts = copy->parts;
    copy->call.answered = broker_done;
    copy->call.transfer = (struct model_transfer){.owner = client};
    wait_for_socket(socket_of(copy), copy);
    sim_event_init(&copy->sent, sent);
    sim_after(&client->cluster->sim, &copy->sent, 0); /* not within the client's own call */
    carry(client, &copy->call, arrived_unanswered);
}

void cluster_send(struct model_transport *transport, struct model_call *call)
{
    struct cluster_client *client = sim_container(transport, struct cluster_client, transport);
    int64_t created_ns = call->at.created_ns;
    int64_t now_ns = client->cluster->sim.now_ns;
    call->at =
        (struct model_stamps){.created_ns = created_ns ? created_ns : now_ns, .sent_ns = now_ns};
    client->answered[call->kind] = call->answered;
    call->generation = call->connection->generation;
    if (call->kind == MODEL_PRODUCE && call->produce.acks == 0)
        send_unanswered(client, call);
    else {
        call->answered = answered;
        if (call->kind == MODEL_API_VERSIONS)
            connect_and_carry(client, call);
        else
            carry(client, call, arrived);
    }
}
