/*
 * broker-core/broker/broker_internal.h - the broker's own structures, shared by the files of this folder.
 *
 * A slot is a partition that was ever hosted here. A set is what one fetch covers: a fetch session, or the parts of one
 * sessionless request. Its entries are watchers of their slots for as long as the set lives (sessions) or waits (others), so
 * that waiting allocates and links nothing per partition. An entry is clean when repeating its read would find nothing to tell;
 * only dirty entries are read. Whatever changes a partition makes its entries dirty (slot_event).
 */
#ifndef BROKER_BROKER_BROKER_INTERNAL_H
#define BROKER_BROKER_BROKER_INTERNAL_H

#include "broker-core/broker/broker.h"

struct broker_slot;
struct broker_set;

enum broker_event {
    BROKER_EVENT_END = 1,            /* the end offset moved: followers */
    BROKER_EVENT_HIGH_WATERMARK = 2, /* consumers and acks=all producers */
    BROKER_EVENT_STATE = 4,          /* role, epoch, ISR or anything else: all */
};

/* One partition of a waiting acks=all produce. */
struct broker_wait {
    struct broker_op *op;
    struct broker_slot *slot; /* NULL: unknown here */
    struct broker_wait *prev, *next;
    int64_t required_offset;
    uint32_t index; /* of the part */
    bool linked;
};

struct broker_entry {
    struct broker_fetch_part part;
    struct broker_slot *slot; /* NULL: unknown here so far */
    struct broker_set *set;
    struct broker_entry *prev, *next;             /* in session order */
    struct broker_entry *watch_prev, *watch_next; /* in the slot's list */
    struct broker_entry *dirty_prev, *dirty_next;
    int64_t order;               /* position in the session, growing */
    int64_t sent_high_watermark; /* what the client knows; -1 nothing */
    int64_t sent_start_offset;
    uint64_t ready_bytes; /* counted for the waiting op */
    bool dirty;
    bool watching;
};

struct broker_set {
    int32_t id;    /* session id; 0: not in the cache */
    int32_t epoch; /* expected next */
    int32_t replica_id;
    int32_t client_rack;
    bool read_committed;
    bool wants_session; /* to be put into the cache with its first answer */
    int64_t fetch_ms;   /* start of its latest fetch; clean followers' entries point here */
    int64_t made_ms;
    int64_t next_order;
    uint32_t count;
    struct broker_entry *first, *last;
    struct broker_entry *dirty;
    uint32_t dirty_count;
    uint32_t unwatched_count;
    struct broker_op *op;    /* under way or waiting */
    struct broker_set *next; /* in its bucket of the cache, or in the free list */
};

struct broker_slot {
    struct broker_tp tp;
    struct broker_partition *partition; /* NULL: removed */
    struct broker_entry *entries;
    struct broker_wait *waits_first, *waits_last;
    struct broker_slot *next_event;
    uint32_t events;
    bool queued;
};

enum broker_op_kind { BROKER_OP_PRODUCE, BROKER_OP_FETCH, BROKER_OP_LIST_OFFSETS };

struct broker_op {
    struct broker *broker;
    enum broker_op_kind kind;
    enum broker_op_state state;
    bool alive;
    bool ready_queued;
    bool expired;
    uint32_t count;  /* parts, or entries to read */
    uint32_t cursor; /* next step */
    void *host_data;
    struct broker_op *next;        /* in the ready queue or the free list */
    struct broker_op *made_before; /* all ops ever made, for broker_abandon */
    int64_t due_ms;
    uint64_t due_order;
    uint32_t heap_index; /* UINT32_MAX: no timer */
    /* produce */
    int16_t acks;
    int32_t timeout_ms;
    uint32_t pending; /* waits that are linked */
    struct broker_produce_part *produce_parts;
    struct broker_wait *waits; /* kept with the op for its next use */
    uint32_t wait_room;
    struct broker_slot *to_publish;
    /* fetch */
    struct broker_set *set;
    struct broker_entry **work;
    uint32_t work_room;
    bool full;    /* lists every part */
    bool at_once; /* an error or the like: no waiting */
    bool built;   /* the answer stands; the op has left its set */
    int32_t max_wait_ms;
    uint64_t min_bytes, max_bytes;
    uint64_t bytes;       /* of this reading so far */
    uint64_t ready_bytes; /* what a reading would find, while waiting */
    struct broker_fetch_answer answer;
    struct broker_fetch_part *listed;
    struct broker_fetch_part **listed_at;
    uint32_t listed_room;
    /* list offsets */
    struct broker_offset_part *offset_parts;
    int32_t replica_id;
    bool read_committed;
};

/* Blocks of entries, so that a session's entries lie together. */
struct broker_slab;

struct broker_rack {
    int32_t broker_id;
    int32_t rack;
};

struct broker {
    struct broker_env *env;
    struct broker_config config;
    broker_op_ready_fn *ready;
    broker_proposal_fn *propose;
    void *ctx;
    struct broker_counters counters;
    /* slots: in order of adding, and a hash table of them */
    struct broker_slot **slots;
    uint32_t slot_count, slot_room;
    struct broker_slot **slot_table;
    uint32_t slot_table_size; /* a power of two */
    /* ops */
    struct broker_op *free_ops;
    struct broker_op *made_last;
    uint64_t ops_alive;
    struct broker_op **heap;
    uint32_t heap_count, heap_room;
    uint64_t next_due_order;
    int64_t next_shrink_ms;
    struct broker_slot *events_first, *events_last;
    struct broker_op *ready_first, *ready_last;
    /* the session cache: all of them in no order, and buckets by id */
    struct broker_set **sessions;
    uint32_t session_count, session_room;
    struct broker_set **buckets;
    uint32_t bucket_count; /* a power of two */
    struct broker_set *free_sets;
    struct broker_entry *free_entries;
    struct broker_slab *slabs;
    struct broker_rack *racks;
    uint32_t rack_count, rack_room;
};

int64_t broker_now_ms(const struct broker *broker);
/* realloc that aborts: a broker without memory cannot answer. */
void *broker_resize(void *memory, size_t count, size_t item_size);
struct broker_slot *broker_slot_find(const struct broker *broker, struct broker_tp tp);
int32_t broker_rack_of(const struct broker *broker, int32_t broker_id);

/* ---- ops (op.c) ---- */
/* Frees every op that is still alive, answering nobody. */
void broker_op_free_all(struct broker *broker);
struct broker_op *broker_op_new(struct broker *broker, enum broker_op_kind kind, void *host_data);

/* ---- purgatory.c: what moved, who waits, when it expires ---- */
/* Something moved: entries become dirty now, waiters are looked at in run_deferred. */
void broker_slot_event(struct broker *broker, struct broker_slot *slot, uint32_t events);
void broker_timer_set(struct broker_op *op, int64_t due_ms);
void broker_timer_cancel(struct broker_op *op);
/* The waiting op goes to the ready queue. */
void broker_op_wake(struct broker_op *op);
void broker_ready_withdraw(struct broker_op *op);

/* ---- produce.c ---- */
void broker_produce_step(struct broker_op *op, struct broker_receipt *receipt, int *status);
void broker_produce_publish(struct broker_op *op);
void broker_produce_skip(struct broker_op *op);
enum broker_op_state broker_produce_finish(struct broker_op *op);
/* Looks at the slot's waiters. */
void broker_produce_check(struct broker_slot *slot, bool state_changed);
/* Answers what still waits with error. */
void broker_produce_expire(struct broker_op *op);
void broker_produce_withdraw(struct broker_op *op);

/* ---- fetch.c ---- */
void broker_fetch_step(struct broker_op *op, struct broker_receipt *receipt);
void broker_fetch_skip(struct broker_op *op);
enum broker_op_state broker_fetch_finish(struct broker_op *op);
/* Looks at the waiting op of the entry. */
void broker_fetch_check_entry(struct broker_entry *entry);
/* Reads again and builds the answer. */
void broker_fetch_complete(struct broker_op *op, struct broker_receipt *receipt);
void broker_fetch_withdraw(struct broker_op *op);

/* ---- session.c: sets, their entries and the cache of sessions ---- */
/* The set of a request, or NULL with *error. */
struct broker_set *broker_session_begin(struct broker *broker,
                                        const struct broker_fetch_request *request, bool *full,
                                        enum broker_error *error);
/* Puts the set into the cache if it wants that and there is room; its id, 0 if not. */
int32_t broker_session_keep(struct broker *broker, struct broker_set *set);
/* The op is done with the set: frees it unless it is in the cache. */
void broker_set_leave(struct broker *broker, struct broker_set *set);
void broker_session_free_all(struct broker *broker);

void broker_entry_watch(struct broker_entry *entry);
void broker_entry_make_dirty(struct broker_entry *entry);
/* The last reading told nothing. Makes the entry clean if reading it again would not either. */
void broker_entry_settle(struct broker_entry *entry);
void broker_entry_to_end(struct broker_entry *entry);
/* The offset below which the entry's reader may read now. Asserts that the partition is here. */
int64_t broker_entry_bound(const struct broker_entry *entry);
static inline enum broker_read_bound broker_set_bound(const struct broker_set *set)
{
    if (set->replica_id >= 0)
        return BROKER_READ_END;
    return set->read_committed ? BROKER_READ_LAST_STABLE : BROKER_READ_HIGH_WATERMARK;
}

#endif
