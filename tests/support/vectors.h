/*
 * tests/support/vectors.h - record batches made with the classes of Apache Kafka 4.2.0 (record-format.md section 11).
 */
#ifndef TESTS_SUPPORT_VECTORS_H
#define TESTS_SUPPORT_VECTORS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* base 0, no epoch, no producer; (1700000000000,"k1","hello",h=v), (+5,null,"world"), (+3,"k2",null,n=null) */
#define VECTOR_V1                                                                                  \
    "00000000000000000000005bffffffff02161583d30000000000020000018bcfe568000000018bcfe56805ffffff" \
    "ffffffffffffffffffffff0000000322000000046b310a68656c6c6f020268027616000a02010a776f726c640016" \
    "000604046b320102026e01"
/* base 100, leader epoch 5, transactional, producer 1000 epoch 3 sequence 7; ("a","b"), (+200,"c","d") */
#define VECTOR_V2                                                                                  \
    "0000000000000064000000440000000502458a8cce0010000000010000018bcfe568000000018bcfe568c8000000" \
    "00000003e80003000000070000000210000000026102620012009003020263026400"
/* COMMIT and ABORT markers at 42 and 43, producer 1000 epoch 3, coordinator epoch 9 */
#define VECTOR_V3                                                                                  \
    "000000000000002a00000042000000050259e99e410030000000000000018bcfe568000000018bcfe56800000000" \
    "00000003e80003ffffffff000000012000000008000000010c00000000000900"
#define VECTOR_V4                                                                                  \
    "000000000000002b000000420000000502add748090030000000000000018bcfe568000000018bcfe56800000000" \
    "00000003e80003ffffffff000000012000000008000000000c00000000000900"
/* three records "k" = 30 x "a" at +0, +1, +2 ms: snappy with xerial framing, lz4, gzip */
#define VECTOR_V5                                                                                  \
    "000000000000000000000061ffffffff025e9fc97c0002000000020000018bcfe568000000018bcfe56802ffffff" \
    "ffffffffffffffffffffff0000000382534e415050590000000001000000010000001c721c4a000000026b3c6172" \
    "010010004a0002028e2600040404862600"
#define VECTOR_V6                                                                                  \
    "000000000000000000000061ffffffff02afb976b20003000000020000018bcfe568000000018bcfe56802ffffff" \
    "ffffffffffffffffffffff0000000304224d18604082210000008f4a000000026b3c6101000a5f004a0002022600" \
    "112f040426000a50616161610000000000"
#define VECTOR_V7                                                                                  \
    "00000000000000000000005affffffff02d9cb1e520001000000020000018bcfe568000000018bcfe56802ffffff" \
    "ffffffffffffffffffffff000000031f8b08000000000000fff362606060cab649c40b18bc1898988851c5c24258" \
    "1500b553e92172000000"

static inline int vector_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Hex to bytes; returns how many. */
static inline size_t vector_bytes(const char *hex, uint8_t *bytes, size_t room)
{
    size_t count = strlen(hex) / 2;
    assert(count <= room);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(vector_digit(hex[2 * i]) * 16 + vector_digit(hex[2 * i + 1]));
    return count;
}

#endif
