/*
 * Measured rows as `measure` writes them: what is read of them, and what is refused. The rows themselves are those that ship; oracles are
 * their own fields, looked up by hand.
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

#include "tests/support/rows_text.h"

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
    "\"client_cpu_cores\": 0.3, \"gc_pauses\": [{\"count\": 2, \"total_ms\": 31.5, \"max_ms\": "
    "16.25}], \"log_whole_run\": {\"batches\": 14000, \"records\": 200000, "
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
    struct rows rows = rows_text_read(good, 0);
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
        rows_text_near(row->value[expected[q].quantity], expected[q].value);
    rows_text_near(row->pauses, 2);
    rows_text_near(row->pause_s, 0.0315);
    rows_release(&rows);
}

static const char whole_client[] = "\"client_cpu_cores\": 0.3, ";
static const char both_threads[] =
    "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": {\"application\": 0.19, "
    "\"librdkafka_broker_thread\": 0.1, \"librdkafka_main\": 0.003}, ";
static const char one_thread[] = "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": "
                                 "{\"application\": 0.298}, ";

/* A thread that is not listed used little: how little is not known. */
static void client_threads__are_read_where_both_are_listed(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(changed(whole_client, both_threads), 0);
    rows_text_near(rows.row->value[FITTED_APPLICATION_CPU], 0.19);
    rows_text_near(rows.row->value[FITTED_BROKER_THREAD_CPU], 0.1);
    rows_text_near(rows.row->value[MEASURED_CLIENT_CPU], 0.3);
    rows_release(&rows);
    rows = rows_text_read(changed(whole_client, one_thread), 0);
    assert_true(isnan(rows.row->value[FITTED_APPLICATION_CPU]));
    assert_true(isnan(rows.row->value[FITTED_BROKER_THREAD_CPU]));
    rows_text_near(rows.row->value[MEASURED_CLIENT_CPU], 0.3);
    rows_release(&rows);
}

static const char one_broker[] = "[{\"io\": 0.2, \"gc\": 0.01}]";
static const char its_threads[] = "[{\"network_and_io_threads\": 0.2, \"jit_compiler\": 0.01}]";

static void broker_threads__are_read_where_they_are_listed(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(changed(one_broker, its_threads), 0);
    rows_text_near(rows.row->value[FITTED_REQUEST_CPU], 0.2);
    assert_true(isnan(rows.row->value[FITTED_FETCHER_CPU]));
    rows_text_near(rows.row->value[FITTED_OTHER_CPU], 0.05);
    rows_release(&rows);
    rows = rows_text_read(good, 0); /* names of another kind */
    for (int q = FITTED_REQUEST_CPU; q <= FITTED_OTHER_CPU; q++)
        assert_true(isnan(rows.row->value[q]));
    rows_release(&rows);
}

static void rows_that_ship__are_read_whole(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct broker_err err = {""};
    if (rows_read(&rows, ROWS_THAT_SHIP, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(rows.count, 136);
    const struct row *row = rows_text_find(&rows, "rate-01", 2);
    rows_text_near(row->value[MEASURED_THROUGHPUT], 19995.1);
    rows_text_near(row->value[MEASURED_PRODUCE_P50], 0.003392);
    rows_text_near(row->value[MEASURED_ROUND_TRIP], 0.000568);
    rows_text_near(row->value[MEASURED_BROKER_CPU], 0.2293);
    rows_text_near(row->value[FITTED_APPLICATION_CPU], 0.424);
    rows_text_near(row->value[FITTED_BROKER_THREAD_CPU], 0.09);
    assert_true(isnan(row->value[MEASURED_END_TO_END_P50]));
    row = rows_text_find(&rows, "net3-01", 1);
    rows_text_near(row->value[MEASURED_BROKER_CPU], (0.252 + 0.2293 + 0.2227) / 3);
    rows_text_near(row->config.link_bytes_per_s, 125e6);
    assert_int_equal(row->config.acks, -1);
    row = rows_text_find(&rows, "fsync-throttled-02", 1);
    rows_text_near(row->config.disk_write_iops, 100);
    rows_text_near(row->config.flush_messages, 1);
    assert_true(isnan(row->value[MEASURED_PRODUCE_P50])); /* nothing was acknowledged in time */
    assert_true(rows_text_find(&rows, "rate-10", 2)->config.rate_max);
    assert_true(isnan(rows_text_find(&rows, "rf3-02", 1)->value[MEASURED_ROUND_TRIP])); /* acks=0 */
    rows_release(&rows);
}

static void rows_that_ship__give_no_warnings(void **state)
{
    (void)state;
    static const char *const files[] = {ROWS_THAT_SHIP,
                                        "scenarios/validation/kafka-4.2/repeats.jsonl",
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
        {"\"total_ms\": 31.5", "\"total_ms\": 210000",
         "measured.gc_pauses.total_ms is [{\"count\": 2, \"total_ms\": 210000"},
        {"\"count\": 2", "\"count\": -2", "measured.gc_pauses.count is -2; expected"},
        {"\"broker_cpu_cores\": [0.25]", "\"broker_cpu_cores\": [25]", "are these per cent?"},
        {"\"client_cpu_cores\": 0.3", "\"client_cpu_cores\": 3000", "cores, not per cent"},
        {"\"gc\": 0.01", "\"gc\": -0.01",
         "row a-1: measured.broker_threads_cpu_cores is {\"io\": 0.2, \"gc\": -0.01}; expected "
         "cores "
         "by thread, 0 or more"},
        {whole_client,
         "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": {\"application\": -0.19}, ",
         "row a-1: measured.client_threads_cpu_cores is {\"application\": -0.19}; expected cores "
         "by "
         "thread, 0 or more"},
        {whole_client,
         "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": {\"application\": \"0.19\"}, ",
         "row a-1: measured.client_threads_cpu_cores is {\"application\": \"0.19\"}; expected"},
        {whole_client,
         "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": {\"application\": 19, "
         "\"librdkafka_broker_thread\": 10}, ",
         "expected threads that use no more than client_cpu_cores together (are these per cent?)"},
        {whole_client, "\"client_cpu_cores\": 0.3, \"client_threads_cpu_cores\": [0.2, 0.1], ",
         "measured.client_threads_cpu_cores is [0.2, 0.1]; expected a map of cores by thread"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        rows_text_problem(changed(cases[i].from, cases[i].to), cases[i].expected);
    rows_text_problem("{\"id\": \"a\"\n", ":1: not JSON at column");
    rows_text_problem("{\"id\": \"a\", \"id\": \"b\"}\n", "duplicate");
    rows_text_problem("{}\n[]\n", ":2: expected an object");
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
    struct rows rows = rows_text_read(few, 0);
    rows_release(&rows);
}

static void topic_settings__are_those_of_the_scenario(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(
        changed("\"topic_config\": []",
                "\"topic_config\": [\"segment.bytes=1048576\", \"flush.messages=7\", "
                "\"min.insync.replicas=1\", \"retention.ms=60000\"]"),
        0);
    struct scenario_doc *doc = rows_text_scenario(rows.row, 1);
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
    rows_text_problem(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "1234\""),
                      "123: id is \"abc");
    rows_text_problem(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "1234\""),
                      "...; expected 63 characters at most");
    rows_text_problem(changed("\"family\": \"f\"", "\"family\": \"" LETTERS_60 "\""),
                      ":1: row a-1: family is \"abc");
    rows_text_problem("# id=" LETTERS_60 "1234\n", ":1: row " LETTERS_60 "123: id is " LETTERS_60
                                                   "1234; expected 63 characters at most");
    rows_text_problem("# family=" LETTERS_60 "\n", "expected 31 characters at most");
    rows_text_problem("{\"workload\": \"" LETTERS_60 " 123\", \"publishRate\": [5.0]}",
                      "workload is \"" LETTERS_60 " 123\"; expected 63 characters at most");
    struct rows rows =
        rows_text_read(changed("\"id\": \"a-1\"", "\"id\": \"" LETTERS_60 "123\""), 0);
    assert_string_equal(rows.row[0].id, LETTERS_60 "123");
    rows_release(&rows);
}

static void fields_that_nobody_reads__are_warned_of(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(changed("\"burst\": 1", "\"burst\": 1, \"tls\": true"), 0);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "row a-1: config.tls is not known and not read"));
    rows_release(&rows);
    static const char *const misspelt[][3] = {
        {"\"produce_latency_ms\"", "\"produce_latncy_ms\"", "measured.produce_latncy_ms is not"},
        {"\"round_trip_mean_ms\"", "\"round_trip_ms\"", "measured.client.round_trip_ms is not"},
        {"\"batches\"", "\"batchs\"", "measured.log_whole_run.batchs is not known and not"},
        {"\"max_ms\"", "\"max\"", "measured.gc_pauses.max is not known and not"},
        {"\"disk_limit\": null", "\"disk_limit\": {\"iops\": 9}", "config.disk_limit.iops is"},
    };
    for (size_t i = 0; i < sizeof misspelt / sizeof *misspelt; i++) {
        rows = rows_text_read(changed(misspelt[i][0], misspelt[i][1]), 0);
        assert_int_equal(rows.warning_count, 1);
        assert_non_null(strstr(rows.warnings[0], misspelt[i][2]));
        rows_release(&rows);
    }
    rows = rows_text_read(changed("\"failed\": 0", "\"failed\": 12"), 0);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "measured.failed is 12"));
    rows_release(&rows);
}

/* A log whose warm-up ran at half the speed says how large batches are, not how many there were in the window. */
static void batches_and_bytes__are_those_of_the_window(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(changed("\"batches\": 14000, \"records\": 200000, "
                                              "\"bytes\": 202000000",
                                              "\"batches\": 12250, \"records\": 175000, "
                                              "\"bytes\": 176750000"),
                                      0);
    rows_text_near(rows.row[0].value[MEASURED_BATCHES], 700);
    rows_text_near(rows.row[0].value[MEASURED_DISK_BYTES], 10.1e6);
    rows_release(&rows);
}

/* NULL, or what is said of the row on machines of so many cores. */
static const char *refusal(const char *text, int brokers, int together, int vcpus, int client_vcpus)
{
    static struct broker_err err;
    struct rows rows = rows_text_read(text, 0);
    struct scenario_producer producer = {.machine.vcpus = client_vcpus};
    struct scenario s = {.cluster = {.brokers = brokers, .brokers_per_machine = together},
                         .producer_count = 1,
                         .producers = &producer};
    s.cluster.machine.vcpus = vcpus;
    int rc = row_check_machines(rows.row, &s, &err);
    rows_release(&rows);
    return rc != 0 ? err.text : NULL;
}

#define FINAL                                                                                      \
    "150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, 312.00 ms max "   \
    "latency, 8 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n"
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
    struct rows rows = rows_text_read(changed("\"brokers\": 1}", "\"brokers\": 3}"), 0);
    assert_true(isnan(rows.row->value[MEASURED_BROKER_CPU]));
    rows_text_near(rows.row->broker_cpu_most, 0.25);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "measured.broker_cpu_cores has 1 of 3 brokers"));
    rows_release(&rows);
}

static void file_without_rows__is_an_error(void **state)
{
    (void)state;
    rows_text_problem("nothing here\n", "no rows");
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
        cmocka_unit_test(client_threads__are_read_where_both_are_listed),
        cmocka_unit_test(broker_threads__are_read_where_they_are_listed),
        cmocka_unit_test(rows_that_ship__are_read_whole),
        cmocka_unit_test(rows_that_ship__give_no_warnings),
        cmocka_unit_test(row__is_refused_with_its_place_and_field),
        cmocka_unit_test(few_records__may_be_more_than_were_asked_for),
        cmocka_unit_test(topic_settings__are_those_of_the_scenario),
        cmocka_unit_test(rows__are_checked_all_at_once),
        cmocka_unit_test(names__that_are_too_long_are_refused),
        cmocka_unit_test(fields_that_nobody_reads__are_warned_of),
        cmocka_unit_test(batches_and_bytes__are_those_of_the_window),
        cmocka_unit_test(cpu__is_no_more_than_the_machines_have),
        cmocka_unit_test(brokers__are_as_many_as_the_cluster_has),
        cmocka_unit_test(cpu__of_some_brokers_is_left_out),
        cmocka_unit_test(file_without_rows__is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
