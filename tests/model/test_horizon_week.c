/* What came before the start, by the hour. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/horizon_week.h"

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 1e-6)

static const double HOUR = 3600, WEEK = 168 * 3600.0;
static struct horizon_week week;

/* Nothing at night, twice the mean from noon to midnight. */
static int fresh(void **state)
{
    double rate[MODEL_WEEK_HOURS];
    (void)state;
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        rate[hour] = hour % 24 < 12 ? 0 : 7;
    horizon_week_init(&week, rate);
    return 0;
}

static void worth__is_what_came_in_the_hours_before(void **state)
{
    (void)state;
    NEAR(horizon_week_worth_s(&week, 0), 0);
    NEAR(horizon_week_worth_s(&week, 1.5 * HOUR), 3 * HOUR);
    NEAR(horizon_week_worth_s(&week, 12 * HOUR), 24 * HOUR);
    NEAR(horizon_week_worth_s(&week, 20 * HOUR), 24 * HOUR);
    NEAR(horizon_week_worth_s(&week, 25 * HOUR), 26 * HOUR);
    NEAR(horizon_week_worth_s(&week, WEEK), WEEK);
    NEAR(horizon_week_worth_s(&week, 2 * WEEK + 6 * HOUR), 2 * WEEK + 12 * HOUR);
    NEAR(horizon_week_worth_s(NULL, 12 * HOUR), 12 * HOUR);
}

static void age__is_its_inverse(void **state)
{
    (void)state;
    for (double age = 0.25 * HOUR; age < 3 * WEEK; age += 0.5 * HOUR) {
        double worth = horizon_week_worth_s(&week, age), again = horizon_week_age_s(&week, worth);
        NEAR(horizon_week_worth_s(&week, again), worth);
        if (fmod(age / HOUR, 24) < 12) /* an hour in which something came */
            NEAR(again, age);
    }
    NEAR(horizon_week_age_s(NULL, 12 * HOUR), 12 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(worth__is_what_came_in_the_hours_before, fresh),
        cmocka_unit_test_setup(age__is_its_inverse, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
