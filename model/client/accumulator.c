/*
 * model/client/accumulator.c - opens, fills and closes batches, and owns the client's memory.
 *
 * Shape    A feed without a batch has its next record as key in `openings`; one with a batch has in `overflows` the time at which it
 *          will be full, or until which that has been looked for. advance works both off in order of time, so memory runs out at the record
 *          at which it would. Between these times nothing is done: records are taken when a batch is closed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"

/* How far to look for a full batch beyond its linger, when its broker takes nothing. */
#define LOOK_NS_MIN 1000000

static bool java(const struct model_producer *p)
{
    return p->config.kind == MODEL_PRODUCER_JAVA;
}

static bool sticky(const struct model_producer *p)
{
    return p->config.partitioner.kind == MODEL_PARTITIONER_STICKY;
}

/* ---- memory ---- */

static uint64_t memory_needed(const struct model_producer *p)
{
    if (!java(p))
        return 0; /* counted by record */
    uint64_t first = BROKER_BATCH_HEADER_BYTES + (uint64_t)p->record_bytes;
    return p->config.batch_size > first ? p->config.batch_size : first;
}

/* librdkafka counts records and bytes; one more record must fit. */
bool accumulator_has_memory(const struct model_producer *p)
{
    if (!java(p))
        return p->queued_records < p->config.queue_max_messages &&
               p->memory_used + (uint64_t)p->record_bytes <= p->config.buffer_memory;
    /* A buffer smaller than one batch would never send anything: Kafka refuses the record, here it is sent alone. */
    return p->memory_used == 0 || p->memory_used + memory_needed(p) <= p->config.buffer_memory;
}

/* Raw bytes that a new batch has room for (clients.md section 1: the estimate has a factor of 1.05). */
uint64_t accumulator_room(const struct model_producer *p)
{
    uint64_t limit = p->config.batch_size;
    if (!java(p))
        return limit;
    limit = limit > BROKER_BATCH_HEADER_BYTES ? limit - BROKER_BATCH_HEADER_BYTES : 0;
    if (p->config.compression.codec == BROKER_NONE)
        return limit;
    /* The record that is to be added counts uncompressed. */
    double last = p->record_bytes, size = (double)limit;
    return size > last ? (uint64_t)((size - last) / (p->ratio_estimate * 1.05) + last) : limit;
}

/* ---- batches ---- */

int64_t accumulator_enqueue_ns(struct model_producer *p, uint32_t partition)
{
    const struct model_arrivals_config *arrivals = &p->config.arrivals;
    if (p->config.kind == MODEL_PRODUCER_JAVA || p->config.max_rate || !p->cpu)
        return 0;
    double rate = arrivals->rate_records_per_s / 1e9;
    if (arrivals->kind == MODEL_ARRIVALS_BURST)
        rate /= arrivals->burst_records;
    if (p->config.partitioner.kind != MODEL_PARTITIONER_STICKY && p->config.weights)
        rate *= p->config.weights[partition];
    return rate > 1e-18 ? sim_exponential_ns(&p->enqueue_random, 1 / rate) : NEVER / 4;
}

struct batch *accumulator_new_batch(struct model_producer *p, uint32_t partition, int64_t now_ns)
{
    struct batch *batch = p->free_batches;
    struct batch *all = NULL;
    if (batch) {
        p->free_batches = batch->next;
        all = batch->all;
    } else {
        batch = malloc(sizeof *batch);
        if (!batch)
            abort();
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
    batch->enqueue_ns = accumulator_enqueue_ns(p, partition);
    batch->drained_ns = -1;
    batch->span.producer = (uint16_t)p->config.number;
    batch->room_bytes = accumulator_room(p);
    batch->memory_bytes = memory_needed(p);
    p->memory_used += batch->memory_bytes;
    p->queued_batches++;
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

void accumulator_finish(struct model_producer *p, struct batch *batch)
{
    assert(batch->state != BATCH_DONE);
    batch->state = BATCH_DONE;
    p->queued_batches--;
    *(batch->older ? &batch->older->newer : &p->oldest) = batch->newer;
    *(batch->newer ? &batch->newer->older : &p->newest) = batch->older;
    if (batch->references == 0)
        put_away(p, batch);
}

void accumulator_drop_reference(struct model_producer *p, struct batch *batch)
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

static void add_taken(struct model_producer *p, struct batch *batch,
                      const struct model_taken *taken)
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
    if (!java(p)) {
        batch->memory_bytes += taken->bytes;
        p->memory_used += taken->bytes;
    }
}

/* ---- feeds ---- */

static void set_opening(struct model_producer *p, uint32_t f);

static void detach(struct model_producer *p, uint32_t f)
{
    p->feeds[f].batch->feed = NO_FEED;
    p->feeds[f].batch = NULL;
    set_opening(p, f);
}

/* What an attached batch may still take. The record with which librdkafka's thresholds are reached is in the batch. */
static struct model_take_limit limit_of(const struct model_producer *p, const struct batch *batch,
                                        int64_t until_ns, bool threshold)
{
    uint64_t records = java(p) ? UINT64_MAX : p->config.batch_num_messages;
    uint64_t bytes = batch->room_bytes;
    if (threshold && !java(p)) {
        records -= 1;
        bytes -= 1;
    }
    return (struct model_take_limit){
        .until_ns = until_ns,
        .bytes = bytes > batch->raw_bytes ? bytes - batch->raw_bytes : 0,
        .records = records > batch->span.count ? records - batch->span.count : 0,
        .force_one = java(p) && batch->span.count == 0,
    };
}

/* A batch that will be opened by the next record may be full before its linger is over. */
static int64_t full_after_opening(struct model_producer *p, uint32_t f, int64_t opening_ns)
{
    struct batch none = {.room_bytes = accumulator_room(p)};
    int64_t until =
        opening_ns < NEVER - p->config.linger_ns - 1 ? opening_ns + p->config.linger_ns : NEVER - 1;
    struct model_take_limit limit = limit_of(p, &none, until, true);
    return model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit);
}

static void set_opening(struct model_producer *p, uint32_t f)
{
    int64_t next = p->stopped ? NEVER : model_arrivals_peek(p->arrivals, p->feeds[f].outlet);
    heap_set(&p->openings, f, next);
    heap_set(&p->overflows, f, next == NEVER ? NEVER : full_after_opening(p, f, next));
}

/* Looks for the time at which the batch is full, up to horizon_ns; looked at again then. */
static void watch(struct model_producer *p, uint32_t f, int64_t horizon_ns)
{
    struct batch *batch = p->feeds[f].batch;
    int64_t key = NEVER;
    if (!batch->full) {
        struct model_take_limit limit = limit_of(p, batch, horizon_ns, true);
        key = model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit);
        if (key == NEVER && !model_arrivals_is_dealt(p->arrivals))
            key = horizon_ns;
    }
    if (sticky(p) && !java(p) && p->sticky_until_ns < key)
        key = p->sticky_until_ns;
    heap_set(&p->overflows, f, key);
}

static int64_t horizon(const struct model_producer *p, const struct batch *batch, int64_t now_ns)
{
    int64_t linger = batch->opened_ns + p->config.linger_ns;
    if (linger > now_ns)
        return linger;
    int64_t age = now_ns - batch->opened_ns;
    return now_ns + (age > LOOK_NS_MIN ? age : LOOK_NS_MIN);
}

static void attach(struct model_producer *p, uint32_t f, struct batch *batch, int64_t now_ns)
{
    heap_set(&p->openings, f, NEVER);
    batch->feed = f;
    p->feeds[f].batch = batch;
    watch(p, f, horizon(p, batch, now_ns));
}

/* ---- sticky ---- */

static uint32_t draw_partition(struct model_producer *p)
{
    uint32_t partition = 0;
    bool adaptive = java(p) && p->config.partitioner.adaptive;
    /* Rejection: a partition with the longest queue is taken with the smallest weight. Unreachable ones are
     * given up on after a while: there may be none else. */
    for (int tries = 0; tries < 1000; tries++) {
        partition = (uint32_t)sim_below(&p->sticky_random, p->config.partitions);
        const struct part *part = &p->parts[partition];
        if (part->link < 0)
            continue;
        uint64_t most = p->queue_length_max + 1;
        if (!adaptive || sim_below(&p->sticky_random, most) < most - part->length)
            break;
    }
    return partition;
}

/* Java (section 2): on after batch.size bytes, unless an open batch there still has room. librdkafka: after a time. */
uint32_t accumulator_sticky_partition(struct model_producer *p, int64_t now_ns)
{
    if (java(p)) {
        const struct batch *tail = p->parts[p->sticky_partition].tail;
        bool open = tail && tail->state == BATCH_OPEN;
        if (!open && p->sticky_produced >= (double)p->config.batch_size) {
            p->sticky_partition = draw_partition(p);
            p->sticky_produced = 0;
        }
    } else if (now_ns >= p->sticky_until_ns) {
        p->sticky_partition = draw_partition(p);
        p->sticky_until_ns = now_ns + p->config.partitioner.sticky_linger_ns;
    }
    return p->sticky_partition;
}

static void note_produced(struct model_producer *p, const struct batch *batch)
{
    if (!sticky(p) || !java(p) || batch->partition != p->sticky_partition)
        return;
    double ratio = p->config.compression.codec == BROKER_NONE ? 1 : p->ratio_estimate * 1.05;
    p->sticky_produced += BROKER_BATCH_HEADER_BYTES + (double)batch->raw_bytes * ratio;
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

static void open_batch(struct model_producer *p, uint32_t f, int64_t record_ns, int64_t now_ns)
{
    int64_t append_ns = record_ns > p->floor_ns ? record_ns : p->floor_ns;
    uint32_t partition =
        sticky(p) ? accumulator_sticky_partition(p, append_ns) : p->feeds[f].outlet;
    struct batch *tail = p->parts[partition].tail;
    if (tail && tail->state == BATCH_OPEN && tail->feed == NO_FEED) {
        attach(p, f, tail, append_ns);
        return;
    }
    if (!accumulator_has_memory(p)) {
        if (p->config.max_block_ns > 0) {
            accumulator_block(p, record_ns);
            return;
        }
        refuse_due(p, f, UINT64_MAX, now_ns);
        set_opening(p, f);
        return;
    }
    struct batch *batch = accumulator_new_batch(p, partition, append_ns);
    queue_append(p, batch);
    attach(p, f, batch, append_ns);
}

static void take_into(struct model_producer *p, struct batch *batch, int64_t until_ns)
{
    struct model_take_limit limit = limit_of(p, batch, until_ns, false);
    struct model_taken taken;
    if (model_arrivals_take(p->arrivals, p->feeds[batch->feed].outlet, &limit, &taken))
        add_taken(p, batch, &taken);
}

static void close_batch(struct model_producer *p, struct batch *batch)
{
    batch->state = BATCH_CLOSED;
    note_produced(p, batch);
    if (batch->feed != NO_FEED)
        detach(p, batch->feed);
}

/* The feed's key has come: the batch is full, the sticky partition's time is up, or it is just to be looked at again. */
static void overflow(struct model_producer *p, uint32_t f, int64_t key_ns)
{
    struct batch *batch = p->feeds[f].batch;
    if (sticky(p) && !java(p) && key_ns >= p->sticky_until_ns) {
        take_into(p, batch, p->sticky_until_ns - 1);
        detach(p, f);
        return;
    }
    struct model_take_limit limit = limit_of(p, batch, key_ns, true);
    if (model_arrivals_full_ns(p->arrivals, p->feeds[f].outlet, &limit) > key_ns) {
        watch(p, f, horizon(p, batch, key_ns));
        return;
    }
    batch->full = true;
    if (java(p)) {
        take_into(p, batch, key_ns);
        close_batch(p, batch);
        queue_update_due(p, batch->partition);
    } else {
        queue_update_due(p, batch->partition);
        watch(p, f, NEVER);
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
    /* librdkafka sends its whole queue once it sends: what is left is ready too. */
    if (f == NO_FEED || java(p) || p->openings.keys[f] > now_ns || !accumulator_has_memory(p))
        return;
    open_batch(p, f, p->openings.keys[f], now_ns);
    struct batch *rest = p->feeds[f].batch;
    if (rest && rest->partition == batch->partition) {
        rest->full = true;
        queue_update_due(p, rest->partition);
        watch(p, f, NEVER);
    }
}

void accumulator_fill(struct model_producer *p, struct batch *batch, struct model_taken *taken)
{
    struct model_take_limit limit = limit_of(p, batch, NEVER, false);
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
        add_taken(p, batch, &some);
    limit = limit_of(p, batch, NEVER, false);
    if ((double)limit.bytes < p->record_bytes || limit.records == 0) {
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
    detach(p, f);
    queue_unlink(p, batch);
    accumulator_finish(p, batch);
}

/* librdkafka near its limit: records are taken as they come, so that it is known which of them found it full. */
static void absorb(struct model_producer *p, int64_t now_ns)
{
    for (uint32_t f = 0; f < p->feed_count; f++) {
        struct batch *batch = p->feeds[f].batch;
        if (!batch)
            continue;
        struct model_take_limit limit = limit_of(p, batch, now_ns, false);
        uint64_t room = p->config.queue_max_messages - p->queued_records;
        if (limit.records > room)
            limit.records = room;
        room =
            p->config.buffer_memory > p->memory_used ? p->config.buffer_memory - p->memory_used : 0;
        if (limit.bytes > room)
            limit.bytes = room;
        struct model_taken taken;
        if (model_arrivals_take(p->arrivals, p->feeds[f].outlet, &limit, &taken))
            add_taken(p, batch, &taken);
        if (!accumulator_has_memory(p))
            refuse_due(p, f, UINT64_MAX, now_ns);
        if (batch->span.count > 0)
            watch(p, f, horizon(p, batch, now_ns));
        else
            drop_empty(p, f);
    }
}

static bool near_limit(const struct model_producer *p)
{
    return !java(p) && (p->queued_records > p->config.queue_max_messages / 2 ||
                        p->memory_used > p->config.buffer_memory / 2);
}

static void touched(void *ctx, uint32_t f)
{
    struct model_producer *p = ctx;
    if (!p->feeds[f].batch)
        set_opening(p, f);
    else
        watch(p, f, NEVER - 1);
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
    if (accumulator_has_memory(p)) {
        accumulator_unblock(p);
    } else if (now_ns - p->blocked_since_ns >= p->config.max_block_ns) {
        uint32_t f = p->openings.items[1];
        accumulator_unblock(p);
        refuse_due(p, f, 1, now_ns);
        set_opening(p, f);
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
    bool memory = accumulator_has_memory(p);
    /* Nothing is lost by opening a batch late, unless the application is to be stopped. Refusing can wait for ever. */
    bool joins = sticky(p) && !java(p); /* librdkafka comes back to partitions with open batches */
    if (opening != NEVER && memory && !joins)
        opening += p->config.linger_ns;
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

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

static uint32_t varint_bytes(double value)
{
    /* zigzag: one bit for the sign (record-format.md) */
    return value < 64 ? 1 : value < 8192 ? 2 : value < 1048576 ? 3 : 4;
}

/* Length, attributes, timestamp delta, offset delta, lengths of key and value, count of headers (record-format.md). */
static uint32_t record_overhead(const struct model_producer_config *config)
{
    double payload = config->arrivals.sizes.mean_bytes;
    double in_batch = (double)config->batch_size / (payload > 1 ? payload : 1);
    uint32_t body = 1 + varint_bytes((double)config->linger_ns / 1e6) + varint_bytes(in_batch / 2) +
                    varint_bytes(config->key_bytes) + varint_bytes(payload - config->key_bytes) + 1;
    return varint_bytes(payload + body) + body;
}

void accumulator_init(struct model_producer *p)
{
    struct model_producer_config *config = &p->config;
    p->overhead_bytes = record_overhead(config);
    config->arrivals.sizes.overhead_bytes = p->overhead_bytes;
    p->record_bytes = config->arrivals.sizes.mean_bytes + p->overhead_bytes;
    p->ratio_estimate = 1;
    p->feed_count = sticky(p) || config->max_rate ? 1 : config->partitions;
    p->feeds = zeroed(p->feed_count, sizeof *p->feeds);
    struct heap *heaps[2] = {&p->openings, &p->overflows};
    for (int i = 0; i < 2; i++) {
        heaps[i]->keys = zeroed(p->feed_count, sizeof *heaps[i]->keys);
        heaps[i]->places = zeroed(p->feed_count, sizeof *heaps[i]->places);
    }
    sim_stream_initf(&p->sticky_random, config->seed, config->replication,
                     "producer %s client %u sticky", config->name, config->client);
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
    p->sticky_partition = draw_partition(p);
    p->sticky_until_ns = NEVER;
    if (sticky(p) && !java(p))
        p->sticky_until_ns = sim_now_ns(p->sim);
    p->floor_ns = sim_now_ns(p->sim); /* it waited for metadata until now */
    for (uint32_t f = 0; f < p->feed_count; f++) {
        p->feeds[f].outlet = f;
        set_opening(p, f);
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
            detach(p, f);
        }
        heap_set(&p->openings, f, NEVER);
    }
}

void accumulator_release(struct model_producer *p)
{
    model_arrivals_free(p->arrivals);
    struct heap *heaps[2] = {&p->openings, &p->overflows};
    for (int i = 0; i < 2; i++) {
        free(heaps[i]->items);
        free(heaps[i]->keys);
        free(heaps[i]->places);
    }
    free(p->feeds);
    while (p->all_batches) {
        struct batch *batch = p->all_batches;
        p->all_batches = batch->all;
        free(batch);
    }
}
