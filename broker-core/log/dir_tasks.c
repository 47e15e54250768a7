/* broker-core/log/dir_tasks.c - the dir's periodic tasks and its logs' own, one a call (log-storage.md sections 5 and 9). */
#include "broker-core/log/dir_internal.h"

#include <assert.h>

/* ---- logs with something due: a binary heap ---- */

static bool sooner(const struct broker_dir_entry *a, const struct broker_dir_entry *b)
{
    return broker_log_task_due_ms(a->log) < broker_log_task_due_ms(b->log);
}

static void put(struct broker_dir *dir, uint32_t at, struct broker_dir_entry *entry)
{
    dir->due[at] = entry;
    entry->due_index = at;
}

static void sift_up(struct broker_dir *dir, uint32_t at)
{
    struct broker_dir_entry *entry = dir->due[at];
    while (at > 0 && sooner(entry, dir->due[(at - 1) / 2])) {
        put(dir, at, dir->due[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(dir, at, entry);
}

static void sift_down(struct broker_dir *dir, uint32_t at)
{
    struct broker_dir_entry *entry = dir->due[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= dir->due_count)
            break;
        if (child + 1 < dir->due_count && sooner(dir->due[child + 1], dir->due[child]))
            child++;
        if (!sooner(dir->due[child], entry))
            break;
        put(dir, at, dir->due[child]);
        at = child;
    }
    put(dir, at, entry);
}

static void take_out(struct broker_dir *dir, struct broker_dir_entry *entry)
{
    uint32_t at = entry->due_index;
    entry->due_index = UINT32_MAX;
    if (at == --dir->due_count)
        return;
    put(dir, at, dir->due[dir->due_count]);
    sift_up(dir, at);
    sift_down(dir, dir->due[at]->due_index);
}

static void due_changed(struct broker_log *log, void *ctx)
{
    struct broker_dir_entry *entry = ctx;
    struct broker_dir *dir = entry->dir;
    bool due = broker_log_task_due_ms(log) != INT64_MAX;
    if (entry->due_index != UINT32_MAX && !due) {
        take_out(dir, entry);
    } else if (due) {
        if (entry->due_index == UINT32_MAX)
            put(dir, dir->due_count++, entry);
        sift_up(dir, entry->due_index);
        sift_down(dir, entry->due_index);
    }
}

/*
 * Records that are appended after a truncation are not synced, so a crash must not find a recovery point above them: the
 * checkpoint is written before they come (Kafka's LogManager.truncateTo).
 */
static int recovery_point_lowered(void *ctx, struct broker_receipt *receipt, struct broker_err *err)
{
    const struct broker_dir_entry *entry = ctx;
    return broker_checkpoint_write(entry->dir, "recovery-point-offset-checkpoint",
                                   broker_checkpoint_recovery_point, receipt, err);
}

void broker_dir_watch(struct broker_dir_entry *entry)
{
    entry->log->due_changed = due_changed;
    entry->log->recovery_point_lowered = recovery_point_lowered;
    entry->log->due_ctx = entry;
    due_changed(entry->log, entry);
}

/* ---- the dir's own ---- */

static const char *const job_names[BROKER_DIR_JOBS] = {"retention",
                                                       "recovery point checkpoint",
                                                       "start offset checkpoint",
                                                       "high watermark checkpoint",
                                                       "flush",
                                                       "producer expiration"};

static int64_t interval_of(const struct broker_dir *dir, int job)
{
    const struct broker_dir_config *c = &dir->config;
    const int64_t intervals[BROKER_DIR_JOBS] = {
        c->retention_check_interval_ms,         c->recovery_point_checkpoint_interval_ms,
        c->start_offset_checkpoint_interval_ms, c->high_watermark_checkpoint_interval_ms,
        c->flush_scheduler_interval_ms,         c->producer_expiration_check_interval_ms};
    return intervals[job];
}

void broker_dir_tasks_init(struct broker_dir *dir)
{
    int64_t now_ms = dir->env->ops->now_ms(dir->env);
    for (int job = 0; job < BROKER_DIR_JOBS; job++) {
        bool never = interval_of(dir, job) == INT64_MAX;
        dir->job_due_ms[job] =
            never ? INT64_MAX : broker_later_ms(now_ms, dir->config.initial_task_delay_ms);
    }
    /* Kafka starts this one with the replica manager, not with the log manager's delay. */
    dir->job_due_ms[BROKER_DIR_HIGH_WATERMARKS] =
        broker_later_ms(now_ms, dir->config.high_watermark_checkpoint_interval_ms);
    /* Each of Kafka's logs first looks after one period. */
    dir->job_due_ms[BROKER_DIR_PRODUCERS] =
        broker_later_ms(now_ms, dir->config.producer_expiration_check_interval_ms);
}

static int retain_all(struct broker_dir *dir, struct broker_receipt *receipt,
                      struct broker_err *err)
{
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        uint32_t deleted;
        int rc = dir->entries[i]->log
                     ? broker_log_retain(dir->entries[i]->log, &deleted, receipt, err)
                     : BROKER_OK;
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

static int flush_due(struct broker_dir *dir, int64_t now_ms, struct broker_receipt *receipt,
                     struct broker_err *err)
{
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        struct broker_log *log = dir->entries[i]->log;
        if (!log || log->config.flush_ms == INT64_MAX ||
            now_ms - log->last_flush_ms < log->config.flush_ms)
            continue;
        int rc = broker_log_flush(log, INT64_MAX, receipt, err);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

static void expire_producers(struct broker_dir *dir, int64_t now_ms)
{
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        struct broker_log *log = dir->entries[i]->log;
        if (log && log->producers.count)
            broker_producers_expire(&log->producers, now_ms, log->config.producer_id_expiration_ms);
    }
}

static int run_job(struct broker_dir *dir, int job, int64_t now_ms, struct broker_receipt *receipt,
                   struct broker_err *err)
{
    switch ((enum broker_dir_job)job) {
    case BROKER_DIR_RETENTION:
        return retain_all(dir, receipt, err);
    case BROKER_DIR_RECOVERY_POINTS:
        return broker_checkpoint_write(dir, "recovery-point-offset-checkpoint",
                                       broker_checkpoint_recovery_point, receipt, err);
    case BROKER_DIR_START_OFFSETS:
        return broker_checkpoint_write(dir, "log-start-offset-checkpoint",
                                       broker_checkpoint_start_offset, receipt, err);
    case BROKER_DIR_HIGH_WATERMARKS:
        return broker_checkpoint_write(dir, "replication-offset-checkpoint",
                                       broker_checkpoint_high_watermark, receipt, err);
    case BROKER_DIR_PRODUCERS:
        expire_producers(dir, now_ms);
        return BROKER_OK;
    default:
        return flush_due(dir, now_ms, receipt, err);
    }
}

static int next_job(const struct broker_dir *dir)
{
    int next = 0;
    for (int job = 1; job < BROKER_DIR_JOBS; job++)
        if (dir->job_due_ms[job] < dir->job_due_ms[next])
            next = job;
    return next;
}

int64_t broker_dir_task_due_ms(const struct broker_dir *dir)
{
    int64_t job_ms = dir->job_due_ms[next_job(dir)];
    int64_t log_ms = dir->due_count ? broker_log_task_due_ms(dir->due[0]->log) : INT64_MAX;
    return log_ms < job_ms ? log_ms : job_ms;
}

int broker_dir_run_task(struct broker_dir *dir, int64_t now_ms, struct broker_receipt *receipt,
                        const char **what, struct broker_err *err)
{
    int job = next_job(dir);
    assert(broker_dir_task_due_ms(dir) <= now_ms);
    if (dir->due_count && broker_log_task_due_ms(dir->due[0]->log) <= dir->job_due_ms[job]) {
        *what = dir->due[0]->name;
        return broker_log_run_tasks(dir->due[0]->log, now_ms, receipt, err);
    }
    *what = job_names[job];
    dir->job_due_ms[job] = broker_later_ms(now_ms, interval_of(dir, job));
    return run_job(dir, job, now_ms, receipt, err);
}
