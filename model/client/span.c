#include "model/client/span.h"

#include <assert.h>

/*
 * Big-endian by hand: the bytes take part in checksums and fingerprints and must not depend on the machine, and the first
 * one is zero for the first two years of simulated time, as the first byte of an opaque batch's records must be.
 */
static void put(uint8_t *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static uint64_t get(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | from[i];
    return value;
}

/* first_ns 8, last_ns 8, count 4, producer 2, groups 2 */
void model_span_write(const struct model_span *span, uint8_t bytes[MODEL_SPAN_BYTES])
{
    assert(span->first_ns >= 0 && span->last_ns >= 0);
    put(bytes, (uint64_t)span->first_ns, 8);
    put(bytes + 8, (uint64_t)span->last_ns, 8);
    put(bytes + 8 + 8, span->count, 4);
    put(bytes + 8 + 8 + 4, span->producer, 2);
    put(bytes + 8 + 8 + 4 + 2, span->groups, 2);
}

void model_span_read(const uint8_t bytes[MODEL_SPAN_BYTES], struct model_span *span)
{
    span->first_ns = (int64_t)get(bytes, 8);
    span->last_ns = (int64_t)get(bytes + 8, 8);
    span->count = (uint32_t)get(bytes + 8 + 8, 4);
    span->producer = (uint16_t)get(bytes + 8 + 8 + 4, 2);
    span->groups = (uint16_t)get(bytes + 8 + 8 + 4 + 2, 2);
}
