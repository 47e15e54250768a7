/* What study.c and forecast.c share: how much of each scenario is run. */
#ifndef MODEL_ANSWER_STUDY_INTERNAL_H
#define MODEL_ANSWER_STUDY_INTERNAL_H

#include "model/answer/study.h"

uint32_t study_replications(const struct study_options *options, const struct scenario *s);
/* The same where no precision is to be reached; else as many as it may take. */
uint32_t study_replications_most(const struct study_options *options, const struct scenario *s);
int64_t study_measure_ns(const struct study_options *options, const struct scenario *s);
uint32_t study_threads(const struct study_options *options);

#endif
