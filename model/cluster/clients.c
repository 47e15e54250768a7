/* model/cluster/clients.c - producers and consumers from the scenario: one entity per client process, one statistics per entry. */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* An entry's name, role and numbers. */
#define CONNECTION_NAME_MAX (SCENARIO_NAME_MAX + 80)
#define MS_NS               INT64_C(1000000)
#define FIRST_PRODUCER_ID                                                                          \
    1000 /* Kafka hands out ids in blocks of 1000; 0 is valid too, but reads like "none" */

/* Kafka's largest settings mean "no limit". 73 years are that here, and leave room for what clients add to them. */
static int64_t ms_to_ns(int64_t ms)
{
    const int64_t most_ms = INT64_MAX / 4 / MS_NS;
    return (ms < most_ms ? ms : most_ms) * MS_NS;
}

static void sizes_from(struct model_sizes *sizes, const struct scenario_size *size)
{
    static const enum model_size_kind kinds[] = {MODEL_SIZE_FIXED, MODEL_SIZE_LOGNORMAL,
                                                 MODEL_SIZE_TABLE};
    *sizes = (struct model_sizes){.kind = kinds[size->kind],
                                  .mean_bytes = size->mean_bytes,
                                  .cv = size->cv,
                                  .count = (uint32_t)size->count};
    for (int i = 0; i < size->count; i++) {
        sizes->bytes[i] = (double)size->bytes[i];
        sizes->share[i] = size->share[i];
    }
}

static void arrivals_from(struct model_arrivals_config *arrivals, const struct cluster *cluster,
                          uint32_t p)
{
    static const enum model_arrivals_kind kinds[] = {MODEL_ARRIVALS_CONSTANT,
                                                     MODEL_ARRIVALS_POISSON, MODEL_ARRIVALS_BURST,
                                                     MODEL_ARRIVALS_MMPP, MODEL_ARRIVALS_TRACE};
    const struct scenario_producer *entry = &cluster->scenario->producers[p];
    model_arrivals_config_init(arrivals);
    arrivals->kind = kinds[entry->arrivals.kind];
    arrivals->rate_records_per_s = entry->records_per_s_peak / entry->clients;
    sizes_from(&arrivals->sizes, &entry->size);
    arrivals->burst_records = entry->arrivals.burst_records;
    arrivals->burst_constant = entry->arrivals.burst_kind == SCENARIO_ARRIVALS_CONSTANT;
    arrivals->mmpp_count = entry->arrivals.kind == SCENARIO_ARRIVALS_MMPP;
    arrivals->mmpp[0] = (struct model_mmpp){entry->arrivals.mmpp_high, entry->arrivals.mmpp_busy_ns,
                                            entry->arrivals.mmpp_quiet_ns};
    arrivals->trace = cluster->traces[p];
    arrivals->trace_stride = (uint32_t)entry->clients;
}

static void partitioner_from(struct model_partitioner_config *to,
                             const struct scenario_producer *entry)
{
    static const enum model_partitioner_kind kinds[] = {
        MODEL_PARTITIONER_STICKY, MODEL_PARTITIONER_KEYED, MODEL_PARTITIONER_UNIFORM};
    *to = (struct model_partitioner_config){
        .kind = kinds[entry->partitioner],
        .hash = entry->client == SCENARIO_CLIENT_JAVA ? MODEL_HASH_MURMUR2 : MODEL_HASH_CRC32,
        .key_count = entry->keys_kind == SCENARIO_KEYS_ZIPF ? (uint64_t)entry->key_count : 0,
        .zipf_s = entry->key_zipf_s,
        .hottest_share =
            entry->keys_kind == SCENARIO_KEYS_HOTTEST ? entry->hottest_partition_share : 0,
        .adaptive = entry->config.adaptive_partitioning,
        .sticky_linger_ns = ms_to_ns(entry->config.sticky_linger_ms),
    };
}

static void compression_from(struct model_compression *to, const struct scenario_producer *entry)
{
    double batch_bytes[SCENARIO_TABLE_MAX];
    const struct scenario_ratio_table *table = &entry->compression_ratio;
    model_compression_init(to, (enum broker_codec)entry->config.compression_type);
    if (entry->config.compression_type == SCENARIO_COMPRESSION_NONE || table->count == 0)
        return;
    for (int i = 0; i < table->count; i++)
        batch_bytes[i] = (double)table->batch_bytes[i];
    model_compression_set(to, (uint32_t)table->count, batch_bytes, table->ratio);
}

static void producer_config(const struct cluster *cluster, uint32_t p, uint32_t client,
                            struct model_producer_config *config)
{
    const struct scenario_producer *entry = &cluster->scenario->producers[p];
    const struct scenario_producer_config *k = &entry->config;
    model_producer_config_init(config, entry->client == SCENARIO_CLIENT_JAVA
                                           ? MODEL_PRODUCER_JAVA
                                           : MODEL_PRODUCER_LIBRDKAFKA);
    config->name = entry->name;
    config->number = p;
    config->client = client;
    config->topic = entry->topic;
    config->partitions = (uint32_t)cluster->scenario->topics[entry->topic].partitions;
    config->max_rate = entry->rate_kind == SCENARIO_RATE_MAX;
    arrivals_from(&config->arrivals, cluster, p);
    config->arrivals.trace_phase = client;
    partitioner_from(&config->partitioner, entry);
    config->weights = cluster->weights[p];
    config->key_bytes = entry->key_bytes;
    compression_from(&config->compression, entry);
    config->acks = (int16_t)k->acks;
    config->linger_ns = k->linger_us * 1000;
    config->batch_size = (uint64_t)k->batch_size;
    config->batch_num_messages = (uint64_t)k->batch_num_messages;
    config->buffer_memory = (uint64_t)k->buffer_memory;
    config->queue_max_messages = (uint64_t)k->queue_max_messages;
    config->max_request_size = (uint64_t)k->max_request_size;
    if (k->send_buffer_bytes > 0)
        config->socket_bytes = (uint64_t)k->send_buffer_bytes;
    config->max_in_flight = (uint32_t)k->max_in_flight;
    config->max_block_ns = ms_to_ns(k->max_block_ms);
    config->request_timeout_ns = ms_to_ns(k->request_timeout_ms);
    config->socket_timeout_ns = ms_to_ns(k->socket_timeout_ms);
    config->reconnect_backoff_ns = ms_to_ns(k->reconnect_backoff_ms);
    config->reconnect_backoff_max_ns = ms_to_ns(k->reconnect_backoff_max_ms);
    config->delivery_timeout_ns = ms_to_ns(k->delivery_timeout_ms);
    config->retries = (uint64_t)k->retries;
    config->retry_backoff_ns = ms_to_ns(k->retry_backoff_ms);
    config->retry_backoff_max_ns = ms_to_ns(k->retry_backoff_max_ms);
    config->tls = cluster->scenario->cluster.tls != SCENARIO_TLS_OFF;
    config->idempotent = k->enable_idempotence;
    config->producer_id =
        k->enable_idempotence ? FIRST_PRODUCER_ID + (int64_t)p * 1000000 + client : -1;
    config->epoch_ms = CLUSTER_EPOCH_MS;
    config->seed = cluster->options.seed;
    config->replication = cluster->options.replication;
}

/* rack: of the machine that it runs on */
static void consumer_config(const struct cluster *cluster, uint32_t g, uint32_t member,
                            uint32_t rack, struct model_consumer_config *config)
{
    const struct scenario_group *entry = &cluster->scenario->groups[g];
    const struct scenario_consumer_config *k = &entry->config;
    int offsets = model_placement_offsets_topic(cluster->placement);
    bool java = entry->client == SCENARIO_CLIENT_JAVA;
    model_consumer_config_init(config, java ? MODEL_CONSUMER_JAVA : MODEL_CONSUMER_LIBRDKAFKA);
    config->name = entry->name;
    config->member = member;
    config->fetch_min_bytes = (uint32_t)k->fetch_min_bytes;
    config->fetch_max_wait_ns = ms_to_ns(k->fetch_max_wait_ms);
    config->fetch_max_bytes = (uint32_t)k->fetch_max_bytes;
    config->max_partition_fetch_bytes = (uint32_t)k->max_partition_fetch_bytes;
    if (java)
        config->max_poll_records = (uint64_t)k->max_poll_records;
    config->queued_min_messages = (uint64_t)k->queued_min_messages;
    config->queued_max_bytes = (uint64_t)k->queued_max_bytes;
    config->queue_backoff_ns = ms_to_ns(k->queue_backoff_ms);
    config->tls = cluster->scenario->cluster.tls != SCENARIO_TLS_OFF;
    config->reset_to_earliest = k->auto_offset_reset == SCENARIO_RESET_EARLIEST;
    config->rack = entry->states_rack ? (int32_t)rack + 1 : 0;
    config->request_timeout_ns = ms_to_ns(k->request_timeout_ms);
    config->retry_backoff_ns = ms_to_ns(k->retry_backoff_ms);
    config->reconnect_backoff_ns = ms_to_ns(k->reconnect_backoff_ms);
    config->reconnect_backoff_max_ns = ms_to_ns(k->reconnect_backoff_max_ms);
    config->processing_record_ns = entry->processing_per_record_ns;
    config->processing_byte_ns = entry->processing_ns_per_byte;
    config->waiting_record_ns = entry->processing_wait_ns;
    config->producer_count = (uint32_t)cluster->scenario->producer_count;
    config->producer_record_bytes = cluster->record_bytes;
    config->auto_commit = k->enable_auto_commit;
    config->auto_commit_interval_ns = ms_to_ns(k->auto_commit_interval_ms);
    config->offsets_topic = offsets;
    config->offsets_partitions =
        offsets >= 0 ? (uint32_t)model_placement_partition_count(cluster->placement, offsets) : 0;
    config->epoch_ms = CLUSTER_EPOCH_MS;
    config->seed = cluster->options.seed;
    config->replication = cluster->options.replication;
}

/* ---- connections ---- */

static void connect_to(struct cluster_client *client, struct model_connection *connection,
                       const char *name, uint32_t broker, double window_bytes)
{
    struct cluster *cluster = client->cluster;
    *connection = (struct model_connection){
        .client = client->machine,
        .server = cluster->broker_machines[broker],
        .server_id = (int32_t)broker,
        .thread = model_host_accept(cluster->hosts[broker]),
        .window_bytes = window_bytes,
    };
    model_net_connect(&cluster->net, connection, name);
}

static void connect_client(struct cluster_client *client, const char *name, double window_bytes)
{
    struct cluster *cluster = client->cluster;
    client->connections = calloc(cluster->broker_count, sizeof *client->connections);
    client->connection_list = calloc(cluster->broker_count, sizeof(struct model_connection *));
    client->sockets = calloc(cluster->broker_count, sizeof *client->sockets);
    assert(client->connections && client->connection_list && client->sockets);
    for (uint32_t b = 0; b < cluster->broker_count; b++) {
        char connection[CONNECTION_NAME_MAX];
        snprintf(connection, sizeof connection, "%s broker %" PRIu32, name, b);
        connect_to(client, &client->connections[b], connection, b, window_bytes);
        client->connection_list[b] = &client->connections[b];
        client->sockets[b].bytes_max =
            window_bytes > 0 ? (uint64_t)window_bytes : MODEL_PRODUCER_SOCKET_BYTES;
    }
    client->metadata = (struct model_metadata){
        .broker_count = cluster->broker_count,
        .connections = client->connection_list,
        .envs = cluster->envs,
        .leader = controller_leader,
        .ctx = cluster,
    };
    client->transport.send = cluster_send;
    client->transport.close = cluster_close;
}

/* role: "producer" or "group" */
static struct cluster_client *add_client(struct cluster *cluster, const char *role,
                                         const char *entry, uint32_t number, uint32_t machine,
                                         int64_t window_bytes)
{
    char name[CONNECTION_NAME_MAX - 24];
    snprintf(name, sizeof name, "%s %s client %" PRIu32, role, entry, number);
    struct cluster_client *client = &cluster->clients[cluster->client_count++];
    client->cluster = cluster;
    client->machine = &cluster->client_machines[machine];
    client->producer = client->group = UINT32_MAX;
    connect_client(client, name, window_bytes > 0 ? (double)window_bytes : 0);
    return client;
}

/* ---- metadata ---- */

static uint64_t metadata_bytes(const struct cluster *cluster, const int *topics, int count)
{
    uint32_t partitions = 0;
    int replicas = 0;
    for (int i = 0; i < count; i++) {
        partitions += (uint32_t)model_placement_partition_count(cluster->placement, topics[i]);
        int replication = model_placement_replication(cluster->placement, topics[i]);
        replicas = replication > replicas ? replication : replicas;
    }
    return model_call_metadata_response_bytes(cluster->broker_count, (uint32_t)count, partitions,
                                              (uint32_t)replicas);
}

/* The broker that leads the group's part of the offsets topic coordinates it. */
static void connect_coordinator(struct cluster_client *client,
                                const struct model_consumer_config *config, double window_bytes)
{
    if (config->offsets_topic < 0 || !config->auto_commit)
        return;
    struct broker_tp tp = {config->offsets_topic,
                           model_group_offsets_partition(config->name, config->offsets_partitions)};
    int32_t leader = controller_leader(client->cluster, tp, NULL);
    char name[CONNECTION_NAME_MAX];
    snprintf(name, sizeof name, "group %s client %" PRIu32 " coordinator", config->name,
             config->member);
    connect_to(client, &client->coordinator, name, (uint32_t)leader, window_bytes);
    client->metadata.coordinator = &client->coordinator;
}

/* ---- producers ---- */

static void add_producers(struct cluster *cluster, uint32_t p)
{
    const struct scenario_producer *entry = &cluster->scenario->producers[p];
    uint32_t first = cluster_first_client_machine(cluster, false, p);
    for (uint32_t i = 0; i < (uint32_t)entry->clients; i++) {
        struct cluster_client *client =
            add_client(cluster, "producer", entry->name, i, first + i % (uint32_t)entry->machines,
                       entry->config.send_buffer_bytes);
        struct model_producer_config config;
        producer_config(cluster, p, i, &config);
        client->producer = p;
        client->metadata.answer_bytes = metadata_bytes(cluster, &entry->topic, 1);
        client->produces = model_producer_new(&config, &cluster->sim, &client->machine->cpu,
                                              &cluster->client_profiles[p], &client->metadata,
                                              &client->transport, &cluster->producer_stats[p]);
    }
}

/* ---- where groups begin ---- */

static uint32_t group_partitions(const struct cluster *cluster, const struct scenario_group *entry,
                                 struct model_group_topic *topics)
{
    uint32_t partitions = 0;
    for (int t = 0; t < entry->topic_count; t++) {
        topics[t] = (struct model_group_topic){
            entry->topics[t], (uint32_t)cluster->scenario->topics[entry->topics[t]].partitions};
        partitions += topics[t].partitions;
    }
    return partitions;
}

/* As many records back as came in the time that the group lags; what the log does not hold is cut off. */
static int64_t start_offset(const struct cluster *cluster, uint32_t g, struct broker_tp tp)
{
    int32_t leader = controller_leader((void *)cluster, tp, NULL);
    const struct broker_log *log = model_host_log(cluster->hosts[leader], tp);
    const struct model_flow *flow = model_flows_partition(cluster->before, tp.topic, tp.partition);
    int64_t records = (int64_t)(cluster->lag_s[g] * flow->records_per_s);
    int64_t offset = broker_log_end_offset(log) - records;
    return offset > broker_log_start_offset(log) ? offset : broker_log_start_offset(log);
}

static void add_members(struct cluster *cluster, uint32_t g)
{
    const struct scenario_group *entry = &cluster->scenario->groups[g];
    uint32_t first = cluster_first_client_machine(cluster, true, g);
    uint32_t machines =
        (uint32_t)(entry->beside >= 0 ? cluster->scenario->producers[entry->beside].machines
                                      : entry->machines);
    struct model_group_topic *topics = calloc((size_t)entry->topic_count, sizeof *topics);
    assert(topics);
    uint32_t partitions = group_partitions(cluster, entry, topics);
    struct broker_tp *assigned = calloc(partitions, sizeof *assigned);
    struct model_consumer_start *parts = calloc(partitions, sizeof *parts);
    assert(assigned && parts);
    for (uint32_t m = 0; m < (uint32_t)entry->clients; m++) {
        struct cluster_client *client =
            add_client(cluster, "group", entry->name, m, first + m % machines,
                       entry->config.receive_buffer_bytes);
        struct model_consumer_config config;
        consumer_config(cluster, g, m, client->machine->rack, &config);
        uint32_t count =
            model_group_assign(MODEL_ASSIGN_RANGE, topics, (uint32_t)entry->topic_count,
                               (uint32_t)entry->clients, m, assigned);
        for (uint32_t i = 0; i < count; i++)
            parts[i] =
                (struct model_consumer_start){assigned[i], start_offset(cluster, g, assigned[i])};
        client->group = g;
        client->metadata.answer_bytes = metadata_bytes(cluster, entry->topics, entry->topic_count);
        connect_coordinator(client, &config, client->connections[0].window_bytes);
        client->consumes = model_consumer_new(
            &config, parts, count, &cluster->sim, &client->machine->cpu,
            &cluster->client_profiles[cluster->scenario->producer_count + (int)g],
            &client->metadata, &client->transport, &cluster->consumer_stats[g]);
    }
    free(topics);
    free(assigned);
    free(parts);
}

/* ---- all of them ---- */

static int shared_inputs(struct cluster *cluster, uint32_t p, struct broker_err *err)
{
    const struct scenario_producer *entry = &cluster->scenario->producers[p];
    int status = cluster_trace_read(entry, &cluster->traces[p], err);
    if (status != BROKER_OK || entry->partitioner == SCENARIO_PARTITIONER_STICKY)
        return status;
    struct model_partitioner_config partitioner;
    uint32_t partitions = (uint32_t)cluster->scenario->topics[entry->topic].partitions;
    partitioner_from(&partitioner, entry);
    cluster->weights[p] = calloc(partitions, sizeof(double));
    assert(cluster->weights[p]);
    model_partition_weights(&partitioner, partitions, cluster->weights[p]);
    return BROKER_OK;
}

int cluster_clients_new(struct cluster *cluster, struct broker_err *err)
{
    const struct scenario *s = cluster->scenario;
    uint32_t producers = (uint32_t)s->producer_count, groups = (uint32_t)s->group_count, total = 0;
    cluster->producer_stats = calloc(producers + 1, sizeof *cluster->producer_stats);
    cluster->consumer_stats = calloc(groups + 1, sizeof *cluster->consumer_stats);
    cluster->weights = calloc(producers + 1, sizeof(double *));
    cluster->traces = calloc(producers + 1, sizeof(struct model_trace *));
    cluster->record_bytes = calloc(producers + 1, sizeof(double));
    assert(cluster->producer_stats && cluster->consumer_stats && cluster->weights &&
           cluster->traces && cluster->record_bytes);
    for (uint32_t p = 0; p < producers; p++) {
        total += (uint32_t)s->producers[p].clients;
        cluster->record_bytes[p] = s->producers[p].size.mean_bytes;
        model_producer_stats_init(&cluster->producer_stats[p]);
        int status = shared_inputs(cluster, p, err);
        if (status != BROKER_OK)
            return status;
    }
    for (uint32_t g = 0; g < groups; g++) {
        total += (uint32_t)s->groups[g].clients;
        model_consumer_stats_init(&cluster->consumer_stats[g]);
    }
    cluster->clients = calloc(total + 1, sizeof *cluster->clients);
    assert(cluster->clients);
    for (uint32_t p = 0; p < producers; p++)
        add_producers(cluster, p);
    for (uint32_t g = 0; g < groups; g++)
        add_members(cluster, g);
    return BROKER_OK;
}

void cluster_clients_free(struct cluster *cluster)
{
    cluster_transport_free(cluster);
    for (uint32_t i = 0; i < cluster->client_count; i++) {
        struct cluster_client *client = &cluster->clients[i];
        if (client->produces)
            model_producer_free(client->produces);
        if (client->consumes)
            model_consumer_free(client->consumes);
        free(client->connections);
        free(client->connection_list);
        free(client->sockets);
    }
    free(cluster->clients);
    for (int p = 0; cluster->producer_stats && p < cluster->scenario->producer_count; p++) {
        model_producer_stats_release(&cluster->producer_stats[p]);
        free(cluster->weights[p]);
        model_trace_free(cluster->traces[p]);
    }
    for (int g = 0; cluster->consumer_stats && g < cluster->scenario->group_count; g++)
        model_consumer_stats_release(&cluster->consumer_stats[g]);
    free(cluster->producer_stats);
    free(cluster->consumer_stats);
    free(cluster->weights);
    free(cluster->record_bytes);
    free(cluster->traces);
}
