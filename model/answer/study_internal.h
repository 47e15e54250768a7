/* What the files of the study share. */
#ifndef MODEL_ANSWER_STUDY_INTERNAL_H
#define MODEL_ANSWER_STUDY_INTERNAL_H

#include "model/answer/cost.h"
#include "model/answer/study.h"

#define STUDY_NS_DAY 86400e9

/* A document on its way: each command goes over its base and variants with one of these. */
struct study {
    const struct scenario_doc *doc;
    const struct study_options *options;
    struct cost_prices prices;
    int variant_count;
    int done; /* variants finished, for progress */
    const char *what;
};

/* ---- study_settings.c: how much of each scenario is run ---- */

uint32_t study_replications(const struct study_options *options, const struct scenario *s);
/* The same where no precision is to be reached; else as many as it may take. */
uint32_t study_replications_most(const struct study_options *options, const struct scenario *s);
int64_t study_measure_ns(const struct study_options *options, const struct scenario *s);
uint32_t study_threads(const struct study_options *options);
/* 0: as many replications as are stated. */
double study_precision(const struct study_options *options, const struct scenario *s);
uint64_t study_seed(const struct study_options *options, const struct scenario *s);

/* Of a variant, or -1: found by an earlier call for the same options, else now. */
struct size_counts study_counts(const struct study_options *options, const struct scenario *s,
                                int variant, const struct model_profile *profile);

/* ---- study_run.c ---- */

/*
 * The run from the start, with the horizon beside it; or the horizon, then the run from the moment that the options name.
 * settled  the variant with its broker count; result: as size_fill left it.
 * Returns  a status of study.h.
 */
int study_simulate(struct study *study, int variant, const struct scenario *settled,
                   const struct model_profile *profile, struct result *result,
                   struct broker_err *err);

#endif
