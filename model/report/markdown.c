#include "model/report/markdown.h"

#include <stdlib.h>

#include "model/report/escape.h"
#include "model/report/shown.h"
#include "model/report/tables.h"
#include "model/report/text.h"

static void put_table(struct report_table *t, FILE *out)
{
    if (t->row_count > 0) {
        fprintf(out, "\n### %s\n\n", t->title);
        report_table_markdown(t, out);
    }
    report_table_release(t);
}

static void put_text(FILE *out, const char *before, char *text, const char *after)
{
    fputs(before, out);
    report_put_markdown(out, text);
    fputs(after, out);
    free(text);
}

static void put_notes(const struct result *r, FILE *out)
{
    if (r->warning_count > 0)
        fputs("\n### Warnings\n\n", out);
    for (uint32_t i = 0; i < r->warning_count; i++) {
        fputs("- ", out);
        report_put_markdown(out, r->warnings[i].text);
        if (r->warnings[i].remedy && r->warnings[i].remedy[0]) {
            fputs(": ", out);
            report_put_markdown(out, r->warnings[i].remedy);
        }
        fputc('\n', out);
    }
}

enum { PAGE_DISKS = 12, PAGE_ROWS = 12 }; /* the page has all */

int report_markdown_write(const struct result *r, FILE *out)
{
    struct report_table t;
    put_text(out, "## ", report_headline(r), "\n\n");
    report_put_markdown(out, r->question);
    fputc('\n', out);
    char *moment = report_moment_line(r);
    if (moment)
        put_text(out, "\n", moment, "\n");
    report_table_slos(r, &t), put_table(&t, out);
    report_table_trusts(r, &t), put_table(&t, out);
    report_table_latencies(r, PAGE_ROWS, &t), put_table(&t, out);
    report_table_flows(r, PAGE_ROWS, &t), put_table(&t, out);
    char *rows = report_rows_left(r, PAGE_ROWS);
    if (rows)
        put_text(out, "\n", rows, "\n");
    report_table_resources(r, &t), put_table(&t, out);
    report_table_disks(r, PAGE_DISKS, &t), put_table(&t, out);
    char *left = report_disks_left(r, PAGE_DISKS);
    if (left)
        put_text(out, "\n", left, "\n");
    const char *subject;
    for (int i = 0; (subject = report_parts_subject(r, i)); i++)
        report_table_parts(r, subject, &t), put_table(&t, out);
    report_table_bounds(r, &t), put_table(&t, out);
    char *brokers = report_brokers_line(r);
    if (brokers)
        put_text(out, "\n", brokers, "\n");
    if (r->run.replications == 0)
        report_table_formulas(r, &t), put_table(&t, out);
    put_notes(r, out);
    report_table_inputs(r, &t), put_table(&t, out);
    report_table_variants(r, &t), put_table(&t, out);
    for (uint32_t i = 0; i < r->variant_count; i++) {
        char *reason = report_variant_reason(r, i), *other = report_variant_moment(r, i);
        if (reason)
            put_text(out, "\n", reason, "\n");
        if (other)
            put_text(out, "\n", other, "\n");
    }
    report_table_costs(r, &t), put_table(&t, out);
    put_text(out, "\n", report_profile_line(r), "  \n");
    put_text(out, "", report_run_line(r), "\n");
    return ferror(out) ? -1 : 0;
}
