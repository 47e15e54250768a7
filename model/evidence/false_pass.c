/* model/evidence/false_pass.c - see false_pass.h. */
#include "model/evidence/false_pass.h"

/* From half to double, closer together near 1, where the verdict is hard. */
static const double factors[] = {0.5, 0.67, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0};
enum { FACTORS = sizeof factors / sizeof *factors };

static bool judge(const struct predict_value *p, double measured, double limit,
                  struct false_pass *out)
{
    bool met = p->high < limit, missed = p->low >= limit, really_met = measured < limit;
    out->rows++;
    out->met += met;
    out->missed += missed;
    out->unknown += !met && !missed;
    out->false_met += met && !really_met;
    out->false_missed += missed && really_met;
    return met && !really_met;
}

static void judge_quantity(const struct verify_case *c, enum verify_method method,
                           enum measured_quantity quantity, struct false_pass *out)
{
    if (!verify_counts(c, method, quantity))
        return;
    const struct predict_value *p = &c->predicted[method][quantity];
    double measured = measured_median(&c->measured, quantity);
    bool any = false;
    for (int f = 0; f < FACTORS; f++) {
        any |= judge(p, measured, factors[f] * measured, out);
        any |= judge(p, measured, factors[f] * p->value, out);
    }
    out->cases++;
    out->cases_false_met += any;
}

struct false_pass false_pass_of(const struct verify *verify, enum verify_population population,
                                enum verify_method method)
{
    struct false_pass out = {0};
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        if (c->population != population)
            continue;
        judge_quantity(c, method, MEASURED_PRODUCE_P99, &out);
        judge_quantity(c, method, MEASURED_END_TO_END_P99, &out);
    }
    return out;
}
