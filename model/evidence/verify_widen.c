/*
 * Intervals: what the profile's errors add to the scatter of replications: the errors of the other configurations or series that are
 * saturated or not as the case is, so that no case decides about its own interval. Own rows for which the others are too few: the
 * error that a run of them would state. Where none is known there is none. A rate that is stated and carried has the error of no maximum.
 */
#include <stdlib.h>
#include <string.h>

#include "model/answer/trust.h"
#include "model/evidence/error_summary.h"
#include "model/evidence/verify_internal.h"
#include "model/scenario/profile.h"
#include "sim/memory.h"

static bool is_same(const struct verify_case *a, const struct verify_case *b)
{
    if (a->population == VERIFY_PUBLIC && a->measured.series[0])
        return strcmp(a->measured.series, b->measured.series) == 0;
    return strcmp(a->measured.id, b->measured.id) == 0;
}

/*
 * The errors of the others, if possible those that are saturated or not as this one is; of no rows when they are too few.
 */
static struct model_profile_error others(const struct verify *verify, const struct verify_case *c,
                                         enum verify_method method, enum measured_quantity q,
                                         bool alike)
{
    double *errors = sim_alloc((size_t)verify->count + 1, sizeof *errors);
    int count = 0;
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *other = &verify->cases[i];
        if (other->population == c->population && !is_same(c, other) &&
            (!alike || verify_saturated(other) == verify_saturated(c)) &&
            verify_counts(other, method, q))
            errors[count++] = verify_error(other, method, q);
    }
    struct error_summary summary = error_summary(errors, count >= TRUST_CASES_MIN ? count : 0);
    free(errors);
    return summary.n == 0 && alike ? others(verify, c, method, q, false)
                                   : error_summary_stated(&summary);
}

static struct model_profile_error error_of(const struct verify *verify, const struct verify_case *c,
                                           const struct model_profile *profile,
                                           enum verify_method method, enum measured_quantity q)
{
    struct model_profile_error error = others(verify, c, method, q, true);
    if (error.rows > 0 || !profile || c->population != VERIFY_OWN)
        return error;
    const struct model_profile_error *known =
        trust_evidence(scenario_base(c->doc), profile, q).error;
    return known ? *known : error;
}

/* As in a study: a p99 is not below the p50 that is predicted beside it. NAN leaves it as it is. */
static void put_above(struct predict_value *p99, const struct predict_value *p50)
{
    if (p50->low > p99->low && p50->low <= p99->value)
        p99->low = p50->low;
}

/* All errors first: what is widened must not change what another's error is. */
void verify_widen(struct verify *verify, const struct verify_options *options)
{
    struct verify_work work = {.options = options, .verify = verify};
    struct model_profile *profile = sim_checked(malloc(sizeof *profile));
    struct model_profile_error(*error)[VERIFY_ANCHORED + 1][MEASURED_QUANTITIES] =
        sim_alloc((size_t)verify->count + 1, sizeof *error);
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        struct broker_err err = {""};
        bool has = c->doc && verify_profile_of(&work, c, profile, &err) == 0;
        for (int m = 0; m <= VERIFY_ANCHORED; m++)
            for (int q = 0; q < MEASURED_QUANTITIES; q++)
                error[i][m][q] = error_of(verify, c, has ? profile : NULL, (enum verify_method)m,
                                          (enum measured_quantity)q);
    }
    for (int i = 0; i < verify->count; i++)
        for (int m = 0; m <= VERIFY_ANCHORED; m++) {
            struct predict_value *of = verify->cases[i].predicted[m];
            for (int q = 0; q < MEASURED_QUANTITIES; q++)
                if (q != MEASURED_THROUGHPUT || verify_saturated(&verify->cases[i]))
                    of[q] = predict_widen(of[q], &error[i][m][q]);
            if (verify->cases[i].doc)
                verify_limit_cpu(scenario_base(verify->cases[i].doc), of);
            put_above(&of[MEASURED_PRODUCE_P99], &of[MEASURED_PRODUCE_P50]);
            put_above(&of[MEASURED_END_TO_END_P99], &of[MEASURED_END_TO_END_P50]);
        }
    free(error);
    free(profile);
}
