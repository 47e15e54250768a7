/* model/answer/rank_quantity.c - see rank_quantity.h. */
#include "model/answer/rank_quantity.h"

#include <math.h>
#include <string.h>

#include "model/answer/fill.h"
#include "model/answer/max_rate.h"
#include "model/answer/size.h"

/* ---- which ---- */

/* Nobody knows how full disks get without a rate. */
static bool is_known(const struct scenario *s, bool is_disk)
{
    return !(is_disk && max_rate_any(s));
}

static int slo_with(const struct scenario *s, const struct result *r, enum result_verdict verdict,
                    bool any)
{
    for (int i = 0; i < s->slo_count && (uint32_t)i < r->slo_count; i++)
        if ((any || r->slos[i].verdict == verdict) &&
            is_known(s, s->slos[i].metric == SCENARIO_METRIC_DISK))
            return i;
    return -1;
}

static const struct result_resource *resource_with(const struct scenario *s, const struct result *r,
                                                   enum result_verdict verdict)
{
    for (uint32_t i = 0; i < r->resource_count; i++) {
        const struct result_resource *row = &r->resources[i];
        bool lost = row->survive.known && result_judge_lost(row) == verdict;
        if ((result_judge_now(row) == verdict || lost) &&
            is_known(s, row->kind == RESULT_DISK_SPACE))
            return row;
    }
    return NULL;
}

/* "checkout produce p99" of "checkout produce p99 < 50 ms" */
static const char *without_limit(struct result *r, const char *text)
{
    size_t length = strcspn(text, "<>");
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return result_format(r, "%.*s", (int)length, text);
}

static struct rank_quantity of_slo(const struct scenario *s, struct result *r, int slo)
{
    return (struct rank_quantity){.name = without_limit(r, s->slos[slo].text), .slo = slo};
}

/* Of threads that are idle for a share of their time, the other share. */
static struct rank_quantity of_row(struct result *r, const struct result_resource *row)
{
    const char *busy = result_is_idle(row->kind) ? "work of " : "";
    return (struct rank_quantity){.name = result_format(r, "%s%s", busy, row->name),
                                  .slo = -1,
                                  .is_resource = true,
                                  .kind = row->kind};
}

struct rank_quantity rank_quantity_of(const struct scenario *s, struct result *r)
{
    bool decided = r->verdict != RESULT_FITS;
    int slo = decided ? slo_with(s, r, r->verdict, false) : -1;
    const struct result_resource *row = decided && slo < 0 ? resource_with(s, r, r->verdict) : NULL;
    if (slo < 0 && !row)
        slo = slo_with(s, r, r->verdict, true);
    if (slo >= 0)
        return of_slo(s, r, slo);
    if (row)
        return of_row(r, row);
    return (struct rank_quantity){.name = result_format(r, "%s produce p99", s->producers[0].name),
                                  .slo = -1};
}

/* ---- how much ---- */

static double of_resource(const struct result *r, enum result_resource_kind kind)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == kind && r->resources[i].now.known)
            return result_used_share(kind, r->resources[i].now.value);
    return NAN;
}

static double value_of(const struct rank_quantity *q, struct fill *fill)
{
    if (q->slo < 0 && !q->is_resource)
        return fill_quantile(fill, fill_produce_histogram, 0, 0.99).value;
    fill_flows(fill);
    fill_resources(fill);
    return q->is_resource ? of_resource(fill->result, q->kind)
                          : fill_slo_value(fill, &fill->scenario->slos[q->slo]);
}

static double seen_in(const struct rank_quantity *q, const struct scenario *s,
                      const struct model_profile *profile, struct outcome *outcome)
{
    struct replications one = {.count = 1, .outcomes = &outcome};
    struct result *scratch = result_new();
    struct fill fill;
    fill_init_single(&fill, scratch, s, profile, &one);
    double value = value_of(q, &fill);
    fill_release(&fill);
    result_free(scratch);
    return value;
}

static int of_run(const struct rank_quantity *q, const struct scenario *s,
                  const struct model_profile *profile, const struct replicate_options *o,
                  int64_t warmup_ns, int64_t measure_ns, double *value, struct broker_err *err)
{
    struct cluster_options options = {.seed = o->seed,
                                      .tick_ns = replicate_tick_ns(measure_ns),
                                      .length_ns = warmup_ns + measure_ns};
    struct cluster *cluster;
    int status = cluster_new(s, profile, &options, &cluster, err);
    if (status != BROKER_OK)
        return status;
    cluster_run_until(cluster, warmup_ns);
    cluster_reset_seen(cluster);
    cluster_run_until(cluster, warmup_ns + measure_ns);
    struct outcome *outcome = outcome_new(cluster);
    *value = seen_in(q, s, profile, outcome);
    outcome_free(outcome);
    cluster_free(cluster);
    return BROKER_OK;
}

/* A run of seconds fills no disk, and a horizon takes as long as many of them: the bound's moves as that of the horizon does. */
static double of_disk(const struct scenario *s, const struct model_profile *profile,
                      const volatile sig_atomic_t *stop)
{
    static const struct size_counts not_searched = {.all = 0}; /* nobody reads what is enough */
    struct result *scratch = result_new();
    bool filled = size_fill(s, profile, &not_searched, stop, scratch);
    const struct result_bound *b = result_bound_of(scratch, "disk space");
    double value = filled && b ? b->utilisation : (double)NAN;
    result_free(scratch);
    return value;
}

int rank_quantity_value(const struct rank_quantity *q, struct scenario *s,
                        const struct model_profile *profile, const struct replicate_options *o,
                        int64_t warmup_ns, int64_t measure_ns, double *value,
                        struct broker_err *err)
{
    bool is_disk = q->slo >= 0 ? s->slos[q->slo].metric == SCENARIO_METRIC_DISK
                               : q->is_resource && q->kind == RESULT_DISK_SPACE;
    struct replicate_options from = *o;
    *value = NAN;
    if (is_disk) /* over all of the horizon, wherever in it the run begins */
        from.state = NULL;
    replicate_apply(&from, s);
    s->cluster.brokers_auto = false;
    if (!is_disk)
        return of_run(q, s, profile, o, warmup_ns, measure_ns, value, err);
    *value = of_disk(s, profile, o->stop);
    return BROKER_OK;
}
