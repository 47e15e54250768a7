/*
 * model/evidence/predict.h - a scenario's prediction of everything that can be measured of it.
 *
 * Shape    Replications of the scenario's cluster under a given profile, as long as the measurement was or until a budget of batches
 *          is spent; each quantity gets a value and a 90 % prediction interval for one repeat of the measurement.
 * Interval value * exp(+- t * sqrt(s_model^2 + s_run^2)): s_run from the replications, s_model the profile's held-out error of that quantity
 *          (0 when uncalibrated: known_error is then false).
 * Determinism  By seed and budget alone.
 */
#ifndef MODEL_EVIDENCE_PREDICT_H
#define MODEL_EVIDENCE_PREDICT_H

#include "broker-core/status.h"
#include "model/hardware/profile.h"
#include "model/scenario/load.h"
#include "model/scenario/measured.h"

struct predict_options {
    uint64_t seed;
    int replications;     /* 0: 3 */
    uint64_t batches_max; /* over all replications; the simulated time is cut to fit; 0: no limit */
    double measure_s_max; /* cut the simulated time; 0: as the scenario says */
    int variant;          /* -1: the file as written */
    bool sample_inputs;   /* draw the scenario's uncertain inputs for each replication */
};

struct predict_value {
    double value;     /* NAN: not predicted */
    double low, high; /* 90 % for one repeat */
};

struct prediction {
    struct predict_value quantity[MEASURED_QUANTITIES];
    bool stable; /* false: queues grow; latencies are those of the simulated window */
    bool cut;    /* the budget was hit: shorter than the measurement, wider interval */
    uint64_t batches;
    double simulated_s;
};

int predict(const struct scenario_doc *doc, const struct model_profile *profile,
            const struct predict_options *options, struct prediction *out, struct broker_err *err);

#endif
