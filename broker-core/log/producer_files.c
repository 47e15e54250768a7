/*
 * broker-core/log/producer_files.c - producer state of a log on disk: snapshots, replay, the transaction index
 * (log-storage.md sections 3 and 8).
 */
#include "broker-core/log/log_internal.h"
#include "broker-core/log/small_file.h"
#include "broker-core/log/txn_index.h"
#include "broker-core/record/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_snapshot(struct broker_log *log, const uint8_t *bytes, size_t size, bool sync,
                          struct broker_receipt *receipt, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    struct broker_env *env = log->env;
    struct broker_file *file;
    struct broker_span span = {bytes, size};
    broker_segment_path(path, log->folder, log->producers.map_end, ".snapshot");
    int rc = env->ops->open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file);
    if (rc == BROKER_OK) {
        receipt->files_made++;
        rc = env->ops->truncate(env, file, 0);
        if (rc == BROKER_OK)
            rc = env->ops->append(env, file, &span, 1);
        receipt->small_file_bytes += size;
        if (rc == BROKER_OK && sync) {
            rc = env->ops->sync(env, file);
            receipt->syncs++;
            receipt->synced_bytes += size;
        }
        env->ops->close(env, file);
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "write %s: %s", path, broker_status_name(rc));
}

int broker_log_take_snapshot(struct broker_log *log, bool sync, bool *taken,
                             struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_producers *producers = &log->producers;
    uint8_t *bytes;
    size_t size;
    *taken = producers->map_end > producers->last_snapshot;
    if (!*taken)
        return BROKER_OK;
    int rc = broker_producers_encode(producers, &bytes, &size);
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "out of memory");
    rc = write_snapshot(log, bytes, size, sync, receipt, err);
    free(bytes);
    if (rc == BROKER_OK)
        rc = broker_producers_add_snapshot(producers, producers->map_end);
    if (rc == BROKER_OK)
        producers->last_snapshot = producers->map_end;
    return rc;
}

int broker_log_retire_snapshot(struct broker_log *log, int64_t offset, bool *renamed,
                               struct broker_receipt *receipt, struct broker_err *err)
{
    char from[BROKER_PATH_MAX], to[BROKER_PATH_MAX];
    *renamed = false;
    broker_segment_path(from, log->folder, offset, ".snapshot");
    broker_segment_path(to, log->folder, offset, ".snapshot.deleted");
    broker_producers_drop_snapshot(&log->producers, offset);
    int rc = log->env->ops->rename(log->env, from, to);
    if (rc == BROKER_EMISSING)
        return BROKER_OK;
    *renamed = rc == BROKER_OK;
    receipt->renames += *renamed;
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "rename %s: %s", from, broker_status_name(rc));
}

int broker_log_note_producer(struct broker_log *log, struct broker_segment *segment,
                             const struct broker_batch_header *header,
                             const struct broker_span *spans, size_t count,
                             struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_txn_end end;
    int type;
    int32_t coordinator_epoch;
    if (!(header->attributes & BROKER_BATCH_CONTROL))
        return broker_producers_note(&log->producers, header);
    int rc = broker_control_read(header, spans, count, &type, &coordinator_epoch, err);
    if (rc != BROKER_OK || type < 0)
        return rc;
    rc = broker_producers_note_marker(&log->producers, header, type == BROKER_CONTROL_COMMIT,
                                      coordinator_epoch, &end);
    if (rc == BROKER_OK && end.ended && end.aborted)
        rc = broker_txn_index_add(segment, &end, receipt, err);
    return rc;
}

struct found_names {
    struct broker_log *log;
    int rc;
};

static void note_snapshot(void *ctx, const char *name, bool is_folder)
{
    struct found_names *found = ctx;
    char *end;
    if (is_folder || found->rc != BROKER_OK)
        return;
    long long offset = strtoll(name, &end, 10);
    if (end == name + 20 && !strcmp(end, ".snapshot") && offset >= 0)
        found->rc = broker_producers_add_snapshot(&found->log->producers, offset);
}

int broker_log_list_snapshots(struct broker_log *log, struct broker_err *err)
{
    struct found_names found = {log, BROKER_OK};
    log->producers.snapshot_count = 0;
    int rc = log->env->ops->list(log->env, log->folder, note_snapshot, &found);
    rc = rc == BROKER_OK ? found.rc : rc;
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "list %s", log->folder);
}

static int remove_snapshot(struct broker_log *log, int64_t offset, struct broker_receipt *receipt)
{
    char path[BROKER_PATH_MAX];
    broker_segment_path(path, log->folder, offset, ".snapshot");
    broker_producers_drop_snapshot(&log->producers, offset);
    int rc = log->env->ops->remove(log->env, path);
    receipt->files_removed += rc == BROKER_OK;
    return rc == BROKER_EMISSING ? BROKER_OK : rc;
}

/* Loads the newest snapshot that is readable; damaged ones are removed. */
static int load_newest(struct broker_log *log, struct broker_receipt *receipt)
{
    struct broker_producers *producers = &log->producers;
    int64_t now_ms = log->env->ops->now_ms(log->env);
    while (producers->snapshot_count) {
        int64_t offset = producers->snapshots[producers->snapshot_count - 1];
        char name[40];
        uint8_t *bytes;
        size_t size;
        snprintf(name, sizeof name, "%020" PRId64 ".snapshot", offset);
        int rc = broker_small_file_read(log->env, log->folder, name, &bytes, &size, NULL);
        if (rc == BROKER_OK) {
            rc = broker_producers_decode(producers, bytes, size, now_ms,
                                         log->config.producer_id_expiration_ms, NULL);
            free(bytes);
        }
        if (rc == BROKER_OK) {
            producers->map_end = producers->last_snapshot = offset;
            return rc;
        }
        if (rc != BROKER_ECORRUPT && rc != BROKER_EMISSING)
            return rc;
        rc = remove_snapshot(log, offset, receipt);
        if (rc != BROKER_OK)
            return rc;
    }
    producers->map_end = producers->last_snapshot = log->start_offset;
    return BROKER_OK;
}

/* Drops what is out of range and, unless the state is at `offset` already, begins anew from a snapshot. */
static int reload(struct broker_log *log, int64_t offset, struct broker_receipt *receipt)
{
    struct broker_producers *producers = &log->producers;
    for (uint32_t i = producers->snapshot_count; i--;) {
        int64_t at = producers->snapshots[i];
        if (at <= offset && at > log->start_offset)
            continue;
        int rc = remove_snapshot(log, at, receipt);
        if (rc != BROKER_OK)
            return rc;
    }
    if (offset == producers->map_end) {
        producers->last_snapshot = producers->snapshot_count
                                       ? producers->snapshots[producers->snapshot_count - 1]
                                       : log->start_offset;
        return BROKER_OK;
    }
    broker_producers_clear(producers);
    return load_newest(log, receipt);
}

/* Replays the batches of one segment from the state's end up to `offset`. */
static int replay(struct broker_log *log, struct broker_segment *segment, int64_t offset,
                  struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_found at;
    int64_t from = log->producers.map_end;
    bool more = broker_segment_seek(segment, from, segment->size, &at, receipt);
    while (more && at.header.base_offset < offset) {
        if (at.header.producer_id >= 0) {
            struct broker_view view = {0};
            int rc = BROKER_OK;
            if (at.header.attributes & BROKER_BATCH_CONTROL)
                rc = log->env->ops->view(log->env, segment->file, at.position,
                                         broker_batch_size(&at.header), &view);
            if (rc == BROKER_OK && view.spans) {
                int type;
                int32_t coordinator_epoch;
                struct broker_txn_end end;
                rc = broker_control_read(&at.header, view.spans, view.count, &type,
                                         &coordinator_epoch, err);
                log->env->ops->view_release(log->env, &view);
                if (rc == BROKER_OK && type >= 0)
                    rc = broker_producers_note_marker(&log->producers, &at.header,
                                                      type == BROKER_CONTROL_COMMIT,
                                                      coordinator_epoch, &end);
            } else if (rc == BROKER_OK) {
                rc = broker_producers_note(&log->producers, &at.header);
            }
            if (rc != BROKER_OK)
                return rc;
        }
        at.position += (uint32_t)broker_batch_size(&at.header);
        more = broker_segment_header(segment, at.position, segment->size, &at.header, receipt);
    }
    return BROKER_OK;
}

static int snapshot_at(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                       struct broker_err *err)
{
    bool taken;
    log->producers.map_end = offset;
    return broker_log_take_snapshot(log, false, &taken, receipt, err);
}

int broker_log_rebuild_producers(struct broker_log *log, int64_t offset, bool clean,
                                 struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_producers *producers = &log->producers;
    uint32_t count = log->segment_count;
    int rc = BROKER_OK;
    /* Snapshots are also taken at the base of the last two segments, so that a later truncation finds one. */
    int64_t last_base = count ? log->segments[count - 1]->base_offset : -1;
    int64_t before_last = count > 1 ? log->segments[count - 2]->base_offset : -1;
    if (!producers->snapshot_count && clean) {
        if (before_last >= 0)
            rc = snapshot_at(log, before_last, receipt, err);
        if (rc == BROKER_OK && last_base >= 0)
            rc = snapshot_at(log, last_base, receipt, err);
        return rc == BROKER_OK ? snapshot_at(log, offset, receipt, err) : rc;
    }
    bool was_empty = !producers->count && producers->map_end >= offset;
    rc = reload(log, offset, receipt);
    if (rc == BROKER_OK && offset > producers->map_end && !was_empty)
        for (uint32_t i = broker_log_floor(log, producers->map_end); rc == BROKER_OK && i < count;
             i++) {
            struct broker_segment *segment = log->segments[i];
            if (segment->base_offset >= offset)
                break;
            int64_t from = segment->base_offset;
            from = from > producers->map_end ? from : producers->map_end;
            producers->map_end = from > log->start_offset ? from : log->start_offset;
            if (segment->base_offset == last_base || segment->base_offset == before_last)
                rc = snapshot_at(log, producers->map_end, receipt, err);
            if (rc == BROKER_OK)
                rc = replay(log, segment, offset, receipt, err);
        }
    return rc == BROKER_OK ? snapshot_at(log, offset, receipt, err) : rc;
}
