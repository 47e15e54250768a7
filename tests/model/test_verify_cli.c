/* `headroom verify` as a program: what it ends with, and where its files go. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/scratch.h"

static char program[PATH_MAX];

static const char CASE[] =
    "version: 1\n"
    "cluster: {brokers: 1, machine: aws/m5.2xlarge, profile: generic, volumes: {type: gp3, count: "
    "1, size: 500 "
    "GB}}\n"
    "topics: {t: {partitions: 1, replication: 1}}\n"
    "producers: {p: {topic: t, rate: 100 records/s, record: {size: 1 KiB}, arrivals: constant}}\n"
    "run: {measure: 2 s, warmup: 500 ms}\n"
    "start: {logs: empty}\n"
    "measured: {id: one, family: few, produce_p50: 6 ms}\n";

static bool exists(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return access(path, R_OK) == 0;
}

static int find_program(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 20);
    if (n <= 0)
        return -1;
    program[n] = 0;
    for (int up = 0; up < 3; up++) /* tests/model/test_verify_cli */
        *strrchr(program, '/') = 0;
    strcat(program, "/headroom");
    return access(program, X_OK);
}

static int fresh(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    scratch_put("one.yaml", CASE);
    return 0;
}

static int verify(const char *options)
{
    char command[3 * PATH_MAX];
    snprintf(command, sizeof command, "'%s' verify -q %s '%s' >'%s/out' 2>'%s/err'", program,
             options, scratch, scratch, scratch);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void verify__without_marks_is_done(void **state)
{
    (void)state;
    assert_int_equal(verify(""), 0);
}

static void verify__ends_with_4_when_a_mark_is_missed(void **state)
{
    (void)state;
    scratch_put("verify.yaml", "own: {produce_p50: {median: 99 %}}\n");
    assert_int_equal(verify(""), 0);
    scratch_put("verify.yaml", "own: {produce_p50: {median: 0.001 %}}\n");
    assert_int_equal(verify(""), 4);
}

static void verify__ends_with_3_when_a_file_is_wrong(void **state)
{
    (void)state;
    scratch_put("verify.yaml", "own: {produce_p50: {median: much}}\n");
    assert_int_equal(verify(""), 3);
    scratch_put("verify.yaml", "own: {}\n");
    scratch_put("two.yaml", "version: 7\n");
    assert_int_equal(verify(""), 3);
}

static void verify__leaves_out_the_profiles_among_the_cases(void **state)
{
    (void)state;
    char command[300];
    assert_int_equal(verify(""), 0);
    snprintf(command, sizeof command, "mv '%s/out' '%s/first'", scratch, scratch);
    assert_int_equal(system(command), 0);
    scratch_put("mine.yaml", "calibrated: true\nbroker.send.request: 77 us\n");
    scratch_put("mine.scaled.yaml", "scaled_kinds: [tls]\n");
    assert_int_equal(verify(""), 0);
    snprintf(command, sizeof command, "cmp -s '%s/out' '%s/first'", scratch, scratch);
    assert_int_equal(system(command), 0);
    scratch_put("mine.yaml",
                "broker.send.requests: 77 us\n"); /* neither a profile nor a scenario */
    assert_int_equal(verify(""), 3);
    scratch_put("mine.yaml", "");
    assert_int_equal(verify(""), 3);
}

static void verify__ends_with_2_when_an_option_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(verify("--budget many"), 2);
    assert_int_equal(verify("--peer"), 2);
}

static void verify__writes_json_csv_and_the_figure_where_it_is_told(void **state)
{
    (void)state;
    char options[300];
    snprintf(options, sizeof options, "--peers --json '%s/v.json' --csv '%s/v.csv' -o '%s/fig'",
             scratch, scratch, scratch);
    assert_int_equal(verify(options), 0);
    assert_true(exists("v.json") && exists("v.csv") && exists("fig/verify-scatter.dat"));
}

static void verify__says_the_same_in_any_number_of_threads(void **state)
{
    (void)state;
    char command[300];
    scratch_put("two.yaml", CASE);
    scratch_put("three.yaml", CASE);
    assert_int_equal(verify("--threads 1 --json /dev/null"), 0);
    snprintf(command, sizeof command, "mv '%s/out' '%s/first'", scratch, scratch);
    assert_int_equal(system(command), 0);
    assert_int_equal(verify("--threads 3"), 0);
    snprintf(command, sizeof command, "cmp -s '%s/out' '%s/first'", scratch, scratch);
    assert_int_equal(system(command), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fresh, scratch_remove)
    const struct CMUnitTest tests[] = {
        T(verify__without_marks_is_done),
        T(verify__ends_with_4_when_a_mark_is_missed),
        T(verify__ends_with_3_when_a_file_is_wrong),
        T(verify__leaves_out_the_profiles_among_the_cases),
        T(verify__ends_with_2_when_an_option_is_wrong),
        T(verify__writes_json_csv_and_the_figure_where_it_is_told),
        T(verify__says_the_same_in_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, find_program, NULL);
}
