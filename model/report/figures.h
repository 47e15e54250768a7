/*
 * model/report/figures.h - the result as pictures, drawn by gnuplot from data files and scripts that stay beside them.
 *
 * Shape    For each figure that has something to show: NAME.dat (tab-separated, a header line with units), NAME.gp (as installed)
 *          and the picture NAME.svg or NAME.png; style.gp and settings.gp are shared. A user restyles by editing a
 *          script and calling gnuplot in that folder.
 * Units    In the headers of the data files.
 * Omits    A figure of a study without steady state shows growth over time, never percentiles.
 * Checked  tests/model/test_figures.c
 */
#ifndef MODEL_REPORT_FIGURES_H
#define MODEL_REPORT_FIGURES_H

#include <signal.h>
#include <stdbool.h>

#include "broker-core/status.h"
#include "model/cluster/result.h"

enum { REPORT_FIGURES_MAX = 10, REPORT_TITLE_MAX = 80 };

struct report_figures {
    int count;
    const char *names[REPORT_FIGURES_MAX];             /* "latency": of latency.svg */
    char titles[REPORT_FIGURES_MAX][REPORT_TITLE_MAX]; /* "Latency by percentile: 8 of 20" */
    bool drawn[REPORT_FIGURES_MAX]; /* false: gnuplot was missing or failed; see note */
    char note[200];                 /* why something is not drawn; else "" */
};

struct report_figures_options {
    const char
        *scripts;       /* folder with style.gp and one .gp a figure: `plots/` of the source tree */
    const char *format; /* "svg" or "png" */
    bool draw;          /* false: data and scripts only */
    volatile sig_atomic_t *stop;
};

/*
 * Writes data, scripts and pictures into folder, which exists. A missing or failing gnuplot is no error: figures->note says it.
 *
 * Returns  BROKER_OK, or BROKER_EIO when files cannot be written or *stop is set.
 */
int report_figures_write(const struct result *result, const char *folder,
                         const struct report_figures_options *options,
                         struct report_figures *figures, struct broker_err *err);

#endif
