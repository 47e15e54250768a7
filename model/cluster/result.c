/* model/cluster/result.c - memory of the result document; see result.h. */
#include "model/cluster/result.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

#define ARENA_BLOCK_BYTES 65536 /* a result has some 100 KB of text and series: a few blocks */

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};
struct result_arena {
    struct arena_block *blocks;
};

static void *arena_take(struct result_arena *arena, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        size_t size = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
        block = sim_alloc(1, sizeof *block + size);
        block->size = size;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += bytes;
    return at;
}

struct result *result_new(void)
{
    struct result *result = sim_alloc(1, sizeof *result);
    result->arena = sim_alloc(1, sizeof *result->arena);
    const char **const texts[] = {
        &result->scenario,      &result->question,     &result->variant,     &result->binding,
        &result->verdict_text,  &result->survive_note, &result->growth_note, &result->scenario_text,
        &result->study,         &result->unread_note,  &result->profile,     &result->profile_error,
        &result->currency_note, &result->moment};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = "";
    return result;
}

const struct result_bound *result_bound_of(const struct result *result, const char *resource)
{
    for (uint32_t i = 0; i < result->bound_count; i++)
        if (strcmp(result->bounds[i].resource, resource) == 0)
            return &result->bounds[i];
    return NULL;
}

void result_warn(struct result *result, const char *text, const char *remedy)
{
    struct result_warning *row = RESULT_ADD(result, warnings, warning_count);
    *row = (struct result_warning){.text = text, .remedy = remedy};
}

struct sim_histogram *result_histogram(const struct sim_histogram *source)
{
    struct sim_histogram *histogram = sim_alloc(1, sizeof *histogram);
    sim_histogram_init(histogram);
    if (source)
        sim_histogram_merge(histogram, source);
    return histogram;
}

static void free_histogram(struct sim_histogram *histogram)
{
    if (histogram)
        sim_histogram_release(histogram);
    free(histogram);
}

void result_free(struct result *result)
{
    if (!result)
        return;
    for (uint32_t i = 0; i < result->variant_count; i++)
        result_free(result->variants[i]);
    for (uint32_t i = 0; i < result->latency_count; i++)
        free_histogram(result->latencies[i].histogram);
    for (struct arena_block *block = result->arena->blocks; block;) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    free(result->arena);
    free(result);
}

void *result_alloc(struct result *result, size_t count, size_t size)
{
    assert(size == 0 || count <= SIZE_MAX / size);
    return arena_take(result->arena, count > 0 && size > 0 ? count * size : 1);
}

const char *result_string(struct result *result, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(arena_take(result->arena, size), text, size);
}

/* Arrays double at each power of two; the old copy stays in the arena, which costs at most as much again. */
void *result_grow(struct result *result, void *array, uint32_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    void *grown = arena_take(result->arena, (count ? 2 * (size_t)count : 1) * size);
    if (count)
        memcpy(grown, array, count * size);
    return grown;
}

struct result_estimate result_exact(double value)
{
    return (struct result_estimate){.known = true, .value = value, .low = value, .high = value};
}

struct result_estimate result_unknown(void)
{
    return (struct result_estimate){.value = NAN, .low = NAN, .high = NAN};
}

struct result_estimate result_interval(double value, double low, double high, double level,
                                       uint64_t n)
{
    return (struct result_estimate){true, value, low, high, level, n};
}

struct result_estimate result_above(const struct result_estimate *larger,
                                    const struct result_estimate *smaller)
{
    struct result_estimate e = *larger;
    if (e.known && smaller->known && smaller->low > e.low && smaller->low <= e.value)
        e.low = smaller->low;
    return e;
}

enum result_verdict result_worse(enum result_verdict a, enum result_verdict b)
{
    static const int rank[] = {0, 2, 1, 3}; /* fits, does not fit, undecided, unstable */
    return rank[b] > rank[a] ? b : a;
}

bool result_is_idle(enum result_resource_kind kind)
{
    return kind == RESULT_NETWORK_THREADS || kind == RESULT_IO_THREADS;
}

double result_used_share(enum result_resource_kind kind, double value)
{
    return result_is_idle(kind) ? 1 - value : value;
}

static enum result_verdict judge_limit(const struct result_resource *row,
                                       const struct result_estimate *e)
{
    if (row->limit <= 0 || !row->used)
        return RESULT_FITS;
    if (!e->known)
        return RESULT_UNDECIDED;
    bool low = result_is_idle(row->kind) ? e->low >= row->limit : e->low <= row->limit;
    bool high = result_is_idle(row->kind) ? e->high >= row->limit : e->high <= row->limit;
    if (low && high)
        return RESULT_FITS;
    return low || high ? RESULT_UNDECIDED : RESULT_DOES_NOT_FIT;
}

enum result_verdict result_judge_now(const struct result_resource *row)
{
    return judge_limit(row, row->predicted.known ? &row->predicted : &row->now);
}

/* The same error, about what the survivors have to do. */
enum result_verdict result_judge_lost(const struct result_resource *row)
{
    double more = row->survive.value / row->now.value;
    if (!row->survive.known || !row->predicted.known || !isfinite(more))
        return judge_limit(row, &row->survive);
    struct result_estimate predicted = row->predicted;
    predicted.low *= more;
    predicted.high *= more;
    return judge_limit(row, &predicted);
}

double result_bound_limit(const struct result_bound *b)
{
    return b->demand > 0 ? b->utilisation * b->capacity / b->demand : NAN;
}

/* What just reaches its limit may differ from it by a rounding. */
bool result_bound_beyond(const struct result_bound *b)
{
    double limit = result_bound_limit(b) * (1 + 1e-9);
    return b->utilisation > limit || b->utilisation_survive > limit;
}

const char *result_verdict_name(enum result_verdict verdict)
{
    static const char *const names[] = {"fits", "does not fit", "undecided", "unstable"};
    return names[verdict];
}
