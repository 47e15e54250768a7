/* The rows of a consumer group. */
#include "model/scenario/keys_internal.h"

static const char *const client_names[] = {"java", "librdkafka", NULL};
static const char *const reset_names[] = {"latest", "earliest", NULL};

#define G(field) offsetof(struct scenario_group, field)
/* A setting that both kinds of client have, with one default. */
#define C(name, type, unit, low, high, value, field, help, ...)                                    \
    K("config/" name, type, unit, low, high, value, KAFKA, G(config.field), help,                  \
      .is_kafka = true, __VA_ARGS__)
#define JAVA(name, type, unit, low, high, value, field, help)                                      \
    C(name, type, unit, low, high, value, field, help, .clients = SCENARIO_FOR_JAVA)
#define RDKAFKA(name, type, unit, low, high, value, field, help)                                   \
    K("config/" name, type, unit, low, high, value, LIBRDKAFKA, G(config.field), help,             \
      .clients = SCENARIO_FOR_LIBRDKAFKA, .is_kafka = true)

const struct scenario_key scenario_keys_group[] = {
    K("topics", SPECIAL, NONE, 0, 0, NULL, "", G(topics), "Topics that it reads.",
      .special = &scenario_special_topics),
    K("client", CHOICE, NONE, 0, 0, "java", "judgement: the most common client", G(client),
      "Client library.", .choices = client_names),
    K("clients", COUNT, NONE, 1, 1e6, "1", "judgement: one, as nothing else is known", G(clients),
      "Consumers of the group."),
    MACHINE_KEYS("machine", struct scenario_group, machine, "aws/m5.2xlarge",
                 "judgement: 8 ordinary vCPUs, so that clients seldom bind first"),
    K("machines", COUNT, NONE, 1, 1e5, NULL, "", G(machines),
      "Machines that the consumers are spread over."),
    K("racks", SPECIAL, NONE, 0, 0, NULL, "", G(racks),
      "Racks that the machines stand in, in turn.", .special = &scenario_special_client_racks),
    K("client_rack", BOOL, NONE, 0, 0, NULL, "", G(states_rack),
      "Whether each consumer states its machine's rack as client.rack; with the cluster's "
      "replica.selector.class it then reads a replica of its own rack."),
    K("beside", SPECIAL, NONE, 0, 0, "none", "judgement: machines of their own", G(beside),
      "A producer on whose machines the consumers run, instead of their own: one process, or one "
      "host.",
      .special = &scenario_special_beside),
    K("processing/per_record", INTEGER, TIME, 0, NS_H, "5 us", "judgement: decode and hand over",
      G(processing_per_record_ns),
      "Work on one record, in the consumer's thread: its time on that machine.", .likely_low = 1000,
      .likely_high = 50000),
    K("processing/per_byte", NUMBER, TIME_PER_BYTE, 0, 1e6, "0 ns/B",
      "judgement: counted in per_record", G(processing_ns_per_byte),
      "Work on each byte of a record."),
    K("processing/wait", INTEGER, TIME, 0, NS_H, "0 s", "judgement: most decode and hand over",
      G(processing_wait_ns),
      "What the consumer's thread waits for others with each record, a database or a service, and "
      "uses no CPU: of a batch of records that are handled at once, one record's share.",
      .likely_high = 20000000),
    K("lag", SPECIAL, NONE, 0, 0, "none", "judgement: caught up", G(lag),
      "How far behind the group starts, over all its partitions: none, a time, a size or a count "
      "of records.",
      .special = &scenario_special_lag),
    C("fetch.min.bytes", INTEGER, BYTES, 0, INT_HIGH, "1", fetch_min_bytes,
      "Bytes that a fetch waits for."),
    JAVA("fetch.max.wait.ms", INTEGER, MS, 0, INT_HIGH, "500", fetch_max_wait_ms,
         "Longest wait of a fetch."),
    RDKAFKA("fetch.wait.max.ms", INTEGER, MS, 0, 300000, "500", fetch_max_wait_ms,
            "Longest wait of a fetch."),
    C("fetch.max.bytes", INTEGER, BYTES, 0, INT_HIGH, "52428800", fetch_max_bytes,
      "Most of one response."),
    JAVA("max.partition.fetch.bytes", INTEGER, BYTES, 0, INT_HIGH, "1048576",
         max_partition_fetch_bytes, "Most of one partition in a response."),
    RDKAFKA("fetch.message.max.bytes", INTEGER, BYTES, 1, 1000000000, "1048576",
            max_partition_fetch_bytes, "Most of one partition in a response."),
    JAVA("max.poll.records", INTEGER, NONE, 1, INT_HIGH, "500", max_poll_records,
         "Records of one poll()."),
    C("max.poll.interval.ms", INTEGER, MS, 1, INT_HIGH, "300000", max_poll_interval_ms,
      "Longest time between two polls: a consumer whose records take longer leaves its group, "
      "which "
      "a warning tells and no run shows."),
    RDKAFKA("queued.min.messages", INTEGER, NONE, 1, 10000000, "100000", queued_min_messages,
            "Records that wait for the application before no more are fetched."),
    RDKAFKA("queued.max.messages.kbytes", INTEGER, NONE, 1, 2097151, "65536", queued_max_bytes,
            "KiB that wait for the application before no more are fetched."),
    RDKAFKA("fetch.queue.backoff.ms", INTEGER, MS, 0, 300000, "1000", queue_backoff_ms,
            "When it looks again whether fewer wait."),
    C("auto.offset.reset", CHOICE, NONE, 0, 0, "latest", auto_offset_reset,
      "Where a consumer goes on when what it would read was deleted.", .choices = reset_names),
    C("enable.auto.commit", BOOL, NONE, 0, 0, "true", enable_auto_commit,
      "Whether poll() commits now and then."),
    C("auto.commit.interval.ms", INTEGER, MS, 1, INT_HIGH, "5000", auto_commit_interval_ms,
      "How often."),
    JAVA("request.timeout.ms", INTEGER, MS, 1, INT_HIGH, "30000", request_timeout_ms,
         "How long an answer may take."),
    RDKAFKA("socket.timeout.ms", INTEGER, MS, 10, 300000, "60000", request_timeout_ms,
            "How long an answer may take."),
    JAVA("retry.backoff.ms", INTEGER, MS, 0, INT_HIGH, "100", retry_backoff_ms,
         "Pause after an error."),
    RDKAFKA("fetch.error.backoff.ms", INTEGER, MS, 0, 300000, "500", retry_backoff_ms,
            "Pause after an error."),
    C("reconnect.backoff.ms", INTEGER, MS, 0, 3600000, "50", reconnect_backoff_ms,
      "Pause before a closed connection is made anew.", .value_librdkafka = "100"),
    C("reconnect.backoff.max.ms", INTEGER, MS, 0, 3600000, "1000", reconnect_backoff_max_ms,
      "Longest pause, when it fails again and again.", .value_librdkafka = "10000"),
    JAVA("receive.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "65536", receive_buffer_bytes,
         "Receive buffer of a connection; -1: the system's own."),
    JAVA("send.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "131072", send_buffer_bytes,
         "Send buffer of a connection; -1: the system's own."),
    RDKAFKA("socket.receive.buffer.bytes", INTEGER, BYTES, 0, 100000000, "0", receive_buffer_bytes,
            "Receive buffer of a connection; 0: the system's own."),
    RDKAFKA("socket.send.buffer.bytes", INTEGER, BYTES, 0, 100000000, "0", send_buffer_bytes,
            "Send buffer of a connection; 0: the system's own."),
};

const int scenario_keys_group_count =
    (int)(sizeof scenario_keys_group / sizeof scenario_keys_group[0]);
