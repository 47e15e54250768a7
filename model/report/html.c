#include "model/report/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/html_svg.h"
#include "model/report/number.h"
#include "model/report/outputs.h"
#include "model/report/result_json.h"
#include "model/report/tables.h"
#include "model/report/text.h"

/* ---- what the marks of the template stand for ---- */

static void put_and_free(FILE *out, char *text)
{
    report_put_html(out, text);
    free(text);
}

static void put_title(const struct result *r, FILE *out)
{
    report_put_html(out, r->scenario);
    if (r->variant[0]) {
        fputs(" · ", out);
        report_put_html(out, r->variant);
    }
}

static const char *verdict_class(enum result_verdict verdict)
{
    static const char *const classes[] = {"yes", "no", "open", "no"};
    return classes[verdict];
}

static void put_note(FILE *out, char *text)
{
    fputs("<p class=\"note\">", out);
    put_and_free(out, text);
    fputs("</p>\n", out);
}

static void put_head(const struct result *r, FILE *out)
{
    fprintf(out, "<p class=\"verdict %s\"><b>%s</b> ", verdict_class(r->verdict),
            r->verdict == RESULT_UNSTABLE ? "✗" : report_verdict_sign(r->verdict));
    put_and_free(out, report_headline(r));
    fputs("</p>\n<p class=\"question\">", out);
    report_put_html(out, r->question);
    fputs("</p>\n", out);
    char *moment = report_moment_line(r);
    if (moment)
        put_note(out, moment);
    if (!r->run.complete && r->run.replications > 0)
        fputs("<p class=\"note\">Stopped early: what follows stands on part of the run only.</p>\n",
              out);
}

static void put_table(struct report_table *t, bool heading, FILE *out)
{
    if (t->row_count > 0) {
        if (heading)
            fprintf(out, "<h2>%s</h2>\n", t->title);
        report_table_html(t, out);
    }
    report_table_release(t);
}

static void put_parts_of(const struct result *r, const char *subject, FILE *out)
{
    struct report_table t;
    report_table_parts(r, subject, &t);
    t.id = ""; /* there may be others */
    fputs("<h3>", out);
    report_put_html(out, subject);
    fputs("</h3>\n", out);
    put_table(&t, false, out);
}

/* Of more producers than stand beside each other the slowest, and all of them for who asks: a dozen tables hide what comes below. */
static void put_parts(const struct result *r, FILE *out)
{
    struct report_table t;
    const char *subject;
    bool many = report_parts_subject(r, REPORT_PRODUCERS_BESIDE) != NULL;
    if (many) {
        report_table_parts_beside(r, &t), put_table(&t, true, out);
        fputs("<details><summary>of each producer</summary>\n", out);
    } else if (report_parts_subject(r, 0)) {
        fputs("<h2>Produce time by part</h2>\n", out);
    }
    for (int i = 0; (subject = report_parts_subject(r, i)); i++)
        put_parts_of(r, subject, out);
    if (many)
        fputs("</details>\n", out);
}

static void put_warnings(const struct result *r, FILE *out)
{
    if (r->warning_count > 0)
        fputs("<h2>Warnings</h2>\n<ul class=\"warnings\">\n", out);
    for (uint32_t i = 0; i < r->warning_count; i++) {
        fputs("<li>", out);
        report_put_html(out, r->warnings[i].text);
        if (r->warnings[i].remedy && r->warnings[i].remedy[0]) {
            fputs(": ", out);
            report_put_html(out, r->warnings[i].remedy);
        }
        fputs("</li>\n", out);
    }
    if (r->warning_count > 0)
        fputs("</ul>\n", out);
}

static void put_rares(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->rare_count; i++) {
        fputs(i ? ", " : "<p class=\"note\">Rare here (fewer than 30 times): ", out);
        report_put_html(out, r->rares[i].name);
        char count[REPORT_CELL_MAX];
        result_number_text(count, (double)r->rares[i].count, 0);
        fprintf(out, " (%s)", count);
    }
    if (r->rare_count > 0)
        fputs("</p>\n", out);
}

/* Curves and tables need not show the same p99. */
static const char *const POOLED =
    ": all replications together. Percentiles of the tables are means of the replications', whose "
    "scatter gives the interval.";

static bool put_figure(const struct report_page *page, const char *name, FILE *out)
{
    const struct report_figures *figures = page->figures;
    for (int i = 0; i < figures->count; i++) {
        if (!figures->drawn[i] || strcmp(figures->names[i], name) != 0)
            continue;
        fprintf(out, "<figure id=\"figure-%s\">\n", name);
        char *path = report_path(page->folder, "%s.svg", name);
        bool good = html_svg_put(path, name, out) == 0;
        free(path);
        if (!good)
            fputs("<p class=\"note\">(this picture cannot be shown here)</p>\n", out);
        fprintf(out, "<figcaption>%s%s</figcaption>\n</figure>\n", figures->titles[i],
                strcmp(name, "latency") == 0 ? POOLED : "");
        return true;
    }
    return false;
}

static void put_summary(const struct result *r, const struct report_page *page, FILE *out)
{
    struct report_table t;
    report_table_slos(r, &t), put_table(&t, true, out);
    put_warnings(r, out);
    report_table_variants(r, &t), put_table(&t, true, out);
    for (uint32_t i = 0; i < r->variant_count; i++) {
        char *reason = report_variant_reason(r, i), *moment = report_variant_moment(r, i);
        if (reason)
            put_note(out, reason);
        if (moment)
            put_note(out, moment);
    }
    put_figure(page, "variants", out);
    report_table_trusts(r, &t), put_table(&t, true, out);
}

static void put_latency(const struct result *r, const struct report_page *page, FILE *out)
{
    struct report_table t;
    if (r->verdict == RESULT_UNSTABLE)
        fprintf(out, "<h2>Latency</h2>\n<p class=\"note\">%s</p>\n", report_no_latency());
    report_table_latencies(r, 0, &t), put_table(&t, true, out);
    put_figure(page, "latency", out);
    put_figure(page, "over-time", out);
    put_parts(r, out);
    put_figure(page, "parts", out);
    report_table_flows(r, 0, &t), put_table(&t, true, out);
    put_figure(page, "throughput", out);
    put_figure(page, "lag", out);
    put_figure(page, "horizon-lag", out);
}

static void put_cluster(const struct result *r, const struct report_page *page, FILE *out)
{
    struct report_table t;
    report_table_resources(r, &t), put_table(&t, true, out);
    put_figure(page, "utilisation", out);
    report_table_disks(r, 0, &t), put_table(&t, true, out);
    put_figure(page, "disk", out);
    report_table_bounds(r, &t), put_table(&t, true, out);
    char *brokers = report_brokers_line(r);
    if (brokers) {
        fputs("<p>", out);
        put_and_free(out, brokers);
        fputs("</p>\n", out);
    }
    report_table_formulas(r, &t), put_table(&t, false, out);
    report_table_costs(r, &t), put_table(&t, true, out);
    report_table_inputs(r, &t), put_table(&t, true, out);
    put_rares(r, out);
}

static void put_body(const struct result *r, const struct report_page *page, FILE *out)
{
    put_head(r, out);
    if (page->figures->note[0]) {
        fputs("<p class=\"note\">", out);
        report_put_html(out, page->figures->note);
        fputs("</p>\n", out);
    }
    put_summary(r, page, out);
    put_latency(r, page, out);
    put_cluster(r, page, out);
    if (r->scenario_text[0]) {
        fputs("<section class=\"scenario\">\n<h2>Scenario</h2>\n<details><summary>resolved, with "
              "the origin of each value</summary>"
              "<pre>",
              out);
        report_put_html(out, r->scenario_text);
        fputs("</pre></details>\n</section>\n", out);
    }
}

static void put_foot(const struct result *r, FILE *out)
{
    fputs("<p>", out);
    put_and_free(out, report_profile_line(r));
    fputs("<br>", out);
    put_and_free(out, report_run_line(r));
    fputs("<br>", out);
    if (r->run.replications > 0)
        fprintf(out, "fingerprint %016llx, ", (unsigned long long)r->run.fingerprint);
    fprintf(out, "headroom %s</p>\n", HEADROOM_VERSION);
}

/* Beyond that the page says where the data lie instead of holding them. */
enum { DATA_BYTES_MAX = 3000000 };

static void put_base64(const unsigned char *bytes, size_t size, FILE *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t n = size - i < 3 ? size - i : 3;
        unsigned v = (unsigned)bytes[i] << 16 | (n > 1 ? (unsigned)bytes[i + 1] << 8 : 0u) |
                     (n > 2 ? bytes[i + 2] : 0u);
        char four[5] = {digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=',
                        n > 2 ? digits[v & 63] : '=', 0};
        fputs(four, out);
    }
}

static void put_data(const struct result *r, FILE *out)
{
    char *json = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&json, &size);
    if (!memory || report_json_write(r, memory) != 0 || fclose(memory) != 0)
        abort(); /* no memory for a few megabytes */
    if (size <= DATA_BYTES_MAX) {
        fputs("<p><a download=\"result.json\" href=\"data:application/json;base64,", out);
        put_base64((const unsigned char *)json, size, out);
        fputs("\">All numbers of this page as JSON</a></p>\n", out);
    } else {
        fputs("<p>All numbers of this page are in result.json beside it.</p>\n", out);
    }
    free(json);
}

/* ---- the template ---- */

static void put_mark(const char *mark, size_t n, const struct result *r,
                     const struct report_page *page, FILE *out)
{
    if (n == 5 && strncmp(mark, "title", n) == 0)
        put_title(r, out);
    else if (n == 4 && strncmp(mark, "body", n) == 0)
        put_body(r, page, out);
    else if (n == 4 && strncmp(mark, "foot", n) == 0)
        put_foot(r, out);
    else if (n == 4 && strncmp(mark, "data", n) == 0)
        put_data(r, out);
}

static void fill_template(const char *text, const struct result *r, const struct report_page *page,
                          FILE *out)
{
    static const char open_mark[] = "<!--headroom:", close_mark[] = "-->";
    const char *mark;
    while ((mark = strstr(text, open_mark))) {
        fwrite(text, 1, (size_t)(mark - text), out);
        mark += sizeof open_mark - 1;
        const char *end = strstr(mark, close_mark);
        if (!end)
            break;
        put_mark(mark, (size_t)(end - mark), r, page, out);
        text = end + sizeof close_mark - 1;
    }
    fputs(text, out);
}

int report_html_write(const struct result *r, const struct report_page *page, FILE *out,
                      struct broker_err *err)
{
    char *path = report_path(page->plots, "page.html");
    char *text = html_read_file(path);
    int rc = BROKER_OK;
    if (!text)
        rc = broker_err_set(err, BROKER_EIO, "%.160s: %s", path, strerror(errno));
    else
        fill_template(text, r, page, out);
    if (rc == BROKER_OK && ferror(out))
        rc = broker_err_set(err, BROKER_EIO, "the page cannot be written");
    free(text);
    free(path);
    return rc;
}
