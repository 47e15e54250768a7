/*
 * tests/agreement/test_partition_agreement.c - the same random histories of a leader and a follower on real files and on files in memory.
 * The logs alone, with more of their settings and of what a wire may bring: test_log_agreement.c.
 *
 * A world is a log dir with a leader's and a follower's partition, driven through the public calls of log/ and partition/.
 * Every returned offset, error, count, receipt and high watermark goes into the world's record, and so does every byte read;
 * after each step the two records must be equal, and now and then every file of both worlds is compared byte for byte.
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
#include "broker-core/partition/partition.h"
#include "broker-core/record/crc32c.h"
#include "tests/support/both_envs.h"

enum { SEQUENCES = 240, STEPS = 60, RECORD_MAX = 4096 };

/* What happened in a world during one step, as numbers. */
struct record {
    int64_t values[RECORD_MAX];
    uint32_t count;
};

struct world {
    struct broker_env *env;
    struct broker_dir *dir;
    struct broker_log *logs[2];
    struct broker_partition *parts[2]; /* replica 1 leads at first, replica 2 follows */
    struct broker_log_config config;
    struct record record;
};

/* How often the histories met what makes them worth comparing. */
static struct {
    uint32_t rolls, duplicates, refusals, deletions, truncations, divergences, out_of_range;
    uint32_t scans, holes_read;
} met;

static struct both_envs both;
static struct world worlds[2];

static void note(struct world *world, int64_t value)
{
    assert_true(world->record.count < RECORD_MAX);
    world->record.values[world->record.count++] = value;
}

static void note_receipt(struct world *world, const struct broker_receipt *r)
{
    uint64_t values[] = {
        r->appended_bytes, r->index_bytes, r->small_file_bytes, r->scanned_bytes, r->crc_bytes,
        r->synced_bytes,   r->syncs,       r->files_made,       r->files_removed, r->renames,
        r->batches,        r->records,     r->lookups};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        note(world, (int64_t)values[i]);
}

static void note_append(struct world *world, int status, const struct broker_append *append)
{
    note(world, status);
    note(world, append->error);
    met.rolls += append->rolled;
    met.duplicates += append->duplicate;
    met.refusals += append->error != KAFKA_NONE;
    note(world, append->base_offset);
    note(world, append->last_offset);
    note(world, append->log_append_time_ms);
    note(world, append->log_start_offset);
    note(world, (int64_t)append->size_bytes);
    note(world, append->record_count);
    note(world, append->duplicate | append->rolled << 1 | append->pending << 2);
    note_receipt(world, &append->receipt);
}

static void note_log(struct world *world, int which)
{
    const struct broker_log *log = world->logs[which];
    note(world, broker_log_start_offset(log));
    note(world, broker_log_end_offset(log));
    note(world, broker_log_high_watermark(log));
    note(world, broker_log_last_stable_offset(log));
    note(world, broker_log_recovery_point(log));
    note(world, (int64_t)broker_log_size_bytes(log));
    note(world, broker_log_segment_count(log));
    note(world, broker_log_latest_epoch(log));
}

/* Content of a borrowed range, as its size and checksum. */
static void note_view(struct world *world, const struct broker_view *view)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < view->count; i++)
        met.holes_read += !view->spans[i].bytes;
    for (uint32_t i = 0; i < view->count; i++)
        crc = view->spans[i].bytes ? broker_crc32c(crc, view->spans[i].bytes, view->spans[i].size)
                                   : broker_crc32c_zeros(crc, view->spans[i].size);
    note(world, (int64_t)view->size);
    note(world, crc);
}

/* ---- batches ---- */

static uint64_t next(uint64_t *random, uint64_t bound)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 33) % bound;
}

static size_t put_varint(uint8_t *to, int64_t value)
{
    uint64_t bits = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    size_t size = 0;
    while (bits >= 0x80) {
        to[size++] = (uint8_t)(bits | 0x80);
        bits >>= 7;
    }
    to[size++] = (uint8_t)bits;
    return size;
}

/* A record without key and headers: length, attributes, deltas, key -1, value, 0 headers. */
static size_t put_record(uint8_t *to, int32_t offset_delta, int64_t timestamp_delta, uint8_t fill,
                         size_t value_size)
{
    uint8_t body[400];
    size_t size = 1;
    body[0] = 0;
    size += put_varint(body + size, timestamp_delta);
    size += put_varint(body + size, offset_delta);
    size += put_varint(body + size, -1);
    size += put_varint(body + size, (int64_t)value_size);
    memset(body + size, fill, value_size);
    size += value_size;
    body[size++] = 0;
    size_t head = put_varint(to, (int64_t)size);
    memcpy(to + head, body, size);
    return head + size;
}

struct batch {
    uint8_t bytes[8192];
    struct broker_span spans[3];
    size_t count;
};

/* Producer state of the script: what an idempotent producer would send next. */
struct script {
    uint64_t random;
    int32_t sequence[3], last_count[3];
    int64_t now_ms;
    int32_t epoch;
    int32_t leader; /* index of the leading replica */
};

static void seal(struct batch *batch, struct broker_batch_header *header, size_t records_size)
{
    header->magic = 2;
    header->batch_length =
        (int32_t)(BROKER_BATCH_HEADER_BYTES - BROKER_BATCH_OVERHEAD_BYTES + records_size);
    header->last_offset_delta = header->record_count - 1;
    header->crc = 0;
    broker_batch_header_write(header, batch->bytes);
    const size_t crc_from =
        21; /* the checksum covers attributes and all after (record-format.md 1) */
    header->crc = broker_crc32c(0, batch->bytes + crc_from,
                                BROKER_BATCH_HEADER_BYTES - crc_from + records_size);
    broker_batch_header_write(header, batch->bytes);
}

static void make_batch(struct script *script, struct batch *batch)
{
    uint64_t *random = &script->random;
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = script->now_ms,
                                         .max_timestamp_ms = script->now_ms,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = 1 + (int32_t)next(random, 8)};
    if (next(random, 4) == 0) { /* an idempotent producer; at times it repeats or skips */
        size_t who = next(random, 3);
        header.producer_id = (int64_t)who + 100;
        header.producer_epoch = 0;
        if (next(random, 4) == 0 && script->sequence[who] > 0) {
            header.record_count = script->last_count[who];
            header.base_sequence = script->sequence[who] - header.record_count;
        } else {
            header.base_sequence = script->sequence[who] + (next(random, 8) == 0);
            script->last_count[who] = header.record_count;
            script->sequence[who] = header.base_sequence + header.record_count;
        }
    }
    if (next(random, 2)) { /* opaque */
        uint64_t hole = 1 + next(random, 900);
        header.max_timestamp_ms += (int64_t)next(random, 20);
        broker_batch_build_opaque(&header, hole, batch->bytes);
        batch->spans[0] = (struct broker_span){batch->bytes, BROKER_BATCH_HEADER_BYTES};
        batch->spans[1] = (struct broker_span){NULL, hole};
        batch->count = 2;
    } else {
        size_t size = BROKER_BATCH_HEADER_BYTES;
        for (int32_t i = 0; i < header.record_count; i++) {
            int64_t delta = (int64_t)next(random, 20);
            if (script->now_ms + delta > header.max_timestamp_ms)
                header.max_timestamp_ms = script->now_ms + delta;
            size += put_record(batch->bytes + size, i, delta, (uint8_t)next(random, 256),
                               next(random, 300));
        }
        seal(batch, &header, size - BROKER_BATCH_HEADER_BYTES);
        size_t cut = 1 + next(random, size - 1); /* spans need not follow the format */
        batch->spans[0] = (struct broker_span){batch->bytes, cut};
        batch->spans[1] = (struct broker_span){batch->bytes + cut, size - cut};
        batch->count = 2;
    }
    if (next(random, 25) == 0)
        batch->bytes[next(random, BROKER_BATCH_HEADER_BYTES)] ^= 1; /* damaged on its way */
}

/* ---- a world's life ---- */

static void configure(struct world *world, uint64_t random)
{
    broker_log_config_init(&world->config);
    world->config.allow_holes = true;
    world->config.segment_bytes = 2000 + (int64_t)next(&random, 12000);
    world->config.segment_ms = next(&random, 3) ? 3600000 : 20000;
    world->config.segment_index_bytes = next(&random, 2) ? 4096 : 48; /* full after 6 entries */
    world->config.index_interval_bytes = (int64_t)next(&random, 3) * 700;
    world->config.retention_ms = next(&random, 2) ? 60000 : -1;
    world->config.retention_bytes = next(&random, 2) ? 20000 : -1;
    world->config.log_append_time = next(&random, 4) == 0;
    if (next(&random, 4) == 0)
        world->config.flush_messages = 1 + (int64_t)next(&random, 20);
    if (next(&random, 4) == 0)
        world->config.flush_ms = 1000;
}

static void config_of(void *ctx, const char *topic, struct broker_log_config *config)
{
    (void)topic;
    *config = ((struct world *)ctx)->config;
}

static void open_world(struct world *world)
{
    static const char *const topics[2] = {"first", "second"};
    struct broker_dir_config dir_config;
    struct broker_recovery total = {0};
    struct broker_receipt receipt = {0};
    struct broker_err err = {{0}};
    broker_dir_config_init(&dir_config);
    int status = broker_dir_open(world->env, "data", &dir_config, &world->dir, &err);
    if (status != BROKER_OK)
        fail_msg("open: %s", err.text);
    note(world, broker_dir_load(world->dir, config_of, world, &total, &err));
    note(world, total.segments_scanned);
    met.scans += total.segments_scanned;
    note(world, (int64_t)total.bytes_scanned);
    note(world, (int64_t)total.bytes_truncated);
    note(world, total.segments_dropped);
    struct broker_partition_config partition_config = {1, 30000};
    for (int i = 0; i < 2; i++) {
        status = broker_dir_log(world->dir, topics[i], 0, &world->config, &world->logs[i], &receipt,
                                &err);
        if (status != BROKER_OK)
            fail_msg("log: %s", err.text);
        broker_log_set_high_watermark(
            world->logs[i], broker_dir_checkpointed_high_watermark(world->dir, topics[i], 0));
        world->parts[i] =
            broker_partition_new(world->env, world->logs[i], i + 1, &partition_config);
        note_log(world, i);
    }
    note_receipt(world, &receipt);
}

static void lead(struct world *world, const struct script *script)
{
    struct broker_partition_state state = {.leader = script->leader + 1,
                                           .leader_epoch = script->epoch,
                                           .partition_epoch = script->epoch,
                                           .replica_count = 2,
                                           .replicas = {1, 2},
                                           .isr_count = 2,
                                           .isr = {1, 2}};
    struct broker_receipt receipt = {0};
    for (int i = 0; i < 2; i++)
        note(world, broker_partition_apply(world->parts[i], &state, &receipt, NULL));
    note_receipt(world, &receipt);
}

static void close_world(struct world *world, bool clean)
{
    struct broker_receipt receipt = {0};
    for (int i = 0; i < 2; i++)
        broker_partition_free(world->parts[i]);
    if (clean)
        note(world, broker_dir_close(world->dir, &receipt, NULL));
    else
        broker_dir_abandon(world->dir);
    note_receipt(world, &receipt);
}

/* ---- steps ---- */

static void produce(struct world *world, const struct script *script, const struct batch *batch)
{
    struct broker_append append;
    struct broker_partition *leader = world->parts[script->leader];
    int status = broker_partition_append(leader, batch->spans, batch->count, 1, &append, NULL);
    note_append(world, status, &append);
    note(world, broker_log_end_offset(world->logs[script->leader])); /* not yet published */
    if (append.pending)
        note(world, broker_partition_publish(leader));
}

static bool fetch(struct world *world, int which, int32_t replica_id, int64_t offset,
                  int32_t last_epoch, uint64_t max_bytes, struct broker_fetch_got *got,
                  struct broker_view *view)
{
    struct broker_receipt receipt = {0};
    bool moved;
    struct broker_fetch_want want = {.fetch_offset = offset,
                                     .log_start_offset = 0,
                                     .current_leader_epoch = -1,
                                     .last_fetched_epoch = last_epoch,
                                     .partition_max_bytes = UINT32_MAX};
    broker_partition_fetch(world->parts[which], replica_id, &want, max_bytes, true, false, true,
                           true, got, &moved, &receipt);
    note(world, got->error);
    note(world, got->high_watermark);
    note(world, got->last_stable_offset);
    note(world, got->log_start_offset);
    note(world, got->diverging_epoch);
    note(world, got->diverging_end_offset);
    note(world, (int64_t)got->region.size_bytes);
    note(world, moved);
    note_receipt(world, &receipt);
    if (got->region.size_bytes == 0)
        return false;
    note(world, got->region.first_offset);
    note(world, (int64_t)got->region.position);
    note(world, world->env->ops->view(world->env, broker_region_file(&got->region),
                                      got->region.position, got->region.size_bytes, view));
    note_view(world, view);
    return true;
}

static void consume(struct world *world, const struct script *script, int64_t ahead,
                    uint64_t max_bytes)
{
    struct broker_fetch_got got;
    struct broker_view view;
    int64_t offset = broker_log_start_offset(world->logs[script->leader]) + ahead;
    if (fetch(world, script->leader, -1, offset, -1, max_bytes, &got, &view)) {
        world->env->ops->view_release(world->env, &view);
        broker_region_release(&got.region);
    }
}

/* One round of the follower's loop, all of Kafka's cases in it. */
static void follow(struct world *world, const struct script *script, uint64_t max_bytes)
{
    int leader = script->leader, follower = 1 - leader;
    struct broker_partition *part = world->parts[follower];
    struct broker_log *log = world->logs[follower];
    struct broker_fetch_got got;
    struct broker_view view = {.count = 0};
    struct broker_append append;
    struct broker_receipt receipt = {0};
    bool again = false;
    int64_t next_offset = -1;
    bool data = fetch(world, leader, follower + 1, broker_log_end_offset(log),
                      broker_log_latest_epoch(log), max_bytes, &got, &view);
    met.out_of_range += got.error == KAFKA_OFFSET_OUT_OF_RANGE;
    met.divergences += got.diverging_epoch != -1;
    if (got.error == KAFKA_OFFSET_OUT_OF_RANGE) {
        note(world, broker_partition_resolve_out_of_range(
                        part, broker_log_start_offset(world->logs[leader]),
                        broker_log_end_offset(world->logs[leader]), &next_offset, &receipt, NULL));
        note(world, next_offset);
    } else if (got.diverging_epoch != -1) {
        note(world,
             broker_partition_truncate_to_epoch(part, got.diverging_epoch, got.diverging_end_offset,
                                                &again, &receipt, NULL));
        note(world, again);
    } else if (got.error == KAFKA_NONE) {
        int status = broker_partition_append_as_follower(part, view.spans, data ? view.count : 0,
                                                         got.high_watermark, got.log_start_offset,
                                                         &append, NULL);
        note_append(world, status, &append);
        note(world, broker_partition_publish(part));
    }
    note_receipt(world, &receipt);
    if (data) {
        world->env->ops->view_release(world->env, &view);
        broker_region_release(&got.region);
    }
}

static void look_up(struct world *world, const struct script *script, int64_t target)
{
    struct broker_receipt receipt = {0};
    int64_t timestamp_ms, offset, end;
    note(world, broker_partition_list_offset(world->parts[script->leader], -1, false, -1, target,
                                             &timestamp_ms, &offset, &receipt));
    note(world, timestamp_ms);
    note(world, offset);
    for (int i = 0; i < 2; i++) {
        note(world, broker_log_end_offset_for_epoch(world->logs[i], script->epoch - 1, &end));
        note(world, end);
    }
    note_receipt(world, &receipt);
}

static void maintain(struct world *world, const struct script *script, uint64_t kind, int64_t back)
{
    struct broker_receipt receipt = {0};
    uint32_t deleted = 0;
    for (int i = 0; i < 2; i++) {
        struct broker_log *log = world->logs[i];
        int64_t high_watermark = broker_log_high_watermark(log);
        if (kind == 0)
            note(world, broker_log_retain(log, &deleted, &receipt, NULL));
        else if (kind == 1)
            note(world, broker_log_set_start_offset(log, high_watermark - back));
        else if (kind == 2)
            note(world, broker_log_flush(log, INT64_MAX, &receipt, NULL));
        else if (i != script->leader &&
                 ++met.truncations) /* back from an unclean change: cut and fetch again */
            note(world, broker_log_truncate(log, high_watermark > back ? high_watermark - back : 0,
                                            &receipt, NULL));
        note(world, deleted);
        met.deletions += deleted;
    }
    note_receipt(world, &receipt);
}

static void run_tasks(struct world *world, int64_t now_ms)
{
    struct broker_receipt receipt = {0};
    for (int ran = 0; ran < 50 && broker_dir_task_due_ms(world->dir) <= now_ms; ran++) {
        const char *what = "";
        note(world, broker_dir_run_task(world->dir, now_ms, &receipt, &what, NULL));
        note(world, broker_crc32c(0, what, strlen(what)));
    }
    note(world, broker_dir_task_due_ms(world->dir));
    note_receipt(world, &receipt);
}

/* ---- comparing ---- */

static void compare_records(uint64_t seed, int step, const char *what)
{
    const struct record *a = &worlds[0].record, *b = &worlds[1].record;
    for (uint32_t i = 0; i < a->count && i < b->count; i++)
        if (a->values[i] != b->values[i])
            fail_msg("sequence %lu, step %d (%s), value %u: %ld on files, %ld in memory",
                     (unsigned long)seed, step, what, i, (long)a->values[i], (long)b->values[i]);
    assert_int_equal(a->count, b->count);
    worlds[0].record.count = worlds[1].record.count = 0;
}

/* ---- a sequence ---- */

static void set_clock(struct script *script, int64_t now_ms)
{
    script->now_ms = now_ms;
    both_envs_set_now(&both, now_ms);
}

static const char *step(struct script *script)
{
    uint64_t *random = &script->random;
    struct batch batch;
    uint64_t kind = next(random, 40), a = next(random, 20), b = next(random, 3000);
    const char *what = "";
    set_clock(script, script->now_ms + (int64_t)next(random, kind == 0 ? 100000 : 300));
    if (kind >= 18)
        make_batch(script, &batch);
    if (kind >= 1 && kind <= 3) {
        script->epoch++;
        script->leader = kind == 1 ? 1 - script->leader : script->leader;
    }
    for (int w = 0; w < 2; w++) {
        struct world *world = worlds + w;
        if (kind == 0) {
            what = "tasks after a pause";
            run_tasks(world, script->now_ms);
        } else if (kind == 1) {
            what = "change of leader";
            lead(world, script);
        } else if (kind == 2 || kind == 3) {
            what = kind == 2 ? "crash" : "restart";
            close_world(world, kind == 3);
            if (w == 1 && kind == 2)
                env_sim_restart(both.memory);
            open_world(world);
            lead(world, script);
        } else if (kind < 8) {
            what = "maintenance";
            maintain(world, script, kind - 4, (int64_t)a - 2);
        } else if (kind == 8) {
            what = "look-up";
            look_up(world, script, a < 4 ? -1 - (int64_t)a : script->now_ms - (int64_t)(a * b));
        } else if (kind == 9) {
            what = "tasks";
            run_tasks(world, script->now_ms);
        } else if (kind < 14) {
            what = "consumer";
            consume(world, script, (int64_t)a * (int64_t)a - 1, b);
        } else if (kind < 18) {
            what = "follower";
            follow(world, script, b);
        } else {
            what = "produce";
            produce(world, script, &batch);
        }
        note_log(world, 0);
        note_log(world, 1);
    }
    return what;
}

static void run_sequence(uint64_t seed)
{
    struct script script = {.random = seed};
    both_envs_init(&both, seed);
    worlds[0] = (struct world){.env = both.env[BOTH_FILES]};
    worlds[1] = (struct world){.env = both.env[BOTH_MEMORY]};
    set_clock(&script, FIXTURE_START_MS);
    for (int w = 0; w < 2; w++) {
        configure(&worlds[w], seed * 77);
        open_world(&worlds[w]);
        lead(&worlds[w], &script);
    }
    compare_records(seed, -1, "open");
    for (int i = 0; i < STEPS; i++) {
        const char *what = step(&script);
        compare_records(seed, i, what);
        if (i % 20 == 19)
            both_envs_compare(&both, "data", seed);
    }
    for (int w = 0; w < 2; w++)
        close_world(&worlds[w], true);
    compare_records(seed, STEPS, "close");
    both_envs_compare(&both, "data", seed);
    both_envs_release(&both);
}

static void histories__are_the_same_on_files_and_in_memory(void **state)
{
    (void)state;
    /* Fixtures lie in memory if they can, which is thirty times as fast; some of these go to a disk. */
    bool choose = !getenv("TMPDIR");
    for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
        if (choose && seed % 20 == 0)
            setenv("TMPDIR", "/tmp", 1);
        run_sequence(seed);
        if (choose)
            unsetenv("TMPDIR");
    }
    const uint32_t *counts = (const uint32_t *)&met;
    for (size_t i = 0; i < sizeof met / sizeof *counts; i++) {
        assert_true(counts[i] >= 20); /* a history that meets nothing proves nothing */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories__are_the_same_on_files_and_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
