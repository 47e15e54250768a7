/*
 * model/client/compression.h - how much smaller a batch becomes, by its size.
 *
 * Shape    Ratio (before / after) by the batch's size before compression: linear in ln(size) between points, flat outside.
 * Source   Defaults: reference/hardware-models.md 4.3, measured on synthetic JSON.
 * Checked  tests/model/test_compression.c
 */
#ifndef MODEL_CLIENT_COMPRESSION_H
#define MODEL_CLIENT_COMPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "broker-core/record/batch.h"

#define MODEL_RATIO_POINTS_MAX 64

struct model_compression {
    enum broker_codec codec;
    uint32_t count;                             /* 0 without a codec */
    double batch_bytes[MODEL_RATIO_POINTS_MAX]; /* ascending */
    double ratio[MODEL_RATIO_POINTS_MAX];
};

/* The default table of a codec. */
void model_compression_init(struct model_compression *compression, enum broker_codec codec);
/* Replaces the table. Points ascend, ratios are > 0. */
void model_compression_set(struct model_compression *compression, uint32_t count,
                           const double *batch_bytes, const double *ratio);
double model_compression_ratio(const struct model_compression *compression, double batch_bytes);
/* Bytes of the records on the wire and disk; at least 1 for raw_bytes > 0. */
uint64_t model_compression_bytes(const struct model_compression *compression, uint64_t raw_bytes);

#endif
