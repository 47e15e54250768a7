/*
 * model/cluster/log_sync.h - what an append waits that flushes its log, in closed form.
 *
 * Shape    The steps of model/hardware/sync.c and model/broker/flush.c. The log's sync writes what came since the last, and ends with a commit of the journal, two writes with
 *          a flush after each; one commit of a disk at a time, and the next takes all who came meanwhile. Then each index is synced: a
 *          flush without a commit.
 * Units    Seconds, without what the threads compute.
 * Checked  tests/model/test_log_sync.c
 */
#ifndef MODEL_CLUSTER_LOG_SYNC_H
#define MODEL_CLUSTER_LOG_SYNC_H

#include "model/scenario/scenario.h"

/*
 * With so many syncs a second of logs on the same disk, each of which has so many bytes of its log to write; `dirty` (0 to 1) of them find a new
 * index entry to bring, too.
 */
double log_sync_s(const struct scenario *s, double disk_syncs_per_s, double bytes, double dirty);
/* What a sync finds of a log that gets so many bytes a second: what the kernel has not written before, of its age. */
double log_sync_bytes(const struct scenario *s, double bytes_per_s, double syncs_per_s);
/* Flushes a second by flush.messages, of a log that gets so many records and batches: at each append at most, which waits for it. */
double log_sync_counted_per_s(const struct scenario_topic_config *config, double records_per_s,
                              double batches_per_s);
/*
 * From one flush of a log by flush.ms to the next. A background task does them, which looks every log.flush.scheduler.interval.ms:
 * Kafka's default is never, and INFINITY then (LogManager.flushDirtyLogs).
 */
double log_sync_period_s(const struct scenario *s, const struct scenario_topic_config *config);
/* Share of the flushes that find one, when so many bytes came since the last. */
double log_sync_dirty(const struct scenario_topic_config *config, double bytes);

#endif
