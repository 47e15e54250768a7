/*
 * tests/interop/interop_write.c - writes a log dir of all that our log can hold, for Kafka's own tools to read.
 *
 *     interop_write ROOT DIR TOPIC BATCHES
 *
 * Writes partition 0 of TOPIC below ROOT/DIR on real files: keys, nulls, headers, all codecs, an idempotent producer, a transaction
 * with its marker, rolled segments. A topic id that is there already is kept. Stops cleanly.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "broker-core/record/record.h"

#define EPOCH_MS INT64_C(1767571200000) /* 2026-01-05: any time in the past */

static struct broker_err err;

static void must(int rc, const char *what)
{
    if (rc == BROKER_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, err.text);
    exit(1);
}

static struct broker_bytes text(const char *s)
{
    return s ? (struct broker_bytes){s, (int32_t)strlen(s)} : (struct broker_bytes){NULL, -1};
}

/* Record r of batch b: key, value and headers are different functions of both. */
static void add_record(struct broker_builder *builder, int b, int r)
{
    char key[32], value[1200];
    snprintf(key, sizeof key, "key-%d-%d", b, r);
    int length = snprintf(value, sizeof value, "value-%d-%d-", b, r);
    int fill = (b * 37 + r * 11) % 1000;
    memset(value + length, 'a' + (b + r) % 26, (size_t)fill);
    value[length + fill] = 0;
    struct broker_builder_header headers[] = {{"h", text("v")}, {"none", text(NULL)}};
    must(broker_builder_add(builder, EPOCH_MS + b * 10 + r, r % 5 == 4 ? text(NULL) : text(key),
                            text(value), headers, r % 3),
         "add");
}

static void append(struct broker_log *log, const uint8_t *bytes, size_t size)
{
    struct broker_append out;
    struct broker_span span = {bytes, size};
    must(broker_log_append(log, &span, 1, 0, &out, &err), "append");
    if (out.error != KAFKA_NONE) {
        fprintf(stderr, "refused: %s %s\n", broker_error_name(out.error), err.text);
        exit(1);
    }
    if (out.pending)
        broker_log_publish(log);
}

static void append_batch(struct broker_log *log, int b, int *sequence)
{
    struct broker_builder builder;
    broker_builder_init(&builder);
    int records = 1 + b % 9;
    for (int r = 0; r < records; r++)
        add_record(&builder, b, r);
    bool idempotent = b % 4 == 1;
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .attributes = (int16_t)(b % 5), /* each codec in turn */
                                         .producer_id = idempotent ? 4711 : -1,
                                         .producer_epoch = idempotent ? 0 : -1,
                                         .base_sequence = idempotent ? *sequence : -1};
    uint8_t *bytes;
    size_t size;
    must(broker_builder_finish(&builder, &header, &bytes, &size, &err), "finish");
    if (idempotent)
        *sequence += records;
    append(log, bytes, size);
    free(bytes);
    broker_builder_release(&builder);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: interop_write ROOT DIR TOPIC BATCHES\n");
        return 2;
    }
    struct broker_env *env;
    struct broker_dir *dir;
    struct broker_log *log;
    struct broker_dir_config dir_config;
    struct broker_log_config config;
    struct broker_receipt receipt = {0};
    int sequence = 0;
    broker_dir_config_init(&dir_config);
    dir_config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qk"; /* as tests/interop/run formats Kafka's */
    dir_config.node_id = 1;
    broker_log_config_init(&config);
    config.segment_bytes = 1 << 20; /* the least that Kafka 4 allows */
    must(broker_env_posix_new(argv[1], &env, &err), "env");
    must(broker_dir_open(env, argv[2], &dir_config, &dir, &err), "dir");
    must(broker_dir_log(dir, argv[3], 0, &config, &log, &receipt, &err), "log");
    must(broker_log_assign_epoch(log, 0, &receipt, &err), "epoch");
    for (int b = 0; b < atoi(argv[4]); b++)
        append_batch(log, b, &sequence);
    broker_log_set_high_watermark(log, broker_log_end_offset(log));
    printf("%" PRId64 " records in %u segments\n", broker_log_end_offset(log),
           broker_log_segment_count(log));
    must(broker_dir_close(dir, &receipt, &err), "close");
    broker_env_posix_free(env);
    return 0;
}
