/* The rows of a topic. Without a value here, a setting has the broker's default, which cluster.config can change. */
#include "model/scenario/keys_internal.h"

const char *const scenario_topic_codec_names[] = {"uncompressed", "gzip",     "snappy", "lz4",
                                                  "zstd",         "producer", NULL};
const char *const scenario_codec_names[] = {"none", "gzip", "snappy", "lz4", "zstd", NULL};
static const char *const timestamp_names[] = {"CreateTime", "LogAppendTime", NULL};

#define T(field) offsetof(struct scenario_topic, field)
#define C(name, type, unit, low, high, field, help, ...)                                           \
    K("config/" name, type, unit, low, high, NULL, "", T(config.field), help, .is_kafka = true,    \
      __VA_ARGS__)

const struct scenario_key scenario_keys_topic[] = {
    K("partitions", COUNT, NONE, 1, 200000, NULL, "", T(partitions), "Partitions."),
    K("replication", COUNT, NONE, 1, SCENARIO_REPLICAS_MAX, NULL, "", T(replication),
      "Replicas of each partition, the leader counted."),
    C("min.insync.replicas", COUNT, NONE, 1, 100, min_insync_replicas,
      "Replicas in sync that acks=all needs."),
    C("segment.bytes", INTEGER, BYTES, 1048576, INT_HIGH, segment_bytes, "Segment size."),
    C("segment.ms", INTEGER, MS, 1, ANY, segment_ms, "Age at which a segment is rolled."),
    C("segment.jitter.ms", INTEGER, MS, 0, ANY, segment_jitter_ms, "Random part of segment.ms."),
    C("segment.index.bytes", INTEGER, BYTES, 12, INT_HIGH, segment_index_bytes,
      "Size of an index, at least one entry of 12 bytes."),
    C("index.interval.bytes", INTEGER, BYTES, 0, INT_HIGH, index_interval_bytes,
      "Bytes between index entries."),
    C("retention.ms", INTEGER, MS, -1, ANY, retention_ms,
      "Age at which segments are deleted; -1: never."),
    C("retention.bytes", INTEGER, BYTES, -1, ANY, retention_bytes,
      "Size of a partition above which segments are deleted; -1: no limit."),
    C("max.message.bytes", INTEGER, BYTES, 0, INT_HIGH, max_message_bytes, "Largest batch."),
    C("flush.messages", INTEGER, NONE, 1, ANY, flush_messages,
      "Records after which an append flushes."),
    C("flush.ms", INTEGER, MS, 0, ANY, flush_ms, "Time after which the log is flushed."),
    C("file.delete.delay.ms", INTEGER, MS, 0, ANY, file_delete_delay_ms,
      "Wait before a deleted segment's files go."),
    C("preallocate", BOOL, NONE, 0, 0, preallocate, "Whether segments are preallocated."),
    C("compression.type", CHOICE, NONE, 0, 0, compression_type,
      "Codec on disk; producer: as it came.", .choices = scenario_topic_codec_names),
    C("message.timestamp.type", CHOICE, NONE, 0, 0, message_timestamp_type,
      "Whose clock stamps records.", .choices = timestamp_names),
    K("config/cleanup.policy", SPECIAL, NONE, 0, 0, "delete", KAFKA, T(config.cleanup_policy),
      "What becomes of old segments: delete. Compaction is not simulated.",
      .special = &scenario_special_cleanup, .is_kafka = true),
};

const int scenario_keys_topic_count =
    (int)(sizeof scenario_keys_topic / sizeof scenario_keys_topic[0]);
