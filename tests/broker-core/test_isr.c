/* tests/broker-core/test_isr.c - who is in sync, by replication.md section 6. */
#include "tests/broker-core/broker_case.h"

static struct node n1, n2, n3;

static void start(const char *isr)
{
    node_start(&n1, 1);
    node_start(&n2, 2);
    node_start(&n3, 3);
    struct broker_partition_state state = state_of(1, 0, 0, "123", isr);
    apply(&n1, 0, state);
    apply(&n2, 0, state);
    apply(&n3, 0, state);
}

static void stop(void)
{
    node_stop(&n1);
    node_stop(&n2);
    node_stop(&n3);
}

static bool shrink(struct broker_partition_state *proposal)
{
    return broker_partition_shrink_due(n1.parts[0], fixture_now_ms, proposal);
}

static void shrink__removes_who_has_not_caught_up_for_the_lag_time(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    start("123");
    write_batch(&n1, 0, 1);
    follow(&n2, &n1, 0);
    fixture_now_ms += 30000;
    follow(&n2, &n1, 0);
    assert_false(shrink(&proposal)); /* 30000 ms is not yet longer than the lag time */
    fixture_now_ms += 1;
    assert_true(shrink(&proposal));
    assert_isr(&proposal, "12");
    assert_false(shrink(&proposal)); /* one change at a time */
    stop();
}

static void shrink__spares_a_follower_at_the_end_of_an_idle_log(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    start("123");
    follow(&n2, &n1, 0);
    follow(&n3, &n1, 0);
    fixture_now_ms += 1000000;
    assert_false(shrink(&proposal));
    stop();
}

/* A follower that always lags by what arrived since its last fetch counts as caught up at that fetch. */
static void caught_up__counts_from_the_fetch_before(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    start("12");
    for (int i = 0; i < 10; i++) {
        write_batch(&n1, 0, 1);
        follow(&n2, &n1, 0);
        write_batch(&n1, 0, 1);
        fixture_now_ms += 14000;
    }
    assert_false(shrink(&proposal));
    struct broker_follower follower;
    assert_true(broker_partition_follower(n1.parts[0], 2, &follower));
    assert_int_equal(follower.last_fetch_ms, fixture_now_ms - 14000);
    assert_int_equal(follower.last_caught_up_ms, fixture_now_ms - 28000);
    stop();
}

static void shrink__does_not_move_the_high_watermark_before_it_is_applied(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    struct produce p;
    start("123");
    produce(&p, &n1, "0", 1, -1);
    follow(&n2, &n1, 0);
    fixture_now_ms += 30001;
    follow(&n2, &n1, 0);
    assert_true(shrink(&proposal));
    assert_int_equal(broker_log_high_watermark(n1.logs[0]), 0);
    proposal.partition_epoch = 1;
    apply(&n1, 0, proposal);
    assert_int_equal(broker_log_high_watermark(n1.logs[0]), 1);
    broker_run_deferred(n1.broker, &receipt);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(p.parts[0].result.error, KAFKA_NONE);
    broker_op_free(p.op);
    stop();
}

static void expand__is_proposed_by_the_fetch_that_reaches_the_high_watermark(void **state)
{
    (void)state;
    start("12");
    write_batch(&n1, 0, 1);
    write_batch(&n1, 0, 1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(broker_log_high_watermark(n1.logs[0]), 2);
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 0);
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 1);
    assert_int_equal(n1.proposal_tps[0].partition, 0);
    assert_isr(&n1.proposals[0], "123");
    assert_int_equal(n1.proposals[0].partition_epoch, 0);
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 1);
    stop();
}

/* Maximal ISR: while the expansion is out, the new member already counts. */
static void expand__counts_for_the_high_watermark_at_once(void **state)
{
    (void)state;
    start("12");
    follow(&n2, &n1, 0);
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 1);
    fixture_now_ms += 100000; /* nobody is caught up by time */
    write_batch(&n1, 0, 1);
    follow(&n2, &n1, 0);
    follow(&n2, &n1, 0);
    assert_int_equal(broker_log_high_watermark(n1.logs[0]), 0);
    broker_partition_proposal_refused(n1.parts[0]);
    write_batch(&n1, 0, 1);
    assert_int_equal(broker_log_high_watermark(n1.logs[0]), 1);
    stop();
}

static void expand__is_not_proposed_for_a_fenced_replica(void **state)
{
    (void)state;
    start("12");
    struct broker_partition_state fenced = state_of(1, 0, 1, "123", "12");
    fenced.fenced[2] = true;
    apply(&n1, 0, fenced);
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 0);
    apply(&n1, 0, state_of(1, 0, 1, "123", "12"));
    follow(&n3, &n1, 0);
    assert_int_equal(n1.proposal_count, 1);
    stop();
}

/* Section 2: a new leader gives the ISR its lag time anew. */
static void new_leader__starts_the_lag_time_anew(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    start("123");
    fixture_now_ms += 500000;
    apply(&n1, 0, state_of(2, 1, 1, "123", "123"));
    apply(&n1, 0, state_of(1, 2, 2, "123", "123"));
    fixture_now_ms += 30000;
    write_batch(&n1, 0, 1);
    assert_false(shrink(&proposal));
    fixture_now_ms += 1;
    assert_true(shrink(&proposal));
    assert_isr(&proposal, "1");
    stop();
}

/* The broker checks every replica.lag.time.max.ms / 2. */
static void timer__proposes_shrinks_every_half_lag_time(void **state)
{
    (void)state;
    start("123");
    int64_t start_ms = fixture_now_ms;
    write_batch(&n1, 0, 1);
    assert_int_equal(broker_next_due_ms(n1.broker), start_ms + 15000);
    for (int i = 1; i <= 3; i++) {
        fixture_now_ms = start_ms + 15000 * i;
        assert_int_equal(broker_next_due_ms(n1.broker), fixture_now_ms);
        broker_run_due(n1.broker, fixture_now_ms, &receipt);
        assert_int_equal(n1.proposal_count, i == 3);
    }
    assert_isr(&n1.proposals[0], "1");
    assert_int_equal(broker_counters(n1.broker)->isr_shrinks, 1);
    stop();
}

/* A session's fetches that name no partition still keep the follower in sync. */
static void session__keeps_a_quiet_follower_in_sync(void **state)
{
    (void)state;
    struct broker_partition_state proposal;
    struct broker_op *op;
    start("12");
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(2, &part, 1);
    request.max_wait_ms = 0;
    request.session_epoch = 0;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    request.session_id = broker_fetch_answer(op)->session_id;
    broker_op_free(op);
    request.part_count = 0;
    for (int i = 1; i <= 4; i++) {
        fixture_now_ms += 20000;
        request.session_epoch = i;
        op = broker_fetch_new(n1.broker, &request, NULL);
        assert_null(broker_op_next(op)); /* nothing changed: nothing is read */
        assert_int_equal(broker_op_finish(op), BROKER_OP_READY);
        assert_int_equal(broker_fetch_answer(op)->part_count, 0);
        assert_int_equal(broker_fetch_answer(op)->covered_count, 1);
        broker_op_free(op);
    }
    struct broker_follower follower;
    assert_true(broker_partition_follower(n1.parts[0], 2, &follower));
    assert_int_equal(follower.last_caught_up_ms, fixture_now_ms);
    write_batch(&n1, 0, 1); /* from now on it lags */
    fixture_now_ms += 30000;
    assert_false(shrink(&proposal));
    fixture_now_ms += 1;
    assert_true(shrink(&proposal));
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(shrink__removes_who_has_not_caught_up_for_the_lag_time),
        CASE(shrink__spares_a_follower_at_the_end_of_an_idle_log),
        CASE(caught_up__counts_from_the_fetch_before),
        CASE(shrink__does_not_move_the_high_watermark_before_it_is_applied),
        CASE(expand__is_proposed_by_the_fetch_that_reaches_the_high_watermark),
        CASE(expand__counts_for_the_high_watermark_at_once),
        CASE(expand__is_not_proposed_for_a_fenced_replica),
        CASE(new_leader__starts_the_lag_time_anew),
        CASE(timer__proposes_shrinks_every_half_lag_time),
        CASE(session__keeps_a_quiet_follower_in_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
