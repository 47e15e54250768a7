/* CRC-32C against its published check values, and each way of computing it against the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker-core/record/crc32c.h"
#include "broker-core/record/crc32c_internal.h"

/* RFC 3720 appendix B.4 and the catalogue's check value. */
static void crc32c__equals_published_values(void **state)
{
    (void)state;
    uint8_t bytes[32];
    assert_int_equal(broker_crc32c(0, "123456789", 9), 0xE3069283u);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(broker_crc32c(0, bytes, sizeof bytes), 0x8A9136AAu);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(broker_crc32c(0, bytes, sizeof bytes), 0x62A8AB43u);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(broker_crc32c(0, bytes, sizeof bytes), 0x46DD794Eu);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(broker_crc32c(0, bytes, sizeof bytes), 0x113FDB5Cu);
}

/* Bit by bit from the definition. */
static uint32_t crc_by_definition(uint32_t crc, const uint8_t *bytes, size_t size)
{
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
    }
    return ~crc;
}

static void crc32c__is_the_same_by_table_by_instruction_and_by_definition(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131 + (i >> 3));
    for (size_t from = 0; from < 9; from++)
        for (size_t size = 0; size + from <= sizeof bytes; size += 7) {
            uint32_t expected = crc_by_definition(0x1234u, bytes + from, size);
            assert_int_equal(broker_crc32c_portable(0x1234u, bytes + from, size), expected);
            if (broker_crc32c_has_hardware())
                assert_int_equal(broker_crc32c_hardware(0x1234u, bytes + from, size), expected);
        }
}

/* Long strings go through three lanes at once: every length around their multiples, and every alignment. */
static void crc32c__is_the_same_for_long_strings(void **state)
{
    (void)state;
    static uint8_t bytes[8000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i * 31 + (i >> 5));
    static const size_t sizes[] = {3071, 3072, 3073, 4096, 6143, 6144, 6150, 7990};
    for (size_t i = 0; i < 8; i++)
        for (size_t from = 0; from < 9; from++) {
            uint32_t expected = broker_crc32c_portable(7u, bytes + from, sizes[i]);
            assert_int_equal(broker_crc32c(7u, bytes + from, sizes[i]), expected);
            if (i == 0)
                assert_int_equal(crc_by_definition(7u, bytes + from, sizes[i]), expected);
        }
}

static void crc32c_zeros__equals_feeding_zeros(void **state)
{
    (void)state;
    static const uint8_t zeros[70000];
    static const size_t sizes[] = {0, 1, 2, 7, 8, 255, 256, 257, 4096, 16384, 65535, 65536, 69999};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t crc = 0; crc < 5; crc++) {
            uint32_t start = crc * 0x9E3779B9u;
            uint32_t expected = broker_crc32c_portable(start, zeros, sizes[i]);
            assert_int_equal(broker_crc32c_zeros_portable(start, sizes[i]), expected);
            if (broker_crc32c_has_hardware())
                assert_int_equal(broker_crc32c_zeros_hardware(start, sizes[i]), expected);
        }
}

/* a + b zeros are a zeros and then b zeros, also far beyond what a test can feed. */
static void crc32c_zeros__adds_up_for_sizes_beyond_memory(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 0xfff, 0x12345678, 0x1234567890, UINT64_C(1) << 45};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            uint32_t whole = broker_crc32c_zeros(0xCAFEu, sizes[i] + sizes[j]);
            uint32_t parts = broker_crc32c_zeros(broker_crc32c_zeros(0xCAFEu, sizes[i]), sizes[j]);
            assert_int_equal(whole, parts);
            assert_int_equal(broker_crc32c_zeros_portable(0xCAFEu, sizes[i] + sizes[j]), whole);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c__equals_published_values),
        cmocka_unit_test(crc32c__is_the_same_by_table_by_instruction_and_by_definition),
        cmocka_unit_test(crc32c__is_the_same_for_long_strings),
        cmocka_unit_test(crc32c_zeros__equals_feeding_zeros),
        cmocka_unit_test(crc32c_zeros__adds_up_for_sizes_beyond_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
