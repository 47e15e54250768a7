/*
 * broker-core/record/batch.h - one record batch of magic 2: header, checks, building.
 *
 * Shape    A batch is a list of spans (env.h). Its 61 header bytes are always bytes; its records may be a hole: such a
 *          batch is *opaque*, and its count, largest timestamp and offsets come from the header alone. Bytes that came
 *          over a wire are never opaque: broker_batch_check refuses holes unless told otherwise, in one place.
 * Units    Bytes; ms since 1970.
 * Source   reference/kafka/record-format.md sections 1 to 8.
 * Checked  tests/broker-core/test_batch.c: the vectors V1 to V7 made with Kafka's own classes.
 */
#ifndef BROKER_RECORD_BATCH_H
#define BROKER_RECORD_BATCH_H

#include "broker-core/env.h"
#include "broker-core/record/wrap.h"

#define BROKER_BATCH_HEADER_BYTES   61
#define BROKER_BATCH_OVERHEAD_BYTES 12 /* base offset and length: what precedes the counted bytes */

enum broker_codec {
    BROKER_NONE = 0,
    BROKER_GZIP = 1,
    BROKER_SNAPPY = 2,
    BROKER_LZ4 = 3,
    BROKER_ZSTD = 4
};

enum broker_batch_attributes {
    BROKER_BATCH_CODEC_MASK = 0x07,
    BROKER_BATCH_LOG_APPEND_TIME = 0x08,
    BROKER_BATCH_TRANSACTIONAL = 0x10,
    BROKER_BATCH_CONTROL = 0x20,
    BROKER_BATCH_DELETE_HORIZON = 0x40,
};

struct broker_batch_header {
    int64_t base_offset;
    int32_t batch_length; /* bytes after this field */
    int32_t partition_leader_epoch;
    int8_t magic;
    uint32_t crc;
    int16_t attributes;
    int32_t last_offset_delta;
    int64_t base_timestamp_ms;
    int64_t max_timestamp_ms;
    int64_t producer_id;
    int16_t producer_epoch;
    int32_t base_sequence;
    int32_t record_count;
};

static inline uint64_t broker_batch_size(const struct broker_batch_header *h)
{
    return (uint64_t)(uint32_t)h->batch_length + BROKER_BATCH_OVERHEAD_BYTES;
}
/* Whether the offsets are such that the next one can be named too. */
static inline bool broker_batch_has_sane_offsets(const struct broker_batch_header *h)
{
    return h->base_offset >= 0 && h->last_offset_delta >= 0 &&
           h->base_offset < INT64_MAX - h->last_offset_delta;
}
static inline int64_t broker_batch_last_offset(const struct broker_batch_header *h)
{
    return broker_wrap_add(h->base_offset, h->last_offset_delta);
}

/* Reads 61 bytes. No check at all. */
void broker_batch_header_read(const uint8_t bytes[BROKER_BATCH_HEADER_BYTES],
                              struct broker_batch_header *header);
/* Writes 61 bytes, crc included as it stands in the struct. */
void broker_batch_header_write(const struct broker_batch_header *header,
                               uint8_t bytes[BROKER_BATCH_HEADER_BYTES]);

/*
 * Makes the header of an opaque batch: records_bytes of zeros as payload, real CRC (O(log records_bytes)).
 * Sets length, magic, crc, last_offset_delta from record_count; the other fields are taken from *header.
 * The batch is then {header bytes, 61} and {NULL, records_bytes}.
 */
void broker_batch_build_opaque(struct broker_batch_header *header, uint64_t records_bytes,
                               uint8_t bytes[BROKER_BATCH_HEADER_BYTES]);

/*
 * The same with records given as spans, bytes and holes mixed: the batch is then {header bytes, 61} and the spans.
 */
void broker_batch_build(struct broker_batch_header *header, const struct broker_span *records,
                        size_t count, uint8_t bytes[BROKER_BATCH_HEADER_BYTES]);

enum broker_check_flags {
    BROKER_CHECK_CRC = 1, /* compute and compare the checksum */
    /* Opaque batches are accepted: the simulation and its logs, never a wire. */
    BROKER_CHECK_ALLOW_HOLES = 2,
    /* What a leader asks of a client's batch beyond that: base offset 0, count = last_offset_delta + 1, not a control
     * batch, a sequence where there is a producer id. Without it the batch may be compacted or a marker. */
    BROKER_CHECK_PRODUCED = 4,
};

/* CRC of a batch's bytes after its crc field; `header` supplies the 40 bytes up to the records, spans the rest. */
uint32_t broker_batch_crc(const uint8_t header[BROKER_BATCH_HEADER_BYTES],
                          const struct broker_span *spans, size_t count);

/*
 * Whether the records of the batch are unknown: a hole, or (as env_posix reads a hole back) bytes that begin with a zero,
 * which neither a record nor a compressed stream does. Only for logs that allow holes.
 */
bool broker_batch_is_opaque(const struct broker_span *spans, size_t count);

/*
 * Checks one whole batch given as spans: length, magic, CRC, counts (record-format.md section 8, per-batch part that
 * needs no topic settings) and parses the header. Nothing after the batch may remain.
 * Returns  BROKER_OK, or BROKER_ECORRUPT with *error set to Kafka's code and a sentence in err.
 */
int broker_batch_check(const struct broker_span *spans, size_t count, int flags,
                       struct broker_batch_header *header, enum broker_error *error,
                       struct broker_err *err);

#endif
