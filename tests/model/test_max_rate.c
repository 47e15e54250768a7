/* rate: max: what each resource carries at most, by hand and against a run; the horizon goes on at what was reached. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/max_rate.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

/* Clients so many and strong that they do not bind. */
#define MAX_SETS                                                                                   \
    "producers.checkout.rate=max", "producers.checkout.clients=60",                                \
        "producers.checkout.machines=60", "groups.billing.machines=12", "groups.audit.machines=12"

/*
 * Two followers and two groups of 12 leave six brokers: 4/6 of the rate out of each, with 9039/8949 of frames and 65.5 kB batches' 61 bytes and
 * some bytes a record. Of 100 MB/s that is 147 MB/s; in, 3/6 of it: 196 MB/s.
 */
static void network__carries_what_arithmetic_says(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, MAX_SETS, NULL);
    const struct result_bound *out = size_fixture_bound(&z, "max by network out");
    const struct result_bound *in = size_fixture_bound(&z, "max by network in");
    double wire = 9039.0 / 8949 * 1.012; /* 7 to 12 bytes beside each record of 1,000 */
    near(out->capacity, 100e6 * 6 / 4 / wire, 0.02);
    near(in->capacity, 100e6 * 6 / 3 / wire, 0.02);
    size_fixture_release(&z);
}

static void smallest__binds_and_is_said(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, MAX_SETS, NULL);
    const struct result_bound *least = NULL;
    int binding = 0;
    for (uint32_t i = 0; i < z.r->bound_count; i++) {
        const struct result_bound *b = &z.r->bounds[i];
        if (strncmp(b->resource, "max by ", 7) != 0)
            continue;
        binding += b->binding;
        if (!least || b->capacity < least->capacity)
            least = b;
    }
    assert_non_null(least);
    assert_int_equal(binding, 1);
    assert_true(least->binding);
    assert_int_equal(z.r->verdict, RESULT_UNDECIDED);
    assert_string_equal(z.r->binding, least->resource + 7);
    assert_non_null(strstr(z.r->verdict_text, "checkout at rate: max, at most "));
    size_fixture_release(&z);
}

/*
 * Each of six brokers follows 2/6 of the rate over five connections of 64 KiB a round trip of 10 ms, which its spread of 0.35 makes 10 x
 * e^(0.35^2 / 2) = 10.63 ms on the average: 5 x 6.16 MB/s x 6 / 2 = 92.5 MB/s, less what appending takes.
 */
static void replica_fetchers__wait_for_their_windows(void **state)
{
    (void)state;
    struct sized far = size_fixture(size_fixture_text, MAX_SETS, "cluster.network.cross_rack=10 ms",
                                    "cluster.network.same_rack=10 ms", NULL);
    struct sized four = size_fixture(
        size_fixture_text, MAX_SETS, "cluster.network.cross_rack=10 ms",
        "cluster.network.same_rack=10 ms", "cluster.config.num.replica.fetchers=4", NULL);
    double wire = 1.012;
    double one = size_fixture_bound(&far, "max by replica fetchers")->capacity;
    assert_true(one < 92.5e6 / wire && one > 0.95 * 92.5e6 / wire);
    near(size_fixture_bound(&four, "max by replica fetchers")->capacity, 4 * one, 0.01);
    size_fixture_release(&far);
    size_fixture_release(&four);
}

/* More of a resource carries more; a resource that has nothing to do with it does not. */
static void limits__move_with_their_own_resource(void **state)
{
    (void)state;
    struct sized a = size_fixture(size_fixture_text, MAX_SETS, NULL);
    struct sized b = size_fixture(size_fixture_text, MAX_SETS,
                                  "cluster.machine.network.baseline=200 MB/s", NULL);
    near(size_fixture_bound(&b, "max by network out")->capacity,
         2 * size_fixture_bound(&a, "max by network out")->capacity, 0.01);
    near(size_fixture_bound(&b, "max by disk bandwidth")->capacity,
         size_fixture_bound(&a, "max by disk bandwidth")->capacity, 0.01);
    size_fixture_release(&a);
    size_fixture_release(&b);
}

/* Nobody knows what producers at rate: max ask for: no zeros stand for it, and no count of brokers is enough or too few. */
static void load__that_is_not_known_has_no_rows(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, MAX_SETS, NULL);
    assert_null(result_bound_of(z.r, "cpu"));
    assert_null(result_bound_of(z.r, "disk space"));
    assert_null(result_bound_of(z.r, "page cache"));
    assert_non_null(result_bound_of(z.r, "partitions"));
    assert_int_equal(z.r->brokers_needed, 0);
    bool told = false;
    for (uint32_t i = 0; i < z.r->warning_count; i++)
        told = told || strstr(z.r->warnings[i].text, "is not known before a run");
    assert_true(told);
    size_fixture_release(&z);
}

/* What it consists of, at the rate that all together carry. */
static void most__is_told_with_its_parts(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, MAX_SETS, NULL);
    const char *out = size_fixture_bound(&z, "max by network out")->formula;
    assert_non_null(strstr(out, " to followers + "));
    assert_non_null(strstr(out, "MB/s, broker "));
    size_fixture_release(&z);
}

/* What others bring is taken off. */
static void other_producers__leave_less(void **state)
{
    (void)state;
    char text[4096];
    const char *groups = strstr(size_fixture_text, "groups:");
    snprintf(text, sizeof text,
             "%.*s  steady: {topic: orders, clients: 60, machines: 60, rate: 50 MB/s, record: "
             "{size: 1000 B}, config: {linger.ms: 1000, batch.size: 65536}}\n%s",
             (int)(groups - size_fixture_text), size_fixture_text, groups);
    struct sized a = size_fixture(size_fixture_text, MAX_SETS, NULL);
    struct sized b = size_fixture(text, MAX_SETS, NULL);
    near(size_fixture_bound(&b, "max by network out")->capacity,
         size_fixture_bound(&a, "max by network out")->capacity - 50e6, 0.01);
    size_fixture_release(&a);
    size_fixture_release(&b);
}

static void assume__gives_each_its_rate_and_leaves_the_scenario(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, MAX_SETS, NULL);
    const double rates[] = {8e6};
    const struct scenario *s = max_rate_assume(z.s, rates, z.r);
    assert_true(max_rate_any(z.s));
    assert_false(max_rate_any(s));
    assert_true(s->producers[0].payload_bytes_per_s_peak == 8e6);
    assert_true(s->producers[0].records_per_s_peak == 8e3);
    assert_true(z.s->producers[0].payload_bytes_per_s_peak == 0);
    size_fixture_release(&z);
}

/* The application is never woken for a record that falls due: what waking costs is no part of the ceiling. */
static void wake_ups__cost_nothing(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, MAX_SETS, "producers.checkout.client=librdkafka",
                     "producers.checkout.machine={vcpus: 2, coremark: 16000, ram: 8 GB, network: "
                     "{baseline: 10 Gbit/s}}",
                     NULL);
    struct model_profile p;
    model_profile_init(&p);
    double byte_ns = p.librdkafka_send.byte_ns + p.librdkafka_app.byte_ns +
                     (p.librdkafka_send.record_ns + p.librdkafka_app.record_ns) / 1000;
    double capacity = size_fixture_bound(&z, "max by client cpu of checkout")->capacity;
    /* 60 machines of two cores; requests and what is beyond the cache take some of them */
    assert_true(capacity < 120e9 / byte_ns && capacity > 0.6 * 120e9 / byte_ns);
    size_fixture_release(&z);
}

static void run__reaches_less_than_the_ceiling_and_fills_disks_at_it(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c], profile: generic}\n"
        "topics: {t: {partitions: 6, replication: 3, config: {retention.ms: 1 h}}}\n"
        "producers: {p: {rate: max, record: {size: 1 KiB}}}\n"
        "horizon: {length: 1 d}\n"
        "run: {measure: 2 s, warmup: 1 s, replications: 2}\n";
    struct result *r = study_fixture(text, NULL, 0);
    double reached = r->flows[0].bytes_per_s.value, most = INFINITY;
    bool told = false;
    for (uint32_t i = 0; i < r->bound_count; i++)
        if (strncmp(r->bounds[i].resource, "max by ", 7) == 0)
            most = fmin(most, r->bounds[i].capacity);
    for (uint32_t i = 0; i < r->warning_count; i++)
        told = told || strstr(r->warnings[i].text, "goes on at the");
    assert_true(reached > 1e6 && reached < most * 1.05);
    assert_true(told);
    /* It has no row among the resources, but a bound of its own: one request at a time waits for its followers. */
    assert_string_equal(r->binding, "client in flight of p");
    /* An hour of it, all three replicas, on all disks; up to a segment of 1 GiB a replica beyond. */
    double kept = 0;
    for (uint32_t i = 0; i < r->disk_count; i++)
        kept += (double)r->disks[i].used_max_bytes;
    assert_true(kept > 0.9 * 3 * 3600 * reached);
    assert_true(kept < 1.2 * (3 * 3600 * reached + 18 * 1073741824.0));
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network__carries_what_arithmetic_says),
        cmocka_unit_test(smallest__binds_and_is_said),
        cmocka_unit_test(limits__move_with_their_own_resource),
        cmocka_unit_test(replica_fetchers__wait_for_their_windows),
        cmocka_unit_test(load__that_is_not_known_has_no_rows),
        cmocka_unit_test(most__is_told_with_its_parts),
        cmocka_unit_test(other_producers__leave_less),
        cmocka_unit_test(assume__gives_each_its_rate_and_leaves_the_scenario),
        cmocka_unit_test(wake_ups__cost_nothing),
        cmocka_unit_test(run__reaches_less_than_the_ceiling_and_fills_disks_at_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
