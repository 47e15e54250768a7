/*
 * model/report/escape.h - may this text appear there? One function for each place that text can go.
 *
 * Shape    Names, questions and notes come from a user's file and may hold anything: quotes, backquotes, line breaks, `=cmd`,
 *          `<script>`, ESC, bytes that are not UTF-8. Each function writes such text so that it is shown and does nothing.
 *          Control characters (C0, C1, DEL), direction overrides and bytes that are no UTF-8 become `\xNN`, visible.
 * Omits    Languages that need more than one column rule: East Asian wide characters count 2, combining marks 0, all others 1.
 * Source   Unicode 15, East Asian Width and Bidirectional Algorithm; RFC 8259 section 7; RFC 4180; OWASP on formulas in CSV.
 * Checked  tests/model/test_report.c
 */
#ifndef MODEL_REPORT_ESCAPE_H
#define MODEL_REPORT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Next code point, moving *text behind it. 0 at the end (not moved); -1 for a byte that is no UTF-8 (moved by one). */
int32_t report_utf8_next(const char **text);

/* Columns that text takes on a terminal. */
int report_width(const char *text);

/* One line of text for a terminal: what could move the cursor or reorder letters is `\xNN`. Gives, for free(). */
char *report_clean(const char *text);
/* The same, cut to `columns` with an ellipsis at its end. Gives. */
char *report_clip(const char *text, int columns);
/* The same with the ellipsis in the middle: long names of one kind differ at their ends. Gives. */
char *report_clip_middle(const char *text, int columns);

/* Text or attribute value of HTML and XML. Line breaks and tabs stay. */
void report_put_html(FILE *out, const char *text);
/* Running text or a table cell of Markdown, on one line. */
void report_put_markdown(FILE *out, const char *text);
/* A text cell of CSV: quoted where needed; a leading = + - @ gets an apostrophe, so that no spreadsheet runs it. */
void report_put_csv(FILE *out, const char *text);
/* A JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD. */
void report_put_json(FILE *out, const char *text);

/* A cell of a tab-separated gnuplot data file: no tab, line break, quote or backslash. At most 32 columns, as it stands
 * beside a bar. Gives. */
char *report_plot_cell(const char *text);

enum { REPORT_SLUG_MAX = 64 };
/* A file name from any text: [a-z0-9._-], never empty, never with a leading dot or dash. */
void report_slug(char slug[REPORT_SLUG_MAX], const char *text);

#endif
