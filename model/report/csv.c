#include "model/report/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/tables.h"

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.15g", value + 0.0);
}

static void put_row(FILE *out, const struct result *r, const char *metric, const char *subject,
                    const char *statistic, const struct result_estimate *e, const char *unit)
{
    report_put_csv(out, r->variant);
    fputc(',', out);
    report_put_csv(out, metric);
    fputc(',', out);
    report_put_csv(out, subject);
    fprintf(out, ",%s,", statistic);
    put_number(out, e->known ? e->value : (double)NAN);
    fputc(',', out);
    put_number(out, e->known && e->level > 0 ? e->low : (double)NAN);
    fputc(',', out);
    put_number(out, e->known && e->level > 0 ? e->high : (double)NAN);
    fputc(',', out);
    put_number(out, e->level > 0 ? e->level : (double)NAN);
    fprintf(out, ",%" PRIu64 ",%s\r\n", e->n, unit);
}

static void put_latencies(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->latency_count && r->verdict != RESULT_UNSTABLE; i++) {
        const struct result_latency *l = &r->latencies[i];
        char metric[40];
        snprintf(metric, sizeof metric, "%s latency", report_latency_word(l->kind));
        put_row(out, r, metric, l->subject, "mean", &l->mean_ns, "ns");
        put_row(out, r, metric, l->subject, "p50", &l->p50_ns, "ns");
        put_row(out, r, metric, l->subject, "p95", &l->p95_ns, "ns");
        put_row(out, r, metric, l->subject, "p99", &l->p99_ns, "ns");
        put_row(out, r, metric, l->subject, "p99.9", &l->p999_ns, "ns");
        put_row(out, r, metric, l->subject, "max", &l->max_ns, "ns");
    }
}

static void put_flows(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->flow_count; i++) {
        const struct result_flow *f = &r->flows[i];
        put_row(out, r, "records", f->name, "mean", &f->records_per_s, "records/s");
        put_row(out, r, "payload", f->name, "mean", &f->bytes_per_s, "bytes/s");
        put_row(out, r, "wire", f->name, "mean", &f->wire_bytes_per_s, "bytes/s");
        put_row(out, r, "failed", f->name, "mean", &f->failed_ratio, "ratio");
        if (!f->produce)
            continue;
        put_row(out, r, "records a batch", f->name, "mean", &f->records_per_batch, "records");
        put_row(out, r, "batches", f->name, "mean", &f->batches_per_s, "batches/s");
        put_row(out, r, "requests", f->name, "mean", &f->requests_per_s, "requests/s");
    }
}

/* Threads are reported by the share that they idle; a column has one meaning, and here that is use. */
static struct result_estimate used(const struct result_resource *x, struct result_estimate e)
{
    if (!e.known || !result_is_idle(x->kind))
        return e;
    return (struct result_estimate){true, 1 - e.value, 1 - e.high, 1 - e.low, e.level, e.n};
}

static void put_resources(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->resource_count; i++) {
        const struct result_resource *x = &r->resources[i];
        const char *unit = x->kind == RESULT_PAGE_CACHE ? "s" : "ratio";
        if (!x->used)
            continue;
        bool space = x->kind == RESULT_DISK_SPACE;
        struct result_estimate now = space ? report_disk_today(r, x) : used(x, x->now);
        struct result_estimate survive = used(x, x->survive);
        const struct result_estimate limit = {.known = x->limit > 0,
                                              .value = result_used_share(x->kind, x->limit)};
        put_row(out, r, x->name, x->busiest, "now", &now, unit);
        if (space)
            put_row(out, r, x->name, x->busiest, "fullest", &x->now, unit);
        put_row(out, r, x->name, x->busiest, "survive", &survive, unit);
        put_row(out, r, x->name, x->busiest, "limit", &limit, unit);
    }
}

static void put_parts(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->part_count && r->verdict != RESULT_UNSTABLE; i++) {
        const struct result_part *p = &r->parts[i];
        put_row(out, r, p->name, p->subject, "mean", &p->mean_ns, "ns");
        put_row(out, r, p->name, p->subject, "p50", &p->p50_ns, "ns");
        put_row(out, r, p->name, p->subject, "p99", &p->p99_ns, "ns");
    }
}

static void put_costs(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->cost_count; i++) {
        const struct result_cost *c = &r->costs[i];
        const struct result_estimate cost = {.known = c->known, .value = c->usd_per_month};
        put_row(out, r, "cost", c->part, "total", &cost, "usd/month");
    }
}

static void put_known(FILE *out, const struct result *r, const struct result_bound *b,
                      const char *statistic, double value, const char *unit)
{
    const struct result_estimate e = {.known = isfinite(value), .value = value};
    put_row(out, r, "bound", b->resource, statistic, &e, unit);
}

static void put_bounds(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->bound_count; i++) {
        const struct result_bound *b = &r->bounds[i];
        put_known(out, r, b, "demand", b->demand, b->unit);
        put_known(out, r, b, "allowed", b->capacity, b->unit);
        put_known(out, r, b, "used", b->utilisation, "ratio");
        put_known(out, r, b, "survive", b->utilisation_survive, "ratio");
        put_known(out, r, b, "brokers", b->brokers_needed > 0 ? b->brokers_needed : (double)NAN,
                  "brokers");
    }
}

static void put_result(const struct result *r, FILE *out)
{
    for (uint32_t i = 0; i < r->slo_count; i++) {
        const struct result_slo *slo = &r->slos[i];
        put_row(out, r, "slo", slo->text, "estimate", &slo->estimate, slo->unit);
        put_row(out, r, "slo", slo->text, "predicted", &slo->predicted, slo->unit);
    }
    for (uint32_t i = 0; i < r->trust_count; i++)
        put_row(out, r, "predicted", r->trusts[i].quantity, "90 %", &r->trusts[i].predicted,
                r->trusts[i].unit);
    put_latencies(r, out);
    put_flows(r, out);
    put_resources(r, out);
    put_parts(r, out);
    put_bounds(r, out);
    put_costs(r, out);
}

int report_csv_metrics(const struct result *r, FILE *out)
{
    fputs("variant,metric,subject,statistic,value,low,high,level,n,unit\r\n", out);
    put_result(r, out);
    for (uint32_t i = 0; i < r->variant_count; i++)
        put_result(r->variants[i], out);
    return ferror(out) ? -1 : 0;
}

/* ---- series ---- */

static bool one_table(const struct result_series *a, const struct result_series *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->unit, b->unit) == 0 &&
           strcmp(a->x_unit, b->x_unit) == 0 && a->x0 == b->x0 && a->dx == b->dx &&
           a->count == b->count;
}

int report_csv_series_next(const struct result *r, int previous)
{
    for (uint32_t i = (uint32_t)(previous + 1); i < r->series_count; i++) {
        bool first = true;
        for (uint32_t k = 0; k < i && first; k++)
            first = !one_table(&r->series[k], &r->series[i]);
        if (first)
            return (int)i;
    }
    return -1;
}

int report_csv_series(const struct result *r, int first, FILE *out)
{
    const struct result_series *s = &r->series[first];
    bool is_horizon = strcmp(s->x_unit, "d") == 0; /* see result.h: the others need no word */
    fprintf(out, "time_%s", s->x_unit);
    for (uint32_t k = (uint32_t)first; k < r->series_count; k++) {
        if (!one_table(s, &r->series[k]))
            continue;
        char header[240];
        snprintf(header, sizeof header, "%.150s %.30s%s", r->series[k].name, s->unit,
                 is_horizon ? " (largest of the interval)" : "");
        fputc(',', out);
        report_put_csv(out, header);
    }
    fputs("\r\n", out);
    for (uint32_t i = 0; i < s->count; i++) {
        put_number(out, s->x0 + s->dx * i);
        for (uint32_t k = (uint32_t)first; k < r->series_count; k++) {
            if (!one_table(s, &r->series[k]))
                continue;
            fputc(',', out);
            put_number(out, r->series[k].y[i]);
        }
        fputs("\r\n", out);
    }
    return ferror(out) ? -1 : 0;
}
