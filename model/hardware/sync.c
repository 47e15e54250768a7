/*
 * fsync: the file's dirty bytes, no more of them in the block queue than a flusher has, then the journal. A commit is two writes with
 * a flush before and after the commit block; one commit of a disk at a time, and callers that come meanwhile share the next (ext4
 * does so, hardware-models.md 1.6).
 */
#include <assert.h>
#include <string.h>

#include "model/hardware/cache_internal.h"

#define JOURNAL_FILE UINT64_MAX /* lies by itself on the disk */

enum { COMMIT_BLOCK_BYTES = 4096 }; /* one block of the file system */

static void commit_step(struct model_io *io);

static void sync_over(struct model_sync *sync)
{
    struct model_cache *cache = sync->cache;
    cache->stats.syncs++;
    cache->stats.sync_ns += sim_now_ns(cache->sim) - sync->begun_ns;
    sync->done(sync);
}

static void submit(struct model_flusher *flusher, enum model_io_kind kind, uint64_t bytes)
{
    memset(&flusher->commit_io, 0, sizeof(flusher->commit_io));
    flusher->commit_io.done = commit_step;
    flusher->commit_io.owner = flusher;
    flusher->commit_io.kind = kind;
    flusher->commit_io.file = JOURNAL_FILE;
    flusher->commit_io.position = flusher->journal_position;
    flusher->commit_io.bytes = bytes;
    flusher->journal_position += bytes;
    model_disk_submit(flusher->disk, &flusher->commit_io);
}

static void commit_begin(struct model_flusher *flusher)
{
    flusher->committing = flusher->next_commit;
    flusher->next_commit = NULL;
    flusher->next_commit_last = NULL;
    flusher->commit = MODEL_COMMIT_JOURNAL;
    flusher->cache->stats.commits++;
    submit(flusher, MODEL_IO_WRITE, flusher->cache->config.journal_bytes);
}

static void commit_over(struct model_flusher *flusher)
{
    struct model_sync *sync = flusher->committing;
    flusher->committing = NULL;
    flusher->commit = MODEL_COMMIT_IDLE;
    if (flusher->next_commit != NULL)
        commit_begin(flusher);
    while (sync != NULL) {
        struct model_sync *next = sync->next;
        sync_over(sync);
        sync = next;
    }
}

static void commit_step(struct model_io *io)
{
    struct model_flusher *flusher = io->owner;
    switch (flusher->commit) {
    case MODEL_COMMIT_JOURNAL:
        flusher->commit = MODEL_COMMIT_ORDER;
        submit(flusher, MODEL_IO_FLUSH, 0);
        break;
    case MODEL_COMMIT_ORDER:
        flusher->commit = MODEL_COMMIT_BLOCK;
        submit(flusher, MODEL_IO_WRITE, COMMIT_BLOCK_BYTES);
        break;
    case MODEL_COMMIT_BLOCK:
        flusher->commit = MODEL_COMMIT_FLUSH;
        submit(flusher, MODEL_IO_FLUSH, 0);
        break;
    case MODEL_COMMIT_FLUSH:
        commit_over(flusher);
        break;
    case MODEL_COMMIT_IDLE:
        assert(false);
    }
}

static void flushed(struct model_io *io)
{
    sync_over(io->owner);
}

/* The file's bytes are on the disk. */
static void data_done(struct model_sync *sync)
{
    struct model_flusher *flusher = &sync->cache->flushers[sync->disk];
    if (sync->data_only) {
        memset(&sync->io, 0, sizeof(sync->io));
        sync->io.done = flushed;
        sync->io.owner = sync;
        sync->io.kind = MODEL_IO_FLUSH;
        model_disk_submit(flusher->disk, &sync->io);
        return;
    }
    sync->next = NULL;
    if (flusher->next_commit == NULL)
        flusher->next_commit = sync;
    else
        flusher->next_commit_last->next = sync;
    flusher->next_commit_last = sync;
    if (flusher->commit == MODEL_COMMIT_IDLE)
        commit_begin(flusher);
}

void model_cache_sync(struct model_cache *cache, uint32_t disk, uint64_t file,
                      struct model_sync *sync)
{
    assert(disk < cache->disk_count);
    sync->cache = cache;
    sync->disk = disk;
    sync->begun_ns = sim_now_ns(cache->sim);
    uint32_t entry = model_dirty_find(cache, disk, file);
    if (entry == MODEL_DIRTY_NONE) {
        data_done(sync);
        return;
    }
    struct model_dirty_file *dirty = &cache->files[entry];
    uint64_t chunk = cache->config.chunk_bytes, chunks = (dirty->dirty_bytes + chunk - 1) / chunk;
    sync->pending = dirty->writing + (uint32_t)chunks;
    sync->mark = dirty->issued + chunks;
    sync->next = NULL;
    assert(sync->pending > 0);
    struct model_sync **end = &dirty->syncs;
    while (*end != NULL)
        end = &(*end)->next;
    *end = sync;
    model_sync_write_more(cache, entry);
}

/* What is appended meanwhile makes the last chunk longer at most: there is always enough for the writes that were counted. */
void model_sync_write_more(struct model_cache *cache, uint32_t entry)
{
    struct model_dirty_file *file = &cache->files[entry];
    uint64_t mark = 0; /* of the last that came */
    for (const struct model_sync *sync = file->syncs; sync != NULL; sync = sync->next)
        mark = sync->mark;
    while (file->issued < mark && file->sync_writing < MODEL_WRITES_AHEAD)
        model_writeback_issue(cache, entry, cache->config.chunk_bytes, false);
}

void model_sync_write_done(struct model_cache *cache, uint32_t entry, uint64_t number)
{
    struct model_sync *ready = NULL;
    struct model_sync **ready_end = &ready;
    struct model_sync **at = &cache->files[entry].syncs;
    while (*at != NULL) {
        struct model_sync *sync = *at;
        if (sync->mark < number || --sync->pending > 0) {
            at = &sync->next;
            continue;
        }
        *at = sync->next;
        sync->next = NULL;
        *ready_end = sync;
        ready_end = &sync->next;
    }
    while (ready != NULL) {
        struct model_sync *next = ready->next;
        data_done(ready);
        ready = next;
    }
}
