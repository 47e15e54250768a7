/* A hot partition: told from many that differ by chance, and more members are not proposed for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/cluster/hot_partition.h"
#include "tests/support/size_fixture.h"

#define NEAR(got, want) assert_true(fabs((got) - (want)) < 1e-6)

/* 48 partitions, 24 members: the hot one's member has one of the other 47 beside it. */
static void hottest__is_found_with_its_member(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=40 %",
                                  "topics.orders.partitions=48", "groups.billing.clients=24", NULL);
    struct model_hot_partition hot = model_hot_partition(z.s, &z.s->groups[0]);
    assert_string_equal(hot.topic, "orders");
    NEAR(hot.share, 0.4);
    NEAR(hot.fair, 1.0 / 48);
    NEAR(hot.member, 0.4 + 0.6 / 47);
    size_fixture_release(&z);
}

/* 12,000 records of 400 us: the bound's busiest thread is that of the member which has the hot partition and one of the others. */
static void thread__of_the_bound_is_that_member_s(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=40 %",
                                  "topics.orders.partitions=48", "groups.billing.clients=24",
                                  "groups.billing.processing.per_record=400 us", NULL);
    double stated = 12e3 * 400e-6 * (0.4 + 0.6 / 47);
    double demand = size_fixture_bound(&z, "client thread of billing")->demand;
    assert_true(demand > stated && demand < 1.02 * stated);
    size_fixture_release(&z);
}

/* 48 partitions alike among 36 members: twelve have two. Of three such topics the same twelve have six. */
static void thread__of_the_bound_is_who_has_most_partitions(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "topics.orders.partitions=48", "groups.billing.clients=36",
                     "groups.billing.processing.per_record=400 us", NULL);
    double demand = size_fixture_bound(&z, "client thread of billing")->demand;
    double stated = 12e3 * 400e-6 * 2 / 48;
    assert_true(demand > stated && demand < 1.02 * stated);
    struct scenario_group group = z.s->groups[0];
    int topics[] = {0, 0, 0};
    group.topics = topics;
    group.topic_count = 3;
    assert_true(fabs(model_hot_member(z.s, &group, 1.0 / 144) - 6.0 / 144) < 1e-12);
    size_fixture_release(&z);
}

static void remedy__is_to_spread_the_key_where_the_partition_alone_is_too_much(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=40 %", NULL);
    const char *remedy = model_hot_partition_remedy(z.r, z.s, &z.s->groups[0], 1.4);
    assert_non_null(remedy);
    assert_non_null(strstr(remedy, "one partition of orders has 40 % of what it reads"));
    assert_non_null(strstr(remedy, "spread its keys"));
    assert_null(model_hot_partition_remedy(z.r, z.s, &z.s->groups[0], 0.5));
    size_fixture_release(&z);
}

static void remedy__is_another_where_partitions_are_alike(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    assert_null(model_hot_partition_remedy(z.r, z.s, &z.s->groups[0], 5));
    size_fixture_release(&z);
}

/* 5 % on one of 48 partitions: of what 12 members have each that is less than half, and more members take the rest away. */
static void remedy__is_another_where_the_member_has_many_more(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=5 %", NULL);
    assert_null(model_hot_partition_remedy(z.r, z.s, &z.s->groups[0], 1.4));
    assert_non_null(model_hot_partition_remedy(z.r, z.s, &z.s->groups[0], 2));
    size_fixture_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hottest__is_found_with_its_member),
        cmocka_unit_test(thread__of_the_bound_is_that_member_s),
        cmocka_unit_test(thread__of_the_bound_is_who_has_most_partitions),
        cmocka_unit_test(remedy__is_to_spread_the_key_where_the_partition_alone_is_too_much),
        cmocka_unit_test(remedy__is_another_where_partitions_are_alike),
        cmocka_unit_test(remedy__is_another_where_the_member_has_many_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
