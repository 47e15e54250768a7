/*
 * tests/bench/bench_log.c - what the real log costs a simulated batch.
 *
 * log.append  ns an opaque batch of 16 KiB appended and published, over 64 logs in turn, with rolls. Yardstick: the same spans
 *             checked by CRC and appended to 64 files of the same environment, with nothing else kept.
 * log.read    ns a read of the newest batch, as a follower that is in sync does it. Yardstick: a view of the same bytes.
 * crc32c      ns a batch of 16 KiB. Yardstick: the same bytes added up as 64-bit words.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/log/log.h"
#include "broker-core/record/crc32c.h"
#include "model/broker/env_sim.h"
#include "tests/support/bench.h"

#define LOGS    64
#define BATCH   16384
#define RECORDS 16
#define START   INT64_C(1700000000000)

struct world {
    struct env_sim *sim;
    struct broker_env *env;
    struct broker_log *logs[LOGS];
    struct broker_file *files[LOGS];
    uint8_t header[BROKER_BATCH_HEADER_BYTES];
    struct broker_span spans[2];
};

static void must(int rc, const struct broker_err *err)
{
    if (rc == BROKER_OK)
        return;
    fprintf(stderr, "bench_log: %s\n", err ? err->text : broker_status_name(rc));
    exit(1);
}

static void world_open(struct world *w)
{
    struct broker_err err = {0};
    struct broker_log_config config;
    broker_log_config_init(&config);
    config.allow_holes = true;
    config.segment_bytes = 64 << 20;
    config.retention_bytes = 64 << 20;
    w->sim = env_sim_new(1, UINT64_C(1) << 50);
    w->env = env_sim_env(w->sim);
    env_sim_set_now(w->sim, START);
    for (int i = 0; i < LOGS; i++) {
        char name[16];
        snprintf(name, sizeof name, "t-%d", i);
        must(broker_log_open(w->env, name, &config, true, 0, 0, &w->logs[i], NULL, &err), &err);
        snprintf(name, sizeof name, "f-%d", i);
        must(w->env->ops->open(w->env, name, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &w->files[i]),
             &err);
    }
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = START,
                                         .max_timestamp_ms = START,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = RECORDS};
    broker_batch_build_opaque(&header, BATCH - sizeof w->header, w->header);
    w->spans[0] = (struct broker_span){w->header, sizeof w->header};
    w->spans[1] = (struct broker_span){NULL, BATCH - sizeof w->header};
}

static void world_close(struct world *w)
{
    for (int i = 0; i < LOGS; i++) {
        broker_log_abandon(w->logs[i]);
        w->env->ops->close(w->env, w->files[i]);
    }
    env_sim_free(w->sim);
}

static __attribute__((noinline)) void append_all(struct world *w, int times)
{
    struct broker_err err = {0};
    struct broker_append out;
    for (int n = 0; n < times; n++)
        for (int i = 0; i < LOGS; i++) {
            must(broker_log_append(w->logs[i], w->spans, 2, 3, &out, &err), &err);
            broker_log_publish(w->logs[i]);
        }
}

static __attribute__((noinline)) void write_all(struct world *w, int times)
{
    struct broker_batch_header header;
    int flags = BROKER_CHECK_CRC | BROKER_CHECK_ALLOW_HOLES;
    for (int n = 0; n < times; n++)
        for (int i = 0; i < LOGS; i++) {
            must(broker_batch_check(w->spans, 2, flags, &header, NULL, NULL), NULL);
            must(w->env->ops->append(w->env, w->files[i], w->spans, 2), NULL);
        }
}

/* Background work and retention, outside the clock: the memory stays bounded. */
static void tidy(struct world *w)
{
    struct broker_err err = {0};
    struct broker_receipt receipt = {0};
    uint32_t deleted;
    for (int i = 0; i < LOGS; i++) {
        broker_log_set_high_watermark(w->logs[i], INT64_MAX);
        must(broker_log_retain(w->logs[i], &deleted, &receipt, &err), &err);
        must(broker_log_run_tasks(w->logs[i], INT64_MAX - 1, &receipt, &err), &err);
        must(w->env->ops->truncate(w->env, w->files[i], 0), &err);
    }
}

static void bench_append(struct world *w, int times)
{
    struct bench bench = {.name = "log.append"};
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_clock_ns();
        append_all(w, times);
        int64_t middle = bench_clock_ns();
        write_all(w, times);
        int64_t end = bench_clock_ns();
        tidy(w);
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / LOGS / times,
                      (double)(end - middle) / LOGS / times);
    }
    bench_print(&bench);
}

static void bench_read(struct world *w, int times)
{
    struct bench bench = {.name = "log.read"};
    struct broker_receipt receipt = {0};
    struct broker_region regions[LOGS];
    struct broker_view view;
    uint64_t read = 0, viewed = 0;
    append_all(w, 100);
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_clock_ns();
        for (int n = 0; n < times; n++)
            for (int i = 0; i < LOGS; i++) {
                broker_log_read(w->logs[i], broker_log_end_offset(w->logs[i]) - RECORDS, 1 << 20,
                                true, BROKER_READ_END, &regions[i], &receipt);
                read += regions[i].size_bytes;
                broker_region_release(&regions[i]);
            }
        int64_t middle = bench_clock_ns();
        for (int n = 0; n < times; n++)
            for (int i = 0; i < LOGS; i++) {
                w->env->ops->view(w->env, broker_log_active_file(w->logs[i]), 50 * BATCH, BATCH,
                                  &view);
                viewed += view.size;
                w->env->ops->view_release(w->env, &view);
            }
        int64_t end = bench_clock_ns();
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / LOGS / times,
                      (double)(end - middle) / LOGS / times);
    }
    if (read != viewed) {
        fprintf(stderr, "log.read: %llu bytes read, %llu expected\n", (unsigned long long)read,
                (unsigned long long)viewed);
        exit(1);
    }
    bench_print(&bench);
}

static void bench_crc(int times)
{
    static uint8_t bytes[BATCH];
    struct bench bench = {.name = "crc32c"};
    uint32_t crc = 0;
    uint64_t sum = 0, sink = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 131);
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_clock_ns();
        for (int n = 0; n < times; n++)
            crc = broker_crc32c(crc, bytes, sizeof bytes);
        int64_t middle = bench_clock_ns();
        for (int n = 0; n < times; n++) {
            for (size_t i = 0; i < sizeof bytes; i += 8) {
                uint64_t word;
                memcpy(&word, bytes + i, sizeof word);
                sum += word;
            }
            __asm__ volatile("" : "+r"(sum) : : "memory");
        }
        int64_t end = bench_clock_ns();
        sink += crc + sum;
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / times, (double)(end - middle) / times);
    }
    if (sink == 0)
        exit(1);
    bench_print(&bench);
}

int main(int argc, char **argv)
{
    bool small = bench_is_small(argc, argv);
    struct world w;
    world_open(&w);
    bench_append(&w, small ? 20 : 3000);
    bench_read(&w, small ? 20 : 10000);
    world_close(&w);
    bench_crc(small ? 10 : 10000);
    return 0;
}
