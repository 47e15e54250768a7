#include "model/report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/number.h"
#include "model/report/shown.h"

const char *report_verdict_sign(enum result_verdict verdict)
{
    static const char *const signs[] = {"✓", "✗", "?", "unstable"};
    return verdict <= RESULT_UNSTABLE ? signs[verdict] : "?";
}

const char *report_latency_word(enum result_latency_kind kind)
{
    static const char *const words[] = {"produce", "end to end", "fetch"};
    return words[kind];
}

char *report_slo_reason(const struct result_slo *slo)
{
    char *text;
    bool reason = slo->reason && slo->reason[0], remedy = slo->remedy && slo->remedy[0];
    if (asprintf(&text, "%s%s%s", reason ? slo->reason : "", remedy ? ": " : "",
                 remedy ? slo->remedy : "") < 0)
        abort();
    return text;
}

/* Units of two letters keep the dots of the intervals above each other. */
static const char *unit_pad(const char *cell)
{
    size_t n = strlen(cell);
    return n >= 2 && cell[n - 2] == ' ' ? " " : "";
}

static const struct result_estimate *judged_by(const struct result_slo *slo)
{
    return slo->predicted.known ? &slo->predicted : &slo->estimate;
}

/* Of the intervals that all SLOs are judged by; 0: predictions have another than what is only simulated, and each row says its own. */
static double one_level(const struct result *r)
{
    double level = 0;
    for (uint32_t i = 0; i < r->slo_count; i++) {
        const struct result_estimate *e = judged_by(&r->slos[i]);
        if (!e->known || !(e->level > 0))
            continue;
        if (level > 0 && e->level != level)
            return 0;
        level = e->level;
    }
    return level > 0 ? level : 0.95;
}

static void slo_row(struct report_table *t, const struct result_slo *slo, bool level)
{
    char expected[REPORT_CELL_MAX], interval[REPORT_CELL_MAX];
    report_quantity(expected, &slo->estimate, slo->unit, slo->limit);
    const struct result_estimate *e = report_slo_interval(interval, slo);
    int row = report_table_row(t), column = 3;
    report_table_set(t, row, 0, "%s", slo->text);
    if (slo->estimate.known && slo->note && slo->note[0])
        report_table_set(t, row, 1, "%s (%s)", expected, slo->note);
    else
        report_table_set(t, row, 1, "%s", expected);
    report_table_set(t, row, 2, "%s%s", interval, unit_pad(interval));
    if (level && e->known && e->level > 0)
        report_table_set(t, row, column, "%.0f %%", e->level * 100);
    column += level;
    report_table_set(t, row, column, "%s", report_verdict_sign(slo->verdict));
    char *why = report_slo_reason(slo);
    if (why[0])
        report_table_set(t, report_table_row(t), 0, "%s", why);
    free(why);
}

void report_table_slos(const struct result *r, struct report_table *t)
{
    char header[40] = "interval";
    double level = one_level(r);
    bool several = level == 0;
    report_table_init(t, "slo", "Service levels");
    if (!several)
        snprintf(header, sizeof header, "%.0f %% interval", level * 100);
    report_table_column(t, 'l', 0, "SLO");
    report_table_column(t, 'r', several ? 47 : 53, "expected");
    report_table_column(t, 'r', several ? 65 : 71, header);
    if (several)
        report_table_column(t, 'r', 71, "level");
    report_table_column(t, 'r', 80, "verdict");
    for (uint32_t i = 0; i < r->slo_count; i++)
        slo_row(t, &r->slos[i], several);
}

void report_table_trusts(const struct result *r, struct report_table *t)
{
    report_table_init(t, "trust", "How far to trust it");
    report_table_column(t, 'l', 0, "How far to trust it");
    report_table_column(t, 'r', 41, "simulated");
    report_table_column(t, 'r', 59, "90 % predicted");
    report_table_column(t, 'r', 66, "error");
    report_table_column(t, 'l', 68, "evidence");
    for (uint32_t i = 0; i < r->trust_count; i++) {
        const struct result_trust *trust = &r->trusts[i];
        char simulated[REPORT_CELL_MAX], predicted[REPORT_CELL_MAX];
        report_quantity(simulated, &trust->simulated, trust->unit, (double)NAN);
        if (trust->predicted.known)
            report_span(predicted, &trust->predicted, trust->unit, (double)NAN);
        else
            snprintf(predicted, sizeof predicted, "?");
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", trust->quantity);
        report_table_set(t, row, 1, "%s", simulated);
        report_table_set(t, row, 2, "%s%s", predicted, unit_pad(predicted));
        if (isfinite(trust->error_median))
            report_table_set(t, row, 3, trust->error_median < 0.0095 ? "%.1f %%" : "%.0f %%",
                             trust->error_median * 100);
        else
            report_table_set(t, row, 3, "?");
        report_table_set(t, row, 4, "%s", trust->evidence);
    }
}

/* ms, unless everything is so fast or so slow that ms would be hard to read; of what nobody knows, too. */
static struct report_unit latency_unit(double p50_min_ns, double p99_max_ns)
{
    if (p99_max_ns > 0 && p99_max_ns < 1e6)
        return (struct report_unit){1e3, "us"};
    if (isfinite(p50_min_ns) && p50_min_ns >= 1e10)
        return (struct report_unit){1e9, "s"};
    return (struct report_unit){1e6, "ms"};
}

static void widen(const struct result_estimate *e, double *low, double *high)
{
    if (!e->known)
        return;
    *low = fmin(*low, e->value);
    *high = fmax(*high, e->value);
}

static struct report_unit latencies_unit(const struct result *r)
{
    double low = (double)INFINITY, high = 0, ignored = 0;
    for (uint32_t i = 0; i < r->latency_count; i++) {
        widen(&r->latencies[i].p50_ns, &low, &ignored);
        widen(&r->latencies[i].p99_ns, &low, &high);
    }
    return latency_unit(low, fmax(high, ignored));
}

/* Parts of a produce do not add up at p99. A fetch that finds nothing waits for it: that is no slowness. */
static const char *latency_parts(const struct result_latency *l)
{
    if (l->kind == RESULT_FETCH)
        return "with waits for data";
    return l->of_p99 ? l->of_p99 : "";
}

void report_table_latencies(const struct result *r, int most, struct report_table *t)
{
    bool *shown = report_shown_latencies(r, most);
    struct report_unit unit = latencies_unit(r);
    char header[40];
    snprintf(header, sizeof header, "Latency, %s", unit.name);
    report_table_init(t, "latency", "Latency");
    report_table_column(t, 'l', 0, header);
    report_table_column(t, 'r', 34, "p50");
    report_table_column(t, 'r', 42, "p95");
    report_table_column(t, 'r', 49, "p99");
    report_table_column(t, 'r', 56, "p99.9");
    report_table_column(t, 'l', 58, "largest parts' p99, ms");
    for (uint32_t i = 0; i < r->latency_count && r->verdict != RESULT_UNSTABLE; i++) {
        const struct result_latency *l = &r->latencies[i];
        if (!shown[i])
            continue;
        const struct result_estimate *e[] = {&l->p50_ns, &l->p95_ns, &l->p99_ns, &l->p999_ns};
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s %s", l->subject, report_latency_word(l->kind));
        for (int k = 0; k < 4; k++) {
            char cell[REPORT_CELL_MAX];
            report_value(cell, e[k], unit.size);
            report_table_set(t, row, 1 + k, "%s", cell);
        }
        report_table_set(t, row, 5, "%s", latency_parts(l));
    }
    free(shown);
}

static void widen_flow(const struct result_estimate *e, double *least, double *most)
{
    if (e->value > 0) /* nothing read has no size */
        widen(e, least, most);
}

/* In the middle of all, by their logarithms: a group that catches up at GB/s makes no 0.00103 of a stream of MB/s. */
static struct report_unit flows_unit(const struct result *r)
{
    double least = INFINITY, most = 0;
    for (uint32_t i = 0; i < r->flow_count; i++) {
        widen_flow(&r->flows[i].bytes_per_s, &least, &most);
        widen_flow(&r->flows[i].wire_bytes_per_s, &least, &most);
    }
    return report_unit_for("bytes/s", most > 0 ? sqrt(least * most) : 0);
}

static void set_value(struct report_table *t, int row, int column, const struct result_estimate *e,
                      double size)
{
    char cell[REPORT_CELL_MAX];
    report_value(cell, e, size);
    report_table_set(t, row, column, "%s", cell);
}

static bool any_failed(const struct result *r)
{
    for (uint32_t i = 0; i < r->flow_count; i++)
        if (r->flows[i].failed_ratio.known && r->flows[i].failed_ratio.value > 0)
            return true;
    return false;
}

void report_table_flows(const struct result *r, int most, struct report_table *t)
{
    bool *shown = report_shown_flows(r, most);
    struct report_unit unit = flows_unit(r);
    char wire[40];
    snprintf(wire, sizeof wire, "on the wire %s", unit.name);
    bool failed = any_failed(r);
    report_table_init(t, "throughput", "Throughput");
    report_table_column(t, 'l', 0, "Throughput");
    report_table_column(t, 'r', failed ? 30 : 35, "records/s");
    report_table_column(t, 'r', failed ? 38 : 45, unit.name);
    report_table_column(t, 'r', failed ? 53 : 62, failed ? "records/batch" : "records a batch");
    report_table_column(t, 'r', failed ? 71 : 80, wire);
    if (failed)
        report_table_column(t, 'r', 80, "failed");
    for (uint32_t i = 0; i < r->flow_count; i++) {
        const struct result_flow *f = &r->flows[i];
        if (!shown[i])
            continue;
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", f->name);
        set_value(t, row, 1, &f->records_per_s, 1);
        set_value(t, row, 2, &f->bytes_per_s, unit.size);
        set_value(t, row, 3, &f->records_per_batch, 1);
        set_value(t, row, 4, &f->wire_bytes_per_s, unit.size);
        if (failed) {
            char cell[REPORT_CELL_MAX];
            report_percent(cell, &f->failed_ratio, 0);
            report_table_set(t, row, 5, "%s", cell);
        }
    }
    free(shown);
}

const char *report_parts_subject(const struct result *r, int index)
{
    if (r->verdict == RESULT_UNSTABLE)
        return NULL;
    for (uint32_t i = 0; i < r->part_count; i++) {
        bool first = i == 0 || strcmp(r->parts[i].subject, r->parts[i - 1].subject) != 0;
        if (first && index-- == 0)
            return r->parts[i].subject;
    }
    return NULL;
}

static const struct result_estimate *part_estimate(const struct result_part *p, int column)
{
    return column == 1 ? &p->p50_ns : column == 2 ? &p->p99_ns : &p->mean_ns;
}

static double parts_largest(const struct result *r, const char *subject, int column)
{
    double low = (double)INFINITY, high = 0;
    for (uint32_t i = 0; i < r->part_count; i++)
        if (strcmp(r->parts[i].subject, subject) == 0)
            widen(part_estimate(&r->parts[i], column), &low, &high);
    return high;
}

void report_table_parts(const struct result *r, const char *subject, struct report_table *t)
{
    struct report_unit unit =
        latency_unit(0, fmax(parts_largest(r, subject, 1), parts_largest(r, subject, 2)));
    char header[40];
    snprintf(header, sizeof header, "Produce time by part, %s", unit.name);
    report_table_init(t, "parts", "Produce time by part");
    report_table_column(t, 'l', 0, header);
    report_table_column(t, 'r', 34, "p50");
    report_table_column(t, 'r', 42, "p99");
    report_table_column(t, 'r', 50, "mean");
    for (uint32_t i = 0; i < r->part_count; i++) {
        const struct result_part *p = &r->parts[i];
        if (strcmp(p->subject, subject) != 0)
            continue;
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", p->name);
        for (int k = 1; k <= 3; k++) {
            char cell[REPORT_CELL_MAX];
            report_value_beside(cell, part_estimate(p, k), unit.size, parts_largest(r, subject, k));
            report_table_set(t, row, k, "%s", cell);
        }
    }
}

static double slowness_ns(const struct result *r, const char *subject)
{
    for (uint32_t i = 0; i < r->latency_count; i++)
        if (r->latencies[i].kind == RESULT_PRODUCE && strcmp(r->latencies[i].subject, subject) == 0)
            return report_slowness_ns(&r->latencies[i]);
    return 0;
}

/* The slowest producers, slowest first; of equals the one that the scenario has first. */
static int slowest_producers(const struct result *r, const char *subjects[REPORT_PRODUCERS_BESIDE])
{
    int count = 0;
    const char *subject;
    for (int i = 0; (subject = report_parts_subject(r, i)); i++) {
        int at = count < REPORT_PRODUCERS_BESIDE ? count++ : REPORT_PRODUCERS_BESIDE;
        for (; at > 0 && slowness_ns(r, subjects[at - 1]) < slowness_ns(r, subject); at--)
            if (at < REPORT_PRODUCERS_BESIDE)
                subjects[at] = subjects[at - 1];
        if (at < REPORT_PRODUCERS_BESIDE)
            subjects[at] = subject;
    }
    return count;
}

static const struct result_part *part_of(const struct result *r, const char *subject,
                                         const char *name)
{
    for (uint32_t i = 0; i < r->part_count; i++)
        if (strcmp(r->parts[i].subject, subject) == 0 && strcmp(r->parts[i].name, name) == 0)
            return &r->parts[i];
    return NULL;
}

/* p99, where each of the producers has one; else means, which short runs know too. */
static int column_beside(const struct result *r, const char *const *subjects, int count)
{
    for (uint32_t i = 0; i < r->part_count; i++)
        for (int k = 0; k < count; k++)
            if (strcmp(r->parts[i].subject, subjects[k]) == 0 && !r->parts[i].p99_ns.known)
                return 3;
    return 2;
}

static void head_beside(struct report_table *t, const char *const *subjects, int count, int column,
                        const char *unit)
{
    static const int ends[REPORT_PRODUCERS_BESIDE] = {42, 55, 68, 80};
    char header[60];
    snprintf(header, sizeof header, "Produce %s by part, %s", column == 2 ? "p99" : "mean", unit);
    report_table_init(t, "parts", "Produce time by part");
    report_table_column(t, 'l', 0, header);
    for (int k = 0; k < count; k++) {
        char *name = report_clip(subjects[k], 12);
        report_table_column(t, 'r', ends[k], name);
        free(name);
    }
}

void report_table_parts_beside(const struct result *r, struct report_table *t)
{
    const char *subjects[REPORT_PRODUCERS_BESIDE];
    double largest[REPORT_PRODUCERS_BESIDE], most = 0;
    int count = slowest_producers(r, subjects), column = column_beside(r, subjects, count);
    for (int k = 0; k < count; k++)
        most = fmax(most, largest[k] = parts_largest(r, subjects[k], column));
    struct report_unit unit = latency_unit(0, most);
    head_beside(t, subjects, count, column, unit.name);
    for (uint32_t i = 0; count > 0 && i < r->part_count; i++) {
        if (strcmp(r->parts[i].subject, subjects[0]) != 0)
            continue;
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", r->parts[i].name);
        for (int k = 0; k < count; k++) {
            const struct result_part *p = part_of(r, subjects[k], r->parts[i].name);
            struct result_estimate unknown = result_unknown();
            char cell[REPORT_CELL_MAX];
            report_value_beside(cell, p ? part_estimate(p, column) : &unknown, unit.size,
                                largest[k]);
            report_table_set(t, row, k + 1, "%s", cell);
        }
    }
}

void report_table_inputs(const struct result *r, struct report_table *t)
{
    report_table_init(t, "inputs", "Not stated, by how much it moves the verdict");
    report_table_column(t, 'l', 0, "Input");
    report_table_column(t, 'l', 34, "assumed");
    report_table_column(t, 'l', 56, "effect");
    for (uint32_t i = 0; i < r->input_count; i++) {
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", r->inputs[i].key);
        report_table_set(t, row, 1, "%s", r->inputs[i].assumed);
        report_table_set(t, row, 2, "%s", r->inputs[i].effect);
    }
}

static bool is_of_slo(enum result_latency_kind kind, const char *subject,
                      const struct result_slo *slo)
{
    static const char *const words[] = {" produce ", " end-to-end ", " fetch "};
    size_t length = strlen(subject);
    return strncmp(slo->text, subject, length) == 0 &&
           strncmp(slo->text + length, words[kind], strlen(words[kind])) == 0;
}

bool report_is_asked(const struct result *r, enum result_latency_kind kind, const char *subject)
{
    for (uint32_t i = 0; i < r->slo_count; i++)
        if (is_of_slo(kind, subject, &r->slos[i]))
            return true;
    return false;
}

static const char *producer_of_slo(const struct result *r)
{
    for (uint32_t i = 0; i < r->slo_count; i++)
        for (uint32_t k = 0; k < r->latency_count; k++)
            if (r->latencies[k].kind == RESULT_PRODUCE &&
                is_of_slo(RESULT_PRODUCE, r->latencies[k].subject, &r->slos[i]))
                return r->latencies[k].subject;
    return NULL;
}

static const struct result_latency *worst_produce(const struct result *r)
{
    const struct result_latency *worst = NULL;
    for (uint32_t i = 0; i < r->latency_count; i++) {
        const struct result_latency *l = &r->latencies[i];
        if (l->kind != RESULT_PRODUCE)
            continue;
        if (!worst ||
            (l->p99_ns.known && (!worst->p99_ns.known || l->p99_ns.value > worst->p99_ns.value)))
            worst = l;
    }
    return worst;
}

const char *report_compared_producer(const struct result *written)
{
    const char *asked = producer_of_slo(written);
    const struct result_latency *worst = worst_produce(written);
    return asked ? asked : worst ? worst->subject : NULL;
}

const struct result_latency *report_produce_of(const struct result *r, const char *producer)
{
    for (uint32_t i = 0; producer && i < r->latency_count; i++)
        if (r->latencies[i].kind == RESULT_PRODUCE &&
            strcmp(r->latencies[i].subject, producer) == 0)
            return &r->latencies[i];
    return NULL;
}

/* Characters of a name that the column has room for. */
#define COMPARED_NAME_MAX 11

void report_compared_title(const struct result *written, char title[REPORT_CELL_MAX])
{
    const char *name = report_compared_producer(written);
    int producers = 0;
    for (uint32_t i = 0; i < written->latency_count; i++)
        producers += written->latencies[i].kind == RESULT_PRODUCE;
    bool named = name && producers > 1 && report_width(name) <= COMPARED_NAME_MAX;
    snprintf(title, REPORT_CELL_MAX, "simulated %s p99", named ? name : "produce");
}
