/* broker-core/log/roll.c - a new active segment, and the deletion of old ones (log-storage.md sections 4 and 9). */
#include "broker-core/log/log_internal.h"

#include <inttypes.h>

/* An empty active segment whose index was full is replaced by one of the same name. */
static int replace_empty(struct broker_log *log, int64_t base_offset,
                         struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_segment *active = broker_log_active(log);
    if (active->base_offset != base_offset)
        return broker_segment_finish(active, receipt, err);
    if (active->size)
        return broker_err_set(err, BROKER_ECORRUPT, "%s: segment %" PRId64 " exists", log->folder,
                              base_offset);
    return broker_log_drop_segments(log, log->segment_count - 1, 1, false, receipt, err);
}

/* The disk is full: the old segment goes on being the active one, with room in its indexes again. */
static int stay(struct broker_log *log, int rc, struct broker_receipt *receipt,
                struct broker_err *err)
{
    if (rc == BROKER_EFULL && log->segment_count)
        broker_segment_activate(broker_log_active(log), &log->config, receipt, NULL);
    return broker_err_wrap(err, rc, "roll %s", log->folder);
}

int broker_log_roll(struct broker_log *log, int64_t base_offset, struct broker_receipt *receipt,
                    struct broker_err *err)
{
    struct broker_segment *made;
    bool taken;
    if (base_offset < log->next_offset)
        base_offset = log->next_offset;
    int rc = replace_empty(log, base_offset, receipt, err);
    if (rc == BROKER_OK)
        rc = broker_segment_make(log->env, log->folder, base_offset, &log->config, &made, receipt,
                                 err);
    if (rc == BROKER_OK && broker_log_add_segment(log, made) != BROKER_OK) {
        broker_segment_release(made);
        rc = broker_err_set(err, BROKER_EIO, "out of memory");
    }
    if (rc != BROKER_OK)
        return stay(log, rc, receipt, err);
    broker_log_tail_forget(log);
    if (!log->pending) /* a reader at the end now stands at the new segment's start; so it is within an append too */
        log->end = (struct broker_place){log->end.offset, made, 0};
    log->producers.map_end = base_offset;
    rc = broker_log_take_snapshot(log, log->config.roll_syncs, &taken, receipt, err);
    if (rc != BROKER_OK)
        return rc;
    struct broker_task flush = {.kind = BROKER_TASK_FLUSH,
                                .due_ms = log->env->ops->now_ms(log->env),
                                .offset = base_offset,
                                .snapshot = taken && !log->config.roll_syncs};
    return broker_log_add_task(log, flush);
}

/* Up to which segment one of the three rules deletes. */
typedef bool deletable_fn(struct broker_log *log, const struct broker_segment *segment,
                          const struct broker_segment *next, void *ctx,
                          struct broker_receipt *receipt);

struct retention {
    int64_t now_ms;
    int64_t excess_bytes;
};

static bool before_start(struct broker_log *log, const struct broker_segment *segment,
                         const struct broker_segment *next, void *ctx,
                         struct broker_receipt *receipt)
{
    (void)segment, (void)ctx, (void)receipt;
    return next && next->base_offset <= log->start_offset;
}

static bool too_much(struct broker_log *log, const struct broker_segment *segment,
                     const struct broker_segment *next, void *ctx, struct broker_receipt *receipt)
{
    struct retention *retention = ctx;
    (void)log, (void)next, (void)receipt;
    if (retention->excess_bytes < (int64_t)segment->size)
        return false;
    retention->excess_bytes -= segment->size;
    return true;
}

static bool too_old(struct broker_log *log, const struct broker_segment *segment,
                    const struct broker_segment *next, void *ctx, struct broker_receipt *receipt)
{
    const struct retention *retention = ctx;
    (void)next;
    /* Reading the time index of an old segment changes no more than what is remembered of it. */
    int64_t largest_ms =
        broker_segment_largest_timestamp_ms((struct broker_segment *)(uintptr_t)segment, receipt);
    return broker_distance(retention->now_ms, largest_ms) > log->config.retention_ms;
}

/* How many of the oldest segments the rule deletes: none beyond the high watermark, not the last one while it is empty. */
static uint32_t count_deletable(struct broker_log *log, deletable_fn *deletable, void *ctx,
                                struct broker_receipt *receipt)
{
    for (uint32_t i = 0; i < log->segment_count; i++) {
        const struct broker_segment *segment = log->segments[i];
        bool last = i + 1 == log->segment_count;
        int64_t end = last ? log->next_offset : log->segments[i + 1]->base_offset;
        if ((last && (!segment->size || log->pending)) || log->high_watermark < end ||
            !deletable(log, segment, last ? NULL : log->segments[i + 1], ctx, receipt))
            return i;
    }
    return log->segment_count;
}

static int delete_oldest(struct broker_log *log, uint32_t count, struct broker_receipt *receipt,
                         struct broker_err *err)
{
    int rc = BROKER_OK;
    if (!count)
        return rc;
    if (count == log->segment_count)
        rc = broker_log_roll(log, log->next_offset, receipt, err);
    if (rc != BROKER_OK)
        return rc;
    broker_log_set_start_offset(log, log->segments[count]->base_offset);
    return broker_log_drop_segments(log, 0, count, true, receipt, err);
}

int broker_log_retain(struct broker_log *log, uint32_t *deleted, struct broker_receipt *receipt,
                      struct broker_err *err)
{
    struct retention retention = {.now_ms = log->env->ops->now_ms(log->env)};
    uint32_t count = count_deletable(log, before_start, &retention, receipt);
    *deleted = count;
    int rc = delete_oldest(log, count, receipt, err);
    if (rc == BROKER_OK && log->config.retention_bytes >= 0) {
        retention.excess_bytes = (int64_t)log->size_bytes - log->config.retention_bytes;
        count =
            retention.excess_bytes > 0 ? count_deletable(log, too_much, &retention, receipt) : 0;
        *deleted += count;
        rc = delete_oldest(log, count, receipt, err);
    }
    if (rc == BROKER_OK && log->config.retention_ms >= 0) {
        count = count_deletable(log, too_old, &retention, receipt);
        *deleted += count;
        rc = delete_oldest(log, count, receipt, err);
    }
    return rc;
}
