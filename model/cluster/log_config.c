/* model/cluster/log_config.c - see log_config.h. */
#include "model/cluster/log_config.h"

struct broker_log_config model_log_config(const struct scenario *s, int topic)
{
    const struct scenario_topic_config *t = &s->topics[topic].config;
    struct broker_log_config config;
    broker_log_config_init(&config);
    config.roll_syncs = scenario_kafka_release(s->cluster.kafka) < 3.7;
    config.segment_bytes = t->segment_bytes;
    config.segment_ms = t->segment_ms;
    config.segment_jitter_ms = t->segment_jitter_ms;
    config.segment_index_bytes = t->segment_index_bytes;
    config.index_interval_bytes = t->index_interval_bytes;
    config.max_message_bytes = t->max_message_bytes;
    config.retention_ms = t->retention_ms;
    config.retention_bytes = t->retention_bytes;
    config.file_delete_delay_ms = t->file_delete_delay_ms;
    config.flush_messages = t->flush_messages;
    config.flush_ms = t->flush_ms;
    config.preallocate = t->preallocate;
    config.log_append_time = t->message_timestamp_type == SCENARIO_LOG_APPEND_TIME;
    config.allow_holes = true;
    return config;
}
