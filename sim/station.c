/*
 * sim/station.c - what all stations count.
 */
#include "sim/station.h"

#include <assert.h>
#include <string.h>

#include "sim/station_internal.h"

void sim_job_init(struct sim_job *job, void (*done)(struct sim *sim, struct sim_job *job))
{
    memset(job, 0, sizeof(*job));
    job->done = done;
    job->started_ns = -1;
}

void sim_station_init(struct sim_station *station, struct sim *sim, int64_t servers, int64_t unit)
{
    memset(station, 0, sizeof(*station));
    station->sim = sim;
    station->unit = unit;
    sim_level_init(&station->servers, sim->now_ns, servers);
    sim_level_init(&station->busy, sim->now_ns, 0);
    sim_level_init(&station->queued, sim->now_ns, 0);
    sim_level_init(&station->inside, sim->now_ns, 0);
}

void sim_station_arrive(struct sim_station *station, struct sim_job *job)
{
    assert(job->station == NULL && "the job is in a station already");
    job->station = station;
    job->arrived_ns = station->sim->now_ns;
    job->started_ns = -1;
    station->arrival_count++;
    sim_level_add(&station->inside, station->sim->now_ns, 1);
}

void sim_station_start(struct sim_station *station, struct sim_job *job)
{
    job->started_ns = station->sim->now_ns;
    int64_t wait_ns = job->started_ns - job->arrived_ns;
    station->start_count++;
    station->wait_sum_ns += wait_ns;
    station->wait_max_ns = wait_ns > station->wait_max_ns ? wait_ns : station->wait_max_ns;
    if (station->waits != NULL)
        sim_histogram_record(station->waits, wait_ns);
}

void sim_station_leave(struct sim_station *station, struct sim_job *job)
{
    int64_t sojourn_ns = station->sim->now_ns - job->arrived_ns;
    job->station = NULL;
    station->done_count++;
    station->sojourn_sum_ns += sojourn_ns;
    if (sojourn_ns > station->sojourn_max_ns)
        station->sojourn_max_ns = sojourn_ns;
    sim_level_add(&station->inside, station->sim->now_ns, -1);
}

void sim_station_abandon(struct sim_station *station, struct sim_job *job)
{
    job->station = NULL;
    sim_level_add(&station->inside, station->sim->now_ns, -1);
}

void sim_line_push(struct sim_line *line, struct sim_station *station, struct sim_job *job)
{
    job->next = NULL;
    job->prev = line->tail;
    if (line->tail != NULL)
        line->tail->next = job;
    else
        line->head = job;
    line->tail = job;
    sim_level_add(&station->queued, station->sim->now_ns, 1);
}

void sim_line_remove(struct sim_line *line, struct sim_station *station, struct sim_job *job)
{
    if (job->prev != NULL)
        job->prev->next = job->next;
    else
        line->head = job->next;
    if (job->next != NULL)
        job->next->prev = job->prev;
    else
        line->tail = job->prev;
    job->next = job->prev = NULL;
    sim_level_add(&station->queued, station->sim->now_ns, -1);
}

static double mean_of(sim_int128 sum, uint64_t count)
{
    return count == 0 ? 0.0 : (double)sum / (double)count;
}

void sim_station_stats(const struct sim_station *station, struct sim_station_stats *stats)
{
    int64_t now_ns = station->sim->now_ns;
    double busy = (double)sim_level_integral(&station->busy, now_ns);
    double possible = (double)sim_level_integral(&station->servers, now_ns);
    memset(stats, 0, sizeof(*stats));
    stats->elapsed_ns = now_ns - station->inside.start_ns;
    stats->busy_ratio = possible > 0.0 ? busy / possible : 0.0;
    stats->busy_mean = sim_level_mean(&station->busy, now_ns) / (double)station->unit;
    stats->used = station->arrival_count > 0 || station->inside.max > 0;
    stats->queued_mean = sim_level_mean(&station->queued, now_ns);
    stats->queued_max = station->queued.max;
    stats->inside_mean = sim_level_mean(&station->inside, now_ns);
    stats->inside_max = station->inside.max;
    stats->wait_mean_ns = mean_of(station->wait_sum_ns, station->start_count);
    stats->wait_max_ns = station->wait_max_ns;
    stats->sojourn_mean_ns = mean_of(station->sojourn_sum_ns, station->done_count);
    stats->sojourn_max_ns = station->sojourn_max_ns;
    stats->arrival_count = station->arrival_count;
    stats->done_count = station->done_count;
    if (stats->elapsed_ns > 0)
        stats->done_per_s = (double)station->done_count * 1e9 / (double)stats->elapsed_ns;
}

void sim_station_reset(struct sim_station *station)
{
    int64_t now_ns = station->sim->now_ns;
    sim_level_reset(&station->servers, now_ns);
    sim_level_reset(&station->busy, now_ns);
    sim_level_reset(&station->queued, now_ns);
    sim_level_reset(&station->inside, now_ns);
    station->arrival_count = station->start_count = 0;
    station->done_count = 0;
    station->wait_sum_ns = station->sojourn_sum_ns = 0;
    station->wait_max_ns = station->sojourn_max_ns = 0;
    if (station->waits != NULL)
        sim_histogram_reset(station->waits);
}
