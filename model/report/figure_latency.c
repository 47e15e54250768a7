/* Latency by percentile: curves of all messages, with the intervals of the table's percentiles. */
#include <math.h>
#include <stdlib.h>

#include "model/report/escape.h"
#include "model/report/figures_internal.h"
#include "model/report/tables.h"
#include "sim/memory.h"

enum { STEPS_PER_DECADE = 40, DECADES_MAX = 7, CURVES_MAX = 8 };

static bool could_be_drawn(const struct result *r, uint32_t i)
{
    const struct sim_histogram *h = r->latencies[i].histogram;
    return h && h->count > 0;
}

static bool any_message(const struct result *r)
{
    for (uint32_t i = 0; i < r->latency_count; i++)
        if (could_be_drawn(r, i) && r->latencies[i].kind != RESULT_FETCH)
            return true;
    return false;
}

/*
 * By what nine in ten stay below, which short runs know, too. A fetch waits for data by its nature, up to fetch.max.wait.ms: its curve would
 * squeeze those of what messages wait, and is drawn beside them where an SLO asks for it only.
 */
static double slowness(const struct result *r, const struct result_latency *l)
{
    double ns = (double)sim_histogram_quantile_ns(l->histogram, 0.9);
    if (report_is_asked(r, l->kind, l->subject))
        return FIGURE_ASKED + ns;
    return l->kind == RESULT_FETCH && any_message(r) ? -(double)INFINITY : ns;
}

/* By row, whether it has a curve: those of SLOs and the slowest have. could: how many would have one if there were room. Gives. */
static bool *pick_curves(const struct result *r, int *could)
{
    double *scores = sim_alloc(r->latency_count, sizeof *scores);
    for (uint32_t i = 0; i < r->latency_count; i++) {
        scores[i] = could_be_drawn(r, i) ? slowness(r, &r->latencies[i]) : -(double)INFINITY;
        *could += isfinite(scores[i]);
    }
    bool *picked = figure_highest(scores, (int)r->latency_count, CURVES_MAX);
    free(scores);
    return picked;
}

/* The percentiles of the tables, and where they lie on the axis. */
enum { TABLE_PERCENTILES = 4 };
static const double TABLE_TAILS[TABLE_PERCENTILES] = {2, 20, 100, 1000};

static const struct result_estimate *table_estimate(const struct result_latency *l, int k)
{
    const struct result_estimate *e[TABLE_PERCENTILES] = {&l->p50_ns, &l->p95_ns, &l->p99_ns,
                                                          &l->p999_ns};
    return e[k];
}

/*
 * A curve ends where its table ends, or further where the histogram knows more. The table counts batches; the histogram counts a batch by
 * its records, so that few large ones leave it less sure: it alone ended before the table's last percentile.
 */
static bool is_on_curve(const struct result_latency *l, double tail)
{
    double q = 1 - 1 / tail;
    bool shown = q < 0.5 || sim_histogram_quantile_printable(l->histogram, q);
    for (int k = 0; k < TABLE_PERCENTILES && !shown; k++)
        shown = table_estimate(l, k)->known && tail <= TABLE_TAILS[k] * (1 + 1e-9);
    return shown;
}

static void put_curve_points(const struct result *r, const bool *picked, FILE *data)
{
    for (int step = 0; step <= DECADES_MAX * STEPS_PER_DECADE; step++) {
        double tail = pow(10, (double)step / STEPS_PER_DECADE);
        double q = 1 - 1 / tail;
        fprintf(data, "%.7g\t%.7g", q * 100, tail);
        for (uint32_t i = 0; i < r->latency_count; i++) {
            if (!picked[i])
                continue;
            const struct sim_histogram *h = r->latencies[i].histogram;
            fputc('\t', data);
            figure_number(data, is_on_curve(&r->latencies[i], tail)
                                    ? (double)sim_histogram_quantile_ns(h, q) / 1e6
                                    : (double)NAN);
        }
        fputc('\n', data);
    }
}

/* The intervals of the table's percentiles: one block a curve, behind the curves. */
static void put_interval_points(const struct result_latency *l, FILE *data)
{
    fputs("\n\npercentile\t1/(1-percentile)\tvalue_ms\tlow_ms\thigh_ms\n", data);
    for (int k = 0; k < TABLE_PERCENTILES; k++) {
        const struct result_estimate *e = table_estimate(l, k);
        double unknown = (double)NAN;
        fprintf(data, "%.4g\t%g\t", 100 - 100 / TABLE_TAILS[k], TABLE_TAILS[k]);
        figure_number(data, e->known ? e->value / 1e6 : unknown), fputc('\t', data);
        figure_number(data, e->known ? e->low / 1e6 : unknown), fputc('\t', data);
        figure_number(data, e->known ? e->high / 1e6 : unknown), fputc('\n', data);
    }
}

/* Where the last printable percentile of any curve lies. */
static double tail_max(const struct result *r, const bool *picked)
{
    double most = 100;
    for (uint32_t i = 0; i < r->latency_count; i++)
        for (double tail = 1000; picked[i] && tail < 1e7; tail *= 10)
            if (is_on_curve(&r->latencies[i], tail / 3))
                most = fmax(most, tail);
    return most;
}

static void put_curve_names(const struct result *r, const bool *picked, FILE *set)
{
    int n = 0;
    for (uint32_t i = 0; i < r->latency_count; i++) {
        char name[40], *title;
        if (!picked[i])
            continue;
        const struct result_latency *l = &r->latencies[i];
        char *subject = report_clip_middle(l->subject, FIGURE_NAME_COLUMNS);
        if (asprintf(&title, "%s %s", subject, report_latency_word(l->kind)) < 0)
            abort();
        free(subject);
        snprintf(name, sizeof name, "LATENCY_%d", ++n);
        figure_literal(set, name, title);
        free(title);
    }
}

static void put_curves(const struct result *r, const bool *picked, FILE *data, FILE *set)
{
    put_curve_points(r, picked, data);
    for (uint32_t i = 0; i < r->latency_count; i++)
        if (picked[i])
            put_interval_points(&r->latencies[i], data);
    put_curve_names(r, picked, set);
}

bool figure_latency(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    int curves = 0, could = 0;
    double low = (double)INFINITY, high = 0;
    bool *picked = pick_curves(r, &could);
    fputs("percentile\t1/(1-percentile)", data);
    for (uint32_t i = 0; i < r->latency_count && r->verdict != RESULT_UNSTABLE; i++) {
        if (!picked[i])
            continue;
        fputc('\t', data);
        figure_text(data, r->latencies[i].subject);
        fprintf(data, " %s (ms)", report_latency_word(r->latencies[i].kind));
        low = fmin(low, (double)sim_histogram_quantile_ns(r->latencies[i].histogram, 0.5));
        high = fmax(high, (double)sim_histogram_quantile_ns(r->latencies[i].histogram, 0.999));
        curves++;
    }
    fputc('\n', data);
    *shown = (struct figure_shown){curves, r->verdict == RESULT_UNSTABLE ? 0 : could};
    if (curves > 0) {
        put_curves(r, picked, data, set);
        fprintf(set, "LATENCY_CURVES = %d\nLATENCY_TAIL_MAX = %g\nLATENCY_LOG = %d\n", curves,
                tail_max(r, picked), high > 50 * low);
    }
    free(picked);
    return curves > 0;
}
