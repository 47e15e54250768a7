/* What a study says of its runs: series stand at their times. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/study.h"
#include "tests/support/scratch.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

static const struct result_series *series(const struct result *r, const char *group,
                                          const char *name)
{
    for (uint32_t i = 0; i < r->series_count; i++)
        if (strcmp(r->series[i].group, group) == 0 && strcmp(r->series[i].name, name) == 0)
            return &r->series[i];
    fail_msg("no series %s of %s", name, group);
    return NULL;
}

#define SLOW_MACHINE                                                                               \
    "groups.batch.machine={like: aws/m5.2xlarge, network: {baseline: 10 MB/s, burst: 10 MB/s}}"

/* 2 MB/s ten minutes back, read by a machine of 10 MB/s: it is full, and nobody is worse off. */
static void limits__of_a_group_that_catches_up_are_not_judged(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "start.logs=retained", "groups.batch.lag=10 m", "groups.batch.clients=4",
        "cluster.machine.network={baseline: 40 Gbit/s}", SLOW_MACHINE};
    struct result *r = study_fixture(study_fixture_text, sets, 5);
    bool seen = false;
    for (uint32_t i = 0; i < r->resource_count; i++) {
        const struct result_resource *row = &r->resources[i];
        seen = seen || row->kind == RESULT_CLIENT_NETWORK;
        assert_null(strstr(row->busiest, "batch"));
        assert_true(row->kind != RESULT_CLIENT_NETWORK || result_judge_now(row) == RESULT_FITS);
    }
    assert_true(seen);
    assert_null(strstr(r->verdict_text, "client"));
    result_free(r);
}

/* 2 MB/s by a machine of 2.5 MB/s: beyond its limit also where it has caught up with its lag before, or is about to. */
static void limits__of_a_group_hold_where_it_keeps_up_or_what_comes_is_too_much(void **state)
{
    (void)state;
    static const char *const lags[] = {"groups.batch.lag=50 ms", "groups.batch.lag=10 m"};
    for (size_t i = 0; i < sizeof lags / sizeof *lags; i++) {
        const char *const sets[] = {"start.logs=retained", lags[i], "groups.batch.clients=4",
                                    "cluster.machine.network={baseline: 40 Gbit/s}",
                                    "groups.batch.machine={like: aws/m5.2xlarge, network: "
                                    "{baseline: 2.5 MB/s, burst: 2.5 MB/s}}"};
        struct result *r = study_fixture(study_fixture_text, sets, 5);
        const struct result_resource *row = NULL;
        for (uint32_t k = 0; k < r->resource_count && !row; k++)
            if (r->resources[k].kind == RESULT_CLIENT_NETWORK)
                row = &r->resources[k];
        assert_non_null(row);
        assert_string_equal(row->busiest, "batch clients");
        assert_true(result_judge_now(row) != RESULT_FITS);
        result_free(r);
    }
}

/* 900 records at the beginning of each lap: two seconds hold one lap of 1.5 s and a third, or a part of one of 1,000 s. */
static void trace__of_another_rate_is_explained_by_its_length(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *rate, *cause;
    } cases[] = {
        {"time,count\n0,1800\n0.5,0\n1,0\n", "producers.p.rate=1200 records/s",
         ": a run of 2 s is no whole number of rounds of the trace, which lasts 1.5 s"},
        {"time,count\n0,20000\n9,0\n", "producers.p.rate=1111.11 records/s",
         ": what a run of 2 s sees of the trace, which lasts 18 s, has another rate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[160];
        scratch_put("t.csv", cases[i].rows);
        snprintf(file, sizeof file, "producers.p.arrivals={trace: {file: %s/t.csv}}", scratch);
        const char *const sets[] = {file, cases[i].rate};
        struct result *r = study_fixture(study_fixture_text, sets, 2);
        assert_non_null(size_fixture_find_warning(r, cases[i].cause));
        result_free(r);
    }
}

static void series__of_lag_are_told_apart_and_stand_at_their_times(void **state)
{
    (void)state;
    static const char *const sets[] = {"start.logs=retained"};
    struct result *r = study_fixture(study_fixture_text, sets, 1);
    const struct result_series *run = series(r, "lag", "batch"),
                               *days = series(r, "horizon-lag", "batch"),
                               *in = series(r, "throughput", "p in");
    assert_string_equal(run->x_unit, "s");
    assert_string_equal(days->x_unit, "d");
    assert_true(run->x0 == run->dx); /* a level at the end of each interval */
    assert_true(in->x0 == in->dx / 2);
    assert_true(days->x0 == days->dx / 2);      /* the largest of the interval, in its middle */
    assert_true(fabs(days->y[0] - 60000) < 60); /* 30 s of 2,000 records/s, at the very start */
    assert_true(run->y[run->count - 1] < 60000);
    result_free(r);
}

/* 1,200,000 records at 2,000 a second. By the rate at which the group reads them they would be some seconds. */
static void slo__of_a_lag_in_time_tells_how_old_what_is_unread_is(void **state)
{
    (void)state;
    static const char *const sets[] = {"start.logs=retained", "groups.batch.lag=10 m",
                                       "slo.normal=[batch lag max < 5 m]"};
    struct result *r = study_fixture(study_fixture_text, sets, 3);
    assert_true(r->slos[0].estimate.value > 300e9);
    assert_true(r->slos[0].estimate.value < 610e9);
    assert_int_equal(r->slos[0].verdict, RESULT_DOES_NOT_FIT);
    result_free(r);
}

/* Requests of sixty clients come together now and then, and the thread is idle between them; one that syncs each append is not. */
static void queue__that_is_full_asks_for_threads_only_where_they_are_busy(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "cluster.config.queued.max.requests=1", "producers.p.clients=60", "groups.batch.lag=none",
        "cluster.config.num.io.threads=1", "topics.t.config.flush.messages=1"};
    struct result *r = study_fixture(study_fixture_text, sets, 4);
    const struct result_warning *w = size_fixture_find_warning(r, "the request queue was full");
    assert_non_null(w);
    assert_non_null(strstr(w->remedy, "I/O threads there are enough"));
    result_free(r);
    r = study_fixture(study_fixture_text, sets, 5);
    w = size_fixture_find_warning(r, "the request queue was full");
    assert_non_null(w);
    assert_non_null(strstr(w->remedy, "more I/O threads"));
    result_free(r);
}

/* The warning says so, and the days ahead do: nothing is there to lag behind. */
static void lag__behind_empty_logs_is_none(void **state)
{
    (void)state;
    struct result *r = study_fixture(study_fixture_text, NULL, 0);
    assert_non_null(size_fixture_find_warning(r, "the days ahead begin without that lag"));
    assert_null(size_fixture_find_warning(r, "batch starts "));
    result_free(r);
}

/* 50,000 segments of a MiB on one broker are 7 hours of 2 MB/s; of segments of a GiB all are laid. */
static void lag__beyond_the_segments_that_are_laid_is_told(void **state)
{
    (void)state;
    static const char *const segments[] = {"topics.t.config.segment.bytes=1048588",
                                           "topics.t.config.segment.bytes=1073741824"};
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        const char *const sets[] = {"start.logs=retained",
                                    "groups.batch.lag=1 d",
                                    segments[i],
                                    "run.measure=100 ms",
                                    "run.replications=1",
                                    "groups.live.processing.per_record=5 us",
                                    "groups.batch.processing.per_record=5 us"};
        struct result *r = study_fixture(study_fixture_text, sets, 7);
        const struct result_warning *told =
            size_fixture_find_warning(r, "only the newest are laid");
        assert_true((told != NULL) == (i == 0));
        assert_true(!told || strstr(told->text, "batch begins the simulation no more than 7"));
        result_free(r);
    }
}

static void slo__of_a_largest_latency_can_be_missed_and_not_met(void **state)
{
    (void)state;
    static const char *const met[] = {"slo.normal=[p produce max < 60 s]"};
    static const char *const missed[] = {"slo.normal=[p produce max < 1 us]"};
    struct result *r = study_fixture(study_fixture_text, met, 1);
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    assert_non_null(strstr(r->slos[0].reason, " batches have a larger one among them"));
    assert_non_null(strstr(r->slos[0].remedy, "a percentile"));
    result_free(r);
    r = study_fixture(study_fixture_text, missed, 1);
    assert_int_equal(r->slos[0].verdict, RESULT_DOES_NOT_FIT);
    result_free(r);
}

/* 0.5 batches a second and partition or so in 4 s: a p99 needs 10,000. */
static void slo__without_a_value_says_why_and_what_helps(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=10 records/s",
                                       "slo.normal=[p produce p99 < 200 ms]"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    assert_false(r->slos[0].estimate.known);
    assert_non_null(strstr(r->slos[0].reason, "too few batches for a p99: "));
    assert_non_null(strstr(r->slos[0].reason, " of about 10,000"));
    assert_non_null(strstr(r->slos[0].remedy, " min or longer (run.measure)"));
    assert_non_null(strstr(r->verdict_text, r->slos[0].reason));
    result_free(r);
}

/* Today each group reads all that is kept; in two years there is three times the load, and one has time for 4,000 records/s alone. */
static void verdict__tells_what_no_table_shows_and_counts_the_rest(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "slo.normal=[p produce p50 < 1 us, p produce p99 < 1 us]",
        "producers.p.growth=5 % a month",
        "groups.batch.processing.per_record=300 us",
        "topics.t.config.retention.ms=1 d",
        "horizon={length: 730 d, step: 6 h}",
    };
    struct result *r = study_fixture(study_fixture_text, sets, 5);
    const char *missed = strstr(r->verdict_text, "DOES NOT FIT: p produce p50 < ");
    const char *growth = strstr(r->verdict_text, "; growth brings ");
    const char *unread = strstr(r->verdict_text, " records are deleted before batch reads them");
    assert_true(missed == r->verdict_text && growth && unread && growth < unread);
    assert_non_null(strstr(r->verdict_text, "; and 1 more reason"));
    result_free(r);
}

static void verdict__of_an_unstable_run_tells_what_else_does_not_fit(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "groups.batch.processing.per_record=2 ms",
        "topics.t.config.retention.ms=30 d",
        "horizon.length=30 d",
        "slo.normal=[p produce p50 < 10 s]",
    };
    struct result *r = study_fixture(study_fixture_text, sets, 4);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_non_null(
        strstr(r->verdict_text, "UNSTABLE: batch falls behind without end; disk space "));
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED); /* nor is a latency said to be met */
    assert_non_null(strstr(r->slos[0].reason, "a queue grows beside it"));
    result_free(r);
}

/* One network thread, which reads an hour's records from one disk: the producer is carried again when these are read. */
static void verdict__names_the_group_whose_catching_up_is_in_the_way(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "start.logs=retained",
        "start.cache=cold",
        "groups.batch.lag=1 h",
        "groups.batch.clients=4",
        "cluster.config.num.network.threads=1",
        "cluster.machine.disks={type: hdd, size: 20 TB}",
        "producers.p.rate=20000 records/s",
        "topics.t.config.retention.ms=2 h",
    };
    struct result *r = study_fixture(study_fixture_text, sets, 8);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_non_null(strstr(r->verdict_text, "UNSTABLE: p offers more than is carried; what waits "
                                            "grows while batch catches up"));
    assert_non_null(strstr(size_fixture_find_warning(r, "p: 20,000 records/s offered")->remedy,
                           "less lag of batch, memory that holds it or faster disks"));
    /* Followers are leaders of other partitions: reading from them moves the wait to other threads. */
    assert_string_equal(size_fixture_find_warning(r, "read from disk by network threads")->remedy,
                        "more memory, less lag, or more of them (num.network.threads, now 1)");
    result_free(r);
}

/* Threads on one core, whose records ask each of them for more than a second a second; and for less. */
static void consumers__that_share_cores_and_are_too_few_need_both(void **state)
{
    (void)state;
    static const struct {
        const char *partitions, *clients, *work, *remedy;
    } cases[] = {
        {"topics.t.partitions=4", "groups.live.clients=3", "groups.live.processing.per_record=2 ms",
         "its threads share cores, and each has more work than time even on one of its own: add "
         "clients and machines, or shorten processing"},
        {"topics.t.partitions=2", "groups.live.clients=2",
         "groups.live.processing.per_record=1.2 ms",
         "its threads share cores, and each has more work than time even on one of its own: add "
         "partitions, clients and machines, or shorten processing"},
        {"topics.t.partitions=4", "groups.live.clients=4",
         "groups.live.processing.per_record=0.9 ms",
         "its threads share cores: add machines, or shorten processing"},
        {"topics.t.partitions=4", "groups.live.clients=3", "groups.live.processing.wait=2 ms",
         "add clients or shorten processing"}, /* they wait for others, and not for cores */
        {"producers.p={topic: t, rate: max, record: {size: 1 KiB}}", "groups.live.clients=2",
         "groups.live.processing.per_record=0.4 ms",
         "its threads share cores: add machines, or shorten processing"}, /* no bound is known */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const sets[] = {
            cases[i].partitions, cases[i].clients, cases[i].work,
            "groups.live.machine={vcpus: 1, ram: 8 GiB, network: {baseline: 10 Gbit/s}}",
            "groups.live.machines=1"};
        struct result *r = study_fixture(study_fixture_text, sets, 5);
        const struct result_warning *w = size_fixture_find_warning(r, "live falls behind: lag");
        assert_non_null(w);
        assert_string_equal(w->remedy, cases[i].remedy);
        result_free(r);
    }
}

/* One batch of one record at a time, each after a flush of 20 ms. */
static void what_is_not_carried__is_said_to_wait_in_the_clients(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "topics.t.config={flush.messages: 1}",
        "cluster.machine.disks={type: ssd, size: 100 GB, write_latency: 20 ms, write_iops: 50}"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    const char *said = r->warning_count ? r->warnings[0].text : "";
    for (uint32_t i = 0; i < r->warning_count; i++)
        if (strstr(r->warnings[i].text, " offered, "))
            said = r->warnings[i].text;
    assert_non_null(strstr(said, " records wait in the clients' buffers at the end"));
    assert_null(strstr(said, " 0 ")); /* no "0 lost, buffer.memory full 0 times" */
    assert_null(strstr(said, "full"));
    result_free(r);
}

/* The same, and nothing waits for longer than 300 ms: no queue grows. */
static void what_is_given_up__does_not_wait_without_end(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "topics.t.config={flush.messages: 1}",
        "cluster.machine.disks={type: ssd, size: 100 GB, write_latency: 20 ms, write_iops: 50}",
        ("producers.p.config={acks: 1, linger.ms: 0, request.timeout.ms: 300, "
         "delivery.timeout.ms: 300}"),
        "topics.t.partitions=1", "run.warmup=3 s"};
    struct result *r = study_fixture(study_fixture_text, sets, 5);
    const char *text = "UNSTABLE: p gives up records that wait longer than delivery.timeout.ms";
    assert_ptr_equal(strstr(r->verdict_text, text), r->verdict_text);
    const struct result_warning *w = size_fixture_find_warning(r, "p: 2000 records/s offered, ");
    assert_non_null(strstr(w->remedy, "raise delivery.timeout.ms (now 300); "));
    result_free(r);
}

/* Two seconds of four partitions, of which nothing arrives: what waits swings by the third of a second that it may. */
static void what_is_given_up__does_not_grow_in_a_short_run_either(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "topics.t.config={flush.messages: 1}",
        "cluster.machine.disks={type: ssd, size: 100 GB, write_latency: 20 ms, write_iops: 50}",
        ("producers.p.config={acks: 1, linger.ms: 0, request.timeout.ms: 300, "
         "delivery.timeout.ms: 300}"),
        "run.measure=2 s", "run.warmup=3 s"};
    struct result *r = study_fixture(study_fixture_text, sets, 5);
    const char *text = "UNSTABLE: p gives up records that wait longer than delivery.timeout.ms";
    assert_ptr_equal(strstr(r->verdict_text, text), r->verdict_text);
    result_free(r);
}

/* A record in 20 s, of which 2 are looked at: none in a batch, or half of one, is nobody's. */
static void batches__that_a_run_did_not_send_have_no_records(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=0.05 records/s"};
    struct result *r = study_fixture(study_fixture_text, sets, 1);
    assert_false(r->flows[0].records_per_batch.known);
    result_free(r);
}

/* Draws of which one loses all and one nothing: Student's t of two knows no bounds, a share has one. */
static void errors__are_no_more_than_all_records(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "topics.t.config={flush.messages: 1}",
        "cluster.machine.disks={type: ssd, size: 1 TB, write_latency: 20 ms, write_iops: 100}",
        ("producers.p.config={acks: 1, linger.ms: 0, request.timeout.ms: 300, delivery.timeout.ms: "
         "320..4000}")};
    struct result *r = study_fixture(study_fixture_text, sets, 3);
    assert_true(r->flows[0].failed_ratio.value > 0.1);
    assert_true(r->flows[0].failed_ratio.high <= 1);
    result_free(r);
}

/* A linger of 1 or 20 ms: runs of 3 s know the ratio, not the p99 of the study. */
static void open_input__moves_a_named_p99_by_a_factor(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.config.linger.ms=1..20 ms",
                                       "cluster.machine.disks={type: ssd, size: 1 TB}"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    assert_true(r->input_count > 0);
    const char *effect = r->inputs[0].effect;
    const char *x = strstr(effect, "p produce p99 x ");
    assert_ptr_equal(x, effect);
    double factor = atof(effect + 16);
    assert_true(factor > 2 && factor < 20);
    assert_true(fabs(r->inputs[0].weight - (factor - 1)) < 0.01 * factor);
    assert_non_null(strstr(effect, " from 1 ms to 20 ms"));
    result_free(r);
}

/* The first that does not fit, whatever it speaks of; where all fit, the first of all. */
static void open_input__is_ranked_by_what_decides_the_verdict(void **state)
{
    (void)state;
    static const char disk[] = "cluster.machine.disks={type: ssd, size: 1 TB}";
    static const char *const cases[][3] = {
        {"slo={normal: [p produce p99 < 10 s, disk max < 1 %]}",
         "producers.p.rate=1000..3000 records/s", "disk max x 2.98 from "},
        {"slo={normal: [p produce p99 < 10 s, live end-to-end p50 < 1 us]}",
         "producers.p.config.linger.ms=1..20 ms", "live end-to-end p50 x "},
        {"slo={normal: [p throughput > 1 GB/s]}", "producers.p.rate=1000..3000 records/s",
         "p throughput x 3"},
        {"slo={normal: [batch lag max < 1 ns]}", "groups.batch.lag=10..20 s", "batch lag max "},
        {"limits.cpu=1 %", "producers.p.rate=1000..3000 records/s", "cpu x "},
        {"slo={normal: [batch fetch p50 < 10 s]}", "producers.p.config.linger.ms=1..20 ms",
         "batch fetch p50 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *sets[] = {cases[i][0], cases[i][1], disk};
        struct result *r = study_fixture(study_fixture_text, sets, 3);
        const char *effect = "";
        for (uint32_t k = 0; k < r->input_count; k++)
            if (strncmp(r->inputs[k].key, cases[i][1], strlen(r->inputs[k].key)) == 0)
                effect = r->inputs[k].effect;
        if (strncmp(effect, cases[i][2], strlen(cases[i][2])) != 0)
            fail_msg("%s: \"%s\" does not begin with \"%s\"; %s", cases[i][0], effect, cases[i][2],
                     r->verdict_text);
        result_free(r);
    }
}

/* Records are lost at one end only: no factor tells that. */
static void open_input__that_makes_something_of_nothing_is_first(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "slo={normal: [p errors < 0.0001 %]}",
        "topics.t={partitions: 1, replication: 1, config: {flush.messages: 1}}",
        "cluster.machine.disks={type: ssd, size: 1 TB, write_latency: 20 ms}",
        ("producers.p.config={acks: 1, linger.ms: 0, batch.size: 900000, request.timeout.ms: 150, "
         "max.in.flight.requests.per.connection: 1, delivery.timeout.ms: 150..60000}")};
    struct result *r = study_fixture(study_fixture_text, sets, 4);
    assert_true(r->input_count > 0);
    assert_string_equal(r->inputs[0].effect, "p errors falls to 0 from 150 ms to 60 s");
    assert_true(r->inputs[0].weight >= 1e9);
    result_free(r);
}

/* What is kept of empty logs is not known to a run of seconds. */
static void open_input__that_moves_nothing_is_said_to(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.t.config.retention.ms=1..2 d",
                                       "cluster.machine.disks={type: ssd, size: 1 TB}"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    assert_true(r->input_count > 0);
    assert_non_null(
        strstr(r->inputs[r->input_count - 1].effect, "p produce p99 is the same from "));
    result_free(r);
}

/* Kafka's own units are ms and bytes: a day of them has nine digits. */
static void open_input__has_ends_in_units_that_suit_them(void **state)
{
    (void)state;
    static const struct {
        const char *set, *ends;
    } cases[] = {
        {"topics.t.config.retention.ms=12..48 h", " from 12 h to 2 d"},
        {"topics.t.config.segment.bytes=100..2000 MB", " from 100 MB to 2 GB"},
        {"groups.batch.lag=10..120 s", " from 10 s to 2 min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result *r = study_fixture(study_fixture_text, &cases[i].set, 1);
        const char *effect = "";
        for (uint32_t k = 0; k < r->input_count; k++)
            if (strncmp(r->inputs[k].key, cases[i].set, strlen(r->inputs[k].key)) == 0)
                effect = r->inputs[k].effect;
        assert_non_null(strstr(effect, cases[i].ends));
        result_free(r);
    }
}

/* Two replications with their own linger each: Student's t of two reaches below zero from a difference of 16 % on. */
static void interval__of_unlike_replications_stays_above_zero(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.config.linger.ms=1..20 ms", "run.seed=3"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    int wide = 0;
    for (uint32_t i = 0; i < r->latency_count; i++) {
        const struct result_latency *l = &r->latencies[i];
        if (l->kind == RESULT_FETCH || !l->p50_ns.known)
            continue;
        const struct result_estimate *e[] = {&l->p50_ns, &l->p95_ns, &l->p99_ns, &l->mean_ns};
        for (int k = 0; k < 4; k++)
            assert_true(!e[k]->known || (e[k]->low > 0 && e[k]->low <= e[k]->value));
        assert_true(!l->p95_ns.known || l->p95_ns.low >= l->p50_ns.low);
        wide += l->p50_ns.high > 3 * l->p50_ns.low;
    }
    assert_true(wide > 0);
    result_free(r);
}

/* Twelve draws of 1,000 to 3,000 records/s: their mean is known to 15 %, one more draw lies anywhere in the range. */
static void drawn_load__is_as_uncertain_as_one_more_draw(void **state)
{
    (void)state;
    const char *const sets[] = {"producers.p.rate=1000..3000 records/s", "run.replications=12",
                                "slo.normal=[p throughput > 1500 records/s]"};
    struct result *r = study_fixture(study_fixture_text, sets, 3);
    const struct result_estimate *e = &r->slos[0].estimate;
    assert_true(fabs(e->level - 0.9) < 1e-9);
    assert_true(e->low < 1500 && e->high > 2700);
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    result_free(r);
}

/* 40 MB/s with acks=1: a follower has 13 MB/s to fetch of each broker, and 64 KiB a round trip of 10 ms are 6.5. */
static void followers__that_fall_behind_are_no_steady_state(void **state)
{
    (void)state;
    const char *const sets[] = {"cluster.brokers=3",
                                "topics.t.replication=3",
                                "topics.t.partitions=3",
                                "cluster.network.same_rack=10 ms",
                                "producers.p.rate=40000 records/s",
                                "run.measure=4 s",
                                "groups.batch.lag=none",
                                "producers.p.clients=20"};
    struct result *r = study_fixture(study_fixture_text, sets, 8);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_non_null(strstr(r->verdict_text, "UNSTABLE: followers of t fall behind without end"));
    result_free(r);
}

/* Nobody knows how wrong it is: what fits by the simulation alone is not said to fit. What is missed stays missed. */
static void uncalibrated__decides_nothing_that_fits(void **state)
{
    (void)state;
    const char *met[] = {"cluster.profile=generic", "topics.t.config.retention.ms=1 h",
                         "run.measure=10 s", "slo={normal: [p produce p50 < 10 s]}"};
    struct result *r = study_fixture(study_fixture_text, met, 2);
    assert_int_equal(r->verdict, RESULT_UNDECIDED);
    assert_non_null(strstr(r->verdict_text, "the profile is not calibrated"));
    result_free(r);
    r = study_fixture(study_fixture_text, met, 4);
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    assert_non_null(strstr(r->slos[0].reason, "by the simulation alone it is met"));
    result_free(r);
    const char *missed[] = {met[0], met[1], met[2], "slo={normal: [p produce p50 < 1 us]}"};
    r = study_fixture(study_fixture_text, missed, 4);
    assert_int_equal(r->verdict, RESULT_DOES_NOT_FIT);
    result_free(r);
}

/* Its queue holds 10 records, which come in 5 ms: as long as it lingers. Nothing else is busy. */
static void own_buffer__binds_where_records_are_refused(void **state)
{
    (void)state;
    const char *sets[] = {"producers.p.client=librdkafka",
                          "producers.p.config.queue.buffering.max.messages=10"};
    struct result *r = study_fixture(study_fixture_text, sets, 2);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_string_equal(r->binding, "queue.buffering.max of p");
    result_free(r);
}

/*
 * The sockets hold 2000 requests of a record, some 1.2 ms each: for 2.5 s records wait, 8000 at most. Then all goes at once, within what is
 * measured: more than comes meanwhile.
 */
static const char *const wave =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, profile: generic, network: {same_rack: 1 ms, "
    "jitter: 0}}\n"
    "topics: {t: {partitions: 1, replication: 3}}\n"
    "producers: {p: {topic: t, client: librdkafka, rate: 5000 records/s, record: {size: 200 B}, "
    "arrivals: constant, config: {acks: all, linger.ms: 0, socket.send.buffer.bytes: 1000000, "
    "queue.buffering.max.messages: 8000}}}\n"
    "start: {logs: empty}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 2500 ms, measure: 1 s, replications: 2}\n";

static void more_than_is_offered__is_what_waited_before(void **state)
{
    (void)state;
    struct result *r = study_fixture(wave, NULL, 0);
    assert_true(r->flows[0].records_per_s.value > r->flows[0].offered_records_per_s);
    assert_true(result_bound_of(r, "client queue of p")->utilisation > 1);
    assert_string_equal(r->verdict_text, "UNSTABLE: the client of p refuses records at times");
    assert_string_equal(r->binding, "client queue of p");
    const struct result_warning *w = size_fixture_find_warning(r, "p: 5000 records/s offered, ");
    assert_non_null(w);
    assert_non_null(strstr(w->text, "that had come before waited at the beginning"));
    assert_null(strstr(w->text, "of the rest"));
    assert_non_null(strstr(w->remedy, "raise linger.ms (now 0), or limit max.in.flight"));
    result_free(r);
}

/* What a quick run cuts, it does not tell one to state. */
static void too_few_batches__of_a_quick_run_ask_for_a_whole_one(void **state)
{
    (void)state;
    static const char *const measures[] = {"run.measure=9 s", "run.measure=10 m"};
    static const char *const remedies[] = {"measure 4 min or longer (run.measure, without --quick)",
                                           "run without --quick"};
    for (int i = 0; i < 2; i++) {
        const char *sets[] = {"slo.normal=[p produce p99.9 < 1 s]", "run.quick=true", measures[i]};
        struct result *r = study_fixture(study_fixture_text, sets, 3);
        assert_non_null(strstr(r->slos[0].reason, "too few batches"));
        assert_string_equal(r->slos[0].remedy, remedies[i]);
        result_free(r);
    }
}

/* 20,000 may wait: none is refused, and a run that ends in the middle of a wave does not say that it has no end. */
static void wave__is_no_growth_without_end(void **state)
{
    (void)state;
    const char *sets[] = {"producers.p.config.queue.buffering.max.messages=20000", "run.warmup=1 s",
                          "slo.normal=[p produce p99 < 4 s]"};
    struct result *r = study_fixture(wave, sets, 3);
    assert_int_equal(r->verdict, RESULT_UNDECIDED);
    assert_string_equal(
        r->verdict_text,
        "UNDECIDED: p produce p99 < 4 s: what waits in the client of p comes and "
        "goes in waves of some 2.5 s, which the 1 s measured do not tell from growth");
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    assert_string_equal(r->slos[0].remedy, "measure 25 s or longer (run.measure)");
    assert_false(r->latencies[0].p50_ns.known);
    assert_non_null(strstr(size_fixture_find_warning(r, "p: 5000 records/s offered, ")->remedy,
                           "measure 25 s or longer (run.measure); waves are shorter if you raise"));
    result_free(r);
    const char *longer[] = {sets[0], sets[1], sets[2], "run.measure=20 s"};
    r = study_fixture(wave, longer, 4);
    assert_true(r->latencies[0].p50_ns.known);
    result_free(r);
}

/* A disk that the horizon fills is one reason, whether an SLO or the limit says so. */
static void verdict__counts_a_resource_and_its_slo_once(void **state)
{
    (void)state;
    static const char *const sets[] = {"slo.normal=[disk max < 80 %]"};
    struct result *r = study_fixture(study_fixture_text, sets, 1);
    assert_string_equal(r->verdict_text, "DOES NOT FIT: disk max < 80 % is missed");
    result_free(r);
    r = study_fixture(study_fixture_text, NULL, 0);
    assert_string_equal(r->verdict_text,
                        "DOES NOT FIT: disk space of broker 1 beyond its limit of 80 %");
    result_free(r);
}

/* No run of 2 s sees the ten busy minutes: half of the mean comes, and what fits then is not the question. */
static void less_than_the_stated_load__decides_nothing(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "cluster.profile=kafka-4.2-jvm17", "topics.t.config={retention.ms: 1 h}",
        "slo.normal=[p throughput > 1 kB/s]", "cluster.machine.network.baseline=96 Mbit/s",
        "producers.p.arrivals={mmpp: {high: 5, busy: 10 m, quiet: 90 m}}"};
    struct result *r = study_fixture(study_fixture_text, sets, 5);
    assert_int_equal(r->slos[0].verdict, RESULT_UNDECIDED);
    assert_int_equal(r->verdict, RESULT_UNDECIDED);
    assert_non_null(strstr(r->verdict_text, "less came in the simulation than the stated load"));
    assert_non_null(size_fixture_find_warning(
        r, " records/s came in the simulation, 2000 are stated: its states "
           "last 10 min and 90 min on the average, a run 2 s"));
    const struct result_warning *differs = size_fixture_find_warning(r, "network out: simulated ");
    assert_non_null(differs);
    assert_non_null(strstr(differs->remedy, "less came in the simulation"));
    result_free(r);
    r = study_fixture(study_fixture_text, sets, 4);
    assert_int_equal(r->verdict, RESULT_FITS);
    assert_null(size_fixture_find_warning(r, "came in the simulation"));
    result_free(r);
}

/* Of a search that takes long, too: it looks up between what it tries. */
static void size__that_is_stopped_has_no_result(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=1..2 MB/s", "cluster.brokers=auto"};
    volatile sig_atomic_t stop = SIGTERM;
    for (int count = 0; count <= 2; count++) {
        struct scenario_options options = {
            .datadir = "scenarios", .sets = sets, .set_count = count};
        struct study_options how = {.datadir = "scenarios", .stop = &stop};
        struct broker_err err = {""};
        struct scenario_doc *doc;
        struct result *result;
        if (scenario_load_text("t.yaml", study_fixture_text, strlen(study_fixture_text), &options,
                               &doc) != SCENARIO_OK)
            fail_msg("%s", scenario_error_at(doc, 0)->message);
        assert_int_equal(study_size(doc, &how, &result, &err), STUDY_STOPPED);
        assert_null(result);
        scenario_doc_free(doc);
    }
}

/* More than is carried came all the same. */
static void overload__is_the_stated_load(void **state)
{
    (void)state;
    static const char *const sets[] = {"cluster.machine.disks.flush=8 ms"};
    struct result *r = study_fixture(study_fixture_synced, sets, 1);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_null(size_fixture_find_warning(r, "came in the simulation"));
    result_free(r);
}

/* One client, 4,000 records/s to each of three brokers, whose followers are 2 ms away: they keep a request for some 4 ms. */
static const char *const far =
    "version: 1\n"
    "cluster: {brokers: 3, racks: [a, b, c], machine: {vcpus: 8, ram: 16 GiB, network: {baseline: "
    "10 Gbit/s}, disks: {type: ssd, size: 100 GB}}, network: {cross_rack: 2 ms, jitter: 0}}\n"
    "topics: {t: {partitions: 60, replication: 3}}\n"
    "producers: {p: {topic: t, rate: 12000 records/s, partitioner: uniform, record: {size: 1000 "
    "B}, "
    "config: {linger.ms: 0}}}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 1 s, measure: 2 s, replications: 2}\n";

/* Five in flight: each waits for four of some 4 ms. What is advised helps: one in flight, or a longer linger. */
static void requests__that_wait_behind_others_of_their_connection_are_told(void **state)
{
    (void)state;
    static const char *const cures[] = {
        "producers.p.config.linger.ms=8",
        "producers.p.config.max.in.flight.requests.per.connection=1"};
    struct result *r = study_fixture(far, NULL, 0);
    const struct result_warning *w =
        size_fixture_find_warning(r, "requests of p wait in sockets for ");
    double before = r->latencies[0].p50_ns.value;
    assert_non_null(w);
    assert_non_null(strstr(w->remedy, "raise linger.ms (now 0) above that, or limit "
                                      "max.in.flight.requests.per.connection (now 5)"));
    result_free(r);
    for (int i = 0; i < 2; i++) {
        r = study_fixture(far, &cures[i], 1);
        assert_null(size_fixture_find_warning(r, "requests of p wait in sockets"));
        assert_true(r->latencies[0].p50_ns.value < 0.8 * before);
        result_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests__that_wait_behind_others_of_their_connection_are_told),
        cmocka_unit_test(interval__of_unlike_replications_stays_above_zero),
        cmocka_unit_test(what_is_given_up__does_not_wait_without_end),
        cmocka_unit_test(what_is_given_up__does_not_grow_in_a_short_run_either),
        cmocka_unit_test(open_input__has_ends_in_units_that_suit_them),
        cmocka_unit_test(batches__that_a_run_did_not_send_have_no_records),
        cmocka_unit_test(errors__are_no_more_than_all_records),
        cmocka_unit_test(open_input__that_moves_nothing_is_said_to),
        cmocka_unit_test(open_input__is_ranked_by_what_decides_the_verdict),
        cmocka_unit_test(open_input__that_makes_something_of_nothing_is_first),
        cmocka_unit_test(open_input__moves_a_named_p99_by_a_factor),
        cmocka_unit_test(verdict__tells_what_no_table_shows_and_counts_the_rest),
        cmocka_unit_test(verdict__names_the_group_whose_catching_up_is_in_the_way),
        cmocka_unit_test(consumers__that_share_cores_and_are_too_few_need_both),
        cmocka_unit_test(verdict__of_an_unstable_run_tells_what_else_does_not_fit),
        cmocka_unit_test(what_is_not_carried__is_said_to_wait_in_the_clients),
        cmocka_unit_test(slo__of_a_largest_latency_can_be_missed_and_not_met),
        cmocka_unit_test(slo__without_a_value_says_why_and_what_helps),
        cmocka_unit_test(limits__of_a_group_that_catches_up_are_not_judged),
        cmocka_unit_test(limits__of_a_group_hold_where_it_keeps_up_or_what_comes_is_too_much),
        cmocka_unit_test_setup_teardown(trace__of_another_rate_is_explained_by_its_length,
                                        scratch_make, scratch_remove),
        cmocka_unit_test(lag__behind_empty_logs_is_none),
        cmocka_unit_test(lag__beyond_the_segments_that_are_laid_is_told),
        cmocka_unit_test(queue__that_is_full_asks_for_threads_only_where_they_are_busy),
        cmocka_unit_test(slo__of_a_lag_in_time_tells_how_old_what_is_unread_is),
        cmocka_unit_test(series__of_lag_are_told_apart_and_stand_at_their_times),
        cmocka_unit_test(drawn_load__is_as_uncertain_as_one_more_draw),
        cmocka_unit_test(followers__that_fall_behind_are_no_steady_state),
        cmocka_unit_test(uncalibrated__decides_nothing_that_fits),
        cmocka_unit_test(own_buffer__binds_where_records_are_refused),
        cmocka_unit_test(more_than_is_offered__is_what_waited_before),
        cmocka_unit_test(too_few_batches__of_a_quick_run_ask_for_a_whole_one),
        cmocka_unit_test(wave__is_no_growth_without_end),
        cmocka_unit_test(verdict__counts_a_resource_and_its_slo_once),
        cmocka_unit_test(less_than_the_stated_load__decides_nothing),
        cmocka_unit_test(size__that_is_stopped_has_no_result),
        cmocka_unit_test(overload__is_the_stated_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
