/*
 * model/report/html_svg.h - a picture of gnuplot's inside a page.
 *
 * Shape    Prolog and document type are dropped, ids and references to them get the figure's name in front (several pictures share a
 *          page), and a picture that holds a script, a handler or a foreign object is refused: ours never do.
 * Checked  tests/model/test_html.c
 */
#ifndef MODEL_REPORT_HTML_SVG_H
#define MODEL_REPORT_HTML_SVG_H

#include <stdio.h>

/* Returns 0, or -1 when the file cannot be read or is refused (nothing is written then). */
int html_svg_put(const char *path, const char *name, FILE *out);

/* The whole file as a string, or NULL with errno. Gives. */
char *html_read_file(const char *path);

#endif
