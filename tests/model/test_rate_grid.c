/* Rates of a producer's hours: ends, places between and below them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/cluster/rate_grid.h"

static struct scenario_producer producer(double night)
{
    struct scenario_producer p;
    memset(&p, 0, sizeof p);
    for (int h = 0; h < 24; h++)
        p.daily[h] = h < 12 ? night : 1;
    for (int d = 0; d < 7; d++)
        p.weekly[d] = 1;
    p.payload_bytes_per_s_peak = 10;
    p.payload_bytes_per_s_mean = 5 * (1 + night);
    return p;
}

static void near(double got, double want)
{
    assert_true(got > want - 1e-9 && got < want + 1e-9);
}

static void grid__reaches_from_the_lowest_hour_to_the_highest_as_they_grow(void **state)
{
    (void)state;
    struct scenario_producer p = producer(0.1);
    struct rate_grid grid;
    rate_grid_init(&grid, &p, 1, 2);
    near(grid.factor[0], 0.1);
    assert_true(grid.factor[grid.count - 1] >= 2 && grid.factor[grid.count - 1] < 2.01);
    for (int i = 1; i < grid.count; i++)
        assert_true(grid.factor[i] > grid.factor[i - 1]);
}

/* A night of a thousandth, a load that grows thirtyfold: as fine as it is for a tenth. */
static void grid__steps_by_no_more_than_a_quarter(void **state)
{
    (void)state;
    struct scenario_producer p = producer(0.001);
    struct rate_grid grid;
    rate_grid_init(&grid, &p, 1, 20);
    for (int i = 1; i < grid.count; i++)
        assert_true(grid.factor[i] < 1.2501 * grid.factor[i - 1]);
    rate_grid_init(&grid, &p, 1, 1e9);
    assert_int_equal(grid.count, RATE_GRID_MOST);
}

static void grid__of_a_constant_rate_is_that_rate(void **state)
{
    (void)state;
    struct scenario_producer p = producer(1);
    struct rate_grid grid;
    rate_grid_init(&grid, &p, 1, 1);
    struct rate_place place = rate_grid_place(&grid, 1);
    assert_int_equal(grid.count, 2);
    assert_int_equal(place.cell, 0);
    assert_true(place.of_low == 1 && place.of_high == 0);
}

/* What comes a second is the straight line; a rate of its own for each is below or above it by the batches alone. */
static void grid__places_a_rate_between_two(void **state)
{
    (void)state;
    struct scenario_producer p = producer(0.1);
    struct rate_grid grid;
    rate_grid_init(&grid, &p, 1, 1);
    for (double rate = 0.1; rate <= 1; rate += 0.01) {
        struct rate_place place = rate_grid_place(&grid, rate);
        const double *at = &grid.factor[place.cell];
        assert_true(at[0] <= rate + 1e-9 && rate <= at[1] + 1e-9);
        near(rate_grid_between(&place, at[0], at[1]), rate);
    }
}

/* An hour without load brings nothing, one below the grid its part of the lowest. */
static void grid__goes_with_the_rate_below_its_lowest(void **state)
{
    (void)state;
    struct scenario_producer p = producer(0);
    struct rate_grid grid;
    rate_grid_init(&grid, &p, 1, 3);
    near(grid.factor[0], 1);
    struct rate_place none = rate_grid_place(&grid, 0), half = rate_grid_place(&grid, 0.5);
    assert_true(rate_grid_between(&none, 7, 9) == 0);
    near(rate_grid_between(&half, 7, 9), 3.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid__reaches_from_the_lowest_hour_to_the_highest_as_they_grow),
        cmocka_unit_test(grid__steps_by_no_more_than_a_quarter),
        cmocka_unit_test(grid__of_a_constant_rate_is_that_rate),
        cmocka_unit_test(grid__places_a_rate_between_two),
        cmocka_unit_test(grid__goes_with_the_rate_below_its_lowest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
