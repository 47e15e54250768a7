/* broker-core/log/check.c - the costly self-check of a log: what must hold between its parts, asserted. */
#include "broker-core/log/log_internal.h"

#include <assert.h>

/* Walks the batches of a segment: whole, in order, inside [base, end). Returns the offset behind the last one. */
static int64_t check_batches(const struct broker_log *log, const struct broker_segment *segment)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header;
    int64_t next = segment->base_offset;
    size_t got;
    for (uint64_t at = 0; at < segment->size; at += broker_batch_size(&header)) {
        int rc = log->env->ops->read_at(log->env, segment->file, at, bytes, sizeof bytes, &got);
        assert(rc == BROKER_OK && got == sizeof bytes);
        broker_batch_header_read(bytes, &header);
        assert(header.magic == 2 &&
               header.batch_length >= BROKER_BATCH_HEADER_BYTES - BROKER_BATCH_OVERHEAD_BYTES);
        assert(at + broker_batch_size(&header) <= segment->size);
        assert(broker_batch_last_offset(&header) >= next);
        next = broker_batch_last_offset(&header) + 1;
        (void)rc;
    }
    return next;
}

void broker_log_check(const struct broker_log *log)
{
    uint64_t size_bytes = 0;
    int64_t next = log->segments[0]->base_offset;
    assert(log->segment_count > 0 && !log->pending);
    for (uint32_t i = 0; i < log->segment_count; i++) {
        const struct broker_segment *segment = log->segments[i];
        assert(!segment->detached && segment->base_offset >= next);
        next = check_batches(log, segment);
        size_bytes += segment->size;
    }
    assert(next <= log->next_offset && log->next_offset == log->end.offset);
    assert(size_bytes == log->size_bytes);
    assert(log->start_offset <= log->high_watermark && log->high_watermark <= log->end.offset);
    assert(log->recovery_point <= log->end.offset);
}
