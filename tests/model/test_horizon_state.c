/* The state at a moment of the horizon: which is the worst, what was so then, and a cluster that begins there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/small_cluster.h"

#define HOUR   INT64_C(3600000000000)
#define SECOND INT64_C(1000000000)

struct looked {
    struct sized z;
    struct result *r;
    struct horizon_state *state;
};

static struct looked look(enum horizon_at at, double day, const char *a, const char *b,
                          const char *c, const char *d)
{
    struct looked x = {.z = size_fixture(size_fixture_text, a, b, c, d, NULL), .r = result_new()};
    struct model_profile profile;
    struct broker_err err = {0};
    model_profile_init(&profile);
    assert_int_equal(horizon_fill_at(x.z.s, &profile, at, day, NULL, x.r, &x.state, &err),
                     BROKER_OK);
    return x;
}

static void forget(struct looked *x)
{
    horizon_state_free(x->state);
    result_free(x->r);
    size_fixture_release(&x->z);
}

static void expect_text(const struct looked *x, const char *part)
{
    if (!strstr(x->state->text, part))
        fail_msg("\"%s\" does not say \"%s\"", x->state->text, part);
}

/* Half the day comes more than audit can read; the lag is deepest when the load falls, at 18:00. */
static void worst__is_the_deepest_lag(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_WORST, 0, size_fixture_busy_half_day,
                           "groups.audit.processing.per_record=1200 us", "horizon.length=1 d",
                           "producers.checkout.rate={peak: 12 MB/s}");
    assert_int_equal(x.state->why, HORIZON_WHY_LAG);
    assert_true(x.state->at_ns == 18 * HOUR);
    expect_text(&x, "day 0, 18:00: deepest lag of audit");
    expect_text(&x, "load 1.00 of the stated peak");
    near(x.state->load[0], 1, 1e-9); /* of the hour that led there, not of the one that follows */
    /* series are floats; 12,000 records/s come, 12 threads of 1,200 us and receiving read less than 10,000 */
    near(x.state->lag_records[1], size_fixture_series_max(x.r, "audit"), 1e-6);
    assert_true(x.state->lag_records[1] > 12 * 3600 * 2000.0);
    assert_true(x.state->lag_records[0] < 1);
    forget(&x);
}

static void lag__that_is_deeper_than_the_log_is_said_to_be(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_WORST, 0, "groups.audit.processing.per_record=3 ms",
                           "topics.orders.config.retention.ms=1 h", "horizon.length=1 d", NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_LAG);
    expect_text(&x, " are deleted unread by the end; load");
    forget(&x);
}

static void worst__is_the_first_credit_that_runs_empty(void **state)
{
    (void)state;
    struct looked x = look(
        HORIZON_AT_WORST, 0, "producers.checkout.rate=80 MB/s",
        "cluster.volumes={type: st1, size: 2 TB, throughput: 30 MB/s, burst_throughput: 170 MB/s, "
        "credit: 126 GB}",
        "start.credits=full", "horizon.length=1 d");
    assert_int_equal(x.state->why, HORIZON_WHY_CREDIT);
    assert_false(x.state->credits_full);
    expect_text(&x, "volume throughput of broker 1 disk 1 runs out of burst credits");
    /* each of six brokers writes half the stream */
    double write = 80e6 / 64000 * (61 + 64 * 1010) / 2;
    near((double)x.state->at_ns / 1e9, 126e9 / (write - 30e6), 0.01);
    forget(&x);
}

/* Nothing else gets worse within a month of 3 %: disks, too, but load first. */
static void worst__is_the_highest_load_when_it_grows(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_WORST, 0, "producers.checkout.growth=3 % a month",
                           "horizon.length=30.4375 d", "horizon.step=1 h", NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_LOAD);
    near(x.state->load[0], 1.03, 1e-3);
    near((double)x.state->at_ns, 30.4375 * 86400e9, 1e-3);
    forget(&x);
}

static void worst__is_the_fullest_disk_when_logs_start_empty(void **state)
{
    (void)state;
    struct looked x =
        look(HORIZON_AT_WORST, 0, "start.logs=empty", "horizon.length=3 d", NULL, NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_DISK);
    assert_true(x.state->was_empty && x.state->at_ns > 24 * HOUR);
    expect_text(&x, "fullest disk");
    forget(&x);
}

/* A steady load on full logs: a segment more or less is no worse moment. */
static void worst__is_the_start_when_nothing_is_worse(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_WORST, 0, "topics.orders.config.segment.bytes=10000000",
                           "horizon.length=2 d", NULL, NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_START);
    assert_true(x.state->at_ns == 0);
    expect_text(&x, "the start: the 2 days that follow bring no deeper lag");
    struct scenario then = *x.z.s;
    horizon_state_apply(x.state, &then);
    assert_memory_equal(&then, x.z.s, sizeof then);
    forget(&x);
}

/* A disk is fullest after the peak; to go on from there at a lower load would be milder than not to look ahead. */
static void worst__is_never_milder_than_the_start(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_WORST, 0, "start.logs=empty", "horizon.length=21 h",
                           size_fixture_busy_half_day, "producers.checkout.rate={peak: 12 MB/s}");
    assert_int_equal(x.state->why, HORIZON_WHY_DISK);
    expect_text(&x, "load 0.10 of the stated peak then, the run takes the peak");
    near(x.state->load[0], 1, 1e-9);
    forget(&x);
    /* audit catches up within the day; what grows then is the load */
    x = look(HORIZON_AT_WORST, 0, "groups.audit.lag=3600000 records", "horizon.length=30 d",
             "horizon.step=1 h", "producers.checkout.growth=5 % a month");
    assert_int_equal(x.state->why, HORIZON_WHY_LOAD);
    expect_text(&x, "of the stated peak, with the lag of the start");
    near(x.state->lag_records[1], 3600000, 1e-9);
    assert_true(x.state->lag_records[0] < 1 && x.state->load[0] > 1.04);
    forget(&x);
}

static void day__has_the_load_of_its_hour(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_DAY, 1 + 20 / 24.0, size_fixture_busy_half_day,
                           "horizon.length=3 d", "producers.checkout.rate={peak: 12 MB/s}", NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_ASKED);
    expect_text(&x, "day 1, 20:00: as asked; load 0.10 of the stated peak");
    near(x.state->mean[0], 0.55, 1e-3); /* a day's retention, half of it at 1 */
    forget(&x);
}

/* What follows may well be worse: growth here. */
static void day_0__is_the_start_whatever_follows(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_DAY, 0, "producers.checkout.growth=20 % a month",
                           "horizon.length=3 d", NULL, NULL);
    assert_int_equal(x.state->why, HORIZON_WHY_START);
    assert_string_equal(x.state->text, "the start: as asked");
    forget(&x);
}

static void state__that_is_stopped_is_none(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "horizon.length=3 d", NULL);
    struct model_profile profile;
    struct broker_err err = {0};
    struct horizon_state *none;
    volatile sig_atomic_t stop = SIGTERM;
    model_profile_init(&profile);
    assert_int_equal(horizon_fill_at(z.s, &profile, HORIZON_AT_WORST, 0, &stop, z.r, &none, &err),
                     BROKER_EREFUSED);
    assert_null(none);
    size_fixture_release(&z);
}

/* ---- a cluster that begins there ---- */

static const char small_text[] =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 2\n"
    "  racks: [a, b]\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s}, disks: {type: ssd, size: 1 "
    "TB, count: 1}}\n"
    "topics: {t: {partitions: 2, replication: 2, config: {retention.ms: %s, segment.bytes: 100 "
    "MiB}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 2, rate: {peak: 4 MB/s}, record: {size: 1 KiB}, growth: 50 %% a "
    "month, shape: {daily: [0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.2, "
    "0.2, 0.2, 0.2, 0.2, 0.2]}, config: {linger.ms: 5}}\n"
    "groups: {g: {topics: [t], clients: 2, processing: {per_record: %s}}}\n"
    "start: {logs: %s}\n"
    "horizon: {length: %s}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

/* Bytes of both partitions: on the horizon's disk, and in the logs of a cluster that begins at its end. */
static void compare_bytes(const char *retention, const char *logs, const char *length, double day,
                          bool is_compressed)
{
    char text[2048];
    struct small_cluster small;
    const char *const sets[] = {"producers.p.config.compression.type=lz4",
                                "producers.p.compression_ratio={1 KiB: 1, 16 KiB: 5}",
                                "topics.t.config.segment.bytes=50000000"};
    struct small_options options = {
        .seed = 1, .length_ns = SECOND, .sets = sets, .set_count = is_compressed ? 3 : 0};
    struct broker_err err = {0};
    struct result *r = result_new();
    struct horizon_state *at;
    snprintf(text, sizeof text, small_text, retention, "0 us", logs, length);
    small_cluster_new_with(&small, text, &options);
    assert_int_equal(horizon_fill_at(scenario_base(small.doc), &small.profile, HORIZON_AT_DAY, day,
                                     NULL, r, &at, &err),
                     BROKER_OK);
    small_cluster_free(&small);
    options.state = at;
    small_cluster_new_with(&small, text, &options);
    double bytes = 0;
    for (int p = 0; p < 2; p++)
        bytes += (double)broker_log_size_bytes(
            model_host_log(cluster_host(small.cluster, 0), (struct broker_tp){0, p}));
    /* The horizon counts index entries, too; either side holds a part of a segment and of a check's interval more than it must. */
    double most = 2 * ((is_compressed ? 5e7 : 104857600) + 6e6 * 300);
    if (fabs(bytes - (double)r->disks[0].used_end_bytes) > most + 0.01 * bytes)
        fail_msg("%s, %s: %.4g bytes, the horizon has %.4g", retention, logs, bytes,
                 (double)r->disks[0].used_end_bytes);
    assert_true(bytes > 2e10);
    small_cluster_free(&small);
    horizon_state_free(at);
    result_free(r);
}

static void logs__hold_what_the_horizon_found(void **state)
{
    (void)state;
    compare_bytes("4 h", "retained", "20.75 d", 20.75, false); /* after a day at the peak */
    compare_bytes("2 d", "retained", "5.25 d", 5.25, false);
    compare_bytes("30 d", "empty", "3 d", 3, false);
    compare_bytes("-1", "retained", "3 d", 3, false); /* kept for ever: what came since the start */
}

/* Logs that begin empty and lose nothing: two of three days' bytes on day 2. */
static void disks__hold_at_the_moment_what_had_come_by_then(void **state)
{
    (void)state;
    struct looked x = look(HORIZON_AT_DAY, 2, "start.logs=empty", "horizon.length=3 d",
                           "topics.orders.config.retention.ms=30 d", NULL);
    for (uint32_t i = 0; i < x.r->disk_count; i++) {
        const struct result_disk *d = &x.r->disks[i];
        assert_int_equal(d->used_start_bytes, 0);
        near((double)d->used_moment_bytes, (double)d->used_end_bytes * 2 / 3, 0.01);
    }
    forget(&x);
    x = look(HORIZON_AT_START, 0, "horizon.length=3 d", NULL, NULL, NULL);
    assert_true(x.r->disks[0].used_start_bytes > 0);
    assert_int_equal(x.r->disks[0].used_moment_bytes, x.r->disks[0].used_start_bytes);
    forget(&x);
}

/* The series of 60 days keeps the fullest of each two hours: at 06:00 the logs of 12 hours hold the quiet ones, not those before. */
static void disks__hold_at_the_moment_no_more_than_there_is_then(void **state)
{
    (void)state;
    struct looked x =
        look(HORIZON_AT_DAY, 3.25, size_fixture_busy_half_day, "horizon.length=60 d",
             "topics.orders.config.retention.ms=12 h", "topics.orders.config.segment.bytes=1e7");
    for (uint32_t i = 0; i < x.r->disk_count; i++)
        assert_true((double)x.r->disks[i].used_moment_bytes <
                    0.12 * (double)x.r->disks[i].used_max_bytes);
    forget(&x);
}

/* Most of it came at the peak, in batches that compress better than those of the mean rate would. */
static void logs__hold_the_batches_of_the_hours_that_they_keep(void **state)
{
    (void)state;
    compare_bytes("2 d", "retained", "5.25 d", 5.25, true);
    compare_bytes("6 d", "retained", "3 d", 3, true); /* half of it from before the start */
}

static void cluster__begins_with_the_lag_and_the_load_of_the_moment(void **state)
{
    (void)state;
    char text[2048];
    struct small_cluster small;
    struct small_options options = {.seed = 1, .length_ns = 11 * SECOND};
    struct broker_err err = {0};
    struct result *r = result_new();
    struct horizon_state *at;
    /* two threads of 1 ms a record read less than the 3,900 records/s of the peak */
    snprintf(text, sizeof text, small_text, "2 d", "1 ms", "retained", "1 d");
    small_cluster_new_with(&small, text, &options);
    assert_int_equal(horizon_fill_at(scenario_base(small.doc), &small.profile, HORIZON_AT_WORST, 0,
                                     NULL, r, &at, &err),
                     BROKER_OK);
    small_cluster_free(&small);
    assert_int_equal(at->why, HORIZON_WHY_LAG);
    assert_true(at->at_ns == 18 * HOUR);
    options.state = at;
    small_cluster_new_with(&small, text, &options);
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 10 * SECOND);
    double rate = 4e6 / 1024 * at->load[0];
    near(at->load[0], pow(1.5, 17.97 / 24 / 30.4375), 1e-3);
    near((double)seen->producers[0].stats->records_acked / 10, rate, 0.05);
    near(seen->groups[0].lag_start_records, at->lag_records[0], 0.02);
    assert_true(seen->groups[0].lag_end_records > seen->groups[0].lag_start_records);
    small_cluster_free(&small);
    horizon_state_free(at);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst__is_the_deepest_lag),
        cmocka_unit_test(lag__that_is_deeper_than_the_log_is_said_to_be),
        cmocka_unit_test(worst__is_the_first_credit_that_runs_empty),
        cmocka_unit_test(worst__is_the_highest_load_when_it_grows),
        cmocka_unit_test(worst__is_the_fullest_disk_when_logs_start_empty),
        cmocka_unit_test(worst__is_the_start_when_nothing_is_worse),
        cmocka_unit_test(worst__is_never_milder_than_the_start),
        cmocka_unit_test(day__has_the_load_of_its_hour),
        cmocka_unit_test(state__that_is_stopped_is_none),
        cmocka_unit_test(day_0__is_the_start_whatever_follows),
        cmocka_unit_test(logs__hold_what_the_horizon_found),
        cmocka_unit_test(disks__hold_at_the_moment_what_had_come_by_then),
        cmocka_unit_test(disks__hold_at_the_moment_no_more_than_there_is_then),
        cmocka_unit_test(logs__hold_the_batches_of_the_hours_that_they_keep),
        cmocka_unit_test(cluster__begins_with_the_lag_and_the_load_of_the_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
