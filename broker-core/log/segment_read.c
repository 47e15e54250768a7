/* broker-core/log/segment_read.c - finding batches and timestamps in one segment, and cutting it; see segment.h. */
#include "broker-core/log/segment.h"

#include <inttypes.h>

bool broker_segment_header(struct broker_segment *segment, uint32_t position, uint32_t limit,
                           struct broker_batch_header *header, struct broker_receipt *receipt)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    size_t got = 0;
    if (limit < sizeof bytes || position > limit - sizeof bytes)
        return false;
    int rc = segment->env->ops->read_at(segment->env, segment->file, position, bytes, sizeof bytes,
                                        &got);
    if (rc != BROKER_OK || got < sizeof bytes)
        return false;
    receipt->scanned_bytes += sizeof bytes;
    broker_batch_header_read(bytes, header);
    return header->magic == 2 &&
           header->batch_length >= BROKER_BATCH_HEADER_BYTES - BROKER_BATCH_OVERHEAD_BYTES &&
           broker_batch_size(header) <= limit - position && broker_batch_has_sane_offsets(header);
}

/* Where a scan for offset starts: the indexed batch at or before it. A damaged entry sends us to the segment's start. */
static uint32_t scan_start(struct broker_segment *segment, int64_t offset, uint32_t limit,
                           struct broker_receipt *receipt)
{
    struct broker_index_entry entry;
    struct broker_batch_header header;
    int64_t slot = -1;
    if (broker_segment_open_indexes(segment, NULL) != BROKER_OK)
        return 0;
    int rc = broker_index_find(&segment->offsets, segment->env, offset - segment->base_offset,
                               &slot, &entry, receipt);
    if (rc != BROKER_OK || slot < 0 || segment->base_offset + entry.key > offset)
        return 0;
    if (!broker_segment_header(segment, entry.value, limit, &header, receipt) ||
        broker_batch_last_offset(&header) != segment->base_offset + entry.key)
        return 0;
    return entry.value;
}

bool broker_segment_seek(struct broker_segment *segment, int64_t offset, uint32_t limit,
                         struct broker_found *found, struct broker_receipt *receipt)
{
    uint32_t position = scan_start(segment, offset, limit, receipt);
    while (broker_segment_header(segment, position, limit, &found->header, receipt)) {
        if (broker_batch_last_offset(&found->header) >= offset) {
            found->position = position;
            return true;
        }
        position += (uint32_t)broker_batch_size(&found->header);
    }
    return false;
}

int64_t broker_segment_largest_timestamp_ms(struct broker_segment *segment,
                                            struct broker_receipt *receipt)
{
    if (!segment->max_time_known && broker_segment_open_indexes(segment, NULL) == BROKER_OK) {
        if (segment->times.count) {
            segment->max_time = segment->times.last;
            receipt->lookups++;
        }
        segment->max_time_known = true;
    }
    if (segment->max_time.key >= 0)
        return segment->max_time.key;
    int64_t modified_ms = segment->created_ms;
    segment->env->ops->modified_ms(segment->env, segment->file, &modified_ms);
    return modified_ms;
}

int64_t broker_segment_first_timestamp_ms(struct broker_segment *segment)
{
    if (!segment->first_timestamp_known && segment->size) {
        struct broker_batch_header header;
        struct broker_receipt ignored = {0};
        if (!broker_segment_header(segment, 0, segment->size, &header, &ignored))
            return -1;
        segment->first_timestamp_ms = header.max_timestamp_ms;
        segment->first_timestamp_known = true;
    }
    return segment->size ? segment->first_timestamp_ms : -1;
}

/* Entries whose offset is < offset stay. */
static int cut_offsets(struct broker_segment *segment, int64_t offset,
                       struct broker_receipt *receipt)
{
    struct broker_index_entry entry;
    int64_t slot;
    int rc = broker_index_find(&segment->offsets, segment->env, offset - segment->base_offset - 1,
                               &slot, &entry, receipt);
    return rc == BROKER_OK ? broker_index_cut(&segment->offsets, segment->env, (uint32_t)(slot + 1))
                           : rc;
}

static int cut_times(struct broker_segment *segment, int64_t offset, struct broker_receipt *receipt)
{
    struct broker_index_entry entry;
    int64_t slot;
    int rc =
        broker_index_find_value(&segment->times, segment->env,
                                (uint32_t)(offset - segment->base_offset), &slot, &entry, receipt);
    if (rc != BROKER_OK)
        return rc;
    uint32_t count = slot < 0 ? segment->times.count : (uint32_t)slot;
    return broker_index_cut(&segment->times, segment->env, count);
}

/* The largest timestamp after a cut: the last time entry, or a later batch that was not indexed yet. */
static void reload_max_time(struct broker_segment *segment, struct broker_receipt *receipt)
{
    struct broker_batch_header header;
    uint32_t position = 0;
    segment->max_time = (struct broker_index_entry){-1, 0};
    segment->max_time_known = true;
    if (segment->times.count) {
        segment->max_time = segment->times.last;
        position = scan_start(segment, segment->base_offset + segment->times.last.value,
                              segment->size, receipt);
    }
    while (broker_segment_header(segment, position, segment->size, &header, receipt)) {
        if (header.max_timestamp_ms > segment->max_time.key)
            segment->max_time = (struct broker_index_entry){
                header.max_timestamp_ms,
                (uint32_t)(broker_batch_last_offset(&header) - segment->base_offset)};
        position += (uint32_t)broker_batch_size(&header);
    }
}

int broker_segment_truncate(struct broker_segment *segment, int64_t offset,
                            const struct broker_log_config *config, struct broker_receipt *receipt,
                            struct broker_err *err)
{
    struct broker_found found;
    int rc = broker_segment_open_indexes(segment, err);
    if (rc != BROKER_OK)
        return rc;
    bool cut = broker_segment_seek(segment, offset, segment->size, &found, receipt);
    rc = cut_offsets(segment, offset, receipt);
    if (rc == BROKER_OK)
        rc = cut_times(segment, offset, receipt);
    if (rc == BROKER_OK && cut) {
        rc = segment->env->ops->truncate(segment->env, segment->file, found.position);
        segment->preallocated = false;
        segment->size = found.position;
        segment->synced = segment->synced < found.position ? segment->synced : found.position;
    }
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "truncate %s/%020" PRId64 ": %s", segment->folder,
                              segment->base_offset, broker_status_name(rc));
    if (!segment->size) {
        segment->created_ms = segment->env->ops->now_ms(segment->env);
        segment->first_timestamp_known = false;
    }
    segment->since_index_entry = 0;
    reload_max_time(segment, receipt);
    return broker_segment_activate(segment, config, receipt, err);
}
