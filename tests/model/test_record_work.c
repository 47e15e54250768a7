/* What a record costs its reader, by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/record_work.h"

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 1e-6)

static struct model_profile profile;
static struct scenario_group group;

static int fresh(void **state)
{
    (void)state;
    profile = (struct model_profile){
        .coremark = 16000,
        .java_receive = {.record_ns = 100, .batch_ns = 2000, .byte_ns = 0.5, .request_ns = 9e9},
        .librdkafka_receive = {.record_ns = 300}};
    group = (struct scenario_group){
        .machine = {.coremark_per_vcpu = 16000, .threads_per_core = 1, .vcpus = 4},
        .processing_per_record_ns = 5000,
        .processing_ns_per_byte = 2};
    return 0;
}

/* A batch of ten records of 1,000 bytes: 100 + 200, 500 of memory, 3 ns a byte to unpack, and the application's 7,000. */
static void work__is_the_sum_of_what_a_record_takes(void **state)
{
    (void)state;
    struct record_work record = {.batches = 0.1, .bytes = 1000, .unpack = 3};
    NEAR(record_work_ns(&profile, &group, 1, &record), 100 + 200 + 500 + 3000 + 7000);
    group.client = SCENARIO_CLIENT_LIBRDKAFKA;
    NEAR(record_work_ns(&profile, &group, 1, &record), 300 + 3000 + 7000);
}

/* A core twice as fast computes in half the time; memory and the application's stated time do not. */
static void work__goes_with_the_core(void **state)
{
    (void)state;
    struct record_work record = {.batches = 0.1, .bytes = 1000};
    group.machine.coremark_per_vcpu = 32000;
    NEAR(record_work_ns(&profile, &group, 1, &record), 150 + 500 + 7000);
}

/* Where two threads share each core, 1.5 times as fast alone: work is stated for a lone one. */
static void processing__takes_longer_where_threads_share_a_core(void **state)
{
    (void)state;
    struct record_work record = {.batches = 0, .bytes = 0};
    group.machine.threads_per_core = 2;
    NEAR(record_work_ns(&profile, &group, 1.5, &record), 100 / 1.5 + 5000);
    NEAR(record_work_ns(&profile, &group, 1, &record), 100 + 7500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(work__is_the_sum_of_what_a_record_takes, fresh),
        cmocka_unit_test_setup(work__goes_with_the_core, fresh),
        cmocka_unit_test_setup(processing__takes_longer_where_threads_share_a_core, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
