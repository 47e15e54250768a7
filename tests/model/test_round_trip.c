/* Round trips against arithmetic, without costs of threads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/log_sync.h"
#include "model/cluster/round_trip.h"
#include "model/hardware/call.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

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

/* 4,194,304 bytes, writable up to 2,796,202: nine of 300 kB go in before that, the tenth as a whole; of 1.3 MB there is room for three. */
static void sockets__hold_what_comes_while_they_are_writable(void **state)
{
    (void)state;
    double header = (double)model_call_produce_overhead_bytes(1, 1);
    struct scenario_producer p = {.client = SCENARIO_CLIENT_LIBRDKAFKA,
                                  .config = {.send_buffer_bytes = -1}};
    near(round_trip_in_sockets(&p, 300000 - header), 10, 1e-12);
    near(round_trip_in_sockets(&p, 1300000 - header), 3, 1e-12);
    p.config.send_buffer_bytes = 30000;
    near(round_trip_in_sockets(&p, 1000 - header), 21, 1e-12);
    p.client = SCENARIO_CLIENT_JAVA;
    assert_true(isinf(round_trip_in_sockets(&p, 1000)));
}

/* Five records of a partition are enough: one batch of them, or three of two; of Java and of others as many as are set. */
static void idempotent_librdkafka__has_few_in_flight(void **state)
{
    (void)state;
    struct scenario_producer p = {.client = SCENARIO_CLIENT_LIBRDKAFKA,
                                  .config = {.max_in_flight = 5, .enable_idempotence = true}};
    near(round_trip_in_flight(&p, 3, 100), 3, 1e-12);
    near(round_trip_in_flight(&p, 1, 2), 3, 1e-12);
    near(round_trip_in_flight(&p, 8, 100), 5, 1e-12);
    near(round_trip_in_flight(&p, 0.5, 100), 1, 1e-12);
    p.client = SCENARIO_CLIENT_JAVA;
    near(round_trip_in_flight(&p, 1, 100), 5, 1e-12);
    p = (struct scenario_producer){.client = SCENARIO_CLIENT_LIBRDKAFKA,
                                   .config = {.max_in_flight = 1000000}};
    near(round_trip_in_flight(&p, 1, 100), 1000000, 1e-12);
}

/* 1 ms at the broker, wake-ups of 0.1 ms, a start of at most 0.5 ms, half of that after a sleep of as long as the start's own scale. */
static void alone__each_thread_sleeps_between_requests(void **state)
{
    (void)state;
    struct scenario_topic topic = {.replication = 3};
    struct scenario s = {.topics = &topic};
    struct scenario_producer p = {.config = {.acks = 1}};
    struct round_trip trip = {.s = &s, .speed = 1, .has_costs = true};
    trip.own.wakeup_ns = 100000;
    trip.own.cold_work_ns = 500000;
    trip.own.cold_sleep_ns = 1000000;
    near(round_trip_alone_s(&trip, &p, 0.001), 0.001 + 2 * 0.0005 / 2, 1e-9);
    p.config.acks = -1;
    near(round_trip_alone_s(&trip, &p, 0.001), 0.0014 + 6 * 0.0005 * 1.4 / 2.4, 1e-9);
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

static double produce_s(const struct round_trip *trip, const struct scenario_producer *p,
                        const struct round_trip_request *request, double others_per_s)
{
    struct round_trip_others others = {others_per_s, *request};
    return round_trip_produce_s(trip, p, request, &others);
}

/* 4 ms to the followers and back: once for who is alone, twice where others' records have always just left. */
static void acks_all__waits_for_a_loop_of_the_followers_or_two(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.network={cross_rack: 4 ms, jitter: 0}", NULL);
    struct scenario_producer p = z.s->producers[0];
    struct round_trip_request request = {1, 1, 10};
    struct round_trip trip;
    round_trip_init(&trip, z.s, 3, NULL);
    p.config.acks = 1;
    near(produce_s(&trip, &p, &request, 0), 0, 1e-12);
    p.config.acks = -1;
    near(produce_s(&trip, &p, &request, 0), 0.004, 0.001);
    near(produce_s(&trip, &p, &request, 1e5), 0.008, 0.01);
    near(produce_s(&trip, &p, &request, 100), 0.004 * (2 - exp(-0.4)), 0.001);
    size_fixture_release(&z);
}

/* 4 ms, and 1 ms of append for each batch: 500 a second fill half of the fetcher's time, so that a loop takes twice as long. */
static void loop__takes_longer_the_more_it_brings(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.network={cross_rack: 4 ms, jitter: 0}", NULL);
    struct model_profile profile = {.replica_append = {.batch_ns = 1e6}};
    struct round_trip trip;
    round_trip_init(&trip, z.s, 3, &profile);
    double batch_s = 1e-3 / trip.speed;
    struct round_trip_link quiet = {8, 0, 0, 0}, half = {8, 0.5 / batch_s, 0, 0},
                           full = {8, 2 / batch_s, 0, 0};
    struct round_trip_request four = {4, 4, 10};
    near(round_trip_loop_s(&trip, &quiet, NULL), 0.004, 1e-9);
    near(round_trip_loop_s(&trip, &quiet, &four), 0.004 + 4 * batch_s, 1e-5);
    near(round_trip_loop_s(&trip, &half, NULL), 0.008, 0.01);
    near(round_trip_loop_s(&trip, &full, NULL), 0.040, 1e-9);
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
    double alone = log_sync_s(z.s, 0, 4096, log_sync_dirty(topic, 4096));
    round_trip_init(&trip, z.s, 3, NULL);
    p.config.acks = 1;
    near(produce_s(&trip, &p, &one, 0), alone, 1e-9);
    near(produce_s(&trip, &p, &four, 0), 4 * alone, 1e-9);
    near(produce_s(&trip, &p, &one, 1e3), log_sync_s(z.s, 3e3, 4096, 1), 1e-9);
    p.config.acks = -1;
    near(produce_s(&trip, &p, &one, 0), 2 * alone + 0.004, 0.002);
    size_fixture_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtt__is_the_mean_with_its_spikes),
        cmocka_unit_test(flow__is_the_least_of_window_and_single_flow),
        cmocka_unit_test(transfer__lets_a_window_go_at_once),
        cmocka_unit_test(sockets__hold_what_comes_while_they_are_writable),
        cmocka_unit_test(idempotent_librdkafka__has_few_in_flight),
        cmocka_unit_test(alone__each_thread_sleeps_between_requests),
        cmocka_unit_test(in_flight__hide_the_way_and_not_the_broker),
        cmocka_unit_test(acks_all__waits_for_a_loop_of_the_followers_or_two),
        cmocka_unit_test(loop__takes_longer_the_more_it_brings),
        cmocka_unit_test(flushed_logs__hold_a_request_for_their_syncs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
