/*
 * model/cli/measure_options.h - the options of `headroom measure`: one list, from which fields, readers and help come.
 *
 * Shape    TEXT(field, name, argument, help): the value as it stands; LIST: may be repeated; FLAG: takes no value. Values are read
 *          together, in cmd_measure.c, so that what is wrong in several is said at once.
 */
#ifndef MODEL_CLI_MEASURE_OPTIONS_H
#define MODEL_CLI_MEASURE_OPTIONS_H

#include <stdbool.h>

#define CLI_MEASURE_TEXTS(TEXT)                                                                    \
    TEXT(bootstrap, "bootstrap", "HOST:PORT", "brokers of the cluster to measure")                 \
    TEXT(client_config, "client-config", "FILE", "librdkafka's settings for TLS and SASL")         \
    TEXT(rate, "rate", "N/s|max", "records sent (else 20000/s)")                                   \
    TEXT(size, "size", "BYTES", "of a record's value (else 1000B)")                                \
    TEXT(linger, "linger", "TIME", "linger.ms (else 5ms)")                                         \
    TEXT(partitions, "partitions", "N", "of the topic (else 4)")                                   \
    TEXT(replication, "replication", "N", "of the topic (else 1)")                                 \
    TEXT(acks, "acks", "1|0|all", "acknowledgements to wait for (else 1)")                         \
    TEXT(groups, "groups", "N", "consumer groups, each of one consumer (else 0)")                  \
    TEXT(arrivals, "arrivals", "KIND", "poisson (else), constant, burst:N")                        \
    TEXT(compression, "compression", "CODEC", "none (else), gzip, snappy, lz4, zstd")              \
    TEXT(random_share, "random-share", "SHARE",                                                    \
         "of random bytes; the rest is one letter (else 1)")                                       \
    TEXT(batch_bytes, "batch-bytes", "BYTES", "batch.size (else 1MB)")                             \
    TEXT(warmup, "warmup", "TIME", "before each measured time (else 5s)")                          \
    TEXT(time, "measure", "TIME", "that counts (else 15s)")                                        \
    TEXT(plan, "plan", "quick|full", "what calibration needs, instead of one configuration")       \
    TEXT(repeat, "repeat", "N", "measure each so often (else 1; 3 with --plan full)")              \
    TEXT(family, "family", "NAME", "of the row (else measure)")                                    \
    TEXT(id, "id", "NAME", "of the configuration (else from its values)")                          \
    TEXT(topic, "topic", "NAME", "to make and remove; must not exist (else drawn)")                \
    TEXT(jit, "jit", "STATE", "of the brokers: warm, mostly-warm, warming")                        \
    TEXT(prewarm, "prewarm", "TIME", "mixed load first; brokers are warm after 4m")

#define CLI_MEASURE_LISTS(LIST)                                                                    \
    LIST(topic_configs, "topic-config", "K=V", "setting of the topic; may be repeated")            \
    LIST(broker_pids, "broker-pid", "PID", "a broker here, whose CPU is read; may be repeated")    \
    LIST(log_dirs, "log-dirs", "DIR", "a log dir here, whose bytes count; may be repeated")        \
    LIST(gc_logs, "gc-log", "FILE", "of a broker's JVM, by -Xlog:gc; may be repeated")             \
    LIST(metrics, "metrics", "URL", "of a broker's JMX exporter; may be repeated")

#define CLI_MEASURE_FLAGS(FLAG) FLAG(dry_run, "dry-run", "say what would be measured, and how long")

struct cli_list {
    const char **items;
    int count;
};

#define CLI_MEASURE_TEXT_FIELD(field, name, argument, help) const char *field;
#define CLI_MEASURE_LIST_FIELD(field, name, argument, help) struct cli_list field;
#define CLI_MEASURE_FLAG_FIELD(field, name, help)           bool field;
struct cli_measure {
    CLI_MEASURE_TEXTS(CLI_MEASURE_TEXT_FIELD)
    CLI_MEASURE_LISTS(CLI_MEASURE_LIST_FIELD)
    CLI_MEASURE_FLAGS(CLI_MEASURE_FLAG_FIELD)
};

#endif
