/*
 * sim/station_fifo.c - first come, first served by k servers.
 */
#include <assert.h>

#include "sim/station_internal.h"

static void fifo_fire(struct sim *sim, struct sim_event *event);

void sim_fifo_init(struct sim_fifo *fifo, struct sim *sim, int64_t servers)
{
    assert(servers >= 1);
    sim_station_init(&fifo->station, sim, servers, 1);
    fifo->line = (struct sim_line){0};
    fifo->service = NULL;
}

static void fifo_start(struct sim_fifo *fifo, struct sim_job *job)
{
    struct sim *sim = fifo->station.sim;
    sim_station_start(&fifo->station, job);
    sim_level_add(&fifo->station.busy, sim->now_ns, 1);
    if (fifo->service != NULL)
        job->service_ns = fifo->service(fifo, job);
    assert(job->service_ns >= 0);
    sim_event_init(&job->event, fifo_fire);
    sim_after(sim, &job->event, job->service_ns);
}

static bool has_free_server(const struct sim_fifo *fifo)
{
    return fifo->station.busy.value < fifo->station.servers.value;
}

static void fifo_start_waiting(struct sim_fifo *fifo)
{
    while (fifo->line.head != NULL && has_free_server(fifo)) {
        struct sim_job *job = fifo->line.head;
        sim_line_remove(&fifo->line, &fifo->station, job);
        fifo_start(fifo, job);
    }
}

static void fifo_fire(struct sim *sim, struct sim_event *event)
{
    struct sim_job *job = sim_container(event, struct sim_job, event);
    struct sim_fifo *fifo = sim_container(job->station, struct sim_fifo, station);
    sim_level_add(&fifo->station.busy, sim->now_ns, -1);
    sim_station_leave(&fifo->station, job);
    fifo_start_waiting(fifo);
    job->done(sim, job);
}

void sim_fifo_submit(struct sim_fifo *fifo, struct sim_job *job)
{
    sim_station_arrive(&fifo->station, job);
    if (fifo->line.head == NULL && has_free_server(fifo))
        fifo_start(fifo, job);
    else
        sim_line_push(&fifo->line, &fifo->station, job);
}

void sim_fifo_cancel(struct sim_fifo *fifo, struct sim_job *job)
{
    assert(job->station == &fifo->station);
    if (job->started_ns < 0) {
        sim_line_remove(&fifo->line, &fifo->station, job);
    } else {
        sim_cancel(fifo->station.sim, &job->event);
        sim_level_add(&fifo->station.busy, fifo->station.sim->now_ns, -1);
    }
    sim_station_abandon(&fifo->station, job);
    fifo_start_waiting(fifo);
}

void sim_fifo_set_servers(struct sim_fifo *fifo, int64_t servers)
{
    assert(servers >= 0);
    sim_level_set(&fifo->station.servers, fifo->station.sim->now_ns, servers);
    fifo_start_waiting(fifo);
}
