/* The error table as text: its frame and the cases. */
#include <math.h>
#include <string.h>

#include "model/evidence/verify_write.h"
#include "model/report/number.h"

/* ---- cases ---- */

static void put_value_line(const struct verify_case *c, enum verify_method method,
                           enum measured_quantity q, FILE *out)
{
    char name[VERIFY_CELL_MAX], measured[VERIFY_CELL_MAX], predicted[VERIFY_CELL_MAX];
    char low[VERIFY_CELL_MAX], high[VERIFY_CELL_MAX], error[VERIFY_CELL_MAX];
    const struct predict_value *p = &c->predicted[method][q];
    verify_quantity_text(name, q, c->measured.maximum);
    verify_value_text(measured, q, measured_median(&c->measured, q));
    verify_value_text(predicted, q, p->value);
    if (isnan(p->value) && !c->stable)
        snprintf(predicted, sizeof predicted, "unstable");
    verify_value_text(low, q, p->low);
    verify_value_text(high, q, p->high);
    verify_percent_text(error, verify_error(c, method, q), true);
    fprintf(out, "  %-19s%12s%13s%11s .. %-12s%8s\n",
            method == VERIFY_ANCHORED ? "  anchored" : name, measured, predicted, low, high, error);
}

static void put_case(const struct verify_case *c, FILE *out)
{
    char fitted[16];
    verify_fitted_text(c, fitted);
    fprintf(out, "%s  (fitted: %s%s%s%s%s)\n", c->name, fitted,
            c->maximum == VERIFY_STEADY_RATE ? "; maximum: steady rate under rate: max"
            : c->maximum == VERIFY_BISECTION ? "; maximum: highest stable rate by bisection"
                                             : "",
            c->stable || c->maximum == VERIFY_STEADY_RATE ? "" : "; queues grow",
            c->cut ? "; budget hit: shorter, wider interval" : "",
            c->measured.anchor ? "; anchor of its series" : "");
    if (c->failure[0]) {
        fprintf(out, "  not predicted: %s\n", c->failure);
        return;
    }
    for (int i = 0; i < MEASURED_QUANTITIES; i++) {
        enum measured_quantity q = (enum measured_quantity)i;
        if (isnan(measured_median(&c->measured, q)))
            continue;
        put_value_line(c, VERIFY_BLIND, q, out);
        if (c->predicted[VERIFY_ANCHORED][q].value > 0)
            put_value_line(c, VERIFY_ANCHORED, q, out);
    }
}

void verify_put_cases(const struct verify *verify, FILE *out)
{
    fprintf(out, "%-21s%12s%13s%27s%8s\n", "CASES", "measured", "predicted", "90 % interval     ",
            "error");
    for (int i = 0; i < verify->count; i++)
        put_case(&verify->cases[i], out);
}

/* ---- the whole ---- */

static void put_head(const struct verify *verify, FILE *out)
{
    int count[VERIFY_POPULATIONS] = {0}, fitted = 0, cut = 0, failed = 0;
    uint64_t batches = 0;
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        count[c->population]++;
        fitted += c->fitted == VERIFY_FITTED;
        cut += c->cut;
        failed += c->failure[0] != 0;
        batches += c->batches;
    }
    char spent[REPORT_CELL_MAX], budget[REPORT_CELL_MAX];
    report_count(spent, (double)batches);
    report_count(budget, (double)verify->budget);
    fprintf(out, "%d own row%s, %d public case%s; profile %s (%s)\n", count[VERIFY_OWN],
            count[VERIFY_OWN] == 1 ? "" : "s", count[VERIFY_PUBLIC],
            count[VERIFY_PUBLIC] == 1 ? "" : "s", verify->profile, verify->profile_error);
    fprintf(out, "%d fitted and left out of every table, %d not predicted, %d cut by the budget\n",
            fitted, failed, cut);
    fprintf(out, "%s of %s batches, seed %llu\n\n", spent, budget,
            (unsigned long long)verify->seed);
}

int verify_write_text(const struct verify *verify, const struct verify_marks *marks, bool peers,
                      FILE *out)
{
    put_head(verify, out);
    verify_put_cases(verify, out);
    verify_put_tables(verify, marks, out);
    if (peers)
        verify_put_peers(verify, out);
    verify_put_marks(marks, out);
    return ferror(out) ? -1 : 0;
}
