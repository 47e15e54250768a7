/*
 * sim/station_internal.h - what every station does to its counters as jobs come and go.
 */
#ifndef SIM_STATION_INTERNAL_H
#define SIM_STATION_INTERNAL_H

#include "sim/station.h"

void sim_station_init(struct sim_station *station, struct sim *sim, int64_t servers, int64_t unit);

/* The life of a job: arrive, start (its wait ends), leave; or abandon instead of leave. */
void sim_station_arrive(struct sim_station *station, struct sim_job *job);
void sim_station_start(struct sim_station *station, struct sim_job *job);
void sim_station_leave(struct sim_station *station, struct sim_job *job);
void sim_station_abandon(struct sim_station *station, struct sim_job *job);

void sim_line_push(struct sim_line *line, struct sim_station *station, struct sim_job *job);
void sim_line_remove(struct sim_line *line, struct sim_station *station, struct sim_job *job);

#endif
