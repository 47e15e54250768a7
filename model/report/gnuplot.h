/*
 * model/report/gnuplot.h - gnuplot as a child that can do no harm and need not be there.
 *
 * Shape    A script of ours, in a folder of ours, is run with a fixed argument vector, no shell, no start-up file, no input, limited
 *          CPU time, memory and file size. Text from a scenario reaches gnuplot only as cells of data files or as literals made here.
 * Omits    A system-call filter: gnuplot could start processes if it were told to; nothing tells it.
 * Source   reference: gnuplot section of the reliability notes (what runs a command: double quotes with backquotes, a line break
 *          in a title, file names with < or |, ~/.gnuplot).
 * Checked  tests/model/test_figures.c
 */
#ifndef MODEL_REPORT_GNUPLOT_H
#define MODEL_REPORT_GNUPLOT_H

#include <signal.h>
#include <stdio.h>

#include "broker-core/status.h"

/* Writes text as a gnuplot literal: single quotes, no line break, no control character, at most 200 columns. */
void gnuplot_put_literal(FILE *out, const char *text);

/*
 * Runs `gnuplot -d -e FORMAT='format' script` inside folder.
 *
 * Returns  BROKER_OK; BROKER_EMISSING when there is no gnuplot on the PATH; BROKER_EIO when it failed (its own words in
 *          err) or *stop became nonzero.
 * Asserts  script and format are made of [a-z0-9._-].
 */
int gnuplot_run(const char *folder, const char *script, const char *format,
                volatile sig_atomic_t *stop, struct broker_err *err);

#endif
