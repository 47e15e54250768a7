/*
 * tests/bench/bench_kernel.c - what the event loop costs, against loops written by hand.
 *
 * kernel.mm1     ns a customer (an arrival and a departure: two events). Yardstick: two clocks and a
 *                ring buffer, with the same draws.
 * kernel.hold.N  ns an event, N pending, each of which schedules itself anew. Yardstick: pop and push
 *                of a bottom-up 4-ary heap without branches, with the same draws, no callback.
 *
 * Both sides must end with the same clock, so that neither can leave work out.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "sim/sim.h"
#include "tests/support/bench.h"

#define KEEP_OUT __attribute__((noinline)) /* both sides are timed as whole functions */

/* ---- M/M/1 ---------------------------------------------------------------------------------- */

#define RING       65536 /* more than the queue at utilisation 0.9 ever holds */
#define ARRIVAL_NS 1.0e6
#define SERVICE_NS 0.9e6

struct customers {
    int64_t arrived_ns[RING];
    uint32_t head;
    uint32_t tail;
    struct sim_stream arrivals;
    struct sim_stream services;
    uint64_t left_count;
    int64_t sojourn_ns;
};

static void customers_init(struct customers *c)
{
    c->head = c->tail = 0;
    c->left_count = 0;
    c->sojourn_ns = 0;
    sim_stream_init(&c->arrivals, 1, 0, "arrivals");
    sim_stream_init(&c->services, 1, 0, "services");
}

struct mm1 {
    struct customers c;
    struct sim_event arrival;
    struct sim_event departure;
    uint64_t until_count;
};

static void mm1_serve(struct sim *sim, struct mm1 *m)
{
    sim_after(sim, &m->departure, sim_exponential_ns(&m->c.services, SERVICE_NS));
}

static void mm1_arrive(struct sim *sim, struct sim_event *event)
{
    struct mm1 *m = sim_container(event, struct mm1, arrival);
    m->c.arrived_ns[m->c.tail++ % RING] = sim_now_ns(sim);
    if (m->c.tail - m->c.head == 1)
        mm1_serve(sim, m);
    sim_after(sim, event, sim_exponential_ns(&m->c.arrivals, ARRIVAL_NS));
}

static void mm1_depart(struct sim *sim, struct sim_event *event)
{
    struct mm1 *m = sim_container(event, struct mm1, departure);
    m->c.sojourn_ns += sim_now_ns(sim) - m->c.arrived_ns[m->c.head++ % RING];
    if (m->c.tail != m->c.head)
        mm1_serve(sim, m);
    if (++m->c.left_count == m->until_count)
        sim_stop(sim);
}

static KEEP_OUT void mm1_run(struct sim *sim, struct mm1 *m, uint64_t count)
{
    m->until_count = m->c.left_count + count;
    sim_run(sim);
}

struct two_clocks {
    struct customers c;
    int64_t now_ns;
    int64_t arrival_ns;
    int64_t departure_ns;
};

static KEEP_OUT void two_clocks_run(struct two_clocks *t, uint64_t count)
{
    struct customers *c = &t->c;
    uint64_t until_count = c->left_count + count;
    while (c->left_count < until_count) {
        if (t->arrival_ns < t->departure_ns) {
            t->now_ns = t->arrival_ns;
            c->arrived_ns[c->tail++ % RING] = t->now_ns;
            if (c->tail - c->head == 1)
                t->departure_ns = t->now_ns + sim_exponential_ns(&c->services, SERVICE_NS);
            t->arrival_ns = t->now_ns + sim_exponential_ns(&c->arrivals, ARRIVAL_NS);
        } else {
            t->now_ns = t->departure_ns;
            c->sojourn_ns += t->now_ns - c->arrived_ns[c->head++ % RING];
            t->departure_ns = INT64_MAX;
            if (c->tail != c->head)
                t->departure_ns = t->now_ns + sim_exponential_ns(&c->services, SERVICE_NS);
            c->left_count++;
        }
    }
}

static void bench_mm1(bool small)
{
    uint64_t count = small ? 20000 : 2000000;
    struct bench bench = {.name = "kernel.mm1"};
    struct sim sim;
    struct mm1 *m = malloc(sizeof(*m));
    struct two_clocks *t = malloc(sizeof(*t));
    assert(m != NULL && t != NULL);
    sim_init(&sim);
    customers_init(&m->c);
    sim_event_init(&m->arrival, mm1_arrive);
    sim_event_init(&m->departure, mm1_depart);
    sim_after(&sim, &m->arrival, sim_exponential_ns(&m->c.arrivals, ARRIVAL_NS));
    customers_init(&t->c);
    t->now_ns = 0;
    t->departure_ns = INT64_MAX;
    t->arrival_ns = sim_exponential_ns(&t->c.arrivals, ARRIVAL_NS);
    for (int round = -1; round < BENCH_ROUNDS; round++) { /* the first warms up */
        int64_t start = bench_cpu_ns();
        mm1_run(&sim, m, count);
        int64_t middle = bench_cpu_ns();
        two_clocks_run(t, count);
        int64_t end = bench_cpu_ns();
        if (m->c.sojourn_ns != t->c.sojourn_ns || sim_now_ns(&sim) != t->now_ns) {
            fprintf(stderr, "kernel.mm1: the event loop and the two clocks disagree\n");
            exit(1);
        }
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / (double)count,
                      (double)(end - middle) / (double)count);
    }
    bench_print(&bench);
    sim_release(&sim);
    free(m);
    free(t);
}

/* ---- hold ----------------------------------------------------------------------------------- */

#define HOLD_NS 1.0e9

struct holder {
    struct sim_event event;
    uint64_t count;
};
_Static_assert(sizeof(struct holder) == 32, "no owner lies across two cache lines");

struct hold {
    struct sim sim;
    struct sim_stream stream;
    uint64_t left;
    struct holder *holders;
};

static void hold_fire(struct sim *sim, struct sim_event *event)
{
    struct hold *h = sim_container(sim, struct hold, sim);
    sim_container(event, struct holder, event)->count++;
    sim_after(sim, event, sim_exponential_ns(&h->stream, HOLD_NS));
    if (--h->left == 0)
        sim_stop(sim);
}

static KEEP_OUT void hold_run(struct hold *h, uint64_t count)
{
    h->left = count;
    sim_run(&h->sim);
}

/* Node 0 lies at at[3], so that four siblings share a cache line. */
struct heap {
    struct sim_node *memory;
    struct sim_node *at; /* at[0] is the smallest */
    uint32_t count;
    uint64_t sequence;
    uint64_t now_ns;
    struct sim_stream stream;
};

static inline uint32_t less(const struct sim_node *a, const struct sim_node *b)
{
    __extension__ typedef unsigned __int128 key;
    return (((key)a->time_ns << 64) | a->tag) < (((key)b->time_ns << 64) | b->tag);
}

static inline void heap_up(struct heap *heap, uint32_t i, struct sim_node node)
{
    while (i > 0 && less(&node, &heap->at[(i - 1) / 4])) {
        heap->at[i] = heap->at[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    heap->at[i] = node;
}

static inline void heap_push(struct heap *heap, uint64_t time_ns, uint64_t slot)
{
    heap_up(heap, heap->count++, (struct sim_node){time_ns, heap->sequence++ << 24 | slot});
}

/* The smallest of four siblings by sums of comparisons, all the way to a leaf; then the last node goes
 * up from there, mostly by nothing. Places behind the end hold the largest node. */
static inline struct sim_node heap_pop(struct heap *heap)
{
    struct sim_node *at = heap->at, first = at[0], last = at[--heap->count];
    at[heap->count] = (struct sim_node){UINT64_MAX, UINT64_MAX};
    uint32_t hole = 0;
    while (4 * hole + 1 < heap->count) {
        const struct sim_node *child = &at[4 * hole + 1];
        uint32_t a = less(&child[1], &child[0]), b = 2 + less(&child[3], &child[2]);
        uint32_t swap = 0 - less(&child[b], &child[a]);
        uint32_t best = 4 * hole + 1 + (a ^ ((a ^ b) & swap));
        at[hole] = at[best];
        hole = best;
    }
    if (heap->count > 0)
        heap_up(heap, hole, last);
    return first;
}

static KEEP_OUT void heap_run(struct heap *heap, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct sim_node node = heap_pop(heap);
        heap->now_ns = node.time_ns;
        heap_push(heap, node.time_ns + (uint64_t)sim_exponential_ns(&heap->stream, HOLD_NS),
                  node.tag & 0xffffff);
    }
}

static void heap_init(struct heap *heap, uint32_t n)
{
    heap->memory = aligned_alloc(64, ((size_t)n + 16) / 4 * 4 * sizeof(heap->memory[0]));
    assert(heap->memory != NULL);
    heap->at = heap->memory + 3;
    heap->count = 0;
    heap->sequence = 1;
    heap->now_ns = 0;
    for (uint32_t i = 0; i < n + 8; i++)
        heap->at[i] = (struct sim_node){UINT64_MAX, UINT64_MAX};
    sim_stream_init(&heap->stream, 1, 0, "hold");
    for (uint32_t i = 0; i < n; i++)
        heap_push(heap, (uint64_t)sim_exponential_ns(&heap->stream, HOLD_NS), i);
}

static void hold_init(struct hold *h, uint32_t n)
{
    sim_init(&h->sim);
    sim_stream_init(&h->stream, 1, 0, "hold");
    h->holders = aligned_alloc(64, ((size_t)n + 1) / 2 * 2 * sizeof(h->holders[0]));
    assert(h->holders != NULL);
    for (uint32_t i = 0; i < n; i++) {
        h->holders[i].count = 0;
        sim_event_init(&h->holders[i].event, hold_fire);
        sim_after(&h->sim, &h->holders[i].event, sim_exponential_ns(&h->stream, HOLD_NS));
    }
}

static void bench_hold(uint32_t n, bool small)
{
    uint64_t count = small ? 20000 : 2000000, warm = small ? n : 3 * (uint64_t)n;
    char name[64];
    snprintf(name, sizeof(name), "kernel.hold.%" PRIu32, n);
    double before_mb = bench_rss_mb();
    struct bench bench = {.name = name};
    struct hold hold;
    struct heap heap;
    hold_init(&hold, n);
    hold_run(&hold, warm);
    bench.rss_mb = bench_rss_mb();
    if (n == 1000000 && bench.rss_mb - before_mb > 200.0) {
        fprintf(stderr, "%s: %.0f MB\n", name, bench.rss_mb - before_mb);
        exit(1);
    }
    heap_init(&heap, n);
    heap_run(&heap, warm);
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_cpu_ns();
        hold_run(&hold, count);
        int64_t middle = bench_cpu_ns();
        heap_run(&heap, count);
        int64_t end = bench_cpu_ns();
        if ((uint64_t)sim_now_ns(&hold.sim) != heap.now_ns) {
            fprintf(stderr, "%s: the event loop and the heap disagree\n", name);
            exit(1);
        }
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / (double)count,
                      (double)(end - middle) / (double)count);
    }
    bench_print(&bench);
    sim_release(&hold.sim);
    free(hold.holders);
    free(heap.memory);
}

int main(int argc, char **argv)
{
    bool small = bench_is_small(argc, argv);
    bench_mm1(small);
    bench_hold(10, small);
    bench_hold(1000, small);
    bench_hold(100000, small);
    bench_hold(1000000, small);
    return 0;
}
