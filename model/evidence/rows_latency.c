/* model/evidence/rows_latency.c - what cannot be true of a latency's statistics: they are of two units then, or of two histograms. */
#include <math.h>

#include "model/evidence/rows_internal.h"

static void problem(struct rows *rows, const struct row *row, const struct rows_latency *l,
                    const struct rows_statistic *s, const char *relation,
                    const struct rows_statistic *other)
{
    rows_problem(rows, row->file, row->line, row->id, "%s%s is %g, %s %s, which is %g", l->where,
                 s->name, s->value, relation, other->name, other->value);
}

static void check_negative(struct rows *rows, const struct row *row, const struct rows_latency *l,
                           const struct rows_statistic *s)
{
    if (s->value < 0 || isinf(s->value))
        rows_problem(rows, row->file, row->line, row->id, "%s%s is %g; expected ms, 0 or more",
                     l->where, s->name, s->value);
}

void rows_check_latency(struct rows *rows, const struct row *row, const struct rows_latency *l)
{
    const struct rows_statistic *before = NULL;
    for (int i = 0; i < l->count; i++) {
        const struct rows_statistic *s = &l->rising[i];
        if (isnan(s->value))
            continue;
        check_negative(rows, row, l, s);
        if (before && s->value * ROWS_HISTOGRAM_SLACK < before->value)
            problem(rows, row, l, s, "below", before);
        before = s;
    }
    check_negative(rows, row, l, &l->mean);
    const struct rows_statistic *most = &l->rising[l->count - 1];
    if (l->mean.value > most->value * ROWS_HISTOGRAM_SLACK)
        problem(rows, row, l, &l->mean, "above", most);
}
