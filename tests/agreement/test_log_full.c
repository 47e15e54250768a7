/* A disk that is full or breaks while a log is written: nothing half done is seen, and there is a way on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker-core/log/log.h"
#include "model/broker/env_sim.h"

#define START INT64_C(1700000000000)
#define BATCH 1083

struct world {
    struct env_sim *sim;
    struct broker_env *env;
    struct broker_log *log;
    struct broker_log_config config;
    struct broker_append out;
    struct broker_receipt receipt;
    struct broker_err err;
};

static int setup(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    broker_log_config_init(&w.config);
    w.config.allow_holes = true;
    w.config.segment_bytes = 9000;
    w.config.file_delete_delay_ms = 0;
    w.sim = env_sim_new(1, 1 << 20);
    w.env = env_sim_env(w.sim);
    env_sim_set_now(w.sim, START);
    assert_int_equal(broker_log_open(w.env, "t-0", &w.config, true, 0, 0, &w.log, NULL, &w.err),
                     BROKER_OK);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    broker_log_abandon(w->log);
    env_sim_free(w->sim);
    return 0;
}

static int append(struct world *w)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = {.base_timestamp_ms = START,
                                         .max_timestamp_ms = START,
                                         .producer_id = -1,
                                         .record_count = 2};
    broker_batch_build_opaque(&header, BATCH - sizeof bytes, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, BATCH - sizeof bytes}};
    int rc = broker_log_append(w->log, spans, 2, 0, &w->out, &w->err);
    if (rc == BROKER_OK)
        broker_log_publish(w->log);
    return rc;
}

/* For each amount of free space, from a log that is about to roll. */
static void append__on_a_full_disk_leaves_the_log_as_it_was(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(append(w), BROKER_OK);
    uint64_t used = env_sim_used_bytes(w->sim);
    for (uint64_t spare = 0; spare < BATCH; spare += 7) {
        env_sim_set_capacity(w->sim, used + spare);
        int rc = append(w);
        assert_true(rc == BROKER_EFULL);
        assert_false(w->out.pending);
        assert_int_equal(broker_log_end_offset(w->log), 16);
        broker_log_check(w->log);
    }
    env_sim_set_capacity(w->sim, used + (1 << 20));
    for (int i = 0; i < 20; i++)
        assert_int_equal(append(w), BROKER_OK);
    broker_log_check(w->log);
    assert_int_equal(broker_log_end_offset(w->log), 56);
    broker_log_abandon(w->log);
    struct broker_recovery recovery;
    assert_int_equal(
        broker_log_open(w->env, "t-0", &w->config, false, 0, 0, &w->log, &recovery, &w->err),
        BROKER_OK);
    assert_int_equal(recovery.bytes_truncated, 0);
    assert_int_equal(broker_log_end_offset(w->log), 56);
}

static void retention__makes_room_on_a_full_disk(void **state)
{
    struct world *w = *state;
    uint32_t deleted;
    env_sim_set_capacity(w->sim, 60000);
    while (append(w) == BROKER_OK)
        ;
    assert_true(broker_log_segment_count(w->log) > 4);
    int64_t end = broker_log_end_offset(w->log);
    broker_log_set_high_watermark(w->log, end);
    broker_log_set_start_offset(w->log, 32);
    assert_int_equal(broker_log_retain(w->log, &deleted, &w->receipt, &w->err), BROKER_OK);
    assert_int_equal(deleted, 2);
    assert_int_equal(broker_log_run_tasks(w->log, START, &w->receipt, &w->err), BROKER_OK);
    assert_int_equal(append(w), BROKER_OK);
    assert_int_equal(w->out.base_offset, end);
    broker_log_check(w->log);
}

static void follower__keeps_what_fitted_before_the_disk_was_full(void **state)
{
    struct world *w = *state;
    uint8_t bytes[30][BROKER_BATCH_HEADER_BYTES];
    struct broker_span spans[60];
    for (int i = 0; i < 30; i++) {
        struct broker_batch_header header = {.base_timestamp_ms = START,
                                             .max_timestamp_ms = START,
                                             .producer_id = -1,
                                             .record_count = 2};
        header.base_offset = 2 * i;
        broker_batch_build_opaque(&header, BATCH - BROKER_BATCH_HEADER_BYTES, bytes[i]);
        spans[2 * i] = (struct broker_span){bytes[i], BROKER_BATCH_HEADER_BYTES};
        spans[2 * i + 1] = (struct broker_span){NULL, BATCH - BROKER_BATCH_HEADER_BYTES};
    }
    env_sim_set_capacity(w->sim, env_sim_used_bytes(w->sim) + 20 * BATCH);
    assert_int_equal(broker_log_append_as_follower(w->log, spans, 60, 0, &w->out, &w->err),
                     BROKER_OK);
    assert_true(w->out.pending);
    assert_int_equal(w->out.size_bytes, 16 * BATCH); /* two runs of a segment each */
    broker_log_publish(w->log);
    assert_int_equal(broker_log_end_offset(w->log), 32);
    broker_log_check(w->log);
    assert_int_equal(broker_log_append_as_follower(w->log, spans + 32, 28, 0, &w->out, &w->err),
                     BROKER_EFULL);
    broker_log_check(w->log);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(append__on_a_full_disk_leaves_the_log_as_it_was),
        TEST(retention__makes_room_on_a_full_disk),
        TEST(follower__keeps_what_fitted_before_the_disk_was_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
