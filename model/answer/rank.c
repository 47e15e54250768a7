/* model/answer/rank.c - see rank.h. */
#include "model/answer/rank.h"

#include <math.h>
#include <stdlib.h>

#define INPUTS_MAX 12 /* two short runs each: beyond that, ranking costs more than the study */

static int p99_with(const struct scenario_doc *doc, int variant, int input, double value,
                    const struct model_profile *profile, const struct replicate_options *o,
                    int64_t warmup_ns, double *p99_ns, struct broker_err *err)
{
    struct scenario *scenario = scenario_with_input(doc, variant, input, value);
    if (!scenario)
        return broker_err_set(err, BROKER_EREFUSED,
                              "an end of an input's range contradicts other settings");
    if (o->brokers > 0)
        scenario->cluster.brokers = o->brokers;
    struct cluster_options options = {.seed = o->seed,
                                      .replication = 0,
                                      .tick_ns = o->measure_ns,
                                      .length_ns = warmup_ns + o->measure_ns};
    struct cluster *cluster;
    int status = cluster_new(scenario, profile, &options, &cluster, err);
    if (status == BROKER_OK) {
        cluster_run_until(cluster, warmup_ns);
        cluster_reset_seen(cluster);
        cluster_run_until(cluster, warmup_ns + o->measure_ns);
        const struct cluster_seen *seen = cluster_seen(cluster);
        *p99_ns =
            seen->producer_count
                ? (double)sim_histogram_quantile_ns(seen->producers[0].stats->latency_ns, 0.99)
                : NAN;
        cluster_free(cluster);
    }
    scenario_free(scenario);
    return status;
}

static int by_weight(const void *a, const void *b)
{
    const struct result_input *x = a, *y = b;
    return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
}

int rank_inputs(const struct scenario_doc *doc, int variant, const struct model_profile *profile,
                const struct replicate_options *options, int64_t warmup_ns, struct result *result,
                struct broker_err *err)
{
    int count = scenario_input_count(doc, variant);
    for (int i = 0; i < count && i < INPUTS_MAX; i++) {
        const struct scenario_input *input = scenario_input_at(doc, variant, i);
        double low_ns, high_ns;
        int status =
            p99_with(doc, variant, i, input->low, profile, options, warmup_ns, &low_ns, err);
        if (status == BROKER_OK)
            status =
                p99_with(doc, variant, i, input->high, profile, options, warmup_ns, &high_ns, err);
        if (status != BROKER_OK)
            return status;
        struct result_input *row = RESULT_ADD(result, inputs, input_count);
        row->key = result_string(result, input->path);
        row->assumed = result_string(result, input->text);
        row->effect = result_format(result, "p99 %.3g .. %.3g ms", fmin(low_ns, high_ns) / 1e6,
                                    fmax(low_ns, high_ns) / 1e6);
        row->weight =
            fmin(low_ns, high_ns) > 0 ? fabs(high_ns - low_ns) / fmin(low_ns, high_ns) : 0;
    }
    if (result->input_count > 1)
        qsort(result->inputs, result->input_count, sizeof *result->inputs, by_weight);
    return BROKER_OK;
}
