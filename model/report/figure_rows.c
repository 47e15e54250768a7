/* Figures with one row a thing: parts, resources, variants. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/figures_internal.h"
#include "model/report/number.h"
#include "model/report/tables.h"
#include "sim/memory.h"

enum { ROWS_MAX = 8 };

/* ---- where produce time goes ---- */

struct bar {
    const struct result *result;
    const char *subject;
};

/* Together, since parts of means add up. */
static double mean_of(const struct bar *bar)
{
    double sum = 0;
    for (uint32_t i = 0; i < bar->result->part_count; i++)
        if (strcmp(bar->result->parts[i].subject, bar->subject) == 0 &&
            bar->result->parts[i].mean_ns.known)
            sum += bar->result->parts[i].mean_ns.value;
    return sum;
}

static int count_bars(const struct result *r)
{
    int all = 0;
    for (uint32_t v = 0; v <= r->variant_count; v++)
        for (int i = 0; report_parts_subject(v == 0 ? r : r->variants[v - 1], i); i++)
            all++;
    return all;
}

/* The scenario as written, or where that has no parts, as it is not steady, the first variant that has. */
static const struct result *first_with_parts(const struct result *r)
{
    for (uint32_t v = 0; v < r->variant_count && !report_parts_subject(r, 0); v++)
        if (report_parts_subject(r->variants[v], 0))
            return r->variants[v];
    return r;
}

/* Of its producers, which have bars: those of SLOs and the slowest, at most so many. Gives. */
static bool *pick_producers(const struct result *r, int most)
{
    int count = 0;
    while (report_parts_subject(r, count))
        count++;
    double *scores = sim_alloc((size_t)count, sizeof *scores);
    for (int i = 0; i < count; i++) {
        const char *subject = report_parts_subject(r, i);
        scores[i] = mean_of(&(struct bar){r, subject}) +
                    (report_is_asked(r, RESULT_PRODUCE, subject) ? FIGURE_ASKED : 0);
    }
    bool *picked = figure_highest(scores, count, most > 1 ? most : 1);
    free(scores);
    return picked;
}

static bool is_picked(const struct result *r, const bool *picked, const char *subject)
{
    const char *one;
    for (int i = 0; (one = report_parts_subject(r, i)); i++)
        if (picked[i] && strcmp(one, subject) == 0)
            return true;
    return false;
}

/* The same producers of each variant, in the document's order. */
static int pick_bars(const struct result *r, struct bar bars[ROWS_MAX], int *all)
{
    int count = 0;
    const struct result *first = first_with_parts(r);
    bool *picked = pick_producers(first, ROWS_MAX / (int)(r->variant_count + 1));
    *all = count_bars(r);
    for (uint32_t v = 0; v <= r->variant_count; v++) {
        const struct result *of = v == 0 ? r : r->variants[v - 1];
        const char *subject;
        for (int i = 0; (subject = report_parts_subject(of, i)) && count < ROWS_MAX; i++)
            if (is_picked(first, picked, subject))
                bars[count++] = (struct bar){of, subject};
    }
    free(picked);
    return count;
}

static const struct result_part *part_of(const struct bar *bar, const char *name)
{
    for (uint32_t i = 0; i < bar->result->part_count; i++) {
        const struct result_part *p = &bar->result->parts[i];
        if (strcmp(p->subject, bar->subject) == 0 && strcmp(p->name, name) == 0)
            return p;
    }
    return NULL;
}

static void put_bar_label(const struct bar *bar, bool with_variant, FILE *data)
{
    figure_text(data, bar->subject);
    if (!with_variant)
        return;
    fputs(", ", data);
    figure_text(data, bar->result->variant[0] ? bar->result->variant : "as written");
}

/* One block a part: each row's piece from where the pieces before it end. Means, because only means add up. */
bool figure_parts(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    struct bar bars[ROWS_MAX];
    double end_ms[ROWS_MAX] = {0};
    int rows = pick_bars(r, bars, &shown->of), parts = 0;
    const struct bar first = rows ? bars[0] : (struct bar){r, ""};
    for (uint32_t i = 0; i < first.result->part_count && rows > 0; i++) {
        const struct result_part *p = &first.result->parts[i];
        if (strcmp(p->subject, first.subject) != 0)
            continue;
        fputs("row\tfrom_ms\tto_ms\tlabel\n", data);
        for (int row = 0; row < rows; row++) {
            const struct result_part *piece = part_of(&bars[row], p->name);
            double more = piece && piece->mean_ns.known ? piece->mean_ns.value / 1e6 : 0;
            fprintf(data, "%d\t%.9g\t%.9g\t", row, end_ms[row], end_ms[row] + more);
            put_bar_label(&bars[row], r->variant_count > 0, data);
            fputc('\n', data);
            end_ms[row] += more;
        }
        fputs("\n\n", data);
        char name[40];
        snprintf(name, sizeof name, "PART_%d", ++parts);
        char *clip = report_clip(p->name, 32);
        figure_literal(set, name, clip);
        free(clip);
    }
    shown->drawn = rows;
    fprintf(set, "PARTS = %d\nPART_ROWS = %d\n", parts, rows);
    return parts > 0 && end_ms[0] > 0;
}

/* ---- use of each resource ---- */

/* Per cent busy: threads are reported idle. */
static double busy_percent(const struct result_resource *x, double value)
{
    return 100 * result_used_share(x->kind, value);
}

static void put_resource(const struct result_resource *x, int row, FILE *data)
{
    fprintf(data, "%d\t", row);
    figure_number(data, busy_percent(x, x->now.value)), fputc('\t', data);
    figure_number(data, x->survive.known ? busy_percent(x, x->survive.value) : (double)NAN);
    fputc('\t', data);
    figure_number(data, x->limit > 0 ? busy_percent(x, x->limit) : (double)NAN), fputc('\t', data);
    figure_text(data, x->name);
    if (x->kind == RESULT_DISK_SPACE)
        fputs(" at its fullest", data);
    if (x->busiest && x->busiest[0]) {
        fputs(", ", data);
        figure_text(data, x->busiest);
    }
    fputc('\n', data);
}

bool figure_utilisation(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    int rows = 0;
    double most = 100;
    bool survive = false;
    fputs("row\tnow_percent\tsurvive_percent\tlimit_percent\tresource\n", data);
    for (uint32_t i = 0; i < r->resource_count; i++) {
        const struct result_resource *x = &r->resources[i];
        if (!x->used || !x->now.known || x->kind == RESULT_PAGE_CACHE)
            continue;
        shown->of++;
        if (rows == 2 * ROWS_MAX)
            continue;
        put_resource(x, rows++, data);
        most = fmax(most, busy_percent(x, x->now.value));
        if (x->survive.known) {
            most = fmax(most, busy_percent(x, x->survive.value));
            survive = true;
        }
    }
    shown->drawn = rows;
    fprintf(set, "RESOURCES = %d\nRESOURCE_MAX = %.4g\nRESOURCE_SURVIVE = %d\n", rows, most,
            survive);
    return rows > 0;
}

/* ---- variants ---- */

static void put_estimate(const struct result_estimate *e, double size, FILE *data)
{
    fputc('\t', data);
    figure_number(data, e->known ? e->value / size : (double)NAN), fputc('\t', data);
    figure_number(data, e->known ? e->low / size : (double)NAN), fputc('\t', data);
    figure_number(data, e->known ? e->high / size : (double)NAN);
}

enum { LABEL_MAX = 160 };

static void variant_label(char label[LABEL_MAX], const struct result *v)
{
    char *name = report_plot_cell(v->variant[0] ? v->variant : "as written");
    snprintf(label, LABEL_MAX, "%s%s", name, v->verdict == RESULT_UNSTABLE ? " (unstable)" : "");
    free(name);
}

static void put_variant(const struct result *v, const char *producer, int row, FILE *data)
{
    const struct result_latency *worst = report_produce_of(v, producer);
    const struct result_resource *cpu = report_resource(v, RESULT_CPU);
    struct result_estimate unknown = result_unknown();
    bool steady = v->verdict != RESULT_UNSTABLE;
    fprintf(data, "%d", row);
    put_estimate(worst && steady ? &worst->p99_ns : &unknown, 1e6, data);
    fputc('\t', data);
    figure_number(data, 100 * report_disk_max_ratio(v)), fputc('\t', data);
    figure_number(data, cpu && cpu->used && cpu->now.known ? 100 * cpu->now.value : (double)NAN);
    fputc('\t', data);
    figure_number(data, report_cost_is_whole(v) ? v->usd_per_month : (double)NAN),
        fputc('\t', data);
    char label[LABEL_MAX];
    variant_label(label, v);
    fprintf(data, "%s\n", label);
}

/* Bits of the panels that have something to show. */
static int panels_of(const struct result *v, const char *producer)
{
    const struct result_latency *worst = report_produce_of(v, producer);
    const struct result_resource *cpu = report_resource(v, RESULT_CPU);
    return (worst && worst->p99_ns.known && v->verdict != RESULT_UNSTABLE ? 1 : 0) |
           (isfinite(report_disk_max_ratio(v)) ? 2 : 0) |
           (cpu && cpu->used && cpu->now.known ? 4 : 0) | (report_cost_is_whole(v) ? 8 : 0);
}

/* A step of 1, 2 or 5 that gives an axis of three tics or so: four panels share the width. */
static double nice_step(double most)
{
    double part = most > 0 ? most / 2 : 1;
    double power = pow(10, floor(log10(part)));
    double digit = part / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

static void put_steps(const struct result *r, FILE *set)
{
    const char *producer = report_compared_producer(r);
    double most[4] = {0};
    for (uint32_t v = 0; v <= r->variant_count; v++) {
        const struct result *of = v == 0 ? r : r->variants[v - 1];
        const struct result_latency *worst = report_produce_of(of, producer);
        const struct result_resource *cpu = report_resource(of, RESULT_CPU);
        if (worst && worst->p99_ns.known)
            most[0] = fmax(most[0], worst->p99_ns.high / 1e6);
        most[1] = fmax(most[1], 100 * report_disk_max_ratio(of));
        if (cpu && cpu->now.known)
            most[2] = fmax(most[2], 100 * cpu->now.value);
        most[3] = fmax(most[3], of->usd_per_month);
    }
    for (int k = 0; k < 4; k++)
        fprintf(set, "VARIANT_STEP_%d = %g\n", k + 1, nice_step(most[k]));
}

/* Characters of the longest label: the panels share what it leaves. */
static int label_width(const struct result *r)
{
    int most = 0;
    for (uint32_t v = 0; v <= r->variant_count; v++) {
        char label[LABEL_MAX];
        variant_label(label, v == 0 ? r : r->variants[v - 1]);
        int width = report_width(label);
        most = width > most ? width : most;
    }
    return most;
}

bool figure_variants(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    if (r->variant_count == 0)
        return false;
    const char *producer = report_compared_producer(r);
    int panels = panels_of(r, producer), rows = 1;
    char title[REPORT_CELL_MAX], axis[REPORT_CELL_MAX + 4];
    fputs("row\tproduce_p99_ms\tlow_ms\thigh_ms\tdisk_percent\tcpu_percent\tusd_a_month\tvariant\n",
          data);
    put_variant(r, producer, 0, data);
    for (uint32_t i = 0; i < r->variant_count && rows < 3 * ROWS_MAX; i++) {
        put_variant(r->variants[i], producer, rows++, data);
        panels |= panels_of(r->variants[i], producer);
    }
    *shown = (struct figure_shown){rows, (int)r->variant_count + 1};
    put_steps(r, set);
    report_compared_title(r, title);
    snprintf(axis, sizeof axis, "%s, ms", title);
    figure_literal(set, "VARIANT_P99", axis);
    fprintf(set, "VARIANT_ROWS = %d\nVARIANT_PANELS = %d\nVARIANT_LABEL = %d\n", rows, panels,
            label_width(r));
    return panels != 0;
}
