/* The rows of a consumer group. */
#include "model/scenario/keys_internal.h"

#define G(field) offsetof(struct scenario_group, field)
#define C(name, type, unit, low, high, value, field, help)                                         \
    K("config/" name, type, unit, low, high, value, KAFKA, G(config.field), help, .is_kafka = true)

const struct scenario_key scenario_keys_group[] = {
    K("topics", SPECIAL, NONE, 0, 0, NULL, "", G(topics), "Topics that it reads.",
      .special = &scenario_special_topics),
    K("clients", COUNT, NONE, 1, 1e6, "1", "judgement: one, as nothing else is known", G(clients),
      "Consumers of the group."),
    MACHINE_KEYS("machine", struct scenario_group, machine, "aws/m5.2xlarge",
                 "judgement: 8 ordinary vCPUs, so that clients seldom bind first"),
    K("machines", COUNT, NONE, 1, 1e5, NULL, "", G(machines),
      "Machines that the consumers are spread over."),
    K("racks", SPECIAL, NONE, 0, 0, NULL, "", G(racks),
      "Racks that the machines stand in, in turn.", .special = &scenario_special_client_racks),
    K("beside", SPECIAL, NONE, 0, 0, "none", "judgement: machines of their own", G(beside),
      "A producer on whose machines the consumers run, instead of their own: one process, or one "
      "host.",
      .special = &scenario_special_beside),
    K("processing/per_record", INTEGER, TIME, 0, NS_H, "5 us", "judgement: decode and hand over",
      G(processing_per_record_ns), "Work on one record, in the consumer's thread.",
      .likely_low = 1000, .likely_high = 50000),
    K("processing/per_byte", NUMBER, TIME_PER_BYTE, 0, 1e6, "0 ns/B",
      "judgement: counted in per_record", G(processing_ns_per_byte),
      "Work on each byte of a record."),
    K("lag", SPECIAL, NONE, 0, 0, "none", "judgement: caught up", G(lag),
      "How far behind the group starts, over all its partitions: none, a time, a size or a count "
      "of records.",
      .special = &scenario_special_lag),
    C("fetch.min.bytes", INTEGER, BYTES, 0, INT_HIGH, "1", fetch_min_bytes,
      "Bytes that a fetch waits for."),
    C("fetch.max.wait.ms", INTEGER, MS, 0, INT_HIGH, "500", fetch_max_wait_ms,
      "Longest wait of a fetch."),
    C("fetch.max.bytes", INTEGER, BYTES, 0, INT_HIGH, "52428800", fetch_max_bytes,
      "Most of one response."),
    C("max.partition.fetch.bytes", INTEGER, BYTES, 0, INT_HIGH, "1048576",
      max_partition_fetch_bytes, "Most of one partition in a response."),
    C("max.poll.records", INTEGER, NONE, 1, INT_HIGH, "500", max_poll_records,
      "Records of one poll()."),
    C("enable.auto.commit", BOOL, NONE, 0, 0, "true", enable_auto_commit,
      "Whether poll() commits now and then."),
    C("auto.commit.interval.ms", INTEGER, MS, 1, INT_HIGH, "5000", auto_commit_interval_ms,
      "How often."),
    C("request.timeout.ms", INTEGER, MS, 1, INT_HIGH, "30000", request_timeout_ms,
      "How long an answer may take."),
    C("retry.backoff.ms", INTEGER, MS, 0, INT_HIGH, "100", retry_backoff_ms,
      "Pause after an error."),
    C("reconnect.backoff.ms", INTEGER, MS, 0, 3600000, "50", reconnect_backoff_ms,
      "Pause before a closed connection is made anew."),
    C("reconnect.backoff.max.ms", INTEGER, MS, 0, 3600000, "1000", reconnect_backoff_max_ms,
      "Longest pause, when it fails again and again."),
    C("receive.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "65536", receive_buffer_bytes,
      "Receive buffer of a connection; -1: the system's own."),
    C("send.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "131072", send_buffer_bytes,
      "Send buffer of a connection; -1: the system's own."),
};

const int scenario_keys_group_count =
    (int)(sizeof scenario_keys_group / sizeof scenario_keys_group[0]);
