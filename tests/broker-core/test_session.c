/* tests/broker-core/test_session.c - fetch sessions (KIP-227; replication.md section 7). */
#include "tests/broker-core/broker_case.h"

static struct node n1;
static struct broker_fetch_request request;

static void start(void)
{
    node_start(&n1, 1);
    for (int32_t p = 0; p < PARTITIONS; p++)
        apply(&n1, p, state_of(1, 0, 0, "1", "1"));
}

/* A fetch that is answered at once; its answer as text: "id? error | partition:bytes ..." without the id. */
static const char *ask(int32_t id, int32_t epoch, const struct broker_fetch_part *parts,
                       uint32_t count)
{
    static char text[400];
    struct broker_op *op;
    request.session_id = id;
    request.session_epoch = epoch;
    request.parts = parts;
    request.part_count = count;
    request.max_wait_ms = 0;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_READY);
    const struct broker_fetch_answer *answer = broker_fetch_answer(op);
    request.session_id = answer->session_id;
    size_t used = (size_t)snprintf(text, sizeof text, "%s",
                                   answer->error ? broker_error_name((int)answer->error) : "");
    for (uint32_t i = 0; i < answer->part_count; i++) {
        const struct broker_fetch_part *part = answer->parts[i];
        assert_true(part->changed);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d:%d", used ? " " : "",
                                 (int)part->tp.partition, (int)part->got.region.size_bytes);
        if (part->got.error != KAFKA_NONE)
            used += (size_t)snprintf(text + used, sizeof text - used, "!%d", (int)part->got.error);
    }
    broker_op_free(op);
    return text;
}

static void session__lists_only_what_changed(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part parts[3] = {part_of(0, 0), part_of(1, 0), part_of(2, 0)};
    assert_string_equal(ask(0, 0, parts, 3), "0:0 1:0 2:0");
    int32_t id = request.session_id;
    assert_true(id > 0);
    assert_string_equal(ask(id, 1, NULL, 0), "");
    assert_int_equal(request.session_id, id);
    write_batch(&n1, 1, 1);
    assert_string_equal(ask(id, 2, NULL, 0), "1:161");
    assert_string_equal(ask(id, 3, NULL, 0), "1:161"); /* not moved on: the same again */
    struct broker_fetch_part next = part_of(1, 1);
    assert_string_equal(ask(id, 4, &next, 1), "");
    node_stop(&n1);
}

static void session__tells_a_high_watermark_without_records(void **state)
{
    (void)state;
    start();
    apply(&n1, 0, state_of(1, 0, 1, "12", "12"));
    request = request_of(2, NULL, 0);
    struct broker_fetch_part part = part_of(0, 0);
    assert_string_equal(ask(0, 0, &part, 1), "0:0");
    int32_t id = request.session_id;
    write_batch(&n1, 0, 1);
    assert_string_equal(ask(id, 1, NULL, 0), "0:161");
    part = part_of(0, 1);
    assert_string_equal(ask(id, 2, &part, 1), ""); /* moves the high watermark, tells the old one */
    assert_string_equal(ask(id, 3, NULL, 0), "0:0");
    assert_string_equal(ask(id, 4, NULL, 0), "");
    node_stop(&n1);
}

static void session__tells_a_start_offset_without_records(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    write_batch(&n1, 0, 5);
    struct broker_fetch_part part = part_of(0, 5);
    assert_string_equal(ask(0, 0, &part, 1), "0:0");
    int32_t id = request.session_id;
    assert_int_equal(broker_log_set_start_offset(n1.logs[0], 3), KAFKA_NONE);
    broker_partition_changed(n1.broker, (struct broker_tp){0, 0});
    assert_string_equal(ask(id, 1, NULL, 0), "0:0");
    assert_string_equal(ask(id, 2, NULL, 0), "");
    node_stop(&n1);
}

/* Partitions that were returned with records go to the end, so that none starves under max_bytes. */
static void session__rotates_partitions_that_had_records(void **state)
{
    (void)state;
    start();
    for (int32_t p = 0; p < 3; p++)
        for (int i = 0; i < 3; i++)
            write_batch(&n1, p, 1);
    request = request_of(-1, NULL, 0);
    request.max_bytes = BATCH_BYTES;
    struct broker_fetch_part parts[3] = {part_of(0, 0), part_of(1, 0), part_of(2, 0)};
    assert_string_equal(ask(0, 0, parts, 3), "0:161 1:0 2:0"); /* a full fetch does not rotate */
    int32_t id = request.session_id;
    parts[0] = part_of(0, 1);
    assert_string_equal(ask(id, 1, parts, 1), "0:161");
    parts[0] = part_of(0, 2);
    assert_string_equal(ask(id, 2, parts, 1), "1:161");
    parts[0] = part_of(1, 1);
    assert_string_equal(ask(id, 3, parts, 1), "2:161");
    parts[0] = part_of(2, 1);
    assert_string_equal(ask(id, 4, parts, 1), "0:161");
    node_stop(&n1);
}

static void session__adds_updates_and_forgets_partitions(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(1, 0)};
    ask(0, 0, parts, 2);
    int32_t id = request.session_id;
    struct broker_fetch_part added = part_of(3, 0);
    assert_string_equal(ask(id, 1, &added, 1), "3:0");
    struct broker_tp gone = {0, 0};
    request.forgotten = &gone;
    request.forgotten_count = 1;
    assert_string_equal(ask(id, 2, NULL, 0), "");
    request.forgotten_count = 0;
    write_batch(&n1, 0, 1);
    write_batch(&n1, 3, 1);
    assert_string_equal(ask(id, 3, NULL, 0), "3:161");
    node_stop(&n1);
}

static void session__ends_when_nothing_is_left(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part part = part_of(0, 0);
    ask(0, 0, &part, 1);
    int32_t id = request.session_id;
    request.forgotten = &part.tp;
    request.forgotten_count = 1;
    assert_string_equal(ask(id, 1, NULL, 0), "");
    assert_int_equal(request.session_id, 0);
    request.forgotten_count = 0;
    assert_string_equal(ask(id, 2, NULL, 0), "FETCH_SESSION_ID_NOT_FOUND");
    node_stop(&n1);
}

static void session__errors_repeat_until_they_are_gone(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part parts[2] = {part_of(0, 0), part_of(9, 0)};
    assert_string_equal(ask(0, 0, parts, 2), "0:0 9:0!3");
    int32_t id = request.session_id;
    assert_string_equal(ask(id, 1, NULL, 0), "9:0!3");
    struct broker_partition *moved = broker_remove_partition(n1.broker, (struct broker_tp){0, 3});
    broker_add_partition(n1.broker, (struct broker_tp){0, 9}, moved);
    assert_string_equal(ask(id, 2, NULL, 0), "9:0");
    assert_string_equal(ask(id, 3, NULL, 0), "");
    write_batch(&n1, 9, 1);
    assert_string_equal(ask(id, 4, NULL, 0), "9:161");
    apply(&n1, 0, state_of(2, 1, 1, "12", "2"));
    assert_string_equal(ask(id, 5, NULL, 0), "0:0!6 9:161");
    assert_string_equal(ask(id, 6, NULL, 0), "0:0!6 9:161");
    node_stop(&n1);
}

static void epoch__must_be_the_expected_one(void **state)
{
    (void)state;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part part = part_of(0, 0);
    ask(0, 0, &part, 1);
    int32_t id = request.session_id;
    assert_string_equal(ask(id, 2, NULL, 0), "INVALID_FETCH_SESSION_EPOCH");
    assert_int_equal(request.session_id, 0);
    assert_string_equal(ask(id, 1, NULL, 0), "");
    assert_string_equal(ask(id, 1, NULL, 0), "INVALID_FETCH_SESSION_EPOCH");
    assert_string_equal(ask(id + 1, 1, NULL, 0), "FETCH_SESSION_ID_NOT_FOUND");
    assert_string_equal(ask(0, 1, NULL, 0), "FETCH_SESSION_ID_NOT_FOUND");
    assert_string_equal(ask(id, -1, &part, 1), "0:0"); /* closes it */
    assert_int_equal(request.session_id, 0);
    assert_string_equal(ask(id, 2, NULL, 0), "FETCH_SESSION_ID_NOT_FOUND");
    ask(0, 0, &part, 1);
    id = request.session_id;
    assert_string_equal(ask(id, 0, &part, 1), "0:0"); /* closes it and makes a new one */
    assert_int_not_equal(request.session_id, id);
    assert_string_equal(ask(id, 1, NULL, 0), "FETCH_SESSION_ID_NOT_FOUND");
    node_stop(&n1);
}

static int32_t new_session(int32_t replica_id, uint32_t parts)
{
    struct broker_fetch_part part[4] = {part_of(0, 0), part_of(1, 0), part_of(2, 0), part_of(3, 0)};
    request = request_of(replica_id, NULL, 0);
    ask(0, 0, part, parts);
    return request.session_id;
}

static bool known(int32_t id)
{
    return strcmp(ask(id, 77, NULL, 0), "INVALID_FETCH_SESSION_EPOCH") == 0;
}

/* Section 7, "Cache". */
static void cache__evicts_by_kafkas_rules(void **state)
{
    (void)state;
    broker_config.fetch_session_slots = 2;
    start();
    for (int32_t p = 0; p < PARTITIONS; p++)
        apply(&n1, p, state_of(1, 0, 1, "12", "12"));
    int32_t small = new_session(-1, 1), large = new_session(-1, 3);
    assert_int_equal(new_session(-1, 4), 0); /* full, and nobody is old */
    int32_t follower = new_session(2, 1);    /* takes the smaller consumer's place */
    assert_true(follower > 0);
    assert_false(known(small));
    assert_true(known(large));
    fixture_now_ms += 120001;
    assert_string_equal(ask(large, 1, NULL, 0), ""); /* used just now, but made long ago */
    assert_string_equal(ask(follower, 1, NULL, 0), "");
    assert_int_equal(new_session(-1, 3), 0); /* no more worth than the old one */
    int32_t larger = new_session(-1, 4);
    assert_true(larger > 0);
    assert_false(known(large));
    assert_true(known(follower));
    fixture_now_ms += 120001; /* both unused for longer than 120 s: the longest goes */
    assert_string_equal(ask(larger, 1, NULL, 0), "");
    assert_true(new_session(-1, 1) > 0);
    assert_false(known(follower));
    assert_true(known(larger));
    assert_int_equal(broker_counters(n1.broker)->sessions_made, 5);
    assert_int_equal(broker_counters(n1.broker)->sessions_evicted, 3);
    node_stop(&n1);
}

static void cache__without_slots_makes_no_session(void **state)
{
    (void)state;
    broker_config.fetch_session_slots = 0;
    start();
    assert_int_equal(new_session(-1, 2), 0);
    node_stop(&n1);
}

/* A waiting session fetch wakes up by what changed, and reads nothing else. */
static void wait__of_a_session_reads_only_what_changed(void **state)
{
    (void)state;
    struct broker_op *op;
    start();
    request = request_of(-1, NULL, 0);
    struct broker_fetch_part parts[3] = {part_of(0, 0), part_of(1, 0), part_of(2, 0)};
    ask(0, 0, parts, 3);
    request.session_epoch = 1;
    request.part_count = 0;
    request.max_wait_ms = 500;
    assert_int_equal(fetch(&n1, &request, &op), BROKER_OP_WAITING);
    uint64_t reads = broker_counters(n1.broker)->fetch_deferred_reads;
    write_batch(&n1, 1, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_counters(n1.broker)->fetch_deferred_reads, reads + 1);
    assert_int_equal(broker_fetch_answer(op)->part_count, 1);
    assert_int_equal(broker_fetch_answer(op)->covered_count, 3);
    assert_int_equal(broker_fetch_answer(op)->parts[0]->got.region.size_bytes, BATCH_BYTES);
    broker_op_free(op);
    node_stop(&n1);
}

/* The answer stands on its own: the session goes on before the host has sent it. */
static void answer__outlives_the_sessions_next_fetch(void **state)
{
    (void)state;
    struct broker_op *first, *second;
    start();
    request = request_of(-1, NULL, 0);
    write_batch(&n1, 0, 1);
    struct broker_fetch_part part = part_of(0, 0);
    request.session_epoch = 0;
    request.parts = &part;
    request.part_count = 1;
    assert_int_equal(fetch(&n1, &request, &first), BROKER_OP_READY);
    request.session_id = broker_fetch_answer(first)->session_id;
    request.session_epoch = 1;
    part = part_of(0, 1);
    assert_int_equal(fetch(&n1, &request, &second), BROKER_OP_WAITING);
    request.session_epoch = 2; /* while the second waits: the client is confused */
    struct broker_op *third;
    assert_int_equal(fetch(&n1, &request, &third), BROKER_OP_READY);
    assert_int_equal(broker_fetch_answer(third)->error, KAFKA_INVALID_FETCH_SESSION_EPOCH);
    broker_op_free(third);
    assert_int_equal(broker_fetch_answer(first)->parts[0]->got.region.size_bytes, BATCH_BYTES);
    broker_op_free(first);
    broker_op_free(second);
    node_stop(&n1);
}

/* A session that is closed or evicted under a waiting fetch still answers it. */
static void closed__session_still_answers_its_waiting_fetch(void **state)
{
    (void)state;
    struct broker_op *waiting;
    start();
    int32_t id = new_session(-1, 2);
    request.session_id = id;
    request.session_epoch = 1;
    request.part_count = 0;
    request.max_wait_ms = 500;
    assert_int_equal(fetch(&n1, &request, &waiting), BROKER_OP_WAITING);
    struct broker_fetch_part part = part_of(0, 0);
    ask(id, -1, &part, 1);
    write_batch(&n1, 1, 1);
    assert_int_equal(n1.ready_count, 1);
    assert_int_equal(broker_fetch_answer(waiting)->session_id, 0);
    assert_int_equal(broker_fetch_answer(waiting)->bytes, BATCH_BYTES);
    broker_op_free(waiting);
    node_stop(&n1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(session__lists_only_what_changed),
        CASE(session__tells_a_high_watermark_without_records),
        CASE(session__tells_a_start_offset_without_records),
        CASE(session__rotates_partitions_that_had_records),
        CASE(session__adds_updates_and_forgets_partitions),
        CASE(session__ends_when_nothing_is_left),
        CASE(session__errors_repeat_until_they_are_gone),
        CASE(epoch__must_be_the_expected_one),
        CASE(cache__evicts_by_kafkas_rules),
        CASE(cache__without_slots_makes_no_session),
        CASE(wait__of_a_session_reads_only_what_changed),
        CASE(answer__outlives_the_sessions_next_fetch),
        CASE(closed__session_still_answers_its_waiting_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
