/* Final lines of kafka-producer-perf-test as rows, with the command or the comment that says of what. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/record/codec.h"
#include "tests/support/rows_text.h"

#define FINAL_PERCENTILES "8 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n"
#define FINAL_TAIL        "2.34 ms avg latency, 312.00 ms max latency, " FINAL_PERCENTILES
#define FINAL             "150000 records sent, 9995.2 records/sec (9.53 MB/sec), " FINAL_TAIL

static void perf_test__is_read_with_its_mebibytes(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(
        "# id=perf-a\n# record-size=1000\n# throughput=10000\n# acks=all\n"
        "1000 records sent, 200.0 records/sec (0.19 MB/sec), 1.0 ms avg latency\n" FINAL,
        0);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0].id, "perf-a");
    rows_text_near(rows.row[0].config.rate_per_s, 10000);
    assert_int_equal(rows.row[0].config.acks, -1);
    rows_text_near(rows.row[0].config.measure_s, 15); /* 150,000 at 9,995.2 a second */
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_MEAN], 0.00234);
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_P50], 0.008);
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.020);
    rows_release(&rows);
    rows = rows_text_read(FINAL, 0); /* 9.53 MiB over 9995.2 */
    rows_text_near(rows.row[0].config.record_bytes, 1000);
    assert_true(rows.row[0].config.rate_max);
    rows_release(&rows);
}

static void perf_test__configuration_comes_from_its_command_line(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(
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
    rows_text_near(c->linger_ms, 20);
    rows_text_near(c->rate_per_s, 10000);
    assert_string_equal(c->compression, "lz4");
    rows_text_near(c->random_payload_share, 0.7);
    rows_text_near(rows.row[2].config.linger_ms, 0);
    assert_int_equal(rows.row[2].config.acks, 1); /* still */
    assert_true(rows.row[2].elsewhere);
    assert_int_equal(rows.warning_count, 0);
    scenario_doc_free(rows_text_scenario(rows.row, 2));
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
        struct rows rows = rows_text_read(text, 0);
        assert_non_null(strstr(rows.warnings[0], "as the tool's random letters do"));
        struct scenario_doc *doc = rows_text_scenario(rows.row, 1);
        double taken = scenario_base(doc)->producers[0].compression_ratio.ratio[0];
        if (fabs(taken / letters_ratio(codecs[i].codec) - 1) > 0.03)
            fail_msg("%s: %g taken, %g seen", codecs[i].name, taken,
                     letters_ratio(codecs[i].codec));
        scenario_doc_free(doc);
        rows_release(&rows);
    }
    struct rows rows = rows_text_read("# compression=zstd payload-file=p.txt\n" FINAL, 0);
    rows_text_near(rows.row->config.random_payload_share, 1);
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
        struct rows rows = rows_text_read(text, 0);
        assert_int_equal(rows.count, 1);
        const struct row_config *c = &rows.row[0].config;
        assert_false(c->rate_max);
        rows_text_near(c->rate_per_s, 20000);
        rows_text_near(c->linger_ms, 20);
        assert_int_equal(c->acks, 0);
        assert_string_equal(c->compression, "lz4");
        assert_int_equal(rows.warning_count, 0);
        rows_release(&rows);
    }
    struct rows rows = rows_text_read("kafka-producer-perf-test.sh --record-size 1000 \\\n"
                                      "--tls=on\n--throughput none\n" FINAL,
                                      -1);
    rows_text_told(&rows, ":3: throughput is none; expected records a second");
    assert_non_null(strstr(rows.warnings[0], ":2: option tls=on is not read"));
    rows_release(&rows);
}

static void perf_test__comments_hold_any_number_of_pairs(void **state)
{
    (void)state;
    struct rows rows = rows_text_read("# partitions=12 replication=3 acks=all record-size=1000 "
                                      "throughput=10000\n# on Monday: linger.ms=5, tls=on\n" FINAL,
                                      0);
    const struct row_config *c = &rows.row[0].config;
    assert_int_equal(c->partitions, 12);
    assert_int_equal(c->replication, 3);
    assert_int_equal(c->acks, -1);
    rows_text_near(c->record_bytes, 1000);
    rows_text_near(c->rate_per_s, 10000);
    assert_false(c->rate_max);
    rows_text_near(c->linger_ms, 5);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], ":2: option tls=on is not read"));
    rows_release(&rows);
    rows = rows_text_read("# partitions=12\n" FINAL, 0);
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
    struct rows rows = rows_text_read(
        "# record-size=1000\n" FINAL
        "100000 steady state records sent, 10000.000000 records/sec (9.54 MB/sec), 1.50 ms "
        "avg latency, 20.00 ms max latency, 1 ms 50th, 3 ms 95th, 5 ms 99th, 8 ms 99.9th.\n",
        0);
    assert_int_equal(rows.count, 1);
    rows_text_near(rows.row[0].value[MEASURED_THROUGHPUT], 10000);
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.005);
    rows_text_near(rows.row[0].config.measure_s, 10);
    rows_text_near(rows.row[0].config.warmup_s, 5);
    rows_release(&rows);
}

static void percentiles__of_whole_milliseconds_are_left_out_where_they_say_little(void **state)
{
    (void)state;
    struct rows rows = rows_text_read(
        "# partitions=4, replication=1, throughput=-1\n100000 records sent, 10000.0 records/sec "
        "(9.54 MB/sec), "
        "1.50 ms "
        "avg latency, 20.00 ms max latency, 0 ms 50th, 3 ms 95th, 5 ms 99th, 8 ms 99.9th.\n",
        0);
    assert_true(isnan(rows.row[0].value[MEASURED_PRODUCE_P50]));
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_P99], 0.005);
    rows_text_near(rows.row[0].value[MEASURED_PRODUCE_MEAN], 0.0015);
    assert_int_equal(rows.warning_count, 1);
    assert_non_null(strstr(rows.warnings[0], "percentiles below 5 ms are left out"));
    rows_release(&rows);
    struct broker_err err = {""};
    assert_int_equal(rows_read(&rows, ROWS_THAT_SHIP, &err), 0);
    const struct row *row = rows_text_find(&rows, "java-04", 2); /* 1 and 5 ms */
    assert_true(isnan(row->value[MEASURED_PRODUCE_P50]));
    rows_text_near(row->value[MEASURED_PRODUCE_P99], 0.005);
    rows_text_near(row->value[MEASURED_PRODUCE_MEAN], 0.00164);
    rows_text_near(row->value[MEASURED_CLIENT_CPU], 0.2097 - 0.0633); /* without the compiler */
    rows_release(&rows);
}

static void perf_test__is_refused_with_its_line(void **state)
{
    (void)state;
    rows_text_problem("# record-size=1048\n" FINAL,
                      ":2: row perf-1: record-size is 1048 but rates");
    rows_text_problem("# linger.ms=-1\n" FINAL, ":1: linger.ms is -1; expected 0 to 900000");
    rows_text_problem("# throughput=0\n" FINAL,
                      ":1: throughput is 0; expected records a second, or");
    rows_text_problem("# throughput=nan\n" FINAL,
                      ":1: throughput is nan; expected records a second");
    rows_text_problem("# acks=2\n" FINAL, ":1: acks is 2; expected 0, 1 or all");
    rows_text_problem("# partitions=many\n" FINAL, ":1: partitions is many; expected 1 to 200000");
    rows_text_problem("# compression.type=br\n" FINAL, "compression is br; expected none, gzip");
    rows_text_problem("# id=../x\n" FINAL, "id is \"../x\"; expected letters");
    rows_text_problem("150000 records sent, 9995,2 records/sec (9,53 MB/sec), " FINAL_TAIL,
                      ":1: not read; expected \"N records sent");
    rows_text_problem("0 records sent, 0.0 records/sec (0.00 MB/sec), " FINAL_TAIL,
                      ":1: no records were sent");
    rows_text_problem("150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, "
                      "312.00 ms max latency, 80 ms 50th, 15 ms 95th, 20 ms 99th, 45 ms 99.9th.\n",
                      ":1: row perf-1: 95th is 15, below 50th, which is 80");
    rows_text_problem("# record-size=1000\n150000 records sent, 9995.2 records/sec (9.53 MB/sec), "
                      "400.00 ms avg latency, 312.00 ms max latency, " FINAL_PERCENTILES,
                      ":2: row perf-1: avg latency is 400, above max latency, which is 312");
    rows_text_problem("150000 records sent, 9995.2 records/sec (9.53 MB/sec), 2.34 ms avg latency, "
                      "32.00 ms max latency, " FINAL_PERCENTILES,
                      "max latency is 32, below 99.9th, which is 45");
    rows_text_problem(
        "# record-size=1000\n1500 records sent, 100.0 records/sec (0.95 MB/sec), " FINAL_TAIL,
        "record-size is 1000 but rates say 9961 bytes");
    rows_text_problem("1500 records sent, 100.0 records/sec (0.01 MB/sec), " FINAL_TAIL,
                      "record-size is not said (`# record-size=N`), and 0.01 MB/sec are too few");
    struct rows rows = rows_text_read("# tls=on\n" FINAL, 0);
    assert_non_null(strstr(rows.warnings[0], ":1: option tls=on is not read"));
    rows_release(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perf_test__is_read_with_its_mebibytes),
        cmocka_unit_test(perf_test__configuration_comes_from_its_command_line),
        cmocka_unit_test(perf_test__letters_compress_as_each_codec_compresses_them),
        cmocka_unit_test(perf_test__command_may_be_broken_over_lines),
        cmocka_unit_test(perf_test__comments_hold_any_number_of_pairs),
        cmocka_unit_test(perf_test__steady_state_replaces_the_whole),
        cmocka_unit_test(percentiles__of_whole_milliseconds_are_left_out_where_they_say_little),
        cmocka_unit_test(perf_test__is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
