/*
 * model/scenario/sample_internal.h - drawing an uncertain input.
 *
 * Shape    A range is uniform. A lognormal is given by mean and cv, a triangular by min, mode and max.
 * Units    Those of the input.
 * Omits    Correlation between inputs: each has its own stream.
 * Source   -
 * Checked  tests/model/test_scenario_inputs.c
 */
#ifndef MODEL_SCENARIO_SAMPLE_INTERNAL_H
#define MODEL_SCENARIO_SAMPLE_INTERNAL_H

#include "model/scenario/scenario_internal.h"

/* Fills low, central and high from the distribution. */
void scenario_uncertain_describe(struct scenario_uncertain *u);

#endif
