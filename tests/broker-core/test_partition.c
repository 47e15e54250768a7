/* tests/broker-core/test_partition.c - roles, epochs and fencing, acks, high watermark, divergence. */
#include "tests/broker-core/broker_case.h"

static struct node n1, n2, n3;

static void three_nodes(const char *isr)
{
    node_start(&n1, 1);
    node_start(&n2, 2);
    node_start(&n3, 3);
    struct broker_partition_state state = state_of(1, 0, 0, "123", isr);
    apply(&n1, 0, state);
    apply(&n2, 0, state);
    apply(&n3, 0, state);
}

static void stop_nodes(void)
{
    node_stop(&n1);
    node_stop(&n2);
    node_stop(&n3);
}

static int64_t hw(const struct node *node)
{
    return broker_log_high_watermark(node->logs[0]);
}

/* replication.md section 4: HW = min over the ISR; a follower learns it one fetch later. */
static void high_watermark__follows_the_slowest_member_of_the_isr(void **state)
{
    (void)state;
    three_nodes("123");
    write_batch(&n1, 0, 5);
    assert_int_equal(hw(&n1), 0);
    follow(&n2, &n1, 0);
    follow(&n3, &n1, 0);
    assert_int_equal(hw(&n1), 0); /* both have it, but only their next fetch says so */
    follow(&n2, &n1, 0);
    assert_int_equal(hw(&n1), 0);
    follow(&n3, &n1, 0);
    assert_int_equal(hw(&n1), 5);
    assert_int_equal(hw(&n3), 0); /* the answer told the offsets from before that fetch */
    follow(&n3, &n1, 0);
    assert_int_equal(hw(&n3), 5);
    stop_nodes();
}

static void high_watermark__waits_for_a_follower_that_never_fetched(void **state)
{
    (void)state;
    three_nodes("12");
    write_batch(&n1, 0, 1);
    follow(&n3, &n1, 0);
    follow(&n3, &n1, 0);
    assert_int_equal(hw(&n1), 0);
    stop_nodes();
}

/* Section 4, "or (caught up and ISR-eligible)": n3 is not in the ISR, but holds the high watermark while it keeps up. */
static void high_watermark__waits_for_a_replica_about_to_join(void **state)
{
    (void)state;
    three_nodes("12");
    follow(&n2, &n1, 0);
    follow(&n3, &n1, 0); /* caught up: asks to join */
    assert_int_equal(n1.proposal_count, 1);
    broker_partition_proposal_refused(n1.parts[0]);
    write_batch(&n1, 0, 1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(hw(&n1), 0);
    struct broker_partition_state fenced = state_of(1, 0, 1, "123", "12");
    fenced.fenced[2] = true;
    apply(&n1, 0, fenced);
    assert_int_equal(hw(&n1), 1);
    stop_nodes();
}

static void high_watermark__stands_still_under_min_isr(void **state)
{
    (void)state;
    partition_config.min_insync_replicas = 2;
    three_nodes("1");
    write_batch(&n1, 0, 3);
    assert_int_equal(hw(&n1), 0);
    struct broker_fetch_got got = peek(&n1, -1, 0, 0);
    assert_int_equal(got.region.size_bytes, 0);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    apply(&n1, 0, state_of(1, 0, 1, "123", "12"));
    assert_int_equal(hw(&n1), 3);
    stop_nodes();
}

/* effectiveMinIsr = min(min.insync.replicas, replicas). */
static void min_isr__is_capped_by_the_number_of_replicas(void **state)
{
    (void)state;
    partition_config.min_insync_replicas = 2;
    node_start(&n1, 1);
    apply(&n1, 0, state_of(1, 0, 0, "1", "1"));
    struct produce p;
    produce(&p, &n1, "0", 1, -1);
    assert_int_equal(p.state, BROKER_OP_READY);
    assert_int_equal(p.parts[0].result.error, KAFKA_NONE);
    broker_op_free(p.op);
    node_stop(&n1);
}

static void append__is_refused_off_the_leader_and_under_min_isr(void **state)
{
    (void)state;
    partition_config.min_insync_replicas = 2;
    three_nodes("1");
    struct produce p;
    produce(&p, &n2, "0", 1, 1);
    assert_int_equal(p.parts[0].result.error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    broker_op_free(p.op);
    produce(&p, &n1, "0", 1, -1);
    assert_int_equal(p.parts[0].result.error, KAFKA_NOT_ENOUGH_REPLICAS);
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 0);
    broker_op_free(p.op);
    stop_nodes();
}

static void fetch__is_fenced_by_epoch(void **state)
{
    (void)state;
    three_nodes("123");
    apply(&n1, 0, state_of(1, 4, 1, "123", "123"));
    struct broker_fetch_want want = part_of(0, 0).want;
    bool diverges;
    want.current_leader_epoch = 3;
    assert_int_equal(broker_partition_fetch_check(n1.parts[0], -1, false, &want, &diverges),
                     KAFKA_FENCED_LEADER_EPOCH);
    want.current_leader_epoch = 5;
    assert_int_equal(broker_partition_fetch_check(n1.parts[0], -1, false, &want, &diverges),
                     KAFKA_UNKNOWN_LEADER_EPOCH);
    want.current_leader_epoch = 4;
    assert_int_equal(broker_partition_fetch_check(n1.parts[0], -1, false, &want, &diverges),
                     KAFKA_NONE);
    assert_int_equal(peek(&n2, -1, 0, 0).error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    assert_int_equal(peek(&n1, 7, 0, 0).error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    assert_int_equal(peek(&n1, -1, 0, 1).error, KAFKA_OFFSET_OUT_OF_RANGE);
    stop_nodes();
}

static void apply__ignores_a_stale_partition_epoch(void **state)
{
    (void)state;
    three_nodes("123");
    apply(&n1, 0, state_of(1, 0, 5, "123", "12"));
    apply(&n1, 0, state_of(2, 0, 4, "123", "123"));
    assert_true(broker_partition_is_leader(n1.parts[0]));
    assert_isr(broker_partition_state(n1.parts[0]), "12");
    stop_nodes();
}

/* Sections 2 and 5: the old leader's unreplicated tail is cut back to where the epochs part. */
static void diverging__follower_truncates_to_the_leaders_log(void **state)
{
    (void)state;
    three_nodes("123");
    write_batch(&n1, 0, 2);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    write_batch(&n1, 0, 3); /* only on n1: offsets 2..4 of epoch 0 */
    struct broker_partition_state moved = state_of(2, 1, 1, "123", "23");
    apply(&n1, 0, moved);
    apply(&n2, 0, moved);
    write_batch(&n2, 0, 1); /* offset 2 of epoch 1 */
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 5);
    assert_int_equal(follow(&n1, &n2, 0), 0);
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 2);
    assert_int_equal(follow(&n1, &n2, 0), BATCH_BYTES);
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 3);
    assert_int_equal(broker_log_latest_epoch(n1.logs[0]), 1);
    stop_nodes();
}

static void truncate__asks_again_when_the_epoch_is_unknown_here(void **state)
{
    (void)state;
    three_nodes("123");
    bool again;
    write_batch(&n1, 0, 4); /* n1: epoch 0 up to 4 */
    apply(&n1, 0, state_of(1, 3, 1, "123", "123"));
    write_batch(&n1, 0, 4); /* epoch 3 up to 8 */
    apply(&n1, 0, state_of(2, 4, 2, "123", "123"));
    assert_int_equal(broker_partition_truncate_to_epoch(n1.parts[0], 2, 6, &again, &receipt, &err),
                     BROKER_OK);
    assert_true(again); /* own epoch at or below 2 is 0, which ends at 4 */
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 4);
    assert_int_equal(broker_partition_truncate_to_epoch(n1.parts[0], 0, 3, &again, &receipt, &err),
                     BROKER_OK);
    assert_false(again);
    stop_nodes();
}

static void out_of_range__restarts_or_cuts_the_follower(void **state)
{
    (void)state;
    three_nodes("123");
    int64_t next;
    write_batch(&n1, 0, 4);
    follow(&n2, &n1, 0);
    assert_int_equal(
        broker_partition_resolve_out_of_range(n2.parts[0], 0, 9, &next, &receipt, &err), BROKER_OK);
    assert_int_equal(next, 4);
    assert_int_equal(
        broker_partition_resolve_out_of_range(n2.parts[0], 6, 9, &next, &receipt, &err), BROKER_OK);
    assert_int_equal(next, 6);
    assert_int_equal(broker_log_start_offset(n2.logs[0]), 6);
    assert_int_equal(broker_log_end_offset(n2.logs[0]), 6);
    stop_nodes();
}

static void follower__takes_the_leaders_start_offset(void **state)
{
    (void)state;
    three_nodes("12");
    for (int i = 0; i < 3; i++)
        write_batch(&n1, 0, 2);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(hw(&n1), 6);
    assert_int_equal(broker_log_set_start_offset(n1.logs[0], 3), KAFKA_NONE);
    follow(&n2, &n1, 0);
    assert_int_equal(broker_log_start_offset(n2.logs[0]), 3);
    assert_int_equal(hw(&n2), 6);
    stop_nodes();
}

/* Section 12. */
static void preferred_replica__is_in_sync_and_in_the_clients_rack(void **state)
{
    (void)state;
    three_nodes("12");
    int32_t racks[3] = {1, 2, 2};
    struct broker_partition *p = n1.parts[0];
    assert_int_equal(broker_partition_preferred_replica(p, racks, 2, 0), -1); /* nothing known */
    follow(&n2, &n1, 0);
    assert_int_equal(broker_partition_preferred_replica(p, racks, 2, 0), 2);
    assert_int_equal(broker_partition_preferred_replica(p, racks, 1, 0), -1);
    assert_int_equal(broker_partition_preferred_replica(p, racks, 2, 1), -1); /* n2 is not there */
    stop_nodes();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(high_watermark__follows_the_slowest_member_of_the_isr),
        CASE(high_watermark__waits_for_a_follower_that_never_fetched),
        CASE(high_watermark__waits_for_a_replica_about_to_join),
        CASE(high_watermark__stands_still_under_min_isr),
        CASE(min_isr__is_capped_by_the_number_of_replicas),
        CASE(append__is_refused_off_the_leader_and_under_min_isr),
        CASE(fetch__is_fenced_by_epoch),
        CASE(apply__ignores_a_stale_partition_epoch),
        CASE(diverging__follower_truncates_to_the_leaders_log),
        CASE(truncate__asks_again_when_the_epoch_is_unknown_here),
        CASE(out_of_range__restarts_or_cuts_the_follower),
        CASE(follower__takes_the_leaders_start_offset),
        CASE(preferred_replica__is_in_sync_and_in_the_clients_rack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
