#include "model/client/arrivals.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/arrivals_internal.h"
#include "sim/memory.h"

/* Made and not yet taken. */
struct outlet {
    struct grain *ring;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t head;
    uint32_t length;
    /* Not side by side: the grain's two sums would then be loaded as one, which waits for their two stores. */
    uint64_t pending_count;
    double typical; /* records of a take, smoothed: grains are an eighth of it */
    uint64_t pending_bytes;
    struct source *source;
    bool dry;             /* the source has ended */
    bool random;          /* records of a grain are at random between its ends */
    uint64_t slack_bytes; /* by which a full batch is emptier than equal sizes would make it */
};

struct model_arrivals {
    struct model_arrivals_config config;
    struct sim_discrete sizes; /* of a table */
    bool has_sizes;
    uint32_t outlet_count;
    struct outlet *outlets;
    struct source *sources; /* one an outlet, or one in all when dealt */
    uint32_t source_count;
    bool dealt;
    struct grain next; /* dealt: made, not given out yet */
    bool has_next;
    double *weights;
    struct sim_discrete pick;
    struct sim_stream deal_random;
    int64_t *counts; /* of one deal */
};

void model_arrivals_config_init(struct model_arrivals_config *config)
{
    memset(config, 0, sizeof *config);
    config->kind = MODEL_ARRIVALS_CONSTANT;
    config->rate_records_per_s = 1;
    config->sizes.kind = MODEL_SIZE_FIXED;
    config->sizes.mean_bytes = 1024;
    config->burst_records = 1;
    config->trace_stride = 1;
    config->growth_period_ns = INT64_C(2629800000000000); /* 30.4375 days */
    for (int i = 0; i < 24; i++)
        config->daily[i] = 1;
    for (int i = 0; i < 7; i++)
        config->weekly[i] = 1;
}

/* ---- outlets ---- */

static void grow_ring(struct outlet *outlet)
{
    uint32_t capacity = outlet->capacity ? 2 * outlet->capacity : 4;
    struct grain *ring = sim_checked(malloc(capacity * sizeof *ring));
    for (uint32_t i = 0; i < outlet->length; i++)
        ring[i] = outlet->ring[(outlet->head + i) & (outlet->capacity - 1)];
    free(outlet->ring);
    outlet->ring = ring;
    outlet->capacity = capacity;
    outlet->head = 0;
}

static struct grain *at(const struct outlet *outlet, uint32_t index)
{
    return &outlet->ring[(outlet->head + index) & (outlet->capacity - 1)];
}

/* Where the next grain goes. */
static inline struct grain *place(struct outlet *outlet)
{
    if (outlet->length == outlet->capacity)
        grow_ring(outlet);
    return at(outlet, outlet->length);
}

static inline void placed(struct outlet *outlet, const struct grain *grain)
{
    outlet->length++;
    outlet->pending_count += grain->count;
    outlet->pending_bytes += grain->bytes;
}

/* Records to draw at once: an eighth of a usual take, or of what is already waiting. */
static uint64_t grain_size(const struct outlet *outlet)
{
    if (outlet->pending_count <= GRAIN_SINGLE_MAX && outlet->typical <= GRAIN_SINGLE_MAX)
        return 1; /* nearly always */
    double usual = outlet->typical, waiting = (double)outlet->pending_count;
    return (uint64_t)((usual > waiting ? usual : waiting) / GRAINS_A_TAKE);
}

/* One grain more. NULL when there is none. */
static inline struct grain *make_grain(struct outlet *outlet)
{
    if (!outlet->source || outlet->dry)
        return NULL;
    struct grain *grain = place(outlet);
    if (!source_next(outlet->source, grain_size(outlet), grain)) {
        outlet->dry = true;
        return NULL;
    }
    placed(outlet, grain);
    return grain;
}

/* Grain number `index` of the outlet, made now if it is the next one; NULL when there is none. */
static inline struct grain *want(struct outlet *outlet, uint32_t index)
{
    return index < outlet->length ? at(outlet, index) : make_grain(outlet);
}

/* ---- dividing a grain ---- */

static int64_t record_ns(const struct grain *grain, uint64_t index)
{
    if (grain->count < 2)
        return grain->first_ns;
    __extension__ typedef __int128 wide;
    return grain->first_ns + (int64_t)((wide)(grain->last_ns - grain->first_ns) * (wide)index /
                                       (wide)(grain->count - 1));
}

static uint64_t bytes_of(const struct grain *grain, uint64_t count)
{
    if (count == grain->count)
        return grain->bytes; /* a division of 128 bits is slow */
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)grain->bytes * count / grain->count);
}

static uint64_t count_until(const struct grain *grain, int64_t until_ns)
{
    if (until_ns >= grain->last_ns)
        return grain->count;
    if (until_ns < grain->first_ns)
        return 0;
    __extension__ typedef __int128 wide;
    uint64_t count = 1 + (uint64_t)((wide)(until_ns - grain->first_ns) * (wide)(grain->count - 1) /
                                    (wide)(grain->last_ns - grain->first_ns));
    /* record_ns rounds down, so one more may be due. */
    return count < grain->count && record_ns(grain, count) <= until_ns ? count + 1 : count;
}

/* Most records whose bytes_of is within room: floor(bytes k / count) <= room. */
static uint64_t count_within(const struct grain *grain, uint64_t room)
{
    if (grain->bytes <= room)
        return grain->count;
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((((wide)room + 1) * grain->count - 1) / grain->bytes);
}

/* How much of the grain fits what is left of a limit. */
static uint64_t count_fitting(const struct outlet *outlet, const struct grain *grain,
                              const struct model_take_limit *limit, uint64_t taken_count,
                              uint64_t taken_bytes)
{
    uint64_t room = limit->bytes > taken_bytes ? limit->bytes - taken_bytes : 0;
    if (grain->count > 1 && grain->bytes > room)
        room = room > outlet->slack_bytes ? room - outlet->slack_bytes : 0;
    uint64_t count = count_within(grain, room);
    if (count > limit->records - taken_count)
        count = limit->records - taken_count;
    if (count == 0 && taken_count == 0 && limit->force_one && limit->records > 0)
        count = 1;
    return count;
}

static void drop_front(struct outlet *outlet, struct grain *grain, uint64_t count)
{
    uint64_t bytes = bytes_of(grain, count);
    outlet->pending_count -= count;
    outlet->pending_bytes -= bytes;
    if (count == grain->count) {
        outlet->head = (outlet->head + 1) & (outlet->capacity - 1);
        outlet->length--;
        return;
    }
    grain->first_ns = record_ns(grain, count);
    grain->count -= count;
    grain->bytes -= bytes;
}

/*
 * Time divides a grain of random records at until_ns: the last before and the first after it are where they are among uniform ones, not
 * half a step away as among equally spaced ones. Returns the time of the last before.
 */
static int64_t divide_in_time(struct outlet *outlet, struct grain *grain, uint64_t count,
                              int64_t until_ns)
{
    struct sim_stream *random = &outlet->source->random;
    int64_t last = grain->first_ns;
    if (count > 1)
        last = until_ns - (int64_t)((double)(until_ns - last) * first_of(random, count - 1));
    drop_front(outlet, grain, count);
    if (grain->count > 1)
        grain->first_ns =
            until_ns + 1 +
            (int64_t)((double)(grain->last_ns - until_ns - 1) * first_of(random, grain->count - 1));
    else
        grain->first_ns = grain->last_ns;
    return last;
}

/* ---- taking ---- */

static inline void note_stretch(struct model_taken *out, int64_t first_ns, int64_t last_ns,
                                uint64_t count)
{
    uint32_t n = out->stretch_count;
    struct sim_histogram_stretch *last = &out->stretches[n > 0 ? n - 1 : 0];
    if (n > 0 && last->first_ns == last_ns) {
        last->n += (int64_t)count; /* of one burst */
    } else if ((n == 0 && out->count > 0) || n == MODEL_STRETCHES_MAX) {
        out->stretch_count = 0;
    } else {
        out->stretches[n] = (struct sim_histogram_stretch){first_ns, last_ns, (int64_t)count};
        out->stretch_count++;
    }
}

/* Takes `count` records of the front grain, all that is due or all that fits. */
static void take_front(struct outlet *outlet, struct grain *grain, uint64_t count, bool by_time,
                       int64_t until_ns, struct model_taken *out)
{
    int64_t first = grain->first_ns, last = record_ns(grain, count - 1);
    uint64_t bytes = bytes_of(grain, count);
    if (out->count == 0)
        out->first_ns = first;
    if (out->count == 0 || first > out->last_ns)
        out->groups++;
    if (grain->last_ns > first)
        out->groups += count - 1;
    if (count < grain->count && by_time && outlet->random)
        last = divide_in_time(outlet, grain, count, until_ns);
    else
        drop_front(outlet, grain, count);
    note_stretch(out, first, last, count);
    out->last_ns = last;
    out->count += count;
    out->bytes += bytes;
}

/* As take_front, of a grain that is one record. */
static inline void take_single(struct outlet *outlet, const struct grain *grain,
                               struct model_taken *out)
{
    int64_t record = grain->first_ns;
    if (out->count == 0)
        out->first_ns = record;
    if (out->count == 0 || record > out->last_ns)
        out->groups++;
    note_stretch(out, record, record, 1);
    out->last_ns = record;
    out->count++;
    out->bytes += grain->bytes;
    outlet->pending_count--;
    outlet->pending_bytes -= grain->bytes;
    outlet->head = (outlet->head + 1) & (outlet->capacity - 1);
    outlet->length--;
}

/* As count_fitting, of a grain that is one record. */
static inline bool single_fits(const struct grain *grain, const struct model_take_limit *limit,
                               uint64_t taken_count, uint64_t taken_bytes)
{
    return taken_count < limit->records &&
           (taken_bytes + grain->bytes <= limit->bytes || (taken_count == 0 && limit->force_one));
}

bool model_arrivals_take(struct model_arrivals *arrivals, uint32_t number,
                         const struct model_take_limit *limit, struct model_taken *out)
{
    assert(number < arrivals->outlet_count);
    struct outlet *outlet = &arrivals->outlets[number];
    memset(out, 0, offsetof(struct model_taken, stretches));
    struct grain *grain;
    while ((grain = want(outlet, 0)) && grain->first_ns <= limit->until_ns) {
        if (grain->count == 1) { /* nearly always */
            if (!single_fits(grain, limit, out->count, out->bytes)) {
                out->full = true;
                break;
            }
            take_single(outlet, grain, out);
            continue;
        }
        uint64_t due = count_until(grain, limit->until_ns);
        uint64_t fit = count_fitting(outlet, grain, limit, out->count, out->bytes);
        uint64_t count = due < fit ? due : fit;
        if (fit < due)
            out->full = true;
        if (count == 0)
            break;
        bool whole = count == grain->count;
        take_front(outlet, grain, count, count == due, limit->until_ns, out);
        if (!whole)
            break;
    }
    if (out->count > 0)
        outlet->typical += ((double)out->count - outlet->typical) / 4;
    return out->count > 0;
}

int64_t model_arrivals_peek(struct model_arrivals *arrivals, uint32_t number)
{
    assert(number < arrivals->outlet_count);
    const struct grain *grain = want(&arrivals->outlets[number], 0);
    return grain ? grain->first_ns : INT64_MAX;
}

int64_t model_arrivals_full_ns(struct model_arrivals *arrivals, uint32_t number,
                               const struct model_take_limit *limit)
{
    assert(number < arrivals->outlet_count);
    struct outlet *outlet = &arrivals->outlets[number];
    if (!outlet->source && outlet->pending_bytes <= limit->bytes &&
        outlet->pending_count <= limit->records)
        return INT64_MAX;
    uint64_t count = 0, bytes = 0;
    const struct grain *grain;
    uint32_t i = 0;
    /* What was made already fits as a whole, most times: only what comes behind it need be looked at. */
    if (outlet->length > 0 && outlet->pending_bytes <= limit->bytes &&
        outlet->pending_count <= limit->records) {
        if (at(outlet, outlet->length - 1)->first_ns > limit->until_ns)
            return INT64_MAX;
        i = outlet->length;
        count = outlet->pending_count;
        bytes = outlet->pending_bytes;
    }
    for (; (grain = want(outlet, i)) && grain->first_ns <= limit->until_ns; i++) {
        if (grain->count == 1 && single_fits(grain, limit, count, bytes)) {
            count++;
            bytes += grain->bytes;
            continue;
        }
        uint64_t fit = count_fitting(outlet, grain, limit, count, bytes);
        if (fit < grain->count) {
            int64_t full = record_ns(grain, fit);
            return full <= limit->until_ns ? full : INT64_MAX;
        }
        count += grain->count;
        bytes += grain->bytes;
    }
    return INT64_MAX;
}

/* ---- dealing ---- */

bool model_arrivals_is_dealt(const struct model_arrivals *arrivals)
{
    return arrivals->dealt;
}

int64_t model_arrivals_next_deal_ns(struct model_arrivals *arrivals)
{
    if (!arrivals->dealt)
        return INT64_MAX;
    if (!arrivals->has_next) {
        /* Outlets take alike; what is typical of the first stands for all, weighted by nothing. */
        double typical = 0;
        for (uint32_t i = 0; i < arrivals->outlet_count && i < 16; i++)
            typical += arrivals->outlets[i].typical /
                       (arrivals->outlet_count < 16 ? arrivals->outlet_count : 16);
        uint64_t size = typical <= GRAIN_SINGLE_MAX
                            ? 1
                            : (uint64_t)(typical / GRAINS_A_TAKE * arrivals->outlet_count);
        if (!source_next(&arrivals->sources[0], size, &arrivals->next))
            return INT64_MAX;
        arrivals->has_next = true;
    }
    return arrivals->next.first_ns;
}

static void give(struct model_arrivals *arrivals, uint32_t number, uint64_t count, uint64_t bytes)
{
    const struct grain *next = &arrivals->next;
    struct grain part = {next->first_ns, next->last_ns, count, bytes};
    if (count == 1 && next->last_ns > next->first_ns)
        part.first_ns = part.last_ns =
            next->first_ns +
            (int64_t)(sim_unit(&arrivals->deal_random) * (double)(next->last_ns - next->first_ns));
    struct outlet *outlet = &arrivals->outlets[number];
    *place(outlet) = part;
    placed(outlet, &part);
}

/* Recorded bytes are shared out; drawn ones are drawn again for each outlet, or their sums would vary too little. */
static uint64_t part_bytes(struct model_arrivals *arrivals, const struct grain *left,
                           uint64_t count)
{
    const struct source *source = &arrivals->sources[0];
    if (source->config->kind == MODEL_ARRIVALS_TRACE)
        return bytes_of(left, count);
    return sizes_draw(&source->config->sizes, source->table, &arrivals->deal_random, count);
}

void model_arrivals_deal(struct model_arrivals *arrivals,
                         void (*touched)(void *ctx, uint32_t outlet), void *ctx)
{
    assert(arrivals->dealt && arrivals->has_next);
    struct grain *next = &arrivals->next;
    arrivals->has_next = false;
    if (next->count == 1) {
        uint32_t number = sim_discrete_draw(&arrivals->pick, &arrivals->deal_random);
        give(arrivals, number, 1, next->bytes);
        touched(ctx, number);
        return;
    }
    sim_multinomial(&arrivals->deal_random, (int64_t)next->count, arrivals->weights,
                    arrivals->outlet_count, arrivals->counts);
    uint64_t left_count = next->count, left_bytes = next->bytes;
    for (uint32_t i = 0; i < arrivals->outlet_count; i++) {
        uint64_t count = (uint64_t)arrivals->counts[i];
        if (count == 0)
            continue;
        struct grain left = {0, 0, left_count, left_bytes};
        uint64_t bytes = part_bytes(arrivals, &left, count);
        left_count -= count;
        left_bytes -= bytes_of(&left, count);
        give(arrivals, i, count, bytes);
        touched(ctx, i);
    }
}

/* ---- life ---- */

static void open_dealt(struct model_arrivals *arrivals, uint64_t seed, uint64_t replication,
                       const char *name, const double *weights)
{
    uint32_t n = arrivals->outlet_count;
    arrivals->weights = sim_alloc(n, sizeof *arrivals->weights);
    memcpy(arrivals->weights, weights, n * sizeof *weights);
    arrivals->counts = sim_alloc(n, sizeof *arrivals->counts);
    sim_discrete_init(&arrivals->pick, weights, n);
    sim_stream_initf(&arrivals->deal_random, seed, replication, "%s deal", name);
}

/*
 * The record that does not fit is a large one more often than not: it leaves (1 + cv^2) / 2 of a mean record free (inspection paradox),
 * equal sizes only a half.
 */
static uint64_t slack_bytes(const struct model_sizes *sizes)
{
    if (sizes->kind == MODEL_SIZE_FIXED)
        return 0;
    return (uint64_t)(sizes->mean_bytes * sizes->cv * sizes->cv / 2 + 0.5);
}

struct model_arrivals *model_arrivals_new(const struct model_arrivals_config *config, uint64_t seed,
                                          uint64_t replication, const char *name,
                                          const char *modulation, int64_t start_ns,
                                          uint32_t outlets, const double *weights)
{
    assert(outlets > 0 && (outlets == 1 || weights));
    struct model_arrivals *arrivals = sim_alloc(1, sizeof *arrivals);
    arrivals->config = *config;
    arrivals->has_sizes = config->sizes.kind == MODEL_SIZE_TABLE;
    if (arrivals->has_sizes)
        sim_discrete_init(&arrivals->sizes, config->sizes.share, config->sizes.count);
    const struct sim_discrete *sizes = arrivals->has_sizes ? &arrivals->sizes : NULL;
    bool random = config->kind == MODEL_ARRIVALS_POISSON || config->kind == MODEL_ARRIVALS_MMPP;
    arrivals->outlet_count = outlets;
    arrivals->dealt = outlets > 1 && !random;
    arrivals->outlets = sim_alloc(outlets, sizeof *arrivals->outlets);
    arrivals->source_count = arrivals->dealt ? 1 : outlets;
    arrivals->sources = sim_alloc(arrivals->source_count, sizeof *arrivals->sources);
    for (uint32_t i = 0; i < arrivals->source_count; i++) {
        char part[512];
        snprintf(part, sizeof part, "%s %u", name, i);
        double share = arrivals->source_count > 1 ? weights[i] : 1;
        source_init(&arrivals->sources[i], &arrivals->config, sizes, seed, replication, part,
                    modulation, start_ns, share);
    }
    if (arrivals->dealt)
        open_dealt(arrivals, seed, replication, name, weights);
    else
        for (uint32_t i = 0; i < outlets; i++) {
            arrivals->outlets[i].source = &arrivals->sources[i];
            arrivals->outlets[i].random = random;
        }
    for (uint32_t i = 0; i < outlets; i++)
        arrivals->outlets[i].slack_bytes = slack_bytes(&config->sizes);
    return arrivals;
}

void model_arrivals_free(struct model_arrivals *arrivals)
{
    if (!arrivals)
        return;
    for (uint32_t i = 0; i < arrivals->source_count; i++)
        source_release(&arrivals->sources[i]);
    for (uint32_t i = 0; i < arrivals->outlet_count; i++)
        free(arrivals->outlets[i].ring);
    if (arrivals->has_sizes)
        sim_discrete_release(&arrivals->sizes);
    if (arrivals->dealt)
        sim_discrete_release(&arrivals->pick);
    free(arrivals->weights);
    free(arrivals->counts);
    free(arrivals->sources);
    free(arrivals->outlets);
    free(arrivals);
}
