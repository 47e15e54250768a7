/* tests/model/test_start.c - the state that a run starts from: retained logs, a cache with ages, writeback under way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/support/small_cluster.h"

#define SECOND INT64_C(1000000000)

/* 2 MB/s into two partitions at RF 2; 16 GiB of memory, of which some 9 GiB hold file pages. */
static const char *yaml(char *text, size_t size, const char *start, const char *group)
{
    snprintf(
        text, size,
        "version: 1\n"
        "cluster:\n"
        "  brokers: 2\n"
        "  racks: [a, b]\n"
        "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s}, disks: {type: ssd, size: "
        "1 TB, count: 1}}\n"
        "topics: {t: {partitions: 2, replication: 2, config: {retention.ms: 4 h, segment.bytes: 1 "
        "GiB}}}\n"
        "producers:\n"
        "  p: {topic: t, clients: 2, rate: 4 MB/s, record: {size: 1 KiB}, config: {linger.ms: 5}}\n"
        "groups: {g: {topics: [t], clients: 2%s}}\n"
        "start: {%s}\n"
        "run: {measure: 10 s, warmup: 1 s}\n",
        group, start);
    return text;
}

static void start__logs_hold_what_retention_keeps_and_replicas_are_alike(void **state)
{
    (void)state;
    struct small_cluster small;
    char text[2048];
    small_cluster_new(&small, yaml(text, sizeof text, "logs: retained", ""), 1, SECOND);
    /* 2 MB/s a partition for four hours is 28.8 GB, and at most one segment and a check interval (5 minutes) more. */
    for (int p = 0; p < 2; p++) {
        const struct broker_log *one =
            model_host_log(cluster_host(small.cluster, 0), (struct broker_tp){0, p});
        const struct broker_log *two =
            model_host_log(cluster_host(small.cluster, 1), (struct broker_tp){0, p});
        double bytes = (double)broker_log_size_bytes(one);
        assert_true(bytes > 28.8e9 * 0.95 && bytes < 28.8e9 * 1.05 + 1.08e9 + 2e6 * 300);
        assert_int_equal(broker_log_size_bytes(one), broker_log_size_bytes(two));
        assert_int_equal(broker_log_end_offset(one), broker_log_end_offset(two));
        assert_int_equal(broker_log_start_offset(one), broker_log_start_offset(two));
        broker_log_check(one);
    }
    small_cluster_free(&small);
}

static void start__replicas_are_alike_on_brokers_that_hold_different_shares(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small,
                      "version: 1\n"
                      "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                      "topics: {t: {partitions: 4, replication: 2, config: {retention.ms: 1 d}}}\n"
                      "producers: {p: {topic: t, clients: 2, rate: 30 MB/s, partitioner: keyed, "
                      "keys: {count: 50, zipf: 1}}}\n"
                      "start: {logs: retained}\n",
                      4, SECOND);
    for (int p = 0; p < 4; p++) {
        const struct broker_log *first = NULL;
        for (uint32_t b = 0; b < 3; b++) {
            const struct broker_log *log =
                model_host_log(cluster_host(small.cluster, b), (struct broker_tp){0, p});
            if (log && first)
                assert_int_equal(broker_log_end_offset(log), broker_log_end_offset(first));
            first = log && !first ? log : first;
        }
        assert_non_null(first);
    }
    small_cluster_free(&small);
}

static void start__writeback_is_under_way_from_the_first_second(void **state)
{
    (void)state;
    struct small_cluster small;
    char text[2048];
    small_cluster_new(&small, yaml(text, sizeof text, "logs: retained", ""), 2, 60 * SECOND);
    const struct cluster_seen *seen = small_cluster_run(&small, 6 * SECOND, 54 * SECOND);
    /* What is written to the cache, 4 MB/s and index entries, reaches the disk at the same rate, in lumps of 30 s and two files. */
    assert_true(seen->brokers[0].disk_write_bytes_per_s > 4e6 * 0.4);
    assert_true(seen->brokers[0].disk_write_bytes_per_s < 4e6 * 1.6);
    small_cluster_free(&small);
}

/* 150 MB/s for up to 30 s would be more than may be dirty at all; the flusher has kept it at the background threshold. */
static void start__nobody_is_held_for_more_dirty_bytes_than_there_can_be(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=150 MB/s", "producers.p.clients=8"};
    double most = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct small_cluster small;
        char text[2048];
        struct small_options options = {
            .seed = seed, .length_ns = 2 * SECOND, .sets = sets, .set_count = 2};
        small_cluster_new_with(&small, yaml(text, sizeof text, "logs: empty", ""), &options);
        const struct model_cache *cache = model_host_machine(cluster_host(small.cluster, 0))->cache;
        double dirty =
            (double)model_cache_dirty_bytes(cache) / (double)model_cache_background_bytes(cache);
        assert_true(dirty <= 1);
        most = dirty > most ? dirty : most;
        const struct cluster_seen *seen = small_cluster_run(&small, SECOND / 2, 3 * SECOND / 2);
        assert_int_equal(seen->brokers[0].host.write_pauses, 0);
        small_cluster_free(&small);
    }
    assert_true(most > 0.99);
}

/* Half a second's records: the first flush of each log would write half a minute of them, and all appends wait for that. */
static void start__logs_that_are_flushed_have_little_to_write(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.t.config.flush.messages=1000",
                                       "topics.t.config.flush.ms=200",
                                       "cluster.config.log.flush.scheduler.interval.ms=100"};
    for (int count = 1; count <= 3; count += 2) {
        struct small_cluster small;
        char text[2048];
        struct small_options options = {
            .seed = 1, .length_ns = SECOND, .sets = sets, .set_count = count};
        small_cluster_new_with(&small, yaml(text, sizeof text, "logs: empty", ""), &options);
        const struct model_cache *cache = model_host_machine(cluster_host(small.cluster, 0))->cache;
        double dirty = (double)model_cache_dirty_bytes(cache);
        assert_true(dirty > 0 && dirty < (count == 1 ? 2 * 1000 * 1200 : 2 * 0.2 * 2.2e6));
        small_cluster_free(&small);
    }
}

static int64_t recovery_point_after_a_second(int set_count)
{
    static const char *const sets[] = {"topics.t.config.flush.ms=200",
                                       "cluster.config.log.flush.scheduler.interval.ms=100"};
    struct small_cluster small;
    char text[2048];
    struct small_options options = {
        .seed = 1, .length_ns = SECOND, .sets = sets, .set_count = set_count};
    small_cluster_new_with(&small, yaml(text, sizeof text, "logs: empty", ""), &options);
    struct broker_log *log =
        model_host_log(cluster_host(small.cluster, 0), (struct broker_tp){0, 0});
    if (!log)
        log = model_host_log(cluster_host(small.cluster, 0), (struct broker_tp){0, 1});
    int64_t before = broker_log_recovery_point(log);
    cluster_run_until(small.cluster, SECOND);
    int64_t flushed = broker_log_recovery_point(log) - before;
    small_cluster_free(&small);
    return flushed;
}

/* As in Kafka, where flush.ms alone does nothing. */
static void run__flushes_by_time_where_a_task_looks(void **state)
{
    (void)state;
    assert_int_equal(recovery_point_after_a_second(1), 0);
    assert_true(recovery_point_after_a_second(2) > 0);
}

static uint64_t cold_bytes(const char *group)
{
    struct small_cluster small;
    char text[2048];
    small_cluster_new(&small, yaml(text, sizeof text, "logs: retained", group), 3, 3 * SECOND);
    cluster_run_until(small.cluster, 3 * SECOND);
    const struct cluster_seen *seen = cluster_seen(small.cluster);
    assert_true(seen->groups[0].stats->records > 1000);
    uint64_t bytes = seen->brokers[0].host.cold_bytes + seen->brokers[1].host.cold_bytes;
    small_cluster_free(&small);
    return bytes;
}

static void start__a_tail_reader_never_touches_the_disk(void **state)
{
    (void)state;
    assert_int_equal(cold_bytes(""), 0);
}

static void
start__a_reader_minutes_behind_is_served_from_memory_and_one_hours_behind_is_not(void **state)
{
    (void)state;
    /* 9 GiB at 4 MB/s are 40 minutes. */
    assert_int_equal(cold_bytes(", lag: 10 m"), 0);
    assert_true(cold_bytes(", lag: 2 h") > 1000000);
}

/* 10 MB/s of 1 KiB, 60 % of it on one of six partitions. */
static void lags_by_partition(const char *lag, double records[6])
{
    struct small_cluster small;
    char text[1024];
    snprintf(text, sizeof text,
             "version: 1\n"
             "cluster: {brokers: 1, machine: aws/i3en.2xlarge}\n"
             "topics: {t: {partitions: 6, replication: 1, config: {retention.ms: 1 h}}}\n"
             "producers: {p: {topic: t, clients: 2, rate: 10 MB/s, record: {size: 1 KiB}, "
             "partitioner: keyed, hottest_partition: 60 %%}}\n"
             "groups: {g: {topics: [t], clients: 6, lag: %s}}\n",
             lag);
    small_cluster_new(&small, text, 1, SECOND);
    for (int p = 0; p < 6; p++) {
        struct broker_tp tp = {0, p};
        records[p] =
            (double)(broker_log_end_offset(model_host_log(cluster_host(small.cluster, 0), tp)) -
                     cluster_position(small.cluster, 0, tp));
    }
    small_cluster_free(&small);
}

/* However the lag is stated: the hot partition's reader has more records to read, not older ones. */
static void start__a_group_is_equally_far_back_on_hot_and_cold_partitions(void **state)
{
    (void)state;
    static const char *const lags[] = {"5 m", "2929687 records", "3 GB"};
    for (int i = 0; i < 3; i++) {
        double records[6], sum = 0, hot = 0;
        lags_by_partition(lags[i], records);
        for (int p = 0; p < 6; p++) {
            sum += records[p];
            hot = records[p] > hot ? records[p] : hot;
        }
        assert_float_equal(sum, 10e6 / 1024 * 300, 10);
        assert_float_equal(hot, 10e6 / 1024 * 300 * 0.6, 10);
    }
}

static uint64_t next_batch_bytes(struct small_cluster *small, uint32_t group, int partition)
{
    struct broker_tp tp = {0, partition};
    struct broker_region region;
    struct broker_receipt receipt = {0};
    int64_t position = cluster_position(small->cluster, group, tp);
    assert_int_equal(broker_log_read(model_host_log(cluster_host(small->cluster, 0), tp), position,
                                     1, true, BROKER_READ_END, &region, &receipt),
                     KAFKA_NONE);
    uint64_t bytes = region.size_bytes;
    broker_region_release(&region);
    return bytes;
}

/* As long as the run lasts, and further back than the log reaches: a batch that is larger goes out whole and holds a network thread. */
static void start__a_reader_meets_the_batches_of_clients_from_where_it_starts(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small,
                      "version: 1\n"
                      "cluster: {brokers: 1, machine: aws/i3en.2xlarge}\n"
                      "topics: {t: {partitions: 4, replication: 1, config: {retention.ms: 1 h}}}\n"
                      "producers: {p: {topic: t, clients: 6, rate: 20 MB/s, record: {size: 1 KiB}, "
                      "partitioner: keyed, keys: {count: 100000, zipf: 0}}}\n"
                      "groups:\n"
                      "  a: {topics: [t], clients: 4, lag: 4 m, processing: {per_record: 80 us}}\n"
                      "  b: {topics: [t], clients: 4, lag: 20 s, processing: {per_record: 80 us}}\n"
                      "  c: {topics: [t], clients: 4, lag: 1 d, processing: {per_record: 80 us}}\n",
                      1, 2 * SECOND);
    for (int64_t now = 0; now <= 2 * SECOND; now += SECOND) {
        cluster_run_until(small.cluster, now);
        for (uint32_t group = 0; group < 3; group++)
            for (int p = 0; p < 4; p++)
                assert_in_range(next_batch_bytes(&small, group, p), 1, 10000);
    }
    const struct cluster_seen *seen = cluster_seen(small.cluster);
    for (int group = 0; group < 3; group++)
        assert_true(seen->groups[group].stats->records > 50000);
    small_cluster_free(&small);
}

/* Of a group that could read for long there are not more small batches than the memory has room for, and then none that a fetch does not take. */
static void start__a_reader_never_meets_more_than_a_fetch_takes(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small,
                      "version: 1\n"
                      "cluster: {brokers: 1, machine: aws/i3en.2xlarge}\n"
                      "topics: {t: {partitions: 4, replication: 1, config: {retention.ms: 3 h}}}\n"
                      "producers: {p: {topic: t, clients: 6, rate: 20 MB/s, record: {size: 1 KiB}, "
                      "partitioner: keyed, keys: {count: 100000, zipf: 0}}}\n"
                      "groups: {g: {topics: [t], clients: 4, lag: 2 h}}\n",
                      1, 300 * SECOND);
    struct broker_tp tp = {0, 0};
    struct broker_log *log = model_host_log(cluster_host(small.cluster, 0), tp);
    int64_t at = cluster_position(small.cluster, 0, tp);
    bool large = false;
    for (int i = 0; i < 40; i++, at += 400000) {
        struct broker_region region;
        struct broker_receipt receipt = {0};
        assert_int_equal(broker_log_read(log, at, 1, true, BROKER_READ_END, &region, &receipt),
                         KAFKA_NONE);
        assert_in_range(region.size_bytes, 1, 1 << 20);
        large = large || region.size_bytes > 100000;
        broker_region_release(&region);
    }
    assert_true(large);
    small_cluster_free(&small);
}

/* What a follower notes with its first batch costs a sync: in a cluster in use it has noted it, in the offsets topic, too. */
static void start__followers_have_noted_the_epoch_of_every_leader(void **state)
{
    (void)state;
    static const char *const starts[] = {"logs: empty", "logs: retained"};
    for (int i = 0; i < 2; i++) {
        struct small_cluster small;
        char text[2048];
        small_cluster_new(&small, yaml(text, sizeof text, starts[i], ""), 1, SECOND);
        int noted = 0;
        for (uint32_t b = 0; b < 2; b++)
            for (int p = 0; p < 50; p++)
                noted += broker_log_latest_epoch(model_host_log(cluster_host(small.cluster, b),
                                                                (struct broker_tp){1, p})) == 0;
        assert_int_equal(noted, i == 0 ? 50 : 100); /* 50 partitions lead somewhere */
        small_cluster_free(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start__followers_have_noted_the_epoch_of_every_leader),
        cmocka_unit_test(start__logs_hold_what_retention_keeps_and_replicas_are_alike),
        cmocka_unit_test(start__replicas_are_alike_on_brokers_that_hold_different_shares),
        cmocka_unit_test(start__writeback_is_under_way_from_the_first_second),
        cmocka_unit_test(start__nobody_is_held_for_more_dirty_bytes_than_there_can_be),
        cmocka_unit_test(start__logs_that_are_flushed_have_little_to_write),
        cmocka_unit_test(run__flushes_by_time_where_a_task_looks),
        cmocka_unit_test(start__a_tail_reader_never_touches_the_disk),
        cmocka_unit_test(
            start__a_reader_minutes_behind_is_served_from_memory_and_one_hours_behind_is_not),
        cmocka_unit_test(start__a_group_is_equally_far_back_on_hot_and_cold_partitions),
        cmocka_unit_test(start__a_reader_meets_the_batches_of_clients_from_where_it_starts),
        cmocka_unit_test(start__a_reader_never_meets_more_than_a_fetch_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
