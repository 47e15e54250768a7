/* broker-core/record/cursor.c - reading forward through spans; see cursor.h. */
#include "broker-core/record/cursor.h"

#include <string.h>

void broker_cursor_init(struct broker_cursor *cursor, const struct broker_span *spans, size_t count)
{
    cursor->span = spans;
    cursor->end = spans + count;
    cursor->within = 0;
    cursor->left = broker_spans_size(spans, count);
}

bool broker_cursor_limit(struct broker_cursor *cursor, uint64_t size)
{
    if (size > cursor->left)
        return false;
    cursor->left = size;
    return true;
}

/* The rest of the present span, at most `size`; moves over it. *hole is true if it has no bytes. */
static uint64_t next_piece(struct broker_cursor *cursor, uint64_t size, const uint8_t **bytes)
{
    while (cursor->within == cursor->span->size) {
        cursor->span++;
        cursor->within = 0;
    }
    uint64_t piece = cursor->span->size - cursor->within;
    piece = piece < size ? piece : size;
    *bytes = cursor->span->bytes ? cursor->span->bytes + cursor->within : NULL;
    cursor->within += piece;
    cursor->left -= piece;
    return piece;
}

bool broker_cursor_skip(struct broker_cursor *cursor, uint64_t size)
{
    const uint8_t *bytes;
    if (size > cursor->left)
        return false;
    while (size)
        size -= next_piece(cursor, size, &bytes);
    return true;
}

bool broker_cursor_read(struct broker_cursor *cursor, void *bytes, size_t size)
{
    if (size > cursor->left)
        return false;
    for (uint8_t *to = bytes; size;) {
        const uint8_t *from;
        size_t piece = (size_t)next_piece(cursor, size, &from);
        if (from)
            memcpy(to, from, piece);
        else
            memset(to, 0, piece);
        to += piece;
        size -= piece;
    }
    return true;
}

int broker_cursor_byte(struct broker_cursor *cursor)
{
    const uint8_t *bytes;
    if (!cursor->left)
        return -1;
    next_piece(cursor, 1, &bytes);
    return bytes ? *bytes : 0;
}

int broker_cursor_take(struct broker_cursor *cursor, uint64_t size, struct broker_span *out,
                       int max)
{
    int count = 0;
    if (size > cursor->left)
        return -1;
    while (size) {
        if (count == max)
            return -1;
        out[count].size = next_piece(cursor, size, &out[count].bytes);
        size -= out[count++].size;
    }
    return count;
}
