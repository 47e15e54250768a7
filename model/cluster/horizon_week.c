/* model/cluster/horizon_week.c - see horizon_week.h. */
#include "model/cluster/horizon_week.h"

#include <assert.h>

#include "sim/dmath.h"

static const double HOUR_S = 3600, WEEK_S = 3600.0 * MODEL_WEEK_HOURS;

void horizon_week_init(struct horizon_week *week, const double rate[MODEL_WEEK_HOURS])
{
    double sum = 0;
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        sum += rate[hour];
    assert(sum > 0);
    week->newest_s[0] = 0;
    for (int k = 1; k <= MODEL_WEEK_HOURS; k++)
        week->newest_s[k] = week->newest_s[k - 1] + rate[MODEL_WEEK_HOURS - k] / sum * WEEK_S;
    week->newest_s[MODEL_WEEK_HOURS] = WEEK_S; /* whatever the last digits of the sum */
}

double horizon_week_worth_s(const struct horizon_week *week, double age_s)
{
    if (!week)
        return age_s;
    double weeks = sim_floor(age_s / WEEK_S), hours = (age_s - weeks * WEEK_S) / HOUR_S;
    int k = (int)hours < MODEL_WEEK_HOURS ? (int)hours : MODEL_WEEK_HOURS - 1;
    const double *at = &week->newest_s[k];
    return weeks * WEEK_S + at[0] + (hours - k) * (at[1] - at[0]);
}

/* The last k of which no more came. */
static int hours_of(const struct horizon_week *week, double worth_s)
{
    int low = 0, high = MODEL_WEEK_HOURS - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (week->newest_s[middle] <= worth_s)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

double horizon_week_age_s(const struct horizon_week *week, double worth_s)
{
    if (!week)
        return worth_s;
    double weeks = sim_floor(worth_s / WEEK_S), rest = worth_s - weeks * WEEK_S;
    int k = hours_of(week, rest);
    double came = week->newest_s[k + 1] - week->newest_s[k];
    double part = came > 0 ? (rest - week->newest_s[k]) / came : 1;
    return weeks * WEEK_S + (k + part) * HOUR_S;
}
