/* Varints against the table of record-format.md section 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker-core/record/varint.h"
#include "tests/support/vectors.h"

static const struct {
    int64_t value;
    const char *hex;
} table[] = {
    {0, "00"},
    {-1, "01"},
    {1, "02"},
    {-2, "03"},
    {63, "7e"},
    {-64, "7f"},
    {64, "8001"},
    {-65, "8101"},
    {300, "d804"},
    {8191, "fe7f"},
    {-8192, "ff7f"},
    {8192, "808001"},
    {INT32_MAX, "feffffff0f"},
    {INT32_MIN, "ffffffff0f"},
    {1700000000000, "80a0abfef962"},
    {INT64_MAX, "feffffffffffffffff01"},
    {INT64_MIN, "ffffffffffffffffff01"},
};

static void varlong_write__gives_the_tables_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint8_t expected[10], got[BROKER_VARLONG_BYTES_MAX];
        size_t size = vector_bytes(table[i].hex, expected, sizeof expected);
        assert_int_equal(broker_varlong_write(table[i].value, got), size);
        assert_memory_equal(got, expected, size);
        assert_int_equal(broker_varlong_size(table[i].value), size);
    }
}

static void read__gives_the_value_and_takes_only_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint8_t bytes[11] = {0};
        size_t size = vector_bytes(table[i].hex, bytes, sizeof bytes);
        for (size_t split = 0; split <= size; split++) {
            struct broker_span spans[2] = {{bytes, split}, {bytes + split, size + 1 - split}};
            struct broker_cursor cursor;
            int64_t value;
            int32_t narrow;
            broker_cursor_init(&cursor, spans, 2);
            assert_true(broker_varlong_read(&cursor, &value));
            assert_int_equal(value, table[i].value);
            assert_int_equal(cursor.left, 1);
            broker_cursor_init(&cursor, spans, 2);
            if (table[i].value > INT32_MAX || table[i].value < INT32_MIN) {
                assert_false(broker_varint_read(&cursor, &narrow));
                continue;
            }
            assert_true(broker_varint_read(&cursor, &narrow));
            assert_int_equal(narrow, table[i].value);
        }
    }
}

static void read__refuses_a_number_that_does_not_end(void **state)
{
    (void)state;
    uint8_t bytes[12];
    memset(bytes, 0x80, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct broker_span span = {bytes, size};
        struct broker_cursor cursor;
        int64_t value;
        int32_t narrow;
        broker_cursor_init(&cursor, &span, 1);
        assert_false(broker_varlong_read(&cursor, &value));
        broker_cursor_init(&cursor, &span, 1);
        assert_false(broker_varint_read(&cursor, &narrow));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varlong_write__gives_the_tables_bytes),
        cmocka_unit_test(read__gives_the_value_and_takes_only_its_bytes),
        cmocka_unit_test(read__refuses_a_number_that_does_not_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
