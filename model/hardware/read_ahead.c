/* Reads that miss the page cache, and what the kernel reads ahead of them. */
#include <assert.h>

#include "model/hardware/cache_internal.h"

uint64_t model_cache_windows_bytes(const struct model_cache *cache)
{
    return 2 * cache->config.read_ahead_bytes;
}

static uint64_t window_end(const struct model_cache *cache, uint64_t begin, uint64_t limit)
{
    uint64_t bytes = cache->config.read_ahead_bytes;
    return limit - begin < bytes ? limit : begin + bytes;
}

static void submit(struct model_cache *cache, uint32_t disk, struct model_io *io, uint64_t file,
                   uint64_t begin, uint64_t end)
{
    io->kind = MODEL_IO_READ;
    io->file = file;
    io->position = begin;
    io->bytes = end - begin;
    model_disk_submit(cache->flushers[disk].disk, io);
}

static void enter(struct model_cache *cache, uint64_t bytes)
{
    cache->fill_bytes += (double)bytes * (1 - cache->config.scan_protection);
    cache->stats.missed_bytes += bytes;
}

static void window_read(struct model_io *io);

static void ask(struct model_read_ahead *ahead, uint64_t begin)
{
    ahead->begin = begin;
    ahead->end = window_end(ahead->cache, begin, ahead->limit);
    if (ahead->begin == ahead->end)
        return;
    ahead->flying = true;
    ahead->io.done = window_read;
    ahead->io.owner = ahead;
    submit(ahead->cache, ahead->disk, &ahead->io, ahead->file, ahead->begin, ahead->end);
}

/* Its readers begin to use it: the next one is asked for before they go on. */
static void window_read(struct model_io *io)
{
    struct model_read_ahead *ahead = io->owner;
    struct model_read *read = ahead->waiting;
    uint64_t begin = ahead->begin, end = ahead->end;
    ahead->flying = false;
    ahead->waiting = NULL;
    enter(ahead->cache, end - begin);
    if (!read)
        return;
    ask(ahead, end);
    while (read) {
        struct model_read *next = read->next; /* the read may be gone after done */
        read->begin = begin;
        read->end = end;
        read->done(read);
        read = next;
    }
}

static void alone_read(struct model_io *io)
{
    struct model_read *read = io->owner;
    enter(read->cache, read->end - read->begin);
    read->done(read);
}

/* The file's read-ahead is busy elsewhere: the read takes a window for itself. */
static void read_alone(struct model_cache *cache, uint32_t disk, struct model_read *read)
{
    read->cache = cache;
    read->begin = read->position;
    read->end = window_end(cache, read->position, read->limit);
    read->io.done = alone_read;
    read->io.owner = read;
    submit(cache, disk, &read->io, read->file, read->begin, read->end);
}

bool model_cache_read_miss(struct model_cache *cache, uint32_t disk, struct model_read_ahead *ahead,
                           struct model_read *read)
{
    assert(disk < cache->disk_count);
    assert(read->limit > read->position);
    bool inside = ahead->file == read->file && ahead->disk == disk &&
                  read->position >= ahead->begin && read->position < ahead->end;
    read->next = NULL;
    if (!inside && ahead->flying) {
        read_alone(cache, disk, read);
        return false;
    }
    if (!inside) {
        *ahead = (struct model_read_ahead){.cache = cache, .disk = disk, .file = read->file};
        ahead->limit = read->limit;
        ask(ahead, read->position);
    } else if (read->limit > ahead->limit) {
        ahead->limit = read->limit;
    }
    if (!ahead->flying) {
        read->begin = ahead->begin;
        read->end = ahead->end;
        ask(ahead, ahead->end);
        return true;
    }
    read->next = ahead->waiting;
    ahead->waiting = read;
    return false;
}
