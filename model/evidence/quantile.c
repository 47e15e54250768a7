/* model/evidence/quantile.c - see quantile.h. */
#include "model/evidence/quantile.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

double evidence_quantile(double *values, int count, double q)
{
    if (count == 0)
        return NAN;
    gsl_sort(values, 1, (size_t)count);
    double at = q * (count - 1);
    int low = (int)at;
    double part = at - low;
    return part > 0 ? (1 - part) * values[low] + part * values[low + 1] : values[low];
}

/* Of a normal distribution of which no more is known than these values; NAN where they do not say how wide it is. */
static double normal_next(const double *values, int count, double q)
{
    if (count < 2)
        return NAN;
    double mean = gsl_stats_mean(values, 1, (size_t)count);
    double sd = gsl_stats_sd_m(values, 1, (size_t)count, mean);
    return mean + gsl_cdf_tdist_Pinv(q, count - 1) * sd * sqrt(1 + 1.0 / count);
}

double evidence_quantile_of_next(double *values, int count, double q)
{
    double rank = q * (count + 1);
    if (rank < 1) /* fmin and fmax pass over NAN */
        return fmin(evidence_quantile(values, count, 0), normal_next(values, count, q));
    if (rank > count)
        return fmax(evidence_quantile(values, count, 1), normal_next(values, count, q));
    return evidence_quantile(values, count, count > 1 ? (rank - 1) / (count - 1) : 0);
}
