/* What the readers of the three formats share. */
#ifndef MODEL_EVIDENCE_ROWS_INTERNAL_H
#define MODEL_EVIDENCE_ROWS_INTERNAL_H

#include <jansson.h>

#include "model/evidence/rows.h"

#define ROWS_HISTOGRAM_SLACK                                                                       \
    1.02 /* a bin's width: a percentile may lie above the largest value by that much */
#define ROWS_CORES_MAX                                                                             \
    1024 /* beyond any machine that brokers run on; per cent of one core reach it */
#define ROWS_NAME_EXPECTED "%zu characters at most"
/* Latency counts records and its parts count requests: in 126 rows they differ by a factor 0.35 to 1.8. Units differ by 1000. */
#define ROWS_PARTS_FACTOR  30

/*
 * Percentiles of a clock of whole milliseconds: below 5 ms they are off by more than a tenth, and 0 is no latency. They become unknown;
 * the mean stays, in which the rounding averages out. Returns how many did.
 */
#define ROWS_WHOLE_MS_LEAST 5e-3
int rows_drop_coarse(struct row *row);

/* Copies a name. One that is cut would be another configuration's too: false, and `expected` says how long it may be. */
bool rows_take_name(char *name, size_t size, const char *text, char expected[64]);

/* Everything unknown; configuration as the defaults of Kafka 4 and its own producer. */
void rows_defaults(struct row *row);
/* Such a row at the end of rows. */
struct row *rows_add(struct rows *rows, const char *file, int line);
void rows_problem(struct rows *rows, const char *file, int line, const char *id, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));
void rows_warn(struct rows *rows, const char *file, int line, const char *id, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

struct rows_statistic {
    const char *name;
    double value; /* NAN: unknown */
};

/* A latency as its tool says it, in the tool's unit. */
struct rows_latency {
    const char *where; /* stands before the names */
    int count;
    struct rows_statistic rising[9]; /* percentiles, the largest value last */
    struct rows_statistic mean;
};

/* Refuses what no latencies can have: percentiles that fall, or lie above the largest; a mean above it. */
void rows_check_latency(struct rows *rows, const struct row *row,
                        const struct rows_latency *latency);

/* What this codec leaves of a payload of random letters A to Z, which is kafka-producer-perf-test's own. */
double rows_letters_share(const char *compression);

/* Each adds what it finds, problems too. */
void rows_read_json_line(struct rows *rows, const char *file, int line, json_t *row);
void rows_read_perf(struct rows *rows, const char *file, char *text);
void rows_read_omb(struct rows *rows, const char *file, json_t *result);

/* What cannot be, or can hardly be, among the values of a row. */
void rows_check(struct rows *rows, const struct row *row);
/* The same between rows, of those from `first` on: repeats of different configurations under one id, the same repeat twice, too many. */
void rows_check_repeats(struct rows *rows, int first);
/* How many rows before the last have its id. */
int rows_repeats_before(const struct rows *rows, const char *id);

#endif
