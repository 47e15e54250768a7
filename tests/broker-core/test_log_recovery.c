/*
 * Opening a log after an unclean stop: the damage table of log-storage.md section 13 (what Kafka 4.2 does), and more damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/broker_fixture.h"

/* Segments 0, 16 and 32 of eight batches each; the log is left as a killed process leaves it. */
static int setup(void **state)
{
    static struct fixture_log f;
    fixture_log_init(&f);
    f.config.segment_bytes = 9000;
    f.config.segment_index_bytes = 1000;
    fixture_log_open(&f, true, 0, 0);
    fixture_append_many(&f, 24);
    fixture_log_abandon(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_log_release(*state);
    return 0;
}

static void append_zeros(struct fixture_log *f, const char *name, size_t count)
{
    uint8_t *bytes;
    int64_t size = fixture_read(&f->env, name, &bytes);
    uint8_t *longer = calloc(1, (size_t)size + count);
    memcpy(longer, bytes, (size_t)size);
    fixture_write(&f->env, name, longer, (size_t)size + count);
    free(bytes);
    free(longer);
}

static void recover__finds_an_undamaged_log_whole(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(broker_log_end_offset(f->log), 48);
    assert_int_equal(f->recovery.segments_scanned, 3);
    assert_int_equal(f->recovery.bytes_scanned, 3 * 8664);
    assert_int_equal(f->recovery.bytes_truncated, 0);
    broker_log_check(f->log);
}

static void recover__scans_only_from_the_recovery_point(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 32, 0);
    assert_int_equal(f->recovery.segments_scanned, 1);
    assert_int_equal(broker_log_end_offset(f->log), 48);
    assert_int_equal(broker_log_recovery_point(f->log), 32);
}

static void recover__cuts_zeros_behind_the_last_batch(void **state)
{
    struct fixture_log *f = *state;
    append_zeros(f, "t-0/00000000000000000032.log", 100);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(fixture_segment_bytes(f, 32, ".log"), 8664);
    assert_int_equal(broker_log_end_offset(f->log), 48);
    assert_int_equal(fixture_segment_bytes(f, 0, ".index"), 8);
    assert_int_equal(fixture_segment_bytes(f, 32, ".index"), 1000);
    assert_int_equal(fixture_segment_bytes(f, 32, ".timeindex"), 996);
    assert_int_equal(f->recovery.bytes_truncated, 100);
}

static void recover__cuts_at_a_damaged_batch_and_drops_later_segments(void **state)
{
    struct fixture_log *f = *state;
    fixture_damage(f, 16, ".log", 3000);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(fixture_segment_bytes(f, 16, ".log"), 2166);
    assert_int_equal(broker_log_end_offset(f->log), 20);
    assert_int_equal(fixture_segment_bytes(f, 32, ".log"), -1);
    assert_int_equal(fixture_segment_bytes(f, 32, ".log.deleted"), 8664);
    assert_true(fixture_segment_bytes(f, 32, ".index.deleted") >= 0);
    assert_true(fixture_segment_bytes(f, 32, ".timeindex.deleted") >= 0);
    assert_true(fixture_segment_bytes(f, 20, ".snapshot") > 0);
    assert_int_equal(f->recovery.segments_dropped, 1);
    broker_log_check(f->log);
}

static void recover__drops_a_batch_torn_at_any_byte(void **state)
{
    struct fixture_log *f = *state;
    uint8_t *bytes;
    const char *name = "t-0/00000000000000000032.log";
    assert_int_equal(fixture_read(&f->env, name, &bytes), 8664);
    for (size_t size = 8664 - 1083; size < 8664; size += 19) {
        fixture_write(&f->env, name, bytes, size);
        fixture_log_open(f, false, 0, 0);
        assert_int_equal(broker_log_end_offset(f->log), 46);
        assert_int_equal(fixture_segment_bytes(f, 32, ".log"), 8664 - 1083);
        fixture_log_abandon(f);
    }
    free(bytes);
}

static void recover__makes_the_same_indexes_as_appending(void **state)
{
    struct fixture_log *f = *state;
    uint8_t *before[2], *after[2];
    const char *const names[2] = {"t-0/00000000000000000016.index",
                                  "t-0/00000000000000000016.timeindex"};
    int64_t size[2];
    for (int i = 0; i < 2; i++)
        size[i] = fixture_read(&f->env, names[i], &before[i]);
    assert_int_equal(size[0], 8);
    fixture_damage(f, 16, ".index", 7);
    fixture_damage(f, 16, ".timeindex", 3);
    fixture_log_open(f, false, 0, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture_read(&f->env, names[i], &after[i]), size[i]);
        assert_memory_equal(after[i], before[i], (size_t)size[i]);
        free(before[i]);
        free(after[i]);
    }
}

static void recover__twice_changes_nothing(void **state)
{
    struct fixture_log *f = *state;
    fixture_damage(f, 32, ".log", 5000);
    fixture_log_open(f, false, 0, 0);
    int64_t end = broker_log_end_offset(f->log);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(broker_log_end_offset(f->log), end);
    assert_int_equal(f->recovery.bytes_truncated, 0);
    assert_int_equal(end, 40);
}

static void recover__appends_go_on_where_the_cut_was(void **state)
{
    struct fixture_log *f = *state;
    fixture_damage(f, 32, ".log", 5000);
    fixture_log_open(f, false, 0, 0);
    fixture_append_many(f, 9);
    assert_int_equal(broker_log_end_offset(f->log), 58);
    broker_log_check(f->log);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(broker_log_end_offset(f->log), 58);
}

static void open__rebuilds_a_missing_offset_index_after_a_clean_stop(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 0, 0);
    fixture_log_close(f);
    f->env.env->ops->remove(f->env.env, "t-0/00000000000000000016.index");
    fixture_log_open(f, true, 48, 0);
    assert_int_equal(fixture_segment_bytes(f, 16, ".index"), 8);
    assert_int_equal(f->recovery.segments_scanned, 1);
    assert_int_equal(broker_log_end_offset(f->log), 48);
}

static void open__makes_a_missing_time_index_empty(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 0, 0);
    fixture_log_close(f);
    f->env.env->ops->remove(f->env.env, "t-0/00000000000000000016.timeindex");
    fixture_log_open(f, true, 48, 0);
    int64_t timestamp_ms, offset;
    broker_log_set_high_watermark(f->log, 48);
    broker_log_offset_for_timestamp(f->log, FIXTURE_START_MS + 9, BROKER_READ_END, &timestamp_ms,
                                    &offset, &f->receipt);
    assert_int_equal(offset, 18);
}

static void open__reads_past_a_damaged_offset_index(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 0, 0);
    fixture_log_close(f);
    for (size_t i = 0; i < 8; i++)
        fixture_damage(f, 16, ".index", i);
    fixture_log_open(f, true, 48, 0);
    struct broker_region region;
    assert_int_equal(broker_log_read(f->log, 25, 1, true, BROKER_READ_END, &region, &f->receipt),
                     KAFKA_NONE);
    assert_int_equal(region.first_offset, 24);
    broker_region_release(&region);
}

static void open__removes_deleted_files_and_orphan_indexes(void **state)
{
    struct fixture_log *f = *state;
    fixture_write(&f->env, "t-0/00000000000000000007.log.deleted", "x", 1);
    fixture_write(&f->env, "t-0/00000000000000000099.index", "x", 1);
    fixture_write(&f->env, "t-0/00000000000000000005.log.cleaned", "x", 1);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(fixture_segment_bytes(f, 7, ".log.deleted"), -1);
    assert_int_equal(fixture_segment_bytes(f, 99, ".index"), -1);
    assert_int_equal(fixture_segment_bytes(f, 5, ".log.cleaned"), -1);
    assert_int_equal(broker_log_segment_count(f->log), 3);
}

/* A crash in the middle of swapping compaction's output in: it replaces its sources (section 7, step 2). */
static void open__finishes_an_interrupted_swap(void **state)
{
    struct fixture_log *f = *state;
    uint8_t *bytes;
    int64_t size = fixture_read(&f->env, "t-0/00000000000000000000.log", &bytes);
    fixture_write(&f->env, "t-0/00000000000000000000.log.swap", bytes, (size_t)size - 1083);
    free(bytes);
    fixture_log_open(f, false, 0, 0);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.swap"), -1);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log"), 8664 - 1083);
    assert_int_equal(broker_log_segment_count(f->log), 3);
    assert_int_equal(broker_log_end_offset(f->log), 48);
}

static void open__starts_anew_when_the_start_offset_lies_beyond_the_end(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_open(f, false, 0, 1000);
    assert_int_equal(broker_log_start_offset(f->log), 1000);
    assert_int_equal(broker_log_end_offset(f->log), 1000);
    assert_int_equal(broker_log_segment_count(f->log), 1);
    fixture_append_many(f, 1);
    assert_int_equal(f->out.base_offset, 1000);
    broker_log_check(f->log);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(recover__finds_an_undamaged_log_whole),
        TEST(recover__scans_only_from_the_recovery_point),
        TEST(recover__cuts_zeros_behind_the_last_batch),
        TEST(recover__cuts_at_a_damaged_batch_and_drops_later_segments),
        TEST(recover__drops_a_batch_torn_at_any_byte),
        TEST(recover__makes_the_same_indexes_as_appending),
        TEST(recover__twice_changes_nothing),
        TEST(recover__appends_go_on_where_the_cut_was),
        TEST(open__rebuilds_a_missing_offset_index_after_a_clean_stop),
        TEST(open__makes_a_missing_time_index_empty),
        TEST(open__reads_past_a_damaged_offset_index),
        TEST(open__removes_deleted_files_and_orphan_indexes),
        TEST(open__finishes_an_interrupted_swap),
        TEST(open__starts_anew_when_the_start_offset_lies_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
