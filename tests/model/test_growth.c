/* Growth of what waits, told from its noise whatever the window's length. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/answer/growth.h"

enum { TICKS = 100 };

/* A lag in records at 1,000 records/s: a trend of so many records a second, and a saw-tooth of fetches that gets so high. */
static void lag(double level[TICKS], double window_s, double trend, double swing, int period)
{
    for (int i = 0; i < TICKS; i++)
        level[i] = 500 + trend * window_s * i / TICKS + swing * (i % period) / period;
}

static bool grows(double window_s, double trend, double swing, int period)
{
    double level[TICKS];
    lag(level, window_s, trend, swing, period);
    return growth_stands_out(level, TICKS, window_s / TICKS, 1000 * window_s / TICKS);
}

static void growth__of_a_fiftieth_is_told_in_any_run_of_ten_seconds(void **state)
{
    (void)state;
    assert_true(grows(10, 20, 0, 1));
    assert_true(grows(60, 20, 100, 7));
    assert_false(grows(60, 5, 0, 1));
}

/* 15 records more of 1,000 a second, at the ends of a window of 2 s, are a fetch. */
static void growth__of_milliseconds_is_none_in_a_short_run(void **state)
{
    (void)state;
    assert_false(grows(2, 15, 0, 1));
    assert_true(grows(2, 200, 0, 1));
}

/* Two and a half saw-teeth: the last third lies above the first though nothing grows. */
static void growth__is_not_a_swing_that_the_window_cuts(void **state)
{
    (void)state;
    double level[TICKS];
    lag(level, 2, 0, 1000, 66);
    assert_true(growth_slope(level, TICKS) != 0);
    assert_false(grows(2, 0, 1000, 66));
    assert_false(grows(2, 0, 1000, 40));
    assert_true(grows(2, 500, 200, 13));
}

static void growth__is_told_where_nothing_is_read(void **state)
{
    (void)state;
    double level[TICKS];
    lag(level, 10, 1000, 0, 1);
    assert_true(growth_stands_out(level, TICKS, 0.1, 0));
    assert_false(growth_stands_out(level, 5, 0.1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth__of_a_fiftieth_is_told_in_any_run_of_ten_seconds),
        cmocka_unit_test(growth__of_milliseconds_is_none_in_a_short_run),
        cmocka_unit_test(growth__is_not_a_swing_that_the_window_cuts),
        cmocka_unit_test(growth__is_told_where_nothing_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
