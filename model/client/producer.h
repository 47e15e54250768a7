/*
 * model/client/producer.h - one producing client process: application thread, accumulator, sender thread.
 *
 * Shape    Java: batches stay open per partition; a broker is ready when one of its partitions has a full batch, a batch older than
 *          linger.ms, or memory is exhausted; draining takes one batch of each partition of the broker, up to max.request.size, so the
 *          linger of others is cut. librdkafka: each request carries one partition; a batch ends at linger, batch.size or
 *          batch.num.messages. Both: bounded memory, requests in flight, retries with back-off, expiry, idempotent sequences;
 *          nothing is appended before the topic's metadata is there; an answer that takes too long closes the connection, and all
 *          that was in flight on it is sent again on the next.
 *          Events are per batch and request, never per record: records are taken from the lazy stream when a batch is drained.
 *          Batches are real: 61 header bytes with CRC, a span record (span.h), then a hole.
 * Units    Time: ns; Kafka's ms settings are given in ns here. Sizes: bytes.
 * Latency  From the intended send time of each record to the answer at the client's application.
 * Source   reference/kafka/clients.md.
 * Checked  tests/model/test_producer.c, test_librdkafka.c; tests/agreement/test_batching_oracle.c
 */
#ifndef MODEL_CLIENT_PRODUCER_H
#define MODEL_CLIENT_PRODUCER_H

#include "model/client/arrivals.h"
#include "model/client/compression.h"
#include "model/client/metadata.h"
#include "model/client/partitioner.h"
#include "model/hardware/profile.h"

struct sim;
struct sim_histogram;
struct model_cpu;

/* socket.send.buffer.bytes 0: the system's own, which grows to the largest of Linux's net.ipv4.tcp_wmem. */
#define MODEL_PRODUCER_SOCKET_BYTES (UINT64_C(4) << 20)

/* With so many records in flight librdkafka leaves an idempotent producer's partition alone (RD_KAFKA_IDEMP_MAX_INFLIGHT, meant for requests). */
#define MODEL_PRODUCER_IDEMPOTENT_RECORDS 5

enum model_producer_kind { MODEL_PRODUCER_JAVA, MODEL_PRODUCER_LIBRDKAFKA };

struct model_producer_stats;

struct model_producer_config {
    const char *name; /* of the scenario's entry; borrowed */
    uint32_t number;  /* of the entry: goes into the spans */
    uint32_t client;  /* which of the entry's clients, from 0 */
    enum model_producer_kind kind;

    int32_t topic;
    uint32_t partitions;
    bool max_rate; /* rate: max: the application always has another record */
    struct model_arrivals_config arrivals; /* this client's share of the load */
    struct model_partitioner_config partitioner;
    const double *weights; /* [partitions] of model_partition_weights, borrowed; NULL with sticky */
    double key_bytes;      /* part of the record's size */
    struct model_compression compression;

    int16_t acks; /* 0, 1, -1 */
    int64_t linger_ns;
    uint64_t batch_size;
    uint64_t batch_num_messages; /* librdkafka */
    uint64_t buffer_memory;      /* librdkafka: queue.buffering.max.kbytes in bytes */
    uint64_t queue_max_messages; /* librdkafka */
    uint64_t socket_bytes;       /* the connection's send buffer: librdkafka */
    uint64_t max_request_size;   /* librdkafka: message.max.bytes */
    uint32_t max_in_flight;
    int64_t max_block_ns; /* 0: refused at once (librdkafka's QUEUE_FULL) */
    int64_t request_timeout_ns;
    int64_t
        socket_timeout_ns; /* librdkafka: how long an answer may take; Java's request_timeout_ns is that */
    int64_t reconnect_backoff_ns;
    int64_t reconnect_backoff_max_ns;
    int64_t delivery_timeout_ns;
    uint64_t retries;
    int64_t retry_backoff_ns;
    int64_t retry_backoff_max_ns;
    bool tls; /* its connections are encrypted */
    bool idempotent;
    int64_t producer_id; /* given by the cluster; -1 when not idempotent */

    int64_t epoch_ms; /* wall clock at simulated time 0, for batch timestamps */
    uint64_t seed;
    uint64_t replication;
};

/* Kafka's defaults of the kind; everything that the cluster must set is zero. */
void model_producer_config_init(struct model_producer_config *config,
                                enum model_producer_kind kind);

/* What is recorded; one for all clients of an entry. Plain data, read at any time. */
struct model_producer_stats {
    /* records, by what became of them */
    uint64_t records_due; /* intended send time reached and taken by a decision */
    uint64_t records_acked;
    uint64_t records_failed;  /* an error that is not retried, or retries used up */
    uint64_t records_expired; /* delivery.timeout.ms */
    uint64_t records_refused; /* max.block.ms ran out, or QUEUE_FULL */
    uint64_t records_retried; /* once for each time they are sent again */
    uint64_t raw_bytes_acked; /* payload before compression */
    uint64_t wire_bytes_acked;

    uint64_t batches;  /* drained for the first time */
    uint64_t requests; /* sent */
    uint64_t batches_full, batches_lingered,
        batches_cut; /* why they were drained; cut: with others, or memory */
    uint64_t batch_retries, request_timeouts, disconnects, queue_full_waits;
    uint64_t errors[5]; /* answers by enum model_producer_error */

    /* Weighted by records where it says so. Owned. */
    struct sim_histogram *latency_ns; /* per record: intended send to answer */
    struct sim_histogram *queue_ns;   /* per record: intended send to drain (linger and queue) */
    struct sim_histogram
        *sent_ns; /* per batch: drain to handed to the NIC (sender thread, compression) */
    struct sim_histogram *answer_ns;         /* per batch: NIC to answer read, as clients count */
    struct sim_histogram *records_per_batch; /* per batch */
    struct sim_histogram
        *in_flight; /* per request: requests in flight on its connection, itself included */
    struct sim_histogram *memory_wait_ns; /* per blocked stretch of the application */
};

enum model_producer_error {
    MODEL_PRODUCER_ERR_NOT_LEADER,
    MODEL_PRODUCER_ERR_NOT_ENOUGH_REPLICAS,
    MODEL_PRODUCER_ERR_TIMED_OUT,
    MODEL_PRODUCER_ERR_TOO_LARGE,
    MODEL_PRODUCER_ERR_OTHER,
};

void model_producer_stats_init(struct model_producer_stats *stats);
void model_producer_stats_reset(struct model_producer_stats *stats); /* at the end of the warm-up */
void model_producer_stats_release(struct model_producer_stats *stats);

struct model_producer;

/*
 * Borrows everything until free: sim, cpu (of the client's machine: runs the two threads), profile, metadata, transport and stats.
 * The config is copied. Nothing happens before start. Gives the producer.
 */
struct model_producer *model_producer_new(const struct model_producer_config *config,
                                          struct sim *sim, struct model_cpu *cpu,
                                          const struct model_profile *profile,
                                          const struct model_metadata *metadata,
                                          struct model_transport *transport,
                                          struct model_producer_stats *stats);
/* Load begins now. */
void model_producer_start(struct model_producer *producer);
/* No more records are taken; what is open is drained as usual. */
void model_producer_stop(struct model_producer *producer);
/* Asserts nothing about what is in flight: calls still carried by the transport must not be answered any more. */
void model_producer_free(struct model_producer *producer);

/* State now. */
struct model_producer_now {
    uint64_t buffered_bytes;   /* of buffer.memory */
    uint64_t buffered_records; /* taken into batches, not answered yet */
    uint32_t in_flight;        /* requests, all connections */
    bool blocked;              /* the application waits for memory */
    int64_t
        backlog_ns; /* how late the application is: age of the oldest record not yet in the accumulator; 0 if none */
};
void model_producer_now(const struct model_producer *producer, struct model_producer_now *now);

#endif
