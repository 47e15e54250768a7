/*
 * model/evidence/coverage.h - do the 90 % intervals hold 90 %?
 *
 * Shape    A case's share of repeats inside its interval counts once, because repeats of one configuration err together.
 * Units    Ratios.
 * Checked  tests/model/test_verify.c
 */
#ifndef MODEL_EVIDENCE_COVERAGE_H
#define MODEL_EVIDENCE_COVERAGE_H

#include "model/evidence/verify.h"

#define COVERAGE_NOMINAL 0.90

struct coverage {
    int n;               /* cases */
    double share;        /* covered */
    double error;        /* binomial standard error of a share of n at the nominal level */
    double median_width; /* (high - low) / value */
};

struct coverage coverage_of(const struct verify *verify, enum verify_population population,
                            enum verify_method method, enum measured_quantity quantity);
/* Within two binomial standard errors of the nominal level. False when n is 0. */
bool coverage_holds(const struct coverage *coverage);

#endif
