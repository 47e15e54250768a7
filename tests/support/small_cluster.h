/*
 * tests/support/small_cluster.h - a cluster from a few lines of YAML, for tests that look inside a run.
 */
#ifndef TESTS_SUPPORT_SMALL_CLUSTER_H
#define TESTS_SUPPORT_SMALL_CLUSTER_H

#include "model/cluster/cluster.h"
#include "model/cluster/horizon_state.h"
#include "model/scenario/load.h"

struct small_cluster {
    struct scenario_doc *doc;
    struct scenario *scenario;
    struct model_profile profile;
    struct cluster *cluster;
};

/* Builds it (replication 0 of `seed`) and fails the test with the loader's errors if the text is wrong. length: of all runs to come. */
void small_cluster_new(struct small_cluster *small, const char *yaml, uint64_t seed,
                       int64_t length_ns);
/* The same with all that can be chosen. */
struct small_options {
    uint64_t seed;
    int64_t length_ns;
    int64_t tick_ns;                     /* 0: a hundredth of length */
    const struct model_profile *profile; /* copied; NULL: the one that ships */
    const char *const *sets;             /* as --set */
    int set_count;
    const struct horizon_state *state; /* goes on from there; NULL: from the start */
};
void small_cluster_new_with(struct small_cluster *small, const char *yaml,
                            const struct small_options *options);
void small_cluster_free(struct small_cluster *small);
/* Warm-up, reset, measuring; returns what was seen. */
const struct cluster_seen *small_cluster_run(struct small_cluster *small, int64_t warmup_ns,
                                             int64_t measure_ns);

/* Nothing costs anything, nothing is delayed: what a test gives a cost to is then all that there is. */
void small_profile_without_costs(struct model_profile *profile);
/* The costs that ship, without what has no closed form: cold wake-ups and collections. */
void small_profile_linear(struct model_profile *profile);

#endif
