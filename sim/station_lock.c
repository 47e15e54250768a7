/*
 * sim/station_lock.c - a mutex in order of arrival.
 */
#include <assert.h>

#include "sim/station_internal.h"

void sim_lock_init(struct sim_lock *lock, struct sim *sim)
{
    sim_station_init(&lock->station, sim, 1, 1);
    lock->owner = NULL;
    lock->line = (struct sim_line){0};
}

static void lock_fire(struct sim *sim, struct sim_event *event)
{
    struct sim_job *job = sim_container(event, struct sim_job, event);
    job->done(sim, job);
}

static void lock_own(struct sim_lock *lock, struct sim_job *job)
{
    lock->owner = job;
    sim_level_set(&lock->station.busy, lock->station.sim->now_ns, 1);
    sim_station_start(&lock->station, job);
    sim_event_init(&job->event, lock_fire);
}

static void lock_grant(struct sim_lock *lock, struct sim_job *job)
{
    lock_own(lock, job);
    sim_after(lock->station.sim, &job->event, 0);
}

/* The owner is gone: on to the next, if any. */
static void lock_pass_on(struct sim_lock *lock)
{
    struct sim_job *next = lock->line.head;
    lock->owner = NULL;
    if (next == NULL) {
        sim_level_set(&lock->station.busy, lock->station.sim->now_ns, 0);
        return;
    }
    sim_line_remove(&lock->line, &lock->station, next);
    lock_grant(lock, next);
}

void sim_lock_acquire(struct sim_lock *lock, struct sim_job *job)
{
    sim_station_arrive(&lock->station, job);
    if (lock->owner == NULL)
        lock_grant(lock, job);
    else
        sim_line_push(&lock->line, &lock->station, job);
}

bool sim_lock_try(struct sim_lock *lock, struct sim_job *job)
{
    if (lock->owner != NULL)
        return false;
    sim_station_arrive(&lock->station, job);
    lock_own(lock, job);
    return true;
}

void sim_lock_release(struct sim_lock *lock, struct sim_job *job)
{
    assert(lock->owner == job && !sim_is_pending(&job->event));
    sim_station_leave(&lock->station, job);
    lock_pass_on(lock);
}

void sim_lock_cancel(struct sim_lock *lock, struct sim_job *job)
{
    assert(job->station == &lock->station);
    if (lock->owner == job) {
        assert(sim_is_pending(&job->event) && "the owner releases, it does not cancel");
        sim_cancel(lock->station.sim, &job->event);
        sim_station_abandon(&lock->station, job);
        lock_pass_on(lock);
        return;
    }
    sim_line_remove(&lock->line, &lock->station, job);
    sim_station_abandon(&lock->station, job);
}
