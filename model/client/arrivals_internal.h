/*
 * model/client/arrivals_internal.h - the parts of a stream of arrivals: rate, sizes, trace, ring of grains.
 *
 * Shape    source -> grains -> outlet. A source makes the next grain of records from its rate; an outlet keeps what was made
 *          and not yet taken.
 */
#ifndef MODEL_CLIENT_ARRIVALS_INTERNAL_H
#define MODEL_CLIENT_ARRIVALS_INTERNAL_H

#include "model/client/arrivals.h"
#include "sim/random.h"

/* Up to so many records are drawn one by one; beyond, a grain is an eighth of what is taken at a time. */
#define GRAIN_SINGLE_MAX 32
#define GRAINS_A_TAKE    8

/* count records equally spaced from first_ns to last_ns, of equal size. */
struct grain {
    int64_t first_ns;
    int64_t last_ns;
    uint64_t count;
    uint64_t bytes;
};

/* ---- rate.c: records per ns as a piecewise constant function of time, walked forward ---- */

struct rate_component {
    double quiet; /* multiple of the component's share while quiet, and while busy */
    double high;
    bool busy;
    int64_t change_ns;
    struct sim_stream stream;
};

struct rate {
    const struct model_arrivals_config *config;
    double base_per_ns; /* of all components while the factor is 1 */
    double per_ns;      /* in the present piece */
    int64_t piece_end_ns;
    int64_t factor_end_ns;
    double factor;
    uint32_t component_count;
    struct rate_component *components; /* NULL without modulation: there may be many streams */
};

/* `per_record` arrivals each stand for that many records. */
void rate_init(struct rate *rate, const struct model_arrivals_config *config, uint64_t seed,
               uint64_t replication, const char *modulation, double share, double per_record,
               int64_t start_ns);
void rate_release(struct rate *rate);
void rate_next_piece(struct rate *rate);

/* ---- sizes.c ---- */

uint64_t sizes_draw(const struct model_sizes *sizes, const struct sim_discrete *table,
                    struct sim_stream *stream, uint64_t count);

/* ---- trace.c ---- */

struct trace_row {
    int64_t time_ns;
    uint64_t before; /* records in the rows before it */
    uint64_t count;
    uint64_t bytes; /* 0: not recorded */
};

struct model_trace {
    struct trace_row *rows;
    size_t count;
    int64_t length_ns; /* from the first row to where it repeats */
    uint64_t records;
};

/* ---- source.c: makes grains ---- */

struct source {
    const struct model_arrivals_config *config; /* borrowed, as the table */
    const struct sim_discrete *table;           /* sizes; NULL: none */
    uint64_t single_bytes;                      /* of each record where all are equal; 0: drawn */
    bool random_times; /* between records; a constant or burst source draws none */
    struct rate rate;
    struct sim_stream random;
    /* position in time, with its fraction of a ns */
    int64_t at_ns;
    double at_fraction;
    /* the grain being made: records left, operational time between them and to the next */
    uint64_t left;
    double spacing;
    double to_next;
    bool begun; /* constant: the first step has been shortened */
    /* burst */
    uint64_t burst_left;
    /* trace */
    size_t row;
    uint64_t in_row; /* next record of the row */
    int64_t lap_ns;  /* added to the rows' times */
    uint64_t lap_records;
};

void source_init(struct source *source, const struct model_arrivals_config *config,
                 const struct sim_discrete *table, uint64_t seed, uint64_t replication,
                 const char *name, const char *modulation, int64_t start_ns, double share);
void source_release(struct source *source);
/* Where in (0, 1) the first of n uniform points lies. */
double first_of(struct sim_stream *random, uint64_t n);
/* The next grain of about `records` records, fewer where the rate changes. False when nothing will ever come. */
bool source_next(struct source *source, uint64_t records, struct grain *grain);

#endif
