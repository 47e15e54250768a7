/*
 * model/client/rate.c - records per ns as a piecewise constant function of time.
 *
 * Shape    base rate x factor (hour, day, growth) x state of the modulating processes. Streams of one modulation draw the same
 *          states, each for itself: states depend on their name only.
 */
#include <assert.h>
#include <stdlib.h>

#include "model/client/arrivals_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

#define HOUR_NS    INT64_C(3600000000000)
/* No rate change is further away: keeps the walk free of special cases (292 years end int64_t). */
#define FOREVER_NS (INT64_MAX / 2)

double model_arrivals_factor(const struct model_arrivals_config *config, int64_t now_ns)
{
    if (!config->shaped)
        return 1;
    int64_t clock = config->clock_ns + now_ns;
    int64_t hour = clock / HOUR_NS;
    double factor = config->daily[hour % 24] * config->weekly[hour / 24 % 7];
    if (config->growth_ratio != 0 && config->growth_period_ns > 0)
        factor *=
            sim_exp(sim_log1p(config->growth_ratio) * (double)(hour * HOUR_NS - config->clock_ns) /
                    (double)config->growth_period_ns);
    return factor;
}

static void find_factor(struct rate *rate, int64_t now_ns)
{
    rate->factor = model_arrivals_factor(rate->config, now_ns);
    rate->factor_end_ns = FOREVER_NS;
    if (rate->config->shaped) {
        int64_t clock = rate->config->clock_ns + now_ns;
        rate->factor_end_ns = (clock / HOUR_NS + 1) * HOUR_NS - rate->config->clock_ns;
    }
}

static void find_piece(struct rate *rate)
{
    double sum = rate->component_count == 0 ? 1 : 0;
    rate->piece_end_ns = rate->factor_end_ns;
    for (uint32_t i = 0; i < rate->component_count; i++) {
        const struct rate_component *c = &rate->components[i];
        sum += (c->busy ? c->high : c->quiet) / rate->component_count;
        if (c->change_ns < rate->piece_end_ns)
            rate->piece_end_ns = c->change_ns;
    }
    rate->per_ns = rate->base_per_ns * rate->factor * sum;
}

static int64_t stay_ns(struct rate *rate, uint32_t i)
{
    const struct model_mmpp *m = &rate->config->mmpp[i];
    double mean = (double)(rate->components[i].busy ? m->busy_ns : m->quiet_ns);
    double stay = sim_exponential(&rate->components[i].stream, mean);
    return 1 + (int64_t)(stay < 1e18 ? stay : 1e18);
}

static void start_component(struct rate *rate, uint32_t i, int64_t start_ns)
{
    const struct model_mmpp *m = &rate->config->mmpp[i];
    struct rate_component *c = &rate->components[i];
    double busy_share = (double)m->busy_ns / ((double)m->busy_ns + (double)m->quiet_ns);
    /* A mean of 1 bounds how busy the busy state can be: nothing at all comes while quiet then. */
    bool bounded = m->high * busy_share < 1;
    c->high = bounded ? m->high : 1 / busy_share;
    c->quiet = bounded ? (1 - c->high * busy_share) / (1 - busy_share) : 0;
    c->busy = sim_chance(&c->stream, busy_share);
    c->change_ns = start_ns + stay_ns(rate, i);
}

void rate_init(struct rate *rate, const struct model_arrivals_config *config, uint64_t seed,
               uint64_t replication, const char *modulation, double share, double per_record,
               int64_t start_ns)
{
    rate->config = config;
    rate->base_per_ns = config->rate_records_per_s * share / per_record / 1e9;
    rate->component_count = config->kind == MODEL_ARRIVALS_MMPP ? config->mmpp_count : 0;
    rate->components = NULL;
    assert(rate->component_count <= MODEL_MMPP_MAX);
    if (rate->component_count > 0) {
        rate->components = sim_alloc(rate->component_count, sizeof *rate->components);
    }
    for (uint32_t i = 0; i < rate->component_count; i++) {
        sim_stream_initf(&rate->components[i].stream, seed, replication, "%s modulation %u",
                         modulation, i);
        start_component(rate, i, start_ns);
    }
    find_factor(rate, start_ns);
    find_piece(rate);
}

void rate_release(struct rate *rate)
{
    free(rate->components);
    rate->components = NULL;
}

void rate_next_piece(struct rate *rate)
{
    int64_t now = rate->piece_end_ns;
    if (rate->factor_end_ns == now)
        find_factor(rate, now);
    for (uint32_t i = 0; i < rate->component_count; i++)
        if (rate->components[i].change_ns == now) {
            rate->components[i].busy = !rate->components[i].busy;
            rate->components[i].change_ns = now + stay_ns(rate, i);
        }
    find_piece(rate);
}

/*
 * Symmetric states with mean stay s: time constant s / 2, rates (1 -+ d) of the share. Index of dispersion over a long time:
 * 1 + 2 sum(variance_i x time constant_i) / rate, variance_i = (rate d / 4)^2.
 */
bool model_mmpp_superpose(double dispersion, double rate_records_per_s,
                          struct model_mmpp out[MODEL_MMPP_MAX])
{
    static const double constant_s[MODEL_MMPP_MAX] = {1, 10, 100, 1000};
    double sum = 1 + 10 + 100 + 1000;
    double d = sim_sqrt((dispersion - 1) * 8 / (rate_records_per_s * sum));
    if (!(dispersion >= 1) || !(d <= 1))
        return false;
    for (int i = 0; i < MODEL_MMPP_MAX; i++) {
        int64_t stay = (int64_t)(constant_s[i] * 2e9);
        out[i] = (struct model_mmpp){.high = 1 + d, .busy_ns = stay, .quiet_ns = stay};
    }
    return true;
}
