/* One batch: header, checksum and checks, against batches that Kafka's own classes made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker-core/record/batch.h"
#include "broker-core/record/crc32c.h"
#include "tests/support/vectors.h"

static const char *const vectors[] = {VECTOR_V1, VECTOR_V2, VECTOR_V3, VECTOR_V4,
                                      VECTOR_V5, VECTOR_V6, VECTOR_V7};

static void batch_check__accepts_every_batch_that_kafka_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t bytes[256];
        struct broker_span span = {bytes, vector_bytes(vectors[i], bytes, sizeof bytes)};
        struct broker_batch_header header;
        struct broker_err err = {0};
        enum broker_error error;
        int rc = broker_batch_check(&span, 1, BROKER_CHECK_CRC, &header, &error, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(rc, BROKER_OK);
        assert_int_equal(broker_batch_size(&header), span.size);
        uint8_t again[BROKER_BATCH_HEADER_BYTES];
        broker_batch_header_write(&header, again);
        assert_memory_equal(again, bytes, sizeof again);
    }
}

static void batch_check__finds_the_same_in_any_split_of_the_bytes(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t size = vector_bytes(VECTOR_V2, bytes, sizeof bytes);
    for (size_t a = 0; a <= size; a++)
        for (size_t b = a; b <= size; b += 5) {
            struct broker_span spans[3] = {{bytes, a}, {bytes + a, b - a}, {bytes + b, size - b}};
            struct broker_batch_header header;
            enum broker_error error;
            int rc = broker_batch_check(spans, 3, BROKER_CHECK_CRC, &header, &error, NULL);
            assert_int_equal(rc, BROKER_OK);
            assert_int_equal(header.base_offset, 100);
        }
}

static void header_read__gives_the_fields_of_v2(void **state)
{
    (void)state;
    uint8_t bytes[256];
    vector_bytes(VECTOR_V2, bytes, sizeof bytes);
    struct broker_batch_header h;
    broker_batch_header_read(bytes, &h);
    assert_int_equal(h.base_offset, 100);
    assert_int_equal(h.partition_leader_epoch, 5);
    assert_int_equal(h.magic, 2);
    assert_int_equal(h.attributes, BROKER_BATCH_TRANSACTIONAL);
    assert_int_equal(h.last_offset_delta, 1);
    assert_int_equal(h.base_timestamp_ms, 1700000000000);
    assert_int_equal(h.max_timestamp_ms, 1700000000200);
    assert_int_equal(h.producer_id, 1000);
    assert_int_equal(h.producer_epoch, 3);
    assert_int_equal(h.base_sequence, 7);
    assert_int_equal(h.record_count, 2);
    assert_int_equal(broker_batch_last_offset(&h), 101);
}

static void batch_check__refuses_any_changed_bit_that_the_crc_covers(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct broker_span span = {bytes, vector_bytes(VECTOR_V1, bytes, sizeof bytes)};
    for (size_t bit = 17 * 8; bit < span.size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct broker_batch_header header;
        enum broker_error error;
        int rc = broker_batch_check(&span, 1, BROKER_CHECK_CRC, &header, &error, NULL);
        assert_int_equal(rc, BROKER_ECORRUPT);
        assert_int_equal(error, KAFKA_CORRUPT_MESSAGE);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void batch_check__refuses_every_shorter_or_longer_string(void **state)
{
    (void)state;
    uint8_t bytes[256] = {0};
    size_t size = vector_bytes(VECTOR_V1, bytes, sizeof bytes);
    for (size_t other = 0; other <= size + 3; other++) {
        struct broker_span span = {bytes, other};
        struct broker_batch_header header;
        enum broker_error error;
        int rc = broker_batch_check(&span, 1, BROKER_CHECK_CRC, &header, &error, NULL);
        assert_int_equal(rc, other == size ? BROKER_OK : BROKER_ECORRUPT);
        assert_int_equal(error, other == size ? KAFKA_NONE : KAFKA_CORRUPT_MESSAGE);
    }
}

static struct broker_batch_header a_header(void)
{
    return (struct broker_batch_header){.partition_leader_epoch = -1,
                                        .base_timestamp_ms = 1700000000000,
                                        .max_timestamp_ms = 1700000000009,
                                        .producer_id = -1,
                                        .producer_epoch = -1,
                                        .base_sequence = -1,
                                        .record_count = 10};
}

static void build_opaque__has_the_checksum_of_its_zeros(void **state)
{
    (void)state;
    static uint8_t zeros[20000];
    static const uint64_t sizes[] = {1, 2, 1000, 16384, 20000};
    for (size_t i = 0; i < 5; i++) {
        struct broker_batch_header header = a_header(), parsed;
        uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
        broker_batch_build_opaque(&header, sizes[i], bytes);
        struct broker_span hole[2] = {{bytes, sizeof bytes}, {NULL, sizes[i]}};
        struct broker_span real[2] = {{bytes, sizeof bytes}, {zeros, sizes[i]}};
        int flags = BROKER_CHECK_CRC | BROKER_CHECK_PRODUCED;
        enum broker_error error;
        assert_int_equal(broker_batch_check(real, 2, flags, &parsed, &error, NULL), BROKER_OK);
        assert_int_equal(broker_batch_check(hole, 2, flags, &parsed, &error, NULL),
                         BROKER_ECORRUPT);
        flags |= BROKER_CHECK_ALLOW_HOLES;
        assert_int_equal(broker_batch_check(hole, 2, flags, &parsed, &error, NULL), BROKER_OK);
        assert_int_equal(parsed.crc, header.crc);
        assert_int_equal(parsed.last_offset_delta, 9);
        assert_true(broker_batch_is_opaque(hole, 2));
        assert_true(broker_batch_is_opaque(real, 2));
    }
}

static void is_opaque__is_false_for_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t bytes[256];
        struct broker_span span = {bytes, vector_bytes(vectors[i], bytes, sizeof bytes)};
        assert_false(broker_batch_is_opaque(&span, 1));
    }
}

static enum broker_error produced(struct broker_batch_header header, int32_t last_offset_delta)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES + 1];
    int32_t count = header.record_count;
    header.record_count = 1;
    broker_batch_build_opaque(&header, 1, bytes);
    header.record_count = count;
    header.last_offset_delta = last_offset_delta;
    broker_batch_header_write(&header, bytes);
    bytes[BROKER_BATCH_HEADER_BYTES] = 0;
    struct broker_span span = {bytes, sizeof bytes};
    header.crc = broker_batch_crc(bytes, &span, 1);
    broker_batch_header_write(&header, bytes);
    enum broker_error error;
    struct broker_batch_header parsed;
    broker_batch_check(&span, 1, BROKER_CHECK_CRC | BROKER_CHECK_PRODUCED, &parsed, &error, NULL);
    return error;
}

static void batch_check__refuses_what_a_client_may_not_send(void **state)
{
    (void)state;
    struct broker_batch_header h = a_header();
    assert_int_equal(produced(h, 9), KAFKA_NONE);
    assert_int_equal(produced(h, 8), KAFKA_INVALID_RECORD);
    assert_int_equal(produced(h, 10), KAFKA_INVALID_RECORD);
    h.base_offset = 1;
    assert_int_equal(produced(h, 9), KAFKA_INVALID_RECORD);
    h = a_header();
    h.record_count = 0;
    assert_int_equal(produced(h, -1), KAFKA_INVALID_RECORD);
    h = a_header();
    h.attributes = BROKER_BATCH_CONTROL;
    assert_int_equal(produced(h, 9), KAFKA_INVALID_RECORD);
    h = a_header();
    h.producer_id = 5;
    assert_int_equal(produced(h, 9), KAFKA_INVALID_RECORD);
    h.base_sequence = 0;
    h.producer_epoch = 0;
    assert_int_equal(produced(h, 9), KAFKA_NONE);
}

static void err_wrap__puts_the_context_in_front_and_never_overflows(void **state)
{
    (void)state;
    struct broker_err err = {0};
    assert_int_equal(broker_err_set(&err, BROKER_EIO, "disk %d is gone", 7), BROKER_EIO);
    broker_err_wrap(&err, BROKER_EIO, "append to %s", "orders-3");
    assert_string_equal(err.text, "append to orders-3: disk 7 is gone");
    for (int i = 0; i < 30; i++)
        broker_err_wrap(&err, BROKER_EIO, "layer %d", i);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(strncmp(err.text, "layer 29: layer 28: ", 20), 0);
    assert_int_equal(broker_err_wrap(NULL, BROKER_EFULL, "x"), BROKER_EFULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_check__accepts_every_batch_that_kafka_made),
        cmocka_unit_test(batch_check__finds_the_same_in_any_split_of_the_bytes),
        cmocka_unit_test(header_read__gives_the_fields_of_v2),
        cmocka_unit_test(batch_check__refuses_any_changed_bit_that_the_crc_covers),
        cmocka_unit_test(batch_check__refuses_every_shorter_or_longer_string),
        cmocka_unit_test(build_opaque__has_the_checksum_of_its_zeros),
        cmocka_unit_test(is_opaque__is_false_for_records),
        cmocka_unit_test(batch_check__refuses_what_a_client_may_not_send),
        cmocka_unit_test(err_wrap__puts_the_context_in_front_and_never_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
