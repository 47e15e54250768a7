/*
 * model/answer/replicate.h - replications of one scenario in threads, as many as are asked for or as precision needs.
 *
 * Shape    A pilot finds the warm-up (MSER-5 on the latencies from an empty system); every replication then drops as much. Worker
 *          threads take the next replication number; outcomes are looked at in the order of their numbers. With a precision,
 *          the lowest count that satisfies it is kept and later outcomes are thrown away, so the threads change nothing.
 */
#ifndef MODEL_ANSWER_REPLICATE_H
#define MODEL_ANSWER_REPLICATE_H

#include <signal.h>

#include "model/answer/outcome.h"
#include "model/cluster/horizon_state.h"
#include "model/scenario/load.h"

struct replicate_options {
    uint64_t seed;
    int brokers;               /* above 0: instead of the scenario's, for `brokers: auto` */
    uint32_t replications;     /* exactly so many without a precision, at least so many with one */
    uint32_t replications_max; /* with a precision */
    double precision;          /* relative half-width of each produce and end-to-end p99; 0: none */
    int64_t measure_ns;
    uint64_t
        batches_max; /* of one replication: measuring ends early when they are spent; 0: no limit */
    uint64_t warmup_batches_max; /* likewise of its warm-up; 0: no limit */
    int64_t warmup_ns;           /* fixed, or the most that the pilot may find */
    bool warmup_auto;
    const struct horizon_state *state; /* each replication goes on from there; NULL: the start */
    uint32_t threads;
    volatile sig_atomic_t *stop;
    void (*progress)(void *ctx, double done_ratio);
    void *progress_ctx;
};

struct replications {
    uint32_t count;
    struct outcome **outcomes; /* [count], in order */
    int64_t warmup_ns;         /* dropped */
    bool warmup_too_short;     /* the pilot found no steady state within its bound */
    double precision_reached;  /* largest relative half-width; NAN without a precision */
    bool precision_met;
    bool stopped;
};

/*
 * Runs variant `variant` (-1: the file as written) of doc. Borrows profile. Fills *out, for replications_release.
 * Returns  a status and a sentence when a replication cannot be built.
 */
int replicate(const struct scenario_doc *doc, int variant, const struct model_profile *profile,
              const struct replicate_options *options, struct replications *out,
              struct broker_err *err);
void replications_release(struct replications *replications);

/* Puts what the options change into a scenario that a replication is built from: broker count, state. */
void replicate_apply(const struct replicate_options *options, struct scenario *scenario);

/* Intervals of the series: about a hundred points over the measured time. */
int64_t replicate_tick_ns(int64_t measure_ns);

#endif
