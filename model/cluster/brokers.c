/* model/cluster/brokers.c - brokers and their replicas from the scenario, with the state that the run starts from. */
#include "model/cluster/cluster_internal.h"
#include "model/cluster/log_config.h"
#include "model/cluster/machine_share.h"

#include <assert.h>
#include <stdlib.h>

/* Any 22 characters of base64, as Kafka's are. */
#define CLUSTER_ID "aGVhZHJvb20gc2ltdWxhdA"

/* A run begins in the midst of a broker's days: its flushes do not wait for the delay of a start, nor for each other's. */
static int64_t task_delay_ms(const struct scenario_cluster *c, uint32_t id)
{
    const struct scenario_broker_config *k = &c->config;
    if (k->log_flush_scheduler_interval_ms == INT64_MAX)
        return k->log_initial_task_delay_ms;
    int64_t flush_ms =
        (int64_t)((sim_int128)k->log_flush_scheduler_interval_ms * (id + 1) / c->brokers);
    return flush_ms < k->log_initial_task_delay_ms ? flush_ms : k->log_initial_task_delay_ms;
}

static struct model_host_config host_config(const struct cluster *cluster, uint32_t id)
{
    const struct scenario_cluster *c = &cluster->scenario->cluster;
    const struct scenario_broker_config *k = &c->config;
    struct model_host_config config = {
        .broker_id = (int32_t)id,
        .num_network_threads = (uint32_t)k->num_network_threads,
        .num_io_threads = (uint32_t)k->num_io_threads,
        .queued_max_requests = (uint32_t)k->queued_max_requests,
        .num_replica_fetchers = (uint32_t)k->num_replica_fetchers,
        .background_threads = (uint32_t)k->background_threads,
        .socket_send_buffer_bytes = (uint64_t)scenario_send_buffer_bytes(k),
        .tls_clients = c->tls != SCENARIO_TLS_OFF,
        .tls_brokers = c->tls == SCENARIO_TLS_ALL,
        .replica_fetch_max_bytes = (uint32_t)k->replica_fetch_max_bytes,
        .replica_fetch_response_max_bytes = (uint32_t)k->replica_fetch_response_max_bytes,
        .replica_fetch_min_bytes = (uint32_t)k->replica_fetch_min_bytes,
        .replica_fetch_wait_max_ms = (int32_t)k->replica_fetch_wait_max_ms,
        .replica_fetch_backoff_ms = (int32_t)k->replica_fetch_backoff_ms,
        .replica_window_bytes = (double)(k->replica_socket_receive_buffer_bytes > 0
                                             ? k->replica_socket_receive_buffer_bytes
                                             : 0),
        .epoch_ms = CLUSTER_EPOCH_MS,
        .seed = cluster->options.seed,
        .replication = cluster->options.replication,
        .gc = model_machine_collector(c, cluster->profile),
    };
    broker_config_init(&config.broker);
    config.broker.broker_id = (int32_t)id;
    config.broker.replica_lag_time_max_ms = k->replica_lag_time_max_ms;
    config.broker.fetch_max_bytes = (uint32_t)k->fetch_max_bytes;
    config.broker.rack_aware_reads = k->replica_selector != SCENARIO_SELECT_LEADER;
    config.broker.fetch_session_slots = (uint32_t)k->max_incremental_fetch_session_cache_slots;
    broker_dir_config_init(&config.dir);
    config.dir.cluster_id = CLUSTER_ID;
    config.dir.node_id = (int32_t)id;
    config.dir.retention_check_interval_ms = k->log_retention_check_interval_ms;
    config.dir.recovery_point_checkpoint_interval_ms = k->log_flush_offset_checkpoint_interval_ms;
    config.dir.start_offset_checkpoint_interval_ms =
        k->log_flush_start_offset_checkpoint_interval_ms;
    config.dir.high_watermark_checkpoint_interval_ms =
        k->replica_high_watermark_checkpoint_interval_ms;
    config.dir.flush_scheduler_interval_ms = k->log_flush_scheduler_interval_ms;
    config.dir.initial_task_delay_ms = task_delay_ms(c, id);
    return config;
}

/* Kafka's offsets topic: compacted there, kept here (compaction comes with the horizon's cleaner); its load is small. */
static struct broker_log_config offsets_config(const struct scenario_broker_config *k)
{
    struct broker_log_config config;
    broker_log_config_init(&config);
    config.segment_bytes = k->offsets_topic_segment_bytes;
    config.retention_ms = -1;
    config.allow_holes = true;
    return config;
}

static int add_replicas(struct cluster *cluster, int topic, struct broker_err *err)
{
    const struct scenario *s = cluster->scenario;
    bool offsets = topic == model_placement_offsets_topic(cluster->placement);
    struct broker_log_config log =
        offsets ? offsets_config(&s->cluster.config) : model_log_config(s, topic);
    struct broker_partition_config config = {
        .min_insync_replicas = offsets ? 1 : s->topics[topic].config.min_insync_replicas,
        .replica_lag_time_max_ms = s->cluster.config.replica_lag_time_max_ms,
    };
    const char *name = model_placement_topic_name(cluster->placement, topic);
    for (int p = 0; p < model_placement_partition_count(cluster->placement, topic); p++) {
        const struct model_replica *replicas =
            model_placement_replicas(cluster->placement, topic, p);
        for (int r = 0; r < model_placement_replication(cluster->placement, topic); r++) {
            int status = model_host_add_replica(cluster->hosts[replicas[r].broker],
                                                (struct broker_tp){topic, p}, name,
                                                (uint32_t)replicas[r].disk, &log, &config, err);
            if (status != BROKER_OK)
                return status;
            cluster->replica_total += !offsets;
        }
    }
    return BROKER_OK;
}

static uint32_t *topic_sizes(const struct cluster *cluster)
{
    int topics = model_placement_topic_count(cluster->placement);
    uint32_t *sizes = calloc((size_t)topics + 1, sizeof *sizes);
    assert(sizes);
    for (int t = 0; t < topics; t++)
        sizes[t] = (uint32_t)model_placement_partition_count(cluster->placement, t);
    return sizes;
}

int cluster_brokers_new(struct cluster *cluster, struct broker_err *err)
{
    cluster->hosts = calloc(cluster->broker_count, sizeof(struct model_host *));
    cluster->envs = calloc(cluster->broker_count, sizeof(struct broker_env *));
    assert(cluster->hosts && cluster->envs);
    uint32_t *sizes = topic_sizes(cluster);
    for (uint32_t b = 0; b < cluster->broker_count; b++) {
        struct model_host_config config = host_config(cluster, b);
        cluster->hosts[b] = model_host_new(
            &cluster->sim, &cluster->net, cluster->broker_machines[b], &cluster->broker_profile,
            &config, sizes, (uint32_t)model_placement_topic_count(cluster->placement),
            controller_propose, cluster);
        cluster->envs[b] = env_sim_env(model_host_env(cluster->hosts[b], 0));
    }
    free(sizes);
    for (int t = 0; t < model_placement_topic_count(cluster->placement); t++) {
        int status = add_replicas(cluster, t, err);
        if (status != BROKER_OK)
            return status;
    }
    int status = cluster_start_state(cluster, err);
    return status == BROKER_OK ? controller_elect(cluster->controller, err) : status;
}

void cluster_brokers_start(struct cluster *cluster)
{
    for (uint32_t b = 0; b < cluster->broker_count; b++)
        model_host_start(cluster->hosts[b], cluster->hosts, cluster->broker_count);
}

void cluster_brokers_free(struct cluster *cluster)
{
    for (uint32_t b = 0; cluster->hosts && b < cluster->broker_count; b++)
        model_host_free(cluster->hosts[b]);
    free(cluster->hosts);
    free(cluster->envs);
}
