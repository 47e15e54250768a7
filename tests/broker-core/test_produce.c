/* tests/broker-core/test_produce.c - acks 0, 1 and all, as steps, with the produce purgatory. */
#include "tests/broker-core/broker_case.h"

static struct node n1, n2;

static void start(void)
{
    node_start(&n1, 1);
    node_start(&n2, 2);
    for (int32_t p = 0; p < PARTITIONS - 1; p++) { /* the last one is led by nobody */
        apply(&n1, p, state_of(1, 0, 0, "12", "12"));
        apply(&n2, p, state_of(1, 0, 0, "12", "12"));
    }
}

static void stop(void)
{
    node_stop(&n1);
    node_stop(&n2);
}

/* The controller found broker 2 dead: alone in the ISR, and nobody to wait for. */
static struct broker_partition_state alone(void)
{
    struct broker_partition_state state = state_of(1, 0, 1, "12", "1");
    state.fenced[1] = true;
    return state;
}

static void acks_1__answers_after_the_append(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "02", 3, 1);
    assert_int_equal(p.state, BROKER_OP_READY);
    assert_int_equal(p.parts[0].result.base_offset, 0);
    assert_int_equal(p.parts[0].result.last_offset, 2);
    assert_int_equal(p.parts[1].result.error, KAFKA_NONE);
    assert_int_equal(broker_log_end_offset(n1.logs[2]), 3);
    assert_ptr_equal(broker_op_host_data(p.op), &p);
    broker_op_free(p.op);
    stop();
}

static void append__is_not_seen_before_publish(void **state)
{
    (void)state;
    struct produce p;
    start();
    apply(&n1, 0, state_of(1, 0, 1, "12", "1"));
    produce_begin(&p, &n1, "0", 3, 1);
    assert_ptr_equal(broker_op_next(p.op), n1.parts[0]);
    assert_int_equal(broker_op_next_index(p.op), 0);
    assert_int_equal(broker_op_step(p.op, &receipt), BROKER_OK);
    assert_int_equal(peek(&n1, 2, 0, 0).region.size_bytes, 0);
    broker_op_publish(p.op);
    assert_int_equal(peek(&n1, 2, 0, 0).region.size_bytes, BATCH_BYTES);
    assert_null(broker_op_next(p.op));
    assert_int_equal(broker_op_finish(p.op), BROKER_OP_READY);
    broker_op_free(p.op);
    stop();
}

static void acks_all__waits_for_every_partition(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "01", 1, -1);
    assert_int_equal(p.state, BROKER_OP_WAITING);
    assert_int_equal(broker_counters(n1.broker)->produce_waiting, 1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(n1.ready_count, 0);
    follow(&n2, &n1, 1);
    assert_int_equal(n1.ready_count, 0);
    follow(&n2, &n1, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_ptr_equal(n1.ready[0], p.op);
    assert_int_equal(p.parts[0].result.error, KAFKA_NONE);
    assert_int_equal(p.parts[1].result.error, KAFKA_NONE);
    assert_int_equal(broker_counters(n1.broker)->produce_waiting, 0);
    broker_op_free(p.op);
    stop();
}

static void acks_all__answers_at_once_when_alone_in_the_isr(void **state)
{
    (void)state;
    struct produce p;
    start();
    apply(&n1, 0, alone());
    produce(&p, &n1, "0", 1, -1);
    assert_int_equal(p.state, BROKER_OP_READY);
    assert_int_equal(p.parts[0].result.error, KAFKA_NONE);
    broker_op_free(p.op);
    stop();
}

static void acks_all__times_out_per_partition(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "013", 1, -1);
    assert_int_equal(p.parts[2].result.error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    follow(&n2, &n1, 1);
    follow(&n2, &n1, 1);
    assert_int_equal(broker_next_due_ms(n1.broker), fixture_now_ms + 1000);
    fixture_now_ms += 999;
    assert_int_equal(broker_run_due(n1.broker, fixture_now_ms, &receipt), 0);
    fixture_now_ms += 1;
    assert_int_equal(broker_run_due(n1.broker, fixture_now_ms, &receipt), 1);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(p.parts[0].result.error, KAFKA_REQUEST_TIMED_OUT);
    assert_int_equal(p.parts[1].result.error, KAFKA_NONE);
    assert_int_equal(p.parts[2].result.error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 1); /* the data stays */
    assert_int_equal(broker_counters(n1.broker)->produce_expired, 1);
    broker_op_free(p.op);
    stop();
}

static void acks_all__fails_when_leadership_is_lost(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "0", 1, -1);
    apply(&n1, 0, state_of(2, 1, 1, "12", "12"));
    assert_int_equal(n1.ready_count, 0);
    assert_int_equal(broker_run_deferred(n1.broker, &receipt), 1);
    assert_int_equal(p.parts[0].result.error, KAFKA_NOT_LEADER_OR_FOLLOWER);
    broker_op_free(p.op);
    stop();
}

/* The ISR shrank below min.insync.replicas after the append. */
static void acks_all__tells_not_enough_replicas_after_append(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "0", 1, -1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0); /* committed by both */
    assert_int_equal(n1.ready_count, 1);
    broker_op_free(p.op);

    produce(&p, &n1, "0", 1, -1);
    apply(&n1, 0, alone()); /* the high watermark moves */
    struct broker_partition_config two = {2, 30000};
    broker_partition_set_config(n1.parts[0], &two);
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 2);
    assert_int_equal(p.parts[0].result.error, KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    broker_op_free(p.op);
    stop();
}

static void unknown__partition_is_answered_without_a_step(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce_begin(&p, &n1, "01", 1, 1);
    p.parts[0].tp.topic = 9;
    broker_op_free(p.op);
    p.op = broker_produce_new(n1.broker, 1, 1000, p.parts, 2, NULL);
    assert_ptr_equal(broker_op_next(p.op), n1.parts[1]);
    assert_int_equal(broker_op_next_index(p.op), 1);
    assert_int_equal(broker_op_run(p.op, &receipt), BROKER_OK);
    assert_int_equal(broker_op_finish(p.op), BROKER_OP_READY);
    assert_int_equal(p.parts[0].result.error, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    assert_int_equal(p.parts[1].result.error, KAFKA_NONE);
    broker_op_free(p.op);
    stop();
}

static void acks__must_be_known(void **state)
{
    (void)state;
    struct produce p;
    start();
    produce(&p, &n1, "01", 1, 2);
    assert_int_equal(p.parts[0].result.error, KAFKA_INVALID_REQUIRED_ACKS);
    assert_int_equal(p.parts[1].result.error, KAFKA_INVALID_REQUIRED_ACKS);
    assert_int_equal(broker_log_end_offset(n1.logs[0]), 0);
    broker_op_free(p.op);
    stop();
}

static void removed__partition_fails_its_waiters(void **state)
{
    (void)state;
    struct produce p, q;
    start();
    produce(&p, &n1, "0", 1, -1);
    produce_begin(&q, &n1, "01", 1, 1);
    assert_ptr_equal(broker_remove_partition(n1.broker, (struct broker_tp){0, 0}), n1.parts[0]);
    assert_null(broker_find_partition(n1.broker, (struct broker_tp){0, 0}));
    assert_ptr_equal(broker_op_next(q.op), n1.parts[1]);
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(p.parts[0].result.error, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    broker_op_run(q.op, &receipt);
    assert_int_equal(q.parts[0].result.error, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    broker_op_free(p.op);
    broker_op_free(q.op);
    stop();
}

static void withdrawn__op_is_forgotten(void **state)
{
    (void)state;
    struct produce p, q;
    start();
    produce(&p, &n1, "0", 1, -1);
    produce(&q, &n1, "0", 1, -1);
    broker_op_free(p.op); /* connection lost */
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(n1.ready_count, 1);
    assert_ptr_equal(n1.ready[0], q.op);
    assert_int_equal(broker_counters(n1.broker)->produce_waiting, 0);
    broker_op_free(q.op);
    stop();
}

static void waiters__complete_in_the_order_they_came(void **state)
{
    (void)state;
    struct produce p[5];
    start();
    for (int i = 0; i < 5; i++)
        produce(&p[i], &n1, "0", 1, -1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(n1.ready_count, 5);
    for (int i = 0; i < 5; i++) {
        assert_ptr_equal(n1.ready[i], p[i].op);
        broker_op_free(p[i].op);
    }
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(acks_1__answers_after_the_append),
        CASE(append__is_not_seen_before_publish),
        CASE(acks_all__waits_for_every_partition),
        CASE(acks_all__answers_at_once_when_alone_in_the_isr),
        CASE(acks_all__times_out_per_partition),
        CASE(acks_all__fails_when_leadership_is_lost),
        CASE(acks_all__tells_not_enough_replicas_after_append),
        CASE(unknown__partition_is_answered_without_a_step),
        CASE(acks__must_be_known),
        CASE(removed__partition_fails_its_waiters),
        CASE(withdrawn__op_is_forgotten),
        CASE(waiters__complete_in_the_order_they_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
