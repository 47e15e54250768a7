/*
 * model/report/table.h - rows of the result as words: made once, printed as text, Markdown and HTML.
 *
 * Shape    Cells are strings, ready to read (units, digits and signs decided), not yet escaped: each printer escapes for its place.
 *          A column has an edge for the 80-column screen: the last column of right-aligned cells, the first of left-aligned
 *          ones. A cell that needs more room pushes the next ones to the right; a name that leaves no room at all stands on
 *          its own line; the last column wraps.
 * Units    Edges: columns from 0.
 * Checked  tests/model/test_text_report.c
 */
#ifndef MODEL_REPORT_TABLE_H
#define MODEL_REPORT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum { REPORT_COLUMNS_MAX = 9, REPORT_SCREEN = 80 };

struct report_column {
    char header[64];
    char align; /* 'l' or 'r' */
    int edge;
};

struct report_table {
    const char *id;    /* "slo": anchor in the page */
    const char *title; /* heading where there is room for one */
    int column_count;
    int column_count_text; /* of these on the screen; 0: all */
    struct report_column columns[REPORT_COLUMNS_MAX];
    int row_count;
    char **cells; /* row by row; never NULL */
};

void report_table_init(struct report_table *t, const char *id, const char *title);
void report_table_release(struct report_table *t); /* may be called twice */
/* Adds a column. header is copied. */
void report_table_column(struct report_table *t, char align, int edge, const char *header);
/* Adds a row of empty cells. Returns its index. */
int report_table_row(struct report_table *t);
void report_table_set(struct report_table *t, int row, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const char *report_table_cell(const struct report_table *t, int row, int column);

void report_table_text(const struct report_table *t, FILE *out);
void report_table_markdown(const struct report_table *t, FILE *out);
void report_table_html(const struct report_table *t, FILE *out);

/* A paragraph: `first` before it, `indent` columns before its other lines, none wider than the screen. */
void report_paragraph(FILE *out, const char *first, int indent, const char *text);

#endif
