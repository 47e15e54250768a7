/* model/cluster/result.c - memory of the result document; see result.h. */
#include "model/cluster/result.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
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

void result_duration_text(char text[32], double s)
{
    if (s < 9.5)
        snprintf(text, 32, "%.2g s", s);
    else if (s < 120)
        snprintf(text, 32, "%.0f s", s);
    else if (s < 7200)
        snprintf(text, 32, "%.0f min", floor(s / 60));
    else if (s < 2 * 86400)
        snprintf(text, 32, "%.3g h", s / 3600);
    else
        snprintf(text, 32, s < 999.5 * 86400 ? "%.3g d" : "%.0f d", s / 86400);
}

const char *result_duration(struct result *result, double s)
{
    char text[32];
    result_duration_text(text, s);
    return result_string(result, text);
}

void result_day_text(char text[32], double day)
{
    if (day >= 1)
        snprintf(text, 32, "on day %.0f", floor(day));
    else
        snprintf(text, 32, "%s", day > 0 ? "within a day" : "from the start");
}

const char *result_day(struct result *result, double day)
{
    char text[32];
    result_day_text(text, day);
    return result_string(result, text);
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

static void put_grouped(FILE *out, const char *plain)
{
    size_t length = strlen(plain);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            fputc(',', out);
        fputc(plain[i], out);
    }
}

/* 16.1 trillion: from a billion on nobody counts commas. */
static bool put_words(FILE *out, double value)
{
    static const struct {
        double size;
        const char *word;
    } words[] = {{1e12, "trillion"}, {1e9, "billion"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (value >= words[i].size && value < 1e6 * words[i].size) {
            fprintf(out, "%.4g %s", value / words[i].size, words[i].word);
            return true;
        }
    return false;
}

/* %g writes 97,660 as 9.766e+04, which nobody reads: whole digits, grouped by three, or words take its place. */
static void put_readable(FILE *out, const char *text)
{
    while (*text) {
        size_t digits = strspn(text, "0123456789.");
        if (digits == 0 || strncmp(text + digits, "e+", 2) != 0) {
            size_t length = digits ? digits : 1;
            fwrite(text, 1, length, out);
            text += length;
            continue;
        }
        char *end, plain[64];
        double value = strtod(text, &end);
        snprintf(plain, sizeof plain, "%.0f", value);
        if (!put_words(out, value))
            put_grouped(out, plain);
        text = end;
    }
}

static const char *readable(struct result *result, const char *text)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = sim_checked(open_memstream(&written, &size));
    put_readable(out, text);
    fclose(out);
    const char *kept = result_string(result, sim_checked(written));
    free(written);
    return kept;
}

const char *result_count(struct result *result, uint64_t count)
{
    char plain[32], grouped[48] = "";
    FILE *out = sim_checked(fmemopen(grouped, sizeof grouped, "w"));
    snprintf(plain, sizeof plain, "%" PRIu64, count);
    put_grouped(out, plain);
    fclose(out);
    return result_string(result, grouped);
}

bool result_same_side(double shown, double value, double limit)
{
    return (shown < limit) == (value < limit) && (shown > limit) == (value > limit);
}

const char *result_percent(struct result *result, double ratio, double limit)
{
    double percent = 100 * ratio, unit = fabs(ratio) >= 0.01 || ratio == 0 ? 1 : 0.1;
    char tail[16];
    if (ratio > 0 && ratio < 0.0005)
        return "< 0.1 %";
    int decimals = unit < 1;
    for (int extra = 0; extra < 4 && isfinite(limit); extra++, decimals++, unit /= 10)
        if (result_same_side(round(percent / unit) * unit, percent, 100 * limit))
            break;
    double shown = round(percent / unit) * unit, whole = floor(shown * (1 + 1e-12));
    if (shown >= 1e12 || decimals == 0)
        return shown >= 1e12
                   ? result_format(result, "%.3g %%", shown)
                   : result_format(result, "%s %%", result_count(result, (uint64_t)whole));
    snprintf(tail, sizeof tail, "%.*f", decimals, fabs(shown - whole));
    return result_format(result, "%s%s %%", result_count(result, (uint64_t)whole), tail + 1);
}

const char *result_format(struct result *result, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = arena_take(result->arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return strstr(text, "e+") ? readable(result, text) : text;
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
