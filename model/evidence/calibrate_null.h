/*
 * model/evidence/calibrate_null.h - what much simpler models say of the same configurations.
 *
 * Shape    Mean: the geometric mean of the quantity over what a fold has seen. M/M/1 plus linger: one point of each family, its configuration of
 *          median rate, gives the one unknown; that point is then not counted. AWS's closed form: the most payload, where what binds it is stated.
 * Units    As measured.h. NAN: no answer.
 * Checked  tests/model/test_calibrate.c; the formulas in tests/model/test_null_models.c
 */
#ifndef MODEL_EVIDENCE_CALIBRATE_NULL_H
#define MODEL_EVIDENCE_CALIBRATE_NULL_H

#include "model/evidence/calibrate.h"

enum calibrate_null {
    CALIBRATE_NULL_MEAN,
    CALIBRATE_NULL_MM1,
    CALIBRATE_NULL_AWS,
    CALIBRATE_NULLS
};

const char *calibrate_null_name(enum calibrate_null which);
/* predicted: [configuration][quantity] */
void calibrate_null(const struct calibration *calibration, enum calibrate_null which,
                    double *predicted);

#endif
