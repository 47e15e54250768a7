/*
 * model/evidence/predict.h - a scenario's prediction of everything that can be measured of it.
 *
 * Shape    Replications of the scenario's cluster under a given profile, as long as the measurement was or until a budget of batches
 *          is spent; each quantity gets a value and a 90 % prediction interval for one repeat of the measurement.
 * Interval Student-t over the logarithms of the replications' values, for one more run of the measurement's length. The profile's own error
 *          is not in it: whoever knows it widens the interval (predict_widen).
 * Determinism  By seed and budget alone.
 */
#ifndef MODEL_EVIDENCE_PREDICT_H
#define MODEL_EVIDENCE_PREDICT_H

#include "broker-core/status.h"
#include "model/evidence/fitted.h"
#include "model/hardware/profile.h"
#include "model/scenario/load.h"

struct predict_options {
    uint64_t seed;
    int replications;     /* 0: 3 */
    uint64_t batches_max; /* over all replications; the simulated time is cut to fit; 0: no limit */
    uint64_t
        warmup_batches_max; /* likewise of their warm-ups, which are else as long as the scenario says */
    double measure_s_max; /* cut the simulated time; 0: as the scenario says */
    int variant;          /* -1: the file as written */
};

struct predict_value {
    double value;     /* NAN: not predicted */
    double low, high; /* 90 % for one repeat */
};

struct prediction {
    struct predict_value quantity[FITTED_QUANTITIES]; /* measured.h, fitted.h */
    bool stable;       /* false: queues grow; latencies are those of the simulated window */
    bool sends_stable; /* the same of producers alone: readers may fall behind */
    bool
        cut; /* the budget was hit: shorter than the measurement, wider interval; or its warm-up was */
    uint64_t batches;
    double simulated_s;
};

/* Uncertain inputs are drawn for each replication, so that the interval covers them. */
int predict(const struct scenario_doc *doc, const struct model_profile *profile,
            const struct predict_options *options, struct prediction *out, struct broker_err *err);

/* Adds what the profile was wrong by elsewhere to the interval of one value, as trust_predict does. Without rows: no interval. */
struct predict_value predict_widen(struct predict_value value,
                                   const struct model_profile_error *error);

#endif
