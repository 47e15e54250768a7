/* broker-core/record/record.c - reading records; see record.h. */
#include "broker-core/record/record.h"
#include "broker-core/record/bytes.h"
#include "broker-core/record/codec.h"
#include "broker-core/record/varint.h"

#include <inttypes.h>
#include <stdlib.h>

/* Splits the next `size` bytes off as a cursor of their own; -1 is null and takes none. */
static bool split(struct broker_cursor *from, int32_t size, struct broker_cursor *part)
{
    *part = *from;
    part->left = 0;
    if (size < 0)
        return size == -1;
    part->left = (uint64_t)size;
    return broker_cursor_skip(from, (uint64_t)size);
}

bool broker_record_header_next(struct broker_cursor *headers, struct broker_record_header *header)
{
    return broker_varint_read(headers, &header->key_bytes) && header->key_bytes >= 0 &&
           split(headers, header->key_bytes, &header->key) &&
           broker_varint_read(headers, &header->value_bytes) &&
           split(headers, header->value_bytes, &header->value);
}

static int malformed(struct broker_err *err, const char *what)
{
    return broker_err_set(err, BROKER_ECORRUPT, "record: %s", what);
}

/* `body` ends where the record does. */
static int read_body(struct broker_cursor *body, struct broker_record *record,
                     struct broker_err *err)
{
    if (broker_cursor_byte(body) < 0) /* attributes: no bit has a meaning */
        return malformed(err, "no attributes");
    if (!broker_varlong_read(body, &record->timestamp_delta_ms))
        return malformed(err, "timestamp delta");
    if (!broker_varint_read(body, &record->offset_delta))
        return malformed(err, "offset delta");
    if (!broker_varint_read(body, &record->key_bytes) ||
        !split(body, record->key_bytes, &record->key))
        return malformed(err, "key");
    if (!broker_varint_read(body, &record->value_bytes) ||
        !split(body, record->value_bytes, &record->value))
        return malformed(err, "value");
    if (!broker_varint_read(body, &record->header_count) || record->header_count < 0 ||
        (uint64_t)record->header_count > body->left)
        return malformed(err, "header count");
    record->headers = *body;
    for (int32_t i = 0; i < record->header_count; i++) {
        struct broker_record_header header;
        if (!broker_record_header_next(body, &header))
            return malformed(err, "header");
    }
    return body->left ? malformed(err, "longer than its fields") : BROKER_OK;
}

int broker_record_next(struct broker_cursor *cursor, struct broker_record *record,
                       struct broker_err *err)
{
    int32_t length;
    if (!broker_varint_read(cursor, &length) || length < 0)
        return malformed(err, "length");
    struct broker_cursor body = *cursor;
    if (!broker_cursor_limit(&body, (uint64_t)length))
        return malformed(err, "longer than the batch");
    broker_cursor_skip(cursor, (uint64_t)length);
    return read_body(&body, record, err);
}

/* The batch's payload in one piece, for a decompressor. Gives *owned if it had to be put together. */
static const uint8_t *in_one_piece(struct broker_cursor *cursor, uint8_t **owned)
{
    struct broker_span span;
    struct broker_cursor whole = *cursor;
    *owned = NULL;
    if (broker_cursor_take(&whole, cursor->left, &span, 1) == 1 && span.bytes)
        return span.bytes;
    size_t size = (size_t)cursor->left;
    *owned = malloc(size ? size : 1);
    if (*owned)
        broker_cursor_read(cursor, *owned, size);
    return *owned;
}

static int decompress(struct broker_payload *payload, enum broker_codec codec,
                      struct broker_err *err)
{
    uint8_t *owned;
    size_t size = (size_t)payload->cursor.left, out_size;
    const uint8_t *bytes = in_one_piece(&payload->cursor, &owned);
    if (!bytes)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    int rc = broker_decompress(codec, bytes, size, &payload->owned, &out_size, err);
    free(owned);
    if (rc != BROKER_OK)
        return rc;
    payload->plain = (struct broker_span){payload->owned, out_size};
    broker_cursor_init(&payload->cursor, &payload->plain, 1);
    return BROKER_OK;
}

int broker_payload_open(struct broker_payload *payload, const struct broker_batch_header *header,
                        const struct broker_span *spans, size_t count, struct broker_err *err)
{
    int codec = header->attributes & BROKER_BATCH_CODEC_MASK;
    payload->owned = NULL;
    broker_cursor_init(&payload->cursor, spans, count);
    if (!broker_cursor_skip(&payload->cursor, BROKER_BATCH_HEADER_BYTES))
        return broker_err_set(err, BROKER_ECORRUPT, "no header");
    if (codec == BROKER_NONE)
        return BROKER_OK;
    if (codec > BROKER_ZSTD)
        return broker_err_set(err, BROKER_ECORRUPT, "codec %d", codec);
    return decompress(payload, (enum broker_codec)codec, err);
}

void broker_payload_release(struct broker_payload *payload)
{
    free(payload->owned);
    payload->owned = NULL;
}

int broker_control_read(const struct broker_batch_header *header, const struct broker_span *spans,
                        size_t count, int *type, int32_t *coordinator_epoch, struct broker_err *err)
{
    struct broker_payload payload;
    struct broker_record record;
    uint8_t key[4], value[6];
    int rc = broker_payload_open(&payload, header, spans, count, err);
    *type = *coordinator_epoch = -1;
    if (rc != BROKER_OK)
        return rc;
    rc = broker_record_next(&payload.cursor, &record, err);
    if (rc == BROKER_OK && !broker_cursor_read(&record.key, key, sizeof key))
        rc = malformed(err, "control key");
    if (rc == BROKER_OK && broker_get16(key + 2) <= BROKER_CONTROL_COMMIT) {
        if (broker_cursor_read(&record.value, value, sizeof value)) {
            *type = broker_get16(key + 2);
            *coordinator_epoch = (int32_t)broker_get32(value + 2);
        } else {
            rc = malformed(err, "marker value");
        }
    }
    broker_payload_release(&payload);
    return rc;
}
