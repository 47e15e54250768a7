/*
 * model/client/accumulator.c - opens, fills and closes batches.
 *
 * Shape    A feed without a batch has its next record as key in `openings`; one with a batch has in `overflows` the time at which it
 *          will be full, or until which that has been looked for. advance works both off in order of time, so memory runs out at the record
 *          at which it would. Between these times nothing is done: records are taken when a batch is closed.
 */
#include <assert.h>
#include <stdio.h>

#include "model/client/producer_internal.h"

static bool sticky(const struct model_producer *p)
{
    return p->config.partitioner.kind == MODEL_PARTITIONER_STICKY;
}

/* ---- opening and closing ---- */

/* The queue is full: what was due meanwhile has been refused. */
static void refuse_due(struct model_producer *p, uint32_t f, uint64_t records, int64_t now_ns)
{
    struct model_take_limit limit = {
        .until_ns = now_ns, .bytes = UINT64_MAX, .records = records, .force_one = true};
    struct model_taken taken;
    if (!model_arrivals_take(p->arrivals, p->feeds[f].outlet, &limit, &taken))
        return;
    p->stats->records_due += taken.count;
    p->stats->records_refused += taken.count;
}

void accumulator_block(struct model_producer *p, int64_t record_ns)
{
    p->blocked = true;
    p->blocked_record_ns = record_ns;
    p->blocked_since_ns = record_ns > p->floor_ns ? record_ns : p->floor_ns;
    p->stats->queue_full_waits++;
}

static void close_batch(struct model_producer *p, struct batch *batch)
{
    batch->state = BATCH_CLOSED;
    sticky_note(p, batch);
    if (batch->feed != NO_FEED)
        feed_detach(p, batch->feed);
}

static void open_batch(struct model_producer *p, uint32_t f, int64_t record_ns, int64_t now_ns)
{
    int64_t append_ns = record_ns > p->floor_ns ? record_ns : p->floor_ns;
    uint32_t partition = sticky(p) ? sticky_partition(p, append_ns) : p->feeds[f].outlet;
    struct batch *tail = p->parts[partition].tail;
    if (tail && tail->state == BATCH_OPEN && tail->feed == NO_FEED) {
        if (!tail->full) {
            feed_attach(p, f, tail, append_ns);
            return;
        }
        close_batch(p, tail); /* its broker takes nothing: what is still due goes behind it */
    }
    if (!pool_has_memory(p)) {
        if (p->config.max_block_ns > 0) {
            accumulator_block(p, record_ns);
            return;
        }
        refuse_due(p, f, UINT64_MAX, now_ns);
        feed_set_opening(p, f);
        return;
    }
    struct batch *batch = pool_new_batch(p, partition, append_ns);
    queue_append(p, batch);
    feed_attach(p, f, batch, append_ns);
}

static void take_into(struct model_producer *p, struct batch *batch, int64_t until_ns)
{
    struct model_take_limit limit = feed_limit(p, batch, until_ns, false);
    struct model_taken taken;
    if (model_arrivals_take(p->arrivals, p->feeds[batch->feed].outlet, &limit, &taken))
        pool_add_taken(p, batch, &taken);
}

/* The feed's key has come: the batch is full, the sticky partition's time is up, or it is just to be looked at again. */
static void overflow(struct model_producer *p, uint32_t f, int64_t key_ns)
{
    struct batch *batch = p->feeds[f].batch;
    if (sticky(p) && !producer_is_java(p) && key_ns >= p->sticky_until_ns) {
        take_into(p, batch, p->sticky_until_ns - 1);
        feed_detach(p, f);
        return;
    }
    struct model_take_limit limit = feed_limit(p, batch, key_ns, true);
    if (model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit) > key_ns) {
        feed_watch(p, f, feed_horizon(p, batch, key_ns));
        return;
    }
    batch->full = true;
    if (producer_is_java(p)) {
        take_into(p, batch, key_ns);
        close_batch(p, batch);
        queue_update_due(p, batch->partition);
    } else {
        queue_update_due(p, batch->partition);
        feed_watch(p, f, NEVER);
    }
}

static int64_t application_ns(const struct model_producer *p, int64_t now_ns)
{
    return p->blocked && p->blocked_record_ns < now_ns ? p->blocked_record_ns : now_ns;
}

void accumulator_close(struct model_producer *p, struct batch *batch, int64_t now_ns)
{
    assert(batch->state == BATCH_OPEN);
    uint32_t f = batch->feed;
    if (f != NO_FEED)
        take_into(p, batch, application_ns(p, now_ns));
    close_batch(p, batch);
    /* librdkafka looks at its queue anew after each request: what a full batch left waits for its own linger. */
    if (f == NO_FEED || producer_is_java(p) || p->openings.keys[f] > now_ns || !pool_has_memory(p))
        return;
    open_batch(p, f, p->openings.keys[f], now_ns);
    struct batch *rest = p->feeds[f].batch;
    if (rest && rest->partition == batch->partition)
        queue_update_due(p, rest->partition);
}

void accumulator_fill(struct model_producer *p, struct batch *batch, struct model_taken *taken)
{
    struct model_take_limit limit = feed_limit(p, batch, NEVER, false);
    double size = (double)taken->bytes / (double)taken->count;
    uint64_t fit = (uint64_t)((double)limit.bytes / size);
    fit = fit < limit.records ? fit : limit.records;
    if (fit == 0 && batch->span.count == 0)
        fit = 1;
    struct model_taken some = *taken;
    if (fit < taken->count) {
        some.count = fit;
        some.bytes = (uint64_t)(size * (double)fit);
    }
    some.groups = some.count;
    some.stretch_count = 0;
    taken->count -= some.count;
    taken->bytes -= some.bytes;
    if (some.count > 0)
        pool_add_taken(p, batch, &some);
    limit = feed_limit(p, batch, NEVER, false);
    /* A record that waits did not fit, however large records are on average. */
    if (taken->count > 0 || (double)limit.bytes < p->record_bytes || limit.records == 0) {
        batch->full = true;
        close_batch(p, batch);
    }
    queue_update_due(p, batch->partition);
}

/* ---- time ---- */

/* Even its first record was refused: it was never opened. */
static void drop_empty(struct model_producer *p, uint32_t f)
{
    struct batch *batch = p->feeds[f].batch;
    feed_detach(p, f);
    queue_unlink(p, batch);
    pool_finish(p, batch);
}

/* librdkafka near its limit: records are taken as they come, so that it is known which of them found it full. */
static void absorb(struct model_producer *p, int64_t now_ns)
{
    for (uint32_t f = 0; f < p->feed_count; f++) {
        struct batch *batch = p->feeds[f].batch;
        if (!batch)
            continue;
        struct model_take_limit limit = feed_limit(p, batch, now_ns, false);
        uint64_t room = p->config.queue_max_messages - p->queued_records;
        if (limit.records > room)
            limit.records = room;
        room =
            p->config.buffer_memory > p->memory_used ? p->config.buffer_memory - p->memory_used : 0;
        if (limit.bytes > room)
            limit.bytes = room;
        struct model_taken taken;
        if (model_arrivals_take(p->arrivals, p->feeds[f].outlet, &limit, &taken))
            pool_add_taken(p, batch, &taken);
        if (!pool_has_memory(p))
            refuse_due(p, f, UINT64_MAX, now_ns);
        if (batch->span.count > 0)
            feed_watch(p, f, feed_horizon(p, batch, now_ns));
        else
            drop_empty(p, f);
    }
}

static bool near_limit(const struct model_producer *p)
{
    return !producer_is_java(p) && (p->queued_records > p->config.queue_max_messages / 2 ||
                                    p->memory_used > p->config.buffer_memory / 2);
}

static void touched(void *ctx, uint32_t f)
{
    struct model_producer *p = ctx;
    if (!p->feeds[f].batch)
        feed_set_opening(p, f);
    else
        feed_watch(p, f, NEVER - 1);
}

void accumulator_unblock(struct model_producer *p)
{
    int64_t now_ns = sim_now_ns(p->sim);
    p->blocked = false;
    p->floor_ns = now_ns;
    sim_histogram_record(p->stats->memory_wait_ns, now_ns - p->blocked_since_ns);
}

static void look_at_block(struct model_producer *p, int64_t now_ns)
{
    if (pool_has_memory(p)) {
        accumulator_unblock(p);
    } else if (now_ns - p->blocked_since_ns >= p->config.max_block_ns) {
        uint32_t f = p->openings.items[1];
        accumulator_unblock(p);
        refuse_due(p, f, 1, now_ns);
        feed_set_opening(p, f);
    }
}

void accumulator_advance(struct model_producer *p, int64_t now_ns)
{
    if (p->config.max_rate) {
        max_rate_go_on(p);
        return;
    }
    while (model_arrivals_next_deal_ns(p->arrivals) <= now_ns)
        model_arrivals_deal(p->arrivals, touched, p);
    if (p->blocked)
        look_at_block(p, now_ns);
    if (near_limit(p))
        absorb(p, now_ns);
    while (!p->blocked) {
        int64_t opening = heap_first(&p->openings), full = heap_first(&p->overflows);
        if (opening > now_ns && full > now_ns)
            break;
        if (full < opening)
            overflow(p, p->overflows.items[1], full);
        else
            open_batch(p, p->openings.items[1], opening, now_ns);
    }
}

static int64_t next_of_feeds(const struct model_producer *p)
{
    int64_t opening = heap_first(&p->openings), full = heap_first(&p->overflows);
    bool memory = pool_has_memory(p);
    /* Nothing is lost by opening a batch late, unless the application is to be stopped. Refusing can wait for ever. */
    bool joins = sticky(p) &&
                 !producer_is_java(p); /* librdkafka comes back to partitions with open batches */
    if (opening != NEVER && memory && !joins)
        opening += p->config.linger_ns + sender_slack_ns(p);
    else if (!memory && p->config.max_block_ns == 0)
        opening = NEVER;
    return opening < full ? opening : full;
}

int64_t accumulator_next_ns(struct model_producer *p, int64_t now_ns)
{
    if (p->config.max_rate || p->stopped)
        return NEVER;
    if (p->blocked)
        return p->config.max_block_ns < NEVER - p->blocked_since_ns
                   ? p->blocked_since_ns + p->config.max_block_ns
                   : NEVER;
    int64_t next;
    for (;;) {
        next = next_of_feeds(p);
        if (model_arrivals_next_deal_ns(p->arrivals) >= next)
            break;
        model_arrivals_deal(p->arrivals, touched, p);
    }
    return next > now_ns ? next : now_ns;
}

/* ---- life ---- */

void accumulator_init(struct model_producer *p)
{
    struct model_producer_config *config = &p->config;
    p->overhead_bytes = batch_record_overhead(config);
    config->arrivals.sizes.overhead_bytes = p->overhead_bytes;
    p->record_bytes = config->arrivals.sizes.mean_bytes + p->overhead_bytes;
    p->ratio_estimate = 1;
    feed_init(p);
}

void accumulator_start(struct model_producer *p)
{
    const struct model_producer_config *config = &p->config;
    char name[512], modulation[512];
    snprintf(name, sizeof name, "producer %s client %u arrivals", config->name, config->client);
    snprintf(modulation, sizeof modulation, "producer %s", config->name);
    p->arrivals =
        model_arrivals_new(&config->arrivals, config->seed, config->replication, name, modulation,
                           p->start_ns, p->feed_count, p->feed_count > 1 ? config->weights : NULL);
    sticky_start(p);
    p->floor_ns = sim_now_ns(p->sim); /* it waited for metadata until now */
    for (uint32_t f = 0; f < p->feed_count; f++) {
        p->feeds[f].outlet = f;
        feed_set_opening(p, f);
    }
}

void accumulator_stop(struct model_producer *p)
{
    p->stopped = true;
    p->blocked = false;
    for (uint32_t f = 0; f < p->feed_count; f++) {
        struct batch *batch = p->feeds[f].batch;
        if (batch) {
            take_into(p, batch, sim_now_ns(p->sim));
            feed_detach(p, f);
        }
        heap_set(&p->openings, f, NEVER);
    }
}

void accumulator_release(struct model_producer *p)
{
    model_arrivals_free(p->arrivals);
    feed_release(p);
    pool_release(p);
}
