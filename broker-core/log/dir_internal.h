/* broker-core/log/dir_internal.h - the inside of a log dir, shared by dir.c, dir_tasks.c and checkpoint.c. */
#ifndef BROKER_LOG_DIR_INTERNAL_H
#define BROKER_LOG_DIR_INTERNAL_H

#include "broker-core/log/dir.h"
#include "broker-core/log/log_internal.h"

/* A partition that the dir knows: by its log, or only from a checkpoint that was read at opening. */
struct broker_dir_entry {
    char *name; /* "orders-3": key of the index */
    char *topic;
    int32_t partition;
    struct broker_log *log; /* NULL: not opened */
    int64_t recovery_point; /* of the checkpoints at opening; -1 none */
    int64_t start_offset;
    int64_t high_watermark;
    struct broker_dir *dir;
    uint32_t due_index; /* in the dir's queue of due logs; UINT32_MAX: nothing due */
};

enum broker_dir_job {
    BROKER_DIR_RETENTION,
    BROKER_DIR_RECOVERY_POINTS,
    BROKER_DIR_START_OFFSETS,
    BROKER_DIR_HIGH_WATERMARKS,
    BROKER_DIR_FLUSH,
    BROKER_DIR_PRODUCERS,
    BROKER_DIR_JOBS,
};

struct broker_dir {
    struct broker_env *env;
    char *path;
    struct broker_dir_config config;
    struct broker_file *lock;
    bool clean;                        /* the last stop was */
    struct broker_dir_entry **entries; /* in order of adding: the order of every checkpoint */
    uint32_t entry_count, entry_room;
    uint32_t *index; /* hash table of entry numbers + 1; a power of two */
    uint32_t index_size;
    struct broker_dir_entry *
        *due; /* binary heap of logs with due tasks, by time and then order of adding */
    uint32_t due_count;
    int64_t job_due_ms[BROKER_DIR_JOBS];
};

struct broker_dir_entry *broker_dir_entry_find(const struct broker_dir *dir, const char *name);
/* Finds or makes; NULL when memory is out. */
struct broker_dir_entry *broker_dir_entry_make(struct broker_dir *dir, const char *topic,
                                               int32_t partition);

/* checkpoint.c. A value below 0 is left out. */
typedef int64_t broker_checkpoint_fn(const struct broker_dir_entry *entry);
int broker_checkpoint_write(struct broker_dir *dir, const char *name, broker_checkpoint_fn *value,
                            struct broker_receipt *receipt, struct broker_err *err);
/* Reads all three into the entries. A damaged file counts as empty, as in Kafka (log-storage.md section 2). */
int broker_checkpoints_read(struct broker_dir *dir, struct broker_err *err);
/* Writes all three: at a clean stop. */
int broker_checkpoints_write(struct broker_dir *dir, struct broker_receipt *receipt,
                             struct broker_err *err);
broker_checkpoint_fn broker_checkpoint_recovery_point, broker_checkpoint_start_offset,
    broker_checkpoint_high_watermark;

/* dir_tasks.c */
void broker_dir_tasks_init(struct broker_dir *dir);
void broker_dir_watch(struct broker_dir_entry *entry); /* its log's due tasks count from now on */

#endif
