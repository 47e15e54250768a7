/* broker-core/broker/op.c - the life of an op: steps one after the other, then ready or waiting, then free. */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>
#include <string.h>

struct broker_op *broker_op_new(struct broker *broker, enum broker_op_kind kind, void *host_data)
{
    struct broker_op *op = broker->free_ops;
    if (op) {
        broker->free_ops = op->next;
    } else {
        op = memset(broker_resize(NULL, 1, sizeof *op), 0, sizeof *op);
        op->made_before = broker->made_last;
        broker->made_last = op;
    }
    op->broker = broker;
    op->kind = kind;
    op->state = BROKER_OP_READY;
    op->alive = true;
    op->ready_queued = op->expired = false;
    op->count = op->cursor = 0;
    op->host_data = host_data;
    op->next = NULL;
    op->heap_index = UINT32_MAX;
    op->pending = 0;
    op->to_publish = NULL;
    op->set = NULL;
    op->answer = (struct broker_fetch_answer){.error = KAFKA_NONE};
    broker->ops_alive++;
    return op;
}

void *broker_op_host_data(const struct broker_op *op)
{
    return op->host_data;
}

/* ---- list offsets ---- */

struct broker_op *broker_list_offsets_new(struct broker *broker, int32_t replica_id,
                                          bool read_committed, struct broker_offset_part *parts,
                                          uint32_t count, void *host_data)
{
    struct broker_op *op = broker_op_new(broker, BROKER_OP_LIST_OFFSETS, host_data);
    op->offset_parts = parts;
    op->count = count;
    op->replica_id = replica_id;
    op->read_committed = read_committed;
    return op;
}

static void list_offsets_skip(struct broker_op *op)
{
    while (op->cursor < op->count) {
        struct broker_offset_part *part = op->offset_parts + op->cursor;
        if (broker_find_partition(op->broker, part->tp))
            return;
        part->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
        part->timestamp_ms = part->offset = -1;
        op->cursor++;
    }
}

static void list_offsets_step(struct broker_op *op, struct broker_receipt *receipt)
{
    struct broker_offset_part *part = op->offset_parts + op->cursor++;
    part->error = broker_partition_list_offset(
        broker_find_partition(op->broker, part->tp), op->replica_id, op->read_committed,
        part->current_leader_epoch, part->target, &part->timestamp_ms, &part->offset, receipt);
}

/* ---- steps ---- */

/* Passes over parts that have no partition here; they get their error. */
static void skip(struct broker_op *op)
{
    if (op->kind == BROKER_OP_PRODUCE)
        broker_produce_skip(op);
    else if (op->kind == BROKER_OP_FETCH)
        broker_fetch_skip(op);
    else
        list_offsets_skip(op);
}

struct broker_partition *broker_op_next(struct broker_op *op)
{
    assert(op->alive && op->state == BROKER_OP_READY && !op->to_publish);
    skip(op);
    if (op->cursor >= op->count)
        return NULL;
    if (op->kind == BROKER_OP_PRODUCE)
        return op->waits[op->cursor].slot->partition;
    if (op->kind == BROKER_OP_FETCH)
        return op->work[op->cursor]->slot->partition;
    return broker_find_partition(op->broker, op->offset_parts[op->cursor].tp);
}

uint32_t broker_op_next_index(const struct broker_op *op)
{
    return op->cursor;
}

int broker_op_step(struct broker_op *op, struct broker_receipt *receipt)
{
    int status = BROKER_OK;
    assert(op->cursor < op->count); /* broker_op_next has been asked, and skipped */
    if (op->kind == BROKER_OP_PRODUCE)
        broker_produce_step(op, receipt, &status);
    else if (op->kind == BROKER_OP_FETCH)
        broker_fetch_step(op, receipt);
    else
        list_offsets_step(op, receipt);
    return status;
}

void broker_op_publish(struct broker_op *op)
{
    if (op->to_publish)
        broker_produce_publish(op);
}

int broker_op_run(struct broker_op *op, struct broker_receipt *receipt)
{
    int first_failure = BROKER_OK;
    while (broker_op_next(op)) {
        int status = broker_op_step(op, receipt);
        broker_op_publish(op);
        if (first_failure == BROKER_OK)
            first_failure = status;
    }
    return first_failure;
}

uint32_t broker_op_covered_count(const struct broker_op *op)
{
    if (op->kind != BROKER_OP_FETCH)
        return op->count;
    return op->set ? op->set->count : op->answer.covered_count;
}

enum broker_op_state broker_op_finish(struct broker_op *op)
{
    skip(op);
    assert(op->cursor == op->count && !op->to_publish);
    if (op->kind == BROKER_OP_PRODUCE)
        return broker_produce_finish(op);
    if (op->kind == BROKER_OP_FETCH)
        return broker_fetch_finish(op);
    return BROKER_OP_READY;
}

void broker_op_free(struct broker_op *op)
{
    struct broker *broker = op->broker;
    assert(op->alive && !op->to_publish);
    broker_timer_cancel(op);
    if (op->ready_queued)
        broker_ready_withdraw(op);
    if (op->kind == BROKER_OP_PRODUCE)
        broker_produce_withdraw(op);
    else if (op->kind == BROKER_OP_FETCH)
        broker_fetch_withdraw(op);
    op->alive = false;
    op->next = broker->free_ops;
    broker->free_ops = op;
    broker->ops_alive--;
}

void broker_op_free_all(struct broker *broker)
{
    for (struct broker_op *op = broker->made_last; op; op = op->made_before) {
        if (!op->alive)
            continue;
        op->to_publish = NULL;
        broker_op_free(op);
    }
}
