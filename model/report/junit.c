#include "model/report/junit.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/report/escape.h"
#include "model/report/tables.h"

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    report_put_html(out, value);
    fputc('"', out);
}

/* What is not known has no interval to print: the reason stands there, as it does behind one that does not say it. */
static char *message_of(const struct result_slo *slo, const char *word)
{
    char value[REPORT_CELL_MAX], interval[REPORT_CELL_MAX], *text, *why = report_slo_reason(slo);
    report_quantity(value, &slo->estimate, slo->unit, slo->limit);
    const struct result_estimate *e = report_slo_interval(interval, slo);
    const char *note = slo->note ? slo->note : "", *more = why[0] ? ": " : "";
    int n;
    if (e->known && e->level > 0)
        n = asprintf(&text, "%s: expected %s, %.0f %% interval %s%s%s", word, value, e->level * 100,
                     interval, more, why);
    else if (e->known)
        n = asprintf(&text, "%s: expected %s, %s%s%s", word, value, interval, more, why);
    else
        n = asprintf(&text, "%s%s%s", word, why[0] || note[0] ? ": " : "", why[0] ? why : note);
    if (n < 0)
        abort();
    free(why);
    return text;
}

static void put_case(const struct result *r, const struct result_slo *slo, FILE *out)
{
    fputs("    <testcase", out);
    put_attribute(out, "classname", r->scenario);
    put_attribute(out, "name", slo->text);
    if (slo->verdict == RESULT_FITS) {
        fputs("/>\n", out);
        return;
    }
    bool missed = slo->verdict == RESULT_DOES_NOT_FIT;
    char *message = message_of(slo, missed ? "missed" : "not decided");
    fprintf(out, ">\n      <%s", missed ? "failure" : "error");
    put_attribute(out, "message", message);
    free(message);
    fputs("/>\n    </testcase>\n", out);
}

/* What counts beside SLOs: the limits of resources, a loss, growth. A suite without it would be green where the program ends with 4. */
static void put_verdict(const struct result *r, FILE *out)
{
    fputs("    <testcase", out);
    put_attribute(out, "classname", r->scenario);
    put_attribute(out, "name", "verdict");
    if (r->verdict == RESULT_FITS) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", r->verdict == RESULT_UNDECIDED ? "error" : "failure");
    put_attribute(out, "message", r->verdict_text);
    fputs("/>\n    </testcase>\n", out);
}

static void put_suite(const struct result *r, FILE *out)
{
    unsigned failed = r->verdict == RESULT_DOES_NOT_FIT || r->verdict == RESULT_UNSTABLE,
             undecided = r->verdict == RESULT_UNDECIDED;
    for (uint32_t i = 0; i < r->slo_count; i++) {
        failed += r->slos[i].verdict == RESULT_DOES_NOT_FIT;
        undecided +=
            r->slos[i].verdict == RESULT_UNDECIDED || r->slos[i].verdict == RESULT_UNSTABLE;
    }
    fputs("  <testsuite", out);
    put_attribute(out, "name", r->variant && r->variant[0] ? r->variant : r->scenario);
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", r->slo_count + 1, failed,
            undecided);
    put_verdict(r, out);
    for (uint32_t i = 0; i < r->slo_count; i++)
        put_case(r, &r->slos[i], out);
    fputs("  </testsuite>\n", out);
}

int report_junit_write(const struct result *r, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"headroom\">\n", out);
    put_suite(r, out);
    for (uint32_t i = 0; i < r->variant_count; i++)
        put_suite(r->variants[i], out);
    fputs("</testsuites>\n", out);
    return ferror(out) ? -1 : 0;
}
