/* The horizon: what the real log keeps, against arithmetic; steps, growth, credits, and how many logs stand for all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/cluster/horizon.h"
#include "tests/support/horizon_fixture.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/*
 * 48 partitions x 3 on 6 disks: each holds 24 replicas. After a day the newest day is there, and of the segment that reaches further back a
 * part: between none and all of it, half on the average, and what came since the last check.
 */
static void horizon__keeps_retention_and_part_of_a_segment(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look("horizon.length=3 d", NULL, NULL, NULL, NULL);
    double rate = SIZE_FIXTURE_WIRE / 48, day = 24 * rate * 86400, segments = 24 * 1073741824.0;
    assert_int_equal(x.r->disk_count, 6);
    for (int i = 0; i < 6; i++) {
        const struct result_disk *d = &x.r->disks[i];
        assert_int_equal(d->broker, i + 1); /* as its name says */
        assert_int_equal(d->disk, 1);
        near((double)d->used_end_bytes, day + segments / 2, 0.05);
        near((double)d->used_start_bytes, day + segments / 2, 0.05);
        assert_true((double)d->used_max_bytes > day);
        assert_true((double)d->used_max_bytes < (day + segments + 24 * rate * 660) * 1.001);
    }
    assert_int_equal(x.logs, 48);
    horizon_look_release(&x);
}

/* A whole day is kept: as much at noon as at night, and on the first day as on any other. */
static void first_day__is_no_fuller_than_the_others(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look("horizon.length=4 d", size_fixture_busy_half_day,
                                         "topics.orders.config.segment.bytes=16777216", NULL, NULL);
    for (uint32_t i = 0; i < x.r->disk_count; i++) {
        const struct result_disk *d = &x.r->disks[i];
        near((double)d->used_start_bytes, (double)d->used_end_bytes, 0.01);
        near((double)d->used_max_bytes, (double)d->used_end_bytes, 0.02);
    }
    horizon_look_release(&x);
}

/* At a tenth of the load a batch is smaller and compresses worse: the nights before the start were as those that follow. */
static void first_day__holds_batches_as_small_as_its_nights_were(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look(
        "horizon.length=4 d", size_fixture_busy_half_day,
        "topics.orders.config.segment.bytes=16777216",
        "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 10}",
        "producers.checkout.config={linger.ms: 20, batch.size: 1 MB, compression.type: lz4}");
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        near((double)x.r->disks[i].used_start_bytes, (double)x.r->disks[i].used_end_bytes, 0.02);
    horizon_look_release(&x);
}

/* The closed form of `size` is what the real log never exceeds, and comes near. */
static void within_the_bound(struct horizon_look x, double share)
{
    double bound = size_fixture_bound(&x.z, "disk space")->demand, most = 0;
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        most = fmax(most, (double)x.r->disks[i].used_max_bytes);
    if (!(most <= bound * (1 + 1e-8) && most > share * bound)) /* bytes are whole there */
        fail_msg("%.10g is not within %.10g, or not above %g of it", most, bound, share);
    horizon_look_release(&x);
}

static void horizon__stays_within_the_bound_of_size(void **state)
{
    (void)state;
    within_the_bound(
        horizon_look("horizon.length=10 d",
                     "producers.checkout.shape.daily=[0.3, 0.2, 0.2, 0.2, 0.3, 0.4, 0.6, "
                     "0.8, 0.9, 1, 1, 1, 1, 1, 0.9, 0.9, 0.9, 1, 1, 0.9, 0.8, 0.6, 0.5, 0.4]",
                     "producers.checkout.growth=20 % a month",
                     "topics.orders.config.segment.bytes=1000000000", NULL),
        0.93);
}

/* The week's peak lies where it has grown most, and the horizon ends with it. */
static void horizon__stays_within_the_bound_of_what_is_kept_for_long(void **state)
{
    (void)state;
    static const char *const kept[] = {"topics.orders.config.retention.ms=-1",
                                       "topics.orders.config.retention.ms=30 d",
                                       "topics.orders.config.retention.ms=10 d"};
    static const char *const growth[] = {"producers.checkout.growth=20 % a month",
                                         "producers.checkout.growth=-20 % a month"};
    for (int i = 0; i < 3; i++)
        for (int g = 0; g < 2; g++)
            within_the_bound(
                horizon_look("horizon.length=61 d", kept[i], growth[g],
                             "producers.checkout.rate=1 MB/s",
                             "producers.checkout.shape.weekly=[0.2, 0.2, 0.3, 0.3, 1, 0.2, 0.2]"),
                g == 0 ? 0.80 : 0.5);
}

/* Records alone gain nothing, a full batch nine tenths. */
static const char ratio_to_10[] = "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 10}";
static const char lz4_20_ms[] =
    "producers.checkout.config={linger.ms: 20, batch.size: 1 MB, compression.type: lz4}";
static const char small_segments[] = "topics.orders.config.segment.bytes=16777216";

/* Busy hours, hot partitions and a grown load have larger batches: the bound is that of their bytes, not of a mean rate's. */
static void horizon__comes_near_the_bound_of_what_compresses(void **state)
{
    (void)state;
    static const char *const loads[][2] = {
        {size_fixture_busy_half_day, "horizon.length=4 d"},
        {"producers.checkout.shape.weekly=[0.2, 0.2, 0.3, 0.3, 1, 0.2, 0.2]", "horizon.length=8 d"},
        {"producers.checkout.growth=100 % a month", "horizon.length=12 d"},
        {"producers.checkout.partitioner=keyed", "producers.checkout.hottest_partition=30 %"},
    };
    for (int i = 0; i < 4; i++)
        within_the_bound(
            horizon_look(loads[i][0], loads[i][1], lz4_20_ms, ratio_to_10, small_segments), 0.99);
}

static const char busy_by_turns[] =
    "version: 1\n"
    "cluster: {brokers: 3, racks: [a, b, c], machine: {vcpus: 8, ram: 32 GB, network: {baseline: "
    "100 MB/s}, disks: {type: nvme, count: 1, size: 2 TB}}}\n"
    "topics: {orders: {partitions: 12, replication: 3, config: {retention.ms: 6 h, segment.bytes: "
    "16777216}}}\n"
    "producers:\n"
    "  day: {topic: orders, clients: 6, rate: 6 MB/s, record: {size: 1000 B}, shape: {daily: [0.1, "
    "0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, "
    "0.1]}}\n"
    "  night: {topic: orders, clients: 6, rate: 6 MB/s, record: {size: 1000 B}, shape: {daily: [1, "
    "1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 1, "
    "1]}}\n";

/* One is busy by day and one by night: six hours never bring both at their peak. */
static void horizon__comes_near_the_bound_of_producers_busy_by_turns(void **state)
{
    (void)state;
    within_the_bound(horizon_look_text(busy_by_turns, "horizon.length=4 d", NULL, NULL, NULL, NULL),
                     0.95);
}

/* Segments that take days to fill hold no more of the busy day than it has. */
static void horizon__stays_within_the_bound_of_a_slow_partition_with_one_busy_day(void **state)
{
    (void)state;
    within_the_bound(
        horizon_look("horizon.length=61 d", "producers.checkout.rate=1 MB/s",
                     "topics.orders.partitions=6",
                     "producers.checkout.shape.weekly=[0.2, 0.2, 0.3, 0.3, 1, 0.2, 0.2]", NULL),
        0.9);
}

/* Nor do segments that end by their age: a day's busy hours are not those of the day before as well. */
static void horizon__comes_near_the_bound_of_segments_that_end_by_age(void **state)
{
    (void)state;
    within_the_bound(
        horizon_look(
            "horizon.length=61 d", "producers.checkout.rate=100 kB/s", "topics.orders.partitions=1",
            "producers.checkout.shape.weekly=[0.2, 0.2, 0.3, 0.3, 1, 0.2, 0.2]",
            "topics.orders.config={retention.ms: 6 h, segment.ms: 1 d, segment.bytes: 1 GiB}"),
        0.95);
}

static void horizon__stays_within_the_bound_of_logs_that_begin_empty(void **state)
{
    (void)state;
    within_the_bound(horizon_look("horizon.length=4 d", "start.logs=empty",
                                  "topics.orders.config.retention.ms=30 d", small_segments, NULL),
                     0.99);
}

static void step__halved_moves_disk_use_by_less_than_one_percent(void **state)
{
    (void)state;
    static const char *const steps[] = {"horizon.step=40 m", "horizon.step=20 m",
                                        "horizon.step=10 m", "horizon.step=5 m"};
    double mean[4], most[4];
    for (int i = 0; i < 4; i++) {
        struct horizon_look x =
            horizon_look(steps[i], "horizon.length=4 d",
                         "producers.checkout.shape.daily=[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, "
                         "1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
                         "topics.orders.config.retention.ms=9 h", NULL);
        const struct result_series *s = &x.r->series[2];
        mean[i] = 0;
        for (uint32_t k = s->count / 4; k < s->count; k++)
            mean[i] += s->y[k] / (s->count - s->count / 4);
        most[i] = (double)x.r->disks[2].used_max_bytes;
        horizon_look_release(&x);
    }
    for (int i = 1; i < 4; i++) {
        near(mean[i], mean[i - 1], 0.01);
        near(most[i], most[i - 1], 0.01);
    }
}

/* retention.bytes: the log without its oldest segment is below the limit; so it is up to a segment above. */
static void horizon__keeps_retention_bytes_and_up_to_a_segment(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("horizon.length=3 d", "topics.orders.config.retention.ms=-1",
                     "topics.orders.config.retention.bytes=5000000000",
                     "topics.orders.config.segment.bytes=500000000", NULL);
    double late = 24 * SIZE_FIXTURE_WIRE / 48 * 660;
    for (int i = 0; i < 6; i++) {
        assert_true((double)x.r->disks[i].used_end_bytes > 24 * 5.0e9);
        assert_true((double)x.r->disks[i].used_max_bytes < (24 * 5.5e9 + late) * 1.001);
    }
    horizon_look_release(&x);
}

/* 24 replicas x 0.252 MB/s for ever: 80 % of 2 TB after 3.06 days, exactly. */
static void exhaustion__is_the_day_that_division_says(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("horizon.length=30 d", "topics.orders.config.retention.ms=-1",
                     "horizon.step=1 h", NULL, NULL);
    double days = 2e12 / (24 * SIZE_FIXTURE_WIRE / 48 * (1 + 20 / 64701.0)) / 86400;
    near(x.r->disks[0].day_80, 0.80 * days, 0.02);
    near(x.r->disks[0].day_85, 0.85 * days, 0.02);
    near(x.r->disks[0].day_95, 0.95 * days, 0.02);
    horizon_look_release(&x);
}

/* A codec gains from the batches of a load that grows: the day beyond the end is the one that a longer horizon finds. */
static void exhaustion__counts_the_batches_of_the_load_that_comes(void **state)
{
    (void)state;
    static const char *const kept[] = {"topics.orders.config.retention.ms=-1",
                                       "topics.orders.config.retention.ms=10 d"};
    for (int i = 0; i < 2; i++) {
        struct horizon_look near_end =
            horizon_look("horizon.length=10 d", "producers.checkout.growth=300 % a month", kept[i],
                         lz4_20_ms, ratio_to_10);
        struct horizon_look far_end =
            horizon_look("horizon.length=35 d", "producers.checkout.growth=300 % a month", kept[i],
                         lz4_20_ms, ratio_to_10);
        double day = far_end.r->disks[0].day_80;
        assert_true(day > 15 && day < 35);
        near(near_end.r->disks[0].day_80, day, 0.02);
        horizon_look_release(&far_end);
        horizon_look_release(&near_end);
    }
}

/* Not within a month, but extrapolated: at 10 % a month use grows with the load, 80 % after ln(0.8 / use) / ln(1.1) months. */
static void exhaustion__beyond_the_horizon_follows_growth(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("horizon.length=30 d", "producers.checkout.growth=10 % a month",
                     "horizon.step=1 h", NULL, NULL);
    const struct result_disk *d = &x.r->disks[0];
    double use = (double)d->used_max_bytes / 2e12, fixed = 24 * 1073741824.0 / 2 / 2e12;
    double months = log((0.80 - fixed) / (use - fixed)) / log(1.1);
    near(d->day_80, 30 + months * 30.4375, 0.03);
    assert_true(d->day_80 < d->day_85 && d->day_85 < d->day_95);
    horizon_look_release(&x);
    x = horizon_look("horizon.length=10 d", "horizon.step=1 h", NULL, NULL, NULL);
    assert_true(x.r->disks[0].day_80 == -1); /* nothing grows */
    horizon_look_release(&x);
}

/* Of 10 % a month, over the sixty days that are kept. */
static double growth_kept(double day)
{
    double each_day = log(1.1) / 30.4375, from = fmax(0, day - 60);
    return (60 - (day - from) + (exp(each_day * day) - exp(each_day * from)) / each_day) / 60;
}

/* Sixty days are kept, so that the disk follows the growth of two months and not the last day's. */
static void exhaustion__grows_no_faster_than_what_is_kept(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look(
        "horizon.length=30 d", "producers.checkout.growth=10 % a month",
        "topics.orders.config.retention.ms=60 d", "producers.checkout.rate=480 kB/s", NULL);
    const struct result_disk *d = &x.r->disks[0];
    double day = 30, use = (double)d->used_max_bytes / 2e12;
    while (use * growth_kept(day) / growth_kept(30) < 0.80)
        day += 0.1;
    assert_true(day > 60);
    near(d->day_80, day, 0.03);
    horizon_look_release(&x);
}

/* Azure P10's figures: 126 GB of credit above 100 MB/s. Three replicas on three brokers write the whole stream. */
static void credits__run_empty_when_division_says(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look(
        "cluster.brokers=3", "producers.checkout.rate=160 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 MB/s, "
        "credit: 126 GB}",
        "start.credits=full", "horizon.length=1 d");
    double write = SIZE_FIXTURE_WIRE * 160 / 12;
    near((double)x.worst.credit_ns / 1e9, 126e9 / (write - 100e6), 1e-3);
    assert_non_null(strstr(x.worst.credit, "volume throughput of broker"));
    assert_true(
        size_fixture_warns(x.r, "burst credits are empty 33 min after the start, in minute 33 ("));
    horizon_look_release(&x);
    x = horizon_look(
        "cluster.brokers=3", "producers.checkout.rate=160 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 MB/s, "
        "credit: 126 GB}",
        "start.credits=empty", "horizon.length=1 d");
    assert_true(size_fixture_warns(x.r, "burst credits are empty from the start ("));
    horizon_look_release(&x);
    x = horizon_look(
        "cluster.brokers=3", "producers.checkout.rate=90 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 "
        "MB/s, credit: 126 GB}",
        "start.credits=full", "horizon.length=1 d");
    assert_true(x.worst.credit_ns == -1); /* within the base rate nothing is spent */
    horizon_look_release(&x);
}

/* 3,000 partitions stand on at most a thousand logs, and hold what they would alone. */
static void horizon__shares_logs_among_many_partitions(void **state)
{
    (void)state;
    struct horizon_look x =
        horizon_look("topics.orders.partitions=3000", "horizon.length=2 d", "horizon.step=1 h",
                     "topics.orders.config.segment.bytes=100000000", NULL);
    double all = 0;
    assert_true(x.logs <= HORIZON_LOGS_MAX);
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        all += (double)x.r->disks[i].used_end_bytes;
    near(all, 3 * (SIZE_FIXTURE_WIRE * 86400 + 3000 * 100e6 / 2), 0.05);
    assert_true(size_fixture_warns(x.r, "simulates 1000 logs for 3000 partitions"));
    horizon_look_release(&x);
}

/* A segment each millisecond for a year is taken for one that is as good beside what is kept, and it is said. */
static void horizon__bounds_the_number_of_segments(void **state)
{
    (void)state;
    struct horizon_look x = horizon_look("horizon.length=365 d", "horizon.step=1 d",
                                         "topics.orders.config.segment.ms=1", NULL, NULL);
    double all = 0;
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        all += (double)x.r->disks[i].used_start_bytes;
    near(all, 3 * SIZE_FIXTURE_WIRE * 86400, 0.1);
    assert_true(size_fixture_warns(x.r, "the horizon takes segments of "));
    horizon_look_release(&x);
    x = horizon_look(NULL, NULL, NULL, NULL, NULL);
    assert_false(size_fixture_warns(x.r, "the horizon takes segments of "));
    horizon_look_release(&x);
}

/* 0.1 MB/s make 250,000 segments of 13 MB in a year, and 900,000 where each month brings a fifth more. */
static void horizon__bounds_the_segments_of_a_load_that_grows(void **state)
{
    (void)state;
    for (int grows = 0; grows < 2; grows++) {
        struct horizon_look x = horizon_look(
            "horizon.length=365 d", "horizon.step=1 d", "producers.checkout.rate=0.1 MB/s",
            "topics.orders.config.segment.bytes=13000000",
            grows ? "producers.checkout.growth=20 % a month" : NULL);
        assert_true(size_fixture_warns(x.r, "the horizon takes segments of ") == grows);
        horizon_look_release(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(horizon__keeps_retention_and_part_of_a_segment),
        cmocka_unit_test(first_day__is_no_fuller_than_the_others),
        cmocka_unit_test(first_day__holds_batches_as_small_as_its_nights_were),
        cmocka_unit_test(horizon__stays_within_the_bound_of_size),
        cmocka_unit_test(horizon__stays_within_the_bound_of_what_is_kept_for_long),
        cmocka_unit_test(horizon__comes_near_the_bound_of_what_compresses),
        cmocka_unit_test(horizon__comes_near_the_bound_of_producers_busy_by_turns),
        cmocka_unit_test(horizon__stays_within_the_bound_of_a_slow_partition_with_one_busy_day),
        cmocka_unit_test(horizon__comes_near_the_bound_of_segments_that_end_by_age),
        cmocka_unit_test(horizon__stays_within_the_bound_of_logs_that_begin_empty),
        cmocka_unit_test(step__halved_moves_disk_use_by_less_than_one_percent),
        cmocka_unit_test(horizon__keeps_retention_bytes_and_up_to_a_segment),
        cmocka_unit_test(exhaustion__is_the_day_that_division_says),
        cmocka_unit_test(exhaustion__counts_the_batches_of_the_load_that_comes),
        cmocka_unit_test(exhaustion__beyond_the_horizon_follows_growth),
        cmocka_unit_test(exhaustion__grows_no_faster_than_what_is_kept),
        cmocka_unit_test(credits__run_empty_when_division_says),
        cmocka_unit_test(horizon__shares_logs_among_many_partitions),
        cmocka_unit_test(horizon__bounds_the_number_of_segments),
        cmocka_unit_test(horizon__bounds_the_segments_of_a_load_that_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
