/* model/evidence/quantile.c - see quantile.h. */
#include "model/evidence/quantile.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_sort.h>

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

double evidence_quantile_of_next(double *values, int count, double q)
{
    if (count < 2)
        return evidence_quantile(values, count, q);
    gsl_sort(values, 1, (size_t)count);
    double rank = q * (count + 1);
    int low = rank < 1 ? 1 : rank >= count ? count - 1 : (int)rank;
    double from = values[low - 1], step = values[low] - from, part = rank - low;
    return part == 0 || step == 0 ? from : isfinite(step) ? from + part * step : values[low];
}
