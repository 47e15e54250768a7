/*
 * model/scenario/explain_internal.h - writing a resolved scenario as YAML.
 *
 * Shape    What is stated is written as it stands in the file, but for paths, which become absolute; defaults and derived values are
 *          written from the fields.
 * Units    As the key table.
 * Omits    Notes (x-...).
 * Source   -
 * Checked  tests/model/test_scenario.c: what is written loads to the same scenario and the same variants.
 */
#ifndef MODEL_SCENARIO_EXPLAIN_INTERNAL_H
#define MODEL_SCENARIO_EXPLAIN_INTERNAL_H

#include "model/scenario/keys_internal.h"

struct scenario_explained {
    const struct scenario *s;
    struct scenario_thing *thing;
    FILE *out;
};

/* Plain where YAML reads it as the same text, else (or with quoted) in double quotes. */
void scenario_explain_text(FILE *out, const char *text, bool quoted);
/* The value of one row that has one. */
void scenario_explain_value(const struct scenario_explained *e, const struct scenario_key *key,
                            FILE *out);
/*
 * Each variant as all that differs from the written base, what follows from its changes included: the base is written
 * with every default, and a default would not move any more.
 */
void scenario_explain_variants(const struct scenario_doc *doc, FILE *out);

#endif
