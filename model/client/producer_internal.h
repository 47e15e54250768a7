/*
 * model/client/producer_internal.h - the parts of one producer, for the files that implement it.
 *
 * Shape    feed (a lazy stream of records, in time) -> batch in its partition's queue -> request on a broker's link.
 *            accumulator.c  opens, fills and closes batches, in order of time
 *            feed.c         what a feed will do next
 *            sticky.c       the partition that records without a key go to
 *            buffer_pool.c  batches and the memory they take
 *            queue.c        the queues of the partitions
 *            sender.c       which broker is ready, draining, CPU, sending
 *            answer.c       what becomes of batches: acknowledged, again, given up
 *            delivery_report.c  when the application learns of it
 *            network_client.c  connections, metadata
 *            max_rate.c     the application of `rate: max`, which fills batches as fast as it can
 *            batch.c        a batch's bytes
 */
#ifndef MODEL_CLIENT_PRODUCER_INTERNAL_H
#define MODEL_CLIENT_PRODUCER_INTERNAL_H

#include "model/client/heap_internal.h"
#include "model/client/network_client.h"
#include "model/client/producer.h"
#include "model/client/span.h"
#include "model/hardware/cpu.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "sim/sim.h"

#define NEVER   INT64_MAX
#define NO_FEED UINT32_MAX

enum batch_state { BATCH_OPEN, BATCH_CLOSED, BATCH_IN_FLIGHT, BATCH_DONE };

struct batch {
    struct batch *next; /* behind it in its partition's queue, in the reports or in the free list */
    struct batch *older; /* all that are not done, by creation */
    struct batch *newer;
    struct batch *all; /* every one ever made: to free them */
    uint64_t number;   /* order of creation: a retry goes back to its place */
    enum batch_state state;
    uint32_t partition;
    uint32_t references;  /* requests that carry it, a report that waits */
    uint64_t report_mark; /* the application's work until which its report waits */
    uint32_t feed;        /* that fills it; NO_FEED: none any more */
    struct model_span span;
    uint64_t groups;        /* different instants among its records */
    uint32_t stretch_count; /* known while they are few; 0: not */
    uint64_t raw_bytes;     /* records as in the batch before compression */
    uint64_t room_bytes;    /* most that raw_bytes may become */
    uint64_t wire_bytes;    /* whole batch, once built */
    uint64_t memory_bytes;
    int64_t opened_ns;
    int64_t enqueue_ns;    /* librdkafka: after its linger, until a record of its partition comes */
    int64_t drained_ns;    /* -1: not yet */
    int64_t not_before_ns; /* a retry waits until then */
    uint32_t attempts;     /* times sent */
    bool full;             /* it need not linger */
    bool built;            /* its bytes stand */
    bool sequenced;
    int16_t producer_epoch;
    int32_t base_sequence;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES + MODEL_SPAN_BYTES];
    struct broker_span spans[2];
    struct sim_histogram_stretch stretches[MODEL_STRETCHES_MAX];
};

struct part {
    struct batch *head;
    struct batch *tail; /* the only one that may be open */
    uint32_t length;
    uint32_t in_flight;
    uint64_t records_in_flight;
    int32_t link; /* broker that leads it, -1 none */
    int32_t next_sequence;
    int16_t producer_epoch;
    bool bump; /* a sequenced batch was given up: a new epoch when nothing is in flight */
};

struct feed {
    uint32_t outlet;
    struct batch *batch; /* attached open batch */
};

struct request {
    struct model_call call;
    struct request *next; /* outbox, link's list by sending time, or free list */
    struct request *previous;
    struct request *next_answer;
    struct request *all;
    struct model_producer *producer;
    uint32_t link;
    uint32_t count;
    uint32_t capacity;
    struct batch **batches;
    struct broker_produce_part *parts;
    uint64_t bytes;    /* as it travels */
    uint64_t app_mark; /* the application's work that must be done before it is sent */
    bool computed;     /* the sender thread is done with it */
    int64_t drained_ns;
    int64_t read_ns; /* its answer was taken from the socket: a client's round trip ends here */
    bool abandoned;  /* timed out: its batches were sent to their retry */
};

/* The sender thread (Java: one, librdkafka: one a broker): it sleeps, or goes from answers to requests until there is nothing to do. */
struct sender {
    struct model_burst burst;
    struct model_producer *producer;
    bool awake;
    int64_t looked_ns;        /* when it last worked out how long to sleep */
    double looking_ns;        /* work of such looks, to be done with the next burst */
    struct request *request;  /* being made */
    struct request *answered; /* being read */
    struct request *answers;  /* arrived, not read yet; oldest first */
    struct request *answers_last;
};

struct link {
    uint32_t in_flight;
    uint32_t unsent;       /* drained, not handed to the socket yet */
    uint64_t socket_bytes; /* handed to it and not answered */
    bool stalled;          /* the socket took no more: this flush is over for it */
    uint32_t turn;         /* partition to begin the next draining with */
    struct heap due;       /* its partitions with batches, by when they make it ready */
    struct sender *sender;
    struct request *first; /* sent, oldest first */
    struct request *last;
};

struct model_producer {
    struct model_producer_config config;
    struct sim *sim;
    struct model_cpu *cpu; /* NULL: computing takes no time */
    const struct model_profile *profile;
    const struct model_metadata *metadata;
    struct model_transport *transport;
    struct model_producer_stats *stats;
    bool started;     /* it knows the topic: until then the application waits */
    int64_t start_ns; /* load began; below 0: not yet */
    bool stopped;

    struct sim_event wake;
    bool in_run;

    /* accumulator */
    struct model_arrivals *arrivals;
    uint32_t feed_count;
    struct feed *feeds;
    struct heap openings;    /* feeds without a batch, by their next record */
    struct heap overflows;   /* feeds with one, by when to look whether it is full */
    uint32_t overhead_bytes; /* of a record in a batch */
    double record_bytes;     /* mean, with overhead */
    double ratio_estimate;   /* Java's guess of compressed / uncompressed */
    uint64_t memory_used;
    uint64_t queued_records; /* taken, not answered */
    uint64_t batch_number;
    struct batch *all_batches;
    struct request *all_requests;
    bool blocked;
    int64_t blocked_since_ns;  /* the application waits since then */
    int64_t blocked_record_ns; /* intended time of the record that waits */
    int64_t floor_ns; /* the application was blocked until then: it appended nothing before */
    /* sticky */
    uint32_t sticky_partition;
    double sticky_produced;
    int64_t sticky_until_ns;
    double *even_weights; /* owned: of a librdkafka client that sticks to nothing */
    struct sim_stream sticky_random;
    struct sim_stream retry_random;
    struct sim_stream enqueue_random;

    struct part *parts;
    int64_t *part_keys;
    uint32_t *part_places;
    uint32_t *scratch;       /* [partitions] */
    uint32_t *queue_lengths; /* how many partitions have a queue of that length */
    uint32_t queue_length_capacity;
    uint32_t queue_length_max;

    uint32_t leaderless; /* partitions without a leader */
    struct network_client network;
    uint32_t link_count;
    struct link *links;
    struct sender *senders;
    int64_t senders_worked_ns; /* when one of them last did */
    uint32_t in_flight;
    uint32_t next_link; /* looked at first */

    struct request *outbox; /* drained, not sent yet; in order */
    struct request *outbox_last;
    struct request *free_requests;
    struct batch *free_batches;
    struct batch *oldest;
    struct batch *newest;

    /* application thread */
    struct model_burst app;
    int64_t app_late_ns;  /* a due record's timer wakes it so late: only ages of records have it */
    int64_t app_sleep_ns; /* between two such wake-ups on average; 0: they are not counted */
    bool app_running;
    double app_work_ns;
    uint64_t app_mark;      /* pieces of work handed to it */
    uint64_t app_mark_run;  /* of them in the running burst and before */
    uint64_t app_mark_done; /* of them finished */
    struct batch *reports;  /* acknowledged, the application does not know it yet; oldest first */
    struct batch *reports_last;

    /* rate: max: records that the application has made, or is making, and that are not in a batch yet */
    struct model_taken chunk;
    int64_t *chunk_counts; /* [partitions] */
    uint32_t chunk_next;   /* partition from which on some are left */
    struct sim_discrete chunk_pick;
    struct sim_stream chunk_random;
};

/* accumulator.c */
void accumulator_init(struct model_producer *p);
void accumulator_start(struct model_producer *p);
void accumulator_release(struct model_producer *p);
/* Opens, closes and fills what the time up to now asks for. */
void accumulator_advance(struct model_producer *p, int64_t now_ns);
/* Takes what is due into an open batch and closes it: it is about to be drained. Where librdkafka leaves more due, that is ready. */
void accumulator_close(struct model_producer *p, struct batch *batch, int64_t now_ns);
void accumulator_stop(struct model_producer *p);
/* rate: max: adds records to an open batch, up to its room; closes it when no other fits. */
void accumulator_fill(struct model_producer *p, struct batch *batch, struct model_taken *taken);
void accumulator_unblock(struct model_producer *p);
void accumulator_block(struct model_producer *p, int64_t record_ns);
/* Next time at which advance has something to do that matters, INT64_MAX if none. */
int64_t accumulator_next_ns(struct model_producer *p, int64_t now_ns);

/* feed.c */
void feed_init(struct model_producer *p);
void feed_release(struct model_producer *p);
/* What an attached batch may still take; threshold: up to the record before which librdkafka's limits are not reached. */
struct model_take_limit feed_limit(const struct model_producer *p, const struct batch *batch,
                                   int64_t until_ns, bool threshold);
/* Its next record, and when that would find a batch full. */
void feed_set_opening(struct model_producer *p, uint32_t f);
void feed_attach(struct model_producer *p, uint32_t f, struct batch *batch, int64_t now_ns);
void feed_detach(struct model_producer *p, uint32_t f);
/* Looks for the time at which the feed's batch is full, up to horizon_ns; looked at again then. */
void feed_watch(struct model_producer *p, uint32_t f, int64_t horizon_ns);
int64_t feed_horizon(const struct model_producer *p, const struct batch *batch, int64_t now_ns);

/* sticky.c */
void sticky_start(struct model_producer *p);
uint32_t sticky_partition(struct model_producer *p, int64_t now_ns);
/* A batch is closed: Java counts its bytes. */
void sticky_note(struct model_producer *p, const struct batch *batch);

/* buffer_pool.c */
struct batch *pool_new_batch(struct model_producer *p, uint32_t partition, int64_t now_ns);
/* Raw bytes that a new batch has room for. */
uint64_t pool_room(const struct model_producer *p);
bool pool_has_memory(const struct model_producer *p);
void pool_add_taken(struct model_producer *p, struct batch *batch, const struct model_taken *taken);
/* The batch's fate is known. Its memory is free once no request carries it. */
void pool_finish(struct model_producer *p, struct batch *batch);
void pool_drop_reference(struct model_producer *p, struct batch *batch);
void pool_release(struct model_producer *p);

/* queue.c: the batches of a partition, oldest first, and when they make their broker ready */
void queue_append(struct model_producer *p, struct batch *batch);
void queue_insert_retry(struct model_producer *p, struct batch *batch);
struct batch *queue_pop(struct model_producer *p, uint32_t partition);
/* Takes one out wherever it stands: it was given up. */
void queue_unlink(struct model_producer *p, struct batch *batch);
/* When the partition makes its broker ready: recomputed after any change of its queue. */
void queue_update_due(struct model_producer *p, uint32_t partition);
void queue_find_leader(struct model_producer *p, uint32_t partition);

static inline bool producer_is_java(const struct model_producer *p)
{
    return p->config.kind == MODEL_PRODUCER_JAVA;
}

/* sender.c: does everything that can be done now; then sets the wake-up. */
void sender_run(struct model_producer *p);
void sender_flush(struct model_producer *p);
/* An answer waits for its sender thread. */
void sender_answer(struct model_producer *p, struct request *request);
/* By how much a sleep of the client's threads overshoots. */
int64_t sender_slack_ns(const struct model_producer *p);
/* A partition with a leader has a new batch, perhaps for some time. */
void sender_new_batch(struct model_producer *p, const struct part *part, int64_t opened_ns);

/* sender_work.c; costs in ns of CPU */
void sender_app_work(struct model_producer *p, double work_ns);
double sender_app_cost(const struct model_producer *p, double records, double raw_bytes);
double sender_request_cost(const struct model_producer *p, const struct request *request);
double sender_answer_cost(const struct model_producer *p, const struct request *request);

/* drain.c: what is ready at that broker becomes a request, which is not empty. */
struct request *request_drain(struct model_producer *p, uint32_t link, int64_t now_ns);
/* The partition's first batch does not wait for a retry's back-off. */
bool request_may_drain(const struct model_producer *p, uint32_t partition, int64_t now_ns);
void request_fill_call(struct model_producer *p, struct request *request);

/* answer.c */
void answer_received(struct model_call *call);
/* The sender thread has read it. */
void answer_read(struct model_producer *p, struct request *request);
/* The connection is gone: all that was sent on it and is not answered is sent again. */
void answer_disconnect(struct model_producer *p, uint32_t link);
/* Its connection is gone before it was sent: its batches go back to their queues, whose leader may be another broker by now. */
void answer_unsent(struct model_producer *p, struct request *request);
void answer_timeouts(struct model_producer *p, int64_t now_ns);
int64_t answer_next_ns(const struct model_producer *p);
void request_put_away(struct model_producer *p, struct request *request);
void link_remove(struct link *link, struct request *request);

/* delivery_report.c: the batch is acknowledged; then what the application's thread has come to. Returns whether there was anything. */
void report_delivered(struct model_producer *p, struct batch *batch, int64_t now_ns);
bool report_serve(struct model_producer *p, int64_t now_ns);

/* batch.c */
/* Records now_ns less each record's intended send time. */
void batch_record_age(const struct model_producer *p, const struct batch *batch,
                      struct sim_histogram *histogram, int64_t now_ns);
void batch_build(struct model_producer *p, struct batch *batch);
uint32_t batch_record_overhead(const struct model_producer_config *config);

/* max_rate.c */
void max_rate_init(struct model_producer *p);
void max_rate_release(struct model_producer *p);
/* The application goes on if it waited for memory and there is some. */
void max_rate_go_on(struct model_producer *p);

#endif
