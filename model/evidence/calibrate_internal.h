/*
 * model/evidence/calibrate_internal.h - one calibration in progress, as its two halves see it: the fit, and what the fit is worth.
 *
 * Shape    calibrate.c finds the parameters on surfaces; calibrate_assess.c judges them on the last one and simulates what was held out.
 * Units    As calibrate.h.
 * Omits    -
 * Source   -
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_CALIBRATE_INTERNAL_H
#define MODEL_EVIDENCE_CALIBRATE_INTERNAL_H

#include "model/evidence/calibrate.h"
#include "model/evidence/fit.h"

/* Within a factor of e of its middle a surface is believed; the first step comes from judged values and may go as far. */
#define CALIBRATE_REACH 1.0

enum {
    CALIBRATE_CHECK_REPLICATIONS = 2, /* of a prediction that is compared with a measurement */
};

struct calibrating {
    struct calibration *c;
    struct surface_options slopes, check;
    int *all;      /* every configuration */
    bool cpu_only; /* at first */
    const char *what;
    double done, part; /* progress: before, and the share of what runs now */
    struct broker_err *err;
};

struct fit_set calibrating_everything(const struct calibrating *k);
/* The next part of the work begins, which is such a share of all. */
void calibrating_begin(struct calibrating *k, const char *what, double part);
int calibrating_status(int surface_status);
int calibrating_slopes(struct calibrating *k, bool small_step);

/* The profile with these values and the pauses of all configurations but those of one group; group NULL: of all. */
void calibration_without(const struct calibration *c, const int *group, int without,
                         const double *ln_value, struct model_profile *profile);

/* Standard errors, correlations, folds and families, at c->ln_value on the last surface. Returns a calibrate_status. */
int calibrate_assess(struct calibrating *k);

#endif
