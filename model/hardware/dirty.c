/* The table of files with dirty bytes: (disk, file) to a small entry, linear probing, entries reused. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/cache_internal.h"
#include "model/hardware/disk_internal.h"
#include "sim/memory.h"

enum { FIRST_FILES = 64 };

static uint32_t slot_of(const struct model_cache *cache, uint32_t disk, uint64_t file)
{
    return (uint32_t)model_mix(file * 64 + disk) & (cache->table_size - 1);
}

static void free_from(struct model_cache *cache, uint32_t first)
{
    for (uint32_t i = first; i < cache->file_capacity; i++)
        cache->files[i].next = i + 1 < cache->file_capacity ? i + 1 : MODEL_DIRTY_NONE;
    cache->file_free = first;
}

static void table_make(struct model_cache *cache, uint32_t size)
{
    uint32_t *table = sim_checked(malloc(size * sizeof(*table)));
    for (uint32_t i = 0; i < size; i++)
        table[i] = MODEL_DIRTY_NONE;
    free(cache->table);
    cache->table = table;
    cache->table_size = size;
}

void model_dirty_init(struct model_cache *cache)
{
    cache->files = sim_alloc(FIRST_FILES, sizeof(*cache->files));
    cache->file_capacity = FIRST_FILES;
    table_make(cache, 2 * FIRST_FILES);
    free_from(cache, 0);
}

void model_dirty_release(struct model_cache *cache)
{
    free(cache->files);
    free(cache->table);
}

static uint32_t probe(const struct model_cache *cache, uint32_t disk, uint64_t file)
{
    uint32_t slot = slot_of(cache, disk, file);
    for (;;) {
        uint32_t entry = cache->table[slot];
        if (entry == MODEL_DIRTY_NONE)
            return slot;
        if (cache->files[entry].file == file && cache->files[entry].disk == disk)
            return slot;
        slot = (slot + 1) & (cache->table_size - 1);
    }
}

uint32_t model_dirty_find(const struct model_cache *cache, uint32_t disk, uint64_t file)
{
    return cache->table[probe(cache, disk, file)];
}

/* Twice the entries, and a table that stays at most half full. */
static void grow(struct model_cache *cache)
{
    uint32_t old = cache->file_capacity;
    cache->file_capacity = 2 * old;
    cache->files = sim_checked(realloc(cache->files, cache->file_capacity * sizeof(*cache->files)));
    table_make(cache, 2 * cache->file_capacity);
    memset(cache->files + old, 0, old * sizeof(*cache->files));
    free_from(cache, old);
    for (uint32_t i = 0; i < old; i++) /* every old entry is in use, or it need not grow */
        cache->table[probe(cache, cache->files[i].disk, cache->files[i].file)] = i;
}

uint32_t model_dirty_get(struct model_cache *cache, uint32_t disk, uint64_t file)
{
    uint32_t slot = probe(cache, disk, file);
    if (cache->table[slot] != MODEL_DIRTY_NONE)
        return cache->table[slot];
    if (cache->file_free == MODEL_DIRTY_NONE) {
        grow(cache);
        slot = probe(cache, disk, file);
    }
    uint32_t entry = cache->file_free;
    cache->file_free = cache->files[entry].next;
    memset(&cache->files[entry], 0, sizeof(cache->files[entry]));
    cache->files[entry].file = file;
    cache->files[entry].disk = disk;
    cache->table[slot] = entry;
    return entry;
}

/* Empties a slot; entries behind it that probed past it move up. */
static void erase(struct model_cache *cache, uint32_t slot)
{
    uint32_t mask = cache->table_size - 1;
    uint32_t next = slot;
    for (;;) {
        cache->table[slot] = MODEL_DIRTY_NONE;
        uint32_t entry;
        uint32_t home;
        do {
            next = (next + 1) & mask;
            entry = cache->table[next];
            if (entry == MODEL_DIRTY_NONE)
                return;
            home = slot_of(cache, cache->files[entry].disk, cache->files[entry].file);
        } while (((next - home) & mask) < ((next - slot) & mask));
        cache->table[slot] = entry;
        slot = next;
    }
}

void model_dirty_drop_if_clean(struct model_cache *cache, uint32_t entry)
{
    struct model_dirty_file *file = &cache->files[entry];
    if (file->dirty_bytes > 0 || file->writing > 0 || file->syncs != NULL)
        return;
    model_dirty_move(cache, entry, MODEL_LIST_NONE);
    erase(cache, probe(cache, file->disk, file->file));
    file->next = cache->file_free;
    cache->file_free = entry;
}

static void unlink_file(struct model_cache *cache, struct model_dirty_file *file)
{
    struct model_dirty_queue *queue = &cache->flushers[file->disk].lists[file->list];
    if (file->previous != MODEL_DIRTY_NONE)
        cache->files[file->previous].next = file->next;
    else
        queue->first = file->next;
    if (file->next != MODEL_DIRTY_NONE)
        cache->files[file->next].previous = file->previous;
    else
        queue->last = file->previous;
}

void model_dirty_move(struct model_cache *cache, uint32_t entry, enum model_dirty_list list)
{
    struct model_dirty_file *file = &cache->files[entry];
    if (file->list != MODEL_LIST_NONE)
        unlink_file(cache, file);
    file->list = list;
    if (list == MODEL_LIST_NONE)
        return;
    struct model_dirty_queue *queue = &cache->flushers[file->disk].lists[list];
    file->next = MODEL_DIRTY_NONE;
    file->previous = queue->last;
    if (queue->last != MODEL_DIRTY_NONE)
        cache->files[queue->last].next = entry;
    else
        queue->first = entry;
    queue->last = entry;
}
