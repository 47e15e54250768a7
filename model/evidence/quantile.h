/*
 * model/evidence/quantile.h - quantiles of a few errors, widths or repeats, all of which are at hand.
 *
 * Shape    One function; what a run measures by the million goes through sim's histograms instead.
 * Units    Those of the values.
 * Errors   None: NAN when there are no values.
 * Source   R. J. Hyndman, Y. Fan: Sample Quantiles in Statistical Packages (1996), definition 7, which GSL computes too; GSL's own makes a
 *          NAN of an infinite neighbour of weight 0, and an interval's end may be infinite.
 * Checked  tests/model/test_quantile.c
 */
#ifndef MODEL_EVIDENCE_QUANTILE_H
#define MODEL_EVIDENCE_QUANTILE_H

/* Quantile q (0..1) of values, which are put in order. */
double evidence_quantile(double *values, int count, double q);

#endif
