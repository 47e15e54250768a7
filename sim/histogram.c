/*
 * sim/histogram.c - recording and reading.
 */
#include "sim/histogram.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/dmath.h"

#define SUB_BITS   SIM_HISTOGRAM_SUB_BITS
#define SUB_COUNT  (1u << SUB_BITS)
#define BINS       SIM_HISTOGRAM_BINS
#define VALUE_LAST ((INT64_C(1) << SIM_HISTOGRAM_MAX_BITS) - 1)

/* Spans of up to this many values are drawn out; up to this many bins are filled one by one. */
#define SPAN_DRAW  8
#define SPAN_BINS  16
/* Beyond so many groups a group is less than a hundredth of a step in any percentile: recorded as single values. */
#define GROUPS_MAX 64

#define WIDE_ONE (INT64_C(1) << 20) /* one value in the difference array */

static void *allocate(size_t count)
{
    void *memory = calloc(count, sizeof(uint64_t));
    if (memory == NULL) {
        fprintf(stderr, "simulation: out of memory for a histogram\n");
        abort();
    }
    return memory;
}

void sim_histogram_init(struct sim_histogram *h)
{
    memset(h, 0, sizeof(*h));
    h->single = allocate((size_t)2 * BINS);
    h->many = h->single + BINS;
    h->min_ns = INT64_MAX;
    h->max_ns = -1;
}

void sim_histogram_release(struct sim_histogram *h)
{
    free(h->single);
    free(h->wide);
    memset(h, 0, sizeof(*h));
}

void sim_histogram_reset(struct sim_histogram *h)
{
    uint64_t *bins = h->single;
    free(h->wide);
    memset(bins, 0, sizeof(bins[0]) * 2 * BINS);
    memset(h, 0, sizeof(*h));
    h->single = bins;
    h->many = bins + BINS;
    h->min_ns = INT64_MAX;
    h->max_ns = -1;
}

/* ---- bins ----------------------------------------------------------------------------------- */

/* Octave o holds [64 * 2^o, 128 * 2^o) in 64 bins of 2^o; below 64 a bin is a value. */
static inline unsigned octave_of(int64_t value_ns)
{
    return 63u - SUB_BITS - (unsigned)__builtin_clzll((uint64_t)value_ns | SUB_COUNT);
}

static inline uint32_t bin_of(int64_t value_ns)
{
    if (__builtin_expect(value_ns > VALUE_LAST, 0))
        return BINS - 1;
    unsigned octave = octave_of(value_ns);
    return (octave << SUB_BITS) + (uint32_t)(value_ns >> octave);
}

uint32_t sim_histogram_bin(int64_t value_ns)
{
    assert(value_ns >= 0);
    return bin_of(value_ns);
}

static unsigned bin_octave(uint32_t bin)
{
    return bin < 2 * SUB_COUNT ? 0 : (bin >> SUB_BITS) - 1;
}

int64_t sim_histogram_bin_lower_ns(uint32_t bin)
{
    unsigned octave = bin_octave(bin);
    return (int64_t)(bin - (octave << SUB_BITS)) << octave;
}

/* ---- recording ------------------------------------------------------------------------------ */

static inline void note_range(struct sim_histogram *h, int64_t min_ns, int64_t max_ns)
{
    h->min_ns = min_ns < h->min_ns ? min_ns : h->min_ns;
    h->max_ns = max_ns > h->max_ns ? max_ns : h->max_ns;
}

void sim_histogram_record(struct sim_histogram *h, int64_t value_ns)
{
    assert(value_ns >= 0);
    h->single[bin_of(value_ns)]++;
    h->count++;
    h->observation_count++;
    h->sum_ns += value_ns;
    note_range(h, value_ns, value_ns);
}

static void note_call(struct sim_histogram *h, int64_t n)
{
    h->count += (uint64_t)n;
    h->observation_count++;
    h->many_count += (uint64_t)n;
    h->many_squares += (sim_int128)n * n;
}

void sim_histogram_record_n(struct sim_histogram *h, int64_t value_ns, int64_t n)
{
    assert(value_ns >= 0 && n >= 0);
    if (n == 0)
        return;
    h->many[bin_of(value_ns)] += (uint64_t)n;
    note_call(h, n);
    h->sum_ns += (sim_int128)value_ns * n;
    note_range(h, value_ns, value_ns);
}

/* n values low + i * (high - low) / (n - 1). Those below a whole bound are those with
 * i < (bound - low) * (n - 1) / (high - low). */
struct span {
    int64_t low;
    int64_t high;
    int64_t n;
};

static void span_draw(struct sim_histogram *h, const struct span *span)
{
    int64_t width = span->high - span->low, gaps = span->n - 1;
    for (int64_t i = 0; i <= gaps; i++) {
        /* No more than SPAN_DRAW values: the product overflows only where nothing real lies. */
        int64_t above = width <= INT64_MAX / SPAN_DRAW ? width * i / gaps
                                                       : (int64_t)((sim_int128)width * i / gaps);
        h->many[bin_of(span->low + above)]++;
    }
}

static int64_t span_below(const struct span *span, int64_t bound)
{
    int64_t width = span->high - span->low, above = bound - span->low, product;
    if (!__builtin_mul_overflow(above, span->n - 1, &product) && product < INT64_MAX - width)
        return (product + width - 1) / width;
    return (int64_t)(((sim_int128)above * (span->n - 1) + width - 1) / width);
}

static void span_fill(struct sim_histogram *h, const struct span *span, uint32_t first,
                      uint32_t last)
{
    int64_t below = 0;
    for (uint32_t bin = first; bin < last; bin++) {
        int64_t next = span_below(span, sim_histogram_bin_lower_ns(bin + 1));
        h->many[bin] += (uint64_t)(next - below);
        below = next;
    }
    h->many[last] += (uint64_t)(span->n - below);
}

static void wide_add(struct sim_histogram *h, uint32_t first, uint32_t end, int64_t density)
{
    h->wide[first] += density;
    if (end < BINS)
        h->wide[end] -= density;
}

/* Bins of one octave are equally wide, so each gets the same share. A value stands for half a step on both sides of it, so half of
 * the first is at the low end itself and half of the last, with whatever is left, at the high end. */
static void span_spread(struct sim_histogram *h, const struct span *span, uint32_t first,
                        uint32_t last)
{
    if (h->wide == NULL)
        h->wide = allocate(BINS);
    sim_int128 gaps = (sim_int128)(span->n - 1) * WIDE_ONE;
    int64_t width = span->high - span->low, left = span->n * WIDE_ONE;
    int64_t next_ns = sim_histogram_bin_lower_ns(first + 1);
    int64_t share = WIDE_ONE / 2 + (int64_t)(gaps * (next_ns - span->low) / width);
    wide_add(h, first, first + 1, share);
    left -= share;
    for (uint32_t bin = first + 1; bin < last;) {
        unsigned octave = bin_octave(bin);
        uint32_t end = (octave + 2) << SUB_BITS;
        end = end < last ? end : last;
        share = (int64_t)((gaps << octave) / width);
        wide_add(h, bin, end, share);
        left -= share * (end - bin);
        bin = end;
    }
    wide_add(h, last, last + 1, left);
}

static void span_place(struct sim_histogram *h, const struct span *span)
{
    uint32_t first = bin_of(span->low), last = bin_of(span->high);
    if (first == last)
        h->many[first] += (uint64_t)span->n;
    else if (span->n <= SPAN_DRAW)
        span_draw(h, span);
    else if (last - first <= SPAN_BINS || span->n > INT64_C(1) << 40)
        span_fill(h, span, first, last);
    else
        span_spread(h, span, first, last);
}

/* Everything but the note that there was a call. */
static void place(struct sim_histogram *h, int64_t first_ns, int64_t last_ns, int64_t n)
{
    assert(first_ns >= 0 && last_ns >= 0);
    if (n == 1 || first_ns == last_ns) {
        h->many[bin_of(first_ns)] += (uint64_t)n;
        h->sum_ns += (sim_int128)first_ns * n;
        note_range(h, first_ns, first_ns);
        return;
    }
    struct span span = {first_ns < last_ns ? first_ns : last_ns,
                        first_ns < last_ns ? last_ns : first_ns, n};
    span_place(h, &span);
    sim_int128 twice = (sim_int128)(span.low + span.high) * n;
    h->sum_ns += twice / 2;
    h->half_count += (uint64_t)(twice & 1);
    note_range(h, span.low, span.high);
}

void sim_histogram_record_span(struct sim_histogram *h, int64_t first_ns, int64_t last_ns,
                               int64_t n)
{
    assert(first_ns >= 0 && last_ns >= 0 && n >= 0);
    if (n <= 1 || first_ns == last_ns) {
        sim_histogram_record_n(h, first_ns, n);
        return;
    }
    place(h, first_ns, last_ns, n);
    note_call(h, n);
}

void sim_histogram_record_groups(struct sim_histogram *h, int64_t first_ns, int64_t last_ns,
                                 int64_t groups, int64_t n)
{
    assert(first_ns >= 0 && last_ns >= 0 && groups > 0 && groups <= n);
    if (groups == n || groups > GROUPS_MAX) {
        sim_histogram_record_span(h, first_ns, last_ns, n);
        return;
    }
    if (groups == 1)
        last_ns = first_ns;
    for (int64_t i = 0; i < groups; i++) {
        /* Rounded in the middle, so that what does not divide evenly favours neither end. */
        int64_t size =
            (2 * n * (i + 1) + groups) / (2 * groups) - (2 * n * i + groups) / (2 * groups);
        int64_t value_ns = first_ns;
        if (i > 0)
            value_ns += (int64_t)((sim_int128)(last_ns - first_ns) * i / (groups - 1));
        h->many[bin_of(value_ns)] += (uint64_t)size;
        h->sum_ns += (sim_int128)value_ns * size;
    }
    note_call(h, n);
    note_range(h, first_ns < last_ns ? first_ns : last_ns, first_ns < last_ns ? last_ns : first_ns);
}

void sim_histogram_record_ages(struct sim_histogram *h, int64_t now_ns,
                               const struct sim_histogram_stretch *stretches, uint32_t count)
{
    int64_t n = 0, min_ns = INT64_MAX, max_ns = -1;
    sim_int128 sum_ns = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_histogram_stretch *stretch = &stretches[i];
        int64_t age_ns = now_ns - stretch->first_ns;
        assert(stretch->n > 0);
        n += stretch->n;
        if (stretch->n > 1) {
            place(h, age_ns, now_ns - stretch->last_ns, stretch->n);
            continue;
        }
        assert(age_ns >= 0); /* nearly always one value: as place, in a line */
        h->many[bin_of(age_ns)]++;
        sum_ns += age_ns;
        min_ns = age_ns < min_ns ? age_ns : min_ns;
        max_ns = age_ns > max_ns ? age_ns : max_ns;
    }
    if (n == 0)
        return;
    h->sum_ns += sum_ns;
    note_range(h, min_ns, max_ns);
    note_call(h, n);
}

void sim_histogram_merge(struct sim_histogram *into, const struct sim_histogram *from)
{
    for (uint32_t i = 0; i < 2 * BINS; i++)
        into->single[i] += from->single[i];
    if (from->wide != NULL) {
        if (into->wide == NULL)
            into->wide = allocate(BINS);
        for (uint32_t i = 0; i < BINS; i++)
            into->wide[i] += from->wide[i];
    }
    into->count += from->count;
    into->observation_count += from->observation_count;
    into->sum_ns += from->sum_ns;
    into->half_count += from->half_count;
    into->many_count += from->many_count;
    into->many_squares += from->many_squares;
    note_range(into, from->min_ns, from->max_ns);
}

/* ---- reading -------------------------------------------------------------------------------- */

bool sim_histogram_next(const struct sim_histogram *h, struct sim_histogram_cursor *cursor)
{
    while (cursor->bin < BINS) {
        uint32_t bin = cursor->bin++;
        uint64_t count = h->single[bin] + h->many[bin];
        if (h->wide != NULL) {
            int64_t before = cursor->wide / WIDE_ONE;
            cursor->density += h->wide[bin];
            cursor->wide += cursor->density;
            count += (uint64_t)(cursor->wide / WIDE_ONE - before);
        }
        if (count == 0)
            continue;
        cursor->lower_ns = sim_histogram_bin_lower_ns(bin);
        cursor->upper_ns = sim_histogram_bin_lower_ns(bin + 1);
        cursor->count = count;
        return true;
    }
    return false;
}

static int64_t clamp(const struct sim_histogram *h, int64_t value_ns)
{
    value_ns = value_ns < h->min_ns ? h->min_ns : value_ns;
    return value_ns > h->max_ns ? h->max_ns : value_ns;
}

static int64_t middle(const struct sim_histogram *h, const struct sim_histogram_cursor *cursor)
{
    return clamp(h, cursor->lower_ns + (cursor->upper_ns - cursor->lower_ns) / 2);
}

/* Number of the value that quantile q asks for, from 1. The small term keeps a product such as
 * 0.99 * 100 = 99.00000000000001 from asking for the next one. */
static uint64_t rank_of(uint64_t count, double q)
{
    double rank = sim_ceil(q * (double)count * (1.0 - 0x1p-50));
    if (rank < 1.0)
        return 1;
    return rank >= (double)count ? count : (uint64_t)rank;
}

int64_t sim_histogram_quantile_ns(const struct sim_histogram *h, double q)
{
    assert(q >= 0.0 && q <= 1.0);
    if (h->count == 0)
        return 0;
    if (q == 0.0 || q == 1.0)
        return q == 0.0 ? h->min_ns : h->max_ns;
    uint64_t rank = rank_of(h->count, q), below = 0;
    struct sim_histogram_cursor cursor = {0};
    while (sim_histogram_next(h, &cursor)) {
        below += cursor.count;
        if (below >= rank)
            return middle(h, &cursor);
    }
    return h->max_ns;
}

double sim_histogram_effective_observations(const struct sim_histogram *h)
{
    if (h->count == 0)
        return 0.0;
    double squares = (double)(h->count - h->many_count) + (double)h->many_squares;
    return (double)h->count / squares * (double)h->count;
}

uint64_t sim_histogram_tail_observations(const struct sim_histogram *h, double q)
{
    assert(q >= 0.0 && q <= 1.0);
    double share = q < 0.5 ? q : 1.0 - q;
    /* The small term: (1 - 0.9) * 1000 is 99.99999999999998 in doubles and means 100. */
    return (uint64_t)(share * sim_histogram_effective_observations(h) * (1.0 + 0x1p-40));
}

bool sim_histogram_quantile_printable(const struct sim_histogram *h, double q)
{
    return sim_histogram_tail_observations(h, q) >= SIM_HISTOGRAM_TAIL_MIN;
}

double sim_histogram_mean_ns(const struct sim_histogram *h)
{
    if (h->count == 0)
        return 0.0;
    return ((double)h->sum_ns + 0.5 * (double)h->half_count) / (double)h->count;
}

double sim_histogram_sd_ns(const struct sim_histogram *h)
{
    if (h->count == 0)
        return 0.0;
    double mean = sim_histogram_mean_ns(h), sum = 0.0;
    struct sim_histogram_cursor cursor = {0};
    while (sim_histogram_next(h, &cursor)) {
        double distance = (double)middle(h, &cursor) - mean;
        sum += distance * distance * (double)cursor.count;
    }
    return sim_sqrt(sum / (double)h->count);
}

double sim_histogram_share_below(const struct sim_histogram *h, int64_t limit_ns)
{
    if (h->count == 0 || limit_ns < h->min_ns)
        return 0.0;
    if (limit_ns >= h->max_ns)
        return 1.0;
    double below = 0.0;
    struct sim_histogram_cursor cursor = {0};
    while (sim_histogram_next(h, &cursor) && cursor.lower_ns <= limit_ns) {
        double within =
            (double)(limit_ns + 1 - cursor.lower_ns) / (double)(cursor.upper_ns - cursor.lower_ns);
        below += (double)cursor.count * (within < 1.0 ? within : 1.0);
    }
    return below / (double)h->count;
}
