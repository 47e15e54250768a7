/* What is known while the output of kafka-producer-perf-test is read, line by line. */
#ifndef MODEL_EVIDENCE_ROWS_PERF_INTERNAL_H
#define MODEL_EVIDENCE_ROWS_PERF_INTERNAL_H

#include "model/evidence/rows_internal.h"

struct perf {
    struct rows *rows;
    const char *file;
    int line;
    struct row said; /* the configuration as it stands; its id "" until one is said */
    bool size_said, partitions_said, replication_said, rate_said, share_said;
    bool from_file;     /* its payload */
    bool continues;     /* the line before was of a command, and ended with a backslash */
    const char *option; /* "throughput" of a command, whose value has not come yet; else NULL */
    bool changed;       /* since the last final line */
    int unnamed;        /* configurations without an id so far */
    double total_s;     /* of the last final line that was a row; 0: none */
};

/* ---- rows_perf_command.c ---- */

/* Any of a comment's words may be a pair, "name=value"; the others are prose. */
void perf_read_comment(struct perf *p, char *line);
/* kafka-producer-perf-test.sh --topic t --record-size 100 --throughput -1 --producer-props acks=1 linger.ms=5 */
void perf_read_command(struct perf *p, char *line);
bool perf_begins_with_option(const char *line);

#endif
