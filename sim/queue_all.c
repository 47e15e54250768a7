/*
 * sim/queue_all.c - what goes over all nodes of the queue: peek, purge, renumber, check. Rare, or for tests.
 */
#include "sim/queue_internal.h"

#include <stdlib.h>
#include <string.h>

/* The run as indices into its memory. */
static struct sim_nodes near_nodes(const struct sim_queue *q)
{
    struct sim_nodes near = q->near;
    near.head = (uint32_t)(q->near_head - near.at);
    near.tail = (uint32_t)(q->near_tail - near.at);
    return near;
}

static uint64_t nodes_first_alive(const struct sim_queue *q, const struct sim_nodes *nodes)
{
    uint64_t first_ns = UINT64_MAX;
    for (uint32_t i = nodes->head; i < nodes->tail; i++)
        if (nodes->at[i].time_ns < first_ns && sim_queue_is_alive(q, nodes->at[i]))
            first_ns = nodes->at[i].time_ns;
    return first_ns;
}

static uint64_t buckets_first_alive(const struct sim_queue *q)
{
    for (unsigned level = 0; level < SIM_LEVELS; level++)
        for (uint64_t used = q->digit_used[level]; used != 0; used &= used - 1) {
            unsigned digit = (unsigned)__builtin_ctzll(used);
            uint64_t first_ns = nodes_first_alive(q, &q->buckets[level][digit]);
            if (first_ns != UINT64_MAX)
                return first_ns;
        }
    return UINT64_MAX;
}

uint64_t sim_queue_peek(const struct sim_queue *q)
{
    uint64_t first_ns = nodes_first_alive(q, &q->lane);
    const struct sim_node *node = q->near_head;
    for (; node < q->near_tail && first_ns == UINT64_MAX; node++)
        if (sim_queue_is_alive(q, *node))
            first_ns = node->time_ns;
    return first_ns != UINT64_MAX ? first_ns : buckets_first_alive(q);
}

static void nodes_purge(struct sim_queue *q, struct sim_nodes *nodes)
{
    uint32_t kept = nodes->head;
    for (uint32_t i = nodes->head; i < nodes->tail; i++)
        if (sim_queue_is_alive(q, nodes->at[i]))
            nodes->at[kept++] = nodes->at[i];
    q->dead_count -= nodes->tail - kept;
    nodes->tail = kept;
}

/* Drop every dead node. */
void sim_queue_purge(struct sim_queue *q)
{
    nodes_purge(q, &q->lane);
    struct sim_nodes near = near_nodes(q);
    nodes_purge(q, &near);
    q->near_tail = near.at + near.tail;
    for (unsigned level = 0; level < SIM_LEVELS; level++)
        for (uint64_t used = q->digit_used[level]; used != 0; used &= used - 1) {
            unsigned digit = (unsigned)__builtin_ctzll(used);
            nodes_purge(q, &q->buckets[level][digit]);
            if (q->buckets[level][digit].tail == 0)
                sim_queue_bucket_empty(q, level, digit);
        }
    assert(q->dead_count == 0);
}

static uint32_t nodes_collect(const struct sim_nodes *nodes, struct sim_node *out)
{
    memcpy(out, nodes->at + nodes->head, (nodes->tail - nodes->head) * sizeof(out[0]));
    return nodes->tail - nodes->head;
}

static void nodes_retag(const struct sim_queue *q, struct sim_nodes *nodes)
{
    for (uint32_t i = nodes->head; i < nodes->tail; i++)
        nodes->at[i].tag = q->slots[sim_node_slot(nodes->at[i])].tag;
}

#define BUCKETS (SIM_LEVELS * SIM_DIGITS)

static struct sim_nodes *bucket_at(struct sim_queue *q, unsigned i)
{
    return &q->buckets[i / SIM_DIGITS][i % SIM_DIGITS];
}

/* Sequences 1, 2, 3 ... in the present order: it stays the same, and pushes can go on. */
void sim_queue_renumber(struct sim_queue *q)
{
    sim_queue_purge(q);
    struct sim_node *all = sim_queue_grow(NULL, sim_queue_pending(q) + 1, sizeof(all[0]));
    uint32_t n = nodes_collect(&q->lane, all);
    struct sim_nodes near = near_nodes(q);
    n += nodes_collect(&near, all + n);
    for (unsigned i = 0; i < BUCKETS; i++)
        if (bucket_at(q, i)->tail > 0)
            n += nodes_collect(bucket_at(q, i), all + n);
    sim_nodes_sort(all, n, &q->scratch);
    uint64_t sequence = 1, mask = ((UINT64_C(1) << SIM_SEQUENCE_BITS) - 1) << SIM_SLOT_BITS;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *tag = &q->slots[sim_node_slot(all[i])].tag;
        *tag = (*tag & ~mask) | sequence++ << SIM_SLOT_BITS;
    }
    q->settled_count -= q->sequence - sequence; /* modulo 2^64: only the difference counts */
    q->sequence = sequence;
    free(all);
    nodes_retag(q, &q->lane);
    nodes_retag(q, &near);
    for (unsigned i = 0; i < BUCKETS; i++)
        nodes_retag(q, bucket_at(q, i));
}

static void check_sorted(const struct sim_nodes *nodes)
{
    assert(nodes->head <= nodes->tail && nodes->tail <= nodes->capacity);
    for (uint32_t i = nodes->head; i + 1 < nodes->tail; i++)
        assert(sim_node_less(nodes->at[i], nodes->at[i + 1]));
}

static uint64_t check_bucket(const struct sim_queue *q, unsigned level, unsigned digit)
{
    const struct sim_nodes *bucket = &q->buckets[level][digit];
    assert(bucket->head == 0);
    assert((bucket->tail != 0) == (q->digit_used[level] >> digit & 1));
    uint64_t alive = 0;
    for (uint32_t i = 0; i < bucket->tail; i++) {
        uint64_t time_ns = bucket->at[i].time_ns;
        assert(time_ns >= q->limit_ns);
        assert(sim_queue_level_of(time_ns ^ q->base_ns) == level);
        assert((time_ns >> (level * SIM_DIGIT_BITS) & (SIM_DIGITS - 1)) == digit);
        alive += sim_queue_is_alive(q, bucket->at[i]);
    }
    return alive;
}

static uint64_t count_alive(const struct sim_queue *q, const struct sim_nodes *nodes)
{
    uint64_t alive = 0;
    for (uint32_t i = nodes->head; i < nodes->tail; i++)
        alive += sim_queue_is_alive(q, nodes->at[i]);
    return alive;
}

void sim_queue_check(const struct sim_queue *q, uint64_t now_ns)
{
    check_sorted(&q->lane);
    struct sim_nodes near = near_nodes(q);
    check_sorted(&near);
    for (uint32_t i = q->lane.head; i < q->lane.tail; i++)
        assert(q->lane.at[i].time_ns == now_ns);
    for (uint32_t i = near.head; i < near.tail; i++)
        assert(near.at[i].time_ns >= now_ns && near.at[i].time_ns < q->limit_ns);
    uint64_t alive = count_alive(q, &q->lane) + count_alive(q, &near);
    uint64_t nodes = q->lane.tail - q->lane.head + near.tail - near.head;
    assert(q->base_ns <= now_ns || q->level_used == 0);
    for (unsigned level = 0; level < SIM_LEVELS; level++) {
        assert((q->digit_used[level] != 0) == (q->level_used >> level & 1));
        for (unsigned digit = 0; digit < SIM_DIGITS; digit++) {
            alive += check_bucket(q, level, digit);
            nodes += q->buckets[level][digit].tail;
        }
    }
    assert(q->lane.head == q->lane.tail || q->gate_ns == 0);
    assert(alive == sim_queue_pending(q) && nodes == alive + q->dead_count);
}
