/* JUnit: well-formed, one case an SLO, and an undecided one is no pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/report/junit.h"
#include "tests/support/fake_result.h"
#include "tests/support/markup.h"

static char *junit(struct result *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_junit_write(r, out), 0);
    fclose(out);
    markup_check(text, false, NULL);
    return text;
}

static void slos__are_test_cases(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = junit(r);
    assert_non_null(
        strstr(text, "<testsuite name=\"quickstart\" tests=\"4\" failures=\"0\" errors=\"0\">"));
    assert_non_null(strstr(
        text, "<testcase classname=\"quickstart\" name=\"checkout produce p99 &lt; 50 ms\"/>"));
    free(text);
    result_free(r);
}

static void missed_and_undecided__are_told_apart(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->slos[0].verdict = RESULT_DOES_NOT_FIT;
    r->slos[1].verdict = RESULT_UNDECIDED;
    char *text = junit(r);
    assert_non_null(strstr(text, "tests=\"4\" failures=\"1\" errors=\"1\""));
    assert_non_null(
        strstr(text, "<failure message=\"missed: expected 21 ms, 90 % interval 18 .. 44 ms\"/>"));
    assert_non_null(strstr(text, "<error message=\"not decided: expected 38 ms"));
    free(text);
    r->slos[1].reason = "no error of the profile is known for it";
    r->slos[1].remedy = "a calibrated profile";
    text = junit(r);
    assert_non_null(strstr(text, "ms: no error of the profile is known for it: a calibrated"));
    free(text);
    result_free(r);
}

static void unknown__says_why_it_is_not_decided(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->slos[1].verdict = RESULT_UNDECIDED;
    r->slos[1].estimate = result_unknown();
    r->slos[1].reason = "too few batches for a p99: 23 of about 10,000";
    r->slos[1].remedy = "measure longer";
    r->slos[2].verdict = RESULT_DOES_NOT_FIT;
    r->slos[2].estimate = result_unknown();
    r->slos[2].note = "unstable";
    char *text = junit(r);
    assert_non_null(strstr(text, "message=\"not decided: too few batches for a p99: 23 of about "
                                 "10,000: measure longer\""));
    assert_non_null(strstr(text, "message=\"missed: unstable\""));
    free(text);
    result_free(r);
}

/* A limit of a resource is no SLO, and a pipeline has to see it all the same. */
static void verdict__is_a_case_of_its_own(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->verdict = RESULT_DOES_NOT_FIT;
    r->verdict_text = "DOES NOT FIT: disk space of broker 1 beyond its limit of 80 %";
    char *text = junit(r);
    assert_non_null(strstr(text, "tests=\"4\" failures=\"1\" errors=\"0\""));
    assert_non_null(strstr(text, "name=\"verdict\">\n      <failure message=\"DOES NOT FIT: disk"));
    free(text);
    result_free(r);
}

static void hostile_names__stay_text(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    char *text = junit(r);
    assert_null(strstr(text, "<script"));
    free(text);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slos__are_test_cases),
        cmocka_unit_test(missed_and_undecided__are_told_apart),
        cmocka_unit_test(unknown__says_why_it_is_not_decided),
        cmocka_unit_test(verdict__is_a_case_of_its_own),
        cmocka_unit_test(hostile_names__stay_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
