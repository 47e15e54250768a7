/*
 * tests/model/test_crash.c - a run is stopped at its n-th change of the disk, for every n, by a kill and by a power loss.
 *
 * After recovery: what was synced before the stop is there, everything that is served is a whole batch that was once written at its
 * offset, and a second recovery finds the same bytes and changes none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "broker-core/record/crc32c.h"
#include "model/broker/env_sim.h"

enum { LOGS = 2, SCRIPTS = 4, OFFSETS_MAX = 2000, VERSIONS = 4 };
#define START_MS INT64_C(1700000000000)

static struct env_sim *sim;
static struct broker_env *env;

/* One log of the run, and what the run knows of it. */
struct subject {
    const char *topic;
    struct broker_log *log;
    int64_t written_end; /* offsets below were appended, and nothing asked to drop them */
    int64_t synced_end;  /* and were synced */
    int64_t start_after; /* the highest start offset that may be in force after a crash */
    /* checksums of the batches that were ever written at an offset */
    uint32_t written[OFFSETS_MAX][VERSIONS];
    uint32_t version_count[OFFSETS_MAX];
    /* first and last offsets of the batches that are in the log now, the newest last */
    int64_t bases[OFFSETS_MAX], lasts[OFFSETS_MAX];
    uint32_t base_count;
    bool empty; /* after recovery */
};

static struct run {
    struct broker_dir *dir;
    struct subject subjects[LOGS];
    int64_t now_ms;
    uint64_t random;
    bool stopped;
    bool power_lost;
} run;

static uint64_t next(uint64_t bound)
{
    run.random = run.random * 6364136223846793005u + 1442695040888963407u;
    return (run.random >> 33) % bound;
}

static void config_of(void *ctx, const char *topic, struct broker_log_config *config)
{
    (void)ctx, (void)topic;
    broker_log_config_init(config);
    config->allow_holes = true;
    config->segment_bytes = 1500;
    config->segment_index_bytes = 120;
    config->index_interval_bytes = 300;
    config->retention_bytes = 6000;
    config->file_delete_delay_ms = 200;
}

/* Whether the run goes on after a call that may have met the stop. */
static bool alive(int status)
{
    if (status != BROKER_OK) {
        assert_true(env_sim_stopped(sim));
        run.stopped = true;
    }
    return !run.stopped;
}

static bool open_all(struct broker_recovery *recovery)
{
    struct broker_dir_config dir_config;
    struct broker_err err = {{0}};
    broker_dir_config_init(&dir_config);
    dir_config.initial_task_delay_ms = 100;
    dir_config.retention_check_interval_ms = 2000;
    dir_config.recovery_point_checkpoint_interval_ms = 1000;
    dir_config.start_offset_checkpoint_interval_ms = 1000;
    dir_config.high_watermark_checkpoint_interval_ms = 500;
    run.dir = NULL;
    int status = broker_dir_open(env, "data", &dir_config, &run.dir, &err);
    if (status == BROKER_OK)
        status = broker_dir_load(run.dir, config_of, NULL, recovery, &err);
    for (int i = 0; i < LOGS && status == BROKER_OK; i++) {
        struct broker_receipt receipt = {0};
        struct broker_log_config config;
        config_of(NULL, run.subjects[i].topic, &config);
        status = broker_dir_log(run.dir, run.subjects[i].topic, 0, &config, &run.subjects[i].log,
                                &receipt, &err);
    }
    if (status != BROKER_OK && !env_sim_stopped(sim))
        fail_msg("open: %s", err.text);
    return alive(status);
}

/* ---- the run ---- */

static void remember(struct subject *s, const struct broker_append *append, uint32_t crc)
{
    uint32_t *count = &s->version_count[append->base_offset];
    assert_true(append->last_offset < OFFSETS_MAX && *count < VERSIONS);
    s->written[append->base_offset][(*count)++] = crc;
}

static bool append(struct subject *s)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = run.now_ms,
                                         .max_timestamp_ms = run.now_ms,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = 1 + (int32_t)next(4)};
    uint64_t hole = 20 + next(300);
    broker_batch_build_opaque(&header, hole, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, hole}};
    struct broker_append out;
    /* What may reach the disk even if the call does not come back. */
    struct broker_append expected = {.base_offset = broker_log_end_offset(s->log)};
    expected.last_offset = expected.base_offset + header.record_count - 1;
    remember(s, &expected, header.crc);
    int status = broker_log_append(s->log, spans, 2, 3, &out, NULL);
    if (!alive(status))
        return false;
    assert_int_equal(out.error, KAFKA_NONE);
    assert_int_equal(out.base_offset, expected.base_offset);
    broker_log_publish(s->log);
    s->written_end = out.last_offset + 1;
    s->bases[s->base_count] = out.base_offset;
    s->lasts[s->base_count++] = out.last_offset;
    return true;
}

static bool flush(struct subject *s)
{
    struct broker_receipt receipt = {0};
    if (!alive(broker_log_flush(s->log, INT64_MAX, &receipt, NULL)))
        return false;
    s->synced_end = s->written_end;
    return true;
}

static bool truncate(struct subject *s)
{
    struct broker_receipt receipt = {0};
    int64_t end = broker_log_end_offset(s->log);
    int64_t target = end - (int64_t)next(12);
    if (target < broker_log_start_offset(s->log))
        return true;
    /* The batch that holds the target goes as a whole (log-storage.md section 9). */
    while (target < end && s->base_count > 0 && s->lasts[s->base_count - 1] >= target)
        s->base_count--;
    int64_t kept_end = s->base_count > 0 ? s->lasts[s->base_count - 1] + 1 : 0;
    if (kept_end < s->synced_end)
        s->synced_end = kept_end;
    if (kept_end < s->written_end)
        s->written_end = kept_end;
    return alive(broker_log_truncate(s->log, target, &receipt, NULL));
}

static bool drop_front(struct subject *s)
{
    struct broker_receipt receipt = {0};
    uint32_t deleted;
    broker_log_set_high_watermark(s->log, broker_log_end_offset(s->log));
    int64_t high_watermark = broker_log_high_watermark(s->log);
    if (next(2)) {
        assert_int_equal(broker_log_set_start_offset(s->log, high_watermark * 2 / 3), KAFKA_NONE);
        if (broker_log_start_offset(s->log) > s->start_after)
            s->start_after = broker_log_start_offset(s->log);
    }
    /* Retention may drop up to the high watermark before the call comes back. */
    s->start_after = s->start_after > high_watermark ? s->start_after : high_watermark;
    if (!alive(broker_log_retain(s->log, &deleted, &receipt, NULL)))
        return false;
    s->start_after = broker_log_start_offset(s->log);
    return true;
}

static bool run_tasks(void)
{
    for (int i = 0; i < LOGS; i++) {
        struct subject *s = run.subjects + i;
        broker_log_set_high_watermark(s->log, broker_log_end_offset(s->log));
        s->start_after = broker_log_end_offset(s->log); /* a task may be the retention check */
    }
    while (broker_dir_task_due_ms(run.dir) <= run.now_ms) {
        struct broker_receipt receipt = {0};
        const char *what;
        if (!alive(broker_dir_run_task(run.dir, run.now_ms, &receipt, &what, NULL)))
            return false;
    }
    for (int i = 0; i < LOGS; i++)
        run.subjects[i].start_after = broker_log_start_offset(run.subjects[i].log);
    return true;
}

static bool restart(void)
{
    struct broker_receipt receipt = {0};
    struct broker_recovery recovery = {0};
    int status = broker_dir_close(run.dir, &receipt, NULL);
    run.dir = NULL; /* closed, also after an error */
    if (!alive(status))
        return false;
    for (int i = 0; i < LOGS; i++)
        run.subjects[i].synced_end = run.subjects[i].written_end;
    return open_all(&recovery);
}

static bool step(void)
{
    struct subject *s = run.subjects + next(LOGS);
    run.now_ms += 60;
    env_sim_set_now(sim, run.now_ms);
    switch (next(24)) {
    case 0:
    case 1:
        return flush(s);
    case 2:
        return truncate(s);
    case 3:
        return drop_front(s);
    case 4:
    case 5:
        return run_tasks();
    case 6:
        return next(3) || restart();
    default:
        return append(s);
    }
}

/* Runs until the end or the stop; the process is gone afterwards. */
static void run_script(uint64_t script, uint64_t stop_at, uint64_t torn_bytes)
{
    static const char *const topics[LOGS] = {"first", "second"};
    struct broker_recovery recovery = {0};
    sim = env_sim_new(1, UINT64_MAX);
    env = env_sim_env(sim);
    env_sim_track_durability(sim);
    run = (struct run){.now_ms = START_MS, .random = script};
    for (int i = 0; i < LOGS; i++)
        run.subjects[i].topic = topics[i];
    env_sim_set_now(sim, run.now_ms);
    /* The log dir's own folder is there before a broker ever starts. */
    assert_int_equal(env->ops->make_folder(env, "data"), BROKER_OK);
    assert_int_equal(env->ops->sync_folder(env, ""), BROKER_OK);
    env_sim_fail_after(sim, stop_at, torn_bytes);
    bool going = open_all(&recovery);
    for (int i = 0; i < 220 && going; i++)
        going = step();
    if (run.dir)
        broker_dir_abandon(run.dir);
    run.dir = NULL;
}

/* ---- after the crash ---- */

static void check_batch(const struct subject *s, const struct broker_batch_header *header)
{
    bool known = false;
    for (uint32_t i = 0; i < s->version_count[header->base_offset]; i++)
        known |= s->written[header->base_offset][i] == header->crc;
    if (!known)
        fail_msg("%s: the batch at %ld was never written", s->topic, (long)header->base_offset);
}

static void check_served(struct subject *s)
{
    static bool served[OFFSETS_MAX];
    struct broker_receipt receipt = {0};
    memset(served, 0, sizeof served);
    int64_t offset = broker_log_start_offset(s->log), end = broker_log_end_offset(s->log);
    int64_t kept_end = run.power_lost ? s->synced_end : s->written_end;
    if (end < kept_end)
        fail_msg("%s: ends at %ld, had to keep %ld", s->topic, (long)end, (long)kept_end);
    if (offset > s->start_after)
        fail_msg("%s: starts at %ld, highest start was %ld", s->topic, (long)offset,
                 (long)s->start_after);
    while (offset < end) {
        struct broker_region region;
        struct broker_view view;
        struct broker_batch_header header;
        enum broker_error error;
        struct broker_err err = {{0}};
        uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
        size_t got;
        assert_int_equal(
            broker_log_read(s->log, offset, 1, true, BROKER_READ_END, &region, &receipt),
            KAFKA_NONE);
        if (region.size_bytes == 0) /* a truncation cut the last batch and a new segment follows */
            break;
        struct broker_file *file = broker_region_file(&region);
        env->ops->read_at(env, file, region.position, bytes, sizeof bytes, &got);
        assert_int_equal(got, sizeof bytes);
        broker_batch_header_read(bytes, &header);
        env->ops->view(env, file, region.position, broker_batch_size(&header), &view);
        if (broker_batch_check(view.spans, view.count, BROKER_CHECK_CRC | BROKER_CHECK_ALLOW_HOLES,
                               &header, &error, &err) != BROKER_OK)
            fail_msg("%s: torn batch at %ld is served: %s", s->topic, (long)offset, err.text);
        env->ops->view_release(env, &view);
        broker_region_release(&region);
        check_batch(s, &header);
        served[header.base_offset] =
            true; /* offsets may be missing where a truncation cut a batch */
        offset = broker_batch_last_offset(&header) + 1;
    }
    for (uint32_t i = 0; i < s->base_count; i++)
        if (s->bases[i] >= broker_log_start_offset(s->log) && s->bases[i] < kept_end &&
            !served[s->bases[i]])
            fail_msg("%s: the batch at %ld is gone", s->topic, (long)s->bases[i]);
    broker_log_check(s->log);
}

/* A line for each file below a folder: path, size, checksum. */
struct listing {
    char text[1 << 15];
    size_t used;
    bool with_epochs;
    char folder[BROKER_PATH_MAX];
};

static void list_folder(struct listing *listing, const char *folder);

/* Kafka moves the last epoch of a log without records to its start offset; lying at the end, the next start drops it. */
static bool in_empty_log(const char *path)
{
    for (int i = 0; i < LOGS; i++)
        if (run.subjects[i].empty && strstr(path, run.subjects[i].topic))
            return true;
    return false;
}

static void list_one(void *ctx, const char *name, bool is_folder)
{
    struct listing *listing = ctx;
    char path[2 * BROKER_PATH_MAX];
    uint8_t bytes[512];
    struct broker_file *file;
    size_t got = 1;
    uint32_t crc = 0;
    if (strstr(name, ".deleted")) /* waits for file.delete.delay.ms, and goes at the next start */
        return;
    snprintf(path, sizeof path, "%s/%s", listing->folder, name);
    if (strcmp(name, "leader-epoch-checkpoint") == 0 &&
        (!listing->with_epochs || in_empty_log(path)))
        return;
    if (is_folder) {
        list_folder(listing, path);
        return;
    }
    assert_int_equal(env->ops->open(env, path, BROKER_OPEN_READ, &file), BROKER_OK);
    for (uint64_t at = 0; got > 0; at += got) {
        env->ops->read_at(env, file, at, bytes, sizeof bytes, &got);
        crc = broker_crc32c(crc, bytes, got);
    }
    listing->used +=
        (size_t)snprintf(listing->text + listing->used, sizeof listing->text - listing->used,
                         "%s %lu %08x\n", path, (unsigned long)env->ops->size(env, file), crc);
    assert_true(listing->used < sizeof listing->text);
    env->ops->close(env, file);
}

static void list_folder(struct listing *listing, const char *folder)
{
    char above[BROKER_PATH_MAX];
    memcpy(above, listing->folder, sizeof above);
    snprintf(listing->folder, sizeof listing->folder, "%s", folder);
    assert_int_equal(env->ops->list(env, folder, list_one, listing), BROKER_OK);
    memcpy(listing->folder, above, sizeof above);
}

static void list_again(struct listing *listing)
{
    listing->used = 0;
    listing->text[0] = 0;
    listing->with_epochs = true;
    list_folder(listing, "data");
}

static void recover(int64_t ends[LOGS], struct listing *listing, bool with_epochs)
{
    struct broker_recovery recovery = {0};
    run.stopped = false;
    assert_true(open_all(&recovery));
    for (int i = 0; i < LOGS; i++) {
        check_served(run.subjects + i);
        ends[i] = broker_log_end_offset(run.subjects[i].log);
        run.subjects[i].empty = broker_log_start_offset(run.subjects[i].log) == ends[i];
    }
    broker_dir_abandon(run.dir);
    env_sim_restart(sim);
    listing->used = 0;
    listing->with_epochs = with_epochs;
    listing->text[0] = 0;
    list_folder(listing, "data");
}

static void compare(uint64_t n, const struct listing *before, const struct listing *after)
{
    if (strcmp(before->text, after->text) == 0)
        return;
    size_t line = 0;
    for (size_t i = 0; before->text[i] == after->text[i]; i++)
        if (before->text[i] == '\n')
            line = i + 1;
    fail_msg("stopped at %lu, another recovery changed\n%.120s\nto\n%.120s", (unsigned long)n,
             before->text + line, after->text + line);
}

static void check_recovery(uint64_t n)
{
    int64_t first[LOGS], second[LOGS];
    static struct listing before, after;
    struct broker_file *marker;
    /* Stopped between a clean shutdown and the next start: nothing to recover yet, so make that start first. */
    if (env->ops->open(env, "data/.kafka_cleanshutdown", BROKER_OPEN_READ, &marker) == BROKER_OK) {
        env->ops->close(env, marker);
        recover(first, &before, false);
    }
    recover(first, &before, false);
    recover(second, &after, false);
    assert_memory_equal(first, second, sizeof first);
    compare(n, &before, &after);
    /*
     * Kafka's epoch file may take one recovery more: an epoch that retention had moved beyond what is left is dropped by the first, and
     * noted again from the batches by the second.
     */
    list_again(&before);
    recover(second, &after, true);
    compare(n, &before, &after);
}

static uint64_t writes_of_whole_run(uint64_t script)
{
    run_script(script, 0, 0);
    assert_false(run.stopped);
    uint64_t writes = env_sim_writes(sim) - 2; /* without the two that made the folder */
    env_sim_free(sim);
    return writes;
}

static void kill__at_every_write_keeps_what_was_written(void **state)
{
    (void)state;
    for (uint64_t script = 1; script <= SCRIPTS; script++) {
        uint64_t writes = writes_of_whole_run(script);
        assert_true(writes > 300);
        for (uint64_t n = 1; n <= writes; n++) {
            run_script(script, n, n % 3 ? n * 7 % 90 : 0); /* some of the last appends are torn */
            assert_true(run.stopped);
            env_sim_restart(sim);
            check_recovery(n);
            env_sim_free(sim);
        }
    }
}

static void power_loss__at_every_write_keeps_what_was_synced(void **state)
{
    (void)state;
    for (uint64_t script = 1; script <= SCRIPTS; script++) {
        uint64_t writes = writes_of_whole_run(script);
        for (uint64_t n = 1; n <= writes; n++) {
            run_script(script, n, 0);
            env_sim_power_loss(sim, n * SCRIPTS + script);
            run.power_lost = true;
            check_recovery(n);
            env_sim_free(sim);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kill__at_every_write_keeps_what_was_written),
        cmocka_unit_test(power_loss__at_every_write_keeps_what_was_synced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
