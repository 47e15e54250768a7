/* broker-core/log/dir.c - a log dir from its lock to its clean stop; see dir.h. */
#include "broker-core/log/dir_internal.h"
#include "broker-core/log/meta.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEAN_MARKER ".kafka_cleanshutdown"

void broker_dir_config_init(struct broker_dir_config *config)
{
    *config = (struct broker_dir_config){
        .retention_check_interval_ms = 300000,
        .recovery_point_checkpoint_interval_ms = 60000,
        .start_offset_checkpoint_interval_ms = 60000,
        .high_watermark_checkpoint_interval_ms = 5000,
        .flush_scheduler_interval_ms = INT64_MAX,
        .producer_expiration_check_interval_ms = 600000,
        .initial_task_delay_ms = 30000,
    };
}

static void path_below(const struct broker_dir *dir, char path[BROKER_PATH_MAX], const char *name)
{
    int length = snprintf(path, BROKER_PATH_MAX, "%s/%s", dir->path, name);
    assert(length < BROKER_PATH_MAX); /* names have at most 255 bytes */
    (void)length;
}

/* ---- partitions by name ---- */

/* FNV-1a; it orders nothing that anybody sees. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

static uint32_t *slot_of(const struct broker_dir *dir, const char *name)
{
    uint32_t at = hash_of(name) & (dir->index_size - 1);
    while (dir->index[at] && strcmp(dir->entries[dir->index[at] - 1]->name, name) != 0)
        at = (at + 1) & (dir->index_size - 1);
    return &dir->index[at];
}

struct broker_dir_entry *broker_dir_entry_find(const struct broker_dir *dir, const char *name)
{
    uint32_t number = dir->index_size ? *slot_of(dir, name) : 0;
    return number ? dir->entries[number - 1] : NULL;
}

/* Room for one more in the list, the queue and the index, which stays at most half full. */
static bool make_room(struct broker_dir *dir)
{
    if (dir->entry_count < dir->entry_room)
        return true;
    uint32_t room = dir->entry_room ? 2 * dir->entry_room : 16;
    void *entries = realloc(dir->entries, room * sizeof(struct broker_dir_entry *));
    if (entries)
        dir->entries = entries;
    void *due = realloc(dir->due, room * sizeof(struct broker_dir_entry *));
    if (due)
        dir->due = due;
    uint32_t *index = calloc(2 * (size_t)room, sizeof *index);
    if (!entries || !due || !index) {
        free(index);
        return false;
    }
    free(dir->index);
    dir->index = index;
    dir->index_size = 2 * room;
    dir->entry_room = room;
    for (uint32_t i = 0; i < dir->entry_count; i++)
        *slot_of(dir, dir->entries[i]->name) = i + 1;
    return true;
}

struct broker_dir_entry *broker_dir_entry_make(struct broker_dir *dir, const char *topic,
                                               int32_t partition)
{
    char name[300]; /* a topic's 249 bytes, a dash and ten digits */
    snprintf(name, sizeof name, "%.249s-%" PRId32, topic, partition);
    struct broker_dir_entry *entry = broker_dir_entry_find(dir, name);
    if (entry || !make_room(dir))
        return entry;
    entry = calloc(1, sizeof *entry);
    if (entry) {
        entry->name = strdup(name);
        entry->topic = strdup(topic);
    }
    if (!entry || !entry->name || !entry->topic) {
        if (entry) {
            free(entry->name);
            free(entry->topic);
        }
        free(entry);
        return NULL;
    }
    entry->partition = partition;
    entry->recovery_point = entry->start_offset = entry->high_watermark = -1;
    entry->dir = dir;
    entry->due_index = UINT32_MAX;
    dir->entries[dir->entry_count++] = entry;
    *slot_of(dir, name) = dir->entry_count;
    return entry;
}

/* ---- opening and stopping ---- */

static void free_dir(struct broker_dir *dir)
{
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        free(dir->entries[i]->name);
        free(dir->entries[i]->topic);
        free(dir->entries[i]);
    }
    free(dir->entries);
    free(dir->index);
    free(dir->due);
    free(dir->path);
    free(dir);
}

/* The marker is taken away at once: a crash while loading counts as unclean (log-storage.md section 2). */
static int take_marker(struct broker_dir *dir, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    path_below(dir, path, CLEAN_MARKER);
    int rc = dir->env->ops->remove(dir->env, path);
    dir->clean = rc == BROKER_OK;
    if (rc == BROKER_OK)
        rc = dir->env->ops->sync_folder(dir->env, dir->path);
    return rc == BROKER_OK || rc == BROKER_EMISSING
               ? BROKER_OK
               : broker_err_set(err, rc, "%s: %s", path, broker_status_name(rc));
}

static int lock_dir(struct broker_dir *dir, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    int rc = dir->env->ops->make_folder(dir->env, dir->path);
    if (rc != BROKER_OK && rc != BROKER_EEXISTS)
        return broker_err_set(err, rc, "make %s: %s", dir->path, broker_status_name(rc));
    path_below(dir, path, ".lock");
    rc = dir->env->ops->lock(dir->env, path, &dir->lock);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "%s: %s", path, broker_status_name(rc));
}

/* Before anything in the dir is changed. */
static int claim(const struct broker_dir *dir, struct broker_err *err)
{
    struct broker_meta meta;
    struct broker_receipt receipt = {0}; /* nothing runs yet that it could be charged to */
    if (!dir->config.cluster_id)
        return BROKER_OK;
    return broker_meta_claim(dir->env, dir->path, dir->config.cluster_id, dir->config.node_id,
                             &meta, &receipt, err);
}

int broker_dir_open(struct broker_env *env, const char *path,
                    const struct broker_dir_config *config, struct broker_dir **dir,
                    struct broker_err *err)
{
    struct broker_dir *made = calloc(1, sizeof *made);
    if (!made || !(made->path = strdup(path))) {
        free(made);
        return broker_err_set(err, BROKER_EIO, "out of memory");
    }
    made->env = env;
    made->config = *config;
    int rc = lock_dir(made, err);
    if (rc == BROKER_OK)
        rc = claim(made, err);
    made->config.cluster_id = NULL; /* the caller's */
    if (rc == BROKER_OK)
        rc = take_marker(made, err);
    if (rc == BROKER_OK)
        rc = broker_checkpoints_read(made, err);
    if (rc != BROKER_OK) {
        if (made->lock)
            env->ops->unlock(env, made->lock);
        free_dir(made);
        return broker_err_wrap(err, rc, "open log dir");
    }
    broker_dir_tasks_init(made);
    *dir = made;
    return BROKER_OK;
}

static int open_log(struct broker_dir_entry *entry, const struct broker_log_config *config,
                    struct broker_recovery *recovery, struct broker_err *err)
{
    struct broker_dir *dir = entry->dir;
    char folder[BROKER_PATH_MAX];
    path_below(dir, folder, entry->name);
    int64_t recovery_point = entry->recovery_point > 0 ? entry->recovery_point : 0;
    int64_t start_offset = entry->start_offset > 0 ? entry->start_offset : 0;
    int rc = broker_log_open(dir->env, folder, config, dir->clean, recovery_point, start_offset,
                             &entry->log, recovery, err);
    if (rc == BROKER_OK) {
        broker_log_set_high_watermark(entry->log,
                                      entry->high_watermark > 0 ? entry->high_watermark : 0);
        broker_dir_watch(entry);
    }
    return rc;
}

/*
 * Whether the checkpoint says more than the log has: its records were lost, or a truncation had cut a batch. What is appended up
 * to there is not synced, so the checkpoint must not go on saying so.
 */
static bool checkpoint_too_high(const struct broker_dir_entry *entry)
{
    return entry->log && entry->recovery_point > broker_log_recovery_point(entry->log);
}

static int lower_checkpoint(struct broker_dir *dir, struct broker_receipt *receipt,
                            struct broker_err *err)
{
    return broker_checkpoint_write(dir, "recovery-point-offset-checkpoint",
                                   broker_checkpoint_recovery_point, receipt, err);
}

int broker_dir_log(struct broker_dir *dir, const char *topic, int32_t partition,
                   const struct broker_log_config *config, struct broker_log **log,
                   struct broker_receipt *receipt, struct broker_err *err)
{
    char folder[BROKER_PATH_MAX];
    struct broker_dir_entry *entry = broker_dir_entry_make(dir, topic, partition);
    if (!entry)
        return broker_err_set(err, BROKER_EIO, "out of memory");
    if (!entry->log) {
        path_below(dir, folder, entry->name);
        int rc = dir->env->ops->make_folder(dir->env, folder);
        if (rc != BROKER_OK && rc != BROKER_EEXISTS)
            return broker_err_set(err, rc, "make %s: %s", folder, broker_status_name(rc));
        receipt->files_made += rc == BROKER_OK;
        rc = open_log(entry, config, NULL, err);
        if (rc == BROKER_OK && checkpoint_too_high(entry))
            rc = lower_checkpoint(dir, receipt, err);
        if (rc != BROKER_OK)
            return rc;
    }
    *log = entry->log;
    return BROKER_OK;
}

struct broker_log *broker_dir_find(const struct broker_dir *dir, const char *topic,
                                   int32_t partition)
{
    char name[300];
    snprintf(name, sizeof name, "%.249s-%" PRId32, topic, partition);
    const struct broker_dir_entry *entry = broker_dir_entry_find(dir, name);
    return entry ? entry->log : NULL;
}

int64_t broker_dir_checkpointed_high_watermark(const struct broker_dir *dir, const char *topic,
                                               int32_t partition)
{
    char name[300];
    snprintf(name, sizeof name, "%.249s-%" PRId32, topic, partition);
    const struct broker_dir_entry *entry = broker_dir_entry_find(dir, name);
    return entry && entry->high_watermark > 0 ? entry->high_watermark : 0;
}

/* ---- loading what is there ---- */

struct loading {
    struct broker_dir *dir;
    bool failed;
};

/* "orders-3": the last dash parts topic and partition. Folders on their way out have a suffix behind a dot and are left alone. */
static bool parse_name(const char *name, char topic[250], int32_t *partition)
{
    const char *dash = strrchr(name, '-');
    char *end;
    if (!dash || dash == name || (size_t)(dash - name) >= 250 || dash[1] < '0' || dash[1] > '9')
        return false;
    long long number = strtoll(dash + 1, &end, 10);
    if (*end || number > INT32_MAX)
        return false;
    snprintf(topic, 250, "%.*s", (int)(dash - name), name);
    *partition = (int32_t)number;
    return true;
}

/* KRaft's own log and the cache of remote indexes lie in the same dir and are not partitions of topics. */
static void note_folder(void *ctx, const char *name, bool is_folder)
{
    struct loading *loading = ctx;
    char topic[250];
    int32_t partition;
    if (!is_folder || strcmp(name, "__cluster_metadata-0") == 0 ||
        !parse_name(name, topic, &partition))
        return;
    loading->failed |= !broker_dir_entry_make(loading->dir, topic, partition);
}

static void add_recovery(struct broker_recovery *total, const struct broker_recovery *one)
{
    total->segments_scanned += one->segments_scanned;
    total->bytes_scanned += one->bytes_scanned;
    total->bytes_truncated += one->bytes_truncated;
    total->segments_dropped += one->segments_dropped;
}

static int load_entry(struct broker_dir_entry *entry, broker_config_fn *config_of, void *ctx,
                      struct broker_recovery *total, struct broker_err *err)
{
    struct broker_log_config config;
    struct broker_recovery one = {0};
    broker_log_config_init(&config);
    config_of(ctx, entry->topic, &config);
    int rc = open_log(entry, &config, &one, err);
    if (total)
        add_recovery(total, &one);
    return rc;
}

static bool folder_exists(const struct broker_dir_entry *entry)
{
    char folder[BROKER_PATH_MAX];
    path_below(entry->dir, folder, entry->name);
    return entry->dir->env->ops->make_folder(entry->dir->env, folder) == BROKER_EEXISTS;
}

int broker_dir_load(struct broker_dir *dir, broker_config_fn *config_of, void *ctx,
                    struct broker_recovery *total, struct broker_err *err)
{
    struct loading loading = {.dir = dir};
    struct broker_receipt receipt = {0};
    bool lower = false;
    uint32_t known = dir->entry_count; /* from checkpoints: their folders may be gone */
    int rc = dir->env->ops->list(dir->env, dir->path, note_folder, &loading);
    if (rc != BROKER_OK || loading.failed)
        return broker_err_set(err, rc == BROKER_OK ? BROKER_EIO : rc, "list %s", dir->path);
    for (uint32_t i = 0; rc == BROKER_OK && i < dir->entry_count; i++) {
        struct broker_dir_entry *entry = dir->entries[i];
        if (!entry->log && (i >= known || folder_exists(entry)))
            rc = load_entry(entry, config_of, ctx, total, err);
        lower = lower || checkpoint_too_high(entry);
    }
    return rc == BROKER_OK && lower ? lower_checkpoint(dir, &receipt, err) : rc;
}

/* ---- stopping ---- */

static int write_marker(struct broker_dir *dir, struct broker_receipt *receipt,
                        struct broker_err *err)
{
    static const uint8_t marker[] = "{\"version\":0,\"brokerEpoch\":-1}";
    char path[BROKER_PATH_MAX];
    struct broker_file *file;
    path_below(dir, path, CLEAN_MARKER);
    struct broker_span span = {marker, sizeof marker - 1};
    int rc = dir->env->ops->open(dir->env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file);
    if (rc == BROKER_OK) {
        rc = dir->env->ops->append(dir->env, file, &span, 1);
        if (rc == BROKER_OK)
            rc = dir->env->ops->sync(dir->env, file);
        dir->env->ops->close(dir->env, file);
        receipt->syncs++;
        receipt->files_made++;
        receipt->small_file_bytes += span.size;
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "write %s: %s", path, broker_status_name(rc));
}

int broker_dir_close(struct broker_dir *dir, struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_receipt ignored = {0};
    receipt = receipt ? receipt : &ignored;
    int rc = BROKER_OK;
    for (uint32_t i = 0; i < dir->entry_count && rc == BROKER_OK; i++)
        rc = dir->entries[i]->log ? broker_log_flush(dir->entries[i]->log, INT64_MAX, receipt, err)
                                  : BROKER_OK;
    if (rc == BROKER_OK)
        rc = broker_checkpoints_write(dir, receipt, err);
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        struct broker_log *log = dir->entries[i]->log;
        if (!log)
            continue;
        if (rc == BROKER_OK)
            rc = broker_log_close(log, receipt, err);
        else
            broker_log_abandon(log);
    }
    if (rc == BROKER_OK)
        rc = write_marker(dir, receipt, err);
    dir->env->ops->unlock(dir->env, dir->lock);
    free_dir(dir);
    return rc;
}

void broker_dir_abandon(struct broker_dir *dir)
{
    if (!dir)
        return;
    for (uint32_t i = 0; i < dir->entry_count; i++)
        if (dir->entries[i]->log)
            broker_log_abandon(dir->entries[i]->log);
    dir->env->ops->unlock(dir->env, dir->lock);
    free_dir(dir);
}
