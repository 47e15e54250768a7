/*
 * broker-core/log/segment.h - one segment: a .log of batches with its offset, time and transaction index.
 *
 * Shape    Counted references: the log holds one while the segment is live, a pending unlink one, each region one. The last
 *          release closes the files. Files of closed segments' indexes are opened when first needed.
 *          What follows a call's position limit does not exist for it: a pending append is not seen.
 * Source   reference/kafka/log-storage.md sections 3, 4, 6, 7.
 */
#ifndef BROKER_LOG_SEGMENT_H
#define BROKER_LOG_SEGMENT_H

#include <stdatomic.h>

#include "broker-core/log/index.h"
#include "broker-core/log/log.h"

struct broker_segment {
    struct broker_env *env;
    struct broker_file *file;
    int64_t base_offset;
    uint32_t size; /* bytes of batches; the file is longer if preallocated */
    uint32_t since_index_entry;
    _Atomic uint32_t references;
    uint32_t synced; /* bytes that a sync has brought to the device */
    bool first_timestamp_known;
    bool max_time_known;
    bool preallocated;
    bool has_txn_index;
    bool detached;              /* left its log */
    bool must_recover;          /* found so while loading */
    int64_t first_timestamp_ms; /* of the first batch, once known */
    int64_t jitter_ms;
    struct broker_index offsets;
    struct broker_index times;
    struct broker_index_entry
        max_time; /* largest timestamp so far and the relative last offset of its batch */
    int64_t created_ms;
    const char *folder; /* the log's; not used once `detached` */
};

/* A batch found in a segment. */
struct broker_found {
    uint32_t position;
    struct broker_batch_header header;
};

/* folder/00000000000000000042.log and the like. */
void broker_segment_path(char path[BROKER_PATH_MAX], const char *folder, int64_t base_offset,
                         const char *suffix);

/* Makes the files of an empty segment, in place of stale ones of the same name. Gives *segment with one reference. */
int broker_segment_make(struct broker_env *env, const char *folder, int64_t base_offset,
                        const struct broker_log_config *config, struct broker_segment **segment,
                        struct broker_receipt *receipt, struct broker_err *err);
/* Opens what is there. A missing time index is made empty; *index_missing tells that the offset index is not there. */
int broker_segment_open(struct broker_env *env, const char *folder, int64_t base_offset,
                        struct broker_segment **segment, bool *index_missing,
                        struct broker_err *err);
void broker_segment_reference(struct broker_segment *segment);
void broker_segment_release(struct broker_segment *segment);

/* Writes spans behind the last batch. Nothing else changes: broker_segment_note follows for each batch in them. */
int broker_segment_write(struct broker_segment *segment, const struct broker_span *spans,
                         size_t count, struct broker_err *err);
/* The indexing rule for one batch that was written at position segment->size (section 3). */
int broker_segment_note(struct broker_segment *segment, const struct broker_batch_header *header,
                        const struct broker_log_config *config, struct broker_receipt *receipt);
/* Last time entry, trimmed indexes and .log (a roll, or a clean close). */
int broker_segment_finish(struct broker_segment *segment, struct broker_receipt *receipt,
                          struct broker_err *err);
/* Makes the segment appendable after opening: indexes get their room. */
int broker_segment_activate(struct broker_segment *segment, const struct broker_log_config *config,
                            struct broker_receipt *receipt, struct broker_err *err);
int broker_segment_sync(struct broker_segment *segment, struct broker_receipt *receipt,
                        struct broker_err *err);
/* Closes the handles of the two indexes, which are opened again when needed. */
void broker_segment_rest(struct broker_segment *segment);

/* Reads the header of the batch at position; false at the limit, at a torn batch and at bytes that are no batch. */
bool broker_segment_header(struct broker_segment *segment, uint32_t position, uint32_t limit,
                           struct broker_batch_header *header, struct broker_receipt *receipt);
/* The first batch whose last offset is >= offset, below position limit. */
bool broker_segment_seek(struct broker_segment *segment, int64_t offset, uint32_t limit,
                         struct broker_found *found, struct broker_receipt *receipt);

/* Largest timestamp of the segment; the file's modification time if no record has one. */
int64_t broker_segment_largest_timestamp_ms(struct broker_segment *segment,
                                            struct broker_receipt *receipt);
/* Timestamp of the first batch, -1 if there is none. */
int64_t broker_segment_first_timestamp_ms(struct broker_segment *segment);

/* Cuts at the start of the batch that holds offset, and the indexes' entries from offset on; the segment becomes active. */
int broker_segment_truncate(struct broker_segment *segment, int64_t offset,
                            const struct broker_log_config *config, struct broker_receipt *receipt,
                            struct broker_err *err);

/* Renames the files to `.deleted`; the caller unlinks them later. The reference that the log held goes to the caller. */
int broker_segment_mark_deleted(struct broker_segment *segment, struct broker_receipt *receipt,
                                struct broker_err *err);
int broker_segment_unlink(struct broker_segment *segment, const char *folder,
                          struct broker_receipt *receipt, struct broker_err *err);

/* Both indexes ready for reading. */
int broker_segment_open_indexes(struct broker_segment *segment, struct broker_err *err);

#endif
