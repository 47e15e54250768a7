/*
 * sim/random.h - one named stream of random numbers per cause.
 *
 * Shape    Philox4x32-10: the key is a hash of (seed, name), the counter is (draw, replication).
 *          A stream depends on its name only, never on what was created before it: adding a
 *          consumer does not change a producer's arrivals, and two designs can be compared under
 *          common random numbers.
 * Draws    u64, unit, below(n <= 2^32 mostly), uniform, exponential, normal and lognormal take one
 *          draw each (by inversion, so a larger uniform is a larger variate). gamma, poisson and
 *          binomial take a varying number.
 * Units    exponential, lognormal and so on return doubles in the unit of their mean; the _ns forms
 *          round to whole nanoseconds.
 * Omits    Cryptographic strength.
 * Source   J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 *          (<Random123/philox.h>). All mathematics is sim/dmath: the same bits everywhere.
 * Checked  tests/sim/test_random.c: known answers, moments, Kolmogorov-Smirnov and chi-square.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Draws made ahead: four Philox blocks overlap in the pipeline, which hides most of their latency. */
#define SIM_STREAM_AHEAD 8

struct sim_stream {
    uint64_t key;
    uint64_t replication;
    uint64_t block; /* number of the next Philox block */
    uint32_t used;  /* of ahead[] */
    uint64_t ahead[SIM_STREAM_AHEAD];
};

/* `name` is read here only. Two streams with the same seed, replication and name are equal. */
void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                     const char *name);

/* The same for printf-like names: sim_stream_initf(s, seed, rep, "producer %s %d arrivals", ...).
 * Asserts that the name is shorter than 512 bytes. */
void sim_stream_initf(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* 64-bit hash of a string (FNV-1a, finished by a mixing step): the one that names streams. */
uint64_t sim_hash_name(const char *name);

/* One Philox4x32-10 block, for known-answer tests. */
void sim_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

void sim_stream_refill(struct sim_stream *stream);

static inline uint64_t sim_u64(struct sim_stream *stream)
{
    if (stream->used == SIM_STREAM_AHEAD)
        sim_stream_refill(stream);
    return stream->ahead[stream->used++];
}

/* [0, 1), 53 bits. */
static inline double sim_unit(struct sim_stream *stream)
{
    return (double)(sim_u64(stream) >> 11) * 0x1p-53;
}

/* (0, 1): odd multiples of 2^-53. */
static inline double sim_unit_open(struct sim_stream *stream)
{
    return (double)((sim_u64(stream) >> 11) | 1) * 0x1p-53;
}

/* Unbiased, in [0, n). Asserts n > 0. */
uint64_t sim_below(struct sim_stream *stream, uint64_t n);

/* True with the given probability; asserts it is in [0, 1]. Always one draw. */
bool sim_chance(struct sim_stream *stream, double probability);

/* [low, high). */
double sim_uniform(struct sim_stream *stream, double low, double high);

/* Asserts mean >= 0; 0 gives 0. */
double sim_exponential(struct sim_stream *stream, double mean);

/* Rounded to the nearest ns. Asserts 0 <= mean_ns < 2^53. */
int64_t sim_exponential_ns(struct sim_stream *stream, double mean_ns);

double sim_normal(struct sim_stream *stream, double mean, double sd);

/* By its own mean and coefficient of variation, not by those of its logarithm. cv 0 gives mean. */
double sim_lognormal(struct sim_stream *stream, double mean, double cv);

/* Mean shape * scale, variance shape * scale^2. Asserts shape > 0, scale >= 0. */
double sim_gamma(struct sim_stream *stream, double shape, double scale);

/* Gamma by mean and coefficient of variation; cv 0 gives mean. */
double sim_gamma_mean_cv(struct sim_stream *stream, double mean, double cv);

/* Weibull with the given scale and shape (inversion). */
double sim_weibull(struct sim_stream *stream, double scale, double shape);

/* Pareto: minimum * u^(-1/alpha) (inversion). Asserts minimum > 0, alpha > 0. */
double sim_pareto(struct sim_stream *stream, double minimum, double alpha);

/* Asserts 0 <= mean <= 2^50. */
int64_t sim_poisson(struct sim_stream *stream, double mean);

/* Successes of n trials. Asserts 0 <= n <= 2^50 and probability in [0, 1]. */
int64_t sim_binomial(struct sim_stream *stream, int64_t n, double probability);

/* Failures before the first success. Asserts 0 < probability <= 1. */
int64_t sim_geometric(struct sim_stream *stream, double probability);

/* counts[0..n): how many of `total` fall on each of n weights (a multinomial, by conditional
 * binomials in index order). Asserts n > 0, total >= 0, weights >= 0 and a positive sum. */
void sim_multinomial(struct sim_stream *stream, int64_t total, const double *weights, size_t n,
                     int64_t *counts);

/* A shuffle of items[0..n), every order equally likely. */
void sim_shuffle(struct sim_stream *stream, uint32_t *items, size_t n);

/*
 * A discrete distribution over 0..n-1 from weights, sampled in O(1) and one draw (alias method).
 */
struct sim_discrete {
    uint32_t n;
    double *cut;     /* [n] */
    uint32_t *alias; /* [n] */
};

/* Asserts 0 < n < 2^32, weights >= 0 with a positive finite sum. Heap memory; release frees it. */
void sim_discrete_init(struct sim_discrete *discrete, const double *weights, size_t n);
void sim_discrete_release(struct sim_discrete *discrete);
uint32_t sim_discrete_draw(const struct sim_discrete *discrete, struct sim_stream *stream);

/*
 * Zipf over ranks 0..n-1: weight (rank + 1)^-exponent. O(1) memory and time for any n
 * (rejection-inversion). Source: W. Hormann, G. Derflinger, "Rejection-inversion to generate
 * variates from monotone discrete distributions", ACM TOMACS 6 (1996).
 */
struct sim_zipf {
    uint64_t n;
    double exponent;
    double h_first;
    double h_last;
    double shortcut;
};

/* Asserts 0 < n <= 2^48, 0 <= exponent <= 64. */
void sim_zipf_init(struct sim_zipf *zipf, uint64_t n, double exponent);
uint64_t sim_zipf_draw(const struct sim_zipf *zipf, struct sim_stream *stream);

/* weights[0..n): the Zipf probabilities themselves, summing to 1. */
void sim_zipf_weights(double *weights, size_t n, double exponent);

#endif
