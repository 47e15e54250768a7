/* model/cluster/cluster.c - one replication from its making to its end; see cluster.h. */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <stdlib.h>

static int build(struct cluster *cluster, struct broker_err *err)
{
    cluster->placement = model_placement_new(cluster->scenario, cluster->options.seed);
    cluster_machines_new(cluster);
    cluster->controller = controller_new(cluster);
    int status = cluster_brokers_new(cluster, err);
    if (status == BROKER_OK)
        status = cluster_clients_new(cluster, err);
    if (status != BROKER_OK)
        return status;
    cluster->recorder = recorder_new(cluster);
    cluster_brokers_start(cluster);
    cluster_clients_start(cluster);
    recorder_start(cluster->recorder);
    return BROKER_OK;
}

int cluster_new(const struct scenario *scenario, const struct model_profile *profile,
                const struct cluster_options *options, struct cluster **cluster,
                struct broker_err *err)
{
    struct cluster *made = calloc(1, sizeof *made);
    assert(made && options->tick_ns > 0);
    made->scenario = scenario;
    made->profile = profile;
    made->options = *options;
    sim_init(&made->sim);
    int status = build(made, err);
    if (status != BROKER_OK) {
        cluster_free(made);
        *cluster = NULL;
        return status;
    }
    *cluster = made;
    return BROKER_OK;
}

/* Hosts first: their ops refer to calls that clients own; then clients, then what both lean on. */
void cluster_free(struct cluster *cluster)
{
    if (!cluster)
        return;
    cluster_brokers_free(cluster);
    cluster_clients_free(cluster);
    recorder_free(cluster->recorder);
    controller_free(cluster->controller);
    cluster_machines_free(cluster);
    cluster_start_free(cluster);
    model_placement_free(cluster->placement);
    sim_release(&cluster->sim);
    free(cluster);
}

void cluster_run_until(struct cluster *cluster, int64_t t_ns)
{
    sim_run_until(&cluster->sim, t_ns);
}

int64_t cluster_now_ns(const struct cluster *cluster)
{
    return cluster->sim.now_ns;
}

uint64_t cluster_batches(const struct cluster *cluster)
{
    uint64_t batches = 0;
    for (int p = 0; p < cluster->scenario->producer_count; p++)
        batches += cluster->producer_stats[p].batches;
    return batches;
}

void cluster_reset_seen(struct cluster *cluster)
{
    recorder_reset(cluster->recorder);
}

const struct cluster_seen *cluster_seen(struct cluster *cluster)
{
    return recorder_seen(cluster->recorder);
}

struct sim *cluster_sim(struct cluster *cluster)
{
    return &cluster->sim;
}

struct model_host *cluster_host(struct cluster *cluster, uint32_t broker)
{
    assert(broker < cluster->broker_count);
    return cluster->hosts[broker];
}

int64_t cluster_position(const struct cluster *cluster, uint32_t group, struct broker_tp tp)
{
    for (uint32_t i = 0; i < cluster->client_count; i++) {
        const struct cluster_client *client = &cluster->clients[i];
        if (client->group != group)
            continue;
        for (uint32_t p = 0; p < model_consumer_part_count(client->consumes); p++) {
            struct broker_tp read;
            int64_t position = model_consumer_position(client->consumes, p, &read);
            if (read.topic == tp.topic && read.partition == tp.partition)
                return position;
        }
    }
    return -1;
}
