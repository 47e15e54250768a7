/*
 * Bytes on the wire of what a broker receives and sends: payload, what requests and answers have beside it (model/hardware/call.h), and
 * frames. Acknowledgements are not counted, as in a run (model/hardware/network.h).
 */
#include "model/answer/size_internal.h"

#include <math.h>

#include "model/hardware/call.h"

/* Each message begins a frame, and its last one is half full on the average where it has several. */
static double on_wire(double messages, double bytes)
{
    double frames = fmax(messages, bytes / MODEL_NET_SEGMENT_BYTES + messages / 2);
    return bytes + frames * MODEL_NET_FRAME_BYTES;
}

typedef uint64_t overhead_fn(uint32_t topics, uint32_t partitions);

/* Produce requests or their answers, of one topic each. */
static double produce_bytes(overhead_fn *overhead, double messages, double parts, double payload)
{
    double part = (double)(overhead(1, 1) - overhead(1, 0));
    return on_wire(messages, messages * (double)overhead(1, 0) + parts * part + payload);
}

typedef uint64_t fetch_overhead_fn(uint32_t partitions);

/* Fetches or their answers. The topic is named with the first partition. */
static double fetch_bytes(fetch_overhead_fn *overhead, double messages, double parts,
                          double payload)
{
    double part = (double)(overhead(2) - overhead(1));
    double topic = (double)(overhead(1) - overhead(0)) - part;
    return on_wire(messages, messages * (double)overhead(0) + fmin(messages, parts) * topic +
                                 parts * part + payload);
}

static struct size_wire with_clients(const struct size_load *l)
{
    return (struct size_wire){
        .in = produce_bytes(model_call_produce_overhead_bytes, l->in_requests, l->in_batches,
                            l->in_bytes) +
              fetch_bytes(model_call_fetch_request_bytes, l->fetches, l->named_partitions, 0),
        .out =
            produce_bytes(model_call_produce_response_bytes, l->answers,
                          l->in_requests > 0 ? l->in_batches * l->answers / l->in_requests : 0, 0) +
            fetch_bytes(model_call_fetch_response_overhead_bytes, l->fetches, l->found_partitions,
                        l->group_out_bytes)};
}

/* Fetch sessions name what the last answer brought. */
static double fetches_bytes(double fetches, double parts)
{
    return fetch_bytes(model_call_fetch_request_bytes, fetches, parts, 0);
}

static double answers_bytes(double fetches, double parts, double bytes)
{
    return fetch_bytes(model_call_fetch_response_overhead_bytes, fetches, parts, bytes);
}

static struct size_wire with_followers(const struct size_load *l)
{
    double parts = l->replica_found;
    return (struct size_wire){
        .in = fetches_bytes(l->replica_fetches_in, parts),
        .out = answers_bytes(l->replica_fetches_in, parts, l->replica_out_bytes)};
}

static struct size_wire with_leaders(const struct size_load *l)
{
    double parts = l->follow_found;
    return (struct size_wire){.in = answers_bytes(l->replica_fetches_out, parts, l->follow_bytes),
                              .out = fetches_bytes(l->replica_fetches_out, parts)};
}

struct size_wire size_wire(const struct size_load *l)
{
    struct size_wire clients = with_clients(l), followers = with_followers(l),
                     leaders = with_leaders(l);
    return (struct size_wire){.in = clients.in + followers.in + leaders.in,
                              .out = clients.out + followers.out + leaders.out};
}

double size_wire_shared(const struct size_load *l)
{
    struct size_wire clients = with_clients(l), followers = with_followers(l);
    return clients.in + clients.out + followers.in + followers.out;
}
