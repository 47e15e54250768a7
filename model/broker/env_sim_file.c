/* model/broker/env_sim_file.c - content of one file: extents of bytes and holes over an arena of chunks. */
#include "model/broker/env_sim_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Chunks double from 256 bytes (four batch headers) to 64 KiB, so that small files stay small and large ones have few chunks. */
#define CHUNK_MIN_BYTES 256u
#define CHUNK_MAX_BYTES 65536u
#define CHUNK_DOUBLINGS 8u
#define CHUNK_STEADY_FROM                                                                          \
    (CHUNK_MAX_BYTES - CHUNK_MIN_BYTES) /* arena offset of the first 64 KiB chunk */
_Static_assert(CHUNK_MIN_BYTES << CHUNK_DOUBLINGS == CHUNK_MAX_BYTES, "doublings");

/* Writes of one page cache page share a stamp (Linux x86: 4 KiB), so that index entries share an extent. */
#define PAGE_BYTES 4096u

/* A run this short never straddles two chunks: a batch header is read and viewed in one piece. */
#define WHOLE_RUN_BYTES 128u

/* So much is copied by words: an index entry was stored field by field a moment ago, and a load of two fields would wait until both
 * stores, and those before them, have left for the cache. */
#define ENTRY_MAX_BYTES 16u

static uint32_t chunk_of(uint32_t data)
{
    if (data >= CHUNK_STEADY_FROM)
        return CHUNK_DOUBLINGS + (data - CHUNK_STEADY_FROM) / CHUNK_MAX_BYTES;
    return 31u - (uint32_t)__builtin_clz(data / CHUNK_MIN_BYTES + 1);
}

static uint32_t chunk_start(uint32_t chunk)
{
    if (chunk >= CHUNK_DOUBLINGS)
        return CHUNK_STEADY_FROM + (chunk - CHUNK_DOUBLINGS) * CHUNK_MAX_BYTES;
    return CHUNK_MIN_BYTES * ((1u << chunk) - 1);
}

static uint32_t chunk_size(uint32_t chunk)
{
    return chunk >= CHUNK_DOUBLINGS ? CHUNK_MAX_BYTES : CHUNK_MIN_BYTES << chunk;
}

const uint8_t *env_sim_file_bytes(const struct broker_file *file, uint32_t data)
{
    uint32_t chunk = chunk_of(data);
    return file->chunks[chunk] + (data - chunk_start(chunk));
}

uint64_t env_sim_file_number(const struct broker_file *file)
{
    return file->number;
}

struct broker_file *env_sim_file_new(struct env_sim *sim)
{
    struct broker_file *file = env_sim_resize(sim, NULL, 0, sizeof *file);
    memset(file, 0, sizeof *file);
    file->unsynced_low = UINT64_MAX;
    file->modified_ms = sim->now_ms;
    if (sim->tracked)
        env_sim_image_new(sim, file);
    file->number = sim->files_made++;
    return file;
}

static void free_arena(struct env_sim *sim, struct broker_file *file)
{
    for (uint32_t i = 0; i < file->chunk_count; i++)
        env_sim_resize(sim, file->chunks[i], chunk_size(i), 0);
    file->chunk_count = 0;
    file->arena_size = file->arena_left = 0;
}

void env_sim_file_drop(struct env_sim *sim, struct broker_file *file)
{
    if (file->links > 0 || file->opens > 0)
        return;
    free_arena(sim, file);
    env_sim_file_set_written(sim, file, 0);
    env_sim_resize(sim, file->chunks, file->chunk_room * sizeof *file->chunks, 0);
    env_sim_resize(sim, file->extents, file->extent_room * sizeof *file->extents, 0);
    env_sim_image_free(sim, file);
    env_sim_resize(sim, file, sizeof *file, 0);
}

void env_sim_file_set_written(struct env_sim *sim, struct broker_file *file, uint64_t written_end)
{
    sim->used_bytes += written_end - file->written_end;
    file->written_end = written_end;
}

/* Index of the extent that holds position < size. The hint makes sequential reads and repeated look-ups O(1). */
uint32_t env_sim_file_find(struct broker_file *file, uint64_t position)
{
    assert(position < file->size);
    const struct env_sim_extent *e = file->extents;
    for (uint32_t i = file->hint; i < file->extent_count && i <= file->hint + 1; i++)
        if (e[i].start <= position && position < env_sim_extent_end(file, i))
            return file->hint = i;
    /* Readers are near the end, most times: strides that double from there, then halves. */
    uint32_t low = file->extent_count - 1, high = file->extent_count;
    for (uint32_t stride = 1; e[low].start > position; stride *= 2) {
        high = low;
        low = low > stride ? low - stride : 0;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (e[middle].start <= position)
            low = middle;
        else
            high = middle;
    }
    return file->hint = low;
}

static uint64_t stamp_now(const struct env_sim *sim)
{
    return sim->cache ? sim->cache->fill_bytes : 0;
}

static struct env_sim_extent *insert_extent(struct env_sim *sim, struct broker_file *file,
                                            uint32_t index, uint64_t start, uint64_t stamp)
{
    file->extents = env_sim_room(sim, file->extents, file->extent_count, &file->extent_room,
                                 sizeof *file->extents);
    struct env_sim_extent *e = file->extents + index;
    if (index < file->extent_count)
        memmove(e + 1, e, (file->extent_count - index) * sizeof *e);
    file->extent_count++;
    *e = (struct env_sim_extent){.start = start, .stamp = stamp};
    return e;
}

static void add_chunk(struct env_sim *sim, struct broker_file *file)
{
    uint32_t chunk = file->chunk_count;
    file->chunks = env_sim_room(sim, file->chunks, chunk, &file->chunk_room, sizeof *file->chunks);
    file->chunks[chunk] = env_sim_resize(sim, NULL, 0, chunk_size(chunk));
    file->chunk_count++;
    file->arena_size = chunk_start(chunk);
    file->arena_at = file->chunks[chunk];
    file->arena_left = chunk_size(chunk);
}

/* How many contiguous bytes of the arena a run of `want` gets; short runs come whole. */
static uint32_t arena_room(struct env_sim *sim, struct broker_file *file, uint64_t want)
{
    while (file->arena_left < want && (file->arena_left == 0 || want <= WHOLE_RUN_BYTES)) {
        assert(file->arena_size <= UINT32_MAX - 2 * CHUNK_MAX_BYTES); /* Kafka's: below 2 GiB */
        add_chunk(sim, file);
    }
    return file->arena_left < want ? file->arena_left : (uint32_t)want;
}

static void arena_put(struct broker_file *file, const uint8_t *bytes, uint32_t size)
{
    if (size <= ENTRY_MAX_BYTES && size % 4 == 0)
        for (uint32_t i = 0; i < size; i += 4)
            memcpy(file->arena_at + i, bytes + i, 4);
    else
        memcpy(file->arena_at, bytes, size);
    file->arena_at += size;
    file->arena_size += size;
    file->arena_left -= size;
}

/* Whether bytes that follow extent e may join it: nothing between, same chunk, same page or same stamp. */
static bool may_join(const struct broker_file *file, const struct env_sim_extent *e,
                     uint64_t position, uint64_t stamp)
{
    return e->byte_count > 0 && e->start + e->byte_count == position &&
           e->data + e->byte_count == file->arena_size && file->arena_left > 0 &&
           (e->stamp == stamp || e->byte_count < PAGE_BYTES);
}

static void append_bytes(struct env_sim *sim, struct broker_file *file, const uint8_t *bytes,
                         uint64_t size, uint64_t stamp)
{
    while (size > 0) {
        struct env_sim_extent *last =
            file->extent_count ? file->extents + file->extent_count - 1 : NULL;
        bool join = last && may_join(file, last, file->size, stamp);
        if (join && file->arena_left < size && size <= WHOLE_RUN_BYTES)
            join = false;
        uint32_t got = arena_room(sim, file, size);
        if (!join) {
            last = insert_extent(sim, file, file->extent_count, file->size, stamp);
            last->data = file->arena_size;
        }
        last->byte_count += got;
        arena_put(file, bytes, got);
        bytes += got;
        size -= got;
        file->size += got;
    }
}

void env_sim_file_append(struct env_sim *sim, struct broker_file *file,
                         const struct broker_span *spans, size_t count, uint64_t limit)
{
    uint64_t stamp = stamp_now(sim);
    uint32_t before = file->extent_count;
    for (size_t i = 0; i < count && limit > 0; i++) {
        uint64_t size = spans[i].size < limit ? spans[i].size : limit;
        limit -= size;
        if (size == 0)
            continue;
        if (spans[i].bytes) {
            append_bytes(sim, file, spans[i].bytes, size, stamp);
            continue;
        }
        if (file->extent_count == before &&
            (before == 0 || file->extents[before - 1].stamp != stamp))
            insert_extent(sim, file, file->extent_count, file->size, stamp);
        file->size += size;
    }
    env_sim_file_set_written(sim, file, file->size);
    file->modified_ms = sim->now_ms;
}

/* Puts bytes over a part of the hole of extent index, at most up to its end; returns how many. */
static uint64_t fill_hole(struct env_sim *sim, struct broker_file *file, uint32_t index,
                          uint64_t position, const uint8_t *bytes, uint64_t size)
{
    struct env_sim_extent *e = file->extents + index;
    uint64_t stamp = stamp_now(sim);
    uint64_t end = env_sim_extent_end(file, index);
    bool join = may_join(file, e, position, stamp);
    uint64_t want = size < end - position ? size : end - position;
    if (join && file->arena_left < want)
        want = file->arena_left;
    uint32_t got = arena_room(sim, file, want);
    if (!join) {
        uint64_t old_stamp = e->stamp;
        if (e->start == position) /* an empty start: take the extent over */
            e->stamp = stamp;
        else
            e = insert_extent(sim, file, ++index, position, stamp);
        e->data = file->arena_size;
        /* What follows the written page keeps its own stamp. */
        uint64_t page_end = position + (got > PAGE_BYTES ? got : PAGE_BYTES);
        if (old_stamp != stamp && page_end < end) {
            insert_extent(sim, file, index + 1, page_end, old_stamp);
            e = file->extents + index;
        }
    }
    e->byte_count += got;
    arena_put(file, bytes, got);
    return got;
}

/* Whether the bytes join what was written last and end in the same hole, as entries of an index do. */
static bool joins_last(const struct env_sim *sim, const struct broker_file *file, uint64_t position,
                       uint64_t size)
{
    return file->hint < file->extent_count && size <= file->arena_left &&
           may_join(file, file->extents + file->hint, position, stamp_now(sim)) &&
           position + size <= env_sim_extent_end(file, file->hint);
}

void env_sim_file_write(struct env_sim *sim, struct broker_file *file, uint64_t position,
                        const uint8_t *bytes, uint64_t size)
{
    if (position < file->unsynced_low)
        file->unsynced_low = position;
    if (joins_last(sim, file, position, size)) {
        file->extents[file->hint].byte_count += (uint32_t)size;
        arena_put(file, bytes, (uint32_t)size);
        position += size;
        size = 0;
    }
    while (size > 0) {
        uint32_t index = env_sim_file_find(file, position);
        const struct env_sim_extent *e = file->extents + index;
        uint64_t inside = position - e->start, done;
        if (inside < e->byte_count) {
            done = e->byte_count - inside < size ? e->byte_count - inside : size;
            uint8_t *to = (uint8_t *)(uintptr_t)env_sim_file_bytes(file, e->data) + inside;
            memcpy(to, bytes, done);
        } else {
            done = fill_hole(sim, file, index, position, bytes, size);
        }
        position += done;
        bytes += done;
        size -= done;
    }
    if (position > file->written_end)
        env_sim_file_set_written(sim, file, position);
    file->modified_ms = sim->now_ms;
}

size_t env_sim_file_read(struct broker_file *file, uint64_t position, uint8_t *bytes, size_t size)
{
    size_t total = 0;
    while (total < size && position < file->size) {
        uint32_t index = env_sim_file_find(file, position);
        const struct env_sim_extent *e = file->extents + index;
        uint64_t inside = position - e->start, part;
        if (inside < e->byte_count) {
            part = e->byte_count - inside;
            part = part < size - total ? part : size - total;
            memcpy(bytes + total, env_sim_file_bytes(file, e->data) + inside, part);
        } else {
            part = env_sim_extent_end(file, index) - position;
            part = part < size - total ? part : size - total;
            memset(bytes + total, 0, part);
        }
        total += part;
        position += part;
    }
    return total;
}

static void cut(struct env_sim *sim, struct broker_file *file, uint64_t size)
{
    if (size == 0) {
        file->extent_count = 0;
        free_arena(sim, file);
    } else {
        uint32_t last = env_sim_file_find(file, size - 1);
        struct env_sim_extent *e = file->extents + last;
        file->extent_count = last + 1;
        if (size - e->start < e->byte_count)
            e->byte_count = (uint32_t)(size - e->start);
    }
    file->size = size;
    file->hint = 0;
    if (file->written_end > size)
        env_sim_file_set_written(sim, file, size);
    if (file->synced_size > size)
        file->synced_size = size;
}

void env_sim_file_resize(struct env_sim *sim, struct broker_file *file, uint64_t size)
{
    if (size < file->size) {
        cut(sim, file, size);
    } else if (size > file->size) {
        if (file->extent_count == 0)
            insert_extent(sim, file, 0, 0, stamp_now(sim));
        file->size = size;
    }
    file->modified_ms = sim->now_ms;
}

struct env_sim_range env_sim_miss(const struct env_sim *sim, struct broker_file *file,
                                  uint64_t position, uint64_t size)
{
    const struct env_sim_cache *cache = sim->cache;
    struct env_sim_range miss = {0, 0};
    if (!cache || size == 0 || position >= file->size)
        return miss;
    uint64_t end = size < file->size - position ? position + size : file->size;
    for (uint32_t i = env_sim_file_find(file, position); position < end; i++) {
        uint64_t extent_end = env_sim_extent_end(file, i);
        uint64_t part_end = extent_end < end ? extent_end : end;
        if (cache->fill_bytes - file->extents[i].stamp >= cache->size_bytes) {
            if (miss.end == 0)
                miss.begin = position;
            miss.end = part_end;
        } else if (miss.end > 0) {
            break;
        }
        position = part_end;
    }
    return miss;
}

/* Makes an extent begin at position (inside extent index); returns its index. */
static uint32_t split_at(struct env_sim *sim, struct broker_file *file, uint32_t index,
                         uint64_t position)
{
    const struct env_sim_extent *e = file->extents + index;
    uint64_t inside = position - e->start;
    if (inside == 0)
        return index;
    struct env_sim_extent *tail = insert_extent(sim, file, index + 1, position, e->stamp);
    struct env_sim_extent *head = tail - 1;
    if (inside < head->byte_count) {
        tail->data = head->data + (uint32_t)inside;
        tail->byte_count = head->byte_count - (uint32_t)inside;
        head->byte_count = (uint32_t)inside;
    }
    return index + 1;
}

void env_sim_touch(struct env_sim *sim, struct broker_file *file, uint64_t position, uint64_t size)
{
    uint64_t stamp = stamp_now(sim);
    if (!sim->cache || size == 0 || position >= file->size)
        return;
    uint64_t end = size < file->size - position ? position + size : file->size;
    uint32_t i = env_sim_file_find(file, position);
    while (position < end) {
        uint64_t extent_end = env_sim_extent_end(file, i);
        if (file->extents[i].stamp != stamp) {
            i = split_at(sim, file, i, position);
            if (extent_end > end) {
                split_at(sim, file, i, end);
                extent_end = end;
            }
            file->extents[i].stamp = stamp;
        }
        position = extent_end;
        i++;
    }
}
