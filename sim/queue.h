/*
 * sim/queue.h - the pending-event set: who fires next?
 *
 * Shape    Nodes of 16 bytes ordered by (time, priority, sequence). Three places hold them:
 *          `lane`    nodes at the current time, in order: a zero-delay event costs an append;
 *          `near`    a sorted run of all other nodes before `limit_ns`;
 *          buckets   everything later, unsorted, by the highest base-2^k digit in which a time
 *                    differs from `base_ns` (a radix heap with digits).
 *          An empty run pulls the lowest bucket: sorted when small, spread over lower buckets when
 *          large. A run that grew too long is cut and its tail goes back to the buckets. Small sets
 *          live in the run alone.
 * Cancel   A node is alive while slots[its slot].tag equals its tag. Cancel and reschedule change
 *          the slot and leave a dead node behind, which is dropped when it is met; when the dead
 *          outnumber the living all are purged.
 * Units    Time: int64_t ns >= 0, held unsigned. Legal because simulated time never runs backwards.
 * Omits    Threads. One simulation is one thread's.
 * Source   R. K. Ahuja, K. Mehlhorn, J. B. Orlin, R. E. Tarjan, "Faster algorithms for the
 *          shortest path problem", J. ACM 37 (1990), for the radix heap.
 * Checked  tests/sim/test_queue.c against a naive sorted list; tests/bench/bench_kernel.c.
 *
 * Models use sim/sim.h; this header is public because struct sim embeds the queue.
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tag of a node, most significant first: priority, sequence, slot. 16 priorities are plenty; 2^24
 * pending events would fill 800 MB; after 2^36 pushes all sequences are renumbered in order. */
#define SIM_PRIORITY_BITS 4
#define SIM_SEQUENCE_BITS 36
#define SIM_SLOT_BITS     24
_Static_assert(SIM_PRIORITY_BITS + SIM_SEQUENCE_BITS + SIM_SLOT_BITS == 64, "a tag is one word");

struct sim_node {
    uint64_t time_ns;
    uint64_t tag;
};
_Static_assert(sizeof(struct sim_node) == 16, "four nodes a cache line");

struct sim_slot {
    void *owner;  /* free slots: number of the next free one */
    uint64_t tag; /* of the one live node; 0 when the slot is free */
};

/* Later than any event. No limit exceeds it, so that only sim_queue_push_any has to look for it. */
#define SIM_QUEUE_NEVER ((UINT64_C(1) << 63) - 1)

/* Bits a digit: the best of 2 to 6 in tests/bench/bench_kernel.c at 10^5 and 10^6 pending. */
#ifndef SIM_DIGIT_BITS
#define SIM_DIGIT_BITS 3
#endif
#define SIM_DIGITS (1u << SIM_DIGIT_BITS)
#define SIM_LEVELS ((63u + SIM_DIGIT_BITS) / SIM_DIGIT_BITS)

/* A growing array of nodes; [head, tail) are in use. */
struct sim_nodes {
    struct sim_node *at;
    uint32_t head;
    uint32_t tail;
    uint32_t capacity;
};

struct sim_queue {
    struct sim_node
        *near_head; /* sorted; the nodes before are smaller than any that may be inserted */
    struct sim_node *near_tail;
    struct sim_node *near_stop; /* when near_tail gets here there is something to tidy up */
    struct sim_nodes lane;      /* sorted, all at the current time */
    uint64_t limit_ns; /* every node before it is in near or lane, every other in a bucket */
    uint64_t base_ns;  /* buckets are relative to it; base_ns <= limit_ns */
    uint64_t end_ns;   /* nodes before it may be popped */
    uint64_t gate_ns;  /* 0 while the lane holds something, else end_ns: one comparison for both */
    struct sim_nodes near; /* the run's memory; its head and tail are the pointers above */

    uint32_t slot_held; /* of the event being fired: for the first it schedules, then 0 */
    uint32_t slot_free; /* head of the free list, 0 when empty; slot 0 is never used */
    uint32_t slot_count;
    uint32_t slot_capacity;
    struct sim_slot *slots;

    uint64_t sequence;      /* of the next push */
    uint64_t popped_count;  /* events that were fired */
    uint64_t settled_count; /* sequences of no event, cancelled or moved; pending is what is left */
    uint64_t dead_count;    /* nodes held beside those of pending events */

    uint64_t level_used;             /* bit l: some bucket of level l is not empty */
    uint64_t digit_used[SIM_LEVELS]; /* bit d: bucket (l, d) is not empty */
    struct sim_nodes buckets[SIM_LEVELS][SIM_DIGITS];
    struct sim_nodes scratch; /* for sorting and splitting */
};

#endif
