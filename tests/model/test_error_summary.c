/* What a few errors amount to, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/evidence/error_summary.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.15g is not %.15g", value, expected);
}

static void summary__of_nothing_is_unknown(void **state)
{
    (void)state;
    struct error_summary s = error_summary(NULL, 0);
    assert_int_equal(s.n, 0);
    assert_true(isnan(s.median) && isnan(s.ratio_low) && isnan(s.ratio_high));
    assert_int_equal(error_summary_stated(&s).rows, 0);
}

static void summary__counts_both_signs_in_the_median_and_the_direction_in_the_ratios(void **state)
{
    (void)state;
    double errors[21];
    for (int i = 0; i < 21;
         i++) /* -0.5 .. 0.5, in steps of 0.05; of the next, 1.1 and 20.9 of 22 are below */
        errors[i] = -0.5 + 0.05 * ((i * 8) % 21);
    struct error_summary s = error_summary(errors, 21);
    assert_near(s.signed_median, 0);
    assert_near(s.median, 0.25);
    assert_near(s.p90, 0.45);
    assert_near(s.ratio_low, 1 / (pow(1.45, 0.1) * pow(1.5, 0.9)));
    assert_near(s.ratio_high, 1 / (pow(0.5, 0.9) * pow(0.55, 0.1)));
}

static void stated__is_what_a_profile_keeps(void **state)
{
    (void)state;
    double errors[] = {-0.9, -0.9, -0.9, -0.9, -0.9};
    struct error_summary s = error_summary(errors, 5);
    struct model_profile_error e = error_summary_stated(&s);
    assert_int_equal(e.rows, 5);
    assert_near(e.median, 0.9);
    assert_near(e.signed_median, -0.9);
    assert_near(e.ratio_low, 10); /* measured: ten times as much */
    assert_near(e.ratio_high, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary__of_nothing_is_unknown),
        cmocka_unit_test(summary__counts_both_signs_in_the_median_and_the_direction_in_the_ratios),
        cmocka_unit_test(stated__is_what_a_profile_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
