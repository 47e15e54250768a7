/* What is printed from the key table holds every key, and inputs beyond the limits are refused early. */
#include "model/scenario/load.h"
#include "model/scenario/scenario_internal.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *written(int (*write)(FILE *))
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(write(memory), 0);
    fclose(memory);
    return text;
}

/* The schema of a key: down through properties, through anyOf where a key is a value or a map. */
static const json_t *schema_of(const json_t *map, const char *path)
{
    char step[64];
    size_t bytes = strcspn(path, "/");
    snprintf(step, sizeof step, "%.*s", (int)bytes, path);
    const json_t *branches = json_object_get(map, "anyOf");
    const json_t *object = branches ? json_array_get(branches, 1) : map;
    const json_t *found = json_object_get(json_object_get(object, "properties"), step);
    return !found || !path[bytes] ? found : schema_of(found, path + bytes + 1);
}

static void schema__is_json_and_describes_every_key(void **state)
{
    (void)state;
    json_error_t error;
    char *text = written(scenario_schema_write);
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!schema)
        print_error("line %d: %s\n", error.line, error.text);
    assert_non_null(schema);
    for (int s = 0; s < SCENARIO_SECTIONS; s++) {
        const json_t *map = schema;
        if (s != SCENARIO_SECTION_ROOT)
            map = json_object_get(schema_of(schema, scenario_key_tables[s].name),
                                  "additionalProperties");
        for (int i = 0; i < scenario_key_count((enum scenario_section)s); i++) {
            const struct scenario_key *key = &scenario_key_tables[s].keys[i];
            const json_t *found = schema_of(map, key->path);
            if (!found)
                print_error("%s is not in the schema\n", key->path);
            assert_non_null(found);
            assert_string_equal(json_string_value(json_object_get(found, "description")),
                                key->help);
        }
    }
    json_decref(schema);
    free(text);
}

static void keys__lists_every_key(void **state)
{
    (void)state;
    struct scenario_arena arena = {0};
    char *text = written(scenario_keys_write);
    for (int s = 0; s < SCENARIO_SECTIONS; s++)
        for (int i = 0; i < scenario_key_count((enum scenario_section)s); i++) {
            const struct scenario_key *key = &scenario_key_tables[s].keys[i];
            const char *path = scenario_path_text(&arena, "", key->path);
            const char *row = scenario_arena_printf(&arena, "\n| `%s` |", path);
            assert_non_null(strstr(text, row));
        }
    scenario_arena_release(&arena);
    free(text);
}

static void presets__name_their_question(void **state)
{
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(scenario_presets_write("scenarios", memory), 0);
    assert_int_equal(scenario_presets_write("nowhere", memory), -1);
    fclose(memory);
    assert_non_null(strstr(text, "quickstart               Do three brokers in three zones"));
    free(text);
}

/* ---- limits ---- */

static void assert_limit(const char *text, const char *message)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    assert_int_equal(scenario_load_text("t", text, strlen(text), &options, &doc), SCENARIO_ELIMIT);
    bool found = false;
    for (int i = 0; i < scenario_error_count(doc); i++)
        found = found || strcmp(scenario_error_at(doc, i)->message, message) == 0;
    if (!found)
        scenario_errors_write(doc, stderr);
    assert_true(found);
    scenario_doc_free(doc);
}

/* `head`, then `count` lines of `line` with its number in it. */
static char *repeated(const char *head, const char *line, int count)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    fputs(head, memory);
    for (int i = 0; i < count; i++)
        fprintf(memory, "%s%d: {}\n", line, i);
    fclose(memory);
    return text;
}

static void load__refuses_too_many_topics(void **state)
{
    (void)state;
    char *text = repeated("version: 1\ntopics:\n", "  t", 10001);
    assert_limit(text, "topics has 10001 entries; the limit is 10000");
    free(text);
}

static void load__refuses_too_many_variants(void **state)
{
    (void)state;
    char *text = repeated("version: 1\nvariants:\n", "  v", 101);
    assert_limit(text, "variants has 101 entries; the limit is 100");
    free(text);
}

static void load__refuses_too_many_values(void **state)
{
    (void)state;
    char *text = repeated("version: 1\nx-notes:\n", "  n", 200000);
    assert_limit(text, "too many values; the limit is 200000");
    free(text);
}

/* 100 kB of brackets cost a quadratic scanner 12 s; here reading ends at the 33rd. */
static void load__stops_early_in_deep_nesting(void **state)
{
    (void)state;
    enum { BRACKETS = 100000 };
    char *text = malloc(BRACKETS + 1);
    assert_non_null(text);
    memset(text, '[', BRACKETS);
    text[BRACKETS] = 0;
    assert_limit(text, "nested too deeply; the limit is 32");
    free(text);
}

static void load__counts_the_errors_that_it_does_not_show(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char *text = repeated("version: 1\n", "oops", 1000);
    assert_int_equal(scenario_load_text("t", text, strlen(text), &options, &doc),
                     SCENARIO_EINVALID);
    assert_int_equal(scenario_error_count(doc), SCENARIO_ERRORS_MAX + 1);
    const struct scenario_error *last = scenario_error_at(doc, SCENARIO_ERRORS_MAX);
    assert_non_null(strstr(last->message, " more errors are not shown"));
    scenario_doc_free(doc);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema__is_json_and_describes_every_key),
        cmocka_unit_test(keys__lists_every_key),
        cmocka_unit_test(presets__name_their_question),
        cmocka_unit_test(load__refuses_too_many_topics),
        cmocka_unit_test(load__refuses_too_many_variants),
        cmocka_unit_test(load__refuses_too_many_values),
        cmocka_unit_test(load__stops_early_in_deep_nesting),
        cmocka_unit_test(load__counts_the_errors_that_it_does_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
