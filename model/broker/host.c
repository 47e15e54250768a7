/* model/broker/host.c - making a simulated broker, its replicas and its figures; see host.h. */
#include "model/broker/host_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- clock and look-up ---- */

int64_t host_wall_ms(const struct model_host *host)
{
    return host->config.epoch_ms + host->sim->now_ns / 1000000;
}

int64_t host_time_ns(const struct model_host *host, int64_t wall_ms)
{
    int64_t ms = wall_ms - host->config.epoch_ms;
    return ms >= SIM_TIME_NEVER / 1000000 ? SIM_TIME_NEVER : ms * 1000000;
}

void host_set_clocks(struct model_host *host)
{
    int64_t now_ms = host_wall_ms(host);
    host->clocks_until_ns = (now_ms + 1 - host->config.epoch_ms) * 1000000;
    for (uint32_t d = 0; d < host->disk_count; d++)
        env_sim_set_now(host->envs[d], now_ms);
}

struct host_replica *host_find(const struct model_host *host, struct broker_tp tp)
{
    assert(tp.topic >= 0 && (uint32_t)tp.topic < host->topic_count);
    return host->replicas[host->topic_first[tp.topic] + (uint32_t)tp.partition];
}

struct broker_env *model_host_env_of(const struct model_host *host, struct broker_tp tp)
{
    return env_sim_env(host->envs[host_find(host, tp)->disk]);
}

uint64_t host_active_file(const struct host_replica *replica)
{
    return env_sim_file_number(broker_log_active_file(replica->log));
}

int64_t host_charge_write(struct model_host *host, struct host_replica *replica,
                          const struct broker_receipt *receipt)
{
    host->stats.appended_bytes += receipt->appended_bytes;
    host->stats.batches += receipt->batches;
    if (receipt->files_made > 0)
        host->stats.segment_rolls++;
    uint64_t bytes = receipt->appended_bytes + receipt->index_bytes;
    if (bytes == 0)
        return 0;
    uint64_t end = broker_log_active_bytes(replica->log);
    uint64_t position = end > receipt->appended_bytes ? end - receipt->appended_bytes : 0;
    int64_t pause_ns = model_cache_write(host->machine->cache, replica->disk,
                                         host_active_file(replica), position, bytes);
    if (pause_ns > 0) {
        host->stats.write_pauses++;
        host->stats.write_pause_ns += pause_ns;
    }
    return pause_ns;
}

int64_t host_held_ns(struct model_host *host, const struct host_replica *replica)
{
    struct model_cache *cache = host->machine->cache;
    if (!model_cache_is_stable(cache))
        return 0; /* before the log is looked at */
    int64_t ns = model_cache_held_ns(cache, replica->disk, host_active_file(replica));
    host->stats.write_pause_ns += ns;
    return ns;
}

/* ---- set-up ---- */

static void propose(void *ctx, struct broker_tp tp, const struct broker_partition_state *proposal)
{
    struct model_host *host = ctx;
    host->propose(host->propose_ctx, host, tp, proposal);
}

static void index_topics(struct model_host *host, const uint32_t *topic_partitions,
                         uint32_t topic_count)
{
    host->topic_count = topic_count;
    host->topic_first = calloc(topic_count + 1, sizeof *host->topic_first);
    assert(host->topic_first);
    for (uint32_t t = 0; t < topic_count; t++)
        host->topic_first[t + 1] = host->topic_first[t] + topic_partitions[t];
    uint32_t total = host->topic_first[topic_count];
    host->replicas = calloc(total ? total : 1, sizeof(struct host_replica *));
    host->hosted = calloc(total ? total : 1, sizeof(struct host_replica *));
    assert(host->replicas && host->hosted);
}

static void open_dirs(struct model_host *host)
{
    struct model_machine *machine = host->machine;
    host->disk_count = machine->disk_count;
    host->envs = calloc(host->disk_count, sizeof(struct env_sim *));
    host->dirs = calloc(host->disk_count, sizeof(struct broker_dir *));
    assert(host->envs && host->dirs);
    host->cache.size_bytes = model_cache_size_bytes(machine->cache);
    for (uint32_t d = 0; d < host->disk_count; d++) {
        uint64_t seed =
            sim_hash_step(host->config.seed, ((uint64_t)host->config.replication << 32) +
                                                 (uint64_t)machine->id * 64 + d);
        host->envs[d] = env_sim_new(seed, model_disk_size_bytes(machine->disks[d]));
        assert(host->envs[d]);
        env_sim_number_from(host->envs[d], (uint64_t)host->config.broker_id << HOST_FILES_BITS);
        env_sim_set_cache(host->envs[d], &host->cache);
        env_sim_set_now(host->envs[d], host->config.epoch_ms);
        int status = broker_dir_open(env_sim_env(host->envs[d]), "data", &host->config.dir,
                                     &host->dirs[d], NULL);
        assert(status == BROKER_OK); /* an empty environment in memory has no reason to refuse */
        (void)status;
    }
}

static void start_collector(struct model_host *host)
{
    char name[32];
    snprintf(name, sizeof name, "broker %d", host->config.broker_id + 1);
    model_process_init(&host->process, &host->machine->cpu);
    model_gc_init(&host->gc, &host->process, host->config.seed, host->config.replication, name,
                  &host->config.gc);
}

struct model_host *model_host_new(struct sim *sim, struct model_net *network,
                                  struct model_machine *machine,
                                  const struct model_profile *profile,
                                  const struct model_host_config *config,
                                  const uint32_t *topic_partitions, uint32_t topic_count,
                                  model_propose_fn *propose_fn, void *ctx)
{
    assert(machine->disk_count > 0 && config->num_network_threads > 0 &&
           config->num_io_threads > 0);
    struct model_host *host = calloc(1, sizeof *host);
    assert(host);
    host->sim = sim;
    host->network = network;
    host->machine = machine;
    host->profile = profile;
    host->config = *config;
    host->propose = propose_fn;
    host->propose_ctx = ctx;
    host->broker_timer_ns = INT64_MAX;
    index_topics(host, topic_partitions, topic_count);
    open_dirs(host);
    start_collector(host);
    host->broker = broker_new(env_sim_env(host->envs[0]), &host->config.broker, host_collect_ready,
                              propose, host);
    sim_event_init(&host->broker_timer, host_broker_timer);
    host_network_init(host);
    host_io_init(host);
    host_background_init(host);
    return host;
}

int model_host_add_replica(struct model_host *host, struct broker_tp tp, const char *topic,
                           uint32_t disk, const struct broker_log_config *log_config,
                           const struct broker_partition_config *config, struct broker_err *err)
{
    struct broker_receipt receipt = {0};
    struct broker_log *log;
    host_enter(host);
    int status =
        broker_dir_log(host->dirs[disk], topic, tp.partition, log_config, &log, &receipt, err);
    if (status != BROKER_OK)
        return broker_err_wrap(err, status, "broker %d, %s-%d", host->config.broker_id, topic,
                               tp.partition);
    struct host_replica *replica = calloc(1, sizeof *replica);
    assert(replica);
    replica->tp = tp;
    replica->log = log;
    replica->disk = disk;
    replica->partition =
        broker_partition_new(env_sim_env(host->envs[disk]), log, host->config.broker_id, config);
    broker_add_partition(host->broker, tp, replica->partition);
    host->replicas[host->topic_first[tp.topic] + (uint32_t)tp.partition] = replica;
    host->hosted[host->hosted_count++] = replica;
    return BROKER_OK;
}

int model_host_apply(struct model_host *host, struct broker_tp tp,
                     const struct broker_partition_state *state, struct broker_err *err)
{
    struct broker_receipt receipt = {0};
    host_enter(host);
    int status = broker_partition_apply(host_find(host, tp)->partition, state, &receipt, err);
    broker_partition_changed(host->broker, tp);
    host_run_deferred_now(host);
    return status;
}

void model_host_start(struct model_host *host, struct model_host *const *brokers,
                      uint32_t broker_count)
{
    host_enter(host);
    for (uint32_t b = 0; b < broker_count; b++)
        broker_set_rack(host->broker, (int32_t)b, (int32_t)brokers[b]->machine->rack + 1);
    host_fetchers_start(host, brokers, broker_count);
    host_background_start(host);
    host_arm_broker_timer(host);
}

static void free_replicas(struct model_host *host)
{
    for (uint32_t i = 0; i < host->hosted_count; i++) {
        broker_partition_free(host->hosted[i]->partition);
        free(host->hosted[i]->ahead);
        free(host->hosted[i]);
    }
    free(host->hosted);
    free(host->replicas);
    free(host->topic_first);
}

void model_host_free(struct model_host *host)
{
    if (!host)
        return;
    host_fetchers_release(host);
    broker_abandon(host->broker);
    free_replicas(host);
    for (uint32_t d = 0; d < host->disk_count; d++) {
        broker_dir_abandon(host->dirs[d]);
        env_sim_free(host->envs[d]);
    }
    free(host->dirs);
    free(host->envs);
    free(host->network_threads);
    free(host->turns);
    free(host->io_threads);
    free(host->background);
    model_process_release(&host->process);
    free(host);
}

/* ---- accessors and figures ---- */

struct model_machine *model_host_machine(const struct model_host *host)
{
    return host->machine;
}

struct broker_log *model_host_log(const struct model_host *host, struct broker_tp tp)
{
    const struct host_replica *replica = host_find(host, tp);
    return replica ? replica->log : NULL;
}

void model_host_own_cache(struct model_host *host)
{
    host->clocks_until_ns = 0;
    for (uint32_t d = 0; d < host->disk_count; d++) {
        env_sim_set_cache(host->envs[d], &host->cache);
        env_sim_set_now(host->envs[d], host->config.epoch_ms);
    }
}

struct env_sim *model_host_env(const struct model_host *host, uint32_t disk)
{
    assert(disk < host->disk_count);
    return host->envs[disk];
}

int64_t host_waking_ns(const struct model_host *host, const struct model_burst *burst)
{
    int64_t ns =
        burst->begin_ns - host->sim->now_ns; /* in the past where it waits or computes nothing */
    return burst->cpu && ns > 0 ? ns : 0;
}

static double idle_ratio(const struct model_host *host, const struct sim_level *busy,
                         int64_t woken_ns, uint32_t threads)
{
    int64_t now_ns = host->sim->now_ns, since_ns = host->stats_since_ns;
    if (now_ns <= since_ns)
        return 1;
    double busy_ns = (double)(sim_level_integral(busy, now_ns) - woken_ns);
    return 1 - busy_ns / ((double)(now_ns - since_ns) * threads);
}

void model_host_stats(const struct model_host *host, struct model_host_stats *stats)
{
    int64_t now_ns = host->sim->now_ns;
    *stats = host->stats;
    stats->network_idle_ratio = idle_ratio(host, &host->network_busy, host->network_woken_ns,
                                           host->config.num_network_threads);
    stats->io_idle_ratio =
        idle_ratio(host, &host->io_busy, host->io_woken_ns, host->config.num_io_threads);
    stats->gc_pauses = host->process.stats.stops;
    stats->gc_pause_ns = host->process.stats.stopped_ns;
    stats->gc_pause_ns_max = host->process.stats.longest_ns;
    if (now_ns > host->stats_since_ns)
        stats->request_queue_mean = (double)sim_level_integral(&host->request_level, now_ns) /
                                    (double)(now_ns - host->stats_since_ns);
}

void model_host_reset_stats(struct model_host *host)
{
    int64_t now_ns = host->sim->now_ns;
    host->stats = (struct model_host_stats){0};
    host->stats_since_ns = now_ns;
    sim_level_reset(&host->network_busy, now_ns);
    sim_level_reset(&host->io_busy, now_ns);
    host->network_woken_ns = host->io_woken_ns = 0;
    sim_level_reset(&host->request_level, now_ns);
    model_process_reset_stats(&host->process);
    model_machine_reset_stats(host->machine);
}

const struct broker_counters *model_host_counters(const struct model_host *host)
{
    return broker_counters(host->broker);
}
