/*
 * model/report/html.h - the result as one page: no network, no script, pictures inside.
 *
 * Shape    plots/page.html gives the frame and the style; its marks `<!--headroom:NAME-->` are replaced. Tables come from the same
 *          rows as the text. SVG pictures are put in line, without their prolog, with their ids made unique, and only if they hold
 *          nothing that could run. The whole result is in the page as a download; the page forbids scripts and requests by policy.
 * Checked  tests/model/test_html.c
 */
#ifndef MODEL_REPORT_HTML_H
#define MODEL_REPORT_HTML_H

#include <stdio.h>

#include "broker-core/status.h"
#include "model/cluster/result.h"
#include "model/report/figures.h"

struct report_page {
    const char *plots;  /* folder of page.html */
    const char *folder; /* where the pictures are */
    const struct report_figures *figures;
};

/* Returns BROKER_OK; BROKER_EIO when the template or a picture cannot be read or the stream has an error. */
int report_html_write(const struct result *result, const struct report_page *page, FILE *out,
                      struct broker_err *err);

#endif
