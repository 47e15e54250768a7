/* Bounds and simulation are held against each other, and where they disagree the reader is told why. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

static double used_of(const struct result *r, enum result_resource_kind kind)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == kind)
            return result_used_share(kind, r->resources[i].now.value);
    fail_msg("no such resource");
    return 0;
}

/* Some have no bound: page cache, and what clients have is counted by client. */
static void resources__are_compared_with_their_bounds(void **state)
{
    (void)state;
    struct result *r = study_fixture(study_fixture_text, NULL, 0);
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind < RESULT_PAGE_CACHE)
            assert_non_null(result_bound_of(r, r->resources[i].name));
    result_free(r);
}

/* Two writes and two flushes a commit, one commit at a time, indexes after it, and logs that are taken: as the simulated journal has it. */
static void bound__of_syncing_threads_is_near_the_run(void **state)
{
    (void)state;
    static const char *const rates[] = {"producers.p.rate=2000 records/s",
                                        "producers.p.rate=10000 records/s",
                                        "producers.p.rate=20000 records/s"};
    static const char *const too_much[] = {"cluster.machine.disks.flush=4 ms"};
    for (int i = 0; i < 3; i++) {
        struct result *r = study_fixture(study_fixture_synced, &rates[i], 1);
        double bound = result_bound_of(r, "I/O threads")->utilisation;
        assert_true(fabs(bound / used_of(r, RESULT_IO_THREADS) - 1) < 0.3);
        result_free(r);
    }
    /* Six clients have a request each in hand of eight threads, whatever more would be asked: it is their connections that are full. */
    struct result *r = study_fixture(study_fixture_synced, too_much, 1);
    double bound = result_bound_of(r, "I/O threads")->utilisation;
    assert_true(bound > 0.7 && bound < 0.8);
    assert_null(size_fixture_find_warning(r, "I/O threads: simulated 75 %, bound "));
    assert_true(result_bound_of(r, "client in flight of p")->utilisation > 0.9);
    result_free(r);
}

/* Twenty thousand requests a second of a record each. */
static const char *const small_requests =
    "version: 1\n"
    "cluster: {brokers: 1, racks: [a], machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 10 "
    "Gbit/s}, disks: {type: ssd, size: 1 TB, count: 1}}}\n"
    "topics: {t: {partitions: 16, replication: 1}}\n"
    "producers: {p: {topic: t, client: librdkafka, clients: 20, rate: 20000 records/s, record: "
    "{size: 500 B}, config: {acks: 1, linger.ms: 0, enable.idempotence: false}}}\n"
    "start: {logs: empty}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 1 s, measure: 2 s, replications: 2}\n";

/* A seventh of what one costs is its answer: to read the next, too, a network thread turns once more. Threads that are being woken idle. */
static void bounds__of_small_requests_are_near_the_run(void **state)
{
    (void)state;
    static const char *const acks[] = {"producers.p.config.acks=0", "producers.p.config.acks=1"};
    double cpu[2];
    for (int i = 0; i < 2; i++) {
        struct result *r = study_fixture(small_requests, &acks[i], 1);
        cpu[i] = result_bound_of(r, "cpu")->utilisation;
        near(cpu[i], used_of(r, RESULT_CPU), 0.06);
        near(result_bound_of(r, "network threads")->utilisation, used_of(r, RESULT_NETWORK_THREADS),
             0.12);
        near(result_bound_of(r, "I/O threads")->utilisation, used_of(r, RESULT_IO_THREADS), 0.12);
        result_free(r);
    }
    assert_true(cpu[1] > 1.15 * cpu[0]);
}

/* Ten thousand records a second of each of six Java clients. */
static const char full_batches[] =
    "version: 1\n"
    "cluster: {brokers: 3, racks: [a], machine: {vcpus: 8, ram: 32 GiB, network: {baseline: 10 "
    "Gbit/s}, disks: {type: ssd, size: 4 TB, count: 1}}}\n"
    "topics: {t: {partitions: 12, replication: 3}}\n"
    "producers: {p: {topic: t, clients: 6, rate: 60 MB/s, record: {size: 1 KiB}, machine: {vcpus: "
    "64, ram: 64 GiB, network: {baseline: 50 Gbit/s}}}}\n"
    "groups: {g: {topics: [t], clients: 6, machine: {vcpus: 64, ram: 64 GiB, network: {baseline: "
    "50 Gbit/s}}}}\n"
    "start: {logs: empty}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 1 s, measure: 2 s, replications: 2}\n";

/* What the bound has of the brokers' CPU and of what they receive, for what the run has. */
static void bounds_are_near(const char *const *sets, int count, double cpu, double wire)
{
    struct result *r = study_fixture(full_batches, sets, count);
    near(result_bound_of(r, "cpu")->utilisation, used_of(r, RESULT_CPU), cpu);
    near(result_bound_of(r, "network in")->utilisation, used_of(r, RESULT_NETWORK_IN), wire);
    result_free(r);
}

/* Java calls a batch full by what its smaller ones gained: 90 % fewer bytes were expected of a steep curve than came. */
static void bounds__have_the_batches_that_the_learned_ratio_leaves(void **state)
{
    (void)state;
    static const char *const steep[] = {"producers.p.config.compression.type=lz4",
                                        "producers.p.compression_ratio={1 KiB: 1, 64 KiB: 10}"};
    static const char *const hot[] = {"producers.p.config={compression.type: lz4, linger.ms: 20}",
                                      "producers.p.partitioner=keyed",
                                      "producers.p.hottest_partition=30 %"};
    bounds_are_near(steep, 1, 0.08, 0.05);
    bounds_are_near(steep, 2, 0.08, 0.08); /* requests are more of what comes */
    bounds_are_near(hot, 3, 0.15, 0.05);
}

/* A tenth of a small record's bytes are its lengths, times and offsets: 3.5 % were missing. */
static void bounds__have_all_bytes_of_small_records(void **state)
{
    (void)state;
    static const char *const small[] = {"producers.p.record.size=100 B",
                                        "producers.p.rate=20 MB/s"};
    bounds_are_near(small, 2, 0.08, 0.015);
}

/* A flush each thousand records has a megabyte to write, and appends that flush nothing wait for it: 8 % were expected of 21. */
static void bounds__have_what_a_rare_flush_writes(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.t.config.flush.messages=1000",
                                       "producers.p.partitioner=uniform",
                                       "producers.p.rate=20 MB/s"};
    for (int count = 1; count <= 3; count += 2) {
        struct result *r = study_fixture(full_batches, sets, count);
        near(result_bound_of(r, "network in")->utilisation, used_of(r, RESULT_NETWORK_IN), 0.03);
        near(result_bound_of(r, "I/O threads")->utilisation, used_of(r, RESULT_IO_THREADS), 0.25);
        result_free(r);
    }
}

/* Two hyper-threads are busy together far more often than either alone says, for one message wakes several threads: 18 % were missing. */
static void bounds__have_threads_that_wake_together_on_one_core(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, machine: aws/m5.large, volumes: {type: gp2, size: 1000 GB}, racks: "
        "[a, b, c]}\n"
        "topics: {t: {partitions: 36, replication: 3, config: {retention.ms: 24 h}}}\n"
        "producers: {p: {topic: t, clients: 6, rate: 30 MB/s, config: {linger.ms: 5, batch.size: "
        "65536}}}\n"
        "groups: {a: {topics: [t], clients: 6}, b: {topics: [t], clients: 6}, c: {topics: [t], "
        "clients: 6}}\n"
        "start: {credits: full, logs: empty}\n"
        "run: {warmup: 1 s, measure: 5 s, replications: 1}\n";
    static const char *const machines[] = {"cluster.machine=aws/m5.large",
                                           "cluster.machine=aws/m5.xlarge",
                                           "cluster.machine=aws/m7g.large"};
    for (int i = 0; i < 3; i++) {
        struct result *r = study_fixture(text, &machines[i], 1);
        near(result_bound_of(r, "cpu")->utilisation, used_of(r, RESULT_CPU), 0.08);
        result_free(r);
    }
}

/* Hundreds of messages of two kilobytes: a frame each, and what requests and answers have beside their payload. */
static void bounds__have_the_frames_of_small_messages(void **state)
{
    (void)state;
    static const char *const little[] = {"producers.p.rate=1 MB/s",
                                         "run={warmup: 1 s, measure: 20 s, replications: 1}"};
    struct result *r = study_fixture(full_batches, little, 2);
    near(result_bound_of(r, "network in")->utilisation, used_of(r, RESULT_NETWORK_IN), 0.02);
    near(result_bound_of(r, "network out")->utilisation, used_of(r, RESULT_NETWORK_OUT), 0.03);
    result_free(r);
}

/* Of one broker's partitions every second batch is cut by the request of the one before; a sixth fewer requests were expected of three. */
static void bounds__have_the_batches_that_other_requests_cut(void **state)
{
    (void)state;
    static const char *const one[] = {"cluster.brokers=1", "topics.t.replication=1"};
    bounds_are_near(NULL, 0, 0.08, 0.03);
    struct result *r = study_fixture(full_batches, one, 2);
    const char *formula = result_bound_of(r, "cpu")->formula;
    double batches = strtod(strstr(formula, "of followers, ") + 14, NULL);
    near(batches, r->flows[0].batches_per_s.value, 0.03);
    near(result_bound_of(r, "network threads")->utilisation, used_of(r, RESULT_NETWORK_THREADS),
         0.1);
    result_free(r);
}

/* Ten partitions of a leader have a batch in each request: a fetch takes all of them. */
static void bounds__have_one_fetch_for_what_comes_together(void **state)
{
    (void)state;
    static const char *const keyed[] = {"producers.p.partitioner=uniform"};
    bounds_are_near(keyed, 1, 0.1, 0.03);
}

static double of(const struct result *r, enum result_resource_kind kind, const char *busiest)
{
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == kind && strcmp(r->resources[i].busiest, busiest) == 0)
            return r->resources[i].now.value;
    fail_msg("no such resource");
    return 0;
}

/* Sixty clients' threads sleep between requests, and fetch into their caches what they had there: five times what the requests take. */
static void bounds__have_what_clients_compute_at_waking(void **state)
{
    (void)state;
    static const char *const many[] = {"producers.p.clients=60", "groups.g.clients=1"};
    struct result *r = study_fixture(full_batches, many, 2);
    near(result_bound_of(r, "client cpu of p")->utilisation, of(r, RESULT_CLIENT_CPU, "p clients"),
         0.2);
    near(result_bound_of(r, "client thread of g")->utilisation, of(r, RESULT_CLIENT_THREAD, "g"),
         0.1);
    result_free(r);
}

/* The bound has the load once for each group; one that is ten minutes behind reads what the interface gives. */
static void bound__is_left_behind_by_a_group_that_catches_up(void **state)
{
    (void)state;
    static const char *const sets[] = {"groups.batch.lag=10 m", "start.logs=retained",
                                       "topics.t.config.retention.ms=15 m",
                                       "cluster.machine.network.baseline=320 Mbit/s"};
    struct result *r = study_fixture(study_fixture_text, sets, 4);
    const struct result_warning *w = size_fixture_find_warning(r, "network out: simulated ");
    assert_non_null(w);
    assert_non_null(strstr(w->remedy, "a group that catches up reads faster"));
    result_free(r);
}

/* 2 MB/s through a link of 1 MB/s that has credits for 10: nothing waits. */
static void link__with_burst_credits_is_not_said_to_make_wait(void **state)
{
    (void)state;
    static const char *const sets[] = {
        ("cluster.machine={vcpus: 4, ram: 16 GiB, network: {baseline: 10 Gbit/s}, block: "
         "{baseline: 1 MB/s, burst: 10 MB/s, burst_time: 30 m}}"),
        "cluster.volumes={type: gp3, size: 1 TB}", "start={credits: full, logs: empty}"};
    struct result *r = study_fixture(study_fixture_text, sets, 3);
    const struct result_warning *w =
        size_fixture_find_warning(r, "disk bandwidth: simulated 100 %, bound ");
    assert_non_null(w);
    assert_string_equal(w->remedy, "it takes all that the machine sustains towards its volumes, "
                                   "and burst credits while they last");
    assert_true(r->latencies[0].p50_ns.known);
    for (uint32_t i = 0; i < r->resource_count; i++) /* of what is yet to be written back, too */
        if (r->resources[i].kind == RESULT_DISK_BANDWIDTH)
            assert_string_equal(r->resources[i].note, "by machine-to-volume throughput");
    result_free(r);
}

/* Eight producers, a request each 50 ms for each broker, which brings what came to its partitions meanwhile: readers get that at once. */
static void bounds__of_requests_of_many_partitions_are_near_the_run(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, racks: [a, b, c], machine: {vcpus: 2, ram: 8 GiB, network: "
        "{baseline: 1 Gbit/s}, disks: {type: ssd, size: 1 TB}}}\n"
        "topics: {t: {partitions: 64, replication: 3}}\n"
        "producers: {p: {topic: t, clients: 8, rate: 10000 records/s, record: {size: 150 B, key: "
        "16 B}, partitioner: keyed, keys: {count: 100000, zipf: 0}, config: {linger.ms: 50}}}\n"
        "groups: {state: {topics: [t], clients: 8}, alerts: {topics: [t], clients: 4}}\n"
        "start: {logs: empty}\n"
        "horizon: {length: 1 d}\n"
        "run: {warmup: 1 s, measure: 2 s, replications: 2}\n";
    struct result *r = study_fixture(text, NULL, 0);
    near(result_bound_of(r, "cpu")->utilisation, used_of(r, RESULT_CPU), 0.1);
    assert_null(size_fixture_find_warning(r, "cpu: simulated"));
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources__are_compared_with_their_bounds),
        cmocka_unit_test(bound__of_syncing_threads_is_near_the_run),
        cmocka_unit_test(bounds__of_requests_of_many_partitions_are_near_the_run),
        cmocka_unit_test(bounds__of_small_requests_are_near_the_run),
        cmocka_unit_test(bounds__have_the_batches_that_the_learned_ratio_leaves),
        cmocka_unit_test(bounds__have_the_batches_that_other_requests_cut),
        cmocka_unit_test(bounds__have_all_bytes_of_small_records),
        cmocka_unit_test(bounds__have_threads_that_wake_together_on_one_core),
        cmocka_unit_test(bounds__have_what_a_rare_flush_writes),
        cmocka_unit_test(bounds__have_the_frames_of_small_messages),
        cmocka_unit_test(bounds__have_one_fetch_for_what_comes_together),
        cmocka_unit_test(bounds__have_what_clients_compute_at_waking),
        cmocka_unit_test(bound__is_left_behind_by_a_group_that_catches_up),
        cmocka_unit_test(link__with_burst_credits_is_not_said_to_make_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
