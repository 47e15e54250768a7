/* Quantiles of a few values: by hand, against GSL's, and where an interval's end is infinite. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_statistics.h>

#include "model/evidence/quantile.h"

static void quantile__of_nothing_is_not_a_number(void **state)
{
    (void)state;
    assert_true(isnan(evidence_quantile(NULL, 0, 0.5)));
}

static void quantile__interpolates_between_neighbours(void **state)
{
    (void)state;
    double odd[] = {5, 1, 3}, even[] = {8, 2, 4, 6}, one[] = {7};
    assert_true(evidence_quantile(odd, 3, 0.5) == 3);
    assert_true(evidence_quantile(even, 4, 0.5) == 5);
    assert_true(evidence_quantile(even, 4, 0.25) == 3.5);
    assert_true(evidence_quantile(one, 1, 0.9) == 7);
}

static void quantile__is_that_of_gsl(void **state)
{
    (void)state;
    double values[] = {0.31, -0.2, 0.07, 1.9, 0.44, -0.6, 0.02};
    for (int step = 0; step <= 20; step++) {
        double mine = evidence_quantile(values, 7, step / 20.0);
        double gsl = gsl_stats_quantile_from_sorted_data(values, 1, 7, step / 20.0);
        assert_true(fabs(mine - gsl) <= 1e-15);
    }
}

static void quantile__is_finite_below_an_infinite_neighbour(void **state)
{
    (void)state;
    double widths[] = {INFINITY, 1, 2, INFINITY, 0.5};
    assert_true(evidence_quantile(widths, 5, 0.5) == 2);
    assert_true(isinf(evidence_quantile(widths, 5, 0.9)));
}

static void next__lies_beyond_the_quantiles_of_few(void **state)
{
    (void)state;
    double four[] = {8, 2, 4, 6}, one[] = {7}, ends[] = {INFINITY, 1, 2};
    assert_true(evidence_quantile_of_next(four, 4, 0.5) == 5);
    assert_true(evidence_quantile_of_next(four, 4, 0.2) == 2); /* one of five is below the least */
    assert_true(evidence_quantile_of_next(four, 4, 0.7) == 7);
    assert_true(evidence_quantile_of_next(one, 1, 0.9) == 7);
    assert_true(isinf(evidence_quantile_of_next(ends, 3, 0.9)));
}

/* Mean 5, s^2 20 / 3; t of 3 degrees of freedom is 1.63774 at 90 %, 5.84091 at 99.5 %. */
static void next__beyond_the_outermost_is_that_of_a_normal_distribution(void **state)
{
    (void)state;
    double four[] = {8, 2, 4, 6}, wide = sqrt(20.0 / 3 * 1.25), alike[] = {3, 3, 3};
    assert_true(fabs(evidence_quantile_of_next(four, 4, 0.1) - (5 - 1.63774 * wide)) < 1e-4);
    assert_true(fabs(evidence_quantile_of_next(four, 4, 0.995) - (5 + 5.84091 * wide)) < 1e-4);
    assert_true(evidence_quantile_of_next(alike, 3, 0.95) == 3);
    double skewed[] = {0, 0, 0, 0, 0, 0, 0, 9}; /* its normal one would end within */
    assert_true(evidence_quantile_of_next(skewed, 8, 0.9) == 9);
}

/* Sums of uniform numbers, near enough to a bell: a few, and the next. */
static double bell(uint64_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sum += (double)(*seed >> 11) * 0x1p-53;
    }
    return sum - 6;
}

static void next__of_few_is_inside_in_nine_of_ten(void **state)
{
    (void)state;
    enum { TRIALS = 20000, MOST = 40 };
    static const int counts[] = {5, 11, 18, MOST};
    uint64_t seed = 1;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        int inside = 0;
        for (int t = 0; t < TRIALS; t++) {
            double values[MOST], next = bell(&seed);
            for (int i = 0; i < counts[c]; i++)
                values[i] = bell(&seed);
            inside += next >= evidence_quantile_of_next(values, counts[c], 0.05) &&
                      next <= evidence_quantile_of_next(values, counts[c], 0.95);
        }
        double covered = inside / (double)TRIALS;
        assert_true(covered > 0.89 &&
                    covered < 0.93); /* never inside the outermost: a little more */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile__of_nothing_is_not_a_number),
        cmocka_unit_test(quantile__interpolates_between_neighbours),
        cmocka_unit_test(quantile__is_that_of_gsl),
        cmocka_unit_test(next__lies_beyond_the_quantiles_of_few),
        cmocka_unit_test(next__beyond_the_outermost_is_that_of_a_normal_distribution),
        cmocka_unit_test(next__of_few_is_inside_in_nine_of_ten),
        cmocka_unit_test(quantile__is_finite_below_an_infinite_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
