/* The horizon: how far groups fall behind, how old that is, and how long until they have caught up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/horizon_fixture.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

static bool advised(const struct horizon_look *x, const char *text)
{
    for (uint32_t i = 0; i < x->r->warning_count; i++)
        if (strstr(x->r->warnings[i].remedy, text))
            return true;
    return false;
}

/* 600 s of production behind, and some four times as fast: caught up after some 600 / 3 s. */
static void lag__is_gone_when_division_says(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("groups.audit.lag=10 m", "groups.audit.processing.per_record=240 us",
                     "horizon.step=10 s", "horizon.length=1 h", "groups.audit.machines=12");
    /* 12 consumers at 1 / 250 us (240 us and receiving) read 48,000/s; 12,000/s come */
    assert_true(size_fixture_warns(
        x.r, "audit starts 7,200,000 records behind and catches up in 3.2 min at best"));
    assert_true(advised(&x, "its own threads set the pace"));
    horizon_look_release(&x);
    /* Of the 240 us, it may wait for others: whether it computes or waits is the same to who waits for it. */
    x = horizon_look("groups.audit.lag=10 m",
                     "groups.audit.processing={per_record: 5 us, wait: 235 us}",
                     "horizon.step=10 s", "horizon.length=1 h", "groups.audit.machines=12");
    assert_true(size_fixture_warns(
        x.r, "audit starts 7,200,000 records behind and catches up in 3.2 min at best"));
    horizon_look_release(&x);
    /* Nobody is further behind than the log reaches back: retention, a segment, a period of the check, and the delay of deleting. */
    x = horizon_look("groups.audit.lag=10 h", "topics.orders.config.segment.ms=5 m",
                     "topics.orders.config.retention.ms=5 m", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "audit starts 11,520,000 records behind"));
    horizon_look_release(&x);
    x = horizon_look("groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us",
                     "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "never catches up"));
    horizon_look_release(&x);
    x = horizon_look("groups.audit.processing.per_record=1100 us",
                     "topics.orders.config.retention.ms=1 h",
                     "topics.orders.config.segment.ms=10 m", "horizon.length=1 d", NULL);
    assert_true(size_fixture_warns(x.r, "records are deleted unread"));
    assert_non_null(strstr(x.r->unread_note, "records are deleted before audit reads them"));
    assert_true(x.worst.lag_group == 1 && x.worst.lag_age_s > 3600);
    horizon_look_release(&x);
}

/*
 * Three hours back is further than the memory reaches. Each disk writes 6 MB/s and could read 20: 19.8 MB/s are left for 2 MB/s of
 * production, so that 8.8 s of the lag go in each second. An interface with 10 MB/s has 4 for replicas, 2 for the other group and 3.95 left
 * for 2 MB/s: 0.96 s go in each second.
 */
static void lag__goes_as_fast_as_disks_and_interfaces_serve(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("groups.audit.lag=3 h", "cluster.machine.ram=8 GB",
                     "cluster.machine.disks={type: nvme, count: 1, size: 2 TB, write: 500 "
                     "MB/s, read: 20 MB/s}",
                     "horizon.step=10 s", "horizon.length=6 h");
    assert_true(size_fixture_warns(x.r, "catches up in 20 min at best"));
    assert_true(advised(&x, "the brokers' disks set the pace"));
    horizon_look_release(&x);
    x = horizon_look("groups.audit.lag=3 h", "cluster.machine.ram=8 GB", "horizon.step=10 s",
                     "horizon.length=6 h", NULL);
    assert_false(
        size_fixture_warns(x.r, "catches up in 20 min at best")); /* the disk reads 1,000 MB/s */
    horizon_look_release(&x);
    x = horizon_look("groups.audit.lag=10 m", "cluster.machine.network={baseline: 10 MB/s}",
                     "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "catches up in 10 min at best"));
    assert_true(advised(&x, "the brokers' interfaces set the pace"));
    horizon_look_release(&x);
    /* 24 MB/s into the one machine, 12 of which come: 10 min go in 10 min. */
    x = horizon_look("groups.audit.lag=10 m",
                     "groups.audit.machine={vcpus: 32, ram: 64 GB, "
                     "network: {baseline: 24 MB/s}}",
                     "groups.audit.machines=1", "horizon.step=10 s", "horizon.length=1 h");
    assert_true(size_fixture_warns(x.r, "catches up in 10 min at best"));
    assert_true(advised(&x, "its machines' interfaces set the pace"));
    horizon_look_release(&x);
}

/* 10,800 records/s are read where 12,000 come, and where 6,600 come on the average but 12,000 until the end of the horizon. */
static void catching_up__never_is_told_from_not_yet(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us",
                     "horizon.length=1 d", NULL, NULL);
    assert_true(size_fixture_warns(x.r, "records behind and never catches up"));
    horizon_look_release(&x);
    x = horizon_look(
        "groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us", "horizon.length=6 h",
        "producers.checkout.rate={peak: 12 MB/s}",
        "producers.checkout.shape={daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, "
        "0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]}");
    assert_true(
        size_fixture_warns(x.r, "records behind and does not catch up within the horizon of 6 h"));
    assert_true(advised(&x, "more consumers (up to the partitions) or less work a record"));
    horizon_look_release(&x);
}

/* An interface that gives the group 3.95 MB/s of 2 MB/s: its threads are idle, more of them would not help. */
static void catching_up__names_what_serves_the_group_where_that_is_slow(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("groups.audit.lag=2 h", "cluster.machine.network={baseline: 10 MB/s}",
                     "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "does not catch up within the horizon of 60 min"));
    assert_true(advised(&x, "its threads are not busy: look at what serves it"));
    assert_false(advised(&x, "more consumers"));
    horizon_look_release(&x);
}

/*
 * Half the day at the peak p, more than the c that audit reads. From 6:00 on it reads 1 s of the peak in p / c s: what came at 18:00 is read
 * at 6:00 + 12 h * p / c, and nothing is ever older than then. In the quiet night the same lag would be ten times as much time of production.
 */
static void lag__is_as_old_as_what_is_not_yet_read(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look(size_fixture_busy_half_day, "producers.checkout.rate={peak: 12 MB/s}",
                     "groups.audit={topics: [orders], clients: 12, machines: 12, processing: "
                     "{per_record: 1200 us}}",
                     "horizon.length=20 d", "topics.orders.config.retention.ms=4 h");
    double peak = 12000, reads = peak - size_fixture_series_max(x.r, "audit") / (12 * 3600);
    near(x.worst.lag_age_s, 12 * 3600 * (peak / reads - 1), 0.01);
    assert_true(size_fixture_warns(x.r, "audit falls behind by up to"));
    assert_false(size_fixture_warns(x.r, "deleted unread"));
    assert_string_equal(x.r->unread_note, "");
    horizon_look_release(&x);
}

/* It starts when little comes: two hours of the mean are then no more than two hours ago. */
static void lag__at_the_start_is_as_old_as_stated(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look(size_fixture_busy_half_day, "producers.checkout.rate={peak: 12 MB/s}",
                     "groups.audit={topics: [orders], clients: 12, lag: 2 h, processing: "
                     "{per_record: 1200 us}}",
                     "horizon.length=5 h", "topics.orders.config.retention.ms=6 h");
    assert_true(
        size_fixture_warns(x.r, "audit starts 47,520,000 records behind and catches up in"));
    assert_true(x.worst.lag_age_s <= 2 * 3600);
    horizon_look_release(&x);
}

/*
 * 1.3 GB a partition, a segment of 0.1 GB, and what comes at the mean rate until the check and the delay of deleting (360 s). Of that much
 * the peak brings 1.6 h, the mean 2.9: it is at the peak that the lag, of 2.1 h, would be deeper.
 */
static void lag__is_at_most_what_retention_bytes_keeps(void **state)
{
    (void)state;
    double wire = SIZE_FIXTURE_WIRE / 12000, mean[] = {1, 0.55};
    for (int i = 0; i < 2; i++) {
        struct horizon_look x =
            horizon_look(i ? size_fixture_busy_half_day : "horizon.step=5 m",
                         "producers.checkout.rate={peak: 12 MB/s}",
                         "groups.audit.processing.per_record=1200 us", "horizon.length=4 d",
                         "topics.orders.config={retention.ms: -1, retention.bytes: 1300000000, "
                         "segment.bytes: 100000000}");
        double kept = (48 * 1.4e9 + mean[i] * SIZE_FIXTURE_WIRE * 360) / wire;
        near(size_fixture_series_max(x.r, "audit"), kept, 0.01);
        assert_true(size_fixture_warns(
            x.r, "records are deleted unread; what its topics keep of its lag is at most"));
        horizon_look_release(&x);
    }
}

/* Two days back, but the one topic keeps an hour, a segment of ten minutes and 360 s until it is deleted. */
static void lag__at_the_start_is_cut_topic_by_topic(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look_text("version: 1\n"
                          "cluster: {brokers: 6, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                          "topics:\n"
                          "  orders: {partitions: 48, replication: 3, config: {retention.ms: 1 h, "
                          "segment.ms: 10 m}}\n"
                          "  more: {partitions: 12, replication: 3, config: {retention.ms: 30 d}}\n"
                          "producers:\n"
                          "  checkout: {topic: orders, rate: 12 MB/s, record: {size: 1000 B}}\n"
                          "  second: {topic: more, rate: 1 MB/s, record: {size: 1000 B}}\n"
                          "groups: {audit: {topics: [orders, more], clients: 12, lag: 2 d}}\n"
                          "horizon: {length: 1 h}\n",
                          NULL, NULL, NULL, NULL, NULL);
    near(size_fixture_series_max(x.r, "audit"), 12000 * 4560.0 + 1000 * 172800.0, 0.01);
    horizon_look_release(&x);
}

static double catch_up_min(const struct horizon_look *x)
{
    double minutes = NAN;
    for (uint32_t i = 0; i < x->r->warning_count; i++) {
        const char *found = strstr(x->r->warnings[i].text, "catches up in ");
        if (found)
            minutes = strtod(found + strlen("catches up in "), NULL);
    }
    return minutes;
}

/*
 * Six consumers on a machine of four cores, two hyper-threads each, have 7/9 of a lone thread: 2 x 1.5 + 4 x 1 of 6 x 1.5. A record takes 304 us of
 * that (300 and receiving); of 6 / 304 us are left 7,740 - 12,000 are produced -, of 7/9 of it 3,350.
 */
static void lag__goes_more_slowly_where_consumers_share_cores(void **state)
{
    (void)state;
    for (int machines = 1; machines <= 6; machines += 5) {
        char group[200];
        snprintf(group, sizeof group,
                 "groups.audit={topics: [orders], clients: 6, machines: %d, lag: 10 m, machine: "
                 "aws/m5.2xlarge, processing: {per_record: 300 us}}",
                 machines);
        struct horizon_look x =
            horizon_look(group, "horizon.step=10 s", "horizon.length=3 h", NULL, NULL);
        near(catch_up_min(&x), 7.2e6 / (machines == 1 ? 3350 : 7740) / 60, 0.06);
        horizon_look_release(&x);
    }
}

/* Half of the records go to one of twelve consumers of one machine: 0.9 of its thread, and the others leave it a core. */
static void lag__does_not_grow_where_one_hot_consumer_keeps_up(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look(
        "producers.checkout.partitioner=keyed", "producers.checkout.hottest_partition=50 %",
        "groups.audit={topics: [orders], clients: 12, machines: 1, machine: aws/m5.2xlarge, "
        "processing: {per_record: 135 us}}",
        "horizon.length=6 h", NULL);
    assert_true(x.worst.lag_age_s < 1);
    horizon_look_release(&x);
}

/* Consumers beyond the partitions have nothing to read. */
static void lag__is_not_helped_by_consumers_beyond_the_partitions(void **state)
{
    (void)state;
    double age[2];
    static const char *const clients[] = {"groups.audit.clients=48", "groups.audit.clients=96"};
    for (int i = 0; i < 2; i++) {
        struct horizon_look x =
            horizon_look(clients[i], "groups.audit.processing.per_record=5 ms",
                         "horizon.length=6 h", "groups.audit.machines=48", NULL);
        age[i] = x.worst.lag_age_s;
        assert_true(age[i] > 0);
        horizon_look_release(&x);
    }
    assert_true(age[0] == age[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag__is_gone_when_division_says),
        cmocka_unit_test(lag__goes_as_fast_as_disks_and_interfaces_serve),
        cmocka_unit_test(catching_up__never_is_told_from_not_yet),
        cmocka_unit_test(catching_up__names_what_serves_the_group_where_that_is_slow),
        cmocka_unit_test(lag__is_as_old_as_what_is_not_yet_read),
        cmocka_unit_test(lag__at_the_start_is_as_old_as_stated),
        cmocka_unit_test(lag__is_at_most_what_retention_bytes_keeps),
        cmocka_unit_test(lag__at_the_start_is_cut_topic_by_topic),
        cmocka_unit_test(lag__goes_more_slowly_where_consumers_share_cores),
        cmocka_unit_test(lag__does_not_grow_where_one_hot_consumer_keeps_up),
        cmocka_unit_test(lag__is_not_helped_by_consumers_beyond_the_partitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
