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
    strcpy(fixture->root, "/tmp/headroom-test-XXXXXX");
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
