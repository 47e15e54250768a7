/*
 * broker-core/log/meta.h - meta.properties: which cluster, broker and directory a log dir belongs to.
 *
 * Source   reference/kafka/log-storage.md section 2.
 * Checked  tests/broker-core/test_dir.c
 */
#ifndef BROKER_LOG_META_H
#define BROKER_LOG_META_H

#include "broker-core/env.h"

struct broker_meta {
    int32_t node_id;
    char cluster_id[64]; /* 22 characters of base64 where Kafka made it */
    uint8_t directory_id[16];
    bool has_directory_id; /* not in version 0 */
};

/* BROKER_EMISSING if there is no file; BROKER_ECORRUPT if it lacks a key or has a version that is not known. */
int broker_meta_read(struct broker_env *env, const char *folder, struct broker_meta *meta,
                     struct broker_err *err);

/*
 * Takes the log dir for this broker: a file that is there must name the same cluster and node and is kept as it is; a missing one is
 * written with a fresh directory id. Returns BROKER_EREFUSED if it belongs to somebody else.
 */
int broker_meta_claim(struct broker_env *env, const char *folder, const char *cluster_id,
                      int32_t node_id, struct broker_meta *meta, struct broker_receipt *receipt,
                      struct broker_err *err);

#endif
