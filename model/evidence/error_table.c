/* model/evidence/error_table.c - see error_table.h. */
#include "model/evidence/error_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/quantile.h"
#include "model/evidence/spread.h"
#include "sim/memory.h"

static bool fits(const struct verify_case *c, const struct error_filter *f)
{
    return c->population == f->population &&
           (!f->family || strcmp(c->measured.family, f->family) == 0) &&
           (!f->cluster_binds || c->measured.cluster_binds) && (!f->steady || !verify_saturated(c));
}

/* As verify_counts, whatever the method said. */
static bool is_asked(const struct verify_case *c, const struct error_filter *f)
{
    struct verify_case answered = *c;
    answered.predicted[f->method][f->quantity].value = 1;
    return verify_counts(&answered, f->method, f->quantity);
}

struct error_row error_table_row(const struct verify *verify, const struct error_filter *filter)
{
    struct error_row row = {0};
    double *errors = sim_alloc((size_t)verify->count + 1, sizeof *errors);
    int n = 0;
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        row.asked += fits(c, filter) && is_asked(c, filter);
        if (fits(c, filter) && verify_counts(c, filter->method, filter->quantity))
            errors[n++] = verify_error(c, filter->method, filter->quantity);
    }
    for (int i = 0; i < n; i++)
        row.factor_2 += (errors[i] >= -0.5 && errors[i] <= 1) / (double)n;
    row.error = error_summary(errors, n);
    free(errors);
    return row;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int error_table_families(const struct verify *verify, enum verify_population population,
                         const char *families[ERROR_TABLE_FAMILIES_MAX])
{
    int count = 0;
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        bool known = c->population != population;
        for (int k = 0; k < count && !known; k++)
            known = strcmp(families[k], c->measured.family) == 0;
        if (!known && count < ERROR_TABLE_FAMILIES_MAX)
            families[count++] = c->measured.family;
    }
    qsort(families, (size_t)count, sizeof *families, by_name);
    return count;
}

/* ---- repeats ---- */

double error_table_spread(const struct verify *verify, enum verify_population population,
                          enum measured_quantity quantity)
{
    int count = 0, room = verify->count * MEASURED_REPEATS_MAX;
    double *all = sim_alloc((size_t)room + 1, sizeof *all), repeats[MEASURED_REPEATS_MAX];
    for (int i = 0; i < verify->count; i++) {
        const struct measured *m = &verify->cases[i].measured;
        if (verify->cases[i].population != population)
            continue;
        for (int r = 0; r < m->repeat_count; r++)
            repeats[r] = m->value[r][quantity];
        count += spread_differences(repeats, m->repeat_count, all + count);
    }
    double spread = evidence_quantile(all, count, 0.5);
    free(all);
    return spread;
}
