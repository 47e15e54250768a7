/*
 * model/evidence/configuration.h - measured rows as configurations that can be predicted and weighed.
 *
 * Shape    Rows of one id are one configuration: its medians, and how far each may be trusted. The spread of a quantity is estimated from all
 *          configurations that were repeated under the same conditions (median absolute difference of a repeat from the median of its
 *          configuration, as a standard deviation of the logarithm); where nothing was repeated a stated default stands in. Rows taken while the
 *          JIT was still warming are left out: they show another broker.
 * Weight   sigma = sqrt(spread^2 / repeats + floor^2): no model of this kind is better than the floor, so no reading counts for more. A latency
 *          also has the error that CPU costs leave it with: theirs times use / (1 - use) of the brokers' machine. CPU is read in ticks. Of a
 *          client whose threads are known those count, and not their sum (fitted.h).
 * Units    As measured.h; sigma is of the logarithm.
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_CONFIGURATION_H
#define MODEL_EVIDENCE_CONFIGURATION_H

#include "model/evidence/rows.h"
#include "model/scenario/load.h"

struct configuration {
    const struct row *row; /* the first of its repeats; borrowed from the rows */
    int repeats;
    double value[FITTED_QUANTITIES]; /* median of the repeats; NAN */
    double sigma[FITTED_QUANTITIES]; /* of ln(value); NAN: measured, but not to be fitted */
    double pauses, pause_s;          /* of the collectors, of all its repeats that counted them */
    struct scenario_doc *doc;        /* the scenario that predicts it */
};

struct configurations {
    int count;
    struct configuration *configuration; /* in the order of their first rows */
    double spread[FITTED_QUANTITIES];
    int spread_repeats[FITTED_QUANTITIES]; /* rows behind it; 0: the default */
    int left_out;                          /* rows of a warming JIT */
};

/*
 * place: what the rows were measured on; NULL: the machine of the rows that ship.
 *
 * Borrows  rows, until release.
 * Returns  0, or -1 with the row that makes no scenario.
 */
int configurations_init(struct configurations *configurations, const struct rows *rows,
                        const char *datadir, const struct row_place *place, struct broker_err *err);
void configurations_release(struct configurations *configurations);

/* "rate", "size" ... in the order of first appearance; index from 0; NULL after the last. */
const char *configurations_family(const struct configurations *configurations, int index);

#endif
