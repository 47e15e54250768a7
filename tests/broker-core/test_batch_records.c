/* Records inside batches: Kafka's vectors read and built again, codecs, and what a leader refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "broker-core/record/codec.h"
#include "broker-core/record/record.h"
#include "broker-core/record/validate.h"
#include "tests/support/vectors.h"

#define T INT64_C(1700000000000)

static struct broker_bytes text(const char *string)
{
    return string ? (struct broker_bytes){string, (int32_t)strlen(string)}
                  : (struct broker_bytes){NULL, -1};
}

static struct broker_batch_header plain_header(void)
{
    return (struct broker_batch_header){
        .partition_leader_epoch = -1, .producer_id = -1, .producer_epoch = -1, .base_sequence = -1};
}

static void expect_bytes(const uint8_t *bytes, size_t size, const char *hex)
{
    uint8_t expected[256];
    assert_int_equal(size, vector_bytes(hex, expected, sizeof expected));
    assert_memory_equal(bytes, expected, size);
}

static void builder__gives_the_bytes_of_v1(void **state)
{
    (void)state;
    struct broker_builder builder;
    struct broker_batch_header header = plain_header();
    const struct broker_builder_header h = {"h", {"v", 1}}, n = {"n", {NULL, -1}};
    uint8_t *bytes;
    size_t size;
    broker_builder_init(&builder);
    broker_builder_add(&builder, T, text("k1"), text("hello"), &h, 1);
    broker_builder_add(&builder, T + 5, text(NULL), text("world"), NULL, 0);
    broker_builder_add(&builder, T + 3, text("k2"), text(NULL), &n, 1);
    assert_int_equal(broker_builder_finish(&builder, &header, &bytes, &size, NULL), BROKER_OK);
    expect_bytes(bytes, size, VECTOR_V1);
    free(bytes);
    broker_builder_release(&builder);
}

static void builder__gives_the_bytes_of_v2(void **state)
{
    (void)state;
    struct broker_builder builder;
    struct broker_batch_header header = {.base_offset = 100,
                                         .partition_leader_epoch = 5,
                                         .attributes = BROKER_BATCH_TRANSACTIONAL,
                                         .producer_id = 1000,
                                         .producer_epoch = 3,
                                         .base_sequence = 7};
    uint8_t *bytes;
    size_t size;
    broker_builder_init(&builder);
    broker_builder_add(&builder, T, text("a"), text("b"), NULL, 0);
    broker_builder_add(&builder, T + 200, text("c"), text("d"), NULL, 0);
    assert_int_equal(broker_builder_finish(&builder, &header, &bytes, &size, NULL), BROKER_OK);
    expect_bytes(bytes, size, VECTOR_V2);
    free(bytes);
    broker_builder_release(&builder);
}

static void control__gives_the_bytes_of_v3_and_v4(void **state)
{
    (void)state;
    for (int commit = 0; commit < 2; commit++) {
        struct broker_batch_header header = {.base_offset = commit ? 42 : 43,
                                             .partition_leader_epoch = 5,
                                             .producer_id = 1000,
                                             .producer_epoch = 3,
                                             .max_timestamp_ms = T};
        uint8_t bytes[BROKER_MARKER_BYTES];
        broker_control_build(&header, commit ? BROKER_CONTROL_COMMIT : BROKER_CONTROL_ABORT, 9,
                             bytes);
        expect_bytes(bytes, sizeof bytes, commit ? VECTOR_V3 : VECTOR_V4);
        struct broker_span span = {bytes, sizeof bytes};
        int type;
        int32_t epoch;
        assert_int_equal(broker_control_read(&header, &span, 1, &type, &epoch, NULL), BROKER_OK);
        assert_int_equal(type, commit);
        assert_int_equal(epoch, 9);
    }
}

static void take(struct broker_cursor *cursor, int32_t size, const char *expected)
{
    char bytes[64] = "";
    if (!expected) {
        assert_int_equal(size, -1);
        return;
    }
    assert_int_equal(size, strlen(expected));
    assert_true(broker_cursor_read(cursor, bytes, (size_t)size));
    assert_string_equal(bytes, expected);
}

static void record_next__reads_v1(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct broker_span span = {bytes, vector_bytes(VECTOR_V1, bytes, sizeof bytes)};
    struct broker_batch_header header;
    struct broker_payload payload;
    struct broker_record record;
    struct broker_record_header h;
    broker_batch_header_read(bytes, &header);
    assert_int_equal(broker_payload_open(&payload, &header, &span, 1, NULL), BROKER_OK);
    assert_int_equal(broker_record_next(&payload.cursor, &record, NULL), BROKER_OK);
    take(&record.key, record.key_bytes, "k1");
    take(&record.value, record.value_bytes, "hello");
    assert_int_equal(record.header_count, 1);
    assert_true(broker_record_header_next(&record.headers, &h));
    take(&h.key, h.key_bytes, "h");
    take(&h.value, h.value_bytes, "v");
    assert_int_equal(broker_record_next(&payload.cursor, &record, NULL), BROKER_OK);
    take(&record.key, record.key_bytes, NULL);
    assert_int_equal(record.timestamp_delta_ms, 5);
    assert_int_equal(record.offset_delta, 1);
    assert_int_equal(broker_record_next(&payload.cursor, &record, NULL), BROKER_OK);
    take(&record.value, record.value_bytes, NULL);
    assert_true(broker_record_header_next(&record.headers, &h));
    take(&h.value, h.value_bytes, NULL);
    assert_int_equal(payload.cursor.left, 0);
    broker_payload_release(&payload);
}

/* V5 to V7 hold the same three records; the fourth codec has no vector, our own encoder stands in. */
static void payload__of_every_codec_gives_kafkas_records(void **state)
{
    (void)state;
    static const char *const vectors[] = {VECTOR_V5, VECTOR_V6, VECTOR_V7};
    for (int i = 0; i < 3; i++) {
        uint8_t bytes[256];
        struct broker_span span = {bytes, vector_bytes(vectors[i], bytes, sizeof bytes)};
        struct broker_batch_header header;
        struct broker_payload payload;
        broker_batch_header_read(bytes, &header);
        assert_int_equal(broker_payload_open(&payload, &header, &span, 1, NULL), BROKER_OK);
        for (int r = 0; r < 3; r++) {
            struct broker_record record;
            assert_int_equal(broker_record_next(&payload.cursor, &record, NULL), BROKER_OK);
            assert_int_equal(record.timestamp_delta_ms, r);
            take(&record.key, record.key_bytes, "k");
            take(&record.value, record.value_bytes, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        }
        assert_int_equal(payload.cursor.left, 0);
        broker_payload_release(&payload);
    }
}

static void codecs__give_back_what_went_in(void **state)
{
    (void)state;
    static uint8_t in[300000];
    uint32_t draw = 1;
    for (size_t i = 0; i < sizeof in; i++) {
        draw = draw * 1664525 + 1013904223;
        in[i] = i % 1000 < 700 ? (uint8_t)(i / 1000) : (uint8_t)(draw >> 24);
    }
    static const size_t sizes[] = {0, 1, 100, 32768, 32769, 65536, 300000};
    for (int codec = BROKER_GZIP; codec <= BROKER_ZSTD; codec++)
        for (size_t i = 0; i < 7; i++) {
            uint8_t *packed, *out;
            size_t packed_size, out_size;
            assert_int_equal(broker_compress((enum broker_codec)codec, in, sizes[i], &packed,
                                             &packed_size, NULL),
                             BROKER_OK);
            assert_int_equal(broker_decompress((enum broker_codec)codec, packed, packed_size, &out,
                                               &out_size, NULL),
                             BROKER_OK);
            assert_int_equal(out_size, sizes[i]);
            assert_memory_equal(out, in, out_size);
            free(out);
            if (packed_size > 20) /* a torn stream must not pass */
                assert_int_equal(broker_decompress((enum broker_codec)codec, packed,
                                                   packed_size - 1, &out, &out_size, NULL),
                                 BROKER_ECORRUPT);
            free(packed);
        }
}

static void snappy__is_accepted_without_javas_framing(void **state)
{
    (void)state;
    static const uint8_t raw[] = {5, 4 << 2, 'h', 'e', 'l', 'l', 'o'}; /* length, one literal */
    uint8_t *out;
    size_t size;
    assert_int_equal(broker_decompress(BROKER_SNAPPY, raw, sizeof raw, &out, &size, NULL),
                     BROKER_OK);
    assert_int_equal(size, 5);
    assert_memory_equal(out, "hello", 5);
    free(out);
}

/* ---- what a leader says to a produced batch ---- */

static struct broker_validate_rules rules(void)
{
    return (struct broker_validate_rules){
        .now_ms = T, .before_max_ms = INT64_MAX, .after_max_ms = 3600000, .max_bytes = 1048588};
}

static enum broker_error validate(uint8_t *bytes, size_t size,
                                  const struct broker_validate_rules *how,
                                  struct broker_validated *checked)
{
    struct broker_span span = {bytes, size};
    struct broker_batch_header header;
    enum broker_error error;
    struct broker_err err = {0};
    int rc = broker_validate_produced(&span, 1, how, &header, checked, &error, &err);
    assert_int_equal(rc == BROKER_OK, error == KAFKA_NONE);
    return error;
}

static void reseal(uint8_t *bytes, size_t size)
{
    struct broker_batch_header header;
    struct broker_span span = {bytes, size};
    broker_batch_header_read(bytes, &header);
    header.crc = broker_batch_crc(bytes, &span, 1);
    broker_batch_header_write(&header, bytes);
}

static void validate__accepts_kafkas_batches_and_finds_the_largest_timestamp(void **state)
{
    (void)state;
    static const char *const vectors[] = {VECTOR_V1, VECTOR_V5, VECTOR_V6, VECTOR_V7};
    for (int i = 0; i < 4; i++) {
        uint8_t bytes[256];
        size_t size = vector_bytes(vectors[i], bytes, sizeof bytes);
        struct broker_validate_rules how = rules();
        struct broker_validated checked;
        assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_NONE);
        assert_int_equal(checked.max_timestamp_ms, i == 0 ? T + 5 : T + 2);
        assert_null(checked.rebuilt);
        how.log_append_time = true;
        how.now_ms = T + 99;
        assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_NONE);
        assert_int_equal(checked.max_timestamp_ms, T + 99);
    }
}

static void validate__refuses_markers_old_offsets_and_large_batches(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct broker_validate_rules how = rules();
    struct broker_validated checked;
    size_t size = vector_bytes(VECTOR_V2, bytes, sizeof bytes);
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_RECORD); /* offset 100 */
    size = vector_bytes(VECTOR_V3, bytes, sizeof bytes);
    memset(bytes, 0, 8);
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_RECORD); /* control */
    size = vector_bytes(VECTOR_V1, bytes, sizeof bytes);
    how.max_bytes = (int64_t)size - 1;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_MESSAGE_TOO_LARGE);
    bytes[30] ^= 1; /* the size is looked at before the checksum */
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_MESSAGE_TOO_LARGE);
    how.max_bytes++;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_CORRUPT_MESSAGE);
}

static void validate__refuses_old_magics(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct broker_validate_rules how = rules();
    struct broker_validated checked;
    size_t size = vector_bytes(VECTOR_V1, bytes, sizeof bytes);
    bytes[16] = 1;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_RECORD);
    bytes[16] = 3;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_CORRUPT_MESSAGE);
}

static void validate__refuses_timestamps_out_of_range(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t size = vector_bytes(VECTOR_V1, bytes, sizeof bytes); /* T, T + 5, T + 3 */
    struct broker_validate_rules how = rules();
    struct broker_validated checked;
    how.after_max_ms = 4;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_TIMESTAMP);
    how.after_max_ms = 5;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_NONE);
    how.now_ms = T + 100;
    how.before_max_ms = 99;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_TIMESTAMP);
    how.before_max_ms = 100;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_NONE);
    bytes[22] |= BROKER_BATCH_LOG_APPEND_TIME;
    reseal(bytes, size);
    how.log_append_time = true;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_TIMESTAMP);
}

static void validate__refuses_every_damaged_record_length(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t size = vector_bytes(VECTOR_V1, bytes, sizeof bytes);
    struct broker_validate_rules how = rules();
    struct broker_validated checked;
    uint8_t length = bytes[BROKER_BATCH_HEADER_BYTES];
    for (int change = 1; change < 256; change++) {
        bytes[BROKER_BATCH_HEADER_BYTES] = (uint8_t)(length + change);
        reseal(bytes, size);
        assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_INVALID_RECORD);
    }
}

static void validate__never_reads_beyond_a_mangled_batch(void **state)
{
    (void)state;
    static const char *const vectors[] = {VECTOR_V1, VECTOR_V5, VECTOR_V6, VECTOR_V7};
    struct broker_validate_rules how = rules();
    for (int i = 0; i < 4; i++)
        for (size_t at = 21; at < 200; at++)
            for (int change = 1; change < 256; change = change * 2 + 1) {
                uint8_t bytes[256];
                size_t size = vector_bytes(vectors[i], bytes, sizeof bytes);
                struct broker_validated checked;
                if (at >= size)
                    continue;
                bytes[at] ^= (uint8_t)change;
                reseal(bytes, size);
                validate(bytes, size, &how, &checked); /* any answer; the sanitizer watches */
                free(checked.rebuilt);
            }
}

static void validate__rewrites_a_compressed_batch_with_gaps(void **state)
{
    (void)state;
    struct broker_builder builder;
    struct broker_batch_header header = plain_header();
    header.attributes = BROKER_LZ4;
    uint8_t *bytes;
    size_t size;
    const struct broker_builder_header h = {"h", {"v", 1}};
    broker_builder_init(&builder);
    broker_builder_add_at(&builder, 0, T, text("a"), text("1"), &h, 1);
    broker_builder_add_at(&builder, 1, T + 1, text(NULL), text("2"), NULL, 0);
    broker_builder_add_at(&builder, 5, T + 2, text("c"), text(NULL), NULL, 0);
    builder.last_offset_delta = 2; /* what a client would have to claim for its three records */
    broker_builder_finish(&builder, &header, &bytes, &size, NULL);
    broker_builder_release(&builder);
    struct broker_validate_rules how = rules();
    struct broker_validated checked;
    assert_int_equal(validate(bytes, size, &how, &checked), KAFKA_NONE);
    assert_non_null(checked.rebuilt);
    struct broker_batch_header again;
    struct broker_payload payload;
    int flags = BROKER_CHECK_CRC | BROKER_CHECK_PRODUCED;
    assert_int_equal(broker_batch_check(&checked.rebuilt_span, 1, flags, &again, NULL, NULL),
                     BROKER_OK);
    assert_int_equal(again.attributes, BROKER_LZ4);
    assert_int_equal(broker_payload_open(&payload, &again, &checked.rebuilt_span, 1, NULL),
                     BROKER_OK);
    for (int i = 0; i < 3; i++) {
        struct broker_record record;
        assert_int_equal(broker_record_next(&payload.cursor, &record, NULL), BROKER_OK);
        assert_int_equal(record.offset_delta, i);
        assert_int_equal(record.timestamp_delta_ms, i);
        take(&record.key, record.key_bytes, i == 0 ? "a" : i == 1 ? NULL : "c");
        take(&record.value, record.value_bytes, i == 0 ? "1" : i == 1 ? "2" : NULL);
        assert_int_equal(record.header_count, i == 0);
    }
    broker_payload_release(&payload);
    free(checked.rebuilt);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builder__gives_the_bytes_of_v1),
        cmocka_unit_test(builder__gives_the_bytes_of_v2),
        cmocka_unit_test(control__gives_the_bytes_of_v3_and_v4),
        cmocka_unit_test(record_next__reads_v1),
        cmocka_unit_test(payload__of_every_codec_gives_kafkas_records),
        cmocka_unit_test(codecs__give_back_what_went_in),
        cmocka_unit_test(snappy__is_accepted_without_javas_framing),
        cmocka_unit_test(validate__accepts_kafkas_batches_and_finds_the_largest_timestamp),
        cmocka_unit_test(validate__refuses_markers_old_offsets_and_large_batches),
        cmocka_unit_test(validate__refuses_old_magics),
        cmocka_unit_test(validate__refuses_timestamps_out_of_range),
        cmocka_unit_test(validate__refuses_every_damaged_record_length),
        cmocka_unit_test(validate__never_reads_beyond_a_mangled_batch),
        cmocka_unit_test(validate__rewrites_a_compressed_batch_with_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
