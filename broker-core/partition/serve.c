/* broker-core/partition/serve.c - what a replica answers to readers: fetches and offset look-ups. */
#include "broker-core/partition/partition_internal.h"

#include <assert.h>

static enum broker_error check_epoch(const struct broker_partition *partition, int32_t epoch)
{
    if (epoch == -1 || epoch == partition->state.leader_epoch)
        return KAFKA_NONE;
    return epoch < partition->state.leader_epoch ? KAFKA_FENCED_LEADER_EPOCH
                                                 : KAFKA_UNKNOWN_LEADER_EPOCH;
}

static enum broker_error check_role(const struct broker_partition *partition, int32_t replica_id,
                                    bool any_replica)
{
    if (!partition->leads)
        return any_replica && replica_id < 0 && partition->state.leader_epoch >= 0
                   ? KAFKA_NONE
                   : KAFKA_NOT_LEADER_OR_FOLLOWER;
    if (replica_id >= 0 &&
        (replica_id == partition->broker_id || broker_replica_index(partition, replica_id) < 0))
        return KAFKA_NOT_LEADER_OR_FOLLOWER;
    return KAFKA_NONE;
}

/* Section 5: whether the reader's log parted from this one before fetch_offset, and where. */
static enum broker_error check_divergence(const struct broker_partition *partition,
                                          const struct broker_fetch_want *want, int32_t *epoch,
                                          int64_t *end_offset, bool *diverges)
{
    *diverges = false;
    if (want->last_fetched_epoch == -1)
        return KAFKA_NONE;
    *epoch = broker_log_end_offset_for_epoch(partition->log, want->last_fetched_epoch, end_offset);
    if (*epoch == -1 || *end_offset == -1 ||
        want->fetch_offset < broker_log_start_offset(partition->log))
        return KAFKA_OFFSET_OUT_OF_RANGE;
    *diverges = *epoch < want->last_fetched_epoch || *end_offset < want->fetch_offset;
    return KAFKA_NONE;
}

static enum broker_error check(const struct broker_partition *partition, int32_t replica_id,
                               bool any_replica, const struct broker_fetch_want *want,
                               int32_t *epoch, int64_t *end_offset, bool *diverges)
{
    *diverges = false;
    enum broker_error error = check_epoch(partition, want->current_leader_epoch);
    if (error == KAFKA_NONE)
        error = check_role(partition, replica_id, any_replica);
    if (error == KAFKA_NONE)
        error = check_divergence(partition, want, epoch, end_offset, diverges);
    return error;
}

enum broker_error broker_partition_fetch_check(const struct broker_partition *partition,
                                               int32_t replica_id, bool any_replica,
                                               const struct broker_fetch_want *want, bool *diverges)
{
    int32_t epoch;
    int64_t end_offset;
    return check(partition, replica_id, any_replica, want, &epoch, &end_offset, diverges);
}

void broker_partition_fetch(struct broker_partition *partition, int32_t replica_id,
                            const struct broker_fetch_want *want, uint64_t max_bytes, bool min_one,
                            bool read_committed, bool any_replica, bool note_progress,
                            struct broker_fetch_got *got, bool *high_watermark_moved,
                            struct broker_receipt *receipt)
{
    bool diverges;
    *high_watermark_moved = false;
    *got = (struct broker_fetch_got){.high_watermark = -1,
                                     .last_stable_offset = -1,
                                     .log_start_offset = -1,
                                     .diverging_epoch = -1,
                                     .diverging_end_offset = -1,
                                     .preferred_read_replica = -1};
    int32_t epoch;
    int64_t diverging_end;
    got->error = check(partition, replica_id, any_replica, want, &epoch, &diverging_end, &diverges);
    if (got->error != KAFKA_NONE)
        return;
    /* The answer tells the offsets from before this fetch's own progress, as Kafka does. */
    int64_t end = broker_log_end_offset(partition->log);
    int64_t high_watermark = broker_log_high_watermark(partition->log);
    int64_t last_stable = broker_log_last_stable_offset(partition->log);
    int64_t start = broker_log_start_offset(partition->log);
    if (diverges) {
        got->diverging_epoch = epoch;
        got->diverging_end_offset = diverging_end;
    } else {
        enum broker_read_bound bound = replica_id >= 0  ? BROKER_READ_END
                                       : read_committed ? BROKER_READ_LAST_STABLE
                                                        : BROKER_READ_HIGH_WATERMARK;
        got->error = broker_log_read(partition->log, want->fetch_offset, max_bytes, min_one, bound,
                                     &got->region, receipt);
        if (got->error != KAFKA_NONE)
            return;
        if (replica_id >= 0 && note_progress)
            *high_watermark_moved =
                broker_isr_follower_fetched(partition, broker_replica_index(partition, replica_id),
                                            want->fetch_offset, want->log_start_offset, end);
    }
    got->high_watermark = high_watermark;
    got->last_stable_offset = last_stable;
    got->log_start_offset = start;
}

int32_t broker_partition_preferred_replica(const struct broker_partition *partition,
                                           const int32_t *racks, int32_t client_rack,
                                           int64_t fetch_offset)
{
    const struct broker_replica *best = NULL;
    int32_t best_id = -1;
    if (!partition->leads)
        return -1;
    for (uint32_t i = 0; i < partition->state.replica_count; i++) {
        const struct broker_replica *replica = partition->replicas + i;
        if (racks[i] != client_rack)
            continue;
        if (partition->state.replicas[i] == partition->broker_id)
            return -1;
        if (!replica->in_isr || replica->start_offset > fetch_offset ||
            replica->end_offset < fetch_offset)
            continue;
        if (!best || replica->end_offset > best->end_offset ||
            (replica->end_offset == best->end_offset &&
             replica->last_caught_up_ms > best->last_caught_up_ms)) {
            best = replica;
            best_id = partition->state.replicas[i];
        }
    }
    return best_id;
}

/* Targets of ListOffsets that are not timestamps (log-storage.md section 6). */
enum { TARGET_LATEST = -1, TARGET_MAX_TIMESTAMP = -3 };

enum broker_error broker_partition_list_offset(struct broker_partition *partition,
                                               int32_t replica_id, bool read_committed,
                                               int32_t current_leader_epoch, int64_t target,
                                               int64_t *timestamp_ms, int64_t *offset,
                                               struct broker_receipt *receipt)
{
    struct broker_log *log = partition->log;
    *timestamp_ms = *offset = -1;
    enum broker_error error = check_epoch(partition, current_leader_epoch);
    if (error == KAFKA_NONE && !partition->leads)
        error = KAFKA_NOT_LEADER_OR_FOLLOWER;
    if (error != KAFKA_NONE)
        return error;
    enum broker_read_bound bound = replica_id >= 0  ? BROKER_READ_END
                                   : read_committed ? BROKER_READ_LAST_STABLE
                                                    : BROKER_READ_HIGH_WATERMARK;
    /* Until the high watermark has reached what the last leader may have committed, "not there" is not known (section 2). */
    bool lagging = replica_id < 0 && partition->epoch_start > broker_log_high_watermark(log);
    if (!lagging)
        return broker_log_offset_for_timestamp(log, target, bound, timestamp_ms, offset, receipt);
    if (target == TARGET_LATEST)
        return KAFKA_OFFSET_NOT_AVAILABLE;
    error = broker_log_offset_for_timestamp(log, target, BROKER_READ_END, timestamp_ms, offset,
                                            receipt);
    int64_t last_fetchable =
        read_committed ? broker_log_last_stable_offset(log) : broker_log_high_watermark(log);
    bool looked_up = target >= 0 || target == TARGET_MAX_TIMESTAMP;
    if (error == KAFKA_NONE && looked_up && *offset >= last_fetchable) {
        *timestamp_ms = *offset = -1;
        return KAFKA_OFFSET_NOT_AVAILABLE;
    }
    return error;
}
