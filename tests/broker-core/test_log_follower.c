/* Follower appends and the history of leader epochs (record-format.md section 8, replication.md section 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/epochs.h"
#include "tests/support/broker_fixture.h"

#define BATCH 1083

struct pair {
    struct fixture_log leader, follower;
};

static int setup(void **state)
{
    static struct pair p;
    fixture_log_init(&p.leader);
    fixture_log_init(&p.follower);
    p.leader.config.segment_bytes = p.follower.config.segment_bytes = 9000;
    p.leader.config.segment_index_bytes = p.follower.config.segment_index_bytes = 1000;
    fixture_log_open(&p.leader, true, 0, 0);
    fixture_log_open(&p.follower, true, 0, 0);
    *state = &p;
    return 0;
}

static int teardown(void **state)
{
    struct pair *p = *state;
    fixture_log_release(&p->leader);
    fixture_log_release(&p->follower);
    return 0;
}

/* One fetch of the follower at its end. Returns the bytes appended. */
static uint64_t fetch(struct pair *p, uint64_t max_bytes, int32_t leader_epoch)
{
    struct broker_region region;
    struct broker_view view;
    struct broker_env *env = p->leader.env.env;
    struct fixture_log *f = &p->follower;
    broker_log_read(p->leader.log, broker_log_end_offset(f->log), max_bytes, true, BROKER_READ_END,
                    &region, &p->leader.receipt);
    if (!region.size_bytes)
        return 0;
    assert_int_equal(
        env->ops->view(env, broker_region_file(&region), region.position, region.size_bytes, &view),
        BROKER_OK);
    int rc = broker_log_append_as_follower(f->log, view.spans, view.count, leader_epoch, &f->out,
                                           &f->err);
    assert_int_equal(rc, BROKER_OK);
    if (f->out.pending)
        broker_log_publish(f->log);
    env->ops->view_release(env, &view);
    broker_region_release(&region);
    return f->out.size_bytes;
}

static void expect_same_file(struct pair *p, const char *path)
{
    uint8_t *a, *b;
    int64_t size = fixture_read(&p->leader.env, path, &a);
    assert_true(size >= 0);
    assert_int_equal(fixture_read(&p->follower.env, path, &b), size);
    assert_memory_equal(a, b, (size_t)size);
    free(a);
    free(b);
}

static void follower__that_fetches_batch_by_batch_has_the_leaders_files(void **state)
{
    struct pair *p = *state;
    for (int i = 0; i < 20; i++) {
        fixture_append_many(&p->leader, 1);
        fixture_now_ms += 1;
        assert_int_equal(fetch(p, 1 << 20, 0), BATCH);
    }
    broker_log_check(p->follower.log);
    fixture_log_close(&p->leader);
    fixture_log_close(&p->follower);
    static const char *const files[] = {".log", ".index", ".timeindex", ".snapshot"};
    for (int base = 0; base <= 32; base += 16)
        for (int i = 0; i < 4; i++) {
            char path[64];
            if (base == 0 && i == 3)
                continue;
            snprintf(path, sizeof path, "t-0/%020d%s", base, files[i]);
            expect_same_file(p, path);
        }
    expect_same_file(p, "t-0/leader-epoch-checkpoint");
}

static void follower__trims_a_torn_last_batch(void **state)
{
    struct pair *p = *state;
    fixture_append_many(&p->leader, 5);
    assert_int_equal(fetch(p, 3 * BATCH + 500, 0), 3 * BATCH);
    assert_int_equal(broker_log_end_offset(p->follower.log), 6);
    assert_int_equal(p->follower.out.record_count, 6);
    assert_int_equal(p->follower.out.base_offset, 0);
    assert_int_equal(p->follower.out.last_offset, 5);
    assert_int_equal(fetch(p, 1 << 20, 0), 2 * BATCH);
    expect_same_file(p, "t-0/00000000000000000000.log");
}

static void follower__splits_a_fetch_that_does_not_fit_one_segment(void **state)
{
    struct pair *p = *state;
    fixture_log_close(&p->follower);
    p->follower.config.segment_bytes = 3 * BATCH;
    fixture_log_open(&p->follower, true, 0, 0);
    fixture_append_many(&p->leader, 8);
    assert_int_equal(fetch(p, 1 << 20, 0), 8 * BATCH);
    assert_int_equal(broker_log_segment_count(p->follower.log), 3);
    assert_int_equal(broker_log_end_offset(p->follower.log), 16);
    broker_log_check(p->follower.log);
}

static void follower__refuses_a_damaged_batch(void **state)
{
    struct pair *p = *state;
    fixture_append_many(&p->leader, 1);
    fixture_damage(&p->leader, 0, ".log", 500);
    assert_int_equal(fetch(p, 1 << 20, 0), 0);
    assert_int_equal(p->follower.out.error, KAFKA_CORRUPT_MESSAGE);
    assert_int_equal(broker_log_end_offset(p->follower.log), 0);
}

static void follower__refuses_what_lies_before_its_end(void **state)
{
    struct pair *p = *state;
    struct fixture_log *f = &p->follower;
    fixture_append_many(&p->leader, 2);
    fetch(p, 1 << 20, 0);
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(1, FIXTURE_START_MS);
    broker_batch_build_opaque(&header, 39, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 39}};
    assert_int_equal(broker_log_append_as_follower(f->log, spans, 2, 0, &f->out, &f->err),
                     BROKER_OK);
    assert_int_equal(f->out.error, KAFKA_UNKNOWN_SERVER_ERROR);
    assert_false(f->out.pending);
    assert_int_equal(broker_log_end_offset(f->log), 4);
}

/* After DeleteRecords in the middle of a batch: an empty follower starts at the offset, the leader sends the whole batch. */
static void follower__that_is_empty_starts_where_the_first_batch_does(void **state)
{
    struct pair *p = *state;
    struct fixture_log *f = &p->follower;
    fixture_append_many(&p->leader, 3);
    broker_log_truncate_fully(f->log, 3, &f->receipt, &f->err);
    assert_int_equal(fetch(p, 1 << 20, 0), 2 * BATCH);
    assert_int_equal(broker_log_start_offset(f->log), 2);
    assert_int_equal(broker_log_end_offset(f->log), 6);
    broker_log_check(f->log);
}

static void follower__leaves_batches_of_a_leader_it_does_not_know(void **state)
{
    struct pair *p = *state;
    fixture_append_many(&p->leader, 2);
    broker_log_assign_epoch(p->leader.log, 1, &p->leader.receipt, &p->leader.err);
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(1, FIXTURE_START_MS);
    broker_batch_build_opaque(&header, 39, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 39}};
    broker_log_append(p->leader.log, spans, 2, 1, &p->leader.out, &p->leader.err);
    broker_log_publish(p->leader.log);
    assert_int_equal(fetch(p, 1 << 20, 0), 2 * BATCH);
    assert_int_equal(fetch(p, 1 << 20, 0), 0);
    assert_int_equal(fetch(p, 1 << 20, 1), 100);
    assert_int_equal(broker_log_latest_epoch(p->follower.log), 1);
    int64_t end;
    assert_int_equal(broker_log_end_offset_for_epoch(p->follower.log, 0, &end), 0);
    assert_int_equal(end, 4);
}

/* ---- epochs by themselves ---- */

static void epochs__answer_end_offsets_as_kafka(void **state)
{
    struct broker_epochs e = {0};
    bool changed;
    int64_t end;
    (void)state;
    assert_int_equal(broker_epochs_end_offset(&e, 0, 50, &end), -1);
    assert_int_equal(end, -1);
    broker_epochs_assign(&e, 2, 10, &changed);
    broker_epochs_assign(&e, 5, 20, &changed);
    broker_epochs_assign(&e, 7, 30, &changed);
    static const struct {
        int32_t asked, found;
        int64_t end;
    } table[] = {{7, 7, 50}, {8, -1, -1}, {6, 5, 30}, {5, 5, 30},  {3, 2, 20},
                 {2, 2, 20}, {1, 1, 10},  {0, 0, 10}, {-1, -1, -1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(broker_epochs_end_offset(&e, table[i].asked, 50, &end), table[i].found);
        assert_int_equal(end, table[i].end);
    }
    broker_epochs_release(&e);
}

static void epochs__assign_removes_what_contradicts(void **state)
{
    struct broker_epochs e = {0};
    bool changed;
    (void)state;
    broker_epochs_assign(&e, 2, 10, &changed);
    assert_true(changed);
    broker_epochs_assign(&e, 2, 15, &changed);
    assert_false(changed);
    broker_epochs_assign(&e, 3, 10, &changed); /* epoch 2 had no record */
    assert_int_equal(e.count, 1);
    broker_epochs_assign(&e, 4, 20, &changed);
    broker_epochs_assign(&e, 5, 30, &changed);
    broker_epochs_assign(&e, 6, 15, &changed);
    assert_int_equal(e.count, 2);
    assert_int_equal(e.all[0].epoch, 3);
    assert_int_equal(e.all[1].epoch, 6);
    broker_epochs_release(&e);
}

static void epochs__truncation_keeps_the_one_that_covers_the_start(void **state)
{
    struct broker_epochs e = {0};
    bool changed;
    (void)state;
    broker_epochs_assign(&e, 2, 10, &changed);
    broker_epochs_assign(&e, 5, 20, &changed);
    broker_epochs_assign(&e, 7, 30, &changed);
    assert_true(broker_epochs_truncate_start(&e, 25));
    assert_int_equal(e.count, 2);
    assert_int_equal(e.all[0].epoch, 5);
    assert_int_equal(e.all[0].start_offset, 25);
    assert_false(broker_epochs_truncate_start(&e, 25));
    assert_true(broker_epochs_truncate_end(&e, 30));
    assert_int_equal(e.count, 1);
    assert_false(broker_epochs_truncate_end(&e, 30));
    broker_epochs_release(&e);
}

static void epochs__file_is_read_back_and_refused_when_damaged(void **state)
{
    struct fixture_log *f = &((struct pair *)*state)->leader;
    struct broker_epochs e = {0};
    fixture_write(&f->env, "t-0/leader-epoch-checkpoint", "0\n2\n7 0\n8 27\n", 13);
    assert_int_equal(broker_epochs_read(&e, f->env.env, "t-0", &f->err), BROKER_OK);
    assert_int_equal(e.count, 2);
    assert_int_equal(e.all[1].start_offset, 27);
    broker_epochs_release(&e);
    static const char *const damaged[] = {"1\n0\n", "0\n2\n7 0\n",   "0\n1\n7\n",   "0\n1\nx 0\n",
                                          "0\n",    "0\n1\n7 0 5\n", "0\n1\n7 -4\n"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        fixture_write(&f->env, "t-0/leader-epoch-checkpoint", damaged[i], strlen(damaged[i]));
        assert_int_equal(broker_epochs_read(&e, f->env.env, "t-0", &f->err), BROKER_ECORRUPT);
        assert_int_equal(e.count, 0);
    }
    fixture_write(&f->env, "t-0/leader-epoch-checkpoint", "", 0);
    assert_int_equal(broker_epochs_read(&e, f->env.env, "t-0", &f->err), BROKER_OK);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(follower__that_fetches_batch_by_batch_has_the_leaders_files),
        TEST(follower__trims_a_torn_last_batch),
        TEST(follower__splits_a_fetch_that_does_not_fit_one_segment),
        TEST(follower__refuses_a_damaged_batch),
        TEST(follower__refuses_what_lies_before_its_end),
        TEST(follower__that_is_empty_starts_where_the_first_batch_does),
        TEST(follower__leaves_batches_of_a_leader_it_does_not_know),
        TEST(epochs__answer_end_offsets_as_kafka),
        TEST(epochs__assign_removes_what_contradicts),
        TEST(epochs__truncation_keeps_the_one_that_covers_the_start),
        TEST(epochs__file_is_read_back_and_refused_when_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
