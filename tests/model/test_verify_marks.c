/* verify.yaml: what is read, what is refused, and which marks are reached. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/verify_marks.h"
#include "tests/support/fake_verify.h"

static struct fake_verify fake;
static struct verify_marks marks;
static struct broker_err err;

static int fresh(void **state)
{
    (void)state;
    fake_verify_init(&fake);
    err.text[0] = 0;
    return 0;
}

static int read_text(const char *text)
{
    char folder[] = "/tmp/test-verify-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/verify.yaml", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    int status = verify_marks_read(folder, &marks, &err);
    remove(path);
    rmdir(folder);
    return status;
}

static void add(enum verify_population population, enum measured_quantity q, double measured,
                double predicted)
{
    struct verify_case *c = fake_verify_add(&fake, population, "f", "s");
    fake_verify_measure(c, q, measured);
    fake_verify_predict(c, VERIFY_BLIND, q, predicted, 0.5 * predicted, 2 * predicted);
}

static void read__without_a_file_gives_no_marks(void **state)
{
    (void)state;
    assert_int_equal(verify_marks_read("/nowhere", &marks, &err), 0);
    assert_int_equal(marks.count, 0);
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 0);
}

static void read__takes_every_statistic(void **state)
{
    (void)state;
    assert_int_equal(
        read_text("own:\n"
                  "  produce_p99: {median: 25 %, times_spread: 1.25}\n"
                  "  rank: 95%\n"
                  "  false_passes: 2 %\n"
                  "public:\n"
                  "  throughput: {median: 25 %, cluster_binds_median: 10 %}\n"
                  "  produce_p99: {anchored_median: 40 %, factor_2: 80 %, spread: 10 %}\n"),
        0);
    assert_int_equal(marks.count, 7);
    assert_true(marks.mark[0].limit == 0.25);
    assert_true(marks.times_spread[VERIFY_OWN][MEASURED_PRODUCE_P99] == 1.25);
    assert_true(marks.spread[VERIFY_PUBLIC][MEASURED_PRODUCE_P99] == 0.1);
    assert_int_equal(marks.mark[2].statistic, VERIFY_FALSE_PASSES);
}

static void read__names_line_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } wrong[] = {
        {"own:\n  produce_p98: {median: 1 %}\n", ":2: \"produce_p98\": expected a quantity"},
        {"own:\n  produce_p99:\n    medain: 1 %\n", ":3: \"medain\": expected median"},
        {"own: {rank: 95}\n", "\"95\": expected a percentage"},
        {"own: {produce_p99: {times_spread: 5 %}}\n", "expected a number, such as 1.25"},
        {"mine: {rank: 95 %}\n", "\"mine\": expected own or public"},
        {"own: [1]\n", "expected maps and percentages only"},
        {"own: {a: {b: {c: 1 %}}}\n", "at most three levels"},
        {"own: 5 %\n", "expected a map of marks"},
        {"own: {\n", "expected YAML"},
        {"7\n", "expected the maps own and public"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(read_text(wrong[i].text), -1);
        if (!strstr(err.text, wrong[i].says))
            fail_msg("%s does not say %s", err.text, wrong[i].says);
    }
}

static void check__compares_with_the_limit_in_the_right_direction(void **state)
{
    (void)state;
    add(VERIFY_OWN, MEASURED_PRODUCE_P50, 1, 1.1);
    add(VERIFY_OWN, MEASURED_PRODUCE_P50, 2, 3);
    read_text("own:\n  produce_p50: {median: 30.1 %, factor_2: 80 %}\n  rank: 100 %\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 0);
    read_text("own:\n  produce_p50: {median: 29 %}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 1);
    assert_true(fabs(marks.mark[0].value - 0.3) < 1e-12);
    assert_int_equal(marks.mark[0].n, 2);
}

static void check__misses_a_mark_that_no_case_speaks_to(void **state)
{
    (void)state;
    read_text(
        "public:\n  produce_p50: {anchored_median: 25 %}\n  rank: 1 %\n  false_passes: 9 %\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 3);
}

/* Repeats 1 and 2 differ from their others by 100 % and 50 %: the spread is 75 %, 1.25 of it 93.75 %. */
static void check__widens_the_limit_to_the_spread(void **state)
{
    (void)state;
    struct verify_case *c = fake_verify_add(&fake, VERIFY_OWN, "f", "");
    fake_verify_measure(c, MEASURED_PRODUCE_P99, 1);
    fake_verify_measure(c, MEASURED_PRODUCE_P99, 2);
    fake_verify_predict(c, VERIFY_BLIND, MEASURED_PRODUCE_P99, 2.4, 2, 3);
    read_text("own: {produce_p99: {median: 25 %, times_spread: 1.25}}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 0);
    assert_true(fabs(marks.mark[0].limit - 0.9375) < 1e-12);
    read_text("own: {produce_p99: {median: 25 %}}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 1);
}

/* One mark a quantity that has any: 1 of 1 covered is within two errors of 90 %, 0 of 1 is not. */
static void check__unfolds_coverage_over_the_quantities(void **state)
{
    (void)state;
    add(VERIFY_OWN, MEASURED_PRODUCE_P50, 1, 1);
    add(VERIFY_OWN, MEASURED_PRODUCE_P99, 1, 10);
    read_text(
        "own:\n  coverage: 90 %\n  produce_p50: {median: 1 %}\n  produce_p99: {median: 1000 %}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 1);
    assert_int_equal(marks.count, 4);
    for (int i = 0; i < marks.count; i++)
        if (marks.mark[i].statistic == VERIFY_COVERAGE)
            assert_int_equal(marks.mark[i].pass, marks.mark[i].quantity == MEASURED_PRODUCE_P50);
    read_text("own: {coverage: 90 %}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 1);
}

static void check__asks_that_every_case_where_the_cluster_binds_has_an_answer(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct verify_case *c = fake_verify_add(&fake, VERIFY_PUBLIC, "f", "s");
        fake_verify_measure(c, MEASURED_THROUGHPUT, 100);
        c->measured.maximum = c->measured.cluster_binds = true;
        if (i == 0)
            fake_verify_predict(c, VERIFY_BLIND, MEASURED_THROUGHPUT, 100, 90, 110);
    }
    read_text("public: {throughput: {cluster_binds_median: 1 %, cluster_binds_answered: 100 %}}\n");
    assert_int_equal(verify_marks_check(&marks, &fake.verify), 1);
    assert_true(marks.mark[1].value == 0.5);
    assert_int_equal(marks.mark[1].n, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        T(read__without_a_file_gives_no_marks),
        T(read__takes_every_statistic),
        T(read__names_line_and_what_was_expected),
        T(check__compares_with_the_limit_in_the_right_direction),
        T(check__misses_a_mark_that_no_case_speaks_to),
        T(check__widens_the_limit_to_the_spread),
        T(check__unfolds_coverage_over_the_quantities),
        T(check__asks_that_every_case_where_the_cluster_binds_has_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
