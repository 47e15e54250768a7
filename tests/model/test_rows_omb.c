/* Results of the OpenMessaging Benchmark as rows. */
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
    struct rows rows = rows_text_read(OMB, 0);
    assert_int_equal(rows.count, 1);
    const struct row *row = rows.row;
    assert_string_equal(row->id, "1-topic-100-B");
    rows_text_near(row->value[MEASURED_THROUGHPUT], 200050);
    rows_text_near(row->value[MEASURED_PRODUCE_MEAN], 0.0023);
    rows_text_near(row->value[MEASURED_END_TO_END_P99], 0.0054);
    assert_int_equal(row->config.partitions, 200);
    assert_int_equal(row->config.consumer_groups, 1);
    rows_text_near(row->config.record_bytes, 1024);
    rows_text_near(row->config.measure_s, 20); /* two samples */
    assert_int_equal(rows.warning_count, 2);
    assert_non_null(strstr(rows.warnings[0], "does not say the driver's replication"));
    assert_non_null(strstr(rows.warnings[1], "2 topics with a producer or more each become one"));
    scenario_doc_free(rows_text_scenario(row, 1));
    rows_release(&rows);
    rows_text_problem("{\"publishRate\": []}", "publishRate has no samples");
    rows_text_problem("{\"publishRate\": [5.0]}", "aggregatedPublishLatency99pct is missing");
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
        rows_text_problem(text, cases[i].expected);
    }
}

/* Of three topics: a partition is written by its topic's two producers, and read by one of the twelve consumers. */
static void open_messaging_result__keeps_its_clients(void **state)
{
    (void)state;
    struct rows rows =
        rows_text_read("{\"topics\": 3, \"partitions\": 16, \"producersPerTopic\": 2, "
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
    struct scenario_doc *doc = rows_text_scenario(rows.row, 1);
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
        struct rows rows = rows_text_read(text, 0);
        assert_int_equal(rows.row->config.consumer_groups, 2);
        assert_non_null(strstr(rows.warnings[1], "2 subscriptions are taken, with 4 consumers"));
        struct scenario_doc *doc = rows_text_scenario(rows.row, 1);
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
    struct rows rows = rows_text_read(OMB, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_messaging_result__is_read),
        cmocka_unit_test(open_messaging_result__is_refused_with_its_field),
        cmocka_unit_test(open_messaging_result__keeps_its_clients),
        cmocka_unit_test(open_messaging_result__has_a_group_for_each_subscription),
        cmocka_unit_test(scenario__takes_the_cluster_that_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
