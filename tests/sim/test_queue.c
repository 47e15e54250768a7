/*
 * tests/sim/test_queue.c - the event queue against a list that is searched from end to end.
 *
 * Both get the same random schedule, cancel, reschedule and run operations; times collide on purpose.
 * Every event that fires must be the one the list would fire, at the same time, with the same number
 * pending before and after.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/queue_internal.h"
#include "sim/random.h"
#include "sim/sim.h"

struct actor {
    struct sim_event event;
    int64_t time_ns;
    int priority;
    uint64_t order;
    bool pending;
};

struct world {
    struct sim sim;
    struct sim_stream stream;
    struct actor *actors;
    unsigned count;
    uint64_t order;
    struct actor *fired; /* by the last step */
    unsigned again;      /* one of `again` callbacks schedules itself */
    int law;
};

static struct world *world_of(struct sim *sim)
{
    return sim_container(sim, struct world, sim);
}

/* Delays: 0 ties with now; 1 few distinct; 2 wide; 3 clustered far away; 4 all equal. */
static int64_t draw_delay(struct world *w)
{
    switch (w->law) {
    case 0:
        return (int64_t)sim_below(&w->stream, 3);
    case 1:
        return (int64_t)sim_below(&w->stream, 50) * 1000;
    case 2:
        return (int64_t)(sim_u64(&w->stream) >> (1 + 20 + sim_below(&w->stream, 42)));
    case 3:
        return INT64_C(1000000000000) + (int64_t)sim_below(&w->stream, 40);
    case 4:
        return 77;
    default:
        return sim_exponential_ns(&w->stream, 1e6);
    }
}

static void schedule(struct world *w, struct actor *actor)
{
    actor->time_ns = w->sim.now_ns + draw_delay(w);
    actor->priority =
        sim_below(&w->stream, 4) == 0 ? (int)sim_below(&w->stream, 16) : SIM_PRIORITY_NORMAL;
    actor->order = w->order++;
    actor->pending = true;
    sim_at(&w->sim, &actor->event, actor->time_ns, actor->priority);
}

static void fire(struct sim *sim, struct sim_event *event)
{
    struct world *w = world_of(sim);
    w->fired = sim_container(event, struct actor, event);
    assert_false(sim_is_pending(event));
}

static bool is_before(const struct actor *a, const struct actor *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->order < b->order;
}

static struct actor *naive_first(struct world *w)
{
    struct actor *first = NULL;
    for (unsigned i = 0; i < w->count; i++)
        if (w->actors[i].pending && (first == NULL || is_before(&w->actors[i], first)))
            first = &w->actors[i];
    return first;
}

static void world_init(struct world *w, unsigned count, int law, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    sim_init(&w->sim);
    sim_stream_init(&w->stream, seed, (uint64_t)law, "queue test");
    w->actors = calloc(count, sizeof(w->actors[0]));
    assert_non_null(w->actors);
    w->count = count;
    w->law = law;
    for (unsigned i = 0; i < count; i++)
        sim_event_init(&w->actors[i].event, fire);
}

static void world_release(struct world *w)
{
    sim_release(&w->sim);
    free(w->actors);
}

static void step_and_compare(struct world *w)
{
    struct actor *expected = naive_first(w);
    w->fired = NULL;
    assert_int_equal(sim_peek(&w->sim), expected == NULL ? SIM_TIME_NEVER : expected->time_ns);
    assert_int_equal(sim_step(&w->sim), expected != NULL);
    assert_ptr_equal(w->fired, expected);
    if (expected != NULL) {
        assert_int_equal(w->sim.now_ns, expected->time_ns);
        expected->pending = false;
    }
}

/* Runs to a time between events: everything due has fired, in order, and nothing else. */
static void run_and_compare(struct world *w)
{
    int64_t until_ns = w->sim.now_ns + draw_delay(w) / 8;
    struct actor *due;
    while ((due = naive_first(w)) != NULL && due->time_ns <= until_ns)
        step_and_compare(w);
    w->fired = NULL;
    sim_run_until(&w->sim, until_ns);
    assert_null(w->fired);
    assert_int_equal(w->sim.now_ns, until_ns);
}

static void change(struct world *w, struct actor *actor, bool cancel)
{
    if (cancel) {
        sim_cancel(&w->sim, &actor->event);
        actor->pending = false;
    } else {
        schedule(w, actor);
    }
}

static void compare(unsigned count, int law, int rounds, uint64_t seed)
{
    struct world w;
    world_init(&w, count, law, seed);
    for (int round = 0; round < rounds; round++) {
        uint64_t what = sim_below(&w.stream, 16);
        struct actor *actor = &w.actors[sim_below(&w.stream, count)];
        /* Phases of growth, balance and decline. */
        uint64_t growth = (uint64_t)round * 3 / (uint64_t)rounds == 0 ? 12 : 7;
        if (what < growth)
            change(&w, actor, sim_below(&w.stream, 5) == 0);
        else if (what < 15)
            step_and_compare(&w);
        else
            run_and_compare(&w);
        if (round % 64 == 0)
            sim_check(&w.sim);
    }
    while (sim_pending_count(&w.sim) > 0)
        step_and_compare(&w);
    step_and_compare(&w);
    sim_check(&w.sim);
    assert_int_equal(w.sim.queue.dead_count, 0);
    world_release(&w);
}

static void queue__fires_as_a_sorted_list_would_when_small(void **state)
{
    (void)state;
    for (int law = 0; law < 6; law++)
        for (unsigned count = 1; count <= 40; count += 3)
            compare(count, law, 1500, count);
}

static void queue__fires_as_a_sorted_list_would_when_large(void **state)
{
    (void)state;
    for (int law = 0; law < 6; law++)
        compare(1500, law, 12000, 7);
}

/* Ties everywhere: the order of firing is the order of scheduling. */
static int next_expected;

static void fire_in_order(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    assert_int_equal(sim_container(event, struct actor, event)->order, next_expected++);
}

static void queue__keeps_the_order_of_scheduling_among_ties(void **state)
{
    (void)state;
    static const unsigned counts[] = {1, 2, 95, 96, 97, 300, 5000};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct world w;
        world_init(&w, counts[c], 4, 1);
        next_expected = 0;
        for (unsigned i = 0; i < w.count; i++) {
            sim_event_init(&w.actors[i].event, fire_in_order);
            w.actors[i].order = i;
            sim_after(&w.sim, &w.actors[i].event, 1000);
        }
        sim_check(&w.sim);
        sim_run(&w.sim);
        assert_int_equal(next_expected, w.count);
        world_release(&w);
    }
}

static void queue__lets_an_owner_die_after_a_cancel(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim);
    for (int i = 0; i < 10000; i++) {
        struct actor *actor = calloc(1, sizeof(*actor));
        sim_event_init(&actor->event, fire);
        sim_after(&sim, &actor->event, 10 + i % 100);
        sim_cancel(&sim, &actor->event);
        sim_cancel(&sim, &actor->event); /* not pending: nothing happens */
        free(actor);
    }
    assert_int_equal(sim_pending_count(&sim), 0);
    assert_true(sim.queue.dead_count <= 64);
    sim_run(&sim);
    assert_int_equal(sim_event_count(&sim), 0);
    sim_release(&sim);
}

static void queue__drops_dead_nodes_when_they_outnumber_the_living(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 1000, 5, 3);
    for (int round = 0; round < 200; round++)
        for (unsigned i = 0; i < w.count; i++) {
            schedule(&w, &w.actors[i]);
            assert_true(w.sim.queue.dead_count <= sim_pending_count(&w.sim) + 64);
        }
    sim_check(&w.sim);
    for (unsigned i = 0; i < w.count; i++)
        step_and_compare(&w);
    assert_int_equal(sim_pending_count(&w.sim), 0);
    world_release(&w);
}

static void queue__renumbers_sequences_without_changing_the_order(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 600, 1, 4);
    for (unsigned i = 0; i < w.count; i++)
        schedule(&w, &w.actors[i]);
    uint64_t skipped = SIM_SEQUENCE_MAX - 100 - w.sim.queue.sequence;
    w.sim.queue.sequence += skipped;
    w.sim.queue.settled_count += skipped;
    for (unsigned i = 0; i < 300; i++)
        schedule(&w, &w.actors[i * 2]);
    assert_true(w.sim.queue.sequence < 2000);
    sim_check(&w.sim);
    while (sim_pending_count(&w.sim) > 0)
        step_and_compare(&w);
    world_release(&w);
}

/* A push between now and a time that was peeked at or run to must not be lost. */
static void queue__takes_times_before_those_it_has_sorted(void **state)
{
    (void)state;
    struct world w;
    world_init(&w, 2000, 5, 5);
    for (unsigned i = 0; i < 1000; i++)
        schedule(&w, &w.actors[i]);
    for (unsigned i = 1000; i < 2000; i++) {
        int64_t next_ns = sim_peek(&w.sim);
        if (next_ns == SIM_TIME_NEVER)
            break;
        if (next_ns > w.sim.now_ns)
            sim_run_until(&w.sim, w.sim.now_ns + (next_ns - w.sim.now_ns) / 2);
        struct actor *actor = &w.actors[i];
        actor->priority = SIM_PRIORITY_NORMAL;
        actor->time_ns = w.sim.now_ns + (next_ns - w.sim.now_ns) / 4;
        actor->order = w.order++;
        actor->pending = true;
        sim_at(&w.sim, &actor->event, actor->time_ns, actor->priority);
        sim_check(&w.sim);
        step_and_compare(&w);
        step_and_compare(&w);
    }
    world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue__fires_as_a_sorted_list_would_when_small),
        cmocka_unit_test(queue__fires_as_a_sorted_list_would_when_large),
        cmocka_unit_test(queue__keeps_the_order_of_scheduling_among_ties),
        cmocka_unit_test(queue__lets_an_owner_die_after_a_cancel),
        cmocka_unit_test(queue__drops_dead_nodes_when_they_outnumber_the_living),
        cmocka_unit_test(queue__renumbers_sequences_without_changing_the_order),
        cmocka_unit_test(queue__takes_times_before_those_it_has_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
