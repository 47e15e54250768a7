/* tests/support/small_cluster.c - see small_cluster.h. */
#include "tests/support/small_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

void small_cluster_new(struct small_cluster *small, const char *yaml, uint64_t seed,
                       int64_t length_ns)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct broker_err err = {0};
    *small = (struct small_cluster){0};
    if (scenario_load_text("small.yaml", yaml, strlen(yaml), &options, &small->doc) !=
        SCENARIO_OK) {
        scenario_errors_write(small->doc, stderr);
        give_up("the test's scenario is wrong");
    }
    small->scenario = scenario_sample(small->doc, -1, seed, 0);
    model_profile_init(&small->profile);
    struct cluster_options cluster = {
        .seed = seed, .tick_ns = length_ns / 100, .length_ns = length_ns};
    if (cluster_new(small->scenario, &small->profile, &cluster, &small->cluster, &err) != BROKER_OK)
        give_up(err.text);
}

void small_cluster_free(struct small_cluster *small)
{
    cluster_free(small->cluster);
    scenario_free(small->scenario);
    scenario_doc_free(small->doc);
}

const struct cluster_seen *small_cluster_run(struct small_cluster *small, int64_t warmup_ns,
                                             int64_t measure_ns)
{
    cluster_run_until(small->cluster, warmup_ns);
    cluster_reset_seen(small->cluster);
    cluster_run_until(small->cluster, warmup_ns + measure_ns);
    return cluster_seen(small->cluster);
}
