/* The rows of a producer: its load, its records, its client's settings. Defaults differ by the kind of client. */
#include "model/scenario/keys_internal.h"

static const char *const client_names[] = {"java", "librdkafka", NULL};
static const char *const counted_names[] = {"payload", "wire", NULL};
static const char *const arrivals_names[] = {"constant", "poisson", NULL};
static const char *const partitioner_names[] = {"sticky", "keyed", "uniform", NULL};

#define P(field) offsetof(struct scenario_producer, field)
/* A client setting that both kinds have, with either's default. */
#define BOTH(name, type, unit, low, high, java, rdkafka, field, help, ...)                         \
    K("config/" name, type, unit, low, high, java, KAFKA, P(config.field), help,                   \
      .value_librdkafka = rdkafka, .is_kafka = true, __VA_ARGS__)
#define JAVA(name, type, unit, low, high, value, field, help)                                      \
    K("config/" name, type, unit, low, high, value, KAFKA, P(config.field), help,                  \
      .clients = SCENARIO_FOR_JAVA, .is_kafka = true)
#define RDKAFKA(name, type, unit, low, high, value, field, help)                                   \
    K("config/" name, type, unit, low, high, value, LIBRDKAFKA, P(config.field), help,             \
      .clients = SCENARIO_FOR_LIBRDKAFKA, .is_kafka = true)

const struct scenario_key scenario_keys_producer[] = {
    K("topic", SPECIAL, NONE, 0, 0, NULL, "", P(topic), "Topic that it writes to.",
      .special = &scenario_special_topic),
    K("client", CHOICE, NONE, 0, 0, "java", "judgement: the most common client", P(client),
      "Client library.", .choices = client_names),
    K("clients", COUNT, NONE, 1, 1e6, "1", "judgement: one, as nothing else is known", P(clients),
      "Client instances; the load is that of all together."),
    MACHINE_KEYS("machine", struct scenario_producer, machine, "aws/m5.2xlarge",
                 "judgement: 8 ordinary vCPUs, so that clients seldom bind first"),
    K("machines", COUNT, NONE, 1, 1e5, NULL, "", P(machines),
      "Machines that the clients are spread over."),
    K("racks", SPECIAL, NONE, 0, 0, NULL, "", P(racks),
      "Racks that the machines stand in, in turn.", .special = &scenario_special_client_racks),
    K("rate", RATE, RATE, 1e-3, 1e13, NULL, "", P(rate_peak),
      "Load of all its clients together, at the peak; max: as much as they can; or a map with mean "
      "and peak."),
    K("rate/mean", RATE, RATE, 1e-3, 1e13, NULL, "", P(rate_mean), "Average over the day and week.",
      .group = "rate"),
    K("rate/peak", RATE, RATE, 1e-3, 1e13, NULL, "", P(rate_peak), "Highest; what `run` simulates.",
      .group = "rate"),
    K("counted", CHOICE, NONE, 0, 0, "payload", "judgement: what applications know", P(counted),
      "What a rate in bytes counts. payload: keys and values before compression; wire: as Kafka's "
      "BytesInPerSec.",
      .choices = counted_names),
    K("record/size", NUMBER, BYTES, 1, 1e9, NULL, "", P(size.mean_bytes),
      "Key and value of one record together, all of that size; or a map with lognormal or table."),
    K("record/size/lognormal/mean", NUMBER, BYTES, 1, 1e9, NULL, "", P(size.mean_bytes),
      "Mean size.", .likely_low = 200, .likely_high = 2000, .group = "record/size/lognormal",
      .is_required = true),
    K("record/size/lognormal/cv", NUMBER, NONE, 0, 10, NULL, "", P(size.cv),
      "Standard deviation / mean.", .likely_low = 0.4, .likely_high = 1.2,
      .group = "record/size/lognormal", .is_required = true),
    K("record/size/table", SPECIAL, NONE, 0, 0, NULL, "", P(size),
      "Sizes and the share of records that have them.", .special = &scenario_special_size_table),
    K("record/key", NUMBER, BYTES, 0, 65536, NULL, "", P(key_bytes),
      "Key of one record, part of its size."),
    K("arrivals", CHOICE, NONE, 0, 0, NULL, "", P(arrivals.kind),
      "How records arrive at each client: constant, poisson, or a map with burst, mmpp or trace.",
      .choices = arrivals_names),
    K("arrivals/burst/records", NUMBER, NONE, 1, 1e6, NULL, "", P(arrivals.burst_records),
      "Records that arrive together.", .group = "arrivals/burst", .is_required = true),
    K("arrivals/burst/times", CHOICE, NONE, 0, 0, "poisson", "judgement: many independent sources",
      P(arrivals.burst_kind),
      "When bursts come: poisson, or constant as from Kafka's producer-perf-test, which sends what "
      "is due each 2 ms.",
      .choices = arrivals_names, .group = "arrivals/burst"),
    K("arrivals/mmpp/high", NUMBER, NONE, 1, 1000, NULL, "", P(arrivals.mmpp_high),
      "Rate while busy, as a multiple of the mean.", .group = "arrivals/mmpp", .is_required = true),
    K("arrivals/mmpp/busy", INTEGER, TIME, NS_MS, NS_D, NULL, "", P(arrivals.mmpp_busy_ns),
      "Mean stay in the busy state.", .group = "arrivals/mmpp", .is_required = true),
    K("arrivals/mmpp/quiet", INTEGER, TIME, NS_MS, NS_D, NULL, "", P(arrivals.mmpp_quiet_ns),
      "Mean stay in the quiet state.", .group = "arrivals/mmpp", .is_required = true),
    K("arrivals/trace/file", TEXT, NONE, 0, 0, NULL, "", P(arrivals.trace_path),
      "CSV of recorded arrivals, beside the scenario: time,count[,bytes], which are seconds, "
      "records "
      "and their bytes. Clients share its records; `rate` states what it has.",
      .group = "arrivals/trace", .is_required = true, .is_file = true),
    K("partitioner", CHOICE, NONE, 0, 0, NULL, "", P(partitioner),
      "How records choose partitions: sticky, by key, or each at random.",
      .choices = partitioner_names),
    K("keys/count", INTEGER, NONE, 1, 1e12, NULL, "", P(key_count), "Different keys.",
      .group = "keys", .is_required = true),
    K("keys/zipf", NUMBER, NONE, 0, 5, "0.99", "judgement: YCSB's constant", P(key_zipf_s),
      "Skew of the keys: exponent of Zipf's law; 0: all alike.", .likely_low = 0.8,
      .likely_high = 1.2, .group = "keys"),
    K("hottest_partition", NUMBER, RATIO, 0, 1, NULL, "", P(hottest_partition_share),
      "Share of the load on the busiest partition; the others share the rest."),
    K("shape/daily", SPECIAL, NONE, 0, 0, "[1]", "judgement: always the peak", P(daily),
      "24 numbers: load by hour, 1 at the peak.", .special = &scenario_special_daily),
    K("shape/weekly", SPECIAL, NONE, 0, 0, "[1]", "judgement: every day alike", P(weekly),
      "7 numbers: load by day, 1 at the peak.", .special = &scenario_special_weekly),
    K("growth", SPECIAL, NONE, 0, 0, "0 % a month", "judgement: none unless said", P(growth_ratio),
      "Growth of the load from the start on, compound: N % a month, or a year; what is kept from "
      "before came at the rate of the start. At most a thousandfold within the horizon.",
      .special = &scenario_special_growth),

    K("config/acks", SPECIAL, NONE, 0, 0, "all", KAFKA, P(config.acks),
      "Who must have a record: 0, 1 or all.", .special = &scenario_special_acks, .is_kafka = true),
    BOTH("linger.ms", INTEGER, MS, 0, 900000, "5", "5", linger_ms,
         "How long a batch that is not full waits."),
    K("config/batch.size", INTEGER, BYTES, 0, INT_HIGH, "16384", KAFKA, P(config.batch_size),
      "Bytes of a full batch, before compression.", .value_librdkafka = "1000000",
      .is_kafka = true),
    JAVA("buffer.memory", INTEGER, BYTES, 0, ANY, "33554432", buffer_memory,
         "Memory for batches that wait."),
    JAVA("max.request.size", INTEGER, BYTES, 0, INT_HIGH, "1048576", max_request_size,
         "Largest request and record."),
    K("config/enable.idempotence", BOOL, NONE, 0, 0, "true", KAFKA, P(config.enable_idempotence),
      "Whether the broker sorts out repeats and order.", .value_librdkafka = "false",
      .is_kafka = true),
    K("config/max.in.flight.requests.per.connection", COUNT, NONE, 1, 1000000, "5", KAFKA,
      P(config.max_in_flight), "Requests on the way to one broker.", .value_librdkafka = "1000000",
      .is_kafka = true),
    K("config/compression.type", CHOICE, NONE, 0, 0, "none", KAFKA, P(config.compression_type),
      "Codec of the batches.", .choices = scenario_codec_names, .is_kafka = true),
    BOTH("request.timeout.ms", INTEGER, MS, 1, INT_HIGH, "30000", "30000", request_timeout_ms,
         "How long an answer may take; librdkafka: how long the broker may wait for replicas."),
    RDKAFKA("socket.timeout.ms", INTEGER, MS, 10, 300000, "60000", socket_timeout_ms,
            "How long an answer may take."),
    BOTH("reconnect.backoff.ms", INTEGER, MS, 0, 3600000, "50", "100", reconnect_backoff_ms,
         "Pause before a closed connection is made anew."),
    BOTH("reconnect.backoff.max.ms", INTEGER, MS, 0, 3600000, "1000", "10000",
         reconnect_backoff_max_ms, "Longest pause, when it fails again and again."),
    JAVA("delivery.timeout.ms", INTEGER, MS, 0, INT_HIGH, "120000", delivery_timeout_ms,
         "From send() to success or failure."),
    RDKAFKA("message.timeout.ms", INTEGER, MS, 0, INT_HIGH, "300000", delivery_timeout_ms,
            "From produce() to success or failure; 0: no limit."),
    JAVA("max.block.ms", INTEGER, MS, 0, ANY, "60000", max_block_ms,
         "How long send() waits for memory."),
    BOTH("retries", INTEGER, NONE, 0, INT_HIGH, "2147483647", "2147483647", retries,
         "Attempts after the first."),
    BOTH("retry.backoff.ms", INTEGER, MS, 0, ANY, "100", "100", retry_backoff_ms,
         "Pause before the first of them."),
    BOTH("retry.backoff.max.ms", INTEGER, MS, 0, ANY, "1000", "1000", retry_backoff_max_ms,
         "Longest pause."),
    JAVA("partitioner.adaptive.partitioning.enable", BOOL, NONE, 0, 0, "true",
         adaptive_partitioning, "Whether busy brokers get fewer sticky batches."),
    JAVA("send.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "131072", send_buffer_bytes,
         "Send buffer of a connection; -1: the system's own."),
    JAVA("receive.buffer.bytes", INTEGER, BYTES, -1, INT_HIGH, "32768", receive_buffer_bytes,
         "Receive buffer of a connection; -1: the system's own."),
    RDKAFKA("socket.send.buffer.bytes", INTEGER, BYTES, 0, 100000000, "0", send_buffer_bytes,
            "Send buffer of a connection; 0: the system's own."),
    RDKAFKA("socket.receive.buffer.bytes", INTEGER, BYTES, 0, 100000000, "0", receive_buffer_bytes,
            "Receive buffer of a connection; 0: the system's own."),
    RDKAFKA("message.max.bytes", INTEGER, BYTES, 1000, 1000000000, "1000000", max_request_size,
            "Largest request and record."),
    RDKAFKA("batch.num.messages", INTEGER, NONE, 1, 1000000, "10000", batch_num_messages,
            "Records of a full batch."),
    RDKAFKA("queue.buffering.max.messages", INTEGER, NONE, 0, INT_HIGH, "100000",
            queue_max_messages, "Records that may wait; beyond, produce() fails."),
    RDKAFKA("queue.buffering.max.kbytes", INTEGER, NONE, 1, INT_HIGH, "1048576", buffer_memory,
            "KiB that may wait; beyond, produce() fails."),
    RDKAFKA("sticky.partitioning.linger.ms", INTEGER, MS, 0, 900000, "10", sticky_linger_ms,
            "How long records without key stay with one partition."),
    K("compression_ratio", SPECIAL, NONE, 0, 0, NULL, "", P(compression_ratio),
      "Size before / after compression, by size of the batch before it: {16 KiB: 2.4, 128 KiB: "
      "2.8}.",
      .special = &scenario_special_ratio),
};

const int scenario_keys_producer_count =
    (int)(sizeof scenario_keys_producer / sizeof scenario_keys_producer[0]);
