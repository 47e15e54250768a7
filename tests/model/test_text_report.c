/* The screen: as drawn, at most 80 columns wide, honest about what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/text.h"
#include "tests/support/fake_result.h"
#include "tests/support/golden.h"

static char *screen(struct result *r, const char *suffix)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_write(r, suffix, out), 0);
    fclose(out);
    return text;
}

static void assert_narrow(const char *text)
{
    for (char *copy = strdup(text), *line = copy, *end;
         (end = strchr(line, '\n')) || !(free(copy), 1); line = end + 1) {
        *end = 0;
        if (report_width(line) > 80)
            fail_msg("%d columns: %s", report_width(line), line);
    }
}

static void screen__is_as_drawn(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = screen(r, "2.9 s");
    golden_compare("run-screen.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void brief__is_one_short_page(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_brief(r, out), 0);
    fclose(out);
    golden_compare("brief.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void size__is_as_drawn(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_size(r, out), 0);
    fclose(out);
    golden_compare("size-screen.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void unstable__prints_no_latency(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    char *text = screen(r, "");
    assert_non_null(strstr(text, "UNSTABLE"));
    assert_non_null(strstr(text, "none to plan with"));
    assert_null(strstr(text, "Latency, ms"));
    assert_null(strstr(text, "Produce time by part"));
    assert_non_null(strstr(text, "failed"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void hostile_names__neither_move_the_cursor_nor_widen_the_screen(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    char *text = screen(r, "");
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "\\x1B"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void empty_result__says_little_and_does_not_crash(void **state)
{
    (void)state;
    struct result *r = result_new();
    r->scenario = "nothing";
    char *text = screen(r, "");
    assert_null(strstr(text, "SLO"));
    assert_null(strstr(text, "Resource"));
    assert_null(strstr(text, "nan"));
    free(text);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen__is_as_drawn),
        cmocka_unit_test(brief__is_one_short_page),
        cmocka_unit_test(size__is_as_drawn),
        cmocka_unit_test(unstable__prints_no_latency),
        cmocka_unit_test(hostile_names__neither_move_the_cursor_nor_widen_the_screen),
        cmocka_unit_test(empty_result__says_little_and_does_not_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
