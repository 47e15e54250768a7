/*
 * tests/support/producer_fixture.h - one producer against toy brokers, for tests of either client.
 */
#ifndef TESTS_SUPPORT_PRODUCER_FIXTURE_H
#define TESTS_SUPPORT_PRODUCER_FIXTURE_H

#include "model/client/producer.h"
#include "tests/support/toy_broker.h"

struct producer_fixture {
    struct sim sim;
    struct toy_broker toy;
    struct model_producer_config config;
    struct model_producer_stats stats;
    struct model_producer *producer;
    struct model_cpu *cpu;
    struct model_profile profile;
    double weights[64];
};

/* A client with its kind's defaults, not idempotent: records of 100 bytes, 1000 a second, Poisson. The test changes f->config. */
void producer_begin(struct producer_fixture *f, enum model_producer_kind kind, uint32_t brokers,
                    int64_t delay_ns);
/* Keys without number, spread evenly over that many partitions. */
void producer_keyed(struct producer_fixture *f, uint32_t partitions);
/* Makes and starts the producer at its first call. */
void producer_run(struct producer_fixture *f, int64_t until_ns);
void producer_end(struct producer_fixture *f);

/* Fails unless got is within `relative` of want. */
void assert_near(double got, double want, double relative);

#endif
