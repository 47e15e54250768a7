/*
 * model/client/metadata.h - what a client can learn of the cluster and how it reaches it.
 *
 * Shape    Filled by the cluster once per client; brokers are numbered from 0. `leader` tells the controller's state of that instant: a
 *          client calls it when an answer of a broker has told it so, for metadata that it asked for or with an error (KIP-951).
 */
#ifndef MODEL_CLIENT_METADATA_H
#define MODEL_CLIENT_METADATA_H

#include "model/hardware/call.h"

struct model_metadata {
    uint32_t broker_count;
    struct model_connection *const *connections; /* [broker], this client's own; borrowed */
    /* A consumer's second connection to the broker that leads its part of the offsets topic; NULL: it commits nothing. */
    struct model_connection *coordinator;
    struct broker_env *const *envs; /* [broker]: whose views show a fetched region; consumers */
    uint64_t answer_bytes;          /* of an answer with this client's metadata */
    /* Leader of a partition, -1 when there is none; *leader_epoch may be NULL. */
    int32_t (*leader)(void *ctx, struct broker_tp tp, int32_t *leader_epoch);
    void *ctx;
};

#endif
