/* model/answer/slo_reason.c - why an SLO cannot be decided where nothing is known of its quantity, and what would help. */
#include "model/answer/fill.h"
#include "model/answer/study.h"

#include <math.h>

static fill_histogram_fn *histogram_of(enum scenario_metric metric)
{
    switch (metric) {
    case SCENARIO_METRIC_PRODUCE:
        return fill_produce_histogram;
    case SCENARIO_METRIC_END_TO_END:
        return fill_end_to_end_histogram;
    case SCENARIO_METRIC_FETCH:
        return fill_fetch_histogram;
    default:
        return NULL;
    }
}

const char *fill_measure_remedy(const struct fill *fill, double measure_s)
{
    const struct scenario_run *run = &fill->scenario->run;
    double s = measure_s < 120 ? ceil(measure_s) : ceil(measure_s / 60) * 60;
    if (run->quick && s <= (double)run->measure_ns / 1e9)
        return STUDY_NOT_QUICK;
    const char *key = run->quick ? "run.measure, without --quick" : "run.measure";
    return s > 0 ? result_format(fill->result, "measure %s or longer (%s)",
                                 result_duration(fill->result, s), key)
                 : "measure longer (run.measure)";
}

/* A percentile needs SIM_HISTOGRAM_TAIL_MIN observations beyond it: as the run went, so long takes that many. */
static void too_few(const struct fill *fill, const struct scenario_slo *slo, uint64_t n,
                    struct result_slo *row)
{
    struct result *result = fill->result;
    bool batches = slo->metric != SCENARIO_METRIC_FETCH;
    double share = slo->percentile / 100, beyond = share < 0.5 ? share : 1 - share;
    double needed = ceil(SIM_HISTOGRAM_TAIL_MIN / beyond * (1 - 1e-12));
    row->reason =
        result_format(result, "too few %s for a p%.6g: %.4g of about %.4g",
                      batches ? "batches" : "fetches", slo->percentile, (double)n, needed);
    row->remedy = fill_measure_remedy(fill, 1.1 * needed / (double)n * result->run.measured_s);
}

static void of_histogram(const struct fill *fill, const struct scenario_slo *slo, uint32_t index,
                         struct result_slo *row)
{
    uint64_t n = fill_observations(fill, histogram_of(slo->metric), index);
    if (n == 0) {
        row->reason = slo->metric == SCENARIO_METRIC_FETCH ? "no fetch was answered while measuring"
                                                           : "no batch came while measuring";
        row->remedy = fill_measure_remedy(fill, 0);
    } else if (slo->statistic == SCENARIO_STAT_PERCENTILE) {
        too_few(fill, slo, n, row);
    }
}

void fill_slo_reason(const struct fill *fill, const struct scenario_slo *slo, uint32_t index,
                     struct result_slo *row)
{
    row->reason = row->remedy = "";
    if (row->verdict != RESULT_UNDECIDED)
        return;
    int in_waves = fill_slo_in_waves(fill, slo, index);
    if (in_waves >= 0) {
        row->reason = fill_waves_text(fill, in_waves);
        row->remedy = fill_waves_remedy(fill, in_waves);
        return;
    }
    if (fill_offered_less(fill) && row->estimate.known) {
        row->reason = "less came in the simulation than the stated load";
        row->remedy = fill_measure_remedy(fill, 0);
        return;
    }
    if (fill_slo_beside_growth(fill, slo) && row->estimate.known) {
        row->reason = "a queue grows beside it, and nobody knows what it is once that is longer";
        row->remedy = "see what is unstable";
        return;
    }
    if (fill_slo_of_largest(slo) && fill_slo_met(slo, &row->estimate)) {
        row->reason = result_format(
            fill->result, "more than these %.4g %s have a larger one among them",
            (double)row->estimate.n, slo->metric == SCENARIO_METRIC_FETCH ? "fetches" : "batches");
        row->remedy = "a percentile (p99.9) can be met";
        return;
    }
    if (row->estimate.known && !row->predicted.known && fill_slo_met(slo, &row->estimate)) {
        row->reason = "no error of the profile is known for it; by the simulation alone it is met";
        row->remedy = "a calibrated profile (cluster.profile, calibrate)";
        return;
    }
    if (row->estimate.known)
        return;
    if (fill->replications->count < 2) {
        row->reason = "one replication has no interval";
        row->remedy = "2 replications or more (run.replications)";
    } else if (histogram_of(slo->metric)) {
        of_histogram(fill, slo, index, row);
    } else if (slo->metric == SCENARIO_METRIC_LAG_TIME) {
        row->reason = "nothing was read while measuring";
        row->remedy = fill_measure_remedy(fill, 0);
    }
}
