/* See rate_grid.h. */
#include "model/cluster/rate_grid.h"

#include <math.h>

#include "model/cluster/flow.h"
#include "sim/dmath.h"

/* The lowest hour that has any load, and the highest. */
static void hours_between(const struct scenario_producer *p, double *low, double *high)
{
    double factor[MODEL_WEEK_HOURS];
    *low = INFINITY;
    *high = 0;
    model_shape_week(p, factor);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++) {
        if (factor[hour] > 0)
            *low = fmin(*low, factor[hour]);
        *high = fmax(*high, factor[hour]);
    }
    if (isinf(*low))
        *low = *high = 1;
}

/* Steps of a quarter, as long as there is room for them. */
static int count_between(double low, double high)
{
    static const double step = 1.25;
    double steps = sim_ceil(sim_log(high / low * 1.001) / sim_log(step));
    return high > low * 1.0001 ? (int)fmin(RATE_GRID_MOST, fmax(RATE_GRID_LEAST, 1 + steps)) : 2;
}

void rate_grid_init(struct rate_grid *grid, const struct scenario_producer *producer,
                    double grown_least, double grown_most)
{
    double low, high;
    hours_between(producer, &low, &high);
    low *= grown_least;
    high *= grown_most;
    grid->count = count_between(low, high);
    for (int i = 0; i < grid->count; i++)
        grid->factor[i] = low * sim_pow(high / low * 1.001, (double)i / (grid->count - 1));
}

struct rate_place rate_grid_place(const struct rate_grid *grid, double factor)
{
    struct rate_place place = {0};
    while (place.cell + 2 < grid->count && grid->factor[place.cell + 1] < factor)
        place.cell++;
    double low = grid->factor[place.cell], high = grid->factor[place.cell + 1];
    if (factor < low) {
        place.of_low = factor / low;
        return place;
    }
    place.of_high = (factor - low) / (high - low);
    place.of_low = 1 - place.of_high;
    return place;
}
