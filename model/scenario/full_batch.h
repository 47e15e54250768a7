/*
 * model/scenario/full_batch.h - what a producer's settings say of its batches, and of bytes on the wire that a rate may count.
 *
 * Shape    A batch is 61 bytes and its records, each with some bytes beside key and value, compressed by the ratio of its size. How many
 *          gather: those of one linger, at most a full batch.
 * Units    Bytes; records.
 * Omits    What gathers beyond the linger (model/cluster/gather.h), cycles of a leader's partitions, hot partitions.
 * Source   reference/kafka/clients.md sections 1 to 3.
 * Checked  tests/model/test_full_batch.c
 */
#ifndef MODEL_SCENARIO_FULL_BATCH_H
#define MODEL_SCENARIO_FULL_BATCH_H

#include "model/scenario/scenario.h"

/* Beside key and value: length, attributes, timestamp and offset deltas, key and value lengths, header count. */
#define SCENARIO_RECORD_OVERHEAD_BYTES 7.0

/* Records that a full batch holds on the average, by batch.size and the client's own rules. */
double scenario_full_batch(const struct scenario_producer *p);

/* Payload of so many bytes a second on the wire, all clients together. */
double scenario_payload_of_wire(const struct scenario_producer *p, int partitions,
                                double wire_bytes_per_s);

#endif
