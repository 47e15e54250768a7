/*
 * model/client/heap_internal.h - which of a few numbered things comes first.
 *
 * Shape    A binary heap of indexes by (key, index). Keys and places are arrays of the owner's, so several heaps can share them as
 *          long as each index is in one heap at most. A place of 0 means "in none".
 */
#ifndef MODEL_CLIENT_HEAP_INTERNAL_H
#define MODEL_CLIENT_HEAP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "sim/memory.h"

struct heap {
    uint32_t *items; /* [1 .. count] */
    uint32_t count;
    uint32_t capacity;
    int64_t *keys;
    uint32_t *places;
};

static inline bool heap_before(const struct heap *heap, uint32_t a, uint32_t b)
{
    return heap->keys[a] != heap->keys[b] ? heap->keys[a] < heap->keys[b] : a < b;
}

static inline void heap_put(struct heap *heap, uint32_t place, uint32_t item)
{
    heap->items[place] = item;
    heap->places[item] = place;
}

static inline void heap_settle(struct heap *heap, uint32_t place)
{
    uint32_t item = heap->items[place];
    for (; place > 1 && heap_before(heap, item, heap->items[place / 2]); place /= 2)
        heap_put(heap, place, heap->items[place / 2]);
    for (uint32_t child; (child = 2 * place) <= heap->count; place = child) {
        if (child < heap->count && heap_before(heap, heap->items[child + 1], heap->items[child]))
            child++;
        if (!heap_before(heap, heap->items[child], item))
            break;
        heap_put(heap, place, heap->items[child]);
    }
    heap_put(heap, place, item);
}

static inline void heap_remove(struct heap *heap, uint32_t item)
{
    uint32_t place = heap->places[item];
    if (place == 0)
        return;
    heap->places[item] = 0;
    uint32_t last = heap->items[heap->count--];
    if (last == item)
        return;
    heap_put(heap, place, last);
    heap_settle(heap, place);
}

static inline void heap_append(struct heap *heap, uint32_t item)
{
    if (heap->count + 1 >= heap->capacity) {
        heap->capacity = heap->capacity ? 2 * heap->capacity : 8;
        heap->items = sim_checked(realloc(heap->items, heap->capacity * sizeof *heap->items));
    }
    heap_put(heap, ++heap->count, item);
}

/* Puts the item in, or moves it. INT64_MAX takes it out. */
static inline void heap_set(struct heap *heap, uint32_t item, int64_t key)
{
    if (key == INT64_MAX) {
        heap_remove(heap, item);
        heap->keys[item] = key;
        return;
    }
    heap->keys[item] = key;
    if (heap->places[item] == 0)
        heap_append(heap, item);
    heap_settle(heap, heap->places[item]);
}

static inline int64_t heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->keys[heap->items[1]] : INT64_MAX;
}

#endif
