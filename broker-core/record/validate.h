/*
 * broker-core/record/validate.h - everything that a leader checks of a produced batch before it asks the log.
 *
 * Source   reference/kafka/record-format.md sections 6 to 8.
 * Checked  tests/broker-core/test_batch_records.c
 */
#ifndef BROKER_RECORD_VALIDATE_H
#define BROKER_RECORD_VALIDATE_H

#include "broker-core/record/batch.h"

struct broker_validate_rules {
    int64_t now_ms;
    int64_t before_max_ms, after_max_ms; /* message.timestamp.before.max.ms and after */
    int64_t max_bytes;                   /* max.message.bytes */
    bool log_append_time;
    bool allow_holes;
};

struct broker_validated {
    int64_t max_timestamp_ms; /* what the header must say: the largest of the records, or now */
    /* Where the records' offsets were not 0, 1, 2...: the batch written anew, to be appended instead. */
    uint8_t *rebuilt;
    struct broker_span rebuilt_span;
};

/*
 * Checks header, size, checksum and, unless the batch is opaque, every record (compressed ones too).
 * Gives    checked->rebuilt where it is not NULL (free).
 * Returns  BROKER_OK and the header; BROKER_ECORRUPT with Kafka's code in *error; BROKER_EIO without memory.
 */
int broker_validate_produced(const struct broker_span *spans, size_t count,
                             const struct broker_validate_rules *rules,
                             struct broker_batch_header *header, struct broker_validated *checked,
                             enum broker_error *error, struct broker_err *err);

#endif
