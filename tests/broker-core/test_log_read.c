/* Appending, publishing and reading a log: bounds, limits, positions, regions (log-storage.md section 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/broker_fixture.h"

#define BATCH 1083

static int setup(void **state)
{
    static struct fixture_log f;
    fixture_log_init(&f);
    f.config.segment_bytes = 9000;
    f.config.segment_index_bytes = 1000;
    fixture_log_open(&f, true, 0, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_log_release(*state);
    return 0;
}

static struct broker_region read_at(struct fixture_log *f, int64_t offset, uint64_t max_bytes,
                                    bool min_one, enum broker_read_bound bound)
{
    struct broker_region region;
    assert_int_equal(
        broker_log_read(f->log, offset, max_bytes, min_one, bound, &region, &f->receipt),
        KAFKA_NONE);
    return region;
}

static void expect(struct fixture_log *f, int64_t offset, uint64_t max_bytes, bool min_one,
                   uint64_t size_bytes, int64_t first_offset, uint64_t position)
{
    struct broker_region region = read_at(f, offset, max_bytes, min_one, BROKER_READ_END);
    assert_int_equal(region.size_bytes, size_bytes);
    if (size_bytes) {
        assert_int_equal(region.first_offset, first_offset);
        assert_int_equal(region.position, position);
    }
    broker_region_release(&region);
}

static void append__is_not_seen_before_publish(void **state)
{
    struct fixture_log *f = *state;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(3, FIXTURE_START_MS);
    broker_batch_build_opaque(&header, 100, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 100}};
    struct broker_append out;
    fixture_append_many(f, 2);
    assert_int_equal(broker_log_append(f->log, spans, 2, 0, &out, &f->err), BROKER_OK);
    assert_true(out.pending);
    assert_int_equal(out.base_offset, 4);
    assert_int_equal(out.last_offset, 6);
    assert_int_equal(broker_log_end_offset(f->log), 4);
    expect(f, 4, 10000, true, 0, 0, 0);
    expect(f, 2, 10000, true, BATCH, 2, BATCH);
    struct broker_region region;
    assert_int_equal(broker_log_read(f->log, 5, 100, true, BROKER_READ_END, &region, &f->receipt),
                     KAFKA_OFFSET_OUT_OF_RANGE);
    int64_t timestamp_ms, offset;
    broker_log_offset_for_timestamp(f->log, -1, BROKER_READ_END, &timestamp_ms, &offset,
                                    &f->receipt);
    assert_int_equal(offset, 4);
    broker_log_publish(f->log);
    assert_int_equal(broker_log_end_offset(f->log), 7);
    expect(f, 4, 10000, true, 161, 4, 2 * BATCH);
}

static void append__that_rolls_is_not_seen_before_publish_either(void **state)
{
    struct fixture_log *f = *state;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(1, FIXTURE_START_MS);
    broker_batch_build_opaque(&header, 1000, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 1000}};
    struct broker_append out;
    fixture_append_many(f, 8);
    assert_int_equal(broker_log_append(f->log, spans, 2, 0, &out, &f->err), BROKER_OK);
    assert_true(out.rolled);
    assert_int_equal(broker_log_segment_count(f->log), 2);
    expect(f, 16, 10000, true, 0, 0, 0);
    expect(f, 14, 10000, true, BATCH, 14, 7 * BATCH);
    broker_log_publish(f->log);
    expect(f, 16, 10000, true, 1061, 16, 0);
}

static void append__stamps_offset_and_leader_epoch_and_keeps_the_rest(void **state)
{
    struct fixture_log *f = *state;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES], *file;
    struct broker_batch_header header = fixture_header(5, FIXTURE_START_MS), stored;
    fixture_append_many(f, 1);
    broker_batch_build_opaque(&header, 39, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 39}};
    struct broker_append out;
    assert_int_equal(broker_log_append(f->log, spans, 2, 77, &out, &f->err), BROKER_OK);
    broker_log_publish(f->log);
    assert_int_equal(fixture_read(&f->env, "t-0/00000000000000000000.log", &file), BATCH + 100);
    broker_batch_header_read(file + BATCH, &stored);
    assert_int_equal(stored.base_offset, 2);
    assert_int_equal(stored.partition_leader_epoch, 77);
    assert_int_equal(stored.crc, header.crc);
    assert_memory_equal(file + BATCH + 16, bytes + 16, BROKER_BATCH_HEADER_BYTES - 16);
    assert_int_equal(broker_log_latest_epoch(f->log), 77);
    free(file);
}

static void append__with_log_append_time_stamps_now_and_a_new_checksum(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_close(f);
    f->config.log_append_time = true;
    fixture_log_open(f, true, 0, 0);
    fixture_now_ms += 5000;
    assert_int_equal(fixture_append(f, fixture_header(2, 1000), BATCH), KAFKA_NONE);
    assert_int_equal(f->out.log_append_time_ms, FIXTURE_START_MS + 5000);
    fixture_log_close(f);
    fixture_log_open(f, false, 0, 0); /* checks every CRC */
    assert_int_equal(broker_log_end_offset(f->log), 2);
    uint8_t *file;
    struct broker_batch_header stored;
    fixture_read(&f->env, "t-0/00000000000000000000.log", &file);
    broker_batch_header_read(file, &stored);
    assert_int_equal(stored.attributes, BROKER_BATCH_LOG_APPEND_TIME);
    assert_int_equal(stored.max_timestamp_ms, FIXTURE_START_MS + 5000);
    assert_int_equal(stored.base_timestamp_ms, 1000);
    free(file);
}

static void append__refuses_what_is_too_large_or_out_of_time(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(fixture_append(f, fixture_header(1, FIXTURE_START_MS), 9001),
                     KAFKA_RECORD_LIST_TOO_LARGE);
    assert_int_equal(fixture_append(f, fixture_header(1, FIXTURE_START_MS), 1048589),
                     KAFKA_MESSAGE_TOO_LARGE);
    assert_int_equal(fixture_append(f, fixture_header(1, FIXTURE_START_MS + 3600000), BATCH),
                     KAFKA_NONE);
    assert_int_equal(fixture_append(f, fixture_header(1, FIXTURE_START_MS + 3600001), BATCH),
                     KAFKA_INVALID_TIMESTAMP);
    assert_int_equal(fixture_append(f, fixture_header(1, -1), BATCH), KAFKA_NONE);
    assert_int_equal(broker_log_end_offset(f->log), 2);
    assert_int_equal(broker_log_segment_count(f->log), 1);
}

static void append__refuses_holes_unless_the_log_allows_them(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_close(f);
    f->config.allow_holes = false;
    fixture_log_open(f, true, 0, 0);
    assert_int_equal(fixture_append(f, fixture_header(1, FIXTURE_START_MS), BATCH),
                     KAFKA_CORRUPT_MESSAGE);
    assert_int_equal(broker_log_end_offset(f->log), 0);
}

static void read__begins_at_the_batch_that_holds_the_offset(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 40); /* five segments: the tail and the index are both asked */
    for (int64_t offset = 0; offset < 80; offset++)
        expect(f, offset, 1, true, BATCH, offset / 2 * 2, (uint64_t)(offset % 16 / 2) * BATCH);
}

static void read__never_crosses_a_segments_end(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 20);
    expect(f, 0, 1 << 20, true, 8 * BATCH, 0, 0);
    expect(f, 15, 1 << 20, true, BATCH, 14, 7 * BATCH);
    expect(f, 16, 1 << 20, true, 8 * BATCH, 16, 0);
    expect(f, 32, 1 << 20, true, 4 * BATCH, 32, 0);
    expect(f, 40, 1 << 20, true, 0, 0, 0);
}

static void read__keeps_to_max_bytes_but_for_the_first_batch(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 5);
    expect(f, 0, 0, true, BATCH, 0, 0);
    expect(f, 0, 0, false, 0, 0, 0);
    expect(f, 0, BATCH - 1, false, 0, 0, 0);
    expect(f, 0, BATCH - 1, true, BATCH, 0, 0);
    expect(f, 0, BATCH, false, BATCH, 0, 0);
    expect(f, 0, 2 * BATCH + 7, false, 2 * BATCH + 7, 0, 0); /* ends in the middle of a batch */
}

static void read__stops_at_the_high_watermark_and_the_stable_offset(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 3);
    struct broker_batch_header header = fixture_header(2, FIXTURE_START_MS);
    header.producer_id = 9;
    header.producer_epoch = 0;
    header.base_sequence = 0;
    header.attributes = BROKER_BATCH_TRANSACTIONAL;
    assert_int_equal(fixture_append(f, header, BATCH), KAFKA_NONE);
    fixture_append_many(f, 4);
    struct broker_region region = read_at(f, 0, 1 << 20, true, BROKER_READ_HIGH_WATERMARK);
    assert_int_equal(region.size_bytes, 0);
    broker_log_set_high_watermark(f->log, 4);
    region = read_at(f, 0, 1 << 20, true, BROKER_READ_HIGH_WATERMARK);
    assert_int_equal(region.size_bytes, 2 * BATCH);
    broker_region_release(&region);
    broker_log_set_high_watermark(f->log, 12);
    region = read_at(f, 0, 1 << 20, true, BROKER_READ_HIGH_WATERMARK);
    assert_int_equal(region.size_bytes, 6 * BATCH);
    broker_region_release(&region);
    region = read_at(f, 0, 1 << 20, true, BROKER_READ_LAST_STABLE);
    assert_int_equal(region.size_bytes, 3 * BATCH);
    broker_region_release(&region);
    assert_int_equal(broker_log_available_bytes(f->log, 2, BROKER_READ_HIGH_WATERMARK), 5 * BATCH);
    assert_int_equal(broker_log_available_bytes(f->log, 2, BROKER_READ_LAST_STABLE), 2 * BATCH);
}

static void read__refuses_offsets_outside_the_log(void **state)
{
    struct fixture_log *f = *state;
    struct broker_region region;
    fixture_append_many(f, 3);
    broker_log_set_high_watermark(f->log, 6);
    broker_log_set_start_offset(f->log, 3);
    assert_int_equal(broker_log_read(f->log, 2, 1, true, BROKER_READ_END, &region, &f->receipt),
                     KAFKA_OFFSET_OUT_OF_RANGE);
    assert_int_equal(broker_log_read(f->log, 7, 1, true, BROKER_READ_END, &region, &f->receipt),
                     KAFKA_OFFSET_OUT_OF_RANGE);
    expect(f, 3, 1, true, BATCH, 2, BATCH);
    expect(f, 6, 1, true, 0, 0, 0);
}

static void region__outlives_the_deletion_of_its_segment(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 20);
    broker_log_set_high_watermark(f->log, 40);
    struct broker_region region = read_at(f, 0, 1 << 20, true, BROKER_READ_END);
    broker_log_set_start_offset(f->log, 16);
    uint32_t deleted;
    assert_int_equal(broker_log_retain(f->log, &deleted, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(deleted, 1);
    fixture_now_ms += 60000;
    assert_int_equal(broker_log_run_tasks(f->log, fixture_now_ms, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log"), -1);
    assert_int_equal(fixture_segment_bytes(f, 0, ".log.deleted"), -1);
    struct broker_view view;
    struct broker_env *env = f->env.env;
    assert_int_equal(
        env->ops->view(env, broker_region_file(&region), region.position, region.size_bytes, &view),
        BROKER_OK);
    assert_int_equal(view.size, 8 * BATCH);
    env->ops->view_release(env, &view);
    fixture_log_abandon(f); /* also of its log */
    broker_region_release(&region);
}

static void available_bytes__and_older_segment_tell_delayed_fetches_when_to_answer(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 10);
    assert_int_equal(broker_log_available_bytes(f->log, 16, BROKER_READ_END), 2 * BATCH);
    assert_int_equal(broker_log_available_bytes(f->log, 18, BROKER_READ_END), BATCH);
    assert_int_equal(broker_log_available_bytes(f->log, 20, BROKER_READ_END), 0);
    assert_true(broker_log_on_older_segment(f->log, 15, BROKER_READ_END));
    assert_false(broker_log_on_older_segment(f->log, 16, BROKER_READ_END));
}

static void tail_reads__need_no_file(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 8);
    struct broker_receipt receipt = {0};
    for (int64_t offset = 0; offset < 16; offset++) {
        struct broker_region region;
        broker_log_read(f->log, offset, 1, true, BROKER_READ_END, &region, &receipt);
        broker_region_release(&region);
    }
    assert_int_equal(receipt.scanned_bytes, 0);
    assert_int_equal(receipt.lookups, 0);
}

static void receipt__counts_what_an_append_did(void **state)
{
    struct fixture_log *f = *state;
    fixture_append_many(f, 8);
    struct broker_receipt before = f->receipt;
    assert_int_equal(before.appended_bytes, 8 * BATCH);
    assert_int_equal(before.index_bytes, 8 + 12); /* after more than 4096 bytes */
    assert_int_equal(before.crc_bytes, 8 * BATCH);
    assert_int_equal(before.batches, 8);
    assert_int_equal(before.records, 16);
    fixture_append_many(f, 1);
    assert_true(f->out.rolled);
    /* .log and two indexes; the snapshot of the producers */
    assert_int_equal(f->out.receipt.files_made, 4);
    assert_int_equal(f->out.receipt.small_file_bytes, 10);
    assert_int_equal(f->out.receipt.syncs, 0);
    assert_int_equal(broker_log_task_due_ms(f->log), fixture_now_ms);
    struct broker_receipt flush = {0};
    broker_log_run_tasks(f->log, fixture_now_ms, &flush, &f->err);
    /* snapshot, .log, two indexes, folder */
    assert_int_equal(flush.syncs, 5);
    assert_int_equal(flush.synced_bytes, 10 + 8 * BATCH + 8 + 24);
    assert_int_equal(broker_log_recovery_point(f->log), 16);
    assert_int_equal(broker_log_task_due_ms(f->log), INT64_MAX);
}

static void roll__before_3_7_syncs_the_snapshot_inside_the_append(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_close(f);
    f->config.roll_syncs = true;
    fixture_log_open(f, true, 0, 0);
    fixture_append_many(f, 9);
    assert_true(f->out.rolled);
    assert_int_equal(f->out.receipt.syncs, 1);
    assert_int_equal(f->out.receipt.segment_syncs, 0);
    assert_int_equal(f->out.receipt.synced_bytes, 10);
    struct broker_receipt flush = {0};
    broker_log_run_tasks(f->log, fixture_now_ms, &flush, &f->err);
    assert_int_equal(flush.syncs, 4); /* .log, two indexes, folder */
}

static void flush_messages__syncs_inside_the_append(void **state)
{
    struct fixture_log *f = *state;
    fixture_log_close(f);
    f->config.flush_messages = 4;
    fixture_log_open(f, true, 0, 0);
    fixture_append_many(f, 1);
    assert_int_equal(f->out.receipt.syncs,
                     2); /* the file of the new leader epoch, and its folder */
    assert_int_equal(f->out.receipt.segment_syncs, 0);
    fixture_append_many(f, 1);
    assert_int_equal(broker_log_recovery_point(f->log), 4);
    assert_true(f->out.receipt.segment_syncs >= 3); /* the log and two indexes */
    assert_int_equal(f->out.receipt.dirty_syncs, 1);
    assert_int_equal(f->out.receipt.synced_bytes, 2 * BATCH);
    fixture_append_many(f, 1);
    assert_int_equal(f->out.receipt.syncs, 0);
}

/* A sum that forgets a field charges nobody for what it counts: every byte of a receipt is part of a count that doubles. */
static void receipt_add__adds_every_field(void **state)
{
    (void)state;
    struct broker_receipt sum, part, twice;
    memset(&sum, 1, sizeof sum);
    memset(&part, 1, sizeof part);
    memset(&twice, 2, sizeof twice);
    broker_receipt_add(&sum, &part);
    assert_memory_equal(&sum, &twice,
                        offsetof(struct broker_receipt, lookups) + sizeof sum.lookups);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(append__is_not_seen_before_publish),
        TEST(append__that_rolls_is_not_seen_before_publish_either),
        TEST(append__stamps_offset_and_leader_epoch_and_keeps_the_rest),
        TEST(append__with_log_append_time_stamps_now_and_a_new_checksum),
        TEST(append__refuses_what_is_too_large_or_out_of_time),
        TEST(append__refuses_holes_unless_the_log_allows_them),
        TEST(read__begins_at_the_batch_that_holds_the_offset),
        TEST(read__never_crosses_a_segments_end),
        TEST(read__keeps_to_max_bytes_but_for_the_first_batch),
        TEST(read__stops_at_the_high_watermark_and_the_stable_offset),
        TEST(read__refuses_offsets_outside_the_log),
        TEST(region__outlives_the_deletion_of_its_segment),
        TEST(available_bytes__and_older_segment_tell_delayed_fetches_when_to_answer),
        TEST(tail_reads__need_no_file),
        TEST(receipt__counts_what_an_append_did),
        TEST(roll__before_3_7_syncs_the_snapshot_inside_the_append),
        TEST(flush_messages__syncs_inside_the_append),
        cmocka_unit_test(receipt_add__adds_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
