/*
 * model/evidence/rank_pairs.h - which of two configurations is faster: is it said rightly?
 *
 * Shape    All pairs of cases of one family (own) or one series (public) whose measured values differ by more than the spread of
 *          repeats. A pair that is predicted equal is not right.
 * Checked  tests/model/test_verify.c
 */
#ifndef MODEL_EVIDENCE_RANK_PAIRS_H
#define MODEL_EVIDENCE_RANK_PAIRS_H

#include "model/evidence/verify.h"

struct rank_pairs {
    int pairs, right;
};

/* spread: relative difference that repeats have; NAN counts as 0. */
struct rank_pairs rank_pairs_of(const struct verify *verify, enum verify_population population,
                                enum verify_method method, enum measured_quantity quantity,
                                double spread);

#endif
