#include "model/measure/schedule.h"

#include <assert.h>

void measure_schedule_init(struct measure_schedule *s, const struct measure_config *config,
                           uint64_t seed, int repeat)
{
    assert(config->rate_per_s > 0);
    assert(config->burst >= 1);
    sim_stream_init(&s->stream, seed, (uint64_t)repeat, "measure arrivals");
    s->constant = config->arrivals == MEASURE_CONSTANT;
    s->gap_ns = 1e9 * config->burst / config->rate_per_s;
    s->burst = config->burst;
    s->left = 0;
    s->moment = 0;
    s->time_ns = 0;
}

int64_t measure_schedule_next(struct measure_schedule *s)
{
    if (s->left > 0) {
        s->left--;
        return s->time_ns;
    }
    s->left = s->burst - 1;
    /* Evenly spaced moments are multiplied out, not summed: rounding must not move the rate. */
    if (s->constant)
        s->time_ns = (int64_t)(s->gap_ns * (double)s->moment++);
    else
        s->time_ns += sim_exponential_ns(&s->stream, s->gap_ns);
    return s->time_ns;
}
