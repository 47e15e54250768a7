/* What is in memory, writes into it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/cache_internal.h"
#include "sim/memory.h"

/* Linux defaults: hardware-models.md 2.1. */
enum {
    READ_AHEAD_BYTES = 128 * 1024,
    JOURNAL_BYTES = 8192, /* a descriptor and one metadata block */
};

static void defaults(struct model_cache_config *config)
{
    if (config->dirtyable_bytes == 0)
        config->dirtyable_bytes = config->size_bytes;
    if (config->flusher_period_ns == 0)
        config->flusher_period_ns = MODEL_FLUSHER_PERIOD_NS;
    if (config->chunk_bytes == 0)
        config->chunk_bytes = MODEL_CACHE_CHUNK_BYTES;
    if (config->read_ahead_bytes == 0)
        config->read_ahead_bytes = READ_AHEAD_BYTES;
    if (config->journal_bytes == 0)
        config->journal_bytes = JOURNAL_BYTES;
}

struct model_cache *model_cache_new(struct sim *sim, const struct model_cache_config *config,
                                    struct model_disk **disks, uint32_t disk_count)
{
    assert(disk_count > 0);
    assert(config->size_bytes > 0);
    assert(config->dirty_ratio > 0 && config->dirty_ratio <= 1);
    assert(config->dirty_background_ratio >= 0);
    assert(config->scan_protection >= 0 && config->scan_protection <= 1);
    struct model_cache *cache = sim_alloc(1, sizeof(*cache));
    cache->sim = sim;
    cache->config = *config;
    defaults(&cache->config);
    cache->disk_count = disk_count;
    double dirtyable = (double)cache->config.dirtyable_bytes;
    cache->limit_bytes = config->dirty_ratio * dirtyable;
    cache->background_bytes = config->dirty_background_ratio * dirtyable;
    if (cache->background_bytes >= cache->limit_bytes) /* as the kernel does */
        cache->background_bytes = cache->limit_bytes / 2;
    cache->fill_bytes = (double)config->size_bytes;
    cache->stats.since_ns = sim_now_ns(sim);
    model_writeback_init(cache, disks);
    model_dirty_init(cache);
    cache->config.flusher_phase_ns = NULL; /* the caller's */
    return cache;
}

void model_cache_free(struct model_cache *cache)
{
    if (cache == NULL)
        return;
    model_writeback_release(cache);
    model_dirty_release(cache);
    free(cache);
}

uint64_t model_cache_stamp(const struct model_cache *cache)
{
    return (uint64_t)cache->fill_bytes;
}

bool model_cache_hits(const struct model_cache *cache, uint64_t stamp)
{
    return cache->fill_bytes - (double)stamp < (double)cache->config.size_bytes;
}

void model_cache_fill(struct model_cache *cache, uint64_t bytes)
{
    cache->fill_bytes += (double)bytes;
}

uint64_t model_cache_size_bytes(const struct model_cache *cache)
{
    return cache->config.size_bytes;
}

uint64_t model_cache_background_bytes(const struct model_cache *cache)
{
    return (uint64_t)cache->background_bytes;
}

/* ---- writing ---- */

static void dirty_more(struct model_cache *cache, uint32_t disk, uint64_t file, uint64_t position,
                       uint64_t bytes)
{
    uint32_t entry = model_dirty_get(cache, disk, file);
    struct model_dirty_file *dirty = &cache->files[entry];
    if (dirty->dirty_bytes == 0) {
        dirty->position = position;
        dirty->dirtied_ns = sim_now_ns(cache->sim);
        model_dirty_move(cache, entry, MODEL_LIST_AGED);
    }
    dirty->dirty_bytes += bytes;
    cache->flushers[disk].dirty_bytes += bytes;
    cache->dirty_bytes += bytes;
    if (cache->dirty_bytes > cache->stats.dirty_bytes_max)
        cache->stats.dirty_bytes_max = cache->dirty_bytes;
}

void model_cache_dirty_before(struct model_cache *cache, uint32_t disk, uint64_t file,
                              uint64_t position, uint64_t bytes, int64_t age_ns)
{
    assert(disk < cache->disk_count && age_ns >= 0);
    if (bytes == 0)
        return;
    const struct model_dirty_queue *aged = &cache->flushers[disk].lists[MODEL_LIST_AGED];
    int64_t dirtied_ns = sim_now_ns(cache->sim) - age_ns;
    assert(aged->last == MODEL_DIRTY_NONE || cache->files[aged->last].dirtied_ns <= dirtied_ns);
    dirty_more(cache, disk, file, position, bytes);
    cache->files[model_dirty_find(cache, disk, file)].dirtied_ns = dirtied_ns;
    model_writeback_wake(&cache->flushers[disk]);
}

int64_t model_cache_write(struct model_cache *cache, uint32_t disk, uint64_t file,
                          uint64_t position, uint64_t bytes)
{
    assert(disk < cache->disk_count);
    if (bytes == 0)
        return 0;
    cache->fill_bytes += (double)bytes;
    cache->stats.written_bytes += bytes;
    if (cache->config.stable_writes)
        model_writeback_hold(cache, model_dirty_get(cache, disk, file), position);
    dirty_more(cache, disk, file, position, bytes);
    struct model_flusher *flusher = &cache->flushers[disk];
    model_writeback_wake(flusher);
    int64_t pause_ns = model_writeback_pause_ns(flusher, bytes);
    if (pause_ns > 0) {
        cache->stats.pauses++;
        cache->stats.pause_ns += pause_ns;
        if (pause_ns > cache->stats.pause_ns_max)
            cache->stats.pause_ns_max = pause_ns;
    }
    return pause_ns;
}

/* ---- figures ---- */

void model_cache_stats(const struct model_cache *cache, struct model_cache_stats *stats)
{
    *stats = cache->stats;
}

void model_cache_reset_stats(struct model_cache *cache)
{
    memset(&cache->stats, 0, sizeof(cache->stats));
    cache->stats.since_ns = sim_now_ns(cache->sim);
    cache->stats.dirty_bytes_max = cache->dirty_bytes;
    for (uint32_t d = 0; d < cache->disk_count; d++)
        cache->flushers[d].dirty_bytes_reset = cache->flushers[d].dirty_bytes;
}

uint64_t model_cache_dirty_bytes(const struct model_cache *cache)
{
    return cache->dirty_bytes;
}

uint64_t model_cache_disk_dirty_bytes(const struct model_cache *cache, uint32_t disk)
{
    assert(disk < cache->disk_count);
    return cache->flushers[disk].dirty_bytes;
}

double model_cache_disk_dirty_growth(const struct model_cache *cache, uint32_t disk)
{
    assert(disk < cache->disk_count);
    const struct model_flusher *flusher = &cache->flushers[disk];
    return (double)flusher->dirty_bytes - (double)flusher->dirty_bytes_reset;
}

uint64_t model_cache_file_dirty_bytes(const struct model_cache *cache, uint32_t disk, uint64_t file)
{
    assert(disk < cache->disk_count);
    uint32_t entry = model_dirty_find(cache, disk, file);
    if (entry == MODEL_DIRTY_NONE)
        return 0;
    return cache->files[entry].dirty_bytes + cache->files[entry].writing_bytes;
}
