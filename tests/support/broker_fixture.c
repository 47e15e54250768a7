/* tests/support/broker_fixture.c - see broker_fixture.h. */
#include "tests/support/broker_fixture.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t fixture_now_ms = FIXTURE_START_MS;

static int64_t fixed_now_ms(struct broker_env *env)
{
    (void)env;
    return fixture_now_ms;
}

static void fixed_random16(struct broker_env *env, uint8_t out[16])
{
    (void)env;
    static uint8_t next;
    for (int i = 0; i < 16; i++)
        out[i] = (uint8_t)(next + i);
    next++;
}

void fixture_init(struct fixture_env *fixture)
{
    fixture_now_ms = FIXTURE_START_MS;
    const char *folder = getenv("TMPDIR");
    if (!folder || strlen(folder) > sizeof fixture->root / 2) {
        /* In memory where there is such a place: on ext4 a rename over a file waits for the disk. */
        bool in_memory = access("/dev/shm", W_OK | X_OK) == 0;
        folder = in_memory ? "/dev/shm" : "/tmp";
    }
    snprintf(fixture->root, sizeof fixture->root, "%s/headroom-test-XXXXXX", folder);
    char *made = mkdtemp(fixture->root);
    assert(made);
    struct broker_err err = {0};
    int rc = broker_env_posix_new(fixture->root, &fixture->env, &err);
    assert(rc == BROKER_OK);
    /* The functions of env_posix find its root behind the first member: replace the table in place. */
    fixture->ops = *fixture->env->ops;
    fixture->ops.now_ms = fixed_now_ms;
    fixture->ops.random16 = fixed_random16;
    fixture->env->ops = &fixture->ops;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void fixture_release(struct fixture_env *fixture)
{
    broker_env_posix_free(fixture->env);
    nftw(fixture->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static FILE *open_below(const struct fixture_env *fixture, const char *path, const char *mode)
{
    char full[BROKER_PATH_MAX + 64];
    snprintf(full, sizeof full, "%s/%s", fixture->root, path);
    return fopen(full, mode);
}

int64_t fixture_read(const struct fixture_env *fixture, const char *path, uint8_t **bytes)
{
    FILE *file = open_below(fixture, path, "rb");
    if (!file)
        return -1;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    if (bytes) {
        rewind(file);
        *bytes = malloc((size_t)size + 1);
        assert(*bytes);
        size_t got = fread(*bytes, 1, (size_t)size, file);
        assert(got == (size_t)size);
        (*bytes)[size] = 0;
    }
    fclose(file);
    return size;
}

void fixture_write(const struct fixture_env *fixture, const char *path, const void *bytes,
                   size_t size)
{
    FILE *file = open_below(fixture, path, "wb");
    assert(file);
    size_t put = fwrite(bytes, 1, size, file);
    assert(put == size);
    fclose(file);
}

bool fixture_exists(const struct fixture_env *fixture, const char *path)
{
    return fixture_read(fixture, path, NULL) >= 0;
}

/* ---- a log of opaque batches ---- */

#define MUST(call)                                                                                 \
    do {                                                                                           \
        int must_rc = (call);                                                                      \
        if (must_rc != BROKER_OK) {                                                                \
            fprintf(stderr, "%s: %s: %s\n", #call, broker_status_name(must_rc),                    \
                    fixture->err.text);                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

void fixture_log_init(struct fixture_log *fixture)
{
    *fixture = (struct fixture_log){0};
    fixture_init(&fixture->env);
    broker_log_config_init(&fixture->config);
    fixture->config.allow_holes = true;
}

void fixture_log_release(struct fixture_log *fixture)
{
    fixture_log_abandon(fixture);
    fixture_release(&fixture->env);
}

void fixture_log_open(struct fixture_log *fixture, bool clean, int64_t recovery_point,
                      int64_t start_offset)
{
    assert(!fixture->log);
    MUST(broker_log_open(fixture->env.env, "t-0", &fixture->config, clean, recovery_point,
                         start_offset, &fixture->log, &fixture->recovery, &fixture->err));
}

void fixture_log_close(struct fixture_log *fixture)
{
    struct broker_log *log = fixture->log;
    fixture->log = NULL;
    MUST(broker_log_close(log, &fixture->receipt, &fixture->err));
}

void fixture_log_abandon(struct fixture_log *fixture)
{
    broker_log_abandon(fixture->log);
    fixture->log = NULL;
}

struct broker_batch_header fixture_header(int32_t records, int64_t timestamp_ms)
{
    return (struct broker_batch_header){.partition_leader_epoch = -1,
                                        .base_timestamp_ms = timestamp_ms,
                                        .max_timestamp_ms = timestamp_ms,
                                        .producer_id = -1,
                                        .producer_epoch = -1,
                                        .base_sequence = -1,
                                        .record_count = records};
}

enum broker_error fixture_append(struct fixture_log *fixture, struct broker_batch_header header,
                                 uint64_t size_bytes)
{
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    uint64_t records_bytes = size_bytes - BROKER_BATCH_HEADER_BYTES;
    broker_batch_build_opaque(&header, records_bytes, bytes);
    struct broker_span spans[2] = {{bytes, sizeof bytes}, {NULL, records_bytes}};
    fixture->err.text[0] = 0;
    MUST(broker_log_append(fixture->log, spans, 2, 0, &fixture->out, &fixture->err));
    broker_receipt_add(&fixture->receipt, &fixture->out.receipt);
    if (fixture->out.pending)
        broker_log_publish(fixture->log);
    return fixture->out.error;
}

void fixture_append_many(struct fixture_log *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        enum broker_error error =
            fixture_append(fixture, fixture_header(2, fixture_now_ms + i), 1083);
        assert(error == KAFKA_NONE);
        (void)error;
    }
}

static void segment_name(char name[64], int64_t base_offset, const char *suffix)
{
    snprintf(name, 64, "t-0/%020lld%s", (long long)base_offset, suffix);
}

int64_t fixture_segment_bytes(const struct fixture_log *fixture, int64_t base_offset,
                              const char *suffix)
{
    char name[64];
    segment_name(name, base_offset, suffix);
    return fixture_read(&fixture->env, name, NULL);
}

void fixture_damage(const struct fixture_log *fixture, int64_t base_offset, const char *suffix,
                    size_t position)
{
    char name[64];
    uint8_t *bytes;
    segment_name(name, base_offset, suffix);
    int64_t size = fixture_read(&fixture->env, name, &bytes);
    assert(size > (int64_t)position);
    bytes[position] ^= 0xff;
    fixture_write(&fixture->env, name, bytes, (size_t)size);
    free(bytes);
}
