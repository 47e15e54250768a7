/* broker-core/log/truncate.c - cutting the end of a log (log-storage.md section 9, last paragraph). */
#include "broker-core/log/log_internal.h"
#include "broker-core/log/txn_index.h"

#include <assert.h>

/* Returns whether the recovery point came down. */
static bool restart_at_end(struct broker_log *log, int64_t end)
{
    bool lowered = log->recovery_point > end;
    struct broker_segment *active = broker_log_active(log);
    log->next_offset = end;
    log->end = (struct broker_place){end, active, active->size};
    log->high.offset = -1;
    if (lowered)
        log->recovery_point = end;
    broker_log_tail_forget(log);
    return lowered;
}

static int tell_dir(struct broker_log *log, bool lowered, struct broker_receipt *receipt,
                    struct broker_err *err)
{
    return lowered && log->recovery_point_lowered
               ? log->recovery_point_lowered(log->due_ctx, receipt, err)
               : BROKER_OK;
}

static int write_epochs_later(struct broker_log *log)
{
    return broker_log_add_task(log, (struct broker_task){.kind = BROKER_TASK_EPOCHS,
                                                         .due_ms = log->env->ops->now_ms(log->env),
                                                         .offset = -1});
}

static int cut_to(struct broker_log *log, int64_t offset, bool *lowered,
                  struct broker_receipt *receipt, struct broker_err *err)
{
    uint32_t keep = broker_log_floor(log, offset) + 1;
    int rc = broker_log_drop_segments(log, keep, log->segment_count - keep, true, receipt, err);
    if (rc != BROKER_OK)
        return rc;
    struct broker_segment *active = broker_log_active(log);
    log->size_bytes -= active->size;
    rc = broker_txn_index_truncate(active, offset, err);
    if (rc == BROKER_OK)
        rc = broker_segment_truncate(active, offset, &log->config, receipt, err);
    log->size_bytes += active->size;
    *lowered = restart_at_end(log, offset);
    return rc;
}

int broker_log_truncate(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                        struct broker_err *err)
{
    assert(!log->pending);
    if (offset >= log->next_offset)
        return broker_epochs_truncate_end(&log->epochs, offset) ? write_epochs_later(log)
                                                                : BROKER_OK;
    if (offset < log->segments[0]->base_offset)
        return broker_log_truncate_fully(log, offset, receipt, err);
    bool lowered = false;
    int rc = cut_to(log, offset, &lowered, receipt, err);
    if (rc == BROKER_OK && broker_epochs_truncate_end(&log->epochs, offset))
        rc = write_epochs_later(log);
    if (log->start_offset > offset)
        log->start_offset = offset;
    if (rc == BROKER_OK)
        rc = broker_log_rebuild_producers(log, offset, false, receipt, err);
    if (log->high_watermark > offset)
        log->high_watermark = offset;
    if (rc == BROKER_OK)
        rc = tell_dir(log, lowered, receipt, err);
    return rc == BROKER_OK ? rc : broker_err_wrap(err, rc, "truncate %s", log->folder);
}

int broker_log_truncate_fully(struct broker_log *log, int64_t offset,
                              struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_segment *made;
    assert(!log->pending);
    int rc = BROKER_OK;
    while (rc == BROKER_OK && log->producers.snapshot_count) {
        bool renamed;
        int64_t at = log->producers.snapshots[0];
        rc = broker_log_retire_snapshot(log, at, &renamed, receipt, err);
        if (rc == BROKER_OK && renamed)
            rc = broker_log_add_task(log,
                                     (struct broker_task){.kind = BROKER_TASK_UNLINK,
                                                          .due_ms = log->env->ops->now_ms(log->env),
                                                          .offset = at});
    }
    if (rc == BROKER_OK)
        rc = broker_log_drop_segments(log, 0, log->segment_count, true, receipt, err);
    if (rc == BROKER_OK)
        rc = broker_segment_make(log->env, log->folder, offset, &log->config, &made, receipt, err);
    if (rc == BROKER_OK && (rc = broker_log_add_segment(log, made)) != BROKER_OK)
        broker_segment_release(made);
    if (rc != BROKER_OK)
        return broker_err_wrap(err, rc, "restart %s", log->folder);
    bool lowered = restart_at_end(log, offset);
    log->start_offset = log->high_watermark = offset;
    broker_producers_clear(&log->producers);
    log->producers.map_end = offset;
    log->producers.last_snapshot = 0;
    bool had_epochs = log->epochs.count > 0;
    log->epochs.count = 0;
    if (had_epochs)
        rc = broker_epochs_write(&log->epochs, log->env, log->folder, receipt, err);
    return rc == BROKER_OK ? tell_dir(log, lowered, receipt, err) : rc;
}
