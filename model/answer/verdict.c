/*
 * model/answer/verdict.c - does it fit? SLOs against intervals, resources against limits, one sentence.
 *
 * An SLO is met or missed only when its whole interval says so; otherwise it is undecided. The interval is that of the prediction, with the
 * profile's error, where that is known (design section 1); else the simulation's. Optimism costs a buyer more than pessimism: what is
 * unknown is undecided, never met.
 */
#include "model/answer/fill.h"

#include <math.h>
#include <string.h>

#include "model/answer/max_rate.h"

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

static struct result_estimate lag_estimate(const struct fill *fill, const struct scenario_slo *slo,
                                           uint32_t group)
{
    const struct replications *reps = fill->replications;
    double sum = 0, low = INFINITY, high = 0;
    for (uint32_t r = 0; r < reps->count; r++) {
        const struct outcome *o = reps->outcomes[r];
        double lag = series_statistic(o->groups[group].lag_records, o->tick_count, slo);
        double rate = (double)o->groups[group].counts.records / o->seconds;
        if (slo->metric == SCENARIO_METRIC_LAG_TIME)
            lag = rate > 0 ? lag / rate * 1e9 : INFINITY;
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

static const struct result_resource *resource_of(const struct fill *fill,
                                                 enum scenario_metric metric)
{
    const struct result_resource *found = NULL;
    for (uint32_t i = 0; i < fill->result->resource_count; i++) {
        const struct result_resource *row = &fill->result->resources[i];
        bool match =
            (metric == SCENARIO_METRIC_CPU && row->kind == RESULT_CPU) ||
            (metric == SCENARIO_METRIC_DISK && row->kind == RESULT_DISK_SPACE) ||
            (metric == SCENARIO_METRIC_DISK_BANDWIDTH && row->kind == RESULT_DISK_BANDWIDTH) ||
            (metric == SCENARIO_METRIC_NETWORK &&
             (row->kind == RESULT_NETWORK_IN || row->kind == RESULT_NETWORK_OUT));
        if (match && (!found || row->now.value > found->now.value))
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
    const struct result_resource *row = resource_of(fill, slo->metric);
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

/* "Each of them" is as good as its worst: missed before undecided before met, then the largest value. */
static void add_slo(struct fill *fill, const struct scenario_slo *slo)
{
    uint32_t first = slo->subject >= 0 ? (uint32_t)slo->subject : 0, last = first;
    if (slo->subject < 0 && slo->subject_kind == SCENARIO_SUBJECT_PRODUCER)
        last = (uint32_t)fill->scenario->producer_count - 1;
    if (slo->subject < 0 && slo->subject_kind == SCENARIO_SUBJECT_GROUP)
        last = (uint32_t)fill->scenario->group_count - 1;
    struct result_slo *row = RESULT_ADD(fill->result, slos, slo_count);
    row->text = result_string(fill->result, slo->text);
    row->unit = unit_of(slo->metric);
    row->limit = slo->value;
    row->note = slo->metric == SCENARIO_METRIC_DISK
                    ? result_format(fill->result, "day %.0f", day_of_fullest(fill->result))
                    : "";
    for (uint32_t index = first; index <= last; index++) {
        bool unstable = subject_unstable(fill, slo, index);
        struct result_estimate e = subject_estimate(fill, slo, index);
        struct result_estimate predicted = predicted_of(fill, slo, index, &e);
        enum result_verdict verdict = judge(slo, predicted.known ? &predicted : &e, unstable);
        bool unsure = !predicted.known && has_error(fill, slo, index, &e);
        if (verdict == RESULT_FITS && (unsure || fill_offered_less(fill)))
            verdict = RESULT_UNDECIDED;
        static const int rank[] = {0, 2, 1, 3}; /* fits, does not fit, undecided, unstable */
        if (index > first && rank[verdict] <= rank[row->verdict])
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

/* ---- the whole ---- */

static bool is_idle_kind(enum result_resource_kind kind)
{
    return kind == RESULT_NETWORK_THREADS || kind == RESULT_IO_THREADS;
}

static enum result_verdict judge_limit(const struct result_resource *row,
                                       const struct result_estimate *e)
{
    if (row->limit <= 0 || !row->used)
        return RESULT_FITS;
    if (!e->known)
        return RESULT_UNDECIDED;
    bool low = is_idle_kind(row->kind) ? e->low >= row->limit : e->low <= row->limit;
    bool high = is_idle_kind(row->kind) ? e->high >= row->limit : e->high <= row->limit;
    if (low && high)
        return RESULT_FITS;
    return low || high ? RESULT_UNDECIDED : RESULT_DOES_NOT_FIT;
}

/* As the load is: the prediction decides where it is known. */
static enum result_verdict judge_now(const struct result_resource *row)
{
    return judge_limit(row, row->predicted.known ? &row->predicted : &row->now);
}

/* With the loss: the same error, about what the survivors have to do. */
static enum result_verdict judge_lost(const struct result_resource *row)
{
    double more = row->survive.value / row->now.value;
    if (!row->survive.known || !row->predicted.known || !isfinite(more))
        return judge_limit(row, &row->survive);
    struct result_estimate predicted = row->predicted;
    predicted.low *= more;
    predicted.high *= more;
    return judge_limit(row, &predicted);
}

static enum result_verdict worse(enum result_verdict a, enum result_verdict b)
{
    static const int rank[] = {0, 2, 1, 3}; /* fits, does not fit, undecided, unstable */
    return rank[b] > rank[a] ? b : a;
}

static const char *survivors(enum scenario_survive survive)
{
    return survive == SCENARIO_SURVIVE_RACK ? "one rack lost" : "one broker lost";
}

static const struct result_slo *reason_slo(const struct result *result, enum result_verdict verdict)
{
    for (uint32_t i = 0; i < result->slo_count; i++)
        if (result->slos[i].verdict == verdict)
            return &result->slos[i];
    return NULL;
}

/* What keeps an SLO undecided: too short a run, or the profile. */
static const char *slo_text(const struct fill *fill, const struct result_slo *slo)
{
    struct result *result = fill->result;
    if (slo->verdict == RESULT_DOES_NOT_FIT)
        return result_format(result, "DOES NOT FIT: %s is missed", slo->text);
    if (slo->reason[0])
        return result_format(result, "UNDECIDED: %s: %s", slo->text, slo->reason);
    const struct result_estimate *e = &slo->estimate;
    bool alone = e->known && (e->low > slo->limit || e->high < slo->limit);
    if (!alone || !slo->predicted.known)
        return result_format(result, "UNDECIDED: %s %s", slo->text,
                             fill->drawn ? "over the ranges that were drawn" : "at this precision");
    return result_format(result,
                         "UNDECIDED: the simulation decides %s, the profile's error leaves it open",
                         slo->text);
}

static const struct result_resource *reason_resource(const struct result *result, bool survive,
                                                     enum result_verdict verdict)
{
    for (uint32_t i = 0; i < result->resource_count; i++) {
        const struct result_resource *row = &result->resources[i];
        if (survive ? row->survive.known && judge_lost(row) == verdict : judge_now(row) == verdict)
            return row;
    }
    return NULL;
}

static const char *unstable_text(const struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->producer_unstable[p] && fill_followers_unstable(fill, (uint32_t)p))
            return result_format(fill->result, "UNSTABLE: followers of %s fall behind without end",
                                 fill->scenario->topics[fill->scenario->producers[p].topic].name);
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->producer_unstable[p])
            return result_format(fill->result, "UNSTABLE: %s offers more than is carried; %s",
                                 fill->scenario->producers[p].name,
                                 fill_refused(fill, (uint32_t)p) ? "its client refuses the rest"
                                                                 : "what waits grows without end");
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill->group_unstable[g])
            return result_format(fill->result, "UNSTABLE: %s falls behind without end",
                                 fill->scenario->groups[g].name);
    return NULL;
}

static const char *not_text(struct fill *fill, enum result_verdict verdict)
{
    struct result *result = fill->result;
    const char *word = verdict == RESULT_DOES_NOT_FIT ? "DOES NOT FIT" : "UNDECIDED";
    const struct result_slo *slo = reason_slo(result, verdict);
    if (!slo && verdict == RESULT_DOES_NOT_FIT && result->survive_note[0])
        return result_format(result, "%s: %s", word, result->survive_note);
    if (slo)
        return slo_text(fill, slo);
    const struct result_resource *row = reason_resource(result, false, verdict);
    if (!row && verdict == RESULT_DOES_NOT_FIT && result->growth_note[0])
        return result_format(result, "%s: %s", word, result->growth_note);
    if (row && verdict == RESULT_UNDECIDED && row->predicted.known)
        return result_format(result,
                             "UNDECIDED: with %s, %s of %s may be beyond its limit of %.0f %%",
                             fill->drawn ? "the inputs' ranges" : "the profile's error", row->name,
                             row->busiest, row->limit * 100);
    if (row)
        return result_format(result, "%s: %s of %s %sbeyond its limit of %.0f %%", word, row->name,
                             row->busiest, verdict == RESULT_UNDECIDED ? "may be " : "",
                             row->limit * 100);
    row = reason_resource(result, true, verdict);
    if (row)
        return result_format(result, "%s: with %s, %s goes beyond its limit of %.0f %%", word,
                             survivors(fill->scenario->cluster.survive), row->name,
                             row->limit * 100);
    if (result->survive != RESULT_SURVIVE_NONE && result->survive_verdict == verdict)
        return result_format(result, "%s: what happens with %s is not known", word,
                             survivors(fill->scenario->cluster.survive));
    return word;
}

/* With the loss: the bounds' word on replicas in sync, and each resource that was simulated. */
static enum result_verdict verdict_lost(const struct result *result)
{
    enum result_verdict verdict = result->survive_note[0] ? RESULT_DOES_NOT_FIT : RESULT_UNDECIDED;
    bool known = false;
    for (uint32_t i = 0; i < result->resource_count; i++) {
        const struct result_resource *row = &result->resources[i];
        if (!row->survive.known)
            continue;
        if (!known && verdict == RESULT_UNDECIDED)
            verdict = RESULT_FITS;
        known = true;
        verdict = worse(verdict, judge_lost(row));
    }
    return result->survive == RESULT_SURVIVE_NONE ? RESULT_UNDECIDED : verdict;
}

void fill_verdict(struct fill *fill)
{
    struct result *result = fill->result;
    enum result_verdict verdict = RESULT_FITS;
    for (uint32_t i = 0; i < result->slo_count; i++)
        verdict = worse(verdict, result->slos[i].verdict);
    for (uint32_t i = 0; i < result->resource_count; i++) {
        verdict = worse(verdict, judge_now(&result->resources[i]));
    }
    if (result->growth_note[0])
        verdict = worse(verdict, RESULT_DOES_NOT_FIT);
    result->survive_verdict = verdict_lost(result);
    if (result->survive != RESULT_SURVIVE_NONE)
        verdict = worse(verdict, result->survive_verdict);
    const char *unstable = unstable_text(fill);
    bool uncalibrated = verdict == RESULT_FITS && !fill->profile->calibrated;
    if (unstable) {
        result->verdict = RESULT_UNSTABLE;
        result->survive_verdict =
            result->survive == RESULT_SURVIVE_NONE ? RESULT_UNDECIDED : RESULT_UNSTABLE;
        result->verdict_text = unstable;
    } else if (uncalibrated) {
        result->verdict = RESULT_UNDECIDED;
        result->verdict_text = "UNDECIDED: the profile is not calibrated, so nobody knows how "
                               "wrong it is; by the simulation alone it fits";
    } else if (verdict == RESULT_FITS && fill_offered_less(fill)) {
        result->verdict = RESULT_UNDECIDED;
        result->verdict_text = "UNDECIDED: less came in the simulation than the stated load";
    } else {
        result->verdict = verdict;
        bool also = fill->scenario->cluster.survive != SCENARIO_SURVIVE_NONE;
        result->verdict_text = verdict != RESULT_FITS ? not_text(fill, verdict)
                               : also                 ? result_format(result, "FITS, also with %s",
                                                                      survivors(fill->scenario->cluster.survive))
                                                      : "FITS";
    }
    result->binding = fill_binding(fill);
}
