/*
 * model/report/result_fields.h - each field of the result document once: its key, its type, its place in the struct.
 *
 * Shape    Tables that end with a NULL key, sorted by key. Reader and writer both walk them.
 * Checked  tests/model/test_json.c
 */
#ifndef MODEL_REPORT_RESULT_FIELDS_H
#define MODEL_REPORT_RESULT_FIELDS_H

#include <stddef.h>

enum result_field_type {
    FIELD_STRING,
    FIELD_BOOL,
    FIELD_INT32,
    FIELD_UINT32,
    FIELD_UINT64,
    FIELD_HEX64, /* "0x0123456789abcdef": an identity, not an amount */
    FIELD_DOUBLE,
    FIELD_DAY, /* double; -1, never, is null */
    FIELD_ESTIMATE,
    FIELD_ENUM,
    FIELD_HISTOGRAM,
    FIELD_DOUBLES,  /* array of double; count in the struct at count_offset */
    FIELD_OBJECT,   /* struct in place */
    FIELD_OBJECTS,  /* array of structs; count in the struct at count_offset */
    FIELD_VARIANTS, /* array of pointers to whole results */
};

struct result_field {
    const char *key;
    enum result_field_type type;
    size_t offset, count_offset;
    size_t size;                      /* of one element of FIELD_OBJECTS */
    const struct result_field *inner; /* OBJECT, OBJECTS */
    const char *const *names;         /* ENUM: spelling of 0, 1, ...; ends with NULL */
    int since_minor; /* of the format: what is older may lack it, and leaves it 0 */
};

extern const struct result_field RESULT_FIELDS[];

#endif
