/* broker-core/broker/broker.c - the broker object, the partitions it hosts and the racks it knows. */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void broker_config_init(struct broker_config *config)
{
    /* Kafka 4.2's defaults: replication.md sections 5, 7 and 13. */
    *config = (struct broker_config){
        .broker_id = 0,
        .replica_lag_time_max_ms = 30000,
        .fetch_max_bytes = 57671680,
        .fetch_session_slots = 1000,
        .rack_aware_reads = false,
    };
}

void *broker_resize(void *memory, size_t count, size_t item_size)
{
    void *now = reallocarray(memory, count, item_size);
    if (!now)
        abort();
    return now;
}

int64_t broker_now_ms(const struct broker *broker)
{
    return broker->env->ops->now_ms(broker->env);
}

struct broker *broker_new(struct broker_env *env, const struct broker_config *config,
                          broker_op_ready_fn *ready, broker_proposal_fn *propose, void *ctx)
{
    struct broker *broker = memset(broker_resize(NULL, 1, sizeof *broker), 0, sizeof *broker);
    broker->env = env;
    broker->config = *config;
    broker->ready = ready;
    broker->propose = propose;
    broker->ctx = ctx;
    broker->next_shrink_ms = broker_now_ms(broker) + config->replica_lag_time_max_ms / 2;
    return broker;
}

void broker_free(struct broker *broker)
{
    if (!broker)
        return;
    assert(broker->ops_alive == 0);
    broker_session_free_all(broker);
    while (broker->free_ops) {
        struct broker_op *op = broker->free_ops;
        broker->free_ops = op->next;
        free(op->waits);
        free(op->work);
        free(op->listed);
        free(op->listed_at);
        free(op);
    }
    for (uint32_t i = 0; i < broker->slot_count; i++)
        free(broker->slots[i]);
    free(broker->slots);
    free(broker->slot_table);
    free(broker->heap);
    free(broker->racks);
    free(broker);
}

void broker_abandon(struct broker *broker)
{
    if (broker)
        broker_op_free_all(broker);
    broker_free(broker);
}

const struct broker_counters *broker_counters(const struct broker *broker)
{
    return &broker->counters;
}

/* ---- partitions ---- */

static uint32_t hash_tp(struct broker_tp tp)
{
    uint64_t bits = ((uint64_t)(uint32_t)tp.topic << 32) | (uint32_t)tp.partition;
    return (uint32_t)(bits * 0x9E3779B97F4A7C15u >> 32); /* Fibonacci hashing */
}

static void put_slot(struct broker *broker, struct broker_slot *slot)
{
    uint32_t mask = broker->slot_table_size - 1;
    uint32_t at = hash_tp(slot->tp) & mask;
    while (broker->slot_table[at])
        at = (at + 1) & mask;
    broker->slot_table[at] = slot;
}

/* Keeps the table at most half full. */
static void grow_table(struct broker *broker)
{
    if (broker->slot_count * 2 < broker->slot_table_size)
        return;
    broker->slot_table_size = broker->slot_table_size ? broker->slot_table_size * 2 : 64;
    free(broker->slot_table);
    size_t bytes = broker->slot_table_size * sizeof(struct broker_slot *);
    broker->slot_table = memset(broker_resize(NULL, 1, bytes), 0, bytes);
    for (uint32_t i = 0; i < broker->slot_count; i++)
        put_slot(broker, broker->slots[i]);
}

struct broker_slot *broker_slot_find(const struct broker *broker, struct broker_tp tp)
{
    if (!broker->slot_table)
        return NULL;
    uint32_t mask = broker->slot_table_size - 1;
    struct broker_slot *slot;
    for (uint32_t at = hash_tp(tp) & mask; (slot = broker->slot_table[at]); at = (at + 1) & mask)
        if (slot->tp.topic == tp.topic && slot->tp.partition == tp.partition)
            return slot;
    return NULL;
}

static struct broker_slot *add_slot(struct broker *broker, struct broker_tp tp)
{
    if (broker->slot_count == broker->slot_room) {
        broker->slot_room = broker->slot_room ? broker->slot_room * 2 : 32;
        broker->slots =
            broker_resize(broker->slots, broker->slot_room, sizeof(struct broker_slot *));
    }
    struct broker_slot *slot = memset(broker_resize(NULL, 1, sizeof *slot), 0, sizeof *slot);
    slot->tp = tp;
    broker->slots[broker->slot_count++] = slot;
    uint32_t size = broker->slot_table_size;
    grow_table(broker);
    if (size == broker->slot_table_size)
        put_slot(broker, slot);
    return slot;
}

void broker_add_partition(struct broker *broker, struct broker_tp tp,
                          struct broker_partition *partition)
{
    struct broker_slot *slot = broker_slot_find(broker, tp);
    if (!slot)
        slot = add_slot(broker, tp);
    assert(!slot->partition);
    slot->partition = partition;
    broker_slot_event(broker, slot, BROKER_EVENT_STATE);
}

struct broker_partition *broker_remove_partition(struct broker *broker, struct broker_tp tp)
{
    struct broker_slot *slot = broker_slot_find(broker, tp);
    if (!slot || !slot->partition)
        return NULL;
    broker_slot_event(broker, slot, BROKER_EVENT_STATE);
    struct broker_partition *partition = slot->partition;
    slot->partition = NULL;
    return partition;
}

struct broker_partition *broker_find_partition(const struct broker *broker, struct broker_tp tp)
{
    struct broker_slot *slot = broker_slot_find(broker, tp);
    return slot ? slot->partition : NULL;
}

void broker_partition_changed(struct broker *broker, struct broker_tp tp)
{
    struct broker_slot *slot = broker_slot_find(broker, tp);
    if (slot)
        broker_slot_event(broker, slot, BROKER_EVENT_STATE);
}

/* ---- racks ---- */

void broker_set_rack(struct broker *broker, int32_t broker_id, int32_t rack)
{
    for (uint32_t i = 0; i < broker->rack_count; i++) {
        if (broker->racks[i].broker_id == broker_id) {
            broker->racks[i].rack = rack;
            return;
        }
    }
    if (broker->rack_count == broker->rack_room) {
        broker->rack_room = broker->rack_room ? broker->rack_room * 2 : 8;
        broker->racks = broker_resize(broker->racks, broker->rack_room, sizeof *broker->racks);
    }
    broker->racks[broker->rack_count++] = (struct broker_rack){broker_id, rack};
}

int32_t broker_rack_of(const struct broker *broker, int32_t broker_id)
{
    for (uint32_t i = 0; i < broker->rack_count; i++)
        if (broker->racks[i].broker_id == broker_id)
            return broker->racks[i].rack;
    return 0;
}
