#include "model/client/compression.h"

#include <assert.h>

#include "sim/dmath.h"

/*
 * reference/hardware-models.md 4.3, measured on synthetic JSON at 1 KiB, 16 KiB, 128 KiB, 1 MiB (zlib and lz4 to 128 KiB). Snappy
 * was not measured there: lz4's shape, times the two codecs' ratio on the Silesia corpus (2.09 / 2.10).
 */
static const double POINTS[4] = {1024, 16 * 1024, 128 * 1024, 1024 * 1024};
static const double RATIOS[5][4] = {
    [BROKER_NONE] = {1, 1, 1, 1},
    [BROKER_GZIP] = {2.0, 4.0, 4.32, 4.32},
    [BROKER_SNAPPY] = {1.50, 2.76, 3.06, 3.06},
    [BROKER_LZ4] = {1.51, 2.77, 3.07, 3.07},
    [BROKER_ZSTD] = {2.03, 4.69, 5.50, 5.65},
};

void model_compression_init(struct model_compression *compression, enum broker_codec codec)
{
    assert(codec >= BROKER_NONE && codec <= BROKER_ZSTD);
    compression->codec = codec;
    compression->count = 0;
    if (codec != BROKER_NONE)
        model_compression_set(compression, 4, POINTS, RATIOS[codec]);
}

void model_compression_set(struct model_compression *compression, uint32_t count,
                           const double *batch_bytes, const double *ratio)
{
    assert(count <= MODEL_RATIO_POINTS_MAX);
    compression->count = count;
    for (uint32_t i = 0; i < count; i++) {
        assert(ratio[i] > 0 && (i == 0 || batch_bytes[i] > batch_bytes[i - 1]));
        compression->batch_bytes[i] = batch_bytes[i];
        compression->ratio[i] = ratio[i];
    }
}

double model_compression_ratio(const struct model_compression *compression, double batch_bytes)
{
    uint32_t n = compression->count;
    if (compression->codec == BROKER_NONE || n == 0)
        return 1;
    const double *x = compression->batch_bytes, *y = compression->ratio;
    if (batch_bytes <= x[0])
        return y[0];
    for (uint32_t i = 1; i < n; i++)
        if (batch_bytes <= x[i]) {
            double low = x[i - 1] > 1 ? x[i - 1] : 1; /* a point at 0 bytes stands for one byte */
            double share = sim_log(batch_bytes / low) / sim_log(x[i] / low);
            return y[i - 1] + share * (y[i] - y[i - 1]);
        }
    return y[n - 1];
}

uint64_t model_compression_bytes(const struct model_compression *compression, uint64_t raw_bytes)
{
    double ratio = model_compression_ratio(compression, (double)raw_bytes);
    uint64_t bytes = (uint64_t)((double)raw_bytes / ratio + 0.5);
    return raw_bytes > 0 && bytes == 0 ? 1 : bytes;
}
