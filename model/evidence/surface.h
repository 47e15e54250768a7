/*
 * model/evidence/surface.h - what the simulation says of every configuration around one set of parameters.
 *
 * Shape    At one point: each configuration's prediction and, by central differences under common seeds, how each quantity answers to each
 *          parameter. Between, latencies and CPU are taken as linear in the parameters (times add up), rates as linear in logarithms. One surface
 *          serves the fit, its folds, its families and its bootstrap.
 *          Percentiles of a seeded simulation are step functions: steps are large (10 %); slopes within the noise, which is known from what both
 *          sides do alike, count as none; and on every third configuration a second, smaller step tells whether a slope is one.
 * Threads  Simulations are shared among threads; each is one job with its own result, so the threads change nothing.
 * Units    Slopes: d ln(quantity) / d ln(parameter).
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_SURFACE_H
#define MODEL_EVIDENCE_SURFACE_H

#include <signal.h>

#include "model/evidence/configuration.h"
#include "model/evidence/parameter.h"
#include "model/evidence/predict.h"

typedef int (*surface_predict_fn)(const struct scenario_doc *doc,
                                  const struct model_profile *profile,
                                  const struct predict_options *options, struct prediction *out,
                                  struct broker_err *err);

struct surface_options {
    uint64_t seed;
    uint64_t batches_max; /* of one simulation */
    int replications;
    int threads;
    surface_predict_fn predict;
    void (*progress)(void *ctx, double done_ratio);
    void *progress_ctx;
    volatile sig_atomic_t *stop; /* NULL: never */
};

/* One prediction to be made; jobs of one call are independent. */
struct surface_job {
    int configuration;
    const struct model_profile *profile; /* borrowed */
    int moved;                           /* parameter that differs from it, -1: none */
    double by;                           /* its logarithm moves so much */
    double value[FITTED_QUANTITIES];     /* out: NAN where there is no prediction */
    bool failed;
};

struct surface {
    const struct configurations *configurations;
    const struct parameter *parameter;
    int parameters;
    const struct model_profile *start; /* borrowed: what is not a parameter */
    double at[PARAMETERS_MAX];         /* ln values of the parameters */
    double *value;                     /* [configuration][quantity] */
    double *slope;       /* [configuration][quantity][parameter], of the larger step */
    double *slope_small; /* of the smaller one; all NAN until asked for */
};

enum { SURFACE_OK, SURFACE_STOPPED, SURFACE_EFAILED };

/* Borrows all. */
void surface_init(struct surface *surface, const struct configurations *configurations,
                  const struct parameter *parameter, int parameters,
                  const struct model_profile *start);
void surface_release(struct surface *surface);

/* Runs the jobs. SURFACE_EFAILED: err has the first, in their order. */
int surface_run(const struct surface *surface, const struct surface_options *options,
                struct surface_job *jobs, int count, struct broker_err *err);
/* Predictions at ln_value, into value [configuration][quantity]. */
int surface_values_at(const struct surface *surface, const struct surface_options *options,
                      const double *ln_value, double *value, struct broker_err *err);
/* Takes slopes where the surface stands, with steps of ln 1.10; or of ln 1.05 on every third configuration, into slope_small. */
int surface_slopes(struct surface *surface, const struct surface_options *options, bool small_step,
                   struct broker_err *err);
/* Moves the surface to ln_value, whose predictions are given. Slopes go with it: what a parameter adds stays proportional to it. */
void surface_move(struct surface *surface, const double *ln_value, const double *value);
/* Simulations that surface_slopes needs. */
int surface_slope_jobs(const struct surface *surface, bool small_step);

/* ln of the quantity at ln_value by the surface, and its gradient [parameter] (NULL: not wanted); NAN when it is not predicted. */
double surface_ln(const struct surface *surface, int configuration, int quantity,
                  const double *ln_value, double *gradient);

/*
 * How far the slopes of the two steps differ, over everything that is fitted: sum |a - b| / sum |a| in standard deviations of the readings. 1
 * and more: noise. NAN: the parameter moves nothing.
 */
double surface_disagreement(const struct surface *surface, int parameter);
/* Variance of the slope's noise / sigma^2 of that reading, estimated where both steps were taken; 0 elsewhere. */
double surface_slope_noise(const struct surface *surface, int configuration, int quantity,
                           int parameter);
/* Configurations for each one where both steps were taken. */
double surface_noise_share(const struct surface *surface);

#endif
