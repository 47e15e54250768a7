/* The page: well-formed, nothing runs, nothing is fetched, everything of the screen is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/report/figures.h"
#include "model/report/html.h"
#include "model/report/tables.h"
#include "model/report/html_svg.h"
#include "model/report/markdown.h"
#include "model/report/outputs.h"
#include "tests/support/fake_result.h"
#include "tests/support/markup.h"
#include "tests/support/scratch.h"

static char *page_of(struct result *r, bool draw)
{
    assert_int_equal(scratch_make(NULL), 0);
    struct report_figures figures;
    struct report_figures_options options = {"plots", "svg", draw, NULL};
    struct broker_err err = {""};
    assert_int_equal(report_figures_write(r, scratch, &options, &figures, &err), BROKER_OK);
    struct report_page page = {"plots", scratch, &figures};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (report_html_write(r, &page, out, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    fclose(out);
    assert_int_equal(scratch_remove(NULL), 0);
    return text;
}

static int pictures, ids;
static char seen[2000][48];

/* Nothing that runs or fetches; no id twice. */
static void check_tag(const char *name, const char *attributes)
{
    static const char *const refused[] = {"script", "iframe", "object", "embed",
                                          "link",   "form",   "base"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_string_not_equal(name, refused[i]);
    for (const char *on = attributes; (on = strstr(on, " on")); on += 3)
        assert_true(on[1 + strspn(on + 1, "abcdefghijklmnopqrstuvwxyz")] != '=');
    assert_null(strstr(attributes, "src="));
    if (strcmp(name, "svg") == 0)
        pictures++;
    const char *id = strstr(attributes, " id=\"");
    if (!id || ids >= 2000)
        return;
    snprintf(seen[ids], sizeof seen[0], "%.*s", (int)strcspn(id + 5, "\""), id + 5);
    for (int i = 0; i < ids; i++)
        assert_string_not_equal(seen[i], seen[ids]);
    ids++;
}

static void check_page(const char *text)
{
    pictures = ids = 0;
    markup_check(text, true, check_tag);
    const char *start = strstr(text, "<body>");
    assert_null(strstr(start, "javascript:"));
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "default-src 'none'"));
}

static void page__holds_all_figures_in_line(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = page_of(r, true);
    check_page(text);
    assert_int_equal(pictures, 9);
    assert_true(strlen(text) < 5000000);
    assert_non_null(strstr(text, "FITS, also with one rack lost"));
    assert_non_null(strstr(text, "19 .. 24 ms"));
    assert_non_null(strstr(text, "download=\"result.json\""));
    assert_null(strstr(text, "<!--headroom:"));
    assert_null(strstr(text, "<!DOCTYPE svg"));
    free(text);
    result_free(r);
}

static void page__names_no_other_host(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = page_of(r, true);
    for (const char *at = text; (at = strstr(at, "http"));
         at += 4) /* only names of XML vocabularies */
        assert_true(strncmp(at, "http-equiv", 10) == 0 ||
                    strncmp(at, "http://www.w3.org/", 18) == 0);
    free(text);
    result_free(r);
}

static void page__without_figures_says_why(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = page_of(r, false);
    check_page(text);
    assert_int_equal(pictures, 0);
    assert_non_null(strstr(text, "no figures: not asked for"));
    free(text);
    result_free(r);
}

static void page__of_hostile_names_runs_nothing(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    char *text = page_of(r, true);
    check_page(text);
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
    result_free(r);
}

static void page__of_an_unstable_study_shows_no_latency(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    char *text = page_of(r, true);
    check_page(text);
    assert_null(strstr(text, "id=\"latency\""));
    assert_null(strstr(text, "id=\"figure-latency\""));
    assert_non_null(strstr(text, "none to plan with: queues grow or records are given up"));
    free(text);
    result_free(r);
}

/* More than stand beside each other: who wants the parts of each opens them. */
static void page__of_many_producers_folds_the_parts_of_each(void **state)
{
    (void)state;
    for (int more = 0; more <= REPORT_PRODUCERS_BESIDE; more += REPORT_PRODUCERS_BESIDE) {
        struct result *r = fake_result_new();
        for (int k = 0; k < more; k++) {
            struct result_part first = r->parts[0], *p = RESULT_ADD(r, parts, part_count);
            *p = first;
            p->subject = result_format(r, "writer-%d", k);
        }
        char *text = page_of(r, false);
        check_page(text);
        char *folded = strstr(text, "<summary>of each producer</summary>");
        assert_int_equal(folded != NULL, more > 0);
        if (folded)
            assert_non_null(strstr(folded, "<h3>writer-3</h3>"));
        free(text);
        result_free(r);
    }
}

static void svg__with_a_script_is_refused(void **state)
{
    (void)state;
    assert_int_equal(scratch_make(NULL), 0);
    scratch_put("bad.svg", "<svg><script>alert(1)</script></svg>");
    char *path = report_path(scratch, "bad.svg");
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(html_svg_put(path, "x", out), -1);
    fclose(out);
    assert_string_equal(text, "");
    free(text);
    free(path);
    assert_int_equal(scratch_remove(NULL), 0);
}

static void markdown__has_tables_and_no_raw_html(void **state)
{
    (void)state;
    struct result *results[] = {fake_result_new(), fake_result_hostile()};
    for (int i = 0; i < 2; i++) {
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(report_markdown_write(results[i], out), 0);
        fclose(out);
        assert_null(strchr(text, '<'));
        assert_null(strchr(text, '\x1b'));
        if (i == 0)
            assert_non_null(
                strstr(text, "| checkout produce p99 &lt; 50 ms | 21 ms | 18 .. 44 ms"));
        free(text);
        result_free(results[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page__holds_all_figures_in_line),
        cmocka_unit_test(page__names_no_other_host),
        cmocka_unit_test(page__without_figures_says_why),
        cmocka_unit_test(page__of_hostile_names_runs_nothing),
        cmocka_unit_test(page__of_an_unstable_study_shows_no_latency),
        cmocka_unit_test(page__of_many_producers_folds_the_parts_of_each),
        cmocka_unit_test(svg__with_a_script_is_refused),
        cmocka_unit_test(markdown__has_tables_and_no_raw_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
