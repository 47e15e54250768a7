/* What a case counts for, and the words for it. */
#include <math.h>
#include <stdio.h>

#include "model/evidence/verify.h"

const char *verify_population_name(enum verify_population population)
{
    return population == VERIFY_OWN ? "own" : "public";
}

const char *verify_method_name(enum verify_method method)
{
    static const char *const names[VERIFY_METHODS] = {
        [VERIFY_BLIND] = "blind",
        [VERIFY_ANCHORED] = "anchored",
        [VERIFY_AWS] = "AWS Equation 1",
        [VERIFY_GOOGLE] = "vCPU rule, Google",
        [VERIFY_AKALCULATOR] = "vCPU rule, AKalculator",
        [VERIFY_MM1] = "M/M/1 + linger, anchored",
    };
    return names[method];
}

void verify_fitted_text(const struct verify_case *c, char text[16])
{
    if (c->fitted == VERIFY_HELD_OUT)
        snprintf(text, 16, "fold %d", c->fold);
    else
        snprintf(text, 16, "%s", c->fitted == VERIFY_FITTED ? "fitted" : "no");
}

static bool is_anchored(enum verify_method method)
{
    return method == VERIFY_ANCHORED || method == VERIFY_MM1;
}

bool verify_counts(const struct verify_case *c, enum verify_method method,
                   enum measured_quantity quantity)
{
    if (c->fitted == VERIFY_FITTED || (c->measured.anchor && is_anchored(method)))
        return false;
    if (quantity == MEASURED_THROUGHPUT && !c->measured.maximum)
        return false;
    return measured_median(&c->measured, quantity) > 0 && c->predicted[method][quantity].value > 0;
}

double verify_error(const struct verify_case *c, enum verify_method method,
                    enum measured_quantity quantity)
{
    return c->predicted[method][quantity].value / measured_median(&c->measured, quantity) - 1;
}

bool verify_saturated(const struct verify_case *c)
{
    return !c->stable || c->maximum != VERIFY_NO_MAXIMUM;
}
