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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile__of_nothing_is_not_a_number),
        cmocka_unit_test(quantile__interpolates_between_neighbours),
        cmocka_unit_test(quantile__is_that_of_gsl),
        cmocka_unit_test(quantile__is_finite_below_an_infinite_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
