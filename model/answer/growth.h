/*
 * model/answer/growth.h - does what waits grow, or is it noise?
 *
 * Shape    A level read at the end of each tick (lag, what is buffered), beside what comes in a tick. It grows where its trend is a share of the
 *          load that anybody plans with, amounts to some time of the load over the window, and stands out of the level's own swing about it: a
 *          short window shows a few fetches more or less at its ends, which are not a trend.
 * Omits    A queue whose swing is slower than the window: nothing tells that from growth but a longer run.
 */
#ifndef MODEL_ANSWER_GROWTH_H
#define MODEL_ANSWER_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* What waits may grow by this share of the load: below the deficit that anybody plans with. */
#define GROWTH_RATIO_MAX 0.01

/* Change a tick from the first third of the window to the last: a slope that one late spike does not make. 0 for fewer than 6 ticks. */
double growth_slope(const double *level, uint32_t ticks);

/* load: what comes in a tick, in the level's unit. */
bool growth_stands_out(const double *level, uint32_t ticks, double tick_s, double load);

#endif
