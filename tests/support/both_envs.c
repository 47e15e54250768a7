#include "tests/support/both_envs.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 400, NAME_BYTES = 128, FILE_MAX = 1 << 20 };

static struct both_envs *present;
static struct broker_env_ops posix;

static void same_random16(struct broker_env *env, uint8_t out[16])
{
    (void)env;
    struct broker_env *chance = env_sim_env(present->chance);
    chance->ops->random16(chance, out);
}

/* Real files get the fixture's clock as their time of change. */
static int stamp(struct broker_env *env, struct broker_file *file, int status)
{
    return status == BROKER_OK ? posix.set_modified_ms(env, file, fixture_now_ms) : status;
}

static int stamped_open(struct broker_env *env, const char *path, int flags,
                        struct broker_file **file)
{
    if (!(flags & BROKER_OPEN_CREATE))
        return posix.open(env, path, flags, file);
    int status = posix.open(env, path, flags | BROKER_OPEN_FRESH, file);
    if (status == BROKER_EEXISTS && !(flags & BROKER_OPEN_FRESH))
        return posix.open(env, path, flags, file);
    return status == BROKER_OK ? stamp(env, *file, status) : status;
}

static int stamped_append(struct broker_env *env, struct broker_file *file,
                          const struct broker_span *spans, size_t count)
{
    return stamp(env, file, posix.append(env, file, spans, count));
}

static int stamped_write_at(struct broker_env *env, struct broker_file *file, uint64_t position,
                            const void *bytes, size_t size)
{
    return stamp(env, file, posix.write_at(env, file, position, bytes, size));
}

static int stamped_truncate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    return stamp(env, file, posix.truncate(env, file, size));
}

static int stamped_preallocate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    if (size <= posix.size(env, file))
        return BROKER_OK;
    return stamp(env, file, posix.preallocate(env, file, size));
}

static int unsynced(struct broker_env *env, struct broker_file *file)
{
    (void)env, (void)file;
    return BROKER_OK;
}

static int unsynced_folder(struct broker_env *env, const char *path)
{
    (void)env, (void)path;
    return BROKER_OK;
}

void both_envs_init(struct both_envs *b, uint64_t seed)
{
    *b = (struct both_envs){0};
    present = b;
    fixture_init(&b->files);
    posix = b->files.ops;
    b->files.ops.random16 = same_random16;
    b->files.ops.open = stamped_open;
    b->files.ops.append = stamped_append;
    b->files.ops.write_at = stamped_write_at;
    b->files.ops.truncate = stamped_truncate;
    b->files.ops.preallocate = stamped_preallocate;
    b->files.ops.sync = unsynced;
    b->files.ops.sync_folder = unsynced_folder;
    b->memory = env_sim_new(seed, UINT64_C(1) << 50);
    b->chance = env_sim_new(seed, 0);
    b->env[BOTH_FILES] = b->files.env;
    b->env[BOTH_MEMORY] = env_sim_env(b->memory);
    env_sim_set_now(b->memory, fixture_now_ms);
}

void both_envs_release(struct both_envs *b)
{
    env_sim_free(b->memory);
    env_sim_free(b->chance);
    fixture_release(&b->files);
    present = NULL;
}

void both_envs_set_now(struct both_envs *b, int64_t now_ms)
{
    fixture_now_ms = now_ms;
    env_sim_set_now(b->memory, now_ms);
}

/* ---- comparing ---- */

struct names {
    char names[NAMES_MAX][NAME_BYTES];
    bool folders[NAMES_MAX];
    uint32_t count;
};

static void add_name(void *ctx, const char *name, bool is_folder)
{
    struct names *names = ctx;
    assert_true(names->count < NAMES_MAX && strlen(name) < NAME_BYTES);
    strcpy(names->names[names->count], name);
    names->folders[names->count++] = is_folder;
}

static size_t read_whole(struct broker_env *env, const char *path, uint8_t *bytes)
{
    struct broker_file *file;
    size_t got = 0;
    assert_int_equal(env->ops->open(env, path, BROKER_OPEN_READ, &file), BROKER_OK);
    uint64_t size = env->ops->size(env, file);
    assert_true(size <= FILE_MAX);
    assert_int_equal(env->ops->read_at(env, file, 0, bytes, size, &got), BROKER_OK);
    assert_int_equal(got, size);
    env->ops->close(env, file);
    return got;
}

static void compare_files(const struct both_envs *b, const char *path, uint64_t history)
{
    static uint8_t bytes[BOTH][FILE_MAX];
    size_t size[BOTH];
    for (int w = 0; w < BOTH; w++)
        size[w] = read_whole(b->env[w], path, bytes[w]);
    if (size[0] != size[1] || memcmp(bytes[0], bytes[1], size[0]) != 0)
        fail_msg("history %lu: %s differs", (unsigned long)history, path);
}

void both_envs_compare(const struct both_envs *b, const char *folder, uint64_t history)
{
    struct names *names = calloc(BOTH, sizeof *names);
    assert_non_null(names);
    for (int w = 0; w < BOTH; w++)
        assert_int_equal(b->env[w]->ops->list(b->env[w], folder, add_name, &names[w]), BROKER_OK);
    assert_int_equal(names[0].count, names[1].count);
    for (uint32_t i = 0; i < names[0].count; i++) {
        char path[BROKER_PATH_MAX];
        assert_string_equal(names[0].names[i], names[1].names[i]);
        assert_int_equal(names[0].folders[i], names[1].folders[i]);
        snprintf(path, sizeof path, "%s/%s", folder, names[0].names[i]);
        if (names[0].folders[i])
            both_envs_compare(b, path, history);
        else
            compare_files(b, path, history);
    }
    free(names);
}
