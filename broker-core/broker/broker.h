/*
 * broker-core/broker/broker.h - produce, fetch and list-offsets as a state machine, with both purgatories.
 *
 * Shape    A request is an `op`: a sequence of steps, each touching one partition. The HOST owns threads, locks and time:
 *
 *              op = broker_produce_new(broker, ...);            // parse
 *              while ((p = broker_op_next(op)) != NULL) {       // partition of the next step
 *                  lock(p);  charge(before);
 *                  broker_op_step(op, &receipt);                // the real call
 *                  charge(receipt);
 *                  broker_op_publish(op);                       // produce only does something here
 *                  unlock(p);
 *              }
 *              state = broker_op_finish(op);                    // READY: answer now; WAITING: it is in a purgatory
 *              broker_run_deferred(broker);                     // whatever the steps made completable, in this thread
 *
 *          A waiting op becomes ready in broker_run_deferred or broker_run_due: its `ready` callback is then called once, on the
 *          thread that caused it; the host queues the answer. Timers are given by next_due and run_due.
 *          There is no thread, lock, timer or clock inside (now_ms comes from the env).
 * Used by  model/broker/ (simulated host) and, later, broker-core/server/ (real host): the same code.
 * Source   reference/kafka/replication.md sections 3, 4, 7; request-path.md section 7.
 */
#ifndef BROKER_BROKER_BROKER_H
#define BROKER_BROKER_BROKER_H

#include "broker-core/partition/partition.h"

/* A topic by its number in the cluster's metadata (names and ids are mapped at the wire), and a partition. */
struct broker_tp {
    int32_t topic;
    int32_t partition;
};

struct broker;
struct broker_op;

enum broker_op_state { BROKER_OP_READY, BROKER_OP_WAITING };

/* Called once when a waiting op became ready; the host answers and then frees the op. Must not call into the broker. */
typedef void broker_op_ready_fn(struct broker_op *op, void *ctx);
/*
 * The ISR should change: carry the proposal to the controller; its answer comes as broker_partition_apply or
 * broker_partition_proposal_refused. Must not call into the broker.
 */
typedef void broker_proposal_fn(void *ctx, struct broker_tp tp,
                                const struct broker_partition_state *proposal);

/* Kafka's names, in comments where they differ. */
struct broker_config {
    int32_t broker_id;
    int64_t replica_lag_time_max_ms;
    uint32_t fetch_max_bytes;     /* broker cap of a fetch response */
    uint32_t fetch_session_slots; /* max.incremental.fetch.session.cache.slots; 0: no sessions */
    bool rack_aware_reads;        /* replica.selector.class = RackAwareReplicaSelector */
};
void broker_config_init(struct broker_config *config);

/* Borrows env. `ready` and `propose` are called with ctx. Gives the broker. */
struct broker *broker_new(struct broker_env *env, const struct broker_config *config,
                          broker_op_ready_fn *ready, broker_proposal_fn *propose, void *ctx);
/* Before its partitions are freed. Asserts that no op is alive. */
void broker_free(struct broker *broker);
/* As a killed process: ops that are still alive are freed too, and nobody is answered. */
void broker_abandon(struct broker *broker);

/* Partitions hosted here. add takes the partition; O(1) find. */
void broker_add_partition(struct broker *broker, struct broker_tp tp,
                          struct broker_partition *partition);
struct broker_partition *broker_find_partition(const struct broker *broker, struct broker_tp tp);
/* No longer hosted here: waiters are answered with UNKNOWN_TOPIC_OR_PARTITION in run_deferred. Gives the partition back. */
struct broker_partition *broker_remove_partition(struct broker *broker, struct broker_tp tp);
/*
 * After broker_partition_apply, a follower's append, and anything else that moved offsets of the log from outside the broker's
 * own ops (retention, DeleteRecords): waiters of this partition are looked at; they run in run_deferred.
 */
void broker_partition_changed(struct broker *broker, struct broker_tp tp);
/* The rack of a broker of the cluster, numbered from 1; 0 none. For rack_aware_reads. */
void broker_set_rack(struct broker *broker, int32_t broker_id, int32_t rack);

/* ---- produce ---- */

struct broker_produce_part {
    struct broker_tp tp;
    const struct broker_span *spans; /* one batch; borrowed until the op is freed */
    uint32_t span_count;
    /* answer */
    struct broker_append result; /* result.error is what the client is told */
};
/* Takes nothing: parts stay the caller's, and hold the answer when the op is ready. host_data comes back in `ready`. */
struct broker_op *broker_produce_new(struct broker *broker, int16_t acks, int32_t timeout_ms,
                                     struct broker_produce_part *parts, uint32_t count,
                                     void *host_data);

/* ---- fetch ---- */

struct broker_fetch_part {
    struct broker_tp tp;
    struct broker_fetch_want want;
    bool changed; /* it is in the answer */
    struct broker_fetch_got got;
};
struct broker_fetch_request {
    int32_t replica_id; /* -1 consumer */
    int32_t max_wait_ms;
    uint32_t min_bytes;
    uint32_t max_bytes;
    bool read_committed;
    int32_t client_rack; /* client.rack, numbered from 1; 0: none, only the leader answers */
    int32_t session_id;  /* replication.md section 7; 0 and -1 for none */
    int32_t session_epoch;
    /* Added or changed partitions (all, in a full fetch); borrowed during broker_fetch_new, tp and want are read. */
    const struct broker_fetch_part *parts;
    uint32_t part_count;
    const struct broker_tp *forgotten;
    uint32_t forgotten_count;
};
struct broker_op *broker_fetch_new(struct broker *broker,
                                   const struct broker_fetch_request *request, void *host_data);

/*
 * The answer of a ready fetch: session id and epoch error at top level, then the parts in response order. A full fetch lists every
 * part, an incremental one those with records, an error or a changed offset. Valid until the op is freed.
 */
struct broker_fetch_answer {
    enum broker_error error;
    int32_t session_id;
    uint64_t bytes; /* sum of the regions */
    uint32_t part_count;
    uint32_t found_count; /* those of them with records: for the host's cost */
    struct broker_fetch_part *const *parts;
    uint32_t
        covered_count; /* partitions that the fetch covered, listed or not: for the host's cost */
    bool expired;      /* max_wait ran out */
};
const struct broker_fetch_answer *broker_fetch_answer(const struct broker_op *op);

/* ---- list offsets ---- */

struct broker_offset_part {
    struct broker_tp tp;
    int32_t current_leader_epoch;
    int64_t target; /* as broker_log_offset_for_timestamp */
    enum broker_error error;
    int64_t timestamp_ms;
    int64_t offset;
};
struct broker_op *broker_list_offsets_new(struct broker *broker, int32_t replica_id,
                                          bool read_committed, struct broker_offset_part *parts,
                                          uint32_t count, void *host_data);

/* ---- running an op ---- */

/*
 * Partition of the next step, NULL when all steps are done. Unknown partitions are answered without a step, and so are
 * partitions of a fetch session in which nothing has changed since its last fetch.
 */
struct broker_partition *broker_op_next(struct broker_op *op);
/* Position of the next step among the parts of a produce or list-offsets op, among the steps of a fetch. */
uint32_t broker_op_next_index(const struct broker_op *op);
/* Does the step. *receipt is added to. Returns BROKER_OK, or BROKER_EIO / BROKER_EFULL when the log dir must go offline. */
int broker_op_step(struct broker_op *op, struct broker_receipt *receipt);
/* After the step's time has been charged and before the lock is released: makes an append visible. */
void broker_op_publish(struct broker_op *op);
/* All remaining steps, each with its publish: for a host that has nothing to lock or charge between them. */
int broker_op_run(struct broker_op *op, struct broker_receipt *receipt);
/* Partitions that the op covers: all parts of the request, or of the fetch session. */
uint32_t broker_op_covered_count(const struct broker_op *op);
enum broker_op_state broker_op_finish(struct broker_op *op);
/* Completes what has become completable; calls `ready`. Receipts of the reads that completed fetches do are added. Returns how many. */
uint32_t broker_run_deferred(struct broker *broker, struct broker_receipt *receipt);

void *broker_op_host_data(const struct broker_op *op);
/* Releases regions and memory. A waiting op is withdrawn (connection lost). */
void broker_op_free(struct broker_op *op);

/* Timers: purgatory expiry and the ISR shrink check. next_due in ms, INT64_MAX if none. */
int64_t broker_next_due_ms(const struct broker *broker);
uint32_t broker_run_due(struct broker *broker, int64_t now_ms, struct broker_receipt *receipt);

/* What happens inside; counts since the start. */
struct broker_counters {
    uint64_t produce_expired, fetch_expired, fetch_deferred_reads;
    uint64_t isr_shrinks, sessions_made, sessions_evicted;
    uint32_t produce_waiting, fetch_waiting; /* now */
};
const struct broker_counters *broker_counters(const struct broker *broker);

#endif
