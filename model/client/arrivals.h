/*
 * model/client/arrivals.h - when an application has records to send, and how large they are.
 *
 * Shape    A lazy stream: nothing happens until somebody takes. Records come in `grains`: a single record while few are
 *          taken at a time (up to 32), beyond that equally spaced runs of about an eighth of what was last taken, whose length in
 *          time (gamma) and bytes (gamma) have the mean and variance of the sum. The rate is a piecewise constant function of time
 *          (states of a modulated process, hours of the day); records come at equal steps or at random in its integral.
 *          A stream may be split over `outlets` (partitions) by weight. Where splitting gives independent streams (random arrivals) each
 *          outlet has its own; otherwise (bursts, constant, trace) each record of the one stream draws its outlet.
 * Units    Time: int64_t ns. Sizes: bytes of payload (key and value). Rates: records per second.
 * Source   reference/hardware-models.md section 6; records per batch: reference/messaging-models.md 6.2.
 * Checked  tests/model/test_arrivals.c: counts and gaps against closed forms; tests/agreement/test_batching_oracle.c.
 */
#ifndef MODEL_CLIENT_ARRIVALS_H
#define MODEL_CLIENT_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/histogram.h"

enum model_size_kind { MODEL_SIZE_FIXED, MODEL_SIZE_LOGNORMAL, MODEL_SIZE_TABLE };

#define MODEL_SIZE_TABLE_MAX 64 /* as the scenario's tables */

/* Payload of one record. Sizes are rounded to whole bytes, at least 1. */
struct model_sizes {
    enum model_size_kind kind;
    double mean_bytes;
    uint32_t overhead_bytes; /* added to each record: what a batch's format adds to the payload */
    double cv;               /* standard deviation / mean: lognormal; computed for a table */
    uint32_t count;
    double bytes[MODEL_SIZE_TABLE_MAX];
    double share[MODEL_SIZE_TABLE_MAX]; /* sums to 1 */
};

enum model_arrivals_kind {
    MODEL_ARRIVALS_CONSTANT,
    MODEL_ARRIVALS_POISSON,
    MODEL_ARRIVALS_BURST, /* burst_records together */
    MODEL_ARRIVALS_MMPP,  /* Poisson, rate modulated by two-state processes */
    MODEL_ARRIVALS_TRACE, /* as recorded, repeated when it ends */
};

#define MODEL_MMPP_MAX 4 /* components: hardware-models.md 6.2 recommends four */

/* Each component carries an equal share of the mean rate; `high` times its share while busy, the rest while quiet. */
struct model_mmpp {
    double high;
    int64_t busy_ns; /* mean stays */
    int64_t quiet_ns;
};

/* A recorded trace, shared by the streams that follow it. */
struct model_trace;

struct model_arrivals_config {
    enum model_arrivals_kind kind;
    double rate_records_per_s; /* mean of this client while the shape is 1 */
    struct model_sizes sizes;
    double burst_records;
    bool burst_constant; /* bursts at equal steps, else at Poisson times */
    uint32_t mmpp_count;
    struct model_mmpp mmpp[MODEL_MMPP_MAX];
    const struct model_trace *trace; /* borrowed */
    uint32_t trace_stride; /* this client gets every trace_stride-th record of the trace, */
    uint32_t trace_phase;  /* from record trace_phase on: clients together get each once */
    /*
     * Factor of the rate by hour of the day and day of the week; growth by growth_ratio each growth_period_ns, compound.
     * `clock_ns` is what these clocks show at simulated time 0. `shaped` false: the factor is 1 always (a run at the peak).
     */
    bool shaped;
    double daily[24];
    double weekly[7];
    double growth_ratio;
    int64_t growth_period_ns;
    int64_t clock_ns;
};

/* Fills a config with constant 1 record/s of 1 KiB and no shape. */
void model_arrivals_config_init(struct model_arrivals_config *config);

/*
 * The four components of hardware-models.md 6.2 (time constants 1, 10, 100, 1000 s, equal variance) for an index of dispersion of
 * counts (variance / mean over a long time) at a mean rate. Returns false if no rate could be so dispersed.
 */
bool model_mmpp_superpose(double dispersion, double rate_records_per_s,
                          struct model_mmpp out[MODEL_MMPP_MAX]);

/* The rate's factor at a time: shape and growth, not the modulation. Pure. */
double model_arrivals_factor(const struct model_arrivals_config *config, int64_t now_ns);

/*
 * Reads a trace: lines `time,count[,bytes]`; time in seconds (decimal) ascending, count of records, bytes of them together.
 * A first line that does not start with a digit, a dot or a minus is a heading. Empty lines and lines that start with # are skipped.
 * Returns  the trace, or NULL with "line 3: time goes back" in error. Never asserts on what it reads.
 */
struct model_trace *model_trace_parse(const char *text, size_t size, char error[128]);
struct model_trace *model_trace_read(const char *path, char error[128]);
void model_trace_free(struct model_trace *trace);
uint64_t model_trace_records(const struct model_trace *trace);
int64_t model_trace_length_ns(const struct model_trace *trace);
double model_trace_mean_bytes(const struct model_trace *trace); /* of a record; 0: not recorded */

/* Where a take ends: at the first record that is later, or with which bytes or records would be more than this. */
struct model_take_limit {
    int64_t until_ns;
    uint64_t bytes;
    uint64_t records;
    bool force_one; /* the first record is taken even if it is larger than bytes */
};

/* Stretches of records known better than by their ends. Beyond so many, equal spacing is good enough
 * (tests/agreement/test_batching_oracle.c). */
#define MODEL_STRETCHES_MAX 64

/* What one take got. */
struct model_taken {
    uint64_t count;
    uint64_t bytes;   /* with the overhead of each record */
    int64_t first_ns; /* intended send times */
    int64_t last_ns;
    uint64_t groups;        /* different instants among them */
    uint32_t stretch_count; /* while they are few; 0 otherwise */
    struct sim_histogram_stretch stretches[MODEL_STRETCHES_MAX];
    bool full; /* the next record was due in time, but did not fit */
};

struct model_arrivals;

/*
 * Opens a stream. `name` names its cause ("producer checkout client 3 arrivals"), `modulation` that of the rate's states: streams
 * with the same modulation are busy at the same time. weights (outlets of them, summing to 1; read in this call) split it;
 * outlets 1 and NULL otherwise. The first record is not before start_ns.
 * Gives    the stream; free with model_arrivals_free. Borrows config.trace until then.
 */
struct model_arrivals *model_arrivals_new(const struct model_arrivals_config *config, uint64_t seed,
                                          uint64_t replication, const char *name,
                                          const char *modulation, int64_t start_ns,
                                          uint32_t outlets, const double *weights);
void model_arrivals_free(struct model_arrivals *arrivals);

/* Takes what is due from an outlet. A grain is divided where a limit falls. Returns whether anything was taken. */
bool model_arrivals_take(struct model_arrivals *arrivals, uint32_t outlet,
                         const struct model_take_limit *limit, struct model_taken *out);

/*
 * Time of the outlet's next record. Takes nothing. Of a dealt stream (below): INT64_MAX when nothing was dealt to the outlet.
 */
int64_t model_arrivals_peek(struct model_arrivals *arrivals, uint32_t outlet);

/*
 * Time of the record at which a take without until_ns would end, INT64_MAX if that is after limit->until_ns. Takes nothing.
 */
int64_t model_arrivals_full_ns(struct model_arrivals *arrivals, uint32_t outlet,
                               const struct model_take_limit *limit);

/*
 * Streams that cannot be split independently are dealt: outlets know only what was dealt to them. next_deal gives the time of
 * the next record that is not dealt yet, INT64_MAX where outlets are independent. deal gives it (its grain) to the outlets and
 * calls touched for each that got something.
 */
bool model_arrivals_is_dealt(const struct model_arrivals *arrivals);
int64_t model_arrivals_next_deal_ns(struct model_arrivals *arrivals);
void model_arrivals_deal(struct model_arrivals *arrivals,
                         void (*touched)(void *ctx, uint32_t outlet), void *ctx);

#endif
