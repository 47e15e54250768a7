/* broker-core/log/tasks.c - work that Kafka leaves to background threads, and syncing (log-storage.md sections 4, 5, 9). */
#include "broker-core/log/log_internal.h"

#include <inttypes.h>
#include <stdlib.h>

int broker_log_add_task(struct broker_log *log, struct broker_task task)
{
    struct broker_task *made = malloc(sizeof *made);
    if (!made)
        return BROKER_EIO;
    /* Nearly always the latest yet. */
    struct broker_task **at = log->last_task && log->last_task->due_ms <= task.due_ms
                                  ? &log->last_task->next
                                  : &log->tasks;
    while (*at && (*at)->due_ms <= task.due_ms)
        at = &(*at)->next;
    *made = task;
    made->next = *at;
    *at = made;
    if (!made->next)
        log->last_task = made;
    if (log->tasks == made && log->due_changed)
        log->due_changed(log, log->due_ctx);
    return BROKER_OK;
}

static void free_task(struct broker_task *task)
{
    if (task->segment)
        broker_segment_release(task->segment);
    free(task);
}

void broker_log_free_tasks(struct broker_log *log)
{
    while (log->tasks) {
        struct broker_task *next = log->tasks->next;
        free_task(log->tasks);
        log->tasks = next;
    }
    log->last_task = NULL;
}

int broker_log_drop_segments(struct broker_log *log, uint32_t first, uint32_t count,
                             bool with_snapshots, struct broker_receipt *receipt,
                             struct broker_err *err)
{
    int64_t due_ms =
        broker_later_ms(log->env->ops->now_ms(log->env), log->config.file_delete_delay_ms);
    log->high.offset = -1;
    for (uint32_t i = 0; i < count; i++) {
        struct broker_segment *segment = log->segments[first];
        bool snapshot = false;
        int rc = broker_segment_mark_deleted(segment, receipt, err);
        if (rc == BROKER_OK && with_snapshots)
            rc = broker_log_retire_snapshot(log, segment->base_offset, &snapshot, receipt, err);
        if (rc != BROKER_OK)
            return rc;
        log->size_bytes -= segment->size;
        log->segment_count--;
        for (uint32_t j = first; j < log->segment_count; j++)
            log->segments[j] = log->segments[j + 1];
        rc = broker_log_add_task(
            log, (struct broker_task){.kind = BROKER_TASK_UNLINK,
                                      .due_ms = due_ms,
                                      .segment = segment,
                                      .offset = snapshot ? segment->base_offset : -1});
        if (rc != BROKER_OK)
            return broker_err_set(err, rc, "out of memory");
    }
    return BROKER_OK;
}

/* Syncs each segment that overlaps [recovery point, offset); with `including`, also the one that begins at offset. */
static int sync_segments(struct broker_log *log, int64_t offset, bool including,
                         struct broker_receipt *receipt, struct broker_err *err)
{
    bool made_since = false;
    int rc = BROKER_OK;
    for (uint32_t i = broker_log_floor(log, log->recovery_point);
         rc == BROKER_OK && i < log->segment_count; i++) {
        struct broker_segment *segment = log->segments[i];
        if (segment->base_offset > offset || (segment->base_offset == offset && !including))
            break;
        rc = broker_segment_sync(segment, receipt, err);
        made_since = made_since || segment->base_offset >= log->recovery_point;
        if (i + 1 < log->segment_count)
            broker_segment_rest(segment);
    }
    if (rc == BROKER_OK && made_since) {
        rc = log->env->ops->sync_folder(log->env, log->folder);
        receipt->syncs++;
        if (rc != BROKER_OK)
            broker_err_set(err, rc, "sync %s: %s", log->folder, broker_status_name(rc));
    }
    return rc;
}

int broker_log_sync_up_to(struct broker_log *log, int64_t offset, bool including,
                          struct broker_receipt *receipt, struct broker_err *err)
{
    /* A flush left by a roll that a truncation has undone: what is appended there later is not synced by it. */
    if (offset > log->next_offset)
        offset = log->next_offset;
    if (offset + including <= log->recovery_point)
        return BROKER_OK;
    int rc = sync_segments(log, offset, including, receipt, err);
    if (rc != BROKER_OK)
        return rc;
    log->recovery_point = offset;
    log->last_flush_ms = log->env->ops->now_ms(log->env);
    return BROKER_OK;
}

int broker_log_flush(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                     struct broker_err *err)
{
    if (offset >= log->end.offset)
        return broker_log_sync_up_to(log, log->end.offset, true, receipt, err);
    return broker_log_sync_up_to(log, offset, false, receipt, err);
}

static int sync_snapshot(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                         struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    struct broker_file *file;
    broker_segment_path(path, log->folder, offset, ".snapshot");
    int rc = log->env->ops->open(log->env, path, BROKER_OPEN_WRITE, &file);
    if (rc == BROKER_EMISSING) /* retention was quicker */
        return BROKER_OK;
    if (rc == BROKER_OK) {
        rc = log->env->ops->sync(log->env, file);
        receipt->syncs++;
        receipt->synced_bytes += log->env->ops->size(log->env, file);
        log->env->ops->close(log->env, file);
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "sync %s: %s", path, broker_status_name(rc));
}

static int unlink_snapshot(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                           struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    broker_segment_path(path, log->folder, offset, ".snapshot.deleted");
    int rc = log->env->ops->remove(log->env, path);
    receipt->files_removed += rc == BROKER_OK;
    return rc == BROKER_OK || rc == BROKER_EMISSING
               ? BROKER_OK
               : broker_err_set(err, rc, "remove %s: %s", path, broker_status_name(rc));
}

static int run_task(struct broker_log *log, const struct broker_task *task,
                    struct broker_receipt *receipt, struct broker_err *err)
{
    int rc = BROKER_OK;
    switch (task->kind) {
    case BROKER_TASK_FLUSH:
        if (task->snapshot)
            rc = sync_snapshot(log, task->offset, receipt, err);
        return rc == BROKER_OK ? broker_log_sync_up_to(log, task->offset, false, receipt, err) : rc;
    case BROKER_TASK_UNLINK:
        if (task->segment)
            rc = broker_segment_unlink(task->segment, log->folder, receipt, err);
        if (rc == BROKER_OK && task->offset >= 0)
            rc = unlink_snapshot(log, task->offset, receipt, err);
        return rc;
    default:
        return broker_epochs_write(&log->epochs, log->env, log->folder, receipt, err);
    }
}

int64_t broker_log_task_due_ms(const struct broker_log *log)
{
    return log->tasks ? log->tasks->due_ms : INT64_MAX;
}

int broker_log_run_tasks(struct broker_log *log, int64_t now_ms, struct broker_receipt *receipt,
                         struct broker_err *err)
{
    int rc = BROKER_OK;
    while (rc == BROKER_OK && log->tasks && log->tasks->due_ms <= now_ms) {
        struct broker_task *task = log->tasks;
        log->tasks = task->next;
        if (!log->tasks)
            log->last_task = NULL;
        rc = run_task(log, task, receipt, err);
        free_task(task);
    }
    if (log->due_changed)
        log->due_changed(log, log->due_ctx);
    return rc;
}
