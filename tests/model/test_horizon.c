/* The horizon: what the real log keeps, against arithmetic; steps, growth, credits, lag, start state. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "model/cluster/flow.h"
#include "model/cluster/horizon.h"
#include "model/cluster/horizon_log.h"
#include "model/cluster/retained.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

struct looked {
    struct sized z;
    struct result *r;
    struct horizon_worst worst;
    uint32_t logs;
};

static struct looked look_text(const char *text, const char *a, const char *b, const char *c,
                               const char *d, const char *e)
{
    struct looked x = {.z = size_fixture(text, a, b, c, d, e, NULL)};
    struct model_placement *m = model_placement_new(x.z.s, x.z.s->run.seed);
    struct model_profile profile;
    struct broker_err err = {0};
    struct horizon *h;
    bool done = false;
    model_profile_init(&profile);
    x.r = result_new();
    assert_int_equal(horizon_new(x.z.s, &profile, m, &h, &err), BROKER_OK);
    while (!done)
        assert_int_equal(horizon_advance(h, &done, &err), BROKER_OK);
    assert_int_equal(horizon_now_ns(h), x.z.s->horizon.length_ns);
    horizon_worst(h, &x.worst);
    x.worst.credit = result_string(x.r, x.worst.credit);
    x.logs = horizon_log_count(h);
    horizon_fill_result(h, x.r);
    horizon_free(h);
    model_placement_free(m);
    return x;
}

static struct looked look(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    return look_text(size_fixture_text, a, b, c, d, e);
}

static void forget(struct looked *x)
{
    result_free(x->r);
    size_fixture_release(&x->z);
}

static bool advised(const struct looked *x, const char *text)
{
    for (uint32_t i = 0; i < x->r->warning_count; i++)
        if (strstr(x->r->warnings[i].remedy, text))
            return true;
    return false;
}

/*
 * 48 partitions x 3 on 6 disks: each holds 24 replicas. After a day the newest day is there, and of the segment that reaches further back a
 * part: between none and all of it, half on the average, and what came since the last check.
 */
static void horizon__keeps_retention_and_part_of_a_segment(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=3 d", NULL, NULL, NULL, NULL);
    double rate = SIZE_FIXTURE_WIRE / 48, day = 24 * rate * 86400, segments = 24 * 1073741824.0;
    assert_int_equal(x.r->disk_count, 6);
    for (int i = 0; i < 6; i++) {
        const struct result_disk *d = &x.r->disks[i];
        near((double)d->used_end_bytes, day + segments / 2, 0.05);
        near((double)d->used_start_bytes, day + segments / 2, 0.05);
        assert_true((double)d->used_max_bytes > day);
        assert_true((double)d->used_max_bytes < (day + segments + 24 * rate * 660) * 1.001);
    }
    assert_int_equal(x.logs, 48);
    forget(&x);
}

/* A whole day is kept: as much at noon as at night, and on the first day as on any other. */
static void first_day__is_no_fuller_than_the_others(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=4 d", size_fixture_busy_half_day,
                           "topics.orders.config.segment.bytes=16777216", NULL, NULL);
    for (uint32_t i = 0; i < x.r->disk_count; i++) {
        const struct result_disk *d = &x.r->disks[i];
        near((double)d->used_start_bytes, (double)d->used_end_bytes, 0.01);
        near((double)d->used_max_bytes, (double)d->used_end_bytes, 0.02);
    }
    forget(&x);
}

/* At a tenth of the load a batch is smaller and compresses worse: the nights before the start were as those that follow. */
static void first_day__holds_batches_as_small_as_its_nights_were(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=4 d", size_fixture_busy_half_day,
                           "topics.orders.config.segment.bytes=16777216",
                           "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 10}",
                           "producers.checkout.config={linger.ms: 20, compression.type: lz4}");
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        near((double)x.r->disks[i].used_start_bytes, (double)x.r->disks[i].used_end_bytes, 0.02);
    forget(&x);
}

/* The closed form of `size` is what the real log never exceeds, and comes near. */
static void within_the_bound(struct looked x, double share)
{
    double bound = size_fixture_bound(&x.z, "disk space")->demand, most = 0;
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        most = fmax(most, (double)x.r->disks[i].used_max_bytes);
    if (!(most <= bound && most > share * bound))
        fail_msg("%.10g is not within %.10g, or not above %g of it", most, bound, share);
    forget(&x);
}

static void horizon__stays_within_the_bound_of_size(void **state)
{
    (void)state;
    within_the_bound(look("horizon.length=10 d",
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
                look("horizon.length=61 d", kept[i], growth[g], "producers.checkout.rate=1 MB/s",
                     "producers.checkout.shape.weekly=[0.2, 0.2, 0.3, 0.3, 1, 0.2, 0.2]"),
                g == 0 ? 0.80 : 0.5);
}

static void step__halved_moves_disk_use_by_less_than_one_percent(void **state)
{
    (void)state;
    static const char *const steps[] = {"horizon.step=40 m", "horizon.step=20 m",
                                        "horizon.step=10 m", "horizon.step=5 m"};
    double mean[4], most[4];
    for (int i = 0; i < 4; i++) {
        struct looked x =
            look(steps[i], "horizon.length=4 d",
                 "producers.checkout.shape.daily=[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, "
                 "1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
                 "topics.orders.config.retention.ms=9 h", NULL);
        const struct result_series *s = &x.r->series[2];
        mean[i] = 0;
        for (uint32_t k = s->count / 4; k < s->count; k++)
            mean[i] += s->y[k] / (s->count - s->count / 4);
        most[i] = (double)x.r->disks[2].used_max_bytes;
        forget(&x);
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
    struct looked x = look("horizon.length=3 d", "topics.orders.config.retention.ms=-1",
                           "topics.orders.config.retention.bytes=5000000000",
                           "topics.orders.config.segment.bytes=500000000", NULL);
    double late = 24 * SIZE_FIXTURE_WIRE / 48 * 660;
    for (int i = 0; i < 6; i++) {
        assert_true((double)x.r->disks[i].used_end_bytes > 24 * 5.0e9);
        assert_true((double)x.r->disks[i].used_max_bytes < (24 * 5.5e9 + late) * 1.001);
    }
    forget(&x);
}

/* 24 replicas x 0.252 MB/s for ever: 80 % of 2 TB after 3.06 days, exactly. */
static void exhaustion__is_the_day_that_division_says(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=30 d", "topics.orders.config.retention.ms=-1",
                           "horizon.step=1 h", NULL, NULL);
    double days = 2e12 / (24 * SIZE_FIXTURE_WIRE / 48 * (1 + 20 / 65516.0)) / 86400;
    near(x.r->disks[0].day_80, 0.80 * days, 0.02);
    near(x.r->disks[0].day_85, 0.85 * days, 0.02);
    near(x.r->disks[0].day_95, 0.95 * days, 0.02);
    forget(&x);
}

/* Not within a month, but extrapolated: at 10 % a month use grows with the load, 80 % after ln(0.8 / use) / ln(1.1) months. */
static void exhaustion__beyond_the_horizon_follows_growth(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=30 d", "producers.checkout.growth=10 % a month",
                           "horizon.step=1 h", NULL, NULL);
    const struct result_disk *d = &x.r->disks[0];
    double use = (double)d->used_max_bytes / 2e12, fixed = 24 * 1073741824.0 / 2 / 2e12;
    double months = log((0.80 - fixed) / (use - fixed)) / log(1.1);
    near(d->day_80, 30 + months * 30.4375, 0.03);
    assert_true(d->day_80 < d->day_85 && d->day_85 < d->day_95);
    forget(&x);
    x = look("horizon.length=10 d", "horizon.step=1 h", NULL, NULL, NULL);
    assert_true(x.r->disks[0].day_80 == -1); /* nothing grows */
    forget(&x);
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
    struct looked x =
        look("horizon.length=30 d", "producers.checkout.growth=10 % a month",
             "topics.orders.config.retention.ms=60 d", "producers.checkout.rate=480 kB/s", NULL);
    const struct result_disk *d = &x.r->disks[0];
    double day = 30, use = (double)d->used_max_bytes / 2e12;
    while (use * growth_kept(day) / growth_kept(30) < 0.80)
        day += 0.1;
    assert_true(day > 60);
    near(d->day_80, day, 0.03);
    forget(&x);
}

/* Azure P10's figures: 126 GB of credit above 100 MB/s. Three replicas on three brokers write the whole stream. */
static void credits__run_empty_when_division_says(void **state)
{
    (void)state;
    struct looked x = look(
        "cluster.brokers=3", "producers.checkout.rate=160 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 MB/s, "
        "credit: 126 GB}",
        "start.credits=full", "horizon.length=1 d");
    double write = SIZE_FIXTURE_WIRE * 160 / 12;
    near((double)x.worst.credit_ns / 1e9, 126e9 / (write - 100e6), 1e-3);
    assert_non_null(strstr(x.worst.credit, "volume throughput of broker"));
    assert_true(
        size_fixture_warns(x.r, "burst credits are empty 34 min after the start, in minute 34 ("));
    forget(&x);
    x = look(
        "cluster.brokers=3", "producers.checkout.rate=160 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 MB/s, "
        "credit: 126 GB}",
        "start.credits=empty", "horizon.length=1 d");
    assert_true(size_fixture_warns(x.r, "burst credits are empty from the start ("));
    forget(&x);
    x = look("cluster.brokers=3", "producers.checkout.rate=90 MB/s",
             "cluster.volumes={type: st1, size: 2 TB, throughput: 100 MB/s, burst_throughput: 170 "
             "MB/s, credit: 126 GB}",
             "start.credits=full", "horizon.length=1 d");
    assert_true(x.worst.credit_ns == -1); /* within the base rate nothing is spent */
    forget(&x);
}

/* 600 s of production behind, and four times as fast: caught up after 600 / 3 s. */
static void lag__is_gone_when_division_says(void **state)
{
    (void)state;
    struct looked x = look("groups.audit.lag=10 m", "groups.audit.processing.per_record=240 us",
                           "horizon.step=10 s", "horizon.length=1 h", "groups.audit.machines=12");
    /* 12 consumers at 1 / 250 us (240 us and receiving) read 48,000/s; 12,000/s come */
    assert_true(size_fixture_warns(
        x.r, "audit starts 7,200,000 records behind and catches up in 3 min at best"));
    forget(&x);
    /* Nobody is further behind than the log reaches back: retention, a segment, a period of the check, and the delay of deleting. */
    x = look("groups.audit.lag=10 h", "topics.orders.config.segment.ms=5 m",
             "topics.orders.config.retention.ms=5 m", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "audit starts 11,520,000 records behind"));
    forget(&x);
    x = look("groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us",
             "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "never catches up"));
    forget(&x);
    x = look("groups.audit.processing.per_record=1100 us", "topics.orders.config.retention.ms=1 h",
             "topics.orders.config.segment.ms=10 m", "horizon.length=1 d", NULL);
    assert_true(size_fixture_warns(x.r, "records are deleted unread"));
    assert_non_null(strstr(x.r->unread_note, "records are deleted before audit reads them"));
    assert_true(x.worst.lag_group == 1 && x.worst.lag_age_s > 3600);
    forget(&x);
}

/*
 * Three hours back is further than the memory reaches. Each disk writes 6 MB/s and could read 20: 19.8 MB/s are left for 2 MB/s of
 * production, so that 8.8 s of the lag go in each second. An interface with 10 MB/s has 4 for replicas, 2 for the other group and 3.95 left
 * for 2 MB/s: 0.96 s go in each second.
 */
static void lag__goes_as_fast_as_disks_and_interfaces_serve(void **state)
{
    (void)state;
    struct looked x = look("groups.audit.lag=3 h", "cluster.machine.ram=8 GB",
                           "cluster.machine.disks={type: nvme, count: 1, size: 2 TB, write: 500 "
                           "MB/s, read: 20 MB/s}",
                           "horizon.step=10 s", "horizon.length=6 h");
    assert_true(size_fixture_warns(x.r, "catches up in 20 min at best"));
    forget(&x);
    x = look("groups.audit.lag=3 h", "cluster.machine.ram=8 GB", "horizon.step=10 s",
             "horizon.length=6 h", NULL);
    assert_false(
        size_fixture_warns(x.r, "catches up in 20 min at best")); /* the disk reads 1,000 MB/s */
    forget(&x);
    x = look("groups.audit.lag=10 m", "cluster.machine.network={baseline: 10 MB/s}",
             "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "catches up in 10 min at best"));
    forget(&x);
}

/* 10,800 records/s are read where 12,000 come, and where 6,600 come on the average but 12,000 until the end of the horizon. */
static void catching_up__never_is_told_from_not_yet(void **state)
{
    (void)state;
    struct looked x = look("groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us",
                           "horizon.length=1 d", NULL, NULL);
    assert_true(size_fixture_warns(x.r, "records behind and never catches up"));
    forget(&x);
    x = look("groups.audit.lag=10 m", "groups.audit.processing.per_record=1100 us",
             "horizon.length=6 h", "producers.checkout.rate={peak: 12 MB/s}",
             "producers.checkout.shape={daily: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, "
             "0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]}");
    assert_true(
        size_fixture_warns(x.r, "records behind and does not catch up within the horizon of 6 h"));
    assert_true(advised(&x, "more consumers (up to the partitions) or less work a record"));
    forget(&x);
}

/* An interface that gives the group 3.95 MB/s of 2 MB/s: its threads are idle, more of them would not help. */
static void catching_up__names_what_serves_the_group_where_that_is_slow(void **state)
{
    (void)state;
    struct looked x = look("groups.audit.lag=2 h", "cluster.machine.network={baseline: 10 MB/s}",
                           "horizon.step=10 s", "horizon.length=1 h", NULL);
    assert_true(size_fixture_warns(x.r, "does not catch up within the horizon of 60 min"));
    assert_true(advised(&x, "its threads are not busy: look at what serves it"));
    assert_false(advised(&x, "more consumers"));
    forget(&x);
}

/*
 * Half the day at the peak p, more than the c that audit reads. From 6:00 on it reads 1 s of the peak in p / c s: what came at 18:00 is read
 * at 6:00 + 12 h * p / c, and nothing is ever older than then. In the quiet night the same lag would be ten times as much time of production.
 */
static void lag__is_as_old_as_what_is_not_yet_read(void **state)
{
    (void)state;
    struct looked x = look(size_fixture_busy_half_day, "producers.checkout.rate={peak: 12 MB/s}",
                           "groups.audit={topics: [orders], clients: 12, machines: 12, processing: "
                           "{per_record: 1200 us}}",
                           "horizon.length=20 d", "topics.orders.config.retention.ms=4 h");
    double peak = 12000, reads = peak - size_fixture_series_max(x.r, "audit") / (12 * 3600);
    near(x.worst.lag_age_s, 12 * 3600 * (peak / reads - 1), 0.01);
    assert_true(size_fixture_warns(x.r, "audit falls behind by up to"));
    assert_false(size_fixture_warns(x.r, "deleted unread"));
    assert_string_equal(x.r->unread_note, "");
    forget(&x);
}

/* It starts when little comes: two hours of the mean are then no more than two hours ago. */
static void lag__at_the_start_is_as_old_as_stated(void **state)
{
    (void)state;
    struct looked x = look(size_fixture_busy_half_day, "producers.checkout.rate={peak: 12 MB/s}",
                           "groups.audit={topics: [orders], clients: 12, lag: 2 h, processing: "
                           "{per_record: 1200 us}}",
                           "horizon.length=5 h", "topics.orders.config.retention.ms=6 h");
    assert_true(
        size_fixture_warns(x.r, "audit starts 47,520,000 records behind and catches up in"));
    assert_true(x.worst.lag_age_s <= 2 * 3600);
    forget(&x);
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
        struct looked x =
            look(i ? size_fixture_busy_half_day : "horizon.step=5 m",
                 "producers.checkout.rate={peak: 12 MB/s}",
                 "groups.audit.processing.per_record=1200 us", "horizon.length=4 d",
                 "topics.orders.config={retention.ms: -1, retention.bytes: 1300000000, "
                 "segment.bytes: 100000000}");
        double kept = (48 * 1.4e9 + mean[i] * SIZE_FIXTURE_WIRE * 360) / wire;
        near(size_fixture_series_max(x.r, "audit"), kept, 0.01);
        assert_true(size_fixture_warns(
            x.r, "records are deleted unread; what its topics keep of its lag is at most"));
        forget(&x);
    }
}

/* Two days back, but the one topic keeps an hour, a segment of ten minutes and 360 s until it is deleted. */
static void lag__at_the_start_is_cut_topic_by_topic(void **state)
{
    (void)state;
    struct looked x =
        look_text("version: 1\n"
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
    forget(&x);
}

static double catch_up_min(const struct looked *x)
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
        struct looked x = look(group, "horizon.step=10 s", "horizon.length=3 h", NULL, NULL);
        near(catch_up_min(&x), 7.2e6 / (machines == 1 ? 3350 : 7740) / 60, 0.06);
        forget(&x);
    }
}

/* Half of the records go to one of twelve consumers of one machine: 0.9 of its thread, and the others leave it a core. */
static void lag__does_not_grow_where_one_hot_consumer_keeps_up(void **state)
{
    (void)state;
    struct looked x =
        look("producers.checkout.partitioner=keyed", "producers.checkout.hottest_partition=50 %",
             "groups.audit={topics: [orders], clients: 12, machines: 1, machine: aws/m5.2xlarge, "
             "processing: {per_record: 135 us}}",
             "horizon.length=6 h", NULL);
    assert_true(x.worst.lag_age_s < 1);
    forget(&x);
}

/* Consumers beyond the partitions have nothing to read. */
static void lag__is_not_helped_by_consumers_beyond_the_partitions(void **state)
{
    (void)state;
    double age[2];
    static const char *const clients[] = {"groups.audit.clients=48", "groups.audit.clients=96"};
    for (int i = 0; i < 2; i++) {
        struct looked x = look(clients[i], "groups.audit.processing.per_record=5 ms",
                               "horizon.length=6 h", "groups.audit.machines=48", NULL);
        age[i] = x.worst.lag_age_s;
        assert_true(age[i] > 0);
        forget(&x);
    }
    assert_true(age[0] == age[1]);
}

/* 3,000 partitions stand on at most a thousand logs, and hold what they would alone. */
static void horizon__shares_logs_among_many_partitions(void **state)
{
    (void)state;
    struct looked x =
        look("topics.orders.partitions=3000", "horizon.length=2 d", "horizon.step=1 h",
             "topics.orders.config.segment.bytes=100000000", NULL);
    double all = 0;
    assert_true(x.logs <= HORIZON_LOGS_MAX);
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        all += (double)x.r->disks[i].used_end_bytes;
    near(all, 3 * (SIZE_FIXTURE_WIRE * 86400 + 3000 * 100e6 / 2), 0.05);
    assert_true(size_fixture_warns(x.r, "simulates 1000 logs for 3000 partitions"));
    forget(&x);
}

/* A segment each millisecond for a year is taken for one that is as good beside what is kept, and it is said. */
static void horizon__bounds_the_number_of_segments(void **state)
{
    (void)state;
    struct looked x = look("horizon.length=365 d", "horizon.step=1 d",
                           "topics.orders.config.segment.ms=1", NULL, NULL);
    double all = 0;
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        all += (double)x.r->disks[i].used_start_bytes;
    near(all, 3 * SIZE_FIXTURE_WIRE * 86400, 0.1);
    assert_true(size_fixture_warns(x.r, "the horizon takes segments of "));
    forget(&x);
    x = look(NULL, NULL, NULL, NULL, NULL);
    assert_false(size_fixture_warns(x.r, "the horizon takes segments of "));
    forget(&x);
}

/* 0.1 MB/s make 250,000 segments of 13 MB in a year, and 900,000 where each month brings a fifth more. */
static void horizon__bounds_the_segments_of_a_load_that_grows(void **state)
{
    (void)state;
    for (int grows = 0; grows < 2; grows++) {
        struct looked x =
            look("horizon.length=365 d", "horizon.step=1 d", "producers.checkout.rate=0.1 MB/s",
                 "topics.orders.config.segment.bytes=13000000",
                 grows ? "producers.checkout.growth=20 % a month" : NULL);
        assert_true(size_fixture_warns(x.r, "the horizon takes segments of ") == grows);
        forget(&x);
    }
}

/* ---- preload ---- */

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
        cmocka_unit_test(horizon__keeps_retention_and_part_of_a_segment),
        cmocka_unit_test(first_day__is_no_fuller_than_the_others),
        cmocka_unit_test(first_day__holds_batches_as_small_as_its_nights_were),
        cmocka_unit_test(horizon__stays_within_the_bound_of_size),
        cmocka_unit_test(horizon__stays_within_the_bound_of_what_is_kept_for_long),
        cmocka_unit_test(step__halved_moves_disk_use_by_less_than_one_percent),
        cmocka_unit_test(horizon__keeps_retention_bytes_and_up_to_a_segment),
        cmocka_unit_test(exhaustion__is_the_day_that_division_says),
        cmocka_unit_test(exhaustion__beyond_the_horizon_follows_growth),
        cmocka_unit_test(exhaustion__grows_no_faster_than_what_is_kept),
        cmocka_unit_test(credits__run_empty_when_division_says),
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
        cmocka_unit_test(horizon__shares_logs_among_many_partitions),
        cmocka_unit_test(horizon__bounds_the_number_of_segments),
        cmocka_unit_test(horizon__bounds_the_segments_of_a_load_that_grows),
        cmocka_unit_test(preload__leaves_what_retention_keeps),
        cmocka_unit_test(preload__takes_the_longest_retention_for_none),
        cmocka_unit_test(preload__is_bounded_however_rarely_retention_is_checked),
        cmocka_unit_test(preload__ends_with_batches_as_clients_send_them),
        cmocka_unit_test(preload__has_as_many_records_as_bytes),
        cmocka_unit_test(preload__keeps_only_so_many_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
