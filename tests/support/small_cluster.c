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

void small_cluster_new_with(struct small_cluster *small, const char *yaml,
                            const struct small_options *options)
{
    struct scenario_options load = {
        .datadir = "scenarios", .sets = options->sets, .set_count = options->set_count};
    struct broker_err err = {0};
    *small = (struct small_cluster){0};
    if (scenario_load_text("small.yaml", yaml, strlen(yaml), &load, &small->doc) != SCENARIO_OK) {
        scenario_errors_write(small->doc, stderr);
        give_up("the test's scenario is wrong");
    }
    small->scenario = scenario_sample(small->doc, -1, options->seed, 0);
    if (options->state)
        horizon_state_apply(options->state, small->scenario);
    model_profile_init(&small->profile);
    if (options->profile)
        small->profile = *options->profile;
    struct cluster_options cluster = {.seed = options->seed,
                                      .tick_ns = options->tick_ns ? options->tick_ns
                                                                  : options->length_ns / 100,
                                      .length_ns = options->length_ns};
    if (cluster_new(small->scenario, &small->profile, &cluster, &small->cluster, &err) != BROKER_OK)
        give_up(err.text);
}

void small_cluster_new(struct small_cluster *small, const char *yaml, uint64_t seed,
                       int64_t length_ns)
{
    struct small_options options = {.seed = seed, .length_ns = length_ns};
    small_cluster_new_with(small, yaml, &options);
}

void small_profile_linear(struct model_profile *profile)
{
    model_profile_init(profile);
    profile->cold_work_ns = 0;
    profile->client_cold_work_ns = 0;
    /* A turn for each frame and answer, however many wait. */
    profile->receive.request_ns += profile->poll_ns;
    profile->send.request_ns += profile->poll_ns;
    profile->poll_ns = 0;
    profile->gc = false;
}

void small_profile_without_costs(struct model_profile *profile)
{
    struct model_profile none = {.coremark = 16000, .quantum_ns = 1400000};
    strcpy(none.name, "without costs");
    strcpy(none.error, "uncalibrated");
    *profile = none;
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
