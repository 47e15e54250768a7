/*
 * model/answer/fill_waves.c - what waits behind small requests in a librdkafka client's sockets comes and goes in waves (gather.h). A window that
 * shows a rise of no more than one wave cannot tell it from growth: nothing is decided then, and a longer one tells.
 */
#include "model/answer/fill.h"

#include "model/answer/advice.h"
#include "model/answer/growth.h"

/* Judgement: as many waves as make the part of one at the end of a window too little to look like growth. */
#define WAVES_ENOUGH 10

/* Records that wait at a wave's top, of all clients; 0: none come, or a client lets no such wave wait. */
static double wave_records(const struct fill *fill, int p)
{
    const struct scenario_producer *producer = &fill->scenario->producers[p];
    const struct result_bound *queue = advice_sockets_bound(fill->result, producer);
    return queue && queue->utilisation <= 1 ? queue->demand * producer->clients : 0;
}

double fill_wave_s(const struct fill *fill, int p)
{
    return wave_records(fill, p) / fill->scenario->producers[p].records_per_s_peak;
}

/* From the first third of the window to its last. */
static double rise(const struct outcome *outcome, int p)
{
    uint32_t ticks = outcome->tick_count;
    return growth_slope(outcome->producers[p].buffered_records, ticks) * (ticks - ticks / 3);
}

bool fill_waves(const struct fill *fill, int p)
{
    double wave = wave_records(fill, p);
    if (!fill->producer_unstable[p] || !(wave > 0) || fill_refused(fill, (uint32_t)p) ||
        fill_followers_unstable(fill, (uint32_t)p))
        return false;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        if (rise(fill->replications->outcomes[r], p) > wave)
            return false;
    return true;
}

int fill_first_in_waves(const struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill_waves(fill, p))
            return p;
    return -1;
}

/* The producer before the group whose waves are all that keeps it from being told; -1: none. */
static int before_group(const struct fill *fill, uint32_t group)
{
    const struct scenario *s = fill->scenario;
    int found = -1;
    for (int p = 0; p < s->producer_count; p++) {
        if (!fill->producer_unstable[p] ||
            !scenario_reads(&s->groups[group], s->producers[p].topic))
            continue;
        if (!fill_waves(fill, p))
            return -1;
        found = p;
    }
    return fill->group_unstable[group] ? -1 : found;
}

int fill_slo_in_waves(const struct fill *fill, const struct scenario_slo *slo, uint32_t index)
{
    if (slo->metric == SCENARIO_METRIC_PRODUCE)
        return fill_waves(fill, (int)index) ? (int)index : -1;
    return slo->metric == SCENARIO_METRIC_END_TO_END ? before_group(fill, index) : -1;
}

const char *fill_waves_text(const struct fill *fill, int p)
{
    struct result *r = fill->result;
    return result_format(r,
                         "what waits in the client of %s comes and goes in waves of some %s, which "
                         "the %s measured do not tell from growth",
                         fill->scenario->producers[p].name,
                         result_duration(r, fill_wave_s(fill, p)),
                         result_duration(r, r->run.measured_s));
}

const char *fill_waves_remedy(const struct fill *fill, int p)
{
    return fill_measure_remedy(fill, WAVES_ENOUGH * fill_wave_s(fill, p));
}
