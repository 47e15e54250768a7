/*
 * model/scenario/profile_internal.h - the tables behind profile.h, and the reading of one profile's text.
 *
 * Shape    Numbers of cost and behaviour are struct scenario_profile_key; what is not such a number is a profile_row.
 * Units    As profile.h.
 * Omits    -
 * Source   -
 * Checked  tests/model/test_profile.c
 */
#ifndef MODEL_SCENARIO_PROFILE_INTERNAL_H
#define MODEL_SCENARIO_PROFILE_INTERNAL_H

#include "model/scenario/profile.h"

enum profile_row_type {
    PROFILE_ROW_NUMBER, /* double, 0 or more */
    PROFILE_ROW_SIGNED, /* double */
    PROFILE_ROW_COUNT,  /* uint32_t */
    PROFILE_ROW_BOOL,
    PROFILE_ROW_TEXT,
    PROFILE_ROW_RANGE, /* struct model_profile_range, "LOW..HIGH" */
    PROFILE_ROW_IDS,   /* a list of names, kept as " a b c " */
};

struct profile_row {
    const char *path;
    enum profile_row_type type;
    size_t offset;
    size_t size; /* of a text */
};

const struct profile_row *profile_row_at(int index); /* NULL after the last */

/*
 * Reads the text of one profile file onto profile. only: prefix of the keys to take ("client.java_"), "" for all; keys that
 * are not taken are checked all the same. Returns 0, or -1 with "FILE:LINE:COLUMN: message".
 */
int profile_text_read(const char *source, const char *text, size_t size, const char *only,
                      struct model_profile *profile, struct broker_err *err);

#endif
