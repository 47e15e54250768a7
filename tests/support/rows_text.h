/* Rows read of a text, and what is said of them. */
#ifndef TESTS_SUPPORT_ROWS_TEXT_H
#define TESTS_SUPPORT_ROWS_TEXT_H

#include "model/evidence/rows.h"
#include "model/scenario/load.h"

#define ROWS_THAT_SHIP "scenarios/validation/kafka-4.2/rows.jsonl"

/* By a file of that content; expected: what rows_read returns. Gives, for rows_release. */
struct rows rows_text_read(const char *text, int expected);
/* Fails the test where there is none. */
const struct row *rows_text_find(const struct rows *rows, const char *id, int repeat);
void rows_text_near(double value, double expected);
/* Some problem of the rows has that part; rows_text_problem: of the text, which is refused. */
void rows_text_told(const struct rows *rows, const char *part);
void rows_text_problem(const char *text, const char *part);
/* The scenario of so many rows of one configuration. Gives, for scenario_doc_free. */
struct scenario_doc *rows_text_scenario(const struct row *row, int count);

#endif
