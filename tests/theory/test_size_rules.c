/*
 * Metamorphic rules of sizing: what no change of an input may do. Rules from reference/peers-capacity.md section 5, most of them
 * mistakes that a published planner makes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/size_fixture.h"

static const char *const broker_rows[] = {
    "cpu",        "network in",      "network out", "disk bandwidth",
    "disk space", "network threads", "I/O threads"};
enum { ROWS = sizeof broker_rows / sizeof *broker_rows };

static struct sized with(const char *set)
{
    return size_fixture(size_fixture_text, "cluster.brokers=auto", "topics.orders.partitions=96",
                        set, NULL);
}

/*
 * Demand of the busiest broker on three brokers, one a rack: there each leads exactly a third whatever the replication, so that
 * what is compared is the load and not the luck of placement.
 */
static double demand(const char *set, const char *row)
{
    struct sized z = size_fixture(size_fixture_text, "cluster.brokers=3",
                                  "topics.orders.partitions=96", set, NULL);
    double d = size_fixture_bound(&z, row)->demand;
    size_fixture_release(&z);
    return d;
}

/* Along a chain of settings, no row may fall; those in `rises` must rise. */
static void chain(const char *const *sets, int count, const char *rises)
{
    for (int r = 0; r < ROWS; r++)
        for (int i = 1; i < count; i++) {
            double before = demand(sets[i - 1], broker_rows[r]);
            double after = demand(sets[i], broker_rows[r]);
            if (after < before * (1 - 1e-9))
                fail_msg("%s: %s falls from %g to %g", sets[i], broker_rows[r], before, after);
            if (strstr(rises, broker_rows[r]) && after <= before * 1.01)
                fail_msg("%s: %s stays at %g", sets[i], broker_rows[r], after);
        }
}

static int32_t brokers(const char *set)
{
    struct sized z = with(set);
    int32_t n = z.r->brokers_needed;
    size_fixture_release(&z);
    return n;
}

static void more_replicas__never_ask_for_less(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.orders.replication=1", "topics.orders.replication=2",
                                       "topics.orders.replication=3"};
    chain(sets, 3, "network in, network out, disk bandwidth, disk space, cpu");
    assert_true(brokers("topics.orders.replication=2") >= brokers("topics.orders.replication=1"));
}

/* Where writes bind, three replicas need half as many brokers again as two. */
static void more_replicas__raise_the_count_when_writes_bind(void **state)
{
    (void)state;
    int32_t n[2];
    static const char *const replication[] = {"topics.orders.replication=2",
                                              "topics.orders.replication=3"};
    for (int i = 0; i < 2; i++) {
        struct sized z =
            size_fixture(size_fixture_text, "cluster.brokers=auto", "topics.orders.partitions=360",
                         "cluster.machine.disks.write=10 MB/s", "producers.checkout.rate=60 MB/s",
                         "topics.orders.config.retention.ms=10 m",
                         "topics.orders.config.segment.bytes=64 MiB", replication[i], NULL);
        assert_true(size_fixture_bound(&z, "disk bandwidth")->binding);
        n[i] = z.r->brokers_needed;
        size_fixture_release(&z);
    }
    assert_true(n[1] > n[0]);
    assert_in_range(n[1], (n[0] * 3 + 1) / 2 - 3, (n[0] * 3 + 1) / 2 + 3);
}

static void more_groups__only_add_to_what_goes_out(void **state)
{
    (void)state;
    struct sized two = size_fixture(size_fixture_text, NULL);
    static char three[4096];
    snprintf(three, sizeof three, "%s  third: {topics: [orders], clients: 12}\n",
             size_fixture_text);
    struct sized more = size_fixture(three, NULL);
    for (int r = 0; r < ROWS; r++)
        assert_true(size_fixture_bound(&more, broker_rows[r])->demand >=
                    size_fixture_bound(&two, broker_rows[r])->demand * (1 - 1e-9));
    assert_true(size_fixture_bound(&more, "network out")->demand >
                1.2 * size_fixture_bound(&two, "network out")->demand);
    assert_true(size_fixture_bound(&more, "disk space")->demand ==
                size_fixture_bound(&two, "disk space")->demand);
    size_fixture_release(&two);
    size_fixture_release(&more);
}

static void egress__can_bind_alone(void **state)
{
    (void)state;
    static char many[8192];
    size_t at = (size_t)snprintf(many, sizeof many, "%s", size_fixture_text);
    for (int i = 0; i < 10; i++)
        at += (size_t)snprintf(many + at, sizeof many - at,
                               "  g%d: {topics: [orders], clients: 12}\n", i);
    struct sized z = size_fixture(many, "cluster.brokers=auto", "producers.checkout.rate=36 MB/s",
                                  "topics.orders.config.retention.ms=1 h", NULL);
    assert_true(size_fixture_bound(&z, "network out")->binding);
    assert_true(size_fixture_bound(&z, "network out")->brokers_needed >
                size_fixture_bound(&z, "network in")->brokers_needed);
    assert_int_equal(z.r->brokers_needed, size_fixture_bound(&z, "network out")->brokers_needed);
    size_fixture_release(&z);
}

/* Some counts pile leaders of few partitions on a broker that smaller counts spread: those must be found, and all bounds hold there. */
static void smallest_cluster__is_not_missed_behind_one_that_does_not_hold(void **state)
{
    (void)state;
    static const char few[] =
        "version: 1\n"
        "cluster:\n"
        "  brokers: auto\n"
        "  machine: {vcpus: 16, ram: 64 GB, network: {baseline: 150 MB/s}}\n"
        "  volumes: {type: nvme, count: 1, size: 20 TB}\n"
        "  racks: [a, b, c]\n"
        "topics: {t: {partitions: 30, replication: 3, config: {retention.ms: 2 h}}}\n"
        "producers: {p: {topic: t, clients: 6, rate: 60 MB/s, growth: 20 % a month, record: {size: "
        "1000 B}, config: {linger.ms: 10, batch.size: 65536}}}\n"
        "groups: {g: {topics: [t], clients: 6}}\n"
        "horizon: {length: 365 d, step: 1 h}\n";
    struct sized z = size_fixture(few, "producers.p.rate=60 MB/s", NULL);
    assert_int_equal(z.r->brokers_needed, 30);
    size_fixture_release(&z);
    z = size_fixture(few, "producers.p.rate=80 MB/s", NULL);
    assert_int_equal(z.r->brokers_needed, 30);
    size_fixture_release(&z);
}

static void more_payload__never_asks_for_less(void **state)
{
    (void)state;
    static const char *const rates[] = {"producers.checkout.rate=6 MB/s",
                                        "producers.checkout.rate=12 MB/s",
                                        "producers.checkout.rate=24 MB/s"};
    chain(rates, 3, "network in, network out, disk bandwidth, disk space");
    assert_true(brokers(rates[2]) >= brokers(rates[1]) && brokers(rates[1]) >= brokers(rates[0]));
}

static void longer_retention__asks_for_more_space_and_nothing_else(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.orders.config.retention.ms=1 d",
                                       "topics.orders.config.retention.ms=2 d",
                                       "topics.orders.config.retention.ms=4 d"};
    chain(sets, 3, "disk space");
    assert_true(demand(sets[0], "network out") == demand(sets[2], "network out"));
}

/* A planner that took the volume's maximum whatever was bought would stand still here. */
static void more_disk_throughput__raises_disk_bound_capacity(void **state)
{
    (void)state;
    struct sized slow = size_fixture(size_fixture_text, "cluster.machine.disks.write=5 MB/s",
                                     "cluster.brokers=auto", "topics.orders.partitions=360", NULL);
    struct sized fast = size_fixture(size_fixture_text, "cluster.machine.disks.write=10 MB/s",
                                     "cluster.brokers=auto", "topics.orders.partitions=360", NULL);
    const struct result_bound *a = size_fixture_bound(&slow, "disk bandwidth");
    const struct result_bound *b = size_fixture_bound(&fast, "disk bandwidth");
    assert_true(fabs(b->capacity - 2 * a->capacity) < 1);
    assert_true(b->brokers_needed < a->brokers_needed);
    size_fixture_release(&slow);
    size_fixture_release(&fast);
}

static void slower_disks__never_improve(void **state)
{
    (void)state;
    double before = 0;
    static const char *const sets[] = {"cluster.machine.disks.write=500 MB/s",
                                       "cluster.machine.disks.write=100 MB/s",
                                       "cluster.machine.disks.write=20 MB/s"};
    for (int i = 0; i < 3; i++) {
        struct sized z = size_fixture(size_fixture_text, sets[i], NULL);
        assert_true(size_fixture_bound(&z, "disk bandwidth")->utilisation > before);
        before = size_fixture_bound(&z, "disk bandwidth")->utilisation;
        size_fixture_release(&z);
    }
}

static void survival__never_takes_fewer_brokers(void **state)
{
    (void)state;
    static const char *const rates[] = {"producers.checkout.rate=12 MB/s",
                                        "producers.checkout.rate=60 MB/s",
                                        "producers.checkout.rate=150 MB/s"};
    static const char *const survive[] = {"cluster.survive=none", "cluster.survive=one broker",
                                          "cluster.survive=one rack"};
    for (int i = 0; i < 3; i++) {
        int32_t n[3];
        for (int k = 0; k < 3; k++) {
            struct sized z = size_fixture(
                size_fixture_text, "cluster.brokers=auto", "topics.orders.partitions=360",
                "topics.orders.config.retention.ms=1 h", rates[i], survive[k], NULL);
            n[k] = z.r->brokers_needed;
            assert_true(n[k] > 0 && n[k] % 3 == 0);
            size_fixture_release(&z);
        }
        assert_true(n[1] >= n[0] && n[2] >= n[0]);
    }
}

static void consumers_beyond_the_partitions__add_nothing(void **state)
{
    (void)state;
    struct sized all = size_fixture(size_fixture_text, "groups.audit.clients=48", NULL);
    struct sized more = size_fixture(size_fixture_text, "groups.audit.clients=480",
                                     "groups.audit.machines=4", NULL);
    for (int r = 0; r < ROWS; r++) {
        double a = size_fixture_bound(&all, broker_rows[r])->demand;
        double b = size_fixture_bound(&more, broker_rows[r])->demand;
        assert_true(fabs(a - b) <= 1e-9 * a);
    }
    size_fixture_release(&all);
    size_fixture_release(&more);
}

/* Each lagging group reads the disk for itself. */
static void backlog__multiplies_by_groups(void **state)
{
    (void)state;
    double none = demand("groups.audit.lag=none", "disk bandwidth");
    double one = demand("groups.audit.lag=20 h", "disk bandwidth");
    struct sized z =
        size_fixture(size_fixture_text, "cluster.brokers=3", "topics.orders.partitions=96",
                     "groups.audit.lag=20 h", "groups.billing.lag=20 h", NULL);
    double two = size_fixture_bound(&z, "disk bandwidth")->demand;
    assert_true(fabs((two - none) - 2 * (one - none)) < 1e-6 * two);
    size_fixture_release(&z);
}

static void horizon_step__does_not_enter_the_bounds(void **state)
{
    (void)state;
    for (int r = 0; r < ROWS; r++)
        assert_true(demand("horizon.step=5 m", broker_rows[r]) ==
                    demand("horizon.step=1 h", broker_rows[r]));
}

/* More linger: fuller batches, so not more requests, and with a codec not more bytes. */
static void more_linger__never_asks_for_more(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "producers.checkout.config.linger.ms=0", "producers.checkout.config.linger.ms=5",
        "producers.checkout.config.linger.ms=20", "producers.checkout.config.linger.ms=50"};
    for (int i = 1; i < 4; i++) {
        assert_true(demand(sets[i], "network in") <= demand(sets[i - 1], "network in"));
        assert_true(demand(sets[i], "I/O threads") <= demand(sets[i - 1], "I/O threads"));
    }
}

static void another_seed__moves_placement_only(void **state)
{
    (void)state;
    double a = demand("run.seed=1", "disk space"), b = demand("run.seed=2", "disk space");
    assert_true(fabs(a - b) < 0.01 * a); /* replicas are even in any placement */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_replicas__never_ask_for_less),
        cmocka_unit_test(more_replicas__raise_the_count_when_writes_bind),
        cmocka_unit_test(more_groups__only_add_to_what_goes_out),
        cmocka_unit_test(egress__can_bind_alone),
        cmocka_unit_test(smallest_cluster__is_not_missed_behind_one_that_does_not_hold),
        cmocka_unit_test(more_payload__never_asks_for_less),
        cmocka_unit_test(longer_retention__asks_for_more_space_and_nothing_else),
        cmocka_unit_test(more_disk_throughput__raises_disk_bound_capacity),
        cmocka_unit_test(slower_disks__never_improve),
        cmocka_unit_test(survival__never_takes_fewer_brokers),
        cmocka_unit_test(consumers_beyond_the_partitions__add_nothing),
        cmocka_unit_test(backlog__multiplies_by_groups),
        cmocka_unit_test(horizon_step__does_not_enter_the_bounds),
        cmocka_unit_test(more_linger__never_asks_for_more),
        cmocka_unit_test(another_seed__moves_placement_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
