/* Figures: each is drawn, well-formed, the same bytes twice, and no name makes gnuplot do anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/report/figures.h"
#include "model/report/gnuplot.h"
#include "model/report/html_svg.h"
#include "model/report/outputs.h"
#include "tests/support/fake_result.h"
#include "tests/support/markup.h"
#include "tests/support/scratch.h"

static void draw(struct result *r, struct report_figures *figures)
{
    struct report_figures_options options = {"plots", "svg", true, NULL};
    struct broker_err err = {""};
    if (report_figures_write(r, scratch, &options, figures, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    assert_string_equal(figures->note, "");
}

static char *picture(const char *name)
{
    char *path = report_path(scratch, "%s.svg", name);
    char *text = html_read_file(path);
    assert_non_null(text);
    free(path);
    return text;
}

static void figures__are_drawn_well_formed(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    draw(r, &figures);
    assert_int_equal(figures.count, 9);
    for (int i = 0; i < figures.count; i++) {
        assert_true(figures.drawn[i]);
        char *svg = picture(figures.names[i]);
        markup_check(svg, false, NULL);
        assert_non_null(strstr(svg, "quickstart: seed 1, 10 replications"));
        free(svg);
    }
    result_free(r);
}

static const char *title_of(const struct report_figures *figures, const char *name)
{
    for (int i = 0; i < figures->count; i++)
        if (strcmp(figures->names[i], name) == 0)
            return figures->titles[i];
    return "";
}

/* Twelve groups: the eight highest lines, and a title and a foot that say so. */
static void figure__that_leaves_lines_out_says_how_many(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    draw(r, &figures);
    assert_string_equal(title_of(&figures, "lag"), "Consumer lag while measured");
    const struct result_series *lag = NULL;
    for (uint32_t i = 0; i < r->series_count; i++)
        if (strcmp(r->series[i].group, RESULT_LAG) == 0)
            lag = &r->series[i];
    const struct result_series first = *lag;
    for (int k = 1; k <= 11; k++) {
        struct result_series *s = RESULT_ADD(r, series, series_count);
        *s = first;
        s->name = result_format(r, "reader-%d", k);
        s->y = result_alloc(r, s->count, sizeof *s->y);
        for (uint32_t i = 0; i < s->count; i++)
            s->y[i] = first.y[i] * (1 + k);
    }
    draw(r, &figures);
    assert_string_equal(title_of(&figures, "lag"), "Consumer lag while measured: 8 of 12");
    char *svg = picture("lag");
    assert_non_null(strstr(svg, "8 of 12 shown."));
    assert_non_null(strstr(svg, ">reader-11<"));
    assert_null(strstr(svg, ">reader-3<"));
    free(svg);
    svg = picture("latency");
    assert_null(strstr(svg, "shown."));
    free(svg);
    result_free(r);
}

/* Waits for data of up to half a second would leave the messages of some ms a line at the bottom: only who asks for a fetch sees it there. */
static void fetch__has_a_curve_only_where_an_slo_asks_for_it(void **state)
{
    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        struct result *r = fake_result_new();
        struct report_figures figures;
        r->latencies[1].kind = RESULT_FETCH;
        r->slos[1].text = asked ? "billing fetch p99 < 1 s" : "billing lag max < 1 s";
        draw(r, &figures);
        char *svg = picture("latency");
        assert_non_null(strstr(svg, ">checkout produce<"));
        assert_int_equal(strstr(svg, ">billing fetch<") != NULL, asked);
        free(svg);
        result_free(r);
    }
}

/* As slow as the slowest message, and still a fetch waits for data by its nature: the eight places are for messages, and it is not missed. */
static void curves__are_of_messages_before_fetches(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    for (int k = 0; k < 7; k++) {
        struct result_latency first = r->latencies[0], *l = RESULT_ADD(r, latencies, latency_count);
        *l = first;
        l->kind = k == 0 ? RESULT_FETCH : RESULT_PRODUCE;
        l->subject = k == 0 ? "patient" : result_format(r, "writer-%d", k);
        l->histogram = result_histogram(r->latencies[k == 0 ? 1 : 0].histogram);
    }
    draw(r, &figures);
    assert_string_equal(title_of(&figures, "latency"), "Latency by percentile");
    char *svg = picture("latency");
    assert_null(strstr(svg, "shown."));
    assert_non_null(strstr(svg, ">writer-6 produce<"));
    assert_null(strstr(svg, ">patient fetch<"));
    free(svg);
    result_free(r);
}

/* Nine producers, and the one that an SLO names is the fastest: it has a curve, and a bar in each variant. */
static void what_slos_name__is_drawn(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    for (int k = 0; k < 8; k++) {
        struct result_latency first = r->latencies[0], *l = RESULT_ADD(r, latencies, latency_count);
        *l = first;
        l->subject = result_format(r, "writer-%d", k);
        l->histogram = result_histogram(r->latencies[1].histogram);
        struct result_part slow = r->parts[0], *p = RESULT_ADD(r, parts, part_count);
        *p = slow;
        p->subject = l->subject;
        p->mean_ns.value = 1e12 + k;
    }
    draw(r, &figures);
    char *curves = picture("latency"), *bars = picture("parts");
    assert_non_null(strstr(curves, ">checkout produce<"));
    assert_non_null(strstr(bars, ">checkout, as written<"));
    assert_non_null(strstr(bars, ">writer-7, as written<"));
    assert_null(strstr(bars, ">writer-6, as written<"));
    free(curves);
    free(bars);
    result_free(r);
}

/* A day is not a second: what is lagged while measuring and over the horizon are two figures. */
static void lag__has_a_figure_in_seconds_and_one_in_days(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    draw(r, &figures);
    char *run = picture("lag"), *horizon = picture("horizon-lag");
    assert_non_null(strstr(run, "time since measuring began, s"));
    assert_null(strstr(horizon, "measuring"));
    assert_non_null(strstr(horizon, ">day<"));
    free(run);
    free(horizon);
    result_free(r);
}

static void figures__are_the_same_bytes_twice(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    draw(r, &figures);
    char *first[REPORT_FIGURES_MAX];
    for (int i = 0; i < figures.count; i++)
        first[i] = picture(figures.names[i]);
    draw(r, &figures);
    for (int i = 0; i < figures.count; i++) {
        char *second = picture(figures.names[i]);
        assert_string_equal(first[i], second);
        free(first[i]);
        free(second);
    }
    result_free(r);
}

static int count_files(void)
{
    int count = 0;
    DIR *dir = opendir(scratch);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void hostile_names__draw_and_do_nothing(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    struct report_figures figures;
    draw(r, &figures);
    assert_int_equal(count_files(),
                     3 * figures.count + 2); /* data, script, picture; style and settings */
    for (int i = 0; i < figures.count; i++) {
        char *svg = picture(figures.names[i]);
        markup_check(svg, false, NULL);
        assert_null(strstr(svg, "<script"));
        free(svg);
    }
    result_free(r);
}

static void literal__is_only_text(void **state)
{
    (void)state;
    static const char *const hostile[] = {"'; system 'touch pwned'; x = '",
                                          "`touch pwned`",
                                          "a\nsystem 'touch pwned'\n",
                                          "\\",
                                          "'",
                                          "''",
                                          "@x",
                                          "$(touch pwned)",
                                          "\xff\x1b",
                                          "x\\\n"};
    char *path = report_path(scratch, "literal.gp");
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        fputs("x = ", out);
        gnuplot_put_literal(out, hostile[i]);
        fputs("\nprint x\nset title x noenhanced\n", out);
    }
    fclose(out);
    struct broker_err err = {""};
    if (gnuplot_run(scratch, "literal.gp", "svg", NULL, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    assert_int_equal(count_files(), 1);
    free(path);
}

static void run__tells_what_gnuplot_said(void **state)
{
    (void)state;
    char *path = report_path(scratch, "bad.gp");
    FILE *out = fopen(path, "w");
    fputs("plot nonsense(\n", out);
    fclose(out);
    struct broker_err err = {""};
    assert_int_equal(gnuplot_run(scratch, "bad.gp", "svg", NULL, &err), BROKER_EIO);
    assert_non_null(strstr(err.text, "bad.gp"));
    assert_null(strchr(err.text, '\n'));
    free(path);
}

static void without_gnuplot__data_and_scripts_are_there(void **state)
{
    (void)state;
    char *was = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    struct result *r = fake_result_new();
    struct report_figures figures;
    struct report_figures_options options = {"plots", "svg", true, NULL};
    struct broker_err err = {""};
    assert_int_equal(report_figures_write(r, scratch, &options, &figures, &err), BROKER_OK);
    assert_string_equal(figures.note, "no figures: gnuplot is not installed");
    assert_int_equal(count_files(), 2 * figures.count + 2);
    setenv("PATH", was, 1);
    free(was);
    result_free(r);
}

/* gnuplot leaves out entries of a legend that is higher than the plot. */
static void legend__of_one_bar_has_all_its_parts(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_figures figures;
    uint32_t variants = r->variant_count;
    r->variant_count = 0;
    for (int i = 0; i < 2; i++) {
        struct result_part *part = RESULT_ADD(r, parts, part_count);
        *part = r->parts[0];
        part->name = i == 0 ? "response queue" : "response, network";
    }
    draw(r, &figures);
    char *svg = picture("parts");
    for (uint32_t i = 0; i < r->part_count; i++)
        assert_non_null(strstr(svg, result_format(r, ">%s<", r->parts[i].name)));
    free(svg);
    r->variant_count = variants; /* to be freed */
    result_free(r);
}

static void unstable__has_no_percentiles(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    struct report_figures figures;
    draw(r, &figures);
    for (int i = 0; i < figures.count; i++) {
        assert_string_not_equal(figures.names[i], "latency");
        assert_string_not_equal(figures.names[i], "parts");
    }
    result_free(r);
}

/* A group that is still behind has read nothing new: its latencies are unknown at all times. gnuplot fails on a plot without points. */
static void what_has_no_points__is_left_out_quietly(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    for (uint32_t i = 0; i < r->series_count; i++)
        for (uint32_t k = 0; k < r->series[i].count; k++)
            if (strstr(r->series[i].name, "billing"))
                r->series[i].y[k] = (double)NAN;
    struct report_figures figures;
    draw(r, &figures);
    assert_int_equal(figures.count, 7); /* without lag and horizon-lag */
    char *text = picture("over-time");
    assert_non_null(strstr(text, "checkout: produce"));
    assert_null(strstr(text, "billing"));
    free(text);
    result_free(r);
}

static void add_disk(struct result *r, int broker, double level)
{
    struct result_series *s = RESULT_ADD(r, series, series_count);
    *s = (struct result_series){.name = result_format(r, "disk broker %d", broker),
                                .group = "disk",
                                .unit = "bytes",
                                .x_unit = "d",
                                .x0 = 1,
                                .dx = 1,
                                .count = 3,
                                .y = result_alloc(r, 3, sizeof(double))};
    for (int i = 0; i < 3; i++)
        s->y[i] = level * (1 + 0.1 * i);
}

/* Six lines on one another were one line with six names, and of fifteen the first eight were drawn. */
static void disks__that_look_alike_are_one_line_and_the_fullest_are_drawn(void **state)
{
    (void)state;
    struct result *r = result_new();
    for (int broker = 1; broker <= 15; broker++)
        add_disk(r, broker, broker <= 6 ? 5e11 : broker * 1e11 + (broker == 12 ? 1e12 : 0));
    struct report_figures figures;
    draw(r, &figures);
    char *svg = picture("disk");
    assert_non_null(strstr(svg, "disk broker 12"));
    assert_non_null(strstr(svg, "disk broker 15"));
    assert_null(strstr(svg, "disk broker 7<")); /* ten lines, of which it is the ninth */
    assert_non_null(strstr(svg, "only the fullest are drawn"));
    free(svg);
    r->series_count = 7;
    draw(r, &figures);
    svg = picture("disk");
    assert_non_null(strstr(svg, "brokers 1-6"));
    assert_null(strstr(svg, "only the fullest"));
    free(svg);
    result_free(r);
}

/* What stands in column `column` of the first block beside 1/(1-percentile) = tail. */
static double curve_at(double tail, int column)
{
    char *path = report_path(scratch, "latency.dat"), *text = html_read_file(path);
    double value = (double)NAN;
    char *line = strtok(text, "\n"); /* the header; that of the next block ends the search */
    while ((line = strtok(NULL, "\n")) && strncmp(line, "percentile", 10) != 0) {
        char cells[8][40] = {""};
        int count = sscanf(line, "%39s %39s %39s %39s %39s", cells[0], cells[1], cells[2], cells[3],
                           cells[4]);
        if (count > column && fabs(atof(cells[1]) / tail - 1) < 1e-6 && cells[column][0] != '?')
            value = atof(cells[column]);
    }
    free(text);
    free(path);
    return value;
}

/* The table counts batches: 20,000 give a p99. The histogram counts their records: one batch of a million is nearly all there is. */
static void curve__goes_as_far_as_the_tables_percentiles(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct result_latency *l = &r->latencies[0];
    sim_histogram_reset(l->histogram);
    for (int i = 0; i < 20000; i++)
        sim_histogram_record(l->histogram, 10000000);
    sim_histogram_record_n(l->histogram, 20000000, 1000000);
    l->p999_ns = result_unknown();
    assert_false(sim_histogram_quantile_printable(l->histogram, 0.9));
    struct report_figures figures;
    draw(r, &figures);
    assert_true(fabs(curve_at(100, 2) - 20) < 0.2);
    assert_true(isnan(curve_at(1000, 2)));
    result_free(r);
}

static void empty_result__has_no_figures(void **state)
{
    (void)state;
    struct result *r = result_new();
    struct report_figures figures;
    draw(r, &figures);
    assert_int_equal(figures.count, 0);
    result_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lag__has_a_figure_in_seconds_and_one_in_days),
        TEST(figures__are_drawn_well_formed),
        TEST(figures__are_the_same_bytes_twice),
        TEST(hostile_names__draw_and_do_nothing),
        TEST(literal__is_only_text),
        TEST(run__tells_what_gnuplot_said),
        TEST(without_gnuplot__data_and_scripts_are_there),
        TEST(what_has_no_points__is_left_out_quietly),
        TEST(disks__that_look_alike_are_one_line_and_the_fullest_are_drawn),
        TEST(curve__goes_as_far_as_the_tables_percentiles),
        TEST(figure__that_leaves_lines_out_says_how_many),
        TEST(curves__are_of_messages_before_fetches),
        TEST(fetch__has_a_curve_only_where_an_slo_asks_for_it),
        TEST(what_slos_name__is_drawn),
        TEST(legend__of_one_bar_has_all_its_parts),
        TEST(unstable__has_no_percentiles),
        TEST(empty_result__has_no_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
