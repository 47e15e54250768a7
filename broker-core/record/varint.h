/*
 * broker-core/record/varint.h - zigzag integers in groups of seven bits, as inside records.
 *
 * Source   reference/kafka/record-format.md section 3.
 * Checked  tests/broker-core/test_varint.c: the table of that section.
 */
#ifndef BROKER_RECORD_VARINT_H
#define BROKER_RECORD_VARINT_H

#include "broker-core/record/cursor.h"

#define BROKER_VARINT_BYTES_MAX  5
#define BROKER_VARLONG_BYTES_MAX 10

static inline uint64_t broker_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}
static inline int64_t broker_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* Writes up to 10 bytes; returns how many. An int32_t gives the same bytes as its varint. */
static inline size_t broker_varlong_write(int64_t value, uint8_t *bytes)
{
    uint64_t left = broker_zigzag(value);
    size_t size = 0;
    for (; left >= 0x80; left >>= 7)
        bytes[size++] = (uint8_t)(left | 0x80);
    bytes[size++] = (uint8_t)left;
    return size;
}
static inline size_t broker_varlong_size(int64_t value)
{
    size_t size = 1;
    for (uint64_t left = broker_zigzag(value); left >= 0x80; left >>= 7)
        size++;
    return size;
}

/* False if the bytes end, or if there are more groups than the type has. */
bool broker_varint_read(struct broker_cursor *cursor, int32_t *value);
bool broker_varlong_read(struct broker_cursor *cursor, int64_t *value);

#endif
