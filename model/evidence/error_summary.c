/* model/evidence/error_summary.c - see error_summary.h. */
#include "model/evidence/error_summary.h"

#include <math.h>
#include <stdlib.h>

#include "model/evidence/quantile.h"
#include "sim/memory.h"

/* Between which factors of what is predicted nine of ten of the next measurements lie; as logarithms, where too low and too high are alike. */
static void fill_ratios(const double *errors, int n, struct error_summary *s)
{
    double *logs = sim_checked(malloc(((size_t)n + 1) * sizeof *logs));
    for (int i = 0; i < n; i++)
        logs[i] = -log1p(errors[i]);
    s->ratio_low = exp(evidence_quantile_of_next(logs, n, 0.05));
    s->ratio_high = exp(evidence_quantile_of_next(logs, n, 0.95));
    free(logs);
}

struct error_summary error_summary(double *errors, int n)
{
    struct error_summary s = {.n = n};
    fill_ratios(errors, n, &s);
    s.signed_median = evidence_quantile(errors, n, 0.5);
    for (int i = 0; i < n; i++)
        errors[i] = fabs(errors[i]);
    s.median = evidence_quantile(errors, n, 0.5);
    s.p90 = evidence_quantile(errors, n, 0.9);
    return s;
}

struct model_profile_error error_summary_stated(const struct error_summary *summary)
{
    if (summary->n == 0)
        return (struct model_profile_error){0};
    return (struct model_profile_error){.rows = (uint32_t)summary->n,
                                        .median = summary->median,
                                        .signed_median = summary->signed_median,
                                        .p90 = summary->p90,
                                        .ratio_low = summary->ratio_low,
                                        .ratio_high = summary->ratio_high};
}
