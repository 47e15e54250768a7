/* A log dir: its lock, loading, checkpoints, tasks, clean and unclean stops (log-storage.md sections 1, 2, 5, 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "broker-core/log/meta.h"
#include "tests/support/broker_fixture.h"

#define BATCH 1083

struct world {
    struct fixture_env env;
    struct broker_dir_config config;
    struct broker_log_config log_config;
    struct broker_dir *dir;
    struct broker_recovery recovery;
    struct broker_receipt receipt;
    struct broker_err err;
};

static void must(struct world *w, int rc)
{
    if (rc != BROKER_OK)
        fail_msg("%s: %s", broker_status_name(rc), w->err.text);
}

static void configure(void *ctx, const char *topic, struct broker_log_config *config)
{
    (void)topic;
    *config = ((struct world *)ctx)->log_config;
}

static void start(struct world *w)
{
    must(w, broker_dir_open(w->env.env, "data", &w->config, &w->dir, &w->err));
    w->recovery = (struct broker_recovery){0};
    must(w, broker_dir_load(w->dir, configure, w, &w->recovery, &w->err));
}

static void stop(struct world *w)
{
    must(w, broker_dir_close(w->dir, &w->receipt, &w->err));
    w->dir = NULL;
}

static void kill_process(struct world *w)
{
    broker_dir_abandon(w->dir);
    w->dir = NULL;
}

static int setup(void **state)
{
    static struct world w;
    w = (struct world){0};
    fixture_init(&w.env);
    broker_dir_config_init(&w.config);
    broker_log_config_init(&w.log_config);
    w.log_config.allow_holes = true;
    w.log_config.segment_bytes = 9000;
    start(&w);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    broker_dir_abandon(w->dir);
    fixture_release(&w->env);
    return 0;
}

static struct broker_log *log_of(struct world *w, const char *topic, int32_t partition)
{
    struct broker_log *log;
    must(w, broker_dir_log(w->dir, topic, partition, &w->log_config, &log, &w->receipt, &w->err));
    return log;
}

static void append(struct world *w, struct broker_log *log, int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
        struct broker_batch_header header = fixture_header(2, fixture_now_ms);
        broker_batch_build_opaque(&header, BATCH - sizeof bytes, bytes);
        struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, BATCH - sizeof bytes}};
        struct broker_append out;
        must(w, broker_log_append(log, spans, 2, 0, &out, &w->err));
        assert_int_equal(out.error, KAFKA_NONE);
        broker_log_publish(log);
    }
}

static void expect_text(struct world *w, const char *path, const char *text)
{
    uint8_t *bytes;
    if (fixture_read(&w->env, path, &bytes) < 0)
        fail_msg("%s is missing", path);
    assert_string_equal((char *)bytes, text);
    free(bytes);
}

/* Runs everything that is due up to a time, the clock following. Returns the names, separated by '|'. */
static const char *run_until(struct world *w, int64_t until_ms)
{
    static char names[4096];
    names[0] = 0;
    for (int64_t due_ms; (due_ms = broker_dir_task_due_ms(w->dir)) <= until_ms;) {
        const char *what;
        if (due_ms > fixture_now_ms)
            fixture_now_ms = due_ms;
        must(w, broker_dir_run_task(w->dir, fixture_now_ms, &w->receipt, &what, &w->err));
        if (!strstr(names, what)) {
            strcat(names, what);
            strcat(names, "|");
        }
    }
    fixture_now_ms = until_ms;
    return names;
}

static void open__locks_the_dir(void **state)
{
    struct world *w = *state;
    struct broker_dir *second;
    assert_int_equal(broker_dir_open(w->env.env, "data", &w->config, &second, &w->err),
                     BROKER_ELOCKED);
    kill_process(w);
    start(w);
}

static void clean_stop__leaves_checkpoints_and_the_marker(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "orders", 3), 2);
    append(w, log_of(w, "a-b", 10), 3);
    broker_log_set_high_watermark(log_of(w, "orders", 3), 3);
    stop(w);
    expect_text(w, "data/.kafka_cleanshutdown", "{\"version\":0,\"brokerEpoch\":-1}");
    expect_text(w, "data/recovery-point-offset-checkpoint", "0\n2\norders 3 4\na-b 10 6\n");
    expect_text(w, "data/replication-offset-checkpoint", "0\n2\norders 3 3\na-b 10 0\n");
    expect_text(w, "data/log-start-offset-checkpoint", "0\n0\n");
}

static void clean_stop__is_followed_by_a_start_without_recovery(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "a-b", 10), 30);
    broker_log_set_high_watermark(log_of(w, "a-b", 10), 51);
    stop(w);
    start(w);
    assert_int_equal(w->recovery.segments_scanned, 0);
    assert_false(fixture_exists(&w->env, "data/.kafka_cleanshutdown"));
    struct broker_log *log = broker_dir_find(w->dir, "a-b", 10);
    assert_non_null(log);
    assert_null(broker_dir_find(w->dir, "a-b", 1));
    assert_int_equal(broker_log_end_offset(log), 60);
    assert_int_equal(broker_log_high_watermark(log), 51);
    assert_int_equal(broker_log_recovery_point(log), 60);
    assert_int_equal(broker_dir_checkpointed_high_watermark(w->dir, "a-b", 10), 51);
}

static void kill__while_loading_counts_as_unclean(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "orders", 0), 3);
    stop(w);
    start(w);
    kill_process(w);
    start(w);
    assert_int_equal(w->recovery.segments_scanned, 1);
}

static void kill__makes_the_next_start_scan_from_the_recovery_point(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "orders", 0), 30); /* segments 0, 16, 32, 48 */
    run_until(w, fixture_now_ms + 30000);  /* flushes after rolls, and the first checkpoints */
    kill_process(w);
    expect_text(w, "data/recovery-point-offset-checkpoint", "0\n1\norders 0 48\n");
    start(w);
    assert_int_equal(w->recovery.segments_scanned, 1);
    assert_int_equal(w->recovery.bytes_scanned, 6 * BATCH);
    assert_int_equal(broker_log_end_offset(broker_dir_find(w->dir, "orders", 0)), 60);
}

static void tasks__come_at_kafkas_times(void **state)
{
    struct world *w = *state;
    int64_t start_ms = fixture_now_ms;
    log_of(w, "orders", 0);
    assert_int_equal(broker_dir_task_due_ms(w->dir), start_ms + 5000);
    assert_string_equal(run_until(w, start_ms + 29999), "high watermark checkpoint|");
    assert_string_equal(run_until(w, start_ms + 30000),
                        "retention|recovery point checkpoint|start offset checkpoint|"
                        "high watermark checkpoint|");
    assert_string_equal(run_until(w, start_ms + 89999), "high watermark checkpoint|");
    assert_string_equal(run_until(w, start_ms + 90000),
                        "recovery point checkpoint|start offset checkpoint|"
                        "high watermark checkpoint|");
    assert_non_null(strstr(run_until(w, start_ms + 600000), "producer expiration|"));
}

static void tasks__flush_after_a_roll_is_due_at_once(void **state)
{
    struct world *w = *state;
    struct broker_log *log = log_of(w, "orders", 7);
    append(w, log, 9);
    assert_int_equal(broker_dir_task_due_ms(w->dir), fixture_now_ms);
    assert_string_equal(run_until(w, fixture_now_ms), "orders-7|");
    assert_int_equal(broker_log_recovery_point(log), 16);
}

static void tasks__of_many_logs_come_in_order_of_time(void **state)
{
    struct world *w = *state;
    struct broker_log *logs[40];
    char topic[8];
    w->log_config.retention_ms = 1;
    int64_t start_ms = fixture_now_ms;
    for (int i = 0; i < 40; i++) {
        snprintf(topic, sizeof topic, "t%d", i * 17 % 40);
        logs[i] = log_of(w, topic, 0);
        append(w, logs[i], 1 + i % 3);
        broker_log_set_high_watermark(logs[i], 100);
    }
    run_until(w, start_ms + 30000); /* retention rolls and deletes */
    for (int i = 0; i < 40; i++)
        assert_int_equal(broker_log_size_bytes(logs[i]), 0);
    assert_true(fixture_exists(&w->env, "data/t3-0/00000000000000000000.log.deleted"));
    run_until(w, start_ms + 89999);
    assert_true(fixture_exists(&w->env, "data/t3-0/00000000000000000000.log.deleted"));
    run_until(w, start_ms + 90000);
    for (int i = 0; i < 40; i++) {
        char path[64];
        snprintf(path, sizeof path, "data/t%d-0/00000000000000000000.log.deleted", i);
        assert_false(fixture_exists(&w->env, path));
    }
}

static void tasks__flush_ms_needs_the_scheduler(void **state)
{
    struct world *w = *state;
    kill_process(w);
    w->log_config.flush_ms = 1000;
    start(w);
    struct broker_log *log = log_of(w, "orders", 0);
    append(w, log, 1);
    run_until(w, fixture_now_ms + 60000);
    assert_int_equal(broker_log_recovery_point(log), 0);
    kill_process(w);
    w->config.flush_scheduler_interval_ms = 3000;
    start(w);
    log = log_of(w, "orders", 0);
    append(w, log, 1);
    run_until(w, fixture_now_ms + 33000);
    assert_int_equal(broker_log_recovery_point(log), 4);
}

static void start_offset__is_checkpointed_where_it_lies_inside_a_segment(void **state)
{
    struct world *w = *state;
    struct broker_log *log = log_of(w, "orders", 0);
    append(w, log, 20);
    broker_log_set_high_watermark(log, 40);
    broker_log_set_start_offset(log, 5);
    stop(w);
    expect_text(w, "data/log-start-offset-checkpoint", "0\n1\norders 0 5\n");
    start(w);
    assert_int_equal(broker_log_start_offset(broker_dir_find(w->dir, "orders", 0)), 5);
}

static void checkpoints__that_are_damaged_count_as_empty(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "orders", 0), 3);
    broker_log_set_high_watermark(log_of(w, "orders", 0), 4);
    stop(w);
    fixture_write(&w->env, "data/replication-offset-checkpoint", "0\n9\nrubbish", 11);
    start(w);
    assert_int_equal(broker_log_high_watermark(broker_dir_find(w->dir, "orders", 0)), 0);
    assert_int_equal(broker_log_end_offset(broker_dir_find(w->dir, "orders", 0)), 6);
}

static void load__leaves_other_folders_alone(void **state)
{
    struct world *w = *state;
    struct broker_env *env = w->env.env;
    env->ops->make_folder(env, "data/__cluster_metadata-0");
    env->ops->make_folder(env, "data/remote-log-index-cache");
    env->ops->make_folder(env, "data/orders-5.0123456789abcdef0123456789abcdef-delete");
    append(w, log_of(w, "orders", 0), 1);
    stop(w);
    start(w);
    assert_non_null(broker_dir_find(w->dir, "orders", 0));
    assert_false(fixture_exists(
        &w->env, "data/orders-5.0123456789abcdef0123456789abcdef-delete/00000000000000000000.log"));
    assert_false(fixture_exists(&w->env, "data/__cluster_metadata-0/00000000000000000000.log"));
}

static void retention__may_run_while_an_append_that_rolled_is_pending(void **state)
{
    struct world *w = *state;
    struct broker_log *log = log_of(w, "orders", 0);
    append(w, log, 8);
    broker_log_set_high_watermark(log, 16);
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = fixture_header(2, fixture_now_ms);
    broker_batch_build_opaque(&header, BATCH, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, BATCH}};
    struct broker_append out;
    must(w, broker_log_append(log, spans, 2, 0, &out, &w->err));
    assert_true(out.rolled);
    fixture_now_ms += INT64_C(30) * 86400000;
    uint32_t deleted;
    must(w, broker_log_retain(log, &deleted, &w->receipt, &w->err));
    assert_int_equal(deleted, 1); /* the old segment, not the one that is being written */
    struct broker_region region;
    assert_int_equal(broker_log_read(log, 16, 1, true, BROKER_READ_END, &region, &w->receipt),
                     KAFKA_NONE);
    assert_int_equal(region.size_bytes, 0);
    broker_log_publish(log);
    assert_int_equal(broker_log_read(log, 16, 1, true, BROKER_READ_END, &region, &w->receipt),
                     KAFKA_NONE);
    assert_int_equal(region.size_bytes, BATCH + 61);
    broker_region_release(&region);
    broker_log_check(log);
}

static void meta__is_written_once_and_kept(void **state)
{
    struct world *w = *state;
    struct broker_env *env = w->env.env;
    struct broker_meta first, again;
    must(w,
         broker_meta_claim(env, "data", "MkU3OEVBNTcwNTJENDM2Qg", 4, &first, &w->receipt, &w->err));
    must(w,
         broker_meta_claim(env, "data", "MkU3OEVBNTcwNTJENDM2Qg", 4, &again, &w->receipt, &w->err));
    assert_memory_equal(first.directory_id, again.directory_id, 16);
    assert_int_equal(again.node_id, 4);
    assert_int_equal(
        broker_meta_claim(env, "data", "MkU3OEVBNTcwNTJENDM2Qg", 5, &again, &w->receipt, &w->err),
        BROKER_EREFUSED);
    assert_int_equal(broker_meta_claim(env, "data", "other", 4, &again, &w->receipt, &w->err),
                     BROKER_EREFUSED);
}

/* A broker started on the wrong folder, or a disk that went to another machine. */
static void open__refuses_the_dir_of_another_broker_and_leaves_it(void **state)
{
    struct world *w = *state;
    append(w, log_of(w, "orders", 0), 3);
    stop(w);
    w->config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
    w->config.node_id = 4;
    start(w); /* nobody's until now */
    stop(w);

    w->config.node_id = 5;
    assert_int_equal(broker_dir_open(w->env.env, "data", &w->config, &w->dir, &w->err),
                     BROKER_EREFUSED);
    assert_string_equal(w->err.text,
                        "open log dir: data belongs to node 4 of cluster MkU3OEVBNTcwNTJENDM2Qg, "
                        "not to node 5 of MkU3OEVBNTcwNTJENDM2Qg");
    assert_true(fixture_exists(&w->env, "data/.kafka_cleanshutdown"));
    w->config.cluster_id = "other";
    w->config.node_id = 4;
    assert_int_equal(broker_dir_open(w->env.env, "data", &w->config, &w->dir, &w->err),
                     BROKER_EREFUSED);

    w->config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
    start(w);
    assert_int_equal(broker_log_end_offset(log_of(w, "orders", 0)), 6);
}

static void open__refuses_a_dir_whose_owner_cannot_be_read(void **state)
{
    struct world *w = *state;
    stop(w);
    static const char text[] = "version=1\nnode.id=4\n";
    fixture_write(&w->env, "data/meta.properties", text, sizeof text - 1);
    w->config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
    w->config.node_id = 4;
    assert_int_equal(broker_dir_open(w->env.env, "data", &w->config, &w->dir, &w->err),
                     BROKER_ECORRUPT);
    w->config.cluster_id = NULL;
    start(w);
}

static void meta__reads_what_kafka_writes(void **state)
{
    struct world *w = *state;
    struct broker_meta meta;
    static const char text[] = "#\n#Tue Nov 24 06:10:00 UTC 2026\ncluster.id=abc\nversion=1\n"
                               "directory.id=AAAAAAAAAAEAAAAAAAAAAg\nnode.id=1\n";
    fixture_write(&w->env, "data/meta.properties", text, sizeof text - 1);
    must(w, broker_meta_read(w->env.env, "data", &meta, &w->err));
    assert_string_equal(meta.cluster_id, "abc");
    assert_int_equal(meta.node_id, 1);
    assert_int_equal(meta.directory_id[7], 1);
    static const char *const damaged[] = {
        "",
        "version=1\ncluster.id=x\n",
        "version=2\ncluster.id=x\nnode.id=1\n",
        "version=1\nnode.id=1\n",
        "version=1\ncluster.id=x\nnode.id=y\n",
        "version=1\ncluster.id=x\nnode.id=1\ndirectory.id=short\n"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        fixture_write(&w->env, "data/meta.properties", damaged[i], strlen(damaged[i]));
        assert_int_equal(broker_meta_read(w->env.env, "data", &meta, &w->err), BROKER_ECORRUPT);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(open__locks_the_dir),
        TEST(clean_stop__leaves_checkpoints_and_the_marker),
        TEST(clean_stop__is_followed_by_a_start_without_recovery),
        TEST(kill__while_loading_counts_as_unclean),
        TEST(kill__makes_the_next_start_scan_from_the_recovery_point),
        TEST(tasks__come_at_kafkas_times),
        TEST(tasks__flush_after_a_roll_is_due_at_once),
        TEST(tasks__of_many_logs_come_in_order_of_time),
        TEST(tasks__flush_ms_needs_the_scheduler),
        TEST(start_offset__is_checkpointed_where_it_lies_inside_a_segment),
        TEST(checkpoints__that_are_damaged_count_as_empty),
        TEST(load__leaves_other_folders_alone),
        TEST(retention__may_run_while_an_append_that_rolled_is_pending),
        TEST(meta__is_written_once_and_kept),
        TEST(open__refuses_the_dir_of_another_broker_and_leaves_it),
        TEST(open__refuses_a_dir_whose_owner_cannot_be_read),
        TEST(meta__reads_what_kafka_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
