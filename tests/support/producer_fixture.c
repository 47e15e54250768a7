#include "tests/support/producer_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

void producer_begin(struct producer_fixture *f, enum model_producer_kind kind, uint32_t brokers,
                    int64_t delay_ns)
{
    memset(f, 0, sizeof *f);
    sim_init(&f->sim);
    toy_broker_init(&f->toy, &f->sim, brokers, delay_ns);
    model_producer_stats_init(&f->stats);
    model_producer_config_init(&f->config, kind);
    f->config.name = "test";
    f->config.idempotent = false;
    f->config.arrivals.kind = MODEL_ARRIVALS_POISSON;
    f->config.arrivals.sizes.mean_bytes = 100;
    f->config.arrivals.rate_records_per_s = 1000;
    f->config.seed = 7;
}

void producer_run(struct producer_fixture *f, int64_t until_ns)
{
    if (!f->producer) {
        f->producer = model_producer_new(&f->config, &f->sim, f->cpu, &f->profile, &f->toy.metadata,
                                         &f->toy.transport, &f->stats);
        model_producer_start(f->producer);
    }
    sim_run_until(&f->sim, until_ns);
}

void producer_end(struct producer_fixture *f)
{
    model_producer_free(f->producer);
    model_producer_stats_release(&f->stats);
    toy_broker_release(&f->toy);
    sim_release(&f->sim);
}

void producer_keyed(struct producer_fixture *f, uint32_t partitions)
{
    f->config.partitions = partitions;
    f->config.partitioner.kind = MODEL_PARTITIONER_KEYED;
    f->config.partitioner.key_count = 0;
    model_partition_weights(&f->config.partitioner, partitions, f->weights);
    f->config.weights = f->weights;
}

void assert_near(double got, double want, double relative)
{
    if (got < want * (1 - relative) || got > want * (1 + relative))
        fail_msg("got %g, expected %g", got, want);
}
