/*
 * The kernel's flusher of each disk, and what writers pay for being faster than it.
 *
 * It wakes every flusher_period for files older than dirty_expire, and at once when dirty memory is above the
 * background threshold. It goes over the files in the order they became dirty and writes one chunk of each; what is left of a file
 * comes after all others had their turn.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/cache_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

#define BANDWIDTH_FIRST_PER_S 100e6               /* the kernel's INIT_BW */
#define BANDWIDTH_INTERVAL_NS INT64_C(200000000)  /* BANDWIDTH_INTERVAL: every 200 ms */
#define BANDWIDTH_SMOOTH_NS   INT64_C(3000000000) /* over about 3 s */
#define PAUSE_TARGET_NS       INT64_C(10000000)   /* hardware-models.md 2.2: about 10 ms */
#define PAUSE_MAX_NS          INT64_C(200000000)  /* and at most 200 ms a call */
#define PACE_AHEAD_NS                                                                              \
    INT64_C(1000000000) /* writers at the limit are not held for what others did before */
#define RECENT_NS 3e9   /* memory of the shares between disks: as the bandwidth's */

enum { BLOCK_IOS = 64 };

struct model_writeback_block {
    struct model_writeback_block *next;
    struct model_writeback_io ios[BLOCK_IOS];
};

static void flusher_due(struct sim *sim, struct sim_event *event);

static void flusher_init(struct model_cache *cache, uint32_t index, struct model_disk *disk)
{
    struct model_flusher *flusher = &cache->flushers[index];
    flusher->cache = cache;
    flusher->disk = disk;
    flusher->index = index;
    if (cache->config.flusher_phase_ns)
        flusher->phase_ns = cache->config.flusher_phase_ns[index];
    flusher->bytes_per_s = BANDWIDTH_FIRST_PER_S;
    for (int i = 0; i < MODEL_DIRTY_LISTS; i++)
        flusher->lists[i] =
            (struct model_dirty_queue){.first = MODEL_DIRTY_NONE, .last = MODEL_DIRTY_NONE};
    sim_event_init(&flusher->event, flusher_due);
}

void model_writeback_init(struct model_cache *cache, struct model_disk **disks)
{
    cache->flushers = sim_alloc(cache->disk_count, sizeof(*cache->flushers));
    for (uint32_t i = 0; i < cache->disk_count; i++)
        flusher_init(cache, i, disks[i]);
}

void model_writeback_release(struct model_cache *cache)
{
    while (cache->blocks != NULL) {
        struct model_writeback_block *block = cache->blocks;
        cache->blocks = block->next;
        free(block);
    }
    free(cache->flushers);
}

/* ---- how fast the disk writes ---- */

static void measure_begin(struct model_flusher *flusher)
{
    flusher->measured_ns = sim_now_ns(flusher->cache->sim);
    flusher->measured_bytes = 0;
}

static void measure(struct model_flusher *flusher, double bytes, bool by_flusher)
{
    int64_t now_ns = sim_now_ns(flusher->cache->sim);
    double kept = 1 - (double)(now_ns - flusher->written_ns) / RECENT_NS;
    flusher->written_recently = flusher->written_recently * (kept > 0 ? kept : 0) + bytes;
    flusher->written_ns = now_ns;

    flusher->measured_bytes += bytes;
    int64_t passed_ns = now_ns - flusher->measured_ns;
    if (!by_flusher || passed_ns < BANDWIDTH_INTERVAL_NS)
        return; /* syncs leave gaps that say nothing about the disk */
    double seen_per_s = flusher->measured_bytes / ((double)passed_ns * 1e-9);
    double weight =
        passed_ns < BANDWIDTH_SMOOTH_NS ? (double)passed_ns / (double)BANDWIDTH_SMOOTH_NS : 1;
    flusher->bytes_per_s += (seen_per_s - flusher->bytes_per_s) * weight;
    measure_begin(flusher);
}

/* ---- writing ---- */

static struct model_writeback_io *io_new(struct model_cache *cache)
{
    if (cache->free_ios == NULL) {
        struct model_writeback_block *block = sim_alloc(1, sizeof(*block));
        block->next = cache->blocks;
        cache->blocks = block;
        for (int i = 0; i < BLOCK_IOS; i++) {
            block->ios[i].next = cache->free_ios;
            cache->free_ios = &block->ios[i];
        }
    }
    struct model_writeback_io *io = cache->free_ios;
    cache->free_ios = io->next;
    return io;
}

static void flush_more(struct model_flusher *flusher);

static void written(struct model_io *io)
{
    struct model_writeback_io *write = io->owner;
    struct model_cache *cache = write->cache;
    struct model_flusher *flusher = &cache->flushers[write->disk];
    struct model_dirty_file *file = &cache->files[write->entry];
    assert(file->writing > 0);
    assert(flusher->dirty_bytes >= io->bytes && cache->dirty_bytes >= io->bytes);
    file->writing--;
    file->writing_bytes -= io->bytes;
    flusher->dirty_bytes -= io->bytes;
    cache->dirty_bytes -= io->bytes;
    measure(flusher, (double)io->bytes, write->flusher);
    uint32_t entry = write->entry;
    uint64_t number = write->number;
    if (write->flusher)
        flusher->writing--;
    else
        file->sync_writing--;
    write->next = cache->free_ios;
    cache->free_ios = write;
    model_sync_write_more(cache, entry);
    model_sync_write_done(cache, entry, number);
    model_dirty_drop_if_clean(cache, entry);
    flush_more(flusher);
}

void model_writeback_issue(struct model_cache *cache, uint32_t entry, uint64_t bytes, bool flusher)
{
    struct model_dirty_file *file = &cache->files[entry];
    if (bytes > file->dirty_bytes)
        bytes = file->dirty_bytes;
    assert(bytes > 0);
    struct model_writeback_io *write = io_new(cache);
    *write = (struct model_writeback_io){
        .cache = cache,
        .entry = entry,
        .disk = file->disk,
        .number = ++file->issued,
        .flusher = flusher,
        .io = {.done = written,
               .kind = MODEL_IO_WRITE,
               .file = file->file,
               .position = file->position,
               .bytes = bytes},
    };
    write->io.owner = write;
    if (flusher && file->taken_bytes == 0) {
        file->taken_bytes = file->dirty_bytes;
        file->tail_taken = true;
    }
    file->taken_bytes -= bytes < file->taken_bytes ? bytes : file->taken_bytes;
    file->position += bytes;
    file->dirty_bytes -= bytes;
    file->writing++;
    file->sync_writing += !flusher;
    file->writing_bytes += bytes;
    if (file->dirty_bytes == 0)
        model_dirty_move(cache, entry, MODEL_LIST_NONE);
    model_disk_submit(cache->flushers[file->disk].disk, &write->io);
}

static bool above_background(const struct model_flusher *flusher)
{
    return (double)flusher->cache->dirty_bytes > flusher->cache->background_bytes &&
           flusher->dirty_bytes > 0;
}

static bool is_old(const struct model_flusher *flusher, const struct model_dirty_file *file)
{
    return sim_now_ns(flusher->cache->sim) - file->dirtied_ns >=
           flusher->cache->config.dirty_expire_ns;
}

/* The file to write from next, or none. */
static uint32_t choose(const struct model_flusher *flusher)
{
    const struct model_cache *cache = flusher->cache;
    uint32_t aged = flusher->lists[MODEL_LIST_AGED].first;
    uint32_t more = flusher->lists[MODEL_LIST_MORE].first;
    if (above_background(flusher))
        return aged != MODEL_DIRTY_NONE ? aged : more;
    if (!flusher->expiring)
        return MODEL_DIRTY_NONE;
    if (aged != MODEL_DIRTY_NONE && is_old(flusher, &cache->files[aged]))
        return aged;
    return more;
}

static void flush_more(struct model_flusher *flusher)
{
    struct model_cache *cache = flusher->cache;
    while (flusher->writing < MODEL_WRITES_AHEAD) {
        uint32_t entry = choose(flusher);
        if (entry == MODEL_DIRTY_NONE) {
            flusher->expiring = false;
            flusher->busy = flusher->writing > 0;
            return;
        }
        if (flusher->writing++ == 0 && !flusher->busy)
            measure_begin(flusher); /* it was idle: that says nothing about the disk */
        flusher->busy = true;
        if (cache->files[entry].dirty_bytes > cache->config.chunk_bytes)
            model_dirty_move(cache, entry, MODEL_LIST_MORE);
        model_writeback_issue(cache, entry, cache->config.chunk_bytes, true);
    }
}

static int64_t dirtied_ns(const struct model_flusher *flusher, enum model_dirty_list list)
{
    uint32_t first = flusher->lists[list].first;
    return first == MODEL_DIRTY_NONE ? SIM_TIME_NEVER : flusher->cache->files[first].dirtied_ns;
}

/* The next tick of the flusher's clock at which the oldest file is old. */
static void schedule(struct model_flusher *flusher)
{
    const struct model_cache *cache = flusher->cache;
    if (sim_is_pending(&flusher->event))
        return;
    int64_t oldest_ns = dirtied_ns(flusher, MODEL_LIST_AGED);
    if (dirtied_ns(flusher, MODEL_LIST_MORE) < oldest_ns)
        oldest_ns = dirtied_ns(flusher, MODEL_LIST_MORE);
    if (oldest_ns == SIM_TIME_NEVER)
        return;
    int64_t period_ns = cache->config.flusher_period_ns;
    int64_t old_ns = oldest_ns + cache->config.dirty_expire_ns - flusher->phase_ns;
    int64_t due_ns = (old_ns + period_ns - 1) / period_ns * period_ns + flusher->phase_ns;
    int64_t now_ns = sim_now_ns(cache->sim);
    sim_at(cache->sim, &flusher->event, due_ns > now_ns ? due_ns : now_ns + period_ns,
           SIM_PRIORITY_NORMAL);
}

static void flusher_due(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_flusher *flusher = sim_container(event, struct model_flusher, event);
    flusher->expiring = true;
    flush_more(flusher);
    schedule(flusher);
}

void model_writeback_wake(struct model_flusher *flusher)
{
    if (above_background(flusher))
        flush_more(flusher);
    schedule(flusher);
}

/* ---- what writers pay ---- */

#define PAGE_BYTES  4096
#define LOOK_NS_MIN INT64_C(1000000) /* a writer that is held is let go so late at most */

void model_writeback_hold(struct model_cache *cache, uint32_t entry, uint64_t position)
{
    struct model_dirty_file *file = &cache->files[entry];
    bool writing = file->writing > 0 || file->taken_bytes > 0;
    if (writing && file->tail_taken && position % PAGE_BYTES != 0)
        file->held = true;
    file->tail_taken = false;
}

bool model_cache_is_stable(const struct model_cache *cache)
{
    return cache->config.stable_writes;
}

int64_t model_cache_held_ns(struct model_cache *cache, uint32_t disk, uint64_t file)
{
    assert(disk < cache->disk_count);
    if (!model_cache_is_stable(cache))
        return 0;
    uint32_t entry = model_dirty_find(cache, disk, file);
    if (entry == MODEL_DIRTY_NONE || !cache->files[entry].held)
        return 0;
    struct model_dirty_file *dirty = &cache->files[entry];
    double left = (double)(dirty->writing_bytes + dirty->taken_bytes);
    if (!(left > 0)) {
        dirty->held = false;
        return 0;
    }
    int64_t ns = (int64_t)(left / 2 / cache->flushers[disk].bytes_per_s * 1e9);
    return ns > LOOK_NS_MIN ? ns : LOOK_NS_MIN;
}

double model_cache_position_ratio(double dirty, double freerun, double limit)
{
    double setpoint = (freerun + limit) / 2;
    double x = (setpoint - dirty) / (limit - setpoint);
    double ratio = 1 + x * x * x;
    if (ratio < 0)
        return 0;
    return ratio > 2 ? 2 : ratio;
}

/* This disk's share of the dirty limit: by what the disks wrote lately, all alike at first. */
static double share_of(const struct model_flusher *flusher)
{
    const struct model_cache *cache = flusher->cache;
    double all = 0;
    for (uint32_t i = 0; i < cache->disk_count; i++)
        all += cache->flushers[i].written_recently;
    return all > 0 ? flusher->written_recently / all : 1.0 / cache->disk_count;
}

/*
 * The kernel's second factor, with several disks: a line from 1 at the disk's own set point to 0 a span further, the span being
 * its share of the limit (and at least 8 s of writing, scaled by the share).
 */
static double disk_ratio(const struct model_flusher *flusher, double freerun)
{
    const struct model_cache *cache = flusher->cache;
    if (cache->disk_count == 1)
        return 1;
    double share = share_of(flusher);
    double own_limit = cache->limit_bytes * share;
    double own_setpoint = (freerun + cache->limit_bytes) / 2 * share;
    double span = (cache->limit_bytes - own_limit + 8 * flusher->bytes_per_s) * share;
    if (!(span > 0))
        return 0.25;
    double end = own_setpoint + span;
    double dirty = (double)flusher->dirty_bytes;
    return dirty < end - span / 4 ? (end - dirty) / span : 0.25;
}

int64_t model_writeback_pause_ns(struct model_flusher *flusher, uint64_t bytes)
{
    const struct model_cache *cache = flusher->cache;
    double freerun = (cache->background_bytes + cache->limit_bytes) / 2;
    double dirty = (double)cache->dirty_bytes;
    if (dirty <= freerun)
        return 0;
    int64_t now_ns = sim_now_ns(cache->sim);
    double ratio = model_cache_position_ratio(dirty, freerun, cache->limit_bytes) *
                   disk_ratio(flusher, freerun);
    double per_s = flusher->bytes_per_s * ratio;
    double cost_ns = per_s > 0 ? (double)bytes / per_s * 1e9 : (double)PAUSE_MAX_NS;
    if (cost_ns > (double)PAUSE_MAX_NS)
        cost_ns = (double)PAUSE_MAX_NS;
    if (flusher->paced_ns < now_ns)
        flusher->paced_ns = now_ns;
    flusher->paced_ns += (int64_t)cost_ns;
    if (flusher->paced_ns > now_ns + PACE_AHEAD_NS)
        flusher->paced_ns = now_ns + PACE_AHEAD_NS;
    int64_t pause_ns = flusher->paced_ns - now_ns;
    if (pause_ns < PAUSE_TARGET_NS && ratio > 0)
        return 0; /* it is asked again when it has written more */
    return pause_ns < PAUSE_MAX_NS ? pause_ns : PAUSE_MAX_NS;
}
