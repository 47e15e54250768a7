/*
 * model/cluster/round_trip.h - how long a request of a client takes when nothing is in its way, and what a connection carries by it.
 *
 * Shape    There and back, what the broker's threads compute, with acks=all a follower's fetch between, and the bytes at the rate of one
 *          connection. A follower's fetch brings what came for it since the last one: the busier its leader, the longer it takes.
 *          A broker takes the next request of a connection when the last is answered (Kafka mutes its channel): so many
 *          in flight hide the way, not the broker's part.
 * Units    Seconds; bytes as they travel, without frames.
 * Omits    Waiting behind other clients for a log or a thread, sleeping threads' slow start, collections.
 * Source   reference/kafka/clients.md sections 2 and 5, replication.md section 5; model/hardware/network.h for windows.
 * Checked  tests/model/test_round_trip.c, tests/model/test_size_connection.c
 */
#ifndef MODEL_CLUSTER_ROUND_TRIP_H
#define MODEL_CLUSTER_ROUND_TRIP_H

#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* Mean of a lognormal round trip, spikes included, within a rack or between two. */
double round_trip_rtt_s(const struct scenario_network *network, bool between_racks);

/* What one connection carries: a window each round trip, and the limit of a single flow. INFINITY: neither binds. window_bytes <= 0: the system's own. */
double round_trip_flow_bytes_per_s(const struct scenario_network *network, double window_bytes,
                                   double rtt_s);

/* What a message's bytes take beyond the way, after a silence: a window of them goes at once. */
double round_trip_transfer_s(const struct scenario_network *network, double window_bytes,
                             double rtt_s, double bytes);

struct round_trip_request {
    double batches, records, bytes;
};

/* What else comes to the same broker. */
struct round_trip_others {
    double requests_per_s;
    struct round_trip_request each;
};

/* What one fetcher thread of a follower fetches from one leader. */
struct round_trip_link {
    double partitions;
    double batches, records, bytes; /* a second */
};

/* The brokers' costs, made once: many requests are asked about. */
struct round_trip {
    const struct scenario *s;
    int brokers;
    struct model_profile own; /* on the brokers' cores */
    double speed;
    bool has_costs;
};

/* profile NULL: threads cost nothing. Borrows s. */
void round_trip_init(struct round_trip *trip, const struct scenario *s, int brokers,
                     const struct model_profile *profile);

/* Of so many partitions, those that have records in an answer of so many batches, of which `each` come together to different ones (at least 1). */
double round_trip_found(double partitions, double each, double batches);

/*
 * A fetcher's loop: there and back, and what both brokers compute for the fetch and for what came during the loop before, `own` on top of that
 * (NULL: nothing). One that cannot keep up would loop for ever: at most ten times what an empty fetch takes.
 */
double round_trip_loop_s(const struct round_trip *trip, const struct round_trip_link *link,
                         const struct round_trip_request *own);

/*
 * What a produce request holds its connection at the broker, to which others send meanwhile. The leader and the followers are in different
 * racks where there are some.
 */
double round_trip_produce_s(const struct round_trip *trip, const struct scenario_producer *p,
                            const struct round_trip_request *request,
                            const struct round_trip_others *others);

/* The same where each of its threads sleeps between requests: nobody else sends, and each waits for the last one's answer. */
double round_trip_alone_s(const struct round_trip *trip, const struct scenario_producer *p,
                          double broker_s);

/* Requests of so many records each that a client lets be on the way to a broker of which it has that many partitions at work. */
double round_trip_in_flight(const struct scenario_producer *p, double partitions, double records);

/* Whole requests of one batch of so many bytes that a connection's sockets hold: librdkafka waits before them. INFINITY: Java, whose few always fit. */
double round_trip_in_sockets(const struct scenario_producer *p, double batch_bytes);

/* Requests a second of a connection, `in_flight` of them out; way_s is what they spend outside the broker. */
double round_trip_requests_per_s(int in_flight, double way_s, double broker_s);

#endif
