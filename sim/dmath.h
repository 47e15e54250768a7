/*
 * sim/dmath.h - elementary functions that give the same bits on every machine.
 *
 * Shape    Built from + - * / and sqrt (which IEEE 754 defines exactly) and integer operations, with
 *          -ffp-contract=off. libm differs between versions in the last bits, and one bit can move
 *          an event.
 * Errors   As in C: log of a negative is NaN, exp overflows to infinity. No errno, no flags.
 * Accuracy Largest error seen against libm's long double functions over wide random arguments is
 *          tested in tests/sim/test_dmath.c: exp 0.55 ulp, log 0.75, pow, sin and cos 1, expm1 and
 *          log1p 1.5 (1 ulp where a result is subnormal); lgamma 1e-14, normal_quantile 4e-15 and
 *          normal_cdf 2e-13 relative.
 */
#ifndef SIM_DMATH_H
#define SIM_DMATH_H

#include <stdint.h>

double sim_sqrt(double x);
double sim_exp(double x);
double sim_expm1(double x);
double sim_log(double x);
double sim_log1p(double x);
double sim_pow(double x, double y);
double sim_sin(double x); /* |x| <= 2^20: enough for a daily wave over decades; asserts it */
double sim_cos(double x);
double sim_floor(double x);
double sim_ceil(double x);
double sim_round(double x); /* halves away from zero */

/* Logarithm of the gamma function for x > 0. */
double sim_lgamma(double x);

/* Standard normal: distribution function and its inverse (0 < p < 1). */
double sim_normal_cdf(double x);
double sim_normal_quantile(double p);

/* Regularised incomplete beta I_x(a, b), a, b > 0, x in [0, 1]. */
double sim_beta_inc(double a, double b, double x);

/* Regularised lower incomplete gamma P(a, x), a > 0, x >= 0. */
double sim_gamma_inc(double a, double x);

/* Student's t with nu > 0 degrees of freedom. */
double sim_student_cdf(double t, double nu);
double sim_student_quantile(double p, double nu);

#endif
