/*
 * tests/fuzz/fuzz_index.c - any bytes as the index files of a closed log: opening, reading and cutting must cope.
 *
 * Shape    The input becomes the offset, time and transaction index, the snapshot, the epoch and the topic file of a good
 *          log. Whatever they say, a read gives the batch that holds the offset, or none; the log can be written to.
 */
#include <assert.h>

#include "broker-core/log/log.h"
#include "model/broker/env_sim.h"
#include "tests/fuzz/driver.h"

#define BATCH   500
#define BATCHES 20
#define START   INT64_C(1700000000000)

static struct broker_log_config config;

static void append(struct broker_log *log, int64_t timestamp_ms)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = timestamp_ms,
                                         .max_timestamp_ms = timestamp_ms,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = 2};
    struct broker_append out;
    broker_batch_build_opaque(&header, BATCH - sizeof bytes, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, BATCH - sizeof bytes}};
    int rc = broker_log_append(log, spans, 2, 0, &out, NULL);
    assert(rc == BROKER_OK || rc == BROKER_EIO); /* EIO: an index that cannot go on */
    if (out.pending)
        broker_log_publish(log);
}

/* Replaces a file by a part of the input. */
static void put(struct broker_env *env, const char *path, const uint8_t *data, size_t size)
{
    struct broker_file *file;
    struct broker_span span = {data, size};
    if (env->ops->open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file) != BROKER_OK)
        return;
    env->ops->truncate(env, file, 0);
    if (size)
        env->ops->append(env, file, &span, 1);
    env->ops->close(env, file);
}

/* Where a batch was cut in the middle, its first offsets are a gap: the batch behind it is given. */
static void read_all(struct broker_log *log, bool gaps)
{
    struct broker_receipt receipt = {0};
    struct broker_region region;
    int64_t end = broker_log_end_offset(log), timestamp_ms, found;
    for (int64_t offset = broker_log_start_offset(log); offset < end; offset++) {
        enum broker_error error =
            broker_log_read(log, offset, 1, true, BROKER_READ_END, &region, &receipt);
        assert(error == KAFKA_NONE);
        if (region.size_bytes)
            assert((gaps || region.first_offset <= offset) && offset < region.first_offset + 2);
        broker_region_release(&region);
        broker_log_available_bytes(log, offset, BROKER_READ_END);
        broker_log_offset_for_timestamp(log, START + offset, BROKER_READ_END, &timestamp_ms, &found,
                                        &receipt);
    }
    broker_log_offset_for_timestamp(log, -3, BROKER_READ_END, &timestamp_ms, &found, &receipt);
}

static struct broker_log *open_log(struct broker_env *env, bool clean)
{
    struct broker_log *log;
    if (broker_log_open(env, "t-0", &config, clean, 0, 0, &log, NULL, NULL) != BROKER_OK)
        return NULL;
    return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {
        "t-0/00000000000000000016.index",     "t-0/00000000000000000032.index",
        "t-0/00000000000000000016.timeindex", "t-0/00000000000000000032.timeindex",
        "t-0/00000000000000000032.txnindex",  "t-0/00000000000000000040.snapshot",
        "t-0/leader-epoch-checkpoint",        "t-0/partition.metadata"};
    struct broker_receipt receipt = {0};
    uint32_t deleted;
    if (size < 2)
        return 0;
    broker_log_config_init(&config);
    config.allow_holes = true;
    config.segment_bytes = 8 * BATCH;
    config.segment_index_bytes = 240;
    config.index_interval_bytes = BATCH;
    struct env_sim *sim = env_sim_new(1, UINT64_C(1) << 40);
    struct broker_env *env = env_sim_env(sim);
    env_sim_set_now(sim, START);
    struct broker_log *log = open_log(env, true);
    for (int i = 0; i < BATCHES; i++)
        append(log, START + 2 * i);
    broker_log_close(log, &receipt, NULL);
    /* Each of the first byte's bits gives one of the files a share of the input. */
    size_t at = 2;
    for (int i = 0; i < 8; i++) {
        size_t part = (size - at) / 2;
        if (!(data[0] >> i & 1))
            continue;
        put(env, names[i], data + at, part);
        at += part;
    }
    log = open_log(env, data[1] & 1);
    if (log) {
        read_all(log, false);
        if (data[1] & 2)
            broker_log_truncate(log, data[1] >> 2, &receipt, NULL);
        append(log, START + 100);
        append(log, START + 101);
        broker_log_set_high_watermark(log, INT64_MAX);
        broker_log_retain(log, &deleted, &receipt, NULL);
        broker_log_run_tasks(log, INT64_MAX - 1, &receipt, NULL);
        read_all(log, true);
        broker_log_check(log);
        broker_log_close(log, &receipt, NULL);
    }
    env_sim_free(sim);
    return 0;
}
