/* See retained.h. */
#include "model/cluster/retained.h"

#include <math.h>

void model_retention_init(struct model_retention *r, const struct scenario *s, int topic)
{
    const struct scenario_topic_config *c = &s->topics[topic].config;
    r->retention_s = c->retention_ms >= 0 ? (double)c->retention_ms / 1e3 : -1;
    r->retention_bytes = (double)c->retention_bytes;
    r->segment_bytes = (double)c->segment_bytes;
    r->segment_s = (double)c->segment_ms / 1e3;
    r->check_interval_s = (double)s->cluster.config.log_retention_check_interval_ms / 1e3;
    r->delete_delay_s = (double)c->file_delete_delay_ms / 1e3;
}

double model_roll_s(double segment_bytes, double segment_s, double rate)
{
    double by_size = rate > 0 ? segment_bytes / rate : INFINITY;
    return by_size < segment_s ? by_size : segment_s;
}

double model_retained_bytes(const struct model_retention *r, double rate)
{
    double extra_s = model_roll_s(r->segment_bytes, r->segment_s, rate) + r->check_interval_s +
                     r->delete_delay_s;
    double most = INFINITY;
    if (rate <= 0)
        return 0;
    if (r->retention_s >= 0)
        most = fmin(most, rate * (r->retention_s + extra_s));
    if (r->retention_bytes >= 0)
        most = fmin(most, r->retention_bytes + rate * extra_s);
    return most;
}

bool model_retained_by_size(const struct model_retention *r, double rate)
{
    return r->retention_bytes >= 0 &&
           (r->retention_s < 0 || r->retention_bytes < rate * r->retention_s);
}

double model_retained_s(const struct model_retention *r, double rate)
{
    double bytes = model_retained_bytes(r, rate);
    return rate > 0 ? bytes / rate : 0;
}
