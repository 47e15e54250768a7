/*
 * model/answer/fill_offered.c - did the run see the load that is stated? Arrivals whose states outlast the run bring another one, and what fits
 * then says little of the stated load. What arrivals brought counts, not what was carried: of an overload other things are said.
 */
#include "model/answer/fill.h"

#include <math.h>

/* Judgement: less than that changes no answer that has an interval; and what counts may stray by so many standard deviations. */
static const double DIFFERS = 0.1, STRAYS = 4;

/* A full buffer lets arrivals wait before it, where they are not counted. */
static double offered_records(const struct outcome *outcome, int p, double stated_per_s)
{
    const struct outcome_producer *one = &outcome->producers[p];
    double before_s = outcome->tick_count > 0 ? one->backlog_s[0] : 0;
    return (double)one->counts.records_due + (one->backlog_end_s - before_s) * stated_per_s;
}

double fill_offered_per_s(const struct fill *fill, int p)
{
    double records = 0, seconds = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *outcome = fill->replications->outcomes[r];
        records += offered_records(outcome, p, fill->scenario->producers[p].records_per_s_peak);
        seconds += outcome->seconds;
    }
    return seconds > 0 ? records / seconds : 0;
}

/* A rate that is drawn is another one each time, and what waits before an overloaded producer is not known well. */
static bool is_comparable(const struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    bool drawn = fill->drawn && entry->arrivals.kind != SCENARIO_ARRIVALS_MMPP;
    return entry->rate_kind != SCENARIO_RATE_MAX && !drawn && !fill->producer_unstable[p] &&
           fill->replications->count > 0;
}

bool fill_offered_differs(const struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    double stated = entry->records_per_s_peak, seconds = 0;
    if (!is_comparable(fill, p))
        return false;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        seconds += fill->replications->outcomes[r]->seconds;
    double together =
        entry->arrivals.kind == SCENARIO_ARRIVALS_BURST ? entry->arrivals.burst_records : 1;
    double most = fmax(DIFFERS * stated * seconds, STRAYS * sqrt(stated * seconds * together));
    return fabs(fill_offered_per_s(fill, p) - stated) * seconds > most;
}

bool fill_offered_less(const struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill_offered_differs(fill, p) &&
            fill_offered_per_s(fill, p) < fill->scenario->producers[p].records_per_s_peak)
            return true;
    return false;
}
