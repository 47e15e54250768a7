/* Idempotent producers and transactions in one log (transactions.md sections 2, 4 and 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "broker-core/log/log_internal.h"
#include "broker-core/log/txn_index.h"
#include "broker-core/record/record.h"
#include "tests/support/broker_fixture.h"

#define BATCH 500

static int setup(void **state)
{
    static struct fixture_log f;
    fixture_log_init(&f);
    f.config.segment_bytes = 8 * BATCH;
    fixture_log_open(&f, true, 0, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_log_release(*state);
    return 0;
}

static struct broker_batch_header by(int64_t id, int16_t epoch, int32_t sequence, int32_t records)
{
    struct broker_batch_header header = fixture_header(records, fixture_now_ms);
    header.producer_id = id;
    header.producer_epoch = epoch;
    header.base_sequence = sequence;
    return header;
}

static enum broker_error send(struct fixture_log *f, int64_t id, int16_t epoch, int32_t sequence,
                              int32_t records)
{
    return fixture_append(f, by(id, epoch, sequence, records), BATCH);
}

static enum broker_error send_txn(struct fixture_log *f, int64_t id, int16_t epoch,
                                  int32_t sequence, int32_t records)
{
    struct broker_batch_header header = by(id, epoch, sequence, records);
    header.attributes = BROKER_BATCH_TRANSACTIONAL;
    return fixture_append(f, header, BATCH);
}

static void end_txn(struct fixture_log *f, int64_t id, int16_t epoch, bool commit)
{
    uint8_t bytes[BROKER_MARKER_BYTES];
    struct broker_batch_header header = {.base_offset = broker_log_end_offset(f->log),
                                         .partition_leader_epoch = 0,
                                         .producer_id = id,
                                         .producer_epoch = epoch,
                                         .max_timestamp_ms = fixture_now_ms};
    broker_control_build(&header, commit ? BROKER_CONTROL_COMMIT : BROKER_CONTROL_ABORT, 1, bytes);
    struct broker_span span = {bytes, sizeof bytes};
    struct broker_append out;
    assert_int_equal(broker_log_append_as_follower(f->log, &span, 1, 0, &out, &f->err), BROKER_OK);
    assert_int_equal(out.error, KAFKA_NONE);
    broker_log_publish(f->log);
}

static void sequence__must_follow_the_last_one(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 0, 0, 3), KAFKA_NONE);
    assert_int_equal(send(f, 1, 0, 4, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 0, 2, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 0, 3, 1), KAFKA_NONE);
    assert_int_equal(send(f, 2, 0, 0, 1), KAFKA_NONE);
    assert_int_equal(broker_log_end_offset(f->log), 5);
}

static void sequence__of_an_unknown_producer_may_be_any(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 7, 100, 3), KAFKA_NONE);
    assert_int_equal(send(f, 1, 7, 103, 1), KAFKA_NONE);
}

static void sequence__wraps_after_int32_max(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 0, INT32_MAX - 1, 2), KAFKA_NONE);
    assert_int_equal(send(f, 1, 0, 0, 1), KAFKA_NONE);
    assert_int_equal(send(f, 2, 0, INT32_MAX, 3), KAFKA_NONE); /* wraps inside the batch, to 1 */
    assert_int_equal(send(f, 2, 0, INT32_MAX, 3), KAFKA_NONE);
    assert_true(f->out.duplicate);
    assert_int_equal(send(f, 2, 0, 2, 1), KAFKA_NONE);
    assert_false(f->out.duplicate);
}

static void duplicate__of_one_of_the_last_five_gets_its_old_offset(void **state)
{
    struct fixture_log *f = *state;
    for (int32_t i = 0; i < 13; i++)
        assert_int_equal(send(f, 1, 0, 2 * i, 2), KAFKA_NONE);
    uint64_t size = broker_log_size_bytes(f->log);
    for (int32_t i = 8; i < 13; i++) {
        assert_int_equal(send(f, 1, 0, 2 * i, 2), KAFKA_NONE);
        assert_true(f->out.duplicate);
        assert_false(f->out.pending);
        assert_int_equal(f->out.base_offset, 2 * i);
        assert_int_equal(f->out.last_offset, 2 * i + 1);
    }
    assert_int_equal(send(f, 1, 0, 14, 2), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER); /* the sixth */
    assert_int_equal(send(f, 1, 0, 16, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER); /* half of one */
    assert_int_equal(broker_log_size_bytes(f->log), size);
}

static void epoch__lower_is_fenced_and_higher_starts_at_zero(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 3, 0, 1), KAFKA_NONE);
    assert_int_equal(send(f, 1, 2, 1, 1), KAFKA_INVALID_PRODUCER_EPOCH);
    assert_int_equal(send(f, 1, 4, 1, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 4, 0, 1), KAFKA_NONE);
    assert_false(f->out.duplicate);
    assert_int_equal(send(f, 1, 4, 1, 1), KAFKA_NONE);
}

static void producers__are_told_apart_when_there_are_many(void **state)
{
    struct fixture_log *f = *state;
    for (int64_t id = 0; id < 500; id++)
        assert_int_equal(send(f, id * 1000, 0, 0, 1), KAFKA_NONE);
    for (int64_t id = 0; id < 500; id++) {
        assert_int_equal(send(f, id * 1000, 0, 0, 1), KAFKA_NONE);
        assert_true(f->out.duplicate);
        assert_int_equal(f->out.base_offset, id);
    }
}

static void state__survives_a_clean_stop_as_one_batch_a_producer(void **state)
{
    struct fixture_log *f = *state;
    for (int32_t i = 0; i < 3; i++)
        assert_int_equal(send(f, 1, 5, i, 1), KAFKA_NONE);
    fixture_log_close(f);
    fixture_log_open(f, true, 3, 0);
    assert_int_equal(send(f, 1, 5, 2, 1), KAFKA_NONE);
    assert_true(f->out.duplicate);
    assert_int_equal(f->out.base_offset, 2);
    assert_int_equal(send(f, 1, 5, 1, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 5, 3, 1), KAFKA_NONE);
}

static void state__is_replayed_after_a_kill(void **state)
{
    struct fixture_log *f = *state;
    for (int32_t i = 0; i < 20; i++) /* rolls twice; snapshots at 8 and 16 */
        assert_int_equal(send(f, 1, 5, i, 1), KAFKA_NONE);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 16, 0);
    /* Recovery ends with a snapshot, which is loaded again: one batch is remembered, as in Kafka. */
    assert_int_equal(send(f, 1, 5, 18, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 5, 19, 1), KAFKA_NONE);
    assert_true(f->out.duplicate);
    assert_int_equal(f->out.base_offset, 19);
    assert_int_equal(send(f, 1, 5, 20, 1), KAFKA_NONE);
}

static void state__is_rebuilt_when_a_snapshot_is_damaged(void **state)
{
    struct fixture_log *f = *state;
    for (int32_t i = 0; i < 20; i++)
        assert_int_equal(send(f, 1, 5, i, 1), KAFKA_NONE);
    fixture_log_close(f);
    fixture_damage(f, 20, ".snapshot", 12);
    fixture_damage(f, 16, ".snapshot", 3);
    fixture_log_open(f, true, 20, 0);
    assert_int_equal(send(f, 1, 5, 20, 1), KAFKA_NONE);
    assert_int_equal(send(f, 1, 5, 16, 1), KAFKA_NONE);
    assert_true(f->out.duplicate);
}

static void state__is_cut_back_by_truncation(void **state)
{
    struct fixture_log *f = *state;
    for (int32_t i = 0; i < 12; i++)
        assert_int_equal(send(f, 1, 5, i, 1), KAFKA_NONE);
    assert_int_equal(broker_log_truncate(f->log, 10, &f->receipt, &f->err), BROKER_OK);
    assert_int_equal(send(f, 1, 5, 12, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_int_equal(send(f, 1, 5, 10, 1), KAFKA_NONE);
    assert_false(f->out.duplicate);
    assert_int_equal(f->out.base_offset, 10);
}

static void state__expires_a_day_after_the_last_record(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 5, 0, 1), KAFKA_NONE);
    fixture_now_ms += 86399999;
    fixture_log_close(f);
    fixture_log_open(f, true, 1, 0);
    assert_int_equal(send(f, 1, 5, 7, 1), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    fixture_log_close(f);
    fixture_now_ms += 1;
    fixture_log_open(f, true, 1, 0);
    assert_int_equal(send(f, 1, 5, 7, 1), KAFKA_NONE); /* unknown again */
}

static void txn__holds_the_stable_offset_until_its_marker_is_replicated(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send(f, 1, 0, 0, 4), KAFKA_NONE);
    assert_int_equal(send_txn(f, 2, 0, 0, 2), KAFKA_NONE); /* 4, 5 */
    assert_int_equal(send_txn(f, 3, 0, 0, 2), KAFKA_NONE); /* 6, 7 */
    broker_log_set_high_watermark(f->log, 8);
    assert_int_equal(broker_log_last_stable_offset(f->log), 4);
    end_txn(f, 2, 0, true); /* 8 */
    assert_int_equal(broker_log_last_stable_offset(f->log), 4);
    broker_log_set_high_watermark(f->log, 9);
    assert_int_equal(broker_log_last_stable_offset(f->log), 6);
    end_txn(f, 3, 0, false); /* 9 */
    broker_log_set_high_watermark(f->log, 10);
    assert_int_equal(broker_log_last_stable_offset(f->log), 10);
}

static void txn__refuses_plain_batches_of_its_producer_while_open(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send_txn(f, 2, 0, 0, 1), KAFKA_NONE);
    assert_int_equal(send(f, 2, 0, 1, 1), KAFKA_INVALID_TXN_STATE);
    end_txn(f, 2, 0, true);
    assert_int_equal(send(f, 2, 0, 1, 1), KAFKA_NONE);
}

static bool copy_aborted(void *ctx, const struct broker_aborted_txn *txn)
{
    *(struct broker_aborted_txn *)ctx = *txn;
    return true;
}

static void txn__aborted_is_indexed_with_the_stable_offset_after_it(void **state)
{
    struct fixture_log *f = *state;
    struct broker_aborted_txn txn = {0};
    assert_int_equal(send_txn(f, 2, 0, 0, 2), KAFKA_NONE); /* 0, 1 */
    assert_int_equal(send_txn(f, 3, 0, 0, 2), KAFKA_NONE); /* 2, 3 */
    end_txn(f, 3, 0, true);                                /* 4: no entry */
    assert_int_equal(fixture_segment_bytes(f, 0, ".txnindex"), -1);
    assert_int_equal(send_txn(f, 4, 0, 0, 1), KAFKA_NONE); /* 5 */
    end_txn(f, 2, 0, false);                               /* 6 */
    assert_int_equal(fixture_segment_bytes(f, 0, ".txnindex"), BROKER_TXN_ENTRY_BYTES);
    broker_txn_index_each(f->log->segments[0], copy_aborted, &txn, NULL);
    assert_int_equal(txn.producer_id, 2);
    assert_int_equal(txn.first_offset, 0);
    assert_int_equal(txn.last_offset, 6);
    assert_int_equal(txn.last_stable_offset, 5);
    end_txn(f, 9, 0, false); /* no data of producer 9: no entry */
    assert_int_equal(fixture_segment_bytes(f, 0, ".txnindex"), BROKER_TXN_ENTRY_BYTES);
}

static void txn__open_over_a_stop_is_still_open(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send_txn(f, 2, 0, 0, 2), KAFKA_NONE);
    assert_int_equal(send(f, 1, 0, 0, 2), KAFKA_NONE);
    fixture_log_close(f);
    fixture_log_open(f, true, 4, 0);
    broker_log_set_high_watermark(f->log, 4);
    assert_int_equal(broker_log_last_stable_offset(f->log), 0);
    end_txn(f, 2, 0, false);
    broker_log_set_high_watermark(f->log, 5);
    assert_int_equal(broker_log_last_stable_offset(f->log), 5);
    fixture_log_abandon(f);
    fixture_log_open(f, false, 0, 0);
    broker_log_set_high_watermark(f->log, 5);
    assert_int_equal(broker_log_last_stable_offset(f->log), 5);
    assert_int_equal(fixture_segment_bytes(f, 0, ".txnindex"), BROKER_TXN_ENTRY_BYTES);
}

static void txn__cut_by_truncation_is_open_again(void **state)
{
    struct fixture_log *f = *state;
    assert_int_equal(send_txn(f, 2, 0, 0, 2), KAFKA_NONE);
    end_txn(f, 2, 0, false);
    assert_int_equal(broker_log_truncate(f->log, 2, &f->receipt, &f->err), BROKER_OK);
    broker_log_set_high_watermark(f->log, 2);
    assert_int_equal(broker_log_last_stable_offset(f->log), 0);
    assert_int_equal(fixture_segment_bytes(f, 0, ".txnindex"), 0);
}

/* Java's HashMap gives entries by bucket: log-storage.md section 13 has 2000 before 1000. */
static void snapshot__lists_producers_as_java_does(void **state)
{
    struct fixture_log *f = *state;
    static const int64_t ids[] = {17, 1, 33, 4294967298, 16, 2};
    for (int i = 0; i < 6; i++)
        assert_int_equal(send(f, ids[i], 0, 0, 1), KAFKA_NONE);
    fixture_log_close(f);
    uint8_t *bytes;
    int64_t size = fixture_read(&f->env, "t-0/00000000000000000006.snapshot", &bytes);
    assert_int_equal(size, 10 + 6 * 46);
    /* buckets of 16: 16 in 0; 17, 1, 33 in 1; 2^32 + 2 folds to 3; 2 in 2 */
    static const uint8_t low[] = {16, 17, 1, 33, 2, 2}, high[] = {0, 0, 0, 0, 0, 1};
    for (int i = 0; i < 6; i++) {
        assert_int_equal(bytes[10 + i * 46 + 7], low[i]);
        assert_int_equal(bytes[10 + i * 46 + 3], high[i]);
    }
    free(bytes);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(sequence__must_follow_the_last_one),
        TEST(sequence__of_an_unknown_producer_may_be_any),
        TEST(sequence__wraps_after_int32_max),
        TEST(duplicate__of_one_of_the_last_five_gets_its_old_offset),
        TEST(epoch__lower_is_fenced_and_higher_starts_at_zero),
        TEST(producers__are_told_apart_when_there_are_many),
        TEST(state__survives_a_clean_stop_as_one_batch_a_producer),
        TEST(state__is_replayed_after_a_kill),
        TEST(state__is_rebuilt_when_a_snapshot_is_damaged),
        TEST(state__is_cut_back_by_truncation),
        TEST(state__expires_a_day_after_the_last_record),
        TEST(txn__holds_the_stable_offset_until_its_marker_is_replicated),
        TEST(txn__refuses_plain_batches_of_its_producer_while_open),
        TEST(txn__aborted_is_indexed_with_the_stable_offset_after_it),
        TEST(txn__open_over_a_stop_is_still_open),
        TEST(txn__cut_by_truncation_is_open_again),
        TEST(snapshot__lists_producers_as_java_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
