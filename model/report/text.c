#include "model/report/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/number.h"
#include "model/report/shown.h"
#include "model/report/tables.h"

/* ---- sections ---- */

static void put_table(struct report_table *t, FILE *out)
{
    if (t->row_count > 0)
        report_table_text(t, out);
    report_table_release(t);
}

static void put_line(FILE *out, char *line, int indent)
{
    report_paragraph(out, "", indent, line);
    free(line);
}

static void put_head(const struct result *r, FILE *out)
{
    put_line(out, report_headline(r), 2);
    if (report_is_set(r->question))
        report_paragraph(out, "", 0, r->question);
    char *moment = report_moment_line(r);
    if (moment)
        put_line(out, moment, 2);
    if (!r->run.complete && r->run.replications > 0)
        report_paragraph(out, "", 2, "Stopped early: what follows stands on part of the run only.");
}

/* A table with a blank line before it, if it has something to say. */
static void put_apart(const struct result *r,
                      void (*fill)(const struct result *r, struct report_table *t), FILE *out)
{
    struct report_table t;
    fill(r, &t);
    if (t.row_count)
        fputc('\n', out);
    put_table(&t, out);
}

enum { SCREEN_ROWS = 5, SCREEN_DISKS = 3 };

static void put_left(FILE *out, char *left)
{
    if (left)
        put_line(out, report_print("  (%s)", left), 2);
    free(left);
}

static void put_flows(const struct result *r, FILE *out)
{
    struct report_table latency, flows;
    report_table_latencies(r, SCREEN_ROWS, &latency);
    report_table_flows(r, SCREEN_ROWS, &flows);
    if (latency.row_count + flows.row_count > 0)
        fputc('\n', out);
    if (r->verdict == RESULT_UNSTABLE)
        report_paragraph(out, "Latency: ", 2, report_no_latency());
    put_table(&latency, out);
    put_table(&flows, out);
    put_left(out, report_rows_left(r, SCREEN_ROWS));
}

static void put_resources(const struct result *r, FILE *out)
{
    struct report_table resources, disks;
    report_table_resources(r, &resources);
    report_table_disks(r, SCREEN_DISKS, &disks);
    if (resources.row_count + disks.row_count > 0)
        fputc('\n', out);
    put_table(&resources, out);
    put_table(&disks, out);
    put_left(out, report_disks_left(r, SCREEN_DISKS));
}

/* A few requests have a mean, which the page shows, and no percentile. */
static bool any_median(const struct result *r)
{
    for (uint32_t i = 0; i < r->part_count; i++)
        if (r->parts[i].p50_ns.known)
            return true;
    return false;
}

/* One producer with all that is known of it; several by what their slow requests wait for. */
static void put_parts(const struct result *r, FILE *out)
{
    const char *subject = report_parts_subject(r, 0);
    struct report_table t;
    int producers = 0;
    while (report_parts_subject(r, producers))
        producers++;
    if (producers == 0 || (producers == 1 && !any_median(r)))
        return;
    if (producers == 1) {
        report_table_parts(r, subject, &t);
        t.column_count_text = 3;
    } else {
        report_table_parts_beside(r, &t);
    }
    fputc('\n', out);
    put_table(&t, out);
    if (producers > REPORT_PRODUCERS_BESIDE)
        fprintf(out, "  (the %d slowest of %d producers; the page has all)\n",
                REPORT_PRODUCERS_BESIDE, producers);
}

static void put_warnings(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->warning_count; i++) {
        const struct result_warning *w = &r->warnings[i];
        if (i == 0)
            fputs("Warnings\n", out);
        put_line(out,
                 report_is_set(w->remedy) ? report_print("  %s: %s", w->text, w->remedy)
                                          : report_print("  %s", w->text),
                 2);
    }
}

static void put_inputs(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->input_count; i++) {
        const struct result_input *x = &r->inputs[i];
        if (i == 0)
            fputs("Not stated, by how much it moves the verdict\n", out);
        put_line(out, report_print("  %s (%s)   %s", x->key, x->assumed, x->effect), 4);
    }
}

static void put_rares(const struct result *r, FILE *out)
{
    if (r->rare_count == 0)
        return;
    char *line = report_print("%s", "Rare here (fewer than 30 times): ");
    for (uint32_t i = 0; i < r->rare_count; i++) {
        char count[REPORT_CELL_MAX];
        result_number_text(count, (double)r->rares[i].count, 0);
        char *more = report_print("%s%s%s (%s)", line, i ? ", " : "", r->rares[i].name, count);
        free(line);
        line = more;
    }
    put_line(out, line, 2);
}

static void put_notes(const struct result *r, FILE *out)
{
    if (r->warning_count + r->input_count + r->rare_count == 0)
        return;
    fputc('\n', out);
    put_warnings(r, out);
    put_inputs(r, out);
    put_rares(r, out);
}

/* The headline has the reason of what is as written. */
static void put_variant_reasons(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->variant_count; i++) {
        char *reason = report_variant_reason(r, i);
        if (reason)
            put_line(out, report_print("  %s", reason), 4);
        free(reason);
    }
}

static void put_variants(const struct result *r, FILE *out)
{
    put_apart(r, report_table_variants, out);
    put_variant_reasons(r, out);
    for (uint32_t i = 0; i < r->variant_count; i++) {
        char *moment = report_variant_moment(r, i);
        if (moment)
            put_line(out, moment, 2);
    }
}

/* "Cost 2,930 $ a month: compute 1,980, disk 410, cross-zone traffic not known (list prices of ...)" */
static char *cost_line(const struct result *r)
{
    char cell[REPORT_CELL_MAX];
    report_cost_cell(r, cell);
    char *line = cell[0] == '-' ? report_print("%s", "Cost not known:")
                                : report_print("Cost %s $ a month:", cell);
    for (uint32_t i = 0; i < r->cost_count; i++) {
        report_cost_part_cell(&r->costs[i], cell);
        char *more = report_print("%s%s %s %s", line, i ? "," : "", r->costs[i].part,
                                  r->costs[i].known ? cell : "not known");
        free(line);
        line = more;
    }
    if (report_is_set(r->currency_note)) {
        char *more = report_print("%s (%s)", line, r->currency_note);
        free(line);
        line = more;
    }
    return line;
}

static void put_foot(const struct result *r, const char *suffix, FILE *out)
{
    fputc('\n', out);
    if (r->cost_count > 0)
        put_line(out, cost_line(r), 2);
    put_line(out, report_profile_line(r), 2);
    char *run = report_run_line(r);
    put_line(out,
             report_is_set(suffix) ? report_print("%s, %s", run, suffix) : report_print("%s", run),
             2);
    free(run);
}

int report_text_write(const struct result *r, const char *suffix, FILE *out)
{
    put_head(r, out);
    put_apart(r, report_table_slos, out);
    put_flows(r, out);
    put_resources(r, out);
    put_parts(r, out);
    put_notes(r, out);
    put_variants(r, out);
    put_apart(r, report_table_trusts, out);
    put_foot(r, suffix, out);
    return ferror(out) ? -1 : 0;
}

int report_text_size(const struct result *r, FILE *out)
{
    struct report_table bounds, formulas, costs;
    report_table_bounds(r, &bounds);
    report_table_formulas(r, &formulas);
    report_table_costs(r, &costs);
    put_head(r, out);
    fputc('\n', out);
    put_table(&bounds, out);
    char *brokers = report_brokers_line(r);
    if (brokers)
        put_line(out, brokers, 2);
    if (formulas.row_count)
        fputc('\n', out);
    put_table(&formulas, out);
    if (costs.row_count)
        fputc('\n', out);
    put_table(&costs, out);
    put_notes(r, out);
    put_apart(r, report_table_variants, out);
    put_variant_reasons(r, out);
    fputc('\n', out);
    put_line(out, report_profile_line(r), 2);
    return ferror(out) ? -1 : 0;
}

/* ---- for the meeting ---- */

/* What the profile's error leaves open by more than a quarter. */
static void brief_predictions(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->trust_count; i++) {
        const struct result_trust *t = &r->trusts[i];
        char simulated[REPORT_CELL_MAX], predicted[REPORT_CELL_MAX];
        if (!t->predicted.known || t->predicted.high < 1.25 * t->predicted.low)
            continue;
        report_quantity(simulated, &t->simulated, t->unit, (double)NAN);
        report_span(predicted, &t->predicted, t->unit, (double)NAN);
        put_line(out,
                 report_print("  %s: %s simulated, %s with the profile's error (90 %%, %s)",
                              t->quantity, simulated, predicted, t->evidence),
                 4);
    }
}

static void brief_headroom(const struct result *r, FILE *out)
{
    fputs("\nRoom to grow, by what is short first\n", out);
    const struct result_resource *order[16];
    int count = 0;
    for (uint32_t i = 0; i < r->resource_count && count < 16; i++)
        if (r->resources[i].used && isfinite(r->resources[i].headroom) &&
            r->resources[i].headroom > 0)
            order[count++] = &r->resources[i];
    for (int i = 1; i < count; i++) /* a handful: insertion keeps the order of equals */
        for (int k = i; k > 0 && order[k]->headroom < order[k - 1]->headroom; k--) {
            const struct result_resource *x = order[k];
            order[k] = order[k - 1];
            order[k - 1] = x;
        }
    for (int i = 0; i < count && i < 4; i++) {
        char factor[REPORT_CELL_MAX];
        result_number_text(factor, order[i]->headroom, order[i]->headroom < 10 ? 1 : 0);
        put_line(out,
                 report_print("  %s of %s: %s times %s", order[i]->name, order[i]->busiest, factor,
                              order[i]->kind == RESULT_DISK_SPACE ? "what the horizon brings"
                                                                  : "today's load"),
                 4);
    }
}

static double first_day(const struct result *r)
{
    double first = (double)INFINITY;
    for (uint32_t i = 0; i < r->disk_count; i++)
        if (r->disks[i].day_80 >= 0)
            first = fmin(first, r->disks[i].day_80);
    return first;
}

static void brief_disks(const struct result *r, FILE *out)
{
    if (r->disk_count == 0)
        return;
    double day = first_day(r);
    char text[32];
    result_day_text(text, day);
    if (isfinite(day))
        put_line(out, report_print("  the first disk is 80 %% full %s", text), 4);
    else
        put_line(out,
                 report_print("  no disk reaches 80 %% within the horizon's %.0f day%s",
                              r->horizon_days, r->horizon_days == 1 ? "" : "s"),
                 4);
}

static void brief_slos(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->slo_count; i++) {
        const struct result_slo *slo = &r->slos[i];
        if (slo->verdict == RESULT_FITS)
            continue;
        char *why = report_slo_reason(slo);
        put_line(out,
                 report_print("  %s: %s%s%s", slo->text,
                              slo->verdict == RESULT_DOES_NOT_FIT ? "missed" : "not decided",
                              why[0] ? ": " : "", why),
                 4);
        free(why);
    }
}

static void brief_risks(const struct result *r, FILE *out)
{
    fputs("\nRisks\n", out);
    brief_slos(r, out);
    for (uint32_t i = 0; i < r->warning_count; i++)
        put_line(out, report_print("  %s", r->warnings[i].text), 4);
    for (uint32_t i = 0; i < r->input_count && i < 3; i++)
        put_line(out,
                 report_print("  not known: %s (%s): %s", r->inputs[i].key, r->inputs[i].assumed,
                              r->inputs[i].effect),
                 4);
    brief_predictions(r, out);
    put_line(out,
             report_print("  the numbers come from a model; %s",
                          report_is_set(r->profile_error) ? r->profile_error
                                                          : "its profile is uncalibrated"),
             4);
}

int report_text_brief(const struct result *r, FILE *out)
{
    put_head(r, out);
    if (r->cost_count > 0) {
        struct report_table t;
        fputc('\n', out);
        report_table_costs(r, &t);
        put_table(&t, out);
    }
    brief_headroom(r, out);
    brief_disks(r, out);
    brief_risks(r, out);
    put_variants(r, out);
    return ferror(out) ? -1 : 0;
}
