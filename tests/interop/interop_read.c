/*
 * tests/interop/interop_read.c - opens a log dir as a starting broker does and prints every batch and record of one partition.
 *
 *     interop_read ROOT DIR TOPIC PARTITION
 *
 * A batch is `baseOffset lastOffset count timestamp size codec crc`, a record behind it `| offset timestamp keySize valueSize`: the same
 * fields that DumpLogSegments prints. What recovery did goes to stderr.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker-core/log/dir.h"
#include "broker-core/record/record.h"

static struct broker_err err;

static void must(int rc, const char *what)
{
    if (rc == BROKER_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, err.text);
    exit(1);
}

static void config_of(void *ctx, const char *topic, struct broker_log_config *config)
{
    (void)ctx;
    (void)topic;
    config->segment_bytes = 1 << 20;
    config->retention_ms = -1;
}

static void print_batch(const struct broker_batch_header *h)
{
    static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    printf("%" PRId64 " %" PRId64 " %d %" PRId64 " %" PRIu64 " %s %u\n", h->base_offset,
           broker_batch_last_offset(h), h->record_count, h->max_timestamp_ms, broker_batch_size(h),
           codecs[h->attributes & BROKER_BATCH_CODEC_MASK], h->crc);
}

static void print_records(const struct broker_batch_header *h, const struct broker_span *spans,
                          size_t count)
{
    struct broker_payload payload;
    struct broker_record record;
    must(broker_payload_open(&payload, h, spans, count, &err), "payload");
    for (int i = 0; i < h->record_count; i++) {
        must(broker_record_next(&payload.cursor, &record, &err), "record");
        bool append_time = h->attributes & BROKER_BATCH_LOG_APPEND_TIME;
        printf("| %" PRId64 " %" PRId64 " %d %d\n", h->base_offset + record.offset_delta,
               append_time ? h->max_timestamp_ms : h->base_timestamp_ms + record.timestamp_delta_ms,
               record.key_bytes, record.value_bytes);
    }
    broker_payload_release(&payload);
}

/* One whole batch at the front of the region. Returns its size. */
static uint64_t print_first(struct broker_env *env, const struct broker_region *region,
                            int64_t *next)
{
    struct broker_batch_header header;
    struct broker_view view = {0};
    enum broker_error error;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    size_t got;
    must(env->ops->read_at(env, broker_region_file(region), region->position, bytes, sizeof bytes,
                           &got),
         "read");
    broker_batch_header_read(bytes, &header);
    must(env->ops->view(env, broker_region_file(region), region->position,
                        broker_batch_size(&header), &view),
         "view");
    must(broker_batch_check(view.spans, view.count, BROKER_CHECK_CRC, &header, &error, &err),
         "check");
    print_batch(&header);
    if (!(header.attributes & BROKER_BATCH_CONTROL))
        print_records(&header, view.spans, view.count);
    env->ops->view_release(env, &view);
    *next = broker_batch_last_offset(&header) + 1;
    return broker_batch_size(&header);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: interop_read ROOT DIR TOPIC PARTITION\n");
        return 2;
    }
    struct broker_env *env;
    struct broker_dir *dir;
    struct broker_dir_config config;
    struct broker_recovery recovery = {0};
    struct broker_receipt receipt = {0};
    broker_dir_config_init(&config);
    config.cluster_id = "MkU3OEVBNTcwNTJENDM2Qk"; /* as tests/interop/run formats Kafka's */
    config.node_id = 1;
    must(broker_env_posix_new(argv[1], &env, &err), "env");
    must(broker_dir_open(env, argv[2], &config, &dir, &err), "dir");
    must(broker_dir_load(dir, config_of, NULL, &recovery, &err), "load");
    struct broker_log *log = broker_dir_find(dir, argv[3], atoi(argv[4]));
    if (!log) {
        fprintf(stderr, "no such partition\n");
        return 1;
    }
    for (int64_t offset = broker_log_start_offset(log); offset < broker_log_end_offset(log);) {
        struct broker_region region;
        if (broker_log_read(log, offset, 1, true, BROKER_READ_END, &region, &receipt) !=
                KAFKA_NONE ||
            region.size_bytes == 0)
            break;
        print_first(env, &region, &offset);
        broker_region_release(&region);
    }
    fprintf(stderr,
            "scanned %u segments, %" PRIu64 " bytes; cut %" PRIu64
            " bytes, dropped %u segments; end offset %" PRId64 "\n",
            recovery.segments_scanned, recovery.bytes_scanned, recovery.bytes_truncated,
            recovery.segments_dropped, broker_log_end_offset(log));
    must(broker_dir_close(dir, &receipt, &err), "close");
    broker_env_posix_free(env);
    return 0;
}
