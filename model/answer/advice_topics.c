/* model/answer/advice_topics.c - what a topic asks of brokers that bytes do not show. */
#include "model/answer/advice.h"

/* Kafka's documentation of flush.ms does not say it: LogManager.startup. */
static void advise_flush(struct result *result, const struct scenario *s)
{
    for (int i = 0; i < s->topic_count; i++)
        if (s->topics[i].config.flush_ms != INT64_MAX &&
            s->cluster.config.log_flush_scheduler_interval_ms == INT64_MAX)
            result_warn(result,
                        result_format(result,
                                      "flush.ms of %s flushes nothing: the task that does it never "
                                      "looks (log.flush.scheduler.interval.ms, Kafka's default)",
                                      s->topics[i].name),
                        "set log.flush.scheduler.interval.ms, or rely on replication");
}

void advice_topics(struct result *result, const struct scenario *s)
{
    advise_flush(result, s);
    for (int i = 0; i < s->producer_count; i++) {
        const struct scenario_producer *p = &s->producers[i];
        const struct scenario_topic *t = &s->topics[p->topic];
        enum scenario_compression want = t->config.compression_type;
        if (want == SCENARIO_COMPRESSION_PRODUCER || want == p->config.compression_type)
            continue;
        result_warn(
            result,
            result_format(result,
                          "leaders of %s pack the batches of %s anew (%s for %s): the bounds count "
                          "that as CPU, the simulation does not, and bytes on disks, to followers "
                          "and to groups are those that %s sends",
                          t->name, p->name, scenario_compression_name(want),
                          scenario_compression_name(p->config.compression_type), p->name),
            "state the codec and compression_ratio at the producer, and compression.type: producer "
            "at the topic");
    }
}
