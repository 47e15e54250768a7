/*
 * model/report/json_write.h - JSON to a stream, in the order of the calls, with no tree in memory.
 *
 * Shape    begin/end pairs and values; the writer puts commas, line breaks and indentation. Same calls, same bytes.
 * Units    Numbers are the shortest decimal that reads back as the same double (at most 17 digits). What JSON has no number for:
 *          NaN is null, an infinity is the string "inf" or "-inf". An integer beyond int64_t is a string of digits, because
 *          readers would round it.
 * Omits    Checking that calls are balanced beyond asserts; write errors stay in the stream (ferror).
 * Source   RFC 8259.
 * Checked  tests/model/test_json.c against jansson.
 */
#ifndef MODEL_REPORT_JSON_WRITE_H
#define MODEL_REPORT_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 32 };

struct json_writer {
    FILE *out;
    int depth;
    bool filled[JSON_DEPTH_MAX];  /* something was written at this depth: a comma is due */
    bool inline_[JSON_DEPTH_MAX]; /* on one line */
    bool after_key;
};

/* Borrows out. */
void json_put_init(struct json_writer *w, FILE *out);
/* Asserts that everything is closed; ends the document with a line break. */
void json_put_finish(struct json_writer *w);

void json_put_object_begin(struct json_writer *w);
void json_put_object_end(struct json_writer *w);
void json_put_array_begin(struct json_writer *w);
void json_put_array_end(struct json_writer *w);
/* The next begin and all within are written on one line: for estimates and long lists of numbers. */
void json_put_object_begin_inline(struct json_writer *w);
void json_put_array_begin_inline(struct json_writer *w);

void json_put_key(struct json_writer *w, const char *key);
void json_put_string(struct json_writer *w, const char *text); /* NULL is null */
void json_put_double(struct json_writer *w, double value);
void json_put_int(struct json_writer *w, int64_t value);
void json_put_uint(struct json_writer *w, uint64_t value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);

#endif
