/*
 * broker-core/record/cursor.h - reading forward through a list of spans, holes read as zeros.
 *
 * Shape    A cursor never reads beyond the spans; every call says whether there was enough.
 */
#ifndef BROKER_RECORD_CURSOR_H
#define BROKER_RECORD_CURSOR_H

#include "broker-core/env.h"

struct broker_cursor {
    const struct broker_span *span, *end;
    uint64_t within; /* bytes of *span that are behind us */
    uint64_t left;   /* bytes up to the end of the last span */
};

void broker_cursor_init(struct broker_cursor *cursor, const struct broker_span *spans,
                        size_t count);
/* Narrows the cursor to its next `size` bytes. */
bool broker_cursor_limit(struct broker_cursor *cursor, uint64_t size);
bool broker_cursor_skip(struct broker_cursor *cursor, uint64_t size);
bool broker_cursor_read(struct broker_cursor *cursor, void *bytes, size_t size);
/* Next byte, or -1 at the end. */
int broker_cursor_byte(struct broker_cursor *cursor);
/*
 * Takes the next `size` bytes as spans into out[0..max). Returns how many spans, or -1 if they do not fit or too few bytes are left.
 */
int broker_cursor_take(struct broker_cursor *cursor, uint64_t size, struct broker_span *out,
                       int max);

#endif
