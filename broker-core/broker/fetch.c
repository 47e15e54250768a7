/* broker-core/broker/fetch.c - fetch: read what is dirty, answer or wait, read again, list what changed. */
#include "broker-core/broker/broker_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Insertion sort up to here: some 60 moves on average, what qsort of glibc spends on its set-up. */
#define SORT_FEW 16

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- which entries are read, in session order ---- */

static int by_order(const void *a, const void *b)
{
    const struct broker_entry *const *x = a, *const *y = b;
    return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* A few dirty entries, nearly always: qsort's own work would be most of it. */
static void sort_by_order(struct broker_entry **work, uint32_t count)
{
    if (count > SORT_FEW) {
        qsort(work, count, sizeof(struct broker_entry *), by_order);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        struct broker_entry *entry = work[i];
        uint32_t at = i;
        for (; at > 0 && work[at - 1]->order > entry->order; at--)
            work[at] = work[at - 1];
        work[at] = entry;
    }
}

static void gather(struct broker_op *op)
{
    struct broker_set *set = op->set;
    uint32_t count = op->full ? set->count : set->dirty_count;
    if (count > op->work_room) {
        op->work = broker_resize(op->work, count, sizeof(struct broker_entry *));
        op->work_room = count;
    }
    op->count = 0;
    op->cursor = 0;
    if (count == set->count) {
        for (struct broker_entry *entry = set->first; entry; entry = entry->next)
            op->work[op->count++] = entry;
        return;
    }
    for (struct broker_entry *entry = set->dirty; entry; entry = entry->dirty_next)
        op->work[op->count++] = entry;
    sort_by_order(op->work, count);
}

struct broker_op *broker_fetch_new(struct broker *broker,
                                   const struct broker_fetch_request *request, void *host_data)
{
    struct broker_op *op = broker_op_new(broker, BROKER_OP_FETCH, host_data);
    op->max_wait_ms = request->max_wait_ms;
    op->max_bytes = min_u64(request->max_bytes, broker->config.fetch_max_bytes);
    op->min_bytes = min_u64(request->min_bytes, op->max_bytes);
    op->bytes = op->ready_bytes = 0;
    op->at_once = op->built = false;
    op->set = broker_session_begin(broker, request, &op->full, &op->answer.error);
    if (!op->set) {
        op->built = true;
        return op;
    }
    op->set->op = op;
    gather(op);
    return op;
}

/* ---- one reading ---- */

static void nothing_got(struct broker_fetch_got *got, enum broker_error error)
{
    *got = (struct broker_fetch_got){.error = error,
                                     .high_watermark = -1,
                                     .last_stable_offset = -1,
                                     .log_start_offset = -1,
                                     .diverging_epoch = -1,
                                     .diverging_end_offset = -1,
                                     .preferred_read_replica = -1};
}

/* Finds the partition of an entry that was unknown; false if it is not here. */
static bool present(struct broker *broker, struct broker_entry *entry)
{
    if (!entry->slot) {
        entry->slot = broker_slot_find(broker, entry->part.tp);
        if (entry->set->id || entry->set->wants_session)
            broker_entry_watch(entry);
    }
    return entry->slot && entry->slot->partition;
}

void broker_fetch_skip(struct broker_op *op)
{
    while (op->cursor < op->count) {
        struct broker_entry *entry = op->work[op->cursor];
        if (present(op->broker, entry))
            return;
        nothing_got(&entry->part.got, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
        op->at_once = true;
        op->cursor++;
    }
}

/* replication.md section 12: sends the consumer to a replica in its own rack. True if it should go. */
static bool redirect(struct broker *broker, struct broker_entry *entry)
{
    const struct broker_set *set = entry->set;
    struct broker_partition *partition = entry->slot->partition;
    struct broker_fetch_got *got = &entry->part.got;
    bool diverges;
    int32_t racks[BROKER_REPLICAS_MAX];
    if (!broker->config.rack_aware_reads || set->client_rack == 0 || set->replica_id >= 0 ||
        broker_partition_fetch_check(partition, set->replica_id, true, &entry->part.want,
                                     &diverges) != KAFKA_NONE)
        return false;
    const struct broker_partition_state *state = broker_partition_state(partition);
    for (uint32_t i = 0; i < state->replica_count; i++)
        racks[i] = broker_rack_of(broker, state->replicas[i]);
    int32_t preferred = broker_partition_preferred_replica(partition, racks, set->client_rack,
                                                           entry->part.want.fetch_offset);
    if (preferred < 0)
        return false;
    const struct broker_log *log = broker_partition_log(partition);
    nothing_got(got, KAFKA_NONE);
    got->high_watermark = broker_log_high_watermark(log);
    got->last_stable_offset = broker_log_last_stable_offset(log);
    got->log_start_offset = broker_log_start_offset(log);
    got->preferred_read_replica = preferred;
    return true;
}

static bool remarkable(const struct broker_fetch_got *got)
{
    return got->error != KAFKA_NONE || got->diverging_epoch != -1 ||
           got->preferred_read_replica != -1;
}

static void read_entry(struct broker_op *op, struct broker_entry *entry, bool note_progress,
                       struct broker_receipt *receipt)
{
    struct broker *broker = op->broker;
    struct broker_set *set = op->set;
    struct broker_fetch_part *part = &entry->part;
    struct broker_partition_state proposal;
    bool moved = false;
    if (!redirect(broker, entry)) {
        uint64_t left = op->max_bytes - min_u64(op->bytes, op->max_bytes);
        broker_partition_fetch(entry->slot->partition, set->replica_id, &part->want,
                               min_u64(left, part->want.partition_max_bytes), op->bytes == 0,
                               set->read_committed, set->client_rack != 0, note_progress,
                               &part->got, &moved, receipt);
    }
    op->bytes += part->got.region.size_bytes;
    op->at_once |= remarkable(&part->got);
    if (moved)
        broker_slot_event(broker, entry->slot, BROKER_EVENT_HIGH_WATERMARK);
    if (note_progress && broker_partition_take_proposal(entry->slot->partition, &proposal))
        broker->propose(broker->ctx, entry->slot->tp, &proposal);
}

void broker_fetch_step(struct broker_op *op, struct broker_receipt *receipt)
{
    struct broker_entry *entry = op->work[op->cursor++];
    read_entry(op, entry, true, receipt);
    if (!remarkable(&entry->part.got) && entry->part.got.region.size_bytes == 0)
        broker_entry_settle(entry);
}

/* ---- the answer ---- */

static void list_part(struct broker_op *op, const struct broker_entry *entry)
{
    uint32_t at = op->answer.part_count++;
    op->listed[at] = entry->part;
    op->listed[at].changed = true;
    op->answer.found_count += entry->part.got.region.size_bytes > 0;
    op->listed_at[at] = op->listed + at;
}

static void make_list_room(struct broker_op *op)
{
    if (op->count <= op->listed_room)
        return;
    op->listed = broker_resize(op->listed, op->count, sizeof *op->listed);
    op->listed_at = broker_resize(op->listed_at, op->count, sizeof(struct broker_fetch_part *));
    op->listed_room = op->count;
}

/* Lists the entry if it tells the client something new, and notes what the client knows then. */
static void answer_entry(struct broker_op *op, struct broker_entry *entry)
{
    struct broker_fetch_got *got = &entry->part.got;
    bool has_records = got->region.size_bytes > 0;
    bool quiet = !has_records && !remarkable(got);
    if (op->full || !quiet || got->high_watermark != entry->sent_high_watermark ||
        got->log_start_offset != entry->sent_start_offset)
        list_part(op, entry);
    entry->sent_high_watermark = got->error == KAFKA_NONE ? got->high_watermark : -1;
    entry->sent_start_offset = got->log_start_offset;
    got->region = (struct broker_region){.segment = NULL}; /* the op's now */
    if (has_records && !op->full)
        broker_entry_to_end(entry);
    if (quiet)
        broker_entry_settle(entry);
}

static void build(struct broker_op *op)
{
    struct broker_set *set = op->set;
    struct broker_fetch_answer *answer = &op->answer;
    make_list_room(op);
    answer->bytes = op->bytes;
    answer->covered_count = set->count;
    answer->expired = op->expired;
    answer->parts = op->listed_at;
    for (uint32_t i = 0; i < op->count; i++)
        answer_entry(op, op->work[i]);
    answer->session_id = broker_session_keep(op->broker, set);
    op->built = true;
    op->set = NULL;
    broker_set_leave(op->broker, set);
}

const struct broker_fetch_answer *broker_fetch_answer(const struct broker_op *op)
{
    assert(op->kind == BROKER_OP_FETCH && op->built);
    return &op->answer;
}

/* ---- waiting (replication.md section 7, "delayed fetch completes when") ---- */

/* Bytes that a reading of the entry would give now; *at_once for conditions A to F and H. */
static uint64_t ready_bytes(const struct broker_entry *entry, bool *at_once)
{
    const struct broker_fetch_want *want = &entry->part.want;
    const struct broker_set *set = entry->set;
    bool diverges;
    *at_once = true;
    if (!entry->slot || !entry->slot->partition ||
        broker_partition_fetch_check(entry->slot->partition, set->replica_id, set->client_rack != 0,
                                     want, &diverges) != KAFKA_NONE ||
        diverges)
        return 0;
    const struct broker_log *log = broker_partition_log(entry->slot->partition);
    int64_t bound = broker_entry_bound(entry);
    *at_once = want->fetch_offset > bound || want->fetch_offset < broker_log_start_offset(log);
    if (*at_once || want->fetch_offset == bound)
        return 0;
    *at_once = broker_log_on_older_segment(log, want->fetch_offset, broker_set_bound(set));
    if (*at_once)
        return 0;
    return min_u64(broker_log_available_bytes(log, want->fetch_offset, broker_set_bound(set)),
                   want->partition_max_bytes);
}

/* Counts the entry's bytes for its op; true if that is enough to answer. */
static bool count_entry(struct broker_op *op, struct broker_entry *entry)
{
    bool at_once;
    uint64_t bytes = ready_bytes(entry, &at_once);
    op->ready_bytes += bytes - entry->ready_bytes;
    entry->ready_bytes = bytes;
    return at_once || op->ready_bytes >= op->min_bytes;
}

void broker_fetch_check_entry(struct broker_entry *entry)
{
    struct broker_op *op = entry->set->op;
    if (op && op->state == BROKER_OP_WAITING && !op->ready_queued && count_entry(op, entry))
        broker_op_wake(op);
}

static void release_regions(struct broker_op *op)
{
    for (uint32_t i = 0; i < op->count; i++)
        if (op->work[i]->part.got.region.size_bytes > 0)
            broker_region_release(&op->work[i]->part.got.region);
    for (uint32_t i = 0; i < op->count; i++)
        op->work[i]->part.got.region = (struct broker_region){.segment = NULL};
}

static void wait(struct broker_op *op)
{
    struct broker *broker = op->broker;
    release_regions(op);
    op->state = BROKER_OP_WAITING;
    broker->counters.fetch_waiting++;
    broker_timer_set(op, broker_now_ms(broker) + op->max_wait_ms);
    op->ready_bytes = 0;
    bool enough = false;
    for (struct broker_entry *entry = op->set->dirty; entry; entry = entry->dirty_next) {
        broker_entry_watch(entry);
        entry->ready_bytes = 0;
        enough |= count_entry(op, entry);
    }
    if (enough)
        broker_op_wake(op);
}

enum broker_op_state broker_fetch_finish(struct broker_op *op)
{
    if (op->built)
        return BROKER_OP_READY;
    if (op->max_wait_ms <= 0 || op->set->count == 0 || op->bytes >= op->min_bytes || op->at_once) {
        build(op);
        return BROKER_OP_READY;
    }
    wait(op);
    return BROKER_OP_WAITING;
}

void broker_fetch_complete(struct broker_op *op, struct broker_receipt *receipt)
{
    op->bytes = 0;
    gather(op);
    for (; op->cursor < op->count; op->cursor++) {
        broker_fetch_skip(op);
        if (op->cursor == op->count)
            break;
        if (!op->work[op->cursor]->dirty)
            continue; /* of a full fetch: what the first reading got still holds */
        read_entry(op, op->work[op->cursor], false, receipt);
        op->broker->counters.fetch_deferred_reads++;
    }
    build(op);
}

void broker_fetch_withdraw(struct broker_op *op)
{
    if (op->state == BROKER_OP_WAITING)
        op->broker->counters.fetch_waiting--;
    if (!op->built) {
        release_regions(op);
        op->built = true;
        broker_set_leave(op->broker, op->set);
        op->set = NULL;
        return;
    }
    for (uint32_t i = 0; i < op->answer.part_count; i++)
        if (op->listed[i].got.region.size_bytes > 0)
            broker_region_release(&op->listed[i].got.region);
    op->answer.part_count = op->answer.found_count = 0;
}
