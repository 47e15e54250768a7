/* broker-core/log/producers.c - sequences, duplicates and transactions; see producers.h. */
#include "broker-core/log/producers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Below this a scan of the array is as quick as a hash. */
#define HASH_FROM 8

void broker_producers_init(struct broker_producers *producers)
{
    *producers = (struct broker_producers){0};
}

void broker_producers_clear(struct broker_producers *producers)
{
    free(producers->all);
    free(producers->slots);
    free(producers->open.all);
    free(producers->undecided.all);
    struct broker_producers empty = {.snapshots = producers->snapshots,
                                     .snapshot_count = producers->snapshot_count,
                                     .snapshot_room = producers->snapshot_room,
                                     .map_end = producers->map_end,
                                     .last_snapshot = producers->last_snapshot};
    *producers = empty;
}

void broker_producers_release(struct broker_producers *producers)
{
    broker_producers_clear(producers);
    free(producers->snapshots);
    broker_producers_init(producers);
}

static uint32_t hash_of(int64_t id)
{
    /* Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4. */
    return (uint32_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static void hash_put(struct broker_producers *producers, uint32_t number)
{
    uint32_t mask = producers->slot_count - 1, at = hash_of(producers->all[number].id) & mask;
    while (producers->slots[at])
        at = (at + 1) & mask;
    producers->slots[at] = number + 1;
}

static int rehash(struct broker_producers *producers)
{
    free(producers->slots);
    producers->slots = NULL;
    producers->slot_count = 0;
    if (producers->count < HASH_FROM)
        return BROKER_OK;
    uint32_t slots = 4 * HASH_FROM;
    while (slots < 2 * producers->room)
        slots *= 2;
    producers->slots = calloc(slots, sizeof *producers->slots);
    if (!producers->slots)
        return BROKER_EIO;
    producers->slot_count = slots;
    for (uint32_t i = 0; i < producers->count; i++)
        hash_put(producers, i);
    return BROKER_OK;
}

struct broker_producer *broker_producers_find(const struct broker_producers *producers, int64_t id)
{
    if (!producers->slots) {
        for (uint32_t i = 0; i < producers->count; i++)
            if (producers->all[i].id == id)
                return &producers->all[i];
        return NULL;
    }
    uint32_t mask = producers->slot_count - 1;
    for (uint32_t at = hash_of(id) & mask; producers->slots[at]; at = (at + 1) & mask)
        if (producers->all[producers->slots[at] - 1].id == id)
            return &producers->all[producers->slots[at] - 1];
    return NULL;
}

static struct broker_producer *add(struct broker_producers *producers, int64_t id)
{
    if (producers->count == producers->room) {
        uint32_t room = producers->room ? 2 * producers->room : 2;
        struct broker_producer *grown = realloc(producers->all, room * sizeof *grown);
        if (!grown)
            return NULL;
        producers->all = grown;
        producers->room = room;
        if (rehash(producers) != BROKER_OK)
            return NULL;
    }
    struct broker_producer *made = &producers->all[producers->count++];
    *made = (struct broker_producer){.id = id,
                                     .epoch = -1,
                                     .coordinator_epoch = -1,
                                     .last_timestamp_ms = -1,
                                     .txn_first_offset = -1};
    if (producers->slots)
        hash_put(producers, producers->count - 1);
    else if (producers->count == HASH_FROM && rehash(producers) != BROKER_OK)
        return NULL;
    /* java.util.HashMap: 16 buckets, doubled when more than three quarters are used. */
    if (!producers->java_buckets)
        producers->java_buckets = 16;
    while (producers->count > producers->java_buckets / 4 * 3)
        producers->java_buckets *= 2;
    return made;
}

static int32_t wrap_sequence(int64_t sequence)
{
    return (int32_t)(sequence & INT32_MAX);
}

static int32_t last_sequence(const struct broker_batch_header *header)
{
    if (header->base_sequence < 0)
        return -1;
    return wrap_sequence((int64_t)header->base_sequence + header->last_offset_delta);
}

static bool repeats(const struct broker_producer_batch *batch,
                    const struct broker_batch_header *header)
{
    return batch->last_sequence == last_sequence(header) &&
           wrap_sequence((int64_t)batch->last_sequence - batch->offset_delta) ==
               header->base_sequence;
}

/* The next of the same epoch, as nearly always: it repeats none, and the older ones need not be looked at. */
static bool follows(const struct broker_producer *known, const struct broker_batch_header *header)
{
    const struct broker_producer_batch *newest = broker_producer_newest(known);
    return newest && header->producer_epoch == known->epoch &&
           header->base_sequence == wrap_sequence((int64_t)newest->last_sequence + 1);
}

static enum broker_error check_sequence(const struct broker_producer *known,
                                        const struct broker_batch_header *header,
                                        struct broker_err *err)
{
    int32_t sequence = header->base_sequence;
    if (header->producer_epoch != known->epoch) {
        if (sequence == 0 || known->epoch < 0)
            return KAFKA_NONE;
        return broker_err_set(err, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "producer %" PRId64 " begins epoch %d with sequence %" PRId32,
                              header->producer_id, header->producer_epoch, sequence);
    }
    const struct broker_producer_batch *newest = broker_producer_newest(known);
    if (!newest || follows(known, header)) /* none: only markers so far */
        return KAFKA_NONE;
    return broker_err_set(err, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER,
                          "producer %" PRId64 " sends sequence %" PRId32 " after %" PRId32,
                          header->producer_id, sequence, newest->last_sequence);
}

enum broker_error broker_producers_check(const struct broker_producers *producers,
                                         const struct broker_batch_header *header,
                                         struct broker_append *out, struct broker_err *err)
{
    const struct broker_producer *known = broker_producers_find(producers, header->producer_id);
    if (!known)
        return KAFKA_NONE;
    if (header->producer_epoch == known->epoch && !follows(known, header))
        for (uint32_t i = 0; i < known->batch_count; i++) {
            const struct broker_producer_batch *batch = &known->batches[i];
            if (!repeats(batch, header))
                continue;
            out->duplicate = true;
            out->base_offset = batch->last_offset - batch->offset_delta;
            out->last_offset = batch->last_offset;
            out->log_append_time_ms = batch->timestamp_ms;
            return KAFKA_NONE;
        }
    if (header->producer_epoch < known->epoch)
        return broker_err_set(err, KAFKA_INVALID_PRODUCER_EPOCH,
                              "producer %" PRId64 " has epoch %d, the log knows %d",
                              header->producer_id, header->producer_epoch, known->epoch);
    enum broker_error error = check_sequence(known, header, err);
    if (error == KAFKA_NONE && known->txn_first_offset >= 0 &&
        !(header->attributes & BROKER_BATCH_TRANSACTIONAL))
        return broker_err_set(err, KAFKA_INVALID_TXN_STATE,
                              "producer %" PRId64 " writes outside its open transaction",
                              header->producer_id);
    return error;
}

static int txns_insert(struct broker_txns *txns, struct broker_txn txn)
{
    if (txns->count == txns->room) {
        uint32_t room = txns->room ? 2 * txns->room : 4;
        struct broker_txn *grown = realloc(txns->all, room * sizeof *grown);
        if (!grown)
            return BROKER_EIO;
        txns->all = grown;
        txns->room = room;
    }
    uint32_t at = txns->count++;
    for (; at && txns->all[at - 1].first_offset > txn.first_offset; at--)
        txns->all[at] = txns->all[at - 1];
    txns->all[at] = txn;
    return BROKER_OK;
}

static void txns_remove(struct broker_txns *txns, uint32_t at)
{
    txns->count--;
    memmove(txns->all + at, txns->all + at + 1, (txns->count - at) * sizeof *txns->all);
}

static struct broker_producer *find_or_add(struct broker_producers *producers, int64_t id)
{
    struct broker_producer *known = broker_producers_find(producers, id);
    return known ? known : add(producers, id);
}

static void take_epoch(struct broker_producer *known, int16_t epoch)
{
    if (known->epoch == epoch)
        return;
    known->epoch = epoch;
    known->batch_count = 0;
}

int broker_producers_note(struct broker_producers *producers,
                          const struct broker_batch_header *header)
{
    struct broker_producer *known = find_or_add(producers, header->producer_id);
    if (!known)
        return BROKER_EIO;
    take_epoch(known, header->producer_epoch);
    known->newest =
        known->batch_count ? (uint8_t)((known->newest + 1) % BROKER_PRODUCER_BATCHES) : 0;
    if (known->batch_count < BROKER_PRODUCER_BATCHES)
        known->batch_count++;
    known->batches[known->newest] =
        (struct broker_producer_batch){.last_offset = broker_batch_last_offset(header),
                                       .timestamp_ms = header->max_timestamp_ms,
                                       .last_sequence = last_sequence(header),
                                       .offset_delta = header->last_offset_delta};
    known->last_timestamp_ms = header->max_timestamp_ms;
    if (!(header->attributes & BROKER_BATCH_TRANSACTIONAL) || known->txn_first_offset >= 0)
        return BROKER_OK;
    known->txn_first_offset = header->base_offset;
    return txns_insert(&producers->open, (struct broker_txn){.producer_id = header->producer_id,
                                                             .first_offset = header->base_offset,
                                                             .last_offset = -1});
}

int broker_producers_note_marker(struct broker_producers *producers,
                                 const struct broker_batch_header *header, bool commit,
                                 int32_t coordinator_epoch, struct broker_txn_end *end)
{
    struct broker_producer *known = find_or_add(producers, header->producer_id);
    *end = (struct broker_txn_end){0};
    if (!known)
        return BROKER_EIO;
    take_epoch(known, header->producer_epoch);
    known->coordinator_epoch = coordinator_epoch;
    known->last_timestamp_ms = header->max_timestamp_ms;
    if (known->txn_first_offset < 0)
        return BROKER_OK;
    known->txn_first_offset = -1;
    for (uint32_t i = 0; i < producers->open.count; i++) {
        if (producers->open.all[i].producer_id != header->producer_id)
            continue;
        end->ended = true;
        end->aborted = !commit;
        end->txn = producers->open.all[i];
        end->txn.last_offset = header->base_offset;
        txns_remove(&producers->open, i);
        end->last_stable_offset =
            producers->open.count ? producers->open.all[0].first_offset : end->txn.last_offset + 1;
        return txns_insert(&producers->undecided, end->txn);
    }
    return BROKER_OK;
}

int64_t broker_producers_first_unstable(const struct broker_producers *producers)
{
    int64_t first = INT64_MAX;
    if (producers->open.count)
        first = producers->open.all[0].first_offset;
    if (producers->undecided.count && producers->undecided.all[0].first_offset < first)
        first = producers->undecided.all[0].first_offset;
    return first;
}

void broker_producers_high_watermark(struct broker_producers *producers, int64_t high_watermark)
{
    struct broker_txns *txns = &producers->undecided;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < txns->count; i++)
        if (txns->all[i].last_offset >= high_watermark)
            txns->all[kept++] = txns->all[i];
    txns->count = kept;
}

static bool is_expired(const struct broker_producer *producer, int64_t now_ms,
                       int64_t expiration_ms)
{
    return producer->txn_first_offset < 0 &&
           broker_distance(now_ms, producer->last_timestamp_ms) >= expiration_ms;
}

void broker_producers_expire(struct broker_producers *producers, int64_t now_ms,
                             int64_t expiration_ms)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < producers->count; i++)
        if (!is_expired(&producers->all[i], now_ms, expiration_ms))
            producers->all[kept++] = producers->all[i];
    if (kept == producers->count)
        return;
    producers->count = kept;
    rehash(producers); /* without memory for the hash the array is scanned */
}

int broker_producers_add_snapshot(struct broker_producers *producers, int64_t offset)
{
    if (producers->snapshot_count == producers->snapshot_room) {
        uint32_t room = producers->snapshot_room ? 2 * producers->snapshot_room : 2;
        int64_t *grown = realloc(producers->snapshots, room * sizeof *grown);
        if (!grown)
            return BROKER_EIO;
        producers->snapshots = grown;
        producers->snapshot_room = room;
    }
    uint32_t at = producers->snapshot_count;
    while (at && producers->snapshots[at - 1] > offset)
        at--;
    if (at && producers->snapshots[at - 1] == offset)
        return BROKER_OK;
    memmove(producers->snapshots + at + 1, producers->snapshots + at,
            (producers->snapshot_count++ - at) * sizeof *producers->snapshots);
    producers->snapshots[at] = offset;
    return BROKER_OK;
}

void broker_producers_drop_snapshot(struct broker_producers *producers, int64_t offset)
{
    for (uint32_t i = 0; i < producers->snapshot_count; i++)
        if (producers->snapshots[i] == offset) {
            producers->snapshot_count--;
            memmove(producers->snapshots + i, producers->snapshots + i + 1,
                    (producers->snapshot_count - i) * sizeof *producers->snapshots);
            return;
        }
}
