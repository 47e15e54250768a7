/* broker-core/log/timestamp.c - offsets for timestamps (log-storage.md section 6). */
#include "broker-core/log/log_internal.h"
#include "broker-core/record/record.h"

/* Targets of ListOffsets below zero. */
enum { LATEST = -1, EARLIEST = -2, MAX_TIMESTAMP = -3, EARLIEST_LOCAL = -4 };

/* Which record of a batch is looked for: the first with timestamp >= target and offset >= from. */
struct wanted {
    int64_t target_ms, from;
};

static bool answer(int64_t ts, int64_t at, int64_t *timestamp_ms, int64_t *offset)
{
    *timestamp_ms = ts;
    *offset = at;
    return true;
}

/*
 * An opaque batch tells only its first and its largest timestamp: its records are taken to be evenly spaced between the two, the last
 * one having the largest.
 */
static bool find_in_opaque(const struct broker_batch_header *header, const struct wanted *wanted,
                           int64_t *timestamp_ms, int64_t *offset)
{
    int64_t first = header->base_offset < wanted->from ? wanted->from - header->base_offset : 0;
    int64_t range_ms = broker_distance(header->max_timestamp_ms, header->base_timestamp_ms);
    int64_t steps = header->last_offset_delta;
    if (range_ms <= 0 || steps == 0)
        return answer(header->max_timestamp_ms, header->base_offset + first, timestamp_ms, offset);
    int64_t late_ms = broker_distance(wanted->target_ms, header->base_timestamp_ms);
    int64_t record = 0;
    if (late_ms > 0) /* the smallest with floor(record * range / steps) >= late */
        record = (int64_t)(((__int128)late_ms * steps + range_ms - 1) / range_ms);
    record = record > first ? record : first;
    if (record > steps)
        return false;
    return answer(
        broker_wrap_add(header->base_timestamp_ms, (int64_t)((__int128)record * range_ms / steps)),
        header->base_offset + record, timestamp_ms, offset);
}

static bool find_in_records(const struct broker_batch_header *header,
                            const struct broker_view *view, const struct wanted *wanted,
                            int64_t *timestamp_ms, int64_t *offset)
{
    struct broker_payload payload;
    bool found = false;
    if (broker_payload_open(&payload, header, view->spans, view->count, NULL) == BROKER_OK)
        for (int32_t i = 0; !found && i < header->record_count; i++) {
            struct broker_record record;
            if (broker_record_next(&payload.cursor, &record, NULL) != BROKER_OK)
                break;
            int64_t at = broker_wrap_add(header->base_offset, record.offset_delta);
            int64_t ts = broker_wrap_add(header->base_timestamp_ms, record.timestamp_delta_ms);
            if (ts >= wanted->target_ms && at >= wanted->from)
                found = answer(ts, at, timestamp_ms, offset);
        }
    broker_payload_release(&payload);
    return found;
}

static bool find_in_batch(struct broker_log *log, struct broker_segment *segment,
                          const struct broker_found *at, const struct wanted *wanted,
                          int64_t *timestamp_ms, int64_t *offset, struct broker_receipt *receipt)
{
    const struct broker_batch_header *header = &at->header;
    struct broker_view view;
    if (header->attributes & BROKER_BATCH_LOG_APPEND_TIME) {
        int64_t first = header->base_offset < wanted->from ? wanted->from : header->base_offset;
        return first <= broker_batch_last_offset(header) &&
               answer(header->max_timestamp_ms, first, timestamp_ms, offset);
    }
    uint64_t size = broker_batch_size(header);
    if (log->env->ops->view(log->env, segment->file, at->position, size, &view) != BROKER_OK)
        return false;
    bool opaque = log->config.allow_holes && broker_batch_is_opaque(view.spans, view.count);
    bool found = opaque ? find_in_opaque(header, wanted, timestamp_ms, offset)
                        : find_in_records(header, &view, wanted, timestamp_ms, offset);
    if (!opaque)
        receipt->scanned_bytes += size;
    log->env->ops->view_release(log->env, &view);
    return found;
}

/* Where the scan for a timestamp starts: behind the last time entry below it. */
static int64_t scan_from(struct broker_segment *segment, int64_t target_ms, int64_t from,
                         struct broker_receipt *receipt)
{
    struct broker_index_entry entry;
    int64_t slot = -1;
    if (broker_segment_open_indexes(segment, NULL) == BROKER_OK &&
        broker_index_find(&segment->times, segment->env, target_ms, &slot, &entry, receipt) ==
            BROKER_OK &&
        slot >= 0 && segment->base_offset + entry.value > from)
        return segment->base_offset + entry.value;
    return from;
}

static bool find_in_segment(struct broker_log *log, struct broker_segment *segment,
                            int64_t target_ms, int64_t *timestamp_ms, int64_t *offset,
                            struct broker_receipt *receipt)
{
    struct wanted wanted = {target_ms, log->start_offset};
    struct broker_found at;
    uint32_t limit = segment == log->end.segment ? log->end.position : segment->size;
    int64_t from = scan_from(segment, target_ms, log->start_offset, receipt);
    bool more = broker_segment_seek(segment, from, limit, &at, receipt);
    while (more) {
        if (at.header.max_timestamp_ms >= target_ms &&
            find_in_batch(log, segment, &at, &wanted, timestamp_ms, offset, receipt))
            return true;
        at.position += (uint32_t)broker_batch_size(&at.header);
        more = broker_segment_header(segment, at.position, limit, &at.header, receipt);
    }
    return false;
}

/* Segments up to the one that the published end lies in. */
static uint32_t published_segments(const struct broker_log *log)
{
    uint32_t count = log->segment_count;
    while (count > 1 && log->segments[count - 1]->base_offset > log->end.segment->base_offset)
        count--;
    return count;
}

static void find_timestamp(struct broker_log *log, int64_t target_ms, int64_t *timestamp_ms,
                           int64_t *offset, struct broker_receipt *receipt)
{
    uint32_t count = published_segments(log);
    for (uint32_t i = 0; i < count; i++) {
        struct broker_segment *segment = log->segments[i];
        if (broker_segment_largest_timestamp_ms(segment, receipt) < target_ms)
            continue;
        if (find_in_segment(log, segment, target_ms, timestamp_ms, offset, receipt))
            return;
    }
}

static void find_max_timestamp(struct broker_log *log, int64_t *timestamp_ms, int64_t *offset,
                               struct broker_receipt *receipt)
{
    struct broker_segment *best = NULL;
    int64_t best_ms = -1;
    uint32_t count = published_segments(log);
    for (uint32_t i = 0; i < count; i++) {
        struct broker_segment *segment = log->segments[i];
        broker_segment_largest_timestamp_ms(segment, receipt);
        if (segment->size && segment->max_time.key > best_ms) {
            best = segment;
            best_ms = segment->max_time.key;
        }
    }
    if (best)
        find_in_segment(log, best, best_ms, timestamp_ms, offset, receipt);
}

enum broker_error broker_log_offset_for_timestamp(struct broker_log *log, int64_t target,
                                                  enum broker_read_bound bound,
                                                  int64_t *timestamp_ms, int64_t *offset,
                                                  struct broker_receipt *receipt)
{
    *timestamp_ms = *offset = -1;
    switch (target) {
    case LATEST:
        *offset = bound == BROKER_READ_END              ? log->end.offset
                  : bound == BROKER_READ_HIGH_WATERMARK ? log->high_watermark
                                                        : broker_log_last_stable_offset(log);
        return KAFKA_NONE;
    case EARLIEST:
    case EARLIEST_LOCAL:
        *offset = log->start_offset;
        return KAFKA_NONE;
    case MAX_TIMESTAMP:
        find_max_timestamp(log, timestamp_ms, offset, receipt);
        break;
    default:
        if (target < 0)
            return KAFKA_NONE; /* tiered storage: nothing there */
        find_timestamp(log, target, timestamp_ms, offset, receipt);
    }
    int64_t up_to = bound == BROKER_READ_END              ? log->end.offset
                    : bound == BROKER_READ_HIGH_WATERMARK ? log->high_watermark
                                                          : broker_log_last_stable_offset(log);
    if (*offset >= up_to)
        *timestamp_ms = *offset = -1;
    return KAFKA_NONE;
}
