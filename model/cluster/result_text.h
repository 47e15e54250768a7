/*
 * model/cluster/result_text.h - one number as sentences and tables both write it.
 *
 * Shape    What answer puts into a sentence and report into a table beside it is the same text, so the rules stand below both.
 * Units    Shares are ratios: 1 is 100 %. A limit of NAN is none.
 * Omits    How many digits an interval supports, and units other than per cent: model/report/number.h.
 * Checked  tests/model/test_report.c
 */
#ifndef MODEL_CLUSTER_RESULT_TEXT_H
#define MODEL_CLUSTER_RESULT_TEXT_H

#include <stdbool.h>

#include "model/cluster/result.h"

enum { RESULT_NUMBER_MAX = 64 };

/* Power of ten of the first digit: 2 for 250, -3 for 0.001; 0 for what is not above 0 or not finite. */
int result_exponent10(double value);
/* 10 to the power of n, n >= 0: a product of tens, the same bits everywhere. */
double result_power10(int n);
/* Half away from zero, to so many digits after the point (negative: to tens, hundreds, ...). */
double result_round(double value, int decimals);

/* "19,500", "9.1", "-0.02", rounded so; "-" for what is not finite or beyond 1e18. */
void result_number_text(char text[RESULT_NUMBER_MAX], double value, int decimals);

/* Whether it stands on the same side of the limit as shown and as it is. A limit of NaN has no sides. */
bool result_same_side(double shown, double value, double limit);
/* The decimals that keep the value on its side of the limit: `least`, or more as long as that makes no more than so many digits. Where none keep
 * it, `least`. */
enum { RESULT_DIGITS_BESIDE = 4 /* judgement: 80.04 is read at a glance, 99.994 is not */ };
int result_decimals_beside(double value, double limit, int least);
/* "80.04"; where so many decimals would put it on another side of the limit than `value`, that side alone: "< 100", "> 80". */
void result_beside_text(char text[RESULT_NUMBER_MAX], double rounded, double value, double limit,
                        int decimals);

/* Decimals of a per cent away from its limit: none, one below 1 %, two digits where the limit itself is below 1 %. */
int result_percent_decimals(double ratio, double limit);
/* "13,082 %", "0.7 %", "80.4 %" where the limit is 80 %, "< 100 %" of what rounds to it, "< 0.1 %": a known share, whatever its
 * interval. */
void result_percent_text(char text[RESULT_NUMBER_MAX], const struct result_estimate *e,
                         double limit);

/* "1.5 s", "90 s", "2.5 min", "15 min" (whole ones from ten on, rounded down), "3.42 h", "30 d", "more than 10,000 years". */
void result_duration_text(char text[32], double seconds);
/* "on day 12" (a day early rather than late), "within a day", "from the start". */
void result_day_text(char text[32], double day);

#endif
