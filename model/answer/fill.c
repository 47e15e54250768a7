/* model/answer/fill.c - estimates over replications; see fill.h. */
#include "model/answer/fill.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "sim/stat.h"

#define LEVEL       0.95
#define LEVEL_DRAWN 0.90

static bool most(uint32_t yes, uint32_t of)
{
    return 2 * yes > of;
}

uint32_t fill_unstable_producer(const struct fill *fill, uint32_t producer)
{
    uint32_t yes = 0;
    if (fill->scenario->producers[producer].rate_kind == SCENARIO_RATE_MAX)
        return 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        yes += outcome_producer_unstable(&fill->replications->outcomes[r]->producers[producer]);
    return yes;
}

uint32_t fill_unstable_group(const struct fill *fill, uint32_t group)
{
    uint32_t yes = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        yes += outcome_group_unstable(&fill->replications->outcomes[r]->groups[group]);
    return yes;
}

bool fill_followers_unstable(const struct fill *fill, uint32_t producer)
{
    uint32_t yes = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        yes += outcome_followers_unstable(&fill->replications->outcomes[r]->producers[producer]);
    return most(yes, fill->replications->count);
}

static void init(struct fill *fill, struct result *result, const struct scenario *scenario,
                 const struct model_profile *profile, const struct replications *replications)
{
    *fill = (struct fill){
        .result = result, .scenario = scenario, .profile = profile, .replications = replications};
    fill->producer_unstable = calloc((size_t)scenario->producer_count + 1, sizeof(bool));
    fill->group_unstable = calloc((size_t)scenario->group_count + 1, sizeof(bool));
    assert(fill->producer_unstable && fill->group_unstable);
}

void fill_init_single(struct fill *fill, struct result *result, const struct scenario *scenario,
                      const struct model_profile *profile, const struct replications *one)
{
    assert(one->count == 1);
    init(fill, result, scenario, profile, one);
    fill->single = true;
}

void fill_init(struct fill *fill, struct result *result, const struct scenario *scenario,
               const struct model_profile *profile, const struct replications *replications)
{
    init(fill, result, scenario, profile, replications);
    for (uint32_t p = 0; p < (uint32_t)scenario->producer_count; p++)
        fill->producer_unstable[p] = most(fill_unstable_producer(fill, p), replications->count);
    for (uint32_t g = 0; g < (uint32_t)scenario->group_count; g++)
        fill->group_unstable[g] = most(fill_unstable_group(fill, g), replications->count);
}

void fill_release(struct fill *fill)
{
    free(fill->producer_unstable);
    free(fill->group_unstable);
}

bool fill_refused(const struct fill *fill, uint32_t producer)
{
    for (uint32_t r = 0; r < fill->replications->count; r++)
        if (fill->replications->outcomes[r]->producers[producer].counts.records_refused > 0)
            return true;
    return false;
}

bool fill_gives_up(const struct fill *fill, uint32_t producer)
{
    uint32_t yes = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        yes += outcome_gives_up(&fill->replications->outcomes[r]->producers[producer]);
    return most(yes, fill->replications->count);
}

const char *fill_waits_at_most(const struct fill *fill, uint32_t producer)
{
    return fill->scenario->producers[producer].client == SCENARIO_CLIENT_JAVA
               ? "delivery.timeout.ms"
               : "message.timeout.ms";
}

bool fill_any_unstable(const struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->producer_unstable[p])
            return true;
    return false;
}

bool fill_queue_grows(const struct fill *fill)
{
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill->group_unstable[g])
            return true;
    return fill_any_unstable(fill);
}

bool fill_end_to_end_unstable(const struct fill *fill, uint32_t group)
{
    const struct scenario *s = fill->scenario;
    bool unstable = fill->group_unstable[group];
    for (int p = 0; p < s->producer_count; p++)
        unstable |=
            fill->producer_unstable[p] && scenario_reads(&s->groups[group], s->producers[p].topic);
    return unstable;
}

/*
 * All that is estimated here is a time, a rate or a share. Where each replication has some of it the interval is one of logarithms; a share
 * that was zero in one is bounded by 0 instead.
 */
static struct sim_interval interval_of(const double *values, uint32_t count, double level)
{
    struct sim_interval interval = sim_interval_positive(values, count, level);
    if (!interval.valid) {
        interval = sim_interval_mean(values, count, level);
        interval.low = interval.low > 0 ? interval.low : 0;
    }
    return interval;
}

/*
 * Repeats of one cluster tell its mean better the more there are. Replications that are different clusters tell how far those lie apart: the
 * interval is that of one more, sqrt(n + 1) times as wide, at the level of a prediction.
 */
struct result_estimate fill_values(const struct fill *fill, const double *values)
{
    uint32_t count = fill->replications->count;
    if (fill->single)
        return result_exact(values[0]);
    double level = fill->drawn ? LEVEL_DRAWN : LEVEL;
    struct sim_interval interval = interval_of(values, count, level);
    if (!interval.valid)
        return result_unknown();
    if (fill->drawn && interval.low > 0) {
        double wider = sqrt(1.0 + count);
        interval.low = interval.value * pow(interval.low / interval.value, wider);
        interval.high = interval.value * pow(interval.high / interval.value, wider);
    }
    return result_interval(interval.value, interval.low, interval.high, level, count);
}

static double *room(const struct fill *fill)
{
    double *values = calloc(fill->replications->count + 1, sizeof *values);
    assert(values);
    return values;
}

struct result_estimate fill_estimate(const struct fill *fill, fill_value_fn *value, uint32_t index,
                                     double parameter)
{
    double *values = room(fill);
    for (uint32_t r = 0; r < fill->replications->count; r++)
        values[r] = value(fill->replications->outcomes[r], index, parameter);
    struct result_estimate estimate = fill_values(fill, values);
    free(values);
    return estimate;
}

uint64_t fill_observations(const struct fill *fill, fill_histogram_fn *histogram, uint32_t index)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        sum += histogram(fill->replications->outcomes[r], index)->observation_count;
    return sum;
}

/* A histogram knows a value to half a bin, however well replications agree. */
static struct result_estimate as_bins_tell(struct result_estimate e)
{
    double half = 1.0 / (2 << SIM_HISTOGRAM_SUB_BITS);
    if (e.known) {
        e.low = fmin(e.low, e.value * (1 - half));
        e.high = fmax(e.high, e.value * (1 + half));
    }
    return e;
}

static struct result_estimate quantile_of(const struct fill *fill, fill_histogram_fn *histogram,
                                          uint32_t index, double q)
{
    double *values = room(fill);
    for (uint32_t r = 0; r < fill->replications->count; r++)
        values[r] =
            (double)sim_histogram_quantile_ns(histogram(fill->replications->outcomes[r], index), q);
    struct result_estimate estimate = as_bins_tell(fill_values(fill, values));
    free(values);
    return estimate;
}

struct result_estimate fill_quantile(const struct fill *fill, fill_histogram_fn *histogram,
                                     uint32_t index, double q)
{
    uint64_t n = fill_observations(fill, histogram, index);
    double beyond = (q >= 0.5 ? 1 - q : q) * (double)n;
    if (n == 0 || (beyond < SIM_HISTOGRAM_TAIL_MIN && !fill->single))
        return result_unknown();
    struct result_estimate estimate = quantile_of(fill, histogram, index, q);
    if (q > 0.5) {
        struct result_estimate median = quantile_of(fill, histogram, index, 0.5);
        estimate = result_above(&estimate, &median);
    }
    estimate.n = n;
    return estimate;
}

struct result_estimate fill_mean(const struct fill *fill, fill_histogram_fn *histogram,
                                 uint32_t index)
{
    uint64_t n = fill_observations(fill, histogram, index);
    double *values = room(fill);
    for (uint32_t r = 0; r < fill->replications->count; r++)
        values[r] = sim_histogram_mean_ns(histogram(fill->replications->outcomes[r], index));
    struct result_estimate estimate = n ? fill_values(fill, values) : result_unknown();
    estimate.n = n;
    free(values);
    return estimate;
}

/* The largest that was seen: a fact of these runs, not an estimate of anything. */
struct result_estimate fill_max(const struct fill *fill, fill_histogram_fn *histogram,
                                uint32_t index)
{
    int64_t max_ns = -1;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct sim_histogram *h = histogram(fill->replications->outcomes[r], index);
        max_ns = h->max_ns > max_ns ? h->max_ns : max_ns;
    }
    struct result_estimate estimate = max_ns >= 0 ? result_exact((double)max_ns) : result_unknown();
    estimate.n = fill_observations(fill, histogram, index);
    return estimate;
}

const struct sim_histogram *fill_produce_histogram(const struct outcome *outcome, uint32_t index)
{
    return &outcome->producers[index].latency;
}

const struct sim_histogram *fill_end_to_end_histogram(const struct outcome *outcome, uint32_t index)
{
    return &outcome->groups[index].end_to_end;
}

const struct sim_histogram *fill_fetch_histogram(const struct outcome *outcome, uint32_t index)
{
    return &outcome->groups[index].fetch;
}
