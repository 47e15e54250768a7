/* verify from files to filled cases, with a made-up simulator: budgets, threads, folds, maxima, anchors, widening. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/evidence/verify_internal.h"
#include "model/evidence/verify_write.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

static struct verify *verify;
static struct broker_err err;
static atomic_int calls;
static _Atomic uint64_t budget_seen;

/* ---- a folder of cases ---- */

/* rate: "1000 records/s" or max; more: lines of the measured block. */
static void put_case(const char *name, const char *rate, const char *more)
{
    char text[2000];
    snprintf(text, sizeof text,
             "version: 1\n"
             "cluster:\n"
             "  brokers: 1\n  profile: generic\n"
             "  machine: {vcpus: 4, coremark: 20000, ram: 16 GiB, network: {baseline: 1 Gbit/s, "
             "burst: 1 "
             "Gbit/s}, disks: {type: ssd, count: 1, size: 1 TB}}\n"
             "  network: {same_rack: 1 ms, cross_rack: 1 ms}\n"
             "topics: {t: {partitions: 1, replication: 1}}\n"
             "producers: {p: {topic: t, rate: %s, record: {size: 1 KiB}}}\n"
             "run: {measure: 10 s, replications: 3}\n"
             "measured:\n  family: f\n%s",
             rate, more);
    scratch_put(name, text);
}

static int fresh(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    char folder[80];
    snprintf(folder, sizeof folder, "%s/public", scratch);
    assert_int_equal(mkdir(folder, 0777), 0);
    snprintf(folder, sizeof folder, "%s/cases", scratch);
    assert_int_equal(mkdir(folder, 0777), 0);
    verify = NULL;
    err.text[0] = 0;
    atomic_store(&calls, 0);
    atomic_store(&budget_seen, 0);
    return 0;
}

static int clean(void **state)
{
    verify_free(verify);
    return scratch_remove(state);
}

/*
 * A system with a capacity of 5,000 records/s, a p50 of one round trip and 1 ms of CPU at the profile's speed, a p99 of twice that.
 * The generic profile has a coremark of 16000.
 */
static int fake_predict(const struct scenario_doc *doc, const struct model_profile *profile,
                        const struct predict_options *options, struct prediction *out,
                        struct broker_err *e)
{
    (void)e;
    const struct scenario *s = scenario_base(doc);
    double offered =
        s->producers[0].rate_kind == SCENARIO_RATE_MAX ? 1e9 : s->producers[0].records_per_s_peak;
    double capacity = 5000 * 16000 / profile->coremark;
    double rate = fmin(offered, capacity);
    double p50 =
        (double)s->cluster.network.same_rack_rtt_ns / 1e9 + 1e-3 * profile->coremark / 16000;
    *out = (struct prediction){.stable = offered <= capacity,
                               .sends_stable = offered <= capacity,
                               .batches = 10,
                               .simulated_s = 1};
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        out->quantity[q] = (struct predict_value){NAN, NAN, NAN};
    out->quantity[MEASURED_THROUGHPUT] = (struct predict_value){rate, rate, rate};
    out->quantity[MEASURED_PRODUCE_P50] = (struct predict_value){p50, p50, p50};
    out->quantity[MEASURED_PRODUCE_P99] = (struct predict_value){2 * p50, 2 * p50, 2 * p50};
    atomic_fetch_add(&calls, 1);
    atomic_store(&budget_seen, options->batches_max + options->warmup_batches_max);
    return 0;
}

static void run(struct verify_options options)
{
    options.datadir = "scenarios";
    options.folder = scratch;
    options.predict = fake_predict;
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_OK);
    assert_int_equal(verify_run(verify, &options, &err), VERIFY_OK);
}

static const struct verify_case *find(const char *name)
{
    for (int i = 0; i < verify->count; i++)
        if (strcmp(verify->cases[i].name, name) == 0)
            return &verify->cases[i];
    fail_msg("no case %s", name);
    return NULL;
}

/* ---- tests ---- */

static void load__takes_what_was_measured_in_the_order_of_names(void **state)
{
    (void)state;
    put_case("b.yaml", "1000 records/s", "  id: b\n  produce_p50: 2 ms\n");
    put_case("public/c.yaml", "max", "  id: c\n  maximum: true\n  throughput: 4000 records/s\n");
    put_case("a.yaml", "1000 records/s", "  id: a\n  produce_p50: [2 ms, 3 ms]\n");
    put_case("not-measured.yaml", "1000 records/s", "");
    scratch_put("verify.yaml", "own: {rank: 1 %}\n");
    scratch_put("README.md", "no scenario");
    run((struct verify_options){0});
    assert_int_equal(verify->count, 3);
    assert_string_equal(verify->cases[0].name, "a");
    assert_string_equal(verify->cases[2].name, "public/c");
    assert_int_equal(verify->cases[0].population, VERIFY_OWN);
    assert_int_equal(verify->cases[2].population, VERIFY_PUBLIC);
    assert_int_equal(verify->cases[2].maximum, VERIFY_STEADY_RATE);
    assert_int_equal(verify->cases[0].fitted,
                     VERIFY_UNSEEN); /* the generic profile is not calibrated */
}

/* A data folder of its own with a calibrated profile, and a fold that has not seen "a" when with_fold. */
static void load_with_profile(bool with_fold)
{
    char path[128], target[PATH_MAX];
    snprintf(path, sizeof path, "%s/profiles", scratch);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/hardware", scratch);
    assert_non_null(realpath("scenarios/hardware", target));
    assert_int_equal(symlink(target, path), 0);
    scratch_put("profiles/generic.yaml", "coremark: 16000\n"); /* the cases' own */
    scratch_put("profiles/mine.yaml", "calibrated: true\nerror: some\ncoremark: 16000\n");
    if (with_fold)
        scratch_put("profiles/mine.fold-3.yaml",
                    "calibrated: true\ncoremark: 16000\nheld_out: [a]\n");
    put_case("cases/a.yaml", "1000 records/s", "  id: a\n  produce_p50: 2 ms\n");
    put_case("cases/b.yaml", "1000 records/s", "  id: b\n  produce_p50: 2 ms\n");
    char cases[128];
    snprintf(cases, sizeof cases, "%s/cases", scratch);
    struct verify_options options = {.datadir = scratch, .folder = cases, .profile = "mine"};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_OK);
}

static void folds__tell_which_profile_has_not_seen_a_row(void **state)
{
    (void)state;
    load_with_profile(true);
    assert_int_equal(find("a")->fitted, VERIFY_HELD_OUT);
    assert_int_equal(find("a")->fold, 3);
    assert_int_equal(find("b")->fitted, VERIFY_UNSEEN); /* in no fold: it was not fitted */
}

/* Beside the scenarios, and not in the data folder. */
static void folds__are_found_beside_a_profile_that_is_a_file(void **state)
{
    (void)state;
    scratch_put("mine/own.yaml", "calibrated: true\ncoremark: 16000\n");
    scratch_put("mine/own.fold-2.yaml", "calibrated: true\ncoremark: 16000\nheld_out: [a]\n");
    put_case("cases/a.yaml", "1000 records/s", "  id: a\n  produce_p50: 2 ms\n");
    char profile[128], cases[128];
    snprintf(profile, sizeof profile, "%s/mine/own.yaml", scratch);
    snprintf(cases, sizeof cases, "%s/cases", scratch);
    struct verify_options options = {
        .datadir = "scenarios", .folder = cases, .profile = profile, .predict = fake_predict};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_OK);
    assert_int_equal(verify_run(verify, &options, &err), VERIFY_OK);
    const struct verify_case *c = find("a");
    assert_int_equal(c->fitted, VERIFY_HELD_OUT);
    assert_int_equal(c->fold, 2);
    assert_string_equal(c->failure, "");
}

static void folds__that_are_missing_make_all_rows_of_a_calibrated_profile_fitted(void **state)
{
    (void)state;
    load_with_profile(false);
    assert_int_equal(find("a")->fitted, VERIFY_FITTED);
    assert_false(verify_counts(find("a"), VERIFY_BLIND, MEASURED_PRODUCE_P50));
}

static void load__says_which_scenario_is_wrong(void **state)
{
    (void)state;
    put_case("a.yaml", "1000 apples/s", "  id: a\n  produce_p50: 2 ms\n");
    struct verify_options options = {.datadir = "scenarios", .folder = scratch};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_EINVALID);
    assert_non_null(strstr(err.text, "a.yaml:"));
    assert_null(verify);
}

static void load__of_no_folder_fails(void **state)
{
    (void)state;
    struct verify_options options = {.datadir = "scenarios", .folder = "/nowhere"};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_EIO);
}

static void run__predicts_each_case_once_with_its_share(void **state)
{
    (void)state;
    put_case("a.yaml", "1000 records/s", "  id: a\n  produce_p50: 2 ms\n");
    put_case("b.yaml", "1000 records/s", "  id: b\n  produce_p50: 4 ms\n");
    run((struct verify_options){.budget = 9000});
    assert_int_equal(atomic_load(&calls), 2);
    assert_int_equal(atomic_load(&budget_seen), 3000); /* room for one more; its warm-up's too */
    assert_true(fabs(verify_error(find("a"), VERIFY_BLIND, MEASURED_PRODUCE_P50)) < 1e-12);
    assert_true(fabs(verify_error(find("b"), VERIFY_BLIND, MEASURED_PRODUCE_P50) + 0.5) < 1e-12);
    assert_int_equal(find("a")->batches, 10);
}

static void run__gives_the_same_in_any_number_of_threads(void **state)
{
    (void)state;
    double first[2][8];
    for (int i = 0; i < 8; i++) {
        char name[32], more[200];
        snprintf(name, sizeof name, "public/%d.yaml", i);
        snprintf(more, sizeof more, "  id: x%d\n  series: s\n  anchor: %s\n  produce_p50: %d ms\n",
                 i, i == 0 ? "true" : "false", 3 + i);
        put_case(name, "1000 records/s", more);
    }
    for (int round = 0; round < 2; round++) {
        run((struct verify_options){.threads = round ? 7 : 1});
        for (int i = 0; i < 8; i++) {
            const struct verify_case *c = &verify->cases[i];
            double high = c->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50].high;
            double anchored = c->predicted[VERIFY_ANCHORED][MEASURED_PRODUCE_P50].value;
            first[round][i] = high + (isnan(anchored) ? 0 : anchored);
        }
        verify_free(verify);
        verify = NULL;
    }
    assert_memory_equal(first[0], first[1], sizeof first[0]);
}

/* From 1000 a second, doubled to 4000 and 8000, then six halvings of the logarithm: within 0.6 %. */
static void maximum__of_a_stated_rate_is_found_by_bisection(void **state)
{
    (void)state;
    put_case("a.yaml", "1000 records/s",
             "  id: a\n  maximum: true\n  throughput: 5000 records/s\n");
    put_case("b.yaml", "30000 records/s",
             "  id: b\n  maximum: true\n  throughput: 5000 records/s\n");
    run((struct verify_options){0});
    for (int i = 0; i < 2; i++) {
        const struct verify_case *c = &verify->cases[i];
        const struct predict_value *p = &c->predicted[VERIFY_BLIND][MEASURED_THROUGHPUT];
        assert_int_equal(c->maximum, VERIFY_BISECTION);
        assert_true(fabs(p->value / 5000 - 1) < 0.01);
        assert_true(isnan(p->low) && isnan(p->high)); /* of no error there is no interval */
    }
}

/* Of 30,000 a second 5,000 are carried: the queue is as long as one looks, unless a real cluster carried them. Under `rate: max` it is as long as the buffer. */
static void latency__of_an_overload_is_left_out(void **state)
{
    (void)state;
    put_case("a.yaml", "30000 records/s",
             "  id: a\n  throughput: 4900 records/s\n  produce_p50: 2 ms\n  produce_p99: 4 ms\n");
    put_case("b.yaml", "max", "  id: b\n  produce_p50: 2 ms\n");
    put_case("c.yaml", "1000 records/s", "  id: c\n  produce_p50: 2 ms\n");
    put_case("d.yaml", "30000 records/s",
             "  id: d\n  throughput: 30010 records/s\n  produce_p50: 2 ms\n");
    run((struct verify_options){0});
    assert_true(isnan(find("a")->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50].value));
    assert_true(isnan(find("a")->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P99].value));
    assert_false(verify_counts(find("a"), VERIFY_BLIND, MEASURED_PRODUCE_P50));
    assert_true(find("b")->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50].value > 0);
    assert_true(find("c")->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50].value > 0);
    assert_true(verify_counts(find("d"), VERIFY_BLIND, MEASURED_PRODUCE_P50));
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    verify_put_cases(verify, out);
    fclose(out);
    assert_non_null(strstr(text, "unstable"));
    free(text);
}

static void leave_out(bool stable, bool sends_stable, struct prediction *seen)
{
    *seen = (struct prediction){.stable = stable, .sends_stable = sends_stable};
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        seen->quantity[q] = (struct predict_value){1, 1, 1};
    verify_leave_out(find("a"), seen);
}

/* Half of the load was carried: where only readers fall behind, produce latencies are those of a steady state. */
static void latency__of_producers_counts_where_only_readers_fall_behind(void **state)
{
    (void)state;
    struct prediction seen;
    put_case("a.yaml", "1000 records/s", "  id: a\n  throughput: 500 records/s\n");
    run((struct verify_options){0});
    leave_out(true, true, &seen);
    assert_true(seen.quantity[MEASURED_END_TO_END_P50].value == 1);
    leave_out(false, true, &seen);
    assert_true(isnan(seen.quantity[MEASURED_END_TO_END_P50].value));
    assert_true(isnan(seen.quantity[MEASURED_END_TO_END_P99].value));
    assert_true(seen.quantity[MEASURED_PRODUCE_MEAN].value == 1);
    assert_true(seen.quantity[MEASURED_PRODUCE_P99].value == 1);
    leave_out(false, false, &seen);
    assert_true(isnan(seen.quantity[MEASURED_PRODUCE_MEAN].value));
    assert_true(isnan(seen.quantity[MEASURED_PRODUCE_P50].value));
    assert_true(isnan(seen.quantity[MEASURED_PRODUCE_P99].value));
}

/* Four cores a broker and a client: five are none, and no interval reaches beyond four. */
static void cpu__is_no_more_than_there_is(void **state)
{
    (void)state;
    put_case("a.yaml", "1000 records/s", "  id: a\n  broker_cpu: 2\n  client_cpu: 2\n");
    run((struct verify_options){0});
    const struct scenario *s = scenario_base(find("a")->doc);
    struct predict_value of[MEASURED_QUANTITIES];
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        of[q] = (struct predict_value){NAN, NAN, NAN};
    double clients = s->producers[0].machines * (double)s->producers[0].machine.vcpus;
    of[MEASURED_BROKER_CPU] = (struct predict_value){3, 2, 6};
    of[MEASURED_CLIENT_CPU] = (struct predict_value){1.25 * clients, clients, 2 * clients};
    verify_limit_cpu(s, of);
    assert_true(of[MEASURED_BROKER_CPU].value == 3 && of[MEASURED_BROKER_CPU].high == 4);
    assert_true(isnan(of[MEASURED_CLIENT_CPU].value) && isnan(of[MEASURED_CLIENT_CPU].high));
    /* The slack of a value is its interval's too, which never leaves the value out. */
    of[MEASURED_BROKER_CPU] = (struct predict_value){4.003, 4.001, 6};
    verify_limit_cpu(s, of);
    assert_true(of[MEASURED_BROKER_CPU].value == 4.003 && of[MEASURED_BROKER_CPU].high == 4.003);
    assert_true(of[MEASURED_BROKER_CPU].low == 4);
}

/* The anchor measured 4 ms where 1 ms of round trip and 1 ms of CPU are predicted: a round trip of 3 ms, factor 3. */
static void anchor__fits_the_round_trip_to_a_latency(void **state)
{
    (void)state;
    put_case("public/a.yaml", "1000 records/s",
             "  id: a\n  series: s\n  anchor: true\n  produce_p50: 4 ms\n");
    put_case("public/b.yaml", "2000 records/s", "  id: b\n  series: s\n  produce_p50: 5 ms\n");
    put_case("public/c.yaml", "2000 records/s", "  id: c\n  series: other\n  produce_p50: 5 ms\n");
    run((struct verify_options){0});
    const struct verify_case *b = find("public/b");
    assert_string_equal(b->anchor_parameter, "round trip");
    assert_true(fabs(b->anchor_factor - 3) < 0.15);
    assert_true(fabs(b->predicted[VERIFY_ANCHORED][MEASURED_PRODUCE_P50].value - 0.004) < 1e-4);
    assert_true(fabs(b->predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50].value - 0.002) < 1e-9);
    assert_true(isnan(find("public/a")->predicted[VERIFY_ANCHORED][MEASURED_PRODUCE_P50].value));
    assert_null(find("public/c")->anchor_parameter);
}

/* 2500 measured where 5000 are predicted: CPU costs twice as high. */
static void anchor__fits_the_cores_to_a_throughput(void **state)
{
    (void)state;
    put_case(
        "public/a.yaml", "max",
        "  id: a\n  series: s\n  anchor: true\n  maximum: true\n  throughput: 2500 records/s\n");
    put_case("public/b.yaml", "max",
             "  id: b\n  series: s\n  maximum: true\n  throughput: 2400 records/s\n");
    run((struct verify_options){0});
    const struct verify_case *b = find("public/b");
    assert_string_equal(b->anchor_parameter, "CPU costs");
    assert_true(fabs(b->predicted[VERIFY_ANCHORED][MEASURED_THROUGHPUT].value / 2500 - 1) < 0.03);
}

/*
 * Six configurations with errors of 0, 10, 20 ... 50 %, all predicted too high. The interval of one is that of the other five: ln(1 / 1.1
 * ... 1 / 1.4) and 0 have mean -0.17533 and deviation 0.13300; t of 4 degrees of freedom is 2.13185.
 */
static void widen__takes_the_errors_of_the_others(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        char name[32], more[100];
        snprintf(name, sizeof name, "%d.yaml", i);
        snprintf(more, sizeof more, "  id: x%d\n  produce_p50: %.9g ms\n", i, 2 / (1 + 0.1 * i));
        put_case(name, "1000 records/s", more);
    }
    run((struct verify_options){0});
    const struct predict_value *p = &verify->cases[5].predicted[VERIFY_BLIND][MEASURED_PRODUCE_P50];
    double half = 2.13185 * 0.13300 * sqrt(1.2);
    assert_true(fabs(log(p->value / p->low) - (half + 0.17533)) < 1e-4);
    assert_true(fabs(log(p->high / p->value) - (half - 0.17533)) < 1e-4);
}

static void widen__leaves_a_stated_rate_without_the_error_of_maxima(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        char name[32], more[100];
        snprintf(name, sizeof name, "%d.yaml", i);
        snprintf(more, sizeof more, "  id: x%d\n  maximum: true\n  throughput: %d records/s\n", i,
                 4000 + 100 * i);
        put_case(name, "max", more);
    }
    put_case("stated.yaml", "1000 records/s", "  id: y\n  throughput: 990 records/s\n");
    run((struct verify_options){0});
    const struct predict_value *max = find("0")->predicted[VERIFY_BLIND];
    const struct predict_value *stated = find("stated")->predicted[VERIFY_BLIND];
    assert_true(max[MEASURED_THROUGHPUT].low < 0.95 * max[MEASURED_THROUGHPUT].value);
    assert_true(stated[MEASURED_THROUGHPUT].low > 0.999 * 1000);
}

static void peers__answer_on_the_same_cases(void **state)
{
    (void)state;
    put_case("public/a.yaml", "1000 records/s",
             "  id: a\n  series: s\n  anchor: true\n  produce_p50: 9 ms\n");
    put_case("public/b.yaml", "2000 records/s", "  id: b\n  series: s\n  produce_p50: 9 ms\n");
    run((struct verify_options){.peers = true});
    const struct verify_case *b = find("public/b");
    assert_true(b->predicted[VERIFY_AWS][MEASURED_THROUGHPUT].value > 0);
    assert_true(b->predicted[VERIFY_GOOGLE][MEASURED_THROUGHPUT].value > 0);
    assert_true(b->predicted[VERIFY_MM1][MEASURED_PRODUCE_P50].value >
                0.009); /* at twice the load */
    assert_true(isnan(find("public/a")->predicted[VERIFY_MM1][MEASURED_PRODUCE_P50].value));
}

static void run__stops_when_told_to(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 1;
    put_case("a.yaml", "1000 records/s", "  id: a\n  produce_p50: 2 ms\n");
    struct verify_options options = {
        .datadir = "scenarios", .folder = scratch, .predict = fake_predict, .stop = &stop};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_OK);
    assert_int_equal(verify_run(verify, &options, &err), VERIFY_STOPPED);
}

static void forecast__names_cases_and_batches(void **state)
{
    (void)state;
    char text[300];
    put_case("a.yaml", "1000 records/s", "  id: a\n  produce_p50: 2 ms\n");
    struct verify_options options = {.datadir = "scenarios", .folder = scratch, .threads = 2};
    assert_int_equal(verify_load(&options, &verify, &err), VERIFY_OK);
    verify_forecast(verify, &options, text, sizeof text);
    assert_non_null(strstr(text, "1 case,"));
    assert_non_null(strstr(text, "(budget 400 million) in 2 threads"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
    const struct CMUnitTest tests[] = {
        T(load__takes_what_was_measured_in_the_order_of_names),
        T(folds__tell_which_profile_has_not_seen_a_row),
        T(folds__are_found_beside_a_profile_that_is_a_file),
        T(folds__that_are_missing_make_all_rows_of_a_calibrated_profile_fitted),
        T(load__says_which_scenario_is_wrong),
        T(load__of_no_folder_fails),
        T(run__predicts_each_case_once_with_its_share),
        T(run__gives_the_same_in_any_number_of_threads),
        T(maximum__of_a_stated_rate_is_found_by_bisection),
        T(latency__of_an_overload_is_left_out),
        T(latency__of_producers_counts_where_only_readers_fall_behind),
        T(cpu__is_no_more_than_there_is),
        T(anchor__fits_the_round_trip_to_a_latency),
        T(anchor__fits_the_cores_to_a_throughput),
        T(widen__takes_the_errors_of_the_others),
        T(widen__leaves_a_stated_rate_without_the_error_of_maxima),
        T(peers__answer_on_the_same_cases),
        T(run__stops_when_told_to),
        T(forecast__names_cases_and_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
