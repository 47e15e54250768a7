/* broker-core/record/build.c - writing batches of records and transaction markers; see record.h. */
#include "broker-core/record/bytes.h"
#include "broker-core/record/codec.h"
#include "broker-core/record/record.h"
#include "broker-core/record/varint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void broker_builder_init(struct broker_builder *builder)
{
    *builder = (struct broker_builder){.max_timestamp_ms = -1, .last_offset_delta = -1};
}

void broker_builder_release(struct broker_builder *builder)
{
    free(builder->records);
    broker_builder_init(builder);
}

static uint8_t *put_number(uint8_t *at, int64_t value)
{
    return at + broker_varlong_write(value, at);
}

static uint8_t *put_bytes(uint8_t *at, struct broker_bytes string)
{
    at = put_number(at, string.size);
    if (string.size > 0) {
        memcpy(at, string.bytes, (size_t)string.size);
        at += string.size;
    }
    return at;
}

static size_t bytes_size(struct broker_bytes string)
{
    return broker_varlong_size(string.size) + (string.size > 0 ? (size_t)string.size : 0);
}

static size_t headers_size(const struct broker_builder_header *headers, int32_t count)
{
    size_t size = broker_varlong_size(count);
    for (int32_t i = 0; i < count; i++) {
        size_t key = strlen(headers[i].key);
        size += broker_varlong_size((int64_t)key) + key + bytes_size(headers[i].value);
    }
    return size;
}

static bool make_room(struct broker_builder *builder, size_t more)
{
    if (builder->size + more <= builder->room)
        return true;
    size_t room = builder->room ? builder->room : 512;
    while (room < builder->size + more)
        room *= 2;
    uint8_t *grown = realloc(builder->records, room);
    if (!grown)
        return false;
    builder->records = grown;
    builder->room = room;
    return true;
}

int broker_builder_add_at(struct broker_builder *builder, int32_t offset_delta,
                          int64_t timestamp_ms, struct broker_bytes key, struct broker_bytes value,
                          const struct broker_builder_header *headers, int32_t header_count)
{
    assert(offset_delta > builder->last_offset_delta || !builder->count);
    int64_t base_ms = builder->count ? builder->base_timestamp_ms : timestamp_ms;
    int64_t delta_ms = broker_wrap_subtract(timestamp_ms, base_ms);
    size_t body = 1 + broker_varlong_size(delta_ms) + broker_varlong_size(offset_delta) +
                  bytes_size(key) + bytes_size(value) + headers_size(headers, header_count);
    if (!make_room(builder, BROKER_VARINT_BYTES_MAX + body))
        return BROKER_EIO;
    uint8_t *at = put_number(builder->records + builder->size, (int64_t)body);
    *at++ = 0; /* attributes */
    at = put_number(at, delta_ms);
    at = put_number(at, offset_delta);
    at = put_bytes(at, key);
    at = put_bytes(at, value);
    at = put_number(at, header_count);
    for (int32_t i = 0; i < header_count; i++) {
        struct broker_bytes name = {headers[i].key, (int32_t)strlen(headers[i].key)};
        at = put_bytes(put_bytes(at, name), headers[i].value);
    }
    builder->size = (size_t)(at - builder->records);
    builder->base_timestamp_ms = base_ms;
    if (!builder->count || timestamp_ms > builder->max_timestamp_ms)
        builder->max_timestamp_ms = timestamp_ms;
    builder->last_offset_delta = offset_delta;
    builder->count++;
    return BROKER_OK;
}

int broker_builder_add(struct broker_builder *builder, int64_t timestamp_ms,
                       struct broker_bytes key, struct broker_bytes value,
                       const struct broker_builder_header *headers, int32_t header_count)
{
    return broker_builder_add_at(builder, builder->last_offset_delta + 1, timestamp_ms, key, value,
                                 headers, header_count);
}

static void seal(struct broker_batch_header *header, uint8_t *bytes, size_t size)
{
    struct broker_span whole = {bytes, size};
    header->batch_length = (int32_t)(size - BROKER_BATCH_OVERHEAD_BYTES);
    header->magic = 2;
    broker_batch_header_write(header, bytes);
    header->crc = broker_batch_crc(bytes, &whole, 1);
    broker_batch_header_write(header, bytes);
}

int broker_builder_finish(struct broker_builder *builder, struct broker_batch_header *header,
                          uint8_t **bytes, size_t *size, struct broker_err *err)
{
    int codec = header->attributes & BROKER_BATCH_CODEC_MASK;
    uint8_t *payload = builder->records;
    size_t payload_size = builder->size;
    if (codec != BROKER_NONE) {
        int rc = broker_compress((enum broker_codec)codec, builder->records, builder->size,
                                 &payload, &payload_size, err);
        if (rc != BROKER_OK)
            return rc;
    }
    *size = BROKER_BATCH_HEADER_BYTES + payload_size;
    *bytes = malloc(*size);
    if (*bytes) {
        if (payload_size)
            memcpy(*bytes + BROKER_BATCH_HEADER_BYTES, payload, payload_size);
        header->last_offset_delta = builder->last_offset_delta;
        header->base_timestamp_ms = builder->count ? builder->base_timestamp_ms : -1;
        header->max_timestamp_ms = builder->max_timestamp_ms;
        header->record_count = builder->count;
        seal(header, *bytes, *size);
    }
    if (payload != builder->records)
        free(payload);
    return *bytes ? BROKER_OK : broker_err_set(err, BROKER_EIO, "out of memory");
}

void broker_control_build(struct broker_batch_header *header, enum broker_control_type type,
                          int32_t coordinator_epoch, uint8_t bytes[BROKER_MARKER_BYTES])
{
    uint8_t key[4], value[6];
    broker_put16(key, 0);
    broker_put16(key + 2, (uint16_t)type);
    broker_put16(value, 0);
    broker_put32(value + 2, (uint32_t)coordinator_epoch);
    uint8_t *at = bytes + BROKER_BATCH_HEADER_BYTES;
    at = put_number(
        at, 16); /* attributes, two deltas, two lengths, no headers: 6 bytes; key 4, value 6 */
    *at++ = 0;
    at = put_number(at, 0);
    at = put_number(at, 0);
    at = put_bytes(at, (struct broker_bytes){key, sizeof key});
    at = put_bytes(at, (struct broker_bytes){value, sizeof value});
    at = put_number(at, 0);
    assert(at == bytes + BROKER_MARKER_BYTES);
    header->attributes = BROKER_BATCH_TRANSACTIONAL | BROKER_BATCH_CONTROL;
    header->last_offset_delta = 0;
    header->record_count = 1;
    header->base_timestamp_ms = header->max_timestamp_ms;
    header->base_sequence = -1;
    seal(header, bytes, BROKER_MARKER_BYTES);
}
