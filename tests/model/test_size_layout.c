/* What racks of unequal size and shared machines do to where replicas stand is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/size_fixture.h"

/* Five brokers: a and b have two each, and c's one holds a replica of each of 48 + 50 partitions. */
static void racks__of_unequal_size_are_told(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.brokers=5", NULL);
    const struct result_warning *w =
        size_fixture_find_warning(z.r, "racks do not hold equally many brokers");
    assert_non_null(w);
    assert_non_null(strstr(w->text, "broker 3 has 98 replicas, broker "));
    assert_non_null(strstr(w->remedy, "a multiple of 3 brokers"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, NULL);
    assert_null(size_fixture_find_warning(z.r, "racks do not hold"));
    size_fixture_release(&z);
}

/* With machines in racks of their own no partition is on one alone. */
static void partitions__that_one_machine_holds_alone_are_counted(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.racks=[a]", "cluster.brokers=3",
                     "cluster.machine.ram=96 GB", "cluster.brokers_per_machine=3", NULL);
    const struct result_warning *w =
        size_fixture_find_warning(z.r, "have all replicas on one machine");
    assert_non_null(w);
    assert_non_null(strstr(w->text, "48 of 48 replicated partitions"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "cluster.brokers_per_machine=2",
                     "cluster.machine.ram=96 GB", NULL);
    assert_null(size_fixture_find_warning(z.r, "have all replicas on one machine"));
    size_fixture_release(&z);
}

static double lost_use(const struct sized *z, const char *resource)
{
    return size_fixture_bound(z, resource)->utilisation_survive;
}

static struct sized sized_with(const char *survive, int brokers_per_machine, const char *racks)
{
    char each[64], what[64];
    snprintf(each, sizeof each, "cluster.brokers_per_machine=%d", brokers_per_machine);
    snprintf(what, sizeof what, "cluster.survive=%s", survive);
    return size_fixture(size_fixture_text, what, each, racks, "cluster.machine.ram=96 GB", NULL);
}

/* Six brokers by two: machines are the racks, so that the loss of one is the loss of the other. By one they are the brokers. */
static void survive__one_machine_takes_all_brokers_on_it(void **state)
{
    (void)state;
    static const char *const RACKS = "cluster.racks=[a, b, c]";
    static const char *const same_as[] = {"one broker", "one rack"};
    for (int each = 1; each <= 2; each++) {
        struct sized machine = sized_with("one machine", each, RACKS);
        struct sized same = sized_with(same_as[each - 1], each, RACKS);
        assert_int_equal(machine.r->survive, RESULT_SURVIVE_MACHINE);
        assert_non_null(strstr(machine.r->verdict_text, "one machine lost"));
        assert_true(lost_use(&machine, "cpu") == lost_use(&same, "cpu"));
        assert_true(lost_use(&machine, "network out") == lost_use(&same, "network out"));
        size_fixture_release(&machine);
        size_fixture_release(&same);
    }
}

/* Three brokers on each of two machines and no racks: of 48 partitions some have all replicas on one. */
static void survive__one_machine_must_leave_a_replica(void **state)
{
    (void)state;
    struct sized z = sized_with("one machine", 3, "cluster.racks=[a]");
    assert_int_equal(z.r->survive_verdict, RESULT_DOES_NOT_FIT);
    assert_string_equal(z.r->survive_note,
                        "with one machine lost no replica is left of some partitions of orders");
    size_fixture_release(&z);
}

/* Who asks for a broker on a shared machine is told what that leaves out. */
static void survive__one_broker_is_told_to_be_a_process(void **state)
{
    (void)state;
    struct sized shared = sized_with("one broker", 2, "cluster.racks=[a]");
    struct sized alone = sized_with("one broker", 1, "cluster.racks=[a]");
    const struct result_warning *w = size_fixture_find_warning(shared.r, "which is one process");
    assert_non_null(w);
    assert_non_null(strstr(w->text, "takes the 2 that share it"));
    assert_string_equal(w->remedy, "cluster.survive: one machine");
    assert_null(size_fixture_find_warning(alone.r, "which is one process"));
    size_fixture_release(&shared);
    size_fixture_release(&alone);
}

/* 36 replicas of 87.9 GB, of which a disk of 160 GB holds one: 18 brokers of two, and not 12. With 360 small ones it is. */
static void disks__that_hold_few_whole_partitions_are_told(void **state)
{
    (void)state;
    static const char *const few[] = {"topics.orders.partitions=12",
                                      "topics.orders.partitions=120"};
    for (int i = 0; i < 2; i++) {
        struct sized z =
            size_fixture(size_fixture_text, few[i], "cluster.brokers=18",
                         "cluster.machine.disks={type: nvme, count: 2, size: 200 GB, write: 500 "
                         "MB/s, read: 1000 MB/s}",
                         NULL);
        const struct result_warning *w = size_fixture_find_warning(z.r, "disk space asks for ");
        if (i == 0) {
            assert_non_null(w);
            assert_non_null(strstr(w->text, "18 brokers, where 12 would do if it lay evenly"));
        } else {
            assert_null(w);
        }
        size_fixture_release(&z);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(racks__of_unequal_size_are_told),
        cmocka_unit_test(disks__that_hold_few_whole_partitions_are_told),
        cmocka_unit_test(partitions__that_one_machine_holds_alone_are_counted),
        cmocka_unit_test(survive__one_machine_takes_all_brokers_on_it),
        cmocka_unit_test(survive__one_machine_must_leave_a_replica),
        cmocka_unit_test(survive__one_broker_is_told_to_be_a_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
