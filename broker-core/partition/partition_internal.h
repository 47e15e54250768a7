/* broker-core/partition/partition_internal.h - the replica's state, shared by the files of this folder. */
#ifndef BROKER_PARTITION_PARTITION_INTERNAL_H
#define BROKER_PARTITION_PARTITION_INTERNAL_H

#include "broker-core/partition/partition.h"

/* One entry of state.replicas as the leader sees it; the leader's own entry is unused. */
struct broker_replica {
    int64_t end_offset; /* -1: has not fetched from this leader yet */
    int64_t start_offset;
    int64_t last_fetch_ms;
    int64_t last_fetch_leader_end_offset;
    int64_t last_caught_up_ms;
    const int64_t
        *repeats_ms; /* see broker_partition_follower_repeats; NULL: the fields above hold */
    bool in_isr;
    bool in_maximal_isr;
};

struct broker_partition {
    struct broker_env *env;
    struct broker_log *log;
    int32_t broker_id;
    bool leads;
    bool append_pending;   /* the log waits for publish */
    bool follow_pending;   /* publish takes over leader_high_watermark and leader_start_offset */
    bool change_in_flight; /* an ISR proposal is out (section 6: one at a time) */
    bool proposal_ready;   /* and has not been taken yet */
    uint32_t maximal_isr_count;
    int64_t epoch_start; /* end offset when the present leader epoch began */
    int64_t leader_high_watermark;
    int64_t leader_start_offset;
    struct broker_partition_config config;
    struct broker_partition_state state;
    struct broker_replica replicas[BROKER_REPLICAS_MAX];
    struct broker_partition_state proposal;
};

int64_t broker_partition_now_ms(const struct broker_partition *partition);
/* Index in state.replicas, -1 if it is none. */
int32_t broker_replica_index(const struct broker_partition *partition, int32_t replica_id);
/* Writes down what a repeating follower has done so far. */
void broker_replica_settle(struct broker_replica *replica);
/* Membership flags from state.isr, without a pending change. */
void broker_isr_reset(struct broker_partition *partition);
int32_t broker_isr_minimum(const struct broker_partition *partition);
/* Section 4. Returns whether the high watermark moved. */
bool broker_isr_advance(struct broker_partition *partition, int64_t now_ms);
/* Section 6: a follower fetched at offset while the leader's end was leader_end. Returns whether the high watermark moved. */
bool broker_isr_follower_fetched(struct broker_partition *partition, int32_t index, int64_t offset,
                                 int64_t start_offset, int64_t leader_end);

#endif
