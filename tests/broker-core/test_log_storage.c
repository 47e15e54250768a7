/*
 * The files of a log, byte for byte: the run of log-storage.md section 13, which Kafka 4.2's storage classes wrote, done again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/log.h"
#include "broker-core/record/bytes.h"
#include "broker-core/record/crc32c.h"
#include "broker-core/record/record.h"
#include "tests/support/broker_fixture.h"

#define T0 FIXTURE_START_MS

struct run {
    struct fixture_env env;
    struct broker_log *log;
    struct broker_log_config config;
};

static void must(int rc, const struct broker_err *err)
{
    if (rc != BROKER_OK)
        fail_msg("%s: %s", broker_status_name(rc), err->text);
}

/* Appends a batch of `records` records with keys k0, k1... and 1000-byte zero values, as leader. */
static void append(struct run *run, int32_t records, struct broker_batch_header header,
                   int64_t timestamp_ms, int32_t leader_epoch)
{
    static const uint8_t zeros[1000];
    struct broker_builder builder;
    struct broker_err err = {0};
    broker_builder_init(&builder);
    for (int32_t i = 0; i < records; i++) {
        char key[3] = {'k', (char)('0' + i), 0};
        broker_builder_add(&builder, timestamp_ms, (struct broker_bytes){key, 2},
                           (struct broker_bytes){zeros, sizeof zeros}, NULL, 0);
    }
    uint8_t *bytes;
    size_t size;
    must(broker_builder_finish(&builder, &header, &bytes, &size, &err), &err);
    struct broker_span span = {bytes, size};
    struct broker_append out;
    must(broker_log_append(run->log, &span, 1, leader_epoch, &out, &err), &err);
    assert_string_equal(broker_error_name(out.error), "NONE");
    broker_log_publish(run->log);
    free(bytes);
    broker_builder_release(&builder);
}

static struct broker_batch_header no_producer(void)
{
    return (struct broker_batch_header){
        .partition_leader_epoch = -1, .producer_id = -1, .producer_epoch = -1, .base_sequence = -1};
}

static void append_marker(struct run *run, int64_t producer_id, int64_t timestamp_ms)
{
    uint8_t bytes[BROKER_MARKER_BYTES];
    struct broker_batch_header header = no_producer();
    struct broker_err err = {0};
    header.base_offset = broker_log_end_offset(run->log);
    header.partition_leader_epoch = 8;
    header.producer_id = producer_id;
    header.producer_epoch = 0;
    header.max_timestamp_ms = timestamp_ms;
    broker_control_build(&header, BROKER_CONTROL_ABORT, 4, bytes);
    struct broker_span span = {bytes, sizeof bytes};
    struct broker_append out;
    must(broker_log_append_as_follower(run->log, &span, 1, 8, &out, &err), &err);
    assert_string_equal(broker_error_name(out.error), "NONE");
    broker_log_publish(run->log);
}

static int setup(void **state)
{
    static struct run run;
    struct broker_err err = {0};
    struct broker_receipt receipt = {0};
    static const uint8_t topic_id[16] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
    fixture_init(&run.env);
    broker_log_config_init(&run.config);
    run.config.segment_bytes = 9000;
    run.config.segment_index_bytes = 1000;
    must(broker_log_open(run.env.env, "t-0", &run.config, true, 0, 0, &run.log, NULL, &err), &err);
    must(broker_log_assign_topic_id(run.log, topic_id, &receipt, &err), &err);
    for (int i = 0; i < 12; i++) {
        struct broker_batch_header header = no_producer();
        if (i % 3 == 0) {
            header.producer_id = 1000;
            header.producer_epoch = 2;
            header.base_sequence = i / 3 * 2;
        }
        append(&run, 2, header, T0 + i, 7);
    }
    struct broker_batch_header header = no_producer();
    header.producer_id = 2000;
    header.producer_epoch = 0;
    header.base_sequence = 0;
    header.attributes = BROKER_BATCH_TRANSACTIONAL;
    /* Three small records: 8528 bytes in all are 4 x 2083 + 118 + 78. */
    struct broker_builder builder;
    broker_builder_init(&builder);
    for (int i = 0; i < 3; i++)
        broker_builder_add(&builder, T0 + 12, (struct broker_bytes){"k", 1},
                           (struct broker_bytes){"0123456789a", 11}, NULL, 0);
    uint8_t *bytes;
    size_t size;
    must(broker_builder_finish(&builder, &header, &bytes, &size, &err), &err);
    struct broker_span span = {bytes, size};
    struct broker_append out;
    must(broker_log_append(run.log, &span, 1, 7, &out, &err), &err);
    assert_int_equal(out.base_offset, 24);
    broker_log_publish(run.log);
    free(bytes);
    broker_builder_release(&builder);
    append_marker(&run, 2000, T0 + 13);
    *state = &run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    broker_log_abandon(run->log);
    fixture_release(&run->env);
    return 0;
}

static void close_log(struct run *run)
{
    struct broker_err err = {0};
    must(broker_log_close(run->log, NULL, &err), &err);
    run->log = NULL;
}

static void expect_hex(struct run *run, const char *name, const char *hex)
{
    char path[80];
    uint8_t *bytes;
    snprintf(path, sizeof path, "t-0/%s", name);
    int64_t size = fixture_read(&run->env, path, &bytes);
    if (size < 0)
        fail_msg("%s is missing", name);
    char *text = calloc(2 * (size_t)size + 1, 1);
    for (int64_t i = 0; i < size; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    assert_string_equal(text, hex);
    free(text);
    free(bytes);
}

static void expect_size(struct run *run, const char *name, int64_t size)
{
    char path[80];
    snprintf(path, sizeof path, "t-0/%s", name);
    assert_int_equal(fixture_read(&run->env, path, NULL), size);
}

static void log__rolls_where_kafka_rolls(void **state)
{
    struct run *run = *state;
    assert_int_equal(broker_log_segment_count(run->log), 3);
    expect_size(run, "00000000000000000000.log", 8332);
    expect_size(run, "00000000000000000008.log", 8332);
    expect_size(run, "00000000000000000016.log", 8528);
}

static void log__preallocates_the_active_indexes_only(void **state)
{
    struct run *run = *state;
    expect_size(run, "00000000000000000016.index", 1000);
    expect_size(run, "00000000000000000016.timeindex", 996);
    expect_size(run, "00000000000000000000.index", 8);
    expect_size(run, "00000000000000000000.timeindex", 24);
}

static void log__writes_kafkas_offset_index(void **state)
{
    struct run *run = *state;
    close_log(run);
    expect_hex(run, "00000000000000000000.index", "0000000500001046");
    expect_hex(run, "00000000000000000016.index", "00000005000010460000000a0000208c");
}

static void log__writes_kafkas_time_index(void **state)
{
    struct run *run = *state;
    char hex[64];
    close_log(run);
    snprintf(hex, sizeof hex, "%016llx00000005%016llx00000007", (unsigned long long)(T0 + 2),
             (unsigned long long)(T0 + 3));
    expect_hex(run, "00000000000000000000.timeindex", hex);
}

static void log__writes_kafkas_transaction_index(void **state)
{
    struct run *run = *state;
    expect_hex(run, "00000000000000000016.txnindex",
               "000000000000000007d00000000000000018000000000000001b000000000000001c");
    assert_false(fixture_exists(&run->env, "t-0/00000000000000000000.txnindex"));
}

static void put_crc(char *hex)
{
    uint8_t bytes[200];
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        sscanf(hex + 2 * i, "%2x", &byte);
        bytes[i] = (uint8_t)byte;
    }
    char crc[9];
    snprintf(crc, sizeof crc, "%08x", broker_crc32c(0, bytes + 6, size - 6));
    memcpy(hex + 4, crc, 8);
}

static void log__writes_kafkas_producer_snapshots(void **state)
{
    struct run *run = *state;
    char hex[256];
    close_log(run);
    snprintf(hex, sizeof hex,
             "000100000000"
             "00000001"
             "00000000000003e8000200000003000000000000000700000001%016llxffffffffffffffffffffffff",
             (unsigned long long)(T0 + 3));
    put_crc(hex);
    expect_hex(run, "00000000000000000008.snapshot", hex);
    snprintf(hex, sizeof hex,
             "000100000000"
             "00000002"
             "00000000000007d0000000000002000000000000001a00000002%016llx00000004ffffffffffffffff"
             "00000000000003e8000200000007000000000000001300000001%016llxffffffffffffffffffffffff",
             (unsigned long long)(T0 + 13), (unsigned long long)(T0 + 9));
    put_crc(hex);
    expect_hex(run, "00000000000000000028.snapshot", hex);
    assert_true(fixture_exists(&run->env, "t-0/00000000000000000016.snapshot"));
}

static void log__writes_kafkas_epoch_and_metadata_files(void **state)
{
    struct run *run = *state;
    uint8_t *bytes;
    fixture_read(&run->env, "t-0/leader-epoch-checkpoint", &bytes);
    assert_string_equal((char *)bytes, "0\n2\n7 0\n8 27\n");
    free(bytes);
    fixture_read(&run->env, "t-0/partition.metadata", &bytes);
    assert_string_equal((char *)bytes, "version: 0\ntopic_id: AAAAAAAAAAEAAAAAAAAAAg");
    free(bytes);
}

static void log__holds_the_last_stable_offset_back_until_the_marker_is_replicated(void **state)
{
    struct run *run = *state;
    assert_int_equal(broker_log_last_stable_offset(run->log), 0);
    broker_log_set_high_watermark(run->log, 26);
    assert_int_equal(broker_log_last_stable_offset(run->log), 24);
    broker_log_set_high_watermark(run->log, 28);
    assert_int_equal(broker_log_last_stable_offset(run->log), 28);
}

static void open__finds_what_close_left(void **state)
{
    struct run *run = *state;
    struct broker_err err = {0};
    struct broker_recovery recovery;
    close_log(run);
    must(
        broker_log_open(run->env.env, "t-0", &run->config, true, 28, 0, &run->log, &recovery, &err),
        &err);
    assert_int_equal(recovery.segments_scanned, 0);
    assert_int_equal(broker_log_end_offset(run->log), 28);
    assert_int_equal(broker_log_recovery_point(run->log), 28);
    assert_int_equal(broker_log_segment_count(run->log), 3);
    assert_int_equal(broker_log_size_bytes(run->log), 2 * 8332 + 8528);
    assert_int_equal(broker_log_latest_epoch(run->log), 8);
    assert_int_equal(broker_log_topic_id(run->log)[15], 2);
    expect_size(run, "00000000000000000016.index", 1000);
    close_log(run);
    expect_hex(run, "00000000000000000016.index", "00000005000010460000000a0000208c");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(log__rolls_where_kafka_rolls),
        TEST(log__preallocates_the_active_indexes_only),
        TEST(log__writes_kafkas_offset_index),
        TEST(log__writes_kafkas_time_index),
        TEST(log__writes_kafkas_transaction_index),
        TEST(log__writes_kafkas_producer_snapshots),
        TEST(log__writes_kafkas_epoch_and_metadata_files),
        TEST(log__holds_the_last_stable_offset_back_until_the_marker_is_replicated),
        TEST(open__finds_what_close_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
