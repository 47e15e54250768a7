/*
 * broker-core/log/log.c - a log's life and its offsets; see log.h. Loading is in load.c, appending in append.c, reading in read.c.
 */
#include "broker-core/log/log_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void broker_log_config_init(struct broker_log_config *config)
{
    /* log-storage.md section 11 and record-format.md section 6; 4.2's values. */
    *config = (struct broker_log_config){
        .segment_bytes = 1073741824,
        .segment_ms = 604800000,
        .segment_jitter_ms = 0,
        .segment_index_bytes = 10485760,
        .index_interval_bytes = 4096,
        .max_message_bytes = 1048588,
        .retention_ms = 604800000,
        .retention_bytes = -1,
        .file_delete_delay_ms = 60000,
        .flush_messages = INT64_MAX,
        .flush_ms = INT64_MAX,
        .timestamp_before_max_ms = INT64_MAX,
        .timestamp_after_max_ms = 3600000,
        .producer_id_expiration_ms = 86400000,
    };
}

uint32_t broker_log_floor(const struct broker_log *log, int64_t offset)
{
    uint32_t low = 0, high = log->segment_count; /* most look for the active one */
    if (offset >= broker_log_active(log)->base_offset)
        return high - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (log->segments[middle]->base_offset <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int broker_log_add_segment(struct broker_log *log, struct broker_segment *segment)
{
    if (log->segment_count == log->segment_room) {
        uint32_t room = log->segment_room ? 2 * log->segment_room : 2;
        struct broker_segment **grown = realloc(log->segments, room * sizeof(*grown));
        if (!grown)
            return BROKER_EIO;
        log->segments = grown;
        log->segment_room = room;
    }
    log->segments[log->segment_count++] = segment;
    return BROKER_OK;
}

void broker_log_tail_note(struct broker_log *log, int64_t base_offset, uint32_t position)
{
    log->tail[log->tail_next] = (struct broker_tail){
        (uint32_t)(base_offset - broker_log_active(log)->base_offset), position};
    log->tail_next = (uint8_t)((log->tail_next + 1) % BROKER_TAIL_BATCHES);
    if (log->tail_count < BROKER_TAIL_BATCHES)
        log->tail_count++;
}

static void log_free(struct broker_log *log)
{
    broker_log_free_tasks(log);
    for (uint32_t i = 0; i < log->segment_count; i++) {
        log->segments[i]->detached = true;
        broker_segment_release(log->segments[i]);
    }
    free(log->segments);
    broker_producers_release(&log->producers);
    broker_epochs_release(&log->epochs);
    free(log->folder);
    free(log);
}

int broker_log_open(struct broker_env *env, const char *folder,
                    const struct broker_log_config *config, bool clean, int64_t recovery_point,
                    int64_t start_offset, struct broker_log **log, struct broker_recovery *recovery,
                    struct broker_err *err)
{
    struct broker_recovery ignored;
    struct broker_receipt receipt = {0};
    assert(config->segment_bytes > 0 && config->segment_index_bytes >= BROKER_TIME_ENTRY_BYTES);
    *(recovery ? recovery : &ignored) = (struct broker_recovery){0};
    struct broker_log *made = calloc(1, sizeof *made);
    if (!made || !(made->folder = strdup(folder))) {
        free(made);
        return broker_err_set(err, BROKER_EIO, "out of memory");
    }
    made->env = env;
    made->config = *config;
    /* Positions have 31 bits on disk. */
    if (made->config.segment_bytes > INT32_MAX)
        made->config.segment_bytes = INT32_MAX;
    broker_producers_init(&made->producers);
    int rc = broker_log_load(made, clean, recovery_point, start_offset,
                             recovery ? recovery : &ignored, &receipt, err);
    if (rc != BROKER_OK) {
        log_free(made);
        return broker_err_wrap(err, rc, "open %s", folder);
    }
    *log = made;
    return BROKER_OK;
}

int broker_log_close(struct broker_log *log, struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_receipt ignored = {0};
    bool taken;
    assert(!log->pending);
    receipt = receipt ? receipt : &ignored;
    /* What a background thread would still have done at once; unlinking is left to the next start, which deletes `.deleted`. */
    int rc = broker_segment_finish(broker_log_active(log), receipt, err);
    if (rc == BROKER_OK)
        rc = broker_log_sync_up_to(log, log->next_offset, true, receipt, err);
    if (rc == BROKER_OK)
        rc = broker_log_take_snapshot(log, true, &taken, receipt, err);
    if (rc == BROKER_OK && taken) {
        rc = log->env->ops->sync_folder(log->env, log->folder);
        receipt->syncs++;
    }
    if (rc != BROKER_OK)
        broker_err_wrap(err, rc, "close %s", log->folder);
    log_free(log);
    return rc;
}

void broker_log_abandon(struct broker_log *log)
{
    if (log)
        log_free(log);
}

struct broker_file *broker_log_active_file(const struct broker_log *log)
{
    return broker_log_active(log)->file;
}

uint64_t broker_log_active_bytes(const struct broker_log *log)
{
    return broker_log_active(log)->size;
}

int64_t broker_log_start_offset(const struct broker_log *log)
{
    return log->start_offset;
}

int64_t broker_log_end_offset(const struct broker_log *log)
{
    return log->end.offset;
}

int64_t broker_log_high_watermark(const struct broker_log *log)
{
    return log->high_watermark;
}

int64_t broker_log_last_stable_offset(const struct broker_log *log)
{
    int64_t unstable = broker_producers_first_unstable(&log->producers);
    if (unstable < log->start_offset)
        unstable = log->start_offset;
    return unstable < log->high_watermark ? unstable : log->high_watermark;
}

int64_t broker_log_recovery_point(const struct broker_log *log)
{
    return log->recovery_point;
}

uint64_t broker_log_size_bytes(const struct broker_log *log)
{
    return log->size_bytes;
}

uint32_t broker_log_segment_count(const struct broker_log *log)
{
    return log->segment_count;
}

const char *broker_log_folder(const struct broker_log *log)
{
    return log->folder;
}

int32_t broker_log_latest_epoch(const struct broker_log *log)
{
    return broker_epochs_latest(&log->epochs);
}

bool broker_log_set_high_watermark(struct broker_log *log, int64_t offset)
{
    if (offset > log->end.offset)
        offset = log->end.offset;
    if (offset < log->start_offset)
        offset = log->start_offset;
    if (offset == log->high_watermark)
        return false;
    log->high_watermark = offset;
    if (log->producers.undecided.count)
        broker_producers_high_watermark(&log->producers, offset);
    return true;
}

void broker_log_publish(struct broker_log *log)
{
    assert(log->pending);
    log->pending = false;
    log->end = (struct broker_place){log->next_offset, broker_log_active(log),
                                     broker_log_active(log)->size};
}

enum broker_error broker_log_set_start_offset(struct broker_log *log, int64_t offset)
{
    if (offset > log->high_watermark)
        return KAFKA_OFFSET_OUT_OF_RANGE;
    if (offset <= log->start_offset)
        return KAFKA_NONE;
    log->start_offset = offset;
    if (broker_epochs_truncate_start(&log->epochs, offset))
        broker_log_add_task(log, (struct broker_task){.kind = BROKER_TASK_EPOCHS,
                                                      .due_ms = log->env->ops->now_ms(log->env)});
    if (log->producers.undecided.count)
        broker_producers_high_watermark(&log->producers, offset);
    if (log->producers.map_end < offset)
        log->producers.map_end = offset;
    return KAFKA_NONE;
}

int broker_log_assign_epoch(struct broker_log *log, int32_t epoch, struct broker_receipt *receipt,
                            struct broker_err *err)
{
    bool changed;
    int rc = broker_epochs_assign(&log->epochs, epoch, log->next_offset, &changed);
    if (rc == BROKER_OK && changed)
        rc = broker_epochs_write(&log->epochs, log->env, log->folder, receipt, err);
    return rc;
}

int32_t broker_log_end_offset_for_epoch(const struct broker_log *log, int32_t epoch,
                                        int64_t *end_offset)
{
    return broker_epochs_end_offset(&log->epochs, epoch, log->end.offset, end_offset);
}
