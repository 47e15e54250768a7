/*
 * model/evidence/quantile.h - quantiles of a few errors, widths or repeats, all of which are at hand.
 *
 * Shape    Of these values, and of the next one; what a run measures by the million goes through sim's histograms instead.
 *          An interval for the next value is wider than quantiles of the old ones say, the more so the fewer there are: the next of n falls
 *          between each two neighbours with the chance 1 / (n + 1).
 * Units    Those of the values.
 * Errors   None: NAN when there are no values.
 * Source   R. J. Hyndman, Y. Fan: Sample Quantiles in Statistical Packages (1996), definition 7, which GSL computes too; GSL's own makes a
 *          NAN of an infinite neighbour of weight 0, and an interval's end may be infinite.
 *          Of the next value: definition 6 (Weibull) from 19 values on. It ends at the outermost ones, which hold 10 / 12 = 83 % of those that
 *          follow 11: beyond them the prediction interval of a normal distribution (Hahn and Meeker, Statistical Intervals, 1991, section 4.7:
 *          mean and t times s times sqrt(1 + 1 / n)), never inside the outermost value.
 * Checked  tests/model/test_quantile.c
 */
#ifndef MODEL_EVIDENCE_QUANTILE_H
#define MODEL_EVIDENCE_QUANTILE_H

/* Quantile q (0..1) of values, which are put in order. */
double evidence_quantile(double *values, int count, double q);

/* What the next value stays below with the chance q. Puts the values in order, too. */
double evidence_quantile_of_next(double *values, int count, double q);

#endif
