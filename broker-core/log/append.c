/*
 * broker-core/log/append.c - writing batches at the end of a log, as leader and as follower; see log.h.
 */
#include "broker-core/log/log_internal.h"
#include "broker-core/record/cursor.h"
#include "broker-core/record/validate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static void begin(const struct broker_log *log, struct broker_append *out)
{
    assert(!log->pending);
    *out = (struct broker_append){.base_offset = -1,
                                  .last_offset = -1,
                                  .log_append_time_ms = -1,
                                  .log_start_offset = log->start_offset};
}

/* What the roll rule asks about the bytes that are about to be written (section 4). */
struct incoming {
    int64_t first_offset, last_offset, max_timestamp_ms;
    uint64_t size;
};

static bool waited_too_long(const struct broker_log *log, struct broker_segment *active,
                            int64_t timestamp_ms)
{
    const struct broker_log_config *config = &log->config;
    if (config->segment_ms == INT64_MAX)
        return false;
    int64_t first_ms = broker_segment_first_timestamp_ms(active);
    int64_t waited_ms = first_ms >= 0 ? broker_distance(timestamp_ms, first_ms)
                                      : log->env->ops->now_ms(log->env) - active->created_ms;
    return waited_ms > config->segment_ms - active->jitter_ms;
}

static bool must_roll(const struct broker_log *log, const struct incoming *in)
{
    struct broker_segment *active = broker_log_active(log);
    const struct broker_log_config *config = &log->config;
    if (active->size > config->segment_bytes - (int64_t)in->size)
        return true;
    if (active->size && waited_too_long(log, active, in->max_timestamp_ms))
        return true;
    if (active->offsets.count >=
            (uint64_t)config->segment_index_bytes / BROKER_OFFSET_ENTRY_BYTES ||
        active->times.count + UINT64_C(1) >=
            (uint64_t)config->segment_index_bytes / BROKER_TIME_ENTRY_BYTES)
        return true;
    return in->last_offset - active->base_offset > INT32_MAX;
}

static int roll_if_due(struct broker_log *log, const struct incoming *in, struct broker_append *out,
                       struct broker_err *err)
{
    if (!must_roll(log, in))
        return BROKER_OK;
    int rc = broker_log_roll(log, in->first_offset, &out->receipt, err);
    out->rolled = rc == BROKER_OK;
    return rc;
}

static int note_epoch(struct broker_log *log, const struct broker_batch_header *header,
                      struct broker_append *out, struct broker_err *err)
{
    bool changed;
    if (header->partition_leader_epoch == broker_epochs_latest(&log->epochs))
        return BROKER_OK;
    int rc = broker_epochs_assign(&log->epochs, header->partition_leader_epoch, header->base_offset,
                                  &changed);
    if (rc == BROKER_OK && changed)
        rc = broker_epochs_write(&log->epochs, log->env, log->folder, &out->receipt, err);
    return rc;
}

/* Everything that follows from a batch whose bytes stand at the end of the active segment. */
static int note_batch(struct broker_log *log, const struct broker_batch_header *header,
                      const struct broker_span *spans, size_t count, struct broker_append *out,
                      struct broker_err *err)
{
    struct broker_segment *active = broker_log_active(log);
    if (header->base_offset != log->next_offset)
        broker_log_tail_forget(log); /* a gap: what is remembered must be without one */
    broker_log_tail_note(log, header->base_offset, active->size);
    int rc = broker_segment_note(active, header, &log->config, &out->receipt);
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "%s: index of segment %" PRId64 ": %s", log->folder,
                              active->base_offset, broker_status_name(rc));
    log->next_offset = log->producers.map_end = broker_batch_last_offset(header) + 1;
    log->size_bytes += broker_batch_size(header);
    if (header->producer_id >= 0)
        rc = broker_log_note_producer(log, active, header, spans, count, &out->receipt, err);
    return rc;
}

static int finish(struct broker_log *log, struct broker_append *out, struct broker_err *err)
{
    out->pending = true;
    log->pending = true;
    out->receipt.appended_bytes += out->size_bytes;
    if (log->config.flush_messages == INT64_MAX ||
        log->next_offset - log->recovery_point < log->config.flush_messages)
        return BROKER_OK;
    return broker_log_sync_up_to(log, log->next_offset, true, &out->receipt, err);
}

/* Spans of the written batch: the rewritten header and what followed the old one. Gives *spans if it had to be allocated. */
static struct broker_span *with_header(const struct broker_span *spans, size_t count,
                                       const uint8_t header[BROKER_BATCH_HEADER_BYTES],
                                       struct broker_span *room, size_t room_count, size_t *used)
{
    struct broker_span *out = count + 1 <= room_count ? room : malloc((count + 1) * sizeof *out);
    if (!out)
        return NULL;
    uint64_t skip = BROKER_BATCH_HEADER_BYTES;
    out[0] = (struct broker_span){header, BROKER_BATCH_HEADER_BYTES};
    *used = 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t behind = skip < spans[i].size ? skip : spans[i].size;
        skip -= behind;
        if (spans[i].size > behind)
            out[(*used)++] = (struct broker_span){spans[i].bytes ? spans[i].bytes + behind : NULL,
                                                  spans[i].size - behind};
    }
    return out;
}

/* The bytes are there, but index or epoch file could not be written: the device has failed (Kafka would get SIGBUS). */
static int take_back(struct broker_log *log, int rc)
{
    struct broker_segment *active = broker_log_active(log);
    if (!active->preallocated && log->env->ops->size(log->env, active->file) > active->size)
        log->env->ops->truncate(log->env, active->file, active->size);
    return rc == BROKER_EFULL ? BROKER_EIO : rc;
}

static int note_leader(struct broker_log *log, const struct broker_batch_header *header,
                       const struct broker_span *spans, size_t count, struct broker_append *out,
                       struct broker_err *err)
{
    int rc = note_epoch(log, header, out, err);
    if (rc == BROKER_OK)
        rc = note_batch(log, header, spans, count, out, err);
    if (rc != BROKER_OK)
        return take_back(log, rc);
    out->base_offset = header->base_offset;
    out->last_offset = broker_batch_last_offset(header);
    out->size_bytes = broker_batch_size(header);
    out->record_count = header->record_count;
    return BROKER_OK;
}

static int write_as_leader(struct broker_log *log, struct broker_batch_header *header,
                           const struct broker_span *spans, size_t count, struct broker_append *out,
                           struct broker_err *err)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_span room[8];
    size_t used;
    broker_batch_header_write(header, bytes);
    struct broker_span *written = with_header(spans, count, bytes, room, 8, &used);
    if (!written)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    int rc = broker_segment_write(broker_log_active(log), written, used, err);
    if (rc == BROKER_OK)
        rc = note_leader(log, header, written, used, out, err);
    if (written != room)
        free(written);
    return rc == BROKER_OK ? finish(log, out, err) : rc;
}

/* What the leader sets (record-format.md section 7). The checksum covers the timestamps, not offset and epoch. */
static void rewrite(struct broker_batch_header *header, const struct broker_span *spans,
                    size_t count, int64_t base_offset, int32_t leader_epoch, bool log_append_time,
                    int64_t max_timestamp_ms)
{
    int16_t attributes =
        (int16_t)(log_append_time ? header->attributes | BROKER_BATCH_LOG_APPEND_TIME
                                  : header->attributes & ~BROKER_BATCH_LOG_APPEND_TIME);
    bool changed = attributes != header->attributes || max_timestamp_ms != header->max_timestamp_ms;
    header->base_offset = base_offset;
    header->partition_leader_epoch = leader_epoch;
    header->attributes = attributes;
    header->max_timestamp_ms = max_timestamp_ms;
    if (!changed)
        return;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    broker_batch_header_write(header, bytes);
    header->crc = broker_batch_crc(bytes, spans, count);
}

static struct broker_validate_rules rules_of(const struct broker_log *log, int64_t now_ms)
{
    return (struct broker_validate_rules){
        .now_ms = now_ms,
        .before_max_ms = log->config.timestamp_before_max_ms,
        .after_max_ms = log->config.timestamp_after_max_ms,
        .max_bytes = log->config.max_message_bytes,
        .log_append_time = log->config.log_append_time,
        .allow_holes = log->config.allow_holes,
    };
}

int broker_log_append(struct broker_log *log, const struct broker_span *spans, size_t count,
                      int32_t leader_epoch, struct broker_append *out, struct broker_err *err)
{
    struct broker_batch_header header;
    struct broker_validated checked;
    begin(log, out);
    int64_t now_ms = log->env->ops->now_ms(log->env);
    struct broker_validate_rules rules = rules_of(log, now_ms);
    int rc = broker_validate_produced(spans, count, &rules, &header, &checked, &out->error, err);
    if (rc != BROKER_OK)
        return rc == BROKER_ECORRUPT ? BROKER_OK : rc;
    if (checked.rebuilt) {
        spans = &checked.rebuilt_span;
        count = 1;
    }
    uint64_t size = broker_batch_size(&header);
    out->receipt.crc_bytes += size;
    out->receipt.batches = 1;
    out->receipt.records = (uint32_t)header.record_count;
    if ((int64_t)size > log->config.segment_bytes) {
        out->error = KAFKA_RECORD_LIST_TOO_LARGE;
        broker_err_set(err, BROKER_EREFUSED,
                       "batch of %" PRIu64 " bytes, segment.bytes is %" PRId64, size,
                       log->config.segment_bytes);
    }
    struct incoming in = {log->next_offset, log->next_offset + header.last_offset_delta,
                          checked.max_timestamp_ms, size};
    if (out->error == KAFKA_NONE)
        rc = roll_if_due(log, &in, out, err);
    if (rc == BROKER_OK && out->error == KAFKA_NONE && header.producer_id >= 0)
        out->error = broker_producers_check(&log->producers, &header, out, err);
    if (rc == BROKER_OK && out->error == KAFKA_NONE && !out->duplicate) {
        rewrite(&header, spans, count, log->next_offset, leader_epoch, rules.log_append_time,
                checked.max_timestamp_ms);
        out->log_append_time_ms = rules.log_append_time ? now_ms : -1;
        rc = write_as_leader(log, &header, spans, count, out, err);
    }
    free(checked.rebuilt);
    return rc;
}

/* ---- follower ---- */

/* A run of whole batches that fits one segment. */
struct run {
    struct incoming in;
    int32_t batches, records;
};

static int refuse(struct broker_append *out, enum broker_error error, struct broker_err *err,
                  const char *what, int64_t offset)
{
    out->error = error;
    broker_err_set(err, BROKER_EREFUSED, "fetched batch at offset %" PRId64 ": %s", offset, what);
    return BROKER_ECORRUPT;
}

/* CRC of the batch under the cursor, which moves over it. The header has been read from `bytes`. */
static int check_fetched(const struct broker_log *log, struct broker_cursor *cursor,
                         struct broker_batch_header *header, struct broker_append *out,
                         struct broker_err *err)
{
    enum { SPANS_MAX = 64 };
    struct broker_span room[SPANS_MAX], *spans = room;
    struct broker_cursor start = *cursor;
    uint64_t size = broker_batch_size(header);
    int count = broker_cursor_take(cursor, size, spans, SPANS_MAX);
    if (count < 0) {
        *cursor = start;
        size_t most = (size_t)(cursor->end - cursor->span);
        spans = malloc(most * sizeof *spans);
        if (!spans)
            return broker_err_set(err, BROKER_EIO, "out of memory");
        count = broker_cursor_take(cursor, size, spans, (int)most);
    }
    int flags = BROKER_CHECK_CRC | (log->config.allow_holes ? BROKER_CHECK_ALLOW_HOLES : 0);
    int rc = broker_batch_check(spans, (size_t)count, flags, header, &out->error, err);
    if (spans != room)
        free(spans);
    out->receipt.crc_bytes += size;
    return rc;
}

/* The header under the cursor without moving it; false at a torn last batch. */
static bool peek(const struct broker_cursor *cursor, struct broker_batch_header *header)
{
    uint8_t copy[BROKER_BATCH_HEADER_BYTES];
    const uint8_t *bytes = copy;
    if (cursor->left < sizeof copy)
        return false;
    /* Nearly always in one piece. */
    if (cursor->span->bytes && cursor->span->size - cursor->within >= sizeof copy) {
        bytes = cursor->span->bytes + cursor->within;
    } else {
        struct broker_cursor moving = *cursor;
        broker_cursor_read(&moving, copy, sizeof copy);
    }
    broker_batch_header_read(bytes, header);
    return header->batch_length < 0 || broker_batch_size(header) <= cursor->left;
}

/* Checks batches from the cursor on until one does not fit the run's segment; moves over them. */
static int gather(const struct broker_log *log, struct broker_cursor *cursor, int32_t leader_epoch,
                  struct run *run, struct broker_append *out, struct broker_err *err)
{
    struct broker_batch_header header;
    *run = (struct run){.in = {.first_offset = -1, .max_timestamp_ms = -1, .last_offset = -1}};
    int64_t last = log->next_offset - 1;
    while (peek(cursor, &header)) {
        if (header.batch_length < BROKER_BATCH_HEADER_BYTES - BROKER_BATCH_OVERHEAD_BYTES)
            return refuse(out, KAFKA_CORRUPT_MESSAGE, err, "length field too small",
                          header.base_offset);
        uint64_t size = broker_batch_size(&header);
        if (header.partition_leader_epoch > leader_epoch)
            break; /* written by a leader that this follower does not know yet */
        if (run->batches && (int64_t)(run->in.size + size) > log->config.segment_bytes)
            break;
        int rc = check_fetched(log, cursor, &header, out, err);
        if (rc != BROKER_OK)
            return rc;
        if (broker_batch_last_offset(&header) <= last || !broker_batch_has_sane_offsets(&header))
            return refuse(out, KAFKA_UNKNOWN_SERVER_ERROR, err, "offsets do not grow",
                          header.base_offset);
        last = broker_batch_last_offset(&header);
        if (!run->batches)
            run->in.first_offset = header.base_offset;
        run->in.last_offset = last;
        run->in.size += size;
        if (header.max_timestamp_ms > run->in.max_timestamp_ms)
            run->in.max_timestamp_ms = header.max_timestamp_ms;
        run->batches++;
        run->records += header.record_count;
    }
    return BROKER_OK;
}

/* Kafka's rule for the first offset: it may not lie before the end, but an empty log starts where the batch does. */
static int check_first_offset(struct broker_log *log, const struct run *run,
                              struct broker_append *out, struct broker_err *err)
{
    if (run->in.first_offset >= log->next_offset)
        return BROKER_OK;
    if (log->size_bytes == 0 && log->start_offset == log->next_offset) {
        int rc = broker_log_truncate_fully(log, run->in.first_offset, &out->receipt, err);
        return rc == BROKER_OK ? rc : broker_err_wrap(err, rc, "restart");
    }
    return refuse(out, KAFKA_UNKNOWN_SERVER_ERROR, err, "lies before the end of the log",
                  run->in.first_offset);
}

/* The `size` bytes from the cursor on, as spans: the caller's own where they end together. */
static struct broker_span *spans_of(struct broker_cursor *cursor, uint64_t size,
                                    struct broker_span *room, size_t room_count, int *count)
{
    size_t most = (size_t)(cursor->end - cursor->span);
    struct broker_span *spans = most <= room_count ? room : malloc(most * sizeof *spans);
    if (spans)
        *count = broker_cursor_take(cursor, size, spans, (int)most);
    return spans;
}

static int write_run(struct broker_log *log, struct broker_cursor *cursor, const struct run *run,
                     struct broker_append *out, struct broker_err *err)
{
    struct broker_span room[64];
    struct broker_cursor batches = *cursor;
    int count = 0;
    struct broker_span *spans = spans_of(cursor, run->in.size, room, 64, &count);
    if (!spans)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    int rc = broker_segment_write(broker_log_active(log), spans, (size_t)count, err);
    if (spans != room)
        free(spans);
    if (rc != BROKER_OK)
        return rc;
    for (int32_t i = 0; rc == BROKER_OK && i < run->batches; i++) {
        struct broker_batch_header header;
        peek(&batches, &header);
        struct broker_cursor marker = batches;
        struct broker_span parts[8];
        uint64_t size = broker_batch_size(&header);
        int used = 0;
        /* Only a marker's records are looked at; it has few bytes. */
        if (header.attributes & BROKER_BATCH_CONTROL)
            used = broker_cursor_take(&marker, size, parts, 8);
        rc = note_epoch(log, &header, out, err);
        if (rc == BROKER_OK)
            rc = note_batch(log, &header, parts, used > 0 ? (size_t)used : 0, out, err);
        if (i + 1 < run->batches)
            broker_cursor_skip(&batches, size);
    }
    return rc == BROKER_OK ? rc : take_back(log, rc);
}

int broker_log_append_as_follower(struct broker_log *log, const struct broker_span *spans,
                                  size_t count, int32_t leader_epoch, struct broker_append *out,
                                  struct broker_err *err)
{
    struct broker_cursor cursor;
    begin(log, out);
    broker_cursor_init(&cursor, spans, count);
    for (;;) {
        struct run run;
        struct broker_cursor start = cursor;
        int rc = gather(log, &cursor, leader_epoch, &run, out, err);
        if (rc == BROKER_OK && run.batches) {
            rc = check_first_offset(log, &run, out, err);
            if (rc == BROKER_OK)
                rc = roll_if_due(log, &run.in, out, err);
            if (rc == BROKER_OK)
                rc = write_run(log, &start, &run, out, err);
        }
        if (rc == BROKER_ECORRUPT && out->error != KAFKA_NONE)
            break; /* a refusal; what was written before it stays */
        if (rc == BROKER_EFULL && out->size_bytes)
            break; /* what fitted before the disk was full stays; the next fetch brings the error */
        if (rc != BROKER_OK)
            return rc;
        if (!run.batches)
            break;
        if (out->base_offset < 0)
            out->base_offset = run.in.first_offset;
        out->last_offset = run.in.last_offset;
        out->size_bytes += run.in.size;
        out->record_count += run.records;
        out->receipt.batches += (uint32_t)run.batches;
        out->receipt.records += (uint32_t)run.records;
    }
    out->log_start_offset = log->start_offset;
    return out->size_bytes ? finish(log, out, err) : BROKER_OK;
}
