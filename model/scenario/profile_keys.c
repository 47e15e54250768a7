/* model/scenario/profile_keys.c - the numbers of a profile by name; see profile.h. One table row a number, the path in the file is the key. */
#include "model/scenario/profile_internal.h"

#include <stddef.h>

#include "model/scenario/measured.h"

_Static_assert((int)MODEL_PROFILE_QUANTITIES == (int)MEASURED_QUANTITIES,
               "a profile states an error for each measured quantity");

#define AT(field) offsetof(struct model_profile, field)
#define TIME(path, field)                                                                          \
    {                                                                                              \
        path, SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_NS, AT(field)                              \
    }
/* A cost has the parts that something spends: others would be read and change nothing. */
#define REQUEST(path, field)   TIME(path ".request", field.request_ns)
#define PARTITION(path, field) TIME(path ".partition", field.partition_ns)
#define BATCH(path, field)     TIME(path ".batch", field.batch_ns)
#define RECORD(path, field)    TIME(path ".record", field.record_ns)
#define BYTE(path, field)      TIME(path ".byte", field.byte_ns)
#define COST(path, field)                                                                          \
    REQUEST(path, field), PARTITION(path, field), BATCH(path, field), RECORD(path, field),         \
        BYTE(path, field)
#define LOOK(path, field) REQUEST(path, field), PARTITION(path, field)
#define RECEIVE(path, field)                                                                       \
    REQUEST(path, field), BATCH(path, field), RECORD(path, field), BYTE(path, field)
#define CODEC(name, index)                                                                         \
    TIME("codec." name ".compress_byte", compress_byte_ns[index]),                                 \
        TIME("codec." name ".decompress_byte", decompress_byte_ns[index])

static const struct scenario_profile_key keys[] = {
    {"coremark", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_PLAIN, AT(coremark)},
    TIME("broker.poll", poll_ns),
    COST("broker.receive", receive),
    TIME("broker.fault_byte", fault_byte_ns),
    {"broker.core_cache", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_BYTES, AT(core_cache_bytes)},
    COST("broker.append", append),
    TIME("broker.sync", sync_ns),
    LOOK("broker.fetch_receive", fetch_receive),
    BYTE("broker.fetch_receive", fetch_receive),
    LOOK("broker.fetch", fetch),
    LOOK("broker.replica_read", replica_read),
    TIME("broker.read.partition", read_partition_ns),
    LOOK("broker.send", send),
    BYTE("broker.send", send),
    COST("broker.replica_append", replica_append),
    LOOK("broker.replica_fetch", replica_fetch),
    REQUEST("broker.tls", tls),
    BYTE("broker.tls", tls),
    TIME("broker.idle_per_s", idle_broker_ns_per_s),
    TIME("broker.idle_partition_per_s", idle_partition_ns_per_s),
    COST("client.java_send", java_send),
    RECEIVE("client.java_receive", java_receive),
    COST("client.librdkafka_send", librdkafka_send),
    RECEIVE("client.librdkafka_receive", librdkafka_receive),
    REQUEST("client.java_tls", java_tls),
    RECORD("client.java_tls", java_tls),
    BYTE("client.java_tls", java_tls),
    REQUEST("client.librdkafka_tls", librdkafka_tls),
    RECORD("client.librdkafka_tls", librdkafka_tls),
    BYTE("client.librdkafka_tls", librdkafka_tls),
    REQUEST("client.java_answer", java_answer),
    BATCH("client.java_answer", java_answer),
    REQUEST("client.librdkafka_answer", librdkafka_answer),
    BATCH("client.librdkafka_answer", librdkafka_answer),
    RECORD("client.librdkafka_app", librdkafka_app),
    BYTE("client.librdkafka_app", librdkafka_app),
    TIME("client.java_app_wake", java_app_wake_ns),
    TIME("client.java_app_window", java_app_window_ns),
    TIME("client.librdkafka_app_wake", librdkafka_app_wake_ns),
    TIME("client.librdkafka_app_window", librdkafka_app_window_ns),
    TIME("client.far_byte", client_far_byte_ns),
    {"client.message", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_BYTES, AT(client_message_bytes)},
    CODEC("gzip", 1),
    CODEC("snappy", 2),
    CODEC("lz4", 3),
    CODEC("zstd", 4),
    {"scheduler.quantum", SCENARIO_PROFILE_INT64, SCENARIO_PROFILE_NS, AT(quantum_ns)},
    {"scheduler.wakeup", SCENARIO_PROFILE_INT64, SCENARIO_PROFILE_NS, AT(wakeup_ns)},
    TIME("scheduler.cold_work", cold_work_ns),
    TIME("scheduler.client_cold_work", client_cold_work_ns),
    {"scheduler.client_cold_sleep", SCENARIO_PROFILE_INT64, SCENARIO_PROFILE_NS,
     AT(client_cold_sleep_ns)},
    {"scheduler.cold_sleep", SCENARIO_PROFILE_INT64, SCENARIO_PROFILE_NS, AT(cold_sleep_ns)},
    {"gc.alloc_per_byte", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_PLAIN, AT(gc_alloc_per_byte)},
    {"gc.alloc_per_request", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_BYTES,
     AT(gc_alloc_per_request)},
    {"gc.young", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_BYTES, AT(gc_young_bytes)},
    {"gc.heap", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_BYTES, AT(gc_heap_bytes)},
    TIME("gc.pause_median", gc_pause_median_ns),
    {"gc.pause_sigma", SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_PLAIN, AT(gc_pause_sigma)},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

const struct scenario_profile_key *scenario_profile_key_at(int index)
{
    return index >= 0 && index < KEY_COUNT ? &keys[index] : NULL;
}

double scenario_profile_get(const struct model_profile *profile,
                            const struct scenario_profile_key *key)
{
    const void *at = (const char *)profile + key->offset;
    return key->type == SCENARIO_PROFILE_INT64 ? (double)*(const int64_t *)at : *(const double *)at;
}

void scenario_profile_set(struct model_profile *profile, const struct scenario_profile_key *key,
                          double value)
{
    void *at = (char *)profile + key->offset;
    if (key->type == SCENARIO_PROFILE_INT64)
        *(int64_t *)at = (int64_t)(value + 0.5);
    else
        *(double *)at = value;
}

/* ---- what a fit says about itself ---- */

#define ERRORS(key, array, name, index)                                                            \
    {key "." name ".median", PROFILE_ROW_NUMBER, AT(array[index].median), 0},                      \
        {key "." name ".signed_median", PROFILE_ROW_SIGNED, AT(array[index].signed_median), 0},    \
        {key "." name ".p90", PROFILE_ROW_NUMBER, AT(array[index].p90), 0},                        \
        {key "." name ".ratio_low", PROFILE_ROW_NUMBER, AT(array[index].ratio_low), 0},            \
        {key "." name ".ratio_high", PROFILE_ROW_NUMBER, AT(array[index].ratio_high), 0},          \
    {                                                                                              \
        key "." name ".rows", PROFILE_ROW_COUNT, AT(array[index].rows), 0                          \
    }
#define ALL_ERRORS(key, array)                                                                     \
    ERRORS(key, array, "throughput", MEASURED_THROUGHPUT),                                         \
        ERRORS(key, array, "produce_mean", MEASURED_PRODUCE_MEAN),                                 \
        ERRORS(key, array, "produce_p50", MEASURED_PRODUCE_P50),                                   \
        ERRORS(key, array, "produce_p99", MEASURED_PRODUCE_P99),                                   \
        ERRORS(key, array, "round_trip", MEASURED_ROUND_TRIP),                                     \
        ERRORS(key, array, "end_to_end_p50", MEASURED_END_TO_END_P50),                             \
        ERRORS(key, array, "end_to_end_p99", MEASURED_END_TO_END_P99),                             \
        ERRORS(key, array, "broker_cpu", MEASURED_BROKER_CPU),                                     \
        ERRORS(key, array, "client_cpu", MEASURED_CLIENT_CPU),                                     \
        ERRORS(key, array, "requests", MEASURED_REQUESTS),                                         \
        ERRORS(key, array, "batches", MEASURED_BATCHES),                                           \
        ERRORS(key, array, "disk_bytes", MEASURED_DISK_BYTES)
#define TEXT(path, field)                                                                          \
    {                                                                                              \
        path, PROFILE_ROW_TEXT, AT(field), sizeof((struct model_profile *)0)->field                \
    }
#define IDS(path, field)                                                                           \
    {                                                                                              \
        path, PROFILE_ROW_IDS, AT(field), sizeof((struct model_profile *)0)->field                 \
    }
#define RANGE(path, index)                                                                         \
    {                                                                                              \
        "range." path, PROFILE_ROW_RANGE, AT(range[index]), 0                                      \
    }

static const struct profile_row rows[] = {
    TEXT("error", error),
    {"calibrated", PROFILE_ROW_BOOL, AT(calibrated), 0},
    {"gc.on", PROFILE_ROW_BOOL, AT(gc), 0},
    TEXT("clients.java", clients_java),
    TEXT("clients.librdkafka", clients_librdkafka),
    IDS("held_out", held_out_ids),
    IDS("fitted_kinds", fitted_kinds),
    IDS("scaled_kinds", scaled_kinds),
    {"fitted_on.vcpus", PROFILE_ROW_COUNT, AT(fitted_vcpus), 0},
    {"fitted_on.coremark", PROFILE_ROW_NUMBER, AT(fitted_coremark), 0},
    {"fitted_on.kafka", PROFILE_ROW_NUMBER, AT(fitted_kafka), 0},
    RANGE("rate_per_s", MODEL_PROFILE_RATE),
    RANGE("record_bytes", MODEL_PROFILE_RECORD_BYTES),
    RANGE("partitions", MODEL_PROFILE_PARTITIONS),
    RANGE("replication", MODEL_PROFILE_REPLICATION),
    RANGE("brokers", MODEL_PROFILE_BROKERS),
    RANGE("linger_ms", MODEL_PROFILE_LINGER_MS),
    RANGE("groups", MODEL_PROFILE_GROUPS),
    RANGE("batch_bytes", MODEL_PROFILE_BATCH_BYTES),
    ALL_ERRORS("held_out_error", held_out),
    ALL_ERRORS("scaled_error", scaled),
};

const struct profile_row *profile_row_at(int index)
{
    return index >= 0 && index < (int)(sizeof rows / sizeof rows[0]) ? &rows[index] : NULL;
}
