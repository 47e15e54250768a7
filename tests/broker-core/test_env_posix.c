/* The environment on real files: what the log relies on beyond what the kernel promises by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/broker_fixture.h"

static int setup(void **state)
{
    static struct fixture_env fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_release(*state);
    return 0;
}

static struct broker_file *open_new(struct broker_env *env, const char *path)
{
    struct broker_file *file = NULL;
    int flags = BROKER_OPEN_WRITE | BROKER_OPEN_CREATE | BROKER_OPEN_FRESH;
    assert_int_equal(env->ops->open(env, path, flags, &file), BROKER_OK);
    return file;
}

static void append__writes_bytes_and_holes_in_order(void **state)
{
    struct fixture_env *f = *state;
    struct broker_env *env = f->env;
    struct broker_file *file = open_new(env, "a");
    const struct broker_span spans[] = {
        {(const uint8_t *)"ab", 2}, {NULL, 3}, {(const uint8_t *)"c", 1}, {NULL, 2}};
    assert_int_equal(env->ops->append(env, file, spans, 4), BROKER_OK);
    assert_int_equal(env->ops->append(env, file, spans, 1), BROKER_OK);
    assert_int_equal(env->ops->size(env, file), 10);
    env->ops->close(env, file);
    uint8_t *bytes;
    assert_int_equal(fixture_read(f, "a", &bytes), 10);
    assert_memory_equal(bytes, "ab\0\0\0c\0\0ab", 10);
    free(bytes);
}

static void append__carries_more_spans_than_one_system_call_takes(void **state)
{
    struct fixture_env *f = *state;
    struct broker_file *file = open_new(f->env, "many");
    struct broker_span spans[1000];
    for (size_t i = 0; i < 1000; i++)
        spans[i] = (struct broker_span){(const uint8_t *)"0123456789" + i % 10, i % 3 ? 1 : 0};
    assert_int_equal(f->env->ops->append(f->env, file, spans, 1000), BROKER_OK);
    uint8_t *bytes;
    int64_t size = fixture_read(f, "many", &bytes);
    assert_int_equal(size, broker_spans_size(spans, 1000));
    assert_memory_equal(bytes, "1245780134679", 13);
    free(bytes);
    f->env->ops->close(f->env, file);
}

static void read_at_and_view__stop_at_the_end_of_the_file(void **state)
{
    struct fixture_env *f = *state;
    struct broker_env *env = f->env;
    struct broker_file *file = open_new(env, "r");
    const struct broker_span span = {(const uint8_t *)"hello", 5};
    env->ops->append(env, file, &span, 1);
    char bytes[8];
    size_t got;
    assert_int_equal(env->ops->read_at(env, file, 3, bytes, sizeof bytes, &got), BROKER_OK);
    assert_int_equal(got, 2);
    assert_memory_equal(bytes, "lo", 2);
    struct broker_view view;
    assert_int_equal(env->ops->view(env, file, 1, 100, &view), BROKER_OK);
    assert_int_equal(view.size, 4);
    assert_memory_equal(view.spans[0].bytes, "ello", 4);
    env->ops->view_release(env, &view);
    env->ops->close(env, file);
}

static void write_at__changes_a_preallocated_file_in_place(void **state)
{
    struct fixture_env *f = *state;
    struct broker_env *env = f->env;
    struct broker_file *file = open_new(env, "i");
    assert_int_equal(env->ops->preallocate(env, file, 100), BROKER_OK);
    assert_int_equal(env->ops->write_at(env, file, 98, "xy", 2), BROKER_OK);
    assert_int_equal(env->ops->size(env, file), 100);
    env->ops->close(env, file);
    uint8_t *bytes;
    assert_int_equal(fixture_read(f, "i", &bytes), 100);
    assert_memory_equal(bytes + 97, "\0xy", 3);
    free(bytes);
}

static void open__tells_missing_from_existing(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    struct broker_file *file;
    assert_int_equal(env->ops->open(env, "none", BROKER_OPEN_READ, &file), BROKER_EMISSING);
    env->ops->close(env, open_new(env, "one"));
    int flags = BROKER_OPEN_WRITE | BROKER_OPEN_CREATE | BROKER_OPEN_FRESH;
    assert_int_equal(env->ops->open(env, "one", flags, &file), BROKER_EEXISTS);
    assert_int_equal(env->ops->make_folder(env, "d"), BROKER_OK);
    assert_int_equal(env->ops->make_folder(env, "d"), BROKER_EEXISTS);
    assert_int_equal(env->ops->remove(env, "none"), BROKER_EMISSING);
    assert_int_equal(env->ops->rename(env, "none", "x"), BROKER_EMISSING);
}

static void note_name(void *ctx, const char *name, bool is_folder)
{
    strcat(ctx, name);
    strcat(ctx, is_folder ? "/ " : " ");
}

static void list__comes_in_byte_order(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    static const char *const names[] = {"b", "a10", "Z", "a-1", "a9"};
    for (size_t i = 0; i < 5; i++)
        env->ops->close(env, open_new(env, names[i]));
    env->ops->make_folder(env, "a2");
    char seen[64] = "";
    assert_int_equal(env->ops->list(env, "", note_name, seen), BROKER_OK);
    assert_string_equal(seen, "Z a-1 a10 a2/ a9 b ");
    assert_int_equal(env->ops->list(env, "nowhere", note_name, seen), BROKER_EMISSING);
}

static void rename_and_remove__leave_open_files_usable(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    struct broker_file *file = open_new(env, "old");
    const struct broker_span span = {(const uint8_t *)"hello", 5};
    assert_int_equal(env->ops->rename(env, "old", "new"), BROKER_OK);
    assert_int_equal(env->ops->append(env, file, &span, 1), BROKER_OK);
    assert_int_equal(env->ops->remove(env, "new"), BROKER_OK);
    char bytes[5];
    size_t got;
    assert_int_equal(env->ops->read_at(env, file, 0, bytes, 5, &got), BROKER_OK);
    assert_int_equal(got, 5);
    env->ops->close(env, file);
}

static void lock__is_held_once_even_within_one_process(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    struct broker_file *first, *second;
    assert_int_equal(env->ops->lock(env, ".lock", &first), BROKER_OK);
    assert_int_equal(env->ops->lock(env, ".lock", &second), BROKER_ELOCKED);
    env->ops->unlock(env, first);
    assert_int_equal(env->ops->lock(env, ".lock", &second), BROKER_OK);
    env->ops->unlock(env, second);
}

static void modified_ms__is_what_was_set(void **state)
{
    struct broker_env *env = ((struct fixture_env *)*state)->env;
    struct broker_file *file = open_new(env, "m");
    int64_t modified_ms;
    assert_int_equal(env->ops->set_modified_ms(env, file, 1234567890123), BROKER_OK);
    assert_int_equal(env->ops->modified_ms(env, file, &modified_ms), BROKER_OK);
    assert_int_equal(modified_ms, 1234567890123);
    env->ops->close(env, file);
}

static void env_posix_new__says_which_folder_is_missing(void **state)
{
    (void)state;
    struct broker_env *env;
    struct broker_err err = {0};
    assert_int_equal(broker_env_posix_new("/nonexistent/x", &env, &err), BROKER_EMISSING);
    assert_string_equal(err.text, "/nonexistent/x: No such file or directory");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(append__writes_bytes_and_holes_in_order),
        TEST(append__carries_more_spans_than_one_system_call_takes),
        TEST(read_at_and_view__stop_at_the_end_of_the_file),
        TEST(write_at__changes_a_preallocated_file_in_place),
        TEST(open__tells_missing_from_existing),
        TEST(list__comes_in_byte_order),
        TEST(rename_and_remove__leave_open_files_usable),
        TEST(lock__is_held_once_even_within_one_process),
        TEST(modified_ms__is_what_was_set),
        TEST(env_posix_new__says_which_folder_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
