/* explain: what it prints loads to the same scenario, with the origin of each value; presets; the table behind them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario_internal.h"
#include "tests/support/scenario_text.h"
#include "tests/support/scratch.h"

/* ---- explain ---- */

static char *explain(const struct scenario_doc *doc)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(scenario_explain(doc, memory), 0);
    fclose(memory);
    return text;
}

static void assert_same_file(const char *a, const char *b)
{
    char *x = realpath(a, NULL), *y = realpath(b, NULL);
    assert_string_equal(x ? x : a, y ? y : b);
    free(x);
    free(y);
}

/* All that is a number in both: the fields of the table. */
static void assert_same_fields(enum scenario_section section, const void *a, const void *b)
{
    for (int i = 0; i < scenario_key_count(section); i++) {
        const struct scenario_key *key = &scenario_key_tables[section].keys[i];
        const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;
        if (key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_CHOICE)
            assert_int_equal(*(const int *)x, *(const int *)y);
        else if (key->type == SCENARIO_KEY_INTEGER)
            assert_int_equal(*(const int64_t *)x, *(const int64_t *)y);
        else if (key->type == SCENARIO_KEY_NUMBER || key->type == SCENARIO_KEY_RATE)
            assert_memory_equal(x, y, sizeof(double));
        else if (key->type == SCENARIO_KEY_BOOL)
            assert_int_equal(*(const bool *)x, *(const bool *)y);
        else if (key->is_file)
            assert_same_file(*(const char *const *)x, *(const char *const *)y);
        else if (key->type == SCENARIO_KEY_TEXT)
            assert_string_equal(*(const char *const *)x, *(const char *const *)y);
    }
}

static void assert_same_scenario(const struct scenario *a, const struct scenario *b)
{
    assert_same_fields(SCENARIO_SECTION_ROOT, a, b);
    assert_memory_equal(&a->cluster.disks, &b->cluster.disks, sizeof a->cluster.disks);
    assert_int_equal(a->topic_count, b->topic_count);
    assert_int_equal(a->producer_count, b->producer_count);
    assert_int_equal(a->group_count, b->group_count);
    assert_int_equal(a->slo_count, b->slo_count);
    for (int i = 0; i < a->topic_count; i++)
        assert_same_fields(SCENARIO_SECTION_TOPIC, &a->topics[i], &b->topics[i]);
    for (int i = 0; i < a->producer_count; i++) {
        const struct scenario_producer *p = &a->producers[i], *q = &b->producers[i];
        assert_same_fields(SCENARIO_SECTION_PRODUCER, p, q);
        assert_memory_equal(&p->config, &q->config, sizeof p->config);
        assert_memory_equal(&p->size, &q->size, sizeof p->size);
        assert_memory_equal(&p->daily, &q->daily, sizeof p->daily);
        assert_memory_equal(&p->compression_ratio, &q->compression_ratio,
                            sizeof p->compression_ratio);
    }
    for (int i = 0; i < a->group_count; i++)
        assert_same_fields(SCENARIO_SECTION_GROUP, &a->groups[i], &b->groups[i]);
}

static void assert_explained_is_same(const char *path)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc, *again;
    enum scenario_status status = scenario_load(path, &options, &doc);
    scenario_errors_write(doc, stderr);
    assert_int_equal(status, SCENARIO_OK);
    char *text = explain(doc);
    status = scenario_load_text(path, text, strlen(text), &options, &again);
    scenario_errors_write(again, stderr);
    assert_int_equal(status, SCENARIO_OK);
    assert_same_scenario(scenario_base(doc), scenario_base(again));
    assert_int_equal(scenario_variant_count(doc), scenario_variant_count(again));
    for (int i = 0; i < scenario_variant_count(doc); i++)
        assert_same_scenario(scenario_variant_at(doc, i), scenario_variant_at(again, i));
    free(text);
    scenario_doc_free(doc);
    scenario_doc_free(again);
}

static void explain__loads_to_the_same_scenario(void **state)
{
    (void)state;
    assert_explained_is_same("scenarios/quickstart.yaml");
    assert_explained_is_same("tests/model/scenario/volumes.yaml");
    assert_explained_is_same("tests/model/scenario/own-machine.yaml");
    assert_explained_is_same("tests/model/scenario/clients.yaml");
}

/* A profile of the scenario's own, one of a variant, and a trace, each in a folder beside it. */
static const char with_files[] =
    "version: 1\n"
    "cluster: {machine: aws/i3en.2xlarge, profile: costs/mine.yaml}\n"
    "topics: {t: {}}\n"
    "producers: {p: {topic: t, rate: 100 records/s, arrivals: {trace: {file: day.csv}}}}\n"
    "variants: {other: {cluster.profile: costs/other.yaml}, shipped: {cluster.profile: generic}}\n";

static void explain__names_files_so_that_a_copy_elsewhere_finds_them(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc, *copy;
    char path[128];
    scratch_put("costs/mine.yaml", "broker.send.request: 77 us\n");
    scratch_put("costs/other.yaml", "broker.send.request: 78 us\n");
    scratch_put("day.csv", "time,count\n0,100\n1,100\n");
    snprintf(path, sizeof path, "%s/a.yaml", scratch);
    assert_int_equal(scenario_load_text(path, with_files, strlen(with_files), &options, &doc),
                     SCENARIO_OK);
    char *text = explain(doc);
    assert_int_equal(scenario_load_text("elsewhere/a.yaml", text, strlen(text), &options, &copy),
                     SCENARIO_OK);
    assert_same_scenario(scenario_base(doc), scenario_base(copy));
    for (int i = 0; i < 2; i++)
        assert_same_file(scenario_variant_at(doc, i)->cluster.profile,
                         scenario_variant_at(copy, i)->cluster.profile);
    assert_string_equal(scenario_variant_at(copy, 1)->cluster.profile, "generic");
    free(text);
    scenario_doc_free(doc);
    scenario_doc_free(copy);
}

static void explain__names_the_origin_of_each_value(void **state)
{
    (void)state;
    static const char *const sets[] = {"run.seed=9"};
    struct scenario_doc *doc = scenario_text_sets(scenario_five_lines, sets, 1);
    char *text = explain(doc);
    assert_non_null(strstr(text, "retention.ms: 2 d                        # t.yaml:3\n"));
    assert_non_null(
        strstr(text, "seed: 9                                      # --set run.seed=9\n"));
    assert_non_null(
        strstr(text, "buffer.memory: 33554432                  # 32 MiB; default: Kafka 4.2\n"));
    assert_non_null(strstr(
        text,
        "segment.bytes: 1073741824                # 1 GiB; cluster.config.log.segment.bytes\n"));
    free(text);
    scenario_doc_free(doc);
}

/* Whatever reads it: a number, or a value with words behind it or beside it. */
static void explain__tells_each_value_that_is_drawn(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "producers.p.growth=1..5 % a month", "producers.p.record.key=10..20 B",
        "producers.p.config.linger.ms=1..5", "groups.g.lag=10..100 s"};
    static const char *const drawn[] = {"growth: 1..5 % a month", "key: 10..20 B",
                                        "linger.ms: 1..5", "lag: 10..100 s"};
    struct scenario_doc *doc = scenario_text_sets(scenario_five_lines, sets, 4);
    char *text = explain(doc);
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        const char *row = strstr(text, drawn[i]);
        assert_non_null(row);
        const char *said = strstr(row, "; drawn for each replication");
        assert_true(said && said < strchr(row, '\n'));
    }
    free(text);
    scenario_doc_free(doc);
}

/* ---- schema, presets ---- */

static void new__writes_a_preset_that_loads(void **state)
{
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(scenario_new_write("scenarios", NULL, memory), 0);
    assert_int_equal(scenario_new_write("scenarios", "no-such-preset", memory), 1);
    assert_int_equal(scenario_new_write("scenarios", "../README", memory), 1);
    assert_int_equal(scenario_new_write("no/such/folder", NULL, memory), -1);
    fclose(memory);
    scenario_doc_free(scenario_text_load(text));
    free(text);
}

/* ---- the table ---- */

static void table__has_help_and_an_origin_for_each_default(void **state)
{
    (void)state;
    for (int s = 0; s < SCENARIO_SECTIONS; s++)
        for (int i = 0; i < scenario_key_count((enum scenario_section)s); i++) {
            const struct scenario_key *key = &scenario_key_tables[s].keys[i];
            assert_true(strlen(key->help) > 4);
            assert_true(!key->value || key->origin[0]);
            assert_true(key->low <= key->high);
            assert_true(key->type != SCENARIO_KEY_CHOICE || key->choices);
            assert_true(key->type != SCENARIO_KEY_SPECIAL || key->special);
            for (int j = 0; j < i; j++)
                assert_string_not_equal(key->path, scenario_key_tables[s].keys[j].path);
        }
}

/* What is a key would be refused by a row that says why it is none. */
static void table__has_no_setting_that_is_said_not_to_be_modelled(void **state)
{
    (void)state;
    struct scenario_arena arena = {NULL};
    for (int section = 0; section < SCENARIO_SECTIONS; section++)
        for (int i = 0; i < scenario_key_count((enum scenario_section)section); i++) {
            const char *path = scenario_key_tables[section].keys[i].path;
            const char *config = strstr(path, "config/");
            if (config && scenario_unmodelled(&arena, config + 7, NULL, false))
                fail_msg("%s is a key and said not to be modelled", path);
        }
    scenario_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain__loads_to_the_same_scenario),
        cmocka_unit_test(explain__names_files_so_that_a_copy_elsewhere_finds_them),
        cmocka_unit_test(explain__names_the_origin_of_each_value),
        cmocka_unit_test(explain__tells_each_value_that_is_drawn),
        cmocka_unit_test(new__writes_a_preset_that_loads),
        cmocka_unit_test(table__has_help_and_an_origin_for_each_default),
        cmocka_unit_test(table__has_no_setting_that_is_said_not_to_be_modelled),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
