/*
 * sim/queue_internal.h - the queue's functions, for sim.c and the queue's own tests. The hot paths are
 * here to be inlined into sim_at and the event loop; the rest is in queue.c.
 */
#ifndef SIM_QUEUE_INTERNAL_H
#define SIM_QUEUE_INTERNAL_H

#include <assert.h>

#include "sim/queue.h"

#define SIM_SLOT_MASK    ((UINT64_C(1) << SIM_SLOT_BITS) - 1)
#define SIM_SEQUENCE_MAX ((UINT64_C(1) << SIM_SEQUENCE_BITS) - 1)

#define SIM_LIKELY(x)   __builtin_expect(!!(x), 1)
#define SIM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Event loop and scheduling are one path; as calls they cost a tenth more. */
#define SIM_HOT static inline __attribute__((always_inline))

void sim_queue_init(struct sim_queue *q);
void sim_queue_release(struct sim_queue *q);
void sim_queue_check(const struct sim_queue *q, uint64_t now_ns);

/* Time of the first live node, UINT64_MAX when there is none. Moves no node. */
uint64_t sim_queue_peek(const struct sim_queue *q);

/* Cold parts of the functions below. */
void sim_queue_slot_grow(struct sim_queue *q);
void sim_queue_renumber(struct sim_queue *q);
void sim_queue_purge(struct sim_queue *q);
void sim_queue_lane_insert(struct sim_queue *q, struct sim_node node);
void sim_queue_near_make_room(struct sim_queue *q, uint64_t now_ns);
void sim_queue_bucket_push(struct sim_queue *q, struct sim_node node);
bool sim_queue_refill(struct sim_queue *q, uint64_t until_ns);

/* Branch-free on 64-bit machines: one subtract with borrow. */
static inline bool sim_node_less(struct sim_node a, struct sim_node b)
{
    __extension__ typedef unsigned __int128 key;
    return (((key)a.time_ns << 64) | a.tag) < (((key)b.time_ns << 64) | b.tag);
}

static inline uint32_t sim_node_slot(struct sim_node node)
{
    return (uint32_t)(node.tag & SIM_SLOT_MASK);
}

static inline bool sim_queue_is_alive(const struct sim_queue *q, struct sim_node node)
{
    return q->slots[sim_node_slot(node)].tag == node.tag;
}

static inline uint32_t sim_queue_slot_take(struct sim_queue *q)
{
    if (SIM_UNLIKELY(q->slot_free == 0))
        sim_queue_slot_grow(q);
    uint32_t slot = q->slot_free;
    q->slot_free = (uint32_t)(uintptr_t)q->slots[slot].owner;
    q->alive_count++;
    return slot;
}

static inline void sim_queue_slot_give(struct sim_queue *q, uint32_t slot)
{
    q->slots[slot].tag = 0;
    q->slots[slot].owner = (void *)(uintptr_t)q->slot_free;
    q->slot_free = slot;
    q->alive_count--;
}

/* The node before the run is smaller than `node`, so the search needs no bound. */
SIM_HOT void sim_queue_near_insert(struct sim_queue *q, struct sim_node node)
{
    struct sim_node *end = q->near.at + q->near.tail++;
    while (sim_node_less(node, end[-1])) {
        end[0] = end[-1];
        end--;
    }
    end[0] = node;
}

SIM_HOT void sim_queue_place(struct sim_queue *q, uint64_t now_ns, struct sim_node node)
{
    if (node.time_ns == now_ns) {
        sim_queue_lane_insert(q, node);
        return;
    }
    if (SIM_UNLIKELY(q->near.tail == q->near_stop))
        sim_queue_near_make_room(q, now_ns);
    if (node.time_ns < q->limit_ns)
        sim_queue_near_insert(q, node);
    else
        sim_queue_bucket_push(q, node);
}

/* One more node is dead. */
static inline void sim_queue_bury(struct sim_queue *q)
{
    if (++q->dead_count > q->alive_count + 64) /* 64: not worth it when tiny */
        sim_queue_purge(q);
}

/* Queue `owner` at time_ns >= now_ns under *slot; 0 there takes a slot, otherwise its node moves. */
SIM_HOT void sim_queue_push(struct sim_queue *q, uint64_t now_ns, uint64_t time_ns,
                            unsigned priority, void *owner, uint32_t *slot)
{
    if (SIM_UNLIKELY(q->sequence == SIM_SEQUENCE_MAX))
        sim_queue_renumber(q);
    uint32_t old = *slot, number = old != 0 ? old : sim_queue_slot_take(q);
    uint64_t tag = (uint64_t)priority << (SIM_SEQUENCE_BITS + SIM_SLOT_BITS) |
                   q->sequence++ << SIM_SLOT_BITS | number;
    q->slots[number] = (struct sim_slot){owner, tag};
    *slot = number;
    sim_queue_place(q, now_ns, (struct sim_node){time_ns, tag});
    if (SIM_UNLIKELY(old != 0))
        sim_queue_bury(q);
}

static inline void sim_queue_cancel(struct sim_queue *q, uint32_t slot)
{
    sim_queue_slot_give(q, slot);
    sim_queue_bury(q);
}

/* The smallest node no later than until_ns, dead or alive; false when there is none. */
SIM_HOT bool sim_queue_next_node(struct sim_queue *q, uint64_t until_ns, struct sim_node *node)
{
    struct sim_nodes *near = &q->near, *lane = &q->lane;
    if (lane->head != lane->tail) {
        *node = lane->at[lane->head];
        if (near->head == near->tail || sim_node_less(*node, near->at[near->head])) {
            if (node->time_ns > until_ns)
                return false;
            lane->head++;
            return true;
        }
    } else if (SIM_UNLIKELY(near->head == near->tail) && !sim_queue_refill(q, until_ns)) {
        return false;
    }
    *node = near->at[near->head];
    if (node->time_ns > until_ns)
        return false;
    near->head++;
    return true;
}

/* Remove the first live node no later than until_ns and free its slot. Returns its owner or NULL. */
SIM_HOT void *sim_queue_pop(struct sim_queue *q, uint64_t until_ns, struct sim_node *node)
{
    while (sim_queue_next_node(q, until_ns, node)) {
        uint32_t slot = sim_node_slot(*node);
        if (SIM_UNLIKELY(q->slots[slot].tag != node->tag)) {
            q->dead_count--;
            continue;
        }
        void *owner = q->slots[slot].owner;
        sim_queue_slot_give(q, slot);
        return owner;
    }
    return NULL;
}

#endif
