/* broker-core/log/segment.c - a segment's life: made, opened, written, finished, renamed, gone; see segment.h. */
#include "broker-core/log/segment.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SUFFIXES = 4, TXN_INDEX = 3, OFFSET_DIGITS = 20 };
static const char *const suffixes[SUFFIXES] = {".log", ".index", ".timeindex", ".txnindex"};
static const char *const deleted_suffixes[SUFFIXES] = {".log.deleted", ".index.deleted",
                                                       ".timeindex.deleted", ".txnindex.deleted"};

void broker_segment_path(char path[BROKER_PATH_MAX], const char *folder, int64_t base_offset,
                         const char *suffix)
{
    /* By hand: a roll and a deletion name a dozen files, and printf would take a quarter of their time. */
    size_t folder_size = strlen(folder), suffix_size = strlen(suffix);
    assert(base_offset >= 0 && folder_size + 1 + OFFSET_DIGITS + suffix_size < BROKER_PATH_MAX);
    char *digits = path + folder_size + 1;
    uint64_t rest = (uint64_t)base_offset;
    memcpy(path, folder, folder_size);
    path[folder_size] = '/';
    for (int i = OFFSET_DIGITS; i-- > 0; rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    memcpy(digits + OFFSET_DIGITS, suffix, suffix_size + 1);
}

static struct broker_segment *segment_alloc(struct broker_env *env, const char *folder,
                                            int64_t base_offset)
{
    struct broker_segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        return NULL;
    segment->env = env;
    segment->folder = folder;
    segment->base_offset = base_offset;
    segment->offsets.entry_bytes = BROKER_OFFSET_ENTRY_BYTES;
    segment->times.entry_bytes = BROKER_TIME_ENTRY_BYTES;
    segment->max_time.key = -1;
    segment->created_ms = env->ops->now_ms(env);
    atomic_init(&segment->references, 1);
    return segment;
}

void broker_segment_reference(struct broker_segment *segment)
{
    atomic_fetch_add_explicit(&segment->references, 1, memory_order_relaxed);
}

void broker_segment_release(struct broker_segment *segment)
{
    if (atomic_fetch_sub_explicit(&segment->references, 1, memory_order_acq_rel) != 1)
        return;
    broker_segment_rest(segment);
    if (segment->file)
        segment->env->ops->close(segment->env, segment->file);
    free(segment);
}

void broker_segment_rest(struct broker_segment *segment)
{
    broker_index_close(&segment->offsets, segment->env);
    broker_index_close(&segment->times, segment->env);
}

static int open_one_index(struct broker_segment *segment, struct broker_index *index,
                          const char *suffix, bool make, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    if (index->file)
        return BROKER_OK;
    uint32_t synced = index->synced;
    bool known = index->count > 0 || index->synced > 0;
    broker_segment_path(path, segment->folder, segment->base_offset, suffix);
    int rc = broker_index_open(index, segment->env, path, make, err);
    if (known)
        index->synced = synced;
    return rc;
}

int broker_segment_open_indexes(struct broker_segment *segment, struct broker_err *err)
{
    int rc = open_one_index(segment, &segment->offsets, ".index", true, err);
    return rc == BROKER_OK ? open_one_index(segment, &segment->times, ".timeindex", true, err) : rc;
}

/* Drawn once per segment, so that partitions of equal traffic do not roll at the same time (section 4). */
static int64_t draw_jitter(struct broker_env *env, const struct broker_log_config *config)
{
    int64_t range = config->segment_jitter_ms < config->segment_ms ? config->segment_jitter_ms
                                                                   : config->segment_ms;
    if (range <= 0)
        return 0;
    uint8_t bytes[16];
    uint64_t value = 0;
    env->ops->random16(env, bytes);
    memcpy(&value, bytes, sizeof value);
    return (int64_t)(value % (uint64_t)range);
}

static int remove_stale(struct broker_env *env, const char *folder, int64_t base_offset,
                        struct broker_receipt *receipt)
{
    char path[BROKER_PATH_MAX];
    for (int i = 0; i < SUFFIXES; i++) {
        broker_segment_path(path, folder, base_offset, suffixes[i]);
        int rc = env->ops->remove(env, path);
        if (rc == BROKER_OK)
            receipt->files_removed++;
        else if (rc != BROKER_EMISSING)
            return rc;
    }
    return BROKER_OK;
}

static int make_files(struct broker_segment *segment, const struct broker_log_config *config,
                      struct broker_receipt *receipt, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    struct broker_env *env = segment->env;
    broker_segment_path(path, segment->folder, segment->base_offset, ".log");
    int flags = BROKER_OPEN_WRITE | BROKER_OPEN_CREATE | BROKER_OPEN_FRESH;
    int rc = env->ops->open(env, path, flags, &segment->file);
    /* Only what is in the way is removed: a new segment's names are free but for a crash in the middle of a roll. */
    if (rc == BROKER_EEXISTS) {
        rc = remove_stale(env, segment->folder, segment->base_offset, receipt);
        if (rc == BROKER_OK)
            rc = env->ops->open(env, path, flags, &segment->file);
    }
    if (rc != BROKER_OK) {
        segment->file = NULL;
        return broker_err_set(err, rc, "make %s: %s", path, broker_status_name(rc));
    }
    receipt->files_made += 3;
    segment->preallocated = config->preallocate;
    if (config->preallocate)
        rc = env->ops->preallocate(env, segment->file, (uint64_t)config->segment_bytes);
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "preallocate %s: %s", path, broker_status_name(rc));
    rc = broker_segment_open_indexes(segment, err);
    if (rc == BROKER_OK && segment->offsets.count + segment->times.count > 0) {
        rc = broker_index_cut(&segment->offsets, env, 0); /* stale indexes without a .log */
        if (rc == BROKER_OK)
            rc = broker_index_cut(&segment->times, env, 0);
    }
    return rc == BROKER_OK ? broker_segment_activate(segment, config, receipt, err) : rc;
}

int broker_segment_make(struct broker_env *env, const char *folder, int64_t base_offset,
                        const struct broker_log_config *config, struct broker_segment **segment,
                        struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_segment *made = segment_alloc(env, folder, base_offset);
    if (!made)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    made->jitter_ms = draw_jitter(env, config);
    made->max_time_known = true;
    int rc = make_files(made, config, receipt, err);
    if (rc != BROKER_OK) {
        struct broker_receipt ignored = {0};
        broker_segment_release(made);
        remove_stale(env, folder, base_offset, &ignored);
        return rc;
    }
    *segment = made;
    return BROKER_OK;
}

static bool file_exists(struct broker_env *env, const char *path)
{
    struct broker_file *file;
    if (env->ops->open(env, path, BROKER_OPEN_READ, &file) != BROKER_OK)
        return false;
    env->ops->close(env, file);
    return true;
}

int broker_segment_open(struct broker_env *env, const char *folder, int64_t base_offset,
                        struct broker_segment **segment, bool *index_missing,
                        struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    struct broker_segment *made = segment_alloc(env, folder, base_offset);
    if (!made)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    broker_segment_path(path, folder, base_offset, ".log");
    int rc = env->ops->open(env, path, BROKER_OPEN_WRITE, &made->file);
    if (rc != BROKER_OK) {
        made->file = NULL;
        broker_segment_release(made);
        return broker_err_set(err, rc, "open %s: %s", path, broker_status_name(rc));
    }
    uint64_t size = env->ops->size(env, made->file);
    /* Positions have 31 bits on disk (section 3): what lies beyond cannot be reached and is cut by recovery. */
    made->size = size < INT32_MAX ? (uint32_t)size : INT32_MAX;
    made->synced = made->size;
    broker_segment_path(path, folder, base_offset, ".index");
    *index_missing = !file_exists(env, path);
    broker_segment_path(path, folder, base_offset, ".txnindex");
    made->has_txn_index = file_exists(env, path);
    *segment = made;
    return BROKER_OK;
}

/* Preallocated: the bytes lie inside the file already, and zeros where the holes are. */
static int write_inside(struct broker_segment *segment, const struct broker_span *spans,
                        size_t count)
{
    uint64_t at = segment->size;
    for (size_t i = 0; i < count; at += spans[i++].size) {
        if (!spans[i].bytes)
            continue;
        int rc = segment->env->ops->write_at(segment->env, segment->file, at, spans[i].bytes,
                                             spans[i].size);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

int broker_segment_write(struct broker_segment *segment, const struct broker_span *spans,
                         size_t count, struct broker_err *err)
{
    int rc = segment->preallocated
                 ? write_inside(segment, spans, count)
                 : segment->env->ops->append(segment->env, segment->file, spans, count);
    return rc == BROKER_OK
               ? rc
               : broker_err_set(err, rc, "append to %s/%020" PRId64 ".log: %s", segment->folder,
                                segment->base_offset, broker_status_name(rc));
}

int broker_segment_note(struct broker_segment *segment, const struct broker_batch_header *header,
                        const struct broker_log_config *config, struct broker_receipt *receipt)
{
    struct broker_env *env = segment->env;
    uint32_t last = (uint32_t)(broker_batch_last_offset(header) - segment->base_offset);
    if (segment->size == 0) {
        segment->first_timestamp_ms = header->max_timestamp_ms;
        segment->first_timestamp_known = true;
    }
    if (header->max_timestamp_ms > segment->max_time.key)
        segment->max_time = (struct broker_index_entry){header->max_timestamp_ms, last};
    if (segment->since_index_entry > config->index_interval_bytes) {
        int rc = broker_index_add(&segment->offsets, env,
                                  &(struct broker_index_entry){last, segment->size});
        if (rc != BROKER_OK)
            return rc;
        receipt->index_bytes += BROKER_OFFSET_ENTRY_BYTES;
        if (segment->max_time.key > (segment->times.count ? segment->times.last.key : -1)) {
            rc = broker_index_add(&segment->times, env, &segment->max_time);
            if (rc != BROKER_OK)
                return rc;
            receipt->index_bytes += BROKER_TIME_ENTRY_BYTES;
        }
        segment->since_index_entry = 0;
    }
    uint32_t size = (uint32_t)broker_batch_size(header);
    segment->size += size;
    segment->since_index_entry += size;
    return BROKER_OK;
}

static int add_last_time(struct broker_segment *segment, struct broker_receipt *receipt)
{
    if (!segment->max_time_known || segment->max_time.key < 0)
        return BROKER_OK;
    if (segment->times.count && segment->max_time.key <= segment->times.last.key)
        return BROKER_OK;
    receipt->index_bytes += BROKER_TIME_ENTRY_BYTES;
    return broker_index_add(&segment->times, segment->env, &segment->max_time);
}

int broker_segment_finish(struct broker_segment *segment, struct broker_receipt *receipt,
                          struct broker_err *err)
{
    struct broker_env *env = segment->env;
    int rc = broker_segment_open_indexes(segment, err);
    if (rc == BROKER_OK)
        rc = add_last_time(segment, receipt);
    if (rc == BROKER_OK)
        rc = broker_index_trim(&segment->offsets, env);
    if (rc == BROKER_OK)
        rc = broker_index_trim(&segment->times, env);
    if (rc == BROKER_OK && segment->preallocated) {
        rc = env->ops->truncate(env, segment->file, segment->size);
        segment->preallocated = false;
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "close %s/%020" PRId64 ": %s", segment->folder,
                                            segment->base_offset, broker_status_name(rc));
}

int broker_segment_activate(struct broker_segment *segment, const struct broker_log_config *config,
                            struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_env *env = segment->env;
    int rc = broker_segment_open_indexes(segment, err);
    if (rc != BROKER_OK)
        return rc;
    broker_segment_largest_timestamp_ms(segment, receipt); /* loads max_time from the time index */
    rc = broker_index_preallocate(&segment->offsets, env, config->segment_index_bytes);
    if (rc == BROKER_OK)
        rc = broker_index_preallocate(&segment->times, env, config->segment_index_bytes);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "extend indexes of %s", segment->folder);
}

/* What a sync of this file has to bring to the device since the last one. */
static int sync_file(struct broker_segment *segment, struct broker_file *file, uint64_t bytes,
                     struct broker_receipt *receipt)
{
    receipt->syncs++;
    receipt->segment_syncs++;
    receipt->dirty_syncs += bytes > 0;
    receipt->synced_bytes += bytes;
    return segment->env->ops->sync(segment->env, file);
}

static int sync_txn_index(struct broker_segment *segment, struct broker_receipt *receipt)
{
    char path[BROKER_PATH_MAX];
    struct broker_file *file;
    broker_segment_path(path, segment->folder, segment->base_offset, ".txnindex");
    int rc = segment->env->ops->open(segment->env, path, BROKER_OPEN_WRITE, &file);
    if (rc != BROKER_OK)
        return rc;
    rc = sync_file(segment, file, segment->env->ops->size(segment->env, file), receipt);
    segment->env->ops->close(segment->env, file);
    return rc;
}

int broker_segment_sync(struct broker_segment *segment, struct broker_receipt *receipt,
                        struct broker_err *err)
{
    struct broker_index *offsets = &segment->offsets, *times = &segment->times;
    int rc = broker_segment_open_indexes(segment, err);
    if (rc != BROKER_OK)
        return rc;
    rc = sync_file(segment, segment->file, segment->size - segment->synced, receipt);
    if (rc == BROKER_OK)
        rc =
            sync_file(segment, offsets->file,
                      (uint64_t)(offsets->count - offsets->synced) * offsets->entry_bytes, receipt);
    if (rc == BROKER_OK)
        rc = sync_file(segment, times->file,
                       (uint64_t)(times->count - times->synced) * times->entry_bytes, receipt);
    if (rc == BROKER_OK && segment->has_txn_index)
        rc = sync_txn_index(segment, receipt);
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "sync %s/%020" PRId64 ": %s", segment->folder,
                              segment->base_offset, broker_status_name(rc));
    segment->synced = segment->size;
    offsets->synced = offsets->count;
    times->synced = times->count;
    return BROKER_OK;
}

int broker_segment_mark_deleted(struct broker_segment *segment, struct broker_receipt *receipt,
                                struct broker_err *err)
{
    char from[BROKER_PATH_MAX], to[BROKER_PATH_MAX];
    struct broker_env *env = segment->env;
    for (int i = 0; i < SUFFIXES; i++) {
        if (i == TXN_INDEX && !segment->has_txn_index)
            continue;
        broker_segment_path(from, segment->folder, segment->base_offset, suffixes[i]);
        broker_segment_path(to, segment->folder, segment->base_offset, deleted_suffixes[i]);
        int rc = env->ops->rename(env, from, to);
        if (rc != BROKER_OK && rc != BROKER_EMISSING)
            return broker_err_set(err, rc, "rename %s: %s", from, broker_status_name(rc));
        receipt->renames += rc == BROKER_OK;
    }
    segment->detached = true;
    return BROKER_OK;
}

int broker_segment_unlink(struct broker_segment *segment, const char *folder,
                          struct broker_receipt *receipt, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    for (int i = 0; i < SUFFIXES; i++) {
        if (i == TXN_INDEX && !segment->has_txn_index)
            continue; /* none was renamed */
        broker_segment_path(path, folder, segment->base_offset, deleted_suffixes[i]);
        int rc = segment->env->ops->remove(segment->env, path);
        if (rc != BROKER_OK && rc != BROKER_EMISSING)
            return broker_err_set(err, rc, "remove %s: %s", path, broker_status_name(rc));
        receipt->files_removed += rc == BROKER_OK;
    }
    return BROKER_OK;
}
