/* Scenarios of measured rows: those that ship are what import writes, and each says what its row says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows_text.h"

static char *read_file(const char *path)
{
    static char text[65536];
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    return text;
}

/* The scenarios in scenarios/validation/own are what import writes today, and each says what its row says. */
static void scenarios_that_ship__are_those_of_the_rows(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    struct scenario_options options = {.datadir = "scenarios"};
    int checked = 0;
    assert_int_equal(rows_read(&rows, ROWS_THAT_SHIP, &err), 0);
    for (int i = 0; i < rows.count; i++) {
        char path[256], *text = NULL;
        size_t size;
        struct scenario_doc *doc;
        if (rows.row[i].jit == ROW_WARMING)
            continue;
        snprintf(path, sizeof path, "scenarios/validation/own/%s.yaml", rows.row[i].id);
        if (scenario_load(path, &options, &doc) != SCENARIO_OK)
            fail_msg("%s: %s", path, scenario_error_at(doc, 0)->message);
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(
            rows_scenario_write(&rows.row[i], 1, scenario_base(doc)->cluster.profile, NULL, out),
            0);
        fclose(out);
        assert_string_equal(read_file(path), text);
        assert_string_equal(scenario_base(doc)->measured.id, rows.row[i].id);
        free(text);
        scenario_doc_free(doc);
        checked++;
    }
    assert_int_equal(checked, 85);
    rows_release(&rows);
}

static void scenario__has_a_value_for_each_repeat(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, "tests/model/rows/repeats.jsonl", &err), 0);
    assert_int_equal(rows.count, 3);
    struct scenario_doc *doc = rows_text_scenario(rows.row, rows.count);
    const struct measured *m = &scenario_base(doc)->measured;
    assert_int_equal(m->repeat_count, 3);
    rows_text_near(m->value[0][MEASURED_PRODUCE_P50], 0.0034);
    assert_true(isnan(m->value[1][MEASURED_PRODUCE_P50]));
    rows_text_near(m->value[2][MEASURED_PRODUCE_P50], 0.0036);
    rows_text_near(measured_median(m, MEASURED_PRODUCE_P50), 0.0035);
    rows_text_near(measured_median(m, MEASURED_BROKER_CPU), 0.24);
    scenario_doc_free(doc);
    rows_release(&rows);
}

/* Each condition of a row has its place in the scenario; expected values are reckoned by hand. */
static void scenario__says_the_conditions_of_its_row(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, ROWS_THAT_SHIP, &err), 0);
    struct scenario_doc *doc = rows_text_scenario(rows_text_find(&rows, "net3-01", 1), 1);
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->cluster.brokers, 3);
    assert_int_equal(s->cluster.brokers_per_machine, 3);
    rows_text_near(s->cluster.network.shared_bytes_per_s, 125e6);
    rows_text_near(s->cluster.network.shared_burst_bytes, 64e3);
    assert_int_equal(s->producers[0].config.acks, -1);
    assert_int_equal(s->topics[0].replication, 3);
    scenario_doc_free(doc);

    doc = rows_text_scenario(rows_text_find(&rows, "fsync-throttled-04", 1), 1);
    s = scenario_base(doc);
    rows_text_near(s->cluster.disks.write_bytes_per_s, 20e6);
    rows_text_near(s->cluster.disks.read_bytes_per_s, 683e6);
    assert_int_equal(s->topics[0].config.flush_messages, 1);
    scenario_doc_free(doc);

    doc = rows_text_scenario(rows_text_find(&rows, "catch-up-03", 1), 1);
    s = scenario_base(doc);
    assert_int_equal(s->group_count, 2);
    assert_int_equal(s->groups[0].beside, 0);
    assert_int_equal(s->groups[1].lag_kind, SCENARIO_LAG_RECORDS);
    rows_text_near(s->groups[1].lag, 2441692); /* what the reader read */
    assert_int_equal(s->start.cache, SCENARIO_EMPTY);
    rows_text_near(s->cluster.disks.read_bytes_per_s, 50e6);
    assert_true(isnan(measured_median(&s->measured, MEASURED_CLIENT_CPU)));
    scenario_doc_free(doc);

    doc = rows_text_scenario(rows_text_find(&rows, "compression-03", 2), 1);
    s = scenario_base(doc);
    /* 399,772 records in 14,633 batches of 61 B more, 237,465,797 B: 591.8 B a record, 1,009 B before */
    assert_true(fabs(s->producers[0].compression_ratio.ratio[0] - 1009 / 591.77) < 1e-3);
    assert_true(isnan(measured_median(&s->measured, MEASURED_DISK_BYTES)));
    scenario_doc_free(doc);

    doc = rows_text_scenario(rows_text_find(&rows, "rate-10", 2), 1);
    s = scenario_base(doc);
    assert_int_equal(s->producers[0].rate_kind, SCENARIO_RATE_MAX);
    assert_true(s->measured.maximum);
    assert_int_equal(s->producers[0].config.queue_max_messages, 200000);
    assert_int_equal(s->run.warmup_ns, INT64_C(5000000000));
    assert_int_equal(s->run.measure_ns, INT64_C(15000000000));
    scenario_doc_free(doc);
    rows_release(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios_that_ship__are_those_of_the_rows),
        cmocka_unit_test(scenario__has_a_value_for_each_repeat),
        cmocka_unit_test(scenario__says_the_conditions_of_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
