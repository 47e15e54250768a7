/* What the rows that are neither a number nor a word have in common: how they are written down, and how they complain. */
#ifndef MODEL_SCENARIO_SPECIAL_INTERNAL_H
#define MODEL_SCENARIO_SPECIAL_INTERNAL_H

#include "model/scenario/scenario_internal.h"

#define READ(name)                                                                                 \
    static void name(struct scenario_build *b, struct scenario_thing *thing,                       \
                     const struct scenario_key *key, const struct scenario_node *node)
#define WRITE(name)                                                                                \
    static void name(const struct scenario *s, const struct scenario_thing *thing,                 \
                     const struct scenario_key *key, FILE *out)

/* "producers.checkout.growth" */
const char *special_path(struct scenario_build *b, const struct scenario_thing *thing,
                         const struct scenario_key *key);
/* "PATH is VALUE; expected EXPECTED", or what kind of node it is */
void special_report(struct scenario_build *b, const char *path, const struct scenario_node *node,
                    const char *expected);

#endif
