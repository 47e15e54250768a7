#include "model/report/junit.h"

#include "model/report/escape.h"
#include "model/report/number.h"

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    report_put_html(out, value);
    fputc('"', out);
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
    char value[REPORT_CELL_MAX], interval[REPORT_CELL_MAX], message[3 * REPORT_CELL_MAX];
    report_quantity(value, &slo->estimate, slo->unit, slo->limit);
    const struct result_estimate *e = report_slo_interval(interval, slo);
    bool missed = slo->verdict == RESULT_DOES_NOT_FIT;
    snprintf(message, sizeof message, "%s: expected %s, %.0f %% interval %s",
             missed ? "missed" : "not decided", value, e->level * 100, interval);
    fprintf(out, ">\n      <%s", missed ? "failure" : "error");
    put_attribute(out, "message", message);
    fputs("/>\n    </testcase>\n", out);
}

static void put_suite(const struct result *r, FILE *out)
{
    unsigned failed = 0, undecided = 0;
    for (uint32_t i = 0; i < r->slo_count; i++) {
        failed += r->slos[i].verdict == RESULT_DOES_NOT_FIT;
        undecided +=
            r->slos[i].verdict == RESULT_UNDECIDED || r->slos[i].verdict == RESULT_UNSTABLE;
    }
    fputs("  <testsuite", out);
    put_attribute(out, "name", r->variant && r->variant[0] ? r->variant : r->scenario);
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", r->slo_count, failed, undecided);
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
