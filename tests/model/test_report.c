/* Numbers with the digits that they deserve, text that fits where it goes, and what no name may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/cluster/result.h"
#include "model/report/escape.h"
#include "model/report/number.h"

static void assert_value(double value, double low, double high, const char *expected)
{
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(value, low, high, 0.95, 10);
    report_value(cell, &e, 1);
    assert_string_equal(cell, expected);
}

static void value__has_the_digits_that_its_interval_supports(void **state)
{
    (void)state;
    assert_value(21.37, 19.2, 23.9, "21");
    assert_value(9.137, 8.9, 9.4, "9.1");
    assert_value(121.7, 90, 150, "120");
    assert_value(89.7, 76, 103, "90");
    assert_value(88.4, 76, 103, "88");
    assert_value(15.5, 14.1, 17.0, "15.5");
    assert_value(3812, 3500, 4100, "3,800");
    assert_value(19531, 19500, 19560, "19,500");
    assert_value(0.0602, 0.0601, 0.0603, "0.0602");
    assert_value(1234567, 1234566, 1234568, "1,230,000");
    assert_value(-4.26, -4.6, -4.0, "-4.3");
    assert_value(0, 0, 0, "0");
}

static void value__is_told_however_wide_its_interval_is(void **state)
{
    (void)state;
    assert_value(5.95, 0, 54000, "6");
    assert_value(0.0037, 0.0001, 1e6, "0.004");
    assert_value(0, 0, 1e6, "0");
}

static void value__that_is_unknown_is_a_dash(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_unknown();
    report_value(cell, &e, 1);
    assert_string_equal(cell, "-");
    report_quantity(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "-");
    report_interval(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "-");
    result_number_text(cell, (double)INFINITY, 1);
    assert_string_equal(cell, "-");
}

static void quantity__shows_on_which_side_of_the_limit_it_is(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(49.96e6, 49.0e6, 50.9e6, 0.95, 10);
    report_quantity(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "49.96 ms");
    e = result_interval(44e6, 38e6, 49.7e6, 0.95, 10);
    report_interval(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "38.0 .. 49.7 ms");
    e = result_exact(0.7004);
    report_percent(cell, &e, 0.7);
    assert_string_equal(cell, "70.04 %");
    report_percent(cell, &e, (double)NAN);
    assert_string_equal(cell, "70 %");
}

/* Four digits are read, more only say on which side. */
static void quantity__too_close_to_its_limit_says_its_side_alone(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(0.99992, 0.9991, 0.99998, 0.95, 5);
    report_percent(cell, &e, 1);
    assert_string_equal(cell, "99.99 %");
    report_interval(cell, &e, "ratio", 1);
    assert_string_equal(cell, "99.9 .. < 100 %");
    report_span(cell, &e, "ratio", 1);
    assert_string_equal(cell, "99 .. < 100 %");
    e = result_exact(0.99998);
    report_percent(cell, &e, 1);
    assert_string_equal(cell, "< 100 %");
    e = result_exact(0.700004);
    report_percent(cell, &e, 0.7);
    assert_string_equal(cell, "> 70 %");
    e = result_exact(1.50003e9);
    report_quantity(cell, &e, "ns", 1.5e9);
    assert_string_equal(cell, "> 1.5 s");
    e = result_exact(1.5e9);
    report_quantity(cell, &e, "ns", 1.5e9);
    assert_string_equal(cell, "1.50 s");
}

/* 540,000,000 ms, six days, is what two replications say of a p99 that they do not know. */
static void span__without_meaning_has_no_limit(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(2e9, 120e6, 540e12, 0.9, 2);
    report_span(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "0.12 s .. no limit");
    report_interval(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "0.12 s .. no limit");
    e.low = 52;
    report_span(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "no limits known");
    e.high = 4e9;
    report_span(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "0 .. 4.0 s");
}

/* 3 s of a limit of 5 s are met, however far they are from the value; "no limit" would say the contrary. */
static void span__that_decides_a_limit_is_told(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(1e6, 0.5e6, 3e9, 0.9, 2);
    report_span(cell, &e, "ns", 5e9);
    assert_string_equal(cell, "0.50 .. 3,000 ms");
    report_span(cell, &e, "ns", 2e9);
    assert_string_equal(cell, "0.50 ms .. no limit");
    e = result_interval(10e6, 5e3, 20e6, 0.9, 2);
    report_span(cell, &e, "records/s", 1e3);
    assert_string_equal(cell, "0.0050 .. 20 M records/s");
    report_span(cell, &e, "records/s", 6e3);
    assert_string_equal(cell, "0 .. 20 M records/s");
}

/* In sentences as in tables, also where a rounded share would stand on the wrong side of its limit. */
static void percent__is_written_alike_everywhere(void **state)
{
    (void)state;
    static const double ratios[][2] = {
        {0, NAN},   {0.0003, NAN}, {0.004, 0.6}, {0.0149, 0.6}, {0.804, 0.8},   {0.7996, 0.8},
        {0.8, 0.8}, {6.413, 0.8},  {14.86, NAN}, {130.82, 0.8}, {7777.77, 0.7}, {0.0003, 0.005}};
    struct result *r = result_new();
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        struct result_estimate e = result_exact(ratios[i][0]),
                               seen =
                                   result_interval(e.value, 0.7 * e.value, 1.4 * e.value, 0.9, 3);
        char cell[REPORT_CELL_MAX];
        report_percent(cell, &e, ratios[i][1]);
        assert_string_equal(result_percent(r, ratios[i][0], ratios[i][1]), cell);
        report_percent(cell, &seen, NAN);
        assert_string_equal(result_percent(r, ratios[i][0], NAN), cell);
    }
    result_free(r);
}

static void exponent__is_exact_at_powers_of_ten(void **state)
{
    (void)state;
    static const struct {
        double value;
        int exponent;
    } cases[] = {{1000, 3}, {999.9, 2},  {250, 2},      {1, 0},        {0.999, -1},
                 {0.1, -1}, {0.001, -3}, {0.00999, -3}, {1e-9, -9},    {1e18, 18},
                 {0, 0},    {-5, 0},     {INFINITY, 0}, {1.7e308, 308}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(result_exponent10(cases[i].value), cases[i].exponent);
}

static void percent__is_short(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(0.0000092, 0.000009, 0.0000094, 0.95, 10);
    report_percent(cell, &e, 0.7);
    assert_string_equal(cell, "< 0.1 %");
    report_percent(cell, &e, 0.00001);
    assert_string_equal(cell, "0.00092 %");
    e = result_exact(0.3149);
    report_percent(cell, &e, 0.7);
    assert_string_equal(cell, "31 %");
    e = result_exact(0);
    report_percent(cell, &e, 0.7);
    assert_string_equal(cell, "0 %");
}

static void duration__is_in_the_unit_that_people_say(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{60, "60 s"},        {2.94, "2.9 s"},     {0.25, "0.25 s"},
                 {41 * 60, "41 min"}, {36 * 3600, "36 h"}, {30 * 86400.0, "30 d"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char cell[REPORT_CELL_MAX];
        report_duration(cell, cases[i].seconds);
        assert_string_equal(cell, cases[i].text);
    }
}

/* As an SLO of a lag has it: 24 h, not 86,400 s. */
static void quantity__of_time_is_in_the_unit_that_people_say(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {86400, "24 h"}, {3 * 86400.0, "3 d"}, {5400, "90 min"}, {90, "90 s"}, {1.5, "1.50 s"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char cell[REPORT_CELL_MAX];
        struct result_estimate e = result_exact(cases[i].seconds * 1e9);
        report_quantity(cell, &e, "ns", (double)NAN);
        assert_string_equal(cell, cases[i].text);
        e = result_exact(cases[i].seconds);
        report_quantity(cell, &e, "s", (double)NAN);
        assert_string_equal(cell, cases[i].text);
    }
}

static void day__is_said_as_people_say_it(void **state)
{
    (void)state;
    static const struct {
        double day;
        const char *text;
    } cases[] = {
        {0, "from the start"}, {0.3, "within a day"}, {1, "on day 1"}, {12.9, "on day 12"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        result_day_text(text, cases[i].day);
        assert_string_equal(text, cases[i].text);
    }
}

static void count__is_grouped_by_three(void **state)
{
    (void)state;
    struct result *r = result_new();
    assert_string_equal(result_count(r, 999), "999");
    assert_string_equal(result_count(r, 1234567), "1,234,567");
    assert_string_equal(result_count(r, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(result_format(r, "%.4g records", 1234567.0), "1,235,000 records");
    assert_string_equal(result_format(r, "%.4g records", 16.1e12), "16.1 trillion records");
    assert_string_equal(result_format(r, "%.4g records", 2.5e9), "2.5 billion records");
    result_free(r);
}

/* 24 ms in a column of hundreds of seconds are no 0; a nanosecond is. */
static void value__beside_larger_ones_is_no_zero(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_exact(24e6);
    report_value_beside(cell, &e, 1e9, 520e9);
    assert_string_equal(cell, "0.02");
    e = result_exact(1);
    report_value_beside(cell, &e, 1e9, 520e9);
    assert_string_equal(cell, "0");
}

static void count__is_in_words_when_it_is_large(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    report_count(cell, 1400000);
    assert_string_equal(cell, "1.4 million");
    report_count(cell, 16.1e12);
    assert_string_equal(cell, "16.1 trillion");
    report_count(cell, 96188);
    assert_string_equal(cell, "96,188");
    report_count(cell, 0);
    assert_string_equal(cell, "0");
}

/* "producer-of-the-east-1" and "-2" beside bars are two. */
static void clip_middle__keeps_both_ends(void **state)
{
    (void)state;
    char *whole = report_clip_middle("short", 8), *cut = report_clip_middle("beginning-12", 8);
    assert_string_equal(whole, "short");
    assert_string_equal(cut, "beg…g-12");
    assert_int_equal(report_width(cut), 8);
    free(whole);
    free(cut);
}

static void width__counts_columns(void **state)
{
    (void)state;
    assert_int_equal(report_width("checkout → orders"), 17);
    assert_int_equal(report_width("e\xCC\x81"), 1); /* combining accent */
    assert_int_equal(report_width("日本"), 4);
    assert_int_equal(report_width(""), 0);
}

static void assert_clean(const char *text, const char *expected)
{
    char *clean = report_clean(text);
    assert_string_equal(clean, expected);
    free(clean);
}

static void clean__shows_what_would_act(void **state)
{
    (void)state;
    assert_clean("a\x1b[31mb", "a\\x1B[31mb");
    assert_clean("a\nb\r", "a\\x0Ab\\x0D");
    assert_clean("\xc2\x9b", "\\xC2\\x9B"); /* C1: a terminal's CSI */
    assert_clean("\xe2\x80\xae", "\\xE2\\x80\\xAE");
    assert_clean("\xff\xc0\x80\xed\xa0\x80", "\\xFF\\xC0\\x80\\xED\\xA0\\x80");
    assert_clean("größer → 日本", "größer → 日本");
}

static void clip__cuts_at_whole_letters(void **state)
{
    (void)state;
    char *clip = report_clip("日本語", 5);
    assert_string_equal(clip, "日本…");
    free(clip);
    clip = report_clip("broker 2", 8);
    assert_string_equal(clip, "broker 2");
    free(clip);
}

static char *put(void (*function)(FILE *, const char *), const char *text)
{
    char *out;
    size_t size;
    FILE *memory = open_memstream(&out, &size);
    function(memory, text);
    fclose(memory);
    return out;
}

static void assert_put(void (*function)(FILE *, const char *), const char *text,
                       const char *expected)
{
    char *out = put(function, text);
    assert_string_equal(out, expected);
    free(out);
}

static void each_place__gets_its_own_escapes(void **state)
{
    (void)state;
    assert_put(report_put_html, "<a href=\"x\" o='y'>&",
               "&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;");
    assert_put(report_put_html, "\x1b", "\\x1B");
    assert_put(report_put_markdown, "a|b`c`<d>\n*e*", "a\\|b\\`c\\`&lt;d&gt; \\*e\\*");
    assert_put(report_put_csv, "plain", "plain");
    assert_put(report_put_csv, "a,\"b\"", "\"a,\"\"b\"\"\"");
    assert_put(report_put_csv, "=1+1", "\"'=1+1\"");
    assert_put(report_put_csv, "@x", "\"'@x\"");
    assert_put(report_put_json, "\x1b", "\"\\u001B\"");
}

static void slug__is_a_safe_file_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"Quick Start", "quick-start"},
                                           {"../../etc/passwd", "etc-passwd"},
                                           {"", "x"},
                                           {"-rf", "rf"},
                                           {"a\nb", "a-b"},
                                           {"...", "x"},
                                           {"日本", "x"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char slug[REPORT_SLUG_MAX];
        report_slug(slug, cases[i][0]);
        assert_string_equal(slug, cases[i][1]);
    }
}

static void span__has_two_digits_outwards_and_keeps_the_limits_side(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(13.5e6, 13.46e6, 82.4e6, 0.9, 54);
    report_span(cell, &e, "ns", (double)NAN);
    assert_string_equal(cell, "13 .. 83 ms");
    e = result_interval(13.5e6, 4.612e6, 1234e6, 0.9, 54);
    report_span(cell, &e, "ns", (double)NAN);
    assert_string_equal(cell, "4.6 .. 1,300 ms");
    e = result_interval(.16, .16, .7, 0.9, 54); /* was 20 .. 70 % */
    report_span(cell, &e, "ratio", (double)NAN);
    assert_string_equal(cell, "16 .. 70 %");
    e = result_interval(2.04, 2.01, 2.11, 0.9, 54);
    report_span(cell, &e, "ratio", (double)NAN);
    assert_string_equal(cell, "201 .. 211 %");
    e = result_interval(40e6, 30e6, 49.6e6, 0.9, 54);
    report_span(cell, &e, "ns", 50e6);
    assert_string_equal(cell, "30 .. 49.6 ms");
}

static void interval__whose_ends_look_alike_is_one_number(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(86400.1e9, 86400e9, 86400.2e9, 0.95, 3);
    report_interval(cell, &e, "ns", (double)NAN);
    assert_string_equal(cell, "24.0 h");
}

/* What three replications give that differ by a factor of twenty. */
static void wide_interval__holds_its_value_and_tells_it(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_interval(5.95e6, 2.04e6, 540e6, 0.95, 3);
    report_quantity(cell, &e, "ns", (double)NAN);
    assert_string_equal(cell, "6 ms"); /* was 0 */
    report_interval(cell, &e, "ns", (double)NAN);
    assert_string_equal(cell, "2.0 .. 540 ms");
    e = result_interval(.149, .145, .7, 0.95, 3);
    report_quantity(cell, &e, "ratio", (double)NAN);
    assert_string_equal(cell, "15 %");
    report_interval(cell, &e, "ratio", (double)NAN);
    assert_string_equal(cell, "14 .. 70 %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value__has_the_digits_that_its_interval_supports),
        cmocka_unit_test(value__is_told_however_wide_its_interval_is),
        cmocka_unit_test(value__that_is_unknown_is_a_dash),
        cmocka_unit_test(quantity__shows_on_which_side_of_the_limit_it_is),
        cmocka_unit_test(quantity__too_close_to_its_limit_says_its_side_alone),
        cmocka_unit_test(span__without_meaning_has_no_limit),
        cmocka_unit_test(span__that_decides_a_limit_is_told),
        cmocka_unit_test(percent__is_written_alike_everywhere),
        cmocka_unit_test(exponent__is_exact_at_powers_of_ten),
        cmocka_unit_test(percent__is_short),
        cmocka_unit_test(duration__is_in_the_unit_that_people_say),
        cmocka_unit_test(quantity__of_time_is_in_the_unit_that_people_say),
        cmocka_unit_test(day__is_said_as_people_say_it),
        cmocka_unit_test(count__is_grouped_by_three),
        cmocka_unit_test(value__beside_larger_ones_is_no_zero),
        cmocka_unit_test(count__is_in_words_when_it_is_large),
        cmocka_unit_test(clip_middle__keeps_both_ends),
        cmocka_unit_test(width__counts_columns),
        cmocka_unit_test(clean__shows_what_would_act),
        cmocka_unit_test(clip__cuts_at_whole_letters),
        cmocka_unit_test(each_place__gets_its_own_escapes),
        cmocka_unit_test(slug__is_a_safe_file_name),
        cmocka_unit_test(interval__whose_ends_look_alike_is_one_number),
        cmocka_unit_test(wide_interval__holds_its_value_and_tells_it),
        cmocka_unit_test(span__has_two_digits_outwards_and_keeps_the_limits_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
