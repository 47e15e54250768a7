/*
 * model/client/max_rate.c - the application of `rate: max`: it always has another record.
 *
 * Shape    The application's thread makes a batch's worth of records at a time, which costs CPU, and puts them into their partitions'
 *          batches; it stops when memory or the queue is full and goes on when there is room. A record's intended send time is when the
 *          thread reached it: a closed loop.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

/* A record each ns: the stream is only asked for sizes, and must never be what the application waits for. */
#define FOREVER_RATE 1e9

static bool keyed(const struct model_producer *p)
{
    return p->config.partitioner.kind != MODEL_PARTITIONER_STICKY;
}

void max_rate_init(struct model_producer *p)
{
    p->config.arrivals.kind = MODEL_ARRIVALS_CONSTANT;
    p->config.arrivals.rate_records_per_s = FOREVER_RATE;
    p->config.arrivals.shaped = false;
    p->chunk_counts = sim_alloc(p->config.partitions, sizeof *p->chunk_counts);
    if (keyed(p))
        sim_discrete_init(&p->chunk_pick, p->config.weights, p->config.partitions);
    sim_stream_initf(&p->chunk_random, p->config.seed, p->config.replication,
                     "producer %s client %u partitions", p->config.name, p->config.client);
}

void max_rate_release(struct model_producer *p)
{
    free(p->chunk_counts);
    p->chunk_counts = NULL;
    if (p->config.max_rate && keyed(p))
        sim_discrete_release(&p->chunk_pick);
}

static void deal_chunk(struct model_producer *p, int64_t now_ns)
{
    uint64_t count = p->chunk.count;
    p->chunk_next = 0;
    if (!keyed(p))
        p->chunk_counts[sticky_partition(p, now_ns)] = (int64_t)count;
    else if (count >= p->config.partitions)
        sim_multinomial(&p->chunk_random, (int64_t)count, p->config.weights, p->config.partitions,
                        p->chunk_counts);
    else
        for (uint64_t i = 0; i < count; i++)
            p->chunk_counts[sim_discrete_draw(&p->chunk_pick, &p->chunk_random)]++;
}

/* Puts records of one partition into batches. False: memory has run out. */
static bool append(struct model_producer *p, uint32_t partition, int64_t now_ns)
{
    struct model_taken *chunk = &p->chunk;
    while (p->chunk_counts[partition] > 0) {
        struct batch *batch = p->parts[partition].tail;
        if (!batch || batch->state != BATCH_OPEN) {
            if (!pool_has_memory(p))
                return false;
            batch = pool_new_batch(p, partition, now_ns);
            queue_append(p, batch);
        }
        struct model_taken mine = *chunk;
        mine.count = (uint64_t)p->chunk_counts[partition];
        mine.bytes = (uint64_t)((double)chunk->bytes / (double)chunk->count * (double)mine.count);
        uint64_t count = mine.count, bytes = mine.bytes;
        accumulator_fill(p, batch, &mine);
        p->chunk_counts[partition] -= (int64_t)(count - mine.count);
        chunk->count -= count - mine.count;
        chunk->bytes -= bytes - mine.bytes;
    }
    return true;
}

static bool append_chunk(struct model_producer *p, int64_t now_ns)
{
    for (; p->chunk.count > 0; p->chunk_next++)
        if (!append(p, p->chunk_next, now_ns))
            return false;
    return true;
}

/*
 * What the sticky partition's open batch has left, else a batch's worth: the partitioner goes on when a batch is full, and a chunk that went
 * beyond it would open the next in the same partition, each time.
 */
static uint64_t chunk_bytes(struct model_producer *p)
{
    struct batch *tail = p->parts[p->sticky_partition].tail;
    if (!producer_is_java(p) || keyed(p) || !tail || tail->state != BATCH_OPEN)
        return pool_room(p);
    return feed_limit(p, tail, NEVER, false).bytes;
}

static void make_chunk(struct model_producer *p)
{
    struct model_take_limit limit = {.until_ns = NEVER / 2,
                                     .bytes = chunk_bytes(p),
                                     .records = p->config.kind == MODEL_PRODUCER_JAVA
                                                    ? UINT64_MAX
                                                    : p->config.batch_num_messages,
                                     .force_one = true};
    uint64_t room = p->config.queue_max_messages - p->queued_records;
    if (p->config.kind != MODEL_PRODUCER_JAVA && limit.records > room)
        limit.records = room;
    bool some = model_arrivals_take(p->arrivals, 0, &limit, &p->chunk);
    assert(some);
    p->chunk.first_ns = sim_now_ns(p->sim);
}

static void made(struct model_burst *burst)
{
    struct model_producer *p = burst->owner;
    p->app_running = false;
    p->chunk.last_ns = sim_now_ns(p->sim);
    deal_chunk(p, p->chunk.last_ns);
    sender_run(p);
}

void max_rate_go_on(struct model_producer *p)
{
    int64_t now = sim_now_ns(p->sim);
    while (!p->app_running && !p->stopped) {
        bool room = append_chunk(p, now) && pool_has_memory(p);
        if (!room) {
            if (!p->blocked)
                accumulator_block(p, now);
            return;
        }
        if (p->blocked)
            accumulator_unblock(p);
        make_chunk(p);
        if (p->cpu) {
            p->app_running = true;
            p->app.done = made;
            model_cpu_run(p->cpu, &p->app,
                          sender_app_cost(p, (double)p->chunk.count, (double)p->chunk.bytes));
            return;
        }
        p->chunk.last_ns = now;
        deal_chunk(p, now);
    }
}
