/*
 * model/answer/slo.c - each SLO against what was simulated. SLO and estimate are compared with the interval: met when all of it is on the right
 * side, missed when none is, else undecided. Where the profile's error is known the prediction interval counts; where it could be known and
 * is not, nothing is met.
 */
#include "model/answer/fill.h"

#include <math.h>

/* ---- the estimate that an SLO speaks of ---- */

static struct result_estimate histogram_statistic(const struct fill *fill,
                                                  const struct scenario_slo *slo,
                                                  fill_histogram_fn *h, uint32_t index)
{
    if (slo->statistic == SCENARIO_STAT_MEAN)
        return fill_mean(fill, h, index);
    if (slo->statistic == SCENARIO_STAT_MAX)
        return fill_max(fill, h, index);
    return fill_quantile(fill, h, index,
                         slo->statistic == SCENARIO_STAT_MIN ? 0 : slo->percentile / 100);
}

static double series_statistic(const double *y, uint32_t count, const struct scenario_slo *slo)
{
    double sum = 0, most = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += y[i];
        most = fmax(most, y[i]);
    }
    return slo->statistic == SCENARIO_STAT_MEAN ? (count ? sum / count : 0) : most;
}

/*
 * How fast what the group reads comes: by it a lag in records is one in time, the age of its oldest record, as monitors of lag tell it. By
 * the group's own rate it would be the time to read it. What a group starts behind came at the mean rate, as `lag` counts it.
 */
static double coming_per_s(const struct fill *fill, const struct outcome *o, uint32_t group)
{
    const struct scenario_group *g = &fill->scenario->groups[group];
    double measured = 0, stated = 0;
    for (uint32_t p = 0; p < o->producer_count; p++) {
        const struct scenario_producer *entry = &fill->scenario->producers[p];
        if (!scenario_reads(g, entry->topic))
            continue;
        measured += (double)o->producers[p].counts.records_acked / o->seconds;
        stated += entry->records_per_s_mean;
    }
    return g->lag_kind != SCENARIO_LAG_NONE && stated > 0 ? stated : measured;
}

static struct result_estimate lag_estimate(const struct fill *fill, const struct scenario_slo *slo,
                                           uint32_t group)
{
    const struct replications *reps = fill->replications;
    double sum = 0, low = INFINITY, high = 0;
    for (uint32_t r = 0; r < reps->count; r++) {
        const struct outcome *o = reps->outcomes[r];
        double lag = series_statistic(o->groups[group].lag_records, o->tick_count, slo);
        if (slo->metric == SCENARIO_METRIC_LAG_TIME) {
            double rate = coming_per_s(fill, o, group);
            lag = rate > 0 ? lag / rate * 1e9 : INFINITY;
        }
        sum += lag;
        low = fmin(low, lag);
        high = fmax(high, lag);
    }
    if (reps->count == 0 || !isfinite(sum))
        return result_unknown();
    return result_interval(sum / reps->count, low, high, 0.95, reps->count);
}

static const struct result_flow *flow_of(const struct fill *fill, const struct scenario_slo *slo,
                                         uint32_t index)
{
    uint32_t row = slo->subject_kind == SCENARIO_SUBJECT_GROUP
                       ? (uint32_t)fill->scenario->producer_count + index
                       : index;
    return &fill->result->flows[row];
}

bool fill_slo_about(const struct scenario_slo *slo, const struct result_resource *row)
{
    switch (slo->metric) {
    case SCENARIO_METRIC_CPU:
        return row->kind == RESULT_CPU;
    case SCENARIO_METRIC_DISK:
        return row->kind == RESULT_DISK_SPACE;
    case SCENARIO_METRIC_DISK_BANDWIDTH:
        return row->kind == RESULT_DISK_BANDWIDTH;
    case SCENARIO_METRIC_NETWORK:
        return row->kind == RESULT_NETWORK_IN || row->kind == RESULT_NETWORK_OUT;
    default:
        return false;
    }
}

static const struct result_resource *resource_of(const struct fill *fill,
                                                 const struct scenario_slo *slo)
{
    const struct result_resource *found = NULL;
    for (uint32_t i = 0; i < fill->result->resource_count; i++) {
        const struct result_resource *row = &fill->result->resources[i];
        if (fill_slo_about(slo, row) && (!found || row->now.value > found->now.value))
            found = row;
    }
    return found;
}

static struct result_estimate subject_estimate(const struct fill *fill,
                                               const struct scenario_slo *slo, uint32_t index)
{
    switch (slo->metric) {
    case SCENARIO_METRIC_PRODUCE:
        return fill->producer_unstable[index]
                   ? result_unknown()
                   : histogram_statistic(fill, slo, fill_produce_histogram, index);
    case SCENARIO_METRIC_END_TO_END:
        return fill_end_to_end_unstable(fill, index)
                   ? result_unknown()
                   : histogram_statistic(fill, slo, fill_end_to_end_histogram, index);
    case SCENARIO_METRIC_FETCH:
        return histogram_statistic(fill, slo, fill_fetch_histogram, index);
    case SCENARIO_METRIC_LAG_TIME:
    case SCENARIO_METRIC_LAG_RECORDS:
        return lag_estimate(fill, slo, index);
    case SCENARIO_METRIC_THROUGHPUT:
        return flow_of(fill, slo, index)->bytes_per_s;
    case SCENARIO_METRIC_RECORD_RATE:
        return flow_of(fill, slo, index)->records_per_s;
    case SCENARIO_METRIC_ERRORS:
        return flow_of(fill, slo, index)->failed_ratio;
    default:
        break;
    }
    const struct result_resource *row = resource_of(fill, slo);
    if (!row)
        return result_unknown();
    return row->used ? row->now : result_exact(0);
}

/* Which measured quantity an SLO speaks of: that one's error counts. MEASURED_QUANTITIES: none was measured. */
static enum measured_quantity measured_of(const struct fill *fill, const struct scenario_slo *slo,
                                          uint32_t index)
{
    bool tail = slo->statistic != SCENARIO_STAT_MEAN && slo->percentile > 75;
    switch (slo->metric) {
    case SCENARIO_METRIC_PRODUCE:
        return tail                                   ? MEASURED_PRODUCE_P99
               : slo->statistic == SCENARIO_STAT_MEAN ? MEASURED_PRODUCE_MEAN
                                                      : MEASURED_PRODUCE_P50;
    case SCENARIO_METRIC_END_TO_END:
        return tail ? MEASURED_END_TO_END_P99 : MEASURED_END_TO_END_P50;
    case SCENARIO_METRIC_CPU:
        return MEASURED_BROKER_CPU;
    case SCENARIO_METRIC_DISK:
    case SCENARIO_METRIC_DISK_BANDWIDTH:
        return MEASURED_DISK_BYTES;
    case SCENARIO_METRIC_THROUGHPUT:
    case SCENARIO_METRIC_RECORD_RATE:
        return slo->subject_kind != SCENARIO_SUBJECT_GROUP &&
                       fill->scenario->producers[index].rate_kind == SCENARIO_RATE_MAX
                   ? MEASURED_THROUGHPUT
                   : MEASURED_QUANTITIES;
    default:
        return MEASURED_QUANTITIES;
    }
}

static struct result_estimate predicted_of(const struct fill *fill, const struct scenario_slo *slo,
                                           uint32_t index, const struct result_estimate *e)
{
    enum measured_quantity quantity = measured_of(fill, slo, index);
    if (quantity == MEASURED_PRODUCE_P99 || quantity == MEASURED_END_TO_END_P99) {
        struct result_estimate median = fill_quantile(
            fill,
            quantity == MEASURED_PRODUCE_P99 ? fill_produce_histogram : fill_end_to_end_histogram,
            index, 0.5);
        return fill_predicted_tail(fill, quantity, e, &median);
    }
    return quantity == MEASURED_QUANTITIES ? result_unknown() : fill_predicted(fill, quantity, e);
}

/* Of a zero nothing is multiplied: there is no error of it. */
static bool has_error(const struct fill *fill, const struct scenario_slo *slo, uint32_t index,
                      const struct result_estimate *e)
{
    return measured_of(fill, slo, index) != MEASURED_QUANTITIES && e->value > 0;
}

/* ---- comparing ---- */

static bool holds(enum scenario_compare compare, double value, double limit)
{
    switch (compare) {
    case SCENARIO_LESS:
        return value < limit;
    case SCENARIO_LESS_EQUAL:
        return value <= limit;
    case SCENARIO_GREATER:
        return value > limit;
    case SCENARIO_GREATER_EQUAL:
        break;
    }
    return value >= limit;
}

static enum result_verdict judge(const struct scenario_slo *slo, const struct result_estimate *e,
                                 bool unstable)
{
    if (unstable)
        return RESULT_DOES_NOT_FIT;
    if (!e->known)
        return RESULT_UNDECIDED;
    bool low = holds(slo->compare, e->low, slo->value),
         high = holds(slo->compare, e->high, slo->value);
    if (low && high)
        return RESULT_FITS;
    return low || high ? RESULT_UNDECIDED : RESULT_DOES_NOT_FIT;
}

bool fill_slo_met(const struct scenario_slo *slo, const struct result_estimate *e)
{
    return judge(slo, e, false) == RESULT_FITS;
}

static bool is_latency(const struct scenario_slo *slo)
{
    return slo->metric == SCENARIO_METRIC_PRODUCE || slo->metric == SCENARIO_METRIC_END_TO_END ||
           slo->metric == SCENARIO_METRIC_FETCH;
}

static bool is_below(const struct scenario_slo *slo)
{
    return slo->compare == SCENARIO_LESS || slo->compare == SCENARIO_LESS_EQUAL;
}

bool fill_slo_of_largest(const struct scenario_slo *slo)
{
    return is_latency(slo) && is_below(slo) && slo->statistic == SCENARIO_STAT_MAX;
}

bool fill_slo_beside_growth(const struct fill *fill, const struct scenario_slo *slo)
{
    return is_latency(slo) && fill_queue_grows(fill);
}

static bool subject_unstable(const struct fill *fill, const struct scenario_slo *slo,
                             uint32_t index)
{
    if (slo->metric == SCENARIO_METRIC_PRODUCE)
        return fill->producer_unstable[index];
    if (slo->metric == SCENARIO_METRIC_END_TO_END)
        return fill_end_to_end_unstable(fill, index);
    if (slo->metric == SCENARIO_METRIC_LAG_TIME || slo->metric == SCENARIO_METRIC_LAG_RECORDS)
        return fill->group_unstable[index];
    return false;
}

static const char *unit_of(enum scenario_metric metric)
{
    switch (metric) {
    case SCENARIO_METRIC_PRODUCE:
    case SCENARIO_METRIC_END_TO_END:
    case SCENARIO_METRIC_FETCH:
    case SCENARIO_METRIC_LAG_TIME:
        return "ns";
    case SCENARIO_METRIC_LAG_RECORDS:
        return "records";
    case SCENARIO_METRIC_THROUGHPUT:
        return "bytes/s";
    case SCENARIO_METRIC_RECORD_RATE:
        return "records/s";
    default:
        return "ratio";
    }
}

static double day_of_fullest(const struct result *result)
{
    double day = 0, most = 0;
    for (uint32_t i = 0; i < result->disk_count; i++) {
        double ratio =
            (double)result->disks[i].used_max_bytes / (double)(result->disks[i].capacity_bytes + 1);
        if (ratio > most) {
            most = ratio;
            day = result->disks[i].day_of_max;
        }
    }
    return day;
}

/* Of the subjects that it means, one or all of a kind. */
static uint32_t last_subject(const struct fill *fill, const struct scenario_slo *slo)
{
    if (slo->subject >= 0)
        return (uint32_t)slo->subject;
    if (slo->subject_kind == SCENARIO_SUBJECT_PRODUCER)
        return (uint32_t)fill->scenario->producer_count - 1;
    return slo->subject_kind == SCENARIO_SUBJECT_GROUP ? (uint32_t)fill->scenario->group_count - 1
                                                       : 0;
}

double fill_slo_value(const struct fill *fill, const struct scenario_slo *slo)
{
    uint32_t first = slo->subject >= 0 ? (uint32_t)slo->subject : 0;
    double nearest = NAN;
    for (uint32_t index = first; index <= last_subject(fill, slo); index++) {
        struct result_estimate e = subject_estimate(fill, slo, index);
        double value = e.known ? e.value : (double)NAN;
        nearest = is_below(slo) ? fmax(nearest, value) : fmin(nearest, value);
    }
    return nearest;
}

static struct result_slo *new_row(struct fill *fill, const struct scenario_slo *slo)
{
    struct result_slo *row = RESULT_ADD(fill->result, slos, slo_count);
    row->text = result_string(fill->result, slo->text);
    row->unit = unit_of(slo->metric);
    row->limit = slo->value;
    row->note = slo->metric == SCENARIO_METRIC_DISK
                    ? result_format(fill->result, "day %.0f", day_of_fullest(fill->result))
                    : "";
    return row;
}

/* What fits is not decided where its error is not known, or where the run was not of the load, or the largest, that is meant. */
static enum result_verdict verdict_of(const struct fill *fill, const struct scenario_slo *slo,
                                      uint32_t index, const struct result_estimate *e,
                                      const struct result_estimate *predicted, bool unstable)
{
    enum result_verdict verdict = judge(slo, predicted->known ? predicted : e, unstable);
    bool unsure = !predicted->known && has_error(fill, slo, index, e);
    if (verdict == RESULT_FITS && (unsure || fill_offered_less(fill) || fill_slo_of_largest(slo) ||
                                   fill_slo_beside_growth(fill, slo)))
        return RESULT_UNDECIDED;
    return verdict;
}

/* "Each of them" is as good as its worst: missed before undecided before met, then the largest value. */
static void add_slo(struct fill *fill, const struct scenario_slo *slo)
{
    uint32_t first = slo->subject >= 0 ? (uint32_t)slo->subject : 0;
    struct result_slo *row = new_row(fill, slo);
    for (uint32_t index = first; index <= last_subject(fill, slo); index++) {
        bool unstable =
            subject_unstable(fill, slo, index) && fill_slo_in_waves(fill, slo, index) < 0;
        struct result_estimate e = subject_estimate(fill, slo, index);
        struct result_estimate predicted = predicted_of(fill, slo, index, &e);
        enum result_verdict verdict = verdict_of(fill, slo, index, &e, &predicted, unstable);
        if (index > first && result_worse(row->verdict, verdict) == row->verdict)
            continue;
        row->estimate = e;
        row->predicted = predicted;
        row->verdict = verdict;
        if (unstable)
            row->note = "unstable";
        fill_slo_reason(fill, slo, index, row);
    }
}

void fill_slos(struct fill *fill)
{
    for (int i = 0; i < fill->scenario->slo_count; i++)
        add_slo(fill, &fill->scenario->slos[i]);
}
