/*
 * tests/bench/bench_size.c - size.quickstart: closed-form bounds and costs of the quickstart scenario.
 *
 * Value      ns an answer, counts by each resource and what survives included; asked for are 100 ms.
 * Yardstick  ns of one placement of the same scenario: the least that an answer on the real placement needs.
 */
#include "tests/support/bench.h"

#include <assert.h>
#include <stdio.h>

#include "model/answer/cost.h"
#include "model/answer/size.h"
#include "model/cluster/placement.h"
#include "model/scenario/load.h"

static double answer(const struct scenario *s, const struct model_profile *profile, int times)
{
    int64_t begin = bench_clock_ns();
    for (int i = 0; i < times; i++) {
        struct result *r = result_new();
        struct size_counts counts = size_search(s, profile, NULL);
        size_fill(s, profile, &counts, NULL, r);
        cost_fill(s, profile, r->brokers, NULL, r);
        assert(r->bound_count > 0 && r->cost_count > 0);
        result_free(r);
    }
    return (double)(bench_clock_ns() - begin) / times;
}

static double place(const struct scenario *s, int times)
{
    int64_t begin = bench_clock_ns();
    for (int i = 0; i < times; i++)
        model_placement_free(model_placement_new(s, (uint64_t)i));
    return (double)(bench_clock_ns() - begin) / times;
}

int main(int argc, char **argv)
{
    struct bench bench = {.name = "size.quickstart"};
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    struct model_profile profile;
    int times = bench_is_small(argc, argv) ? 3 : 100;
    model_profile_init(&profile);
    if (scenario_load("scenarios/quickstart.yaml", &options, &doc) != SCENARIO_OK) {
        scenario_errors_write(doc, stderr);
        return 1;
    }
    for (int i = 0; i < 5; i++)
        bench_add(&bench, answer(scenario_base(doc), &profile, times),
                  place(scenario_base(doc), times * 10));
    bench_print(&bench);
    scenario_doc_free(doc);
    return 0;
}
