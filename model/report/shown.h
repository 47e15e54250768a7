/*
 * model/report/shown.h - which rows a short table shows when there are many producers or groups.
 *
 * Shape    By row, whether it is shown: all that an SLO names, all that can decide one without a name, and up to `most` of each kind beside.
 *          most 0: all rows. The page and result.json always have all.
 * Checked  tests/model/test_text_report.c
 */
#ifndef MODEL_REPORT_SHOWN_H
#define MODEL_REPORT_SHOWN_H

#include "model/cluster/result.h"

/* p99, or the highest percentile below it that is known: few batches have a p50 and no p99. 0: none is. */
double report_slowness_ns(const struct result_latency *latency);

/* Beside those of SLOs the slowest, and the slowest by each other percentile of the table. Gives. */
bool *report_shown_latencies(const struct result *r, int most);
/* Beside those of SLOs the largest, the smallest, and each with records that failed; all where something is not steady. Gives. */
bool *report_shown_flows(const struct result *r, int most);
/* "16 of 61 latencies and 6 of 31 flows: ..."; NULL: none is left out. Gives. */
char *report_rows_left(const struct result *r, int most);

#endif
