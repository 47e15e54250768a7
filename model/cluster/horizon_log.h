/*
 * model/cluster/horizon_log.h - filling a real log in large strides: the start state of a run, and each step of the horizon.
 *
 * Shape    Bytes go in as a replica's append, in opaque batches of at most 1/16 of segment.bytes (a preload's oldest segments: one each); the environment's clock is
 *          moved before each append, and batches are cut where a segment is full, so that segments roll, age and expire as if the bytes
 *          had come one by one, whatever the step. A log that is
 *          preloaded begins with a segment of random age and ends with what the real retention left.
 * Units    Bytes as they lie in the log; ms since 1970.
 * Source   Design: two time scales. Batches are headers with a hole behind, so that a batch costs one extent whatever its size.
 * Checked  tests/model/test_horizon_log.c
 */
#ifndef MODEL_CLUSTER_HORIZON_LOG_H
#define MODEL_CLUSTER_HORIZON_LOG_H

#include "broker-core/log/log.h"
#include "model/broker/env_sim.h"
#include "model/cluster/horizon_week.h"
#include "sim/random.h"

/* The horizon's and the preload's first day: Monday 2024-01-01 00:00 UTC. Any fixed date would do; a Monday lets weekly shapes begin. */
#define HORIZON_EPOCH_MS INT64_C(1704067200000)

/*
 * More segments than this are not laid at the start of a run, of all replicas together (but two of each), nor followed over a horizon, of all logs: each takes some
 * 5 us, and 4 kB while it is there (measured with 200,000 and 300,000 of a MiB).
 */
#define START_SEGMENTS_MOST        50000
#define HORIZON_SEGMENTS_MOST      300000
/* Unless that many would be larger than a segment can be (segment.bytes is an int). */
#define HORIZON_SEGMENT_BYTES_MOST INT32_MAX

/* What is appended: bytes with their batch headers, that came evenly between from_ms and to_ms, the clock's present time. */
struct horizon_append {
    uint64_t bytes;
    double record_bytes; /* of one record on the log; the count is at least 1 a batch */
    double *record_rest; /* part of a record that the batches before were short of; NULL: none */
    int64_t from_ms, to_ms;
    uint64_t batch_bytes_max;
    uint64_t
        segment_bytes; /* batches are cut so that segments become full, as small batches would fill them */
    int32_t leader_epoch;
    int32_t
        stamp_producer; /* >= 0: each batch begins with a span (client/span.h) of that producer */
    int64_t stamp_zero_ms; /* wall clock at simulated time 0, for the span */
};

/*
 * As many batches as it takes; published and below the high watermark at once. Nothing happens below the size of a header and a span.
 * Adds to receipt. Returns as broker_log_append_as_follower.
 */
int horizon_log_append(struct broker_log *log, const struct horizon_append *append,
                       struct broker_receipt *receipt, struct broker_err *err);

/* What lies between so many bytes before the end of the log. */
struct horizon_stretch {
    double from_bytes, to_bytes; /* from: the older end */
    uint64_t batch_bytes;
};

struct horizon_preload {
    double bytes_per_s; /* mean rate until now */
    const struct horizon_week
        *week;           /* how that was spread over the hours until now; NULL: evenly. Borrowed. */
    double record_bytes; /* of one record on the log */
    int64_t retention_ms;    /* -1: no limit, nor is what is longer than the clock has run */
    int64_t retention_bytes; /* -1: no limit; with neither the log stays empty */
    int64_t segment_bytes;
    int64_t segment_ms;
    int64_t check_interval_ms; /* retention was last checked within it */
    uint32_t
        segments_max; /* keep only so many of the newest; 0: all. For runs with very many partitions. */
    /* Where batches have sizes of their own, in any order; where stretches overlap, the smallest of them. Borrowed. */
    const struct horizon_stretch *stretches;
    uint32_t stretch_count;
    /* Older than so many bytes nothing is read from memory or by a reader: a full segment is one batch. 0: no such part. */
    uint64_t read_bytes;
    int32_t leader_epoch;
    int32_t stamp_producer; /* -1: batches carry no span */
};

/*
 * How many bytes before its end a log so preloaded will begin: `random` stands where it will stand when the log is filled. Right to a
 * batch where segments end by size, to 1/16 of a segment where they end by age.
 */
double horizon_preload_first(const struct horizon_preload *preload, struct sim_stream *random);

/*
 * Fills an empty log with what retention keeps at `now_ms`, with real rolls and a real retention pass at the end; everything is
 * synced, published and below the high watermark. The environment's clock stands at now_ms afterwards.
 * Borrows  all, during the call; random draws the age of the oldest segment.
 * Returns  as broker_log_append_as_follower.
 * Asserts  the log is empty.
 */
int horizon_preload_log(struct env_sim *env, struct broker_log *log,
                        const struct horizon_preload *preload, int64_t now_ms,
                        struct sim_stream *random, struct broker_err *err);

#endif
