/* Robust Gauss-Newton against certified values, with an outlier, and where there is no answer. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/evidence/gauss_newton.h"

#define LN(x) log(x)

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g is not %.17g", a, b);
}

/* NIST StRD, Misra1a (monomolecular adsorption): y = b1 (1 - exp(-b2 x)). */
enum { MISRA = 14 };
static const double misra_y[MISRA] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                                      44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
static const double misra_x[MISRA] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                                      378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};

/* In the logarithms of b1 and b2. ctx: what is added to the last observation. */
static bool misra(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian)
{
    double b1 = exp(gsl_vector_get(x, 0)), b2 = exp(gsl_vector_get(x, 1));
    for (size_t i = 0; i < MISRA; i++) {
        double e = exp(-b2 * misra_x[i]);
        double off = i == MISRA - 1 ? *(double *)ctx : 0;
        gsl_vector_set(residual, i, b1 * (1 - e) - misra_y[i] - off);
        if (jacobian) {
            gsl_matrix_set(jacobian, i, 0, b1 * (1 - e));
            gsl_matrix_set(jacobian, i, 1, b1 * misra_x[i] * b2 * e);
        }
    }
    return true;
}

static const struct gauss_newton_options fine = {
    .radius = 0.7, .gain_min = 1e-14, .step_min = 1e-12, .jacobians_max = 100, .tries_max = 30};

static void gauss_newton__finds_the_certified_values_of_misra1a(void **state)
{
    (void)state;
    const double starts[][2] = {{500, 1e-4}, {250, 5e-4}};
    for (int s = 0; s < 2; s++) {
        double at[2] = {LN(starts[s][0]), LN(starts[s][1])}, off = 0;
        gsl_vector_view x = gsl_vector_view_array(at, 2);
        struct gauss_newton_problem problem = {MISRA, 2, 0, misra, &off};
        struct gauss_newton_result result = gauss_newton(&problem, &fine, &x.vector);
        assert_int_equal(result.end, GAUSS_NEWTON_CONVERGED);
        assert_near(exp(at[0]) / 2.3894212918e+02, 1, 1e-7);
        assert_near(exp(at[1]) / 5.5015643181e-04, 1, 1e-7);
        assert_near(result.objective / 1.2455138894e-01, 1, 1e-9);
    }
}

static void covariance__gives_the_certified_standard_deviations(void **state)
{
    (void)state;
    double at[2] = {LN(2.3894212918e+02), LN(5.5015643181e-04)}, off = 0, c[4];
    gsl_vector_view x = gsl_vector_view_array(at, 2);
    gsl_matrix_view covariance = gsl_matrix_view_array(c, 2, 2);
    gsl_vector *residual = gsl_vector_alloc(MISRA);
    gsl_matrix *jacobian = gsl_matrix_alloc(MISRA, 2);
    misra(&off, &x.vector, residual, jacobian);
    gauss_newton_covariance(jacobian, residual, 0, 0, NULL, 1e-12, &covariance.matrix);
    double variance = 1.2455138894e-01 / (MISRA - 2);
    assert_near(sqrt(c[0] * variance) * 2.3894212918e+02 / 2.7070075241e+00, 1, 1e-6);
    assert_near(sqrt(c[3] * variance) * 5.5015643181e-04 / 7.2668688436e-06, 1, 1e-6);
    gsl_matrix_free(jacobian);
    gsl_vector_free(residual);
}

/* Two columns that are the same but for noise: with it the two look different, without it only their sum is known. */
static void covariance__does_not_take_noise_for_a_difference(void **state)
{
    (void)state;
    enum { ROWS = 50 };
    gsl_matrix *jacobian = gsl_matrix_alloc(ROWS, 2), *covariance = gsl_matrix_alloc(2, 2);
    gsl_vector *residual = gsl_vector_calloc(ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        gsl_matrix_set(jacobian, i, 0, 1 + (i % 2 ? 0.3 : -0.3));
        gsl_matrix_set(jacobian, i, 1, 1 + (i % 4 < 2 ? 0.3 : -0.3));
    }
    const double noise[] = {ROWS * 0.09, ROWS * 0.09};
    gauss_newton_covariance(jacobian, residual, 0, 0, NULL, 1e-3, covariance);
    double naive = gsl_matrix_get(covariance, 0, 0);
    gauss_newton_covariance(jacobian, residual, 0, 0, noise, 1e-3, covariance);
    double honest = gsl_matrix_get(covariance, 0, 0);
    assert_true(naive < 0.5);
    assert_true(honest > 100); /* half of 1 / least */
    assert_true(gsl_matrix_get(covariance, 0, 1) < -0.95 * honest);
    gsl_vector_free(residual);
    gsl_matrix_free(covariance);
    gsl_matrix_free(jacobian);
}

/* One reading is off by 30 where the others scatter by 0.1. */
static void huber__lets_an_outlier_bend_little(void **state)
{
    (void)state;
    double plain[2] = {LN(250), LN(5e-4)}, robust[2] = {LN(250), LN(5e-4)}, off = 30;
    gsl_vector_view x = gsl_vector_view_array(plain, 2), y = gsl_vector_view_array(robust, 2);
    struct gauss_newton_problem problem = {MISRA, 2, MISRA, misra, &off};
    struct gauss_newton_options huber = fine;
    huber.huber = 0.15;
    gauss_newton(&problem, &fine, &x.vector);
    struct gauss_newton_result result = gauss_newton(&problem, &huber, &y.vector);
    assert_int_equal(result.end, GAUSS_NEWTON_CONVERGED);
    assert_true(fabs(exp(plain[0]) / 238.94 - 1) > 0.3);
    assert_true(fabs(exp(robust[0]) / 238.94 - 1) < 0.05);
}

/* A step of any length makes it worse than the start, although the Jacobian promises a gain. */
static bool liar(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian)
{
    (void)ctx;
    double at = gsl_vector_get(x, 0);
    gsl_vector_set(residual, 0, 1 + fabs(at));
    if (jacobian)
        gsl_matrix_set(jacobian, 0, 0, 1);
    return true;
}

static bool refuses(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian)
{
    (void)ctx;
    (void)x;
    (void)jacobian;
    gsl_vector_set_zero(residual);
    return false;
}

/* exp(-x) has no lowest point. */
static bool endless(void *ctx, const gsl_vector *x, gsl_vector *residual, gsl_matrix *jacobian)
{
    (void)ctx;
    double e = exp(-gsl_vector_get(x, 0));
    gsl_vector_set(residual, 0, e);
    if (jacobian)
        gsl_matrix_set(jacobian, 0, 0, -e);
    return true;
}

static void gauss_newton__says_when_it_has_not_converged(void **state)
{
    (void)state;
    double at[1] = {0};
    gsl_vector_view x = gsl_vector_view_array(at, 1);
    struct gauss_newton_options few = fine;
    few.jacobians_max = 5;
    few.tries_max = 5;
    struct gauss_newton_problem problem = {1, 1, 0, liar, NULL};
    assert_int_equal(gauss_newton(&problem, &few, &x.vector).end, GAUSS_NEWTON_STUCK);
    assert_near(at[0], 0, 0);
    problem.evaluate = endless;
    assert_int_equal(gauss_newton(&problem, &few, &x.vector).end, GAUSS_NEWTON_ITERATIONS);
    problem.evaluate = refuses;
    assert_int_equal(gauss_newton(&problem, &few, &x.vector).end, GAUSS_NEWTON_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gauss_newton__finds_the_certified_values_of_misra1a),
        cmocka_unit_test(covariance__gives_the_certified_standard_deviations),
        cmocka_unit_test(covariance__does_not_take_noise_for_a_difference),
        cmocka_unit_test(huber__lets_an_outlier_bend_little),
        cmocka_unit_test(gauss_newton__says_when_it_has_not_converged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
