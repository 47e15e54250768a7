/*
 * model/cluster/horizon_week.h - what came before the start, hour by hour of a week that repeats.
 *
 * Shape    Seconds at the mean rate stand for bytes: a week that ends at the start brings so much as MODEL_WEEK_HOURS hours at the mean.
 * Units    s.
 * Omits    Growth: before the start there is none.
 * Source   The producers' shapes.
 * Checked  tests/model/test_horizon_week.c
 */
#ifndef MODEL_CLUSTER_HORIZON_WEEK_H
#define MODEL_CLUSTER_HORIZON_WEEK_H

#include "model/cluster/flow.h"

/* [k]: what came in the newest k hours, in seconds at the mean rate; it never falls, and ends with a whole week. */
struct horizon_week {
    double newest_s[MODEL_WEEK_HOURS + 1];
};

/* rate: of each hour of the week, oldest first, in any unit; one of them above 0. */
void horizon_week_init(struct horizon_week *week, const double rate[MODEL_WEEK_HOURS]);
/* How much came within age_s before the start; week NULL: all came at the mean rate. */
double horizon_week_worth_s(const struct horizon_week *week, double age_s);
/* Within which age so much came: the inverse; of an hour without anything its older end. */
double horizon_week_age_s(const struct horizon_week *week, double worth_s);

#endif
