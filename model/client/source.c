/*
 * model/client/source.c - makes grains of records.
 *
 * Shape    Records come at unit rate in operational time (the integral of the rate): one apart when constant, m of them gamma(m) apart when
 *          random. A grain ends where the rate changes, so its records are equally spaced in time too.
 */
#include <assert.h>
#include <string.h>

#include "model/client/arrivals_internal.h"
#include "sim/dmath.h"

void source_init(struct source *source, const struct model_arrivals_config *config,
                 const struct sim_discrete *table, uint64_t seed, uint64_t replication,
                 const char *name, const char *modulation, int64_t start_ns, double share)
{
    memset(source, 0, sizeof *source);
    source->config = config;
    source->table = table;
    source->random_times =
        config->kind == MODEL_ARRIVALS_POISSON || config->kind == MODEL_ARRIVALS_MMPP;
    sim_stream_init(&source->random, seed, replication, name);
    if (config->sizes.kind == MODEL_SIZE_FIXED)
        source->single_bytes = sizes_draw(&config->sizes, NULL, NULL, 1);
    double per_arrival = config->kind == MODEL_ARRIVALS_BURST ? config->burst_records : 1;
    assert(per_arrival > 0);
    rate_init(&source->rate, config, seed, replication, modulation, share, per_arrival, start_ns);
    source->at_ns = start_ns;
    if (config->kind == MODEL_ARRIVALS_TRACE) {
        assert(config->trace && config->trace_stride > 0);
        source->lap_ns = start_ns;
    }
}

void source_release(struct source *source)
{
    rate_release(&source->rate);
}

static void advance(struct source *source, double operational)
{
    double ns = operational / source->rate.per_ns + source->at_fraction;
    int64_t whole_ns = (int64_t)ns; /* never negative, so cut off is rounded down */
    source->at_ns += whole_ns;
    source->at_fraction = ns - (double)whole_ns;
}

/* Operational time from here to the end of the piece. */
static double room(const struct source *source)
{
    double ns = (double)(source->rate.piece_end_ns - source->at_ns) - source->at_fraction;
    return ns > 0 ? ns * source->rate.per_ns : 0;
}

double first_of(struct sim_stream *random, uint64_t n)
{
    return n == 0 ? 1 : 1 - sim_exp(sim_log(sim_unit_open(random)) / (double)n);
}

/* Record `records` ends the grain; the first of the others lies where the first of so many uniform ones does. */
static void plan_random(struct source *source, uint64_t records)
{
    double n = (double)records;
    if (records == 1) {
        source->to_next = source->spacing = sim_exponential(&source->random, 1);
        return;
    }
    double length = sim_gamma(&source->random, n, 1);
    source->to_next = length * first_of(&source->random, records - 1);
    source->spacing = (length - source->to_next) / (n - 1);
}

static void plan(struct source *source, uint64_t records)
{
    const struct model_arrivals_config *c = source->config;
    source->left = records;
    if (c->kind != MODEL_ARRIVALS_CONSTANT &&
        !(c->kind == MODEL_ARRIVALS_BURST && c->burst_constant)) {
        plan_random(source, records);
        return;
    }
    /* A constant client starts anywhere in its step, so that clients do not send in step. */
    source->spacing = 1;
    source->to_next = source->begun ? 1 : sim_unit(&source->random);
    source->begun = true;
}

/* Moves to the next record's time, over pieces in which it does not come. False: never. */
static bool reach_next(struct source *source)
{
    double left_in_piece;
    while ((left_in_piece = room(source)) < source->to_next) {
        source->to_next -= left_in_piece;
        source->at_ns = source->rate.piece_end_ns;
        source->at_fraction = 0;
        if (source->at_ns >= INT64_MAX / 2)
            return false;
        rate_next_piece(&source->rate);
    }
    advance(source, source->to_next);
    return true;
}

static bool next_in_time(struct source *source, uint64_t records, struct grain *grain)
{
    if (source->left == 0)
        plan(source, records);
    if (!reach_next(source))
        return false;
    uint64_t after = source->left - 1;
    grain->first_ns = source->at_ns;
    if (after == 0) { /* nearly always */
        grain->last_ns = source->at_ns;
        grain->count = 1;
        source->left = 0;
        source->to_next = source->spacing;
        return true;
    }
    double more = sim_floor(room(source) / source->spacing);
    if (more < (double)after)
        after = (uint64_t)more;
    if (after > 0)
        advance(source, (double)after * source->spacing);
    grain->last_ns = source->at_ns;
    grain->count = after + 1;
    source->left -= grain->count;
    source->to_next = source->spacing;
    return true;
}

/* As next_in_time, of one record at a random time: nearly always it comes within the piece. */
static inline bool next_random(struct source *source, struct grain *grain)
{
    double to_next = sim_exponential(&source->random, 1);
    if (room(source) < to_next) {
        source->left = 1;
        source->to_next = source->spacing = to_next;
        return next_in_time(source, 1, grain);
    }
    advance(source, to_next);
    grain->first_ns = grain->last_ns = source->at_ns;
    grain->count = 1;
    return true;
}

static bool next_of_burst(struct source *source, uint64_t records, struct grain *grain)
{
    if (source->burst_left == 0) {
        if (!next_in_time(source, 1, grain))
            return false;
        double size = source->config->burst_records, whole = sim_floor(size);
        source->burst_left = (uint64_t)whole + (sim_chance(&source->random, size - whole) ? 1 : 0);
        if (source->burst_left == 0)
            source->burst_left = 1;
    }
    grain->first_ns = grain->last_ns = source->at_ns;
    grain->count = records < source->burst_left ? records : source->burst_left;
    source->burst_left -= grain->count;
    return true;
}

static int64_t row_time(const struct source *source, const struct trace_row *row, uint64_t record)
{
    const struct model_trace *trace = source->config->trace;
    int64_t end = row == &trace->rows[trace->count - 1] ? trace->rows[0].time_ns + trace->length_ns
                                                        : row[1].time_ns;
    double step = (double)(end - row->time_ns) / (double)row->count;
    return source->lap_ns + row->time_ns - trace->rows[0].time_ns +
           (int64_t)((double)record * step);
}

/* The record of the row, from in_row on, that is this client's next; row->count when none is. */
static uint64_t mine_in_row(const struct source *source, const struct trace_row *row)
{
    uint64_t stride = source->config->trace_stride;
    uint64_t number = (source->lap_records + row->before + source->in_row) % stride;
    uint64_t skip = (source->config->trace_phase % stride + stride - number) % stride;
    return source->in_row + skip < row->count ? source->in_row + skip : row->count;
}

static bool next_of_trace(struct source *source, uint64_t records, struct grain *grain)
{
    const struct model_trace *trace = source->config->trace;
    if (trace->records == 0)
        return false;
    for (;;) {
        if (source->row == trace->count) {
            source->row = 0;
            source->lap_ns += trace->length_ns;
            source->lap_records += trace->records;
        }
        const struct trace_row *row = &trace->rows[source->row];
        uint64_t first = mine_in_row(source, row), stride = source->config->trace_stride;
        if (first >= row->count) {
            source->row++;
            source->in_row = 0;
            continue;
        }
        uint64_t available = (row->count - first - 1) / stride + 1;
        grain->count = records < available ? records : available;
        uint64_t last = first + (grain->count - 1) * stride;
        grain->first_ns = row_time(source, row, first);
        grain->last_ns = row_time(source, row, last);
        grain->bytes = (uint64_t)((double)row->bytes / (double)row->count * (double)grain->count);
        source->in_row = last + 1;
        return true;
    }
}

static bool next_of_kind(struct source *source, uint64_t records, struct grain *grain)
{
    switch (source->config->kind) {
    case MODEL_ARRIVALS_BURST:
        return next_of_burst(source, records, grain);
    case MODEL_ARRIVALS_TRACE:
        return next_of_trace(source, records, grain);
    default:
        return next_in_time(source, records, grain);
    }
}

bool source_next(struct source *source, uint64_t records, struct grain *grain)
{
    assert(records > 0);
    grain->bytes = 0;
    bool single = records == 1 && source->random_times && source->left == 0; /* nearly always */
    if (!(single ? next_random(source, grain) : next_of_kind(source, records, grain)))
        return false;
    const struct model_sizes *sizes = &source->config->sizes;
    if (grain->bytes > 0)
        grain->bytes += grain->count * sizes->overhead_bytes;
    else if (grain->count == 1 && source->single_bytes > 0)
        grain->bytes = source->single_bytes;
    else
        grain->bytes = sizes_draw(sizes, source->table, &source->random, grain->count);
    return true;
}
