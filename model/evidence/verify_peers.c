/* The rules in use, on the same cases. */
#include <math.h>
#include <string.h>

#include "model/evidence/null_models.h"
#include "model/evidence/verify_internal.h"

static double records_per_s(const struct scenario *s, double bytes_per_s)
{
    double bytes = 0, weight = 0;
    for (int p = 0; p < s->producer_count; p++) {
        double share = s->producers[p].records_per_s_peak > 0 ? s->producers[p].records_per_s_peak
                                                              : s->producers[p].clients;
        bytes += share * s->producers[p].size.mean_bytes;
        weight += share;
    }
    return bytes > 0 ? bytes_per_s * weight / bytes : NAN;
}

static void put(struct verify_case *c, enum verify_method method, enum measured_quantity q,
                double value)
{
    c->predicted[method][q] = (struct predict_value){value, NAN, NAN};
}

static void rules(struct verify_case *c)
{
    const struct scenario *s = scenario_base(c->doc);
    struct null_cluster cluster = null_cluster_of(s);
    put(c, VERIFY_AWS, MEASURED_THROUGHPUT, records_per_s(s, null_aws_bytes_per_s(&cluster)));
    put(c, VERIFY_GOOGLE, MEASURED_THROUGHPUT, records_per_s(s, null_google_bytes_per_s(&cluster)));
    put(c, VERIFY_AKALCULATOR, MEASURED_THROUGHPUT,
        records_per_s(s, null_akalculator_bytes_per_s(&cluster)));
}

/* The service time from the anchor's median, or from its tail where no median is known. */
static struct null_mm1 fit(const struct verify_case *anchor)
{
    struct null_cluster cluster = null_cluster_of(scenario_base(anchor->doc));
    double p50 = measured_median(&anchor->measured, MEASURED_PRODUCE_P50);
    double p99 = measured_median(&anchor->measured, MEASURED_PRODUCE_P99);
    return isnan(p50) ? null_mm1_anchor(&cluster, 0.99, p99) : null_mm1_anchor(&cluster, 0.5, p50);
}

static void mm1(struct verify_case *c, const struct verify_case *anchor)
{
    struct null_mm1 model = fit(anchor);
    struct null_cluster cluster = null_cluster_of(scenario_base(c->doc));
    put(c, VERIFY_MM1, MEASURED_PRODUCE_P50, null_mm1_quantile_s(model, &cluster, 0.5));
    put(c, VERIFY_MM1, MEASURED_PRODUCE_P99, null_mm1_quantile_s(model, &cluster, 0.99));
}

/*
 * The point that the textbook model may have for a case: the anchor of its series; of own rows, which have no series, the first of
 * its family with a latency. NULL: none, or the case itself.
 */
static const struct verify_case *point_for(const struct verify *v, const struct verify_case *c)
{
    for (int i = 0; i < v->count; i++) {
        const struct verify_case *a = &v->cases[i];
        bool is_point =
            c->measured.series[0]
                ? a->measured.anchor && strcmp(a->measured.series, c->measured.series) == 0
                : c->population == VERIFY_OWN && a->population == VERIFY_OWN &&
                      strcmp(a->measured.family, c->measured.family) == 0 &&
                      measured_median(&a->measured, MEASURED_PRODUCE_P50) > 0;
        if (is_point)
            return a == c ? NULL : a;
    }
    return NULL;
}

void verify_null_models(struct verify *verify)
{
    for (int i = 0; i < verify->count; i++) {
        struct verify_case *c = &verify->cases[i];
        const struct verify_case *anchor = point_for(verify, c);
        rules(c);
        if (anchor)
            mm1(c, anchor);
    }
}
