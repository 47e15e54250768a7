/*
 * tests/agreement/test_log_agreement.c - the same requests to one log on real files and on files in memory: every answer, every receipt
 * and every byte of every file must be equal. Two replicas through partition/: test_partition_agreement.c.
 *
 * 240 sequences of 150 random steps each: appends as leader and follower, opaque and with records, with producers and
 * transactions; reads, offsets for timestamps, retention, deletion, truncation, rolls, flushes, clean stops and kills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/dir.h"
#include "broker-core/record/crc32c.h"
#include "broker-core/record/record.h"
#include "tests/support/both_envs.h"

enum { SEQUENCES = 240, STEPS = 150, SPANS_MAX = 64 };

static uint64_t random_state;

/* splitmix64 */
static uint64_t draw(uint64_t below)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

/* ---- one of the two sides ---- */

struct side {
    struct broker_env *env;
    struct broker_dir *dir;
    struct broker_log *log;
    struct broker_receipt receipt;
    struct broker_recovery recovery;
    struct broker_err err;
};

struct both {
    struct both_envs envs;
    uint64_t history;
    struct side sides[2];
    struct broker_log_config config;
    struct broker_dir_config dir_config;
    int32_t sequence[3]; /* next one of each producer */
    int32_t epoch;
};

static void both_init(struct both *b, uint64_t history)
{
    memset(b, 0, sizeof *b);
    b->history = history;
    both_envs_init(&b->envs, history);
    for (int i = 0; i < 2; i++)
        b->sides[i].env = b->envs.env[i];
}

static void both_release(struct both *b)
{
    for (int i = 0; i < 2; i++)
        broker_dir_abandon(b->sides[i].dir);
    both_envs_release(&b->envs);
}

static void draw_config(struct both *b)
{
    struct broker_log_config *c = &b->config;
    broker_log_config_init(c);
    broker_dir_config_init(&b->dir_config);
    c->allow_holes = true;
    c->segment_bytes = 2000 + (int64_t)draw(20000);
    c->segment_index_bytes = 24 + (int64_t)draw(300);
    c->index_interval_bytes = draw(2) ? 4096 : (int64_t)draw(3000);
    c->segment_ms = draw(3) ? 604800000 : 1000 + (int64_t)draw(5000);
    c->segment_jitter_ms = draw(3) ? 0 : 500;
    c->retention_ms = draw(2) ? -1 : (int64_t)draw(20000);
    c->retention_bytes = draw(2) ? -1 : (int64_t)draw(30000);
    c->flush_messages = draw(4) ? INT64_MAX : 1 + (int64_t)draw(50);
    c->log_append_time = draw(4) == 0;
    c->preallocate = draw(4) == 0;
    c->file_delete_delay_ms = (int64_t)draw(3000);
}

static void configure(void *ctx, const char *topic, struct broker_log_config *config)
{
    (void)topic;
    *config = ((struct both *)ctx)->config;
}

static void expect_ok(struct side *s, int rc)
{
    if (rc != BROKER_OK)
        fail_msg("%s: %s", broker_status_name(rc), s->err.text);
}

static void start(struct both *b)
{
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        s->recovery = (struct broker_recovery){0};
        expect_ok(s, broker_dir_open(s->env, "data", &b->dir_config, &s->dir, &s->err));
        expect_ok(s, broker_dir_load(s->dir, configure, b, &s->recovery, &s->err));
        expect_ok(s,
                  broker_dir_log(s->dir, "orders", 3, &b->config, &s->log, &s->receipt, &s->err));
    }
}

/* ---- what is compared ---- */

static void compare_logs(struct both *b)
{
    struct broker_log *a = b->sides[0].log, *z = b->sides[1].log;
    assert_int_equal(broker_log_start_offset(a), broker_log_start_offset(z));
    assert_int_equal(broker_log_end_offset(a), broker_log_end_offset(z));
    assert_int_equal(broker_log_high_watermark(a), broker_log_high_watermark(z));
    assert_int_equal(broker_log_last_stable_offset(a), broker_log_last_stable_offset(z));
    assert_int_equal(broker_log_recovery_point(a), broker_log_recovery_point(z));
    assert_int_equal(broker_log_size_bytes(a), broker_log_size_bytes(z));
    assert_int_equal(broker_log_segment_count(a), broker_log_segment_count(z));
    assert_int_equal(broker_log_latest_epoch(a), broker_log_latest_epoch(z));
    assert_int_equal(broker_dir_task_due_ms(b->sides[0].dir),
                     broker_dir_task_due_ms(b->sides[1].dir));
    assert_memory_equal(&b->sides[0].receipt, &b->sides[1].receipt, sizeof b->sides[0].receipt);
    assert_string_equal(b->sides[0].err.text, b->sides[1].err.text);
    broker_log_check(a);
    broker_log_check(z);
}

static void add(struct both *b, int i, const struct broker_receipt *receipt)
{
    broker_receipt_add(&b->sides[i].receipt, receipt);
}

static void append_spans(struct both *b, const struct broker_span *spans, size_t count, bool leader)
{
    struct broker_append out[2];
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        int rc = leader ? broker_log_append(s->log, spans, count, b->epoch, &out[i], &s->err)
                        : broker_log_append_as_follower(s->log, spans, count, b->epoch, &out[i],
                                                        &s->err);
        expect_ok(s, rc);
        add(b, i, &out[i].receipt);
    }
    assert_int_equal(out[0].error, out[1].error);
    assert_int_equal(out[0].base_offset, out[1].base_offset);
    assert_int_equal(out[0].last_offset, out[1].last_offset);
    assert_int_equal(out[0].log_append_time_ms, out[1].log_append_time_ms);
    assert_int_equal(out[0].size_bytes, out[1].size_bytes);
    assert_int_equal(out[0].duplicate, out[1].duplicate);
    assert_int_equal(out[0].rolled, out[1].rolled);
    assert_int_equal(out[0].pending, out[1].pending);
    for (int i = 0; i < 2 && out[0].pending; i++)
        broker_log_publish(b->sides[i].log);
}

/* ---- steps ---- */

static struct broker_batch_header draw_header(struct both *b)
{
    struct broker_batch_header header =
        fixture_header(1 + (int32_t)draw(20), fixture_now_ms - (int64_t)draw(3000));
    header.max_timestamp_ms += (int64_t)draw(100);
    if (draw(2)) {
        int p = (int)draw(3);
        header.producer_id = 100 + 900 * p;
        header.producer_epoch = 0;
        /* mostly right, sometimes a repeat or a hole */
        header.base_sequence = b->sequence[p] - (draw(6) ? 0 : (int32_t)draw(3));
        if (header.base_sequence < 0)
            header.base_sequence = 0;
        if (p == 2 && draw(2))
            header.attributes = BROKER_BATCH_TRANSACTIONAL;
        b->sequence[p] = header.base_sequence + header.record_count;
    }
    return header;
}

static void step_append_opaque(struct both *b)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    struct broker_batch_header header = draw_header(b);
    uint64_t size = 1 + draw(3000);
    header.attributes =
        (int16_t)(header.attributes | (int16_t)draw(5)); /* any codec: nobody looks */
    broker_batch_build_opaque(&header, size, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, size}};
    append_spans(b, spans, 2, true);
}

static void step_append_records(struct both *b)
{
    struct broker_builder builder;
    struct broker_batch_header header = draw_header(b);
    char value[400];
    uint8_t *bytes;
    size_t size;
    header.attributes = (int16_t)(header.attributes | (int16_t)draw(5));
    memset(value, 'v', sizeof value);
    broker_builder_init(&builder);
    for (int32_t i = 0; i < header.record_count; i++)
        broker_builder_add(&builder, fixture_now_ms - (int64_t)draw(50),
                           (struct broker_bytes){"key", 3},
                           (struct broker_bytes){value, (int32_t)draw(sizeof value)}, NULL, 0);
    broker_builder_finish(&builder, &header, &bytes, &size, NULL);
    broker_builder_release(&builder);
    if (draw(20) == 0)
        bytes[draw(size)] ^= 1; /* refused, mostly */
    struct broker_span span = {bytes, size};
    append_spans(b, &span, 1, true);
    free(bytes);
}

/* Several batches, also behind a gap, a marker among them, the last one torn. */
static void step_append_as_follower(struct both *b)
{
    static uint8_t headers[8][BROKER_MARKER_BYTES];
    struct broker_span spans[SPANS_MAX];
    size_t count = 0, batches = 1 + draw(6);
    int64_t next = broker_log_end_offset(b->sides[0].log) + (draw(5) ? 0 : (int64_t)draw(100));
    for (size_t i = 0; i < batches; i++) {
        struct broker_batch_header header = draw_header(b);
        header.base_offset = next;
        header.partition_leader_epoch = b->epoch + (draw(30) == 0);
        if (draw(5) == 0) {
            header.producer_id = 1900;
            header.producer_epoch = 0;
            broker_control_build(&header, (enum broker_control_type)draw(2), 1, headers[i]);
            spans[count++] = (struct broker_span){headers[i], BROKER_MARKER_BYTES};
            next += 1;
            continue;
        }
        uint64_t size = 1 + draw(1500);
        broker_batch_build_opaque(&header, size, headers[i]);
        spans[count++] = (struct broker_span){headers[i], BROKER_BATCH_HEADER_BYTES};
        spans[count++] = (struct broker_span){NULL, size};
        next += header.record_count;
    }
    if (draw(3) == 0)
        spans[count - 1].size -= draw(spans[count - 1].size);
    append_spans(b, spans, count, false);
}

static void step_read(struct both *b)
{
    int64_t offset = (int64_t)draw((uint64_t)broker_log_end_offset(b->sides[0].log) + 3);
    uint64_t max_bytes = draw(5000);
    bool min_one = draw(2);
    enum broker_read_bound bound = (enum broker_read_bound)draw(3);
    struct broker_region regions[2];
    enum broker_error errors[2];
    uint32_t crc[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        struct broker_view view;
        errors[i] =
            broker_log_read(s->log, offset, max_bytes, min_one, bound, &regions[i], &s->receipt);
        if (!regions[i].size_bytes)
            continue;
        expect_ok(s, s->env->ops->view(s->env, broker_region_file(&regions[i]), regions[i].position,
                                       regions[i].size_bytes, &view));
        assert_int_equal(view.size, regions[i].size_bytes);
        for (uint32_t k = 0; k < view.count; k++)
            crc[i] = view.spans[k].bytes
                         ? broker_crc32c(crc[i], view.spans[k].bytes, view.spans[k].size)
                         : broker_crc32c_zeros(crc[i], view.spans[k].size);
        s->env->ops->view_release(s->env, &view);
    }
    assert_int_equal(errors[0], errors[1]);
    assert_int_equal(regions[0].position, regions[1].position);
    assert_int_equal(regions[0].size_bytes, regions[1].size_bytes);
    assert_int_equal(regions[0].first_offset, regions[1].first_offset);
    assert_int_equal(crc[0], crc[1]);
    assert_int_equal(broker_log_available_bytes(b->sides[0].log, offset, bound),
                     broker_log_available_bytes(b->sides[1].log, offset, bound));
    broker_region_release(&regions[0]);
    broker_region_release(&regions[1]);
}

static void step_offset_for_timestamp(struct both *b)
{
    int64_t target = draw(4) ? fixture_now_ms - (int64_t)draw(20000) : -(int64_t)(1 + draw(4));
    int64_t found_ms[2], offset[2];
    for (int i = 0; i < 2; i++)
        broker_log_offset_for_timestamp(b->sides[i].log, target, BROKER_READ_HIGH_WATERMARK,
                                        &found_ms[i], &offset[i], &b->sides[i].receipt);
    assert_int_equal(found_ms[0], found_ms[1]);
    assert_int_equal(offset[0], offset[1]);
}

static void step_offsets(struct both *b)
{
    int64_t offset = (int64_t)draw((uint64_t)broker_log_end_offset(b->sides[0].log) + 1);
    bool start = draw(4) == 0;
    int answer[2];
    for (int i = 0; i < 2; i++)
        answer[i] = start ? (int)broker_log_set_start_offset(b->sides[i].log, offset)
                          : (int)broker_log_set_high_watermark(b->sides[i].log, offset);
    assert_int_equal(answer[0], answer[1]);
}

static void step_retain(struct both *b)
{
    uint32_t deleted[2];
    for (int i = 0; i < 2; i++)
        expect_ok(&b->sides[i], broker_log_retain(b->sides[i].log, &deleted[i],
                                                  &b->sides[i].receipt, &b->sides[i].err));
    assert_int_equal(deleted[0], deleted[1]);
}

static void step_truncate(struct both *b)
{
    int64_t start = broker_log_start_offset(b->sides[0].log);
    int64_t end = broker_log_end_offset(b->sides[0].log);
    int64_t offset = end - (int64_t)draw(30);
    bool fully = draw(8) == 0;
    if (offset < start)
        offset = start;
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        expect_ok(s, fully ? broker_log_truncate_fully(s->log, end + 5, &s->receipt, &s->err)
                           : broker_log_truncate(s->log, offset, &s->receipt, &s->err));
    }
}

static void step_epoch_or_flush(struct both *b)
{
    bool flush = draw(2);
    b->epoch += !flush;
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        expect_ok(s, flush ? broker_log_flush(s->log, INT64_MAX, &s->receipt, &s->err)
                           : broker_log_assign_epoch(s->log, b->epoch, &s->receipt, &s->err));
    }
}

static void step_time(struct both *b)
{
    both_envs_set_now(&b->envs, fixture_now_ms + (int64_t)draw(4000));
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        const char *what;
        while (broker_dir_task_due_ms(s->dir) <= fixture_now_ms)
            expect_ok(s, broker_dir_run_task(s->dir, fixture_now_ms, &s->receipt, &what, &s->err));
    }
}

static void step_stop(struct both *b)
{
    bool clean = draw(2);
    for (int i = 0; i < 2; i++) {
        struct side *s = &b->sides[i];
        if (clean)
            expect_ok(s, broker_dir_close(s->dir, &s->receipt, &s->err));
        else
            broker_dir_abandon(s->dir);
        s->dir = NULL;
        s->log = NULL;
    }
    both_envs_compare(&b->envs, "data", b->history);
    start(b);
    assert_memory_equal(&b->sides[0].recovery, &b->sides[1].recovery, sizeof b->sides[0].recovery);
    if (clean)
        assert_int_equal(b->sides[0].recovery.segments_scanned, 0);
}

static void one_step(struct both *b)
{
    typedef void step_fn(struct both * b);
    /* How often: of 24 */
    static step_fn *const steps[] = {step_append_opaque,
                                     step_append_opaque,
                                     step_append_opaque,
                                     step_append_opaque,
                                     step_append_records,
                                     step_append_records,
                                     step_append_records,
                                     step_append_as_follower,
                                     step_append_as_follower,
                                     step_read,
                                     step_read,
                                     step_read,
                                     step_read,
                                     step_read,
                                     step_offsets,
                                     step_offsets,
                                     step_offsets,
                                     step_retain,
                                     step_time,
                                     step_time,
                                     step_truncate,
                                     step_epoch_or_flush,
                                     step_stop,
                                     step_offset_for_timestamp};
    steps[draw(24)](b);
    compare_logs(b);
}

static void log__behaves_the_same_on_real_and_on_simulated_files(void **state)
{
    static struct both b;
    (void)state;
    for (uint64_t sequence = 0; sequence < SEQUENCES; sequence++) {
        random_state = sequence * 1000003;
        both_init(&b, sequence);
        draw_config(&b);
        start(&b);
        for (int i = 0; i < STEPS; i++)
            one_step(&b);
        both_envs_compare(&b.envs, "data", sequence);
        both_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__behaves_the_same_on_real_and_on_simulated_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
