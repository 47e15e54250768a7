/*
 * broker-core/log/log.h - the log of one partition replica: a folder of segments with their indexes.
 *
 * Shape    Appending is two calls. `append` writes the bytes (and rolls before, syncs after, as configured); `publish`
 *          moves the end offset so that readers see them. A host that models time lets it pass between the two.
 *          Reading gives a region (segment, position, size), not bytes: sending consumes it. A segment that a region
 *          refers to survives deletion until the region is released.
 *          Background work (flush after a roll, unlink after file.delete.delay.ms) is left as tasks, which
 *          broker-core/log/dir.h runs when they are due.
 * Units    Offsets and counts are records; sizes bytes; times ms since 1970.
 * Errors   enum broker_status for the world; Kafka's code in the result for what a client is told.
 * Locks    The host holds the partition's lock around every call that takes a non-const log.
 * Source   reference/kafka/log-storage.md; the numbers of its sections stand at the functions.
 */
#ifndef BROKER_LOG_LOG_H
#define BROKER_LOG_LOG_H

#include "broker-core/env.h"
#include "broker-core/record/batch.h"

/* Topic settings that the log obeys, by Kafka's names (log-storage.md section 11). -1 where Kafka says so. */
struct broker_log_config {
    int64_t segment_bytes;
    int64_t segment_ms;
    int64_t segment_jitter_ms;
    int64_t segment_index_bytes;
    int64_t index_interval_bytes;
    int64_t max_message_bytes;
    int64_t retention_ms;
    int64_t retention_bytes;
    int64_t file_delete_delay_ms;
    int64_t flush_messages; /* INT64_MAX: never by count */
    int64_t flush_ms;       /* INT64_MAX: never by time */
    int64_t timestamp_before_max_ms;
    int64_t timestamp_after_max_ms;
    int64_t producer_id_expiration_ms; /* producer.id.expiration.ms, a broker setting */
    bool log_append_time;              /* message.timestamp.type = LogAppendTime */
    bool preallocate;
    bool roll_syncs; /* a roll syncs its producer snapshot itself: before 3.7 (KAFKA-15046) */
    bool
        allow_holes; /* opaque batches are accepted (simulation, agreement tests); never set by a server */
};

/* Kafka 4.2's defaults. */
void broker_log_config_init(struct broker_log_config *config);

struct broker_log;
struct broker_segment;

/* What recovery found; all zero after a clean shutdown. */
struct broker_recovery {
    uint32_t segments_scanned;
    uint64_t bytes_scanned;
    uint64_t bytes_truncated;
    uint32_t segments_dropped;
};

/*
 * Opens (or makes) the log in `folder` ("orders-3" below the log dir's path), recovering from recovery_point if not clean
 * (section 7). Start offset and recovery point come from the log dir's checkpoints.
 * Gives    *log; close it.
 */
int broker_log_open(struct broker_env *env, const char *folder,
                    const struct broker_log_config *config, bool clean, int64_t recovery_point,
                    int64_t start_offset, struct broker_log **log, struct broker_recovery *recovery,
                    struct broker_err *err);

/* Clean close: sync all, trim the indexes, write the producer snapshot (section 7, "clean shutdown"). */
int broker_log_close(struct broker_log *log, struct broker_receipt *receipt,
                     struct broker_err *err);
/* Forgets the log as a killed process would: nothing is written. Memory is freed. */
void broker_log_abandon(struct broker_log *log);

int64_t broker_log_start_offset(const struct broker_log *log);
int64_t broker_log_end_offset(const struct broker_log *log); /* published */
int64_t broker_log_high_watermark(const struct broker_log *log);
int64_t broker_log_last_stable_offset(const struct broker_log *log);
int64_t broker_log_recovery_point(const struct broker_log *log);
uint64_t
broker_log_size_bytes(const struct broker_log *log); /* live .log files, published or not */
uint32_t broker_log_segment_count(const struct broker_log *log);
/* The file that appends go to, and its size; after a roll another one. For the host's accounting of writes. */
struct broker_file *broker_log_active_file(const struct broker_log *log);
uint64_t broker_log_active_bytes(const struct broker_log *log);
const char *broker_log_folder(const struct broker_log *log);
int32_t broker_log_latest_epoch(const struct broker_log *log); /* -1 if none */

/* The topic id that partition.metadata holds, NULL if there is none; and writing it, once. BROKER_EREFUSED: another one is there. */
const uint8_t *broker_log_topic_id(const struct broker_log *log);
int broker_log_assign_topic_id(struct broker_log *log, const uint8_t id[16],
                               struct broker_receipt *receipt, struct broker_err *err);

/* Moves the high watermark; clamped to [start offset, end offset]. Returns whether it moved. */
bool broker_log_set_high_watermark(struct broker_log *log, int64_t offset);

/* Result of one append; plain data. */
struct broker_append {
    int64_t base_offset; /* first assigned offset; of the original for a duplicate */
    int64_t last_offset;
    int64_t log_append_time_ms; /* -1 with CreateTime */
    int64_t log_start_offset;
    uint64_t size_bytes;
    int32_t record_count;
    enum broker_error error; /* KAFKA_NONE, or why nothing was appended */
    bool duplicate;          /* an idempotent producer's repeat: nothing written, success is told */
    bool rolled;             /* a new segment was made before */
    bool pending;            /* publish must follow */
    struct broker_receipt receipt;
};

/*
 * Leader append of one produced batch: validates (record-format.md section 8, incl. producer sequences), assigns offsets,
 * stamps the epoch, rolls if needed, writes. What readers see does not change before publish.
 * Borrows  spans, during the call.
 * Returns  BROKER_OK (see out->error for a refusal to the client), BROKER_EFULL or BROKER_EIO (nothing appended).
 * Asserts  no append is pending.
 */
int broker_log_append(struct broker_log *log, const struct broker_span *spans, size_t count,
                      int32_t leader_epoch, struct broker_append *out, struct broker_err *err);

/*
 * Follower append of a fetched byte string: one or more whole batches, a torn last one is trimmed. Bytes are kept as they
 * are. Offsets must continue the log (record-format.md section 8, last paragraph); epochs are noted as they change.
 */
int broker_log_append_as_follower(struct broker_log *log, const struct broker_span *spans,
                                  size_t count, int32_t leader_epoch, struct broker_append *out,
                                  struct broker_err *err);

/* Makes the pending append visible: moves the end offset. */
void broker_log_publish(struct broker_log *log);

/* Notes that `epoch` starts at the present end offset (a new leader does this); written through and synced. */
int broker_log_assign_epoch(struct broker_log *log, int32_t epoch, struct broker_receipt *receipt,
                            struct broker_err *err);
/* endOffsetForEpoch (replication.md section 5): *end_offset is -1 when undefined. Returns the epoch found, -1 if none. */
int32_t broker_log_end_offset_for_epoch(const struct broker_log *log, int32_t epoch,
                                        int64_t *end_offset);

/* Part of a segment. Holds a reference on the segment until released. size_bytes 0: nothing to send. */
struct broker_region {
    struct broker_segment *segment;
    uint64_t position;
    uint64_t size_bytes;
    int64_t first_offset; /* base offset of the first batch in it */
};

enum broker_read_bound { BROKER_READ_END, BROKER_READ_HIGH_WATERMARK, BROKER_READ_LAST_STABLE };

/*
 * Section 6. Returns Kafka's code: KAFKA_NONE or KAFKA_OFFSET_OUT_OF_RANGE. An empty region when nothing is below the bound.
 * Gives    *region with one reference where size_bytes > 0.
 */
enum broker_error broker_log_read(struct broker_log *log, int64_t offset, uint64_t max_bytes,
                                  bool min_one, enum broker_read_bound bound,
                                  struct broker_region *region, struct broker_receipt *receipt);
void broker_region_release(struct broker_region *region);
/* The file behind a region, for sending: env->ops->view or sendfile. Valid while the reference is held. */
struct broker_file *broker_region_file(const struct broker_region *region);

/* Bytes between offset and the bound within the segment that holds offset; what delayed fetches count (replication.md 7.G). */
uint64_t broker_log_available_bytes(const struct broker_log *log, int64_t offset,
                                    enum broker_read_bound bound);
/* Whether offset lies in an older segment than the bound: a delayed fetch is then answered at once (7.F). */
bool broker_log_on_older_segment(const struct broker_log *log, int64_t offset,
                                 enum broker_read_bound bound);

/* Offset for timestamp (section 6). target: ms, or -1 latest, -2 earliest, -3 max timestamp, -4 earliest local. */
enum broker_error broker_log_offset_for_timestamp(struct broker_log *log, int64_t target,
                                                  enum broker_read_bound bound,
                                                  int64_t *timestamp_ms, int64_t *offset,
                                                  struct broker_receipt *receipt);

/* Truncation to `offset` as a follower (section 9, last paragraph). */
int broker_log_truncate(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                        struct broker_err *err);
/* Drops everything and restarts empty at `offset`. */
int broker_log_truncate_fully(struct broker_log *log, int64_t offset,
                              struct broker_receipt *receipt, struct broker_err *err);

/* Deletes what retention allows now (section 9); returns the number of segments in *deleted. Unlinking comes as a task. */
int broker_log_retain(struct broker_log *log, uint32_t *deleted, struct broker_receipt *receipt,
                      struct broker_err *err);
/* DeleteRecords and the leader's start offset on a follower: moves the start offset, never down. */
enum broker_error broker_log_set_start_offset(struct broker_log *log, int64_t offset);
/* Syncs up to `offset` and moves the recovery point (section 5). INT64_MAX: everything published. */
int broker_log_flush(struct broker_log *log, int64_t offset, struct broker_receipt *receipt,
                     struct broker_err *err);

/* The earliest due background task (flush after roll, unlink, flush.ms), INT64_MAX if none; and running what is due. */
int64_t broker_log_task_due_ms(const struct broker_log *log);
int broker_log_run_tasks(struct broker_log *log, int64_t now_ms, struct broker_receipt *receipt,
                         struct broker_err *err);

/* Costly self-check: offsets, indexes and sizes agree. Asserts on violation. For tests and VERIFY=1. */
void broker_log_check(const struct broker_log *log);

#endif
