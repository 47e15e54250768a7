/*
 * model/report/markdown.h - the result as tables to paste into a pull request.
 *
 * Checked  tests/model/test_html.c
 */
#ifndef MODEL_REPORT_MARKDOWN_H
#define MODEL_REPORT_MARKDOWN_H

#include <stdio.h>

#include "model/cluster/result.h"

/* Returns 0, or -1 when the stream has an error. */
int report_markdown_write(const struct result *result, FILE *out);

#endif
