/* broker-core/log/load.c - opening what a folder holds, after a clean or an unclean stop (log-storage.md section 7). */
#include "broker-core/log/log_internal.h"
#include "broker-core/log/recover.h"
#include "broker-core/log/small_file.h"
#include "broker-core/log/topic_id.h"
#include "broker-core/log/txn_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names in a folder. */
struct names {
    char **all;
    size_t count, room;
    bool failed;
};

static void note_name(void *ctx, const char *name, bool is_folder)
{
    struct names *names = ctx;
    if (is_folder || names->failed)
        return;
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 16;
        char **grown = realloc(names->all, room * sizeof *grown);
        if (!grown) {
            names->failed = true;
            return;
        }
        names->all = grown;
        names->room = room;
    }
    names->all[names->count] = strdup(name);
    names->failed = !names->all[names->count];
    names->count += !names->failed;
}

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->all[i]);
    free(names->all);
    *names = (struct names){0};
}

static int list_names(struct broker_log *log, struct names *names, struct broker_err *err)
{
    *names = (struct names){0};
    int rc = log->env->ops->list(log->env, log->folder, note_name, names);
    if (rc == BROKER_OK && names->failed)
        rc = BROKER_EIO;
    if (rc != BROKER_OK)
        free_names(names);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "list: %s", broker_status_name(rc));
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && !strcmp(name + length - tail, end);
}

/* 20 digits and then `suffix`; false for any other name. */
static bool is_numbered(const char *name, const char *suffix, int64_t *base_offset)
{
    if (strspn(name, "0123456789") != 20 || (suffix && strcmp(name + 20, suffix)))
        return false;
    uint64_t value = strtoull(name, NULL, 10); /* 20 digits; ULLONG_MAX when they overflow */
    if (value > INT64_MAX)
        return false;
    *base_offset = (int64_t)value;
    return true;
}

static int in_folder(struct broker_log *log, const char *name, const char *to,
                     struct broker_err *err)
{
    char path[BROKER_PATH_MAX], target[BROKER_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", log->folder, name);
    int rc;
    if (to) {
        snprintf(target, sizeof target, "%s/%s", log->folder, to);
        rc = log->env->ops->rename(log->env, path, target);
    } else {
        rc = log->env->ops->remove(log->env, path);
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "%s %s: %s", to ? "rename" : "remove", name,
                                            broker_status_name(rc));
}

/* ---- leftovers of deletion and compaction ---- */

/* Offset behind the last whole batch of a .swap segment. */
static int64_t swap_end(struct broker_log *log, const char *name, int64_t base_offset)
{
    char path[BROKER_PATH_MAX];
    struct broker_segment segment = {.env = log->env, .folder = log->folder};
    struct broker_receipt ignored = {0};
    struct broker_batch_header header;
    int64_t end = base_offset;
    snprintf(path, sizeof path, "%s/%s", log->folder, name);
    if (log->env->ops->open(log->env, path, BROKER_OPEN_READ, &segment.file) != BROKER_OK)
        return end;
    uint64_t size = log->env->ops->size(log->env, segment.file);
    segment.size = size < INT32_MAX ? (uint32_t)size : INT32_MAX;
    for (uint32_t at = 0; broker_segment_header(&segment, at, segment.size, &header, &ignored);
         at += (uint32_t)broker_batch_size(&header))
        end = broker_batch_last_offset(&header) + 1;
    log->env->ops->close(log->env, segment.file);
    return end;
}

/* A segment's file that compaction finished. */
static bool is_swap(const char *name, int64_t *base_offset)
{
    return is_numbered(name, ".log.swap", base_offset) ||
           is_numbered(name, ".index.swap", base_offset) ||
           is_numbered(name, ".timeindex.swap", base_offset) ||
           is_numbered(name, ".txnindex.swap", base_offset);
}

struct leftovers {
    int64_t min_cleaned;          /* INT64_MAX: none */
    int64_t swap_first, swap_end; /* range of the finished compaction outputs */
};

static void survey(struct broker_log *log, const struct names *names, struct leftovers *found)
{
    int64_t base_offset;
    *found = (struct leftovers){INT64_MAX, INT64_MAX, -1};
    for (size_t i = 0; i < names->count; i++)
        if (ends_with(names->all[i], ".cleaned") &&
            is_numbered(names->all[i], NULL, &base_offset) && base_offset < found->min_cleaned)
            found->min_cleaned = base_offset;
    for (size_t i = 0; i < names->count; i++) {
        if (!is_numbered(names->all[i], ".log.swap", &base_offset) ||
            base_offset >= found->min_cleaned)
            continue;
        int64_t end = swap_end(log, names->all[i], base_offset);
        found->swap_first = base_offset < found->swap_first ? base_offset : found->swap_first;
        found->swap_end = end > found->swap_end ? end : found->swap_end;
    }
}

static int tidy_one(struct broker_log *log, const char *name, const struct leftovers *found,
                    struct broker_err *err)
{
    int64_t base_offset;
    if (ends_with(name, ".deleted") || ends_with(name, ".cleaned"))
        return in_folder(log, name, NULL, err);
    if (!is_numbered(name, NULL, &base_offset))
        return BROKER_OK;
    if (ends_with(name, ".swap"))
        return base_offset >= found->min_cleaned ? in_folder(log, name, NULL, err) : BROKER_OK;
    if (!ends_with(name, ".snapshot") && base_offset >= found->swap_first &&
        base_offset < found->swap_end)
        return in_folder(log, name, NULL, err); /* a source that the finished output replaces */
    return BROKER_OK;
}

static int tidy(struct broker_log *log, struct broker_err *err)
{
    struct names names;
    struct leftovers found;
    int rc = list_names(log, &names, err);
    if (rc != BROKER_OK)
        return rc;
    survey(log, &names, &found);
    for (size_t i = 0; rc == BROKER_OK && i < names.count; i++)
        rc = tidy_one(log, names.all[i], &found, err);
    for (size_t i = 0; rc == BROKER_OK && i < names.count; i++) {
        int64_t base_offset;
        char plain[256];
        if (!is_swap(names.all[i], &base_offset) || base_offset >= found.min_cleaned)
            continue;
        snprintf(plain, sizeof plain, "%.*s", (int)(strlen(names.all[i]) - strlen(".swap")),
                 names.all[i]);
        rc = in_folder(log, names.all[i], plain, err);
    }
    free_names(&names);
    return rc;
}

/* ---- segments ---- */

static bool has_name(const struct names *names, const char *name)
{
    size_t low = 0, high = names->count; /* list() gives byte order */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(names->all[middle], name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* An index without its .log is of no use. */
static int drop_orphan(struct broker_log *log, const struct names *names, const char *name,
                       struct broker_err *err)
{
    char log_name[32];
    int64_t base_offset;
    if (!is_numbered(name, ".index", &base_offset) &&
        !is_numbered(name, ".timeindex", &base_offset) &&
        !is_numbered(name, ".txnindex", &base_offset))
        return BROKER_OK;
    snprintf(log_name, sizeof log_name, "%020" PRId64 ".log", base_offset);
    return has_name(names, log_name) ? BROKER_OK : in_folder(log, name, NULL, err);
}

struct txn_sanity {
    int64_t base_offset;
    bool sane;
};

static bool check_txn(void *ctx, const struct broker_aborted_txn *txn)
{
    struct txn_sanity *sanity = ctx;
    sanity->sane = txn->last_offset >= sanity->base_offset;
    return sanity->sane;
}

static int load_segment(struct broker_log *log, int64_t base_offset, struct broker_err *err)
{
    struct broker_segment *segment;
    bool index_missing;
    int rc = broker_segment_open(log->env, log->folder, base_offset, &segment, &index_missing, err);
    if (rc != BROKER_OK)
        return rc;
    rc = broker_log_add_segment(log, segment);
    if (rc != BROKER_OK) {
        broker_segment_release(segment);
        return broker_err_set(err, rc, "out of memory");
    }
    struct txn_sanity sanity = {base_offset, true};
    rc = broker_txn_index_each(segment, check_txn, &sanity, err);
    segment->must_recover = index_missing || !sanity.sane || rc == BROKER_ECORRUPT;
    return rc == BROKER_ECORRUPT ? BROKER_OK : rc;
}

static int load_segments(struct broker_log *log, struct broker_recovery *recovery,
                         struct broker_receipt *receipt, struct broker_err *err)
{
    struct names names;
    int64_t base_offset;
    int rc = list_names(log, &names, err);
    if (rc != BROKER_OK)
        return rc;
    for (size_t i = 0; rc == BROKER_OK && i < names.count; i++)
        rc = is_numbered(names.all[i], ".log", &base_offset)
                 ? load_segment(log, base_offset, err)
                 : drop_orphan(log, &names, names.all[i], err);
    free_names(&names);
    for (uint32_t i = 0; rc == BROKER_OK && i < log->segment_count; i++) {
        bool truncated;
        if (log->segments[i]->must_recover)
            rc = broker_log_recover_segment(log, i, recovery, &truncated, receipt, err);
    }
    return rc;
}

/* The offset behind the last batch, and whether the segment ends with it. */
static int64_t end_of(struct broker_segment *segment, bool *whole, struct broker_receipt *receipt)
{
    struct broker_found at;
    int64_t end = segment->base_offset, next = INT64_MAX;
    uint32_t position = 0;
    if (broker_segment_open_indexes(segment, NULL) == BROKER_OK && segment->offsets.count)
        next = segment->base_offset + segment->offsets.last.key;
    if (next != INT64_MAX && broker_segment_seek(segment, next, segment->size, &at, receipt))
        position = at.position;
    while (broker_segment_header(segment, position, segment->size, &at.header, receipt)) {
        end = broker_batch_last_offset(&at.header) + 1;
        position += (uint32_t)broker_batch_size(&at.header);
    }
    *whole = position == segment->env->ops->size(segment->env, segment->file) &&
             end - 1 - segment->base_offset <= INT32_MAX && end >= segment->base_offset;
    return end;
}

/* After an unclean stop: what was not known to be synced is scanned; behind a cut nothing can be trusted. */
static int recover_segments(struct broker_log *log, int64_t recovery_point,
                            struct broker_recovery *recovery, struct broker_receipt *receipt,
                            struct broker_err *err)
{
    uint32_t first = broker_log_floor(log, recovery_point);
    for (uint32_t i = first; i < log->segment_count; i++) {
        bool truncated;
        int rc = broker_log_recover_segment(log, i, recovery, &truncated, receipt, err);
        if (rc != BROKER_OK)
            return rc;
        if (!truncated || i + 1 == log->segment_count)
            continue;
        uint32_t later = log->segment_count - i - 1;
        for (uint32_t j = i + 1; j < log->segment_count; j++) {
            recovery->bytes_truncated += log->segments[j]->size;
            log->size_bytes += log->segments[j]->size; /* drop_segments takes it away again */
        }
        recovery->segments_dropped += later;
        return broker_log_drop_segments(log, i + 1, later, true, receipt, err);
    }
    return BROKER_OK;
}

static int make_first(struct broker_log *log, int64_t base_offset, struct broker_receipt *receipt,
                      struct broker_err *err)
{
    struct broker_segment *segment;
    int rc = broker_segment_make(log->env, log->folder, base_offset, &log->config, &segment,
                                 receipt, err);
    if (rc == BROKER_OK && (rc = broker_log_add_segment(log, segment)) != BROKER_OK)
        broker_segment_release(segment);
    return rc;
}

/* Finds the end; an active segment that does not end with a whole batch is recovered after all. */
static int find_end(struct broker_log *log, struct broker_recovery *recovery,
                    struct broker_receipt *receipt, struct broker_err *err)
{
    bool whole = true, truncated;
    if (!log->segment_count) {
        log->next_offset = log->start_offset;
        return make_first(log, log->start_offset, receipt, err);
    }
    log->next_offset = end_of(broker_log_active(log), &whole, receipt);
    if (!whole) {
        int rc = broker_log_recover_segment(log, log->segment_count - 1, recovery, &truncated,
                                            receipt, err);
        if (rc != BROKER_OK)
            return rc;
        log->next_offset = end_of(broker_log_active(log), &whole, receipt);
    }
    if (log->next_offset >= log->start_offset)
        return BROKER_OK;
    /* The checkpointed start offset lies beyond everything that is left. */
    for (uint32_t i = 0; i < log->segment_count; i++)
        log->size_bytes += log->segments[i]->size;
    int rc = broker_log_drop_segments(log, 0, log->segment_count, true, receipt, err);
    log->next_offset = log->start_offset;
    return rc == BROKER_OK ? make_first(log, log->start_offset, receipt, err) : rc;
}

/* Snapshots that belong to no segment's base go, but for the newest of them if it lies above the last base (section 8). */
static int drop_stray_snapshots(struct broker_log *log, struct broker_err *err)
{
    struct broker_producers *producers = &log->producers;
    int64_t last_base = broker_log_active(log)->base_offset, newest_stray = -1;
    int rc = broker_log_list_snapshots(log, err);
    for (uint32_t i = producers->snapshot_count; rc == BROKER_OK && i--;) {
        int64_t offset = producers->snapshots[i];
        if (log->segments[broker_log_floor(log, offset)]->base_offset == offset)
            continue;
        if (newest_stray < 0 && offset > last_base) {
            newest_stray = offset;
            continue;
        }
        char name[40];
        snprintf(name, sizeof name, "%020" PRId64 ".snapshot", offset);
        broker_producers_drop_snapshot(producers, offset);
        rc = in_folder(log, name, NULL, err);
    }
    return rc;
}

static int settle(struct broker_log *log, bool clean, int64_t recovery_point,
                  struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_segment *first = log->segments[0];
    int64_t end = log->next_offset;
    log->recovery_point = clean || recovery_point > end ? end : recovery_point;
    if (log->start_offset < first->base_offset)
        log->start_offset = first->base_offset;
    bool changed = broker_epochs_truncate_end(&log->epochs, end);
    changed = broker_epochs_truncate_start(&log->epochs, log->start_offset) || changed;
    int rc = changed ? broker_epochs_write(&log->epochs, log->env, log->folder, receipt, err)
                     : BROKER_OK;
    broker_producers_clear(&log->producers);
    log->producers.map_end = log->producers.last_snapshot = 0;
    if (rc == BROKER_OK)
        rc = drop_stray_snapshots(log, err);
    if (rc == BROKER_OK)
        rc = broker_log_rebuild_producers(log, end, clean, receipt, err);
    if (rc == BROKER_OK)
        rc = broker_segment_activate(broker_log_active(log), &log->config, receipt, err);
    return rc;
}

int broker_log_load(struct broker_log *log, bool clean, int64_t recovery_point,
                    int64_t start_offset, struct broker_recovery *recovery,
                    struct broker_receipt *receipt, struct broker_err *err)
{
    int rc = log->env->ops->make_folder(log->env, log->folder);
    if (rc != BROKER_OK && rc != BROKER_EEXISTS)
        return broker_err_set(err, rc, "make folder: %s", broker_status_name(rc));
    log->start_offset = start_offset > 0 ? start_offset : 0;
    log->last_flush_ms = log->env->ops->now_ms(log->env);
    if (rc == BROKER_EEXISTS) {
        rc = broker_topic_id_read(log, err);
        if (rc == BROKER_OK)
            rc = broker_epochs_read(&log->epochs, log->env, log->folder, err);
        if (rc == BROKER_OK)
            rc = tidy(log, err);
        if (rc == BROKER_OK)
            rc = broker_log_list_snapshots(log, err);
        if (rc == BROKER_OK)
            rc = load_segments(log, recovery, receipt, err);
    } else {
        rc = BROKER_OK;
    }
    if (rc == BROKER_OK && !clean && log->segment_count)
        rc = recover_segments(log, recovery_point, recovery, receipt, err);
    log->size_bytes = 0;
    if (rc == BROKER_OK)
        rc = find_end(log, recovery, receipt, err);
    if (rc == BROKER_OK)
        rc = settle(log, clean, recovery_point, receipt, err);
    if (rc != BROKER_OK)
        return rc;
    log->size_bytes = 0;
    for (uint32_t i = 0; i < log->segment_count; i++)
        log->size_bytes += log->segments[i]->size;
    log->high_watermark = log->start_offset;
    log->high.offset = -1;
    log->end = (struct broker_place){log->next_offset, broker_log_active(log),
                                     broker_log_active(log)->size};
    return BROKER_OK;
}
