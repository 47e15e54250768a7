/*
 * model/measure/payload.h - what is in the records: a time stamp, random bytes, one letter.
 *
 * Shape    The first 8 bytes are the intended time (int64_t ns of the monotonic clock, in the machine's order: reader and writer are
 *          one process). Random bytes come from a pool that is longer than any compressor looks back, in turn.
 * Source   The named stream "measure payload".
 * Checked  tests/model/test_measure_schedule.c
 */
#ifndef MODEL_MEASURE_PAYLOAD_H
#define MODEL_MEASURE_PAYLOAD_H

#include <stddef.h>

#include "model/measure/measure.h"

struct measure_payload {
    uint8_t *record, *pool;
    size_t record_bytes, random_bytes, pool_bytes, at;
};

void measure_payload_init(struct measure_payload *payload, const struct measure_config *config,
                          uint64_t seed, int repeat);
void measure_payload_release(struct measure_payload *payload);
/* The next record's bytes, valid until the next call. */
const uint8_t *measure_payload_next(struct measure_payload *payload, int64_t intended_ns);
/* Puts another time into the same record. */
void measure_payload_stamp(struct measure_payload *payload, int64_t intended_ns);
int64_t measure_payload_time(const void *record);

#endif
