/* model/evidence/error_summary.c - see error_summary.h. */
#include "model/evidence/error_summary.h"

#include <math.h>

#include "model/evidence/quantile.h"

struct error_summary error_summary(double *errors, int n)
{
    struct error_summary s = {.n = n};
    s.signed_median = evidence_quantile(errors, n, 0.5);
    s.ratio_low = 1 / (1 + evidence_quantile(errors, n, 0.95));
    s.ratio_high = 1 / (1 + evidence_quantile(errors, n, 0.05));
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
