/* See growth.h. */
#include "model/answer/growth.h"

#include <math.h>

/* Seconds of the load by which the level rises over the window at least: 1 % of ten seconds, and as much of a shorter run. */
static const double RISE_S_MIN = 0.1;
/* Standard deviations about the trend that thirds of the window lie apart at least: a saw-tooth's thirds lie within one. */
static const double NOISE_MIN = 2;

static double mean_of(const double *series, uint32_t from, uint32_t to)
{
    double sum = 0;
    for (uint32_t i = from; i < to; i++)
        sum += series[i];
    return to > from ? sum / (to - from) : 0;
}

double growth_slope(const double *level, uint32_t ticks)
{
    if (ticks < 6)
        return 0;
    uint32_t third = ticks / 3;
    return (mean_of(level, ticks - third, ticks) - mean_of(level, 0, third)) /
           (double)(ticks - third);
}

/* About the line of least squares. */
static double deviation(const double *level, uint32_t ticks)
{
    double x_mean = (ticks - 1) / 2.0, y_mean = mean_of(level, 0, ticks), xx = 0, xy = 0, yy = 0;
    for (uint32_t i = 0; i < ticks; i++) {
        double x = i - x_mean, y = level[i] - y_mean;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    return sqrt(fmax(0, yy - xy * xy / xx) / ticks);
}

bool growth_stands_out(const double *level, uint32_t ticks, double tick_s, double load)
{
    double slope = growth_slope(level, ticks);
    if (!(slope > 0))
        return false;
    bool share = slope > GROWTH_RATIO_MAX * load;
    bool time = slope * ticks * tick_s > RISE_S_MIN * load;
    double thirds = slope * (ticks - ticks / 3);
    return share && time && thirds > NOISE_MIN * deviation(level, ticks);
}
