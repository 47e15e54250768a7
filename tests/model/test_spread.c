/* How far repeats differ, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/evidence/spread.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.15g is not %.15g", value, expected);
}

static void differences__are_from_the_median_of_the_others(void **state)
{
    (void)state;
    const double repeats[] = {10, 12, 11, NAN};
    double differences[4];
    assert_int_equal(spread_differences(repeats, 4, differences), 3);
    assert_near(differences[0], 1 - 10 / 11.5);
    assert_near(differences[1], 12 / 10.5 - 1);
    assert_near(differences[2], 0);
    assert_int_equal(spread_differences(repeats, 1, differences), 0);
}

static void spread__is_the_median_over_all_configurations(void **state)
{
    (void)state;
    struct row row[5];
    static const double p50[] = {10, 11, 20, 30, 7};
    static const char *const id[] = {"a", "a", "b", "b", "c"};
    struct rows rows = {.count = 5, .row = row};
    for (int i = 0; i < 5; i++) {
        row[i] = (struct row){0};
        strcpy(row[i].id, id[i]);
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            row[i].value[q] = NAN;
        row[i].value[MEASURED_PRODUCE_P50] = p50[i];
    }
    int repeats;
    /* 1/11, 1/10, 1/3, 1/2; the single one says nothing. */
    assert_near(spread_of_rows(&rows, MEASURED_PRODUCE_P50, &repeats), (1 / 10.0 + 1 / 3.0) / 2);
    assert_int_equal(repeats, 4);
    assert_true(isnan(spread_of_rows(&rows, MEASURED_PRODUCE_P99, &repeats)));
    assert_int_equal(repeats, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences__are_from_the_median_of_the_others),
        cmocka_unit_test(spread__is_the_median_over_all_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
