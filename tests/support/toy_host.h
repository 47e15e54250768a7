/*
 * tests/support/toy_host.h - one real broker on files in memory behind a transport with a fixed delay each way, for tests of clients.
 *
 * Shape    Steps of an operation take no time, nor do connecting and metadata. Topic 0 has `partitions` partitions and topic 1, the offsets topic, one; all led here.
 */
#ifndef TESTS_SUPPORT_TOY_HOST_H
#define TESTS_SUPPORT_TOY_HOST_H

#include "model/client/metadata.h"
#include "sim/sim.h"

#define TOY_HOST_PARTITIONS_MAX 16
#define TOY_HOST_OFFSETS        1
#define TOY_HOST_EPOCH_MS       INT64_C(1700000000000)

struct toy_host {
    struct model_transport transport;
    struct model_metadata metadata;
    struct sim *sim;
    int64_t delay_ns; /* each way */
    uint32_t partitions;
    struct env_sim *env;
    struct broker_env *envs[1];
    struct broker *broker;
    struct broker_log *logs[TOY_HOST_PARTITIONS_MAX + 1];
    struct model_connection connection;
    struct model_connection *connections[1];
    struct sim_event timer;
    struct toy_way *ways; /* all ever made */
    struct toy_way *free_ways;
    uint64_t calls[MODEL_CALL_KINDS];
    uint32_t fetches_open; /* sent, not answered */
    uint32_t fetches_open_max;
    uint64_t parts_listed; /* in fetch requests */
    /* Called before a request is handled; false: it is lost. */
    bool (*decide)(struct toy_host *host, struct model_call *call);
    void *ctx;
};

void toy_host_init(struct toy_host *host, struct sim *sim, uint32_t partitions, int64_t delay_ns);
void toy_host_release(struct toy_host *host);
/* Appends a batch of `records` at once, stamped with the span of their times (stamped false: a hole). */
void toy_host_append(struct toy_host *host, int32_t partition, uint32_t records, uint64_t bytes,
                     int64_t first_ns, int64_t last_ns, bool stamped);

#endif
