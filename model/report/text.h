/*
 * model/report/text.h - a result on one screen of 80 columns, or on one page for the meeting that decides on money.
 *
 * Shape    Sections always in the same order; one that has nothing to say is left out. Readable without colour.
 * Omits    What only this run of the program knows (how long it took, where files lie) is left to the caller.
 * Source   Layout: design section 7.
 * Checked  tests/model/test_text_report.c with tests/golden/run-screen.txt
 */
#ifndef MODEL_REPORT_TEXT_H
#define MODEL_REPORT_TEXT_H

#include <stdio.h>

#include "model/cluster/result.h"

/* All return 0, or -1 when the stream has an error. */

/* The screen after `run`. suffix (may be ""): what the caller adds to the last line, such as "2.9 s". */
int report_text_write(const struct result *result, const char *suffix, FILE *out);
/* The screen after `size`: bounds, brokers needed, cost. */
int report_text_size(const struct result *result, FILE *out);
/* Verdict, cost by part, headroom, day of exhaustion, risks. */
int report_text_brief(const struct result *result, FILE *out);

/* Neither NULL nor empty. */
bool report_is_set(const char *text);
/* The first line: "quickstart: FITS, also with one rack lost.  First to bind: network out of broker 2". Gives. */
char *report_headline(const struct result *result);
/* As asprintf, and never fails. Gives. */
char *report_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "Run from day 27, 18:00: ..."; NULL when the run began at the start and nobody asked. Gives. */
char *report_moment_line(const struct result *result);
/* The same of a variant whose horizon led elsewhere: "acks-1 runs from day 3, ..."; NULL when it began where the scenario did. Gives. */
char *report_variant_moment(const struct result *result, uint32_t variant);
/* Why a variant does not fit or is not decided: "acks-1: DOES NOT FIT: ..."; NULL when it fits. Gives. */
char *report_variant_reason(const struct result *result, uint32_t variant);
/* "Smallest cluster by all of them: 3 brokers; the scenario has 3."; NULL when no count is known. Gives. */
char *report_brokers_line(const struct result *result);
/* Of an unstable study: "none to plan with: ...". */
const char *report_no_latency(void);
/* "seed 1, 10 replications of 60 s, warm-up 4 s removed, 1.4 million batches". Gives. */
char *report_run_line(const struct result *result);
/* "profile kafka-4.2-jvm17: held-out error p99 18 %". Gives. */
char *report_profile_line(const struct result *result);

#endif
