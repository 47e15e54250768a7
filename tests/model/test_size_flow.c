/* Flows: expected batches against exact expectations, shares and shapes against arithmetic. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/cluster/flow.h"
#include "sim/random.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/* Without a limit a batch has its first record and a linger of others; with one record of room it has one. */
static void batch__holds_the_first_record_and_one_linger(void **state)
{
    (void)state;
    near(model_flow_batch(1000, 1, 0.010, 1e9), 11, 1e-9);
    near(model_flow_batch(1000, 1, 0.010, 1), 1, 1e-12);
    near(model_flow_batch(1000, 1, 0, 50), 1, 1e-12);
    near(model_flow_batch(1e6, 1, 0.010, 50), 50, 1e-9);
    near(model_flow_batch(100, 8, 0.010, 1e9), 16, 1e-9); /* two bursts of eight */
}

/* E[min(k, 1 + N)] by drawing N: 200,000 batches around the size where both linger and size end them. */
static void batch__agrees_with_drawing_at_the_knee(void **state)
{
    (void)state;
    struct sim_stream random;
    sim_stream_init(&random, 1, 0, "knee");
    for (int most = 6; most <= 16; most += 5) {
        double sum = 0;
        for (int i = 0; i < 200000; i++) {
            int64_t n = 1 + sim_poisson(&random, 10);
            sum += n < most ? (double)n : most;
        }
        near(model_flow_batch(1000, 1, 0.010, most), sum / 200000, 0.003);
    }
}

struct flowing {
    struct sized z;
    struct model_placement *m;
    struct model_shares *shares;
    struct model_flows *f;
};

static struct flowing open_flows(const char *a, const char *b, const char *c)
{
    struct flowing x = {.z = size_fixture(size_fixture_text, a, b, c, NULL)};
    x.m = model_placement_new(x.z.s, 1);
    x.shares = model_shares_new(x.z.s);
    x.f = model_flows_new(x.z.s, NULL, x.m, x.shares, 1);
    return x;
}

static void close_flows(struct flowing *x)
{
    model_flows_free(x->f);
    model_shares_free(x->shares);
    model_placement_free(x->m);
    size_fixture_release(&x->z);
}

static void flows__sum_to_the_stated_load(void **state)
{
    (void)state;
    struct flowing x = open_flows(NULL, NULL, NULL);
    double records = 0, payload = 0, wire = 0, batches = 0;
    for (int p = 0; p < 48; p++) {
        const struct model_flow *f = model_flows_partition(x.f, 0, p);
        records += f->records_per_s;
        payload += f->payload_bytes_per_s;
        wire += f->wire_bytes_per_s;
        batches += f->batches_per_s;
    }
    const struct model_producer_flow *sum = model_flows_producer(x.f, 0);
    near(records, 12000, 1e-9);
    near(payload, 12e6, 1e-9);
    near(records, sum->records_per_s, 1e-12);
    near(sum->records_per_batch, SIZE_FIXTURE_BATCH, 1e-5); /* full: (65536 - 61) / 1010 */
    near(wire, batches * (61 + SIZE_FIXTURE_BATCH * 1010), 1e-5);
    close_flows(&x);
}

/*
 * A client's 1,000 records a second over 48 keyed partitions on six leaders: a broker's cycle is its first record of 167/s
 * and 100 ms of linger, so about 9.4 a second, and takes nearly every one of the eight partitions along.
 */
static void flows__keyed_java_sends_what_a_broker_has(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.partitioner=keyed",
                                  "producers.checkout.keys={count: 1000000, zipf: 0}", NULL);
    const struct model_producer_flow *f = model_flows_producer(x.f, 0);
    double requests = 12 * 6 / (6 / 1000.0 + 0.1);
    near(f->requests_per_s, requests, 0.01);
    near(f->batches_per_s / f->requests_per_s, 8 * (1 - 7 / 8.0 * exp(-1000.0 / 48 * 0.1)), 0.02);
    close_flows(&x);
}

/* librdkafka: a request for each batch; 20.8 records a second and partition linger 100 ms alone: 3.08 a batch. */
static void flows__keyed_librdkafka_lingers_alone(void **state)
{
    (void)state;
    struct flowing x =
        open_flows("producers.checkout.client=librdkafka", "producers.checkout.partitioner=keyed",
                   "producers.checkout.keys={count: 1000000, zipf: 0}");
    const struct model_producer_flow *f = model_flows_producer(x.f, 0);
    near(f->records_per_batch, 1 + 1000.0 / 48 * 0.1, 0.01);
    near(f->requests_per_s, f->batches_per_s, 1e-12);
    close_flows(&x);
}

/* A burst of 480 leaves ten records in each of 48 partitions; another comes each 480 ms, and in one of five lingers of 100 ms. */
static void flows__keyed_librdkafka_gets_its_part_of_a_burst_at_once(void **state)
{
    (void)state;
    struct flowing x =
        open_flows("producers.checkout.client=librdkafka", "producers.checkout.partitioner=uniform",
                   "producers.checkout.arrivals={burst: {records: 480}}");
    near(model_flows_producer(x.f, 0)->records_per_batch, 10 * (1 + 0.1 / 0.48), 0.01);
    close_flows(&x);
}

/* 130 records of 6,240 come to a partition together, where a batch holds 65: two full ones, and a rest half of the time; three requests a leader. */
static void flows__keyed_java_cuts_a_burst_into_batches(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.partitioner=uniform",
                                  "producers.checkout.arrivals={burst: {records: 6240}}", NULL);
    const struct model_producer_flow *f = model_flows_producer(x.f, 0);
    near(f->records_per_batch, 130 / 2.5, 0.01);
    near(f->requests_per_s, f->batches_per_s / 8, 0.01);
    close_flows(&x);
}

/* Ten of 480 come to each of 48 partitions, and to each of the six leaders with each burst: a cycle is the wait for one, and the linger. */
static void flows__keyed_java_begins_a_cycle_with_a_burst(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.partitioner=uniform",
                                  "producers.checkout.arrivals={burst: {records: 480}}", NULL);
    near(model_flows_producer(x.f, 0)->requests_per_s, 12 * 6 / (0.48 + 0.1), 0.01);
    close_flows(&x);
}

/* sticky.partitioning.linger.ms 0: each record draws its partition, which lingers alone again. */
static void flows__keyless_librdkafka_that_sticks_to_nothing_lingers_alone(void **state)
{
    (void)state;
    struct flowing x =
        open_flows("producers.checkout.client=librdkafka",
                   "producers.checkout.config={linger.ms: 100, sticky.partitioning.linger.ms: 0}",
                   "producers.checkout.partitioner=sticky");
    near(model_flows_producer(x.f, 0)->records_per_batch, 1 + 1000.0 / 48 * 0.1, 0.01);
    close_flows(&x);
}

/* 100 ms are ten turns of 10 ms: the first is the batch's own, each of the others with one chance in 48. */
static void flows__keyless_librdkafka_draws_a_lingering_batch_again(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.client=librdkafka",
                                  "producers.checkout.config.linger.ms=100",
                                  "producers.checkout.partitioner=sticky");
    near(model_flows_producer(x.f, 0)->records_per_batch, 1 + 1000 * (0.010 + 0.090 / 48), 1e-3);
    close_flows(&x);
}

static void flows__hottest_partition_has_its_share(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=40 %", NULL);
    double most = 0;
    for (int p = 0; p < 48; p++)
        most = fmax(most, model_flows_partition(x.f, 0, p)->records_per_s);
    near(most, 0.4 * 12000, 1e-9);
    near(model_flows_producer(x.f, 0)->hottest_share, 0.4, 1e-9);
    close_flows(&x);
}

/* The ratio is that of the batch as it leaves: single records gain less than full batches would, and the header gains nothing. */
static void flows__compress_by_the_size_of_the_batch(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.config={compression.type: lz4, linger.ms: 0}",
                                  "producers.checkout.compression_ratio={1 KiB: 2, 64 KiB: 4}",
                                  "producers.checkout.rate=12 kB/s"); /* none waits for another */
    const struct model_producer_flow *f = model_flows_producer(x.f, 0);
    near(f->records_per_batch, 1, 1e-9);
    near(f->ratio, 2, 1e-9); /* 1009 bytes: at the low end of the table */
    near(f->wire_bytes_per_s, 12 * (61 + 1009 / 2.0), 1e-9);
    close_flows(&x);
}

/* Records alone gain nothing, full batches three quarters. */
static const char ratio_from_1_to_4[] =
    "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 4}";
static const char lz4_20_ms[] =
    "producers.checkout.config={compression.type: lz4, linger.ms: 20, batch.size: 1 MB}";

static double wire_at(const struct flowing *x, double factor)
{
    struct model_flows *f = model_flows_new(x->z.s, NULL, x->m, x->shares, factor);
    double wire = model_flows_producer(f, 0)->wire_bytes_per_s;
    model_flows_free(f);
    return wire;
}

/* Half the day 21 records a batch, half of it 3: ten elevenths of the bytes come in the larger, which are half as large to keep. */
static void flows_mean__is_that_of_what_the_hours_bring(void **state)
{
    (void)state;
    struct flowing x = open_flows(size_fixture_busy_half_day, lz4_20_ms, ratio_from_1_to_4);
    struct model_flows *mean = model_flows_mean(x.z.s, NULL, x.m, x.shares, NULL);
    const struct model_producer_flow *f = model_flows_producer(mean, 0);
    const double *week = model_flows_week(mean, 0);
    near(f->records_per_s, 12000 * 0.55, 1e-9);
    near(f->wire_bytes_per_s, (wire_at(&x, 1) + wire_at(&x, 0.1)) / 2, 0.001);
    assert_true(f->wire_bytes_per_s < 0.95 * wire_at(&x, 0.55));
    near(week[3], wire_at(&x, 0.1), 0.001);
    near(week[167 - 10], wire_at(&x, 1), 0.001);
    near(model_flows_partition(mean, 0, 5)->wire_bytes_per_s, f->wire_bytes_per_s / 48, 1e-9);
    model_flows_free(mean);
    close_flows(&x);
}

/* A fifth of the time four times the mean, else a quarter of it: batches are those of either, not of a mean that hardly ever is. */
static void flows__of_a_modulated_rate_have_the_batches_of_both_states(void **state)
{
    (void)state;
    struct flowing x = open_flows(lz4_20_ms, ratio_from_1_to_4, NULL);
    double wire = 0.2 * wire_at(&x, 4) + 0.8 * wire_at(&x, 0.25), even = wire_at(&x, 1);
    close_flows(&x);
    x = open_flows(lz4_20_ms, ratio_from_1_to_4,
                   "producers.checkout.arrivals={mmpp: {high: 4, busy: 2 s, quiet: 8 s}}");
    near(model_flows_producer(x.f, 0)->records_per_s, 12000, 1e-9);
    near(model_flows_producer(x.f, 0)->wire_bytes_per_s, wire, 1e-9);
    assert_true(wire < 0.95 * even);
    close_flows(&x);
    x = open_flows(lz4_20_ms, ratio_from_1_to_4, /* no batch sees one state alone */
                   "producers.checkout.arrivals={mmpp: {high: 4, busy: 2 ms, quiet: 8 ms}}");
    near(model_flows_producer(x.f, 0)->wire_bytes_per_s, even, 1e-9);
    close_flows(&x);
}

/* A grown load has larger batches: what is kept and what crosses grows less than the records do. */
static void flows_mean__has_the_batches_of_the_grown_load(void **state)
{
    (void)state;
    struct flowing x = open_flows(lz4_20_ms, ratio_from_1_to_4, NULL);
    const double twice[] = {2};
    struct model_flows *mean = model_flows_mean(x.z.s, NULL, x.m, x.shares, twice);
    near(model_flows_producer(mean, 0)->records_per_s, 24000, 1e-9);
    near(model_flows_producer(mean, 0)->wire_bytes_per_s, wire_at(&x, 2), 1e-9);
    assert_true(wire_at(&x, 2) < 1.8 * wire_at(&x, 1));
    model_flows_free(mean);
    close_flows(&x);
}

/* The hottest of keyed partitions fills larger batches than the others: its part of the bytes is less than of the records. */
static void flows__know_what_each_producer_puts_on_each_partition(void **state)
{
    (void)state;
    struct flowing x = open_flows("producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=30 %", lz4_20_ms);
    const struct model_producer_flow *f = model_flows_producer(x.f, 0);
    double sum = 0, most = 0;
    for (int p = 0; p < 48; p++) {
        near(f->wire[p], model_flows_partition(x.f, 0, p)->wire_bytes_per_s, 1e-12);
        sum += f->wire[p];
        most = fmax(most, f->wire[p]);
    }
    near(sum, f->wire_bytes_per_s, 1e-9);
    near(f->hottest_share, 0.3, 1e-9);
    assert_true(most < 0.29 * sum);
    close_flows(&x);
}

/* Half the day at the peak, half at nothing: mean one half, any six hours may be at the peak, a day never. */
static void shape__has_mean_and_worst_stretch(void **state)
{
    (void)state;
    struct scenario_producer p;
    memset(&p, 0, sizeof p);
    for (int h = 0; h < 24; h++)
        p.daily[h] = h < 12;
    for (int d = 0; d < 7; d++)
        p.weekly[d] = 1;
    p.payload_bytes_per_s_peak = 10;
    p.payload_bytes_per_s_mean = 5;
    const int64_t hour = 3600000000000;
    near(model_shape_mean(&p), 0.5, 1e-12);
    near(model_shape_mean_max(&p, 6 * hour), 1, 1e-12);
    near(model_shape_mean_max(&p, 12 * hour + hour / 2), 12 / 12.5, 1e-12);
    near(model_shape_mean_max(&p, 24 * hour), 0.5, 1e-12);
    near(model_shape_mean_max(&p, 168 * hour * 3), 0.5, 1e-12);
    near(model_shape_factor(&p, 11 * hour), 1, 1e-12);
    assert_true(model_shape_factor(&p, 12 * hour) == 0);
    p.growth_ratio = 0.03;
    p.growth_period_ns = 24 * hour;
    near(model_growth_factor(&p, 48 * hour), 1.03 * 1.03, 1e-12);
    p.growth_ratio = 0;
    for (int h = 0; h < 24; h++)
        p.daily[h] = 1; /* no shape, but a mean below the peak */
    near(model_shape_mean(&p), 0.5, 1e-12);
    near(model_shape_mean_max(&p, hour), 1, 1e-12);
    near(model_shape_mean_max(&p, 48 * hour), 0.5, 1e-12);
}

/* 23 hours were taken at the peak and 24 at the mean: a quarter of the disk for an hour more of retention. */
static void shape__without_hours_holds_the_mean_each_day(void **state)
{
    (void)state;
    struct scenario_producer p;
    memset(&p, 0, sizeof p);
    for (int h = 0; h < 24; h++)
        p.daily[h] = 1;
    for (int d = 0; d < 7; d++)
        p.weekly[d] = 1;
    p.payload_bytes_per_s_peak = 40;
    p.payload_bytes_per_s_mean = 10;
    const int64_t hour = 3600000000000;
    near(model_shape_mean_max(&p, 6 * hour), 1, 1e-12); /* all that a day has */
    near(model_shape_mean_max(&p, 23 * hour), 6.0 / 23, 1e-12);
    near(model_shape_mean_max(&p, 24 * hour), 0.25, 1e-12);
    near(model_shape_mean_max(&p, 27 * hour), (6 + 3.0) / 27, 1e-12);
    near(model_shape_mean_max(&p, 47 * hour), 12.0 / 47, 1e-12);
    for (int h = 1; h < 200; h++)
        assert_true(h * model_shape_mean_max(&p, h * hour) >=
                    (h - 1) * model_shape_mean_max(&p, (h - 1) * hour) - 1e-9);
}

/* Twelve consumers commit every five seconds, four records each for their partitions, to one partition of the offsets topic. */
static void commits__go_to_the_coordinator(void **state)
{
    (void)state;
    struct flowing x = open_flows(NULL, NULL, NULL);
    int at = model_placement_coordinator("billing", 50), other = 0;
    const struct model_flow *f = model_flows_partition(x.f, 1, at);
    near(f->requests_per_s, 12 / 5.0, 1e-9);
    near(f->records_per_s, 48 / 5.0, 1e-9);
    for (int p = 0; p < 50; p++)
        other += model_flows_partition(x.f, 1, p)->records_per_s > 0;
    assert_int_equal(other, 2); /* billing's and audit's */
    close_flows(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch__holds_the_first_record_and_one_linger),
        cmocka_unit_test(batch__agrees_with_drawing_at_the_knee),
        cmocka_unit_test(flows__sum_to_the_stated_load),
        cmocka_unit_test(flows__keyed_java_sends_what_a_broker_has),
        cmocka_unit_test(flows__keyed_librdkafka_lingers_alone),
        cmocka_unit_test(flows__keyed_librdkafka_gets_its_part_of_a_burst_at_once),
        cmocka_unit_test(flows__keyed_java_cuts_a_burst_into_batches),
        cmocka_unit_test(flows__keyed_java_begins_a_cycle_with_a_burst),
        cmocka_unit_test(flows__keyless_librdkafka_that_sticks_to_nothing_lingers_alone),
        cmocka_unit_test(flows__keyless_librdkafka_draws_a_lingering_batch_again),
        cmocka_unit_test(flows__hottest_partition_has_its_share),
        cmocka_unit_test(flows__compress_by_the_size_of_the_batch),
        cmocka_unit_test(flows_mean__is_that_of_what_the_hours_bring),
        cmocka_unit_test(flows__of_a_modulated_rate_have_the_batches_of_both_states),
        cmocka_unit_test(flows_mean__has_the_batches_of_the_grown_load),
        cmocka_unit_test(flows__know_what_each_producer_puts_on_each_partition),
        cmocka_unit_test(shape__has_mean_and_worst_stretch),
        cmocka_unit_test(shape__without_hours_holds_the_mean_each_day),
        cmocka_unit_test(commits__go_to_the_coordinator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
