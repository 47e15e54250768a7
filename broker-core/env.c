/* broker-core/env.c - sums over spans and receipts, for both environments; see env.h. */
#include "broker-core/env.h"

uint64_t broker_spans_size(const struct broker_span *spans, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += spans[i].size;
    return size;
}

void broker_receipt_add(struct broker_receipt *sum, const struct broker_receipt *part)
{
    sum->appended_bytes += part->appended_bytes;
    sum->index_bytes += part->index_bytes;
    sum->small_file_bytes += part->small_file_bytes;
    sum->scanned_bytes += part->scanned_bytes;
    sum->crc_bytes += part->crc_bytes;
    sum->synced_bytes += part->synced_bytes;
    sum->syncs += part->syncs;
    sum->segment_syncs += part->segment_syncs;
    sum->dirty_syncs += part->dirty_syncs;
    sum->files_made += part->files_made;
    sum->files_removed += part->files_removed;
    sum->renames += part->renames;
    sum->batches += part->batches;
    sum->records += part->records;
    sum->lookups += part->lookups;
}
