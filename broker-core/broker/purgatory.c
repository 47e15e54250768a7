/*
 * broker-core/broker/purgatory.c - what moved, who is woken by it, and who has waited long enough.
 *
 * Timers are a binary heap: nearly every fetch is completed long before its max_wait, and a due time that is later than
 * the others is inserted at the bottom and removed from near there, which costs a few compares.
 */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>

/* ---- timers ---- */

static bool before(const struct broker_op *a, const struct broker_op *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->due_order < b->due_order;
}

static void place(struct broker *broker, uint32_t index, struct broker_op *op)
{
    broker->heap[index] = op;
    op->heap_index = index;
}

static void sift_up(struct broker *broker, uint32_t index, struct broker_op *op)
{
    while (index > 0 && before(op, broker->heap[(index - 1) / 2])) {
        place(broker, index, broker->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place(broker, index, op);
}

static void sift_down(struct broker *broker, uint32_t index, struct broker_op *op)
{
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= broker->heap_count)
            break;
        if (child + 1 < broker->heap_count && before(broker->heap[child + 1], broker->heap[child]))
            child++;
        if (!before(broker->heap[child], op))
            break;
        place(broker, index, broker->heap[child]);
        index = child;
    }
    sift_up(broker, index, op);
}

void broker_timer_set(struct broker_op *op, int64_t due_ms)
{
    struct broker *broker = op->broker;
    assert(op->heap_index == UINT32_MAX);
    if (broker->heap_count == broker->heap_room) {
        broker->heap_room = broker->heap_room ? broker->heap_room * 2 : 64;
        broker->heap = broker_resize(broker->heap, broker->heap_room, sizeof(struct broker_op *));
    }
    op->due_ms = due_ms;
    op->due_order = broker->next_due_order++;
    sift_up(broker, broker->heap_count++, op);
}

void broker_timer_cancel(struct broker_op *op)
{
    struct broker *broker = op->broker;
    uint32_t index = op->heap_index;
    if (index == UINT32_MAX)
        return;
    op->heap_index = UINT32_MAX;
    struct broker_op *last = broker->heap[--broker->heap_count];
    if (last != op)
        sift_down(broker, index, last);
}

/* ---- events ---- */

static bool concerns(const struct broker_entry *entry, uint32_t events)
{
    return (events & (BROKER_EVENT_STATE | BROKER_EVENT_HIGH_WATERMARK)) ||
           entry->set->replica_id >= 0;
}

void broker_slot_event(struct broker *broker, struct broker_slot *slot, uint32_t events)
{
    bool awaited = slot->waits_first && (events & ~(uint32_t)BROKER_EVENT_END);
    for (struct broker_entry *entry = slot->entries; entry; entry = entry->watch_next) {
        if (!concerns(entry, events))
            continue;
        broker_entry_make_dirty(entry);
        awaited |= entry->set->op && entry->set->op->state == BROKER_OP_WAITING;
    }
    if (!awaited)
        return;
    slot->events |= events;
    if (slot->queued)
        return;
    slot->queued = true;
    slot->next_event = NULL;
    *(broker->events_last ? &broker->events_last->next_event : &broker->events_first) = slot;
    broker->events_last = slot;
}

/* Produces first, then fetches, as Kafka's action queue does (replication.md section 3). */
static void look_at(struct broker_slot *slot)
{
    uint32_t events = slot->events;
    slot->queued = false;
    slot->events = 0;
    if (events & (BROKER_EVENT_HIGH_WATERMARK | BROKER_EVENT_STATE))
        broker_produce_check(slot, events & BROKER_EVENT_STATE);
    for (struct broker_entry *entry = slot->entries; entry; entry = entry->watch_next)
        if (concerns(entry, events))
            broker_fetch_check_entry(entry);
}

/* ---- the ready queue ---- */

void broker_op_wake(struct broker_op *op)
{
    struct broker *broker = op->broker;
    if (op->ready_queued)
        return;
    broker_timer_cancel(op);
    op->ready_queued = true;
    op->next = NULL;
    *(broker->ready_last ? &broker->ready_last->next : &broker->ready_first) = op;
    broker->ready_last = op;
}

void broker_ready_withdraw(struct broker_op *op)
{
    struct broker *broker = op->broker;
    struct broker_op *previous = NULL;
    struct broker_op **link = &broker->ready_first;
    while (*link != op) {
        previous = *link;
        link = &(*link)->next;
    }
    *link = op->next;
    if (broker->ready_last == op)
        broker->ready_last = previous;
    op->ready_queued = false;
}

static void complete(struct broker *broker, struct broker_op *op, struct broker_receipt *receipt)
{
    if (op->kind == BROKER_OP_FETCH) {
        broker->counters.fetch_waiting--;
        broker_fetch_complete(op, receipt);
    } else {
        broker->counters.produce_waiting--;
    }
    op->state = BROKER_OP_READY;
    broker->ready(op, broker->ctx);
}

uint32_t broker_run_deferred(struct broker *broker, struct broker_receipt *receipt)
{
    uint32_t completed = 0;
    while (broker->events_first || broker->ready_first) {
        if (broker->events_first) {
            struct broker_slot *slot = broker->events_first;
            broker->events_first = slot->next_event;
            if (!broker->events_first)
                broker->events_last = NULL;
            look_at(slot);
            continue;
        }
        struct broker_op *op = broker->ready_first;
        broker_ready_withdraw(op);
        complete(broker, op, receipt);
        completed++;
    }
    return completed;
}

/* ---- what is due ---- */

static void check_isrs(struct broker *broker)
{
    for (uint32_t i = 0; i < broker->slot_count; i++) {
        struct broker_slot *slot = broker->slots[i];
        struct broker_partition_state proposal;
        if (!slot->partition ||
            !broker_partition_shrink_due(slot->partition, broker_now_ms(broker), &proposal))
            continue;
        broker->counters.isr_shrinks++;
        broker->propose(broker->ctx, slot->tp, &proposal);
    }
}

int64_t broker_next_due_ms(const struct broker *broker)
{
    if (broker->heap_count > 0 && broker->heap[0]->due_ms < broker->next_shrink_ms)
        return broker->heap[0]->due_ms;
    return broker->next_shrink_ms;
}

uint32_t broker_run_due(struct broker *broker, int64_t now_ms, struct broker_receipt *receipt)
{
    while (broker->heap_count > 0 && broker->heap[0]->due_ms <= now_ms) {
        struct broker_op *op = broker->heap[0];
        broker_timer_cancel(op);
        if (op->kind == BROKER_OP_PRODUCE) {
            broker_produce_expire(op);
            continue;
        }
        op->expired = true;
        broker->counters.fetch_expired++;
        broker_op_wake(op);
    }
    if (now_ms >= broker->next_shrink_ms) {
        check_isrs(broker);
        broker->next_shrink_ms = now_ms + broker->config.replica_lag_time_max_ms / 2;
    }
    return broker_run_deferred(broker, receipt);
}
