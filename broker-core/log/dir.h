/*
 * broker-core/log/dir.h - one entry of log.dirs: its lock, checkpoints, logs and their periodic tasks.
 *
 * Shape    A dir loads the logs below it (with recovery after an unclean stop), knows them by topic and partition, and is
 *          asked for its next due task: retention check, recovery-point, start-offset and high-watermark checkpoints,
 *          and the logs' own tasks. One call runs one task, so that a host can charge its receipt to a background thread.
 * Source   reference/kafka/log-storage.md sections 1, 2, 5, 7 and 9.
 */
#ifndef BROKER_LOG_DIR_H
#define BROKER_LOG_DIR_H

#include "broker-core/log/log.h"

/* Whose log dir it is, and the periods of the background tasks, Kafka's names. */
struct broker_dir_config {
    const char
        *cluster_id; /* borrowed during open; NULL: whose it is is neither checked nor said */
    int32_t node_id;
    int64_t retention_check_interval_ms; /* log.retention.check.interval.ms, 300000 */
    int64_t
        recovery_point_checkpoint_interval_ms; /* log.flush.offset.checkpoint.interval.ms, 60000 */
    int64_t
        start_offset_checkpoint_interval_ms; /* log.flush.start.offset.checkpoint.interval.ms, 60000 */
    int64_t
        high_watermark_checkpoint_interval_ms; /* replica.high.watermark.checkpoint.interval.ms, 5000 */
    int64_t
        flush_scheduler_interval_ms; /* log.flush.scheduler.interval.ms: looks at flush.ms; INT64_MAX */
    int64_t
        producer_expiration_check_interval_ms; /* producer.id.expiration.check.interval.ms, 600000 */
    int64_t initial_task_delay_ms;             /* log.initial.task.delay.ms, 30000 */
};
void broker_dir_config_init(struct broker_dir_config *config);

struct broker_dir;

/*
 * Opens log dir `path` (made if missing), takes its lock and reads its checkpoints; a missing .kafka_cleanshutdown means
 * that every log opened later is recovered. With a cluster id its meta.properties must name that cluster and node, and is
 * written if missing; a dir of somebody else is refused (BROKER_EREFUSED) and left as it is. Gives *dir; close or abandon it.
 */
int broker_dir_open(struct broker_env *env, const char *path,
                    const struct broker_dir_config *config, struct broker_dir **dir,
                    struct broker_err *err);
/* Loads every partition folder found below the dir, as a starting broker does; `config_of` gives each topic's settings. */
typedef void broker_config_fn(void *ctx, const char *topic, struct broker_log_config *config);
int broker_dir_load(struct broker_dir *dir, broker_config_fn *config_of, void *ctx,
                    struct broker_recovery *total, struct broker_err *err);
/* Clean shutdown of all logs, then checkpoints and the marker. */
int broker_dir_close(struct broker_dir *dir, struct broker_receipt *receipt,
                     struct broker_err *err);
void broker_dir_abandon(struct broker_dir *dir);

/* The log of a partition, made if missing. Borrowed from the dir. */
int broker_dir_log(struct broker_dir *dir, const char *topic, int32_t partition,
                   const struct broker_log_config *config, struct broker_log **log,
                   struct broker_receipt *receipt, struct broker_err *err);
struct broker_log *broker_dir_find(const struct broker_dir *dir, const char *topic,
                                   int32_t partition);
/* High watermark that the checkpoint held at opening; 0 if none. */
int64_t broker_dir_checkpointed_high_watermark(const struct broker_dir *dir, const char *topic,
                                               int32_t partition);

/* When the next task of the dir or of a log is due, and running one that is due. *what names it, for traces. */
int64_t broker_dir_task_due_ms(const struct broker_dir *dir);
int broker_dir_run_task(struct broker_dir *dir, int64_t now_ms, struct broker_receipt *receipt,
                        const char **what, struct broker_err *err);

#endif
