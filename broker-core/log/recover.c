/* broker-core/log/recover.c - one segment checked batch by batch, its indexes written anew (log-storage.md section 7). */
#include "broker-core/log/recover.h"
#include "broker-core/log/txn_index.h"

#include <inttypes.h>

static int reset_indexes(struct broker_log *log, struct broker_segment *segment,
                         struct broker_err *err)
{
    struct broker_env *env = log->env;
    int rc = broker_segment_open_indexes(segment, err);
    if (rc == BROKER_OK)
        rc = broker_index_cut(&segment->offsets, env, 0);
    if (rc == BROKER_OK)
        rc = broker_index_cut(&segment->times, env, 0);
    if (rc == BROKER_OK)
        rc = broker_index_preallocate(&segment->offsets, env, log->config.segment_index_bytes);
    if (rc == BROKER_OK)
        rc = broker_index_preallocate(&segment->times, env, log->config.segment_index_bytes);
    if (rc == BROKER_OK)
        rc = broker_txn_index_truncate(segment, segment->base_offset, err);
    return rc;
}

/* The batch at position if it is whole, valid and continues the segment; *view holds its bytes then (release it). */
static bool next_valid(struct broker_log *log, struct broker_segment *segment, uint64_t file_size,
                       int64_t last_offset, int64_t end, struct broker_batch_header *header,
                       struct broker_view *view, struct broker_receipt *receipt)
{
    uint32_t limit = file_size < INT32_MAX ? (uint32_t)file_size : INT32_MAX;
    if (!broker_segment_header(segment, segment->size, limit, header, receipt))
        return false;
    uint64_t size = broker_batch_size(header);
    if (log->env->ops->view(log->env, segment->file, segment->size, size, view) != BROKER_OK)
        return false;
    int flags = BROKER_CHECK_CRC | (log->config.allow_holes ? BROKER_CHECK_ALLOW_HOLES : 0);
    int64_t last = broker_batch_last_offset(header);
    receipt->crc_bytes += size;
    if (broker_batch_check(view->spans, view->count, flags, header, NULL, NULL) == BROKER_OK &&
        header->base_offset > last_offset && last < end && last - segment->base_offset <= INT32_MAX)
        return true;
    log->env->ops->view_release(log->env, view);
    return false;
}

static int take_over(struct broker_log *log, struct broker_segment *segment,
                     const struct broker_batch_header *header, const struct broker_view *view,
                     struct broker_receipt *receipt, struct broker_err *err)
{
    bool changed = false;
    int rc = BROKER_OK;
    if (header->partition_leader_epoch > broker_epochs_latest(&log->epochs))
        rc = broker_epochs_assign(&log->epochs, header->partition_leader_epoch, header->base_offset,
                                  &changed);
    if (rc == BROKER_OK && changed)
        rc = broker_epochs_write(&log->epochs, log->env, log->folder, receipt, err);
    if (rc == BROKER_OK && header->producer_id >= 0)
        rc = broker_log_note_producer(log, segment, header, view->spans, view->count, receipt, err);
    if (rc == BROKER_OK) {
        rc = broker_segment_note(segment, header, &log->config, receipt);
        log->producers.map_end = broker_batch_last_offset(header) + 1;
    }
    return rc;
}

/* Scans from position 0; segment->size grows with each batch that is taken over. */
static int scan(struct broker_log *log, struct broker_segment *segment, uint64_t file_size,
                int64_t end, struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_batch_header header;
    struct broker_view view;
    int64_t last_offset = segment->base_offset - 1;
    segment->size = 0;
    segment->since_index_entry = 0;
    segment->max_time = (struct broker_index_entry){-1, 0};
    segment->max_time_known = true;
    segment->first_timestamp_known = false;
    while (next_valid(log, segment, file_size, last_offset, end, &header, &view, receipt)) {
        int rc = take_over(log, segment, &header, &view, receipt, err);
        log->env->ops->view_release(log->env, &view);
        if (rc == BROKER_ECORRUPT) /* a control batch whose record cannot be read */
            return BROKER_OK;
        if (rc != BROKER_OK)
            return rc;
        last_offset = broker_batch_last_offset(&header);
    }
    return BROKER_OK;
}

int broker_log_recover_segment(struct broker_log *log, uint32_t number,
                               struct broker_recovery *recovery, bool *truncated,
                               struct broker_receipt *receipt, struct broker_err *err)
{
    bool taken;
    struct broker_segment *segment = log->segments[number];
    int64_t end =
        number + 1 < log->segment_count ? log->segments[number + 1]->base_offset : INT64_MAX;
    uint64_t file_size = log->env->ops->size(log->env, segment->file);
    int rc = broker_log_rebuild_producers(log, segment->base_offset, false, receipt, err);
    if (rc == BROKER_OK)
        rc = reset_indexes(log, segment, err);
    if (rc == BROKER_OK)
        rc = scan(log, segment, file_size, end, receipt, err);
    if (rc != BROKER_OK)
        return broker_err_wrap(err, rc, "recover segment %" PRId64, segment->base_offset);
    recovery->segments_scanned++;
    recovery->bytes_scanned += segment->size;
    recovery->bytes_truncated += file_size - segment->size;
    *truncated = file_size > segment->size;
    if (*truncated)
        rc = log->env->ops->truncate(log->env, segment->file, segment->size);
    if (rc == BROKER_OK)
        rc = broker_segment_finish(segment, receipt, err);
    segment->since_index_entry = 0;
    segment->synced = segment->offsets.synced = segment->times.synced = 0;
    return rc == BROKER_OK ? broker_log_take_snapshot(log, false, &taken, receipt, err) : rc;
}
