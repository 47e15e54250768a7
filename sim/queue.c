/*
 * sim/queue.c - the pending-event set away from its hot paths: growth, buckets, refill, purge.
 */
#include "sim/queue_internal.h"

#include <stdio.h>
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

static void *grow(void *old, size_t count, size_t size)
{
    void *memory = realloc(old, count * size);
    if (memory == NULL) {
        fprintf(stderr, "simulation: out of memory growing the event queue to %zu\n", count);
        abort();
    }
    return memory;
}

static void nodes_reserve(struct sim_nodes *nodes, uint32_t capacity)
{
    if (capacity <= nodes->capacity)
        return;
    uint32_t wanted = nodes->capacity < 16 ? 16 : nodes->capacity * 2;
    nodes->capacity = capacity > wanted ? capacity : wanted;
    nodes->at = grow(nodes->at, nodes->capacity, sizeof(nodes->at[0]));
}

static void nodes_append(struct sim_nodes *nodes, struct sim_node node)
{
    if (SIM_UNLIKELY(nodes->tail == nodes->capacity))
        nodes_reserve(nodes, nodes->tail + 1);
    nodes->at[nodes->tail++] = node;
}

static void nodes_release(struct sim_nodes *nodes)
{
    free(nodes->at);
    *nodes = (struct sim_nodes){0};
}

static uint32_t near_count(const struct sim_queue *q)
{
    return (uint32_t)(q->near_tail - q->near_head);
}

/* Memory for `more` nodes behind the run. */
static void near_reserve(struct sim_queue *q, uint32_t more)
{
    ptrdiff_t head = q->near_head - q->near.at, tail = q->near_tail - q->near.at;
    nodes_reserve(&q->near, (uint32_t)tail + more);
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
    nodes_reserve(&q->near, 4 * NEAR_MAX);
    q->near_head = q->near_tail = q->near.at;
    nodes_reserve(&q->lane, 16);
    q->sequence = q->settled_count = 1; /* sequence 0 is nobody's */
    near_reset(q);
}

void sim_queue_release(struct sim_queue *q)
{
    nodes_release(&q->near);
    nodes_release(&q->lane);
    nodes_release(&q->scratch);
    for (unsigned level = 0; level < SIM_LEVELS; level++)
        for (unsigned digit = 0; digit < SIM_DIGITS; digit++)
            nodes_release(&q->buckets[level][digit]);
    free(q->slots);
    memset(q, 0, sizeof(*q));
}

static void slot_grow(struct sim_queue *q)
{
    uint32_t old = q->slot_capacity;
    uint32_t capacity = old == 0 ? 64 : old * 2;
    assert(capacity <= SIM_SLOT_MASK + 1 && "too many pending events");
    q->slots = grow(q->slots, capacity, sizeof(q->slots[0]));
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

static unsigned level_of(uint64_t difference)
{
    return (63u - (unsigned)__builtin_clzll(difference | 1)) / SIM_DIGIT_BITS;
}

static void bucket_push(struct sim_queue *q, struct sim_node node)
{
    unsigned level = level_of(node.time_ns ^ q->base_ns);
    unsigned digit = (unsigned)(node.time_ns >> (level * SIM_DIGIT_BITS)) & (SIM_DIGITS - 1);
    q->level_used |= UINT64_C(1) << level;
    q->digit_used[level] |= UINT64_C(1) << digit;
    nodes_append(&q->buckets[level][digit], node);
}

static void bucket_mark_empty(struct sim_queue *q, unsigned level, unsigned digit)
{
    q->buckets[level][digit].tail = 0;
    q->digit_used[level] &= ~(UINT64_C(1) << digit);
    if (q->digit_used[level] == 0)
        q->level_used &= ~(UINT64_C(1) << level);
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
    nodes_reserve(scratch, (uint32_t)n);
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
    uint32_t n = near_count(q);
    if (n <= NEAR_PULL + NEAR_GATHER)
        sort_insertion(q->near_head, n);
    else
        sort_large(q->near_head, n, &q->scratch);
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
        bucket_mark_empty(q, level, digit);
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
    bucket_mark_empty(q, level, digit);
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
        bucket_mark_empty(q, level, digit);
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

/* ---- all nodes ------------------------------------------------------------------------------ */

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
                bucket_mark_empty(q, level, digit);
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
    struct sim_node *all = grow(NULL, sim_queue_pending(q) + 1, sizeof(all[0]));
    uint32_t n = nodes_collect(&q->lane, all);
    struct sim_nodes near = near_nodes(q);
    n += nodes_collect(&near, all + n);
    for (unsigned i = 0; i < BUCKETS; i++)
        if (bucket_at(q, i)->tail > 0)
            n += nodes_collect(bucket_at(q, i), all + n);
    sort_large(all, n, &q->scratch);
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
        assert(level_of(time_ns ^ q->base_ns) == level);
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
