/*
 * sim/histogram.h - how long did it take, for every message?
 *
 * Shape    Log-linear bins of int64_t ns: exact below 128, then 64 bins for each doubling, so a
 *          value read back from its bin's middle is off by at most 1/128 = 0.79 %.
 *          Counts, sum and squares are integers: merging in any order gives the same bytes.
 * Spans    n messages of one batch have latencies equally spaced between two ends. Bins get
 *          differences of the rounded number of values below their bounds, so a span costs an
 *          addition a bin. A span over many bins goes to a difference array instead, at two
 *          additions an octave, and is rounded when read: the number of values below any bound is
 *          then off by less than one for each such span, and the total is exact.
 * Observations  The messages of one batch came and went together. For intervals they are one
 *          observation: `observation_count` counts calls, `count` counts values. A percentile with
 *          fewer than 100 observations beyond it is not printed.
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
    uint64_t count;             /* values */
    uint64_t observation_count; /* calls that recorded at least one */
    int64_t min_ns;             /* INT64_MAX when empty */
    int64_t max_ns;             /* -1 when empty */
    sim_int128 sum_ns;
    uint64_t half_count;     /* halves of a ns to add to sum_ns: spans of odd sum */
    uint64_t many_count;     /* values of other calls than sim_histogram_record ... */
    sim_int128 many_squares; /* ... and the sum of their n squared */
    uint64_t *single;        /* [SIM_HISTOGRAM_BINS] values recorded one by one */
    uint64_t *many;          /* [bins] values of other calls */
    int64_t *wide; /* [bins] of wide spans, in 2^-20 values, as differences between bins */
};

/* Empty. Allocates about 43 kB (65 with wide spans); aborts when memory is out. */
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

/* n values in `groups` groups, equally large but for rounding and equally spaced as above: messages that
 * came in bursts. Few groups are recorded one by one, many as a span. One observation.
 * Asserts 0 < groups <= n. */
void sim_histogram_record_groups(struct sim_histogram *h, int64_t first_ns, int64_t last_ns,
                                 int64_t groups, int64_t n);

/* n moments equally spaced from first_ns to last_ns. */
struct sim_histogram_stretch {
    int64_t first_ns;
    int64_t last_ns;
    int64_t n; /* above 0 */
};

/* How long before now_ns the messages of a batch came, in several stretches: one observation for all of them.
 * Asserts that none came after now_ns. */
void sim_histogram_record_ages(struct sim_histogram *h, int64_t now_ns,
                               const struct sim_histogram_stretch *stretches, uint32_t count);

/* Adds `from` to `into`. */
void sim_histogram_merge(struct sim_histogram *into, const struct sim_histogram *from);

/* The value that a share q of the values does not exceed: the middle of the bin that holds value
 * number ceil(q * count), limited to [min, max]. q = 0 is min, q = 1 is max. Asserts 0 <= q <= 1.
 * Returns 0 when empty. */
int64_t sim_histogram_quantile_ns(const struct sim_histogram *h, double q);

/* Independent observations that say as much as the calls do: (sum of n)^2 / (sum of n^2) over calls.
 * The number of calls when all have the same n, fewer when a few large batches dominate. */
double sim_histogram_effective_observations(const struct sim_histogram *h);

/* Effective observations beyond q, rounded down (below q when q < 0.5). */
uint64_t sim_histogram_tail_observations(const struct sim_histogram *h, double q);

/* At least SIM_HISTOGRAM_TAIL_MIN observations lie beyond q. */
bool sim_histogram_quantile_printable(const struct sim_histogram *h, double q);

double sim_histogram_mean_ns(const struct sim_histogram *h); /* exact sum / count; 0 when empty */
double sim_histogram_sd_ns(const struct sim_histogram *h);   /* from bin middles */

/* Share of values <= limit_ns: exact up to the limit's own bin, interpolated within it. */
double sim_histogram_share_below(const struct sim_histogram *h, int64_t limit_ns);

/* Bins that hold something, in order: start with a cursor of zeros; returns false at the end.
 * Values of the bin are in [lower_ns, upper_ns). */
struct sim_histogram_cursor {
    uint32_t bin;
    int64_t density; /* of wide spans in the present bin, in 2^-20 values */
    int64_t wide;    /* the same, summed over bins so far */
    int64_t lower_ns;
    int64_t upper_ns;
    uint64_t count;
};
bool sim_histogram_next(const struct sim_histogram *h, struct sim_histogram_cursor *cursor);

uint32_t sim_histogram_bin(int64_t value_ns);
int64_t sim_histogram_bin_lower_ns(uint32_t bin);

/* `.hgrm` in milliseconds: five percentiles for each halving of the tail, as HdrHistogram prints.
 * Returns 0, or -1 when the file reports an error. */
int sim_histogram_write_hgrm(const struct sim_histogram *h, FILE *file);

#endif
