/*
 * sim/queue_nodes.c - an array of the queue's nodes: its memory and its order.
 */
#include "sim/queue_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many, insertion is faster: the run takes no more from buckets, unless all have one time. */
#define INSERTION_MAX 72

void *sim_queue_grow(void *old, size_t count, size_t size)
{
    void *memory = realloc(old, count * size);
    if (memory == NULL) {
        fprintf(stderr, "simulation: out of memory growing the event queue to %zu\n", count);
        abort();
    }
    return memory;
}

void sim_nodes_reserve(struct sim_nodes *nodes, uint32_t capacity)
{
    if (capacity <= nodes->capacity)
        return;
    uint32_t wanted = nodes->capacity < 16 ? 16 : nodes->capacity * 2;
    nodes->capacity = capacity > wanted ? capacity : wanted;
    nodes->at = sim_queue_grow(nodes->at, nodes->capacity, sizeof(nodes->at[0]));
}

void sim_nodes_release(struct sim_nodes *nodes)
{
    free(nodes->at);
    *nodes = (struct sim_nodes){0};
}

static void sort_insertion(struct sim_node *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct sim_node node = at[i];
        size_t j = i;
        for (; j > 0 && sim_node_less(node, at[j - 1]); j--)
            at[j] = at[j - 1];
        at[j] = node;
    }
}

static void merge(const struct sim_node *left, const struct sim_node *middle,
                  const struct sim_node *end, struct sim_node *out)
{
    const struct sim_node *right = middle;
    while (left < middle && right < end)
        *out++ = sim_node_less(*right, *left) ? *right++ : *left++;
    while (left < middle)
        *out++ = *left++;
    while (right < end)
        *out++ = *right++;
}

/* Merge sort from sorted pieces of 16. Only a bucket of one single time is ever this large. */
static void sort_large(struct sim_node *at, size_t n, struct sim_nodes *scratch)
{
    sim_nodes_reserve(scratch, (uint32_t)n);
    struct sim_node *from = at, *to = scratch->at;
    for (size_t i = 0; i < n; i += 16)
        sort_insertion(at + i, n - i < 16 ? n - i : 16);
    for (size_t width = 16; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t middle = i + width < n ? i + width : n;
            size_t end = i + 2 * width < n ? i + 2 * width : n;
            merge(from + i, from + middle, from + end, to + i);
        }
        struct sim_node *swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, n * sizeof(at[0]));
}

void sim_nodes_sort(struct sim_node *at, size_t n, struct sim_nodes *scratch)
{
    if (n <= INSERTION_MAX)
        sort_insertion(at, n);
    else
        sort_large(at, n, scratch);
}
