/* Profile files: what a fit adds, clients' profiles, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario/beside.h"
#include "model/scenario/measured.h"
#include "model/scenario/profile.h"
#include "tests/support/scratch.h"

static int load_own(struct model_profile *profile, struct broker_err *err)
{
    char path[128];
    snprintf(path, sizeof path, "%s/own.yaml", scratch);
    return scenario_profile_load_file("scenarios", path, profile, err);
}

static void assert_near(double a, double b)
{
    assert_true(a <= b + 1e-9 && a >= b - 1e-9);
}

static void load__takes_what_a_fit_says_about_itself(void **state)
{
    (void)state;
    struct model_profile p;
    struct broker_err err;
    scratch_put("own.yaml", "calibrated: true\nerror: 'held-out median: p50 7 %'\n"
                            "held_out_error.produce_p50: {median: 0.07, signed_median: -0.02, p90: "
                            "0.2, ratio_low: 0.8, ratio_high: 1.5, rows: 42}\n"
                            "range: {rate_per_s: 20..120000, linger_ms: 0..50}\n"
                            "held_out: [rate-01, size-1]\n");
    assert_int_equal(load_own(&p, &err), 0);
    assert_string_equal(p.name, "own");
    assert_true(p.calibrated);
    assert_near(p.held_out[MEASURED_PRODUCE_P50].median, 0.07);
    assert_near(p.held_out[MEASURED_PRODUCE_P50].signed_median, -0.02);
    assert_near(p.held_out[MEASURED_PRODUCE_P50].p90, 0.2);
    assert_near(p.held_out[MEASURED_PRODUCE_P50].ratio_low, 0.8);
    assert_near(p.held_out[MEASURED_PRODUCE_P50].ratio_high, 1.5);
    assert_int_equal(p.held_out[MEASURED_PRODUCE_P50].rows, 42);
    assert_int_equal(p.held_out[MEASURED_PRODUCE_P99].rows, 0);
    assert_true(model_profile_covers(&p, MODEL_PROFILE_RATE, 20));
    assert_false(model_profile_covers(&p, MODEL_PROFILE_RATE, 120001));
    assert_true(model_profile_covers(&p, MODEL_PROFILE_GROUPS, 1e6)); /* states nothing */
    assert_true(model_profile_names(p.held_out_ids, "rate-01"));
    assert_true(model_profile_names(p.held_out_ids, "size-1"));
    assert_false(model_profile_names(p.held_out_ids, "size-11"));
    assert_false(model_profile_names(p.held_out_ids, "rate"));
    assert_false(model_profile_names(p.held_out_ids, ""));
}

static void load__takes_the_errors_on_other_machines_from_the_file_beside(void **state)
{
    (void)state;
    struct model_profile p;
    struct broker_err err;
    scratch_put("own.yaml", "broker.send.request: 77 us\n");
    assert_int_equal(load_own(&p, &err), 0);
    assert_int_equal(p.scaled[MEASURED_PRODUCE_P99].rows, 0);
    scratch_put("own.scaled.yaml",
                "scaled_error.produce_p99: {median: 0.6, signed_median: -0.5, p90: 0.9, ratio_low: "
                "0.7, ratio_high: 12, rows: 94}\nbroker.send.request: 1 us\n");
    assert_int_equal(load_own(&p, &err), 0);
    assert_int_equal(p.scaled[MEASURED_PRODUCE_P99].rows, 94);
    assert_near(p.scaled[MEASURED_PRODUCE_P99].ratio_high, 12);
    assert_int_equal(p.held_out[MEASURED_PRODUCE_P99].rows, 0);
    assert_near(p.send.request_ns, 77000); /* of that file only the errors are taken */
}

static void load__merges_the_profile_of_a_client(void **state)
{
    (void)state;
    struct model_profile p, plain;
    struct broker_err err;
    model_profile_init(&plain);
    scratch_put("java.yaml", "coremark: 12000\nclient.java_send: {request: 10 us, record: 2 us}\n"
                             "broker.send.request: 77 us\n");
    scratch_put("own.yaml",
                "coremark: 24000\nclients.java: java\nclient.java_send.record: 700 ns\n");
    assert_int_equal(load_own(&p, &err), 0);
    assert_near(p.java_send.request_ns, 5000); /* on a core that is twice as fast */
    assert_near(p.java_send.record_ns, 700);   /* the naming file wins */
    assert_near(p.send.request_ns,
                plain.send.request_ns); /* only the client is taken of its file */
}

static void beside__is_the_folder_of_the_file_that_states_a_path(void **state)
{
    (void)state;
    assert_int_equal(scenario_beside("a/b/c.yaml", "d.csv"), 4);
    assert_int_equal(scenario_beside("a/b/c.yaml", "../d/e.csv"), 4);
    assert_int_equal(scenario_beside("a/b/c.yaml", "/d.csv"), 0);
    assert_int_equal(scenario_beside("a/b/c.yaml", ""), 0);
    assert_int_equal(scenario_beside("c.yaml", "d.csv"), 0);
    assert_int_equal(scenario_beside("/c.yaml", "d.csv"), 1);
}

static void load__takes_a_path_for_the_name_of_a_client(void **state)
{
    (void)state;
    struct model_profile p;
    struct broker_err err;
    char text[300];
    scratch_put("java.yaml", "client.java_send: {request: 10 us}\n");
    scratch_put("own.yaml", "clients.java: java.yaml\n"); /* from the naming file's folder */
    assert_int_equal(load_own(&p, &err), 0);
    assert_near(p.java_send.request_ns, 10000);
    char *folder = realpath(scratch, NULL);
    snprintf(text, sizeof text, "clients.java: %s/java.yaml\n", folder);
    free(folder);
    scratch_put("own.yaml", text);
    assert_int_equal(load_own(&p, &err), 0);
    assert_near(p.java_send.request_ns, 10000);
}

static void load__takes_a_path_for_a_name(void **state)
{
    (void)state;
    struct model_profile p;
    struct broker_err err;
    char path[128], fold[128];
    scratch_put("own.yaml", "coremark: 12345\n");
    snprintf(path, sizeof path, "%s/own.yaml", scratch);
    assert_int_equal(scenario_profile_load("scenarios", path, &p, &err), 0);
    assert_string_equal(p.name, "own");
    assert_near(p.coremark, 12345);
    assert_true(scenario_profile_fold("a/own.yaml", 2, fold, sizeof fold));
    assert_string_equal(fold, "a/own.fold-2.yaml");
    assert_true(scenario_profile_fold("own", 12, fold, sizeof fold));
    assert_string_equal(fold, "own.fold-12");
    assert_false(scenario_profile_fold("own", 12, fold, 11));
}

static void load__refuses_the_name_of_what_is_no_profile(void **state)
{
    (void)state;
    struct model_profile p;
    struct broker_err err;
    static const char *const names[] = {"nowhere", ".generic", "kafka-4.2-jvm17.scaled"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(scenario_profile_load("scenarios", names[i], &p, &err), -1);
        assert_non_null(
            strstr(err.text, "there are: generic, java-4.2, kafka-4.2-jvm17, librdkafka-2.0"));
    }
    assert_int_equal(scenario_profile_load("scenarios", "../generic.yaml", &p, &err), -1);
    assert_string_equal(err.text, "../generic.yaml: No such file or directory");
    assert_int_equal(scenario_profile_load("scenarios", "kafka-4.2-jvm17", &p, &err), 0);
    assert_true(p.calibrated && p.scaled[MEASURED_PRODUCE_P99].rows > 5);
}

static void refused(const char *text, const char *why)
{
    struct model_profile p;
    struct broker_err err;
    scratch_put("own.yaml", text);
    assert_int_equal(load_own(&p, &err), -1);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void load__refuses_what_is_wrong_with_its_place(void **state)
{
    (void)state;
    refused("range.rate_per_s: 20\n", "own.yaml:1:19: range.rate_per_s is 20; expected LOW..HIGH");
    refused("range.rate_per_s: 20..3\n", "expected LOW..HIGH");
    refused("held_out_error.produce_p50.median: -0.1\n", "expected a number");
    refused("held_out_error.produce_p50.rows: 1.5\n", "expected a count");
    refused("held_out_error.produce_p51.median: 1\n", "did you mean");
    refused("held_out: rate-1\n", "a profile has no \"held_out\"");
    refused("broker.fetch.batch: 1 us\n",
            "a profile has no \"broker.fetch.batch\""); /* nobody spends it */
    refused("clients.java: ../java\n", "../java: No such file");
    refused("clients.java: .java\n", "no profile \".java\"");
    refused("clients.java: nowhere\n", "no profile \"nowhere\"");
}

static void key__is_set_and_got_for_every_number(void **state)
{
    (void)state;
    struct model_profile p;
    const struct scenario_profile_key *key;
    int count = 0;
    model_profile_init(&p);
    for (; (key = scenario_profile_key_at(count)); count++) {
        scenario_profile_set(&p, key, count + 1);
        assert_near(scenario_profile_get(&p, key), count + 1);
    }
    for (int i = 0; i < count; i++) /* each has a place of its own */
        assert_near(scenario_profile_get(&p, scenario_profile_key_at(i)), i + 1);
    assert_near(p.coremark, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__takes_what_a_fit_says_about_itself),
        cmocka_unit_test(load__takes_the_errors_on_other_machines_from_the_file_beside),
        cmocka_unit_test(beside__is_the_folder_of_the_file_that_states_a_path),
        cmocka_unit_test(load__takes_a_path_for_the_name_of_a_client),
        cmocka_unit_test(load__takes_a_path_for_a_name),
        cmocka_unit_test(load__refuses_the_name_of_what_is_no_profile),
        cmocka_unit_test(load__merges_the_profile_of_a_client),
        cmocka_unit_test(load__refuses_what_is_wrong_with_its_place),
        cmocka_unit_test(key__is_set_and_got_for_every_number),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
