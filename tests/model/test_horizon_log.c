/* The horizon's logs as a run begins with them: what the preload leaves. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "model/cluster/horizon.h"
#include "model/cluster/horizon_log.h"
#include "tests/support/near.h"

struct preloaded {
    struct env_sim *env;
    struct broker_dir *dir;
    struct broker_log *log;
};

static struct preloaded preload(const struct horizon_preload *p, uint64_t seed)
{
    struct preloaded x = {.env = env_sim_new(1, UINT64_MAX / 2)};
    struct broker_dir_config of_dir;
    struct broker_log_config config;
    struct broker_receipt receipt = {0};
    struct broker_err err = {0};
    struct sim_stream random;
    broker_dir_config_init(&of_dir);
    broker_log_config_init(&config);
    config.segment_bytes = p->segment_bytes;
    config.segment_ms = p->segment_ms;
    config.retention_ms = p->retention_ms;
    config.retention_bytes = p->retention_bytes;
    config.allow_holes = true;
    config.max_message_bytes = INT32_MAX;
    env_sim_set_now(x.env, HORIZON_EPOCH_MS);
    assert_int_equal(broker_dir_open(env_sim_env(x.env), "d", &of_dir, &x.dir, &err), BROKER_OK);
    assert_int_equal(broker_dir_log(x.dir, "t", 0, &config, &x.log, &receipt, &err), BROKER_OK);
    sim_stream_init(&random, seed, 0, "age");
    assert_int_equal(horizon_preload_log(x.env, x.log, p, HORIZON_EPOCH_MS, &random, &err),
                     BROKER_OK);
    assert_int_equal(env_sim_env(x.env)->ops->now_ms(env_sim_env(x.env)), HORIZON_EPOCH_MS);
    broker_log_check(x.log);
    return x;
}

static void unload(struct preloaded *x)
{
    broker_dir_abandon(x->dir);
    env_sim_free(x->env);
}

static const struct horizon_preload steady = {.bytes_per_s = 1e5,
                                              .record_bytes = 500,
                                              .retention_ms = 86400000,
                                              .retention_bytes = -1,
                                              .segment_bytes = 1 << 30,
                                              .segment_ms = 604800000,
                                              .check_interval_ms = 300000,
                                              .stamp_producer = -1};

/* A day of 100 kB/s is 8.64 GB: nine segments and a part, all published and synced, with random ages over the seeds. */
static void preload__leaves_what_retention_keeps(void **state)
{
    (void)state;
    double sum = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct preloaded x = preload(&steady, seed);
        double bytes = (double)broker_log_size_bytes(x.log);
        assert_true(bytes >= 8.64e9 * 0.999 && bytes <= 8.64e9 + (1 << 30) + 31e6);
        assert_true(broker_log_high_watermark(x.log) == broker_log_end_offset(x.log));
        assert_true(broker_log_recovery_point(x.log) == broker_log_end_offset(x.log));
        sum += bytes;
        unload(&x);
    }
    near(sum / 40, 8.64e9 + (1 << 30) / 2, 0.02);
}

/* Kafka's largest number is no limit, alone and beside one by size. */
static void preload__takes_the_longest_retention_for_none(void **state)
{
    (void)state;
    struct horizon_preload p = steady;
    p.retention_ms = INT64_MAX;
    struct preloaded x = preload(&p, 1);
    assert_int_equal(broker_log_size_bytes(x.log), 0);
    unload(&x);
    p.retention_bytes = INT64_C(4000000000);
    x = preload(&p, 1);
    assert_in_range(broker_log_size_bytes(x.log), 4000000000, 4000000000 + (1 << 30) + 31000000);
    unload(&x);
}

/* Whenever retention was last checked, it leaves the same, and no more is laid than what it leaves and a few segments. */
static void preload__is_bounded_however_rarely_retention_is_checked(void **state)
{
    (void)state;
    static const int64_t intervals_ms[] = {86400000, INT64_C(315360000000), INT64_MAX};
    for (size_t i = 0; i < sizeof intervals_ms / sizeof *intervals_ms; i++) {
        struct horizon_preload p = steady;
        p.check_interval_ms = intervals_ms[i];
        struct preloaded x = preload(&p, 5);
        double bytes = (double)broker_log_size_bytes(x.log);
        assert_true(bytes >= 8.64e9 * 0.999 && bytes <= 8.64e9 + 2.0 * (1 << 30));
        assert_true(broker_log_end_offset(x.log) < 61 * INT64_C(2147484));
        unload(&x);
    }
}

static void preload__ends_with_batches_as_clients_send_them(void **state)
{
    (void)state;
    struct horizon_preload p = steady;
    struct broker_region region;
    struct broker_receipt receipt = {0};
    static const struct horizon_stretch tail = {4000000, 0, 16384};
    p.stretches = &tail;
    p.stretch_count = 1;
    struct preloaded x = preload(&p, 3);
    int64_t offset = broker_log_end_offset(x.log) - 4000; /* half of the tail's records */
    assert_int_equal(
        broker_log_read(x.log, offset, 100000, true, BROKER_READ_END, &region, &receipt),
        KAFKA_NONE);
    assert_true(region.size_bytes <= 100000);
    assert_true(region.first_offset <= offset && region.first_offset > offset - 33);
    broker_region_release(&region);
    unload(&x);
}

/* Half a record more in each batch is a record more in every second one: 500 bytes lie between two offsets, as clients send them. */
static void preload__has_as_many_records_as_bytes(void **state)
{
    (void)state;
    struct horizon_preload p = steady;
    static const struct horizon_stretch tail = {4000000, 0, 750};
    p.stretches = &tail;
    p.stretch_count = 1;
    struct preloaded x = preload(&p, 3);
    int64_t kept = broker_log_end_offset(x.log) - broker_log_start_offset(x.log);
    near((double)kept, (double)broker_log_size_bytes(x.log) / 500, 1e-6);
    struct broker_region region;
    struct broker_receipt receipt = {0};
    assert_int_equal(broker_log_read(x.log, broker_log_end_offset(x.log) - 6000, 1 << 30, true,
                                     BROKER_READ_END, &region, &receipt),
                     KAFKA_NONE);
    near((double)region.size_bytes, 6000 * 500, 1e-3);
    broker_region_release(&region);
    unload(&x);
}

static void preload__keeps_only_so_many_segments(void **state)
{
    (void)state;
    struct horizon_preload p = steady;
    p.segments_max = 2;
    struct preloaded x = preload(&p, 3);
    assert_in_range(broker_log_segment_count(x.log), 1, 3);
    unload(&x);
    p = steady;
    p.retention_ms = -1; /* for ever: nobody knows how much that was */
    x = preload(&p, 3);
    assert_int_equal(broker_log_size_bytes(x.log), 0);
    unload(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preload__leaves_what_retention_keeps),
        cmocka_unit_test(preload__takes_the_longest_retention_for_none),
        cmocka_unit_test(preload__is_bounded_however_rarely_retention_is_checked),
        cmocka_unit_test(preload__ends_with_batches_as_clients_send_them),
        cmocka_unit_test(preload__has_as_many_records_as_bytes),
        cmocka_unit_test(preload__keeps_only_so_many_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
