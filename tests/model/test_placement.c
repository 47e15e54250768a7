/* Placement: Kafka's striping (replication.md section 10), JBOD log dirs, leaders, the offsets topic. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/cluster/placement.h"

static struct scenario_topic topics[2];
static struct scenario_group group;

static struct scenario make(int brokers, int racks, int partitions, int replication)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    struct scenario s;
    memset(&s, 0, sizeof s);
    memset(topics, 0, sizeof topics);
    memset(&group, 0, sizeof group);
    s.cluster.brokers = brokers;
    s.cluster.brokers_per_machine = 1;
    s.cluster.rack_count = racks;
    for (int r = 0; r < racks; r++)
        s.cluster.racks[r] = names[r];
    s.cluster.disks.count = 1;
    s.cluster.config.offsets_topic_num_partitions = 50;
    s.cluster.config.offsets_topic_replication_factor = 3;
    topics[0] = (struct scenario_topic){
        .name = "orders", .partitions = partitions, .replication = replication};
    topics[1] = (struct scenario_topic){
        .name = "audit", .partitions = partitions, .replication = replication};
    s.topic_count = 1;
    s.topics = topics;
    group.name = "billing";
    group.config.enable_auto_commit = true;
    s.groups = &group;
    return s;
}

static void new__uses_distinct_brokers_in_distinct_racks(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 200, 3);
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct model_placement *m = model_placement_new(&s, seed);
        for (int p = 0; p < 200; p++) {
            const struct model_replica *r = model_placement_replicas(m, 0, p);
            unsigned racks = 0;
            for (int i = 0; i < 3; i++)
                racks |= 1u << model_placement_rack_of(m, r[i].broker);
            assert_int_equal(racks, 7);
        }
        model_placement_free(m);
    }
}

/* A machine stands in one rack: else all replicas of a partition could be on it. */
static void new__puts_brokers_of_one_machine_in_one_rack(void **state)
{
    (void)state;
    struct scenario s = make(6, 3, 200, 3);
    s.cluster.brokers_per_machine = 2;
    struct model_placement *m = model_placement_new(&s, 1);
    for (int b = 0; b < 6; b++)
        assert_int_equal(model_placement_rack_of(m, b), b / 2);
    for (int p = 0; p < 200; p++) {
        const struct model_replica *r = model_placement_replicas(m, 0, p);
        unsigned machines = 0;
        for (int i = 0; i < 3; i++)
            machines |= 1u << r[i].broker / 2;
        assert_int_equal(machines, 7);
    }
    model_placement_free(m);
}

/* replication.md: with three racks of three the first partitions are (A0,B0,C0) (B1,C1,A1) (C2,A2,B2), up to the random starts. */
static void new__strides_over_racks_and_brokers_as_kafka_does(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 9, 3);
    for (uint64_t seed = 1; seed < 50; seed++) {
        struct model_placement *m = model_placement_new(&s, seed);
        int first = model_placement_rack_of(m, model_placement_replicas(m, 0, 0)[0].broker);
        for (int p = 0; p < 9; p++) {
            const struct model_replica *r = model_placement_replicas(m, 0, p);
            for (int i = 0; i < 3; i++) {
                int rack = model_placement_rack_of(m, r[i].broker);
                assert_int_equal(rack, (first + p + i) % 3);
                /* within its rack each partition takes the next broker: broker = rack + 3 * place */
                if (p > 0) {
                    const struct model_replica *before = model_placement_replicas(m, 0, p - 1);
                    for (int j = 0; j < 3; j++)
                        if (model_placement_rack_of(m, before[j].broker) == rack)
                            assert_int_equal(r[i].broker / 3, (before[j].broker / 3 + 1) % 3);
                }
            }
        }
        model_placement_free(m);
    }
}

/* Every small cluster, over several shuffles: it ends, with distinct brokers. One replica on one broker a rack is the odd one. */
static void new__places_any_replication_on_any_racks(void **state)
{
    (void)state;
    for (int brokers = 1; brokers <= 6; brokers++)
        for (int racks = 1; racks <= brokers; racks++)
            for (int replication = 1; replication <= brokers; replication++)
                for (uint64_t seed = 1; seed <= 8; seed++) {
                    struct scenario s = make(brokers, racks, 40, replication);
                    struct model_placement *m = model_placement_new(&s, seed);
                    for (int p = 0; p < 40; p++) {
                        const struct model_replica *r = model_placement_replicas(m, 0, p);
                        unsigned seen = 0;
                        for (int i = 0; i < replication; i++)
                            seen |= 1u << r[i].broker;
                        assert_int_equal(__builtin_popcount(seen), replication);
                    }
                    model_placement_free(m);
                }
}

/* Replicas are even to the last one, and so are the leaders of each rack. */
static void new__holds_evenly(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 90, 3);
    struct model_placement *m = model_placement_new(&s, 4);
    int leaders[3] = {0};
    for (int b = 0; b < 9; b++) {
        assert_int_equal(model_placement_replicas_on(m, b), 30);
        leaders[model_placement_rack_of(m, b)] += model_placement_leaders_on(m, b);
    }
    assert_int_equal(leaders[0], 30);
    assert_int_equal(leaders[1], 30);
    assert_int_equal(leaders[2], 30);
    model_placement_free(m);
}

/*
 * Where a rack has as many brokers as there are racks, the ring of racks and the ring of brokers turn in step: until the next
 * shuffle, nine partitions on nine brokers have only three leaders. That is what Kafka does, and why sizing asks for the busiest
 * broker and not for the mean.
 */
static void new__leads_unevenly_when_the_rings_turn_in_step(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 9, 3);
    struct model_placement *m = model_placement_new(&s, 4);
    int leading = 0;
    for (int b = 0; b < 9; b++) {
        assert_int_equal(model_placement_replicas_on(m, b), 3);
        leading += model_placement_leaders_on(m, b) > 0;
    }
    assert_int_equal(leading, 3);
    model_placement_free(m);

    s = make(12, 3, 12, 3); /* racks of four: out of step, every broker leads once */
    m = model_placement_new(&s, 4);
    for (int b = 0; b < 12; b++)
        assert_int_equal(model_placement_leaders_on(m, b), 1);
    model_placement_free(m);
}

static void new__takes_a_rack_twice_only_when_racks_run_out(void **state)
{
    (void)state;
    struct scenario s = make(6, 2, 40, 3);
    struct model_placement *m = model_placement_new(&s, 2);
    for (int p = 0; p < 40; p++) {
        const struct model_replica *r = model_placement_replicas(m, 0, p);
        int in_first = 0;
        for (int i = 0; i < 3; i++) {
            in_first += model_placement_rack_of(m, r[i].broker) == 0;
            for (int j = 0; j < i; j++)
                assert_int_not_equal(r[i].broker, r[j].broker);
        }
        assert_in_range(in_first, 1, 2);
    }
    model_placement_free(m);
}

static void new__serves_one_broker_and_uneven_racks(void **state)
{
    (void)state;
    struct scenario s = make(1, 3, 10, 1);
    struct model_placement *m = model_placement_new(&s, 1);
    for (int p = 0; p < 10; p++)
        assert_int_equal(model_placement_replicas(m, 0, p)[0].broker, 0);
    model_placement_free(m);

    s = make(5, 3, 500, 3); /* racks of 2, 2 and 1 */
    m = model_placement_new(&s, 1);
    for (int p = 0; p < 500; p++) {
        const struct model_replica *r = model_placement_replicas(m, 0, p);
        assert_int_not_equal(r[0].broker, r[1].broker);
        assert_int_not_equal(r[0].broker, r[2].broker);
        assert_int_not_equal(r[1].broker, r[2].broker);
    }
    model_placement_free(m);
}

static void new__is_the_same_for_a_seed_and_differs_for_another(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 64, 3);
    struct model_placement *a = model_placement_new(&s, 7), *b = model_placement_new(&s, 7);
    int differ = 0;
    for (int p = 0; p < 64; p++)
        assert_memory_equal(model_placement_replicas(a, 0, p), model_placement_replicas(b, 0, p),
                            3 * sizeof(struct model_replica));
    model_placement_free(b);
    b = model_placement_new(&s, 8);
    for (int p = 0; p < 64; p++)
        differ += model_placement_replicas(a, 0, p)[0].broker !=
                  model_placement_replicas(b, 0, p)[0].broker;
    assert_true(differ > 0);
    model_placement_free(a);
    model_placement_free(b);
}

static void new__moves_no_topic_when_another_is_added(void **state)
{
    (void)state;
    struct scenario s = make(9, 3, 64, 3);
    struct model_placement *a = model_placement_new(&s, 7);
    struct scenario_topic swapped[2] = {topics[1], topics[0]};
    s.topic_count = 2;
    s.topics = swapped;
    struct model_placement *b = model_placement_new(&s, 7);
    for (int p = 0; p < 64; p++)
        for (int i = 0; i < 3; i++)
            assert_int_equal(model_placement_replicas(a, 0, p)[i].broker,
                             model_placement_replicas(b, 1, p)[i].broker);
    model_placement_free(a);
    model_placement_free(b);
}

static void new__puts_a_replica_on_the_log_dir_with_the_fewest(void **state)
{
    (void)state;
    struct scenario s = make(3, 3, 10, 3);
    int on[3][4] = {{0}};
    s.cluster.disks.count = 4;
    s.cluster.disks.layout = SCENARIO_JBOD;
    struct model_placement *m = model_placement_new(&s, 1);
    assert_int_equal(model_placement_disk_count(m), 4);
    for (int p = 0; p < 10; p++)
        for (int i = 0; i < 3; i++) {
            const struct model_replica *r = &model_placement_replicas(m, 0, p)[i];
            on[r->broker][r->disk]++;
        }
    for (int b = 0; b < 3; b++)
        for (int d = 0; d < 4; d++)
            assert_int_equal(on[b][d], d < 2 ? 3 : 2);
    model_placement_free(m);

    s.cluster.disks.layout = SCENARIO_RAID0;
    m = model_placement_new(&s, 1);
    assert_int_equal(model_placement_disk_count(m), 1);
    model_placement_free(m);
}

static void new__adds_the_offsets_topic_only_when_a_group_commits(void **state)
{
    (void)state;
    struct scenario s = make(2, 1, 4, 2);
    struct model_placement *m = model_placement_new(&s, 1);
    assert_int_equal(model_placement_offsets_topic(m), -1);
    assert_int_equal(model_placement_topic_count(m), 1);
    model_placement_free(m);

    s.group_count = 1;
    m = model_placement_new(&s, 1);
    assert_int_equal(model_placement_offsets_topic(m), 1);
    assert_string_equal(model_placement_topic_name(m, 1), "__consumer_offsets");
    assert_int_equal(model_placement_partition_count(m, 1), 50);
    assert_int_equal(model_placement_replication(m, 1), 2); /* two brokers cannot hold three */
    model_placement_free(m);

    group.config.enable_auto_commit = false;
    m = model_placement_new(&s, 1);
    assert_int_equal(model_placement_offsets_topic(m), -1);
    model_placement_free(m);
}

/* "hello".hashCode() is 99162322 and "polygenelubricants".hashCode() is Integer.MIN_VALUE in Java. */
static void coordinator__hashes_the_name_as_java_does(void **state)
{
    (void)state;
    assert_int_equal(model_placement_coordinator("hello", 50), 99162322 % 50);
    assert_int_equal(model_placement_coordinator("polygenelubricants", 50), 0);
    assert_int_equal(model_placement_coordinator("", 50), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new__uses_distinct_brokers_in_distinct_racks),
        cmocka_unit_test(new__puts_brokers_of_one_machine_in_one_rack),
        cmocka_unit_test(new__strides_over_racks_and_brokers_as_kafka_does),
        cmocka_unit_test(new__places_any_replication_on_any_racks),
        cmocka_unit_test(new__holds_evenly),
        cmocka_unit_test(new__leads_unevenly_when_the_rings_turn_in_step),
        cmocka_unit_test(new__takes_a_rack_twice_only_when_racks_run_out),
        cmocka_unit_test(new__serves_one_broker_and_uneven_racks),
        cmocka_unit_test(new__is_the_same_for_a_seed_and_differs_for_another),
        cmocka_unit_test(new__moves_no_topic_when_another_is_added),
        cmocka_unit_test(new__puts_a_replica_on_the_log_dir_with_the_fewest),
        cmocka_unit_test(new__adds_the_offsets_topic_only_when_a_group_commits),
        cmocka_unit_test(coordinator__hashes_the_name_as_java_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
