/*
 * model/client/consumer_internal.h - the parts of one consumer, for the files that implement it.
 *
 * Shape    fetch (request on a broker's link) -> pieces (batches, in order of arrival) -> poll -> application.
 *            consumer.c  life, polling, the application's work
 *            fetch.c     which partitions to ask for, sessions, answers
 *            commit.c    offsets
 *            network_client.c  connections, metadata
 */
#ifndef MODEL_CLIENT_CONSUMER_INTERNAL_H
#define MODEL_CLIENT_CONSUMER_INTERNAL_H

#include "model/client/consumer.h"
#include "model/client/network_client.h"
#include "model/client/span.h"
#include "model/hardware/cpu.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "sim/sim.h"

#define NEVER INT64_MAX

/* Records of one batch, not handed over yet. */
struct piece {
    uint32_t part;
    uint32_t link; /* it came from */
    uint32_t count;
    uint32_t producer;
    uint32_t groups; /* instants at which the records were meant to be sent */
    bool stamped;
    bool whole; /* begins a batch: its cost has not been paid */
    int16_t codec;
    int64_t first_ns; /* intended send times */
    int64_t last_ns;
    int64_t next_offset; /* after it */
    uint64_t wire_bytes;
};

struct consumer_part {
    struct broker_tp tp;
    int32_t link; /* broker to fetch from, -1 none */
    int32_t leader_epoch;
    int64_t position;     /* next to hand over */
    int64_t fetch_offset; /* next to ask for */
    int64_t sent_offset;  /* as the session knows it; -1: not in it */
    int32_t sent_link;    /* whose session */
    int64_t not_before_ns;
    bool resetting;            /* an offset is being looked up */
    int64_t follower_until_ns; /* reads from a follower of its rack until then */
};

struct fetch {
    struct model_call call;
    struct fetch *next;
    struct fetch *all;
    struct model_consumer *consumer;
    uint32_t link;
    bool abandoned;
    struct broker_fetch_part *parts;
    struct broker_tp *forgotten;
    uint32_t capacity;
};

struct consumer_link {
    struct fetch *fetch; /* in flight */
    int32_t session_id;
    int32_t session_epoch;
    uint64_t pieces;         /* buffered from it */
    uint64_t answer_records; /* of the answer that is being taken */
    uint32_t part_count;     /* partitions that it leads */
};

struct lookup {
    struct model_call call;
    struct broker_offset_part offsets;
    struct model_consumer *consumer;
    struct lookup *next;
    uint32_t part;
};

struct commit {
    struct model_call call;
    struct broker_produce_part part;
    struct broker_span spans[2];
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES + MODEL_SPAN_BYTES];
    bool in_flight;
    bool due;      /* it waits for its connection */
    uint32_t node; /* that it was sent to */
};

struct model_consumer {
    struct model_consumer_config config;
    struct sim *sim;
    struct model_cpu *cpu; /* NULL: computing takes no time */
    const struct model_profile *profile;
    const struct model_metadata *metadata;
    struct model_transport *transport;
    struct model_consumer_stats *stats;
    struct network_client network;
    bool started;
    bool busy; /* the application's thread computes, or waits for others with what it took */
    int64_t busy_since_ns;
    int64_t busy_ns; /* before that, since statistics were reset */
    bool in_poll;

    uint32_t part_count;
    struct consumer_part *parts;
    int64_t waits_until_ns; /* no time of a part's is later */
    uint32_t link_count;
    struct consumer_link *links;
    struct sim_event wake; /* timeouts, back-offs, commits */

    uint64_t buffered_records; /* in the ring */
    double buffered_bytes;     /* payload */
    int32_t undrained;  /* Java: link whose data is all taken, which nobody has noticed; -1: none */
    struct piece *ring; /* in order of arrival */
    uint32_t ring_capacity;
    uint32_t ring_head;
    uint32_t ring_length;
    struct piece *taken; /* by the present poll */
    uint32_t taken_count;
    uint32_t taken_capacity;
    uint64_t fetches_unpaid; /* answers whose CPU has not been spent yet */

    struct model_burst burst;
    double work_ns;    /* of the application, after the records are handed over */
    double waiting_ns; /* after that */
    struct sim_event waited;

    struct fetch *free_fetches;
    struct fetch *all_fetches;
    struct lookup *free_lookups;

    struct commit commit;
    struct broker_tp commit_tp;
    int64_t commit_due_ns;
};

/* consumer.c */
void consumer_push(struct model_consumer *c, const struct piece *piece);
void consumer_poll(struct model_consumer *c);
void consumer_set_wake(struct model_consumer *c);

/* fetch.c */
void fetch_init(struct model_consumer *c);
void fetch_release(struct model_consumer *c);
/* Sends what may be sent now. */
void fetch_send(struct model_consumer *c);
void fetch_timeouts(struct model_consumer *c);
int64_t fetch_next_ns(const struct model_consumer *c);
void fetch_find_leader(struct model_consumer *c, uint32_t part);
/* Metadata is there. */
void fetch_find_leaders(struct model_consumer *c);

/* region.c: the batches of a fetched region from the partition's fetch offset on, as pieces. */
void region_walk(struct model_consumer *c, uint32_t link, uint32_t part,
                 const struct broker_region *region);

/* commit.c */
void commit_init(struct model_consumer *c);
/* Commits if it is time, or when its connection is up. */
void commit_run(struct model_consumer *c);
void commit_send(struct model_consumer *c);

#endif
