/*
 * broker-core/partition/partition.h - one partition replica on one broker: leader or follower of a log.
 *
 * Shape    Wraps a log with the replication rules: role and epochs, follower states, ISR, high watermark, acks. No queue,
 *          no thread, no timer: broker-core/broker/ calls it inside one step, under the host's lock of this partition.
 *          An ISR change is a proposal that the host carries to the controller (replication.md section 6); its outcome
 *          comes back through broker_partition_apply.
 * Units    Offsets: records. Times: ms, of the env's clock.
 * Source   reference/kafka/replication.md sections 1 to 7.
 */
#ifndef BROKER_PARTITION_PARTITION_H
#define BROKER_PARTITION_PARTITION_H

#include "broker-core/log/log.h"

/* No replica list is longer; Kafka's practice is 3, five or seven at most. */
#define BROKER_REPLICAS_MAX 16

/* What the controller says about a partition: one metadata record. */
struct broker_partition_state {
    int32_t leader; /* broker id, -1 none */
    int32_t leader_epoch;
    int32_t partition_epoch;
    uint32_t replica_count;
    int32_t replicas[BROKER_REPLICAS_MAX]; /* assignment order; the first is preferred */
    uint32_t isr_count;
    int32_t isr[BROKER_REPLICAS_MAX];
    /* replicas[i] is fenced or shutting down: it may not join the ISR and never holds back the high watermark. */
    bool fenced[BROKER_REPLICAS_MAX];
};

struct broker_partition;

struct broker_partition_config {
    int32_t min_insync_replicas;
    int64_t replica_lag_time_max_ms;
};

/* Borrows env and log (of a broker_dir). The replica starts as neither leader nor follower. Gives *partition. */
struct broker_partition *broker_partition_new(struct broker_env *env, struct broker_log *log,
                                              int32_t broker_id,
                                              const struct broker_partition_config *config);
void broker_partition_free(struct broker_partition *partition);
void broker_partition_set_config(struct broker_partition *partition,
                                 const struct broker_partition_config *config);

struct broker_log *broker_partition_log(const struct broker_partition *partition);
bool broker_partition_is_leader(const struct broker_partition *partition);
int32_t broker_partition_leader_epoch(const struct broker_partition *partition);
const struct broker_partition_state *
broker_partition_state(const struct broker_partition *partition);

/* Becomes leader or follower as `state` says (section 2), or takes a new ISR. Stale partition epochs are ignored. */
int broker_partition_apply(struct broker_partition *partition,
                           const struct broker_partition_state *state,
                           struct broker_receipt *receipt, struct broker_err *err);

/*
 * Leader append (section 3): min ISR check for acks -1, then the log's append. publish follows.
 * Returns status as broker_log_append; client refusals are in out->error.
 */
int broker_partition_append(struct broker_partition *partition, const struct broker_span *spans,
                            size_t count, int16_t acks, struct broker_append *out,
                            struct broker_err *err);

/* Makes the pending append visible and recomputes the high watermark. Returns whether the high watermark moved. */
bool broker_partition_publish(struct broker_partition *partition);

/*
 * Follower side: appends what was fetched and then takes over the leader's high watermark and start offset at publish.
 * Empty spans are allowed: nothing is appended, publish still takes over the two offsets.
 */
int broker_partition_append_as_follower(struct broker_partition *partition,
                                        const struct broker_span *spans, size_t count,
                                        int64_t leader_high_watermark, int64_t leader_start_offset,
                                        struct broker_append *out, struct broker_err *err);

/* acks = -1: whether everything up to required_offset is committed. KAFKA_NONE and *done, or the error to answer with. */
enum broker_error broker_partition_committed(const struct broker_partition *partition,
                                             int64_t required_offset, bool *done);

/* What one partition of a fetch wants. */
struct broker_fetch_want {
    int64_t fetch_offset;
    int64_t log_start_offset;     /* the follower's own; -1 for consumers */
    int32_t current_leader_epoch; /* -1: no check */
    int32_t last_fetched_epoch;   /* -1: no divergence check */
    uint32_t partition_max_bytes;
};
/* What it gets. The region carries a reference where size_bytes > 0. */
struct broker_fetch_got {
    enum broker_error error;
    int64_t high_watermark;
    int64_t last_stable_offset;
    int64_t log_start_offset;
    int32_t diverging_epoch; /* -1: none */
    int64_t diverging_end_offset;
    int32_t preferred_read_replica; /* -1: none (section 12) */
    struct broker_region region;
};

/*
 * One partition's read for a consumer (replica_id -1) or follower. `note_progress` is true for the first read of a request: the
 * follower's state, the ISR and the high watermark are updated (section 6). *high_watermark_moved says that waiters must be looked at.
 */
void broker_partition_fetch(struct broker_partition *partition, int32_t replica_id,
                            const struct broker_fetch_want *want, uint64_t max_bytes, bool min_one,
                            bool read_committed, bool any_replica, bool note_progress,
                            struct broker_fetch_got *got, bool *high_watermark_moved,
                            struct broker_receipt *receipt);

/*
 * The checks that come before the read: role, epoch fencing, divergence. KAFKA_NONE and *diverges false: the read would go
 * ahead. A consumer that names its rack may read from a follower (any_replica), up to the follower's high watermark.
 */
enum broker_error broker_partition_fetch_check(const struct broker_partition *partition,
                                               int32_t replica_id, bool any_replica,
                                               const struct broker_fetch_want *want,
                                               bool *diverges);
/* Section 12: the replica in rack (racks[i] belongs to state->replicas[i]) that the consumer should read from, -1 for this leader. */
int32_t broker_partition_preferred_replica(const struct broker_partition *partition,
                                           const int32_t *racks, int32_t client_rack,
                                           int64_t fetch_offset);

/* ListOffsets for one partition (log-storage.md section 6; section 2 for the time right after an election). */
enum broker_error broker_partition_list_offset(struct broker_partition *partition,
                                               int32_t replica_id, bool read_committed,
                                               int32_t current_leader_epoch, int64_t target,
                                               int64_t *timestamp_ms, int64_t *offset,
                                               struct broker_receipt *receipt);

/* What the leader knows of a follower; -1 for what it does not know. Returns false if replica_id is no replica. */
struct broker_follower {
    int64_t end_offset;
    int64_t start_offset;
    int64_t last_fetch_ms;
    int64_t last_fetch_leader_end_offset;
    int64_t last_caught_up_ms;
    bool in_sync; /* listed in the ISR */
};
bool broker_partition_follower(const struct broker_partition *partition, int32_t replica_id,
                               struct broker_follower *follower);
/*
 * A follower with a fetch session repeats its fetch at the log's end without naming the partition. Until the follower's
 * next broker_partition_fetch, or until this is called with NULL, it counts as fetching at its present offset at each new
 * value of *fetch_ms: no work per repeated fetch. Returns false, doing nothing, if the follower is not at the end or not in the ISR.
 * Borrows fetch_ms.
 */
bool broker_partition_follower_repeats(struct broker_partition *partition, int32_t replica_id,
                                       const int64_t *fetch_ms);

/* ISR proposals (section 6): fills *proposal and returns true if the ISR should shrink now; expansion is proposed by a fetch. */
bool broker_partition_shrink_due(struct broker_partition *partition, int64_t now_ms,
                                 struct broker_partition_state *proposal);
/* The proposal that the last fetch caused, if any; taken once. At most one is in flight until broker_partition_apply. */
bool broker_partition_take_proposal(struct broker_partition *partition,
                                    struct broker_partition_state *proposal);
/* The controller refused the proposal or could not be reached: the state before it holds; it may be proposed again. */
void broker_partition_proposal_refused(struct broker_partition *partition);

/* The follower got OFFSET_OUT_OF_RANGE and asked for the leader's ends (section 5). *next_offset: where to go on. */
int broker_partition_resolve_out_of_range(struct broker_partition *partition,
                                          int64_t leader_start_offset, int64_t leader_end_offset,
                                          int64_t *next_offset, struct broker_receipt *receipt,
                                          struct broker_err *err);
/* Follower truncation after a diverging epoch (section 5). *again: ask the leader once more with the older epoch. */
int broker_partition_truncate_to_epoch(struct broker_partition *partition, int32_t diverging_epoch,
                                       int64_t diverging_end_offset, bool *again,
                                       struct broker_receipt *receipt, struct broker_err *err);

#endif
