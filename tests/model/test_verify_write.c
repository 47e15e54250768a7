/* The error table as people and programs read it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/verify_write.h"
#include "model/report/outputs.h"
#include "tests/support/fake_verify.h"

static struct fake_verify fake;
static struct verify_marks marks;

static int filled(void **state)
{
    (void)state;
    fake_verify_init(&fake);
    marks = (struct verify_marks){.path = "d/verify.yaml", .count = 1};
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            marks.spread[p][q] = marks.times_spread[p][q] = NAN;
    marks.mark[0] = (struct verify_mark){.statistic = VERIFY_MEDIAN,
                                         .quantity = MEASURED_PRODUCE_P50,
                                         .limit = 0.1,
                                         .value = 0.25,
                                         .n = 1};
    struct verify_case *c = fake_verify_add(&fake, VERIFY_OWN, "rate", "");
    fake_verify_measure(c, MEASURED_PRODUCE_P50, 0.008);
    fake_verify_predict(c, VERIFY_BLIND, MEASURED_PRODUCE_P50, 0.010, 0.009, 0.011);
    c->fitted = VERIFY_HELD_OUT;
    c->fold = 3;
    c->cut = true;
    c = fake_verify_add(&fake, VERIFY_PUBLIC, "=kreps", "s");
    c->measured.maximum = true;
    c->maximum = VERIFY_BISECTION;
    fake_verify_measure(c, MEASURED_THROUGHPUT, 821557);
    fake_verify_predict(c, VERIFY_BLIND, MEASURED_THROUGHPUT, 800000, 700000, 900000);
    fake_verify_predict(c, VERIFY_AWS, MEASURED_THROUGHPUT, 410778.5, NAN, NAN);
    c = fake_verify_add(&fake, VERIFY_OWN, "net", "");
    fake_verify_measure(c, MEASURED_PRODUCE_P99, 1);
    snprintf(c->failure, sizeof c->failure, "no such profile");
    return 0;
}

static char *written(int (*write)(FILE *out))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(write(out), 0);
    fclose(out);
    return text;
}

static int text_with_peers(FILE *out)
{
    return verify_write_text(&fake.verify, &marks, true, out);
}
static int json_with_peers(FILE *out)
{
    return verify_write_json(&fake.verify, &marks, true, out);
}
static int csv_with_peers(FILE *out)
{
    return verify_write_csv(&fake.verify, true, out);
}

static int errors_of_public(FILE *out)
{
    return verify_write_errors(&fake.verify, out);
}

static void holds(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void text__says_what_each_case_was(void **state)
{
    (void)state;
    char *text = written(text_with_peers);
    holds(text, "fitted: fold 3; budget hit");
    holds(text, "8.00 ms      10.0 ms    9.00 ms .. 11.0 ms        +25 %");
    holds(text, "maximum: highest stable rate by bisection");
    holds(text, "maximum throughput");
    holds(text, "not predicted: no such profile");
    holds(text, "2 own rows, 1 public case;");
    holds(text, "1 not predicted, 1 cut by the budget");
    free(text);
}

static void text__shows_marks_and_peers(void **state)
{
    (void)state;
    char *text = written(text_with_peers);
    holds(text, "MISS  own     produce p50");
    holds(text, "0 of 1 marks reached");
    holds(text, "AWS Equation 1                  1 of 1      50 %     -50 %");
    free(text);
}

static void text__is_no_wider_than_the_screen(void **state)
{
    (void)state;
    char *text = written(text_with_peers);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (strlen(line) > 84)
            fail_msg("%zu columns: %s", strlen(line), line);
    free(text);
}

static void json__is_read_back_with_every_part(void **state)
{
    (void)state;
    char *text = written(json_with_peers);
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    assert_non_null(root);
    json_t *one = json_array_get(json_object_get(root, "cases"), 0);
    json_t *p50 = json_object_get(json_object_get(one, "quantities"), "produce_p50");
    assert_true(fabs(json_number_value(json_object_get(json_object_get(p50, "blind"), "error")) -
                     0.25) < 1e-12);
    assert_string_equal(json_string_value(json_object_get(one, "fitted")), "fold 3");
    assert_true(json_is_true(json_object_get(one, "budget_hit")));
    assert_int_equal(json_array_size(json_object_get(root, "marks")), 1);
    const char *parts[] = {"errors", "intervals"};
    for (int i = 0; i < 2; i++)
        assert_true(json_array_size(json_object_get(root, parts[i])) > 0);
    json_decref(root);
    free(text);
}

static void csv__has_a_line_for_each_prediction(void **state)
{
    (void)state;
    char *text = written(csv_with_peers);
    holds(text, "case-00,own,rate,,fold 3,produce_p50,s,blind,0.008,0.01,0.009,0.011,0.25,1\r\n");
    holds(text, ",AWS Equation 1,821557,410778.5,,,-0.5,1\r\n");
    holds(text, ",\"'=kreps\","); /* no spreadsheet runs it */
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 4);
    free(text);
}

static void errors__are_those_of_public_cases(void **state)
{
    (void)state;
    char *text = written(errors_of_public);
    holds(text, "scaled_error.throughput: {median: 0.0262, signed_median: -0.0262, p90: 0.0262, "
                "ratio_low: 1.0269, ratio_high: 1.0269, rows: 1}\n");
    assert_null(strstr(text, "produce_p50")); /* an own row */
    free(text);
}

static void figure__writes_data_and_a_picture(void **state)
{
    (void)state;
    char folder[] = "/tmp/test-verify-XXXXXX", note[200];
    struct broker_err err = {""};
    assert_non_null(mkdtemp(folder));
    int rc = verify_write_figure(&fake.verify, "plots", folder, NULL, note, &err);
    if (rc != BROKER_OK)
        fail_msg("%s", err.text);
    char *path = report_path(folder, "%s", note[0] ? "verify-scatter.dat" : "verify-scatter.svg");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fclose(file);
    free(path);
    report_remove_folder(folder);
}

static void values__have_three_digits_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        enum measured_quantity q;
        double value;
        const char *text;
    } shown[] = {
        {MEASURED_PRODUCE_P50, 0.0074912, "7.49 ms"}, {MEASURED_PRODUCE_P50, 0.000123, "123 us"},
        {MEASURED_PRODUCE_P99, 2.5, "2.50 s"},        {MEASURED_THROUGHPUT, 821557, "822,000 /s"},
        {MEASURED_BROKER_CPU, 0.0308, "0.0308"},      {MEASURED_DISK_BYTES, 6261929, "6.26 MB/s"},
        {MEASURED_DISK_BYTES, 12000, "12.0 kB/s"},    {MEASURED_PRODUCE_P50, NAN, "-"}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        char cell[VERIFY_CELL_MAX];
        verify_value_text(cell, shown[i].q, shown[i].value);
        assert_string_equal(cell, shown[i].text);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, filled)
    const struct CMUnitTest tests[] = {
        T(text__says_what_each_case_was),     T(text__shows_marks_and_peers),
        T(text__is_no_wider_than_the_screen), T(json__is_read_back_with_every_part),
        T(errors__are_those_of_public_cases), T(csv__has_a_line_for_each_prediction),
        T(figure__writes_data_and_a_picture), T(values__have_three_digits_and_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
