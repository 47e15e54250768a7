/*
 * broker-core/log/snapshot.c - producer state as the bytes of a .snapshot file and back (log-storage.md section 8).
 */
#include "broker-core/log/producers.h"
#include "broker-core/record/bytes.h"
#include "broker-core/record/crc32c.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    AT_VERSION = 0,
    AT_CRC = AT_VERSION + 2,
    AT_COUNT = AT_CRC + 4,
    AT_ENTRIES = AT_COUNT + 4,
    /* producer id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first offset of the open txn */
    ENTRY_BYTES = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8,
    VERSION = 1,
};

static void encode_one(const struct broker_producer *producer, uint8_t *p)
{
    static const struct broker_producer_batch none = {
        .last_offset = -1, .last_sequence = -1, .offset_delta = 0, .timestamp_ms = -1};
    const struct broker_producer_batch *last = broker_producer_newest(producer);
    if (!last)
        last = &none;
    broker_put64(p, (uint64_t)producer->id);
    broker_put16(p + 8, (uint16_t)producer->epoch);
    broker_put32(p + 10, (uint32_t)last->last_sequence);
    broker_put64(p + 14, (uint64_t)last->last_offset);
    broker_put32(p + 22, (uint32_t)last->offset_delta);
    broker_put64(p + 26, (uint64_t)producer->last_timestamp_ms);
    broker_put32(p + 34, (uint32_t)producer->coordinator_epoch);
    broker_put64(p + 38, (uint64_t)producer->txn_first_offset);
}

/* Bucket of a java.util.HashMap<Long, ...>: Long.hashCode folded once more. */
static uint32_t java_bucket(int64_t id, uint32_t buckets)
{
    uint32_t hash = (uint32_t)((uint64_t)id ^ (uint64_t)id >> 32);
    return (hash ^ hash >> 16) & (buckets - 1);
}

struct ordered {
    uint32_t bucket, number;
};

static int by_bucket(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->bucket != y->bucket)
        return x->bucket < y->bucket ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

int broker_producers_encode(const struct broker_producers *producers, uint8_t **bytes, size_t *size)
{
    uint32_t count = producers->count;
    *size = AT_ENTRIES + (size_t)count * ENTRY_BYTES;
    *bytes = malloc(*size);
    struct ordered *order = calloc(count + 1, sizeof *order);
    if (!*bytes || !order) {
        free(*bytes);
        free(order);
        return BROKER_EIO;
    }
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct ordered){java_bucket(producers->all[i].id, producers->java_buckets), i};
    qsort(order, count, sizeof *order, by_bucket);
    for (uint32_t i = 0; i < count; i++)
        encode_one(&producers->all[order[i].number], *bytes + AT_ENTRIES + (size_t)i * ENTRY_BYTES);
    free(order);
    broker_put16(*bytes + AT_VERSION, VERSION);
    broker_put32(*bytes + AT_COUNT, count);
    broker_put32(*bytes + AT_CRC, broker_crc32c(0, *bytes + AT_COUNT, *size - AT_COUNT));
    return BROKER_OK;
}

static int check_snapshot(const uint8_t *bytes, size_t size, struct broker_err *err)
{
    if (size < AT_ENTRIES)
        return broker_err_set(err, BROKER_ECORRUPT, "%zu bytes are no snapshot", size);
    if (broker_get16(bytes + AT_VERSION) != VERSION)
        return broker_err_set(err, BROKER_ECORRUPT, "version %u", broker_get16(bytes + AT_VERSION));
    uint32_t crc = broker_crc32c(0, bytes + AT_COUNT, size - AT_COUNT);
    if (crc != broker_get32(bytes + AT_CRC))
        return broker_err_set(err, BROKER_ECORRUPT, "CRC is %08" PRIx32 ", file says %08" PRIx32,
                              crc, broker_get32(bytes + AT_CRC));
    if ((uint64_t)broker_get32(bytes + AT_COUNT) * ENTRY_BYTES != size - AT_ENTRIES)
        return broker_err_set(err, BROKER_ECORRUPT, "%" PRIu32 " entries in %zu bytes",
                              broker_get32(bytes + AT_COUNT), size);
    return BROKER_OK;
}

/* One entry as the state that it was written from: at most one batch, and the open transaction. */
static int decode_one(struct broker_producers *producers, const uint8_t *p, int64_t now_ms,
                      int64_t expiration_ms)
{
    struct broker_batch_header header = {
        .producer_id = (int64_t)broker_get64(p),
        .producer_epoch = (int16_t)broker_get16(p + 8),
        .last_offset_delta = (int32_t)broker_get32(p + 22),
        .max_timestamp_ms = (int64_t)broker_get64(p + 26),
    };
    int32_t last_sequence = (int32_t)broker_get32(p + 10);
    int64_t last_offset = (int64_t)broker_get64(p + 14);
    int64_t txn_first_offset = (int64_t)broker_get64(p + 38);
    if (txn_first_offset < 0 && broker_distance(now_ms, header.max_timestamp_ms) >= expiration_ms)
        return BROKER_OK;
    struct broker_txn_end end;
    int rc =
        broker_producers_note_marker(producers, &header, true, (int32_t)broker_get32(p + 34), &end);
    if (rc != BROKER_OK)
        return rc;
    if (txn_first_offset >= 0) {
        header.attributes = BROKER_BATCH_TRANSACTIONAL;
        header.base_offset = txn_first_offset;
        rc = broker_producers_note(producers, &header);
    }
    struct broker_producer *producer = broker_producers_find(producers, header.producer_id);
    producer->batch_count = last_offset >= 0;
    producer->newest = 0;
    producer->batches[0] = (struct broker_producer_batch){.last_offset = last_offset,
                                                          .timestamp_ms = header.max_timestamp_ms,
                                                          .last_sequence = last_sequence,
                                                          .offset_delta = header.last_offset_delta};
    return rc;
}

int broker_producers_decode(struct broker_producers *producers, const uint8_t *bytes, size_t size,
                            int64_t now_ms, int64_t expiration_ms, struct broker_err *err)
{
    broker_producers_clear(producers);
    int rc = check_snapshot(bytes, size, err);
    for (size_t at = AT_ENTRIES; rc == BROKER_OK && at < size; at += ENTRY_BYTES)
        rc = decode_one(producers, bytes + at, now_ms, expiration_ms);
    if (rc != BROKER_OK)
        broker_producers_clear(producers);
    return rc;
}
