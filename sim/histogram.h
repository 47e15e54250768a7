/*
 * sim/histogram.h - how long did it take, for every message?
 *
 * Shape    Log-linear bins of int64_t ns: exact below 128, then 64 bins for each doubling, so a
 *          value read back from its bin's middle is off by at most 1/128 = 0.79 %.
 *          Counts, sum and squares are integers: merging in any order gives the same bytes.
 * Spans    n messages of one batch have latencies equally spaced between two ends. Bins get
 *          differences of floor(n * F), so a span costs one addition per bin, and only four
 *          additions to a difference array when it is wide.
 * Observations  The messages of one batch came and went together. For intervals they are one
 *          observation, so `observation_count` counts calls and `count` counts values. A percentile
 *          with fewer than 100 observations beyond it is not printed.
 * Units    ns. Values above the largest trackable (2^47 ns, 39 h) land in the last bin; max and sum
 *          stay exact.
 * Source   The layout of `.hgrm` files is HdrHistogram's percentile print-out.
 * Checked  tests/sim/test_histogram.c against sorted data and against spans drawn out.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

__extension__ typedef __int128 sim_int128; /* exact sums: 2^63 values of 2^47 ns do not overflow */

#define SIM_HISTOGRAM_SUB_BITS 6 /* 64 bins an octave: half a bin is 1/128 of the value */
#define SIM_HISTOGRAM_MAX_BITS 47
#define SIM_HISTOGRAM_BINS                                                                         \
    ((SIM_HISTOGRAM_MAX_BITS - SIM_HISTOGRAM_SUB_BITS + 1) << SIM_HISTOGRAM_SUB_BITS)

/* Observations that must lie beyond a printed percentile. */
#define SIM_HISTOGRAM_TAIL_MIN 100

struct sim_histogram {
    uint64_t count;
    uint64_t observation_count;
    int64_t min_ns; /* INT64_MAX when empty */
    int64_t max_ns; /* -1 when empty */
    sim_int128 sum_ns;
    uint64_t *bins;         /* [SIM_HISTOGRAM_BINS] values */
    uint64_t *observations; /* [SIM_HISTOGRAM_BINS] calls, by their largest value */
    int64_t *wide;          /* second differences of wide spans; NULL until there is one */
};

/* Empty. Allocates about 43 kB; aborts when memory is out. */
void sim_histogram_init(struct sim_histogram *h);
void sim_histogram_release(struct sim_histogram *h); /* may be called twice */
void sim_histogram_reset(struct sim_histogram *h);   /* at the end of the warm-up */

/* Asserts value_ns >= 0 (and n >= 0). Each call is one observation (none when n is 0). */
void sim_histogram_record(struct sim_histogram *h, int64_t value_ns);
void sim_histogram_record_n(struct sim_histogram *h, int64_t value_ns, int64_t n);

/* n values equally spaced from first_ns to last_ns, both included when n >= 2 (n = 1: first_ns;
 * either end may be the larger). One observation. */
void sim_histogram_record_span(struct sim_histogram *h, int64_t first_ns, int64_t last_ns,
                               int64_t n);

/* Adds `from` to `into`. */
void sim_histogram_merge(struct sim_histogram *into, const struct sim_histogram *from);

/* The value that a share q of the values does not exceed: the middle of the bin that holds value
 * number ceil(q * count), limited to [min, max]. q = 0 is min, q = 1 is max. Asserts 0 <= q <= 1.
 * Returns 0 when empty. */
int64_t sim_histogram_quantile_ns(const struct sim_histogram *h, double q);

/* At least SIM_HISTOGRAM_TAIL_MIN observations lie beyond q (below it when q < 0.5). */
bool sim_histogram_quantile_printable(const struct sim_histogram *h, double q);

/* Observations beyond q: floor((1 - q) * observation_count), for q >= 0.5. */
uint64_t sim_histogram_tail_observations(const struct sim_histogram *h, double q);

double sim_histogram_mean_ns(const struct sim_histogram *h); /* exact sum / count; 0 when empty */
double sim_histogram_sd_ns(const struct sim_histogram *h);   /* from bin middles */

/* Share of values <= limit_ns: exact up to the limit's own bin, interpolated within it. */
double sim_histogram_share_below(const struct sim_histogram *h, int64_t limit_ns);

/* Bins that hold something, in order. Start with *bin = 0; returns false at the end.
 * Values of the bin are in [lower_ns, upper_ns). */
bool sim_histogram_next(const struct sim_histogram *h, uint32_t *bin, int64_t *lower_ns,
                        int64_t *upper_ns, uint64_t *count);

uint32_t sim_histogram_bin(int64_t value_ns);
int64_t sim_histogram_bin_lower_ns(uint32_t bin);

/* `.hgrm` in milliseconds: five percentiles for each halving of the tail, as HdrHistogram prints.
 * Returns 0, or -1 when the file reports an error. */
int sim_histogram_write_hgrm(const struct sim_histogram *h, FILE *file);

#endif
