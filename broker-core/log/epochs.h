/*
 * broker-core/log/epochs.h - the history of leader epochs of a replica, kept in leader-epoch-checkpoint.
 *
 * Source   reference/kafka/replication.md section 5 (cache rules), log-storage.md section 2 (file).
 * Checked  tests/broker-core/test_log_follower.c
 */
#ifndef BROKER_LOG_EPOCHS_H
#define BROKER_LOG_EPOCHS_H

#include "broker-core/env.h"

struct broker_epoch {
    int32_t epoch;
    int64_t start_offset;
};

struct broker_epochs {
    struct broker_epoch *all; /* ascending in both fields */
    uint32_t count, room;
    int32_t last; /* epoch of the last of all, unless count is 0: each append and fetch asks */
};

void broker_epochs_release(struct broker_epochs *epochs);
/* -1 if none. */
int32_t broker_epochs_latest(const struct broker_epochs *epochs);

/* Whether anything changed (the file must then be written). Older entries that contradict it go. BROKER_EIO: no memory. */
int broker_epochs_assign(struct broker_epochs *epochs, int32_t epoch, int64_t start_offset,
                         bool *changed);
bool broker_epochs_truncate_end(struct broker_epochs *epochs, int64_t offset);
bool broker_epochs_truncate_start(struct broker_epochs *epochs, int64_t offset);
/* Returns the epoch found, -1 if undefined (*end_offset -1 then). */
int32_t broker_epochs_end_offset(const struct broker_epochs *epochs, int32_t epoch,
                                 int64_t log_end_offset, int64_t *end_offset);

int broker_epochs_write(const struct broker_epochs *epochs, struct broker_env *env,
                        const char *folder, struct broker_receipt *receipt, struct broker_err *err);
/* A missing file is an empty history. */
int broker_epochs_read(struct broker_epochs *epochs, struct broker_env *env, const char *folder,
                       struct broker_err *err);

#endif
