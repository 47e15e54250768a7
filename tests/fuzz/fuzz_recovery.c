/*
 * tests/fuzz/fuzz_recovery.c - a mangled log folder after an unclean stop: recovery must leave a sound log, and find it sound again.
 *
 * Shape    A log of three segments with producers and a transaction is stopped like a killed process. The input's
 *          groups of five bytes (what to do, which file, two bytes where, a byte) then change, cut, lengthen, rename or
 *          remove files. What recovery keeps is a prefix of what was written; a second recovery changes nothing.
 */
#include <assert.h>

#include "broker-core/log/log.h"
#include "broker-core/record/record.h"
#include "model/broker/env_sim.h"
#include "tests/fuzz/driver.h"

#define BATCH   300
#define BATCHES 20
#define START   INT64_C(1700000000000)

static struct broker_log_config config;

static void append(struct broker_log *log, int i)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = START + i,
                                         .max_timestamp_ms = START + i,
                                         .producer_id = i % 3 ? i % 3 : -1,
                                         .producer_epoch = (int16_t)(i % 3 ? 0 : -1),
                                         .base_sequence = i % 3 ? i / 3 * 2 : -1,
                                         .attributes = i % 3 == 2 ? BROKER_BATCH_TRANSACTIONAL : 0,
                                         .record_count = 2};
    struct broker_append out;
    broker_batch_build_opaque(&header, BATCH - sizeof bytes, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, BATCH - sizeof bytes}};
    int rc = broker_log_append(log, spans, 2, i / 7, &out, NULL);
    assert(rc == BROKER_OK);
    if (out.pending)
        broker_log_publish(log);
}

static void append_marker(struct broker_log *log)
{
    uint8_t bytes[BROKER_MARKER_BYTES];
    struct broker_append out;
    struct broker_batch_header header = {.base_offset = broker_log_end_offset(log),
                                         .partition_leader_epoch = 3,
                                         .producer_id = 2,
                                         .max_timestamp_ms = START};
    broker_control_build(&header, BROKER_CONTROL_ABORT, 0, bytes);
    struct broker_span span = {bytes, sizeof bytes};
    int rc = broker_log_append_as_follower(log, &span, 1, 3, &out, NULL);
    assert(rc == BROKER_OK && out.error == KAFKA_NONE);
    broker_log_publish(log);
}

/* ---- the mangling ---- */

struct listing {
    char names[64][64];
    size_t count;
};

static void note(void *ctx, const char *name, bool is_folder)
{
    struct listing *listing = ctx;
    if (!is_folder && listing->count < 64)
        snprintf(listing->names[listing->count++], 64, "t-0/%.50s", name);
}

static void change_file(struct broker_env *env, const char *path, const uint8_t *op)
{
    static uint8_t bytes[65536];
    struct broker_file *file;
    size_t got = 0, where = (size_t)(op[2] << 8 | op[3]);
    if (env->ops->open(env, path, BROKER_OPEN_WRITE, &file) != BROKER_OK)
        return;
    env->ops->read_at(env, file, 0, bytes, sizeof bytes - 256, &got);
    if (got && op[0] % 8 < 3)
        bytes[where % got] ^= op[4];
    else if (op[0] % 8 < 5)
        got = got ? where % (got + 1) : 0;
    else
        for (int i = 0; i < op[4]; i++)
            bytes[got++] = (uint8_t)(where * (size_t)i);
    struct broker_span span = {bytes, got};
    env->ops->truncate(env, file, 0);
    if (got)
        env->ops->append(env, file, &span, 1);
    env->ops->close(env, file);
}

static void mangle(struct broker_env *env, const uint8_t *op)
{
    static const char *const suffixes[] = {".deleted", ".swap", ".cleaned", ".tmp"};
    struct listing listing = {.count = 0};
    char to[128];
    env->ops->list(env, "t-0", note, &listing);
    if (!listing.count)
        return;
    const char *path = listing.names[op[1] % listing.count];
    switch (op[0] % 8) {
    case 6:
        env->ops->remove(env, path);
        break;
    case 7:
        snprintf(to, sizeof to, "%s%s", path, suffixes[op[4] % 4]);
        env->ops->rename(env, path, to);
        break;
    default:
        change_file(env, path, op);
    }
}

static struct broker_log *open_log(struct broker_env *env, const uint8_t *data)
{
    struct broker_log *log;
    struct broker_err err = {0};
    if (broker_log_open(env, "t-0", &config, data[0] & 1, data[1] % 45, data[2] % 64 ? 0 : 17, &log,
                        NULL, &err) != BROKER_OK)
        return NULL;
    return log;
}

static void use(struct broker_log *log)
{
    struct broker_receipt receipt = {0};
    struct broker_region region;
    int64_t timestamp_ms, found, end = broker_log_end_offset(log);
    for (int64_t offset = broker_log_start_offset(log); offset < end && offset < 100; offset++) {
        enum broker_error error =
            broker_log_read(log, offset, 1000, true, BROKER_READ_END, &region, &receipt);
        assert(error == KAFKA_NONE);
        broker_region_release(&region);
        broker_log_offset_for_timestamp(log, START + offset / 2, BROKER_READ_END, &timestamp_ms,
                                        &found, &receipt);
    }
    broker_log_set_high_watermark(log, end);
    assert(broker_log_last_stable_offset(log) <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct broker_receipt receipt = {0};
    uint32_t deleted;
    if (size < 3)
        return 0;
    broker_log_config_init(&config);
    config.allow_holes = true;
    config.segment_bytes = 8 * BATCH;
    config.segment_index_bytes = 240;
    config.index_interval_bytes = BATCH;
    struct env_sim *sim = env_sim_new(1, UINT64_C(1) << 40);
    struct broker_env *env = env_sim_env(sim);
    env_sim_set_now(sim, START);
    struct broker_log *log;
    int rc = broker_log_open(env, "t-0", &config, true, 0, 0, &log, NULL, NULL);
    assert(rc == BROKER_OK);
    for (int i = 0; i < BATCHES; i++)
        append(log, i);
    append_marker(log);
    broker_log_abandon(log);
    for (size_t at = 3; at + 5 <= size; at += 5)
        mangle(env, data + at);
    log = open_log(env, data);
    if (log) {
        int64_t end = broker_log_end_offset(log);
        use(log);
        if (!(data[0] & 1) && data[1] % 45 == 0) {
            broker_log_check(log);
            broker_log_abandon(log);
            log = open_log(env, data);
            assert(log && broker_log_end_offset(log) == end);
        }
    }
    if (log) {
        struct broker_append out;
        uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
        struct broker_batch_header header = {.record_count = 1, .producer_id = -1};
        broker_batch_build_opaque(&header, 50, bytes);
        struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, 50}};
        if (broker_log_append(log, spans, 2, 9, &out, NULL) == BROKER_OK && out.pending)
            broker_log_publish(log);
        broker_log_truncate(log, data[2], &receipt, NULL);
        broker_log_retain(log, &deleted, &receipt, NULL);
        use(log);
        broker_log_close(log, &receipt, NULL);
    }
    env_sim_free(sim);
    return 0;
}
