/* Offsets for timestamps (log-storage.md section 6), with records as bytes and with opaque batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "broker-core/record/record.h"
#include "tests/support/broker_fixture.h"

#define T     FIXTURE_START_MS
#define BATCH 1083

static int setup(void **state)
{
    static struct fixture_log f;
    fixture_log_init(&f);
    f.config.segment_bytes = 9000;
    fixture_log_open(&f, true, 0, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_log_release(*state);
    return 0;
}

static void expect(struct fixture_log *f, int64_t target, int64_t timestamp_ms, int64_t offset)
{
    int64_t found_ms, found;
    assert_int_equal(broker_log_offset_for_timestamp(f->log, target, BROKER_READ_END, &found_ms,
                                                     &found, &f->receipt),
                     KAFKA_NONE);
    assert_int_equal(found, offset);
    assert_int_equal(found_ms, timestamp_ms);
}

/* A batch of records at the given times. */
static void append_records(struct fixture_log *f, const int64_t *times_ms, int count, int codec)
{
    struct broker_builder builder;
    struct broker_batch_header header = fixture_header(count, T);
    header.attributes = (int16_t)codec;
    uint8_t *bytes;
    size_t size;
    broker_builder_init(&builder);
    for (int i = 0; i < count; i++)
        broker_builder_add(&builder, times_ms[i], (struct broker_bytes){NULL, -1},
                           (struct broker_bytes){"value", 5}, NULL, 0);
    assert_int_equal(broker_builder_finish(&builder, &header, &bytes, &size, NULL), BROKER_OK);
    broker_builder_release(&builder);
    struct broker_span span = {bytes, size};
    struct broker_append out;
    assert_int_equal(broker_log_append(f->log, &span, 1, 0, &out, &f->err), BROKER_OK);
    assert_int_equal(out.error, KAFKA_NONE);
    broker_log_publish(f->log);
    free(bytes);
}

static void offset_for_timestamp__finds_the_first_record_not_older(void **state)
{
    struct fixture_log *f = *state;
    for (int codec = 0; codec < 2; codec++) {
        const int64_t first[] = {T + 10, T + 30, T + 20}, second[] = {T + 25, T + 60};
        int64_t base = broker_log_end_offset(f->log);
        int64_t later = codec * 1000;
        int64_t a[3], b[2];
        for (int i = 0; i < 3; i++)
            a[i] = first[i] + later;
        for (int i = 0; i < 2; i++)
            b[i] = second[i] + later;
        append_records(f, a, 3, codec ? BROKER_ZSTD : BROKER_NONE);
        append_records(f, b, 2, codec ? BROKER_GZIP : BROKER_NONE);
        expect(f, T + later + 10, T + later + 10, base);
        expect(f, T + later + 11, T + later + 30, base + 1);
        expect(f, T + later + 31, T + later + 60, base + 4);
        expect(f, T + later + 61, -1, -1);
        expect(f, -3, T + later + 60, base + 4);
    }
    expect(f, 0, T + 10, 0);
}

static void offset_for_timestamp__respects_the_start_offset(void **state)
{
    struct fixture_log *f = *state;
    const int64_t times[] = {T + 10, T + 20, T + 30};
    append_records(f, times, 3, BROKER_NONE);
    broker_log_set_high_watermark(f->log, 3);
    broker_log_set_start_offset(f->log, 1);
    expect(f, 0, T + 20, 1);
    expect(f, -2, -1, 1);
    expect(f, -4, -1, 1);
    expect(f, -1, -1, 3);
}

static void offset_for_timestamp__of_an_empty_log_is_none(void **state)
{
    struct fixture_log *f = *state;
    expect(f, 0, -1, -1);
    expect(f, -3, -1, -1);
    expect(f, -1, -1, 0);
    expect(f, -2, -1, 0);
    expect(f, -5, -1, -1);
}

static void offset_for_timestamp__asks_the_bound(void **state)
{
    struct fixture_log *f = *state;
    int64_t timestamp_ms, offset;
    fixture_append_many(f, 4); /* T, T + 1, T + 2, T + 3 */
    broker_log_set_high_watermark(f->log, 4);
    broker_log_offset_for_timestamp(f->log, T + 1, BROKER_READ_HIGH_WATERMARK, &timestamp_ms,
                                    &offset, &f->receipt);
    assert_int_equal(offset, 2);
    broker_log_offset_for_timestamp(f->log, T + 2, BROKER_READ_HIGH_WATERMARK, &timestamp_ms,
                                    &offset, &f->receipt);
    assert_int_equal(offset, -1);
    broker_log_offset_for_timestamp(f->log, -1, BROKER_READ_HIGH_WATERMARK, &timestamp_ms, &offset,
                                    &f->receipt);
    assert_int_equal(offset, 4);
}

static void offset_for_timestamp__searches_every_segment(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 50); /* batch i: offsets 2i, 2i + 1 at T + i */
    for (int64_t i = 0; i < 50; i++)
        expect(f, T + i, T + i, 2 * i);
    expect(f, T + 50, -1, -1);
    expect(f, -3, T + 49, 98);
    fixture_log_close(f);
    fixture_log_open(f, true, 100, 0);
    for (int64_t i = 0; i < 50; i++)
        expect(f, T + i, T + i, 2 * i);
}

static void opaque_batches__have_evenly_spaced_records(void **state)
{
    struct fixture_log *f = *state;
    struct broker_batch_header header = fixture_header(11, T);
    header.max_timestamp_ms = T + 100;
    fixture_append(f, header, BATCH);
    expect(f, T - 5, T, 0);
    expect(f, T + 1, T + 10, 1);
    expect(f, T + 10, T + 10, 1);
    expect(f, T + 95, T + 100, 10);
    expect(f, T + 100, T + 100, 10);
    expect(f, T + 101, -1, -1);
    expect(f, -3, T + 100, 10);
    header = fixture_header(4, T + 200); /* 3 steps over 10 ms: 200, 203, 206, 210 */
    header.max_timestamp_ms = T + 210;
    fixture_append(f, header, BATCH);
    expect(f, T + 201, T + 203, 12);
    expect(f, T + 204, T + 206, 13);
    expect(f, T + 207, T + 210, 14);
}

static void log_append_time__gives_the_batchs_first_record(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_close(f);
    f->config.log_append_time = true;
    fixture_log_open(f, true, 0, 0);
    fixture_append(f, fixture_header(5, 1), BATCH);
    fixture_now_ms += 100;
    fixture_append(f, fixture_header(5, 1), BATCH);
    expect(f, T, T, 0);
    expect(f, T + 1, T + 100, 5);
    expect(f, -3, T + 100, 5);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(offset_for_timestamp__finds_the_first_record_not_older),
        TEST(offset_for_timestamp__respects_the_start_offset),
        TEST(offset_for_timestamp__of_an_empty_log_is_none),
        TEST(offset_for_timestamp__asks_the_bound),
        TEST(offset_for_timestamp__searches_every_segment),
        TEST(opaque_batches__have_evenly_spaced_records),
        TEST(log_append_time__gives_the_batchs_first_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
