/* broker-core/log/read.c - regions of a log for a reader (log-storage.md section 6); see log.h. */
#include "broker-core/log/log_internal.h"

/*
 * Looks a published offset of the active segment up in the remembered tail. The remembered batches have no gap between
 * them, so the last one that begins at or before the offset holds it. *next_position: where the batch ends.
 */
static bool find_in_tail(const struct broker_log *log, int64_t offset, uint32_t *position,
                         uint32_t *next_position, int64_t *base_offset)
{
    const struct broker_segment *active = broker_log_active(log);
    *next_position = active->size;
    for (uint32_t i = 1; i <= log->tail_count; i++) {
        const struct broker_tail *tail =
            &log->tail[(log->tail_next - i) & (BROKER_TAIL_BATCHES - 1)];
        *base_offset = active->base_offset + tail->relative_offset;
        *position = tail->position;
        if (*base_offset <= offset)
            return true;
        *next_position = tail->position;
    }
    return false;
}

struct spot {
    uint32_t position, end; /* of the batch */
    int64_t base_offset;
};

static bool find_batch(const struct broker_log *log, struct broker_segment *segment, int64_t offset,
                       uint32_t limit, struct spot *spot, struct broker_receipt *receipt)
{
    if (segment == broker_log_active(log) && offset < log->next_offset &&
        find_in_tail(log, offset, &spot->position, &spot->end, &spot->base_offset))
        return spot->end <= limit;
    struct broker_found found;
    if (!broker_segment_seek(segment, offset, limit, &found, receipt))
        return false;
    spot->position = found.position;
    spot->end = found.position + (uint32_t)broker_batch_size(&found.header);
    spot->base_offset = found.header.base_offset;
    return true;
}

/* The position of a published offset: where the batch that holds it begins, the end of its segment if none does. */
static struct broker_place find_place(const struct broker_log *log, int64_t offset,
                                      struct broker_receipt *receipt)
{
    if (offset >= log->end.offset)
        return log->end;
    struct broker_segment *segment = log->segments[broker_log_floor(log, offset)];
    uint32_t limit = segment == log->end.segment ? log->end.position : segment->size;
    struct spot spot;
    bool found = find_batch(log, segment, offset, limit, &spot, receipt);
    return (struct broker_place){offset, segment, found ? spot.position : limit};
}

static int64_t bound_offset(const struct broker_log *log, enum broker_read_bound bound)
{
    switch (bound) {
    case BROKER_READ_HIGH_WATERMARK:
        return log->high_watermark;
    case BROKER_READ_LAST_STABLE:
        return broker_log_last_stable_offset(log);
    default:
        return log->end.offset;
    }
}

static struct broker_place bound_place(const struct broker_log *log, int64_t offset,
                                       struct broker_receipt *receipt)
{
    return offset == log->high.offset ? log->high : find_place(log, offset, receipt);
}

enum broker_error broker_log_read(struct broker_log *log, int64_t offset, uint64_t max_bytes,
                                  bool min_one, enum broker_read_bound bound,
                                  struct broker_region *region, struct broker_receipt *receipt)
{
    *region = (struct broker_region){0};
    if (offset < log->start_offset || offset > log->end.offset)
        return KAFKA_OFFSET_OUT_OF_RANGE;
    int64_t up_to = bound_offset(log, bound);
    if (offset >= up_to)
        return KAFKA_NONE;
    struct broker_place last = bound_place(log, up_to, receipt);
    if (bound == BROKER_READ_HIGH_WATERMARK)
        log->high = last;
    struct spot spot = {0};
    uint32_t limit = 0, number = broker_log_floor(log, offset);
    for (;; number++) {
        struct broker_segment *segment = log->segments[number];
        limit = segment == last.segment ? last.position : segment->size;
        if (find_batch(log, segment, offset, limit, &spot, receipt))
            break;
        if (segment == last.segment || number + 1 == log->segment_count)
            return KAFKA_NONE;
    }
    uint64_t size = limit - spot.position;
    if (size > max_bytes) {
        uint64_t first = spot.end - spot.position;
        size = max_bytes < first ? (min_one ? first : 0) : max_bytes;
    }
    if (!size)
        return KAFKA_NONE;
    broker_segment_reference(log->segments[number]);
    *region = (struct broker_region){log->segments[number], spot.position, size, spot.base_offset};
    return KAFKA_NONE;
}

void broker_region_release(struct broker_region *region)
{
    if (region->segment)
        broker_segment_release(region->segment);
    *region = (struct broker_region){0};
}

struct broker_file *broker_region_file(const struct broker_region *region)
{
    return region->segment->file;
}

uint64_t broker_log_available_bytes(const struct broker_log *log, int64_t offset,
                                    enum broker_read_bound bound)
{
    struct broker_receipt ignored = {0};
    int64_t up_to = bound_offset(log, bound);
    if (offset >= up_to || offset < log->start_offset)
        return 0;
    struct broker_place last = bound_place(log, up_to, &ignored);
    struct broker_place first = find_place(log, offset, &ignored);
    if (first.segment == last.segment)
        return last.position > first.position ? last.position - first.position : 0;
    return first.segment->size - first.position;
}

bool broker_log_on_older_segment(const struct broker_log *log, int64_t offset,
                                 enum broker_read_bound bound)
{
    int64_t up_to = bound_offset(log, bound);
    uint32_t last = up_to == log->end.offset ? UINT32_MAX : broker_log_floor(log, up_to);
    if (last == UINT32_MAX)
        return offset < log->end.segment->base_offset;
    return offset < log->segments[last]->base_offset;
}
