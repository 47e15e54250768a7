/*
 * Intervals: what the profile's errors add to the scatter of replications: the errors of the other configurations or series that are
 * saturated or not as the case is, so that no case decides about its own interval. Own rows for which the others are too few: the
 * held-out error that the profile states.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/quantile.h"
#include "model/evidence/verify_internal.h"
#include "model/scenario/profile.h"

enum { OTHERS_MIN = 5 };        /* fewer say nothing about a 90 % point */
#define Z_90 1.6448536269514722 /* standard normal, 95 % point */

static bool is_same(const struct verify_case *a, const struct verify_case *b)
{
    if (a->population == VERIFY_PUBLIC && a->measured.series[0])
        return strcmp(a->measured.series, b->measured.series) == 0;
    return strcmp(a->measured.id, b->measured.id) == 0;
}

/* Queues grow or are kept full: errors are of another kind there than below saturation. The prediction itself says which. */
static bool is_saturated(const struct verify_case *c)
{
    return !c->stable || c->maximum != VERIFY_NO_MAXIMUM;
}

/*
 * 90 % point of |ln(predicted / measured)| over the others, if possible those that are saturated or not as this one is; NAN when they are
 * too few.
 */
static double others_log(const struct verify *verify, const struct verify_case *c,
                         enum verify_method method, enum measured_quantity q, bool alike)
{
    double *logs = calloc((size_t)verify->count + 1, sizeof *logs);
    int count = 0;
    if (!logs)
        abort();
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *other = &verify->cases[i];
        if (other->population == c->population && !is_same(c, other) &&
            (!alike || is_saturated(other) == is_saturated(c)) && verify_counts(other, method, q))
            logs[count++] = fabs(log1p(verify_error(other, method, q)));
    }
    double p90 = count >= OTHERS_MIN ? evidence_quantile(logs, count, 0.9) : NAN;
    free(logs);
    return isnan(p90) && alike ? others_log(verify, c, method, q, false) : p90;
}

/* As a standard deviation of ln; the larger of what the median and the 90 % point of a normal error say. */
static double stated_sd(const struct model_profile_error *error)
{
    if (error->rows == 0)
        return NAN;
    return fmax(log1p(error->median) / 0.6744897501960817, log1p(error->p90) / Z_90);
}

static double log_sd(const struct verify *verify, const struct verify_case *c,
                     const struct model_profile *profile, enum verify_method method,
                     enum measured_quantity q)
{
    double sd = others_log(verify, c, method, q, true) / Z_90;
    if (isnan(sd) && profile && c->population == VERIFY_OWN)
        sd = stated_sd(&profile->held_out[q]);
    return isnan(sd) ? 0 : sd;
}

void verify_widen(struct verify *verify, const struct verify_options *options)
{
    struct verify_work work = {.options = options, .verify = verify};
    struct model_profile *profile = malloc(sizeof *profile);
    double(*sd)[VERIFY_ANCHORED + 1][MEASURED_QUANTITIES] =
        calloc((size_t)verify->count + 1, sizeof *sd);
    if (!profile || !sd)
        abort();
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        struct broker_err err = {""};
        bool has = c->doc && verify_profile_of(&work, c, profile, &err) == 0;
        for (int m = 0; m <= VERIFY_ANCHORED; m++)
            for (int q = 0; q < MEASURED_QUANTITIES; q++)
                sd[i][m][q] = log_sd(verify, c, has ? profile : NULL, (enum verify_method)m,
                                     (enum measured_quantity)q);
    }
    for (int i = 0; i < verify->count; i++)
        for (int m = 0; m <= VERIFY_ANCHORED; m++)
            for (int q = 0; q < MEASURED_QUANTITIES; q++)
                verify->cases[i].predicted[m][q] =
                    predict_widen(verify->cases[i].predicted[m][q], sd[i][m][q]);
    free(sd);
    free(profile);
}
