/*
 * model/answer/rank.h - which of the inputs that a scenario leaves open moves the answer most.
 *
 * Shape    Each range, and each default that is a guess, is set to its low and to its high end, all others at their central
 *          value, under common random numbers; the change of what decides the verdict ranks it (rank_quantity.h). It is told as a factor between the
 *          ends: these runs are short, so that their figures are not the study's.
 */
#ifndef MODEL_ANSWER_RANK_H
#define MODEL_ANSWER_RANK_H

#include "model/answer/replicate.h"
#include "model/cluster/result.h"

/* Adds the rows, largest effect first, to a result that is judged. Returns a status as replicate does. `brokers` as in study.c. */
int rank_inputs(const struct scenario_doc *doc, int variant, const struct model_profile *profile,
                const struct replicate_options *options, int64_t warmup_ns, struct result *result,
                struct broker_err *err);

/* How many runs that takes, and how long each measures when the study measures so long. */
int rank_runs(const struct scenario_doc *doc, int variant);
int64_t rank_measure_ns(int64_t measure_ns);

#endif
