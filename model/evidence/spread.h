/*
 * model/evidence/spread.h - how far do repeats of one configuration differ? The noise floor: no prediction is better than a repeat.
 *
 * Shape    |repeat / median of the configuration's other repeats - 1|, a difference a repeat; the spread is their median.
 * Units    Ratios: 0.05 is 5 %.
 * Errors   None: NAN where nothing was repeated.
 * Checked  tests/model/test_spread.c, by hand
 */
#ifndef MODEL_EVIDENCE_SPREAD_H
#define MODEL_EVIDENCE_SPREAD_H

#include "model/evidence/rows.h"

/* Of each of the repeats above 0 into differences (as many as repeats); returns how many. */
int spread_differences(const double *repeats, int count, double *differences);

/* The spread over all configurations of rows, which stand together by id. repeats, if not NULL: how many differences are behind it. */
double spread_of_rows(const struct rows *rows, enum measured_quantity quantity, int *repeats);

#endif
