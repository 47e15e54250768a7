/*
 * model/cluster/gather.h - what a producer's records wait for beside the linger, and how few requests that leaves.
 *
 * Shape    A batch that is ready goes out when its connection has a request to spare and the sender's thread is free; until then it
 *          goes on filling. Both are queues whose waiting places hold one batch each, and who finds his place taken joins it:
 *          birth and death, with `queues` places behind so many servers. A connection's servers are its requests in flight, and
 *          together they are as fast as the connection (round_trip.h); the sender's thread is one. What a request takes depends on what
 *          it carries: a fixed point.
 * Units    Per second, of one client.
 * Omits    What connections of other brokers have in flight, deliveries that fail, a machine without a core to spare.
 * Source   What fills sockets: measured with librdkafka 2.0.2 and two brokers of Kafka 4.2 on two cores, 200 B, linger.ms 0, acks=all, 12
 *          partitions: of 30,000 to 100,000 records/s 11 to 40 % were refused in 10 s; with max.in.flight 5 none was, and half were there
 *          in 5 to 11 ms.
 * Checked  tests/model/test_gather.c; against runs: tests/model/test_size_flow.c
 */
#ifndef MODEL_CLUSTER_GATHER_H
#define MODEL_CLUSTER_GATHER_H

#include "model/cluster/placement.h"
#include "model/cluster/round_trip.h"

/* One connection. */
struct gather_at {
    double records_per_s;
    double parts;  /* partitions of which a request takes a batch each (Java); 1 */
    double queues; /* batches that wait apart from each other */
    double
        turn_s; /* keyless: the client stays with one connection so long; 0: it goes to all at once */
};

/*
 * A connection of librdkafka whose thread makes requests faster than the broker takes them: its sockets fill with these small ones, and until
 * they are worked off, one by one, the records that come wait. Then they go in large batches, and all begins anew.
 */
struct gather_socketful {
    double requests_per_s; /* that the thread makes */
    double records;        /* of each */
    double broker_s;       /* what each takes there */
    double requests; /* in the sockets, or as many as may be in flight; 0: the broker keeps up */
};

/* What was found lately: brokers that lead alike have alike connections, and a fixed point takes a while. */
enum { GATHER_KNOWN = 4 };
struct gather_known {
    struct gather_at at;
    double starts_per_s, requests_per_s;
};

struct gather {
    const struct round_trip *trip;
    const struct scenario_producer *p;
    struct model_profile own; /* on the client's cores */
    bool has_costs;
    double speed, way_s;
    double brokers;                  /* that lead its topic's partitions */
    double record_bytes, most;       /* with overhead; records of a full batch */
    struct gather_socketful fullest; /* that takes longest, of the connections asked about */
    struct gather_known known[GATHER_KNOWN];
    int next; /* to be forgotten */
};

/* profile NULL: threads cost nothing. Borrows trip and p. */
void gather_init(struct gather *gather, const struct round_trip *trip,
                 const struct model_profile *profile, const struct scenario_producer *p,
                 const struct model_placement *m, double record_bytes, double most);

/* Requests a second, when `starts_per_s` of them would go if nothing held them up. */
double gather_requests_per_s(struct gather *gather, const struct gather_at *at,
                             double starts_per_s);

/*
 * Share of batches that find one of theirs waiting: Poisson starts, exponential service of `servers` that together finish done_per_s,
 * `queues` waiting places that are equally likely to be asked for.
 */
double gather_joined(double starts_per_s, int servers, double done_per_s, double queues);

#endif
