#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/number.h"
#include "model/report/tables.h"

const struct result_resource *report_resource(const struct result *r,
                                              enum result_resource_kind kind)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == kind)
            return &r->resources[i];
    return NULL;
}

bool report_cost_is_whole(const struct result *r)
{
    for (uint32_t i = 0; i < r->cost_count; i++)
        if (!r->costs[i].known)
            return false;
    return r->cost_count > 0;
}

void report_cost_cell(const struct result *r, char cell[REPORT_CELL_MAX])
{
    char number[REPORT_CELL_MAX];
    result_number_text(number, r->usd_per_month, 0);
    if (report_cost_is_whole(r))
        snprintf(cell, REPORT_CELL_MAX, "%s", number);
    else if (r->usd_per_month > 0)
        snprintf(cell, REPORT_CELL_MAX, "> %.40s", number);
    else
        snprintf(cell, REPORT_CELL_MAX, "-");
}

void report_cost_part_cell(const struct result_cost *c, char cell[REPORT_CELL_MAX])
{
    if (c->included)
        snprintf(cell, REPORT_CELL_MAX, "included");
    else
        result_number_text(cell, c->usd_per_month, 0);
}

/* "idle .86": Kafka's own gauge, without the leading zero as its documentation speaks of .3. */
static void idle_cell(char cell[REPORT_CELL_MAX], const char *word, double idle)
{
    char number[REPORT_CELL_MAX];
    result_number_text(number, idle, 2);
    snprintf(cell, REPORT_CELL_MAX, "%s%.20s", word, number[0] == '0' ? number + 1 : number);
}

static void use_cell(char cell[REPORT_CELL_MAX], const struct result_resource *x,
                     const struct result_estimate *e)
{
    if (!e->known) {
        snprintf(cell, REPORT_CELL_MAX, "-");
    } else if (x->kind == RESULT_PAGE_CACHE) {
        report_duration(cell, e->value);
    } else if (result_is_idle(x->kind)) {
        idle_cell(cell, "idle ", e->value);
    } else {
        report_percent(cell, e, x->limit > 0 ? x->limit : (double)NAN);
    }
}

/* Whether the disk is at 95 % on the day, in words, on which it is at its fullest: then the former is no news. */
static bool full_at_once(const struct result_disk *d, const char *day_of_max)
{
    char day_95[32];
    bool starts_full = (double)d->used_start_bytes >= 0.95 * (double)d->capacity_bytes;
    result_day_text(day_95, d->day_95);
    return d->day_95 >= 0 && (double)d->used_max_bytes >= 0.95 * (double)d->capacity_bytes &&
           (starts_full || strcmp(day_95, day_of_max) == 0);
}

/* "25 % on day 30, not full in 3 y": what a disk comes to is another figure than what it holds now. */
static void space_cell(struct report_table *t, int row, const struct result *r,
                       const struct result_resource *x)
{
    const struct result_disk *d = report_fullest_disk(r);
    struct result_estimate today = report_disk_today(r, x);
    char most[REPORT_CELL_MAX], now[REPORT_CELL_MAX], day[32];
    use_cell(most, x, &x->now);
    use_cell(now, x, &today);
    result_day_text(day, !d ? 0 : d->day_of_max < 1 ? d->day_of_max : round(d->day_of_max));
    if (!d || strcmp(most, now) == 0)
        report_table_set(t, row, 5, "%s", x->note);
    else if (full_at_once(d, day))
        report_table_set(t, row, 5, "%s %s", most, day);
    else if (d->day_95 >= 0 && d->day_95 <= d->day_of_max)
        report_table_set(t, row, 5, "%s, %s %s", x->note, most, day);
    else
        report_table_set(t, row, 5, "%s %s, %s", most, day, x->note);
}

/* "70 % ✗"; all of a column are padded when one has a sign, so that their digits stay above each other. */
static void judged_cell(struct report_table *t, int row, int column, const char *cell,
                        enum result_verdict verdict, bool pad)
{
    bool sign = verdict != RESULT_FITS;
    report_table_set(t, row, column, "%s%s%s", cell, sign || pad ? " " : "",
                     sign  ? report_verdict_sign(verdict)
                     : pad ? " "
                           : "");
}

static void headroom_cell(struct report_table *t, int row, const struct result_resource *x)
{
    char number[REPORT_CELL_MAX];
    result_number_text(number, x->headroom, x->headroom < 10 ? 1 : 0);
    const char *note = x->note ? x->note : "";
    const char *tail = row == 0 ? " x the load" : " x";
    const char *comma = note[0] ? ", " : "";
    if (isinf(x->headroom) || !(x->headroom > 0))
        report_table_set(t, row, 5, "%s", note);
    else if (x->headroom > 10)
        report_table_set(t, row, 5, "> 10%s", tail);
    else
        report_table_set(t, row, 5, "%s%s%s%s", number, tail, comma, note);
}

static bool survives(const struct result *r)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].survive.known)
            return true;
    return false;
}

/* Which columns have signs. */
struct signs {
    bool now, lost;
};

static enum result_verdict lost_verdict(const struct result_resource *x)
{
    return x->survive.known ? result_judge_lost(x) : RESULT_FITS;
}

static struct signs signs_of(const struct result *r)
{
    struct signs signs = {false, false};
    for (uint32_t i = 0; i < r->resource_count; i++) {
        signs.now |= result_judge_now(&r->resources[i]) != RESULT_FITS;
        signs.lost |= lost_verdict(&r->resources[i]) != RESULT_FITS;
    }
    return signs;
}

static void limit_cell(char cell[REPORT_CELL_MAX], const struct result_resource *x)
{
    if (result_is_idle(x->kind))
        idle_cell(cell, "", x->limit);
    else
        report_percent(cell, &(struct result_estimate){.known = true, .value = x->limit},
                       (double)NAN);
}

static void resource_row(struct report_table *t, const struct result *r,
                         const struct result_resource *x, bool survive, struct signs signs)
{
    int row = report_table_row(t);
    report_table_set(t, row, 0, "%s", x->name);
    if (!x->used) {
        report_table_set(t, row, 2, "unused");
        return;
    }
    char cell[REPORT_CELL_MAX];
    report_table_set(t, row, 1, "%s", x->busiest);
    /* Space runs out with time, not with load alone. */
    bool by_day = x->kind == RESULT_DISK_SPACE && x->note && x->note[0];
    struct result_estimate now = by_day ? report_disk_today(r, x) : x->now;
    use_cell(cell, x, &now);
    report_table_set(t, row, 2, "%s", cell);
    limit_cell(cell, x);
    if (x->limit > 0)
        judged_cell(t, row, 3, cell, result_judge_now(x), signs.now);
    use_cell(cell, x, &x->survive);
    if (survive)
        judged_cell(t, row, 4, cell, lost_verdict(x), signs.lost);
    if (by_day)
        space_cell(t, row, r, x);
    else if (x->kind == RESULT_PAGE_CACHE)
        report_table_set(t, row, 5, "of writes held");
    else
        headroom_cell(t, row, x);
}

/* What `survive` says, as it stands in the scenario. Older results do not tell which. */
void report_table_resources(const struct result *r, struct report_table *t)
{
    static const char *const lost[] = {"one lost", "one broker lost", "one machine lost",
                                       "one rack lost"};
    bool survive = survives(r);
    struct signs signs = signs_of(r);
    report_table_init(t, "resources", "Resources");
    report_table_column(t, 'l', 0, "Resource");
    report_table_column(t, 'l', 19, "busiest");
    report_table_column(t, 'r', 40, "now");
    report_table_column(t, 'r', 47, "limit");
    report_table_column(t, 'r', survive ? 62 : 48, survive ? lost[r->survive] : "");
    report_table_column(t, 'l', survive ? 64 : 49, "headroom"); /* its notes need room */
    for (uint32_t i = 0; i < r->resource_count; i++)
        resource_row(t, r, &r->resources[i], survive, signs);
}

static void variant_row(struct report_table *t, const struct result *v, const char *producer)
{
    int row = report_table_row(t);
    report_table_set(t, row, 0, "%s", v->variant && v->variant[0] ? v->variant : "as written");
    const struct result_latency *worst = report_produce_of(v, producer);
    char cell[REPORT_CELL_MAX] = "-";
    if (v->verdict == RESULT_UNSTABLE)
        snprintf(cell, sizeof cell, "unstable");
    else if (worst && worst->p99_ns.level > 0)
        report_interval(cell, &worst->p99_ns, "ns", (double)NAN);
    else if (worst)
        report_quantity(cell, &worst->p99_ns, "ns", (double)NAN);
    report_table_set(t, row, 1, "%s", cell);
    double disk = report_disk_max_ratio(v);
    report_percent(cell, &(struct result_estimate){.known = isfinite(disk), .value = disk},
                   (double)NAN);
    report_table_set(t, row, 2, "%s", cell);
    const struct result_resource *cpu = report_resource(v, RESULT_CPU);
    if (cpu && cpu->used) {
        report_percent(cell, &cpu->now, cpu->limit);
        report_table_set(t, row, 3, "%s", cell);
    }
    report_cost_cell(v, cell);
    report_table_set(t, row, 4, "%s", cell);
    report_table_set(t, row, 5, "%s", report_verdict_sign(v->verdict));
}

static void run_variants(const struct result *r, struct report_table *t)
{
    const char *producer = report_compared_producer(r);
    char header[40], title[REPORT_CELL_MAX];
    report_compared_title(r, title);
    report_table_init(t, "variants", "Variants side by side");
    report_table_column(t, 'l', 0, "Variants");
    report_table_column(t, 'r', 33, title);
    snprintf(header, sizeof header, "disk in %.0f d", r->horizon_days);
    report_table_column(t, 'r', 48, r->horizon_days > 0 ? header : "disk");
    report_table_column(t, 'r', 55, "cpu");
    report_table_column(t, 'r', 69, "$ a month");
    report_table_column(t, 'r', 80, "verdict");
    if (r->variant_count == 0)
        return;
    variant_row(t, r, producer);
    for (uint32_t i = 0; i < r->variant_count; i++)
        variant_row(t, r->variants[i], producer);
}

static void size_row(struct report_table *t, const struct result *v)
{
    char cell[REPORT_CELL_MAX];
    int row = report_table_row(t);
    report_table_set(t, row, 0, "%s", v->variant[0] ? v->variant : "as written");
    report_table_set(t, row, 1, "%s", v->binding);
    result_number_text(cell, v->brokers_needed, 0);
    report_table_set(t, row, 2, "%s", v->brokers_needed > 0 ? cell : "-");
    report_cost_cell(v, cell);
    report_table_set(t, row, 3, "%s", cell);
    report_table_set(t, row, 4, "%s", report_verdict_sign(v->verdict));
}

static void size_variants(const struct result *r, struct report_table *t)
{
    report_table_init(t, "size-variants", "Variants side by side");
    report_table_column(t, 'l', 0, "Variants");
    report_table_column(t, 'l', 20, "first to bind");
    report_table_column(t, 'r', 58, "brokers");
    report_table_column(t, 'r', 69, "$ a month");
    report_table_column(t, 'r', 80, "verdict");
    if (r->variant_count == 0)
        return;
    size_row(t, r);
    for (uint32_t i = 0; i < r->variant_count; i++)
        size_row(t, r->variants[i]);
}

void report_table_variants(const struct result *r, struct report_table *t)
{
    if (r->run.replications > 0)
        run_variants(r, t);
    else
        size_variants(r, t);
}

static void ratio_cell(struct report_table *t, int row, int column, double ratio, double limit)
{
    char cell[REPORT_CELL_MAX];
    report_percent(cell, &(struct result_estimate){.known = !isnan(ratio), .value = ratio}, limit);
    report_table_set(t, row, column, "%s", cell);
}

/* Demand and capacity in one unit, the capacity's; a demand that is small beside it has its own and names it. */
static void amounts(struct report_table *t, int row, const struct result_bound *b)
{
    bool ratio = strcmp(b->unit, "ratio") == 0;
    struct report_unit unit = report_unit_for(b->unit, b->capacity),
                       own = report_unit_for(b->unit, b->demand);
    bool same = ratio || strcmp(unit.name, own.name) == 0;
    char cell[REPORT_CELL_MAX];
    report_value(cell, &(struct result_estimate){.known = true, .value = b->demand},
                 ratio ? 0.01 : own.size);
    report_table_set(t, row, 1, "%s%s%s", b->demand > 0 ? cell : "-",
                     same || !(b->demand > 0) ? "" : " ", same || !(b->demand > 0) ? "" : own.name);
    report_value(cell, &(struct result_estimate){.known = true, .value = b->capacity},
                 ratio ? 0.01 : unit.size);
    bool named = strcmp(unit.name, b->resource) == 0;
    report_table_set(t, row, 2, "%s%s%s", cell, named ? "" : " ", named ? "" : unit.name);
}

/* "✗ binds", on one line where a page would break it. */
static void mark(struct report_table *t, int row, const struct result_bound *b)
{
    if (result_bound_beyond(b))
        report_table_set(t, row, 5, "%s%s", report_verdict_sign(RESULT_DOES_NOT_FIT),
                         b->binding ? "\u00a0binds" : "");
    else
        report_table_set(t, row, 5, "%s", b->binding ? "  binds" : "");
}

void report_table_bounds(const struct result *r, struct report_table *t)
{
    bool survive = r->survive != RESULT_SURVIVE_NONE;
    report_table_init(t, "bounds", "Bounds by closed form, a broker");
    report_table_column(t, 'l', 0, "Bound, a broker");
    report_table_column(t, 'r', 34, "demand");
    report_table_column(t, 'r', 49, "allowed");
    report_table_column(t, 'r', 56, "used");
    report_table_column(t, 'r', 66, survive ? "one lost" : "");
    report_table_column(t, 'l', 68, "");
    report_table_column(t, 'r', 80, "brokers");
    for (uint32_t i = 0; i < r->bound_count; i++) {
        const struct result_bound *b = &r->bounds[i];
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", b->resource);
        amounts(t, row, b);
        ratio_cell(t, row, 3, b->utilisation, result_bound_limit(b));
        if (survive)
            ratio_cell(t, row, 4, b->utilisation_survive, result_bound_limit(b));
        mark(t, row, b);
        if (b->brokers_needed > 0)
            report_table_set(t, row, 6, "%d", b->brokers_needed);
        else
            report_table_set(t, row, 6, "-");
    }
}

void report_table_formulas(const struct result *r, struct report_table *t)
{
    report_table_init(t, "formulas", "How each bound was reckoned");
    report_table_column(t, 'l', 0, "Reckoned as");
    report_table_column(t, 'l', 20, "");
    for (uint32_t i = 0; i < r->bound_count; i++) {
        if (!r->bounds[i].formula || !r->bounds[i].formula[0])
            continue;
        int row = report_table_row(t);
        report_table_set(t, row, 0, "%s", r->bounds[i].resource);
        report_table_set(t, row, 1, "%s", r->bounds[i].formula);
    }
}

void report_table_costs(const struct result *r, struct report_table *t)
{
    char cell[REPORT_CELL_MAX];
    report_table_init(t, "cost", "Cost");
    report_table_column(t, 'l', 0, "Cost");
    report_table_column(t, 'r', 33, "$ a month");
    report_table_column(t, 'l', 36, "reckoned as");
    for (uint32_t i = 0; i < r->cost_count; i++) {
        const struct result_cost *c = &r->costs[i];
        int row = report_table_row(t);
        report_cost_part_cell(c, cell);
        report_table_set(t, row, 0, "%s", c->part);
        report_table_set(t, row, 1, "%s", c->known ? cell : "-");
        report_table_set(t, row, 2, "%s", c->basis);
    }
    if (r->cost_count == 0)
        return;
    int row = report_table_row(t);
    report_cost_cell(r, cell);
    report_table_set(t, row, 0, "together");
    report_table_set(t, row, 1, "%s", cell);
    report_table_set(t, row, 2, "%s", r->currency_note ? r->currency_note : "");
}
