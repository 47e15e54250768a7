/* Numbers with units: read, refused, written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario_internal.h"
#include "tests/support/scenario_text.h"

/* ---- units ---- */

static void assert_number(const char *text, enum scenario_unit unit, double value)
{
    struct scenario_number n;
    assert_int_equal(scenario_number_parse(text, strlen(text), unit, false, &n),
                     SCENARIO_NUMBER_OK);
    if (n.value != value)
        print_error("%s is %.17g\n", text, n.value);
    assert_true(n.value == value);
}

static void number__reads_sizes_times_and_rates(void **state)
{
    (void)state;
    assert_number("1 B", SCENARIO_UNIT_BYTES, 1);
    assert_number("1.5 KiB", SCENARIO_UNIT_BYTES, 1536);
    assert_number("20MB", SCENARIO_UNIT_BYTES, 20e6);
    assert_number("4 TiB", SCENARIO_UNIT_BYTES, 4398046511104);
    assert_number("0.1 s", SCENARIO_UNIT_TIME, 1e8);
    assert_number("2 d", SCENARIO_UNIT_TIME, 172800e9);
    assert_number("5 m", SCENARIO_UNIT_TIME, 300e9);
    assert_number("1 w", SCENARIO_UNIT_MS, 604800000);
    assert_number("3 y", SCENARIO_UNIT_TIME, 3 * 365 * 86400e9);
    assert_number("1 y", SCENARIO_UNIT_MS, 365 * 86400e3);
    assert_number("14 MB/s", SCENARIO_UNIT_RATE, 14e6);
    assert_number("8.4 Gbit/s", SCENARIO_UNIT_SPEED, 1.05e9);
    assert_number("2e4 records/s", SCENARIO_UNIT_RATE, 20000);
    assert_number("60 %", SCENARIO_UNIT_RATIO, 0.6);
    assert_number("7 %", SCENARIO_UNIT_RATIO, 0.07);
    assert_number("3 ms/MB", SCENARIO_UNIT_TIME_PER_BYTE, 3);
}

static void number__refuses_what_people_and_yaml_read_differently(void **state)
{
    (void)state;
    static const char *const odd[] = {"010", "0x10", "1_000", "1,000", "1:30", "0o7", "-012"};
    struct scenario_number n;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(
            scenario_number_parse(odd[i], strlen(odd[i]), SCENARIO_UNIT_NONE, true, &n),
            SCENARIO_NUMBER_ODD);
    static const char *const not [] = {"", "x", "5.", "--5", "+", "1e", "3x", "inf", "nan", "1 2"};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        assert_int_equal(
            scenario_number_parse(not [i], strlen(not [i]), SCENARIO_UNIT_NONE, true, &n),
            SCENARIO_NUMBER_NOT);
}

static void number__keeps_integers_exact_to_the_last(void **state)
{
    (void)state;
    struct scenario_number n;
    assert_int_equal(scenario_number_parse("9223372036854775807", 19, SCENARIO_UNIT_MS, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_true(n.is_whole && n.integer == INT64_MAX);
    assert_int_equal(scenario_number_parse("9223372036854775808", 19, SCENARIO_UNIT_MS, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_false(n.is_whole);
    assert_int_equal(scenario_number_parse("0.3 ms", 6, SCENARIO_UNIT_TIME, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_true(n.is_whole && n.integer == 300000);
}

static void number__is_written_so_that_it_reads_back(void **state)
{
    (void)state;
    static const double values[] = {
        0, 1, 0.1, 0.904, 1.05e9, 14e6, 1.0 / 3, 123456789.125, 5e-7, 1e12, 288.39e6};
    static const enum scenario_unit units[] = {SCENARIO_UNIT_NONE,          SCENARIO_UNIT_BYTES,
                                               SCENARIO_UNIT_SPEED,         SCENARIO_UNIT_RATIO,
                                               SCENARIO_UNIT_TIME_PER_BYTE, SCENARIO_UNIT_USD_HOUR};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
            char text[64];
            struct scenario_number n;
            /* No double divided by 100 is this one; a percentage is never computed. */
            if (values[i] == 1.0 / 3 && units[u] == SCENARIO_UNIT_RATIO)
                continue;
            scenario_number_write(values[i], units[u], text);
            assert_int_equal(scenario_number_parse(text, strlen(text), units[u], true, &n),
                             SCENARIO_NUMBER_OK);
            if (n.value != values[i])
                print_error("%.17g became %s\n", values[i], text);
            assert_true(n.value == values[i]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number__reads_sizes_times_and_rates),
        cmocka_unit_test(number__refuses_what_people_and_yaml_read_differently),
        cmocka_unit_test(number__keeps_integers_exact_to_the_last),
        cmocka_unit_test(number__is_written_so_that_it_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
