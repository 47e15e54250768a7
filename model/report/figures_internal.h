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

bool figure_latency(const struct result *r, FILE *data, FILE *set);
bool figure_over_time(const struct result *r, FILE *data, FILE *set);
bool figure_parts(const struct result *r, FILE *data, FILE *set);
bool figure_utilisation(const struct result *r, FILE *data, FILE *set);
bool figure_disk(const struct result *r, FILE *data, FILE *set);
bool figure_throughput(const struct result *r, FILE *data, FILE *set);
bool figure_lag(const struct result *r, FILE *data, FILE *set);
bool figure_horizon_lag(const struct result *r, FILE *data, FILE *set);
bool figure_variants(const struct result *r, FILE *data, FILE *set);

/* A number of a data file; what is unknown is `?`, which gnuplot leaves out. */
void figure_number(FILE *data, double value);
/* A text cell. */
void figure_text(FILE *data, const char *text);
/* `NAME = 'text'` */
void figure_literal(FILE *set, const char *name, const char *text);

#endif
