/* model/report/shown.c - see shown.h. */
#include "model/report/shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/figures_internal.h"
#include "model/report/tables.h"
#include "sim/memory.h"

static double known(const struct result_estimate *e)
{
    return e->known ? e->value : 0;
}

double report_slowness_ns(const struct result_latency *l)
{
    return l->p99_ns.known   ? l->p99_ns.value
           : l->p95_ns.known ? l->p95_ns.value
                             : known(&l->p50_ns);
}

static double percentile(const struct result_latency *l, int k)
{
    const struct result_estimate *e[] = {&l->p50_ns, &l->p95_ns, &l->p999_ns};
    return k == 0 ? report_slowness_ns(l) : known(e[k - 1]);
}

static void add_highest(bool *shown, const double *scores, uint32_t count, int most)
{
    bool *high = figure_highest(scores, (int)count, most);
    for (uint32_t i = 0; i < count; i++)
        shown[i] |= high[i];
    free(high);
}

static void add_slowest(const struct result *r, enum result_latency_kind kind, int most,
                        bool *shown)
{
    double *scores = sim_alloc(r->latency_count, sizeof *scores);
    for (int k = 0; k < 4; k++) {
        for (uint32_t i = 0; i < r->latency_count; i++)
            scores[i] =
                r->latencies[i].kind == kind ? percentile(&r->latencies[i], k) : -(double)INFINITY;
        add_highest(shown, scores, r->latency_count, k == 0 ? most : 1);
    }
    free(scores);
}

bool *report_shown_latencies(const struct result *r, int most)
{
    bool *shown = sim_alloc(r->latency_count + 1, sizeof *shown);
    for (uint32_t i = 0; i < r->latency_count; i++)
        shown[i] = most == 0 || report_is_asked(r, r->latencies[i].kind, r->latencies[i].subject);
    for (int kind = RESULT_PRODUCE; kind <= RESULT_FETCH; kind++)
        add_slowest(r, (enum result_latency_kind)kind, most, shown);
    return shown;
}

/* "checkout → orders" is of checkout, "orders → billing" of billing; names have no spaces. */
static bool is_named(const struct result *r, const struct result_flow *f)
{
    const char *last = strrchr(f->name, ' '), *subject = f->produce || !last ? f->name : last + 1;
    size_t length = strcspn(subject, " ");
    for (uint32_t i = 0; i < r->slo_count; i++)
        if (strncmp(r->slos[i].text, subject, length) == 0 && r->slos[i].text[length] == ' ')
            return true;
    return false;
}

static void add_extremes(const struct result *r, bool produce, int most, bool *shown)
{
    double *scores = sim_alloc(r->flow_count, sizeof *scores);
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (uint32_t i = 0; i < r->flow_count; i++)
            scores[i] = r->flows[i].produce == produce ? sign * known(&r->flows[i].bytes_per_s)
                                                       : -(double)INFINITY;
        add_highest(shown, scores, r->flow_count, sign > 0 ? most : 1);
    }
    free(scores);
}

bool *report_shown_flows(const struct result *r, int most)
{
    bool *shown = sim_alloc(r->flow_count + 1, sizeof *shown);
    bool all = most == 0 || r->verdict == RESULT_UNSTABLE;
    for (uint32_t i = 0; i < r->flow_count; i++)
        shown[i] = all || is_named(r, &r->flows[i]) || known(&r->flows[i].failed_ratio) > 0;
    add_extremes(r, true, most, shown);
    add_extremes(r, false, most, shown);
    return shown;
}

static uint32_t count_of(bool *shown, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += shown[i];
    free(shown);
    return sum;
}

char *report_rows_left(const struct result *r, int most)
{
    uint32_t latencies = r->verdict == RESULT_UNSTABLE ? 0 : r->latency_count;
    uint32_t slow = latencies ? count_of(report_shown_latencies(r, most), latencies) : 0;
    uint32_t flows = count_of(report_shown_flows(r, most), r->flow_count);
    char *text;
    if (slow == latencies && flows == r->flow_count)
        return NULL;
    if (asprintf(
            &text,
            "%u of %u latencies and %u of %u throughputs: what SLOs name, and of each kind the "
            "slowest and the largest; the page and result.json have all",
            slow, latencies, flows, r->flow_count) < 0)
        abort();
    return text;
}
