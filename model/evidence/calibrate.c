/* model/evidence/calibrate.c - see calibrate.h: the order of things. */
#include "model/evidence/calibrate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/calibrate_internal.h"

enum {
    Q = FITTED_QUANTITIES,
    FOLDS = 5,
    SURFACES_MAX = 8, /* the first for CPU alone; it ends when it has converged */
    SURFACES_QUICK = 6,
    MOVES_MAX = 6,              /* of one surface */
    TRIES = 3,                  /* halvings of the reach for one move */
    READINGS_PER_PARAMETER = 2, /* fewer, and the prior alone would decide */
};

/* Of one simulation for slopes. Values that are compared get more, for they are few. */
#define BATCHES       96000
#define BATCHES_QUICK 1000
#define VALUE_FACTOR  5
#define GAIN_MIN      0.02
#define GAIN_NOISE    0.15 /* noisy slopes promise so much where there is nothing to gain */
#define GAIN_GO_ON    0.03 /* by all moves of a surface: there may be more on another */
#define GAIN_LAST     0.10 /* the same of the last surface: the fit has not converged */

struct fit_set calibrating_everything(const struct calibrating *k)
{
    return (struct fit_set){k->all, k->c->configurations.count, k->cpu_only};
}

static size_t value_count(const struct calibration *c)
{
    return (size_t)c->configurations.count * Q;
}

static double *new_values(const struct calibration *c)
{
    double *values = calloc(value_count(c) + 1, sizeof *values);
    assert(values);
    return values;
}

static void progress(void *ctx, double ratio)
{
    struct calibrating *k = ctx;
    const struct calibrate_options *o = &k->c->options;
    if (o->progress)
        o->progress(o->progress_ctx, k->done + k->part * ratio, k->what);
}

void calibrating_begin(struct calibrating *k, const char *what, double part)
{
    k->done += k->part;
    k->part = part;
    k->what = what;
}

/* ---- settings ---- */

static struct calibrate_options settled(const struct calibrate_options *options)
{
    struct calibrate_options o = *options;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    o.seed = o.seed ? o.seed : 1;
    o.folds = o.folds ? o.folds : FOLDS;
    o.threads = o.threads > 0 ? o.threads : cores > 0 ? (int)cores : 1;
    o.batches_max = o.batches_max ? o.batches_max : o.quick ? BATCHES_QUICK : BATCHES;
    o.predict = o.predict ? o.predict : predict;
    return o;
}

static void set_up(struct calibrating *k, const struct calibrate_options *o)
{
    k->slopes = (struct surface_options){.seed = o->seed,
                                         .batches_max = o->batches_max,
                                         .replications = 1,
                                         .threads = o->threads,
                                         .predict = o->predict,
                                         .progress = progress,
                                         .progress_ctx = k,
                                         .stop = o->stop};
    k->check = k->slopes;
    k->check.replications = CALIBRATE_CHECK_REPLICATIONS;
    k->check.batches_max = VALUE_FACTOR * o->batches_max;
}

static int choose(struct calibrating *k)
{
    struct calibration *c = k->c;
    int count = c->configurations.count;
    const struct row_config **configs = calloc((size_t)count + 1, sizeof *configs);
    assert(configs);
    for (int i = 0; i < count; i++)
        configs[i] = &c->configurations.configuration[i].row->config;
    c->parameters = parameter_choose(&c->start, configs, count, c->parameter);
    free(configs);
    for (int i = 0; i < count; i++)
        for (int q = 0; q < Q; q++)
            c->readings += isfinite(c->configurations.configuration[i].sigma[q]);
    if (count >= 2 * c->options.folds && c->readings >= READINGS_PER_PARAMETER * c->parameters)
        return CALIBRATE_OK;
    return broker_err_set(
        k->err, CALIBRATE_EINVALID,
        "too few rows: %d configurations with %d readings that can be fitted, for %d parameters "
        "and "
        "%d folds; at least %d configurations and %d readings are needed (first row: %s)",
        count, c->readings, c->parameters, c->options.folds, 2 * c->options.folds,
        READINGS_PER_PARAMETER * c->parameters,
        count ? c->configurations.configuration[0].row->id : "none");
}

int calibrating_status(int surface_status)
{
    return surface_status == SURFACE_OK        ? CALIBRATE_OK
           : surface_status == SURFACE_STOPPED ? CALIBRATE_STOPPED
                                               : CALIBRATE_EFAILED;
}

/* ---- the fit ---- */

static int values_at(struct calibrating *k, const double *ln_value, double *value)
{
    k->c->simulations += (uint64_t)k->c->configurations.count * CALIBRATE_CHECK_REPLICATIONS;
    return calibrating_status(
        surface_values_at(&k->c->surface, &k->check, ln_value, value, k->err));
}

int calibrating_slopes(struct calibrating *k, bool small_step)
{
    k->c->simulations += (uint64_t)surface_slope_jobs(&k->c->surface, small_step);
    return calibrating_status(surface_slopes(&k->c->surface, &k->slopes, small_step, k->err));
}

/* The best point of the surface within reach; of CPU readings alone from where non-negative least squares points. */
static double best_on_surface(struct calibrating *k, double reach, double *candidate)
{
    struct calibration *c = k->c;
    memcpy(candidate, c->ln_value, sizeof c->ln_value);
    if (k->cpu_only)
        fit_cpu(&c->surface, calibrating_everything(k), reach, candidate);
    fit_on_surface(&c->surface, calibrating_everything(k), reach, candidate);
    return fit_objective(&c->surface, calibrating_everything(k), NULL, candidate);
}

enum moved { MOVED, NOTHING_PROMISED, LITTLE_GAINED, NOT_MOVED };

/* A gain counts against what is left and what readings that scatter as they do leave anyway: one each. */
static double gain(const struct calibrating *k, double from, double to)
{
    return (from - to) / (from + k->c->readings);
}

/* Goes to where the surface promises most, if the simulation agrees that it is better there; the surface goes along. */
static int move(struct calibrating *k, struct calibration_step *step, double *tried,
                enum moved *moved)
{
    struct calibration *c = k->c;
    double candidate[PARAMETERS_MAX], reach = CALIBRATE_REACH, promised_most = 0;
    double here = fit_objective(&c->surface, calibrating_everything(k), NULL, c->ln_value);
    for (int try = 0; try < TRIES; try++, reach /= 2) {
        double promised = gain(k, here, best_on_surface(k, reach, candidate));
        promised_most = fmax(promised_most, promised);
        if (promised < GAIN_MIN)
            break;
        int status = values_at(k, candidate, tried);
        if (status != CALIBRATE_OK)
            return status;
        double there = fit_objective(&c->surface, calibrating_everything(k), tried, candidate);
        if (there < here) {
            memcpy(c->ln_value, candidate, sizeof candidate);
            surface_move(&c->surface, candidate, tried);
            step->moves++;
            step->reached = there;
            *moved = gain(k, here, there) < GAIN_MIN ? LITTLE_GAINED : MOVED;
            return CALIBRATE_OK;
        }
    }
    *moved = promised_most < GAIN_MIN ? NOTHING_PROMISED : NOT_MOVED;
    step->promised = promised_most;
    return CALIBRATE_OK;
}

/* Slopes here, then moves on them until they are used up. */
static int linearise(struct calibrating *k, double *tried, enum moved *moved)
{
    struct calibration *c = k->c;
    struct calibration_step *step = &c->step[c->steps++];
    int status = calibrating_slopes(k, false);
    if (status != CALIBRATE_OK)
        return status;
    step->objective = step->reached =
        fit_objective(&c->surface, calibrating_everything(k), NULL, c->ln_value);
    *moved = MOVED;
    for (int i = 0; i < MOVES_MAX && *moved == MOVED && status == CALIBRATE_OK; i++)
        status = move(k, step, tried, moved);
    return status;
}

static int not_converged(struct calibrating *k, const char *why)
{
    k->c->end = why;
    return broker_err_set(k->err, CALIBRATE_EFIT, "the fit did not converge: %s", why);
}

/* The last surface must have been taken so near to the end that it gains little: else its slopes are those of another place. */
static int judge_end(struct calibrating *k, enum moved moved)
{
    struct calibration *c = k->c;
    const struct calibration_step *last = &c->step[c->steps - 1];
    if (gain(k, last->objective, last->reached) > GAIN_LAST)
        return not_converged(k, "it was still gaining after the last surface");
    if (moved == NOT_MOVED && last->promised > GAIN_NOISE)
        return not_converged(k, "the slopes promise a gain that no move gives");
    c->end = moved == NOTHING_PROMISED ? "the surface promises no further gain"
             : moved == NOT_MOVED ? "what the surface promises is within the noise of its slopes"
                                  : "the last move gained next to nothing";
    return CALIBRATE_OK;
}

static bool goes_on(const struct calibrating *k)
{
    const struct calibration_step *last = &k->c->step[k->c->steps - 1];
    return gain(k, last->objective, last->reached) > GAIN_GO_ON;
}

static int descend(struct calibrating *k, double *tried)
{
    struct calibration *c = k->c;
    int surfaces = c->options.quick ? SURFACES_QUICK : SURFACES_MAX;
    int status = values_at(k, c->ln_value, tried);
    enum moved moved = MOVED;
    if (status == CALIBRATE_OK)
        surface_move(&c->surface, c->ln_value, tried);
    for (int i = 0; i < surfaces && status == CALIBRATE_OK; i++) {
        /* First what CPU costs: a start profile that saturates a core would say nothing of latencies. */
        k->cpu_only = i == 0;
        calibrating_begin(k, "slopes", 0.75 / surfaces);
        status = linearise(k, tried, &moved);
        if (status == CALIBRATE_OK && i > 1 && !goes_on(k) && judge_end(k, moved) == CALIBRATE_OK)
            return CALIBRATE_OK;
    }
    return status == CALIBRATE_OK ? judge_end(k, moved) : status;
}

/* ---- from rows to a calibration ---- */

static int run(struct calibrating *k)
{
    struct calibration *c = k->c;
    surface_init(&c->surface, &c->configurations, c->parameter, c->parameters, &c->start);
    for (int p = 0; p < c->parameters; p++)
        c->ln_value[p] = c->surface.at[p] = log(c->parameter[p].start);
    c->folds = c->options.folds;
    c->fold = calloc((size_t)c->configurations.count + 1, sizeof *c->fold);
    k->all = calloc((size_t)c->configurations.count + 1, sizeof *k->all);
    assert(c->fold && k->all);
    for (int i = 0; i < c->configurations.count; i++)
        k->all[i] = i;
    c->fitted = new_values(c);
    c->held_out = new_values(c);
    c->family_out = new_values(c);
    double *tried = new_values(c);
    int status = descend(k, tried);
    if (status == CALIBRATE_OK)
        status = calibrate_assess(k);
    free(tried);
    free(k->all);
    return status;
}

enum calibrate_status calibrate(const struct rows *rows, const struct calibrate_options *options,
                                struct calibration **calibration, struct broker_err *err)
{
    struct calibration *c = calloc(1, sizeof *c);
    assert(c);
    struct calibrating k = {.c = c, .err = err};
    c->options = settled(options);
    assert(c->options.folds >= 2 && c->options.folds <= CALIBRATE_FOLDS_MAX);
    set_up(&k, &c->options);
    int status = configurations_init(&c->configurations, rows, c->options.datadir, c->options.place,
                                     err) == 0
                     ? CALIBRATE_OK
                     : CALIBRATE_EINVALID;
    if (status == CALIBRATE_OK) {
        c->collector = collector_read(&c->configurations, NULL, c->options.start);
        c->start = *c->options.start;
        collector_apply(&c->collector, &c->start);
        status = choose(&k);
    }
    if (status == CALIBRATE_OK)
        status = run(&k);
    bool keep = status == CALIBRATE_OK || status == CALIBRATE_EFIT;
    *calibration = keep ? c : NULL;
    if (!keep)
        calibration_free(c);
    return (enum calibrate_status)status;
}

void calibration_free(struct calibration *c)
{
    if (!c)
        return;
    if (c->surface.value)
        surface_release(&c->surface);
    configurations_release(&c->configurations);
    free(c->correlation);
    free(c->fold);
    free(c->fitted);
    free(c->held_out);
    free(c->family_out);
    free(c);
}
