/*
 * sim/random_discrete.c - one of n: any weights (alias table), and Zipf for any n.
 */
#include <assert.h>
#include <math.h> /* INFINITY */
#include <stdio.h>
#include <stdlib.h>

#include "sim/dmath.h"
#include "sim/random.h"

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fprintf(stderr, "simulation: out of memory for a distribution over %zu values\n", count);
        abort();
    }
    return memory;
}

/* M. D. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991.
 * `order` holds the small columns from the front and the large ones from the back. */
static void build_alias(struct sim_discrete *d, uint32_t *order)
{
    size_t small = 0, large = d->n;
    for (uint32_t i = 0; i < d->n; i++) {
        d->alias[i] = i;
        if (d->cut[i] < 1.0)
            order[small++] = i;
        else
            order[--large] = i;
    }
    while (small > 0 && large < d->n) {
        uint32_t low = order[--small], high = order[large];
        d->alias[low] = high;
        d->cut[high] -= 1.0 - d->cut[low];
        if (d->cut[high] < 1.0) {
            large++;
            order[small++] = high;
        }
    }
    while (small > 0) /* only rounding leaves any */
        d->cut[order[--small]] = 1.0;
}

void sim_discrete_init(struct sim_discrete *discrete, const double *weights, size_t n)
{
    assert(n > 0 && n < UINT32_MAX);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        assert(weights[i] >= 0.0);
        sum += weights[i];
    }
    assert(sum > 0.0 && sum < INFINITY);
    discrete->n = (uint32_t)n;
    discrete->cut = allocate(n, sizeof(discrete->cut[0]));
    discrete->alias = allocate(n, sizeof(discrete->alias[0]));
    for (size_t i = 0; i < n; i++)
        discrete->cut[i] = weights[i] / sum * (double)n;
    uint32_t *order = allocate(n, sizeof(order[0]));
    build_alias(discrete, order);
    free(order);
}

void sim_discrete_release(struct sim_discrete *discrete)
{
    free(discrete->cut);
    free(discrete->alias);
    *discrete = (struct sim_discrete){0};
}

uint32_t sim_discrete_draw(const struct sim_discrete *discrete, struct sim_stream *stream)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)sim_u64(stream) * discrete->n; /* column, then where in it */
    uint32_t column = (uint32_t)(product >> 64);
    double height = (double)((uint64_t)product >> 11) * 0x1p-53;
    return height < discrete->cut[column] ? column : discrete->alias[column];
}

/* ---- Zipf ----------------------------------------------------------------------------------- */

/* (e^t - 1) / t and log(1 + t) / t, with their limits at 0. */
static double expm1_ratio(double t)
{
    return t > -1e-8 && t < 1e-8 ? 1.0 + 0.5 * t : sim_expm1(t) / t;
}

static double log1p_ratio(double t)
{
    return t > -1e-8 && t < 1e-8 ? 1.0 - 0.5 * t : sim_log1p(t) / t;
}

static double weight(const struct sim_zipf *zipf, double x)
{
    return sim_exp(-zipf->exponent * sim_log(x));
}

/* Integral of the weight from 1 to x. */
static double area(const struct sim_zipf *zipf, double x)
{
    double log_x = sim_log(x);
    return expm1_ratio((1.0 - zipf->exponent) * log_x) * log_x;
}

static double area_inverse(const struct sim_zipf *zipf, double a)
{
    double t = a * (1.0 - zipf->exponent);
    return sim_exp(log1p_ratio(t < -1.0 + 0x1p-53 ? -1.0 + 0x1p-53 : t) * a);
}

void sim_zipf_init(struct sim_zipf *zipf, uint64_t n, double exponent)
{
    assert(n > 0 && n <= UINT64_C(1) << 48);
    assert(exponent >= 0.0 && exponent <= 64.0);
    zipf->n = n;
    zipf->exponent = exponent;
    zipf->h_first = area(zipf, 1.5) - 1.0;
    zipf->h_last = area(zipf, (double)n + 0.5);
    zipf->shortcut = 2.0 - area_inverse(zipf, area(zipf, 2.5) - weight(zipf, 2.0));
}

uint64_t sim_zipf_draw(const struct sim_zipf *zipf, struct sim_stream *stream)
{
    for (;;) {
        double a = zipf->h_last + sim_unit_open(stream) * (zipf->h_first - zipf->h_last);
        double x = area_inverse(zipf, a);
        double k = sim_floor(x + 0.5);
        k = k < 1.0 ? 1.0 : k > (double)zipf->n ? (double)zipf->n : k;
        if (k - x <= zipf->shortcut || a >= area(zipf, k + 0.5) - weight(zipf, k))
            return (uint64_t)k - 1;
    }
}

void sim_zipf_weights(double *weights, size_t n, double exponent)
{
    double sum = 0.0;
    for (size_t i = n; i-- > 0;) { /* small ones first: less is lost in the sum */
        weights[i] = sim_pow((double)(i + 1), -exponent);
        sum += weights[i];
    }
    for (size_t i = 0; i < n; i++)
        weights[i] /= sum;
}
