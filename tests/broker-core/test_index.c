/* The two indexes of a segment: entries as Kafka writes them, and lookups against a plain search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "broker-core/log/index.h"
#include "tests/support/broker_fixture.h"

enum { ENTRIES = 3000 }; /* beyond the warm sections of 1024 and 682 entries */

static int setup(void **state)
{
    static struct fixture_env f;
    fixture_init(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_release(*state);
    return 0;
}

/* Entry i has key 3i + 5 and value 7i. */
static void fill(struct broker_index *index, struct broker_env *env, int count)
{
    assert_int_equal(broker_index_open(index, env, "i", true, NULL), BROKER_OK);
    assert_int_equal(broker_index_preallocate(index, env, 100000), BROKER_OK);
    for (int i = 0; i < count; i++)
        assert_int_equal(
            broker_index_add(index, env,
                             &(struct broker_index_entry){3 * i + 5, (uint32_t)(7 * i)}),
            BROKER_OK);
}

static void check_finds(struct broker_index *index, struct broker_env *env, int count)
{
    struct broker_receipt receipt = {0};
    for (int64_t key = 0; key < 3 * count + 10; key++) {
        struct broker_index_entry entry;
        int64_t slot, expected = key < 5 ? -1 : (key - 5) / 3;
        if (expected >= count)
            expected = count - 1;
        assert_int_equal(broker_index_find(index, env, key, &slot, &entry, &receipt), BROKER_OK);
        assert_int_equal(slot, expected);
        if (slot >= 0)
            assert_int_equal(entry.value, 7 * slot);
    }
    for (uint32_t value = 0; value < 7u * (unsigned)count + 5; value++) {
        struct broker_index_entry entry;
        int64_t slot, expected = (value + 6) / 7;
        assert_int_equal(broker_index_find_value(index, env, value, &slot, &entry, &receipt),
                         BROKER_OK);
        assert_int_equal(slot, expected >= count ? -1 : expected);
    }
}

static void find__gives_the_greatest_key_not_above(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    static const uint8_t widths[] = {BROKER_OFFSET_ENTRY_BYTES, BROKER_TIME_ENTRY_BYTES};
    static const int counts[] = {0, 1, 2, 31, 32, 33, 64, 682, 683, 684, 1024, 1025, 1026, ENTRIES};
    for (int w = 0; w < 2; w++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            struct broker_index index = {.entry_bytes = widths[w]};
            fill(&index, env, counts[c]);
            check_finds(&index, env, counts[c]);
            broker_index_close(&index, env);
            env->ops->remove(env, "i");
        }
}

static void add__writes_big_endian_entries_without_gaps(void **state)
{
    struct fixture_env *f = *state;
    struct broker_index offsets = {.entry_bytes = BROKER_OFFSET_ENTRY_BYTES};
    struct broker_index times = {.entry_bytes = BROKER_TIME_ENTRY_BYTES};
    uint8_t *bytes;
    assert_int_equal(broker_index_open(&offsets, f->env, "o", true, NULL), BROKER_OK);
    assert_int_equal(broker_index_open(&times, f->env, "t", true, NULL), BROKER_OK);
    broker_index_preallocate(&offsets, f->env, 100);
    broker_index_preallocate(&times, f->env, 100);
    broker_index_add(&offsets, f->env, &(struct broker_index_entry){0x01020304, 0x0a0b0c0d});
    broker_index_add(&times, f->env, &(struct broker_index_entry){0x0102030405060708, 0x0a0b0c0d});
    assert_int_equal(fixture_read(f, "o", &bytes), 96); /* the largest multiple of 8 below 100 */
    assert_memory_equal(bytes, "\x01\x02\x03\x04\x0a\x0b\x0c\x0d\0\0\0\0", 12);
    free(bytes);
    assert_int_equal(fixture_read(f, "t", &bytes), 96); /* of 12 */
    assert_memory_equal(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08\x0a\x0b\x0c\x0d\0", 13);
    free(bytes);
    broker_index_trim(&offsets, f->env);
    broker_index_trim(&times, f->env);
    assert_int_equal(fixture_read(f, "o", NULL), 8);
    assert_int_equal(fixture_read(f, "t", NULL), 12);
    broker_index_close(&offsets, f->env);
    broker_index_close(&times, f->env);
}

static void add__refuses_a_key_that_does_not_grow(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    struct broker_index index = {.entry_bytes = BROKER_OFFSET_ENTRY_BYTES};
    fill(&index, env, 3);
    struct broker_index_entry same = {11, 100};
    assert_int_equal(broker_index_add(&index, env, &same), BROKER_ECORRUPT);
    assert_int_equal(index.count, 3);
    broker_index_close(&index, env);
}

static void cut__forgets_entries_and_leaves_zeros_behind(void **state)
{
    struct fixture_env *f = *state;
    struct broker_index index = {.entry_bytes = BROKER_OFFSET_ENTRY_BYTES};
    uint8_t *bytes;
    fill(&index, f->env, 50);
    assert_int_equal(broker_index_cut(&index, f->env, 2), BROKER_OK);
    assert_int_equal(index.last.key, 8);
    check_finds(&index, f->env, 2);
    int64_t size = fixture_read(f, "i", &bytes);
    assert_int_equal(size, 100000);
    for (int64_t i = 16; i < size; i++)
        assert_int_equal(bytes[i], 0);
    free(bytes);
    broker_index_close(&index, f->env);
}

/* What a crash leaves of a preallocated index looks full of zero entries; recovery resets it (log-storage.md section 3). */
static void open__counts_every_whole_entry(void **state)
{
    struct fixture_env *f = *state;
    struct broker_index index = {.entry_bytes = BROKER_TIME_ENTRY_BYTES};
    fixture_write(f, "i", "0123456789abcdef0123456789abcdef", 32);
    assert_int_equal(broker_index_open(&index, f->env, "i", false, NULL), BROKER_OK);
    assert_int_equal(index.count, 2);
    broker_index_close(&index, f->env);
    struct broker_index missing = {.entry_bytes = BROKER_TIME_ENTRY_BYTES};
    assert_int_equal(broker_index_open(&missing, f->env, "none", false, NULL), BROKER_EMISSING);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(find__gives_the_greatest_key_not_above),
        TEST(add__writes_big_endian_entries_without_gaps),
        TEST(add__refuses_a_key_that_does_not_grow),
        TEST(cut__forgets_entries_and_leaves_zeros_behind),
        TEST(open__counts_every_whole_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
