/* Are the marks reached? */
#include <math.h>

#include "model/evidence/coverage.h"
#include "model/evidence/error_table.h"
#include "model/evidence/false_pass.h"
#include "model/evidence/rank_pairs.h"
#include "model/evidence/verify_marks.h"

double verify_spread(const struct verify_marks *marks, const struct verify *verify,
                     enum verify_population population, enum measured_quantity quantity)
{
    double measured = error_table_spread(verify, population, quantity);
    return isnan(measured) ? marks->spread[population][quantity] : measured;
}

bool verify_is_ranked(enum measured_quantity quantity)
{
    return quantity == MEASURED_THROUGHPUT || quantity == MEASURED_PRODUCE_P50 ||
           quantity == MEASURED_PRODUCE_P99 || quantity == MEASURED_ROUND_TRIP ||
           quantity == MEASURED_END_TO_END_P50 || quantity == MEASURED_END_TO_END_P99;
}

static void check_median(struct verify_mark *mark, const struct verify_marks *marks,
                         const struct verify *verify)
{
    enum measured_quantity q = (enum measured_quantity)mark->quantity;
    struct error_filter filter = {
        .population = mark->population,
        .method = mark->statistic == VERIFY_ANCHORED_MEDIAN ? VERIFY_ANCHORED : VERIFY_BLIND,
        .quantity = q,
        .cluster_binds = mark->statistic == VERIFY_CLUSTER_BINDS_MEDIAN ||
                         mark->statistic == VERIFY_CLUSTER_BINDS_ANSWERED};
    struct error_row row = error_table_row(verify, &filter);
    if (mark->statistic == VERIFY_CLUSTER_BINDS_ANSWERED) {
        mark->n = row.asked;
        mark->value = row.asked ? (double)row.error.n / row.asked : NAN;
        return;
    }
    mark->n = row.error.n;
    mark->value = mark->statistic == VERIFY_FACTOR_2 ? row.factor_2 : row.error.median;
    double wide = marks->times_spread[mark->population][q] *
                  verify_spread(marks, verify, mark->population, q);
    if (mark->statistic == VERIFY_MEDIAN && wide > mark->limit)
        mark->limit = wide;
}

static void check_rank(struct verify_mark *mark, const struct verify_marks *marks,
                       const struct verify *verify)
{
    int right = 0;
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        enum measured_quantity quantity = (enum measured_quantity)q;
        if (!verify_is_ranked(quantity))
            continue;
        double spread = verify_spread(marks, verify, mark->population, quantity);
        struct rank_pairs pairs =
            rank_pairs_of(verify, mark->population, VERIFY_BLIND, quantity, spread);
        mark->n += pairs.pairs;
        right += pairs.right;
    }
    mark->value = mark->n ? (double)right / mark->n : NAN;
}

static void check_one(struct verify_mark *mark, const struct verify_marks *marks,
                      const struct verify *verify)
{
    mark->n = 0;
    if (mark->statistic < VERIFY_QUANTITY_STATISTICS) {
        check_median(mark, marks, verify);
    } else if (mark->statistic == VERIFY_RANK) {
        check_rank(mark, marks, verify);
    } else if (mark->statistic == VERIFY_FALSE_PASSES) {
        struct false_pass f = false_pass_of(verify, mark->population, VERIFY_BLIND);
        mark->n = f.rows;
        mark->value = f.rows ? (double)f.false_met / f.rows : NAN;
    } else if (mark->quantity >= 0) {
        struct coverage c = coverage_of(verify, mark->population, VERIFY_BLIND,
                                        (enum measured_quantity)mark->quantity);
        mark->n = c.n;
        mark->value = c.n ? c.share : NAN;
        mark->pass = c.n && fabs(c.share - mark->limit) <= 2 * c.error;
        return;
    }
    mark->pass =
        mark->n > 0 && (verify_statistic_is_floor(mark->statistic) ? mark->value >= mark->limit
                                                                   : mark->value <= mark->limit);
}

static bool has_mark(const struct verify_marks *marks, enum verify_population population,
                     int quantity)
{
    for (int i = 0; i < marks->count; i++)
        if (marks->mark[i].population == population && marks->mark[i].quantity == quantity)
            return true;
    return false;
}

/* `coverage: 90 %` stands for one mark a quantity that has any other. */
static void unfold_coverage(struct verify_marks *marks)
{
    for (int i = 0; i < marks->count; i++) {
        if (marks->mark[i].statistic != VERIFY_COVERAGE || marks->mark[i].quantity >= 0)
            continue;
        struct verify_mark all = marks->mark[i];
        bool first = true;
        for (int q = 0; q < MEASURED_QUANTITIES; q++) {
            if (!has_mark(marks, all.population, q))
                continue;
            struct verify_mark *at = first ? &marks->mark[i]
                                     : marks->count < VERIFY_MARKS_MAX
                                         ? &marks->mark[marks->count++]
                                         : NULL;
            first = false;
            if (!at)
                return;
            *at = all;
            at->quantity = q;
        }
    }
}

int verify_marks_check(struct verify_marks *marks, const struct verify *verify)
{
    int missed = 0;
    unfold_coverage(marks);
    for (int i = 0; i < marks->count; i++) {
        check_one(&marks->mark[i], marks, verify);
        missed += !marks->mark[i].pass;
    }
    return missed;
}
