/* What a flush of a log waits, by adding up its steps. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/log_sync.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/* A write takes 1 ms, a flush 2 ms. */
static struct scenario disk_of_round_numbers(void)
{
    struct scenario s = {0};
    s.cluster.disks.type = SCENARIO_DISK_SSD;
    s.cluster.disks.write_latency_ns = 1000000;
    s.cluster.disks.flush_ns = 2000000;
    return s;
}

/* Data 1 ms, a commit of two writes and two flushes 6 ms, two indexes: a command each of 1 ms, or a commit's work. */
static void sync__alone_is_the_sum_of_its_steps(void **state)
{
    (void)state;
    struct scenario s = disk_of_round_numbers();
    near(log_sync_s(&s, 0, 0, 0), 0.001 + 0.006 + 0.002, 1e-12);
    near(log_sync_s(&s, 0, 0, 1), 0.001 + 0.006 + 0.006, 1e-12);
}

/* Always somebody comes during a commit: half of one to wait, then the own. */
static void sync__in_a_crowd_waits_for_half_a_commit(void **state)
{
    (void)state;
    struct scenario s = disk_of_round_numbers();
    near(log_sync_s(&s, 1e5, 0, 1), 0.001 + 0.006 * 1.5 + 0.006, 1e-9);
}

/* 4 MB at 1 GB/s behind the first write's latency. Half a minute is all that is left of an hour. */
static void sync__writes_what_came_since_the_last(void **state)
{
    (void)state;
    struct scenario s = disk_of_round_numbers();
    s.cluster.disks.write_bytes_per_s = 1e9;
    near(log_sync_s(&s, 0, 4e6, 0) - log_sync_s(&s, 0, 0, 0), 0.004, 1e-12);
    s.cluster.dirty_expire_ns = 30000000000;
    near(log_sync_bytes(&s, 1e6, 2), 5e5, 1e-12);
    near(log_sync_bytes(&s, 1e6, 1 / 3600.0), 30e6, 1e-12);
}

static void dirty__is_an_entry_each_interval(void **state)
{
    (void)state;
    struct scenario_topic_config c = {.index_interval_bytes = 4096};
    near(log_sync_dirty(&c, 1024), 0.25, 1e-12);
    near(log_sync_dirty(&c, 1e6), 1, 1e-12);
}

/* One connection has one request at work: one of eight threads stands still, where the log alone would have all wait for it; 12 leave more. */
static void threads__stand_still_for_no_more_than_the_connections(void **state)
{
    (void)state;
    struct sized one = size_fixture(
        size_fixture_text, "topics.orders.config.flush.messages=1",
        "cluster.volumes={type: gp3, count: 1, size: 2 TB}", "producers.checkout.config.acks=1",
        "producers.checkout.clients=1", "producers.checkout.partitioner=uniform",
        "producers.checkout.config.linger.ms=5", "topics.orders.partitions=6",
        "producers.checkout.config.enable.idempotence=false", NULL);
    struct sized many = size_fixture(
        size_fixture_text, "topics.orders.config.flush.messages=1",
        "cluster.volumes={type: gp3, count: 1, size: 2 TB}", "producers.checkout.config.acks=1",
        "producers.checkout.clients=12", "producers.checkout.config.linger.ms=0",
        "producers.checkout.config.enable.idempotence=false", NULL);
    double still = size_fixture_bound(&one, "I/O threads")->demand;
    assert_true(still > 0.9 && still < 1.1);
    assert_true(size_fixture_bound(&many, "I/O threads")->demand > 1.5);
    size_fixture_release(&one);
    size_fixture_release(&many);
}

/* The task looks every 300 ms: a second has passed when it looks for the fourth time. Unless it is told when to look it never does. */
static void flush_ms__is_done_when_the_task_looks(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "topics.orders.config.flush.ms=1000",
                                  "cluster.config.log.flush.scheduler.interval.ms=300", NULL);
    near(log_sync_period_s(z.s, &z.s->topics[0].config), 1.2, 1e-12);
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "topics.orders.config.flush.ms=1000", NULL);
    assert_true(isinf(log_sync_period_s(z.s, &z.s->topics[0].config)));
    assert_non_null(size_fixture_find_warning(z.r, "flush.ms of orders flushes nothing"));
    size_fixture_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sync__alone_is_the_sum_of_its_steps),
        cmocka_unit_test(sync__in_a_crowd_waits_for_half_a_commit),
        cmocka_unit_test(sync__writes_what_came_since_the_last),
        cmocka_unit_test(dirty__is_an_entry_each_interval),
        cmocka_unit_test(threads__stand_still_for_no_more_than_the_connections),
        cmocka_unit_test(flush_ms__is_done_when_the_task_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
