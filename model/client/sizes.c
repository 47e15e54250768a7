/*
 * model/client/sizes.c - how large records are.
 *
 * Shape    One record by its distribution; the sum of several as a gamma variate with the sum's mean and variance, which unlike the
 *          normal is never negative and keeps most of the skew of a few lognormal sizes.
 */
#include <assert.h>

#include "model/client/arrivals_internal.h"
#include "sim/dmath.h"

static double one(const struct model_sizes *sizes, const struct sim_discrete *table,
                  struct sim_stream *stream)
{
    switch (sizes->kind) {
    case MODEL_SIZE_LOGNORMAL:
        return sim_lognormal(stream, sizes->mean_bytes, sizes->cv);
    case MODEL_SIZE_TABLE:
        return sizes->bytes[sim_discrete_draw(table, stream)];
    case MODEL_SIZE_FIXED:
        break;
    }
    return sizes->mean_bytes;
}

uint64_t sizes_draw(const struct model_sizes *sizes, const struct sim_discrete *table,
                    struct sim_stream *stream, uint64_t count)
{
    assert(count > 0);
    double sum = sizes->mean_bytes * (double)count;
    if (count == 1)
        sum = one(sizes, table, stream);
    else if (sizes->kind != MODEL_SIZE_FIXED && sizes->cv > 0)
        sum = sim_gamma_mean_cv(stream, sum, sizes->cv / sim_sqrt((double)count));
    uint64_t bytes = (uint64_t)(sum + 0.5);
    return (bytes < count ? count : bytes) + count * sizes->overhead_bytes;
}
