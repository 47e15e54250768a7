/*
 * model/evidence/fit.h - parameters that explain a set of configurations, found on a surface.
 *
 * Shape    First the CPU readings alone: they are linear in the costs, so non-negative least squares answers at once. Then everything
 *          together by robust Gauss-Newton on ln(predicted / measured) / sigma, with a weak prior towards the start profile that decides only what
 *          the rows leave open. Parameters stay within their bounds by a logistic transform of their logarithm, and within `reach` of where
 *          the surface was taken.
 * Units    ln of parameters. Residuals: standard deviations.
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_FIT_H
#define MODEL_EVIDENCE_FIT_H

#include "model/evidence/gauss_newton.h"
#include "model/evidence/surface.h"

/* Beyond so many standard deviations a residual counts linearly: 95 % efficiency on normal errors (Huber 1981). */
#define FIT_HUBER 1.345

struct fit_set {
    const int *configuration; /* may name one twice: a bootstrap does */
    int count;
    bool cpu_only; /* readings of CPU alone */
};

/* Non-negative least squares over the CPU readings; costs that are not determined stay near their start. Fills ln_value. */
void fit_cpu(const struct surface *surface, struct fit_set set, double reach, double *ln_value);

/* From ln_value to the lowest point within reach. */
struct gauss_newton_result fit_on_surface(const struct surface *surface, struct fit_set set,
                                          double reach, double *ln_value);

/* The objective of predictions [configuration][quantity] (NULL: those of the surface) at ln_value, prior included. */
double fit_objective(const struct surface *surface, struct fit_set set, const double *value,
                     const double *ln_value);
/* Covariance of the parameters' logarithms at ln_value, prior included, noise of the slopes taken off: parameters x parameters. */
void fit_covariance(const struct surface *surface, struct fit_set set, const double *ln_value,
                    gsl_matrix *covariance);

#endif
