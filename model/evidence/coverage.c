/* model/evidence/coverage.c - see coverage.h. */
#include "model/evidence/coverage.h"

#include <math.h>
#include <stdlib.h>

#include "model/evidence/quantile.h"
#include "sim/memory.h"

static double share_inside(const struct verify_case *c, const struct predict_value *p,
                           enum measured_quantity quantity)
{
    int inside = 0, count = 0;
    for (int r = 0; r < c->measured.repeat_count; r++) {
        double value = c->measured.value[r][quantity];
        if (isnan(value))
            continue;
        count++;
        inside += value >= p->low && value <= p->high;
    }
    return (double)inside / count;
}

struct coverage coverage_of(const struct verify *verify, enum verify_population population,
                            enum verify_method method, enum measured_quantity quantity)
{
    struct coverage out = {0};
    double *widths = sim_alloc((size_t)verify->count + 1, sizeof *widths);
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        const struct predict_value *p = &c->predicted[method][quantity];
        if (c->population != population || !verify_counts(c, method, quantity) || isnan(p->low))
            continue;
        widths[out.n++] = (p->high - p->low) / p->value;
        out.share += share_inside(c, p, quantity);
    }
    out.share /= out.n ? out.n : 1;
    out.error = out.n ? sqrt(COVERAGE_NOMINAL * (1 - COVERAGE_NOMINAL) / out.n) : 0;
    out.median_width = evidence_quantile(widths, out.n, 0.5);
    free(widths);
    return out;
}

bool coverage_holds(const struct coverage *coverage)
{
    return coverage->n > 0 && fabs(coverage->share - COVERAGE_NOMINAL) <= 2 * coverage->error;
}
