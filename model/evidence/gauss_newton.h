/*
 * model/evidence/gauss_newton.h - robust nonlinear least squares where each evaluation is dear.
 *
 * Shape    Minimises sum rho(residual) with Huber's rho over the first `robust` residuals (beyond `huber` they count linearly, so that a stall
 *          of the machine cannot bend the fit) and squares over the others (priors). Each iteration takes one Jacobian, weights the
 *          residuals by Huber's weights, solves the linear problem by singular values, and stays within a radius in every
 *          parameter: it halves after a step that gained nothing and grows after one that gained what was promised.
 * Units    Residuals in their standard deviations; parameters should be logarithms, one radius serves all of them.
 * Source   Huber, Robust Statistics (1981), chapter 7; Nocedal and Wright, Numerical Optimization (2006), chapters 4 and 10.
 * Checked  tests/model/test_gauss_newton.c: NIST StRD Misra1a, certified to ten digits; an outlier; a problem without an answer.
 */
#ifndef MODEL_EVIDENCE_GAUSS_NEWTON_H
#define MODEL_EVIDENCE_GAUSS_NEWTON_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

struct gauss_newton_problem {
    size_t residuals, parameters;
    size_t robust; /* residuals [0, robust) are Huber's */
    /* Fills residual and, unless NULL, jacobian (residuals x parameters). False: x cannot be evaluated, or stop. */
    bool (*evaluate)(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian);
    void *ctx;
};

struct gauss_newton_options {
    double huber;      /* in standard deviations; 0: plain squares */
    double radius;     /* of the first step, and of any later one */
    double gain_min;   /* relative gain of an iteration below which it has converged */
    double step_min;   /* largest change of a parameter below which it has converged */
    int jacobians_max; /* iterations */
    int tries_max;     /* halvings of the radius before a point counts as the lowest */
};

enum gauss_newton_end {
    GAUSS_NEWTON_CONVERGED,
    GAUSS_NEWTON_ITERATIONS, /* still gaining after jacobians_max */
    GAUSS_NEWTON_STUCK,      /* the Jacobian promises a gain that no step gives */
    GAUSS_NEWTON_FAILED,     /* evaluate said false, or a value is not a number */
};

struct gauss_newton_result {
    enum gauss_newton_end end;
    double objective;
    double promised; /* relative gain that the last Jacobian still promises */
};

/* x: start in, answer out (the lowest point seen, also when it did not converge). */
struct gauss_newton_result gauss_newton(const struct gauss_newton_problem *problem,
                                        const struct gauss_newton_options *options, gsl_vector *x);

/*
 * Covariance of the parameters: the inverse of J' W J, with Huber's weights at these residuals. A Jacobian of noisy slopes makes parameters look
 * different that are alike: noise[p], the expected sum over the residuals of the weighted squares of the noise in column p, is taken off
 * beforehand (NULL: none). No direction is then less known than `least`, an information (1 / variance) above 0.
 */
void gauss_newton_covariance(const gsl_matrix *jacobian, const gsl_vector *residual, size_t robust,
                             double huber, const double *noise, double least,
                             gsl_matrix *covariance);

/* rho(r) / (r^2 / 2) as a weight: 1 within huber, huber / |r| beyond. */
double gauss_newton_weight(double residual, double huber);

#endif
