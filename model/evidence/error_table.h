/*
 * model/evidence/error_table.h - how large are the errors of one method, by quantity and family?
 *
 * Shape    One row is computed from the cases that count (verify_counts). Quantiles interpolate between order statistics.
 * Units    Ratios: 0.1 is 10 %.
 * Checked  tests/model/test_verify.c, by hand
 */
#ifndef MODEL_EVIDENCE_ERROR_TABLE_H
#define MODEL_EVIDENCE_ERROR_TABLE_H

#include "model/evidence/error_summary.h"
#include "model/evidence/verify.h"

enum { ERROR_TABLE_FAMILIES_MAX = 64 };

struct error_row {
    struct error_summary error;
    int asked;       /* cases that were measured and not fitted, answered or not */
    double factor_2; /* share of predictions within a factor 2 of the measurement */
};

struct error_filter {
    enum verify_population population;
    enum verify_method method;
    enum measured_quantity quantity;
    const char *family; /* NULL: all */
    bool cluster_binds; /* only cases where the cluster is the limit */
    bool steady;        /* only cases below saturation */
};

struct error_row error_table_row(const struct verify *verify, const struct error_filter *filter);
/* Names of the families of a population, sorted, at most ERROR_TABLE_FAMILIES_MAX. Borrowed from the cases. Returns how many. */
int error_table_families(const struct verify *verify, enum verify_population population,
                         const char *families[ERROR_TABLE_FAMILIES_MAX]);

/*
 * What repeats of one configuration differ by: median over all repeats of |repeat / median of its others - 1|. NAN: no repeats.
 */
double error_table_spread(const struct verify *verify, enum verify_population population,
                          enum measured_quantity quantity);

#endif
