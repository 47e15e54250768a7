/* Pauses of collectors as rows counted them, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/evidence/collector.h"
#include "model/evidence/rows_internal.h"

enum { ROWS = 3 };

static struct row table[ROWS];
static struct rows rows;
static struct configurations configurations;
static struct model_profile start;

static struct row *add_row(const char *id, double pauses, double pause_s)
{
    struct row *row = &table[rows.count];
    rows_defaults(row);
    row->file = "rows.jsonl";
    row->line = ++rows.count;
    rows.row = table;
    snprintf(row->id, sizeof row->id, "%s", id);
    snprintf(row->family, sizeof row->family, "load");
    row->config.rate_per_s = 1000;
    row->log_batches = 1000;
    row->log_bytes = 20e6;
    row->pauses = pauses;
    row->pause_s = pause_s;
    return row;
}

static int begin(void **state)
{
    (void)state;
    rows = (struct rows){0};
    model_profile_init(&start);
    return 0;
}

static struct collector read_with_heap(const bool *out, int64_t heap_bytes)
{
    struct broker_err err;
    assert_int_equal(configurations_init(&configurations, &rows, "scenarios", NULL, &err), 0);
    for (int i = 0; i < configurations.count; i++)
        ((struct scenario *)(uintptr_t)scenario_base(configurations.configuration[i].doc))
            ->cluster.heap_bytes = heap_bytes;
    struct collector read = collector_read(&configurations, out, &start);
    configurations_release(&configurations);
    return read;
}

static struct collector read_all(const bool *out)
{
    return read_with_heap(out, INT64_C(1) << 30);
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value / expected - 1) <= 1e-9))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void read__gives_the_median_of_a_lognormal_with_that_mean(void **state)
{
    (void)state;
    add_row("a", 12, 0.180);
    add_row("b", 4, 0.044);
    struct collector read = read_all(NULL);
    assert_near(read.pauses, 16);
    assert_near(read.median_ns, 14e6 * exp(-0.45 * 0.45 / 2)); /* 224 ms of 16 */
    /* One has 12 ms more than 12 of these, the other 12 ms less than 4. */
    assert_near(read.standard_error, sqrt(2 * 2 * 12.0 * 12.0) / 224);
}

static void read__of_one_configuration_tells_no_error(void **state)
{
    (void)state;
    char text[COLLECTOR_TEXT_BYTES];
    add_row("a", 12, 0.180);
    struct collector read = read_all(NULL);
    assert_true(isnan(read.standard_error));
    assert_string_equal(collector_error_text(&read, text), "unknown, of one configuration");
    read.standard_error = 0.064;
    assert_string_equal(collector_error_text(&read, text), "6 %");
}

static void read__takes_repeats_as_one(void **state)
{
    (void)state;
    add_row("a", 6, 0.090);
    add_row("a", 6, 0.150);
    struct collector read = read_all(NULL);
    assert_near(read.pauses, 12);
    assert_near(read.median_ns, 20e6 * exp(-0.45 * 0.45 / 2));
}

static void read__leaves_out_what_it_is_told_to(void **state)
{
    (void)state;
    const bool out[] = {false, true};
    add_row("a", 10, 0.200);
    add_row("b", 40, 0.080);
    assert_near(read_all(out).median_ns, 20e6 * exp(-0.45 * 0.45 / 2));
}

static void read__leaves_out_requests_that_are_humongous(void **state)
{
    (void)state;
    add_row("a", 10, 0.200);
    /* 1 GiB in 2,048 regions: the least region, 1 MiB. */
    add_row("b", 50, 0.250)->log_bytes = 524288e3;
    add_row("c", 10, 0.100)->log_bytes = 524287e3;
    struct collector read = read_all(NULL);
    assert_near(read.pauses, 20);
    assert_near(read.median_ns, 15e6 * exp(-0.45 * 0.45 / 2));
}

/* 3 GiB in 2,048 regions: 1.5 MiB each, and a power of two: 2 MiB. */
static void regions__are_rounded_up(void **state)
{
    (void)state;
    add_row("a", 10, 0.200)->log_bytes = 1048575e3;
    add_row("b", 50, 0.250)->log_bytes = 1048576e3;
    assert_near(read_with_heap(NULL, INT64_C(3) << 30).pauses, 10);
}

static void read__leaves_out_brokers_that_share_a_machine(void **state)
{
    (void)state;
    add_row("a", 10, 0.200);
    add_row("b", 30, 0.900)->config.brokers = 3;
    assert_near(read_all(NULL).pauses, 10);
}

static void read__says_nothing_of_few_pauses(void **state)
{
    (void)state;
    struct model_profile profile = start;
    add_row("a", 9, 0.300);
    add_row("b", NAN, NAN);
    struct collector read = read_all(NULL);
    assert_true(isnan(read.median_ns));
    collector_apply(&read, &profile);
    assert_near(profile.gc_pause_median_ns, start.gc_pause_median_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(read__gives_the_median_of_a_lognormal_with_that_mean, begin),
        cmocka_unit_test_setup(read__of_one_configuration_tells_no_error, begin),
        cmocka_unit_test_setup(read__takes_repeats_as_one, begin),
        cmocka_unit_test_setup(read__leaves_out_what_it_is_told_to, begin),
        cmocka_unit_test_setup(read__leaves_out_requests_that_are_humongous, begin),
        cmocka_unit_test_setup(regions__are_rounded_up, begin),
        cmocka_unit_test_setup(read__leaves_out_brokers_that_share_a_machine, begin),
        cmocka_unit_test_setup(read__says_nothing_of_few_pauses, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
