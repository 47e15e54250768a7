#include "model/client/partitioner.h"

#include <assert.h>

#include "sim/dmath.h"

/* Keys beyond this many are spread evenly: each has less than a millionth of what the most popular has. */
#define KEYS_HASHED_MAX ((uint64_t)1 << 20)

static uint32_t little_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* reference/kafka/clients.md section 2 */
int32_t model_murmur2(const uint8_t *bytes, size_t size)
{
    const uint32_t m = 0x5bd1e995;
    uint32_t h = 0x9747b28cU ^ (uint32_t)size;
    size_t at = 0;
    for (; size - at >= 4; at += 4) {
        uint32_t k = little_endian(bytes + at) * m;
        k ^= k >> 24;
        h = h * m ^ k * m;
    }
    if (at < size) {
        for (size_t i = size - at; i > 0; i--)
            h ^= (uint32_t)bytes[at + i - 1] << (8 * (i - 1));
        h *= m;
    }
    h ^= h >> 13;
    h *= m;
    return (int32_t)(h ^ h >> 15);
}

/* Reflected polynomial 0xEDB88320, a nibble at a time: keys are short and hashed once a run. */
uint32_t model_crc32(const uint8_t *bytes, size_t size)
{
    uint32_t table[16];
    for (uint32_t i = 0; i < 16; i++) {
        table[i] = i;
        for (int bit = 0; bit < 4; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320U : 0);
    }
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static uint32_t partition_of(enum model_key_hash hash, uint64_t key, uint32_t partitions)
{
    uint8_t text[20]; /* as many digits as the largest key has */
    size_t at = sizeof text;
    do {
        text[--at] = (uint8_t)('0' + key % 10);
        key /= 10;
    } while (key);
    if (hash == MODEL_HASH_CRC32)
        return model_crc32(text + at, sizeof text - at) % partitions;
    return ((uint32_t)model_murmur2(text + at, sizeof text - at) & 0x7fffffff) % partitions;
}

static double popularity(double rank, double s)
{
    return s == 0 ? 1 : sim_pow(rank, -s);
}

/* Sum of rank^-s over ranks a + 1 to b: midpoint rule, relative error below 1e-12 from a = 2^20 on. */
static double popularity_sum(double a, double b, double s)
{
    a += 0.5;
    b += 0.5;
    if (s == 1)
        return sim_log(b / a);
    return (sim_pow(b, 1 - s) - sim_pow(a, 1 - s)) / (1 - s);
}

static void weights_of_keys(const struct model_partitioner_config *config, uint32_t partitions,
                            double *weights)
{
    uint64_t hashed = config->key_count < KEYS_HASHED_MAX ? config->key_count : KEYS_HASHED_MAX;
    double sum = 0;
    for (uint64_t key = 0; key < hashed; key++) {
        double weight = popularity((double)(key + 1), config->zipf_s);
        weights[partition_of(config->hash, key, partitions)] += weight;
        sum += weight;
    }
    double rest = 0;
    if (config->key_count > hashed)
        rest = popularity_sum((double)hashed, (double)config->key_count, config->zipf_s);
    for (uint32_t p = 0; p < partitions; p++)
        weights[p] = (weights[p] + rest / partitions) / (sum + rest);
}

void model_partition_weights(const struct model_partitioner_config *config, uint32_t partitions,
                             double *weights)
{
    assert(partitions > 0);
    bool keyed = config->kind == MODEL_PARTITIONER_KEYED;
    double hot = keyed && config->hottest_share > 0 && partitions > 1 ? config->hottest_share : 0;
    for (uint32_t p = 0; p < partitions; p++) {
        weights[p] = 1.0 / partitions;
        if (hot > 0)
            weights[p] = p == 0 ? hot : (1 - hot) / (partitions - 1);
        else if (keyed && config->key_count > 0)
            weights[p] = 0;
    }
    if (keyed && hot == 0 && config->key_count > 0)
        weights_of_keys(config, partitions, weights);
}
