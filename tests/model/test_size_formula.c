/* The golden numbers of reference/peers-capacity.md section 4: published worked examples, by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/answer/size_formula.h"
#include "model/cluster/retained.h"
#include "tests/support/near.h"

static const double MIB = 1048576, GIB = 1073741824;

/* A published example multiplies its way to 259.2 brokers, prints 259, and is one short. */
static void count__rounds_up(void **state)
{
    (void)state;
    assert_int_equal(size_count(259.2, 1), 260);
    assert_int_equal(size_count(259.0001, 1), 260);
    assert_int_equal(size_count(259, 1), 259);
    assert_int_equal(size_count(0.3 * 3, 0.3), 3); /* 3.0000000000000004 as doubles */
    assert_int_equal(size_count(0, 5), 1);
    assert_int_equal(size_count(5, 0), 0);
    assert_int_equal(size_round_up(260, 3), 261);
    assert_int_equal(size_round_up(261, 3), 261);
}

/* 1,000 partitions of 1 GiB segments at 1 GiB/s: an open segment lives 1,000 s, about 17 min. */
static void roll__closes_a_segment_after_17_minutes(void **state)
{
    (void)state;
    double s = model_roll_s(GIB, 7 * 86400, GIB / 1000);
    near(s, 1000, 1e-12);
    near(s / 60, 17, 0.02);
    near(model_roll_s(GIB, 3600, 1000), 3600, 1e-12);
}

/* 1 MB/s kept for an hour in 60 MB segments: one hour, one segment, five minutes until the check, one until the unlink. */
static void retained__counts_segment_check_and_delay(void **state)
{
    (void)state;
    struct model_retention r = {.retention_s = 3600,
                                .retention_bytes = -1,
                                .segment_bytes = 60e6,
                                .segment_s = 7 * 86400,
                                .check_interval_s = 300,
                                .delete_delay_s = 60};
    near(model_retained_bytes(&r, 1e6), 1e6 * (3600 + 60 + 360), 1e-12);
    r.retention_bytes = 1e9; /* the smaller limit rules */
    near(model_retained_bytes(&r, 1e6), 1e9 + 60e6 + 360e6, 1e-12);
    r.retention_s = -1;
    r.retention_bytes = -1;
    assert_true(isinf(model_retained_bytes(&r, 1e6)));
}

/* Cloudera: 32 GB of memory hold 50 MB/s for about 10.9 minutes. */
static void cache__holds_ten_point_nine_minutes(void **state)
{
    (void)state;
    near(size_cache_s(32 * GIB, 50 * MIB) / 60, 10.9, 0.003);
    assert_true(isinf(size_cache_s(1, 0)));
}

/* Google: 100 MB/s in, 200 out, three replicas: write-equivalent 400, 40 vCPU at half use, 160 GiB at 4 GiB each. */
static void google__asks_for_40_vcpus(void **state)
{
    (void)state;
    double load = size_write_equivalent_bytes_per_s(100e6, 200e6, 3);
    near(load, 400e6, 1e-12);
    assert_int_equal(size_vcpus_by_rule(load, 0.5), 40);
    assert_int_equal(4 * size_vcpus_by_rule(load, 0.5), 160);
}

/* MSK: three brokers whose volumes do 250 MiB/s take 83 MiB/s in the sense that 83 * 3 = 249 still fits each. */
static void sustained__is_249_on_a_250_volume(void **state)
{
    (void)state;
    double most = size_sustained_bytes_per_s(3, 3, 1, 250 * MIB, 0, 0);
    near(most / MIB, 250, 1e-12);
    near(size_sustained_bytes_per_s(1, 3, 1, 250 * MIB, 0, 0) / MIB, 83.33, 1e-3);
    assert_true(83 * 3 == 249 && 249 * MIB < 250 * MIB);
}

/* Where reads outweigh replicas the outgoing side binds alone; where nobody reads, the incoming side. */
static void sustained__lets_egress_bind_alone(void **state)
{
    (void)state;
    near(size_sustained_bytes_per_s(3, 3, 8, 1e9, 0, 1e8), 3e8 / 10, 1e-12);
    near(size_sustained_bytes_per_s(3, 1, 0, 0, 0, 1e8), 3e8, 1e-12);
}

/* AutoMQ: 300 MiB/s, two groups, three replicas, three zones: 200 + 600 + 400. */
static void cross_zone__is_1200(void **state)
{
    (void)state;
    struct size_cross_zone x = size_cross_zone_bytes_per_s(300, 3, 3, 2);
    near(x.produce, 200, 1e-12);
    near(x.replication, 600, 1e-12);
    near(x.consume, 400, 1e-12);
    x = size_cross_zone_bytes_per_s(300, 1, 3, 2);
    near(x.produce + x.replication + x.consume + 1, 1, 1e-12);
}

/* Redpanda: 10,000 partitions x 3 x 2 MB = 60 GB. */
static void replica_memory__is_60_gb(void **state)
{
    (void)state;
    near(size_replica_memory_bytes(10000, 3, 2e6), 60e9, 1e-12);
}

/* Netflix's staffing factors: P(wait) 0.010, 0.048, 0.167, 0.223 at beta 2.375, 1.761, 1.16, 1. */
static void wait_probability__follows_the_staffing_factor(void **state)
{
    (void)state;
    static const double beta[] = {2.375, 1.761, 1.16, 1}, want[] = {0.010, 0.048, 0.167, 0.223};
    for (int i = 0; i < 4; i++)
        for (double a = 1; a < 1e4; a *= 10)
            assert_true(fabs(size_wait_probability(a + beta[i] * sqrt(a), a) - want[i]) < 5e-4);
    assert_true(size_wait_probability(4, 5) == 1);
    assert_true(size_wait_probability(4, 0) == 0);
}

static void catch_up__ends_only_when_faster_than_production(void **state)
{
    (void)state;
    near(size_catch_up_s(7200 * 10.0, 10, 30), 3600, 1e-12);
    assert_true(isinf(size_catch_up_s(1, 10, 10)));
    assert_true(size_catch_up_s(0, 10, 5) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count__rounds_up),
        cmocka_unit_test(roll__closes_a_segment_after_17_minutes),
        cmocka_unit_test(retained__counts_segment_check_and_delay),
        cmocka_unit_test(cache__holds_ten_point_nine_minutes),
        cmocka_unit_test(google__asks_for_40_vcpus),
        cmocka_unit_test(sustained__is_249_on_a_250_volume),
        cmocka_unit_test(sustained__lets_egress_bind_alone),
        cmocka_unit_test(cross_zone__is_1200),
        cmocka_unit_test(replica_memory__is_60_gb),
        cmocka_unit_test(wait_probability__follows_the_staffing_factor),
        cmocka_unit_test(catch_up__ends_only_when_faster_than_production),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
