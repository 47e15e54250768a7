/*
 * model/measure/log_dirs.h - what did a topic leave on disk?
 *
 * Shape    Batches, records and bytes of all segments of all the topic's replicas in the given log dirs, from the batches' headers.
 * Omits    CRCs and compressed contents. A batch that is being written is not counted.
 * Source   Kafka's record batch, version 2: base offset 8 bytes, batch length 4, leader epoch 4, magic 1, CRC 4, attributes 2,
 *          last offset delta 4, two timestamps of 8, producer id 8, epoch 2, base sequence 4, record count 4.
 * Checked  tests/model/test_measure_logs.c
 */
#ifndef MODEL_MEASURE_LOG_DIRS_H
#define MODEL_MEASURE_LOG_DIRS_H

#include "model/measure/measure.h"

struct measure_log {
    int64_t batches, records, bytes;
    int replicas; /* folders found */
};

/* Returns MEASURE_OK or MEASURE_EFAILED: a folder cannot be read, or a file holds something else. */
int measure_log_scan(struct measure_log *log, const char *const *dirs, int dir_count,
                     const char *topic, int partitions, struct measure_err *err);

#endif
