/*
 * sim/stat_run.c - where the warm-up ends, and when there are enough replications.
 */
#include <assert.h>

#include "sim/stat.h"

#define MSER_GROUP 5

/* A statistic over fewer groups than this at the end is noise. */
#define MSER_REST_MIN 5

static double group_mean(const double *series)
{
    double sum = 0.0;
    for (int i = 0; i < MSER_GROUP; i++)
        sum += series[i];
    return sum / MSER_GROUP;
}

/* From the back, so that each step adds one group to the rest. */
struct sim_warmup sim_mser5(const double *series, size_t n)
{
    size_t groups = n / MSER_GROUP, best = 0;
    if (groups < 2 * MSER_REST_MIN)
        return (struct sim_warmup){.cut = 0, .too_short = true};
    struct sim_tally rest;
    sim_tally_init(&rest);
    double least = 0.0;
    for (size_t cut = groups; cut-- > 0;) {
        sim_tally_add(&rest, group_mean(series + cut * MSER_GROUP));
        double kept = (double)rest.count, error = rest.m2 / (kept * kept);
        if (rest.count < MSER_REST_MIN)
            continue;
        if (rest.count == MSER_REST_MIN || error <= least) {
            least = error;
            best = cut;
        }
    }
    return (struct sim_warmup){.cut = best * MSER_GROUP, .too_short = best > groups / 2};
}

/* The estimate's own error is part of the relative precision: g / (1 + g) (A. M. Law). */
static bool is_precise(const struct sim_stopping *stopping, const struct sim_tally *tally)
{
    double wanted = stopping->precision / (1.0 + stopping->precision);
    struct sim_interval interval = sim_interval_tally(tally, stopping->level);
    return sim_interval_relative(&interval) <= wanted;
}

/* How many replications from the front until this metric is precise at r and the next ones; 0: not
 * within n. Only r >= from counts. */
static size_t metric_decide(const struct sim_stopping *stopping, const double *values, size_t n,
                            size_t from)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    size_t held = 0;
    for (size_t i = 0; i < n; i++) {
        sim_tally_add(&tally, values[i]);
        if (i + 1 < from)
            continue;
        held = is_precise(stopping, &tally) ? held + 1 : 0;
        if (held > stopping->look_ahead)
            return i + 1 - stopping->look_ahead;
    }
    return 0;
}

size_t sim_stopping_decide(const struct sim_stopping *stopping, const double *const *values,
                           size_t metrics, size_t n)
{
    assert(stopping->precision > 0.0);
    size_t r = stopping->min < 2 ? 2 : stopping->min;
    if (r + stopping->look_ahead > n)
        return 0;
    for (size_t m = 0; m < metrics;) {
        size_t at = metric_decide(stopping, values[m], n, r);
        if (at == 0)
            return 0;
        m = at == r ? m + 1 : 0; /* later than the others allowed: they must hold there too */
        r = at;
    }
    return r;
}
