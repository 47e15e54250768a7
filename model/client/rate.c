/*
 * model/client/rate.c - records per ns as a piecewise constant function of time.
 *
 * Shape    base rate x factor (hour, day, growth) x state of the modulating processes. Streams of one modulation draw the same
 *          states, each for itself: states depend on their name only.
 */
#include <assert.h>

#include "model/client/arrivals_internal.h"
#include "sim/dmath.h"

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
    double sum = rate->components == 0 ? 1 : 0;
    rate->piece_end_ns = rate->factor_end_ns;
    for (uint32_t i = 0; i < rate->components; i++) {
        sum += (rate->busy[i] ? rate->high[i] : rate->quiet[i]) / rate->components;
        if (rate->change_ns[i] < rate->piece_end_ns)
            rate->piece_end_ns = rate->change_ns[i];
    }
    rate->per_ns = rate->base_per_ns * rate->factor * sum;
}

static int64_t stay_ns(struct rate *rate, uint32_t i)
{
    const struct model_mmpp *m = &rate->config->mmpp[i];
    double mean = (double)(rate->busy[i] ? m->busy_ns : m->quiet_ns);
    double stay = sim_exponential(&rate->streams[i], mean);
    return 1 + (int64_t)(stay < 1e18 ? stay : 1e18);
}

void rate_init(struct rate *rate, const struct model_arrivals_config *config, uint64_t seed,
               uint64_t replication, const char *modulation, double share, double per_record,
               int64_t start_ns)
{
    rate->config = config;
    rate->base_per_ns = config->rate_records_per_s * share / per_record / 1e9;
    rate->components = config->kind == MODEL_ARRIVALS_MMPP ? config->mmpp_count : 0;
    assert(rate->components <= MODEL_MMPP_MAX);
    for (uint32_t i = 0; i < rate->components; i++) {
        const struct model_mmpp *m = &config->mmpp[i];
        double busy_share = (double)m->busy_ns / ((double)m->busy_ns + (double)m->quiet_ns);
        sim_stream_initf(&rate->streams[i], seed, replication, "%s modulation %u", modulation, i);
        /* A mean of 1 bounds how busy the busy state can be: nothing at all comes while quiet then. */
        rate->high[i] = m->high * busy_share < 1 ? m->high : 1 / busy_share;
        rate->quiet[i] = (1 - rate->high[i] * busy_share) / (1 - busy_share);
        if (rate->quiet[i] < 0)
            rate->quiet[i] = 0;
        rate->busy[i] = sim_chance(&rate->streams[i], busy_share);
        rate->change_ns[i] = start_ns + stay_ns(rate, i);
    }
    find_factor(rate, start_ns);
    find_piece(rate);
}

void rate_next_piece(struct rate *rate)
{
    int64_t now = rate->piece_end_ns;
    if (rate->factor_end_ns == now)
        find_factor(rate, now);
    for (uint32_t i = 0; i < rate->components; i++)
        if (rate->change_ns[i] == now) {
            rate->busy[i] = !rate->busy[i];
            rate->change_ns[i] = now + stay_ns(rate, i);
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
