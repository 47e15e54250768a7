/*
 * model/evidence/parameter.h - what a fit may change in a profile: one table row a number.
 *
 * Shape    Each row names a key of the profile file, what a measured configuration must have for the number to matter, the factor by which it
 *          may leave its start value, and how firmly the start is believed. Fits work on logarithms between two bounds. Where rows tell
 *          only the sum of several costs, they move together: their ratio is the start's.
 * Units    As the profile: ns, bytes. priors: standard deviation of the logarithm.
 * Omits    What rows cannot show: TLS, quantum, spread of pauses, Java consumers; these keep their start value and are marked as judged. And
 *          what is read instead: collector.h.
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_PARAMETER_H
#define MODEL_EVIDENCE_PARAMETER_H

#include <stdbool.h>

#include "model/evidence/rows.h"
#include "model/scenario/profile.h"

enum {
    PARAMETERS_MAX = 96,
    PARAMETER_TIED_MAX = 3,
};

enum parameter_kind {
    PARAMETER_CPU,       /* CPU readings are linear in it */
    PARAMETER_SIMULATED, /* only a simulation knows its effect */
};

struct parameter {
    const struct scenario_profile_key *key;
    const struct scenario_profile_key
        *tied[PARAMETER_TIED_MAX + 1]; /* keep their ratio to it; NULL ends */
    enum parameter_kind kind;
    bool (*matters)(const struct row_config *config);
    double start;     /* above 0 */
    double low, high; /* bounds */
    double prior_sd;
};

/*
 * Fills parameter[PARAMETERS_MAX] with what at least one of the configurations can tell about, in the order of the profile file; returns
 * their number. A start of 0 becomes a tenth of the uncalibrated value, because a logarithm has no 0.
 */
int parameter_choose(const struct model_profile *start, const struct row_config *const *configs,
                     int config_count, struct parameter *parameter);

/* The number times factor, and what is tied to it. */
void parameter_move(const struct parameter *parameter, double factor,
                    struct model_profile *profile);

/* The profile with these values; the rest as in start. */
void parameter_apply(const struct parameter *parameter, int count, const double *ln_value,
                     const struct model_profile *start, struct model_profile *out);

#endif
