/* See study_fixture.h. */
#include "tests/support/study_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/answer/study.h"

const char study_fixture_text[] =
    "version: 1\n"
    "cluster: {brokers: 1, racks: [a], machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 10 "
    "Gbit/s}, disks: {type: ssd, size: 100 GB}}}\n"
    "topics: {t: {partitions: 4, replication: 1}}\n"
    "producers: {p: {topic: t, rate: 2000 records/s, record: {size: 1000 B}, config: {acks: 1}}}\n"
    "groups: {live: {topics: [t]}, batch: {topics: [t], lag: 30 s}}\n"
    "start: {logs: empty}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 1 s, measure: 2 s, replications: 2}\n";

const char study_fixture_synced[] =
    "version: 1\n"
    "cluster: {brokers: 3, machine: {vcpus: 8, ram: 32 GB, network: {baseline: 10 Gbit/s}, disks: "
    "{type: ssd, size: 1 TB, count: 1}}}\n"
    "topics: {t: {partitions: 24, replication: 1, config: {flush.messages: 1}}}\n"
    "producers: {p: {topic: t, clients: 6, rate: 20000 records/s, record: {size: 1 KiB}}}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 2 s, measure: 5 s, replications: 2}\n";

struct result *study_fixture_doc(const char *text, const char *const *sets, int count,
                                 struct scenario_doc **doc)
{
    struct scenario_options options = {.datadir = "scenarios", .sets = sets, .set_count = count};
    struct study_options how = {.datadir = "scenarios"};
    struct broker_err err = {""};
    struct result *result;
    if (scenario_load_text("study.yaml", text, strlen(text), &options, doc) != SCENARIO_OK)
        fail_msg("%s", scenario_error_at(*doc, 0)->message);
    if (study_run(*doc, &how, &result, &err) != STUDY_OK)
        fail_msg("%s", err.text);
    return result;
}

struct result *study_fixture(const char *text, const char *const *sets, int count)
{
    struct scenario_doc *doc;
    struct result *result = study_fixture_doc(text, sets, count, &doc);
    scenario_doc_free(doc);
    return result;
}
