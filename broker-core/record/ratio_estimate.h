/*
 * broker-core/record/ratio_estimate.h - how Kafka's Java client guesses what a batch will come to, before it compresses it.
 *
 * Shape    One estimate a topic and codec, compressed / uncompressed. It starts at 1 and moves with each batch that was closed: it grows fast
 *          and shrinks slowly, because too small a guess splits batches.
 * Units    Ratios.
 * Omits    -
 * Source   org.apache.kafka.common.record.CompressionRatioEstimator; reference/kafka/clients.md section 1.
 * Checked  tests/model/test_compression.c
 */
#ifndef BROKER_CORE_RECORD_RATIO_ESTIMATE_H
#define BROKER_CORE_RECORD_RATIO_ESTIMATE_H

#define BROKER_RATIO_UP   0.05
#define BROKER_RATIO_DOWN 0.005

double broker_ratio_estimate_next(double estimate, double observed);

#endif
