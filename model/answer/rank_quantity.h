/*
 * model/answer/rank_quantity.h - the quantity by which open inputs are ranked, and what it is with one of them moved.
 *
 * Shape    What decides the study's verdict: the first SLO or limit with that verdict, where all fit the first SLO, without SLOs the first
 *          producer's produce p99. A value is that of one short run, without an interval; that of disk space is the bound's.
 * Units    Of the SLO's metric; ratio for resources, of threads the share that is busy.
 * Omits    Losses and growth beyond what is simulated: their limits follow the same resources.
 * Checked  tests/model/test_study.c
 */
#ifndef MODEL_ANSWER_RANK_QUANTITY_H
#define MODEL_ANSWER_RANK_QUANTITY_H

#include "model/answer/replicate.h"
#include "model/cluster/result.h"

struct rank_quantity {
    const char *name; /* "checkout produce p99", "disk max", "cpu" */
    int slo;          /* -1: none */
    bool is_resource; /* that kind; else without an SLO the first producer's p99 */
    enum result_resource_kind kind;
};

/* Of a result that is judged. Its name is the result's memory. */
struct rank_quantity rank_quantity_of(const struct scenario *scenario, struct result *result);

/*
 * What it is in a run of warmup_ns and measure_ns from the options' state, or at the end of the horizon. Changes the scenario as replicate does.
 * Returns  a status and a sentence when the scenario cannot be run. NAN: nothing was seen of it, or the run was stopped.
 */
int rank_quantity_value(const struct rank_quantity *quantity, struct scenario *scenario,
                        const struct model_profile *profile,
                        const struct replicate_options *options, int64_t warmup_ns,
                        int64_t measure_ns, double *value, struct broker_err *err);

#endif
