/* Which replica consumers read, in the bounds, the bill and the simulation; consumers of librdkafka; keys of modelled parts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/cluster/reading.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/small_cluster.h"

#define SECOND INT64_C(1000000000)

/* Its readers are all in rack b. */
static const char *const stream =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
    "topics: {t: {partitions: 6, replication: 3}}\n"
    "producers: {p: {clients: 4, rate: 20 MB/s, record: {size: 1 KiB}}}\n"
    "groups: {g: {clients: 3, racks: [b]}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

static const char *const near_set[] = {
    "cluster.config.replica.selector.class=RackAwareReplicaSelector"};

static const struct cluster_seen *run(struct small_cluster *small, const char *const *sets,
                                      int count)
{
    struct small_options options = {
        .seed = 1, .length_ns = 5 * SECOND, .sets = sets, .set_count = count};
    small_cluster_new_with(small, stream, &options);
    return small_cluster_run(small, SECOND, 4 * SECOND);
}

/* ---- which replica ---- */

static void shares__follow_the_racks_of_the_group(void **state)
{
    (void)state;
    struct sized z = size_fixture(stream, near_set[0], NULL);
    struct model_placement *m = model_placement_new(z.s, 1);
    for (int p = 0; p < 6; p++) {
        const struct model_replica *r = model_placement_replicas(m, 0, p);
        double shares[3];
        model_reading_shares(z.s, &z.s->groups[0], m, r, 3, shares);
        for (int i = 0; i < 3; i++)
            assert_true(shares[i] == (model_placement_rack_of(m, r[i].broker) == 1));
        assert_true(model_reading_elsewhere(z.s, &z.s->groups[0], m, r, 3) == 0);
        /* The replica of rack b is lost: the leader is read, in another rack. */
        assert_true(model_reading_elsewhere(z.s, &z.s->groups[0], m, r, 1) ==
                    (model_placement_rack_of(m, r[0].broker) != 1));
    }
    model_placement_free(m);
    size_fixture_release(&z);
}

static void shares__are_the_leader_s_without_a_selector(void **state)
{
    (void)state;
    struct sized z = size_fixture(stream, NULL);
    struct model_placement *m = model_placement_new(z.s, 1);
    double shares[3];
    model_reading_shares(z.s, &z.s->groups[0], m, model_placement_replicas(m, 0, 0), 3, shares);
    assert_true(shares[0] == 1 && shares[1] == 0 && shares[2] == 0);
    model_placement_free(m);
    size_fixture_release(&z);
}

static void bounds__move_the_readers_to_their_rack(void **state)
{
    (void)state;
    struct sized led = size_fixture(stream, NULL), close = size_fixture(stream, near_set[0], NULL);
    double even = size_fixture_bound(&led, "network out")->demand;
    double heaped = size_fixture_bound(&close, "network out")->demand;
    /* Replication 2/3 of 20 MB/s a broker; the readers' 20 MB/s on three brokers, or all on one. */
    near(even, 20e6 * (2.0 / 3 + 1.0 / 3), 0.05);
    near(heaped, 20e6 * (2.0 / 3 + 1), 0.05);
    size_fixture_release(&led);
    size_fixture_release(&close);
}

static void cost__has_no_consumers_between_racks(void **state)
{
    (void)state;
    struct sized led = size_fixture(stream, NULL), close = size_fixture(stream, near_set[0], NULL);
    const char *traffic = "cross-zone traffic";
    assert_null(strstr(size_fixture_cost(&led, traffic)->basis, "consume 0 MB/s"));
    assert_non_null(strstr(size_fixture_cost(&close, traffic)->basis, "consume 0 MB/s"));
    assert_true(size_fixture_cost(&close, traffic)->usd_per_month <
                size_fixture_cost(&led, traffic)->usd_per_month);
    size_fixture_release(&led);
    size_fixture_release(&close);
}

static void run__serves_consumers_from_their_rack_as_the_bound_says(void **state)
{
    (void)state;
    struct small_cluster small;
    struct sized z = size_fixture(stream, near_set[0], NULL);
    const struct cluster_seen *seen = run(&small, near_set, 1);

    assert_int_equal(seen->groups[0].stats->offset_resets, 0);
    near((double)seen->groups[0].stats->records, (double)seen->producers[0].stats->records_acked,
         0.02);
    near(seen->brokers[1].network_out_bytes_per_s, size_fixture_bound(&z, "network out")->demand,
         0.1);
    assert_true(seen->brokers[0].network_out_bytes_per_s <
                0.6 * seen->brokers[1].network_out_bytes_per_s);
    small_cluster_free(&small);
    size_fixture_release(&z);
}

/* The high watermark reaches a follower with its next fetch: one more wait than at the leader. */
static void run__reads_later_from_a_follower(void **state)
{
    (void)state;
    struct small_cluster led, close;
    double at_leader = sim_histogram_mean_ns(run(&led, NULL, 0)->groups[0].stats->end_to_end_ns);
    double near_by =
        sim_histogram_mean_ns(run(&close, near_set, 1)->groups[0].stats->end_to_end_ns);
    assert_true(near_by > at_leader);
    assert_true(near_by < at_leader + 50e6);
    small_cluster_free(&led);
    small_cluster_free(&close);
}

/* ---- librdkafka ---- */

static void run__librdkafka_consumers_read_all_without_sessions(void **state)
{
    (void)state;
    static const char *const sets[] = {"groups.g.client=librdkafka"};
    struct small_cluster java, other;
    const struct cluster_seen *a = run(&java, NULL, 0), *b = run(&other, sets, 1);
    near((double)b->groups[0].stats->records, (double)b->producers[0].stats->records_acked, 0.02);
    assert_true(a->groups[0].stats->fetches != b->groups[0].stats->fetches);
    assert_true(a->fingerprint != b->fingerprint);
    small_cluster_free(&java);
    small_cluster_free(&other);
}

static void client__has_settings_of_its_own(void **state)
{
    (void)state;
    struct sized z = size_fixture(stream, "groups.g.client=librdkafka",
                                  "groups.g.config.queued.min.messages=1000", NULL);
    const struct scenario_consumer_config *c = &z.s->groups[0].config;
    assert_int_equal(c->queued_min_messages, 1000);
    assert_int_equal(c->fetch_max_wait_ms, 500);
    assert_int_equal(c->max_partition_fetch_bytes, 1048576);
    assert_int_equal(c->request_timeout_ms, 60000);
    assert_int_equal(c->receive_buffer_bytes, -1);
    assert_int_equal(c->max_poll_records, INT64_MAX);
    size_fixture_release(&z);
}

/* ---- network and disks ---- */

static void run__spikes_delay_what_goes_between_racks(void **state)
{
    (void)state;
    static const char *const sets[] = {"cluster.network.spikes=5 %",
                                       "cluster.network.spike_min=100 ms",
                                       "cluster.network.spike_max=200 ms"};
    struct small_cluster calm, spiky;
    const struct cluster_seen *a = run(&calm, NULL, 0);
    double calm_ns = sim_histogram_mean_ns(a->producers[0].stats->latency_ns);
    const struct cluster_seen *b = run(&spiky, sets, 3);
    /* Produce, two fetches and answers: several messages between racks each, of which some are hit. */
    assert_true(sim_histogram_mean_ns(b->producers[0].stats->latency_ns) > calm_ns + 10e6);
    small_cluster_free(&calm);
    small_cluster_free(&spiky);
}

static void run__a_flush_waits_for_a_write_buffer_that_is_not_safe(void **state)
{
    (void)state;
    static const char *const text =
        "version: 1\n"
        "cluster: {brokers: 1, machine: {vcpus: 8, ram: 32 GiB, network: {baseline: 1 GB/s}, "
        "disks: "
        "{type: ssd, size: 1 TB, write: 100 MB/s, buffer: 4 GB, buffer_write: 1 GB/s, buffer_safe: "
        "SAFE}}}\n"
        "topics: {t: {partitions: 1, replication: 1, config: {flush.messages: 1}}}\n"
        "producers: {p: {rate: 5 MB/s, record: {size: 10 KiB}, config: {linger.ms: 50, "
        "batch.size: 1000000, "
        "max.request.size: 2000000}}}\n"
        "start: {logs: empty}\nrun: {measure: 10 s, warmup: 1 s}\n";
    double median_ns[2];
    for (int safe = 0; safe < 2; safe++) {
        char filled[2048];
        const char *at = strstr(text, "SAFE");
        snprintf(filled, sizeof filled, "%.*s%s%s", (int)(at - text), text, safe ? "true" : "false",
                 at + 4);
        struct small_cluster small;
        small_cluster_new(&small, filled, 1, 5 * SECOND);
        const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 4 * SECOND);
        median_ns[safe] =
            (double)sim_histogram_quantile_ns(seen->producers[0].stats->latency_ns, 0.5);
        small_cluster_free(&small);
    }
    /*
     * 50 ms of 5 MB/s are 250 kB; the flush of a buffer that is not safe waits 2.5 ms at least until they are in the flash, at 100 MB/s:
     * more when other writes are in the buffer.
     */
    assert_true(median_ns[0] - median_ns[1] > 2e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares__follow_the_racks_of_the_group),
        cmocka_unit_test(shares__are_the_leader_s_without_a_selector),
        cmocka_unit_test(bounds__move_the_readers_to_their_rack),
        cmocka_unit_test(cost__has_no_consumers_between_racks),
        cmocka_unit_test(run__serves_consumers_from_their_rack_as_the_bound_says),
        cmocka_unit_test(run__reads_later_from_a_follower),
        cmocka_unit_test(run__librdkafka_consumers_read_all_without_sessions),
        cmocka_unit_test(client__has_settings_of_its_own),
        cmocka_unit_test(run__spikes_delay_what_goes_between_racks),
        cmocka_unit_test(run__a_flush_waits_for_a_write_buffer_that_is_not_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
