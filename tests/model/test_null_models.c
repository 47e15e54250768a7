/* The rules of thumb against the golden numbers of reference/peers-capacity.md and by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/evidence/null_models.h"

#define MIB 1048576.0

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not within %.3g of %.9g", a, tolerance, b);
}

/* MSK m5.large: 250 MiB/s volume, 81.25 MB/s to EBS, 0.75 Gbit/s. The published limits are 70.3 and 117.2 MB/s. */
static struct null_cluster msk_m5_large(void)
{
    return (struct null_cluster){.brokers = 3,
                                 .replication = 3,
                                 .groups = 2,
                                 .vcpus = 2,
                                 .disk_bytes_per_s = 250 * MIB,
                                 .block_bytes_per_s = 81.25e6,
                                 .nic_bytes_per_s = 0.75e9 / 8,
                                 .linger_s = 0.005};
}

static void aws__gives_the_limits_of_two_msk_sizes(void **state)
{
    (void)state;
    struct null_cluster c = msk_m5_large();
    near(null_aws_bytes_per_s(&c), 70.3125e6, 1);
    c.block_bytes_per_s = 143.75e6;
    c.nic_bytes_per_s = 1.25e9 / 8;
    near(null_aws_bytes_per_s(&c), 117.1875e6, 1);
}

/* 83 MiB/s * 3 = 249 against a volume of 250. */
static void aws__lets_the_volume_bind_at_83_mib_s(void **state)
{
    (void)state;
    struct null_cluster c = {
        .brokers = 3, .replication = 3, .groups = 1, .disk_bytes_per_s = 250 * MIB};
    near(null_aws_bytes_per_s(&c) / MIB, 250, 1e-9);
    c.brokers = 1;
    near(floor(null_aws_bytes_per_s(&c) / MIB), 83, 0);
}

static void aws__needs_no_nic_when_nobody_reads_one_replica(void **state)
{
    (void)state;
    struct null_cluster c = {.brokers = 1, .replication = 1, .groups = 0, .nic_bytes_per_s = 1e8};
    assert_true(isnan(null_aws_bytes_per_s(&c)));
    c.disk_bytes_per_s = 2e8;
    near(null_aws_bytes_per_s(&c), 2e8, 0);
}

/* 100 MB/s in, 200 out, R = 3: write equivalent 400 MB/s, 40 vCPU at half load, so 20 at full. */
static void google__sizes_its_own_example(void **state)
{
    (void)state;
    struct null_cluster c = {.brokers = 1, .replication = 3, .groups = 2, .vcpus = 20};
    near(null_google_bytes_per_s(&c), 100e6, 1e-3);
}

static void akalculator__takes_the_dearer_side(void **state)
{
    (void)state;
    struct null_cluster c = {.brokers = 3, .replication = 3, .groups = 1, .vcpus = 4};
    near(null_akalculator_bytes_per_s(&c), 60 * MIB, 1e-6);
    c.groups = 5; /* 15 / 5 is below 5 */
    near(null_akalculator_bytes_per_s(&c), 36 * MIB, 1e-6);
}

/* At 7.03 of 70.3 MB/s a p50 of 6.1 ms leaves 1.1 ms; service 1.1 * 0.9 / ln 2. At half the capacity the rest is 0.9 / 0.5 of it. */
static void mm1__scales_with_the_room_that_is_left(void **state)
{
    (void)state;
    struct null_cluster anchor = msk_m5_large(), busy = anchor;
    anchor.payload_bytes_per_s = 7.03125e6;
    busy.payload_bytes_per_s = 35.15625e6;
    struct null_mm1 model = null_mm1_anchor(&anchor, 0.5, 0.0061);
    near(model.service_s, 0.0011 * 0.9 / log(2), 1e-12);
    near(null_mm1_quantile_s(model, &anchor, 0.5), 0.0061, 1e-12);
    near(null_mm1_quantile_s(model, &busy, 0.5), 0.005 + 0.0011 * 0.9 / 0.5, 1e-12);
    near(null_mm1_quantile_s(model, &busy, 0.99), 0.005 + 0.0011 * 0.9 / 0.5 * log(100) / log(2),
         1e-12);
}

static void mm1__has_no_answer_above_capacity(void **state)
{
    (void)state;
    struct null_cluster c = msk_m5_large();
    c.payload_bytes_per_s = 80e6;
    assert_true(isnan(null_mm1_quantile_s((struct null_mm1){0.001}, &c, 0.5)));
    assert_true(isnan(null_mm1_anchor(&c, 0.5, 0.007).service_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aws__gives_the_limits_of_two_msk_sizes),
        cmocka_unit_test(aws__lets_the_volume_bind_at_83_mib_s),
        cmocka_unit_test(aws__needs_no_nic_when_nobody_reads_one_replica),
        cmocka_unit_test(google__sizes_its_own_example),
        cmocka_unit_test(akalculator__takes_the_dearer_side),
        cmocka_unit_test(mm1__scales_with_the_room_that_is_left),
        cmocka_unit_test(mm1__has_no_answer_above_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
