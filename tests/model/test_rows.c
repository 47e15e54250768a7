/*
 * Measured rows: what is read of them, and what is refused. The rows themselves are those that ship; oracles are their own fields,
 * looked up by hand.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/rows.h"
#include "model/scenario/load.h"

#define ROWS "scenarios/validation/kafka-4.2/rows.jsonl"

static struct rows read_text(const char *text, int expected)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    char path[] = "/tmp/headroom-rows-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(rows_read(&rows, path, &err), expected);
    unlink(path);
    return rows;
}

static const struct row *find(const struct rows *rows, const char *id, int repeat)
{
    for (int i = 0; i < rows->count; i++)
        if (strcmp(rows->row[i].id, id) == 0 && rows->row[i].repeat == repeat)
            return &rows->row[i];
    fail_msg("no row %s", id);
    return NULL;
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.9g, expected %.9g", value, expected);
}

static void assert_problem(const char *text, const char *part)
{
    struct rows rows = read_text(text, -1);
    bool found = false;
    for (int i = 0; i < rows.problem_count; i++)
        found |= strstr(rows.problems[i], part) != NULL;
    if (!found)
        fail_msg("no problem says \"%s\"; the first is %s", part,
                 rows.problem_count ? rows.problems[0] : "none");
    rows_release(&rows);
}

#define CONFIG                                                                                     \
    "\"config\": {\"client\": \"librdkafka\", \"rate_per_s\": 1000, \"record_bytes\": 1000, "      \
    "\"partitions\": 4, \"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": "  \
    "1000000, \"compression\": \"none\", \"warmup_s\": 5, \"measure_s\": 15}"
#define ROW(config, measured)                                                                      \
    "{\"id\": \"a\", \"family\": \"f\", \"repeat\": 1, " config ", \"measured\": {" measured "}}"  \
                                                                                             "\n"

static void rows_that_ship__are_read_whole(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    if (rows_read(&rows, ROWS, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(rows.count, 136);
    const struct row *row = find(&rows, "rate-01", 2);
    assert_near(row->value[MEASURED_THROUGHPUT], 19995.1);
    assert_near(row->value[MEASURED_PRODUCE_P50], 0.003392);
    assert_near(row->value[MEASURED_ROUND_TRIP], 0.000568);
    assert_near(row->value[MEASURED_BROKER_CPU], 0.2293);
    assert_true(isnan(row->value[MEASURED_END_TO_END_P50]));
    row = find(&rows, "net3-01", 1);
    assert_near(row->value[MEASURED_BROKER_CPU], (0.252 + 0.2293 + 0.2227) / 3);
    assert_near(row->config.link_bytes_per_s, 125e6);
    assert_int_equal(row->config.acks, -1);
    row = find(&rows, "fsync-throttled-02", 1);
    assert_near(row->config.disk_write_iops, 100);
    assert_near(row->config.flush_messages, 1);
    assert_true(isnan(row->value[MEASURED_PRODUCE_P50])); /* nothing was acknowledged in time */
    assert_true(find(&rows, "rate-10", 2)->config.rate_max);
    assert_true(isnan(find(&rows, "rf3-02", 1)->value[MEASURED_ROUND_TRIP])); /* acks=0 */
    rows_release(&rows);
}

/* The scenarios in scenarios/validation/own are what import writes today. */
static void scenarios_that_ship__are_those_of_the_rows(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    struct scenario_options options = {.datadir = "scenarios"};
    int checked = 0;
    assert_int_equal(rows_read(&rows, ROWS, &err), 0);
    for (int i = 0; i < rows.count; i++) {
        char path[256];
        struct scenario_doc *doc;
        if (rows.row[i].jit == ROW_WARMING)
            continue;
        snprintf(path, sizeof path, "scenarios/validation/own/%s.yaml", rows.row[i].id);
        if (scenario_load(path, &options, &doc) != SCENARIO_OK)
            fail_msg("%s: %s", path, scenario_error_at(doc, 0)->message);
        const struct measured *m = &scenario_base(doc)->measured;
        assert_true(m->present);
        assert_string_equal(m->id, rows.row[i].id);
        for (int q = 0; q < MEASURED_QUANTITIES; q++) {
            double stated = measured_median(m, (enum measured_quantity)q),
                   value = rows.row[i].value[q];
            assert_int_equal(isnan(stated), isnan(value));
            if (!isnan(value) && fabs(stated - value) > 1e-5 * fabs(value))
                fail_msg("%s %s: %g, the row says %g", path,
                         measured_quantity_name((enum measured_quantity)q), stated, value);
        }
        scenario_doc_free(doc);
        checked++;
    }
    assert_int_equal(checked, 85);
    rows_release(&rows);
}

static void row__is_refused_with_its_place_and_field(void **state)
{
    (void)state;
    assert_problem(ROW(CONFIG, ""), ":1: row a: acked_records_per_s is missing");
    assert_problem("{}\n", "config is missing");
    assert_problem("{\"id\": \"a\"\n", "not JSON at column");
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": -5"), "throughput is -5");
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": \"many\""), "expected a number");
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": 1000, \"acked_mb_per_s\": 0.9537"),
                   "acked_records_per_s times record_bytes");
    assert_problem(ROW(CONFIG,
                       "\"acked_records_per_s\": 1000, \"produce_latency_ms\": {\"p50\": 9, "
                       "\"p99\": 3}"),
                   "no more than the 99th percentile");
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": 1000, \"produce_latency_ms\": {\"p50\": "
                               "3200000, \"p99\": 7000000}"),
                   "are these milliseconds?");
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": 2000, \"acked_mb_per_s\": 2"),
                   "about the rate that was asked for");
    assert_problem(ROW(CONFIG,
                       "\"acked_records_per_s\": 1000, \"log_whole_run\": {\"batches\": 10, "
                       "\"bytes\": 1000}"),
                   "at least the payload");
}

static void mib__are_told_from_mb(void **state)
{
    (void)state;
    assert_problem(
        "{\"id\": \"a\", \"family\": \"f\", \"repeat\": 1, \"config\": {\"client\": "
        "\"librdkafka\", "
        "\"rate_per_s\": 10000, \"record_bytes\": 1000, \"partitions\": 4, \"replication\": 1, "
        "\"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": 1000000, \"compression\": \"none\", "
        "\"warmup_s\": 5, \"measure_s\": 15}, \"measured\": {\"acked_records_per_s\": 10000, "
        "\"acked_mb_per_s\": 9.5367}}\n",
        "this is MiB");
}

static void repeats__must_be_of_one_configuration(void **state)
{
    (void)state;
    assert_problem(ROW(CONFIG, "\"acked_records_per_s\": 1000")
                       ROW(CONFIG, "\"acked_records_per_s\": 1000"),
                   "repeat 1 is at");
    assert_problem(
        ROW(CONFIG,
            "\"acked_records_per_s\": 1000") "{\"id\": \"a\", \"family\": \"f\", \"repeat\": 2, "
                                             "\"config\": {\"client\": \"librdkafka\", "
                                             "\"rate_per_s\": 2000, \"record_bytes\": 1000, "
                                             "\"partitions\": 4, \"replication\": 1, "
                                             "\"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": "
                                             "1000000, \"compression\": \"none\", "
                                             "\"warmup_s\": 5, \"measure_s\": 15}, \"measured\": "
                                             "{\"acked_records_per_s\": 2000}}\n",
        "differs in its configuration");
}

static void perf_test__is_read_with_its_mebibytes(void **state)
{
    (void)state;
    struct rows rows =
        read_text("# id=perf-a\n# record-size=1000\n# throughput=10000\n# acks=all\n"
                  "1000 records sent, 200.0 records/sec (0.19 MB/sec), 1.0 ms avg latency\n"
                  "150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, "
                  "312.00 ms max latency, 8 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n",
                  0);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0].id, "perf-a");
    assert_near(rows.row[0].config.rate_per_s, 10000);
    assert_int_equal(rows.row[0].config.acks, -1);
    assert_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.020);
    rows_release(&rows);
    assert_problem(
        "# record-size=1048\n150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 "
        "ms avg latency, 312.00 ms max latency, 8 ms 50th, 15 ms 95th, 20 ms 99th, 45 "
        "ms 99.9th.\n",
        "record-size is 1048");
}

static void open_messaging_result__is_read(void **state)
{
    (void)state;
    struct rows rows = read_text(
        "{\n \"workload\": \"1-topic\", \"driver\": \"Kafka\", \"messageSize\": 1024, "
        "\"partitions\": "
        "100, \"publishRate\": [200000.0, 200100.0], \"aggregatedPublishLatencyAvg\": 2.3, "
        "\"aggregatedPublishLatency50pct\": 2.1, \"aggregatedPublishLatency99pct\": 4.3, "
        "\"aggregatedEndToEndLatency50pct\": 3.0, \"aggregatedEndToEndLatency99pct\": 5.4\n}\n",
        0);
    assert_int_equal(rows.count, 1);
    assert_near(rows.row[0].value[MEASURED_THROUGHPUT], 200050);
    assert_near(rows.row[0].value[MEASURED_END_TO_END_P99], 0.0054);
    assert_int_equal(rows.row[0].config.partitions, 100);
    rows_release(&rows);
}

static void file_without_rows__is_an_error(void **state)
{
    (void)state;
    assert_problem("nothing here\n", "no rows");
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, "/nonexistent/rows", &err), -1);
    assert_non_null(strstr(err.text, "No such file"));
    rows_release(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_ship__are_read_whole),
        cmocka_unit_test(scenarios_that_ship__are_those_of_the_rows),
        cmocka_unit_test(row__is_refused_with_its_place_and_field),
        cmocka_unit_test(mib__are_told_from_mb),
        cmocka_unit_test(repeats__must_be_of_one_configuration),
        cmocka_unit_test(perf_test__is_read_with_its_mebibytes),
        cmocka_unit_test(open_messaging_result__is_read),
        cmocka_unit_test(file_without_rows__is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
