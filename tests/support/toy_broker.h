/*
 * tests/support/toy_broker.h - brokers that answer every produce request after a fixed time, for tests of clients.
 *
 * Shape    A transport. A request is answered delay_ns after it was sent; partition i is led by broker i % brokers. `decide` may
 *          look at a request, set errors or the outcome, or swallow it (false). Connecting and metadata take no time.
 */
#ifndef TESTS_SUPPORT_TOY_BROKER_H
#define TESTS_SUPPORT_TOY_BROKER_H

#include "model/client/metadata.h"
#include "sim/sim.h"

#define TOY_BROKERS_MAX 8

struct toy_broker {
    struct model_transport transport;
    struct model_metadata metadata;
    struct sim *sim;
    int64_t delay_ns;
    uint32_t brokers;
    struct model_connection connections[TOY_BROKERS_MAX];
    struct model_connection *connection_list[TOY_BROKERS_MAX];
    bool (*decide)(struct toy_broker *toy, struct model_call *call);
    void *ctx;
    bool no_leader;
    uint64_t closes;
    uint64_t requests;
    uint64_t batches;
    uint64_t records;
    uint64_t payload_bytes;
    struct toy_answer *free_answers;
    struct toy_answer *all_answers;
};

void toy_broker_init(struct toy_broker *toy, struct sim *sim, uint32_t brokers, int64_t delay_ns);
void toy_broker_release(struct toy_broker *toy);

#endif
