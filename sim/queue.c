/*
 * sim/queue.c - the pending-event set away from its hot paths: growth, buckets, refill, any push and pop.
 */
#include "sim/queue_internal.h"

#include <stdlib.h>
#include <string.h>

/* A run longer than this is cut: insertion into long runs is slow, short ones are cut too often. */
#define NEAR_MAX    96
/* Pushes into the run between two looks at its length. */
#define NEAR_ROOM   64
/* What is left of a run that was cut. */
#define NEAR_KEEP   32
/* A bucket up to this size is sorted into the run, a larger one is spread over lower buckets. */
#define NEAR_PULL   48
/* Small neighbouring buckets are pulled together up to this many nodes. */
#define NEAR_GATHER 24
/* The slots of a bucket up to this size are fetched when it is spread: as many as a second-level cache
 * keeps until they are due. */
#define SPREAD_SOON 2048

static void nodes_append(struct sim_nodes *nodes, struct sim_node node)
{
    if (SIM_UNLIKELY(nodes->tail == nodes->capacity))
        sim_nodes_reserve(nodes, nodes->tail + 1);
    nodes->at[nodes->tail++] = node;
}

static uint32_t near_count(const struct sim_queue *q)
{
    return (uint32_t)(q->near_tail - q->near_head);
}

/* Memory for `more` nodes behind the run. */
static void near_reserve(struct sim_queue *q, uint32_t more)
{
    ptrdiff_t head = q->near_head - q->near.at, tail = q->near_tail - q->near.at;
    sim_nodes_reserve(&q->near, (uint32_t)tail + more);
    q->near_head = q->near.at + head;
    q->near_tail = q->near.at + tail;
}

/* Room for as many nodes as there are, or NEAR_ROOM, before the next look at the run. */
static void near_set_stop(struct sim_queue *q)
{
    uint32_t room = near_count(q) > NEAR_ROOM ? near_count(q) : NEAR_ROOM;
    near_reserve(q, room);
    q->near_stop = q->near_tail + room;
}

/* Nothing in the run but, before it, the sentinels that sort before all. */
static void near_clear(struct sim_queue *q)
{
    for (int i = 0; i < SIM_NEAR_STRIDE; i++)
        q->near.at[i] = (struct sim_node){0, 0};
    q->near_head = q->near_tail = q->near.at + SIM_NEAR_STRIDE;
}

/* Nothing anywhere: all times are before the run's limit. */
static void near_reset(struct sim_queue *q)
{
    near_clear(q);
    near_set_stop(q);
    q->base_ns = 0;
    q->limit_ns = SIM_QUEUE_NEVER;
}

void sim_queue_init(struct sim_queue *q)
{
    memset(q, 0, sizeof(*q));
    sim_nodes_reserve(&q->near, 4 * NEAR_MAX);
    q->near_head = q->near_tail = q->near.at;
    sim_nodes_reserve(&q->lane, 16);
    q->sequence = q->settled_count = 1; /* sequence 0 is nobody's */
    near_reset(q);
}

void sim_queue_release(struct sim_queue *q)
{
    sim_nodes_release(&q->near);
    sim_nodes_release(&q->lane);
    sim_nodes_release(&q->scratch);
    for (unsigned level = 0; level < SIM_LEVELS; level++)
        for (unsigned digit = 0; digit < SIM_DIGITS; digit++)
            sim_nodes_release(&q->buckets[level][digit]);
    free(q->slots);
    memset(q, 0, sizeof(*q));
}

static void slot_grow(struct sim_queue *q)
{
    uint32_t old = q->slot_capacity;
    uint32_t capacity = old == 0 ? 64 : old * 2;
    assert(capacity <= SIM_SLOT_MASK + 1 && "too many pending events");
    q->slots = sim_queue_grow(q->slots, capacity, sizeof(q->slots[0]));
    q->slot_capacity = capacity;
    for (uint32_t slot = capacity - 1; slot >= (old == 0 ? 1 : old); slot--) {
        q->slots[slot] = (struct sim_slot){(void *)(uintptr_t)q->slot_free, 0};
        q->slot_free = slot;
    }
    q->slots[0] = (struct sim_slot){NULL, 0};
}

static uint32_t slot_take(struct sim_queue *q)
{
    uint32_t number = q->slot_held;
    q->slot_held = 0;
    if (number != 0)
        return number;
    if (SIM_UNLIKELY(q->slot_free == 0))
        slot_grow(q);
    number = q->slot_free;
    q->slot_free = (uint32_t)(uintptr_t)q->slots[number].owner;
    return number;
}

/* ---- lane ----------------------------------------------------------------------------------- */

static void lane_insert(struct sim_queue *q, struct sim_node node)
{
    struct sim_nodes *lane = &q->lane;
    q->gate_ns = 0;
    if (lane->head == lane->tail)
        lane->head = lane->tail = 0;
    if (SIM_UNLIKELY(lane->tail == lane->capacity) && lane->head > lane->tail / 2) {
        lane->tail -= lane->head;
        memmove(lane->at, lane->at + lane->head, lane->tail * sizeof(lane->at[0]));
        lane->head = 0;
    }
    nodes_append(lane, node);
    struct sim_node *at = lane->at + lane->tail - 1;
    for (; at > lane->at + lane->head && sim_node_less(node, at[-1]); at--)
        at[0] = at[-1];
    at[0] = node;
}

/* ---- buckets -------------------------------------------------------------------------------- */

static void bucket_push(struct sim_queue *q, struct sim_node node)
{
    unsigned level = sim_queue_level_of(node.time_ns ^ q->base_ns);
    unsigned digit = (unsigned)(node.time_ns >> (level * SIM_DIGIT_BITS)) & (SIM_DIGITS - 1);
    q->level_used |= UINT64_C(1) << level;
    q->digit_used[level] |= UINT64_C(1) << digit;
    nodes_append(&q->buckets[level][digit], node);
}

/* First time that belongs to a bucket. */
static uint64_t bucket_start(const struct sim_queue *q, unsigned level, unsigned digit)
{
    unsigned shift = level * SIM_DIGIT_BITS;
    uint64_t above = shift + SIM_DIGIT_BITS >= 64 ? 0 : UINT64_MAX << (shift + SIM_DIGIT_BITS);
    return (q->base_ns & above) | (uint64_t)digit << shift;
}

/* ---- the run -------------------------------------------------------------------------------- */

/* First node that may leave the run: equal times stay together, because limit_ns separates times. The tail
 * when all times are equal. */
static struct sim_node *near_cut(const struct sim_queue *q)
{
    struct sim_node *cut = q->near_head + NEAR_KEEP;
    uint64_t time_ns = cut->time_ns;
    while (cut > q->near_head && cut[-1].time_ns == time_ns)
        cut--;
    if (cut > q->near_head)
        return cut;
    for (cut = q->near_head + NEAR_KEEP; cut < q->near_tail && cut->time_ns == time_ns;)
        cut++;
    return cut;
}

/* The tail of the run goes to the buckets. base_ns must stay no later than any node that a later cut
 * may move, and may only change while no bucket depends on it: now_ns serves then. */
static void near_split(struct sim_queue *q, uint64_t now_ns)
{
    struct sim_node *cut = near_cut(q), *tail = q->near_tail;
    if (cut == tail)
        return;
    if (q->level_used == 0)
        q->base_ns = now_ns;
    assert(cut->time_ns >= q->base_ns);
    q->limit_ns = cut->time_ns;
    q->near_tail = cut;
    for (struct sim_node *node = cut; node < tail; node++)
        bucket_push(q, *node);
}

/* Called when near_tail reaches near_stop: cut a long run, and move it to the front. */
static void near_make_room(struct sim_queue *q, uint64_t now_ns)
{
    if (near_count(q) >= NEAR_MAX)
        near_split(q, now_ns);
    uint32_t count = near_count(q);
    memmove(q->near.at, q->near_head - SIM_NEAR_STRIDE,
            (count + SIM_NEAR_STRIDE) * sizeof(q->near.at[0]));
    q->near_head = q->near.at + SIM_NEAR_STRIDE; /* behind the sentinels */
    q->near_tail = q->near_head + count;
    near_set_stop(q);
}

/* These nodes join the run, and their owners are fetched: no heap knows so early what will fire. */
static void near_load(struct sim_queue *q, const struct sim_nodes *bucket)
{
    near_reserve(q, bucket->tail);
    for (uint32_t i = 0; i < bucket->tail; i++) {
        *q->near_tail++ = bucket->at[i];
        __builtin_prefetch(q->slots[sim_node_slot(bucket->at[i])].owner, 1);
    }
}

/* Fetch the slots of the nodes that the next pull will take. */
static void fetch_ahead(const struct sim_queue *q)
{
    if (q->level_used == 0)
        return;
    unsigned level = (unsigned)__builtin_ctzll(q->level_used);
    uint32_t fetched = 0;
    for (uint64_t used = q->digit_used[level]; used != 0; used &= used - 1) {
        const struct sim_nodes *bucket = &q->buckets[level][__builtin_ctzll(used)];
        fetched += bucket->tail;
        if (fetched > NEAR_PULL)
            return;
        for (uint32_t i = 0; i < bucket->tail; i++)
            __builtin_prefetch(&q->slots[sim_node_slot(bucket->at[i])]);
    }
}

static void near_sort(struct sim_queue *q)
{
    sim_nodes_sort(q->near_head, near_count(q), &q->scratch);
    near_set_stop(q);
}

/* Few nodes in all: the run takes them and every time is before its limit. */
static void refill_all(struct sim_queue *q)
{
    near_reset(q);
    while (q->level_used != 0) {
        unsigned level = (unsigned)__builtin_ctzll(q->level_used);
        unsigned digit = (unsigned)__builtin_ctzll(q->digit_used[level]);
        near_load(q, &q->buckets[level][digit]);
        sim_queue_bucket_empty(q, level, digit);
    }
    near_sort(q);
}

/* Spread a bucket over the levels below. Its new base must be no later than its first time, and no
 * later than until_ns, because time may stop there and later pushes must not fall below the base. */
static void refill_spread(struct sim_queue *q, unsigned level, unsigned digit, uint64_t until_ns)
{
    struct sim_nodes *bucket = &q->buckets[level][digit];
    uint64_t base_ns = until_ns;
    for (uint32_t i = 0; i < bucket->tail; i++)
        if (bucket->at[i].time_ns < base_ns)
            base_ns = bucket->at[i].time_ns;
    struct sim_nodes moved = *bucket;
    sim_queue_bucket_empty(q, level, digit);
    q->limit_ns = q->base_ns = base_ns;
    bool soon = moved.tail <= SPREAD_SOON;
    for (uint32_t i = 0; i < moved.tail; i++) {
        if (soon)
            __builtin_prefetch(&q->slots[sim_node_slot(moved.at[i])]);
        bucket_push(q, moved.at[i]);
    }
}

/* Sort one bucket, and its neighbours as long as they are small, into the empty run. The base stays at
 * the first: it must be no later than the first node. */
static void refill_pull(struct sim_queue *q, unsigned level, unsigned digit, uint64_t until_ns)
{
    near_clear(q);
    q->base_ns = bucket_start(q, level, digit);
    for (;;) {
        near_load(q, &q->buckets[level][digit]);
        sim_queue_bucket_empty(q, level, digit);
        q->limit_ns = bucket_start(q, level, digit) + (UINT64_C(1) << (level * SIM_DIGIT_BITS));
        if (q->digit_used[level] == 0)
            break;
        digit = (unsigned)__builtin_ctzll(q->digit_used[level]);
        if (near_count(q) + q->buckets[level][digit].tail > NEAR_GATHER ||
            bucket_start(q, level, digit) > until_ns)
            break;
    }
    fetch_ahead(q);
    near_sort(q);
}

/* Fills the empty run with the next nodes. False when none can be due by until_ns. */
static bool refill(struct sim_queue *q, uint64_t until_ns)
{
    if (q->level_used == 0) {
        near_reset(q);
        return false;
    }
    if (sim_queue_pending(q) + q->dead_count <= NEAR_PULL) {
        refill_all(q);
        return true;
    }
    for (;;) {
        unsigned level = (unsigned)__builtin_ctzll(q->level_used);
        unsigned digit = (unsigned)__builtin_ctzll(q->digit_used[level]);
        if (bucket_start(q, level, digit) > until_ns)
            return false;
        if (q->buckets[level][digit].tail <= NEAR_PULL || level == 0) {
            refill_pull(q, level, digit, until_ns);
            return true;
        }
        refill_spread(q, level, digit, until_ns);
    }
}

/* ---- any pop -------------------------------------------------------------------------------- */

static bool lane_next(struct sim_queue *q, struct sim_node *node)
{
    struct sim_nodes *lane = &q->lane;
    *node = lane->at[lane->head++];
    if (lane->head == lane->tail)
        q->gate_ns = q->end_ns;
    return true;
}

/* All that sim_queue_next_node does, in any state. */
bool sim_queue_next_any(struct sim_queue *q, struct sim_node *node)
{
    struct sim_nodes *lane = &q->lane;
    *node = (struct sim_node){0, 0};
    if (q->end_ns == 0)
        return false;
    if (lane->head != lane->tail) {
        if (near_count(q) == 0 || sim_node_less(lane->at[lane->head], *q->near_head))
            return lane->at[lane->head].time_ns < q->end_ns && lane_next(q, node);
    } else if (near_count(q) == 0 && !refill(q, q->end_ns - 1)) {
        return false;
    }
    *node = *q->near_head;
    if (node->time_ns >= q->end_ns)
        return false;
    q->near_head++;
    return true;
}

/* ---- any push ------------------------------------------------------------------------------- */

static void place(struct sim_queue *q, uint64_t now_ns, struct sim_node node)
{
    if (node.time_ns == now_ns) {
        lane_insert(q, node);
        return;
    }
    if (SIM_UNLIKELY(q->near_tail == q->near_stop))
        near_make_room(q, now_ns);
    if (node.time_ns < q->limit_ns)
        sim_queue_near_insert(q, node);
    else
        bucket_push(q, node);
}

void sim_queue_push_any(struct sim_queue *q, uint64_t now_ns, uint64_t time_ns, unsigned priority,
                        void *owner, uint32_t *slot)
{
    bool moves = *slot != 0;
    assert(time_ns < SIM_QUEUE_NEVER);
    if (SIM_UNLIKELY(q->sequence >= SIM_SEQUENCE_MAX))
        sim_queue_renumber(q);
    if (!moves)
        *slot = slot_take(q);
    uint64_t tag = sim_queue_tag(q, priority, *slot);
    q->slots[*slot] = (struct sim_slot){owner, tag};
    place(q, now_ns, (struct sim_node){time_ns, tag});
    if (moves)
        sim_queue_bury(q);
}
