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

#include "broker-core/record/codec.h"
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

static void assert_told(const struct rows *rows, const char *part)
{
    for (int i = 0; i < rows->problem_count; i++)
        if (strstr(rows->problems[i], part))
            return;
    fail_msg("no problem says \"%s\"; the first is %s", part,
             rows->problem_count ? rows->problems[0] : "none");
}

static void assert_problem(const char *text, const char *part)
{
    struct rows rows = read_text(text, -1);
    assert_told(&rows, part);
    rows_release(&rows);
}

/* A row without fault. */
static const char good[] =
    "{\"id\": \"a-1\", \"family\": \"f\", \"repeat\": 1, \"jit\": \"warm\", \"config\": {"
    "\"client\": \"librdkafka\", \"rate_per_s\": 10000, \"record_bytes\": 1000, \"partitions\": 4, "
    "\"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5.0, \"batch_bytes\": 1000000, "
    "\"compression\": \"none\", \"random_payload_share\": 1.0, \"consumer_groups\": 1, "
    "\"arrivals\": \"poisson\", \"burst\": 1, \"topic_config\": [], \"link_rate\": null, "
    "\"disk_limit\": null, \"page_cache\": null, \"warmup_s\": 5, \"measure_s\": 15, "
    "\"brokers\": 1}, \"measured\": {\"acked_records_per_s\": 10000, \"acked_mb_per_s\": 10.0, "
    "\"failed\": 0, \"produce_latency_ms\": {\"mean\": 3.5, \"p50\": 3.4, \"p90\": 5.5, "
    "\"p99\": 6.5, \"max\": 9.25}, \"end_to_end_latency_ms\": [{\"mean\": 3.8, \"p50\": 3.7, "
    "\"p99\": 6.9, \"max\": 9.5}], \"client\": {\"produce_requests_per_s\": 700.5, "
    "\"round_trip_mean_ms\": 0.5, \"queue_wait_mean_ms\": 2.75, \"send_buffer_mean_ms\": 0.02}, "
    "\"broker_cpu_cores\": [0.25], \"broker_threads_cpu_cores\": [{\"io\": 0.2, \"gc\": 0.01}], "
    "\"client_cpu_cores\": 0.3, \"log_whole_run\": {\"batches\": 14000, \"records\": 200000, "
    "\"bytes\": 202000000}}}\n";

/* The good row with its first `from` become `to`; two such rows where `to` is NULL. */
static char *changed(const char *from, const char *to)
{
    static char text[8192];
    const char *at = strstr(good, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void row__is_read_field_by_field(void **state)
{
    (void)state;
    struct rows rows = read_text(good, 0);
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.warning_count, 0);
    const struct row *row = rows.row;
    assert_int_equal(row->jit, ROW_WARM);
    assert_false(row->config.java);
    assert_int_equal(row->config.consumer_groups, 1);
    const struct {
        enum measured_quantity quantity;
        double value;
    } expected[] = {
        {MEASURED_THROUGHPUT, 10000},    {MEASURED_PRODUCE_MEAN, 0.0035},
        {MEASURED_PRODUCE_P50, 0.0034},  {MEASURED_PRODUCE_P99, 0.0065},
        {MEASURED_ROUND_TRIP, 0.0005},   {MEASURED_END_TO_END_P50, 0.0037},
        {MEASURED_BROKER_CPU, 0.25},     {MEASURED_END_TO_END_P99, 0.0069},
        {MEASURED_CLIENT_CPU, 0.3},      {MEASURED_REQUESTS, 700.5},
        {MEASURED_BATCHES, 14000 / 20.}, {MEASURED_DISK_BYTES, 202000000 / 20.},
    };
    assert_int_equal(sizeof expected / sizeof *expected, MEASURED_QUANTITIES);
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        assert_near(row->value[expected[q].quantity], expected[q].value);
    rows_release(&rows);
}

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

static void rows_that_ship__give_no_warnings(void **state)
{
    (void)state;
    static const char *const files[] = {ROWS, "scenarios/validation/kafka-4.2/repeats.jsonl",
                                        "scenarios/validation/kafka-4.2/repeats-rf3.jsonl",
                                        "scenarios/validation/kafka-4.2/third.jsonl"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct rows rows = {0};
        struct broker_err err = {""};
        if (rows_read(&rows, files[i], &err) != 0 || rows.warning_count > 0)
            fail_msg("%s", rows.warning_count > 0 ? rows.warnings[0] : err.text);
        rows_release(&rows);
    }
}

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
    assert_int_equal(rows_read(&rows, ROWS, &err), 0);
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

static struct scenario_doc *scenario_of(const struct row *row, int count)
{
    char *text = NULL;
    size_t size;
    struct scenario_doc *doc;
    struct scenario_options options = {.datadir = "scenarios"};
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(rows_scenario_write(row, count, "generic", NULL, out), 0);
    fclose(out);
    if (scenario_load_text("row.yaml", text, size, &options, &doc) != SCENARIO_OK)
        fail_msg("%s in\n%s", scenario_error_at(doc, 0)->message, text);
    free(text);
    return doc;
}

static void scenario__has_a_value_for_each_repeat(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, "tests/model/rows/repeats.jsonl", &err), 0);
    assert_int_equal(rows.count, 3);
    struct scenario_doc *doc = scenario_of(rows.row, rows.count);
    const struct measured *m = &scenario_base(doc)->measured;
    assert_int_equal(m->repeat_count, 3);
    assert_near(m->value[0][MEASURED_PRODUCE_P50], 0.0034);
    assert_true(isnan(m->value[1][MEASURED_PRODUCE_P50]));
    assert_near(m->value[2][MEASURED_PRODUCE_P50], 0.0036);
    assert_near(measured_median(m, MEASURED_PRODUCE_P50), 0.0035);
    assert_near(measured_median(m, MEASURED_BROKER_CPU), 0.24);
    scenario_doc_free(doc);
    rows_release(&rows);
}

/* Each condition of a row has its place in the scenario; expected values are reckoned by hand. */
static void scenario__says_the_conditions_of_its_row(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, ROWS, &err), 0);
    struct scenario_doc *doc = scenario_of(find(&rows, "net3-01", 1), 1);
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->cluster.brokers, 3);
    assert_int_equal(s->cluster.brokers_per_machine, 3);
    assert_near(s->cluster.network.shared_bytes_per_s, 125e6);
    assert_near(s->cluster.network.shared_burst_bytes, 64e3);
    assert_int_equal(s->producers[0].config.acks, -1);
    assert_int_equal(s->topics[0].replication, 3);
    scenario_doc_free(doc);

    doc = scenario_of(find(&rows, "fsync-throttled-04", 1), 1);
    s = scenario_base(doc);
    assert_near(s->cluster.disks.write_bytes_per_s, 20e6);
    assert_near(s->cluster.disks.read_bytes_per_s, 683e6);
    assert_int_equal(s->topics[0].config.flush_messages, 1);
    scenario_doc_free(doc);

    doc = scenario_of(find(&rows, "catch-up-03", 1), 1);
    s = scenario_base(doc);
    assert_int_equal(s->group_count, 2);
    assert_int_equal(s->groups[0].beside, 0);
    assert_int_equal(s->groups[1].lag_kind, SCENARIO_LAG_RECORDS);
    assert_near(s->groups[1].lag, 2441692); /* what the reader read */
    assert_int_equal(s->start.cache, SCENARIO_EMPTY);
    assert_near(s->cluster.disks.read_bytes_per_s, 50e6);
    assert_true(isnan(measured_median(&s->measured, MEASURED_CLIENT_CPU)));
    scenario_doc_free(doc);

    doc = scenario_of(find(&rows, "compression-03", 2), 1);
    s = scenario_base(doc);
    /* 399,772 records in 14,633 batches of 61 B more, 237,465,797 B: 591.8 B a record, 1,009 B before */
    assert_true(fabs(s->producers[0].compression_ratio.ratio[0] - 1009 / 591.77) < 1e-3);
    assert_true(isnan(measured_median(&s->measured, MEASURED_DISK_BYTES)));
    scenario_doc_free(doc);

    doc = scenario_of(find(&rows, "rate-10", 2), 1);
    s = scenario_base(doc);
    assert_int_equal(s->producers[0].rate_kind, SCENARIO_RATE_MAX);
    assert_true(s->measured.maximum);
    assert_int_equal(s->producers[0].config.queue_max_messages, 200000);
    assert_int_equal(s->run.warmup_ns, INT64_C(5000000000));
    assert_int_equal(s->run.measure_ns, INT64_C(15000000000));
    scenario_doc_free(doc);
    rows_release(&rows);
}

static void row__is_refused_with_its_place_and_field(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *expected;
    } cases[] = {
        /* missing */
        {"\"id\": \"a-1\", ", "", ":1: id is missing"},
        {"\"linger_ms\": 5.0, ", "", ":1: row a-1: config.linger_ms is missing"},
        {"\"acked_records_per_s\": 10000, ", "",
         ":1: row a-1: measured.acked_records_per_s is missing"},
        {"\"p99\": 6.5, ", "", "measured.produce_latency_ms.p99 is missing"},
        {"\"config\"", "\"setup\"", "config is missing"},
        /* of another kind */
        {"\"rate_per_s\": 10000", "\"rate_per_s\": \"fast\"",
         "config.rate_per_s is \"fast\"; expected records a second above 0, or \"max\""},
        {"\"acks\": \"1\"", "\"acks\": 1", "config.acks is 1; expected text"},
        {"\"acks\": \"1\"", "\"acks\": \"2\"", "config.acks is \"2\"; expected \"0\", \"1\" or"},
        {"\"partitions\": 4", "\"partitions\": 4.5", "config.partitions is 4.5; expected 1 to"},
        {"\"compression\": \"none\"", "\"compression\": \"brotli\"",
         "config.compression is \"brotli\"; expected none, gzip, snappy, lz4 or zstd"},
        {"\"link_rate\": null", "\"link_rate\": \"100 MB\"",
         "config.link_rate is \"100 MB\"; expected a rate such as \"100mbit\""},
        {"\"topic_config\": []", "\"topic_config\": [\"segment.bytes\"]",
         "config.topic_config is \"segment.bytes\"; expected KEY=VALUE, such as"},
        {"\"topic_config\": []", "\"topic_config\": [\"segment.bytes=1}, x: {y: 1\"]",
         "expected KEY=VALUE"},
        {"\"topic_config\": []", "\"topic_config\": [\"flush.messages=1;rm\"]",
         "config.topic_config is \"flush.messages=1;rm\"; expected KEY=VALUE"},
        {"\"topic_config\": []", "\"topic_config\": [\"flush.messages=inf\"]",
         "config.topic_config is \"flush.messages=inf\"; expected KEY=VALUE"},
        {"\"topic_config\": []", "\"topic_config\": {\"flush.messages\": 1}",
         "config.topic_config is {\"flush.messages\": 1}; expected a list, such"},
        {"\"link_rate\": null", "\"link_rate\": \"100mbit or so\"",
         "config.link_rate is \"100mbit or so\"; expected a rate such as"},
        {"\"disk_limit\": null", "\"disk_limit\": {\"write_iops\": -1}",
         "config.disk_limit.write_iops is -1; expected writes a second"},
        {"\"page_cache\": null", "\"page_cache\": \"hot\"",
         "config.page_cache is \"hot\"; expected \"drop\", \"warm\" or null"},
        {"\"jit\": \"warm\"", "\"jit\": \"cold\"", "jit is \"cold\"; expected \"warm\""},
        {"\"produce_latency_ms\": {", "\"produce_latency_ms\": 3, \"other\": {",
         "measured.produce_latency_ms. is 3; expected a map of percentiles"},
        /* impossible */
        {"\"acked_records_per_s\": 10000", "\"acked_records_per_s\": -10000",
         "measured.acked_records_per_s is -10000; expected records a second, 0 or more"},
        {"\"acked_records_per_s\": 10000, \"acked_mb_per_s\": 10.0",
         "\"acked_records_per_s\": 0, \"acked_mb_per_s\": 0.0",
         ":1: row a-1: measured.acked_records_per_s is 0; expected above 0 beside latencies"},
        {"\"acked_records_per_s\": 10000, \"acked_mb_per_s\": 10.0",
         "\"acked_records_per_s\": 20000, \"acked_mb_per_s\": 20.0",
         "throughput is 20000 records/s; expected about the rate that was asked for"},
        {"\"p50\": 3.4", "\"p50\": 7.4", "measured.produce_latency_ms.p90 is 5.5, below p50"},
        {"\"p50\": 3.7", "\"p50\": 7.7", "measured.end_to_end_latency_ms.p99 is 6.9, below p50"},
        {"\"max\": 9.25", "\"max\": 6.0", "max is 6, below p99, which is 6.5"},
        {"\"mean\": 3.5", "\"mean\": 9.75",
         "measured.produce_latency_ms.mean is 9.75, above max, which is 9.25"},
        {"\"max\": 9.5}]", "\"max\": 9.5}, {\"mean\": 3.8, \"p50\": 7.7, \"p99\": 6.9}]",
         "measured.end_to_end_latency_ms.p99 is 6.9, below p50, which is 7.7"},
        {"\"replication\": 1", "\"replication\": 3", "replication is 3 with 1 brokers"},
        {"\"broker_cpu_cores\": [0.25]", "\"broker_cpu_cores\": [0.15]",
         "measured.broker_cpu_cores is 0.15; expected about the sum of its threads"},
        {"\"broker_cpu_cores\": [0.25]", "\"broker_cpu_cores\": [0.25, 0.2]",
         "expected a number for each broker"},
        {"\"bytes\": 202000000", "\"bytes\": 102000000",
         "102000000 bytes for 200000 records of 1000; expected at least the payload"},
        {"\"batches\": 14000", "\"batches\": 240000", "expected no empty ones"},
        {"\"id\": \"a-1\"", "\"id\": \"../a\"", "id is \"../a\"; expected letters"},
        {"\"family\": \"f\"", "\"family\": \"f: x\"", "family is \"f: x\"; expected letters"},
        /* units mixed */
        {"\"acked_mb_per_s\": 10.0", "\"acked_mb_per_s\": 9.5367",
         "measured.acked_mb_per_s is 9.5367; expected 10^6 bytes a second; this is MiB"},
        {"\"acked_mb_per_s\": 10.0", "\"acked_mb_per_s\": 80.0",
         "measured.acked_mb_per_s is 80.0; expected acked_records_per_s times record_bytes"},
        {"\"mean\": 3.5, \"p50\": 3.4, \"p90\": 5.5, \"p99\": 6.5, \"max\": 9.25",
         "\"mean\": 3500, \"p50\": 3400, \"p90\": 5500, \"p99\": 6500, \"max\": 9250",
         "measured.produce_latency_ms.mean is 3500, and the client's parts sum up to 3.27"},
        {"\"round_trip_mean_ms\": 0.5", "\"round_trip_mean_ms\": 500", "are the units mixed?"},
        {"\"broker_cpu_cores\": [0.25]", "\"broker_cpu_cores\": [25]", "are these per cent?"},
        {"\"client_cpu_cores\": 0.3", "\"client_cpu_cores\": 3000", "cores, not per cent"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_problem(changed(cases[i].from, cases[i].to), cases[i].expected);
    assert_problem("{\"id\": \"a\"\n", ":1: not JSON at column");
    assert_problem("{\"id\": \"a\", \"id\": \"b\"}\n", "duplicate");
    assert_problem("{}\n[]\n", ":2: expected an object");
}

/* Five are what two a second may well give in one. */
static void few_records__may_be_more_than_were_asked_for(void **state)
{
    (void)state;
    static const char few[] =
        "{\"id\": \"a-1\", \"family\": \"f\", \"repeat\": 1, \"config\": {\"client\": "
        "\"librdkafka\", \"rate_per_s\": 2, \"record_bytes\": 1000, \"partitions\": 4, "
        "\"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": 1000000, "
        "\"compression\": \"none\", \"warmup_s\": 0, \"measure_s\": 1}, \"measured\": "
        "{\"acked_records_per_s\": 5}}\n";
    struct rows rows = read_text(few, 0);
    rows_release(&rows);
}

static void topic_settings__are_those_of_the_scenario(void **state)
{
    (void)state;
    struct rows rows =
        read_text(changed("\"topic_config\": []",
                          "\"topic_config\": [\"segment.bytes=1048576\", \"flush.messages=7\", "
                          "\"min.insync.replicas=1\", \"retention.ms=60000\"]"),
                  0);
    struct scenario_doc *doc = scenario_of(rows.row, 1);
    const struct scenario_topic *topic = &scenario_base(doc)->topics[0];
    assert_int_equal(topic->config.segment_bytes, 1048576);
    assert_int_equal(topic->config.flush_messages, 7);
    assert_int_equal(topic->config.retention_ms, 60000);
    scenario_doc_free(doc);
    rows_release(&rows);
}

/* One reading tells everything that is wrong, in the order of the file. */
static void rows__are_checked_all_at_once(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, "tests/model/rows/broken.jsonl", &err), -1);
    assert_string_equal(err.text, rows.problems[0]);
    static const char *const expected[] = {
        "tests/model/rows/broken.jsonl:2: row b: measured.acked_records_per_s is missing",
        "tests/model/rows/broken.jsonl:3: row c: config.partitions is 0; expected 1 to 200000",
        "tests/model/rows/broken.jsonl:3: row c: config.burst is 0; expected 1 to 1000000 "
        "(records)",
        "tests/model/rows/broken.jsonl:5: row a: repeat 1 is at tests/model/rows/broken.jsonl:1 "
        "already",
        "tests/model/rows/broken.jsonl:6: row a: differs in its configuration from "
        "tests/model/rows/broken.jsonl:1, which has the same id",
    };
    assert_int_equal(rows.problem_count, sizeof expected / sizeof *expected);
    for (int i = 0; i < rows.problem_count; i++)
        assert_string_equal(rows.problems[i], expected[i]);
    rows_release(&rows);
}

#define LETTERS_60 "abcdefghijklmnopqrstabcdefghijklmnopqrstabcdefghijklmnopqrst"

/* Two that differ behind the last character that is kept would be one. */
static void names__that_are_too_long_are_refused(void **state)
{
    (void)state;
    assert_problem(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "1234\""),
                   "123: id is \"abc");
    assert_problem(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "1234\""),
                   "...; expected 63 characters at most");
    assert_problem(changed("\"family\": \"f\"", "\"family\": \"" LETTERS_60 "\""),
                   ":1: row a-1: family is \"abc");
    assert_problem("# id=" LETTERS_60 "1234\n", ":1: row " LETTERS_60 "123: id is " LETTERS_60
                                                "1234; expected 63 characters at most");
    assert_problem("# family=" LETTERS_60 "\n", "expected 31 characters at most");
    assert_problem("{\"workload\": \"" LETTERS_60 " 123\", \"publishRate\": [5.0]}",
                   "workload is \"" LETTERS_60 " 123\"; expected 63 characters at most");
    struct rows rows = read_text(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "123\""), 0);
    assert_string_equal(rows.row[0].id, LETTERS_60 "123");
    rows_release(&rows);
}

static void fields_that_nobody_reads__are_warned_of(void **state)
{
    (void)state;
    struct rows rows = read_text(changed("\"burst\": 1", "\"burst\": 1, \"tls\": true"), 0);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "row a-1: config.tls is not known and not read"));
    rows_release(&rows);
    static const char *const misspelt[][3] = {
        {"\"produce_latency_ms\"", "\"produce_latncy_ms\"", "measured.produce_latncy_ms is not"},
        {"\"round_trip_mean_ms\"", "\"round_trip_ms\"", "measured.client.round_trip_ms is not"},
        {"\"batches\"", "\"batchs\"", "measured.log_whole_run.batchs is not known and not"},
        {"\"disk_limit\": null", "\"disk_limit\": {\"iops\": 9}", "config.disk_limit.iops is"},
    };
    for (size_t i = 0; i < sizeof misspelt / sizeof *misspelt; i++) {
        rows = read_text(changed(misspelt[i][0], misspelt[i][1]), 0);
        assert_int_equal(rows.warning_count, 1);
        assert_non_null(strstr(rows.warnings[0], misspelt[i][2]));
        rows_release(&rows);
    }
    rows = read_text(changed("\"failed\": 0", "\"failed\": 12"), 0);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "measured.failed is 12"));
    rows_release(&rows);
}

/* A log whose warm-up ran at half the speed says how large batches are, not how many there were in the window. */
static void batches_and_bytes__are_those_of_the_window(void **state)
{
    (void)state;
    struct rows rows = read_text(changed("\"batches\": 14000, \"records\": 200000, "
                                         "\"bytes\": 202000000",
                                         "\"batches\": 12250, \"records\": 175000, "
                                         "\"bytes\": 176750000"),
                                 0);
    assert_near(rows.row[0].value[MEASURED_BATCHES], 700);
    assert_near(rows.row[0].value[MEASURED_DISK_BYTES], 10.1e6);
    rows_release(&rows);
}

#define FINAL_PERCENTILES "8 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n"
#define FINAL_TAIL        "2.34 ms avg latency, 312.00 ms max latency, " FINAL_PERCENTILES
#define FINAL             "150000 records sent, 9995.2 records/sec (9.53 MB/sec), " FINAL_TAIL

static void perf_test__is_read_with_its_mebibytes(void **state)
{
    (void)state;
    struct rows rows =
        read_text("# id=perf-a\n# record-size=1000\n# throughput=10000\n# acks=all\n"
                  "1000 records sent, 200.0 records/sec (0.19 MB/sec), 1.0 ms avg latency\n" FINAL,
                  0);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0].id, "perf-a");
    assert_near(rows.row[0].config.rate_per_s, 10000);
    assert_int_equal(rows.row[0].config.acks, -1);
    assert_near(rows.row[0].config.measure_s, 15); /* 150,000 at 9,995.2 a second */
    assert_near(rows.row[0].value[MEASURED_PRODUCE_MEAN], 0.00234);
    assert_near(rows.row[0].value[MEASURED_PRODUCE_P50], 0.008);
    assert_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.020);
    rows_release(&rows);
    rows = read_text(FINAL, 0); /* 9.53 MiB over 9995.2 */
    assert_near(rows.row[0].config.record_bytes, 1000);
    assert_true(rows.row[0].config.rate_max);
    rows_release(&rows);
}

static void perf_test__configuration_comes_from_its_command_line(void **state)
{
    (void)state;
    struct rows rows = read_text(
        "$ bin/kafka-producer-perf-test.sh --topic t --num-records 150000 --record-size 1000 \\\n"
        "# --record-size 1000 --throughput 10000 --producer-props bootstrap.servers=h:9092 acks=1 "
        "linger.ms=20 compression.type=lz4\n"
        "# partitions=12 replication=1 random_payload_share=0.7\n" FINAL FINAL
        "# linger.ms=0\n" FINAL,
        0);
    assert_int_equal(rows.count, 3);
    assert_string_equal(rows.row[0].id, "perf-1");
    assert_string_equal(rows.row[1].id, "perf-1");
    assert_int_equal(rows.row[1].repeat, 2);
    assert_string_equal(rows.row[2].id, "perf-2");
    assert_int_equal(rows.row[2].repeat, 1);
    const struct row_config *c = &rows.row[0].config;
    assert_int_equal(c->partitions, 12);
    assert_int_equal(c->acks, 1);
    assert_near(c->linger_ms, 20);
    assert_near(c->rate_per_s, 10000);
    assert_string_equal(c->compression, "lz4");
    assert_near(c->random_payload_share, 0.7);
    assert_near(rows.row[2].config.linger_ms, 0);
    assert_int_equal(rows.row[2].config.acks, 1); /* still */
    assert_true(rows.row[2].elsewhere);
    assert_int_equal(rows.warning_count, 0);
    scenario_doc_free(scenario_of(rows.row, 2));
    rows_release(&rows);
}

/* 64 kB of records of a thousand letters each, by the codec itself. */
static double letters_ratio(enum broker_codec codec)
{
    static uint8_t bytes[64 * 1009];
    uint32_t state = 1;
    uint8_t *packed;
    size_t size;
    struct broker_err err = {""};
    for (size_t i = 0; i < sizeof bytes; i++) {
        state = state * 1664525 + 1013904223; /* Numerical Recipes' generator */
        bytes[i] = i % 1009 < 1000 ? (uint8_t)('A' + (state >> 16) % 26) : (uint8_t)(i / 1009 % 7);
    }
    assert_int_equal(broker_compress(codec, bytes, sizeof bytes, &packed, &size, &err), BROKER_OK);
    free(packed);
    return (double)sizeof bytes / (double)size;
}

static void perf_test__letters_compress_as_each_codec_compresses_them(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum broker_codec codec;
    } codecs[] = {{"gzip", BROKER_GZIP},
                  {"snappy", BROKER_SNAPPY},
                  {"lz4", BROKER_LZ4},
                  {"zstd", BROKER_ZSTD}};
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "# partitions=1 replication=1 throughput=10000 compression=%s\n" FINAL,
                 codecs[i].name);
        struct rows rows = read_text(text, 0);
        assert_non_null(strstr(rows.warnings[0], "as the tool's random letters do"));
        struct scenario_doc *doc = scenario_of(rows.row, 1);
        double taken = scenario_base(doc)->producers[0].compression_ratio.ratio[0];
        if (fabs(taken / letters_ratio(codecs[i].codec) - 1) > 0.03)
            fail_msg("%s: %g taken, %g seen", codecs[i].name, taken,
                     letters_ratio(codecs[i].codec));
        scenario_doc_free(doc);
        rows_release(&rows);
    }
    struct rows rows = read_text("# compression=zstd payload-file=p.txt\n" FINAL, 0);
    assert_near(rows.row->config.random_payload_share, 1);
    rows_release(&rows);
}

/* As it stands in a shell's history, in a script, and in notes. */
static void perf_test__command_may_be_broken_over_lines(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "kafka-producer-perf-test.sh --topic t \\\n  --record-size 1000 \\\n  --throughput 20000 "
        "\\\n  --producer-props acks=0 linger.ms=20 compression.type=lz4\n",
        "# bin/kafka-producer-perf-test.sh --topic t \\\r\n# --throughput \\\r\n# 20000 "
        "--producer-props \\\r\n#   acks=0 linger.ms=20 \\\r\n#   compression.type=lz4\r\n",
        "$ kafka-producer-perf-test.sh --topic t\n> --throughput 20000\n> --producer-props acks=0 "
        "linger.ms=20 compression.type=lz4\n",
        "kafka-producer-perf-test.sh --topic=t --record-size=1000 --throughput=20000 "
        "--producer-props=acks=0 linger.ms=20 compression.type=lz4 \\\n",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "# partitions=4 replication=1 random_payload_share=1\n%s" FINAL "# " FINAL,
                 commands[i]);
        struct rows rows = read_text(text, 0);
        assert_int_equal(rows.count, 1);
        const struct row_config *c = &rows.row[0].config;
        assert_false(c->rate_max);
        assert_near(c->rate_per_s, 20000);
        assert_near(c->linger_ms, 20);
        assert_int_equal(c->acks, 0);
        assert_string_equal(c->compression, "lz4");
        assert_int_equal(rows.warning_count, 0);
        rows_release(&rows);
    }
    struct rows rows = read_text("kafka-producer-perf-test.sh --record-size 1000 \\\n"
                                 "--tls=on\n--throughput none\n" FINAL,
                                 -1);
    assert_told(&rows, ":3: throughput is none; expected records a second");
    assert_non_null(strstr(rows.warnings[0], ":2: option tls=on is not read"));
    rows_release(&rows);
}

static void perf_test__comments_hold_any_number_of_pairs(void **state)
{
    (void)state;
    struct rows rows = read_text("# partitions=12 replication=3 acks=all record-size=1000 "
                                 "throughput=10000\n# on Monday: linger.ms=5, tls=on\n" FINAL,
                                 0);
    const struct row_config *c = &rows.row[0].config;
    assert_int_equal(c->partitions, 12);
    assert_int_equal(c->replication, 3);
    assert_int_equal(c->acks, -1);
    assert_near(c->record_bytes, 1000);
    assert_near(c->rate_per_s, 10000);
    assert_false(c->rate_max);
    assert_near(c->linger_ms, 5);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], ":2: option tls=on is not read"));
    rows_release(&rows);
    rows = read_text("# partitions=12\n" FINAL, 0);
    assert_true(rows.row[0].config.rate_max);
    assert_int_equal(rows.warning_count, 2);
    assert_non_null(
        strstr(rows.warnings[0], "replication is not said (`# replication=N`): 1 is taken"));
    assert_non_null(strstr(rows.warnings[1], "throughput is not said"));
    rows_release(&rows);
}

/* With --warmup-records the tool prints a second line, of what was sent thereafter: that is the row. */
static void perf_test__steady_state_replaces_the_whole(void **state)
{
    (void)state;
    struct rows rows = read_text(
        "# record-size=1000\n" FINAL
        "100000 steady state records sent, 10000.000000 records/sec (9.54 MB/sec), 1.50 ms "
        "avg latency, 20.00 ms max latency, 1 ms 50th, 3 ms 95th, 5 ms 99th, 8 ms 99.9th.\n",
        0);
    assert_int_equal(rows.count, 1);
    assert_near(rows.row[0].value[MEASURED_THROUGHPUT], 10000);
    assert_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.005);
    assert_near(rows.row[0].config.measure_s, 10);
    assert_near(rows.row[0].config.warmup_s, 5);
    rows_release(&rows);
}

static void percentiles__of_whole_milliseconds_are_left_out_where_they_say_little(void **state)
{
    (void)state;
    struct rows rows = read_text(
        "# partitions=4, replication=1, throughput=-1\n100000 records sent, 10000.0 records/sec "
        "(9.54 MB/sec), "
        "1.50 ms "
        "avg latency, 20.00 ms max latency, 0 ms 50th, 3 ms 95th, 5 ms 99th, 8 ms 99.9th.\n",
        0);
    assert_true(isnan(rows.row[0].value[MEASURED_PRODUCE_P50]));
    assert_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.005);
    assert_near(rows.row[0].value[MEASURED_PRODUCE_MEAN], 0.0015);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "percentiles below 5 ms are left out"));
    rows_release(&rows);
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, ROWS, &err), 0);
    const struct row *row = find(&rows, "java-04", 2); /* 1 and 5 ms */
    assert_true(isnan(row->value[MEASURED_PRODUCE_P50]));
    assert_near(row->value[MEASURED_PRODUCE_P99], 0.005);
    assert_near(row->value[MEASURED_PRODUCE_MEAN], 0.00164);
    assert_near(row->value[MEASURED_CLIENT_CPU], 0.2097 - 0.0633); /* without the compiler */
    rows_release(&rows);
}

static void perf_test__is_refused_with_its_line(void **state)
{
    (void)state;
    assert_problem("# record-size=1048\n" FINAL, ":2: row perf-1: record-size is 1048 but rates");
    assert_problem("# linger.ms=-1\n" FINAL, ":1: linger.ms is -1; expected 0 to 900000");
    assert_problem("# throughput=0\n" FINAL, ":1: throughput is 0; expected records a second, or");
    assert_problem("# throughput=nan\n" FINAL, ":1: throughput is nan; expected records a second");
    assert_problem("# acks=2\n" FINAL, ":1: acks is 2; expected 0, 1 or all");
    assert_problem("# partitions=many\n" FINAL, ":1: partitions is many; expected 1 to 200000");
    assert_problem("# compression.type=br\n" FINAL, "compression is br; expected none, gzip");
    assert_problem("# id=../x\n" FINAL, "id is \"../x\"; expected letters");
    assert_problem("150000 records sent, 9995,2 records/sec (9,53 MB/sec), " FINAL_TAIL,
                   ":1: not read; expected \"N records sent");
    assert_problem("0 records sent, 0.0 records/sec (0.00 MB/sec), " FINAL_TAIL,
                   ":1: no records were sent");
    assert_problem("150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, "
                   "312.00 ms max latency, 80 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n",
                   ":1: row perf-1: 95th is 15, below 50th, which is 80");
    assert_problem("# record-size=1000\n150000 records sent, 9995.2 records/sec (9.53 MB/sec), "
                   "400.00 ms avg latency, 312.00 ms max latency, " FINAL_PERCENTILES,
                   ":2: row perf-1: avg latency is 400, above max latency, which is 312");
    assert_problem("150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, "
                   "32.00 ms max latency, " FINAL_PERCENTILES,
                   "max latency is 32, below 99.9th, which is 45");
    assert_problem(
        "# record-size=1000\n1500 records sent, 100.0 records/sec (0.95 MB/sec), " FINAL_TAIL,
        "record-size is 1000 but rates say 9961 bytes");
    assert_problem("1500 records sent, 100.0 records/sec (0.01 MB/sec), " FINAL_TAIL,
                   "record-size is not said (`# record-size=N`), and 0.01 MB/sec are too few");
    struct rows rows = read_text("# tls=on\n" FINAL, 0);
    assert_non_null(strstr(rows.warnings[0], ":1: option tls=on is not read"));
    rows_release(&rows);
}

#define OMB                                                                                        \
    "{\n \"workload\": \"1 topic / 100 B\", \"driver\": \"Kafka\", \"messageSize\": 1024, "        \
    "\"topics\": 2, \"partitions\": 100, \"consumersPerTopic\": 1, \"publishRate\": [200000.0, "   \
    "200100.0], \"consumeRate\": [200000.0, 200100.0], \"publishDelayLatencyAvg\": [44.0], "       \
    "\"aggregatedPublishLatencyAvg\": 2.3, \"aggregatedPublishLatency50pct\": 2.1, "               \
    "\"aggregatedPublishLatency99pct\": 4.3, \"aggregatedEndToEndLatency50pct\": 3.0, "            \
    "\"aggregatedEndToEndLatency99pct\": 5.4\n}\n"

static void open_messaging_result__is_read(void **state)
{
    (void)state;
    struct rows rows = read_text(OMB, 0);
    assert_int_equal(rows.count, 1);
    const struct row *row = rows.row;
    assert_string_equal(row->id, "1-topic-100-B");
    assert_near(row->value[MEASURED_THROUGHPUT], 200050);
    assert_near(row->value[MEASURED_PRODUCE_MEAN], 0.0023);
    assert_near(row->value[MEASURED_END_TO_END_P99], 0.0054);
    assert_int_equal(row->config.partitions, 200);
    assert_int_equal(row->config.consumer_groups, 1);
    assert_near(row->config.record_bytes, 1024);
    assert_near(row->config.measure_s, 20); /* two samples */
    assert_int_equal(rows.warning_count, 2);
    assert_non_null(strstr(rows.warnings[0], "does not say the driver's replication"));
    assert_non_null(strstr(rows.warnings[1], "2 topics with a producer or more each become one"));
    scenario_doc_free(scenario_of(row, 1));
    rows_release(&rows);
    assert_problem("{\"publishRate\": []}", "publishRate has no samples");
    assert_problem("{\"publishRate\": [5.0]}", "aggregatedPublishLatency99pct is missing");
}

static void open_messaging_result__is_refused_with_its_field(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *expected;
    } cases[] = {
        {"\"aggregatedPublishLatency50pct\": 9.5, \"aggregatedPublishLatency99pct\": 4.3",
         "row omb: aggregatedPublishLatency99pct is 4.3, below 50pct, which is 9.5"},
        {"\"aggregatedPublishLatencyAvg\": 7, \"aggregatedPublishLatencyMax\": 6",
         "aggregatedPublishLatencyAvg is 7, above Max, which is 6"},
        {"\"aggregatedEndToEndLatency99pct\": 7, \"aggregatedEndToEndLatencyMax\": 6",
         "aggregatedEndToEndLatencyMax is 6, below 99pct, which is 7"},
        {"\"aggregatedPublishLatency50pct\": -1", "aggregatedPublishLatency50pct is -1; expected"},
        {"\"messageSize\": -1024", "messageSize is -1024; expected 0 to"},
        {"\"topics\": 2.5", "topics is 2.5; expected 1 to 200000"},
        {"\"consumeRate\": [1, -60000]", "consumeRate: sample 2 is -60000; expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        snprintf(text, sizeof text, "{\"publishRate\": [5.0], %s}", cases[i].fields);
        assert_problem(text, cases[i].expected);
    }
}

/* Of three topics: a partition is written by its topic's two producers, and read by one of the twelve consumers. */
static void open_messaging_result__keeps_its_clients(void **state)
{
    (void)state;
    struct rows rows = read_text("{\"topics\": 3, \"partitions\": 16, \"producersPerTopic\": 2, "
                                 "\"consumersPerTopic\": 4, \"publishRate\": [60000.0], "
                                 "\"consumeRate\": [60000.0], \"messageSize\": 1024, "
                                 "\"aggregatedPublishLatencyAvg\": 2.3, "
                                 "\"aggregatedPublishLatency50pct\": 2.1, "
                                 "\"aggregatedPublishLatency99pct\": 4.3, "
                                 "\"aggregatedEndToEndLatency50pct\": 3.0, "
                                 "\"aggregatedEndToEndLatency99pct\": 5.4}\n",
                                 0);
    assert_int_equal(rows.warning_count, 2);
    assert_non_null(strstr(rows.warnings[1], "become one topic with 2 producers"));
    struct scenario_doc *doc = scenario_of(rows.row, 1);
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->topics[0].partitions, 48);
    assert_int_equal(s->producers[0].clients, 2);
    assert_int_equal(s->producers[0].arrivals.kind, SCENARIO_ARRIVALS_CONSTANT);
    assert_int_equal(s->groups[0].clients, 12);
    scenario_doc_free(doc);
    rows_release(&rows);
}

/* Twice as much is read as is written, or would be if the consumers kept up: each subscription reads everything. */
static void open_messaging_result__has_a_group_for_each_subscription(void **state)
{
    (void)state;
    static const char *const rates[] = {
        "\"consumeRate\": [120000.0, 120000.0]",
        "\"consumeRate\": [80000.0, 80000.0], \"backlog\": [100000, 500000]"};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "{\"topics\": 1, \"partitions\": 16, \"consumersPerTopic\": 4, "
                 "\"publishRate\": [60000.0, 60000.0], %s, \"messageSize\": 1024, "
                 "\"aggregatedPublishLatencyAvg\": 2.3, \"aggregatedPublishLatency50pct\": 2.1, "
                 "\"aggregatedPublishLatency99pct\": 4.3, \"aggregatedEndToEndLatency50pct\": 3.0, "
                 "\"aggregatedEndToEndLatency99pct\": 5.4}\n",
                 rates[i]);
        struct rows rows = read_text(text, 0);
        assert_int_equal(rows.row->config.consumer_groups, 2);
        assert_non_null(strstr(rows.warnings[1], "2 subscriptions are taken, with 4 consumers"));
        struct scenario_doc *doc = scenario_of(rows.row, 1);
        assert_int_equal(scenario_base(doc)->group_count, 2);
        assert_int_equal(scenario_base(doc)->groups[1].clients, 4);
        scenario_doc_free(doc);
        rows_release(&rows);
    }
}

/* The cluster of another scenario, word for word; its clients then have machines of their own. */
static void scenario__takes_the_cluster_that_is_given(void **state)
{
    (void)state;
    static const char cluster[] = "cluster:\n  brokers: 3 # mine\n  machine: aws/i3en.2xlarge\n";
    struct rows rows = read_text(OMB, 0);
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(
        rows_scenario_write(rows.row, 1, "generic", &(struct row_place){cluster, NULL}, out), 0);
    fclose(out);
    assert_non_null(strstr(text, cluster));
    assert_int_equal(scenario_load_text("row.yaml", text, size, &options, &doc), SCENARIO_OK);
    assert_int_equal(scenario_base(doc)->cluster.brokers, 3);
    assert_int_equal(scenario_base(doc)->groups[0].beside, -1);
    assert_int_equal(scenario_base(doc)->groups[0].client, SCENARIO_CLIENT_JAVA);
    scenario_doc_free(doc);
    free(text);
    rows_release(&rows);
}

/* NULL, or what is said of the row on machines of so many cores. */
static const char *refusal(const char *text, int brokers, int together, int vcpus, int client_vcpus)
{
    static struct broker_err err;
    struct rows rows = read_text(text, 0);
    struct scenario_producer producer = {.machine.vcpus = client_vcpus};
    struct scenario s = {.cluster = {.brokers = brokers, .brokers_per_machine = together},
                         .producer_count = 1,
                         .producers = &producer};
    s.cluster.machine.vcpus = vcpus;
    int rc = row_check_machines(rows.row, &s, &err);
    rows_release(&rows);
    return rc != 0 ? err.text : NULL;
}

#define PERF_OF_ANY "# partitions=4 replication=1 throughput=10000\n" FINAL
#define PERF_OF_ONE "# brokers=1 partitions=4 replication=1 throughput=10000\n" FINAL

static void cpu__is_no_more_than_the_machines_have(void **state)
{
    (void)state;
    static const char broker[] = "\"broker_cpu_cores\": [3], \"broker_threads_cpu_cores\": [{}]",
                      was[] = "\"broker_cpu_cores\": [0.25], \"broker_threads_cpu_cores\": "
                              "[{\"io\": 0.2, \"gc\": 0.01}]";
    assert_null(refusal(good, 1, 1, 1, 1));
    const char *said = refusal(changed(was, broker), 1, 1, 1, 1);
    assert_non_null(said);
    assert_non_null(strstr(said, ":1: row a-1: measured.broker_cpu_cores is 3 cores; expected up "
                                 "to 1, those of a broker's machine"));
    assert_null(refusal(changed(was, broker), 1, 1, 4, 1));
    said = refusal(changed("\"client_cpu_cores\": 0.3", "\"client_cpu_cores\": 2.5"), 1, 1, 1, 2);
    assert_non_null(said);
    assert_non_null(strstr(said, "measured.client_cpu_cores is 2.5 cores; expected up to 2"));
    assert_null(
        refusal(changed("\"client_cpu_cores\": 0.3", "\"client_cpu_cores\": 2.1"), 1, 1, 1, 2));
    /* 0.25 a broker: on machines of one core, the row's brokers unsaid */
    const char *unsaid = changed(", \"measure_s\": 15, \"brokers\": 1}", ", \"measure_s\": 15}");
    assert_null(refusal(unsaid, 3, 3, 1, 1));
    said = refusal(unsaid, 6, 6, 1, 1);
    assert_non_null(said);
    assert_non_null(
        strstr(said, "measured.broker_cpu_cores in sum is 1.5 cores; expected up to 1"));
    assert_null(refusal(unsaid, 6, 3, 1, 1));
}

static void brokers__are_as_many_as_the_cluster_has(void **state)
{
    (void)state;
    const char *said = refusal(good, 3, 3, 1, 1);
    assert_non_null(said);
    assert_non_null(strstr(said, ":1: row a-1: brokers is 1; expected 3, those of --cluster"));
    said = refusal(PERF_OF_ONE, 3, 1, 1, 1);
    assert_non_null(said);
    assert_non_null(strstr(said, ":2: row perf-1: brokers is 1; expected 3"));
    assert_null(refusal(PERF_OF_ANY, 3, 1, 1, 1));
}

/* Of a cluster whose other brokers run elsewhere: one number of three is no mean. */
static void cpu__of_some_brokers_is_left_out(void **state)
{
    (void)state;
    struct rows rows = read_text(changed("\"brokers\": 1}", "\"brokers\": 3}"), 0);
    assert_true(isnan(rows.row->value[MEASURED_BROKER_CPU]));
    assert_near(rows.row->broker_cpu_most, 0.25);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "measured.broker_cpu_cores has 1 of 3 brokers"));
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
        cmocka_unit_test(row__is_read_field_by_field),
        cmocka_unit_test(rows_that_ship__are_read_whole),
        cmocka_unit_test(rows_that_ship__give_no_warnings),
        cmocka_unit_test(scenarios_that_ship__are_those_of_the_rows),
        cmocka_unit_test(scenario__has_a_value_for_each_repeat),
        cmocka_unit_test(scenario__says_the_conditions_of_its_row),
        cmocka_unit_test(row__is_refused_with_its_place_and_field),
        cmocka_unit_test(few_records__may_be_more_than_were_asked_for),
        cmocka_unit_test(topic_settings__are_those_of_the_scenario),
        cmocka_unit_test(rows__are_checked_all_at_once),
        cmocka_unit_test(names__that_are_too_long_are_refused),
        cmocka_unit_test(fields_that_nobody_reads__are_warned_of),
        cmocka_unit_test(batches_and_bytes__are_those_of_the_window),
        cmocka_unit_test(perf_test__is_read_with_its_mebibytes),
        cmocka_unit_test(perf_test__configuration_comes_from_its_command_line),
        cmocka_unit_test(perf_test__letters_compress_as_each_codec_compresses_them),
        cmocka_unit_test(perf_test__command_may_be_broken_over_lines),
        cmocka_unit_test(perf_test__comments_hold_any_number_of_pairs),
        cmocka_unit_test(perf_test__steady_state_replaces_the_whole),
        cmocka_unit_test(percentiles__of_whole_milliseconds_are_left_out_where_they_say_little),
        cmocka_unit_test(perf_test__is_refused_with_its_line),
        cmocka_unit_test(open_messaging_result__is_read),
        cmocka_unit_test(open_messaging_result__is_refused_with_its_field),
        cmocka_unit_test(open_messaging_result__keeps_its_clients),
        cmocka_unit_test(open_messaging_result__has_a_group_for_each_subscription),
        cmocka_unit_test(scenario__takes_the_cluster_that_is_given),
        cmocka_unit_test(cpu__is_no_more_than_the_machines_have),
        cmocka_unit_test(brokers__are_as_many_as_the_cluster_has),
        cmocka_unit_test(cpu__of_some_brokers_is_left_out),
        cmocka_unit_test(file_without_rows__is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
