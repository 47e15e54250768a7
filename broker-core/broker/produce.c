/* broker-core/broker/produce.c - produce: append part by part, then wait for the replicas where acks asks for it. */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>

static void refuse(struct broker_produce_part *part, enum broker_error error)
{
    part->result = (struct broker_append){.base_offset = -1,
                                          .last_offset = -1,
                                          .log_append_time_ms = -1,
                                          .log_start_offset = -1,
                                          .error = error};
}

struct broker_op *broker_produce_new(struct broker *broker, int16_t acks, int32_t timeout_ms,
                                     struct broker_produce_part *parts, uint32_t count,
                                     void *host_data)
{
    struct broker_op *op = broker_op_new(broker, BROKER_OP_PRODUCE, host_data);
    op->acks = acks;
    op->timeout_ms = timeout_ms;
    op->produce_parts = parts;
    op->count = count;
    if (count > op->wait_room) {
        op->waits = broker_resize(op->waits, count, sizeof *op->waits);
        op->wait_room = count;
    }
    bool acks_known = acks >= -1 && acks <= 1;
    for (uint32_t i = 0; i < count; i++) {
        refuse(parts + i, KAFKA_NONE);
        op->waits[i] = (struct broker_wait){
            .op = op, .slot = broker_slot_find(broker, parts[i].tp), .index = i};
        if (!acks_known)
            refuse(parts + i, KAFKA_INVALID_REQUIRED_ACKS);
    }
    if (!acks_known)
        op->cursor = count;
    return op;
}

void broker_produce_skip(struct broker_op *op)
{
    while (op->cursor < op->count) {
        const struct broker_slot *slot = op->waits[op->cursor].slot;
        if (slot && slot->partition)
            return;
        refuse(op->produce_parts + op->cursor++, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    }
}

void broker_produce_step(struct broker_op *op, struct broker_receipt *receipt, int *status)
{
    struct broker_produce_part *part = op->produce_parts + op->cursor;
    struct broker_slot *slot = op->waits[op->cursor].slot;
    op->cursor++;
    *status = broker_partition_append(slot->partition, part->spans, part->span_count, op->acks,
                                      &part->result, NULL);
    broker_receipt_add(receipt, &part->result.receipt);
    if (*status != BROKER_OK)
        refuse(part, KAFKA_STORAGE_ERROR);
    else if (part->result.pending)
        op->to_publish = slot;
}

void broker_produce_publish(struct broker_op *op)
{
    struct broker_slot *slot = op->to_publish;
    op->to_publish = NULL;
    bool moved = broker_partition_publish(slot->partition);
    broker_slot_event(op->broker, slot,
                      BROKER_EVENT_END | (moved ? BROKER_EVENT_HIGH_WATERMARK : 0u));
}

/* ---- waiting (replication.md section 3) ---- */

static void link_wait(struct broker_wait *wait)
{
    struct broker_slot *slot = wait->slot;
    wait->prev = slot->waits_last;
    wait->next = NULL;
    if (slot->waits_last)
        slot->waits_last->next = wait;
    else
        slot->waits_first = wait;
    slot->waits_last = wait;
    wait->linked = true;
    wait->op->pending++;
}

static void unlink_wait(struct broker_wait *wait)
{
    struct broker_slot *slot = wait->slot;
    *(wait->prev ? &wait->prev->next : &slot->waits_first) = wait->next;
    *(wait->next ? &wait->next->prev : &slot->waits_last) = wait->prev;
    wait->linked = false;
    wait->op->pending--;
}

/* Whether the part's fate is known; if so, its error. */
static bool decided(const struct broker_wait *wait, enum broker_error *error)
{
    bool done = true;
    *error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    if (wait->slot->partition)
        *error = broker_partition_committed(wait->slot->partition, wait->required_offset, &done);
    return done;
}

/* A part that was appended and then failed keeps its offset in the log, but is answered like a refusal. */
static void decide(struct broker_wait *wait, enum broker_error error)
{
    if (error != KAFKA_NONE)
        wait->op->produce_parts[wait->index].result.error = error;
}

enum broker_op_state broker_produce_finish(struct broker_op *op)
{
    struct broker *broker = op->broker;
    if (op->acks != -1)
        return BROKER_OP_READY;
    for (uint32_t i = 0; i < op->count; i++) {
        const struct broker_append *result = &op->produce_parts[i].result;
        struct broker_wait *wait = op->waits + i;
        enum broker_error error;
        if (result->error != KAFKA_NONE)
            continue;
        wait->required_offset = result->last_offset + 1;
        if (decided(wait, &error))
            decide(wait, error);
        else
            link_wait(wait);
    }
    if (op->pending == 0)
        return BROKER_OP_READY;
    op->state = BROKER_OP_WAITING;
    broker_timer_set(op, broker_now_ms(broker) + op->timeout_ms);
    broker->counters.produce_waiting++;
    return BROKER_OP_WAITING;
}

void broker_produce_check(struct broker_slot *slot, bool state_changed)
{
    if (!slot->waits_first)
        return;
    int64_t high_watermark = slot->partition
                                 ? broker_log_high_watermark(broker_partition_log(slot->partition))
                                 : INT64_MAX;
    for (struct broker_wait *wait = slot->waits_first, *next; wait; wait = next) {
        enum broker_error error;
        next = wait->next;
        if ((wait->required_offset > high_watermark && !state_changed) || !decided(wait, &error))
            continue;
        decide(wait, error);
        unlink_wait(wait);
        if (wait->op->pending == 0)
            broker_op_wake(wait->op);
    }
}

void broker_produce_expire(struct broker_op *op)
{
    for (uint32_t i = 0; i < op->count; i++) {
        if (!op->waits[i].linked)
            continue;
        decide(op->waits + i, KAFKA_REQUEST_TIMED_OUT);
        unlink_wait(op->waits + i);
    }
    op->broker->counters.produce_expired++;
    broker_op_wake(op);
}

void broker_produce_withdraw(struct broker_op *op)
{
    for (uint32_t i = 0; i < op->count && op->pending > 0; i++)
        if (op->waits[i].linked)
            unlink_wait(op->waits + i);
    if (op->state == BROKER_OP_WAITING)
        op->broker->counters.produce_waiting--;
}
