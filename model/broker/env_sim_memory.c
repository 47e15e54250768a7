/*
 * model/broker/env_sim_memory.c - the memory of an environment: many small pieces that come and go with segments.
 *
 * Shape    Pieces of up to 2 KiB are cut from blocks and, once freed, kept for the next of their size: what a deleted segment leaves is
 *          what the next one takes. Larger ones come from the heap. All of it is given back at once, without a walk over files.
 * Omits    Returning a block before the end. A build that watches addresses takes every piece from the heap, so that it sees what is
 *          used after its end.
 */
#include "model/broker/env_sim_internal.h"
#include "sim/memory.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOLED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOLED false
#endif
#endif
#ifndef POOLED
#define POOLED true
#endif

/* Blocks double from a few segments' worth to what makes the heap's share of the work vanish. */
#define BLOCK_MIN_BYTES 4096u
#define BLOCK_MAX_BYTES 65536u

/* A larger piece, or a block of small ones: what stands in front of it. */
struct env_sim_block {
    struct env_sim_block *next, *previous;
};
_Static_assert(sizeof(struct env_sim_block) % ENV_SIM_GRAIN_BYTES == 0, "pieces stay aligned");
_Static_assert(BLOCK_MIN_BYTES >= ENV_SIM_SMALL_BYTES, "a block holds any piece");

struct env_sim_piece {
    struct env_sim_piece *next;
};

static void put_first(struct env_sim_memory *m, struct env_sim_block *block)
{
    block->previous = NULL;
    block->next = m->blocks;
    if (m->blocks)
        m->blocks->previous = block;
    m->blocks = block;
}

static void *block_resize(struct env_sim_memory *m, void *memory, size_t size)
{
    struct env_sim_block *block = memory ? (struct env_sim_block *)memory - 1 : NULL;
    if (block) {
        if (block->previous)
            block->previous->next = block->next;
        else
            m->blocks = block->next;
        if (block->next)
            block->next->previous = block->previous;
    }
    if (size == 0) {
        free(block);
        return NULL;
    }
    block = sim_checked(realloc(block, sizeof *block + size));
    put_first(m, block);
    return block + 1;
}

static bool is_small(size_t size)
{
    return POOLED && size <= ENV_SIM_SMALL_BYTES;
}

static size_t grains(size_t size)
{
    return (size + ENV_SIM_GRAIN_BYTES - 1) / ENV_SIM_GRAIN_BYTES;
}

static void small_free(struct env_sim_memory *m, void *memory, size_t grain_count)
{
    struct env_sim_piece *piece = memory;
    piece->next = m->free[grain_count - 1];
    m->free[grain_count - 1] = piece;
}

/* A new block; what the last one has left is kept as a piece. */
static void add_block(struct env_sim_memory *m)
{
    if (m->left)
        small_free(m, m->at, m->left / ENV_SIM_GRAIN_BYTES);
    m->block_bytes = m->block_bytes == 0                ? BLOCK_MIN_BYTES
                     : m->block_bytes < BLOCK_MAX_BYTES ? m->block_bytes * 2
                                                        : m->block_bytes;
    m->at = block_resize(m, NULL, m->block_bytes);
    m->left = m->block_bytes;
}

static void *small_new(struct env_sim_memory *m, size_t grain_count)
{
    struct env_sim_piece *piece = m->free[grain_count - 1];
    if (piece) {
        m->free[grain_count - 1] = piece->next;
        return piece;
    }
    size_t size = grain_count * ENV_SIM_GRAIN_BYTES;
    if (m->left < size)
        add_block(m);
    void *memory = m->at;
    m->at += size;
    m->left -= size;
    return memory;
}

void *env_sim_resize(struct env_sim *sim, void *memory, size_t old_size, size_t new_size)
{
    struct env_sim_memory *m = &sim->memory;
    sim->memory_bytes += new_size - old_size;
    if (!memory)
        old_size = 0;
    if (!is_small(old_size) && !is_small(new_size))
        return block_resize(m, memory, new_size);
    if (old_size && new_size && grains(old_size) == grains(new_size))
        return memory;
    void *now = new_size == 0        ? NULL
                : is_small(new_size) ? small_new(m, grains(new_size))
                                     : block_resize(m, NULL, new_size);
    if (old_size && new_size)
        memcpy(now, memory, old_size < new_size ? old_size : new_size);
    if (old_size && is_small(old_size))
        small_free(m, memory, grains(old_size));
    else if (old_size)
        block_resize(m, memory, 0);
    return now;
}

void *env_sim_room(struct env_sim *sim, void *items, uint32_t count, uint32_t *room,
                   size_t item_size)
{
    if (count < *room)
        return items;
    uint32_t more = *room ? *room * 2 : 1;
    items = env_sim_resize(sim, items, *room * item_size, more * item_size);
    *room = more;
    return items;
}

void env_sim_memory_release(struct env_sim *sim)
{
    while (sim->memory.blocks)
        block_resize(&sim->memory, sim->memory.blocks + 1, 0);
}
