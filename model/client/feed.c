/*
 * model/client/feed.c - the lazy streams that fill batches: which batch a feed is attached to, when it opens the next or finds it full.
 */
#include <stdlib.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

/* How far to look for a full batch beyond its linger, when its broker takes nothing. */
#define LOOK_NS_MIN 1000000

static bool sticky(const struct model_producer *p)
{
    return p->config.partitioner.kind == MODEL_PARTITIONER_STICKY;
}

/* What an attached batch may still take. The record with which librdkafka's thresholds are reached is in the batch. */
struct model_take_limit feed_limit(const struct model_producer *p, const struct batch *batch,
                                   int64_t until_ns, bool threshold)
{
    uint64_t records = producer_is_java(p) ? UINT64_MAX : p->config.batch_num_messages;
    uint64_t bytes = batch->room_bytes;
    if (threshold && !producer_is_java(p)) {
        records -= 1;
        bytes -= 1;
    }
    return (struct model_take_limit){
        .until_ns = until_ns,
        .bytes = bytes > batch->raw_bytes ? bytes - batch->raw_bytes : 0,
        .records = records > batch->span.count ? records - batch->span.count : 0,
        .force_one = producer_is_java(p) && batch->span.count == 0,
    };
}

/* A batch that will be opened by the next record may be full before its linger is over. */
static int64_t full_after_opening(struct model_producer *p, uint32_t f, int64_t opening_ns)
{
    struct batch none = {.room_bytes = pool_room(p)};
    int64_t until =
        opening_ns < NEVER - p->config.linger_ns - 1 ? opening_ns + p->config.linger_ns : NEVER - 1;
    struct model_take_limit limit = feed_limit(p, &none, until, true);
    return model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit);
}

void feed_set_opening(struct model_producer *p, uint32_t f)
{
    int64_t next = p->stopped ? NEVER : model_arrivals_peek(p->arrivals, p->feeds[f].outlet);
    heap_set(&p->openings, f, next);
    heap_set(&p->overflows, f, next == NEVER ? NEVER : full_after_opening(p, f, next));
}

/* Looks for the time at which the batch is full, up to horizon_ns; looked at again then. */
void feed_watch(struct model_producer *p, uint32_t f, int64_t horizon_ns)
{
    struct batch *batch = p->feeds[f].batch;
    int64_t key = NEVER;
    if (!batch->full) {
        struct model_take_limit limit = feed_limit(p, batch, horizon_ns, true);
        key = model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit);
        if (key == NEVER && !model_arrivals_is_dealt(p->arrivals))
            key = horizon_ns;
    }
    if (sticky(p) && !producer_is_java(p) && p->sticky_until_ns < key)
        key = p->sticky_until_ns;
    heap_set(&p->overflows, f, key);
}

int64_t feed_horizon(const struct model_producer *p, const struct batch *batch, int64_t now_ns)
{
    int64_t linger = batch->opened_ns + p->config.linger_ns;
    if (linger > now_ns)
        return linger;
    int64_t age = now_ns - batch->opened_ns;
    return now_ns + (age > LOOK_NS_MIN ? age : LOOK_NS_MIN);
}

void feed_attach(struct model_producer *p, uint32_t f, struct batch *batch, int64_t now_ns)
{
    heap_set(&p->openings, f, NEVER);
    batch->feed = f;
    p->feeds[f].batch = batch;
    feed_watch(p, f, feed_horizon(p, batch, now_ns));
}

void feed_detach(struct model_producer *p, uint32_t f)
{
    p->feeds[f].batch->feed = NO_FEED;
    p->feeds[f].batch = NULL;
    feed_set_opening(p, f);
}

void feed_init(struct model_producer *p)
{
    p->feed_count = sticky(p) || p->config.max_rate ? 1 : p->config.partitions;
    p->feeds = sim_alloc(p->feed_count, sizeof *p->feeds);
    struct heap *heaps[2] = {&p->openings, &p->overflows};
    for (int i = 0; i < 2; i++) {
        heaps[i]->keys = sim_alloc(p->feed_count, sizeof *heaps[i]->keys);
        heaps[i]->places = sim_alloc(p->feed_count, sizeof *heaps[i]->places);
    }
}

void feed_release(struct model_producer *p)
{
    struct heap *heaps[2] = {&p->openings, &p->overflows};
    for (int i = 0; i < 2; i++) {
        free(heaps[i]->items);
        free(heaps[i]->keys);
        free(heaps[i]->places);
    }
    free(p->feeds);
}
