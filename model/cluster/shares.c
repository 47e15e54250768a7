/* model/cluster/shares.c - what part of each producer's records goes to which partition; see flow.h. */
#include "model/cluster/flow_internal.h"

#include <stdlib.h>

#include "model/client/partitioner.h"
#include "sim/memory.h"

static void fill_share(const struct scenario_producer *p, int partitions, double *share)
{
    struct model_partitioner_config config = {
        .kind = p->partitioner == SCENARIO_PARTITIONER_KEYED ? MODEL_PARTITIONER_KEYED
                                                             : MODEL_PARTITIONER_UNIFORM,
        .hash = p->client == SCENARIO_CLIENT_JAVA ? MODEL_HASH_MURMUR2 : MODEL_HASH_CRC32,
        .key_count = p->key_count > 0 ? (uint64_t)p->key_count : 0,
        .zipf_s = p->key_zipf_s,
        .hottest_share = p->keys_kind == SCENARIO_KEYS_HOTTEST ? p->hottest_partition_share : 0};
    if (config.kind == MODEL_PARTITIONER_KEYED) {
        model_partition_weights(&config, (uint32_t)partitions, share);
        return;
    }
    for (int i = 0; i < partitions; i++)
        share[i] = 1.0 / partitions;
}

struct model_shares *model_shares_new(const struct scenario *s)
{
    struct model_shares *all = sim_alloc(1, sizeof *all);
    all->producers = s->producer_count;
    all->share = sim_alloc((size_t)s->producer_count, sizeof *all->share);
    for (int i = 0; i < s->producer_count; i++) {
        const struct scenario_producer *p = &s->producers[i];
        int partitions = s->topics[p->topic].partitions;
        all->share[i] = sim_alloc((size_t)partitions, sizeof **all->share);
        fill_share(p, partitions, all->share[i]);
    }
    return all;
}

void model_shares_free(struct model_shares *all)
{
    if (!all)
        return;
    for (int i = 0; i < all->producers; i++)
        free(all->share[i]);
    free(all->share);
    free(all);
}

double model_shares_of(const struct model_shares *all, int producer, int partition)
{
    return all->share[producer][partition];
}
