/*
 * model/client/queue.c - the batches that wait for a partition, oldest first, and when they make its broker ready.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

/* How many partitions have a queue of each length: the adaptive partitioner wants the longest. */
static void note_length(struct model_producer *p, uint32_t from, uint32_t to)
{
    uint32_t most = from > to ? from : to;
    if (most >= p->queue_length_capacity) {
        uint32_t capacity = 2 * most;
        p->queue_lengths =
            sim_checked(realloc(p->queue_lengths, capacity * sizeof *p->queue_lengths));
        memset(p->queue_lengths + p->queue_length_capacity, 0,
               (capacity - p->queue_length_capacity) * sizeof *p->queue_lengths);
        p->queue_length_capacity = capacity;
    }
    p->queue_lengths[from]--;
    p->queue_lengths[to]++;
    if (to > p->queue_length_max)
        p->queue_length_max = to;
    while (p->queue_length_max > 0 && p->queue_lengths[p->queue_length_max] == 0)
        p->queue_length_max--;
}

static void set_length(struct model_producer *p, struct part *part, uint32_t length)
{
    note_length(p, part->length, length);
    part->length = length;
}

void queue_append(struct model_producer *p, struct batch *batch)
{
    struct part *part = &p->parts[batch->partition];
    batch->next = NULL;
    if (part->tail)
        part->tail->next = batch;
    else
        part->head = batch;
    part->tail = batch;
    set_length(p, part, part->length + 1);
    if (part->link >= 0)
        sender_new_batch(p, part, batch->opened_ns);
    queue_update_due(p, batch->partition);
}

void queue_insert_retry(struct model_producer *p, struct batch *batch)
{
    struct part *part = &p->parts[batch->partition];
    struct batch **at = &part->head;
    while (*at && (*at)->number <= batch->number)
        at = &(*at)->next;
    batch->next = *at;
    *at = batch;
    if (!batch->next)
        part->tail = batch;
    set_length(p, part, part->length + 1);
    queue_update_due(p, batch->partition);
}

void queue_unlink(struct model_producer *p, struct batch *batch)
{
    struct part *part = &p->parts[batch->partition];
    struct batch **at = &part->head, *before = NULL;
    for (; *at != batch; at = &(*at)->next)
        before = *at;
    *at = batch->next;
    if (part->tail == batch)
        part->tail = before;
    batch->next = NULL;
    set_length(p, part, part->length - 1);
    queue_update_due(p, batch->partition);
}

struct batch *queue_pop(struct model_producer *p, uint32_t partition)
{
    struct batch *batch = p->parts[partition].head;
    assert(batch);
    queue_unlink(p, batch);
    return batch;
}

/*
 * Java: one request in flight at all means that order is to be kept. librdkafka: an idempotent producer leaves a partition alone while five of its
 * records are in flight (rd_kafka_toppar_producer_serve takes rktp_msgs_inflight for requests; 2.0 to 2.15).
 */
static bool is_muted(const struct model_producer *p, const struct part *part)
{
    if (producer_is_java(p))
        return p->config.max_in_flight == 1 && part->in_flight > 0;
    return p->config.idempotent && part->records_in_flight >= MODEL_PRODUCER_IDEMPOTENT_RECORDS;
}

void queue_update_due(struct model_producer *p, uint32_t partition)
{
    struct part *part = &p->parts[partition];
    if (part->link < 0)
        return;
    const struct batch *head = part->head;
    bool muted = part->bump || is_muted(p, part);
    int64_t due = NEVER;
    if (head && !muted) {
        due = head->opened_ns;
        if (head->state == BATCH_OPEN && !head->full)
            due += p->config.linger_ns;
        if (due < head->not_before_ns)
            due = head->not_before_ns;
    }
    heap_set(&p->links[part->link].due, partition, due);
}

void queue_find_leader(struct model_producer *p, uint32_t partition)
{
    struct part *part = &p->parts[partition];
    struct broker_tp tp = {p->config.topic, (int32_t)partition};
    int32_t link = p->metadata->leader(p->metadata->ctx, tp, NULL);
    assert(link < (int32_t)p->link_count);
    if (link == part->link)
        return;
    if (part->link >= 0)
        heap_remove(&p->links[part->link].due, partition);
    p->leaderless += link < 0;
    p->leaderless -= part->link < 0;
    part->link = link;
    queue_update_due(p, partition);
}
