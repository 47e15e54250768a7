/*
 * model/evidence/error_summary.h - what a handful of errors amounts to: the figures that tables, profiles and reports state.
 *
 * Shape    One function. Quantiles interpolate between order statistics (quantile.h).
 * Units    Errors are predicted / measured - 1: 0.1 is 10 % too high. Ratios are measured / predicted, so that a prediction times ratio_low
 *          and ratio_high is its 90 % interval.
 * Errors   None: n is 0 and all else NAN when there are no errors.
 * Checked  tests/model/test_error_summary.c, by hand
 */
#ifndef MODEL_EVIDENCE_ERROR_SUMMARY_H
#define MODEL_EVIDENCE_ERROR_SUMMARY_H

#include "model/hardware/profile.h"

struct error_summary {
    int n;
    double median;                /* of |error| */
    double signed_median;         /* above 0: predicted too high */
    double p90;                   /* of |error| */
    double ratio_low, ratio_high; /* 5 % and 95 % points of measured / predicted */
};

/* errors are above -1; afterwards they hold their own absolute values, in order. */
struct error_summary error_summary(double *errors, int n);

/* As a profile states it; rows is 0 without errors. */
struct model_profile_error error_summary_stated(const struct error_summary *summary);

#endif
