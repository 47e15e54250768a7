/* broker-core/record/batch.c - header, checksum and checks of one batch; see batch.h. */
#include "broker-core/record/batch.h"
#include "broker-core/record/bytes.h"
#include "broker-core/record/crc32c.h"
#include "broker-core/record/cursor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* Byte positions in the header, as sums of the widths before (record-format.md section 1). */
enum {
    AT_BASE_OFFSET = 0,
    AT_LENGTH = AT_BASE_OFFSET + 8,
    AT_LEADER_EPOCH = AT_LENGTH + 4,
    AT_MAGIC = AT_LEADER_EPOCH + 4,
    AT_CRC = AT_MAGIC + 1,
    AT_ATTRIBUTES = AT_CRC + 4,
    AT_LAST_OFFSET_DELTA = AT_ATTRIBUTES + 2,
    AT_BASE_TIMESTAMP = AT_LAST_OFFSET_DELTA + 4,
    AT_MAX_TIMESTAMP = AT_BASE_TIMESTAMP + 8,
    AT_PRODUCER_ID = AT_MAX_TIMESTAMP + 8,
    AT_PRODUCER_EPOCH = AT_PRODUCER_ID + 8,
    AT_BASE_SEQUENCE = AT_PRODUCER_EPOCH + 2,
    AT_RECORD_COUNT = AT_BASE_SEQUENCE + 4,
    AT_RECORDS = AT_RECORD_COUNT + 4,
};
_Static_assert((int)AT_RECORDS == BROKER_BATCH_HEADER_BYTES, "61 header bytes");
_Static_assert((int)AT_LEADER_EPOCH == BROKER_BATCH_OVERHEAD_BYTES, "12 uncounted bytes");

/* The smallest length field that any magic allows (a record of magic 0). */
#define LENGTH_MIN 14

void broker_batch_header_read(const uint8_t bytes[BROKER_BATCH_HEADER_BYTES],
                              struct broker_batch_header *header)
{
    header->base_offset = (int64_t)broker_get64(bytes + AT_BASE_OFFSET);
    header->batch_length = (int32_t)broker_get32(bytes + AT_LENGTH);
    header->partition_leader_epoch = (int32_t)broker_get32(bytes + AT_LEADER_EPOCH);
    header->magic = (int8_t)bytes[AT_MAGIC];
    header->crc = broker_get32(bytes + AT_CRC);
    header->attributes = (int16_t)broker_get16(bytes + AT_ATTRIBUTES);
    header->last_offset_delta = (int32_t)broker_get32(bytes + AT_LAST_OFFSET_DELTA);
    header->base_timestamp_ms = (int64_t)broker_get64(bytes + AT_BASE_TIMESTAMP);
    header->max_timestamp_ms = (int64_t)broker_get64(bytes + AT_MAX_TIMESTAMP);
    header->producer_id = (int64_t)broker_get64(bytes + AT_PRODUCER_ID);
    header->producer_epoch = (int16_t)broker_get16(bytes + AT_PRODUCER_EPOCH);
    header->base_sequence = (int32_t)broker_get32(bytes + AT_BASE_SEQUENCE);
    header->record_count = (int32_t)broker_get32(bytes + AT_RECORD_COUNT);
}

void broker_batch_header_write(const struct broker_batch_header *header,
                               uint8_t bytes[BROKER_BATCH_HEADER_BYTES])
{
    broker_put64(bytes + AT_BASE_OFFSET, (uint64_t)header->base_offset);
    broker_put32(bytes + AT_LENGTH, (uint32_t)header->batch_length);
    broker_put32(bytes + AT_LEADER_EPOCH, (uint32_t)header->partition_leader_epoch);
    bytes[AT_MAGIC] = (uint8_t)header->magic;
    broker_put32(bytes + AT_CRC, header->crc);
    broker_put16(bytes + AT_ATTRIBUTES, (uint16_t)header->attributes);
    broker_put32(bytes + AT_LAST_OFFSET_DELTA, (uint32_t)header->last_offset_delta);
    broker_put64(bytes + AT_BASE_TIMESTAMP, (uint64_t)header->base_timestamp_ms);
    broker_put64(bytes + AT_MAX_TIMESTAMP, (uint64_t)header->max_timestamp_ms);
    broker_put64(bytes + AT_PRODUCER_ID, (uint64_t)header->producer_id);
    broker_put16(bytes + AT_PRODUCER_EPOCH, (uint16_t)header->producer_epoch);
    broker_put32(bytes + AT_BASE_SEQUENCE, (uint32_t)header->base_sequence);
    broker_put32(bytes + AT_RECORD_COUNT, (uint32_t)header->record_count);
}

void broker_batch_build(struct broker_batch_header *header, const struct broker_span *records,
                        size_t count, uint8_t bytes[BROKER_BATCH_HEADER_BYTES])
{
    uint64_t records_bytes = broker_spans_size(records, count);
    assert(header->record_count > 0);
    assert(records_bytes <= INT32_MAX - BROKER_BATCH_HEADER_BYTES);
    header->batch_length =
        (int32_t)(records_bytes + BROKER_BATCH_HEADER_BYTES - BROKER_BATCH_OVERHEAD_BYTES);
    header->magic = 2;
    header->last_offset_delta = header->record_count - 1;
    broker_batch_header_write(header, bytes);
    header->crc = broker_crc32c(0, bytes + AT_ATTRIBUTES, AT_RECORDS - AT_ATTRIBUTES);
    for (size_t i = 0; i < count; i++)
        header->crc = records[i].bytes
                          ? broker_crc32c(header->crc, records[i].bytes, records[i].size)
                          : broker_crc32c_zeros(header->crc, records[i].size);
    broker_put32(bytes + AT_CRC, header->crc);
}

void broker_batch_build_opaque(struct broker_batch_header *header, uint64_t records_bytes,
                               uint8_t bytes[BROKER_BATCH_HEADER_BYTES])
{
    struct broker_span hole = {NULL, records_bytes};
    broker_batch_build(header, &hole, 1, bytes);
}

uint32_t broker_batch_crc(const uint8_t header[BROKER_BATCH_HEADER_BYTES],
                          const struct broker_span *spans, size_t count)
{
    uint32_t crc = broker_crc32c(0, header + AT_ATTRIBUTES, AT_RECORDS - AT_ATTRIBUTES);
    uint64_t skip = AT_RECORDS;
    for (size_t i = 0; i < count; i++) {
        uint64_t behind = skip < spans[i].size ? skip : spans[i].size,
                 size = spans[i].size - behind;
        skip -= behind;
        if (!size)
            continue;
        crc = spans[i].bytes ? broker_crc32c(crc, spans[i].bytes + behind, size)
                             : broker_crc32c_zeros(crc, size);
    }
    return crc;
}

bool broker_batch_is_opaque(const struct broker_span *spans, size_t count)
{
    uint64_t skip = AT_RECORDS;
    for (size_t i = 0; i < count; i++) {
        if (skip < spans[i].size)
            return !spans[i].bytes || spans[i].bytes[skip] == 0;
        skip -= spans[i].size;
    }
    return false;
}

static int refuse(enum broker_error *error, enum broker_error why)
{
    if (error)
        *error = why;
    return BROKER_ECORRUPT;
}

/* Rules for a batch that a client made (record-format.md section 8). */
static int check_produced(const struct broker_batch_header *h, enum broker_error *error,
                          struct broker_err *err)
{
    int rc =
        refuse(error, KAFKA_INVALID_RECORD); /* overwritten by the caller when nothing is wrong */
    if (h->base_offset != 0)
        return broker_err_set(err, rc, "base offset is %" PRId64 ", a client must send 0",
                              h->base_offset);
    if (h->record_count <= 0 || h->record_count - 1 != h->last_offset_delta)
        return broker_err_set(err, rc, "%" PRId32 " records, but the last offset delta is %" PRId32,
                              h->record_count, h->last_offset_delta);
    if (h->attributes & BROKER_BATCH_CONTROL)
        return broker_err_set(err, rc, "a client may not write control batches");
    if (h->producer_id >= 0 && h->base_sequence < 0)
        return broker_err_set(err, rc, "producer %" PRId64 " without a sequence", h->producer_id);
    return BROKER_OK;
}

/* Length and magic, as far as they decide how the rest is read. */
static int check_shape(const struct broker_batch_header *h, uint64_t size, int flags,
                       enum broker_error *error, struct broker_err *err)
{
    int rc =
        refuse(error, KAFKA_CORRUPT_MESSAGE); /* overwritten by the caller when nothing is wrong */
    if (h->batch_length < LENGTH_MIN)
        return broker_err_set(err, rc, "length field is %" PRId32, h->batch_length);
    if (h->magic < 0 || h->magic > 2)
        return broker_err_set(err, rc, "magic is %d", h->magic);
    if (h->magic != 2)
        return broker_err_set(
            err, flags & BROKER_CHECK_PRODUCED ? refuse(error, KAFKA_INVALID_RECORD) : rc,
            "magic %d is not supported", h->magic);
    if (broker_batch_size(h) != size)
        return broker_err_set(err, rc, "length field says %" PRIu64 " bytes, there are %" PRIu64,
                              broker_batch_size(h), size);
    return BROKER_OK;
}

static bool has_hole(const struct broker_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!spans[i].bytes && spans[i].size)
            return true;
    return false;
}

int broker_batch_check(const struct broker_span *spans, size_t count, int flags,
                       struct broker_batch_header *header, enum broker_error *error,
                       struct broker_err *err)
{
    uint8_t copy[BROKER_BATCH_HEADER_BYTES];
    const uint8_t *bytes = copy;
    if (count && spans[0].bytes && spans[0].size >= sizeof copy) {
        bytes = spans[0].bytes;
    } else {
        struct broker_cursor cursor;
        broker_cursor_init(&cursor, spans, count);
        if (!broker_cursor_read(&cursor, copy, sizeof copy))
            return broker_err_set(err, refuse(error, KAFKA_CORRUPT_MESSAGE),
                                  "%" PRIu64 " bytes are no batch", cursor.left);
    }
    broker_batch_header_read(bytes, header);
    int rc = check_shape(header, broker_spans_size(spans, count), flags, error, err);
    if (rc != BROKER_OK)
        return rc;
    if (!(flags & BROKER_CHECK_ALLOW_HOLES) && has_hole(spans, count))
        return broker_err_set(err, refuse(error, KAFKA_CORRUPT_MESSAGE),
                              "a batch from a wire has no holes");
    if (flags & BROKER_CHECK_CRC) {
        uint32_t crc = broker_batch_crc(bytes, spans, count);
        if (crc != header->crc)
            return broker_err_set(err, refuse(error, KAFKA_CORRUPT_MESSAGE),
                                  "CRC is %08" PRIx32 ", header says %08" PRIx32, crc, header->crc);
    }
    if (header->last_offset_delta < 0 || header->record_count < 0 ||
        header->record_count - 1 > header->last_offset_delta)
        return broker_err_set(err, refuse(error, KAFKA_INVALID_RECORD),
                              "%" PRId32 " records, but the last offset delta is %" PRId32,
                              header->record_count, header->last_offset_delta);
    if (flags & BROKER_CHECK_PRODUCED) {
        rc = check_produced(header, error, err);
        if (rc != BROKER_OK)
            return rc;
    }
    if (error)
        *error = KAFKA_NONE;
    return BROKER_OK;
}
