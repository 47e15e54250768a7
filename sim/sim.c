/*
 * sim/sim.c - the clock and the event loop.
 */
#include "sim/sim.h"

#include <assert.h>
#include <string.h>

#include "sim/queue_internal.h"

void sim_init(struct sim *sim)
{
    memset(sim, 0, sizeof(*sim));
    sim_queue_init(&sim->queue);
}

void sim_release(struct sim *sim)
{
    sim_queue_release(&sim->queue);
}

void sim_at(struct sim *sim, struct sim_event *event, int64_t t_ns, int priority)
{
    assert(t_ns >= sim->now_ns);
    assert(priority >= 0 && priority <= SIM_PRIORITY_LAST);
    event->time_ns = t_ns;
    sim_queue_push(&sim->queue, (uint64_t)sim->now_ns, (uint64_t)t_ns, (unsigned)priority, event,
                   &event->slot);
}

void sim_after(struct sim *sim, struct sim_event *event, int64_t delay_ns)
{
    int64_t t_ns = (int64_t)((uint64_t)sim->now_ns + (uint64_t)delay_ns);
    assert(t_ns >= sim->now_ns); /* neither a negative delay nor an overflow */
    event->time_ns = t_ns;
    sim_queue_push(&sim->queue, (uint64_t)sim->now_ns, (uint64_t)t_ns, SIM_PRIORITY_NORMAL, event,
                   &event->slot);
}

void sim_cancel(struct sim *sim, struct sim_event *event)
{
    if (event->slot == 0)
        return;
    assert(sim->queue.slots[event->slot].owner == event);
    sim_queue_cancel(&sim->queue, event->slot);
    event->slot = 0;
}

/* Odd, so that priority and sequence reach the high bits, which times do not: off the hash's critical
 * path, and no pair of small changes cancels. */
#define ORDER_FACTOR UINT64_C(0xd6e8feb86659fd93)

/* Fire the first event before the queue's end. The branch before this is often mispredicted (who is next?),
 * so whatever need not be done before the callback is done after it. */
SIM_HOT bool fire_next(struct sim *sim)
{
    struct sim_node node;
    struct sim_event *event = sim_queue_pop(&sim->queue, &node);
    if (event == NULL)
        return false;
    sim->now_ns = (int64_t)node.time_ns;
    event->slot = 0;
    sim_queue_fetch_next(&sim->queue);
    event->fire(sim, event);
    sim->fingerprint =
        sim_hash_step(sim->fingerprint, node.time_ns ^ (node.tag >> SIM_SLOT_BITS) * ORDER_FACTOR);
    sim_queue_popped(&sim->queue);
    return true;
}

/* Fire events until none is due by until_ns or a callback asked to stop. */
static void fire_all(struct sim *sim, int64_t until_ns)
{
    assert(!sim->running && "called from a callback");
    sim->running = true;
    sim_queue_open(&sim->queue, (uint64_t)until_ns + 1);
    while (fire_next(sim))
        ;
    sim->running = false;
}

void sim_run_until(struct sim *sim, int64_t t_ns)
{
    assert(t_ns >= sim->now_ns);
    fire_all(sim, t_ns);
    if (sim->queue.end_ns != 0) /* not stopped */
        sim->now_ns = t_ns;
}

void sim_run(struct sim *sim)
{
    fire_all(sim, SIM_TIME_NEVER);
}

bool sim_step(struct sim *sim)
{
    assert(!sim->running && "called from a callback");
    sim->running = true;
    sim_queue_open(&sim->queue, (uint64_t)SIM_TIME_NEVER + 1);
    bool fired = fire_next(sim);
    sim->running = false;
    return fired;
}

void sim_stop(struct sim *sim)
{
    sim_queue_open(&sim->queue, 0);
}

uint64_t sim_pending_count(const struct sim *sim)
{
    return sim_queue_pending(&sim->queue);
}

int64_t sim_peek(const struct sim *sim)
{
    uint64_t first_ns = sim_queue_peek(&sim->queue);
    return first_ns == UINT64_MAX ? SIM_TIME_NEVER : (int64_t)first_ns;
}

void sim_check(const struct sim *sim)
{
    sim_queue_check(&sim->queue, (uint64_t)sim->now_ns);
}
