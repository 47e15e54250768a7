/*
 * sim/queue.h - the pending-event set: who fires next?
 *
 * Shape    Nodes of 16 bytes ordered by (time, priority, sequence). Three places hold them:
 *          `lane`    nodes at the current time, in order: a zero-delay event costs an append;
 *          `near`    a sorted run of all nodes before `limit_ns`;
 *          buckets   everything later, unsorted, by the highest base-2^k digit in which a time
 *                    differs from `base_ns` (a radix heap with digits, or a hierarchical wheel).
 *          An empty run pulls the lowest bucket: sorted when small, spread over lower buckets when
 *          large. A run that grew too long is cut and its tail goes back to the buckets. Small sets
 *          live in the run alone.
 * Cancel   A node is alive while slots[node.slot].tag equals its tag. Cancel and reschedule change
 *          the tag and leave a dead node behind, which is dropped when it is met; when the dead
 *          outnumber the living all are purged.
 * Units    Time: int64_t ns >= 0. Legal because simulated time never runs backwards.
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

/* Tag of a node, most significant first: 4 bits of priority, 36 of sequence, 24 of slot.
 * 16 priorities are plenty; 2^24 pending events need 512 MB; after 2^36 pushes the sequence is
 * renumbered in order, so it never wraps. */
#define SIM_PRIORITY_BITS 4
#define SIM_SEQUENCE_BITS 36
#define SIM_SLOT_BITS     24

struct sim_node {
    uint64_t time_ns;
    uint64_t tag;
};

struct sim_slot {
    void *owner;
    uint64_t tag; /* of the one live node; 0 when the slot is free */
};

#define SIM_DIGIT_BITS 5
#define SIM_DIGITS     (1u << SIM_DIGIT_BITS)
#define SIM_LEVELS     ((63u + SIM_DIGIT_BITS) / SIM_DIGIT_BITS)

struct sim_bucket_nodes {
    struct sim_node *nodes;
    uint32_t count;
    uint32_t capacity;
};

struct sim_queue {
    struct sim_node *near; /* sorted; [near_head, near_tail) are queued */
    uint32_t near_head;
    uint32_t near_tail;
    uint32_t near_capacity;
    uint64_t limit_ns; /* every node before it is in near or lane */
    uint64_t base_ns;  /* buckets are relative to it; base_ns <= limit_ns */

    struct sim_node *lane; /* sorted, all at the current time */
    uint32_t lane_head;
    uint32_t lane_tail;
    uint32_t lane_capacity;

    struct sim_slot *slots; /* slot 0 is never used */
    uint32_t slot_count;
    uint32_t slot_capacity;
    uint32_t slot_free; /* head of the free list, 0 when empty */

    uint64_t sequence;    /* of the next push */
    uint64_t alive_count; /* pending events */
    uint64_t node_count;  /* nodes held, dead ones included */

    uint32_t level_used;             /* bit l: some digit of level l is in use */
    uint32_t digit_used[SIM_LEVELS]; /* bit d: bucket (l, d) is not empty */
    struct sim_bucket_nodes buckets[SIM_LEVELS][SIM_DIGITS];
};

#endif
