/*
 * broker-core/record/codec.h - compressed payloads, by zlib, snappy, lz4 and zstd.
 *
 * Source   reference/kafka/record-format.md section 4: framing to write and to accept.
 * Checked  tests/broker-core/test_batch_records.c: payloads that Kafka's own classes compressed.
 */
#ifndef BROKER_RECORD_CODEC_H
#define BROKER_RECORD_CODEC_H

#include "broker-core/record/batch.h"

/* Uncompressed records of one batch beyond this are refused: a batch is at most INT32_MAX bytes uncompressed. */
#define BROKER_UNCOMPRESSED_MAX ((size_t)1 << 30)

/* Gives *out (free). BROKER_ECORRUPT if the bytes are no stream of that codec. codec: not BROKER_NONE. */
int broker_decompress(enum broker_codec codec, const uint8_t *bytes, size_t size, uint8_t **out,
                      size_t *out_size, struct broker_err *err);
int broker_compress(enum broker_codec codec, const uint8_t *bytes, size_t size, uint8_t **out,
                    size_t *out_size, struct broker_err *err);

#endif
