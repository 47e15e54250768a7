/*
 * tests/broker-core/broker_case.h - brokers over real logs in one temporary folder, driven call by call.
 *
 * Shape    A node is one broker with PARTITIONS partitions of topic 0. Everything that the broker tells its host (ready ops,
 *          ISR proposals) is kept in lists. follow() is one round of a follower's fetch loop. Included once per test program.
 */
#ifndef TESTS_BROKER_CORE_BROKER_CASE_H
#define TESTS_BROKER_CORE_BROKER_CASE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/broker/broker.h"
#include "tests/support/broker_fixture.h"

#define MAYBE_UNUSED __attribute__((unused))
enum { PARTITIONS = 4, SEEN_MAX = 64, PAYLOAD_BYTES = 100, BATCH_BYTES = 161 };

struct node {
    int32_t id;
    struct broker *broker;
    struct broker_log *logs[PARTITIONS];
    struct broker_partition *parts[PARTITIONS];
    struct broker_op *ready[SEEN_MAX];
    uint32_t ready_count;
    struct broker_partition_state proposals[SEEN_MAX];
    struct broker_tp proposal_tps[SEEN_MAX];
    uint32_t proposal_count;
};

static struct fixture_env fixture;
static struct broker_receipt receipt;
static struct broker_err err;
static struct broker_log_config log_config;
static struct broker_config broker_config;
static struct broker_partition_config partition_config;

static int case_setup(void **state)
{
    (void)state;
    fixture_init(&fixture);
    broker_log_config_init(&log_config);
    log_config.allow_holes = true;
    log_config.segment_index_bytes = 4096;
    broker_config_init(&broker_config);
    partition_config = (struct broker_partition_config){1, 30000};
    return 0;
}

static int case_teardown(void **state)
{
    (void)state;
    fixture_release(&fixture);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, case_setup, case_teardown)

static void on_ready(struct broker_op *op, void *ctx)
{
    struct node *node = ctx;
    assert_true(node->ready_count < SEEN_MAX);
    node->ready[node->ready_count++] = op;
}

static void on_proposal(void *ctx, struct broker_tp tp,
                        const struct broker_partition_state *proposal)
{
    struct node *node = ctx;
    assert_true(node->proposal_count < SEEN_MAX);
    node->proposal_tps[node->proposal_count] = tp;
    node->proposals[node->proposal_count++] = *proposal;
}

MAYBE_UNUSED static void node_start(struct node *node, int32_t id)
{
    char folder[64];
    *node = (struct node){.id = id};
    snprintf(folder, sizeof folder, "n%d", id);
    assert_int_equal(fixture.env->ops->make_folder(fixture.env, folder), BROKER_OK);
    broker_config.broker_id = id;
    node->broker = broker_new(fixture.env, &broker_config, on_ready, on_proposal, node);
    for (int32_t p = 0; p < PARTITIONS; p++) {
        struct broker_recovery recovery;
        snprintf(folder, sizeof folder, "n%d/t-%d", id, p);
        int status = broker_log_open(fixture.env, folder, &log_config, true, 0, 0, &node->logs[p],
                                     &recovery, &err);
        if (status != BROKER_OK)
            fail_msg("%s", err.text);
        node->parts[p] = broker_partition_new(fixture.env, node->logs[p], id, &partition_config);
        broker_add_partition(node->broker, (struct broker_tp){0, p}, node->parts[p]);
    }
}

MAYBE_UNUSED static void node_stop(struct node *node)
{
    broker_free(node->broker);
    for (int p = 0; p < PARTITIONS; p++) {
        broker_partition_free(node->parts[p]);
        broker_log_abandon(node->logs[p]);
    }
}

/* ---- what the controller says ---- */

/* replicas and isr are ids as digits: state_of(1, 0, 0, "123", "12"). */
MAYBE_UNUSED static struct broker_partition_state state_of(int32_t leader, int32_t leader_epoch,
                                                           int32_t partition_epoch,
                                                           const char *replicas, const char *isr)
{
    struct broker_partition_state state = {
        .leader = leader, .leader_epoch = leader_epoch, .partition_epoch = partition_epoch};
    for (; *replicas; replicas++)
        state.replicas[state.replica_count++] = *replicas - '0';
    for (; *isr; isr++)
        state.isr[state.isr_count++] = *isr - '0';
    return state;
}

MAYBE_UNUSED static void apply(struct node *node, int32_t p, struct broker_partition_state state)
{
    assert_int_equal(broker_partition_apply(node->parts[p], &state, &receipt, &err), BROKER_OK);
    broker_partition_changed(node->broker, (struct broker_tp){0, p});
}

MAYBE_UNUSED static void assert_isr(const struct broker_partition_state *state, const char *isr)
{
    char ids[BROKER_REPLICAS_MAX + 1] = "";
    for (uint32_t i = 0; i < state->isr_count; i++)
        ids[i] = (char)('0' + state->isr[i]);
    assert_string_equal(ids, isr);
}

/* ---- produce ---- */

/* A batch of `records` records in PAYLOAD_BYTES zero bytes. */
struct batch {
    uint8_t header[BROKER_BATCH_HEADER_BYTES];
    struct broker_span spans[2];
};

MAYBE_UNUSED static void batch_init(struct batch *batch, int32_t records)
{
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = fixture_now_ms,
                                         .max_timestamp_ms = fixture_now_ms,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = records};
    broker_batch_build_opaque(&header, PAYLOAD_BYTES, batch->header);
    batch->spans[0] = (struct broker_span){batch->header, sizeof batch->header};
    batch->spans[1] = (struct broker_span){NULL, PAYLOAD_BYTES};
}

/* A produce of one batch to each partition named by a digit of `to`. */
struct produce {
    struct batch batches[PARTITIONS];
    struct broker_produce_part parts[PARTITIONS];
    struct broker_op *op;
    enum broker_op_state state;
};

MAYBE_UNUSED static void produce_begin(struct produce *produce, struct node *node, const char *to,
                                       int32_t records, int16_t acks)
{
    uint32_t count = 0;
    for (; *to; to++, count++) {
        batch_init(&produce->batches[count], records);
        produce->parts[count] = (struct broker_produce_part){
            .tp = {0, *to - '0'}, .spans = produce->batches[count].spans, .span_count = 2};
    }
    produce->op = broker_produce_new(node->broker, acks, 1000, produce->parts, count, produce);
}

/* All steps; deferred completions are run afterwards. */
MAYBE_UNUSED static void produce(struct produce *produce, struct node *node, const char *to,
                                 int32_t records, int16_t acks)
{
    produce_begin(produce, node, to, records, acks);
    assert_int_equal(broker_op_run(produce->op, &receipt), BROKER_OK);
    produce->state = broker_op_finish(produce->op);
    broker_run_deferred(node->broker, &receipt);
}

/* One batch with acks 1, nothing kept. */
MAYBE_UNUSED static void write_batch(struct node *node, int32_t p, int32_t records)
{
    char to[2] = {(char)('0' + p), 0};
    struct produce one;
    produce(&one, node, to, records, 1);
    assert_int_equal(one.state, BROKER_OP_READY);
    assert_int_equal(one.parts[0].result.error, KAFKA_NONE);
    broker_op_free(one.op);
}

/* ---- fetch ---- */

MAYBE_UNUSED static struct broker_fetch_part part_of(int32_t p, int64_t offset)
{
    return (struct broker_fetch_part){.tp = {0, p},
                                      .want = {.fetch_offset = offset,
                                               .log_start_offset = -1,
                                               .current_leader_epoch = -1,
                                               .last_fetched_epoch = -1,
                                               .partition_max_bytes = 1 << 20}};
}

MAYBE_UNUSED static struct broker_fetch_request
request_of(int32_t replica_id, const struct broker_fetch_part *parts, uint32_t count)
{
    return (struct broker_fetch_request){.replica_id = replica_id,
                                         .max_wait_ms = 500,
                                         .min_bytes = 1,
                                         .max_bytes = 10 << 20,
                                         .session_epoch = -1,
                                         .parts = parts,
                                         .part_count = count};
}

MAYBE_UNUSED static enum broker_op_state
fetch(struct node *node, const struct broker_fetch_request *request, struct broker_op **op)
{
    *op = broker_fetch_new(node->broker, request, NULL);
    assert_int_equal(broker_op_run(*op, &receipt), BROKER_OK);
    enum broker_op_state state = broker_op_finish(*op);
    broker_run_deferred(node->broker, &receipt);
    return state;
}

/* One part, answered at once. */
MAYBE_UNUSED static struct broker_fetch_got peek(struct node *node, int32_t replica_id, int32_t p,
                                                 int64_t offset)
{
    struct broker_op *op;
    struct broker_fetch_part part = part_of(p, offset);
    struct broker_fetch_request request = request_of(replica_id, &part, 1);
    request.max_wait_ms = 0;
    assert_int_equal(fetch(node, &request, &op), BROKER_OP_READY);
    const struct broker_fetch_answer *answer = broker_fetch_answer(op);
    assert_int_equal(answer->part_count, 1);
    struct broker_fetch_got got = answer->parts[0]->got;
    broker_op_free(op);
    return got;
}

/* One round of a follower's fetch loop for partition p: fetch, truncate or append, publish. Returns bytes appended. */
MAYBE_UNUSED static uint64_t follow(struct node *follower, struct node *leader, int32_t p)
{
    struct broker_partition *mine = follower->parts[p];
    struct broker_log *log = follower->logs[p];
    struct broker_op *op;
    struct broker_fetch_part part = part_of(p, broker_log_end_offset(log));
    part.want.log_start_offset = broker_log_start_offset(log);
    part.want.current_leader_epoch = broker_partition_leader_epoch(mine);
    part.want.last_fetched_epoch = broker_log_latest_epoch(log);
    struct broker_fetch_request request = request_of(follower->id, &part, 1);
    request.max_wait_ms = 0;
    assert_int_equal(fetch(leader, &request, &op), BROKER_OP_READY);
    struct broker_fetch_got *got = &broker_fetch_answer(op)->parts[0]->got;
    assert_int_equal(got->error, KAFKA_NONE);
    uint64_t size = got->region.size_bytes;
    if (got->diverging_epoch != -1) {
        bool again;
        assert_int_equal(broker_partition_truncate_to_epoch(mine, got->diverging_epoch,
                                                            got->diverging_end_offset, &again,
                                                            &receipt, &err),
                         BROKER_OK);
    } else {
        struct broker_view view = {.count = 0};
        struct broker_append out;
        if (size > 0)
            fixture.env->ops->view(fixture.env, broker_region_file(&got->region),
                                   got->region.position, size, &view);
        assert_int_equal(broker_partition_append_as_follower(mine, view.spans, view.count,
                                                             got->high_watermark,
                                                             got->log_start_offset, &out, &err),
                         BROKER_OK);
        assert_int_equal(out.error, KAFKA_NONE);
        if (size > 0)
            fixture.env->ops->view_release(fixture.env, &view);
        broker_partition_publish(mine);
        broker_partition_changed(follower->broker, (struct broker_tp){0, p});
        broker_run_deferred(follower->broker, &receipt);
    }
    broker_op_free(op);
    return size;
}

#endif
