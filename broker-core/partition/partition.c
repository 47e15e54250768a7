/* broker-core/partition/partition.c - a replica's life: made, told its role, appended to as leader. */
#include "broker-core/partition/partition_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct broker_partition *broker_partition_new(struct broker_env *env, struct broker_log *log,
                                              int32_t broker_id,
                                              const struct broker_partition_config *config)
{
    struct broker_partition *partition = calloc(1, sizeof *partition);
    if (!partition)
        abort(); /* no request can be served without its partition */
    partition->env = env;
    partition->log = log;
    partition->broker_id = broker_id;
    partition->config = *config;
    partition->state.leader = -1;
    partition->state.leader_epoch = -1;
    partition->state.partition_epoch = -1;
    return partition;
}

void broker_partition_free(struct broker_partition *partition)
{
    free(partition);
}

void broker_partition_set_config(struct broker_partition *partition,
                                 const struct broker_partition_config *config)
{
    partition->config = *config;
}

struct broker_log *broker_partition_log(const struct broker_partition *partition)
{
    return partition->log;
}

bool broker_partition_is_leader(const struct broker_partition *partition)
{
    return partition->leads;
}

int32_t broker_partition_leader_epoch(const struct broker_partition *partition)
{
    return partition->state.leader_epoch;
}

const struct broker_partition_state *
broker_partition_state(const struct broker_partition *partition)
{
    return &partition->state;
}

int64_t broker_partition_now_ms(const struct broker_partition *partition)
{
    return partition->env->ops->now_ms(partition->env);
}

int32_t broker_replica_index(const struct broker_partition *partition, int32_t replica_id)
{
    for (uint32_t i = 0; i < partition->state.replica_count; i++)
        if (partition->state.replicas[i] == replica_id)
            return (int32_t)i;
    return -1;
}

/* ---- roles (section 2) ---- */

/* Takes over the new assignment; replicas that stay keep what is known of them. */
static void take_state(struct broker_partition *partition,
                       const struct broker_partition_state *state)
{
    struct broker_replica known[BROKER_REPLICAS_MAX];
    struct broker_partition_state old = partition->state;
    assert(state->replica_count <= BROKER_REPLICAS_MAX && state->isr_count <= BROKER_REPLICAS_MAX);
    memcpy(known, partition->replicas, sizeof known);
    partition->state = *state;
    for (uint32_t i = 0; i < state->replica_count; i++) {
        struct broker_replica *replica = partition->replicas + i;
        *replica = (struct broker_replica){
            .end_offset = -1, .start_offset = -1, .last_fetch_leader_end_offset = -1};
        for (uint32_t j = 0; j < old.replica_count; j++)
            if (old.replicas[j] == state->replicas[i])
                *replica = known[j];
    }
    if (state->partition_epoch > old.partition_epoch || !partition->change_in_flight) {
        partition->change_in_flight = partition->proposal_ready = false;
        broker_isr_reset(partition);
    }
}

/* A new leader knows nothing of its followers; one that stays under a new epoch keeps their offsets. */
static void reset_followers(struct broker_partition *partition, bool led_before)
{
    int64_t now_ms = broker_partition_now_ms(partition);
    for (uint32_t i = 0; i < partition->state.replica_count; i++) {
        struct broker_replica *replica = partition->replicas + i;
        broker_replica_settle(replica);
        replica->repeats_ms = NULL;
        replica->last_caught_up_ms = replica->in_isr ? now_ms : 0;
        replica->last_fetch_ms = led_before && replica->in_isr ? now_ms : 0;
        replica->last_fetch_leader_end_offset = led_before ? partition->epoch_start : -1;
        if (!led_before)
            replica->end_offset = replica->start_offset = -1;
    }
}

static int lead(struct broker_partition *partition, const struct broker_partition_state *state,
                struct broker_receipt *receipt, struct broker_err *err)
{
    bool led_before = partition->leads;
    bool new_epoch = !led_before || state->leader_epoch > partition->state.leader_epoch;
    if (new_epoch) {
        int status = broker_log_assign_epoch(partition->log, state->leader_epoch, receipt, err);
        if (status != BROKER_OK)
            return broker_err_wrap(err, status, "lead %s", broker_log_folder(partition->log));
        partition->epoch_start = broker_log_end_offset(partition->log);
    }
    take_state(partition, state);
    partition->leads = true;
    partition->follow_pending = false;
    if (new_epoch)
        reset_followers(partition, led_before);
    broker_isr_advance(partition, broker_partition_now_ms(partition));
    return BROKER_OK;
}

static void follow(struct broker_partition *partition, const struct broker_partition_state *state)
{
    partition->leads = false;
    partition->change_in_flight = partition->proposal_ready = false;
    partition->state = *state;
    memset(partition->replicas, 0, sizeof partition->replicas);
}

int broker_partition_apply(struct broker_partition *partition,
                           const struct broker_partition_state *state,
                           struct broker_receipt *receipt, struct broker_err *err)
{
    if (state->partition_epoch < partition->state.partition_epoch ||
        state->leader_epoch < partition->state.leader_epoch)
        return BROKER_OK;
    if (state->leader == partition->broker_id)
        return lead(partition, state, receipt, err);
    follow(partition, state);
    return BROKER_OK;
}

/* ---- append (section 3) ---- */

static void refuse(const struct broker_partition *partition, enum broker_error error,
                   struct broker_append *out)
{
    *out = (struct broker_append){.base_offset = -1, .last_offset = -1, .log_append_time_ms = -1};
    out->log_start_offset = broker_log_start_offset(partition->log);
    out->error = error;
}

int broker_partition_append(struct broker_partition *partition, const struct broker_span *spans,
                            size_t count, int16_t acks, struct broker_append *out,
                            struct broker_err *err)
{
    assert(!partition->append_pending);
    if (!partition->leads) {
        refuse(partition, KAFKA_NOT_LEADER_OR_FOLLOWER, out);
        return BROKER_OK;
    }
    if (acks == -1 && (int32_t)partition->state.isr_count < broker_isr_minimum(partition)) {
        refuse(partition, KAFKA_NOT_ENOUGH_REPLICAS, out);
        return BROKER_OK;
    }
    refuse(partition, KAFKA_NONE, out);
    int status =
        broker_log_append(partition->log, spans, count, partition->state.leader_epoch, out, err);
    partition->append_pending = status == BROKER_OK && out->pending;
    return status;
}

/* A follower's high watermark and start offset come with what it fetched (section 4, "propagation"). */
static bool take_leaders_offsets(struct broker_partition *partition)
{
    partition->follow_pending = false;
    int64_t before = broker_log_high_watermark(partition->log);
    if (partition->leader_start_offset > broker_log_start_offset(partition->log) &&
        partition->leader_start_offset <= broker_log_end_offset(partition->log)) {
        broker_log_set_high_watermark(partition->log, partition->leader_high_watermark);
        broker_log_set_start_offset(partition->log, partition->leader_start_offset);
    }
    broker_log_set_high_watermark(partition->log, partition->leader_high_watermark);
    return broker_log_high_watermark(partition->log) != before;
}

/* There is something new: no fetch of a follower is a mere repetition any more. A replica that follows has none. */
static void end_repeats(struct broker_partition *partition)
{
    for (uint32_t i = 0; i < partition->state.replica_count; i++) {
        broker_replica_settle(partition->replicas + i);
        partition->replicas[i].repeats_ms = NULL;
    }
}

bool broker_partition_publish(struct broker_partition *partition)
{
    if (partition->append_pending) {
        if (partition->leads)
            end_repeats(partition);
        broker_log_publish(partition->log);
        partition->append_pending = false;
    }
    if (partition->follow_pending)
        return take_leaders_offsets(partition);
    return partition->leads && broker_isr_advance(partition, broker_partition_now_ms(partition));
}

enum broker_error broker_partition_committed(const struct broker_partition *partition,
                                             int64_t required_offset, bool *done)
{
    *done = true;
    if (!partition->leads)
        return KAFKA_NOT_LEADER_OR_FOLLOWER;
    if (broker_log_high_watermark(partition->log) < required_offset) {
        *done = false;
        return KAFKA_NONE;
    }
    return broker_isr_minimum(partition) <= (int32_t)partition->maximal_isr_count
               ? KAFKA_NONE
               : KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND;
}
