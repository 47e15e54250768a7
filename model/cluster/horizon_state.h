/*
 * model/cluster/horizon_state.h - the state at one moment of a horizon, for a detailed run that goes on from there.
 *
 * Shape    Load: what each producer brought in the step that led to the moment (shape and growth). Logs: filled with
 *          what came over what they keep by then, at the rates at which it came, so that disks hold what the horizon found. Lag of each group. Burst credits: full where the horizon
 *          has all of them full then, else empty. A run from there takes a scenario with these in place of its own: its producers come
 *          at a steady rate.
 *          The worst moment is the first of these that is worse than the start: the deepest lag, the first credit that runs empty, the
 *          highest load (growth brings it above the stated peak), the fullest disk. A run from there is not milder than one from the start:
 *          it has the stated peak, the start's lags and its credits where those are worse than the moment's.
 * Units    ns since the start; factors of the stated peak; records.
 * Omits    How a lag lies on the partitions (it is spread evenly, as start lags are); credits that are half full. Producers that replay
 *          a trace, or send at rate: max, keep their own rate.
 * Checked  tests/model/test_horizon_state.c
 */
#ifndef MODEL_CLUSTER_HORIZON_STATE_H
#define MODEL_CLUSTER_HORIZON_STATE_H

#include "model/cluster/horizon.h"

enum horizon_at { HORIZON_AT_START, HORIZON_AT_WORST, HORIZON_AT_DAY };
enum horizon_why {
    HORIZON_WHY_START, /* nothing is worse, or it was asked for */
    HORIZON_WHY_LAG,
    HORIZON_WHY_CREDIT,
    HORIZON_WHY_LOAD,
    HORIZON_WHY_DISK,
    HORIZON_WHY_ASKED, /* a day */
};

enum { HORIZON_HISTORY = 24 }; /* a scenario takes them as the hours of a day */

struct horizon_state {
    enum horizon_why why;
    int64_t at_ns;
    char text[400]; /* "day 27, 18:00: deepest lag of billing, ..." */
    bool credits_full;
    bool lag_raised; /* of a group, to the start's */
    bool was_empty;  /* the logs were, at the start */
    int producers, groups;
    double *load; /* by producer: factor of its peak */
    double *mean; /* by producer: over what its topic keeps; before the start, the shape's mean */
    double (*history)[HORIZON_HISTORY]; /* by producer: at which rates that came */
    double *lag_records;                /* by group */
};

/*
 * The state at the worst moment, at a day, or at the start. The horizon must be at its end; it is not changed for its other readers.
 * Gives    *state, for horizon_state_free.
 * Asserts  the day lies within the horizon.
 */
struct horizon_state *horizon_state_new(struct horizon *horizon, enum horizon_at at, double day);
/* As horizon_fill, and the state, and what disks hold at its moment: followed twice. Gives *state, also after an error, or NULL; ends early as it does. */
int horizon_fill_at(const struct scenario *s, const struct model_profile *profile,
                    enum horizon_at at, double day, const volatile sig_atomic_t *stop,
                    struct result *result, struct horizon_state **state, struct broker_err *err);
void horizon_state_free(struct horizon_state *state);

/*
 * Puts load, lags, credits and the age of the logs into a scenario of the same producers and groups. Nothing at the start.
 * Borrows  producers and groups of the scenario must be its own: they are written.
 */
void horizon_state_apply(const struct horizon_state *state, struct scenario *scenario);

#endif
