/*
 * model/client/region.c - what a consumer finds in a fetched region: walks its batches by their headers and spans.
 */
#include <assert.h>

#include "broker-core/record/cursor.h"
#include "model/client/consumer_internal.h"

/* Bytes are the span's only where they really are bytes: batches of a start state have holes instead. */
static bool read_span(const struct broker_cursor *cursor, uint32_t record_count,
                      struct model_span *span)
{
    struct broker_cursor look = *cursor;
    uint8_t bytes[MODEL_SPAN_BYTES];
    if (!broker_cursor_read(&look, bytes, sizeof bytes))
        return false;
    model_span_read(bytes, span);
    return span->count == record_count && span->last_ns >= span->first_ns;
}

/* Leaves out records below the offset that was asked for: a region begins with the batch that holds it. */
static void skip_records(struct piece *piece, uint32_t skip)
{
    if (skip == 0)
        return;
    if (piece->count > 1)
        piece->first_ns += (piece->last_ns - piece->first_ns) / (piece->count - 1) * skip;
    piece->wire_bytes -= piece->wire_bytes / piece->count * skip;
    piece->count -= skip;
    piece->groups = piece->groups < piece->count ? piece->groups : piece->count;
}

static void add_batch(struct model_consumer *c, uint32_t link, uint32_t number,
                      const struct broker_batch_header *header, const struct broker_cursor *records)
{
    struct consumer_part *part = &c->parts[number];
    int64_t last = broker_batch_last_offset(header);
    if (last < part->fetch_offset || (header->attributes & BROKER_BATCH_CONTROL)) {
        if (last >= part->fetch_offset)
            part->fetch_offset = last + 1;
        return;
    }
    struct model_span span = {0};
    bool stamped = read_span(records, (uint32_t)header->record_count, &span);
    struct piece piece = {
        .part = number,
        .link = link,
        .count = (uint32_t)header->record_count,
        .producer = span.producer,
        .groups = span.groups ? span.groups : span.count,
        .stamped = stamped,
        .whole = true,
        .codec = header->attributes & BROKER_BATCH_CODEC_MASK,
        .first_ns = stamped ? span.first_ns : 0,
        .last_ns = stamped ? span.last_ns : 0,
        .next_offset = last + 1,
        .wire_bytes = broker_batch_size(header),
    };
    if (part->fetch_offset > header->base_offset) {
        int64_t skip = part->fetch_offset - header->base_offset;
        skip_records(&piece, skip < piece.count ? (uint32_t)skip : piece.count - 1);
    }
    part->fetch_offset = last + 1;
    consumer_push(c, &piece);
}

void region_walk(struct model_consumer *c, uint32_t link, uint32_t part,
                 const struct broker_region *region)
{
    struct broker_env *env = c->metadata->envs[link];
    struct broker_view view;
    int rc = env->ops->view(env, broker_region_file(region), region->position, region->size_bytes,
                            &view);
    if (rc != BROKER_OK)
        return;
    struct broker_cursor cursor;
    broker_cursor_init(&cursor, view.spans, view.count);
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    while (broker_cursor_read(&cursor, bytes, sizeof bytes)) {
        struct broker_batch_header header;
        broker_batch_header_read(bytes, &header);
        uint64_t rest = broker_batch_size(&header) - BROKER_BATCH_HEADER_BYTES;
        /* The last batch may be cut off; records that were compacted away leave empty ones. */
        if (rest > cursor.left)
            break;
        if (header.record_count > 0)
            add_batch(c, link, part, &header, &cursor);
        broker_cursor_skip(&cursor, rest);
    }
    env->ops->view_release(env, &view);
}
