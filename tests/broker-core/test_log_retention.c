/* Rolling, retention, deletion and truncation (log-storage.md sections 4 and 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/broker_fixture.h"

#define BATCH 1083
#define DAY   INT64_C(86400000)

static int setup(void **state)
{
    static struct fixture_log f;
    fixture_log_init(&f);
    f.config.segment_bytes = 9000; /* eight batches */
    f.config.retention_ms = -1;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_log_release(*state);
    return 0;
}

static void start(struct fixture_log *f)
{
    fixture_log_open(f, true, 0, 0);
}

static void commit_all(struct fixture_log *f)
{
    broker_log_set_high_watermark(f->log, broker_log_end_offset(f->log));
}

static uint32_t retain(struct fixture_log *f)
{
    uint32_t deleted;
    assert_int_equal(broker_log_retain(f->log, &deleted, &f->receipt, &f->err), BROKER_OK);
    broker_log_check(f->log);
    return deleted;
}

static void roll__happens_when_the_next_batch_would_not_fit(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_bytes = 8 * BATCH;
    start(f);
    fixture_append_many(f, 8);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    fixture_append_many(f, 1);
    assert_int_equal(broker_log_segment_count(f->log), 2);
    assert_int_equal(fixture_segment_bytes(f, 16, ".log"), BATCH);
}

static void roll__by_time_counts_from_the_first_batchs_timestamp(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_ms = 1000;
    start(f);
    fixture_append(f, fixture_header(1, FIXTURE_START_MS), BATCH);
    fixture_append(f, fixture_header(1, FIXTURE_START_MS + 1000), BATCH);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    fixture_append(f, fixture_header(1, FIXTURE_START_MS + 1001), BATCH);
    assert_int_equal(broker_log_segment_count(f->log), 2);
}

static void roll__by_time_needs_an_append(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_ms = 1000;
    start(f);
    fixture_append(f, fixture_header(1, FIXTURE_START_MS), BATCH);
    fixture_now_ms += DAY;
    commit_all(f);
    assert_int_equal(retain(f), 0);
    assert_int_equal(broker_log_segment_count(f->log), 1);
}

static void roll__by_time_without_timestamps_counts_from_the_segments_making(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_ms = 1000;
    start(f);
    fixture_append(f, fixture_header(1, -1), BATCH);
    fixture_now_ms += 1000;
    fixture_append(f, fixture_header(1, -1), BATCH);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    fixture_now_ms += 1;
    fixture_append(f, fixture_header(1, -1), BATCH);
    assert_int_equal(broker_log_segment_count(f->log), 2);
}

static void roll__happens_when_an_index_is_full(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_bytes = 1000000;
    f->config.segment_index_bytes =
        36; /* four offset entries, three time entries of which one is kept free */
    f->config.index_interval_bytes = 0;
    start(f);
    fixture_append_many(f, 3); /* the first batch has no entry */
    assert_int_equal(broker_log_segment_count(f->log), 1);
    fixture_append_many(f, 1);
    assert_int_equal(broker_log_segment_count(f->log), 2);
    assert_int_equal(fixture_segment_bytes(f, 0, ".index"), 16);
    assert_int_equal(fixture_segment_bytes(f, 0, ".timeindex"), 24);
}

static void roll__keeps_relative_offsets_within_31_bits(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(1, FIXTURE_START_MS);
    struct broker_append out;
    static const int64_t offsets[] = {0, INT32_MAX, (int64_t)INT32_MAX + 1};
    static const uint32_t segments[] = {1, 1, 2};
    for (int i = 0; i < 3; i++) {
        broker_batch_build_opaque(&header, 39, bytes);
        header.base_offset = offsets[i];
        broker_batch_header_write(&header, bytes);
        struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 39}};
        assert_int_equal(broker_log_append_as_follower(f->log, spans, 2, 0, &out, &f->err),
                         BROKER_OK);
        assert_int_equal(out.error, KAFKA_NONE);
        broker_log_publish(f->log);
        assert_int_equal(broker_log_segment_count(f->log), segments[i]);
        header.base_offset = 0;
    }
}

static void roll__with_preallocation_cuts_the_old_file_to_its_bytes(void **state)
{
    struct fixture_log *f = *state;
    f->config.preallocate = true;
    start(f);
    fixture_append_many(f, 3);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log"), 9000);
    fixture_append_many(f, 6);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log"), 8 * BATCH);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(broker_log_end_offset(f->log), 18);
    fixture_log_close(f);
    assert_int_equal(fixture_segment_bytes(f, 16, ".log"), BATCH);
}

static void retain__by_bytes_keeps_at_least_retention_bytes(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_bytes = 3 * 8 * BATCH;
    start(f);
    fixture_append_many(f, 4 * 8);
    commit_all(f);
    assert_int_equal(retain(f), 1);
    assert_int_equal(broker_log_start_offset(f->log), 16);
    fixture_append_many(f, 7); /* one batch less than a segment above the limit */
    commit_all(f);
    assert_int_equal(retain(f), 0);
    fixture_append_many(f, 1);
    commit_all(f);
    assert_int_equal(retain(f), 1);
    assert_int_equal(broker_log_size_bytes(f->log), 3 * 8 * BATCH);
}

static void retain__by_time_deletes_when_the_newest_record_is_too_old(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_ms = DAY;
    start(f);
    fixture_append_many(f, 8 + 1); /* timestamps +0..+7 in the first segment, +8 in the second */
    commit_all(f);
    fixture_now_ms = FIXTURE_START_MS + 7 + DAY;
    assert_int_equal(retain(f), 0);
    fixture_now_ms += 1;
    assert_int_equal(retain(f), 1);
    assert_int_equal(broker_log_start_offset(f->log), 16);
}

static void retain__by_time_rolls_and_deletes_an_expired_active_segment(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_ms = DAY;
    start(f);
    fixture_append_many(f, 10);
    commit_all(f);
    fixture_now_ms += 2 * DAY;
    assert_int_equal(retain(f), 2);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    assert_int_equal(broker_log_start_offset(f->log), 20);
    assert_int_equal(broker_log_size_bytes(f->log), 0);
    assert_int_equal(retain(f), 0); /* not the empty one */
    fixture_append_many(f, 1);
    assert_int_equal(f->out.base_offset, 20);
}

static void retain__spares_what_the_high_watermark_has_not_passed(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_ms = DAY;
    start(f);
    fixture_append_many(f, 24);
    broker_log_set_high_watermark(f->log, 31);
    fixture_now_ms += 3 * DAY;
    assert_int_equal(retain(f), 1);
    broker_log_set_high_watermark(f->log, 32);
    assert_int_equal(retain(f), 1);
}

static void retain__never_deletes_a_record_from_the_future(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_ms = DAY;
    start(f);
    fixture_append(f, fixture_header(1, FIXTURE_START_MS + 3600000), 8 * BATCH);
    fixture_append_many(f, 10);
    commit_all(f);
    fixture_now_ms = FIXTURE_START_MS + DAY + 3000000;
    assert_int_equal(retain(f), 0); /* the oldest segment holds the later ones back */
    fixture_now_ms += 600001;
    assert_int_equal(retain(f), 3);
}

static void retain__uses_the_files_time_where_no_record_has_one(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_ms = DAY;
    start(f);
    fixture_append(f, fixture_header(1, -1), 8 * BATCH);
    fixture_append(f, fixture_header(1, -1), 8 * BATCH);
    commit_all(f);
    /* The kernel stamps files with its own clock, which is far ahead of the fixture's. */
    assert_int_equal(retain(f), 0);
}

static void retain__by_start_offset_needs_no_policy(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 24);
    commit_all(f);
    assert_int_equal(broker_log_set_start_offset(f->log, 31), KAFKA_NONE);
    assert_int_equal(retain(f), 1);
    assert_int_equal(broker_log_set_start_offset(f->log, 32), KAFKA_NONE);
    assert_int_equal(retain(f), 1);
    assert_int_equal(broker_log_set_start_offset(f->log, 10), KAFKA_NONE); /* never down */
    assert_int_equal(broker_log_start_offset(f->log), 32);
    assert_int_equal(broker_log_set_start_offset(f->log, 49), KAFKA_OFFSET_OUT_OF_RANGE);
}

static void deletion__renames_first_and_unlinks_after_the_delay(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_bytes = 0;
    start(f);
    fixture_append_many(f, 17);
    broker_log_run_tasks(f->log, fixture_now_ms, &f->receipt, &f->err);
    commit_all(f);
    assert_int_equal(retain(f),
                     3); /* with retention.bytes 0 the active one goes too, rolled first */
    assert_int_equal(fixture_segment_bytes(f, 0, ".log"), -1);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.deleted"), 8 * BATCH);
    assert_int_equal(fixture_segment_bytes(f, 16, ".snapshot.deleted"), 10);
    broker_log_run_tasks(f->log, fixture_now_ms + 59999, &f->receipt, &f->err);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.deleted"), 8 * BATCH);
    assert_int_equal(broker_log_task_due_ms(f->log), fixture_now_ms + 60000);
    struct broker_receipt receipt = {0};
    broker_log_run_tasks(f->log, fixture_now_ms + 60000, &receipt, &f->err);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.deleted"), -1);
    assert_int_equal(fixture_segment_bytes(f, 16, ".snapshot.deleted"), -1);
    assert_int_equal(receipt.files_removed, 3 * 3 + 2);
    assert_int_equal(broker_log_task_due_ms(f->log), INT64_MAX);
}

/* Kafka's largest file.delete.delay.ms keeps the files, and is not due before now. */
static void deletion__after_the_longest_delay_never_unlinks(void **state)
{
    struct fixture_log *f = *state;
    f->config.retention_bytes = 8 * BATCH;
    f->config.file_delete_delay_ms = INT64_MAX;
    start(f);
    fixture_append_many(f, 24);
    commit_all(f);
    assert_true(retain(f) > 0);
    assert_int_equal(
        broker_log_run_tasks(f->log, FIXTURE_START_MS + 3650 * DAY, &f->receipt, &f->err),
        BROKER_OK);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.deleted"), 8 * BATCH);
}

static void truncate__cuts_the_whole_batch_that_holds_the_offset(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 12);
    commit_all(f);
    assert_int_equal(broker_log_truncate(f->log, 21, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_end_offset(f->log), 21);
    assert_int_equal(broker_log_high_watermark(f->log), 21);
    assert_int_equal(fixture_segment_bytes(f, 16, ".log"), 2 * BATCH);
    broker_log_check(f->log);
    fixture_append_many(f, 1);
    assert_int_equal(f->out.base_offset, 21);
    struct broker_region region;
    broker_log_read(f->log, 20, 1, true, BROKER_READ_END, &region, &f->receipt);
    assert_int_equal(region.first_offset, 21); /* offset 20 went with its batch */
    broker_region_release(&region);
}

static void truncate__drops_later_segments(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 24);
    assert_int_equal(broker_log_truncate(f->log, 16, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_segment_count(f->log), 2); /* 16 is empty now, as in Kafka */
    assert_int_equal(fixture_segment_bytes(f, 16, ".log"), 0);
    assert_int_equal(fixture_segment_bytes(f, 32, ".log.deleted"), 8 * BATCH);
    broker_log_check(f->log);
    fixture_append_many(f, 20);
    broker_log_check(f->log);
    assert_int_equal(broker_log_end_offset(f->log), 56);
}

static void truncate__beyond_the_end_does_nothing(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 3);
    assert_int_equal(broker_log_truncate(f->log, 6, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_truncate(f->log, 100, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_end_offset(f->log), 6);
}

static void truncate__leaves_indexes_as_if_the_rest_had_never_been(void **state)
{
    struct fixture_log *f = *state;
    f->config.segment_bytes = 100000;
    f->config.segment_index_bytes = 1000;
    start(f);
    fixture_append_many(f, 40);
    assert_int_equal(broker_log_truncate(f->log, 31, &f->receipt, &f->err), BROKER_OK);
    fixture_log_close(f);
    /* entries at batches 4, 8, 12 (last offsets 9, 17, 25); the batch at 30 went */
    assert_int_equal(fixture_segment_bytes(f, 0, ".index"), 3 * 8);
    uint8_t *times;
    int64_t size = fixture_read(&f->env, "t-0/00000000000000000000.timeindex", &times);
    assert_int_equal(size, 4 * 12);
    assert_int_equal(times[size - 1], 29); /* closed with the last batch that is left */
    free(times);
}

static void truncate__below_the_first_segment_restarts_the_log_there(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 24);
    commit_all(f);
    broker_log_set_start_offset(f->log, 20);
    retain(f);
    assert_int_equal(broker_log_truncate(f->log, 10, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_start_offset(f->log), 10);
    assert_int_equal(broker_log_end_offset(f->log), 10);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    broker_log_check(f->log);
}

static void truncate_fully__starts_empty_at_the_offset(void **state)
{
    struct fixture_log *f = *state;
    start(f);
    fixture_append_many(f, 24);
    commit_all(f);
    assert_int_equal(broker_log_truncate_fully(f->log, 1000, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(broker_log_start_offset(f->log), 1000);
    assert_int_equal(broker_log_high_watermark(f->log), 1000);
    assert_int_equal(broker_log_latest_epoch(f->log), -1);
    assert_int_equal(broker_log_size_bytes(f->log), 0);
    fixture_append_many(f, 10);
    assert_int_equal(broker_log_end_offset(f->log), 1020);
    broker_log_check(f->log);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(broker_log_start_offset(f->log), 1000);
    assert_int_equal(broker_log_end_offset(f->log), 1020);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(roll__happens_when_the_next_batch_would_not_fit),
        TEST(roll__by_time_counts_from_the_first_batchs_timestamp),
        TEST(roll__by_time_needs_an_append),
        TEST(roll__by_time_without_timestamps_counts_from_the_segments_making),
        TEST(roll__happens_when_an_index_is_full),
        TEST(roll__keeps_relative_offsets_within_31_bits),
        TEST(roll__with_preallocation_cuts_the_old_file_to_its_bytes),
        TEST(retain__by_bytes_keeps_at_least_retention_bytes),
        TEST(retain__by_time_deletes_when_the_newest_record_is_too_old),
        TEST(retain__by_time_rolls_and_deletes_an_expired_active_segment),
        TEST(retain__spares_what_the_high_watermark_has_not_passed),
        TEST(retain__never_deletes_a_record_from_the_future),
        TEST(retain__uses_the_files_time_where_no_record_has_one),
        TEST(retain__by_start_offset_needs_no_policy),
        TEST(deletion__renames_first_and_unlinks_after_the_delay),
        TEST(deletion__after_the_longest_delay_never_unlinks),
        TEST(truncate__cuts_the_whole_batch_that_holds_the_offset),
        TEST(truncate__drops_later_segments),
        TEST(truncate__beyond_the_end_does_nothing),
        TEST(truncate__leaves_indexes_as_if_the_rest_had_never_been),
        TEST(truncate__below_the_first_segment_restarts_the_log_there),
        TEST(truncate_fully__starts_empty_at_the_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
