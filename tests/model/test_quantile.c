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
    assert_true(evidence_quantile_of_next(four, 4, 0.1) == 2); /* below it nothing is known */
    assert_true(evidence_quantile_of_next(four, 4, 0.7) == 7);
    assert_true(evidence_quantile_of_next(four, 4, 0.9) == 8);
    assert_true(evidence_quantile_of_next(one, 1, 0.9) == 7);
    assert_true(isinf(evidence_quantile_of_next(ends, 3, 0.9)));
}

/* Sums of uniform numbers, near enough to a bell: eleven, and the next. */
static double bell(uint64_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sum += (double)(*seed >> 11) * 0x1p-53;
    }
    return sum - 6;
}

static void next__of_eleven_is_inside_in_five_of_six(void **state)
{
    (void)state;
    enum { TRIALS = 20000 };
    uint64_t seed = 1;
    int inside = 0;
    for (int t = 0; t < TRIALS; t++) {
        double values[11], next = bell(&seed);
        for (int i = 0; i < 11; i++)
            values[i] = bell(&seed);
        inside += next >= evidence_quantile_of_next(values, 11, 0.05) &&
                  next <= evidence_quantile_of_next(values, 11, 0.95);
    }
    assert_true(fabs(inside / (double)TRIALS - 10.0 / 12) < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile__of_nothing_is_not_a_number),
        cmocka_unit_test(quantile__interpolates_between_neighbours),
        cmocka_unit_test(quantile__is_that_of_gsl),
        cmocka_unit_test(next__lies_beyond_the_quantiles_of_few),
        cmocka_unit_test(next__of_eleven_is_inside_in_five_of_six),
        cmocka_unit_test(quantile__is_finite_below_an_infinite_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
