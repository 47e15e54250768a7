/*
 * model/scenario/value_internal.h - messages about a value, shared by the files that read values.
 *
 * Shape    Each adds one error at the node, as `path`.
 * Units    -
 * Omits    -
 * Source   -
 * Checked  tests/model/scenario_errors.txt
 */
#ifndef MODEL_SCENARIO_VALUE_INTERNAL_H
#define MODEL_SCENARIO_VALUE_INTERNAL_H

#include "model/scenario/scenario_internal.h"

/* "a whole number", "a size" */
const char *scenario_key_noun(const struct scenario_key *key);
void scenario_report_unit(struct scenario_build *b, const char *path, enum scenario_unit unit,
                          const struct scenario_node *node, const char *text);
void scenario_report_no_unit(struct scenario_build *b, const char *path,
                             const struct scenario_key *key, const struct scenario_node *node,
                             const char *text);
void scenario_report_range(struct scenario_build *b, const char *path,
                           const struct scenario_key *key, enum scenario_unit unit,
                           const struct scenario_node *node, const char *text);
void scenario_report_not(struct scenario_build *b, const char *path, const struct scenario_key *key,
                         const struct scenario_node *node, const char *text);

#endif
