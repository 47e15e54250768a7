/* model/evidence/fit.c - see fit.h. */
#include "model/evidence/fit.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/nnls.h"

enum { Q = FITTED_QUANTITIES };

/* A logistic transform reaches its bounds at infinity: this near to one counts as there. */
#define EDGE 1e-3

struct reading {
    int configuration, quantity;
};

struct fit {
    const struct surface *surface;
    struct reading *reading;
    int readings;
    double low[PARAMETERS_MAX], high[PARAMETERS_MAX]; /* ln */
};

static const struct configuration *configuration_of(const struct surface *s, int index)
{
    return &s->configurations->configuration[index];
}

static bool is_reading(const struct surface *s, struct fit_set set, int c, int q)
{
    return (!set.cpu_only || fitted_is_cpu(q)) && isfinite(configuration_of(s, c)->sigma[q]) &&
           isfinite(s->value[(size_t)c * Q + (size_t)q]);
}

static void fit_init(struct fit *fit, const struct surface *s, struct fit_set set, double reach)
{
    *fit = (struct fit){.surface = s};
    fit->reading = calloc((size_t)set.count * Q + 1, sizeof *fit->reading);
    assert(fit->reading);
    for (int i = 0; i < set.count; i++)
        for (int q = 0; q < Q; q++)
            if (is_reading(s, set, set.configuration[i], q))
                fit->reading[fit->readings++] = (struct reading){set.configuration[i], q};
    for (int p = 0; p < s->parameters; p++) {
        fit->low[p] = fmax(log(s->parameter[p].low), s->at[p] - reach);
        fit->high[p] = fmin(log(s->parameter[p].high), s->at[p] + reach);
    }
}

static void fit_release(struct fit *fit)
{
    free(fit->reading);
}

/* ---- transform ---- */

static double share_of(const struct fit *fit, int p, double ln_value)
{
    double width = fit->high[p] - fit->low[p];
    double share = width > 0 ? (ln_value - fit->low[p]) / width : 0.5;
    return fmin(fmax(share, EDGE), 1 - EDGE);
}

static double outward(const struct fit *fit, int p, double ln_value)
{
    double share = share_of(fit, p, ln_value);
    return log(share / (1 - share));
}

static double inward(const struct fit *fit, int p, double x, double *derivative)
{
    double share = 1 / (1 + exp(-x)), width = fit->high[p] - fit->low[p];
    *derivative = width * share * (1 - share);
    return fit->low[p] + width * share;
}

/* ---- residuals ---- */

static double prior_residual(const struct surface *s, int p, double ln_value)
{
    return (ln_value - log(s->parameter[p].start)) / s->parameter[p].prior_sd;
}

static bool evaluate(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian)
{
    const struct fit *fit = ctx;
    const struct surface *s = fit->surface;
    double ln_value[PARAMETERS_MAX], derivative[PARAMETERS_MAX], gradient[PARAMETERS_MAX];
    for (int p = 0; p < s->parameters; p++)
        ln_value[p] = inward(fit, p, gsl_vector_get(x, (size_t)p), &derivative[p]);
    for (int i = 0; i < fit->readings; i++) {
        struct reading r = fit->reading[i];
        const struct configuration *one = configuration_of(s, r.configuration);
        double sigma = one->sigma[r.quantity];
        double ln =
            surface_ln(s, r.configuration, r.quantity, ln_value, jacobian ? gradient : NULL);
        gsl_vector_set(residual, (size_t)i, (ln - log(one->value[r.quantity])) / sigma);
        for (int p = 0; jacobian && p < s->parameters; p++)
            gsl_matrix_set(jacobian, (size_t)i, (size_t)p, gradient[p] / sigma * derivative[p]);
    }
    for (int p = 0; p < s->parameters; p++) {
        size_t row = (size_t)(fit->readings + p);
        gsl_vector_set(residual, row, prior_residual(s, p, ln_value[p]));
        for (int k = 0; jacobian && k < s->parameters; k++)
            gsl_matrix_set(jacobian, row, (size_t)k,
                           k == p ? derivative[p] / s->parameter[p].prior_sd : 0);
    }
    return true;
}

struct gauss_newton_result fit_on_surface(const struct surface *s, struct fit_set set, double reach,
                                          double *ln_value)
{
    struct fit fit;
    fit_init(&fit, s, set, reach);
    size_t parameters = (size_t)s->parameters;
    struct gauss_newton_problem problem = {.residuals = (size_t)fit.readings + parameters,
                                           .parameters = parameters,
                                           .robust = (size_t)fit.readings,
                                           .evaluate = evaluate,
                                           .ctx = &fit};
    const struct gauss_newton_options options = {.huber = FIT_HUBER,
                                                 .radius = 1.5,
                                                 .gain_min = 1e-6,
                                                 .step_min = 1e-6,
                                                 .jacobians_max = 200,
                                                 .tries_max = 20};
    gsl_vector *x = gsl_vector_alloc(parameters);
    for (int p = 0; p < s->parameters; p++)
        gsl_vector_set(x, (size_t)p, outward(&fit, p, ln_value[p]));
    struct gauss_newton_result result = gauss_newton(&problem, &options, x);
    double unused;
    for (int p = 0; p < s->parameters; p++)
        ln_value[p] = inward(&fit, p, gsl_vector_get(x, (size_t)p), &unused);
    gsl_vector_free(x);
    fit_release(&fit);
    return result;
}

double fit_objective(const struct surface *s, struct fit_set set, const double *value,
                     const double *ln_value)
{
    double sum = 0;
    for (int i = 0; i < set.count; i++)
        for (int q = 0; q < Q; q++) {
            int c = set.configuration[i];
            if (!is_reading(s, set, c, q))
                continue;
            const struct configuration *one = configuration_of(s, c);
            double ln =
                value ? log(value[(size_t)c * Q + (size_t)q]) : surface_ln(s, c, q, ln_value, NULL);
            double r = fabs((ln - log(one->value[q])) / one->sigma[q]);
            /* A quantity that this point no longer predicts must not look like a gain. */
            sum += !isfinite(r) ? 1e3 : r > FIT_HUBER ? FIT_HUBER * (2 * r - FIT_HUBER) : r * r;
        }
    for (int p = 0; p < s->parameters; p++) {
        double r = prior_residual(s, p, ln_value[p]);
        sum += r * r;
    }
    return sum;
}

static double noise_in(const struct fit *fit, int parameter, const gsl_vector *residual)
{
    double sum = 0;
    for (int i = 0; i < fit->readings; i++) {
        struct reading r = fit->reading[i];
        sum += gauss_newton_weight(gsl_vector_get(residual, (size_t)i), FIT_HUBER) *
               surface_slope_noise(fit->surface, r.configuration, r.quantity, parameter);
    }
    return sum * surface_noise_share(fit->surface);
}

void fit_covariance(const struct surface *s, struct fit_set set, const double *ln_value,
                    gsl_matrix *covariance)
{
    struct fit fit;
    size_t parameters = (size_t)s->parameters;
    /* Wide bounds: here the transform only names the logarithms. */
    fit_init(&fit, s, set, 0);
    for (int p = 0; p < s->parameters; p++) {
        fit.low[p] = ln_value[p] - 2;
        fit.high[p] = ln_value[p] + 2; /* width 4: the derivative in the middle is 1 */
    }
    gsl_vector *x = gsl_vector_calloc(parameters);
    gsl_vector *residual = gsl_vector_alloc((size_t)fit.readings + parameters);
    gsl_matrix *jacobian = gsl_matrix_alloc((size_t)fit.readings + parameters, parameters);
    evaluate(&fit, x, residual, jacobian);
    double noise[PARAMETERS_MAX], widest = 0;
    for (int p = 0; p < s->parameters; p++) {
        noise[p] = noise_in(&fit, p, residual);
        widest = fmax(widest, s->parameter[p].prior_sd);
    }
    gauss_newton_covariance(jacobian, residual, (size_t)fit.readings, FIT_HUBER, noise,
                            1 / (widest * widest), covariance);
    gsl_matrix_free(jacobian);
    gsl_vector_free(residual);
    gsl_vector_free(x);
    fit_release(&fit);
}

/* ---- CPU ---- */

/* Row: what each cost, in multiples of its start, adds to this reading; right side: what is measured less what has other causes. In standard deviations. */
static void cpu_row(const struct surface *s, struct reading r, const int *column, gsl_matrix *a,
                    gsl_vector *b, size_t row)
{
    const struct configuration *one = configuration_of(s, r.configuration);
    double here = s->value[(size_t)r.configuration * Q + (size_t)r.quantity];
    double weight = 1 / (one->sigma[r.quantity] * one->value[r.quantity]), explained = 0;
    double gradient[PARAMETERS_MAX];
    surface_ln(s, r.configuration, r.quantity, s->at, gradient);
    for (int p = 0; p < s->parameters; p++)
        if (column[p] >= 0) {
            double part = here * fmax(gradient[p], 0);
            double multiple = exp(s->at[p]) / s->parameter[p].start; /* of the start, here */
            gsl_matrix_set(a, row, (size_t)column[p], part / multiple * weight);
            explained += part;
        }
    gsl_vector_set(b, row, (one->value[r.quantity] - here + explained) * weight);
}

void fit_cpu(const struct surface *s, struct fit_set set, double reach, double *ln_value)
{
    struct fit fit;
    int column[PARAMETERS_MAX];
    size_t columns = 0, row = 0;
    fit_init(&fit, s, set, reach);
    for (int p = 0; p < s->parameters; p++)
        column[p] = s->parameter[p].kind == PARAMETER_CPU ? (int)columns++ : -1;
    gsl_matrix *a = columns ? gsl_matrix_calloc((size_t)fit.readings + columns, columns) : NULL;
    gsl_vector *b = columns ? gsl_vector_calloc((size_t)fit.readings + columns) : NULL;
    gsl_vector *x = columns ? gsl_vector_calloc(columns) : NULL;
    for (int i = 0; a && i < fit.readings; i++)
        if (fitted_is_cpu(fit.reading[i].quantity))
            cpu_row(s, fit.reading[i], column, a, b, row++);
    for (int p = 0; a && p < s->parameters; p++)
        if (column[p] >= 0) { /* x is in multiples of the start: the prior is a row (x - 1) / sd */
            double weight = 1 / expm1(s->parameter[p].prior_sd);
            gsl_matrix_set(a, row, (size_t)column[p], weight);
            gsl_vector_set(b, row++, weight);
        }
    if (a && nnls_solve(a, b, x))
        for (int p = 0; p < s->parameters; p++)
            if (column[p] >= 0) {
                double factor = gsl_vector_get(x, (size_t)column[p]);
                double ln = factor > 0 ? log(factor * s->parameter[p].start) : fit.low[p];
                ln_value[p] = fmin(fmax(ln, fit.low[p]), fit.high[p]);
            }
    if (a) {
        gsl_vector_free(x);
        gsl_vector_free(b);
        gsl_matrix_free(a);
    }
    fit_release(&fit);
}
