/*
 * tests/fuzz/fuzz_batch.c - any bytes as a record batch: checked, validated, its records walked.
 *
 * Shape    The first byte picks one of Kafka's batches, which the following triples (two bytes position, one byte change) alter,
 *          or the rest as it is. Length, magic and checksum are then made right, so that what lies behind them is reached.
 */
#include <assert.h>

#include "broker-core/record/record.h"
#include "broker-core/record/validate.h"
#include "tests/fuzz/driver.h"
#include "tests/support/vectors.h"

static const char *const vectors[] = {VECTOR_V1, VECTOR_V2, VECTOR_V3, VECTOR_V4,
                                      VECTOR_V5, VECTOR_V6, VECTOR_V7};

enum { BATCH_MAX = 70000 };

static size_t make_batch(const uint8_t *data, size_t size, uint8_t *bytes)
{
    if (data[0] >= 128) {
        size_t used = size - 1 < BATCH_MAX ? size - 1 : BATCH_MAX;
        memcpy(bytes, data + 1, used);
        return used;
    }
    size_t used = vector_bytes(vectors[data[0] % 7], bytes, 256);
    for (size_t i = 1; i + 3 <= size; i += 3)
        bytes[(size_t)(data[i] << 8 | data[i + 1]) % used] ^= data[i + 2];
    return used;
}

static void make_right(uint8_t *bytes, size_t size)
{
    struct broker_batch_header header;
    struct broker_span span = {bytes, size};
    broker_batch_header_read(bytes, &header);
    header.batch_length = (int32_t)size - BROKER_BATCH_OVERHEAD_BYTES;
    header.magic = 2;
    header.base_offset = 0;
    broker_batch_header_write(&header, bytes);
    header.crc = broker_batch_crc(bytes, &span, 1);
    broker_batch_header_write(&header, bytes);
}

/* Reads every byte that a record claims to have. */
static uint64_t walk(struct broker_record *record)
{
    uint8_t chunk[64];
    uint64_t sum = 0;
    struct broker_cursor *parts[2] = {&record->key, &record->value};
    for (int i = 0; i < 2; i++)
        while (parts[i]->left) {
            size_t size = parts[i]->left < sizeof chunk ? (size_t)parts[i]->left : sizeof chunk;
            bool read = broker_cursor_read(parts[i], chunk, size);
            assert(read);
            sum += chunk[0] + size;
        }
    for (int32_t i = 0; i < record->header_count; i++) {
        struct broker_record_header header;
        bool read = broker_record_header_next(&record->headers, &header);
        assert(read); /* it was checked when the record was read */
        sum += (uint64_t)header.key_bytes;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[BATCH_MAX];
    static uint64_t sum __attribute__((unused)); /* so that what is read is not optimised away */
    struct broker_batch_header header;
    struct broker_validated checked;
    enum broker_error error;
    struct broker_err err = {0};
    if (size < 1)
        return 0;
    size_t used = make_batch(data, size, bytes);
    if (used >= BROKER_BATCH_HEADER_BYTES && !(data[0] & 64))
        make_right(bytes, used);
    struct broker_span span = {bytes, used};
    struct broker_validate_rules rules = {.now_ms = 1700000000000,
                                          .before_max_ms = INT64_MAX,
                                          .after_max_ms = INT64_MAX,
                                          .max_bytes = 1048588,
                                          .allow_holes = (data[0] & 32) != 0};
    int rc = broker_validate_produced(&span, 1, &rules, &header, &checked, &error, &err);
    assert((rc == BROKER_OK) == (error == KAFKA_NONE));
    free(rc == BROKER_OK ? checked.rebuilt : NULL);
    if (broker_batch_check(&span, 1, BROKER_CHECK_CRC, &header, NULL, NULL) != BROKER_OK)
        return 0;
    struct broker_payload payload;
    struct broker_record record;
    if (broker_payload_open(&payload, &header, &span, 1, &err) == BROKER_OK)
        while (broker_record_next(&payload.cursor, &record, NULL) == BROKER_OK)
            sum += walk(&record);
    broker_payload_release(&payload);
    int type;
    int32_t coordinator_epoch;
    broker_control_read(&header, &span, 1, &type, &coordinator_epoch, NULL);
    return 0;
}
