/*
 * model/client/metadata.h - what a client knows of the cluster and how it reaches it.
 *
 * Shape    Filled by the cluster once per client; brokers are numbered from 0. Answers come from the controller's state at once:
 *          the time that refreshing metadata takes is the client's own back-off.
 */
#ifndef MODEL_CLIENT_METADATA_H
#define MODEL_CLIENT_METADATA_H

#include "model/hardware/call.h"

struct model_metadata {
    uint32_t broker_count;
    struct model_connection *const *connections; /* [broker], this client's own; borrowed */
    struct broker_env *const *envs; /* [broker]: whose views show a fetched region; consumers */
    /* Leader of a partition, -1 when there is none; *leader_epoch may be NULL. */
    int32_t (*leader)(void *ctx, struct broker_tp tp, int32_t *leader_epoch);
    void *ctx;
};

#endif
