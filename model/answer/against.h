/*
 * model/answer/against.h - the reasons why something does not fit, as one sentence.
 *
 * Shape    The first reason is told, and each that no table shows; the others are counted: "network in ...; and 2 more reasons".
 * Checked  tests/model/test_study.c, tests/model/test_size_verdict.c
 */
#ifndef MODEL_ANSWER_AGAINST_H
#define MODEL_ANSWER_AGAINST_H

#include <stdbool.h>

#include "model/cluster/result.h"

/* Begins as {.result = ...}; texts are the result's. */
struct against {
    struct result *result;
    const char *text; /* NULL: there is no reason */
    int more;
};

void against_add(struct against *against, const char *text, bool in_table);
/* NULL without a reason. */
const char *against_text(const struct against *against);

#endif
