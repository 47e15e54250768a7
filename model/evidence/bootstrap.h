/*
 * model/evidence/bootstrap.h - how firmly the configurations determine each parameter.
 *
 * Shape    Configurations are drawn with replacement, as many as there are; the surface is fitted again; the standard deviation of the
 *          parameters' logarithms over the resamples is their standard error. One stream per resample, named, so that neither order nor threads matter.
 * Units    Standard errors of logarithms: 0.12 is 12 %.
 * Source   Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 6: 200 resamples for a standard error.
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_BOOTSTRAP_H
#define MODEL_EVIDENCE_BOOTSTRAP_H

#include "model/evidence/fit.h"

/* Fills standard_error[parameters]. ln_value: the fit to all configurations, where each resample starts. */
void bootstrap(const struct surface *surface, double reach, const double *ln_value, int resamples,
               uint64_t seed, double *standard_error);

#endif
