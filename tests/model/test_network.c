/* Messages between machines, by hand. Interfaces of 1 GB/s on the wire and MTU 1500 unless a test says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/hardware/call.h"
#include "model/hardware/machine.h"
#include "model/hardware/network.h"

#define US     INT64_C(1000)
#define MS     INT64_C(1000000)
#define RTT_NS (200 * US)

static struct sim the_sim;
static struct model_net net;
static struct model_machine machine[3]; /* only rack and nic are looked at */

static void start_net(const struct model_net_config *config, double bytes_per_s)
{
    sim_init(&the_sim);
    model_net_init(&net, &the_sim, config);
    memset(machine, 0, sizeof(machine));
    struct model_nic_config nic = {.baseline_bytes_per_s = bytes_per_s};
    for (int i = 0; i < 3; i++)
        model_nic_init(&machine[i].nic, &net, &nic);
}

static void start_plain(double bytes_per_s)
{
    struct model_net_config config = {
        .same_rack_rtt_ns = RTT_NS, .cross_rack_rtt_ns = 4 * RTT_NS, .mtu = 1500};
    start_net(&config, bytes_per_s);
}

static void stop_net(void)
{
    for (int i = 0; i < 3; i++)
        model_nic_release(&machine[i].nic);
    model_net_release(&net);
    sim_release(&the_sim);
}

struct message {
    struct model_transfer transfer;
    int64_t done_ns;
    int order;
};

static int arrivals;

static void message_done(struct model_transfer *transfer)
{
    struct message *m = transfer->owner;
    m->done_ns = sim_now_ns(&the_sim);
    m->order = arrivals++;
}

static void send(struct message *m, int from, int to, uint64_t bytes,
                 struct model_connection *connection)
{
    memset(m, 0, sizeof(*m));
    m->done_ns = -1;
    m->transfer.done = message_done;
    m->transfer.owner = m;
    model_net_send(&net, &m->transfer, &machine[from], &machine[to], bytes, connection);
}

static void small__takes_its_bytes_frames_and_half_a_round_trip(void **state)
{
    (void)state;
    start_plain(1e9);
    struct message m;
    send(&m, 0, 1, 1000, NULL); /* one frame: 1000 + 38 + 52 bytes at 1 ns */
    assert_int_equal(m.done_ns, -1);
    sim_run(&the_sim);
    assert_int_equal(m.done_ns, 1090 + RTT_NS / 2);
    assert_int_equal(sim_event_count(&the_sim), 1);
    stop_net();
}

static void wire_bytes__count_a_frame_for_each_segment(void **state)
{
    (void)state;
    start_plain(1e9);
    assert_float_equal(model_net_wire_bytes(&net, 1), 91, 1e-9);
    assert_float_equal(model_net_wire_bytes(&net, 1448), 1538, 1e-9);
    assert_float_equal(model_net_wire_bytes(&net, 1449), 1449 + 180, 1e-9);
    assert_float_equal(model_net_wire_bytes(&net, 1448000), 1538000, 1e-6);
    stop_net();
}

static void small__pass_a_line_one_after_the_other(void **state)
{
    (void)state;
    start_plain(1e9);
    struct message a, b;
    send(&a, 0, 1, 1000, NULL);
    send(&b, 0, 2, 1000, NULL);
    sim_run(&the_sim);
    assert_int_equal(a.done_ns, 1090 + RTT_NS / 2);
    assert_int_equal(b.done_ns, 2180 + RTT_NS / 2);
    stop_net();
}

static void transfer__ends_with_the_slower_of_its_interfaces(void **state)
{
    (void)state;
    start_plain(1e9);
    model_nic_release(&machine[1].nic);
    struct model_nic_config slow = {.baseline_bytes_per_s = 0.1e9};
    model_nic_init(&machine[1].nic, &net, &slow);
    struct message a, b;
    send(&a, 0, 1, 1000, NULL);
    sim_run(&the_sim);
    assert_int_equal(a.done_ns, 10900 + RTT_NS / 2);
    int64_t began_ns = sim_now_ns(&the_sim);
    send(&b, 0, 1, 1448000, NULL);
    sim_run(&the_sim);
    assert_int_equal(b.done_ns, began_ns + 15380000 + RTT_NS / 2);
    stop_net();
}

static void large__share_a_line(void **state)
{
    (void)state;
    start_plain(1e9);
    struct message a, b; /* 1.538 ms each alone; the receivers are different */
    send(&a, 0, 1, 1448000, NULL);
    sim_run_until(&the_sim, 538 * US);
    send(&b, 0, 2, 1448000, NULL);
    sim_run(&the_sim);
    /* a has 1 ms left, at half the rate 2 ms; b then has 0.538 left alone. */
    assert_int_equal(a.done_ns, 538 * US + 2 * MS + RTT_NS / 2);
    assert_int_equal(b.done_ns, 538 * US + 2 * MS + 538 * US + RTT_NS / 2);
    stop_net();
}

static void small__delay_a_large_one_by_their_own_time(void **state)
{
    (void)state;
    start_plain(1e9);
    struct message large, small[10];
    send(&large, 0, 1, 1448000, NULL);
    sim_run_until(&the_sim, 100 * US);
    for (int i = 0; i < 10; i++)
        send(&small[i], 0, 2, 1448, NULL);
    sim_run(&the_sim);
    /* Of two that share the line, the small one takes twice its time. */
    assert_int_equal(small[0].done_ns, 100 * US + 2 * 1538 + RTT_NS / 2);
    assert_int_equal(large.done_ns, 1538 * US + 15380 + RTT_NS / 2);
    stop_net();
}

static void connection__keeps_the_order(void **state)
{
    (void)state;
    start_plain(1e9);
    arrivals = 0;
    struct model_connection connection = {.client = &machine[0], .server = &machine[1]};
    struct message m[5];
    send(&m[0], 0, 1, 1000000, &connection);
    send(&m[1], 0, 1, 100, &connection);
    send(&m[2], 0, 1, 1000000, &connection);
    send(&m[3], 0, 1, 100, &connection);
    send(&m[4], 1, 0, 100, &connection); /* the other direction does not wait */
    sim_run(&the_sim);
    assert_int_equal(m[4].order, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(m[i].order, i + 1);
    assert_true(m[1].done_ns > m[0].done_ns);
    stop_net();
}

static void connection__keeps_the_order_of_small_ones_with_jitter(void **state)
{
    (void)state;
    struct model_net_config config = {
        .same_rack_rtt_ns = RTT_NS, .rtt_sigma = 1, .mtu = 1500, .seed = 7};
    start_net(&config, 1e9);
    arrivals = 0;
    struct model_connection connection = {.client = &machine[0], .server = &machine[1]};
    static struct message m[500];
    for (int i = 0; i < 500; i++)
        send(&m[i], 0, 1, 100, &connection);
    sim_run(&the_sim);
    for (int i = 0; i < 500; i++)
        assert_int_equal(m[i].order, i);
    stop_net();
}

static void window__lets_its_size_go_at_once(void **state)
{
    (void)state;
    start_plain(1e9);
    struct model_connection connection = {
        .client = &machine[0], .server = &machine[1], .window_bytes = 65536};
    struct message m;
    send(&m, 0, 1, 60000, &connection);
    sim_run(&the_sim);
    double wire = model_net_wire_bytes(&net, 60000);
    assert_int_equal(m.done_ns, (int64_t)wire + RTT_NS / 2);
    stop_net();
}

static void single_flow__is_limited_though_the_line_is_free(void **state)
{
    (void)state;
    struct model_net_config config = {
        .same_rack_rtt_ns = RTT_NS, .mtu = 1500, .single_flow_bytes_per_s = 0.1e9};
    start_net(&config, 1e9);
    struct model_connection connection = {.client = &machine[0], .server = &machine[1]};
    struct message m[3];
    for (int i = 0; i < 3; i++)
        send(&m[i], 0, 1, 1000000, &connection);
    sim_run(&the_sim);
    assert_int_equal(m[2].done_ns, 30 * MS + RTT_NS / 2);
    stop_net();
}

static void loopback__uses_no_interface(void **state)
{
    (void)state;
    struct model_net_config config = {.loopback_rtt_ns = 20 * US, .mtu = 1500};
    start_net(&config, 1);
    struct message m;
    send(&m, 0, 0, 10000000, NULL);
    sim_run(&the_sim);
    assert_int_equal(m.done_ns, 10 * US);
    assert_float_equal(machine[0].nic.out.wire_bytes, 0, 0);
    stop_net();
}

static void racks__are_further_apart(void **state)
{
    (void)state;
    start_plain(0); /* no limit */
    machine[1].rack = 1;
    struct message m, n;
    send(&m, 0, 1, 100, NULL);
    send(&n, 0, 2, 100000000, NULL);
    sim_run(&the_sim);
    assert_int_equal(m.done_ns, 2 * RTT_NS);
    assert_int_equal(n.done_ns, RTT_NS / 2);
    stop_net();
}

static void credits__carry_a_burst_and_then_end(void **state)
{
    (void)state;
    struct model_net_config config = {.same_rack_rtt_ns = RTT_NS, .mtu = 1500};
    start_net(&config, 0);
    struct model_nic_config nic = {.baseline_bytes_per_s = 0.5e9,
                                   .burst_bytes_per_s = 1e9,
                                   .credit_bytes = 500000,
                                   .credits_full = true};
    model_nic_init(&machine[0].nic, &net, &nic);
    struct message m;
    /* 1 ms at 1 GB/s spends the credits; the other 538,000 wire bytes go at half of that. */
    send(&m, 0, 1, 1448000, NULL);
    sim_run(&the_sim);
    assert_in_range(m.done_ns, 1 * MS + 1076 * US + RTT_NS / 2,
                    1 * MS + 1076 * US + RTT_NS / 2 + 8);
    /* Idle for 0.4 ms they come back at the baseline: 200,000 bytes. */
    int64_t spent_ns = m.done_ns - RTT_NS / 2;
    sim_run_until(&the_sim, spent_ns + 400 * US);
    assert_float_equal(model_nic_credit_bytes(&machine[0].nic.out), 200000, 10);
    sim_run_until(&the_sim, spent_ns + 100 * MS);
    assert_float_equal(model_nic_credit_bytes(&machine[0].nic.out), 500000, 1e-6);
    stop_net();
}

static void small__spend_credits_too(void **state)
{
    (void)state;
    struct model_net_config config = {.same_rack_rtt_ns = RTT_NS, .mtu = 1500};
    start_net(&config, 0);
    struct model_nic_config nic = {.baseline_bytes_per_s = 0.5e9,
                                   .burst_bytes_per_s = 1e9,
                                   .credit_bytes = 10900,
                                   .credits_full = true};
    model_nic_init(&machine[0].nic, &net, &nic);
    struct message m[20]; /* of 1090 wire bytes: ten at 1 GB/s, ten at half of it */
    for (int i = 0; i < 20; i++)
        send(&m[i], 0, 1, 1000, NULL);
    sim_run(&the_sim);
    assert_int_equal(m[19].done_ns, 10900 + 21800 + RTT_NS / 2);
    stop_net();
}

static void delay__has_the_stated_median_and_spikes(void **state)
{
    (void)state;
    struct model_net_config config = {.same_rack_rtt_ns = RTT_NS,
                                      .cross_rack_rtt_ns = 4 * RTT_NS,
                                      .rtt_sigma = 0.35,
                                      .spike_ratio = 0.01,
                                      .spike_ns_min = 5 * MS,
                                      .spike_ns_max = 15 * MS,
                                      .seed = 3};
    start_net(&config, 0);
    machine[1].rack = 1;
    int below = 0, spikes = 0;
    struct message m;
    for (int i = 0; i < 20000; i++) {
        int64_t now_ns = sim_now_ns(&the_sim);
        send(&m, 0, 1, 100, NULL);
        sim_run(&the_sim);
        below += m.done_ns - now_ns < 2 * RTT_NS;
        spikes += m.done_ns - now_ns > 4 * MS;
    }
    /* Five standard deviations of a binomial count: 354 and 70. */
    assert_in_range(below, 9900 - 354, 9900 + 354);
    assert_in_range(spikes, 200 - 70, 200 + 70);
    stop_net();
}

/* Delays of 50 messages from machine 0 to 1 and back; where `others`, another connection's between them. */
static void delays_of_a(int64_t delays[100], bool others)
{
    struct model_net_config config = {
        .same_rack_rtt_ns = RTT_NS, .rtt_sigma = 0.5, .mtu = 1500, .seed = 5};
    start_net(&config, 0);
    struct model_connection a = {.client = &machine[0], .server = &machine[1]};
    struct model_connection b = {.client = &machine[0], .server = &machine[1]};
    if (others)
        model_net_connect(&net, &b, "b");
    model_net_connect(&net, &a, "a");
    struct message m, n;
    for (int i = 0; i < 100; i++) {
        if (others)
            send(&n, i % 3 ? 0 : 1, i % 3 ? 1 : 0, 100, &b);
        int64_t now_ns = sim_now_ns(&the_sim);
        send(&m, i % 2, 1 - i % 2, 100, &a);
        sim_run(&the_sim);
        delays[i] = m.done_ns - now_ns;
    }
    stop_net();
}

static void delay__of_a_connection_is_the_same_whoever_else_sends(void **state)
{
    (void)state;
    int64_t alone[100], among[100];
    delays_of_a(alone, false);
    delays_of_a(among, true);
    assert_memory_equal(alone, among, sizeof alone);
    assert_int_not_equal(alone[0], alone[2]);
}

static void used_ratio__is_of_the_baseline(void **state)
{
    (void)state;
    start_plain(1e9);
    struct message m;
    send(&m, 0, 1, 1448000, NULL);
    sim_run_until(&the_sim, 3076 * US);
    assert_float_equal(model_nic_used_ratio(&machine[0].nic.out), 0.5, 1e-9);
    assert_float_equal(model_nic_used_ratio(&machine[1].nic.in), 0.5, 1e-9);
    assert_float_equal(model_nic_used_ratio(&machine[0].nic.in), 0, 0);
    model_nic_reset_stats(&machine[0].nic);
    sim_run_until(&the_sim, 4 * MS);
    assert_float_equal(model_nic_used_ratio(&machine[0].nic.out), 0, 0);
    stop_net();
}

/* A line that is asked for three times what it has is used by the whole, not by three. */
static void used_ratio__counts_what_passed_and_not_what_waits(void **state)
{
    (void)state;
    for (int large = 0; large < 2; large++) {
        start_plain(1e9);
        static struct message m[400];
        for (int i = 0; i < 400; i++) /* 25 ms of line time, or 615 */
            send(&m[i], 0, 1, large ? 1448000 : 60000, NULL);
        sim_run_until(&the_sim, 10 * MS);
        assert_float_equal(model_nic_used_ratio(&machine[0].nic.out), 1, 1e-6);
        model_nic_reset_stats(&machine[0].nic);
        sim_run_until(&the_sim, 15 * MS);
        assert_float_equal(model_nic_used_ratio(&machine[0].nic.out), 1, 1e-6);
        sim_run(&the_sim);
        stop_net();
    }
}

/* The same messages on a slower line: none arrives sooner. */
static void line__that_is_slower_is_never_faster(void **state)
{
    (void)state;
    static struct message m[2][300];
    for (int slow = 0; slow < 2; slow++) {
        start_plain(slow ? 0.7e9 : 1e9);
        for (int i = 0; i < 300; i++) {
            send(&m[slow][i], i % 2, 2, (uint64_t)(i * 7919 % 300000 + 1), NULL);
            sim_run_until(&the_sim, sim_now_ns(&the_sim) + i * 733 % 400 * US);
        }
        sim_run(&the_sim);
        stop_net();
    }
    for (int i = 0; i < 300; i++)
        assert_true(m[1][i].done_ns >= m[0][i].done_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small__takes_its_bytes_frames_and_half_a_round_trip),
        cmocka_unit_test(wire_bytes__count_a_frame_for_each_segment),
        cmocka_unit_test(small__pass_a_line_one_after_the_other),
        cmocka_unit_test(transfer__ends_with_the_slower_of_its_interfaces),
        cmocka_unit_test(large__share_a_line),
        cmocka_unit_test(small__delay_a_large_one_by_their_own_time),
        cmocka_unit_test(connection__keeps_the_order),
        cmocka_unit_test(connection__keeps_the_order_of_small_ones_with_jitter),
        cmocka_unit_test(window__lets_its_size_go_at_once),
        cmocka_unit_test(single_flow__is_limited_though_the_line_is_free),
        cmocka_unit_test(loopback__uses_no_interface),
        cmocka_unit_test(racks__are_further_apart),
        cmocka_unit_test(credits__carry_a_burst_and_then_end),
        cmocka_unit_test(small__spend_credits_too),
        cmocka_unit_test(delay__has_the_stated_median_and_spikes),
        cmocka_unit_test(delay__of_a_connection_is_the_same_whoever_else_sends),
        cmocka_unit_test(used_ratio__is_of_the_baseline),
        cmocka_unit_test(used_ratio__counts_what_passed_and_not_what_waits),
        cmocka_unit_test(line__that_is_slower_is_never_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
