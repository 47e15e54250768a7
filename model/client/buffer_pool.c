/*
 * model/client/buffer_pool.c - the client's memory, and the batches that take it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

/* ---- memory ---- */

static uint64_t memory_needed(const struct model_producer *p)
{
    if (!producer_is_java(p))
        return 0; /* counted by record */
    uint64_t first = BROKER_BATCH_HEADER_BYTES + (uint64_t)p->record_bytes;
    return p->config.batch_size > first ? p->config.batch_size : first;
}

/* librdkafka counts records and bytes; one more record must fit. */
bool pool_has_memory(const struct model_producer *p)
{
    if (!producer_is_java(p))
        return p->queued_records < p->config.queue_max_messages &&
               p->memory_used + (uint64_t)p->record_bytes <= p->config.buffer_memory;
    /* A buffer smaller than one batch would never send anything: Kafka refuses the record, here it is sent alone. */
    return p->memory_used == 0 || p->memory_used + memory_needed(p) <= p->config.buffer_memory;
}

/* Raw bytes that a new batch has room for (clients.md section 1: the estimate has a factor of 1.05). */
uint64_t pool_room(const struct model_producer *p)
{
    uint64_t limit = p->config.batch_size;
    if (!producer_is_java(p))
        return limit;
    limit = limit > BROKER_BATCH_HEADER_BYTES ? limit - BROKER_BATCH_HEADER_BYTES : 0;
    if (p->config.compression.codec == BROKER_NONE)
        return limit;
    /* The record that is to be added counts uncompressed. */
    double last = p->record_bytes, size = (double)limit;
    return size > last ? (uint64_t)((size - last) / (p->ratio_estimate * 1.05) + last) : limit;
}

/* ---- batches ---- */

static int64_t enqueue_ns(struct model_producer *p, uint32_t partition)
{
    const struct model_arrivals_config *arrivals = &p->config.arrivals;
    if (producer_is_java(p) || p->config.max_rate || !p->cpu)
        return 0;
    double rate = arrivals->rate_records_per_s / 1e9;
    if (arrivals->kind == MODEL_ARRIVALS_BURST)
        rate /= arrivals->burst_records;
    if (p->config.partitioner.kind != MODEL_PARTITIONER_STICKY && p->config.weights)
        rate *= p->config.weights[partition];
    return rate > 1e-18 ? sim_exponential_ns(&p->enqueue_random, 1 / rate) : NEVER / 4;
}

struct batch *pool_new_batch(struct model_producer *p, uint32_t partition, int64_t now_ns)
{
    struct batch *batch = p->free_batches;
    struct batch *all = NULL;
    if (batch) {
        p->free_batches = batch->next;
        all = batch->all;
    } else {
        batch = sim_checked(malloc(sizeof *batch));
        all = p->all_batches;
        p->all_batches = batch;
    }
    memset(batch, 0, offsetof(struct batch, stretches));
    batch->all = all;
    batch->number = p->batch_number++;
    batch->partition = partition;
    batch->state = BATCH_OPEN;
    batch->feed = NO_FEED;
    batch->opened_ns = now_ns;
    batch->enqueue_ns = enqueue_ns(p, partition);
    batch->drained_ns = -1;
    batch->span.producer = (uint16_t)p->config.number;
    batch->room_bytes = pool_room(p);
    batch->memory_bytes = memory_needed(p);
    p->memory_used += batch->memory_bytes;
    batch->older = p->newest;
    if (p->newest)
        p->newest->newer = batch;
    else
        p->oldest = batch;
    p->newest = batch;
    return batch;
}

static void put_away(struct model_producer *p, struct batch *batch)
{
    p->memory_used -= batch->memory_bytes;
    p->queued_records -= batch->span.count;
    batch->next = p->free_batches;
    p->free_batches = batch;
}

void pool_finish(struct model_producer *p, struct batch *batch)
{
    assert(batch->state != BATCH_DONE);
    batch->state = BATCH_DONE;
    *(batch->older ? &batch->older->newer : &p->oldest) = batch->newer;
    *(batch->newer ? &batch->newer->older : &p->newest) = batch->older;
    if (batch->references == 0)
        put_away(p, batch);
}

void pool_drop_reference(struct model_producer *p, struct batch *batch)
{
    assert(batch->references > 0);
    if (--batch->references == 0 && batch->state == BATCH_DONE)
        put_away(p, batch);
}

static void join_stretches(struct batch *batch, const struct model_taken *taken)
{
    uint32_t n = batch->stretch_count, more = taken->stretch_count;
    bool known = n > 0 || batch->span.count == 0;
    if (!known || more == 0 || n + more > MODEL_STRETCHES_MAX) {
        batch->stretch_count = 0;
        return;
    }
    memcpy(batch->stretches + n, taken->stretches, more * sizeof *taken->stretches);
    batch->stretch_count = n + more;
}

void pool_add_taken(struct model_producer *p, struct batch *batch, const struct model_taken *taken)
{
    bool same = taken->first_ns == batch->span.last_ns;
    if (batch->span.count == 0)
        batch->span.first_ns = taken->first_ns;
    if (batch->span.count == 0 || taken->last_ns > batch->span.last_ns)
        batch->span.last_ns = taken->last_ns;
    join_stretches(batch, taken);
    batch->groups += taken->groups - (batch->span.count > 0 && same ? 1 : 0);
    batch->span.count += (uint32_t)taken->count;
    batch->raw_bytes += taken->bytes;
    p->queued_records += taken->count;
    p->stats->records_due += taken->count;
    if (!producer_is_java(p)) {
        batch->memory_bytes += taken->bytes;
        p->memory_used += taken->bytes;
    }
}

void pool_release(struct model_producer *p)
{
    while (p->all_batches) {
        struct batch *batch = p->all_batches;
        p->all_batches = batch->all;
        free(batch);
    }
}
