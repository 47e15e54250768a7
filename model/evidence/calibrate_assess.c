/* model/evidence/calibrate_assess.c - what a fit is worth: standard errors, correlations, errors on what it has not seen; see calibrate.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/bootstrap.h"
#include "model/evidence/calibrate_internal.h"
#include "model/evidence/fold.h"

enum {
    Q = FITTED_QUANTITIES,
    RESAMPLES = 200,
    RESAMPLES_QUICK = 40,
};

static void judge(struct calibrating *k)
{
    struct calibration *c = k->c;
    size_t n = (size_t)c->parameters;
    gsl_matrix *covariance = gsl_matrix_alloc(n, n);
    c->correlation = calloc(n * n + 1, sizeof *c->correlation);
    assert(c->correlation);
    fit_covariance(&c->surface, calibrating_everything(k), c->ln_value, covariance);
    for (size_t i = 0; i < n; i++) {
        double variance = gsl_matrix_get(covariance, i, i), prior = c->parameter[i].prior_sd;
        c->determined[i] = 1 - variance / (prior * prior);
        c->disagreement[i] = surface_disagreement(&c->surface, (int)i);
        for (size_t j = 0; j < n; j++)
            c->correlation[i * n + j] = gsl_matrix_get(covariance, i, j) /
                                        sqrt(variance * gsl_matrix_get(covariance, j, j));
    }
    gsl_matrix_free(covariance);
    bootstrap(&c->surface, CALIBRATE_REACH, c->ln_value,
              c->options.quick ? RESAMPLES_QUICK : RESAMPLES, c->options.seed, c->standard_error);
}

static bool determines_any(const struct calibration *c)
{
    for (int p = 0; p < c->parameters; p++)
        if (c->determined[p] > 0.5)
            return true;
    return false;
}

/* Fits to the configurations that `out` does not name. */
static void fit_without(struct calibrating *k, const bool *out, double *ln_value)
{
    struct calibration *c = k->c;
    int *kept = calloc((size_t)c->configurations.count + 1, sizeof *kept), count = 0;
    assert(kept);
    for (int i = 0; i < c->configurations.count; i++)
        if (!out[i])
            kept[count++] = i;
    memcpy(ln_value, c->ln_value, sizeof c->ln_value);
    fit_on_surface(&c->surface, (struct fit_set){kept, count, false}, CALIBRATE_REACH, ln_value);
    free(kept);
}

/* Simulates each configuration with the parameters of its group, into predicted. */
static int check_groups(struct calibrating *k, const int *group, double (*ln_value)[PARAMETERS_MAX],
                        int groups, double *predicted)
{
    struct calibration *c = k->c;
    int count = c->configurations.count;
    struct model_profile *profiles = calloc((size_t)groups + 1, sizeof *profiles);
    struct surface_job *jobs = calloc((size_t)count + 1, sizeof *jobs);
    assert(profiles && jobs);
    for (int g = 0; g < groups; g++)
        calibration_without(c, group, g, ln_value[g], &profiles[g]);
    for (int i = 0; i < count; i++)
        jobs[i] = (struct surface_job){
            .configuration = i, .profile = &profiles[group ? group[i] : 0], .moved = -1};
    int status = calibrating_status(surface_run(&c->surface, &k->check, jobs, count, k->err));
    for (int i = 0; i < count; i++)
        memcpy(predicted + (size_t)i * Q, jobs[i].value, sizeof jobs[i].value);
    c->simulations += (uint64_t)count * CALIBRATE_CHECK_REPLICATIONS;
    free(jobs);
    free(profiles);
    return status;
}

/* Leaves out one group after the other; ln_value[groups] receives what the rest says. */
static int leave_out(struct calibrating *k, const int *group, int groups,
                     double (*ln_value)[PARAMETERS_MAX], double *predicted)
{
    int count = k->c->configurations.count;
    bool *out = calloc((size_t)count + 1, sizeof *out);
    assert(out);
    for (int g = 0; g < groups; g++) {
        for (int i = 0; i < count; i++)
            out[i] = group[i] == g;
        fit_without(k, out, ln_value[g]);
    }
    free(out);
    return check_groups(k, group, ln_value, groups, predicted);
}

static int leave_families_out(struct calibrating *k)
{
    struct calibration *c = k->c;
    int families = 0, count = c->configurations.count;
    int *group = calloc((size_t)count + 1, sizeof *group);
    assert(group);
    for (const char *f; (f = configurations_family(&c->configurations, families)); families++)
        for (int i = 0; i < count; i++)
            if (strcmp(c->configurations.configuration[i].row->family, f) == 0)
                group[i] = families;
    double(*ln_value)[PARAMETERS_MAX] = calloc((size_t)families + 1, sizeof *ln_value);
    assert(ln_value);
    int status = leave_out(k, group, families, ln_value, c->family_out);
    free(ln_value);
    free(group);
    return status;
}

int calibrate_assess(struct calibrating *k)
{
    struct calibration *c = k->c;
    calibrating_begin(k, "smaller steps", 0.1);
    int status = calibrating_slopes(k, true);
    if (status != CALIBRATE_OK)
        return status;
    judge(k);
    if (!determines_any(c)) {
        free(c->correlation); /* nothing was found, so there is nothing to tell of it */
        c->correlation = NULL;
        c->end = "the rows determine no parameter beyond the noise of the simulation";
        return broker_err_set(k->err, CALIBRATE_EFIT, "the fit found nothing: %s", c->end);
    }
    calibrating_begin(k, "held-out configurations", 0.15);
    fold_deal(&c->configurations, c->folds, c->options.seed, c->fold);
    status = check_groups(k, NULL, &c->ln_value, 1, c->fitted);
    if (status == CALIBRATE_OK)
        status = leave_out(k, c->fold, c->folds, c->fold_value, c->held_out);
    if (status == CALIBRATE_OK)
        status = leave_families_out(k);
    return status;
}
