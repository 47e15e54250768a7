/* Figures over time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/figures_internal.h"
#include "model/report/number.h"
#include "model/report/tables.h"
#include "sim/memory.h"

/* ---- latency over time ---- */

enum { PANELS_MAX = 4 };

/* "produce p50 checkout" is the middle line of a panel called "produce checkout". */
static const char *percentile_in(const struct result_series *s, const char *which)
{
    return strcmp(s->group, "latency") == 0 ? strstr(s->name, which) : NULL;
}

static const struct result_series *partner(const struct result *r, const struct result_series *p50,
                                           const char *which)
{
    const char *at = percentile_in(p50, " p50 ");
    size_t before = (size_t)(at - p50->name);
    for (uint32_t i = 0; i < r->series_count; i++) {
        const struct result_series *s = &r->series[i];
        const char *there = percentile_in(s, which);
        if (there && (size_t)(there - s->name) == before &&
            strncmp(s->name, p50->name, before) == 0 && strcmp(there + 5, at + 5) == 0 &&
            s->count == p50->count)
            return s;
    }
    return NULL;
}

static double at_or_nan(const struct result_series *s, uint32_t i)
{
    return s ? s->y[i] / 1e6 : (double)NAN;
}

/* gnuplot fails on a plot without points: two make a line. */
bool figure_has_line(const struct result_series *s)
{
    int known = 0;
    for (uint32_t i = 0; i < s->count && known < 2; i++)
        known += isfinite(s->y[i]);
    return known == 2;
}

static void put_panel(const struct result *r, const struct result_series *p50, FILE *data)
{
    const struct result_series *p95 = partner(r, p50, " p95 "), *p99 = partner(r, p50, " p99 ");
    fprintf(data, "time_%s\tp50_ms\tp95_ms\tp99_ms\n", p50->x_unit);
    for (uint32_t i = 0; i < p50->count; i++) {
        fprintf(data, "%.9g\t", p50->x0 + p50->dx * i);
        figure_number(data, p50->y[i] / 1e6), fputc('\t', data);
        figure_number(data, at_or_nan(p95, i)), fputc('\t', data);
        figure_number(data, at_or_nan(p99, i)), fputc('\n', data);
    }
    fputs("\n\n", data);
}

/* "produce p50 checkout" where an SLO is about what checkout produces. */
static bool is_asked(const struct result *r, const struct result_series *p50)
{
    const char *at = percentile_in(p50, " p50 ");
    size_t length = (size_t)(at - p50->name);
    for (int kind = RESULT_PRODUCE; kind <= RESULT_FETCH; kind++) {
        const char *word = report_latency_word((enum result_latency_kind)kind);
        if (strlen(word) == length && strncmp(p50->name, word, length) == 0)
            return report_is_asked(r, (enum result_latency_kind)kind, at + strlen(" p50 "));
    }
    return false;
}

/* By series: how high its panel goes, that of an SLO first; -INFINITY where it has none. Gives. */
static double *panel_scores(const struct result *r)
{
    double *scores = sim_alloc(r->series_count + 1, sizeof *scores);
    for (uint32_t i = 0; i < r->series_count; i++) {
        const struct result_series *s = &r->series[i], *p99;
        scores[i] = -(double)INFINITY;
        if (!percentile_in(s, " p50 ") || !figure_has_line(s))
            continue;
        p99 = partner(r, s, " p99 ");
        scores[i] = fmax(figure_largest(&s, 1), p99 ? figure_largest(&p99, 1) : 0) +
                    (is_asked(r, s) ? FIGURE_ASKED : 0);
    }
    return scores;
}

bool figure_over_time(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    int panels = 0;
    double *scores = panel_scores(r);
    bool *picked = figure_highest(scores, (int)r->series_count, PANELS_MAX);
    for (uint32_t i = 0; i < r->series_count; i++) {
        const char *at = percentile_in(&r->series[i], " p50 ");
        shown->of += scores[i] >= 0;
        if (!picked[i])
            continue;
        put_panel(r, &r->series[i], data);
        char name[40], *title;
        snprintf(name, sizeof name, "PANEL_%d", ++panels);
        if (asprintf(&title, "%s: %.*s", at + 5, (int)(at - r->series[i].name), r->series[i].name) <
            0)
            abort();
        figure_literal(set, name, title);
        free(title);
    }
    free(picked);
    free(scores);
    shown->drawn = panels;
    fprintf(set, "PANELS = %d\n", panels);
    return panels > 0;
}

/* ---- any group of series ---- */

bool figure_same_grid(const struct result_series *a, const struct result_series *b)
{
    return a->count == b->count && a->dx == b->dx && a->x0 == b->x0 &&
           strcmp(a->unit, b->unit) == 0;
}

/* The series of a group in one unit and on one grid, those of the first one: the highest of them, in the document's order. */
static int pick(const struct result *r, const char *group, const char *unit,
                const struct result_series *of[FIGURE_LINES_MAX], int *all)
{
    const struct result_series **fit = sim_alloc(r->series_count, sizeof *fit);
    double *scores = sim_alloc(r->series_count, sizeof *scores);
    int count = 0;
    *all = 0;
    for (uint32_t i = 0; i < r->series_count; i++) {
        const struct result_series *s = &r->series[i];
        if (strcmp(s->group, group) != 0 || (unit && strcmp(s->unit, unit) != 0) ||
            !figure_has_line(s) || (*all > 0 && !figure_same_grid(s, fit[0])))
            continue;
        scores[*all] = figure_largest(&s, 1);
        fit[(*all)++] = s;
    }
    bool *picked = figure_highest(scores, *all, FIGURE_LINES_MAX);
    for (int k = 0; k < *all; k++)
        if (picked[k])
            of[count++] = fit[k];
    free(picked);
    free(fit);
    free(scores);
    return count;
}

double figure_largest(const struct result_series *const of[], int count)
{
    double most = 0;
    for (int k = 0; k < count; k++)
        for (uint32_t i = 0; i < of[k]->count; i++)
            if (isfinite(of[k]->y[i]))
                most = fmax(most, fabs(of[k]->y[i]));
    return most;
}

static void put_lines(const struct result_series *const of[], const char *const names[], int count,
                      struct report_unit unit, FILE *data)
{
    fprintf(data, "time_%s", of[0]->x_unit);
    for (int k = 0; k < count; k++) {
        fputc('\t', data);
        figure_text(data, names[k]);
        fprintf(data, " (%s)", unit.name);
    }
    for (uint32_t i = 0; i < of[0]->count; i++) {
        fprintf(data, "\n%.9g", of[0]->x0 + of[0]->dx * i);
        for (int k = 0; k < count; k++) {
            fputc('\t', data);
            figure_number(data, of[k]->y[i] / unit.size);
        }
    }
    fputc('\n', data);
}

void figure_put_lines(const struct result_series *const of[], const char *const names[], int count,
                      struct report_unit unit, const char *prefix, FILE *data, FILE *set)
{
    char name[40];
    put_lines(of, names, count, unit, data);
    fprintf(set, "%s_LINES = %d\n", prefix, count);
    snprintf(name, sizeof name, "%s_UNIT", prefix);
    figure_literal(set, name, unit.name);
    for (int k = 0; k < count; k++) {
        snprintf(name, sizeof name, "%s_%d", prefix, k + 1);
        char *clip = report_clip_middle(names[k], FIGURE_NAME_COLUMNS);
        figure_literal(set, name, clip);
        free(clip);
    }
}

static bool figure_lines(const struct result *r, const char *group, const char *base,
                         const char *prefix, FILE *data, FILE *set, struct figure_shown *shown)
{
    const struct result_series *of[FIGURE_LINES_MAX];
    const char *names[FIGURE_LINES_MAX];
    int count = pick(r, group, base, of, &shown->of);
    shown->drawn = count;
    if (count == 0)
        return false;
    for (int k = 0; k < count; k++)
        names[k] = of[k]->name;
    figure_put_lines(of, names, count, report_unit_for(of[0]->unit, figure_largest(of, count)),
                     prefix, data, set);
    return true;
}

bool figure_throughput(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    /* Records are the same on both sides; bytes in are payload and bytes out are as on the wire. */
    return figure_lines(r, "throughput", "records/s", "THROUGHPUT", data, set, shown) ||
           figure_lines(r, "throughput", NULL, "THROUGHPUT", data, set, shown);
}

bool figure_lag(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    return figure_lines(r, RESULT_LAG, NULL, "LAG", data, set, shown);
}

bool figure_horizon_lag(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    return figure_lines(r, RESULT_HORIZON_LAG, NULL, "HORIZON_LAG", data, set, shown);
}
