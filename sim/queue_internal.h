/*
 * sim/queue_internal.h - the queue's functions, for sim.c and the queue's own tests. The hot paths are
 * here to be inlined into sim_at and the event loop; the rest is in queue.c, queue_nodes.c and queue_all.c.
 */
#ifndef SIM_QUEUE_INTERNAL_H
#define SIM_QUEUE_INTERNAL_H

#include <assert.h>

#include "sim/queue.h"

#define SIM_SLOT_MASK ((UINT64_C(1) << SIM_SLOT_BITS) - 1)

/* Sequences are looked at before they get here: from there on nodes go in from the end of the run, which is
 * tidied up at least once in 2^32 such pushes, and that is the place. */
#define SIM_SEQUENCE_MAX ((UINT64_C(1) << SIM_SEQUENCE_BITS) - (UINT64_C(1) << 33))

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
void sim_queue_renumber(struct sim_queue *q);
void sim_queue_purge(struct sim_queue *q);
bool sim_queue_next_any(struct sim_queue *q, struct sim_node *node);

/* queue_nodes.c. The memory is there, or the program ends. */
void *sim_queue_grow(void *old, size_t count, size_t size);
void sim_nodes_reserve(struct sim_nodes *nodes, uint32_t capacity);
void sim_nodes_release(struct sim_nodes *nodes);
/* scratch: memory that the sort may take; what is in it is lost. */
void sim_nodes_sort(struct sim_node *at, size_t n, struct sim_nodes *scratch);

/* Level of the bucket for a time; difference: its bits that are not those of base_ns. */
static inline unsigned sim_queue_level_of(uint64_t difference)
{
    return (63u - (unsigned)__builtin_clzll(difference | 1)) / SIM_DIGIT_BITS;
}

/* Nothing of the bucket is kept. */
static inline void sim_queue_bucket_empty(struct sim_queue *q, unsigned level, unsigned digit)
{
    q->buckets[level][digit].tail = 0;
    q->digit_used[level] &= ~(UINT64_C(1) << digit);
    if (q->digit_used[level] == 0)
        q->level_used &= ~(UINT64_C(1) << level);
}

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

SIM_HOT uint64_t sim_queue_tag(struct sim_queue *q, unsigned priority, uint32_t slot)
{
    return (uint64_t)priority << (SIM_SEQUENCE_BITS + SIM_SLOT_BITS) |
           q->sequence++ << SIM_SLOT_BITS | slot;
}

static inline void sim_queue_slot_give(struct sim_queue *q, uint32_t number)
{
    q->slots[number].owner = (void *)(uintptr_t)q->slot_free;
    q->slot_free = number;
}

/* A node by its two words: it was often stored so a moment ago, and the processor forwards no two stores
 * to one load of 16 bytes. The empty statement keeps the compiler from making it one. */
SIM_HOT struct sim_node sim_node_load(const struct sim_node *at)
{
    struct sim_node node = {at->time_ns, at->tag};
    __asm__("" : "+r"(node.time_ns), "+r"(node.tag));
    return node;
}

/* A node as one register; those far from the end were not stored a moment ago. */
typedef uint64_t sim_node_words __attribute__((vector_size(16), aligned(8), may_alias));

/* A node that goes far from the end passes so many at a time, after the first steps. */
#define SIM_NEAR_STRIDE 4

/* A node that belongs among so many at the front of a run of twice as many goes in from there. */
#define SIM_NEAR_FRONT 8

/* What fires soon has more behind it than before it. The place of a popped node takes the first of those before it. */
SIM_HOT bool sim_queue_near_is_front(const struct sim_queue *q, struct sim_node node)
{
    return q->near_tail - q->near_head >= 2 * SIM_NEAR_FRONT &&
           sim_node_less(node, q->near_head[SIM_NEAR_FRONT]) &&
           q->near_head - q->near.at > SIM_NEAR_STRIDE && q->sequence < SIM_SEQUENCE_MAX;
}

SIM_HOT void sim_queue_near_insert_front(struct sim_queue *q, struct sim_node node)
{
    struct sim_node *at = --q->near_head;
    for (; sim_node_less(at[1], node); at++)
        at[0] = at[1];
    at[0] = node;
}

/* The nodes before the run (SIM_NEAR_STRIDE of them) are smaller than `node`, so the search needs no bound. */
SIM_HOT void sim_queue_near_insert(struct sim_queue *q, struct sim_node node)
{
    if (sim_queue_near_is_front(q, node)) {
        sim_queue_near_insert_front(q, node);
        return;
    }
    struct sim_node *end = q->near_tail++;
    struct sim_node last = sim_node_load(&end[-1]);
    for (const struct sim_node *near = end - SIM_NEAR_STRIDE; sim_node_less(node, last);) {
        end[0] = last;
        end--;
        while (SIM_UNLIKELY(end < near) && sim_node_less(node, end[-SIM_NEAR_STRIDE])) {
            sim_node_words *at = (sim_node_words *)end;
            sim_node_words a = at[-1], b = at[-2], c = at[-3], d = at[-4];
            at[0] = a;
            at[-1] = b;
            at[-2] = c;
            at[-3] = d;
            end -= SIM_NEAR_STRIDE;
        }
        last = sim_node_load(&end[-1]);
    }
    end[0] = node;
}

static inline uint64_t sim_queue_pending(const struct sim_queue *q)
{
    return q->sequence - q->popped_count - q->settled_count;
}

/* One more node is dead, and its sequence settled. */
static inline void sim_queue_bury(struct sim_queue *q)
{
    q->settled_count++;
    if (++q->dead_count > sim_queue_pending(q) + 64) /* 64: not worth it when tiny */
        sim_queue_purge(q);
}

/* All that sim_queue_push does, in any state. */
void sim_queue_push_any(struct sim_queue *q, uint64_t now_ns, uint64_t time_ns, unsigned priority,
                        void *owner, uint32_t *slot);

/* Queue `owner` at time_ns >= now_ns under *slot; 0 there takes a slot, otherwise its node moves. Here is
 * the most common case, the first new event of one that fires; it calls nothing, so that no register is
 * saved for it. */
SIM_HOT void sim_queue_push(struct sim_queue *q, uint64_t now_ns, uint64_t time_ns,
                            unsigned priority, void *owner, uint32_t *slot)
{
    uint32_t number = q->slot_held;
    if (SIM_UNLIKELY(time_ns == now_ns || time_ns >= q->limit_ns || *slot != 0 || number == 0 ||
                     q->near_tail == q->near_stop)) {
        sim_queue_push_any(q, now_ns, time_ns, priority, owner, slot);
        return;
    }
    uint64_t tag = sim_queue_tag(q, priority, number);
    q->slots[number] = (struct sim_slot){owner, tag};
    q->slot_held = 0;
    *slot = number;
    sim_queue_near_insert(q, (struct sim_node){time_ns, tag});
}

static inline void sim_queue_cancel(struct sim_queue *q, uint32_t slot)
{
    q->slots[slot].tag = 0;
    sim_queue_slot_give(q, slot);
    sim_queue_bury(q);
}

/* From now on nodes before end_ns may be popped; 0: none. */
static inline void sim_queue_open(struct sim_queue *q, uint64_t end_ns)
{
    q->end_ns = end_ns;
    q->gate_ns = q->lane.head == q->lane.tail ? end_ns : 0;
}

/* The smallest node before end_ns, dead or alive; false when there is none. The common case keeps the node
 * in registers: only the copy below has an address. */
SIM_HOT bool sim_queue_next_node(struct sim_queue *q, struct sim_node *node)
{
    if (SIM_LIKELY(q->near_head != q->near_tail)) {
        *node = sim_node_load(q->near_head);
        if (SIM_LIKELY(node->time_ns < q->gate_ns)) {
            q->near_head++;
            return true;
        }
    }
    struct sim_node copy;
    bool found = sim_queue_next_any(q, &copy);
    *node = copy;
    return found;
}

/* Remove the first live node before end_ns and hold its slot. Returns its owner or NULL. */
SIM_HOT void *sim_queue_pop(struct sim_queue *q, struct sim_node *node)
{
    while (sim_queue_next_node(q, node)) {
        uint32_t number = sim_node_slot(*node);
        const struct sim_slot *slot = &q->slots[number];
        if (SIM_UNLIKELY(slot->tag != node->tag)) {
            q->dead_count--;
            continue;
        }
        q->slot_held = number;
        q->popped_count++;
        return slot->owner;
    }
    return NULL;
}

/* Loads ahead the owner of the next node, as it stands now: seldom does a callback put another before it. What
 * an event belongs to reaches into the next line of the cache, too. An address and no pointer: a dead node's slot
 * has no owner. */
SIM_HOT void sim_queue_fetch_next(const struct sim_queue *q)
{
    if (SIM_UNLIKELY(q->near_head == q->near_tail))
        return;
    uintptr_t owner = (uintptr_t)q->slots[sim_node_slot(*q->near_head)].owner;
    __builtin_prefetch((const void *)owner);
    __builtin_prefetch((const void *)(owner + 64));
}

/* After the owner's callback: free the slot if nothing took it. Its tag may stay, for only the node that
 * was popped had it. */
SIM_HOT void sim_queue_popped(struct sim_queue *q)
{
    if (q->slot_held != 0)
        sim_queue_slot_give(q, q->slot_held);
    q->slot_held = 0;
}

#endif
