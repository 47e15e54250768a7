/*
 * model/client/partitioner.h - which partition a record goes to.
 *
 * Shape    Keyed traffic is a vector of weights: the share of records that the client's own hash gives each partition, for a
 *          set of keys with Zipf popularity (keys are the decimal numbers "0", "1", ... by popularity), or a stated share of the hottest
 *          partition. Keyless traffic sticks to a partition for a while (Java: batch.size bytes; librdkafka:
 *          sticky.partitioning.linger.ms) or draws one for each record.
 * Units    Shares sum to 1.
 * Source   reference/kafka/clients.md sections 2 and 5; murmur2 vectors there; CRC-32 check value 0xCBF43926.
 * Checked  tests/model/test_partitioner.c
 */
#ifndef MODEL_CLIENT_PARTITIONER_H
#define MODEL_CLIENT_PARTITIONER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_partitioner_kind {
    MODEL_PARTITIONER_STICKY,
    MODEL_PARTITIONER_KEYED,
    MODEL_PARTITIONER_UNIFORM, /* each record draws its partition */
};
enum model_key_hash { MODEL_HASH_MURMUR2, MODEL_HASH_CRC32 };

struct model_partitioner_config {
    enum model_partitioner_kind kind;
    enum model_key_hash hash; /* Java: murmur2; librdkafka: crc32 */
    uint64_t key_count;       /* keyed; 0 with hottest_share */
    double zipf_s;            /* 0: all keys alike */
    double
        hottest_share; /* > 0: that share goes to one partition, the rest evenly; instead of keys */
    bool adaptive;     /* sticky, Java: partitioner.adaptive.partitioning.enable */
    int64_t sticky_linger_ns; /* sticky, librdkafka */
};

/* Kafka's murmur2 as an int32, and the partition of a key: positive part modulo partitions. */
int32_t model_murmur2(const uint8_t *bytes, size_t size);
/* CRC-32 (zlib's), of librdkafka's `consistent` partitioner. */
uint32_t model_crc32(const uint8_t *bytes, size_t size);

/*
 * Fills weights[partitions] with the share of records of each. Keyed and uniform; sticky gives equal shares. Work is
 * O(min(key_count, 2^20)): less popular keys than that are spread evenly, by their exact joint share.
 */
void model_partition_weights(const struct model_partitioner_config *config, uint32_t partitions,
                             double *weights);

#endif
