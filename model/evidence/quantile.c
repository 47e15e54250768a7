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
