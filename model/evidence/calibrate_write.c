/* model/evidence/calibrate_write.c - the report of a calibration as text; see calibrate.h. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/calibrate_null.h"
#include "model/evidence/fit.h"
#include "model/evidence/profile_write.h"

enum { Q = FITTED_QUANTITIES };

#define ALIKE      0.95 /* correlation beyond which two parameters cannot be told apart */
#define ERROR_MAX  1.0  /* relative standard error beyond which a parameter is not determined */
#define UNRESOLVED 0.5  /* of the slopes, between the two steps */
#define DETERMINED 0.5  /* share of the prior's variance that the rows must take away */

/* ---- head ---- */

static void write_rows(const struct calibration *c, FILE *out)
{
    int families = 0;
    while (configurations_family(&c->configurations, families))
        families++;
    fprintf(out, "%d configurations in %d families, %d readings, %d parameters",
            c->configurations.count, families, c->readings, c->parameters);
    if (c->configurations.left_out > 0)
        fprintf(out, "; %d rows of a warming JIT left out", c->configurations.left_out);
    fprintf(out,
            "\nfrom profile %s, seed %" PRIu64 ", %d folds, %" PRIu64
            " simulations of at most %" PRIu64 " batches\n",
            c->options.start->name, c->options.seed, c->options.folds, c->simulations,
            c->options.batches_max);
}

static void write_spread(const struct calibration *c, FILE *out)
{
    fputs("\nSpread of a repeat (standard deviation), estimated from repeats or by default\n", out);
    for (int q = 0; q < Q; q++) {
        if (!(c->configurations.spread[q] > 0))
            continue;
        fprintf(out, "  %-17s %5.1f %%  ", fitted_name(q), 100 * c->configurations.spread[q]);
        if (c->configurations.spread_repeats[q] > 0)
            fprintf(out, "%d repeats\n", c->configurations.spread_repeats[q]);
        else
            fputs("default\n", out);
    }
}

static void write_collector(const struct calibration *c, FILE *out)
{
    const struct collector *read = &c->collector;
    char median[48], error[COLLECTOR_TEXT_BYTES];
    if (read->median_ns > 0)
        fprintf(out,
                "\nPauses of the brokers' collectors: %.0f were counted, their median %s with a "
                "standard error of %s\n",
                read->pauses, profile_number(read->median_ns, SCENARIO_PROFILE_NS, median),
                collector_error_text(read, error));
    else
        fprintf(out,
                "\nPauses of the brokers' collectors: %.0f were counted, too few to be read: as in "
                "%s\n",
                read->pauses, c->options.start->name);
}

static void write_steps(const struct calibration *c, FILE *out)
{
    fputs("\nFit\n", out);
    for (int i = 0; i < c->steps; i++)
        fprintf(out,
                "  surface %d: objective %.1f, after %d moves %.1f, which promises %.1f %% more\n",
                i + 1, c->step[i].objective, c->step[i].moves, c->step[i].reached,
                100 * c->step[i].promised);
    fprintf(out, "  ended: %s\n", c->end);
}

/* ---- errors ---- */

static void write_percent(double value, int width, FILE *out)
{
    if (isfinite(value))
        fprintf(out, " %*.1f %%", width - 3, 100 * value);
    else
        fprintf(out, " %*s", width - 1, "-");
}

static void write_quantities(const struct calibration *c, FILE *out)
{
    double *null[CALIBRATE_NULLS];
    for (int k = 0; k < CALIBRATE_NULLS; k++) {
        null[k] = calloc((size_t)c->configurations.count * Q + 1, sizeof **null);
        assert(null[k]);
        calibrate_null(c, (enum calibrate_null)k, null[k]);
    }
    fprintf(out,
            "\nError on configurations that were not fitted, and null models on the same ones "
            "(median |error|)\n"
            "  %-17s %4s %9s %9s %9s %9s",
            "quantity", "n", "median", "signed", "p90", "fitted");
    for (int k = 0; k < CALIBRATE_NULLS; k++)
        fprintf(out, " %14s", calibrate_null_name((enum calibrate_null)k));
    fputc('\n', out);
    for (int q = 0; q < Q; q++) {
        struct error_summary e = calibration_error(c, c->held_out, q, NULL);
        if (e.n == 0)
            continue;
        fprintf(out, "  %-17s %4d", fitted_name(q), e.n);
        write_percent(e.median, 10, out);
        write_percent(e.signed_median, 10, out);
        write_percent(e.p90, 10, out);
        write_percent(calibration_error(c, c->fitted, q, NULL).median, 10, out);
        for (int k = 0; k < CALIBRATE_NULLS; k++) {
            struct error_summary n = calibration_error(c, null[k], q, NULL);
            write_percent(n.median, 10, out);
            if (n.n > 0)
                fprintf(out, " /%3d", n.n);
            else
                fputs("     ", out);
        }
        fputc('\n', out);
    }
    for (int k = 0; k < CALIBRATE_NULLS; k++)
        free(null[k]);
}

static void write_families(const struct calibration *c, const char *title, const double *predicted,
                           FILE *out)
{
    static const enum measured_quantity shown[] = {MEASURED_THROUGHPUT,     MEASURED_PRODUCE_P50,
                                                   MEASURED_PRODUCE_P99,    MEASURED_ROUND_TRIP,
                                                   MEASURED_END_TO_END_P50, MEASURED_END_TO_END_P99,
                                                   MEASURED_BROKER_CPU,     MEASURED_CLIENT_CPU};
    static const char *const heads[] = {"maximum", "p50",     "p99",        "round trip",
                                        "e2e p50", "e2e p99", "broker CPU", "client CPU"};
    const char *family;
    fprintf(out, "\n%s\n  %-17s", title, "family");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        fprintf(out, " %19s", heads[i]);
    fputc('\n', out);
    for (int f = 0; (family = configurations_family(&c->configurations, f)); f++) {
        fprintf(out, "  %-17s", family);
        for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
            struct error_summary e = calibration_error(c, predicted, (int)shown[i], family);
            write_percent(e.median, 10, out);
            if (e.n > 0)
                fprintf(out, " (%+5.0f)", 100 * e.signed_median);
            else
                fputs("        ", out);
            fputs("  ", out);
        }
        fputc('\n', out);
    }
}

/* ---- parameters ---- */

static const char *note_of(const struct calibration *c, int p)
{
    if (c->standard_error[p] > ERROR_MAX || c->determined[p] < DETERMINED)
        return "not determined by these rows";
    if (!(c->disagreement[p] <= UNRESOLVED))
        return "not resolved: its slopes are mostly noise";
    return "";
}

static void write_parameters(const struct calibration *c, FILE *out)
{
    char start[48], value[48];
    fprintf(out, "\nParameters\n  %-36s %12s %12s %7s %9s %7s\n", "", "start", "fitted", "s.e.",
            "by rows", "slopes");
    for (int p = 0; p < c->parameters; p++) {
        const struct parameter *one = &c->parameter[p];
        fprintf(out, "  %-36s %12s %12s %5.0f %% %7.0f %% %7.2f  %s\n", one->key->path,
                profile_number(one->start, one->key->unit, start),
                profile_number(exp(c->ln_value[p]), one->key->unit, value),
                100 * c->standard_error[p], 100 * fmax(c->determined[p], 0), c->disagreement[p],
                note_of(c, p));
    }
    fputs("  by rows: share of the prior's variance that the rows removed; slopes: difference "
          "between steps of 10 % and 5 %\n",
          out);
}

static void write_alike(const struct calibration *c, FILE *out)
{
    int found = 0;
    for (int i = 0; i < c->parameters; i++)
        for (int j = i + 1; j < c->parameters; j++) {
            double r = c->correlation[i * c->parameters + j];
            if (!(fabs(r) > ALIKE))
                continue;
            if (found++ == 0)
                fputs("\nCannot be told apart by these rows (correlation)\n", out);
            fprintf(out, "  %-36s %-36s %+.3f\n", c->parameter[i].key->path,
                    c->parameter[j].key->path, r);
        }
    if (found == 0)
        fprintf(out, "\nNo two parameters are correlated beyond %.2f.\n", ALIKE);
}

int calibration_write(const struct calibration *c, FILE *out)
{
    write_rows(c, out);
    write_spread(c, out);
    write_collector(c, out);
    write_steps(c, out);
    if (c->correlation) { /* it converged */
        write_quantities(c, out);
        write_families(c, "By family, held out by fold: median |error| (signed)", c->held_out, out);
        write_families(c, "By family, the whole family left out", c->family_out, out);
        write_parameters(c, out);
        write_alike(c, out);
    }
    return ferror(out) ? -1 : 0;
}
