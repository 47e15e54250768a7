/* What is said in one line, on whatever page; see text.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/number.h"
#include "model/report/text.h"

bool report_is_set(const char *text)
{
    return text && text[0];
}

char *report_print(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}

char *report_headline(const struct result *r)
{
    char *name = report_is_set(r->variant)
                     ? report_print("%s (variant %s)", r->scenario, r->variant)
                     : report_print("%s", r->scenario);
    const char *verdict =
        report_is_set(r->verdict_text) ? r->verdict_text : result_verdict_name(r->verdict);
    char *line = report_is_set(r->binding)
                     ? report_print("%s: %s.  First to bind: %s", name, verdict, r->binding)
                     : report_print("%s: %s.", name, verdict);
    free(name);
    return line;
}

char *report_profile_line(const struct result *r)
{
    return report_print("profile %s: %s", report_is_set(r->profile) ? r->profile : "none",
                        report_is_set(r->profile_error) ? r->profile_error : "uncalibrated");
}

char *report_moment_line(const struct result *r)
{
    return report_is_set(r->moment) ? report_print("Run from %s.", r->moment) : NULL;
}

char *report_variant_moment(const struct result *r, uint32_t variant)
{
    const struct result *v = r->variants[variant];
    return report_is_set(v->moment) && strcmp(v->moment, r->moment) != 0
               ? report_print("%s runs from %s.", v->variant, v->moment)
               : NULL;
}

char *report_variant_reason(const struct result *r, uint32_t variant)
{
    const struct result *v = r->variants[variant];
    return v->verdict != RESULT_FITS && report_is_set(v->verdict_text)
               ? report_print("%s: %s", v->variant, v->verdict_text)
               : NULL;
}

const char *report_no_latency(void)
{
    return "none to plan with: queues grow or records are given up, so it depends on how long one "
           "waits.";
}

char *report_run_line(const struct result *r)
{
    const struct result_run *run = &r->run;
    if (run->replications == 0)
        return report_print("bounds by closed form: nothing was simulated");
    char measured[REPORT_CELL_MAX], warmup[REPORT_CELL_MAX], batches[REPORT_CELL_MAX];
    report_duration(measured, run->measured_s);
    report_duration(warmup, run->warmup_s);
    report_count(batches, (double)run->batches);
    char *precision = report_print("%s", "");
    if (run->precision > 0) {
        free(precision);
        precision = report_print(", precision %.2g %% %s (%.2g %%)", run->precision * 100,
                                 run->precision_met ? "reached" : "not reached",
                                 run->precision_reached * 100);
    }
    char *line = report_print(
        "seed %llu, %u replication%s of %s, warm-up %s removed, %s batches%s%s",
        (unsigned long long)run->seed, run->replications, run->replications == 1 ? "" : "s",
        measured, warmup, batches, precision, run->complete ? "" : ", STOPPED EARLY");
    free(precision);
    return line;
}

char *report_brokers_line(const struct result *r)
{
    if (r->brokers_needed <= 0)
        return NULL;
    char *grown =
        r->brokers_needed_days > 0
            ? report_print("Brokers hold %.4g days of growth too; all else but disk space "
                           "is today's. ",
                           r->brokers_needed_days)
            : report_print("%s", "");
    const char *s = r->brokers_needed == 1 ? "" : "s";
    char *taken = r->brokers_auto ? report_print(", which brokers: auto takes.")
                                  : report_print("; the scenario has %d.", r->brokers);
    char *line = report_print("%sSmallest cluster by all of them: %d broker%s%s", grown,
                              r->brokers_needed, s, taken);
    free(taken);
    free(grown);
    return line;
}
