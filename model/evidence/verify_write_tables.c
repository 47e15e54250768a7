/* The error table as text: what the cases add up to. */
#include <math.h>
#include <string.h>

#include "model/evidence/coverage.h"
#include "model/evidence/error_table.h"
#include "model/evidence/false_pass.h"
#include "model/evidence/rank_pairs.h"
#include "model/evidence/verify_write.h"

/* ---- errors ---- */

static void put_error_line(const char *first, const char *second, const struct error_row *row,
                           FILE *out)
{
    char median[VERIFY_CELL_MAX], signed_median[VERIFY_CELL_MAX], p90[VERIFY_CELL_MAX];
    verify_percent_text(median, row->error.median, false);
    verify_percent_text(signed_median, row->error.signed_median, true);
    verify_percent_text(p90, row->error.p90, false);
    fprintf(out, "%-22s%-21s%5d%10s%10s%10s\n", first, second, row->error.n, median, signed_median,
            p90);
}

static void put_error_head(const char *first, FILE *out)
{
    fprintf(out, "%-22s%-21s%5s%10s%10s%10s\n", first, "quantity", "n", "median", "signed", "90 %");
}

static bool put_family(const struct verify *verify, struct error_filter filter, const char *label,
                       FILE *out)
{
    bool any = false;
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        char name[VERIFY_CELL_MAX];
        filter.quantity = (enum measured_quantity)q;
        struct error_row row = error_table_row(verify, &filter);
        if (row.error.n == 0)
            continue;
        verify_quantity_text(name, filter.quantity, true);
        put_error_line(any ? "" : label, name, &row, out);
        any = true;
    }
    return any;
}

static void put_families(const struct verify *verify, enum verify_population population,
                         enum verify_method method, FILE *out)
{
    const char *families[ERROR_TABLE_FAMILIES_MAX];
    struct error_filter filter = {.population = population, .method = method};
    int count = error_table_families(verify, population, families);
    if (count == 0)
        return;
    fprintf(out, "\nERRORS, %s rows, %s: |predicted / measured - 1|\n",
            verify_population_name(population), verify_method_name(method));
    put_error_head("family", out);
    for (int f = 0; f < count; f++) {
        filter.family = families[f];
        put_family(verify, filter, families[f], out);
    }
    filter.family = NULL;
    put_family(verify, filter, "all", out);
    filter.cluster_binds = true;
    filter.quantity = MEASURED_THROUGHPUT;
    struct error_row binds = error_table_row(verify, &filter);
    if (binds.error.n)
        put_error_line("cluster binds", "maximum throughput", &binds, out);
}

/* ---- intervals, spread, ranks ---- */

static void put_quality_line(const struct verify *verify, const struct verify_marks *marks,
                             enum verify_population population, enum verify_method method,
                             enum measured_quantity q, FILE *out)
{
    struct coverage cover = coverage_of(verify, population, method, q);
    if (cover.n == 0)
        return;
    double spread = verify_spread(marks, verify, population, q);
    char name[VERIFY_CELL_MAX], share[VERIFY_CELL_MAX], error[VERIFY_CELL_MAX],
        width[VERIFY_CELL_MAX], repeat[VERIFY_CELL_MAX], ranks[VERIFY_CELL_MAX] = "-";
    verify_quantity_text(name, q, true);
    verify_percent_text(share, cover.share, false);
    verify_percent_text(error, cover.error, false);
    verify_percent_text(width, cover.median_width, false);
    verify_percent_text(repeat, spread, false);
    struct rank_pairs pairs = rank_pairs_of(verify, population, method, q, spread);
    if (verify_is_ranked(q) && pairs.pairs)
        snprintf(ranks, sizeof ranks, "%d of %d", pairs.right, pairs.pairs);
    fprintf(out, "%-22s%5d%9s%9s%9s%11s%15s\n", name, cover.n, share, error, width, repeat, ranks);
}

static void put_quality(const struct verify *verify, const struct verify_marks *marks,
                        enum verify_population population, enum verify_method method, FILE *out)
{
    fprintf(out, "\nINTERVALS AND RANKS, %s rows, %s\n", verify_population_name(population),
            verify_method_name(method));
    fprintf(out, "%-22s%5s%9s%9s%9s%11s%15s\n", "quantity", "n", "covered", "+-", "width",
            "repeats", "pairs right");
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        put_quality_line(verify, marks, population, method, (enum measured_quantity)q, out);
    struct false_pass f = false_pass_of(verify, population, method);
    if (f.rows == 0)
        return;
    char share[VERIFY_CELL_MAX], unknown[VERIFY_CELL_MAX];
    verify_percent_text(share, (double)f.false_met / f.rows, false);
    verify_percent_text(unknown, (double)f.unknown / f.rows, false);
    fprintf(out,
            "SLO grid on p99, %d limits of %d latencies: %d met, %d missed, %d \"?\" (%s);\n"
            "  false passes %d (%s), on %d latencies; false alarms %d\n",
            f.rows, f.cases, f.met, f.missed, f.unknown, unknown, f.false_met, share,
            f.cases_false_met, f.false_missed);
}

static bool has_any(const struct verify *verify, enum verify_population population,
                    enum verify_method method)
{
    for (int i = 0; i < verify->count; i++)
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            if (verify->cases[i].population == population &&
                verify_counts(&verify->cases[i], method, (enum measured_quantity)q))
                return true;
    return false;
}

void verify_put_tables(const struct verify *verify, const struct verify_marks *marks, FILE *out)
{
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int m = VERIFY_BLIND; m <= VERIFY_ANCHORED; m++) {
            enum verify_population population = (enum verify_population)p;
            enum verify_method method = (enum verify_method)m;
            if (!has_any(verify, population, method))
                continue;
            put_families(verify, population, method, out);
            put_quality(verify, marks, population, method, out);
        }
}

/* ---- peers ---- */

static void put_peer(const struct verify *verify, enum verify_population population,
                     enum verify_method method, enum measured_quantity q, bool cluster_binds,
                     FILE *out)
{
    struct error_filter filter = {
        .population = population, .method = method, .quantity = q, .cluster_binds = cluster_binds};
    struct error_row row = error_table_row(verify, &filter);
    if (row.asked == 0)
        return;
    char median[VERIFY_CELL_MAX], signed_median[VERIFY_CELL_MAX], p90[VERIFY_CELL_MAX];
    char answered[VERIFY_CELL_MAX];
    verify_percent_text(median, row.error.median, false);
    verify_percent_text(signed_median, row.error.signed_median, true);
    verify_percent_text(p90, row.error.p90, false);
    snprintf(answered, sizeof answered, "%d of %d", row.error.n, row.asked);
    fprintf(out, "  %-26s%12s%10s%10s%10s\n",
            method == VERIFY_BLIND      ? "headroom, blind"
            : method == VERIFY_ANCHORED ? "headroom, anchored"
                                        : verify_method_name(method),
            answered, median, signed_median, p90);
}

static void put_peer_block(const struct verify *verify, enum verify_population population,
                           enum measured_quantity q, bool cluster_binds, FILE *out)
{
    struct error_filter filter = {.population = population,
                                  .method = VERIFY_BLIND,
                                  .quantity = q,
                                  .cluster_binds = cluster_binds};
    if (error_table_row(verify, &filter).asked == 0)
        return;
    char name[VERIFY_CELL_MAX];
    verify_quantity_text(name, q, true);
    fprintf(out, "%s rows, %s%s\n", verify_population_name(population), name,
            cluster_binds ? ", the cluster binds" : "");
    bool latency = q != MEASURED_THROUGHPUT;
    for (int m = 0; m < VERIFY_METHODS; m++) {
        bool answers = m <= VERIFY_ANCHORED || (latency == (m == VERIFY_MM1));
        if (answers)
            put_peer(verify, population, (enum verify_method)m, q, cluster_binds, out);
    }
}

void verify_put_peers(const struct verify *verify, FILE *out)
{
    static const enum measured_quantity asked[] = {MEASURED_THROUGHPUT, MEASURED_PRODUCE_P50,
                                                   MEASURED_PRODUCE_P99};
    fprintf(
        out,
        "\nBESIDE THE RULES IN USE, which take ranges at their middle\n  %-26s%12s%10s%10s%10s\n",
        "", "answered", "median", "signed", "90 %");
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int q = 0; q < 3; q++) {
            put_peer_block(verify, (enum verify_population)p, asked[q], false, out);
            if (asked[q] == MEASURED_THROUGHPUT)
                put_peer_block(verify, (enum verify_population)p, asked[q], true, out);
        }
}

/* ---- marks ---- */

static void put_mark(const struct verify_mark *mark, FILE *out)
{
    char quantity[VERIFY_CELL_MAX] = "", statistic[VERIFY_CELL_MAX], limit[VERIFY_CELL_MAX],
         value[VERIFY_CELL_MAX];
    if (mark->quantity >= 0)
        verify_quantity_text(quantity, (enum measured_quantity)mark->quantity, true);
    snprintf(statistic, sizeof statistic, "%s", verify_statistic_name(mark->statistic));
    for (char *at = statistic; *at; at++)
        if (*at == '_')
            *at = ' ';
    verify_percent_text(limit, mark->limit, false);
    verify_percent_text(value, mark->value, false);
    const char *relation = mark->statistic == VERIFY_COVERAGE           ? "about"
                           : verify_statistic_is_floor(mark->statistic) ? ">="
                                                                        : "<=";
    fprintf(out, "%-6s%-8s%-19s%-23s%7s  %-5s%6s%5d\n", mark->pass ? "PASS" : "MISS",
            verify_population_name(mark->population), quantity, statistic, value, relation, limit,
            mark->n);
}

void verify_put_marks(const struct verify_marks *marks, FILE *out)
{
    if (!marks->path[0])
        return;
    fprintf(out, "\nPASS MARKS (%s)\n%-6s%-8s%-19s%-23s%7s  %-5s%6s%5s\n", marks->path, "", "rows",
            "quantity", "statistic", "value", "", "mark", "n");
    int missed = 0;
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int i = 0; i < marks->count; i++) {
            if (marks->mark[i].population != (enum verify_population)p)
                continue;
            put_mark(&marks->mark[i], out);
            missed += !marks->mark[i].pass;
        }
    fprintf(out, "%d of %d marks reached\n", marks->count - missed, marks->count);
}
