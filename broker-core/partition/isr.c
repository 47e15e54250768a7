/* broker-core/partition/isr.c - what the leader knows of its followers: ISR, its changes, and the high watermark. */
#include "broker-core/partition/partition_internal.h"

#include <assert.h>

void broker_replica_settle(struct broker_replica *replica)
{
    if (!replica->repeats_ms)
        return;
    replica->last_fetch_ms = replica->last_caught_up_ms = *replica->repeats_ms;
    replica->last_fetch_leader_end_offset = replica->end_offset;
}

static int64_t max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool in_isr(const struct broker_partition_state *state, int32_t replica_id)
{
    for (uint32_t i = 0; i < state->isr_count; i++)
        if (state->isr[i] == replica_id)
            return true;
    return false;
}

void broker_isr_reset(struct broker_partition *partition)
{
    for (uint32_t i = 0; i < partition->state.replica_count; i++) {
        struct broker_replica *replica = partition->replicas + i;
        replica->in_isr = in_isr(&partition->state, partition->state.replicas[i]);
        replica->in_maximal_isr = replica->in_isr;
    }
    partition->maximal_isr_count = partition->state.isr_count;
}

/* effectiveMinIsr of section 3. */
int32_t broker_isr_minimum(const struct broker_partition *partition)
{
    int32_t replica_count = (int32_t)partition->state.replica_count;
    return partition->config.min_insync_replicas < replica_count
               ? partition->config.min_insync_replicas
               : replica_count;
}

static bool caught_up(const struct broker_partition *partition,
                      const struct broker_replica *replica, int64_t leader_end, int64_t now_ms)
{
    int64_t since_ms = replica->repeats_ms ? *replica->repeats_ms : replica->last_caught_up_ms;
    return replica->end_offset == leader_end ||
           now_ms - since_ms <= partition->config.replica_lag_time_max_ms;
}

bool broker_isr_advance(struct broker_partition *partition, int64_t now_ms)
{
    if ((int32_t)partition->state.isr_count < broker_isr_minimum(partition))
        return false;
    int64_t end = broker_log_end_offset(partition->log);
    int64_t high_watermark = end;
    for (uint32_t i = 0; i < partition->state.replica_count; i++) {
        const struct broker_replica *replica = partition->replicas + i;
        if (partition->state.replicas[i] == partition->broker_id ||
            replica->end_offset >= high_watermark)
            continue;
        if (replica->in_maximal_isr ||
            (!partition->state.fenced[i] && caught_up(partition, replica, end, now_ms)))
            high_watermark = replica->end_offset;
    }
    return high_watermark > broker_log_high_watermark(partition->log) &&
           broker_log_set_high_watermark(partition->log, high_watermark);
}

/* ---- changes of the ISR (section 6) ---- */

static void propose(struct broker_partition *partition)
{
    partition->change_in_flight = partition->proposal_ready = true;
}

static void maybe_expand(struct broker_partition *partition, uint32_t index)
{
    struct broker_replica *replica = partition->replicas + index;
    if (replica->in_isr || partition->change_in_flight || partition->state.fenced[index] ||
        partition->state.isr_count >= BROKER_REPLICAS_MAX)
        return;
    if (replica->end_offset < broker_log_high_watermark(partition->log) ||
        replica->end_offset < partition->epoch_start)
        return;
    struct broker_partition_state *proposal = &partition->proposal;
    *proposal = partition->state;
    proposal->isr[proposal->isr_count++] = partition->state.replicas[index];
    replica->in_maximal_isr = true;
    partition->maximal_isr_count++;
    propose(partition);
}

bool broker_partition_shrink_due(struct broker_partition *partition, int64_t now_ms,
                                 struct broker_partition_state *proposal)
{
    if (!partition->leads || partition->change_in_flight || partition->state.isr_count <= 1)
        return false;
    int64_t end = broker_log_end_offset(partition->log);
    *proposal = partition->state;
    proposal->isr_count = 0;
    for (uint32_t i = 0; i < partition->state.isr_count; i++) {
        int32_t replica_id = partition->state.isr[i];
        int32_t index = broker_replica_index(partition, replica_id);
        bool stays = replica_id == partition->broker_id ||
                     (index >= 0 && caught_up(partition, partition->replicas + index, end, now_ms));
        if (stays)
            proposal->isr[proposal->isr_count++] = replica_id;
    }
    if (proposal->isr_count == partition->state.isr_count)
        return false;
    partition->change_in_flight = true;
    return true;
}

bool broker_partition_take_proposal(struct broker_partition *partition,
                                    struct broker_partition_state *proposal)
{
    if (!partition->proposal_ready)
        return false;
    partition->proposal_ready = false;
    *proposal = partition->proposal;
    return true;
}

void broker_partition_proposal_refused(struct broker_partition *partition)
{
    partition->change_in_flight = partition->proposal_ready = false;
    broker_isr_reset(partition);
}

/* ---- followers ---- */

bool broker_isr_follower_fetched(struct broker_partition *partition, int32_t index, int64_t offset,
                                 int64_t start_offset, int64_t leader_end)
{
    struct broker_replica *replica = partition->replicas + index;
    int64_t now_ms = broker_partition_now_ms(partition);
    bool moved = replica->end_offset != offset;
    broker_replica_settle(replica);
    replica->repeats_ms = NULL;
    if (offset >= leader_end)
        replica->last_caught_up_ms = max_i64(replica->last_caught_up_ms, now_ms);
    else if (offset >= replica->last_fetch_leader_end_offset)
        replica->last_caught_up_ms = max_i64(replica->last_caught_up_ms, replica->last_fetch_ms);
    replica->last_fetch_leader_end_offset =
        max_i64(replica->last_fetch_leader_end_offset, leader_end);
    replica->last_fetch_ms = now_ms;
    replica->end_offset = offset;
    replica->start_offset = start_offset;
    maybe_expand(partition, (uint32_t)index);
    return moved && broker_isr_advance(partition, now_ms);
}

bool broker_partition_follower(const struct broker_partition *partition, int32_t replica_id,
                               struct broker_follower *follower)
{
    int32_t index = broker_replica_index(partition, replica_id);
    if (!partition->leads || index < 0 || replica_id == partition->broker_id)
        return false;
    struct broker_replica replica = partition->replicas[index];
    broker_replica_settle(&replica);
    *follower = (struct broker_follower){
        .end_offset = replica.end_offset,
        .start_offset = replica.start_offset,
        .last_fetch_ms = replica.last_fetch_ms,
        .last_fetch_leader_end_offset = replica.last_fetch_leader_end_offset,
        .last_caught_up_ms = replica.last_caught_up_ms,
        .in_sync = replica.in_isr,
    };
    return true;
}

bool broker_partition_follower_repeats(struct broker_partition *partition, int32_t replica_id,
                                       const int64_t *fetch_ms)
{
    int32_t index = broker_replica_index(partition, replica_id);
    if (!partition->leads || index < 0)
        return false;
    struct broker_replica *replica = partition->replicas + index;
    broker_replica_settle(replica);
    replica->repeats_ms = NULL;
    if (!fetch_ms || !replica->in_isr ||
        replica->end_offset != broker_log_end_offset(partition->log))
        return false;
    replica->repeats_ms = fetch_ms;
    return true;
}
