/* The measured: block: units, repeats, what is unknown, and that explain keeps all of it. */
#include "model/scenario/load.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char base[] = "version: 1\n"
                           "cluster: {machine: aws/i3en.2xlarge, racks: [a]}\n"
                           "topics: {orders: {}}\n"
                           "producers: {p: {topic: orders, rate: 10 MB/s}}\n";

static struct scenario_doc *load(const char *block)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char text[4096];
    snprintf(text, sizeof text, "%s%s", base, block);
    if (scenario_load_text("measured.yaml", text, strlen(text), &options, &doc) != SCENARIO_OK)
        fail_msg("%s", scenario_error_at(doc, 0)->message);
    return doc;
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.12g, expected %.12g", value, expected);
}

static const char all[] = "measured:\n"
                          "  id: rate-01\n"
                          "  family: rate\n"
                          "  source: rows.jsonl line 3\n"
                          "  series: rates\n"
                          "  anchor: true\n"
                          "  cluster_binds: false\n"
                          "  maximum: true\n"
                          "  throughput: [19995 records/s, 20010 records/s, 20005 records/s]\n"
                          "  produce_mean: [3.5 ms, 3600 us, 3.55 ms]\n"
                          "  produce_p50: [3.39 ms, unknown, 3.4 ms]\n"
                          "  produce_p99: 7 ms\n"
                          "  round_trip: 0.55 ms\n"
                          "  end_to_end_p50: 4 ms\n"
                          "  end_to_end_p99: 1.5 s\n"
                          "  broker_cpu: [0.23, 0.25]\n"
                          "  client_cpu: 0.5\n"
                          "  requests: 741.2\n"
                          "  batches: 740\n"
                          "  disk_bytes: [20.2 MB/s, 19.3 MiB/s]\n";

static void assert_all(const struct scenario_doc *doc)
{
    const struct measured *m = &scenario_base(doc)->measured;
    assert_true(m->present && m->anchor && m->maximum && !m->cluster_binds);
    assert_string_equal(m->id, "rate-01");
    assert_string_equal(m->family, "rate");
    assert_string_equal(m->source, "rows.jsonl line 3");
    assert_string_equal(m->series, "rates");
    assert_int_equal(m->repeat_count, 3);
    assert_near(m->value[1][MEASURED_THROUGHPUT], 20010);
    assert_near(m->value[0][MEASURED_PRODUCE_MEAN], 0.0035);
    assert_near(m->value[1][MEASURED_PRODUCE_MEAN], 0.0036);
    assert_true(isnan(m->value[1][MEASURED_PRODUCE_P50]));
    assert_near(m->value[2][MEASURED_PRODUCE_P50], 0.0034);
    assert_near(m->value[0][MEASURED_PRODUCE_P99], 0.007);
    assert_true(isnan(m->value[1][MEASURED_PRODUCE_P99])); /* one value is one repeat's */
    assert_near(m->value[0][MEASURED_ROUND_TRIP], 0.00055);
    assert_near(m->value[0][MEASURED_END_TO_END_P50], 0.004);
    assert_near(m->value[0][MEASURED_END_TO_END_P99], 1.5);
    assert_near(m->value[1][MEASURED_BROKER_CPU], 0.25);
    assert_near(m->value[0][MEASURED_CLIENT_CPU], 0.5);
    assert_near(m->value[0][MEASURED_REQUESTS], 741.2);
    assert_near(m->value[0][MEASURED_BATCHES], 740);
    assert_near(m->value[0][MEASURED_DISK_BYTES], 20.2e6);
    assert_near(m->value[1][MEASURED_DISK_BYTES], 19.3 * 1048576);
}

static void measured__is_read_in_its_units(void **state)
{
    (void)state;
    struct scenario_doc *doc = load(all);
    assert_all(doc);
    scenario_doc_free(doc);
}

static void measured__survives_explain(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc = load(all), *again;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(scenario_explain(doc, out), 0);
    fclose(out);
    assert_int_equal(scenario_load_text("again.yaml", text, size, &options, &again), SCENARIO_OK);
    assert_all(again);
    free(text);
    scenario_doc_free(doc);
    scenario_doc_free(again);
}

static void measured__is_absent_unless_something_was_measured(void **state)
{
    (void)state;
    struct scenario_doc *doc = load("");
    assert_false(scenario_base(doc)->measured.present);
    assert_int_equal(scenario_base(doc)->measured.repeat_count, 0);
    scenario_doc_free(doc);
}

/* By hand: of 1, 4, 9 the median is 4, of two of them their mean. */
static void median__is_over_the_repeats_that_have_a_value(void **state)
{
    (void)state;
    struct measured m = {.repeat_count = 3};
    const double values[][3] = {{9, 1, 4}, {9, NAN, 4}, {NAN, 9, NAN}, {NAN, NAN, NAN}};
    const double expected[] = {4, 6.5, 9, NAN};
    for (int i = 0; i < 4; i++) {
        for (int r = 0; r < 3; r++)
            m.value[r][MEASURED_BATCHES] = values[i][r];
        double median = measured_median(&m, MEASURED_BATCHES);
        if (isnan(expected[i]))
            assert_true(isnan(median));
        else
            assert_near(median, expected[i]);
    }
}

static void names__are_the_keys_of_the_block(void **state)
{
    (void)state;
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        char line[64];
        snprintf(line, sizeof line, "  %s: ", measured_quantity_name((enum measured_quantity)q));
        assert_non_null(strstr(all, line));
        assert_true(strlen(measured_quantity_unit((enum measured_quantity)q)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measured__is_read_in_its_units),
        cmocka_unit_test(measured__survives_explain),
        cmocka_unit_test(measured__is_absent_unless_something_was_measured),
        cmocka_unit_test(median__is_over_the_repeats_that_have_a_value),
        cmocka_unit_test(names__are_the_keys_of_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
