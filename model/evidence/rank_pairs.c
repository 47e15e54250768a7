/* model/evidence/rank_pairs.c - see rank_pairs.h. */
#include "model/evidence/rank_pairs.h"

#include <math.h>
#include <string.h>

static bool comparable(const struct verify_case *a, const struct verify_case *b)
{
    if (a->population != b->population)
        return false;
    if (a->population == VERIFY_OWN)
        return strcmp(a->measured.family, b->measured.family) == 0;
    return a->measured.series[0] && strcmp(a->measured.series, b->measured.series) == 0;
}

static void compare(const struct verify_case *a, const struct verify_case *b,
                    enum verify_method method, enum measured_quantity quantity, double spread,
                    struct rank_pairs *out)
{
    double x = measured_median(&a->measured, quantity), y = measured_median(&b->measured, quantity);
    if (fmax(x, y) <= fmin(x, y) * (1 + spread))
        return;
    double p = a->predicted[method][quantity].value, q = b->predicted[method][quantity].value;
    out->pairs++;
    out->right += x < y ? p < q : p > q;
}

struct rank_pairs rank_pairs_of(const struct verify *verify, enum verify_population population,
                                enum verify_method method, enum measured_quantity quantity,
                                double spread)
{
    struct rank_pairs out = {0, 0};
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *a = &verify->cases[i];
        if (a->population != population || !verify_counts(a, method, quantity))
            continue;
        for (int k = i + 1; k < verify->count; k++) {
            const struct verify_case *b = &verify->cases[k];
            if (comparable(a, b) && verify_counts(b, method, quantity))
                compare(a, b, method, quantity, isnan(spread) ? 0 : spread, &out);
        }
    }
    return out;
}
