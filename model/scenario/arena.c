/* Memory of a document or of one scenario: taken piece by piece, freed as a whole. */
#include "model/scenario/scenario_internal.h"
#include "sim/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scenario_arena_chunk {
    struct scenario_arena_chunk *next;
    size_t used, room;
    max_align_t bytes[];
};

enum { CHUNK_BYTES = 16 * 1024 }; /* a quickstart needs four */

static struct scenario_arena_chunk *chunk_new(size_t room)
{
    struct scenario_arena_chunk *chunk = sim_alloc(1, sizeof *chunk + room);
    chunk->room = room;
    return chunk;
}

void *scenario_arena_take(struct scenario_arena *arena, size_t bytes)
{
    size_t need = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct scenario_arena_chunk *chunk = arena->first;
    if (!chunk || chunk->room - chunk->used < need) {
        chunk = chunk_new(need > CHUNK_BYTES ? need : CHUNK_BYTES);
        /* A large piece goes behind the chunk in use, so that the rest of that one isn't lost. */
        if (need > CHUNK_BYTES && arena->first) {
            chunk->next = arena->first->next;
            arena->first->next = chunk;
        } else {
            chunk->next = arena->first;
            arena->first = chunk;
        }
    }
    void *at = (char *)chunk->bytes + chunk->used;
    chunk->used += need;
    return at;
}

char *scenario_arena_text(struct scenario_arena *arena, const char *text, size_t bytes)
{
    char *copy = scenario_arena_take(arena, bytes + 1);
    memcpy(copy, text, bytes);
    return copy;
}

char *scenario_arena_vprintf(struct scenario_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int bytes = vsnprintf(NULL, 0, format, args);
    assert(bytes >= 0);
    char *text = scenario_arena_take(arena, (size_t)bytes + 1);
    vsnprintf(text, (size_t)bytes + 1, format, again);
    va_end(again);
    return text;
}

char *scenario_arena_printf(struct scenario_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = scenario_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void *scenario_arena_grow(struct scenario_arena *arena, void *array, int count, int *room,
                          size_t size)
{
    if (count < *room)
        return array;
    *room = *room > 0 ? 2 * *room : 8;
    void *more = scenario_arena_take(arena, (size_t)*room * size);
    if (count > 0)
        memcpy(more, array, (size_t)count * size);
    return more;
}

void scenario_arena_release(struct scenario_arena *arena)
{
    while (arena->first) {
        struct scenario_arena_chunk *next = arena->first->next;
        free(arena->first);
        arena->first = next;
    }
}
