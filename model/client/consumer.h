/*
 * model/client/consumer.h - one member of a consumer group: fetches, processes, commits.
 *
 * Shape    Long polling: one fetch in flight per broker, with a fetch session (Java) or without (librdkafka). Java asks a broker again
 *          when all that came from it has been handed to the application, before that works on the last of it: one answer ahead
 *          (a broker with buffered data is left alone: KAFKA-17182). Where max.poll.records ends with the last record of a
 *          partition's data, the next poll finds that out. librdkafka asks on until queued.min.messages or
 *          queued.max.messages.kbytes are waiting, of all partitions: they share the consumer's one queue; then it looks again
 *          after fetch.queue.backoff.ms. The application thread takes up to max.poll.records at a time and works on each.
 *          Batches are found by walking the fetched region (header and span), so latency is measured on what the log really holds.
 *          A commit is an ordinary acks=all produce to a partition of the offsets topic, on a connection of its own to the broker
 *          that leads it, so it does not wait behind a fetch that waits for data.
 * Units    Time: ns; Kafka's ms settings are given in ns here. Sizes: bytes.
 * Latency  End to end: from a record's intended send time to when the application is handed it by poll.
 * Omits    Rebalances: membership is static. Finding the coordinator and the committed offsets at the start.
 * Source   reference/kafka/groups.md section 6; clients.md.
 * Checked  tests/model/test_consumer.c
 */
#ifndef MODEL_CLIENT_CONSUMER_H
#define MODEL_CLIENT_CONSUMER_H

#include "model/client/group.h"
#include "model/client/metadata.h"
#include "model/hardware/profile.h"

struct sim;
struct sim_histogram;
struct model_cpu;

enum model_consumer_kind { MODEL_CONSUMER_JAVA, MODEL_CONSUMER_LIBRDKAFKA };

struct model_consumer_config {
    const char *name; /* of the scenario's group; borrowed */
    uint32_t member;  /* from 0 */
    enum model_consumer_kind kind;

    uint32_t fetch_min_bytes;
    int64_t fetch_max_wait_ns;
    uint32_t fetch_max_bytes;
    uint32_t max_partition_fetch_bytes;
    uint64_t max_poll_records;
    uint64_t queued_min_messages; /* librdkafka */
    uint64_t queued_max_bytes;    /* librdkafka: queued.max.messages.kbytes in bytes */
    int64_t queue_backoff_ns;     /* librdkafka: fetch.queue.backoff.ms */
    bool tls;                     /* its connections are encrypted */
    bool read_committed;
    bool reset_to_earliest;     /* auto.offset.reset, after OFFSET_OUT_OF_RANGE */
    int32_t rack;               /* client.rack, numbered from 1; 0: none */
    int64_t request_timeout_ns; /* librdkafka: socket.timeout.ms */
    int64_t retry_backoff_ns;   /* librdkafka: fetch.error.backoff.ms */
    int64_t reconnect_backoff_ns;
    int64_t reconnect_backoff_max_ns;

    int64_t
        processing_record_ns; /* the application's own work on one thread: its time on this machine */
    double processing_byte_ns; /* per byte of payload */
    int64_t
        waiting_record_ns; /* then the thread waits for others, a database for example, and uses no CPU */
    /* Mean payload of a record by the producer's number in its span: batches are opaque, so this is how their payload is counted. */
    uint32_t producer_count;
    const double *producer_record_bytes; /* borrowed; NULL: bytes as in the log count as payload */

    bool auto_commit;
    int64_t auto_commit_interval_ns;
    int32_t offsets_topic; /* -1: commits are not modelled */
    uint32_t offsets_partitions;

    int64_t epoch_ms; /* wall clock at simulated time 0, for the commit's batch */
    uint64_t seed;
    uint64_t replication;
};
void model_consumer_config_init(struct model_consumer_config *config,
                                enum model_consumer_kind kind);

/* One for all members of a group. */
struct model_consumer_stats {
    uint64_t records; /* handed to the application */
    uint64_t
        records_unstamped; /* of them from batches without a span (start state): not in latency */
    uint64_t raw_bytes;    /* payload before compression, by producer_record_bytes */
    uint64_t wire_bytes;   /* as in the log */
    uint64_t batches;
    uint64_t fetches;       /* answered */
    uint64_t fetches_empty; /* of them without a record */
    uint64_t commits, commits_failed;
    uint64_t errors, timeouts, disconnects, offset_resets;
    struct sim_histogram
        *end_to_end_ns; /* per record: intended send to being handed to the application */
    struct sim_histogram *fetch_ns;      /* per fetch: sent to answered */
    struct sim_histogram *fetch_data_ns; /* the same, fetches with records only */
    struct sim_histogram *commit_ns;
    struct sim_histogram *records_per_fetch; /* fetches with records only */
};
void model_consumer_stats_init(struct model_consumer_stats *stats);
void model_consumer_stats_reset(struct model_consumer_stats *stats);
void model_consumer_stats_release(struct model_consumer_stats *stats);

/* Where a member starts reading a partition. */
struct model_consumer_start {
    struct broker_tp tp;
    int64_t offset;
};

struct model_consumer;

/* Borrows everything but config and parts, which are copied. Without parts it stays idle. Gives the consumer. */
struct model_consumer *
model_consumer_new(const struct model_consumer_config *config,
                   const struct model_consumer_start *parts, uint32_t part_count, struct sim *sim,
                   struct model_cpu *cpu, const struct model_profile *profile,
                   const struct model_metadata *metadata, struct model_transport *transport,
                   struct model_consumer_stats *stats);
void model_consumer_start(struct model_consumer *consumer);
void model_consumer_free(struct model_consumer *consumer);

/* How long its thread computed or waited for a core since the last reset: what is left is its headroom. */
int64_t model_consumer_busy_ns(const struct model_consumer *consumer);
void model_consumer_reset_busy(struct model_consumer *consumer);

/* Offset of the next record that the application has not been handed; its partitions by topic and number. */
uint32_t model_consumer_part_count(const struct model_consumer *consumer);
int64_t model_consumer_position(const struct model_consumer *consumer, uint32_t part,
                                struct broker_tp *tp);

#endif
