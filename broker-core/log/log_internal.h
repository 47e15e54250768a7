/*
 * broker-core/log/log_internal.h - the inside of a log, shared by the files of this folder.
 */
#ifndef BROKER_LOG_LOG_INTERNAL_H
#define BROKER_LOG_LOG_INTERNAL_H

#include "broker-core/log/epochs.h"
#include "broker-core/log/log.h"
#include "broker-core/log/producers.h"
#include "broker-core/log/segment.h"

/* Batches at the end of the active segment whose positions are remembered: tail reads need no file. A power of two. */
#define BROKER_TAIL_BATCHES 32

struct broker_tail {
    uint32_t relative_offset; /* of the batch's first record */
    uint32_t position;
};

/* Where an offset lies: the position at which its batch begins. offset -1: not known. */
struct broker_place {
    int64_t offset;
    struct broker_segment *segment; /* borrowed: forgotten whenever a segment leaves the log */
    uint32_t position;
};

enum broker_task_kind { BROKER_TASK_FLUSH, BROKER_TASK_UNLINK, BROKER_TASK_EPOCHS };

struct broker_task {
    struct broker_task *next; /* ascending by due time, in order of making among equals */
    int64_t due_ms;
    enum broker_task_kind kind;
    int64_t offset;                 /* FLUSH: up to here; UNLINK: of a snapshot, -1 none */
    struct broker_segment *segment; /* UNLINK: holds the reference; NULL: only a snapshot */
    bool snapshot;                  /* FLUSH: the snapshot at offset is to be synced too */
};

struct broker_log {
    /* What each append and each read touches comes first. */
    struct broker_env *env;
    struct broker_segment **segments; /* ascending; the last one is active */
    uint32_t segment_count;
    bool pending;
    bool has_topic_id;
    uint8_t tail_next, tail_count;
    int64_t start_offset;
    int64_t
        next_offset; /* behind the last written record; ahead of end.offset while an append is pending */
    int64_t high_watermark;
    uint64_t size_bytes;
    struct broker_epochs epochs;
    struct broker_place end;  /* what is published; always known */
    struct broker_place high; /* place of the high watermark, found when a reader needs it */
    struct broker_producers producers;

    char *folder;
    uint32_t segment_room;
    int64_t recovery_point;
    struct broker_task *tasks, *last_task;
    int64_t last_flush_ms;
    uint8_t topic_id[16];
    struct broker_tail tail[BROKER_TAIL_BATCHES];
    struct broker_log_config config;
    /* Called when the earliest due task may have changed; set by the dir that holds the log. */
    void (*due_changed)(struct broker_log *log, void *ctx);
    /* Called after a truncation below the recovery point: what a checkpoint says of it may no longer hold. NULL without a dir. */
    int (*recovery_point_lowered)(void *ctx, struct broker_receipt *receipt,
                                  struct broker_err *err);
    void *due_ctx;
    uint32_t due_slot; /* the dir's: where the log stands in its queue */
};

static inline struct broker_segment *broker_log_active(const struct broker_log *log)
{
    return log->segments[log->segment_count - 1];
}

/* Number of the segment that holds offset: the last whose base is <= offset, 0 if there is none. */
uint32_t broker_log_floor(const struct broker_log *log, int64_t offset);
int broker_log_add_segment(struct broker_log *log, struct broker_segment *segment);
/* Takes segments [first, first + count) out of the list: marks them deleted, leaves unlink tasks. Their producer snapshots go with them. */
int broker_log_drop_segments(struct broker_log *log, uint32_t first, uint32_t count,
                             bool with_snapshots, struct broker_receipt *receipt,
                             struct broker_err *err);

/* The tail of the active segment. */
static inline void broker_log_tail_forget(struct broker_log *log)
{
    log->tail_next = log->tail_count = 0;
}
void broker_log_tail_note(struct broker_log *log, int64_t base_offset, uint32_t position);

/* New active segment at max(base_offset, next_offset) (section 4). */
int broker_log_roll(struct broker_log *log, int64_t base_offset, struct broker_receipt *receipt,
                    struct broker_err *err);

int broker_log_add_task(struct broker_log *log, struct broker_task task);
void broker_log_free_tasks(struct broker_log *log);
/* Sync of segments that overlap [recovery point, offset), the one that begins at offset left out. */
int broker_log_sync_up_to(struct broker_log *log, int64_t offset, bool including,
                          struct broker_receipt *receipt, struct broker_err *err);

/* Producer state: snapshot file at next_offset (if anything is newer than the last one), and its reload. */
int broker_log_take_snapshot(struct broker_log *log, bool sync, bool *taken,
                             struct broker_receipt *receipt, struct broker_err *err);
int broker_log_rebuild_producers(struct broker_log *log, int64_t offset, bool clean,
                                 struct broker_receipt *receipt, struct broker_err *err);
int broker_log_list_snapshots(struct broker_log *log, struct broker_err *err);
/* Renames a snapshot to `.deleted`, if there is one; *renamed tells. */
int broker_log_retire_snapshot(struct broker_log *log, int64_t offset, bool *renamed,
                               struct broker_receipt *receipt, struct broker_err *err);
/* One batch that was written, with its records if it is a marker: producers, transactions, transaction index. */
int broker_log_note_producer(struct broker_log *log, struct broker_segment *segment,
                             const struct broker_batch_header *header,
                             const struct broker_span *spans, size_t count,
                             struct broker_receipt *receipt, struct broker_err *err);

/* Loads what the folder holds (section 7). */
int broker_log_load(struct broker_log *log, bool clean, int64_t recovery_point,
                    int64_t start_offset, struct broker_recovery *recovery,
                    struct broker_receipt *receipt, struct broker_err *err);

/* INT64_MAX where the delay, such as Kafka's largest setting, means never. */
static inline int64_t broker_later_ms(int64_t now_ms, int64_t delay_ms)
{
    return delay_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay_ms;
}

#endif
