/* The error table for programs. */
#include <math.h>

#include "model/evidence/coverage.h"
#include "model/evidence/error_table.h"
#include "model/evidence/false_pass.h"
#include "model/evidence/rank_pairs.h"
#include "model/evidence/verify_write.h"
#include "model/report/json_write.h"

/* Words for keys; verify_method_name is for people. */
static const char *const method_keys[VERIFY_METHODS] = {
    [VERIFY_BLIND] = "blind",
    [VERIFY_ANCHORED] = "anchored",
    [VERIFY_AWS] = "aws_equation_1",
    [VERIFY_GOOGLE] = "vcpu_google",
    [VERIFY_AKALCULATOR] = "vcpu_akalculator",
    [VERIFY_MM1] = "mm1_anchored",
};

static int method_count(bool peers)
{
    return peers ? VERIFY_METHODS : VERIFY_ANCHORED + 1;
}

static void put_text(struct json_writer *w, const char *key, const char *value)
{
    json_put_key(w, key);
    json_put_string(w, value);
}

static void put_number(struct json_writer *w, const char *key, double value)
{
    json_put_key(w, key);
    json_put_double(w, value);
}

static void put_count(struct json_writer *w, const char *key, int value)
{
    json_put_key(w, key);
    json_put_int(w, value);
}

static void put_bool(struct json_writer *w, const char *key, bool value)
{
    json_put_key(w, key);
    json_put_bool(w, value);
}

/* ---- cases ---- */

static void put_predicted(struct json_writer *w, const struct verify_case *c,
                          enum verify_method method, enum measured_quantity q)
{
    const struct predict_value *p = &c->predicted[method][q];
    if (isnan(p->value))
        return;
    json_put_key(w, method_keys[method]);
    json_put_object_begin_inline(w);
    put_number(w, "value", p->value);
    put_number(w, "low", p->low);
    put_number(w, "high", p->high);
    put_number(w, "error", verify_error(c, method, q));
    put_bool(w, "counts", verify_counts(c, method, q));
    json_put_object_end(w);
}

static void put_quantity(struct json_writer *w, const struct verify_case *c,
                         enum measured_quantity q, bool peers)
{
    json_put_key(w, measured_quantity_name(q));
    json_put_object_begin(w);
    put_text(w, "unit", measured_quantity_unit(q));
    put_number(w, "measured", measured_median(&c->measured, q));
    json_put_key(w, "repeats");
    json_put_array_begin_inline(w);
    for (int r = 0; r < c->measured.repeat_count; r++)
        json_put_double(w, c->measured.value[r][q]);
    json_put_array_end(w);
    for (int m = 0; m < method_count(peers); m++)
        put_predicted(w, c, (enum verify_method)m, q);
    json_put_object_end(w);
}

static void put_origin(struct json_writer *w, const struct verify_case *c)
{
    char fitted[16];
    verify_fitted_text(c, fitted);
    put_text(w, "name", c->name);
    put_text(w, "rows", verify_population_name(c->population));
    put_text(w, "id", c->measured.id);
    put_text(w, "family", c->measured.family);
    put_text(w, "series", c->measured.series);
    put_text(w, "source", c->measured.source);
    put_bool(w, "anchor", c->measured.anchor);
    put_bool(w, "cluster_binds", c->measured.cluster_binds);
    put_text(w, "fitted", fitted);
    put_text(w, "maximum",
             c->maximum == VERIFY_STEADY_RATE ? "steady rate"
             : c->maximum == VERIFY_BISECTION ? "highest stable rate by bisection"
                                              : NULL);
}

static void put_case(struct json_writer *w, const struct verify_case *c, bool peers)
{
    json_put_object_begin(w);
    put_origin(w, c);
    put_text(w, "failure", c->failure[0] ? c->failure : NULL);
    put_bool(w, "stable", c->stable);
    put_bool(w, "budget_hit", c->cut);
    json_put_key(w, "batches");
    json_put_uint(w, c->batches);
    put_number(w, "simulated_s", c->simulated_s);
    put_text(w, "anchor_parameter", c->anchor_parameter);
    put_number(w, "anchor_factor", c->anchor_parameter ? c->anchor_factor : NAN);
    json_put_key(w, "quantities");
    json_put_object_begin(w);
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        if (!isnan(measured_median(&c->measured, (enum measured_quantity)q)))
            put_quantity(w, c, (enum measured_quantity)q, peers);
    json_put_object_end(w);
    json_put_object_end(w);
}

/* ---- tables ---- */

static void put_error_row(struct json_writer *w, const struct verify *verify,
                          const struct error_filter *f)
{
    struct error_row row = error_table_row(verify, f);
    if (row.asked == 0)
        return;
    json_put_object_begin_inline(w);
    put_text(w, "rows", verify_population_name(f->population));
    put_text(w, "method", method_keys[f->method]);
    put_text(w, "family", f->family);
    put_bool(w, "cluster_binds", f->cluster_binds);
    put_text(w, "quantity", measured_quantity_name(f->quantity));
    put_count(w, "n", row.error.n);
    put_count(w, "asked", row.asked);
    put_number(w, "median", row.error.n ? row.error.median : NAN);
    put_number(w, "signed_median", row.error.n ? row.error.signed_median : NAN);
    put_number(w, "p90", row.error.n ? row.error.p90 : NAN);
    put_number(w, "within_factor_2", row.error.n ? row.factor_2 : NAN);
    json_put_object_end(w);
}

static void put_errors(struct json_writer *w, const struct verify *verify,
                       enum verify_population population, enum verify_method method)
{
    const char *families[ERROR_TABLE_FAMILIES_MAX + 1];
    int count = error_table_families(verify, population, families);
    families[count++] = NULL;
    struct error_filter filter = {.population = population, .method = method};
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        filter.quantity = (enum measured_quantity)q;
        for (int f = 0; f < count; f++) {
            filter.family = families[f];
            put_error_row(w, verify, &filter);
        }
        filter.cluster_binds = true;
        put_error_row(w, verify, &filter);
        filter.cluster_binds = false;
    }
}

static void put_interval(struct json_writer *w, const struct verify *verify,
                         const struct verify_marks *marks, enum verify_population population,
                         enum verify_method method, enum measured_quantity q)
{
    struct coverage cover = coverage_of(verify, population, method, q);
    if (cover.n == 0)
        return;
    double spread = verify_spread(marks, verify, population, q);
    struct rank_pairs pairs = rank_pairs_of(verify, population, method, q, spread);
    json_put_object_begin_inline(w);
    put_text(w, "rows", verify_population_name(population));
    put_text(w, "method", method_keys[method]);
    put_text(w, "quantity", measured_quantity_name(q));
    put_count(w, "n", cover.n);
    put_number(w, "covered", cover.share);
    put_number(w, "binomial_error", cover.error);
    put_number(w, "median_width", cover.median_width);
    put_number(w, "repeat_spread", spread);
    put_count(w, "pairs", pairs.pairs);
    put_count(w, "pairs_right", pairs.right);
    json_put_object_end(w);
}

static void put_slo(struct json_writer *w, const struct verify *verify,
                    enum verify_population population, enum verify_method method)
{
    struct false_pass f = false_pass_of(verify, population, method);
    if (f.rows == 0)
        return;
    json_put_object_begin_inline(w);
    put_text(w, "rows", verify_population_name(population));
    put_text(w, "method", method_keys[method]);
    put_count(w, "limits", f.rows);
    put_count(w, "met", f.met);
    put_count(w, "missed", f.missed);
    put_count(w, "unknown", f.unknown);
    put_count(w, "false_passes", f.false_met);
    put_count(w, "false_alarms", f.false_missed);
    put_count(w, "latencies", f.cases);
    put_count(w, "latencies_with_a_false_pass", f.cases_false_met);
    json_put_object_end(w);
}

static void put_mark(struct json_writer *w, const struct verify_mark *mark)
{
    json_put_object_begin_inline(w);
    put_text(w, "rows", verify_population_name(mark->population));
    put_text(w, "quantity",
             mark->quantity < 0 ? NULL
                                : measured_quantity_name((enum measured_quantity)mark->quantity));
    put_text(w, "statistic", verify_statistic_name(mark->statistic));
    put_number(w, "limit", mark->limit);
    put_number(w, "value", mark->value);
    put_count(w, "n", mark->n);
    put_bool(w, "pass", mark->pass);
    json_put_object_end(w);
}

static void put_tables(struct json_writer *w, const struct verify *verify,
                       const struct verify_marks *marks, bool peers)
{
    json_put_key(w, "errors");
    json_put_array_begin(w);
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int m = 0; m < method_count(peers); m++)
            put_errors(w, verify, (enum verify_population)p, (enum verify_method)m);
    json_put_array_end(w);
    json_put_key(w, "intervals");
    json_put_array_begin(w);
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int m = 0; m <= VERIFY_ANCHORED; m++)
            for (int q = 0; q < MEASURED_QUANTITIES; q++)
                put_interval(w, verify, marks, (enum verify_population)p, (enum verify_method)m,
                             (enum measured_quantity)q);
    json_put_array_end(w);
    json_put_key(w, "slo_grid");
    json_put_array_begin(w);
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int m = 0; m <= VERIFY_ANCHORED; m++)
            put_slo(w, verify, (enum verify_population)p, (enum verify_method)m);
    json_put_array_end(w);
}

int verify_write_json(const struct verify *verify, const struct verify_marks *marks, bool peers,
                      FILE *out)
{
    struct json_writer w;
    json_put_init(&w, out);
    json_put_object_begin(&w);
    put_text(&w, "headroom", HEADROOM_VERSION);
    put_text(&w, "profile", verify->profile);
    put_text(&w, "profile_error", verify->profile_error);
    json_put_key(&w, "seed");
    json_put_uint(&w, verify->seed);
    json_put_key(&w, "budget_batches");
    json_put_uint(&w, verify->budget);
    json_put_key(&w, "cases");
    json_put_array_begin(&w);
    for (int i = 0; i < verify->count; i++)
        put_case(&w, &verify->cases[i], peers);
    json_put_array_end(&w);
    put_tables(&w, verify, marks, peers);
    json_put_key(&w, "marks");
    json_put_array_begin(&w);
    for (int i = 0; i < marks->count; i++)
        put_mark(&w, &marks->mark[i]);
    json_put_array_end(&w);
    json_put_object_end(&w);
    json_put_finish(&w);
    return ferror(out) ? -1 : 0;
}
