/* Kafka's settings at either end of their ranges: a study of each ends, and soon, whatever it finds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/answer/study.h"
#include "model/scenario/scenario_internal.h"

static const char *const text =
    "version: 1\n"
    "cluster: {brokers: 2, racks: [a], machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 10 "
    "Gbit/s}, disks: {type: ssd, size: 100 GB, count: 1}}}\n"
    "topics: {t: {partitions: 2, replication: 2, config: {retention.ms: 1 h}}}\n"
    "producers: {p: {topic: t, rate: 2000 records/s, record: {size: 1000 B}}}\n"
    "groups: {g: {topics: [t]}}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 50 ms, measure: 100 ms, replications: 1}\n";

/* Also beneath a sanitizer, on a busy machine: each takes some 20 ms. */
enum { SECONDS_MOST = 60 };

static const char *const places[SCENARIO_SECTIONS] = {"", "topics.t.", "producers.p.", "groups.g."};

static char set[200]; /* the one at hand */

static void too_long(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, set, strlen(set));
    _exit(1);
}

/* False: others forbid the value and it is refused, which ends it too. */
static bool study_ends(const char *const *sets, int count)
{
    struct scenario_options options = {.datadir = "scenarios", .sets = sets, .set_count = count};
    struct study_options how = {.datadir = "scenarios", .threads = 1};
    struct broker_err err = {""};
    struct scenario_doc *doc;
    struct result *result = NULL;
    enum scenario_status status =
        scenario_load_text("settings.yaml", text, strlen(text), &options, &doc);
    alarm(SECONDS_MOST);
    if (status == SCENARIO_OK && study_run(doc, &how, &result, &err) != STUDY_OK)
        fail_msg("%s: %s", sets[0], err.text);
    alarm(0);
    result_free(result);
    scenario_doc_free(doc);
    return status == SCENARIO_OK;
}

static bool at_end(enum scenario_section section, const struct scenario_key *key, double value)
{
    char client[40];
    const char *sets[] = {set, client};
    int at = snprintf(set, sizeof set, "%s", places[section]);
    for (const char *p = key->path; *p; p++)
        set[at++] = *p == '/' ? '.' : *p;
    if (isinf(value))
        snprintf(set + at, sizeof set - (size_t)at, "=%lld", (long long)INT64_MAX);
    else
        snprintf(set + at, sizeof set - (size_t)at, "=%.0f", value);
    snprintf(client, sizeof client, "%sclient=librdkafka", places[section]);
    return study_ends(sets, key->clients == SCENARIO_FOR_LIBRDKAFKA ? 2 : 1);
}

static void study__ends_with_each_setting_at_either_end(void **state)
{
    (void)state;
    int count = 0, studied = 0;
    signal(SIGALRM, too_long);
    for (enum scenario_section s = SCENARIO_SECTION_ROOT; s < SCENARIO_SECTIONS; s++) {
        for (int i = 0; i < scenario_key_count(s); i++) {
            const struct scenario_key *key = &scenario_key_tables[s].keys[i];
            if (!key->is_kafka || !scenario_key_is_numeric(key))
                continue;
            studied += at_end(s, key, key->low) + at_end(s, key, key->high);
            count++;
        }
    }
    assert_true(count > 90);
    assert_true(studied > 160); /* else the scenario is no longer one, and nothing is tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(study__ends_with_each_setting_at_either_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
