/* What a run says of its resources: how far the load may grow. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "tests/support/near.h"
#include "tests/support/study_fixture.h"

static const char hyper_threads[] =
    "version: 1\n"
    "cluster: {brokers: 3, machine: {vcpus: 8, threads_per_core: 2, coremark: 16000, ram: "
    "32 GB, network: {baseline: 1 GB/s}}, volumes: {type: gp3, "
    "size: 1000 GB}, racks: [a, b, c]}\n"
    "topics: {t: {partitions: 36, replication: 2, config: {retention.ms: 1 h}}}\n"
    "producers: {p: {topic: t, clients: 6, rate: 10 MB/s, record: {size: 1 KiB}, config: "
    "{linger.ms: 5}}}\n"
    "groups: {a: {topics: [t]}, b: {topics: [t]}, c: {topics: [t]}, d: {topics: [t]}, e: {topics: "
    "[t]}}\n"
    "start: {credits: full, logs: empty}\n"
    "run: {warmup: 1 s, measure: 3 s, replications: 1}\n";

static const struct result_resource *row_of(const struct result *r, enum result_resource_kind kind)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == kind)
            return &r->resources[i];
    fail();
    return NULL;
}

/* In vCPUs that all share their cores: 1.5 each while one of a pair is busy, and a half more for the second of all pairs. */
static double work(double busy)
{
    return fmin(1.5 * busy, 0.5 + 0.5 * busy);
}

/* Until 60 % of the hyper-threads are busy, with 1.33 times the speed of shared cores and not 1.5. */
static void headroom__of_hyper_threads_is_that_of_their_work(void **state)
{
    (void)state;
    struct result *r = study_fixture(hyper_threads, NULL, 0);
    const struct result_resource *brokers = row_of(r, RESULT_CPU),
                                 *clients = row_of(r, RESULT_CLIENT_CPU);
    assert_true(brokers->now.value < 0.5 && clients->now.value < 0.5);
    near(brokers->headroom, work(0.6) / work(brokers->now.value), 0.05);
    near(clients->headroom, work(0.6) / work(clients->now.value), 1e-9);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headroom__of_hyper_threads_is_that_of_their_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
