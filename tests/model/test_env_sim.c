/* tests/model/test_env_sim.c - files in memory against a plain byte array, and what a crash leaves of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model/broker/env_sim.h"

static struct env_sim *sim;
static struct broker_env *env;

static int setup(void **state)
{
    (void)state;
    sim = env_sim_new(7, 1u << 30);
    env = env_sim_env(sim);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    env_sim_free(sim);
    return 0;
}

static struct broker_file *open_new(const char *path)
{
    struct broker_file *file = NULL;
    assert_int_equal(env->ops->open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file),
                     BROKER_OK);
    return file;
}

static void append(struct broker_file *file, const char *text, uint64_t hole)
{
    struct broker_span spans[2] = {{(const uint8_t *)text, strlen(text)}, {NULL, hole}};
    assert_int_equal(env->ops->append(env, file, spans, 2), BROKER_OK);
}

/* The file's content as one string, holes as dots. */
static const char *content(const char *path)
{
    static char text[4096];
    struct broker_file *file;
    size_t got;
    if (env->ops->open(env, path, BROKER_OPEN_READ, &file) != BROKER_OK)
        return "(missing)";
    assert_int_equal(env->ops->read_at(env, file, 0, text, sizeof text - 1, &got), BROKER_OK);
    assert_int_equal(got, env->ops->size(env, file));
    text[got] = 0;
    for (size_t i = 0; i < got; i++)
        if (text[i] == 0)
            text[i] = '.';
    env->ops->close(env, file);
    return text;
}

/* ---- contents ---- */

static uint64_t next(uint64_t *random, uint64_t bound)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 33) % bound;
}

/* All ways to read agree with the model array. */
static void compare(struct broker_file *file, const uint8_t *model, uint64_t size, uint64_t *random)
{
    static uint8_t bytes[1 << 17];
    assert_int_equal(env->ops->size(env, file), size);
    uint64_t position = next(random, size + 1), want = next(random, 2000), done = 0;
    size_t got;
    env->ops->read_at(env, file, position, bytes, want, &got);
    assert_int_equal(got, want < size - position ? want : size - position);
    assert_memory_equal(bytes, model + position, got);
    struct broker_view view;
    assert_int_equal(env->ops->view(env, file, position, want, &view), BROKER_OK);
    assert_int_equal(view.size, got);
    for (uint32_t i = 0; i < view.count; i++) {
        for (uint64_t j = 0; j < view.spans[i].size; j++)
            assert_int_equal(view.spans[i].bytes ? view.spans[i].bytes[j] : 0,
                             model[position + done + j]);
        done += view.spans[i].size;
    }
    assert_int_equal(done, got);
    env->ops->view_release(env, &view);
}

static void append_random(struct broker_file *file, uint8_t *model, uint64_t *size,
                          uint64_t *random)
{
    uint8_t bytes[3][700];
    struct broker_span spans[4];
    size_t count = 1 + next(random, 4);
    for (size_t i = 0; i < count; i++) {
        bool hole = i == 3 || next(random, 2);
        spans[i].size = next(random, 5) ? next(random, 120) : next(random, 700);
        spans[i].bytes = NULL;
        if (!hole) {
            for (uint64_t j = 0; j < spans[i].size; j++)
                bytes[i][j] = (uint8_t)(1 + next(random, 255));
            spans[i].bytes = bytes[i];
            memcpy(model + *size, bytes[i], spans[i].size);
        } else {
            memset(model + *size, 0, spans[i].size);
        }
        *size += spans[i].size;
    }
    assert_int_equal(env->ops->append(env, file, spans, count), BROKER_OK);
}

static void write_random(struct broker_file *file, uint8_t *model, uint64_t size, uint64_t *random)
{
    uint8_t bytes[300];
    uint64_t length = 1 + next(random, next(random, 4) ? 12 : 300);
    if (length > size)
        return;
    uint64_t position = next(random, size - length + 1);
    for (uint64_t j = 0; j < length; j++)
        bytes[j] = (uint8_t)next(random, 256);
    memcpy(model + position, bytes, length);
    assert_int_equal(env->ops->write_at(env, file, position, bytes, length), BROKER_OK);
}

static void run_random(uint64_t seed, struct env_sim_cache *cache)
{
    static uint8_t model[1 << 21];
    uint64_t random = seed, size = 0, want;
    struct broker_file *file = open_new("f");
    for (int i = 0; i < 2000; i++) {
        cache->fill_bytes += next(&random, 3) * 1000;
        switch (next(&random, 12)) {
        case 0:
            want = next(&random, 6) ? size - next(&random, size / 8 + 1) : 0;
            env->ops->truncate(env, file, want);
            size = want;
            break;
        case 1:
            want = size + next(&random, 9000);
            env->ops->preallocate(env, file, want);
            memset(model + size, 0, want - size);
            size = want;
            break;
        case 2:
        case 3:
        case 4:
            write_random(file, model, size, &random);
            break;
        case 5:
            want = next(&random, size + 1);
            env_sim_touch(sim, file, want, next(&random, 3000));
            break;
        default:
            append_random(file, model, &size, &random);
        }
        if (size > sizeof model - 20000) {
            env->ops->truncate(env, file, 0);
            size = 0;
        }
        compare(file, model, size, &random);
    }
    env->ops->close(env, file);
    env->ops->remove(env, "f");
}

static void file__reads_back_what_a_byte_array_holds(void **state)
{
    (void)state;
    struct env_sim_cache cache = {0, 50000};
    env_sim_set_cache(sim, &cache);
    for (uint64_t seed = 1; seed <= 20; seed++)
        run_random(seed, &cache);
    assert_int_equal(env_sim_used_bytes(sim), 0);
}

static void append__of_a_batch_costs_its_header_and_one_extent(void **state)
{
    (void)state;
    struct broker_file *file = open_new("0.log");
    uint8_t header[61] = {1};
    struct broker_span batch[2] = {{header, 61}, {NULL, 1000000}};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(env->ops->append(env, file, batch, 2), BROKER_OK);
    assert_int_equal(env->ops->size(env, file), 1000 * 1000061);
    assert_int_equal(env_sim_used_bytes(sim), 1000 * 1000061);
    /* 61 + 24 each, at most twice that with the slack of doubling */
    assert_true(env_sim_memory_bytes(sim) < 1000 * 2 * (61 + 24));
    env->ops->close(env, file);
}

static void preallocated__index_costs_nothing_until_written(void **state)
{
    (void)state;
    struct broker_file *file = open_new("0.index");
    assert_int_equal(env->ops->preallocate(env, file, 10485760), BROKER_OK);
    assert_int_equal(env_sim_used_bytes(sim), 0);
    assert_true(env_sim_memory_bytes(sim) < 1024);
    uint8_t entry[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(env->ops->write_at(env, file, 8 * i, entry, 8), BROKER_OK);
    assert_int_equal(env_sim_used_bytes(sim), 800);
    assert_true(env_sim_memory_bytes(sim) < 4096);
    env->ops->close(env, file);
}

static void removed__file_lives_while_open_and_then_gives_its_memory_back(void **state)
{
    (void)state;
    uint64_t before = env_sim_memory_bytes(sim);
    struct broker_file *file = open_new("a");
    append(file, "abc", 5);
    assert_int_equal(env->ops->remove(env, "a"), BROKER_OK);
    assert_string_equal(content("a"), "(missing)");
    assert_int_equal(env->ops->size(env, file), 8);
    assert_int_equal(env_sim_used_bytes(sim), 8);
    env->ops->close(env, file);
    assert_int_equal(env_sim_used_bytes(sim), 0);
    assert_true(env_sim_memory_bytes(sim) <= before + 8); /* the folder's room for one name stays */
}

static void append__on_a_full_disk_changes_nothing(void **state)
{
    (void)state;
    env_sim_set_capacity(sim, 10);
    struct broker_file *file = open_new("a");
    append(file, "abcd", 3);
    struct broker_span spans[2] = {{(const uint8_t *)"x", 1}, {NULL, 3}};
    assert_int_equal(env->ops->append(env, file, spans, 2), BROKER_EFULL);
    assert_string_equal(content("a"), "abcd...");
    uint64_t left;
    assert_int_equal(env->ops->free_bytes(env, "", &left), BROKER_OK);
    assert_int_equal(left, 3);
    env->ops->close(env, file);
}

/* ---- names ---- */

static void note_name(void *ctx, const char *name, bool is_folder)
{
    strcat(ctx, name);
    strcat(ctx, is_folder ? "/ " : " ");
}

static void list__gives_names_in_byte_order(void **state)
{
    (void)state;
    char names[100] = "";
    env->ops->close(env, open_new("b"));
    assert_int_equal(env->ops->make_folder(env, "a"), BROKER_OK);
    env->ops->close(env, open_new("a-1"));
    env->ops->close(env, open_new("B"));
    env->ops->close(env, open_new("a/x"));
    assert_int_equal(env->ops->list(env, "", note_name, names), BROKER_OK);
    assert_string_equal(names, "B a/ a-1 b ");
    assert_int_equal(env->ops->list(env, "none", note_name, names), BROKER_EMISSING);
}

static void rename__replaces_its_target_and_open_files_follow(void **state)
{
    (void)state;
    struct broker_file *a = open_new("a");
    append(a, "new", 0);
    struct broker_file *b = open_new("b");
    append(b, "old", 0);
    assert_int_equal(env->ops->rename(env, "a", "b"), BROKER_OK);
    append(a, "er", 0);
    assert_string_equal(content("b"), "newer");
    assert_string_equal(content("a"), "(missing)");
    assert_int_equal(env->ops->size(env, b), 3);
    env->ops->close(env, a);
    env->ops->close(env, b);
    assert_int_equal(env->ops->rename(env, "a", "b"), BROKER_EMISSING);
}

static void open__says_missing_and_exists(void **state)
{
    (void)state;
    struct broker_file *file;
    assert_int_equal(env->ops->open(env, "a", BROKER_OPEN_READ, &file), BROKER_EMISSING);
    assert_int_equal(env->ops->open(env, "d/a", BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file),
                     BROKER_EMISSING);
    env->ops->close(env, open_new("a"));
    assert_int_equal(
        env->ops->open(env, "a", BROKER_OPEN_WRITE | BROKER_OPEN_CREATE | BROKER_OPEN_FRESH, &file),
        BROKER_EEXISTS);
    assert_int_equal(env->ops->make_folder(env, "a"), BROKER_EEXISTS);
}

static void lock__is_held_once_and_ends_with_the_process(void **state)
{
    (void)state;
    struct broker_file *lock, *other;
    assert_int_equal(env->ops->lock(env, ".lock", &lock), BROKER_OK);
    assert_int_equal(env->ops->lock(env, ".lock", &other), BROKER_ELOCKED);
    env->ops->unlock(env, lock);
    assert_int_equal(env->ops->lock(env, ".lock", &lock), BROKER_OK);
    env->ops->close(env, lock);
    env_sim_restart(sim);
    assert_int_equal(env->ops->lock(env, ".lock", &lock), BROKER_OK);
    env->ops->unlock(env, lock);
}

/* ---- page cache ---- */

static uint64_t missing(struct broker_file *file, uint64_t position, uint64_t size)
{
    struct env_sim_range miss = env_sim_miss(sim, file, position, size);
    return miss.end - miss.begin;
}

static void miss__follows_the_fill_counter(void **state)
{
    (void)state;
    struct env_sim_cache cache = {1000, 100};
    env_sim_set_cache(sim, &cache);
    struct broker_file *file = open_new("a");
    append(file, "head", 46); /* stamped 1000 */
    cache.fill_bytes = 1050;
    append(file, "head", 46); /* stamped 1050 */
    cache.fill_bytes = 1099;
    assert_int_equal(missing(file, 0, 100), 0);
    cache.fill_bytes = 1100;
    assert_int_equal(missing(file, 0, 100), 50);
    assert_int_equal(missing(file, 40, 1000), 10);
    env_sim_touch(sim, file, 10, 20);
    assert_int_equal(missing(file, 0, 100), 10); /* the first run */
    assert_int_equal(missing(file, 10, 100), 20);
    assert_int_equal(env_sim_miss(sim, file, 10, 100).begin, 30);
    assert_int_equal(missing(file, 5, 30), 5);
    cache.fill_bytes = 1150;
    assert_int_equal(missing(file, 30, 100), 70);
    assert_string_equal(content("a"), "head..............................................head"
                                      "..............................................");
    env->ops->close(env, file);
}

/* ---- crashes ---- */

static void fail_after__stops_at_the_nth_change_and_tears_it(void **state)
{
    (void)state;
    struct broker_file *file = open_new("a");
    env_sim_fail_after(sim, 2, 2);
    append(file, "one", 0);
    struct broker_span span = {(const uint8_t *)"three", 5};
    assert_int_equal(env->ops->append(env, file, &span, 1), BROKER_EIO);
    assert_true(env_sim_stopped(sim));
    assert_int_equal(env->ops->sync(env, file), BROKER_EIO);
    env->ops->close(env, file);
    env_sim_restart(sim);
    assert_string_equal(content("a"), "onethr");
}

static void power_loss__keeps_what_was_synced_and_a_prefix_of_the_rest(void **state)
{
    (void)state;
    size_t shortest = 99, longest = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct broker_file *file = open_new("a");
        append(file, "safe", 0);
        assert_int_equal(env->ops->sync(env, file), BROKER_OK);
        append(file, "more", 0);
        env->ops->close(env, file);
        env_sim_power_loss(sim, seed);
        const char *left = content("a");
        assert_memory_equal(left, "safemore", strlen(left));
        shortest = strlen(left) < shortest ? strlen(left) : shortest;
        longest = strlen(left) > longest ? strlen(left) : longest;
        assert_int_equal(env->ops->remove(env, "a"), BROKER_OK);
    }
    assert_int_equal(shortest, 4);
    assert_int_equal(longest, 8);
}

static void power_loss__may_bring_truncated_bytes_back_when_tracked(void **state)
{
    (void)state;
    int back = 0, gone = 0, torn = 0;
    env_sim_track_durability(sim);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct broker_file *file = open_new("a");
        env->ops->sync_folder(env, "");
        append(file, "abcdef", 2);
        env->ops->sync(env, file);
        env->ops->truncate(env, file, 3);
        append(file, "XYZ", 0);
        env->ops->close(env, file);
        env_sim_power_loss(sim, seed);
        const char *left = content("a");
        back += strcmp(left, "abcdef..") == 0;
        gone += strcmp(left, "abc") == 0;
        torn += strcmp(left, "abcX") == 0;
        assert_int_equal(env->ops->remove(env, "a"), BROKER_OK);
        env->ops->sync_folder(env, "");
    }
    assert_true(back > 0 && gone > 0 && torn > 0);
}

static void power_loss__may_undo_names_but_never_half_a_rename(void **state)
{
    (void)state;
    int old_names = 0, new_names = 0, lost = 0;
    env_sim_track_durability(sim);
    env->ops->make_folder(env, "d");
    env->ops->sync_folder(env, "");
    for (uint64_t seed = 0; seed < 200; seed++) {
        char names[100] = "";
        env->ops->close(env, open_new("d/a.tmp"));
        env->ops->close(env, open_new("d/keep"));
        env->ops->sync_folder(env, "d");
        env->ops->rename(env, "d/a.tmp", "d/a");
        env->ops->close(env, open_new("d/b"));
        env_sim_power_loss(sim, seed);
        env->ops->list(env, "d", note_name, names);
        old_names += strcmp(names, "a.tmp keep ") == 0;
        lost += strcmp(names, "a keep ") == 0;
        new_names += strcmp(names, "a b keep ") == 0;
        assert_int_equal(old_names + lost + new_names, seed + 1);
        env->ops->remove(env, "d/a.tmp");
        env->ops->remove(env, "d/a");
        env->ops->remove(env, "d/b");
        env->ops->sync_folder(env, "d");
    }
    assert_true(old_names > 0 && lost > 0 && new_names > 0);
}

static void take_synced__names_each_file_once(void **state)
{
    (void)state;
    uint64_t files[ENV_SIM_SYNCED_MAX];
    struct broker_file *a = open_new("a"), *b = open_new("b");
    env->ops->sync(env, b);
    env->ops->sync(env, a);
    assert_int_equal(env_sim_take_synced(sim, files), 2);
    assert_int_equal(files[0], env_sim_file_number(b));
    assert_int_equal(files[1], env_sim_file_number(a));
    assert_int_equal(env_sim_take_synced(sim, files), 0);
    for (int i = 0; i < 2 * ENV_SIM_SYNCED_MAX; i++)
        env->ops->sync(env, a);
    assert_int_equal(env_sim_take_synced(sim, files), ENV_SIM_SYNCED_MAX);
    env->ops->close(env, a);
    env->ops->close(env, b);
}

static void random16__is_the_seeds_and_nothing_elses(void **state)
{
    (void)state;
    uint8_t a[16], b[16], c[16];
    struct env_sim *same = env_sim_new(7, 0), *other = env_sim_new(8, 0);
    env->ops->random16(env, a);
    env_sim_env(same)->ops->random16(env_sim_env(same), b);
    env_sim_env(other)->ops->random16(env_sim_env(other), c);
    assert_memory_equal(a, b, 16);
    assert_memory_not_equal(a, c, 16);
    env_sim_free(same);
    env_sim_free(other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(file__reads_back_what_a_byte_array_holds),
        CASE(append__of_a_batch_costs_its_header_and_one_extent),
        CASE(preallocated__index_costs_nothing_until_written),
        CASE(removed__file_lives_while_open_and_then_gives_its_memory_back),
        CASE(append__on_a_full_disk_changes_nothing),
        CASE(list__gives_names_in_byte_order),
        CASE(rename__replaces_its_target_and_open_files_follow),
        CASE(open__says_missing_and_exists),
        CASE(lock__is_held_once_and_ends_with_the_process),
        CASE(miss__follows_the_fill_counter),
        CASE(fail_after__stops_at_the_nth_change_and_tears_it),
        CASE(power_loss__keeps_what_was_synced_and_a_prefix_of_the_rest),
        CASE(power_loss__may_bring_truncated_bytes_back_when_tracked),
        CASE(power_loss__may_undo_names_but_never_half_a_rename),
        CASE(take_synced__names_each_file_once),
        CASE(random16__is_the_seeds_and_nothing_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
