/* What a run says about its length before it starts, against what it then does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/answer/study.h"

static const char text[] = "version: 1\n"
                           "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                           "topics: {t: {partitions: 6, replication: 3}}\n"
                           "producers: {p: {rate: 5 MB/s, clients: 4, record: {size: 1 KiB}}}\n"
                           "groups: {g: {clients: 3, processing: {per_record: 1..5 us}}}\n"
                           "horizon: {length: 1 d}\n"
                           "run: {measure: 4 s, warmup: 1 s, replications: 3}\n"
                           "variants: {slow: {producers.p.rate: 2 MB/s}}\n";

static struct scenario_doc *load(const char *const *sets, int count)
{
    struct scenario_options options = {.datadir = "scenarios", .sets = sets, .set_count = count};
    struct scenario_doc *doc;
    assert_int_equal(scenario_load_text("t.yaml", text, strlen(text), &options, &doc), SCENARIO_OK);
    return doc;
}

static double millions(const char *forecast, const char *word)
{
    const char *at = strstr(forecast, word);
    assert_non_null(at);
    return strtod(at + strlen(word), NULL) * 1e6;
}

static void forecast__counts_the_batches_of_all_runs(void **state)
{
    (void)state;
    struct scenario_doc *doc = load(NULL, 0);
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct result *r;
    struct broker_err err = {""};
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    assert_int_equal(study_run(doc, &options, &r, &err), STUDY_OK);
    double done = (double)(r->run.batches + r->variants[0]->run.batches);
    double told = millions(forecast, "about ");
    assert_non_null(strstr(forecast, "2 scenarios x 3 replications of 4 s"));
    /* What was measured, and a second of warm-up before each four of it; two short runs of at most 4 s for each open input. */
    assert_true(told > 1.1 * done && told < 4 * done);
    result_free(r);
    scenario_doc_free(doc);
}

static void forecast__counts_the_runs_that_rank_inputs(void **state)
{
    (void)state;
    static const char *const stated[] = {"groups.g.processing.per_record=2 us"};
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *open = load(NULL, 0), *closed = load(stated, 1);
    char with[300], without[300];
    study_forecast(open, &options, with, sizeof with);
    study_forecast(closed, &options, without, sizeof without);
    int more = atoi(strstr(with, "and ") + 4), less = atoi(strstr(without, "and ") + 4);
    assert_int_equal(more, less + 2);
    assert_true(millions(with, "about ") > millions(without, "about "));
    scenario_doc_free(open);
    scenario_doc_free(closed);
}

/* Not "6.6e-05 million". */
static void forecast__of_few_batches_counts_them(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=2 records/s"};
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(sets, 1);
    char forecast[300];
    int batches;
    study_forecast(doc, &options, forecast, sizeof forecast);
    assert_int_equal(sscanf(strstr(forecast, "about "), "about %d batches", &batches), 1);
    assert_null(strstr(forecast, "million"));
    assert_true(batches > 0);
    scenario_doc_free(doc);
}

static void forecast__of_a_maximum_is_a_bound(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=max"};
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(sets, 1);
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    assert_true(millions(forecast, "at most ") > 0);
    scenario_doc_free(doc);
}

static double seconds_of(const char *forecast)
{
    char *unit;
    double number = strtod(strstr(forecast, " some ") + 6, &unit);
    return strncmp(unit, " min", 4) == 0 ? number * 60 : number;
}

static double seconds_of_sets(const char *const *sets, int count)
{
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(sets, count);
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    scenario_doc_free(doc);
    return seconds_of(forecast);
}

static double seconds_with(const char *set)
{
    const char *const sets[] = {"producers.p.rate=20 MB/s", "producers.p.config.linger.ms=1", set};
    return seconds_of_sets(sets, 3);
}

/* 16 runs make 20,000 clients each, of producers or of a group; 20 us a client are 6 s. */
static void forecast__counts_clients(void **state)
{
    (void)state;
    double few = seconds_with("groups.g.clients=3");
    assert_true(seconds_with("groups.g.clients=20000") > few + 4);
    assert_true(seconds_with("producers.p.clients=20000") > few + 4);
}

/* The network of a group's machine carries a multiple of what comes, until the lag is gone. */
static void forecast__counts_what_a_group_reads_of_its_lag(void **state)
{
    (void)state;
    double none = seconds_with("groups.g.lag=0 s"), some = seconds_with("groups.g.lag=1 m");
    double much = seconds_with("groups.g.lag=1 h");
    assert_true(some > none * 1.2);
    assert_true(much >= some && much < none * 60);
}

static double batches_at(const char *rate)
{
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(&rate, 1);
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    scenario_doc_free(doc);
    return millions(forecast, "about ");
}

/* What is offered beyond what is carried waits, and makes no batches that would take time; no inputs are ranked of what is unstable. */
static void forecast__counts_no_more_than_is_carried(void **state)
{
    (void)state;
    double beyond = batches_at("producers.p.rate=20 GB/s"),
           further = batches_at("producers.p.rate=80 GB/s");
    assert_true(further < 1.5 * beyond);
    assert_true(beyond > 0);
}

/* Not as "some 1.2e+03 s" of "1e+02 million batches". */
static void forecast__of_a_long_run_is_in_minutes(void **state)
{
    (void)state;
    static const char *const sets[] = {"run.replications=4000", "run.measure=20 s",
                                       "producers.p.clients=40"};
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(sets, 3);
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    scenario_doc_free(doc);
    assert_null(strstr(forecast, "e+"));
    assert_true(millions(forecast, "about ") > 99.5e6);
    assert_true(strstr(forecast, " min") || strstr(forecast, " h"));
}

/* 90 days of 20 MB/s are 145,000 segments of 1 GiB; half as much again a month makes them more than 300,000. */
static void forecast__counts_the_segments_that_growth_brings(void **state)
{
    (void)state;
    double seconds[2];
    for (int i = 0; i < 2; i++) {
        const char *sets[] = {"producers.p.rate=20 MB/s", "horizon.length=90 d",
                              i ? "producers.p.growth=50 % a month"
                                : "producers.p.growth=0 % a month"};
        seconds[i] = seconds_of_sets(sets, 3);
    }
    assert_true(seconds[1] > seconds[0] + 0.5);
}

/* Three years of 100 MB/s: segments are at most 2 GiB, so that more than 4 million are followed and not 300,000. */
static void forecast__knows_that_segments_are_no_larger_than_kafka_has_them(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.rate=100 MB/s", "horizon.length=3 y"};
    assert_true(seconds_of_sets(sets, 2) > 15);
}

/* A year of 600 partitions: most of it are steps, of which an hour has twelve of the usual. */
static void forecast__counts_the_steps_of_the_horizon(void **state)
{
    (void)state;
    double seconds[2];
    for (int i = 0; i < 2; i++) {
        const char *sets[] = {"topics.t.partitions=600", "horizon.length=1 y",
                              i ? "horizon.step=1 h" : "horizon.step=5 m"};
        seconds[i] = seconds_of_sets(sets, 3);
    }
    assert_true(seconds[0] > 14);
    assert_true(seconds[1] < seconds[0] / 3);
}

/* A peak of one day a week brings no more segments than a week of its mean. */
static void forecast__follows_the_mean_of_what_comes(void **state)
{
    (void)state;
    const char *even[] = {"producers.p.rate=20 MB/s", "horizon.length=3 y"};
    const char *weekly[] = {"producers.p.rate=100 MB/s", "horizon.length=3 y",
                            "producers.p.shape.weekly=[1, .07, .07, .07, .07, .07, .07]"};
    double told = seconds_of_sets(even, 2), shaped = seconds_of_sets(weekly, 3);
    if (shaped > 1.4 * told)
        fail_msg("%g s of a peak, %g s of its mean", shaped, told);
}

/* A month of segments of a minute, and the hours of them that a run begins with. */
static void forecast__counts_small_segments(void **state)
{
    (void)state;
    double large = seconds_with("topics.t.config.segment.ms=604800000"),
           small = seconds_with("topics.t.config.segment.ms=10000");
    assert_true(small > large + 1);
}

/* What the run takes is what the forecast has found: another count put in its place would be the run's, too. */
static void forecast__searches_for_brokers_once(void **state)
{
    (void)state;
    static const char *const sets[] = {"cluster.brokers=auto"};
    struct scenario_doc *doc = load(sets, 1);
    struct size_counts counts[2] = {{.all = 0}};
    struct study_options options = {.datadir = "scenarios", .threads = 1, .counts = counts};
    struct broker_err err = {""};
    struct result *r;
    char forecast[300];
    assert_true(study_forecast(doc, &options, forecast, sizeof forecast));
    assert_true(counts[0].all > 0 && counts[1].all > 0);
    counts[0].all += 6;
    assert_int_equal(study_size(doc, &options, &r, &err), STUDY_OK);
    assert_int_equal(r->brokers, counts[0].all);
    assert_int_equal(r->variants[0]->brokers, counts[1].all);
    result_free(r);
    scenario_doc_free(doc);
}

static double most_batches(const char *brokers_per_machine)
{
    const char *sets[] = {"producers.p.rate=max",   "producers.p.clients=60",
                          "cluster.racks=[a]",      "topics.t.partitions=60",
                          "groups.g.clients=60",    "producers.p.record.size=100 kB",
                          "topics.t.replication=1", brokers_per_machine};
    struct study_options options = {.datadir = "scenarios", .threads = 1};
    struct scenario_doc *doc = load(sets, 8);
    char forecast[300];
    study_forecast(doc, &options, forecast, sizeof forecast);
    scenario_doc_free(doc);
    return millions(forecast, "at most ");
}

/* Three brokers on one machine carry what its interface does, a third of those of three machines: of large records, one a batch and one copy. */
static void forecast__of_a_maximum_counts_a_machine_once(void **state)
{
    (void)state;
    double three = most_batches("cluster.brokers_per_machine=1");
    double one = most_batches("cluster.brokers_per_machine=3");
    if (!(three > 1.5 * one && three < 4 * one))
        fail_msg("%g on three machines, %g on one", three, one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forecast__counts_the_batches_of_all_runs),
        cmocka_unit_test(forecast__counts_the_runs_that_rank_inputs),
        cmocka_unit_test(forecast__of_few_batches_counts_them),
        cmocka_unit_test(forecast__searches_for_brokers_once),
        cmocka_unit_test(forecast__counts_clients),
        cmocka_unit_test(forecast__counts_no_more_than_is_carried),
        cmocka_unit_test(forecast__knows_that_segments_are_no_larger_than_kafka_has_them),
        cmocka_unit_test(forecast__counts_the_steps_of_the_horizon),
        cmocka_unit_test(forecast__follows_the_mean_of_what_comes),
        cmocka_unit_test(forecast__counts_small_segments),
        cmocka_unit_test(forecast__counts_the_segments_that_growth_brings),
        cmocka_unit_test(forecast__of_a_long_run_is_in_minutes),
        cmocka_unit_test(forecast__counts_what_a_group_reads_of_its_lag),
        cmocka_unit_test(forecast__of_a_maximum_is_a_bound),
        cmocka_unit_test(forecast__of_a_maximum_counts_a_machine_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
