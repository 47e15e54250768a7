#include "model/client/producer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/memory.h"

#define MS INT64_C(1000000)

/* Defaults: reference/kafka/clients.md sections 1 and 5. */
static void java_defaults(struct model_producer_config *config)
{
    config->batch_size = 16384;
    config->batch_num_messages = UINT64_MAX;
    config->buffer_memory = 33554432;
    config->queue_max_messages = UINT64_MAX;
    config->max_request_size = 1048576;
    config->max_in_flight = 5;
    config->max_block_ns = 60000 * MS;
    config->reconnect_backoff_ns = 50 * MS;
    config->reconnect_backoff_max_ns = 1000 * MS;
    config->delivery_timeout_ns = 120000 * MS;
    config->idempotent = true;
    config->partitioner.hash = MODEL_HASH_MURMUR2;
    config->partitioner.adaptive = true;
}

static void librdkafka_defaults(struct model_producer_config *config)
{
    config->socket_bytes = MODEL_PRODUCER_SOCKET_BYTES;
    config->batch_size = 1000000;
    config->batch_num_messages = 10000;
    config->buffer_memory = UINT64_C(1048576) * 1024;
    config->queue_max_messages = 100000;
    config->max_request_size = 1000000;
    config->max_in_flight = 1000000;
    config->max_block_ns = 0;
    config->socket_timeout_ns = 60000 * MS;
    config->reconnect_backoff_ns = 100 * MS;
    config->reconnect_backoff_max_ns = 10000 * MS;
    config->delivery_timeout_ns = 300000 * MS;
    config->partitioner.hash = MODEL_HASH_CRC32;
    config->partitioner.sticky_linger_ns = 10 * MS;
}

void model_producer_config_init(struct model_producer_config *config, enum model_producer_kind kind)
{
    memset(config, 0, sizeof *config);
    config->name = "";
    config->kind = kind;
    config->partitions = 1;
    model_arrivals_config_init(&config->arrivals);
    config->partitioner.kind = MODEL_PARTITIONER_STICKY;
    model_compression_init(&config->compression, BROKER_NONE);
    config->acks = -1;
    config->linger_ns = 5 * MS;
    config->request_timeout_ns = 30000 * MS;
    config->retries = 2147483647;
    config->retry_backoff_ns = 100 * MS;
    config->retry_backoff_max_ns = 1000 * MS;
    config->producer_id = -1;
    if (kind == MODEL_PRODUCER_JAVA)
        java_defaults(config);
    else
        librdkafka_defaults(config);
}

/* ---- statistics ---- */

static void each_histogram(struct model_producer_stats *stats, struct sim_histogram **out[7])
{
    struct sim_histogram **all[7] = {
        &stats->latency_ns,        &stats->queue_ns,  &stats->sent_ns,       &stats->answer_ns,
        &stats->records_per_batch, &stats->in_flight, &stats->memory_wait_ns};
    memcpy(out, all, sizeof all);
}

void model_producer_stats_init(struct model_producer_stats *stats)
{
    struct sim_histogram **all[7];
    memset(stats, 0, sizeof *stats);
    each_histogram(stats, all);
    for (int i = 0; i < 7; i++) {
        *all[i] = sim_checked(malloc(sizeof **all[i]));
        sim_histogram_init(*all[i]);
    }
}

void model_producer_stats_reset(struct model_producer_stats *stats)
{
    struct sim_histogram **all[7], *kept[7];
    each_histogram(stats, all);
    for (int i = 0; i < 7; i++) {
        kept[i] = *all[i];
        sim_histogram_reset(kept[i]);
    }
    memset(stats, 0, sizeof *stats);
    for (int i = 0; i < 7; i++)
        *all[i] = kept[i];
}

void model_producer_stats_release(struct model_producer_stats *stats)
{
    struct sim_histogram **all[7];
    each_histogram(stats, all);
    for (int i = 0; i < 7; i++)
        if (*all[i]) {
            sim_histogram_release(*all[i]);
            free(*all[i]);
            *all[i] = NULL;
        }
}

/* ---- life ---- */

static void wake(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    sender_run(sim_container(event, struct model_producer, wake));
}

static void init_parts(struct model_producer *p)
{
    uint32_t n = p->config.partitions;
    p->parts = sim_alloc(n, sizeof *p->parts);
    p->part_keys = sim_alloc(n, sizeof *p->part_keys);
    p->part_places = sim_alloc(n, sizeof *p->part_places);
    p->scratch = sim_alloc(n, sizeof *p->scratch);
    p->queue_length_capacity = 8;
    p->queue_lengths = sim_alloc(p->queue_length_capacity, sizeof *p->queue_lengths);
    p->queue_lengths[0] = n;
    p->leaderless = n;
    for (uint32_t i = 0; i < n; i++)
        p->parts[i].link = -1;
}

static void init_links(struct model_producer *p)
{
    p->link_count = p->metadata->broker_count;
    p->links = sim_alloc(p->link_count, sizeof *p->links);
    uint32_t senders = p->config.kind == MODEL_PRODUCER_JAVA ? 1 : p->link_count;
    p->senders = sim_alloc(senders, sizeof *p->senders);
    for (uint32_t i = 0; i < senders; i++)
        p->senders[i].producer = p;
    for (uint32_t i = 0; i < p->link_count; i++) {
        struct link *link = &p->links[i];
        link->sender = &p->senders[senders > 1 ? i : 0];
        link->due.keys = p->part_keys;
        link->due.places = p->part_places;
    }
}

static void check_config(const struct model_producer_config *config)
{
    assert(config->partitions > 0 && config->batch_num_messages > 0);
    assert(config->max_in_flight > 0 && config->linger_ns >= 0);
    assert(config->partitioner.kind == MODEL_PARTITIONER_STICKY || config->weights ||
           config->partitions == 1);
    assert(config->acks >= -1 && config->acks <= 1);
}

static void came_up(void *owner, uint32_t node)
{
    (void)node;
    sender_run(owner);
}

static void known(void *owner);

static void init_network(struct model_producer *p)
{
    char name[512];
    struct network_client_config config = {
        .reconnect_backoff_ns = p->config.reconnect_backoff_ns,
        .reconnect_backoff_max_ns = p->config.reconnect_backoff_max_ns,
        .java = p->config.kind == MODEL_PRODUCER_JAVA,
        .retry_backoff_ns = p->config.retry_backoff_ns,
    };
    snprintf(name, sizeof name, "producer %s client %u network", p->config.name, p->config.client);
    network_client_init(&p->network, &config, p->sim, p->metadata, p->transport, p->config.seed,
                        p->config.replication, name);
    p->network.changed = came_up;
    p->network.known = known;
    p->network.owner = p;
}

/* sticky.partitioning.linger.ms 0: librdkafka draws a partition for each record. */
static void draw_each(struct model_producer *p)
{
    p->config.partitioner.kind = MODEL_PARTITIONER_UNIFORM;
    p->even_weights = sim_alloc(p->config.partitions, sizeof *p->even_weights);
    model_partition_weights(&p->config.partitioner, p->config.partitions, p->even_weights);
    p->config.weights = p->even_weights;
}

struct model_producer *model_producer_new(const struct model_producer_config *config,
                                          struct sim *sim, struct model_cpu *cpu,
                                          const struct model_profile *profile,
                                          const struct model_metadata *metadata,
                                          struct model_transport *transport,
                                          struct model_producer_stats *stats)
{
    check_config(config);
    assert(cpu == NULL || profile != NULL);
    struct model_producer *p = sim_alloc(1, sizeof *p);
    p->config = *config;
    if (p->config.batch_size == 0)
        p->config.batch_size = 1; /* one record a batch, as with Kafka's 0 */
    if (p->config.acks != -1)
        p->config.idempotent =
            false; /* as Kafka does unless it was asked for, which is an error there */
    if (p->config.partitioner.kind == MODEL_PARTITIONER_STICKY &&
        p->config.kind == MODEL_PRODUCER_LIBRDKAFKA && p->config.partitioner.sticky_linger_ns == 0)
        draw_each(p);
    p->sim = sim;
    p->cpu = cpu;
    p->profile = profile;
    p->metadata = metadata;
    p->transport = transport;
    p->stats = stats;
    sim_event_init(&p->wake, wake);
    p->app.owner = p;
    p->app.class = MODEL_THREAD_APPLICATION;
    sim_stream_initf(&p->retry_random, config->seed, config->replication,
                     "producer %s client %u retry", config->name, config->client);
    sim_stream_initf(&p->enqueue_random, config->seed, config->replication,
                     "producer %s client %u enqueue", config->name, config->client);
    if (config->max_rate)
        max_rate_init(p);
    accumulator_init(p);
    init_parts(p);
    init_links(p);
    init_network(p);
    p->start_ns = -1;
    return p;
}

/*
 * The application's wake-ups for records that fall due. It looks what is due some time after it was woken, so that it is woken once in
 * (1 / rate + window); beyond one core it never sleeps.
 */
static void hum(struct model_producer *p)
{
    const struct model_profile *profile = p->profile;
    bool java = p->config.kind == MODEL_PRODUCER_JAVA;
    if (!p->cpu || p->config.max_rate)
        return;
    double wake_ns = java ? profile->java_app_wake_ns : profile->librdkafka_app_wake_ns;
    double window_ns = java ? profile->java_app_window_ns : profile->librdkafka_app_window_ns;
    double rate = p->config.arrivals.rate_records_per_s / 1e9;
    if (p->config.arrivals.kind == MODEL_ARRIVALS_BURST)
        rate /= p->config.arrivals.burst_records;
    if (!(wake_ns > 0 && rate > 0))
        return;
    double cores = model_cpu_alone_ns(p->cpu, wake_ns) / (1 / rate + window_ns);
    model_cpu_hum(p->cpu, cores < 1 ? cores : 1, wake_ns);
    p->app_late_ns = (int64_t)window_ns;
    p->app_sleep_ns = 1 / rate + window_ns < 1e18 ? (int64_t)(1 / rate + window_ns) : 0;
}

static void known(void *owner)
{
    struct model_producer *p = owner;
    for (uint32_t i = 0; i < p->config.partitions; i++)
        queue_find_leader(p, i);
    if (p->leaderless > 0)
        network_client_ask(&p->network);
    if (!p->started && !p->stopped) {
        accumulator_start(p);
        hum(p);
        p->started = true;
    }
    sender_run(p);
}

/* The application's first record waits for metadata (max.block.ms is not counted); its time is that of its intention all the same. */
void model_producer_start(struct model_producer *p)
{
    assert(p->start_ns < 0);
    p->start_ns = sim_now_ns(p->sim);
    network_client_ask(&p->network);
}

void model_producer_stop(struct model_producer *p)
{
    if (!p->started || p->stopped) {
        p->stopped = true;
        return;
    }
    accumulator_advance(p, sim_now_ns(p->sim));
    accumulator_stop(p);
    sender_run(p);
}

void model_producer_free(struct model_producer *p)
{
    if (!p)
        return;
    sim_cancel(p->sim, &p->wake);
    network_client_release(&p->network);
    accumulator_release(p);
    max_rate_release(p);
    while (p->all_requests) {
        struct request *request = p->all_requests;
        p->all_requests = request->all;
        free(request->batches);
        free(request->parts);
        free(request);
    }
    for (uint32_t i = 0; i < p->link_count; i++)
        free(p->links[i].due.items);
    free(p->links);
    free(p->senders);
    free(p->parts);
    free(p->part_keys);
    free(p->part_places);
    free(p->scratch);
    free(p->queue_lengths);
    free(p->even_weights);
    free(p);
}

void model_producer_now(const struct model_producer *p, struct model_producer_now *now)
{
    int64_t time = sim_now_ns(p->sim);
    int64_t waiting = heap_first(&p->openings);
    *now = (struct model_producer_now){
        .buffered_bytes = p->memory_used,
        .buffered_records = p->queued_records,
        .in_flight = p->in_flight,
        .blocked = p->blocked,
        .backlog_ns = p->blocked && waiting < time ? time - waiting : 0,
    };
}
