/*
 * sim/stat.c - levels, tallies and intervals.
 */
#include "sim/stat.h"

#include <assert.h>
#include <math.h> /* INFINITY */
#include <stdlib.h>

#include "sim/dmath.h"

/* ---- a value over time ---------------------------------------------------------------------- */

void sim_level_init(struct sim_level *level, int64_t now_ns, int64_t value)
{
    *level = (struct sim_level){
        .value = value, .max = value, .changed_ns = now_ns, .start_ns = now_ns, .integral = 0};
}

void sim_level_reset(struct sim_level *level, int64_t now_ns)
{
    sim_level_init(level, now_ns, level->value);
}

sim_int128 sim_level_integral(const struct sim_level *level, int64_t now_ns)
{
    assert(now_ns >= level->changed_ns);
    return level->integral + (sim_int128)level->value * (now_ns - level->changed_ns);
}

double sim_level_mean(const struct sim_level *level, int64_t now_ns)
{
    int64_t elapsed_ns = now_ns - level->start_ns;
    return elapsed_ns == 0 ? 0.0 : (double)sim_level_integral(level, now_ns) / (double)elapsed_ns;
}

/* ---- observations --------------------------------------------------------------------------- */

void sim_tally_init(struct sim_tally *tally)
{
    *tally = (struct sim_tally){.min = INFINITY, .max = -INFINITY};
}

void sim_tally_add(struct sim_tally *tally, double value)
{
    tally->count++;
    double distance = value - tally->mean;
    tally->mean += distance / (double)tally->count;
    tally->m2 += distance * (value - tally->mean);
    tally->min = value < tally->min ? value : tally->min;
    tally->max = value > tally->max ? value : tally->max;
}

void sim_tally_merge(struct sim_tally *into, const struct sim_tally *from)
{
    if (from->count == 0)
        return;
    double n = (double)into->count, m = (double)from->count;
    double distance = from->mean - into->mean;
    into->count += from->count;
    into->mean += distance * m / (n + m);
    into->m2 += from->m2 + distance * distance * n * m / (n + m);
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
}

double sim_tally_variance(const struct sim_tally *tally)
{
    return tally->count < 2 ? 0.0 : tally->m2 / (double)(tally->count - 1);
}

double sim_tally_sd(const struct sim_tally *tally)
{
    return sim_sqrt(sim_tally_variance(tally));
}

/* ---- intervals for means -------------------------------------------------------------------- */

static bool is_finite(double x)
{
    return x - x == 0.0;
}

static struct sim_interval invalid(double value, double level, uint64_t n)
{
    return (struct sim_interval){
        .value = value, .low = -INFINITY, .high = INFINITY, .level = level, .n = n, .valid = false};
}

double sim_interval_relative(const struct sim_interval *interval)
{
    double half = 0.5 * (interval->high - interval->low);
    double size = interval->value < 0.0 ? -interval->value : interval->value;
    if (!interval->valid)
        return INFINITY;
    if (half == 0.0)
        return 0.0;
    return size == 0.0 ? INFINITY : half / size;
}

/* Mean -+ t * sd * factor. */
static struct sim_interval interval_t(const struct sim_tally *tally, double factor, double level)
{
    assert(level > 0.0 && level < 1.0);
    if (tally->count < 2 || !is_finite(tally->mean) || !is_finite(tally->m2))
        return invalid(tally->mean, level, tally->count);
    double t = sim_student_quantile(0.5 + 0.5 * level, (double)(tally->count - 1));
    double half = t * sim_tally_sd(tally) * factor;
    return (struct sim_interval){.value = tally->mean,
                                 .low = tally->mean - half,
                                 .high = tally->mean + half,
                                 .level = level,
                                 .n = tally->count,
                                 .valid = true};
}

static struct sim_tally tally_of(const double *values, size_t n)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    for (size_t i = 0; i < n; i++)
        sim_tally_add(&tally, values[i]);
    return tally;
}

struct sim_interval sim_interval_tally(const struct sim_tally *tally, double level)
{
    return interval_t(tally, sim_sqrt(1.0 / (double)(tally->count > 0 ? tally->count : 1)), level);
}

struct sim_interval sim_interval_mean(const double *values, size_t n, double level)
{
    struct sim_tally tally = tally_of(values, n);
    return sim_interval_tally(&tally, level);
}

struct sim_interval sim_interval_positive(const double *values, size_t n, double level)
{
    struct sim_tally tally = tally_of(values, n), logs;
    sim_tally_init(&logs);
    for (size_t i = 0; i < n; i++)
        sim_tally_add(&logs, values[i] > 0.0 ? sim_log(values[i]) : -INFINITY);
    struct sim_interval interval = sim_interval_tally(&logs, level);
    interval.value = tally.mean;
    if (!interval.valid || !is_finite(tally.mean))
        return invalid(tally.mean, level, n);
    double factor = sim_exp(0.5 * (interval.high - interval.low));
    interval.low = tally.mean / factor;
    interval.high = tally.mean * factor;
    return interval;
}

struct sim_interval sim_interval_paired(const double *a, const double *b, size_t n, double level)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    for (size_t i = 0; i < n; i++)
        sim_tally_add(&tally, a[i] - b[i]);
    return sim_interval_tally(&tally, level);
}

struct sim_interval sim_interval_prediction(const double *values, size_t n, double level)
{
    struct sim_tally tally = tally_of(values, n);
    return interval_t(&tally, sim_sqrt(1.0 + 1.0 / (double)(n > 0 ? n : 1)), level);
}

struct sim_interval sim_interval_batch_means(const double *series, size_t n, size_t batches,
                                             double level)
{
    assert(batches >= 2);
    struct sim_tally tally;
    sim_tally_init(&tally);
    size_t length = n / batches;
    if (length == 0)
        return invalid(tally_of(series, n).mean, level, 0);
    const double *batch = series + n % batches;
    for (size_t i = 0; i < batches; i++, batch += length)
        sim_tally_add(&tally, tally_of(batch, length).mean);
    return sim_interval_tally(&tally, level);
}

double sim_autocorrelation(const double *series, size_t n, size_t lag)
{
    if (n < lag + 2)
        return 0.0;
    struct sim_tally tally = tally_of(series, n);
    double sum = 0.0;
    for (size_t i = 0; i + lag < n; i++)
        sum += (series[i] - tally.mean) * (series[i + lag] - tally.mean);
    return tally.m2 > 0.0 ? sum / tally.m2 : 0.0;
}

/* ---- intervals for quantiles and shares ----------------------------------------------------- */

/* P(binomial(n, p) <= k). */
static double binomial_cdf(int64_t k, uint64_t n, double p)
{
    if (k < 0)
        return 0.0;
    if ((uint64_t)k >= n)
        return 1.0;
    return sim_beta_inc((double)(n - (uint64_t)k), (double)k + 1.0, 1.0 - p);
}

/* Smallest k with P(binomial <= k) > share. */
static int64_t binomial_quantile(double share, uint64_t n, double p)
{
    int64_t low = 0, high = (int64_t)n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (binomial_cdf(middle, n, p) > share)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Ranks (from 1) of the order statistics that enclose quantile q: the number of values below it is
 * binomial, so low is the largest rank with P(B < low) <= alpha/2 and high the smallest with
 * P(B >= high) <= alpha/2. 0 or n + 1: outside the data. */
static void quantile_ranks(uint64_t n, double q, double level, uint64_t *low, uint64_t *high)
{
    double alpha = 1.0 - level;
    *low = (uint64_t)binomial_quantile(0.5 * alpha, n, q);
    *high = n + 1 - (uint64_t)binomial_quantile(0.5 * alpha, n, 1.0 - q);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t quantile_index(size_t n, double q)
{
    double rank = sim_ceil(q * (double)n * (1.0 - 0x1p-50));
    return rank < 1.0 ? 0 : rank > (double)n ? n - 1 : (size_t)rank - 1;
}

struct sim_interval sim_interval_quantile(double *values, size_t n, double q, double level)
{
    assert(q > 0.0 && q < 1.0 && level > 0.0 && level < 1.0);
    if (n == 0)
        return invalid(0.0, level, 0);
    qsort(values, n, sizeof(values[0]), compare_doubles);
    struct sim_interval interval = invalid(values[quantile_index(n, q)], level, n);
    uint64_t low, high;
    quantile_ranks(n, q, level, &low, &high);
    if (low >= 1 && high <= n) {
        interval.low = values[low - 1];
        interval.high = values[high - 1];
        interval.valid = true;
    }
    return interval;
}

struct sim_interval sim_interval_histogram(const struct sim_histogram *h, double q, double level)
{
    assert(q > 0.0 && q < 1.0 && level > 0.0 && level < 1.0);
    uint64_t n = (uint64_t)sim_histogram_effective_observations(h), low, high;
    struct sim_interval interval = invalid((double)sim_histogram_quantile_ns(h, q), level, n);
    if (n == 0)
        return interval;
    quantile_ranks(n, q, level, &low, &high);
    if (low >= 1 && high <= n) {
        interval.low = (double)sim_histogram_quantile_ns(h, (double)(low - 1) / (double)n);
        interval.high = (double)sim_histogram_quantile_ns(h, (double)high / (double)n);
        interval.valid = true;
    }
    return interval;
}

/* x with I_x(a, b) = p, by bisection down to neighbouring doubles. */
static double beta_quantile(double p, double a, double b)
{
    double low = 0.0, high = 1.0;
    for (int step = 0; step < 100; step++) {
        double middle = 0.5 * (low + high);
        if (sim_beta_inc(a, b, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

struct sim_interval sim_interval_share(uint64_t k, uint64_t n, double level)
{
    assert(k <= n && level > 0.0 && level < 1.0);
    if (n == 0)
        return invalid(0.0, level, 0);
    double tail = 0.5 * (1.0 - level), hits = (double)k, misses = (double)(n - k);
    struct sim_interval interval = {
        .value = hits / (double)n, .low = 0.0, .high = 1.0, .level = level, .n = n, .valid = true};
    if (k > 0)
        interval.low = beta_quantile(tail, hits, misses + 1.0);
    if (k < n)
        interval.high = beta_quantile(1.0 - tail, hits + 1.0, misses);
    return interval;
}
