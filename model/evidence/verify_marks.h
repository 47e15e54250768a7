/*
 * model/evidence/verify_marks.h - the pass marks of a folder's verify.yaml, and whether they are reached.
 *
 * Shape    Two maps, `own` and `public`. In each, by quantity, by statistic, a percentage:
 *            median, anchored_median           median |error| at most (blind, anchored)
 *            cluster_binds_median              the same over cases where the cluster is the limit
 *            cluster_binds_answered            at least this share of those cases has a prediction
 *            factor_2                          at least this share is within a factor 2 (blind)
 *            times_spread: 1.25                median's limit is this multiple of the repeat spread where that is larger (a number)
 *            spread                            what repeats are taken to differ by where none was measured; no mark by itself
 *          and beside the quantities: coverage (of the 90 % intervals, each quantity that has a mark, within two binomial standard
 *          errors), rank (share of pairs in the right order at least), false_passes (share of rows at most).
 *          A mark that no case speaks to is missed: nothing was shown.
 * Checked  tests/model/test_verify_marks.c
 */
#ifndef MODEL_EVIDENCE_VERIFY_MARKS_H
#define MODEL_EVIDENCE_VERIFY_MARKS_H

#include "model/evidence/verify.h"

enum verify_statistic {
    VERIFY_MEDIAN,
    VERIFY_ANCHORED_MEDIAN,
    VERIFY_CLUSTER_BINDS_MEDIAN,
    VERIFY_CLUSTER_BINDS_ANSWERED,
    VERIFY_FACTOR_2,
    VERIFY_TIMES_SPREAD,
    VERIFY_SPREAD,
    VERIFY_QUANTITY_STATISTICS,
    VERIFY_COVERAGE = VERIFY_QUANTITY_STATISTICS,
    VERIFY_RANK,
    VERIFY_FALSE_PASSES,
    VERIFY_STATISTICS
};

struct verify_mark {
    enum verify_population population;
    enum verify_statistic statistic;
    int quantity; /* of enum measured_quantity; -1: all together */
    double limit;
    int line;
    /* set by verify_marks_check */
    double value;
    int n; /* cases, pairs or rows behind it */
    bool pass;
};

enum { VERIFY_MARKS_MAX = 128 };

struct verify_marks {
    int count; /* of those that are checked */
    struct verify_mark mark[VERIFY_MARKS_MAX];
    /* what does not stand for itself; NAN: not stated */
    double times_spread[VERIFY_POPULATIONS][MEASURED_QUANTITIES];
    double spread[VERIFY_POPULATIONS][MEASURED_QUANTITIES];
    char path[256]; /* "": there is no file */
};

/* Reads FOLDER/verify.yaml. Returns 0, also when there is none; -1 with "FILE:LINE: message" in err. */
int verify_marks_read(const char *folder, struct verify_marks *marks, struct broker_err *err);
/* Sets value, n and pass of each. Returns how many are missed. */
int verify_marks_check(struct verify_marks *marks, const struct verify *verify);

/* Repeat spread of a quantity: measured, else as stated, else NAN. */
double verify_spread(const struct verify_marks *marks, const struct verify *verify,
                     enum verify_population population, enum measured_quantity quantity);
/* "median", "rank" ...: as in the file. */
const char *verify_statistic_name(enum verify_statistic statistic);
/* Whether the value must be at least the limit (else at most). Coverage: neither, it is a band. */
bool verify_statistic_is_floor(enum verify_statistic statistic);

/* Quantities that "which is faster" is asked about: latencies, and throughput where it is a maximum. */
bool verify_is_ranked(enum measured_quantity quantity);

#endif
