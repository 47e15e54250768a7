/*
 * How large the segments of the horizon's logs are: the topic's, unless years of segments of a MB, or of a millisecond, would take hours and
 * more memory than there is. Then they are so much larger that what is kept still consists of many, and a warning says so.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>

#include "model/cluster/horizon_log.h"
#include "model/cluster/retained.h"
#include "sim/dmath.h"

/* A segment that ends by age is laid in batches of 1/16 of it, one that ends by size mostly as one batch. */
#define BY_AGE 8

/* How far back the log reaches at its start. */
static double start_s(const struct horizon *h, const struct horizon_log *log, double bytes_per_s)
{
    struct model_retention kept;
    model_retention_init(&kept, h->s, log->topic);
    kept.segment_bytes = kept.check_interval_s = kept.delete_delay_s = 0;
    double s = model_retained_s(&kept, bytes_per_s);
    bool is_empty = h->s->start.logs != SCENARIO_FULL || s >= HORIZON_EPOCH_MS / 1e3;
    return is_empty ? 0 : s;
}

/* Over the horizon, of a load that grows from 1 to so many times it at a steady pace: its mean. */
static double mean_growth(double grown)
{
    return fabs(grown - 1) > 1e-6 ? (grown - 1) / sim_log(grown) : 1;
}

/* What comes to the log until the end of the horizon. */
static double came_bytes(const struct horizon *h, const struct horizon_log *log)
{
    double bytes = 0, length_s = (double)h->length_ns / 1e9;
    for (int i = 0; i < h->source_count; i++) {
        const struct scenario_producer *p = h->sources[i].producer;
        double mean = p->payload_bytes_per_s_mean / p->payload_bytes_per_s_peak;
        mean *= mean_growth(model_growth_factor(p, h->length_ns));
        if (p->topic == log->topic && mean > 0)
            bytes += horizon_source_wire_at(&h->sources[i], mean, log->partition) * length_s;
    }
    return bytes;
}

void horizon_segments_choose(struct horizon *h, struct horizon_log *log, double bytes_per_s)
{
    const struct scenario_topic_config *c = &h->s->topics[log->topic].config;
    double most = (double)HORIZON_SEGMENTS_MOST / h->log_count,
           before_s = start_s(h, log, bytes_per_s);
    double s = (double)h->length_ns / 1e9 + before_s;
    double all = came_bytes(h, log) + bytes_per_s * before_s, ms = s * 1e3 * BY_AGE / most;
    log->segment_bytes =
        (int64_t)fmax((double)c->segment_bytes, fmin(HORIZON_SEGMENT_BYTES_MOST, all / most));
    log->segment_ms = (double)c->segment_ms < ms ? (int64_t)ms : c->segment_ms;
    double is = model_roll_s((double)c->segment_bytes, (double)c->segment_ms / 1e3, all / s),
           followed =
               model_roll_s((double)log->segment_bytes, (double)log->segment_ms / 1e3, all / s);
    if (followed > is && all > 0)
        h->coarse_s = fmax(h->coarse_s, followed);
}

void horizon_segments_warn(const struct horizon *h, struct result *result)
{
    if (h->coarse_s > 0)
        result_warn(result,
                    result_format(result,
                                  "the horizon takes segments of %s for smaller ones: disks may "
                                  "hold less than it says, by up to what comes in that time",
                                  result_duration(result, h->coarse_s)),
                    "larger segments (segment.bytes, segment.ms); so many small ones ask much of a "
                    "broker, too");
}
