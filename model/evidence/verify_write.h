/*
 * model/evidence/verify_write.h - the error table for people, programs, spreadsheets and the eye.
 *
 * Shape    Text: each case, tables by family and quantity, coverage, ranks, false passes, peers, marks. JSON: the same, all of it. CSV: one
 *          line for each case, quantity and method. Figure: predicted against measured.
 * Units    Text in units that suit; JSON and CSV as measured.h.
 * Checked  tests/model/test_verify_write.c
 */
#ifndef MODEL_EVIDENCE_VERIFY_WRITE_H
#define MODEL_EVIDENCE_VERIFY_WRITE_H

#include <stdio.h>

#include "model/evidence/verify.h"
#include "model/evidence/verify_marks.h"

enum { VERIFY_CELL_MAX = 40 };

/* All return 0, or -1 when the stream has an error. marks are checked already. */
int verify_write_text(const struct verify *verify, const struct verify_marks *marks, bool peers,
                      FILE *out);
int verify_write_json(const struct verify *verify, const struct verify_marks *marks, bool peers,
                      FILE *out);
int verify_write_csv(const struct verify *verify, bool peers, FILE *out);
/* The errors of the public cases, blind, as the file NAME.scaled.yaml that stands beside the profile NAME.yaml. */
int verify_write_errors(const struct verify *verify, FILE *out);

/*
 * Writes verify-scatter.dat, its scripts and verify-scatter.svg into the folder, making it. note (200 bytes) is set to "" or to why
 * there is no picture. Returns BROKER_OK or a status with its sentence.
 */
int verify_write_figure(const struct verify *verify, const char *scripts, const char *folder,
                        volatile sig_atomic_t *stop, char note[200], struct broker_err *err);

/* ---- words and numbers of the text ---- */

/* "produce p50": the name with spaces, "maximum throughput" where the case says so. */
void verify_quantity_text(char cell[VERIFY_CELL_MAX], enum measured_quantity quantity,
                          bool is_maximum);
/* "7.49 ms", "12,300 /s", "0.310" (cores): three significant digits. "-" when unknown. */
void verify_value_text(char cell[VERIFY_CELL_MAX], enum measured_quantity quantity, double value);
/* "+1.6 %" (signed) or "1.6 %". "-" when unknown. */
void verify_percent_text(char cell[VERIFY_CELL_MAX], double ratio, bool is_signed);

/* ---- parts of the text, one file each ---- */

void verify_put_cases(const struct verify *verify, FILE *out);
void verify_put_tables(const struct verify *verify, const struct verify_marks *marks, FILE *out);
void verify_put_peers(const struct verify *verify, FILE *out);
void verify_put_marks(const struct verify_marks *marks, FILE *out);

#endif
