/*
 * model/cluster/horizon.h - days to years at a coarse step: what the disks hold, when they are full, when credits run out, who lags.
 *
 * Shape    Each step appends to every partition what its producers' rates (shape by hour and day, growth) bring, as a replica's append to
 *          the real log, in batches of at most 1/16 of segment.bytes; the clock moves before; the log's own tasks and the
 *          retention check run when due, and the real retention deletes. Replicas with the same history share one log: a partition's
 *          bytes count on each disk that holds it. Disks are never full here: use beyond the capacity is what is asked about.
 *          Burst credits (NIC, machine to volumes, volumes) and lag follow the same rates, piecewise linear, with crossings solved
 *          exactly. Beyond the horizon use is extrapolated with the closed form of retention and the stated growth.
 * Scale    At most HORIZON_LOGS_MAX partitions are simulated one by one. Of a topic that has more than its part, partitions stand for
 *          others of nearly the same rate (the scale is stated by horizon_log_count).
 * Units    ns since the start; bytes; days in the result.
 * Omits    Incidents, compaction, checkpoints' small files. Topics that are kept for ever start empty.
 *          rate: max: no rate is known, nothing is appended; model/answer/max_rate.h gives a scenario with one.
 * Source   Design: two time scales; reference/hardware-models.md 1.8 and 3.2 (credits); reference/peers-capacity.md item 11 (lag).
 * Checked  tests/model/test_horizon.c, tests/model/test_horizon_lag.c: against arithmetic; halving the step moves disk use by less than 1 %.
 */
#ifndef MODEL_CLUSTER_HORIZON_H
#define MODEL_CLUSTER_HORIZON_H

#include <signal.h>

#include "broker-core/status.h"
#include "model/cluster/placement.h"
#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

enum { HORIZON_LOGS_MAX = 1000 };

struct horizon;

/*
 * Starts at time 0 with what retention keeps (start.logs: retained), or empty. Borrows all until free.
 * Returns  BROKER_OK, or the status of the log that failed (out of memory).
 * Gives    *horizon, also after an error: free it.
 * Asserts  the cluster's broker count is known.
 */
int horizon_new(const struct scenario *s, const struct model_profile *profile,
                const struct model_placement *placement, struct horizon **horizon,
                struct broker_err *err);
void horizon_free(struct horizon *horizon);

/* Some hundred steps, or what is left of them; *done when the length is reached. Returns BROKER_OK or what a log returned. */
int horizon_advance(struct horizon *horizon, bool *done, struct broker_err *err);

/*
 * Both of the above, to the end. Ends early, with BROKER_EREFUSED, as soon as *stop is not 0; NULL: never. Gives *horizon, also after an
 * error.
 */
int horizon_follow(const struct scenario *s, const struct model_profile *profile,
                   const struct model_placement *placement, const volatile sig_atomic_t *stop,
                   struct horizon **horizon, struct broker_err *err);

int64_t horizon_now_ns(const struct horizon *horizon);
uint32_t
horizon_log_count(const struct horizon *horizon); /* real logs that stand for all partitions */

/* The worst moments so far; -1: did not occur. `run --at worst` goes on from there. */
struct horizon_worst {
    int64_t fullest_ns; /* fullest disk, relative to its size */
    int fullest_broker, fullest_disk;
    int64_t lag_ns; /* deepest lag of any group that gets deeper than it starts */
    int lag_group;
    double lag_age_s;   /* how far back it reached */
    int64_t credit_ns;  /* first burst credit that ran empty under load */
    const char *credit; /* "network out of broker 2"; borrowed from the horizon */
};
void horizon_worst(const struct horizon *horizon, struct horizon_worst *worst);

/* Disks, series, warnings and horizon_days of the result. */
void horizon_fill_result(const struct horizon *horizon, struct result *result);

/*
 * All of the above: placement, steps, result. Ends early, with BROKER_EREFUSED and nothing in the result, as soon as *stop is not 0; NULL:
 * never.
 */
int horizon_fill(const struct scenario *s, const struct model_profile *profile,
                 struct result *result, const volatile sig_atomic_t *stop, struct broker_err *err);

#endif
