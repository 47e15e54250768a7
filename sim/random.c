/*
 * sim/random.c - streams and the draws of one number each.
 */
#include "sim/random.h"

#include <assert.h>
#include <math.h> /* INFINITY */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <Random123/philox.h>

#include "sim/dmath.h"
#include "sim/dmath_internal.h"

/* Every bit of the input reaches every bit of the output (the finaliser of splitmix64). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t sim_hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a: offset basis and prime */
    for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
        hash = (hash ^ *c) * UINT64_C(0x100000001b3);
    return mix(hash);
}

void sim_stream_init(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                     const char *name)
{
    /* The odd constant keeps seed 0 from being the name's bare hash. */
    stream->key = mix(sim_hash_name(name) + mix(seed + UINT64_C(0x9e3779b97f4a7c15)));
    stream->replication = replication;
    stream->block = 0;
    stream->used = SIM_STREAM_AHEAD;
}

void sim_stream_initf(struct sim_stream *stream, uint64_t seed, uint64_t replication,
                      const char *format, ...)
{
    char name[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(name, sizeof(name), format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < sizeof(name));
    sim_stream_init(stream, seed, replication, name);
}

void sim_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t k = {{key[0], key[1]}};
    c = philox4x32_R(10, c, k);
    for (int i = 0; i < 4; i++)
        out[i] = c.v[i];
}

void sim_stream_refill(struct sim_stream *stream)
{
    philox4x32_key_t key = {{(uint32_t)stream->key, (uint32_t)(stream->key >> 32)}};
    for (unsigned i = 0; i < SIM_STREAM_AHEAD / 2; i++) {
        uint64_t block = stream->block + i;
        philox4x32_ctr_t c = {{(uint32_t)block, (uint32_t)(block >> 32),
                               (uint32_t)stream->replication,
                               (uint32_t)(stream->replication >> 32)}};
        c = philox4x32_R(10, c, key);
        stream->ahead[2 * i] = (uint64_t)c.v[1] << 32 | c.v[0];
        stream->ahead[2 * i + 1] = (uint64_t)c.v[3] << 32 | c.v[2];
    }
    stream->block += SIM_STREAM_AHEAD / 2;
    stream->used = 0;
}

/* Multiply and keep the high word; the few low words that would favour some results are redrawn
 * (D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019). */
uint64_t sim_below(struct sim_stream *stream, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    assert(n > 0);
    wide product = (wide)sim_u64(stream) * n;
    if ((uint64_t)product < n) {
        uint64_t unfair = -n % n;
        while ((uint64_t)product < unfair)
            product = (wide)sim_u64(stream) * n;
    }
    return (uint64_t)(product >> 64);
}

bool sim_chance(struct sim_stream *stream, double probability)
{
    assert(probability >= 0.0 && probability <= 1.0);
    return sim_unit(stream) < probability;
}

double sim_uniform(struct sim_stream *stream, double low, double high)
{
    return low + (high - low) * sim_unit(stream);
}

double sim_exponential(struct sim_stream *stream, double mean)
{
    assert(mean >= 0.0);
    /* 1 - u instead of u: a larger draw is then a larger variate. */
    return -mean * sim_log_normal(1.0 - sim_unit(stream));
}

int64_t sim_exponential_ns(struct sim_stream *stream, double mean_ns)
{
    assert(mean_ns >= 0.0 && mean_ns < 0x1p53);
    return (int64_t)(-mean_ns * sim_log_normal(1.0 - sim_unit(stream)) + 0.5);
}

double sim_normal(struct sim_stream *stream, double mean, double sd)
{
    return mean + sd * sim_normal_quantile(sim_unit_open(stream));
}

double sim_lognormal(struct sim_stream *stream, double mean, double cv)
{
    assert(mean >= 0.0 && cv >= 0.0);
    double variance = sim_log1p(cv * cv); /* of the logarithm */
    double z = sim_normal_quantile(sim_unit_open(stream));
    return mean * sim_exp(z * sim_sqrt(variance) - 0.5 * variance);
}

double sim_weibull(struct sim_stream *stream, double scale, double shape)
{
    assert(scale >= 0.0 && shape > 0.0);
    return scale * sim_pow(sim_exponential(stream, 1.0), 1.0 / shape);
}

double sim_pareto(struct sim_stream *stream, double minimum, double alpha)
{
    assert(minimum > 0.0 && alpha > 0.0);
    return minimum * sim_exp(sim_exponential(stream, 1.0) / alpha);
}

int64_t sim_geometric(struct sim_stream *stream, double probability)
{
    assert(probability > 0.0 && probability <= 1.0);
    double u = 1.0 - sim_unit(stream);
    if (probability == 1.0)
        return 0;
    double failures = sim_floor(sim_log(u) / sim_log1p(-probability));
    return failures < 0x1p62 ? (int64_t)failures : INT64_C(1) << 62;
}

void sim_shuffle(struct sim_stream *stream, uint32_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)sim_below(stream, i);
        uint32_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}
