/* broker-core/record/validate.c - see validate.h. */
#include "broker-core/record/validate.h"
#include "broker-core/record/record.h"

#include <inttypes.h>
#include <stdlib.h>

static int refuse(enum broker_error *error, enum broker_error why)
{
    *error = why;
    return BROKER_ECORRUPT;
}

/* Section 6. A record without a timestamp (-1) is accepted under CreateTime. */
static int check_timestamp(const struct broker_batch_header *header,
                           const struct broker_validate_rules *rules, int64_t timestamp_ms,
                           enum broker_error *error, struct broker_err *err)
{
    if (!rules->log_append_time && timestamp_ms != -1) {
        if (broker_distance(rules->now_ms, timestamp_ms) > rules->before_max_ms ||
            broker_distance(timestamp_ms, rules->now_ms) > rules->after_max_ms)
            return broker_err_set(err, refuse(error, KAFKA_INVALID_TIMESTAMP),
                                  "timestamp %" PRId64 " is too far from now, %" PRId64,
                                  timestamp_ms, rules->now_ms);
        return BROKER_OK;
    }
    if (header->attributes & BROKER_BATCH_LOG_APPEND_TIME)
        return broker_err_set(err, refuse(error, KAFKA_INVALID_TIMESTAMP),
                              "a client may not set the append time");
    return BROKER_OK;
}

/* What a pass over the records finds out. */
struct pass {
    int64_t max_timestamp_ms;
    bool consecutive; /* offset deltas are 0, 1, 2... */
};

static int check_records(const struct broker_batch_header *header, struct broker_cursor *cursor,
                         const struct broker_validate_rules *rules, struct pass *pass,
                         enum broker_error *error, struct broker_err *err)
{
    *pass = (struct pass){.max_timestamp_ms = -1, .consecutive = true};
    for (int32_t i = 0; i < header->record_count; i++) {
        struct broker_record record;
        int rc = broker_record_next(cursor, &record, err);
        if (rc != BROKER_OK)
            return broker_err_wrap(err, refuse(error, KAFKA_INVALID_RECORD), "record %" PRId32, i);
        int64_t timestamp_ms =
            broker_wrap_add(header->base_timestamp_ms, record.timestamp_delta_ms);
        rc = check_timestamp(header, rules, timestamp_ms, error, err);
        if (rc != BROKER_OK)
            return broker_err_wrap(err, rc, "record %" PRId32, i);
        if (timestamp_ms > pass->max_timestamp_ms)
            pass->max_timestamp_ms = timestamp_ms;
        pass->consecutive = pass->consecutive && record.offset_delta == i;
    }
    if (cursor->left)
        return broker_err_set(err, refuse(error, KAFKA_INVALID_RECORD),
                              "%" PRIu64 " bytes after the last record", cursor->left);
    return BROKER_OK;
}

/* Copies the records with offsets 0, 1, 2... into a builder, keys and values as they are. */
static int copy_record(struct broker_builder *builder, const struct broker_batch_header *header,
                       struct broker_record *record)
{
    int32_t sizes[2] = {record->key_bytes, record->value_bytes};
    struct broker_cursor *cursors[2] = {&record->key, &record->value};
    struct broker_bytes fields[2] = {{NULL, -1}, {NULL, -1}};
    uint8_t *copies[2] = {NULL, NULL};
    struct broker_builder_header *headers =
        calloc((size_t)record->header_count + 1, sizeof *headers);
    int rc = headers ? BROKER_OK : BROKER_EIO;
    for (int i = 0; rc == BROKER_OK && i < 2; i++) {
        if (sizes[i] < 0)
            continue;
        copies[i] = malloc((size_t)sizes[i] + 1);
        rc = copies[i] ? BROKER_OK : BROKER_EIO;
        if (rc == BROKER_OK)
            broker_cursor_read(cursors[i], copies[i], (size_t)sizes[i]);
        fields[i] = (struct broker_bytes){copies[i], sizes[i]};
    }
    for (int32_t i = 0; rc == BROKER_OK && i < record->header_count; i++) {
        struct broker_record_header one;
        broker_record_header_next(&record->headers, &one);
        char *key = calloc((size_t)one.key_bytes + 1, 1);
        uint8_t *value = malloc(one.value_bytes > 0 ? (size_t)one.value_bytes : 1);
        headers[i] =
            (struct broker_builder_header){key, {value, one.value_bytes}}; /* freed below */
        rc = key && value ? BROKER_OK : BROKER_EIO;
        if (rc == BROKER_OK)
            broker_cursor_read(&one.key, key, (size_t)one.key_bytes);
        if (rc == BROKER_OK && one.value_bytes > 0)
            broker_cursor_read(&one.value, value, (size_t)one.value_bytes);
    }
    if (rc == BROKER_OK)
        rc = broker_builder_add(
            builder, broker_wrap_add(header->base_timestamp_ms, record->timestamp_delta_ms),
            fields[0], fields[1], headers, record->header_count);
    for (int32_t i = 0; headers && i < record->header_count; i++) {
        free((void *)(uintptr_t)headers[i].key);
        free((void *)(uintptr_t)headers[i].value.bytes);
    }
    free(headers);
    free(copies[0]);
    free(copies[1]);
    return rc;
}

/* Section 7.4: a compressed batch whose inner offsets are not consecutive is written anew with the same codec. */
static int rebuild(struct broker_batch_header *header, const struct broker_span *spans,
                   size_t count, struct broker_validated *checked, struct broker_err *err)
{
    struct broker_payload payload;
    struct broker_builder builder;
    size_t size = 0;
    broker_builder_init(&builder);
    int rc = broker_payload_open(&payload, header, spans, count, err);
    for (int32_t i = 0; rc == BROKER_OK && i < header->record_count; i++) {
        struct broker_record record;
        rc = broker_record_next(&payload.cursor, &record, err);
        if (rc == BROKER_OK)
            rc = copy_record(&builder, header, &record);
    }
    if (rc == BROKER_OK)
        rc = broker_builder_finish(&builder, header, &checked->rebuilt, &size, err);
    checked->rebuilt_span = (struct broker_span){checked->rebuilt, size};
    broker_payload_release(&payload);
    broker_builder_release(&builder);
    return rc;
}

static int check_payload(struct broker_batch_header *header, const struct broker_span *spans,
                         size_t count, const struct broker_validate_rules *rules,
                         struct broker_validated *checked, enum broker_error *error,
                         struct broker_err *err)
{
    struct broker_payload payload;
    struct pass pass = {0};
    int rc = broker_payload_open(&payload, header, spans, count, err);
    if (rc == BROKER_OK)
        rc = check_records(header, &payload.cursor, rules, &pass, error, err);
    else if (rc == BROKER_ECORRUPT)
        refuse(error, KAFKA_CORRUPT_MESSAGE);
    broker_payload_release(&payload);
    if (rc != BROKER_OK)
        return rc;
    checked->max_timestamp_ms = pass.max_timestamp_ms;
    if (!pass.consecutive && (header->attributes & BROKER_BATCH_CODEC_MASK))
        return rebuild(header, spans, count, checked, err);
    return BROKER_OK;
}

/* An opaque batch: its first and its largest timestamp stand for the records'. */
static int check_opaque(const struct broker_batch_header *header,
                        const struct broker_validate_rules *rules, struct broker_validated *checked,
                        enum broker_error *error, struct broker_err *err)
{
    int rc = check_timestamp(header, rules, header->base_timestamp_ms, error, err);
    if (rc == BROKER_OK)
        rc = check_timestamp(header, rules, header->max_timestamp_ms, error, err);
    checked->max_timestamp_ms = header->max_timestamp_ms;
    return rc;
}

int broker_validate_produced(const struct broker_span *spans, size_t count,
                             const struct broker_validate_rules *rules,
                             struct broker_batch_header *header, struct broker_validated *checked,
                             enum broker_error *error, struct broker_err *err)
{
    int flags = BROKER_CHECK_CRC | BROKER_CHECK_PRODUCED |
                (rules->allow_holes ? BROKER_CHECK_ALLOW_HOLES : 0);
    *checked = (struct broker_validated){.max_timestamp_ms = -1};
    header->batch_length = 0;
    header->base_offset = -1;
    int rc = broker_batch_check(spans, count, flags, header, error, err);
    /* Kafka looks at the size before the checksum, and at the base offset before the size. */
    if (header->base_offset == 0 && header->magic == 2 && header->batch_length > 0 &&
        (int64_t)broker_batch_size(header) > rules->max_bytes)
        return broker_err_set(err, refuse(error, KAFKA_MESSAGE_TOO_LARGE),
                              "batch of %" PRIu64 " bytes, max.message.bytes is %" PRId64,
                              broker_batch_size(header), rules->max_bytes);
    if (rc == BROKER_OK)
        rc = rules->allow_holes && broker_batch_is_opaque(spans, count)
                 ? check_opaque(header, rules, checked, error, err)
                 : check_payload(header, spans, count, rules, checked, error, err);
    if (rc == BROKER_OK && rules->log_append_time)
        checked->max_timestamp_ms = rules->now_ms;
    return rc;
}
