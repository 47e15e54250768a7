/* model/answer/fill_series.c - series over time: the mean over replications of each interval, or of a level at its end. */
#include "model/answer/fill.h"

#include <math.h>

typedef const double *series_fn(const struct outcome *outcome, uint32_t index, int which);

static struct result_series *add(struct fill *fill, const char *group, const char *name,
                                 const char *unit, series_fn *series, uint32_t index, int which,
                                 double scale)
{
    const struct replications *reps = fill->replications;
    uint32_t count = reps->outcomes[0]->tick_count;
    double tick_s = reps->outcomes[0]->tick_s;
    struct result_series *row = RESULT_ADD(fill->result, series, series_count);
    row->name = result_string(fill->result, name);
    row->group = group;
    row->unit = unit;
    row->x_unit = "s";
    row->x0 = tick_s / 2;
    row->dx = tick_s;
    row->count = count;
    row->y = result_alloc(fill->result, count, sizeof *row->y);
    for (uint32_t i = 0; i < count; i++) {
        double sum = 0;
        uint32_t known = 0;
        for (uint32_t r = 0; r < reps->count; r++) {
            const struct outcome *o = reps->outcomes[r];
            double y = i < o->tick_count ? series(o, index, which)[i] : NAN;
            if (isnan(y))
                continue;
            sum += y;
            known++;
        }
        row->y[i] = known ? sum / known * scale : NAN;
    }
    return row;
}

/* What lies somewhere is read at the end of each interval, not over it. */
static void add_level(struct fill *fill, const char *group, const char *name, series_fn *series,
                      uint32_t index, int which)
{
    struct result_series *row = add(fill, group, name, "records", series, index, which, 1);
    row->x0 = row->dx;
}

static const double *latency(const struct outcome_series *series, int which)
{
    const double *const of[] = {series->p50_ns, series->p95_ns, series->p99_ns, series->mean_ns};
    return of[which];
}

static const double *produced(const struct outcome *outcome, uint32_t p, int which)
{
    return latency(&outcome->producers[p].latency_series, which);
}

static const double *consumed(const struct outcome *outcome, uint32_t g, int which)
{
    return latency(&outcome->groups[g].latency_series, which);
}

static const double *producer_level(const struct outcome *outcome, uint32_t p, int which)
{
    const struct outcome_producer *producer = &outcome->producers[p];
    const double *const of[] = {producer->acked_bytes, producer->acked_records,
                                producer->buffered_records, producer->backlog_s};
    return of[which];
}

static const double *group_level(const struct outcome *outcome, uint32_t g, int which)
{
    const struct outcome_group *group = &outcome->groups[g];
    const double *const of[] = {group->bytes, group->records, group->lag_records};
    return of[which];
}

static const double *broker_level(const struct outcome *outcome, uint32_t b, int which)
{
    const struct cluster_broker_seen *seen = &outcome->brokers[b].seen;
    const double *const of[] = {seen->cpu, seen->network_in, seen->network_out, seen->disk};
    return of[which];
}

/* Beyond this many brokers a figure has more lines than anybody tells apart. */
#define BROKERS_SHOWN 12

void fill_series(struct fill *fill)
{
    struct result *result = fill->result;
    const struct scenario *s = fill->scenario;
    if (fill->replications->count == 0 || fill->replications->outcomes[0]->tick_count == 0)
        return;
    double per_s = 1 / fill->replications->outcomes[0]->tick_s;
    static const char *const percentiles[] = {"p50", "p95", "p99"};
    for (uint32_t p = 0; p < (uint32_t)s->producer_count; p++) {
        const char *name = s->producers[p].name;
        for (int which = 0; which < 3; which++)
            add(fill, "latency", result_format(result, "produce %s %s", percentiles[which], name),
                "ns", produced, p, which, 1);
        add(fill, "throughput", result_format(result, "%s in", name), "bytes/s", producer_level, p,
            0, per_s);
        add(fill, "throughput", result_format(result, "%s in", name), "records/s", producer_level,
            p, 1, per_s);
        add_level(fill, "backlog", result_format(result, "%s waiting", name), producer_level, p, 2);
    }
    for (uint32_t g = 0; g < (uint32_t)s->group_count; g++) {
        const char *name = s->groups[g].name;
        for (int which = 0; which < 3; which++)
            add(fill, "latency",
                result_format(result, "end to end %s %s", percentiles[which], name), "ns", consumed,
                g, which, 1);
        add(fill, "throughput", result_format(result, "%s out, on the wire", name), "bytes/s",
            group_level, g, 0, per_s);
        add(fill, "throughput", result_format(result, "%s out", name), "records/s", group_level, g,
            1, per_s);
        add_level(fill, RESULT_LAG, name, group_level, g, 2);
    }
    static const char *const resources[] = {"cpu", "network in", "network out", "disk bandwidth"};
    for (uint32_t b = 0; b < fill->replications->outcomes[0]->broker_count && b < BROKERS_SHOWN;
         b++)
        for (int which = 0; which < 4; which++)
            add(fill, "utilisation", result_format(result, "%s broker %u", resources[which], b + 1),
                "ratio", broker_level, b, which, 1);
}
