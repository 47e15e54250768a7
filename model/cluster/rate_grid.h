/*
 * model/cluster/rate_grid.h - the rates at which a producer's batches are worked out, when they are asked for over many hours.
 *
 * Shape    Batches, and with them compression, depend on the rate, and a batch's expectation takes a while. So some rates are looked at,
 *          in equal ratios from the lowest hour to the highest: a dozen from a tenth of the peak on, more where it is further; between two of them what comes a second is the straight line, below the
 *          lowest it goes with the rate.
 * Units    Rates as factors of the producer's peak.
 * Source   -
 * Checked  tests/model/test_rate_grid.c
 */
#ifndef MODEL_CLUSTER_RATE_GRID_H
#define MODEL_CLUSTER_RATE_GRID_H

#include "model/scenario/scenario.h"

/* At steps of a quarter the straight line's wire bytes are within 0.2 % of the batches' own, 1 % where batches become full; 48 reach from 1 to 28,000. */
enum { RATE_GRID_LEAST = 12, RATE_GRID_MOST = 48 };

struct rate_grid {
    int count;
    double factor[RATE_GRID_MOST];
};

/* Where a rate lies: what comes a second is of_low of what comes at factor[cell], and of_high of what comes at the next. */
struct rate_place {
    int cell;
    double of_low, of_high;
};

/* For every hour of the shape, grown by each factor from one to the other. A constant rate has only its ends. */
void rate_grid_init(struct rate_grid *grid, const struct scenario_producer *producer,
                    double grown_least, double grown_most);
struct rate_place rate_grid_place(const struct rate_grid *grid, double factor);

/* Of what comes a second at the place's cell, and at the next. */
static inline double rate_grid_between(const struct rate_place *place, double low, double high)
{
    return place->of_low * low + place->of_high * high;
}

#endif
