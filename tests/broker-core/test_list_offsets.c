/* tests/broker-core/test_list_offsets.c - ListOffsets as an op (log-storage.md section 6, replication.md section 2). */
#include "tests/broker-core/broker_case.h"

static struct node n1, n2;

/* All of partition 0's answer to one target: error, timestamp, offset. */
static struct broker_offset_part ask(int32_t replica_id, int64_t target, int32_t epoch)
{
    struct broker_offset_part part = {
        .tp = {0, 0}, .current_leader_epoch = epoch, .target = target};
    struct broker_op *op = broker_list_offsets_new(n1.broker, replica_id, false, &part, 1, NULL);
    assert_int_equal(broker_op_run(op, &receipt), BROKER_OK);
    assert_int_equal(broker_op_finish(op), BROKER_OP_READY);
    broker_op_free(op);
    return part;
}

static void start(const char *replicas, const char *isr)
{
    node_start(&n1, 1);
    node_start(&n2, 2);
    apply(&n1, 0, state_of(1, 0, 0, replicas, isr));
    apply(&n2, 0, state_of(1, 0, 0, replicas, isr));
}

static void stop(void)
{
    node_stop(&n1);
    node_stop(&n2);
}

static void targets__latest_earliest_and_by_timestamp(void **state)
{
    (void)state;
    start("1", "1");
    for (int i = 0; i < 4; i++, fixture_now_ms += 10)
        write_batch(&n1, 0, 2);
    assert_int_equal(broker_log_set_start_offset(n1.logs[0], 2), KAFKA_NONE);
    assert_int_equal(ask(-1, -1, -1).offset, 8);
    assert_int_equal(ask(-1, -1, -1).timestamp_ms, -1);
    assert_int_equal(ask(-1, -2, -1).offset, 2);
    struct broker_offset_part found = ask(-1, FIXTURE_START_MS + 15, -1);
    assert_int_equal(found.error, KAFKA_NONE);
    assert_int_equal(found.timestamp_ms, FIXTURE_START_MS + 20);
    assert_int_equal(ask(-1, FIXTURE_START_MS + 31, -1).offset, -1);
    stop();
}

static void latest__is_the_high_watermark_for_consumers_and_the_end_for_replicas(void **state)
{
    (void)state;
    start("12", "12");
    write_batch(&n1, 0, 3);
    assert_int_equal(ask(-1, -1, -1).offset, 0);
    assert_int_equal(ask(2, -1, -1).offset, 3);
    stop();
}

/* A new leader whose high watermark has not reached its first own offset does not know what is committed. */
static void new_leader__says_not_available_until_its_high_watermark_is_there(void **state)
{
    (void)state;
    start("12", "12");
    write_batch(&n1, 0, 3);
    apply(&n1, 0, state_of(1, 1, 1, "12", "12"));
    assert_int_equal(ask(-1, -1, -1).error, KAFKA_OFFSET_NOT_AVAILABLE);
    assert_int_equal(ask(-1, -2, -1).error, KAFKA_NONE);
    assert_int_equal(ask(-1, FIXTURE_START_MS, -1).error, KAFKA_OFFSET_NOT_AVAILABLE);
    assert_int_equal(ask(-1, FIXTURE_START_MS + 1, -1).error, KAFKA_NONE);
    assert_int_equal(ask(2, -1, -1).offset, 3);
    apply(&n2, 0, state_of(1, 1, 1, "12", "12"));
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(ask(-1, -1, -1).offset, 3);
    stop();
}

static void role_and_epoch__are_checked(void **state)
{
    (void)state;
    start("12", "12");
    assert_int_equal(ask(-1, -1, 1).error, KAFKA_UNKNOWN_LEADER_EPOCH);
    apply(&n1, 0, state_of(2, 1, 1, "12", "12"));
    assert_int_equal(ask(-1, -1, 0).error, KAFKA_FENCED_LEADER_EPOCH);
    assert_int_equal(ask(-1, -1, -1).error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    broker_remove_partition(n1.broker, (struct broker_tp){0, 0});
    assert_int_equal(ask(-1, -1, -1).error, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    assert_int_equal(ask(-1, -1, -1).offset, -1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(targets__latest_earliest_and_by_timestamp),
        CASE(latest__is_the_high_watermark_for_consumers_and_the_end_for_replicas),
        CASE(new_leader__says_not_available_until_its_high_watermark_is_there),
        CASE(role_and_epoch__are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
