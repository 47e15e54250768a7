/* Round trips against arithmetic, without costs of threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/log_sync.h"
#include "model/cluster/round_trip.h"
#include "tests/support/size_fixture.h"

static void near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.10g is not %.10g within %g", got, want, relative);
}

/* e^(0.5^2 / 2) = 1.133; half of the messages, two a round trip, meet a spike of 2 ms on the average. */
static void rtt__is_the_mean_with_its_spikes(void **state)
{
    (void)state;
    struct scenario_network n = {.same_rack_rtt_ns = 1000000,
                                 .cross_rack_rtt_ns = 4000000,
                                 .rtt_sigma = 0.5,
                                 .spike_ratio = 0.5,
                                 .spike_ns_min = 1000000,
                                 .spike_ns_max = 3000000};
    near(round_trip_rtt_s(&n, false), 0.001 * exp(0.125), 1e-9);
    near(round_trip_rtt_s(&n, true), 0.004 * exp(0.125) + 2 * 0.5 * 0.002, 1e-9);
}

static void flow__is_the_least_of_window_and_single_flow(void **state)
{
    (void)state;
    struct scenario_network n = {.single_flow_bytes_per_s = 5e6};
    near(round_trip_flow_bytes_per_s(&n, 10000, 0.01), 1e6, 1e-12);
    near(round_trip_flow_bytes_per_s(&n, 1e6, 0.01), 5e6, 1e-12);
    near(round_trip_flow_bytes_per_s(&n, -1, 0.01), 5e6, 1e-12);
    n.single_flow_bytes_per_s = 0;
    assert_true(isinf(round_trip_flow_bytes_per_s(&n, 0, 0.01)));
}

/* A window of 10 kB goes at once, the other 20 kB take two round trips more; at 1 MB/s all of it takes 30 ms. */
static void transfer__lets_a_window_go_at_once(void **state)
{
    (void)state;
    struct scenario_network n = {0};
    near(round_trip_transfer_s(&n, 10000, 0.01, 10000), 0, 1e-12);
    near(round_trip_transfer_s(&n, 10000, 0.01, 30000), 0.02, 1e-12);
    n.single_flow_bytes_per_s = 1e6;
    near(round_trip_transfer_s(&n, 10000, 0.01, 30000), 0.03, 1e-12);
}

/* Five hide a way four times as long as the broker's part; beyond that the broker takes one after the other. */
static void in_flight__hide_the_way_and_not_the_broker(void **state)
{
    (void)state;
    near(round_trip_requests_per_s(1, 0.008, 0.002), 100, 1e-12);
    near(round_trip_requests_per_s(3, 0.008, 0.002), 300, 1e-12);
    near(round_trip_requests_per_s(5, 0.008, 0.002), 500, 1e-12);
    near(round_trip_requests_per_s(1000, 0.008, 0.002), 500, 1e-12);
}

/* 4 ms to the followers and back: once for who is alone, twice where others' records have always just left. */
static void acks_all__waits_for_a_loop_of_the_followers_or_two(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.network={cross_rack: 4 ms, jitter: 0}", NULL);
    struct scenario_producer p = z.s->producers[0];
    struct round_trip_request request = {1, 1, 1000};
    struct round_trip trip;
    round_trip_init(&trip, z.s, NULL);
    p.config.acks = 1;
    near(round_trip_produce_s(&trip, &p, &request, 0), 0, 1e-12);
    p.config.acks = -1;
    near(round_trip_produce_s(&trip, &p, &request, 0), 0.004, 0.001);
    near(round_trip_produce_s(&trip, &p, &request, 1e5), 0.008, 0.001);
    near(round_trip_produce_s(&trip, &p, &request, 100), 0.004 * (2 - exp(-0.4)), 0.001);
    size_fixture_release(&z);
}

/* Each batch of a flushed log waits for its sync, leaders' and followers' alike, and longer beside others' syncs; a request of four batches four times. */
static void flushed_logs__hold_a_request_for_their_syncs(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.network={cross_rack: 4 ms, jitter: 0}",
                     "topics.orders.config.flush.messages=1", NULL);
    const struct scenario_topic_config *topic = &z.s->topics[0].config;
    struct scenario_producer p = z.s->producers[0];
    struct round_trip_request one = {1, 1, 4096}, four = {4, 4, 4 * 4096};
    struct round_trip trip;
    double alone = log_sync_s(z.s, 0, log_sync_dirty(topic, 4096));
    round_trip_init(&trip, z.s, NULL);
    p.config.acks = 1;
    near(round_trip_produce_s(&trip, &p, &one, 0), alone, 1e-9);
    near(round_trip_produce_s(&trip, &p, &four, 0), 4 * alone, 1e-9);
    near(round_trip_produce_s(&trip, &p, &one, 1e3), log_sync_s(z.s, 3e3, 1), 1e-9);
    p.config.acks = -1;
    near(round_trip_produce_s(&trip, &p, &one, 0), 2 * alone + 0.004, 0.002);
    size_fixture_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtt__is_the_mean_with_its_spikes),
        cmocka_unit_test(flow__is_the_least_of_window_and_single_flow),
        cmocka_unit_test(transfer__lets_a_window_go_at_once),
        cmocka_unit_test(in_flight__hide_the_way_and_not_the_broker),
        cmocka_unit_test(acks_all__waits_for_a_loop_of_the_followers_or_two),
        cmocka_unit_test(flushed_logs__hold_a_request_for_their_syncs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
