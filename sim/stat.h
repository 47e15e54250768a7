/*
 * sim/stat.h - estimates and how far to trust them.
 *
 * Shape    sim_level    a value over time (queue length, busy servers): exact integer integral.
 *          sim_tally    observations: count, mean, variance (Welford), min, max.
 *          MSER-5       where the warm-up of a series ends.
 *          intervals    Student-t over replications or over batch means; order statistics for a
 *                       quantile.
 *          sim_stopping when there are enough replications, decided in replication order.
 * Units    Whatever was put in; sim_level integrates over ns.
 * Omits    Autoregressive and spectral methods.
 * Source   K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation
 *          heuristics for simulation", WSC 2000 (MSER-5). A. M. Law, "Simulation Modeling and
 *          Analysis" (replication-deletion, the corrected relative precision g/(1+g)). K. Hoad,
 *          S. Robinson, R. Davies, "Automating warm-up length estimation", JORS 61 (2010), and
 *          "Automated selection of the number of replications", JOS 4 (2010) (look-ahead).
 * Checked  tests/sim/test_stat.c: against sums done by hand, and coverage over many seeds.
 */
#ifndef SIM_STAT_H
#define SIM_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/histogram.h"

/* ---- a value over time ---------------------------------------------------------------------- */

struct sim_level {
    int64_t value;
    int64_t max;
    int64_t changed_ns; /* integral is complete up to here */
    int64_t start_ns;
    sim_int128 integral; /* value * ns since start */
};

void sim_level_init(struct sim_level *level, int64_t now_ns, int64_t value);

/* Asserts that time does not run backwards. */
static inline void sim_level_set(struct sim_level *level, int64_t now_ns, int64_t value)
{
    level->integral += (sim_int128)level->value * (now_ns - level->changed_ns);
    level->changed_ns = now_ns;
    level->value = value;
    if (value > level->max)
        level->max = value;
}

static inline void sim_level_add(struct sim_level *level, int64_t now_ns, int64_t change)
{
    sim_level_set(level, now_ns, level->value + change);
}

/* Forget the past, keep the present value: the end of the warm-up. */
void sim_level_reset(struct sim_level *level, int64_t now_ns);

/* Integral from start to now_ns, and its mean (0 when no time has passed). */
sim_int128 sim_level_integral(const struct sim_level *level, int64_t now_ns);
double sim_level_mean(const struct sim_level *level, int64_t now_ns);

/* ---- observations --------------------------------------------------------------------------- */

struct sim_tally {
    uint64_t count;
    double mean;
    double m2; /* sum of squared distances from the mean */
    double min;
    double max;
};

void sim_tally_init(struct sim_tally *tally);
void sim_tally_add(struct sim_tally *tally, double value);
void sim_tally_merge(struct sim_tally *into, const struct sim_tally *from);
double sim_tally_variance(const struct sim_tally *tally); /* of the sample; 0 below 2 values */
double sim_tally_sd(const struct sim_tally *tally);

/* ---- intervals ------------------------------------------------------------------------------ */

/* An estimate with its two-sided interval. `valid` is false when the data cannot support one (fewer
 * than two values, a quantile too far out): then low and high are minus and plus infinity. */
struct sim_interval {
    double value;
    double low;
    double high;
    double level; /* such as 0.95 */
    uint64_t n;   /* replications, batches or observations it rests on */
    bool valid;
};

/* Half the width over the absolute value; infinity when invalid or the value is 0 with width. */
double sim_interval_relative(const struct sim_interval *interval);

/* Student-t interval for the mean of independent values (one per replication). */
struct sim_interval sim_interval_mean(const double *values, size_t n, double level);
struct sim_interval sim_interval_tally(const struct sim_tally *tally, double level);

/*
 * For the mean of values that cannot be zero or less (latencies, rates): mean * and / exp(t * sd of the logarithms / sqrt(n)), so that low
 * is above 0 however few and far apart they are. Where the plain interval is narrow both are the same; of skewed values this one
 * covers more often: three lognormal values of sd 1 0.92 at 95 %, where the plain one has 0.84 and reaches below 0 five times in six.
 * Invalid too where a value is not above 0.
 */
struct sim_interval sim_interval_positive(const double *values, size_t n, double level);

/* For the difference of paired values (common random numbers): mean of a[i] - b[i]. */
struct sim_interval sim_interval_paired(const double *a, const double *b, size_t n, double level);

/* A value for one replication more, not for the mean: mean -+ t * sd * sqrt(1 + 1/n). */
struct sim_interval sim_interval_prediction(const double *values, size_t n, double level);

/* Batch means of one long series: `batches` equal batches, a remainder at the front left out (the
 * warm-up is there). Asserts batches >= 2. Invalid when n < batches. */
struct sim_interval sim_interval_batch_means(const double *series, size_t n, size_t batches,
                                             double level);

/* Lag-1 autocorrelation: of batch means it says whether batches are long enough. 0 below 3 values. */
double sim_autocorrelation(const double *series, size_t n, size_t lag);

/* Quantile q of independent observations by order statistics: low and high are values whose ranks
 * enclose q with at least the given probability (binomial, exact). Sorts `values`. Invalid when the
 * ranks fall outside the data. */
struct sim_interval sim_interval_quantile(double *values, size_t n, double q, double level);

/* The same from a histogram's observations (bins give the values). Messages of one batch count
 * once. Honest only when observations are independent: prefer sim_interval_mean over the quantiles
 * of replications. */
struct sim_interval sim_interval_histogram(const struct sim_histogram *h, double q, double level);

/* A share of k in n (Clopper-Pearson, exact): 0 of n gives [0, high], never "0". */
struct sim_interval sim_interval_share(uint64_t k, uint64_t n, double level);

/* ---- warm-up -------------------------------------------------------------------------------- */

struct sim_warmup {
    size_t cut;     /* values to drop from the front, a multiple of 5 */
    bool too_short; /* the best cut lies in the second half: do not trust an estimate */
};

/* MSER-5: the cut that minimises (variance of the rest) / (length of the rest) over means of five. */
struct sim_warmup sim_mser5(const double *series, size_t n);

/* ---- how many replications ------------------------------------------------------------------ */

struct sim_stopping {
    double level;
    double precision;    /* relative half width wanted, such as 0.05 */
    uint32_t min;        /* replications before the first decision */
    uint32_t look_ahead; /* replications by which the decision must still hold */
};

/*
 * The lowest replication count r >= min at which every metric has the precision at r and at each of
 * the following look_ahead counts. Looks at values in replication order, so that neither threads nor
 * the order of finishing matter: a later replication that happens to be done changes nothing.
 *
 * values[m][i] is metric m in replication i, for i < n.
 * Returns r (it may exceed neither n - look_ahead nor n), or 0 when n replications are not enough.
 */
size_t sim_stopping_decide(const struct sim_stopping *stopping, const double *const *values,
                           size_t metrics, size_t n);

#endif
