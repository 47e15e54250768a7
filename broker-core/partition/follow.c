/* broker-core/partition/follow.c - the follower's side: append what was fetched, find common ground with the leader. */
#include "broker-core/partition/partition_internal.h"

#include <assert.h>

static int64_t min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int broker_partition_append_as_follower(struct broker_partition *partition,
                                        const struct broker_span *spans, size_t count,
                                        int64_t leader_high_watermark, int64_t leader_start_offset,
                                        struct broker_append *out, struct broker_err *err)
{
    assert(!partition->append_pending);
    *out = (struct broker_append){.base_offset = -1, .last_offset = -1, .log_append_time_ms = -1};
    if (partition->leads || partition->state.leader_epoch < 0) {
        out->error = KAFKA_NOT_LEADER_OR_FOLLOWER;
        return BROKER_OK;
    }
    bool empty = true;
    for (size_t i = 0; i < count; i++)
        empty = empty && spans[i].size == 0;
    if (!empty) {
        int status = broker_log_append_as_follower(partition->log, spans, count,
                                                   partition->state.leader_epoch, out, err);
        if (status != BROKER_OK || out->error != KAFKA_NONE)
            return status;
    }
    partition->append_pending = out->pending;
    partition->follow_pending = true;
    partition->leader_high_watermark = leader_high_watermark;
    partition->leader_start_offset = leader_start_offset;
    return BROKER_OK;
}

int broker_partition_truncate_to_epoch(struct broker_partition *partition, int32_t diverging_epoch,
                                       int64_t diverging_end_offset, bool *again,
                                       struct broker_receipt *receipt, struct broker_err *err)
{
    int64_t end = broker_log_end_offset(partition->log);
    int64_t target;
    *again = false;
    if (diverging_end_offset < 0) {
        target = broker_log_high_watermark(partition->log);
    } else if (diverging_epoch < 0) {
        target = min_i64(diverging_end_offset, end);
    } else {
        int64_t own_end;
        int32_t own_epoch =
            broker_log_end_offset_for_epoch(partition->log, diverging_epoch, &own_end);
        *again = own_epoch >= 0 && own_epoch != diverging_epoch;
        target = own_epoch < 0 ? diverging_end_offset : own_end;
        if (!*again)
            target = min_i64(target, diverging_end_offset);
        target = min_i64(target, end);
    }
    if (target >= end)
        return BROKER_OK;
    int status = broker_log_truncate(partition->log, target, receipt, err);
    return status == BROKER_OK ? status
                               : broker_err_wrap(err, status, "truncate %s to the leader's log",
                                                 broker_log_folder(partition->log));
}

int broker_partition_resolve_out_of_range(struct broker_partition *partition,
                                          int64_t leader_start_offset, int64_t leader_end_offset,
                                          int64_t *next_offset, struct broker_receipt *receipt,
                                          struct broker_err *err)
{
    int64_t end = broker_log_end_offset(partition->log);
    int status = BROKER_OK;
    *next_offset = end;
    if (leader_end_offset < end) {
        status = broker_log_truncate(partition->log, leader_end_offset, receipt, err);
        *next_offset = leader_end_offset;
    } else if (leader_start_offset > end) {
        status = broker_log_truncate_fully(partition->log, leader_start_offset, receipt, err);
        *next_offset = leader_start_offset;
    }
    return status == BROKER_OK ? status
                               : broker_err_wrap(err, status, "follow the leader's range in %s",
                                                 broker_log_folder(partition->log));
}
