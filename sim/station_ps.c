/*
 * sim/station_ps.c - processor sharing in virtual time.
 *
 * All jobs inside progress at one rate, min(job_cap, capacity / n). Virtual work is its integral; a job
 * that arrives at virtual work v is done at v + work, whatever comes and goes meanwhile.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/dmath.h"
#include "sim/station_internal.h"

/* Servers are counted in parts of 2^-20, because 2.5 cores are possible. */
#define UNIT (INT64_C(1) << 20)

static void ps_fire(struct sim *sim, struct sim_event *event);

static int64_t servers_in_units(const struct sim_ps *ps)
{
    return (int64_t)sim_round(ps->capacity_per_ns / ps->job_cap_per_ns * (double)UNIT);
}

void sim_ps_init(struct sim_ps *ps, struct sim *sim, double capacity_per_s, double job_cap_per_s)
{
    assert(capacity_per_s > 0.0 && capacity_per_s < 1e18);
    assert(job_cap_per_s > 0.0 && job_cap_per_s < 1e18);
    *ps = (struct sim_ps){.capacity_per_ns = capacity_per_s / 1e9,
                          .job_cap_per_ns = job_cap_per_s / 1e9,
                          .updated_ns = sim->now_ns};
    sim_station_init(&ps->station, sim, servers_in_units(ps), UNIT);
    sim_event_init(&ps->event, ps_fire);
}

void sim_ps_release(struct sim_ps *ps)
{
    free(ps->heap);
    ps->heap = NULL;
    ps->count = ps->heap_capacity = 0;
}

/* ---- heap by (finish, order) ---------------------------------------------------------------- */

static bool is_before(const struct sim_job *a, const struct sim_job *b)
{
    return a->finish != b->finish ? a->finish < b->finish : a->order < b->order;
}

static void heap_put(struct sim_ps *ps, uint32_t place, struct sim_job *job)
{
    ps->heap[place] = job;
    job->place = place;
}

static void heap_up(struct sim_ps *ps, uint32_t place, struct sim_job *job)
{
    for (; place > 1 && is_before(job, ps->heap[place / 2]); place /= 2)
        heap_put(ps, place, ps->heap[place / 2]);
    heap_put(ps, place, job);
}

static void heap_down(struct sim_ps *ps, uint32_t place, struct sim_job *job)
{
    for (uint32_t child = 2 * place; child <= ps->count; child = 2 * place) {
        if (child < ps->count && is_before(ps->heap[child + 1], ps->heap[child]))
            child++;
        if (!is_before(ps->heap[child], job))
            break;
        heap_put(ps, place, ps->heap[child]);
        place = child;
    }
    heap_put(ps, place, job);
}

static void heap_insert(struct sim_ps *ps, struct sim_job *job)
{
    if (ps->count + 1 >= ps->heap_capacity) {
        ps->heap_capacity = ps->heap_capacity == 0 ? 16 : 2 * ps->heap_capacity;
        ps->heap = realloc(ps->heap, ps->heap_capacity * sizeof(struct sim_job *));
        if (ps->heap == NULL) {
            fprintf(stderr, "simulation: out of memory for %u jobs\n", ps->heap_capacity);
            abort();
        }
    }
    heap_up(ps, ++ps->count, job);
}

static void heap_remove(struct sim_ps *ps, struct sim_job *job)
{
    struct sim_job *last = ps->heap[ps->count--];
    if (last == job)
        return;
    if (job->place > 1 && is_before(last, ps->heap[job->place / 2]))
        heap_up(ps, job->place, last);
    else
        heap_down(ps, job->place, last);
}

/* ---- virtual time --------------------------------------------------------------------------- */

static double rate_per_ns(const struct sim_ps *ps)
{
    double share = ps->capacity_per_ns / (double)ps->count;
    return share < ps->job_cap_per_ns ? share : ps->job_cap_per_ns;
}

static void ps_advance(struct sim_ps *ps)
{
    int64_t now_ns = ps->station.sim->now_ns;
    if (ps->count > 0)
        ps->virtual_work += rate_per_ns(ps) * (double)(now_ns - ps->updated_ns);
    ps->updated_ns = now_ns;
}

/* The first whole ns at which the next job is done. */
static void ps_schedule(struct sim_ps *ps)
{
    struct sim *sim = ps->station.sim;
    double rate = ps->count > 0 ? rate_per_ns(ps) : 0.0;
    if (rate == 0.0) {
        sim_cancel(sim, &ps->event);
        return;
    }
    double delay_ns = sim_ceil((ps->heap[1]->finish - ps->virtual_work) / rate);
    if (delay_ns < (double)(SIM_TIME_NEVER - sim->now_ns - 1024)) /* 1024: one ulp up there */
        sim_after(sim, &ps->event, delay_ns > 0.0 ? (int64_t)delay_ns : 0);
    else
        sim_cancel(sim, &ps->event);
}

/* After a change of count or capacity. */
static void ps_changed(struct sim_ps *ps)
{
    int64_t now_ns = ps->station.sim->now_ns, servers = servers_in_units(ps);
    int64_t wanted = (int64_t)ps->count * UNIT, waiting = (int64_t)ps->count - servers / UNIT;
    sim_level_set(&ps->station.servers, now_ns, servers);
    sim_level_set(&ps->station.busy, now_ns, wanted < servers ? wanted : servers);
    sim_level_set(&ps->station.queued, now_ns, waiting > 0 ? waiting : 0);
    if (ps->count == 0)
        ps->virtual_work = 0.0;
    ps_schedule(ps);
}

/* One job an event: its callback may do anything to the others. Those that are done as well follow in
 * events at the same time. */
static void ps_fire(struct sim *sim, struct sim_event *event)
{
    struct sim_ps *ps = sim_container(event, struct sim_ps, event);
    ps_advance(ps);
    struct sim_job *job = ps->heap[1];
    heap_remove(ps, job);
    sim_station_leave(&ps->station, job);
    ps_changed(ps);
    job->done(sim, job);
}

void sim_ps_submit(struct sim_ps *ps, struct sim_job *job)
{
    assert(job->work >= 0.0 && job->work < 1e300);
    ps_advance(ps);
    sim_station_arrive(&ps->station, job);
    sim_station_start(&ps->station, job);
    job->finish = ps->virtual_work + job->work;
    job->order = ps->order++;
    heap_insert(ps, job);
    ps_changed(ps);
}

void sim_ps_set_capacity(struct sim_ps *ps, double capacity_per_s)
{
    assert(capacity_per_s >= 0.0 && capacity_per_s < 1e18);
    ps_advance(ps);
    ps->capacity_per_ns = capacity_per_s / 1e9;
    ps_changed(ps);
}

double sim_ps_remaining(struct sim_ps *ps, const struct sim_job *job)
{
    assert(job->station == &ps->station);
    ps_advance(ps);
    double left = job->finish - ps->virtual_work;
    return left > 0.0 ? left : 0.0;
}
