/*
 * tests/broker-core/test_purgatory.c - timers in order, and random histories against the plain definition of a fetch: what an
 * answer leaves out must be what a reading of every partition would find unchanged, and who waits must have nothing to read.
 */
#include "tests/broker-core/broker_case.h"

static struct node n1;

static uint64_t next(uint64_t *random, uint64_t bound)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 33) % bound;
}

static void start(void)
{
    node_start(&n1, 1);
    for (int32_t p = 0; p < PARTITIONS; p++)
        apply(&n1, p, state_of(1, 0, 0, "12", "12"));
}

static void expiry__comes_in_order_of_time_and_then_of_arrival(void **state)
{
    (void)state;
    struct broker_op *ops[40];
    int32_t wait_ms[40];
    uint64_t random = 5;
    start();
    struct broker_fetch_part part = part_of(0, 0);
    struct broker_fetch_request request = request_of(-1, &part, 1);
    for (int i = 0; i < 40; i++) {
        wait_ms[i] = request.max_wait_ms = 1 + (int32_t)next(&random, 10);
        assert_int_equal(fetch(&n1, &request, &ops[i]), BROKER_OP_WAITING);
    }
    for (int i = 0; i < 40; i += 3) { /* every third connection is lost */
        broker_op_free(ops[i]);
        wait_ms[i] = 0;
    }
    int64_t start_ms = fixture_now_ms;
    for (int32_t ms = 1; ms <= 10; ms++) {
        uint32_t before = n1.ready_count;
        fixture_now_ms = start_ms + ms;
        broker_run_due(n1.broker, fixture_now_ms, &receipt);
        for (int i = 0; i < 40; i++)
            if (wait_ms[i] == ms)
                assert_ptr_equal(n1.ready[before++], ops[i]);
        assert_int_equal(n1.ready_count, before);
    }
    assert_int_equal(broker_next_due_ms(n1.broker), start_ms + 15000);
    for (uint32_t i = 0; i < n1.ready_count; i++)
        broker_op_free(n1.ready[i]);
    node_stop(&n1);
}

/* ---- random histories ---- */

/* What a client of a session knows of one partition. */
struct known {
    bool covered;
    int64_t offset;
    int64_t high_watermark, start_offset;
    int32_t error;
};
struct client {
    int32_t replica_id, session_id, epoch;
    struct known parts[PARTITIONS];
    struct broker_op *waiting;
};

static bool plain_read(const struct client *client, int32_t p, struct broker_fetch_got *got)
{
    bool moved;
    struct broker_partition *partition = broker_find_partition(n1.broker, (struct broker_tp){0, p});
    struct broker_fetch_want want = part_of(p, client->parts[p].offset).want;
    if (!partition) {
        got->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
        return true;
    }
    broker_partition_fetch(partition, client->replica_id, &want, 1 << 20, true, false, false, false,
                           got, &moved, &receipt);
    bool data = got->region.size_bytes > 0;
    if (data)
        broker_region_release(&got->region);
    return data || got->error != KAFKA_NONE;
}

/*
 * The client takes an answer; moves on past what it got, at once or later. An answer tells the high watermarks from before
 * the fetch's own progress.
 */
static void take(struct client *client, struct broker_op *op, uint64_t *random, bool *moved_on,
                 const int64_t high_watermarks[PARTITIONS])
{
    const struct broker_fetch_answer *answer = broker_fetch_answer(op);
    bool listed[PARTITIONS] = {false};
    client->session_id = answer->session_id;
    if (answer->error != KAFKA_NONE) { /* evicted */
        assert_int_equal(answer->error, KAFKA_FETCH_SESSION_ID_NOT_FOUND);
        assert_int_equal(answer->session_id, 0);
        broker_op_free(op);
        return;
    }
    for (uint32_t i = 0; i < answer->part_count; i++) {
        const struct broker_fetch_part *part = answer->parts[i];
        struct known *known = client->parts + part->tp.partition;
        listed[part->tp.partition] = true;
        known->error = (int32_t)part->got.error;
        known->high_watermark = part->got.high_watermark;
        known->start_offset = part->got.log_start_offset;
        if (part->got.region.size_bytes > 0 && next(random, 4) > 0) {
            known->offset = part->got.region.first_offset + 1; /* batches of one record */
            moved_on[part->tp.partition] = true;
        }
        if (part->got.error == KAFKA_OFFSET_OUT_OF_RANGE) {
            known->offset = broker_log_start_offset(n1.logs[part->tp.partition]);
            moved_on[part->tp.partition] = true;
        }
    }
    for (int32_t p = 0; p < PARTITIONS; p++) {
        struct broker_fetch_got got;
        if (!client->parts[p].covered || listed[p])
            continue;
        assert_false(plain_read(client, p, &got));
        assert_int_equal(client->parts[p].high_watermark, high_watermarks[p]);
        assert_int_equal(client->parts[p].start_offset, got.log_start_offset);
    }
    broker_op_free(op);
}

/* Whether a waiting client has something to read: it must not. */
static void check_waiting(const struct client *client)
{
    for (int32_t p = 0; p < PARTITIONS; p++) {
        struct broker_fetch_got got;
        if (client->parts[p].covered)
            assert_false(plain_read(client, p, &got));
    }
}

static void note_high_watermarks(int64_t high_watermarks[PARTITIONS])
{
    for (int32_t p = 0; p < PARTITIONS; p++)
        high_watermarks[p] = broker_log_high_watermark(n1.logs[p]);
}

static void client_step(struct client *client, uint64_t *random, bool moved_on[PARTITIONS])
{
    struct broker_fetch_part parts[PARTITIONS];
    uint32_t count = 0;
    bool full = client->session_id == 0 || next(random, 40) == 0;
    struct broker_fetch_request request = request_of(client->replica_id, parts, 0);
    for (int32_t p = 0; p < PARTITIONS; p++) {
        bool added = !client->parts[p].covered && next(random, 4) == 0;
        client->parts[p].covered |= added;
        if (!client->parts[p].covered || (!full && !added && !moved_on[p]))
            continue;
        parts[count] = part_of(p, client->parts[p].offset);
        parts[count++].want.log_start_offset = 0;
        moved_on[p] = false;
    }
    request.part_count = count;
    request.session_id = client->session_id;
    request.session_epoch = full ? 0 : client->epoch;
    client->epoch = full ? 1 : client->epoch + 1;
    request.max_wait_ms = next(random, 3) ? 500 : 0;
    int64_t high_watermarks[PARTITIONS];
    note_high_watermarks(high_watermarks);
    struct broker_op *op = broker_fetch_new(n1.broker, &request, client);
    assert_int_equal(broker_op_run(op, &receipt), BROKER_OK);
    if (broker_op_finish(op) == BROKER_OP_READY)
        take(client, op, random, moved_on, high_watermarks);
    else
        client->waiting = op;
}

static void change_something(uint64_t *random, int32_t epochs[PARTITIONS])
{
    int32_t p = (int32_t)next(random, PARTITIONS);
    struct broker_tp tp = {0, p};
    struct broker_log *log = n1.logs[p];
    switch (next(random, 14)) {
    case 4:
    case 5:
    case 0: {
        int64_t high_watermark = broker_log_high_watermark(log);
        broker_log_set_start_offset(log, high_watermark - (int64_t)next(random, 3));
        broker_partition_changed(n1.broker, tp);
        break;
    }
    case 1: /* leadership goes away, or comes back */
        epochs[p]++;
        apply(&n1, p, state_of(epochs[p] & 1 ? 2 : 1, epochs[p], epochs[p], "12", "12"));
        break;
    case 2:
        if (broker_find_partition(n1.broker, tp))
            broker_remove_partition(n1.broker, tp);
        else
            broker_add_partition(n1.broker, tp, n1.parts[p]);
        break;
    case 3:
        fixture_now_ms += (int64_t)next(random, 700);
        broker_run_due(n1.broker, fixture_now_ms, &receipt);
        break;
    default:
        if (broker_find_partition(n1.broker, tp) && broker_partition_is_leader(n1.parts[p]))
            write_batch(&n1, p, 1);
    }
}

struct history {
    uint64_t random;
    int32_t epochs[PARTITIONS];
    struct client clients[4];
    bool moved_on[4][PARTITIONS];
};

static void take_ready(struct history *h)
{
    int64_t high_watermarks[PARTITIONS];
    note_high_watermarks(high_watermarks);
    broker_run_deferred(n1.broker, &receipt);
    for (uint32_t i = 0; i < n1.ready_count; i++) {
        struct client *client = broker_op_host_data(n1.ready[i]);
        assert_ptr_equal(client->waiting, n1.ready[i]);
        client->waiting = NULL;
        take(client, n1.ready[i], &h->random, h->moved_on[client - h->clients], high_watermarks);
    }
    n1.ready_count = 0;
}

static void run_history(uint64_t seed)
{
    struct history h = {
        .random = seed,
        .clients = {{.replica_id = 2}, {.replica_id = -1}, {.replica_id = -1}, {.replica_id = 2}}};
    start();
    for (int i = 0; i < 400; i++) {
        if (next(&h.random, 2))
            change_something(&h.random, h.epochs);
        take_ready(&h);
        uint64_t c = next(&h.random, 4);
        if (!h.clients[c].waiting)
            client_step(h.clients + c, &h.random, h.moved_on[c]);
        take_ready(&h);
        for (c = 0; c < 4; c++)
            if (h.clients[c].waiting)
                check_waiting(h.clients + c);
    }
    for (int c = 0; c < 4; c++)
        if (h.clients[c].waiting)
            broker_op_free(h.clients[c].waiting);
    node_stop(&n1);
}

static void history__answers_leave_out_only_what_is_unchanged(void **state)
{
    (void)state;
    broker_config.fetch_session_slots = 3; /* four clients: evictions too */
    for (uint64_t seed = 1; seed <= 30; seed++) {
        run_history(seed);
        case_teardown(NULL);
        fixture_init(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(expiry__comes_in_order_of_time_and_then_of_arrival),
        CASE(history__answers_leave_out_only_what_is_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
