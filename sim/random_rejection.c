/*
 * sim/random_rejection.c - variates that need a varying number of draws.
 *
 * Small means are inverted by search (one draw). Above, Poisson and binomial use Hormann's transformed
 * rejection with the probabilities written around the mode (C. Loader, "Fast and accurate
 * computation of binomial probabilities", 2000), which stays exact for counts of 10^15.
 */
#include "sim/random.h"

#include <assert.h>

#include "sim/dmath.h"
#include "sim/dmath_internal.h"

#define COUNT_MAX 0x1p50 /* doubles still count in steps of one, with room for sums */

/* Mean below which a search from 0 is cheaper than rejection, and above which rejection is valid. */
#define SEARCH_MEAN 10.0

/* G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
static double gamma_above_one(struct sim_stream *stream, double shape)
{
    double d = shape - 1.0 / 3, c = 1.0 / sim_sqrt(9.0 * d);
    for (;;) {
        double x = sim_normal(stream, 0.0, 1.0);
        double u = sim_unit_open(stream);
        double cube = 1.0 + c * x;
        if (cube <= 0.0)
            continue;
        double v = cube * cube * cube;
        if (sim_log(u) < 0.5 * x * x + d * (1.0 - v + sim_log(v)))
            return d * v;
    }
}

double sim_gamma(struct sim_stream *stream, double shape, double scale)
{
    assert(shape > 0.0 && scale >= 0.0);
    if (shape >= 1.0)
        return scale * gamma_above_one(stream, shape);
    double u = sim_unit_open(stream);
    return scale * gamma_above_one(stream, shape + 1.0) * sim_pow(u, 1.0 / shape);
}

double sim_gamma_mean_cv(struct sim_stream *stream, double mean, double cv)
{
    assert(mean >= 0.0 && cv >= 0.0);
    if (cv == 0.0)
        return mean;
    return sim_gamma(stream, 1.0 / (cv * cv), mean * cv * cv);
}

/* x log(x / mean) + mean - x: how far x is from its mean, in log probability. */
static double deviance(double x, double mean)
{
    double d = (x - mean) / mean;
    if (x == 0.0)
        return mean;
    return mean * ((1.0 + d) * sim_log1p(d) - d);
}

#define TWO_PI 0x1.921fb54442d18p+2

/* log(k!) - ((k + 1/2) log k - k + log(2 pi) / 2). */
static double log_factorial_rest(double k)
{
    if (k >= 12.0)
        return sim_stirling_rest(k);
    return sim_lgamma(k + 1.0) - ((k + 0.5) * sim_log(k) - k + 0.5 * sim_log(TWO_PI));
}

/* Logarithm of the Poisson probability of k. */
static double poisson_log(double k, double mean)
{
    if (k == 0.0)
        return -mean;
    return -log_factorial_rest(k) - deviance(k, mean) - 0.5 * sim_log(TWO_PI * k);
}

static int64_t poisson_by_search(struct sim_stream *stream, double mean)
{
    double u = sim_unit(stream), p = sim_exp(-mean);
    int64_t k = 0;
    while (u >= p && k < 1000) { /* 1000: the last probabilities are below one ulp of u */
        u -= p;
        k++;
        p *= mean / (double)k;
    }
    return k;
}

/* W. Hormann, "The transformed rejection method for generating Poisson random variables", 1993:
 * the constants are those of algorithm PTRS. */
static int64_t poisson_by_rejection(struct sim_stream *stream, double mean)
{
    double b = 0.931 + 2.53 * sim_sqrt(mean), a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        double u = sim_unit_open(stream) - 0.5, v = sim_unit_open(stream);
        double us = 0.5 - (u < 0.0 ? -u : u);
        double k = sim_floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= squeeze)
            return (int64_t)k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        if (sim_log(v * inverse_alpha / (a / (us * us) + b)) <= poisson_log(k, mean))
            return (int64_t)k;
    }
}

int64_t sim_poisson(struct sim_stream *stream, double mean)
{
    assert(mean >= 0.0 && mean <= COUNT_MAX);
    return mean < SEARCH_MEAN ? poisson_by_search(stream, mean)
                              : poisson_by_rejection(stream, mean);
}

/* Logarithm of the binomial probability of k, for 0 <= k <= n and 0 < p < 1. */
static double binomial_log(double k, double n, double p)
{
    if (k == 0.0)
        return n * sim_log1p(-p);
    if (k == n)
        return n * sim_log(p);
    double rest = log_factorial_rest(n) - log_factorial_rest(k) - log_factorial_rest(n - k);
    return rest - deviance(k, n * p) - deviance(n - k, n * (1.0 - p)) +
           0.5 * sim_log(n / (TWO_PI * k * (n - k)));
}

static int64_t binomial_by_search(struct sim_stream *stream, int64_t n, double p)
{
    double u = sim_unit(stream), odds = p / (1.0 - p);
    double probability = sim_exp((double)n * sim_log1p(-p));
    int64_t k = 0;
    while (u >= probability && k < n && k < 1000) {
        u -= probability;
        k++;
        probability *= odds * (double)(n - k + 1) / (double)k;
    }
    return k;
}

/* W. Hormann, "The generation of binomial random variates", JSCS 46 (1993): algorithm BTRS. */
static int64_t binomial_by_rejection(struct sim_stream *stream, double n, double p)
{
    double spread = sim_sqrt(n * p * (1.0 - p));
    double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double alpha = (2.83 + 5.1 / b) * spread, squeeze = 0.92 - 4.2 / b;
    double mode_log = binomial_log(sim_floor((n + 1.0) * p), n, p);
    for (;;) {
        double u = sim_unit_open(stream) - 0.5, v = sim_unit_open(stream);
        double us = 0.5 - (u < 0.0 ? -u : u);
        double k = sim_floor((2.0 * a / us + b) * u + n * p + 0.5);
        if (us >= 0.07 && v <= squeeze)
            return (int64_t)k;
        if (k < 0.0 || k > n)
            continue;
        if (sim_log(v * alpha / (a / (us * us) + b)) <= binomial_log(k, n, p) - mode_log)
            return (int64_t)k;
    }
}

int64_t sim_binomial(struct sim_stream *stream, int64_t n, double probability)
{
    assert(n >= 0 && (double)n <= COUNT_MAX);
    assert(probability >= 0.0 && probability <= 1.0);
    if (probability > 0.5)
        return n - sim_binomial(stream, n, 1.0 - probability);
    if (n == 0 || probability == 0.0)
        return 0;
    if ((double)n * probability < SEARCH_MEAN)
        return binomial_by_search(stream, n, probability);
    return binomial_by_rejection(stream, (double)n, probability);
}

void sim_multinomial(struct sim_stream *stream, int64_t total, const double *weights, size_t n,
                     int64_t *counts)
{
    double left = 0.0;
    size_t last = n;
    for (size_t i = 0; i < n; i++) {
        assert(weights[i] >= 0.0);
        left += weights[i];
        if (weights[i] > 0.0)
            last = i;
    }
    assert(total >= 0 && last < n);
    for (size_t i = 0; i < n; i++) {
        double share = i == last || weights[i] >= left ? 1.0 : weights[i] / left;
        counts[i] = weights[i] == 0.0 ? 0 : sim_binomial(stream, total, share);
        total -= counts[i];
        left -= weights[i];
    }
}
