/*
 * model/evidence/false_pass.h - would a plan have been told "SLO met" where the real cluster missed it?
 *
 * Shape    For each case and each p99 (produce, end-to-end) a grid of limits: factors around the measured and around the predicted
 *          value. "met" when the whole interval is below the limit, "missed" when it is above, else "?". The measurement (median of
 *          the repeats) meets a limit that it is below. Rows are pairs of a case and a limit.
 * Checked  tests/model/test_verify.c
 */
#ifndef MODEL_EVIDENCE_FALSE_PASS_H
#define MODEL_EVIDENCE_FALSE_PASS_H

#include "model/evidence/verify.h"

struct false_pass {
    int rows;
    int met, missed, unknown; /* what would have been said */
    int false_met;            /* said "met", and the measurement missed */
    int false_missed;
    int cases, cases_false_met; /* cases with at least one such limit */
};

struct false_pass false_pass_of(const struct verify *verify, enum verify_population population,
                                enum verify_method method);

#endif
