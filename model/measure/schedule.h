/*
 * model/measure/schedule.h - when is each record meant to be sent?
 *
 * Shape    Poisson or evenly spaced moments, `burst` records at each; the moments' rate is rate / burst, so that records come at
 *          the rate on average. The times are drawn before anything is sent and know nothing of it: an open loop.
 * Units    ns from the schedule's start, never falling.
 * Omits    Rate max, which has no schedule.
 * Source   The named stream "measure arrivals" of the seed and the repeat (sim/random.h).
 * Checked  tests/model/test_measure_schedule.c: rate, and the exponential's moments.
 */
#ifndef MODEL_MEASURE_SCHEDULE_H
#define MODEL_MEASURE_SCHEDULE_H

#include "model/measure/measure.h"
#include "sim/random.h"

struct measure_schedule {
    struct sim_stream stream;
    bool constant;
    double gap_ns; /* mean time between moments */
    int burst, left;
    int64_t moment, time_ns;
};

/* Asserts a rate above 0. */
void measure_schedule_init(struct measure_schedule *schedule, const struct measure_config *config,
                           uint64_t seed, int repeat);
/* The next record's time. */
int64_t measure_schedule_next(struct measure_schedule *schedule);

#endif
