/*
 * model/scenario/full_batch.h - what a producer's settings say of its batches, and of bytes on the wire that a rate may count.
 *
 * Shape    A batch is 61 bytes and its records, each with some bytes beside key and value, compressed by the ratio of its size. How many
 *          gather: those of one linger, at most a full batch. What Java without keys sends of a partition after
 *          a full batch is cut short where the next partition has the same leader.
 * Units    Bytes; records.
 * Omits    What gathers beyond the linger (model/cluster/gather.h), cycles of a leader's partitions, hot partitions.
 * Source   reference/kafka/clients.md sections 1 to 3.
 * Checked  tests/model/test_full_batch.c; against runs: tests/model/test_disagreement.c
 */
#ifndef MODEL_SCENARIO_FULL_BATCH_H
#define MODEL_SCENARIO_FULL_BATCH_H

#include "model/scenario/scenario.h"

/* A record in a batch, before compression: key, value and the fields beside them. */
double scenario_record_bytes(const struct scenario_producer *p);

/* Records that a full batch holds on the average, by batch.size and the client's own rules, when all batches are full. */
double scenario_full_batch(const struct scenario_producer *p);
/*
 * The same where a share of the batches is no larger than that, before compression: Java goes by the ratio that its latest batches had, small ones
 * above all (broker_ratio_estimate_next), and calls a batch full by it.
 */
double scenario_full_batch_beside(const struct scenario_producer *p, double share,
                                  double small_raw_bytes);
/* The same where Java estimates that batches come to so much of their bytes; never less than that of full ones. */
double scenario_full_batch_at(const struct scenario_producer *p, double estimate);
/* What a batch of so many bytes comes to: compressed / uncompressed. */
double scenario_ratio_observed(const struct scenario_producer *p, double raw_bytes);

/* Payload of so many bytes a second on the wire, all clients together. brokers: 0 where not known. */
double scenario_payload_of_wire(const struct scenario_producer *p, int partitions, int brokers,
                                double wire_bytes_per_s);

#endif
