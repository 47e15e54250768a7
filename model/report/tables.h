/*
 * model/report/tables.h - the result document as tables of words.
 *
 * Shape    One function a table; each inits *t, which the caller releases. A table without rows has nothing to say and is left out
 *          by the printers. Under "unstable" there is no steady state, so latencies and parts have no rows at all.
 * Units    Chosen per table (ms or us, MB/s or GB/s) and said in its header.
 * Checked  tests/model/test_text_report.c, tests/model/test_html.c
 */
#ifndef MODEL_REPORT_TABLES_H
#define MODEL_REPORT_TABLES_H

#include "model/cluster/result.h"
#include "model/report/number.h"
#include "model/report/table.h"

void report_table_slos(const struct result *r, struct report_table *t);
/* "too few batches for a p99: 2,300 of about 10,000: measure 5 min or longer"; "" where the interval tells. For free(). */
char *report_slo_reason(const struct result_slo *slo);
/* Each quantity with its prediction interval, the profile's median error of it, and the evidence for that. */
void report_table_trusts(const struct result *r, struct report_table *t);
/* Up to `most` of each kind and what SLOs name (shown.h); 0: all. */
void report_table_latencies(const struct result *r, int most, struct report_table *t);
void report_table_flows(const struct result *r, int most, struct report_table *t);
void report_table_resources(const struct result *r, struct report_table *t);
/* The `most` fullest disks; 0: all. */
void report_table_disks(const struct result *r, int most, struct report_table *t);
/* Producers whose parts are known, in order; -1 behind the last. */
const char *report_parts_subject(const struct result *r, int index);
void report_table_parts(const struct result *r, const char *subject, struct report_table *t);
/* The p99 (or the mean, where a p99 is not known) of each part for up to REPORT_PRODUCERS_BESIDE producers, those with the largest produce p99, side by side. */
enum { REPORT_PRODUCERS_BESIDE = 4 };
void report_table_parts_beside(const struct result *r, struct report_table *t);
/* Of a result of closed forms only, which has no latencies: what binds first, and how many brokers it takes. */
void report_table_variants(const struct result *r, struct report_table *t);
void report_table_bounds(const struct result *r, struct report_table *t);
/* How each bound was reckoned, with the numbers put in. */
void report_table_formulas(const struct result *r, struct report_table *t);
void report_table_costs(const struct result *r, struct report_table *t);
void report_table_inputs(const struct result *r, struct report_table *t);

/* "✓", "✗", "?", "unstable". */
const char *report_verdict_sign(enum result_verdict verdict);
/* "produce", "end to end", "fetch". */
const char *report_latency_word(enum result_latency_kind kind);
/* Whether an SLO names that latency: figures that leave some out show it. */
bool report_is_asked(const struct result *r, enum result_latency_kind kind, const char *subject);
/*
 * The producer whose p99 variants are compared by: of the first SLO of the scenario as written that names one, else the one with the largest.
 * NULL without one.
 */
const char *report_compared_producer(const struct result *written);
/* Its latency in a result; NULL without one. */
const struct result_latency *report_produce_of(const struct result *r, const char *producer);
/* "simulated produce p99", or of several producers "simulated shop p99". */
void report_compared_title(const struct result *written, char title[REPORT_CELL_MAX]);
/* The resource of that kind, or NULL. */
const struct result_resource *report_resource(const struct result *r,
                                              enum result_resource_kind kind);
/* Every part of the cost is known: else the sum is a floor, printed as "> 1,019". */
bool report_cost_is_whole(const struct result *r);
/* "2,930", "> 1,019", "-" when no part with an amount is known. */
void report_cost_cell(const struct result *r, char cell[REPORT_CELL_MAX]);
/* A part whose amount is known: "410"; "included" where the machines' price has it. */
void report_cost_part_cell(const struct result_cost *c, char cell[REPORT_CELL_MAX]);
/* Largest share of any disk over the horizon; NAN without disks. */
double report_disk_max_ratio(const struct result *r);
/* "the 3 fullest of 60; the others come at most to 20 .. 25 %"; NULL: none is left out. Gives. */
char *report_disks_left(const struct result *r, int most);
/* The disk that is fullest at its fullest, the first of equals; NULL without disks. */
const struct result_disk *report_fullest_disk(const struct result *r);
/* Its share at the horizon's start; where there are no disks what row x says. */
struct result_estimate report_disk_today(const struct result *r, const struct result_resource *x);

#endif
