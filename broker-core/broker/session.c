/*
 * broker-core/broker/session.c - what a fetch covers: sets, their entries, and the cache of fetch sessions (KIP-227).
 *
 * Omits    Kafka's division of the cache into 8 shards by session id: here it is one, with the same rules and total size.
 */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* min.incremental.fetch.session.eviction.ms, fixed in Kafka (replication.md section 7). */
#define EVICTION_MS 120000

/* Entries of a block; sessions of a replica fetcher have tens of partitions. */
#define SLAB_ENTRIES 64

struct broker_slab {
    struct broker_slab *next;
    struct broker_entry entries[SLAB_ENTRIES];
};

/* ---- entries ---- */

static struct broker_entry *take_entry(struct broker *broker)
{
    if (!broker->free_entries) {
        struct broker_slab *slab = broker_resize(NULL, 1, sizeof *slab);
        slab->next = broker->slabs;
        broker->slabs = slab;
        for (int i = SLAB_ENTRIES - 1; i >= 0; i--) {
            slab->entries[i].next = broker->free_entries;
            broker->free_entries = slab->entries + i;
        }
    }
    struct broker_entry *entry = broker->free_entries;
    broker->free_entries = entry->next;
    memset(entry, 0, sizeof *entry);
    return entry;
}

void broker_entry_watch(struct broker_entry *entry)
{
    struct broker_slot *slot = entry->slot;
    if (!slot || entry->watching)
        return;
    entry->watching = true;
    entry->set->unwatched_count--;
    entry->watch_prev = NULL;
    entry->watch_next = slot->entries;
    if (slot->entries)
        slot->entries->watch_prev = entry;
    slot->entries = entry;
}

static void unwatch(struct broker_entry *entry)
{
    if (!entry->watching)
        return;
    *(entry->watch_prev ? &entry->watch_prev->watch_next : &entry->slot->entries) =
        entry->watch_next;
    if (entry->watch_next)
        entry->watch_next->watch_prev = entry->watch_prev;
    entry->watching = false;
    entry->set->unwatched_count++;
}

static void link_last(struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    entry->order = set->next_order++;
    entry->prev = set->last;
    entry->next = NULL;
    *(set->last ? &set->last->next : &set->first) = entry;
    set->last = entry;
}

static void unlink_entry(struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    *(entry->prev ? &entry->prev->next : &set->first) = entry->next;
    *(entry->next ? &entry->next->prev : &set->last) = entry->prev;
}

void broker_entry_to_end(struct broker_entry *entry)
{
    unlink_entry(entry);
    link_last(entry);
}

static void link_dirty(struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    entry->dirty = true;
    entry->dirty_prev = NULL;
    entry->dirty_next = set->dirty;
    if (set->dirty)
        set->dirty->dirty_prev = entry;
    set->dirty = entry;
    set->dirty_count++;
}

static void unlink_dirty(struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    *(entry->dirty_prev ? &entry->dirty_prev->dirty_next : &set->dirty) = entry->dirty_next;
    if (entry->dirty_next)
        entry->dirty_next->dirty_prev = entry->dirty_prev;
    entry->dirty = false;
    set->dirty_count--;
}

void broker_entry_make_dirty(struct broker_entry *entry)
{
    if (entry->dirty)
        return;
    if (entry->set->replica_id >= 0 && entry->slot->partition)
        broker_partition_follower_repeats(entry->slot->partition, entry->set->replica_id, NULL);
    link_dirty(entry);
}

int64_t broker_entry_bound(const struct broker_entry *entry)
{
    const struct broker_log *log = broker_partition_log(entry->slot->partition);
    switch (broker_set_bound(entry->set)) {
    case BROKER_READ_END:
        return broker_log_end_offset(log);
    case BROKER_READ_LAST_STABLE:
        return broker_log_last_stable_offset(log);
    default:
        return broker_log_high_watermark(log);
    }
}

void broker_entry_settle(struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    if (!entry->dirty || !entry->watching || !entry->slot->partition ||
        !(set->id || set->wants_session))
        return;
    struct broker_partition *partition = entry->slot->partition;
    const struct broker_log *log = broker_partition_log(partition);
    if (entry->part.want.fetch_offset != broker_entry_bound(entry) ||
        entry->sent_high_watermark != broker_log_high_watermark(log) ||
        entry->sent_start_offset != broker_log_start_offset(log))
        return;
    if (set->replica_id >= 0 &&
        !broker_partition_follower_repeats(partition, set->replica_id, &set->fetch_ms))
        return;
    unlink_dirty(entry);
    entry->ready_bytes = 0;
}

/* ---- sets ---- */

static struct broker_entry *find_entry(const struct broker_set *set, const struct broker_slot *slot,
                                       struct broker_tp tp)
{
    if (slot) {
        for (struct broker_entry *entry = slot->entries; entry; entry = entry->watch_next)
            if (entry->set == set)
                return entry;
    }
    /* Unknown here when it was added: such an entry is dirty for as long as it is unknown. */
    struct broker_entry *entry = set->unwatched_count > 0 ? set->dirty : NULL;
    for (; entry; entry = entry->dirty_next)
        if (!entry->watching && entry->part.tp.topic == tp.topic &&
            entry->part.tp.partition == tp.partition)
            return entry;
    return NULL;
}

static void drop_entry(struct broker *broker, struct broker_entry *entry)
{
    struct broker_set *set = entry->set;
    if (!entry->dirty)
        broker_entry_make_dirty(entry); /* the follower's clock is no longer this set's */
    unlink_dirty(entry);
    unwatch(entry);
    unlink_entry(entry);
    set->count--;
    set->unwatched_count--;
    entry->next = broker->free_entries;
    broker->free_entries = entry;
}

static void add_part(struct broker *broker, struct broker_set *set,
                     const struct broker_fetch_part *part)
{
    struct broker_slot *slot = broker_slot_find(broker, part->tp);
    bool resident = set->id || set->wants_session;
    struct broker_entry *entry = resident ? find_entry(set, slot, part->tp) : NULL;
    if (entry) {
        broker_entry_make_dirty(entry);
        entry->part.want = part->want;
        return;
    }
    entry = take_entry(broker);
    entry->part.tp = part->tp;
    entry->part.want = part->want;
    entry->slot = slot;
    entry->set = set;
    entry->sent_high_watermark = entry->sent_start_offset = -1;
    link_last(entry);
    set->count++;
    set->unwatched_count++;
    if (resident)
        broker_entry_watch(entry);
    link_dirty(entry);
}

static struct broker_set *new_set(struct broker *broker, const struct broker_fetch_request *request)
{
    struct broker_set *set = broker->free_sets;
    if (set)
        broker->free_sets = set->next;
    else
        set = broker_resize(NULL, 1, sizeof *set);
    *set = (struct broker_set){
        .replica_id = request->replica_id,
        .client_rack = request->client_rack,
        .read_committed = request->read_committed,
        .wants_session = request->session_epoch == 0 && broker->config.fetch_session_slots > 0,
        .made_ms = broker_now_ms(broker),
    };
    return set;
}

static void free_set(struct broker *broker, struct broker_set *set)
{
    while (set->last)
        drop_entry(broker, set->last);
    set->next = broker->free_sets;
    broker->free_sets = set;
}

void broker_set_leave(struct broker *broker, struct broker_set *set)
{
    set->op = NULL;
    if (set->id == 0)
        free_set(broker, set);
}

/* ---- the cache ---- */

static struct broker_set **bucket_of(const struct broker *broker, int32_t id)
{
    return broker->buckets + ((uint32_t)id & (broker->bucket_count - 1)); /* ids are random */
}

static struct broker_set *find_session(const struct broker *broker, int32_t id)
{
    if (id == 0 || !broker->buckets)
        return NULL;
    struct broker_set *set = *bucket_of(broker, id);
    while (set && set->id != id)
        set = set->next;
    return set;
}

/* Out of the cache; lives on while its op needs it. */
static void forget_session(struct broker *broker, struct broker_set *set)
{
    struct broker_set **link = bucket_of(broker, set->id);
    while (*link != set)
        link = &(*link)->next;
    *link = set->next;
    uint32_t at = 0;
    while (broker->sessions[at] != set)
        at++;
    broker->sessions[at] = broker->sessions[--broker->session_count];
    set->id = 0;
    set->wants_session = false;
    if (set->op)
        return;
    free_set(broker, set);
}

/* Kafka's order of worth: replica fetchers over consumers, then the larger, then the higher id. */
static bool worth_less(const struct broker_set *a, const struct broker_set *b)
{
    bool a_follows = a->replica_id >= 0, b_follows = b->replica_id >= 0;
    if (a_follows != b_follows)
        return b_follows;
    return a->count != b->count ? a->count < b->count : a->id < b->id;
}

static bool unused_longer(const struct broker_set *a, const struct broker_set *b)
{
    return a->fetch_ms != b->fetch_ms ? a->fetch_ms < b->fetch_ms : a->id < b->id;
}

/* Which session makes room for the new one; NULL: none. */
static struct broker_set *choose_victim(const struct broker *broker, const struct broker_set *set)
{
    int64_t now_ms = broker_now_ms(broker);
    struct broker_set *oldest = NULL, *least = NULL;
    for (uint32_t i = 0; i < broker->session_count; i++) {
        struct broker_set *other = broker->sessions[i];
        if (!oldest || unused_longer(other, oldest))
            oldest = other;
        bool evictable = now_ms - other->made_ms > EVICTION_MS ||
                         (set->replica_id >= 0 && other->replica_id < 0);
        if (evictable && (!least || worth_less(other, least)))
            least = other;
    }
    if (oldest && now_ms - oldest->fetch_ms > EVICTION_MS)
        return oldest;
    return least && !worth_less(set, least) ? least : NULL; /* set->id is 0: equal worth loses */
}

static int32_t draw_id(struct broker *broker)
{
    for (;;) {
        uint8_t random[16];
        broker->env->ops->random16(broker->env, random);
        uint32_t bits = (uint32_t)random[0] | (uint32_t)random[1] << 8 | (uint32_t)random[2] << 16 |
                        (uint32_t)(random[3] & 0x7F) << 24;
        int32_t id = (int32_t)bits;
        if (id != 0 && !find_session(broker, id))
            return id;
    }
}

static void make_buckets(struct broker *broker)
{
    broker->bucket_count = 16;
    while (broker->bucket_count < broker->config.fetch_session_slots &&
           broker->bucket_count < 1u << 20)
        broker->bucket_count *= 2;
    broker->buckets = broker_resize(NULL, broker->bucket_count, sizeof(struct broker_set *));
    memset(broker->buckets, 0, broker->bucket_count * sizeof(struct broker_set *));
}

int32_t broker_session_keep(struct broker *broker, struct broker_set *set)
{
    if (!set->wants_session)
        return set->id;
    set->wants_session = false;
    if (!broker->buckets)
        make_buckets(broker);
    if (broker->session_count >= broker->config.fetch_session_slots) {
        struct broker_set *victim = choose_victim(broker, set);
        if (!victim)
            return 0;
        forget_session(broker, victim);
        broker->counters.sessions_evicted++;
    }
    if (broker->session_count == broker->session_room) {
        broker->session_room = broker->session_room ? broker->session_room * 2 : 16;
        broker->sessions =
            broker_resize(broker->sessions, broker->session_room, sizeof(struct broker_set *));
    }
    set->id = draw_id(broker);
    set->epoch = 1;
    set->made_ms = broker_now_ms(broker);
    struct broker_set **bucket = bucket_of(broker, set->id);
    set->next = *bucket;
    *bucket = set;
    broker->sessions[broker->session_count++] = set;
    broker->counters.sessions_made++;
    return set->id;
}

void broker_session_free_all(struct broker *broker)
{
    while (broker->session_count > 0)
        forget_session(broker, broker->sessions[broker->session_count - 1]);
    while (broker->free_sets) {
        struct broker_set *set = broker->free_sets;
        broker->free_sets = set->next;
        free(set);
    }
    while (broker->slabs) {
        struct broker_slab *slab = broker->slabs;
        broker->slabs = slab->next;
        free(slab);
    }
    free(broker->sessions);
    free(broker->buckets);
}

/* ---- requests ---- */

static struct broker_set *begin_full(struct broker *broker,
                                     const struct broker_fetch_request *request)
{
    struct broker_set *old = find_session(broker, request->session_id);
    if (old)
        forget_session(broker, old);
    struct broker_set *set = new_set(broker, request);
    for (uint32_t i = 0; i < request->part_count; i++)
        add_part(broker, set, request->parts + i);
    return set;
}

static void update(struct broker *broker, struct broker_set *set,
                   const struct broker_fetch_request *request)
{
    for (uint32_t i = 0; i < request->part_count; i++)
        add_part(broker, set, request->parts + i);
    for (uint32_t i = 0; i < request->forgotten_count; i++) {
        struct broker_tp tp = request->forgotten[i];
        struct broker_entry *entry = find_entry(set, broker_slot_find(broker, tp), tp);
        if (entry)
            drop_entry(broker, entry);
    }
    if (set->read_committed != request->read_committed ||
        set->client_rack != request->client_rack) {
        set->read_committed = request->read_committed;
        set->client_rack = request->client_rack;
        for (struct broker_entry *entry = set->first; entry; entry = entry->next)
            broker_entry_make_dirty(entry);
    }
}

struct broker_set *broker_session_begin(struct broker *broker,
                                        const struct broker_fetch_request *request, bool *full,
                                        enum broker_error *error)
{
    struct broker_set *set;
    *error = KAFKA_NONE;
    *full = request->session_epoch == 0 || request->session_epoch == -1;
    if (*full) {
        set = begin_full(broker, request);
        set->fetch_ms = broker_now_ms(broker);
        return set;
    }
    set = find_session(broker, request->session_id);
    if (!set)
        *error = KAFKA_FETCH_SESSION_ID_NOT_FOUND;
    else if (set->epoch != request->session_epoch || set->op)
        *error = KAFKA_INVALID_FETCH_SESSION_EPOCH;
    if (*error != KAFKA_NONE)
        return NULL;
    set->epoch = set->epoch == INT32_MAX ? 1 : set->epoch + 1;
    update(broker, set, request);
    set->fetch_ms = broker_now_ms(broker);
    if (set->count == 0) { /* nothing left: the session ends (Kafka) */
        struct broker_fetch_request none = *request;
        none.session_epoch = -1;
        none.part_count = 0;
        forget_session(broker, set);
        return new_set(broker, &none);
    }
    return set;
}
