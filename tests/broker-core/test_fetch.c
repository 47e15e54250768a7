/* tests/broker-core/test_fetch.c - limits of one fetch, and when a waiting one completes (replication.md section 7). */
#include "tests/broker-core/broker_case.h"

static struct node n1;

static void start(void)
{
    node_start(&n1, 1);
    for (int32_t p = 0; p < PARTITIONS; p++)
        apply(&n1, p, state_of(1, 0, 0, "1", "1"));
}

static uint64_t got_bytes(const struct broker_op *op, uint32_t index)
{
    return broker_fetch_answer(op)->parts[index]->got.region.size_bytes;
}

static void limits__first_batch_comes_whole_and_then_they_are_strict(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    for (int32_t p = 0; p < 3; p++)
        for (int i = 0; i < 4; i++)
            write_batch(&n1, p, 1);
    struct broker_fetch_part parts[3] = {part_of(0, 0), part_of(1, 0), part_of(2, 0)};
    struct broker_fetch_request request = request_of(-1, parts, 3);
    request.max_bytes = 10; /* less than one batch */
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(got_bytes(op, 0), BATCH_BYTES);
    assert_int_equal(got_bytes(op, 1), 0);
    assert_int_equal(got_bytes(op, 2), 0);
    assert_int_equal(broker_fetch_answer(op)->bytes, BATCH_BYTES);
    broker_op_free(op);

    parts[0].want.partition_max_bytes = 2 * BATCH_BYTES;
    request.max_bytes = 3 * BATCH_BYTES;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(got_bytes(op, 0), 2 * BATCH_BYTES);
    assert_int_equal(got_bytes(op, 1), BATCH_BYTES);
    assert_int_equal(got_bytes(op, 2), 0);
    broker_op_free(op);
    node_stop(&n1);
}

static void empty__fetch_waits_and_the_next_append_completes_it(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(1, 0)};
    struct broker_fetch_request request = request_of(-1, parts, 2);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    assert_int_equal(broker_counters(n1.broker)->fetch_waiting, 1);
    write_batch(&n1, 2, 1);
    assert_int_equal(n1.ready_count, 0);
    write_batch(&n1, 1, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_ptr_equal(n1.ready[0], op);
    assert_int_equal(broker_fetch_answer(op)->part_count, 2);
    assert_int_equal(broker_fetch_answer(op)->found_count, 1);
    assert_int_equal(got_bytes(op, 0), 0);
    assert_int_equal(got_bytes(op, 1), BATCH_BYTES);
    assert_int_equal(broker_fetch_answer(op)->parts[1]->got.high_watermark, 1);
    assert_false(broker_fetch_answer(op)->expired);
    assert_int_equal(broker_counters(n1.broker)->fetch_waiting, 0);
    broker_op_free(op);
    node_stop(&n1);
}

static void min_bytes__are_summed_over_partitions(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    write_batch(&n1, 0, 1);
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(1, 0)};
    struct broker_fetch_request request = request_of(-1, parts, 2);
    request.min_bytes = 3 * BATCH_BYTES;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    write_batch(&n1, 1, 1);
    assert_int_equal(n1.ready_count, 0);
    write_batch(&n1, 0, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_fetch_answer(op)->bytes, 3 * BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n1);
}

/* Condition G counts at most partition_max_bytes of each. */
static void min_bytes__count_no_more_than_a_partition_may_give(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    part.want.partition_max_bytes = 200;
    struct broker_fetch_request request = request_of(-1, &part, 1);
    request.min_bytes = 300;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    for (int i = 0; i < 5; i++)
        write_batch(&n1, 0, 1);
    assert_int_equal(n1.ready_count, 0);
    fixture_now_ms += 500;
    assert_int_equal(broker_run_due(n1.broker, fixture_now_ms, &receipt), 1);
    assert_true(broker_fetch_answer(op)->expired);
    assert_int_equal(got_bytes(op, 0), 200);
    broker_op_free(op);
    node_stop(&n1);
}

static void max_wait__ends_the_wait_with_what_is_there(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    assert_int_equal(broker_next_due_ms(n1.broker), fixture_now_ms + 500);
    fixture_now_ms += 499;
    assert_int_equal(broker_run_due(n1.broker, fixture_now_ms, &receipt), 0);
    fixture_now_ms += 1;
    assert_int_equal(broker_run_due(n1.broker, fixture_now_ms, &receipt), 1);
    assert_true(broker_fetch_answer(op)->expired);
    assert_int_equal(broker_counters(n1.broker)->fetch_expired, 1);
    broker_op_free(op);
    request.max_wait_ms = 0;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    broker_op_free(op);
    node_stop(&n1);
}

static void error__of_one_partition_answers_at_once(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(1, 5)};
    struct broker_fetch_request request = request_of(-1, parts, 2);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(broker_fetch_answer(op)->parts[1]->got.error, KAFKA_OFFSET_OUT_OF_RANGE);
    assert_int_equal(broker_fetch_answer(op)->parts[1]->got.high_watermark, -1);
    broker_op_free(op);
    parts[1].tp.topic = 7;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(broker_fetch_answer(op)->parts[1]->got.error,
                     KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    broker_op_free(op);
    node_stop(&n1);
}

/* Conditions A and B. */
static void leadership__lost_completes_the_wait(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(1, 0)};
    struct broker_fetch_request request = request_of(-1, parts, 2);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    apply(&n1, 1, state_of(1, 0, 1, "1", "1")); /* same leader, same epoch: goes on waiting */
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 0);
    apply(&n1, 1, state_of(2, 1, 2, "12", "2"));
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.error, KAFKA_NONE);
    assert_int_equal(broker_fetch_answer(op)->parts[1]->got.error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    broker_op_free(op);
    node_stop(&n1);
}

/* Condition E. */
static void epoch__fenced_completes_the_wait(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    part.want.current_leader_epoch = 0;
    struct broker_fetch_request request = request_of(-1, &part, 1);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    apply(&n1, 0, state_of(1, 1, 1, "1", "1"));
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.error, KAFKA_FENCED_LEADER_EPOCH);
    broker_op_free(op);
    node_stop(&n1);
}

/* Condition C. */
static void partition__removed_completes_the_wait(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    broker_remove_partition(n1.broker, (struct broker_tp){0, 0});
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.error,
                     KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    broker_op_free(op);
    node_stop(&n1);
}

/* Condition F: the segment was rolled while the fetch waited, so positions cannot be compared. */
static void roll__completes_the_wait_of_a_reader_behind(void **state)
{
    (void)state;
    struct broker_op *op;
    log_config.segment_bytes = 3 * BATCH_BYTES;
    start();
    write_batch(&n1, 0, 1);
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    request.min_bytes = 1 << 20;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    write_batch(&n1, 0, 1);
    write_batch(&n1, 0, 1);
    assert_int_equal(n1.ready_count, 0);
    write_batch(&n1, 0, 1); /* into the second segment */
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(got_bytes(op, 0), 3 * BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n1);
}

/* Consumers are woken by the high watermark, followers by the end offset. */
static void waiters__look_at_their_own_bound(void **state)
{
    (void)state;
    struct broker_op *consumer, *follower;
    start();
    apply(&n1, 0, state_of(1, 0, 1, "12", "12"));
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    assert_int_equal(fetch(&n1, &request, &consumer), BROKER_OP_WAITING);
    request.replica_id = 2;
    assert_int_equal(fetch(&n1, &request, &follower), BROKER_OP_WAITING);
    write_batch(&n1, 0, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_ptr_equal(n1.ready[0], follower);
    assert_int_equal(got_bytes(follower, 0), BATCH_BYTES);
    broker_op_free(follower);
    peek(&n1, 2, 0, 1); /* the follower has it */
    assert_int_equal(n1.ready_count, 2);
    assert_ptr_equal(n1.ready[1], consumer);
    assert_int_equal(got_bytes(consumer, 0), BATCH_BYTES);
    broker_op_free(consumer);
    node_stop(&n1);
}

/* What arrives between a fetch's read and its wait is not missed. */
static void append__between_read_and_wait_is_seen(void **state)
{
    (void)state;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    struct broker_op *op = broker_fetch_new(n1.broker, &request, NULL);
    assert_int_equal(broker_op_run(op, &receipt), BROKER_OK);
    write_batch(&n1, 0, 1);
    assert_int_equal(broker_op_finish(op), BROKER_OP_WAITING);
    assert_int_equal(broker_run_deferred(n1.broker, &receipt), 1);
    assert_int_equal(got_bytes(op, 0), BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n1);
}

static void withdrawn__fetch_is_forgotten(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    broker_op_free(op);
    write_batch(&n1, 0, 1);
    assert_int_equal(n1.ready_count, 0);
    assert_int_equal(broker_next_due_ms(n1.broker), FIXTURE_START_MS + 15000);
    node_stop(&n1);
}

/* Section 12. */
static void rack__aware_fetch_is_sent_to_the_near_replica(void **state)
{
    (void)state;
    struct broker_op *op;
    broker_config.rack_aware_reads = true;
    start();
    broker_set_rack(n1.broker, 1, 1);
    broker_set_rack(n1.broker, 2, 2);
    apply(&n1, 0, state_of(1, 0, 1, "12", "12"));
    write_batch(&n1, 0, 1);
    peek(&n1, 2, 0, 1);
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    request.client_rack = 2;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.preferred_read_replica, 2);
    assert_int_equal(got_bytes(op, 0), 0);
    broker_op_free(op);
    request.client_rack = 1;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.preferred_read_replica, -1);
    assert_int_equal(got_bytes(op, 0), BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n1);
}

/* A follower serves consumers that name their rack, up to its own high watermark. */
static void follower__serves_a_consumer_up_to_its_high_watermark(void **state)
{
    (void)state;
    static struct node n2;
    struct broker_op *op;
    start();
    node_start(&n2, 2);
    apply(&n1, 0, state_of(1, 0, 1, "12", "12"));
    apply(&n2, 0, state_of(1, 0, 1, "12", "12"));
    write_batch(&n1, 0, 1);
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    request.client_rack = 2;
    assert_int_equal(fetch(&n2, &request, &op), BROKER_OP_WAITING);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(n2.ready_count, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(n2.ready_count, 1);
    assert_int_equal(got_bytes(op, 0), BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n2);
    node_stop(&n1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(limits__first_batch_comes_whole_and_then_they_are_strict),
        CASE(empty__fetch_waits_and_the_next_append_completes_it),
        CASE(min_bytes__are_summed_over_partitions),
        CASE(min_bytes__count_no_more_than_a_partition_may_give),
        CASE(max_wait__ends_the_wait_with_what_is_there),
        CASE(error__of_one_partition_answers_at_once),
        CASE(leadership__lost_completes_the_wait),
        CASE(epoch__fenced_completes_the_wait),
        CASE(partition__removed_completes_the_wait),
        CASE(roll__completes_the_wait_of_a_reader_behind),
        CASE(waiters__look_at_their_own_bound),
        CASE(append__between_read_and_wait_is_seen),
        CASE(withdrawn__fetch_is_forgotten),
        CASE(rack__aware_fetch_is_sent_to_the_near_replica),
        CASE(follower__serves_a_consumer_up_to_its_high_watermark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
