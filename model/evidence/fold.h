/*
 * model/evidence/fold.h - which configurations are kept from which fit.
 *
 * Shape    Configurations, never rows, are dealt to the folds, so that repeats do not straddle; within a family in the order of a hash of id and seed,
 *          and from family to family the dealing goes on where it stopped, so that both families and folds come out even.
 * Units    -
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_FOLD_H
#define MODEL_EVIDENCE_FOLD_H

#include "model/evidence/configuration.h"

/* fold[configuration] in [0, folds). Asserts folds >= 1. */
void fold_deal(const struct configurations *configurations, int folds, uint64_t seed, int *fold);

#endif
