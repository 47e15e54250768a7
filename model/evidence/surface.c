/* model/evidence/surface.c - see surface.h. */
#include "model/evidence/surface.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define STEP             0.0953101798043249 /* ln 1.10 */
#define STEP_SMALL       0.0487901641694320 /* ln 1.05 */
#define SMALL_STEP_EVERY 3
#define SLOPE_MAX        3.0
#define LEAST            0.05 /* of the value here: a straight line must not reach zero */

/* A batch of many small records costs more than its batch: simulated time ends at so many records for each batch of the budget, too. */
#define RECORDS_PER_BATCH 20
#define MEASURE_S_MIN     0.5 /* whatever the rate: a percentile needs some requests */

enum { Q = FITTED_QUANTITIES };

static double *new_nans(size_t count)
{
    double *values = malloc((count + 1) * sizeof *values);
    assert(values);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

void surface_init(struct surface *s, const struct configurations *configurations,
                  const struct parameter *parameter, int parameters,
                  const struct model_profile *start)
{
    size_t values = (size_t)configurations->count * Q;
    *s = (struct surface){.configurations = configurations,
                          .parameter = parameter,
                          .parameters = parameters,
                          .start = start,
                          .value = new_nans(values),
                          .slope = new_nans(values * (size_t)parameters),
                          .slope_small = new_nans(values * (size_t)parameters)};
}

void surface_release(struct surface *s)
{
    free(s->value);
    free(s->slope);
    free(s->slope_small);
    *s = (struct surface){0};
}

static size_t slope_index(const struct surface *s, int configuration, int quantity)
{
    return ((size_t)configuration * Q + (size_t)quantity) * (size_t)s->parameters;
}

/* ---- jobs in threads ---- */

struct crew {
    const struct surface *surface;
    const struct surface_options *options;
    struct surface_job *jobs;
    struct broker_err *errs; /* one a job */
    int count, next, done;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static bool stopped(const struct surface_options *options)
{
    return options->stop && *options->stop;
}

/* 0: as the scenario says. */
static double measure_s_max(const struct surface_options *o, const struct row_config *config)
{
    double records = RECORDS_PER_BATCH * (double)o->batches_max / o->replications;
    return config->rate_max ? 0 : fmax(records / config->rate_per_s, MEASURE_S_MIN);
}

static void predict_job(const struct crew *crew, struct surface_job *job, struct broker_err *err)
{
    const struct surface_options *o = crew->options;
    const struct configuration *one =
        &crew->surface->configurations->configuration[job->configuration];
    struct model_profile profile = *job->profile;
    struct predict_options options = {.seed = o->seed,
                                      .replications = o->replications,
                                      .batches_max = o->batches_max,
                                      .measure_s_max = measure_s_max(o, &one->row->config),
                                      .variant = -1};
    struct prediction prediction;
    if (job->moved >= 0)
        parameter_move(&crew->surface->parameter[job->moved], exp(job->by), &profile);
    job->failed = o->predict(one->doc, &profile, &options, &prediction, err) != 0;
    for (int q = 0; q < Q; q++) {
        double value = job->failed ? NAN : prediction.quantity[q].value;
        job->value[q] = value > 0 ? value : NAN;
    }
}

static void *work(void *ctx)
{
    struct crew *crew = ctx;
    pthread_mutex_lock(&crew->lock);
    while (crew->next < crew->count && !stopped(crew->options)) {
        int i = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        predict_job(crew, &crew->jobs[i], &crew->errs[i]);
        pthread_mutex_lock(&crew->lock);
        crew->done++;
        pthread_cond_signal(&crew->changed);
    }
    pthread_cond_signal(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Progress comes from the calling thread. */
static void watch(struct crew *crew)
{
    const struct surface_options *o = crew->options;
    pthread_mutex_lock(&crew->lock);
    while (crew->done < crew->count && !(stopped(o) && crew->done == crew->next)) {
        pthread_cond_wait(&crew->changed, &crew->lock);
        if (o->progress)
            o->progress(o->progress_ctx, (double)crew->done / crew->count);
    }
    pthread_mutex_unlock(&crew->lock);
}

int surface_run(const struct surface *surface, const struct surface_options *options,
                struct surface_job *jobs, int count, struct broker_err *err)
{
    enum { THREADS_MAX = 256 };
    pthread_t threads[THREADS_MAX];
    int wanted = options->threads < 1             ? 1
                 : options->threads > THREADS_MAX ? THREADS_MAX
                                                  : options->threads;
    struct crew crew = {.surface = surface, .options = options, .jobs = jobs, .count = count};
    crew.errs = calloc((size_t)count + 1, sizeof *crew.errs);
    assert(crew.errs);
    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.changed, NULL);
    int started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, work, &crew) == 0)
        started++;
    if (started == 0)
        work(&crew);
    watch(&crew);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    int status = stopped(options) ? SURFACE_STOPPED : SURFACE_OK;
    for (int i = 0; i < count && status == SURFACE_OK; i++)
        if (jobs[i].failed)
            status = broker_err_set(
                err, SURFACE_EFAILED, "row %s: %.200s",
                surface->configurations->configuration[jobs[i].configuration].row->id,
                crew.errs[i].text);
    pthread_cond_destroy(&crew.changed);
    pthread_mutex_destroy(&crew.lock);
    free(crew.errs);
    return status;
}

/* ---- values and slopes ---- */

int surface_values_at(const struct surface *s, const struct surface_options *options,
                      const double *ln_value, double *value, struct broker_err *err)
{
    struct model_profile profile;
    int count = s->configurations->count;
    struct surface_job *jobs = calloc((size_t)count + 1, sizeof *jobs);
    assert(jobs);
    parameter_apply(s->parameter, s->parameters, ln_value, s->start, &profile);
    for (int i = 0; i < count; i++)
        jobs[i] = (struct surface_job){.configuration = i, .profile = &profile, .moved = -1};
    int status = surface_run(s, options, jobs, count, err);
    for (int i = 0; i < count; i++)
        memcpy(value + (size_t)i * Q, jobs[i].value, sizeof jobs[i].value);
    free(jobs);
    return status;
}

static bool adds_up(int quantity)
{
    return quantity != MEASURED_THROUGHPUT && quantity != MEASURED_REQUESTS &&
           quantity != MEASURED_BATCHES && quantity != MEASURED_DISK_BYTES;
}

static bool matters(const struct surface *s, int configuration, int parameter)
{
    return s->parameter[parameter].matters(
        &s->configurations->configuration[configuration].row->config);
}

static bool has_slopes(int configuration, bool small_step)
{
    return !small_step || configuration % SMALL_STEP_EVERY == 0;
}

/* For each configuration its middle, then each parameter's two sides. */
static int fill_jobs(const struct surface *s, const struct model_profile *profile, bool small_step,
                     struct surface_job *jobs)
{
    double step = small_step ? STEP_SMALL : STEP;
    int count = 0;
    for (int c = 0; c < s->configurations->count; c++) {
        if (!has_slopes(c, small_step))
            continue;
        jobs[count++] = (struct surface_job){.configuration = c, .profile = profile, .moved = -1};
        for (int p = 0; p < s->parameters; p++)
            for (int side = -1; side <= 1 && matters(s, c, p); side += 2)
                jobs[count++] = (struct surface_job){
                    .configuration = c, .profile = profile, .moved = p, .by = side * step};
    }
    return count;
}

int surface_slope_jobs(const struct surface *s, bool small_step)
{
    int count = 0;
    for (int c = 0; c < s->configurations->count; c++) {
        count += has_slopes(c, small_step);
        for (int p = 0; p < s->parameters && has_slopes(c, small_step); p++)
            count += matters(s, c, p) ? 2 : 0;
    }
    return count;
}

/* One quantity of one configuration: its slopes and what both sides of each parameter did alike, which is curvature or noise. */
struct answers {
    double slope[PARAMETERS_MAX], alike[PARAMETERS_MAX];
    int parameter[PARAMETERS_MAX];
    int count;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * Standard deviation of a slope's noise, from the median of what should be zero: most parameters hardly bend a quantity. With noise s of ln value,
 * a slope has s / (sqrt 2 h), what is alike sqrt 6 s / (2 h), whose median size is 0.6745 of its standard deviation.
 */
static double noise_of(const struct answers *answers)
{
    double sizes[PARAMETERS_MAX];
    for (int i = 0; i < answers->count; i++)
        sizes[i] = fabs(answers->alike[i]);
    qsort(sizes, (size_t)answers->count, sizeof *sizes, ascending);
    return sizes[answers->count / 2] / 0.6745 / sqrt(3);
}

/*
 * A slope within two standard deviations of noise is none, one far above is itself (Breiman's garrote): else the noise of a thousand slopes
 * outweighs what the few true ones say. A steeper one than SLOPE_MAX is that of a queue near saturation: a straight line does not describe it,
 * and its leverage would outweigh all other rows.
 */
static double settled(double slope, double noise)
{
    double share = slope * slope > 0 ? 1 - 4 * noise * noise / (slope * slope) : 0;
    return fmax(-SLOPE_MAX, fmin(SLOPE_MAX, slope * fmax(share, 0)));
}

static void settle_quantity(const struct surface_job *jobs, int count, int q, double step,
                            double *slope)
{
    struct answers answers = {.count = 0};
    double middle = jobs[0].value[q];
    for (int i = 1; i + 1 < count; i += 2) {
        double below = jobs[i].value[q], above = jobs[i + 1].value[q];
        double s = log(above / below) / (2 * step);
        double alike = log(above * below / (middle * middle)) / (2 * step);
        if (!isfinite(s) || !isfinite(alike))
            continue;
        answers.parameter[answers.count] = jobs[i].moved;
        answers.slope[answers.count] = s;
        answers.alike[answers.count++] = alike;
    }
    double noise = answers.count > 0 ? noise_of(&answers) : 0;
    for (int i = 0; i < answers.count; i++)
        slope[answers.parameter[i]] = settled(answers.slope[i], noise);
}

static void settle_slopes(struct surface *s, const struct surface_job *jobs, int count, double step,
                          double *slope)
{
    for (int first = 0, end; first < count; first = end) {
        int c = jobs[first].configuration;
        for (end = first; end < count && jobs[end].configuration == c;)
            end++;
        for (int q = 0; q < Q; q++) {
            double *at = slope + slope_index(s, c, q);
            for (int p = 0; p < s->parameters; p++)
                at[p] = 0;
            settle_quantity(jobs + first, end - first, q, step, at);
        }
    }
}

int surface_slopes(struct surface *s, const struct surface_options *options, bool small_step,
                   struct broker_err *err)
{
    struct model_profile profile;
    struct surface_job *jobs = calloc((size_t)surface_slope_jobs(s, small_step) + 1, sizeof *jobs);
    assert(jobs);
    parameter_apply(s->parameter, s->parameters, s->at, s->start, &profile);
    int count = fill_jobs(s, &profile, small_step, jobs);
    int status = surface_run(s, options, jobs, count, err);
    if (status == SURFACE_OK)
        settle_slopes(s, jobs, count, small_step ? STEP_SMALL : STEP,
                      small_step ? s->slope_small : s->slope);
    free(jobs);
    return status;
}

void surface_move(struct surface *s, const double *ln_value, const double *value)
{
    for (int c = 0; c < s->configurations->count; c++)
        for (int q = 0; q < Q; q++) {
            double *slope = s->slope + slope_index(s, c, q);
            double shrink = s->value[c * Q + q] / value[c * Q + q];
            for (int p = 0; p < s->parameters && adds_up(q); p++)
                if (isfinite(shrink) && isfinite(slope[p]))
                    slope[p] *= shrink * exp(ln_value[p] - s->at[p]);
        }
    memcpy(s->at, ln_value, (size_t)s->parameters * sizeof *s->at);
    memcpy(s->value, value, (size_t)s->configurations->count * Q * sizeof *value);
}

/* ---- between ---- */

double surface_ln(const struct surface *s, int configuration, int quantity, const double *ln_value,
                  double *gradient)
{
    const double *slope = s->slope + slope_index(s, configuration, quantity);
    double here = log(s->value[(size_t)configuration * Q + (size_t)quantity]), change = 0;
    for (int p = 0; p < s->parameters; p++) {
        double by = ln_value[p] - s->at[p];
        change += slope[p] * (adds_up(quantity) ? expm1(by) : by);
    }
    double factor = adds_up(quantity) ? fmax(1 + change, LEAST) : 1;
    for (int p = 0; gradient && p < s->parameters; p++)
        gradient[p] =
            adds_up(quantity) ? slope[p] * exp(ln_value[p] - s->at[p]) / factor : slope[p];
    return adds_up(quantity) ? here + log(factor) : here + change;
}

/* Slopes of both steps, in standard deviations of the reading. False where one of them was not taken, or nothing is fitted. */
static bool both_slopes(const struct surface *s, int c, int q, int parameter, double *large,
                        double *small)
{
    double sigma = s->configurations->configuration[c].sigma[q];
    size_t i = slope_index(s, c, q) + (size_t)parameter;
    *large = s->slope[i] / sigma;
    *small = s->slope_small[i] / sigma;
    return isfinite(*large) && isfinite(*small);
}

double surface_disagreement(const struct surface *s, int parameter)
{
    double difference = 0, size = 0, a, b;
    for (int c = 0; c < s->configurations->count; c++)
        for (int q = 0; q < Q; q++)
            if (both_slopes(s, c, q, parameter, &a, &b)) {
                difference += fabs(a - b);
                size += fabs(a);
            }
    return size > 0 ? difference / size : NAN;
}

double surface_slope_noise(const struct surface *s, int configuration, int quantity, int parameter)
{
    /* Noise of the half step is twice that of the whole one: their difference has five times the variance. */
    const double shares = 1 + STEP / STEP_SMALL * STEP / STEP_SMALL;
    double a, b;
    bool both = has_slopes(configuration, true) &&
                both_slopes(s, configuration, quantity, parameter, &a, &b);
    return both ? (a - b) * (a - b) / shares : 0;
}

double surface_noise_share(const struct surface *s)
{
    int known = 0;
    for (int c = 0; c < s->configurations->count; c++)
        known += has_slopes(c, true);
    return (double)s->configurations->count / (known > 0 ? known : 1);
}
