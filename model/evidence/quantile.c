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
    double rank = q * (count + 1), from_least = count > 1 ? (rank - 1) / (count - 1) : 0;
    return evidence_quantile(values, count, from_least < 0 ? 0 : from_least > 1 ? 1 : from_least);
}
