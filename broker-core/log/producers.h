/*
 * broker-core/log/producers.h - what a log knows of the producers that wrote to it: sequences, duplicates, open transactions.
 *
 * Shape    One entry per producer id with its last five batches, in the order of first appearance; a hash finds it when there are
 *          many. Transactions are two lists sorted by first offset: open ones, and decided ones whose marker is not yet below the
 *          high watermark. Nothing is allocated for a log that no idempotent producer writes to.
 *          Snapshots are written in the order in which a Java HashMap of the same history would give the entries.
 * Units    Offsets: records. Times: ms since 1970, of the records.
 * Omits    Verification of transactions by their coordinator (KIP-890).
 * Source   reference/kafka/transactions.md section 2, 4 and 5; log-storage.md section 8.
 * Checked  tests/broker-core/test_log_producers.c, test_log_storage.c (snapshot bytes of Kafka's classes)
 */
#ifndef BROKER_LOG_PRODUCERS_H
#define BROKER_LOG_PRODUCERS_H

#include "broker-core/log/log.h"

/* A broker remembers this many batches of a producer: its most in flight (max.in.flight.requests.per.connection). */
#define BROKER_PRODUCER_BATCHES 5

struct broker_producer_batch {
    int64_t last_offset;
    int64_t timestamp_ms;
    int32_t last_sequence;
    int32_t offset_delta;
};

struct broker_producer {
    int64_t id;
    int64_t last_timestamp_ms;
    int64_t txn_first_offset; /* -1: no open transaction */
    int32_t coordinator_epoch;
    int16_t epoch;
    uint8_t batch_count;
    uint8_t newest;
    struct broker_producer_batch batches[BROKER_PRODUCER_BATCHES]; /* a ring */
};

/* NULL: none since the epoch began. */
static inline const struct broker_producer_batch *
broker_producer_newest(const struct broker_producer *producer)
{
    return producer->batch_count ? &producer->batches[producer->newest] : NULL;
}

struct broker_txn {
    int64_t producer_id;
    int64_t first_offset;
    int64_t last_offset; /* of its marker; -1 while open */
};

struct broker_txns {
    struct broker_txn *all; /* ascending by first offset */
    uint32_t count, room;
};

struct broker_producers {
    struct broker_producer *all; /* in order of first appearance */
    uint32_t *slots;             /* hash: number in `all` plus one; NULL while few */
    uint32_t count, room, slot_count;
    uint32_t java_buckets;              /* size that the Java map would have grown to */
    struct broker_txns open, undecided; /* undecided: marker written, not yet replicated */
    int64_t *snapshots;                 /* offsets of the snapshot files, ascending */
    uint32_t snapshot_count, snapshot_room;
    int64_t map_end;
    int64_t last_snapshot;
};

/* The outcome of a marker, for the transaction index. */
struct broker_txn_end {
    bool ended;
    bool aborted;
    struct broker_txn txn;
    int64_t last_stable_offset; /* as it is after this end */
};

void broker_producers_init(struct broker_producers *producers);
void broker_producers_release(struct broker_producers *producers);
/* Forgets entries and transactions, keeps the list of snapshots. */
void broker_producers_clear(struct broker_producers *producers);

struct broker_producer *broker_producers_find(const struct broker_producers *producers, int64_t id);

/*
 * What the leader asks before it appends a client's data batch: whether it repeats one of the last five (out->duplicate and its
 * offsets are set), and whether epoch, sequence and transaction fit. Changes nothing.
 */
enum broker_error broker_producers_check(const struct broker_producers *producers,
                                         const struct broker_batch_header *header,
                                         struct broker_append *out, struct broker_err *err);

/* Takes over a data batch that was appended. BROKER_EIO: out of memory. */
int broker_producers_note(struct broker_producers *producers,
                          const struct broker_batch_header *header);
/* Takes over a transaction marker. *end tells whether an open transaction ended. */
int broker_producers_note_marker(struct broker_producers *producers,
                                 const struct broker_batch_header *header, bool commit,
                                 int32_t coordinator_epoch, struct broker_txn_end *end);

/* First offset of the earliest transaction that is open or not replicated; INT64_MAX if none. */
int64_t broker_producers_first_unstable(const struct broker_producers *producers);
void broker_producers_high_watermark(struct broker_producers *producers, int64_t high_watermark);
/* Drops producers whose last record is older than expiration_ms and who have no open transaction. */
void broker_producers_expire(struct broker_producers *producers, int64_t now_ms,
                             int64_t expiration_ms);

/* Snapshot file as bytes. Gives *bytes (free). */
int broker_producers_encode(const struct broker_producers *producers, uint8_t **bytes,
                            size_t *size);
/* Replaces the entries; BROKER_ECORRUPT leaves them cleared. Expired entries are left out. */
int broker_producers_decode(struct broker_producers *producers, const uint8_t *bytes, size_t size,
                            int64_t now_ms, int64_t expiration_ms, struct broker_err *err);

/* The list of snapshot files. */
int broker_producers_add_snapshot(struct broker_producers *producers, int64_t offset);
void broker_producers_drop_snapshot(struct broker_producers *producers, int64_t offset);

#endif
