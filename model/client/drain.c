/*
 * model/client/drain.c - a broker's ready batches become a request.
 *
 * Shape    Java: one batch of each partition of the broker that has one, from the partition whose turn it is. librdkafka: one batch.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

/* Insertion sort up to here: some 60 moves on average, what qsort of glibc spends on its set-up. */
#define SORT_FEW 16

static struct request *new_request(struct model_producer *p, uint32_t link)
{
    struct request *request = p->free_requests;
    if (request) {
        p->free_requests = request->next;
    } else {
        request = sim_alloc(1, sizeof *request);
        request->all = p->all_requests;
        p->all_requests = request;
    }
    request->next = request->previous = NULL;
    request->producer = p;
    request->link = link;
    request->count = 0;
    request->computed = request->abandoned = false;
    request->drained_ns = sim_now_ns(p->sim);
    return request;
}

void request_put_away(struct model_producer *p, struct request *request)
{
    request->next = p->free_requests;
    p->free_requests = request;
}

static void add_to_request(struct request *request, struct batch *batch)
{
    if (request->count == request->capacity) {
        uint32_t capacity = request->capacity ? 2 * request->capacity : 4;
        request->batches =
            sim_checked(realloc(request->batches, capacity * sizeof *request->batches));
        request->parts = sim_checked(realloc(request->parts, capacity * sizeof *request->parts));
        request->capacity = capacity;
    }
    request->batches[request->count++] = batch;
}

void request_fill_call(struct model_producer *p, struct request *request)
{
    struct model_call *call = &request->call;
    memset(call, 0, sizeof *call);
    call->kind = MODEL_PRODUCE;
    call->connection = p->metadata->connections[request->link];
    call->produce.parts = request->parts;
    call->produce.count = request->count;
    call->produce.acks = p->config.acks;
    call->produce.timeout_ms = (int32_t)(p->config.request_timeout_ns / 1000000);
    call->answered = answer_received;
    call->owner = request;
    call->at.created_ns = request->drained_ns;
    for (uint32_t i = 0; i < request->count; i++) {
        const struct batch *batch = request->batches[i];
        request->parts[i] = (struct broker_produce_part){
            .tp = {p->config.topic, (int32_t)batch->partition},
            .spans = batch->spans,
            .span_count = batch->spans[1].size > 0 ? 2 : 1,
        };
        call->produce.payload_bytes += batch->wire_bytes;
        call->produce.raw_bytes += batch->raw_bytes + BROKER_BATCH_HEADER_BYTES;
        call->produce.records += batch->span.count;
    }
    call->request_bytes =
        model_call_produce_overhead_bytes(1, request->count) + call->produce.payload_bytes;
}

static void note_drained(struct model_producer *p, struct batch *batch, int64_t now_ns)
{
    struct model_producer_stats *stats = p->stats;
    batch->drained_ns = now_ns;
    stats->batches++;
    if (batch->full)
        stats->batches_full++;
    else if (now_ns >= batch->opened_ns + p->config.linger_ns)
        stats->batches_lingered++;
    else
        stats->batches_cut++;
    sim_histogram_record(stats->records_per_batch, batch->span.count);
    batch_record_age(p, batch, stats->queue_ns, now_ns);
}

/* Size by which Java decides whether a batch still fits a request. */
static uint64_t request_size(const struct model_producer *p, const struct batch *batch)
{
    if (batch->built)
        return batch->wire_bytes;
    double ratio = p->config.compression.codec == BROKER_NONE ? 1 : p->ratio_estimate * 1.05;
    return BROKER_BATCH_HEADER_BYTES + (uint64_t)((double)batch->raw_bytes * ratio);
}

static void take_batch(struct model_producer *p, struct request *request, uint32_t partition,
                       int64_t now_ns)
{
    struct batch *batch = queue_pop(p, partition);
    bool fresh = !batch->built;
    batch->state = BATCH_IN_FLIGHT;
    batch->references++;
    p->parts[partition].in_flight++;
    p->parts[partition].records_in_flight += batch->span.count;
    queue_update_due(p, partition);
    if (fresh)
        batch_build(p, batch);
    if (batch->drained_ns < 0)
        note_drained(p, batch, now_ns);
    add_to_request(request, batch);
}

bool request_may_drain(const struct model_producer *p, uint32_t partition, int64_t now_ns)
{
    const struct batch *head = p->parts[partition].head;
    return head && head->not_before_ns <= now_ns;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* A few, nearly always: qsort's own work would be most of it. */
static void sort_numbers(uint32_t *list, uint32_t count)
{
    if (count > SORT_FEW) {
        qsort(list, count, sizeof *list, by_number);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t number = list[i], at = i;
        for (; at > 0 && list[at - 1] > number; at--)
            list[at] = list[at - 1];
        list[at] = number;
    }
}

/* Partitions of the link that have a batch, from its turn on. */
static uint32_t candidates(struct model_producer *p, struct link *link)
{
    uint32_t count = link->due.count, *list = p->scratch, partitions = p->config.partitions;
    for (uint32_t i = 0; i < count; i++)
        list[i] = (link->due.items[i + 1] + partitions - link->turn) % partitions;
    sort_numbers(list, count);
    for (uint32_t i = 0; i < count; i++)
        list[i] = (list[i] + link->turn) % partitions;
    return count;
}

static void drain_java(struct model_producer *p, struct link *link, struct request *request,
                       int64_t now_ns)
{
    uint32_t count = candidates(p, link);
    uint64_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t partition = p->scratch[i];
        if (!request_may_drain(p, partition, now_ns))
            continue;
        struct batch *head = p->parts[partition].head;
        if (head->state == BATCH_OPEN)
            accumulator_close(p, head, now_ns);
        size += request_size(p, head);
        if (size > p->config.max_request_size && request->count > 0) {
            queue_update_due(p, partition);
            link->turn = partition;
            return;
        }
        take_batch(p, request, partition, now_ns);
    }
    link->turn = (link->turn + 1) % p->config.partitions;
}

static void drain_librdkafka(struct model_producer *p, struct link *link, struct request *request,
                             int64_t now_ns)
{
    uint32_t partition = link->due.items[1];
    struct batch *head = p->parts[partition].head;
    if (head->state == BATCH_OPEN)
        accumulator_close(p, head, now_ns);
    take_batch(p, request, partition, now_ns);
}

struct request *request_drain(struct model_producer *p, uint32_t number, int64_t now_ns)
{
    struct link *link = &p->links[number];
    struct request *request = new_request(p, number);
    if (producer_is_java(p))
        drain_java(p, link, request, now_ns);
    else
        drain_librdkafka(p, link, request, now_ns);
    assert(request->count > 0);
    link->in_flight++;
    p->in_flight++;
    request->app_mark = p->app_mark;
    double records = 0, bytes = 0;
    for (uint32_t i = 0; i < request->count; i++)
        if (request->batches[i]->attempts == 0) {
            records += request->batches[i]->span.count;
            bytes += (double)request->batches[i]->raw_bytes;
        }
    if (!p->config.max_rate && records > 0)
        sender_app_work(p, sender_app_cost(p, records, bytes));
    return request;
}
