/*
 * broker-core/record/record.h - the records inside a batch: reading them one by one, and building a batch of them.
 *
 * Shape    Reading goes through a cursor, so that a value may be a hole. Building collects records and writes one batch.
 * Units    Bytes; ms since 1970.
 * Source   reference/kafka/record-format.md sections 3 to 5.
 * Checked  tests/broker-core/test_batch_records.c
 */
#ifndef BROKER_RECORD_RECORD_H
#define BROKER_RECORD_RECORD_H

#include "broker-core/record/batch.h"
#include "broker-core/record/cursor.h"

struct broker_record {
    int64_t timestamp_delta_ms;
    int32_t offset_delta;
    int32_t key_bytes;   /* -1: null */
    int32_t value_bytes; /* -1: null */
    int32_t header_count;
    struct broker_cursor key, value, headers;
};

struct broker_record_header {
    int32_t key_bytes;
    int32_t value_bytes; /* -1: null */
    struct broker_cursor key, value;
};

/* Reads the record at the cursor and moves over it. BROKER_ECORRUPT if it is malformed. */
int broker_record_next(struct broker_cursor *cursor, struct broker_record *record,
                       struct broker_err *err);
/* Reads the next of record->header_count headers from record->headers. False if there is none. */
bool broker_record_header_next(struct broker_cursor *headers, struct broker_record_header *header);

/*
 * The records of a batch, uncompressed: payload->cursor starts at the first. Borrows spans where they are not compressed. Release it
 * after success and after an error.
 */
struct broker_payload {
    struct broker_cursor cursor;
    struct broker_span
        plain; /* what the cursor runs over after decompression: the struct must not move */
    uint8_t *owned;
};
int broker_payload_open(struct broker_payload *payload, const struct broker_batch_header *header,
                        const struct broker_span *spans, size_t count, struct broker_err *err);
void broker_payload_release(struct broker_payload *payload);

/* ---- building ---- */

/* A byte string given to the builder; NULL bytes with size -1 is Kafka's null. */
struct broker_bytes {
    const void *bytes;
    int32_t size;
};
struct broker_builder_header {
    const char *key;
    struct broker_bytes value;
};

/* Zero it, or use init; release may be called twice. */
struct broker_builder {
    uint8_t *records;
    size_t size, room;
    int64_t base_timestamp_ms, max_timestamp_ms;
    int32_t count, last_offset_delta;
};
void broker_builder_init(struct broker_builder *builder);
void broker_builder_release(struct broker_builder *builder);
/* BROKER_EIO: out of memory. The offset delta is the count so far. */
int broker_builder_add(struct broker_builder *builder, int64_t timestamp_ms,
                       struct broker_bytes key, struct broker_bytes value,
                       const struct broker_builder_header *headers, int32_t header_count);
/* The same with an offset delta of one's own, for compacted batches. Asserts that it grows. */
int broker_builder_add_at(struct broker_builder *builder, int32_t offset_delta,
                          int64_t timestamp_ms, struct broker_bytes key, struct broker_bytes value,
                          const struct broker_builder_header *headers, int32_t header_count);
/*
 * Writes the batch. From *header are taken: base_offset, partition_leader_epoch, attributes (with the codec), producer id, epoch and
 * base sequence; the rest is set, CRC included. Gives *bytes (free).
 */
int broker_builder_finish(struct broker_builder *builder, struct broker_batch_header *header,
                          uint8_t **bytes, size_t *size, struct broker_err *err);

/* ---- control records (section 5) ---- */

enum broker_control_type { BROKER_CONTROL_ABORT = 0, BROKER_CONTROL_COMMIT = 1 };

/* Type of a control batch and its coordinator epoch; BROKER_ECORRUPT if it is malformed. Other types than these two give -1. */
int broker_control_read(const struct broker_batch_header *header, const struct broker_span *spans,
                        size_t count, int *type, int32_t *coordinator_epoch,
                        struct broker_err *err);

/* 61 header bytes and a record of 17. */
#define BROKER_MARKER_BYTES 78
/* A transaction marker; header->base_offset, epochs, producer id and max_timestamp_ms are taken, the rest is set. */
void broker_control_build(struct broker_batch_header *header, enum broker_control_type type,
                          int32_t coordinator_epoch, uint8_t bytes[BROKER_MARKER_BYTES]);

#endif
