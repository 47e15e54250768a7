/* model/evidence/gauss_newton.c - see gauss_newton.h. */
#include "model/evidence/gauss_newton.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

#define SINGULAR 1e-10 /* of the largest singular value: below it a direction is not determined */
#define GOOD_GAIN                                                                                  \
    0.75 /* of the promised gain: the radius may grow (Nocedal and Wright, algorithm 4.1) */

double gauss_newton_weight(double residual, double huber)
{
    double size = fabs(residual);
    return huber > 0 && size > huber ? huber / size : 1;
}

static double rho(double residual, double huber)
{
    double size = fabs(residual);
    return huber > 0 && size > huber ? huber * (2 * size - huber) : size * size;
}

static double objective(const gsl_vector *residual, size_t robust, double huber)
{
    double sum = 0;
    for (size_t i = 0; i < residual->size; i++)
        sum += rho(gsl_vector_get(residual, i), i < robust ? huber : 0);
    return sum;
}

/* ---- the linear problem at one point ---- */

struct linear {
    gsl_matrix *u, *v; /* of sqrt(W) J = u s v' */
    gsl_vector *s, *projected /* u' sqrt(W) r */, *work, *step, *change;
    double gain; /* that the step promises, of the weighted sum of squares */
};

static struct linear linear_new(size_t rows, size_t columns)
{
    return (struct linear){
        .u = gsl_matrix_alloc(rows, columns),
        .v = gsl_matrix_alloc(columns, columns),
        .s = gsl_vector_alloc(columns),
        .projected = gsl_vector_alloc(columns),
        .work = gsl_vector_alloc(columns),
        .step = gsl_vector_alloc(columns),
        .change = gsl_vector_alloc(rows),
    };
}

static void linear_free(struct linear *l)
{
    gsl_matrix_free(l->u);
    gsl_matrix_free(l->v);
    gsl_vector_free(l->s);
    gsl_vector_free(l->projected);
    gsl_vector_free(l->work);
    gsl_vector_free(l->step);
    gsl_vector_free(l->change);
}

static void linear_set(struct linear *l, const gsl_matrix *jacobian, const gsl_vector *residual,
                       size_t robust, double huber)
{
    gsl_matrix_memcpy(l->u, jacobian);
    for (size_t i = 0; i < residual->size; i++) {
        double r = gsl_vector_get(residual, i);
        double root = sqrt(gauss_newton_weight(r, i < robust ? huber : 0));
        gsl_vector_view row = gsl_matrix_row(l->u, i);
        gsl_vector_scale(&row.vector, root);
        gsl_vector_set(l->change, i, root * r);
    }
    gsl_linalg_SV_decomp(l->u, l->v, l->s, l->work);
    gsl_blas_dgemv(CblasTrans, 1, l->u, l->change, 0, l->projected);
}

/* step = -v diag(s / (s^2 + damping)) u' r; returns its largest component. */
static double damped(struct linear *l, double damping)
{
    double cut = SINGULAR * gsl_vector_get(l->s, 0), largest = 0;
    l->gain = 0;
    for (size_t j = 0; j < l->s->size; j++) {
        double s = gsl_vector_get(l->s, j), p = gsl_vector_get(l->projected, j);
        double share = s > cut ? s * s / (s * s + damping) : 0;
        gsl_vector_set(l->work, j, s > cut ? -share * p / s : 0);
        l->gain += p * p * share * (2 - share);
    }
    gsl_blas_dgemv(CblasNoTrans, 1, l->v, l->work, 0, l->step);
    for (size_t j = 0; j < l->step->size; j++)
        largest = fmax(largest, fabs(gsl_vector_get(l->step, j)));
    return largest;
}

/* The step within the radius: damping is doubled from next to nothing until it fits, which is near enough. */
static double step_within(struct linear *l, double radius)
{
    double largest = damped(l, 0), s = gsl_vector_get(l->s, 0);
    for (double damping = 1e-12 * s * s; largest > radius; damping *= 2)
        largest = damped(l, damping);
    return largest;
}

/* ---- iterations ---- */

struct search {
    const struct gauss_newton_problem *problem;
    const struct gauss_newton_options *options;
    gsl_vector *x, *tried, *residual, *tried_residual;
    gsl_matrix *jacobian;
    struct linear linear;
    double radius;
    struct gauss_newton_result result;
};

static bool is_finite(const gsl_vector *v)
{
    for (size_t i = 0; i < v->size; i++)
        if (!isfinite(gsl_vector_get(v, i)))
            return false;
    return true;
}

/* Objective at `at`, whose residuals stay in `residual`; NAN when it cannot be had. */
static double value_at(struct search *s, const gsl_vector *at, gsl_vector *residual,
                       gsl_matrix *jacobian)
{
    const struct gauss_newton_problem *p = s->problem;
    if (!p->evaluate(p->ctx, at, residual, jacobian) || !is_finite(residual))
        return NAN;
    return objective(residual, p->robust, s->options->huber);
}

static void accept(struct search *s, double value)
{
    gsl_vector_memcpy(s->x, s->tried);
    gsl_vector_memcpy(s->residual, s->tried_residual);
    s->result.objective = value;
}

/* One Jacobian is spent: steps of falling length until one gains. Returns whether to go on. */
static bool descend(struct search *s)
{
    const struct gauss_newton_options *o = s->options;
    double before = s->result.objective;
    linear_set(&s->linear, s->jacobian, s->residual, s->problem->robust, o->huber);
    for (int try = 0; try <= o->tries_max; try++) {
        double largest = step_within(&s->linear, s->radius);
        s->result.promised = before > 0 ? s->linear.gain / before : 0;
        if (s->result.promised < o->gain_min || largest < o->step_min) {
            s->result.end = GAUSS_NEWTON_CONVERGED;
            return false;
        }
        gsl_vector_memcpy(s->tried, s->x);
        gsl_vector_add(s->tried, s->linear.step);
        double value = value_at(s, s->tried, s->tried_residual, NULL);
        if (isnan(value)) {
            s->result.end = GAUSS_NEWTON_FAILED;
            return false;
        }
        if (value < before) {
            if (before - value > GOOD_GAIN * s->linear.gain)
                s->radius = fmin(2 * s->radius, o->radius);
            accept(s, value);
            return true;
        }
        s->radius = 0.5 * fmin(s->radius, largest);
    }
    s->result.end = GAUSS_NEWTON_STUCK;
    return false;
}

static void iterate(struct search *s)
{
    const struct gauss_newton_options *o = s->options;
    s->result.end = GAUSS_NEWTON_ITERATIONS;
    for (int i = 0; i < o->jacobians_max; i++) {
        double value = value_at(s, s->x, s->residual, s->jacobian);
        if (isnan(value)) {
            s->result.end = GAUSS_NEWTON_FAILED;
            return;
        }
        s->result.objective = value;
        if (!descend(s))
            return;
        if (value - s->result.objective < o->gain_min * value) {
            s->result.end = GAUSS_NEWTON_CONVERGED;
            return;
        }
    }
}

struct gauss_newton_result gauss_newton(const struct gauss_newton_problem *problem,
                                        const struct gauss_newton_options *options, gsl_vector *x)
{
    size_t n = problem->residuals, p = problem->parameters;
    assert(p >= 1 && n >= p && problem->robust <= n && x->size == p);
    struct search s = {.problem = problem,
                       .options = options,
                       .x = x,
                       .tried = gsl_vector_alloc(p),
                       .residual = gsl_vector_alloc(n),
                       .tried_residual = gsl_vector_alloc(n),
                       .jacobian = gsl_matrix_alloc(n, p),
                       .linear = linear_new(n, p),
                       .radius = options->radius};
    iterate(&s);
    linear_free(&s.linear);
    gsl_matrix_free(s.jacobian);
    gsl_vector_free(s.tried_residual);
    gsl_vector_free(s.residual);
    gsl_vector_free(s.tried);
    return s.result;
}

/* J' W J, less the noise on its diagonal. */
static gsl_matrix *information(const gsl_matrix *jacobian, const gsl_vector *residual,
                               size_t robust, double huber, const double *noise)
{
    size_t p = jacobian->size2;
    gsl_matrix *a = gsl_matrix_calloc(p, p);
    for (size_t i = 0; i < jacobian->size1; i++) {
        double weight = gauss_newton_weight(gsl_vector_get(residual, i), i < robust ? huber : 0);
        gsl_vector_const_view row = gsl_matrix_const_row(jacobian, i);
        gsl_blas_dsyr(CblasLower, weight, &row.vector, a);
    }
    for (size_t j = 0; noise && j < p; j++)
        gsl_matrix_set(a, j, j, gsl_matrix_get(a, j, j) - noise[j]);
    return a;
}

void gauss_newton_covariance(const gsl_matrix *jacobian, const gsl_vector *residual, size_t robust,
                             double huber, const double *noise, double least,
                             gsl_matrix *covariance)
{
    size_t p = jacobian->size2;
    assert(least > 0);
    gsl_matrix *a = information(jacobian, residual, robust, huber, noise);
    gsl_matrix *v = gsl_matrix_alloc(p, p);
    gsl_vector *value = gsl_vector_alloc(p);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(p);
    gsl_eigen_symmv(a, value, v, work);
    gsl_matrix_set_zero(covariance);
    for (size_t k = 0; k < p; k++) {
        gsl_vector_const_view column = gsl_matrix_const_column(v, k);
        gsl_blas_dger(1 / fmax(gsl_vector_get(value, k), least), &column.vector, &column.vector,
                      covariance);
    }
    gsl_eigen_symmv_free(work);
    gsl_vector_free(value);
    gsl_matrix_free(v);
    gsl_matrix_free(a);
}
