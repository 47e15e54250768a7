/*
 * model/report/csv.h - numbers for spreadsheets and scripts: RFC 4180, one table a file, units in the header.
 *
 * Shape    metrics: one line an estimate (what, whose, which statistic, value, interval, unit). series: x and one column a series, for
 *          series that share group, unit and grid. Unknown numbers are empty cells. Line ends are CR LF, as the RFC says.
 * Checked  tests/model/test_csv.c
 */
#ifndef MODEL_REPORT_CSV_H
#define MODEL_REPORT_CSV_H

#include <stdio.h>

#include "model/cluster/result.h"

/* All return 0, or -1 when the stream has an error. */

/* Every estimate of the result and of its variants. */
int report_csv_metrics(const struct result *result, FILE *out);

/* First series of each table of series: -1 behind the last one. Start with previous = -1. */
int report_csv_series_next(const struct result *result, int previous);
/* The table that begins with that series. */
int report_csv_series(const struct result *result, int first, FILE *out);

#endif
