/*
 * model/report/figures_internal.h - what one figure needs: its data file and its line in settings.gp.
 *
 * Shape    Each function writes the data of one figure to `data` and numbers or literals that its script uses to `set`.
 *          It returns false, whatever it has written, when there is nothing to draw.
 */
#ifndef MODEL_REPORT_FIGURES_INTERNAL_H
#define MODEL_REPORT_FIGURES_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "model/cluster/result.h"
#include "model/report/number.h"

/* Where a figure has more rows or lines than anybody tells apart it draws the worst, and its title says how many of how many. */
struct figure_shown {
    int drawn, of; /* 0, 0: a figure that leaves nothing out, or says so itself */
};

bool figure_latency(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_over_time(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_parts(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_utilisation(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_disk(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_throughput(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_lag(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_horizon_lag(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
bool figure_variants(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);

enum {
    FIGURE_LINES_MAX = 8,     /* more nobody tells apart */
    FIGURE_NAME_COLUMNS = 48, /* of a line in a legend */
};
/* Added to the score, in ns, of what an SLO names: it comes before all that is slower. */
#define FIGURE_ASKED 1e18

/* Which of count scores are among the `most` highest; of equals the earlier is, and -INFINITY never. Gives. */
bool *figure_highest(const double *scores, int count, int most);
/* gnuplot fails on a plot without points: at least two are known. */
bool figure_has_line(const struct result_series *s);
/* One unit, one grid. */
bool figure_same_grid(const struct result_series *a, const struct result_series *b);
/* The largest magnitude of any of them. */
double figure_largest(const struct result_series *const of[], int count);
/* Lines on one grid: the data, and PREFIX_LINES, PREFIX_UNIT, PREFIX_1 ... */
void figure_put_lines(const struct result_series *const of[], const char *const names[], int count,
                      struct report_unit unit, const char *prefix, FILE *data, FILE *set);

/* A number of a data file; what is unknown is `?`, which gnuplot leaves out. */
void figure_number(FILE *data, double value);
/* A text cell. */
void figure_text(FILE *data, const char *text);
/* `NAME = 'text'` */
void figure_literal(FILE *set, const char *name, const char *text);

#endif
