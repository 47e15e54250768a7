/*
 * sim/sim.h - a simulation: the clock, what happens next, and a fingerprint of what happened.
 *
 * Shape    An owner embeds a `struct sim_event`, names its callback once (sim_event_init) and
 *          schedules it (sim_at, sim_after). The event fires once, at its time; it is not pending
 *          any more when its callback runs, so the callback may schedule it again.
 *          Order is (time, priority, order of scheduling): ties never depend on an address.
 *          Nothing is allocated per event (tables grow to the largest number pending). Scheduling,
 *          cancelling and rescheduling are O(1).
 * Units    Time: int64_t ns of simulated time, from 0.
 * Omits    Threads (one simulation belongs to one thread; there are no globals, so any number may
 *          run side by side) and coroutines (a process is a struct and its callbacks).
 * Checked  tests/sim/test_sim.c, tests/sim/test_queue.c, tests/theory/test_station_*.c.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/queue.h"

/* Smaller fires first among events at one time. */
#define SIM_PRIORITY_FIRST  0
#define SIM_PRIORITY_NORMAL 8
#define SIM_PRIORITY_LAST   15

#define SIM_TIME_NEVER INT64_MAX /* no event; the latest legal event time is one less */

struct sim;
struct sim_trace;

struct sim_event {
    void (*fire)(struct sim *sim, struct sim_event *event);
    int64_t time_ns; /* of the last schedule */
    uint32_t slot;   /* 0: not pending; otherwise the queue's */
};

struct sim {
    int64_t now_ns;
    uint64_t fingerprint;
    struct sim_trace *trace; /* NULL: tracing is off, and costs one predicted branch */
    void *model;             /* the owner's, for callbacks; the kernel never looks at it */
    bool running;            /* in sim_run or sim_run_until */
    struct sim_queue queue;
};

/* The struct that embeds `member`, from a pointer to the member. */
#define sim_container(pointer, type, member)                                                       \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Clock at 0, nothing pending. Allocates a few kB; aborts when memory is out. */
void sim_init(struct sim *sim);

/* Frees the tables. Pending events are forgotten and their structs must not be passed to
 * sim_cancel afterwards. May be called twice. */
void sim_release(struct sim *sim);

static inline int64_t sim_now_ns(const struct sim *sim)
{
    return sim->now_ns;
}

/* Not pending, with this callback. Must not be called on a pending event. */
static inline void sim_event_init(struct sim_event *event,
                                  void (*fire)(struct sim *sim, struct sim_event *event))
{
    event->fire = fire;
    event->time_ns = 0;
    event->slot = 0;
}

/*
 * Fire `event` at time `t_ns`. A pending event is moved there and takes its place behind the
 * events already scheduled for the same time and priority, as if cancelled and scheduled anew.
 *
 * Borrows  event until it fires or is cancelled.
 * Asserts  now <= t_ns < SIM_TIME_NEVER, 0 <= priority <= SIM_PRIORITY_LAST.
 */
void sim_at(struct sim *sim, struct sim_event *event, int64_t t_ns, int priority);

/* sim_at with now + delay_ns and normal priority. Asserts delay_ns >= 0. */
void sim_after(struct sim *sim, struct sim_event *event, int64_t delay_ns);

/* The event will not fire, and its owner may be freed at once. Nothing happens when it is not
 * pending. */
void sim_cancel(struct sim *sim, struct sim_event *event);

static inline bool sim_is_pending(const struct sim_event *event)
{
    return event->slot != 0;
}

/* When a pending event will fire, SIM_TIME_NEVER when it is not pending. */
static inline int64_t sim_event_time_ns(const struct sim_event *event)
{
    return event->slot == 0 ? SIM_TIME_NEVER : event->time_ns;
}

/* Fire every event with time <= t_ns, then set the clock to t_ns (not after sim_stop: the clock
 * then stays at the last event). Asserts t_ns >= now, and that it is not called from a callback. */
void sim_run_until(struct sim *sim, int64_t t_ns);

/* Fire events until none is pending or sim_stop; the clock stays at the last one. */
void sim_run(struct sim *sim);

/* Fire the next event. Returns false, with the clock unmoved, when none is pending. */
bool sim_step(struct sim *sim);

/* From a callback: sim_run and sim_run_until return after the present callback. */
void sim_stop(struct sim *sim);

/* Time of the next event, SIM_TIME_NEVER when none is pending. Moves nothing, so it may have to scan
 * a bucket: not for hot loops. */
int64_t sim_peek(const struct sim *sim);

uint64_t sim_pending_count(const struct sim *sim);

/* Fired so far. */
static inline uint64_t sim_event_count(const struct sim *sim)
{
    return sim->queue.popped_count;
}

/* Rolling hash over (time, priority, sequence) of every fired event and over everything mixed in:
 * two runs with equal fingerprints did the same things in the same order. */
static inline uint64_t sim_fingerprint(const struct sim *sim)
{
    return sim->fingerprint;
}

/* One step of the hash: multiply by an odd constant (2^64 / golden ratio) and fold high bits down,
 * so that order matters and every bit reaches every other within two steps. */
static inline uint64_t sim_hash_step(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 32);
}

/* Mix model data (an offset, a size) into the fingerprint. */
static inline void sim_fingerprint_mix(struct sim *sim, uint64_t value)
{
    sim->fingerprint = sim_hash_step(sim->fingerprint, value);
}

/* Costly self-check of the queue, for tests and VERIFY=1: asserts every invariant. */
void sim_check(const struct sim *sim);

#endif
