#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/cost.h"
#include "model/answer/size.h"
#include "tests/support/size_fixture.h"

/*
 * 12 MB/s of 1,000-byte records in full batches, three replicas, two groups. Every figure is round, so that each bound can be done by
 * hand. Uncompressed, so that wire bytes are records plus a few per cent of headers.
 */
const char size_fixture_text[] =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 6\n"
    "  machine:\n"
    "    vcpus: 8\n"
    "    ram: 32 GB\n"
    "    network: {baseline: 100 MB/s}\n"
    "    disks: {type: nvme, count: 1, size: 2 TB, write: 500 MB/s, read: 1000 MB/s}\n"
    "    price: 1 USD/h\n"
    "  racks: [a, b, c]\n"
    "  heap: 6 GB\n"
    "topics:\n"
    "  orders: {partitions: 48, replication: 3, config: {retention.ms: 1 d}}\n"
    "producers:\n"
    "  checkout:\n"
    "    topic: orders\n"
    "    clients: 12\n"
    "    rate: 12 MB/s\n"
    "    record: {size: 1000 B}\n"
    "    partitioner: sticky\n"
    "    config: {linger.ms: 100, batch.size: 65536}\n"
    "groups:\n"
    "  billing: {topics: [orders], clients: 12}\n"
    "  audit: {topics: [orders], clients: 12}\n";

const char size_fixture_busy_half_day[] =
    "producers.checkout.shape={daily: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
    "1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]}";

double size_fixture_series_max(const struct result *r, const char *name)
{
    double most = -1;
    for (uint32_t i = 0; i < r->series_count; i++)
        for (uint32_t k = 0; strcmp(r->series[i].name, name) == 0 && k < r->series[i].count; k++)
            most = fmax(most, r->series[i].y[k]);
    return most;
}

struct sized size_fixture(const char *text, ...)
{
    const char *sets[32];
    struct scenario_options options = {.datadir = "scenarios", .sets = sets};
    struct sized sized = {0};
    struct model_profile profile;
    va_list args;
    va_start(args, text);
    for (const char *set; (set = va_arg(args, const char *));) {
        assert_true(options.set_count < 32);
        sets[options.set_count++] = set;
    }
    va_end(args);
    if (scenario_load_text("test.yaml", text, strlen(text), &options, &sized.doc) != SCENARIO_OK) {
        scenario_errors_write(sized.doc, stderr);
        fail_msg("the scenario of the test is wrong");
    }
    sized.s = scenario_base(sized.doc);
    sized.r = result_new();
    model_profile_init(&profile);
    struct scenario settled = *sized.s;
    struct size_counts counts = size_search(sized.s, &profile, NULL);
    if (settled.cluster.brokers_auto)
        settled.cluster.brokers = counts.all;
    size_fill(&settled, &profile, &counts, NULL, sized.r);
    cost_fill(&settled, &profile, settled.cluster.brokers, NULL, sized.r);
    return sized;
}

void size_fixture_release(struct sized *sized)
{
    result_free(sized->r);
    scenario_doc_free(sized->doc);
}

const struct result_warning *size_fixture_find_warning(const struct result *r, const char *text)
{
    for (uint32_t i = 0; i < r->warning_count; i++)
        if (strstr(r->warnings[i].text, text))
            return &r->warnings[i];
    return NULL;
}

const char *size_fixture_warning(const struct result *r, const char *text)
{
    const struct result_warning *found = size_fixture_find_warning(r, text);
    return found ? found->text : "";
}

bool size_fixture_warns(const struct result *r, const char *text)
{
    return size_fixture_warning(r, text)[0] != 0;
}

const struct result_bound *size_fixture_bound(const struct sized *sized, const char *resource)
{
    for (uint32_t i = 0; i < sized->r->bound_count; i++)
        if (strcmp(sized->r->bounds[i].resource, resource) == 0)
            return &sized->r->bounds[i];
    fail_msg("no bound is called %s", resource);
    return NULL;
}

const struct result_cost *size_fixture_cost(const struct sized *sized, const char *part)
{
    for (uint32_t i = 0; i < sized->r->cost_count; i++)
        if (strcmp(sized->r->costs[i].part, part) == 0)
            return &sized->r->costs[i];
    fail_msg("no part of the cost is called %s", part);
    return NULL;
}
