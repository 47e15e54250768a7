/*
 * model/cluster/start.c - the state that a run starts from: logs as retention left them, a warm cache, writeback under way.
 *
 * An empty cluster would measure a machine that nobody runs: no index look-ups, no dirty pages, a cache without age. So every replica is
 * preloaded by the real log, the newest bytes of each log carry the age in the page cache that they would have, and
 * each active file has been dirty for a random time.
 */
#include "model/cluster/cluster_internal.h"
#include "model/cluster/horizon_log.h"
#include "model/cluster/log_sync.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* With more replicas than this only the newest segments are preloaded: the older ones cost memory and change nothing in minutes,
 * but for groups that lag further back, of which a warning tells. */
#define REPLICAS_IN_FULL 3000
#define SEGMENTS_OF_MANY 2
#define CACHE_STEPS      32 /* ages of one log's cached bytes: a step is 3 % of the cache's age */

struct start {
    struct cluster *cluster;
    double *fill_bytes_per_s;          /* [broker]: written into its page cache */
    double tail_batches;               /* wanted by the groups that lag, over all replicas */
    struct horizon_stretch *stretches; /* of the log at hand */
    struct env_sim_cache cold;         /* what is appended under it has left memory long ago */
};

static double wire_rate(const struct start *start, int topic, int partition)
{
    return model_flows_partition(start->cluster->before, topic, partition)->wire_bytes_per_s;
}

static double record_bytes(const struct start *start, int topic, int partition)
{
    const struct model_flow *flow = model_flows_partition(start->cluster->before, topic, partition);
    return flow->records_per_s > 0 ? flow->wire_bytes_per_s / flow->records_per_s : 1024;
}

/* What retention keeps, and no more than has come since the start where the logs were empty then, or are kept for ever. */
static int64_t retention_ms(const struct scenario *s, const struct scenario_topic_config *config)
{
    int64_t history_ms = s->start.history_ns / 1000000, kept = config->retention_ms;
    bool for_ever = kept < 0 && config->retention_bytes < 0;
    if (history_ms > 0 && (for_ever || (s->start.history_only && (kept < 0 || history_ms < kept))))
        return history_ms;
    return kept;
}

/* The log's share of the page cache: as its share of what the broker writes. */
static double cached_bytes(const struct start *start, uint32_t broker, struct broker_tp tp)
{
    struct model_cache *cache = start->cluster->broker_machines[broker]->cache;
    return (double)model_cache_size_bytes(cache) *
           (wire_rate(start, tp.topic, tp.partition) / start->fill_bytes_per_s[broker]);
}

/* On the replica that keeps most of it: the replicas' batches must be the same, whatever their brokers' caches. */
static double most_cached_bytes(const struct start *start, struct broker_tp tp)
{
    const struct model_placement *placement = start->cluster->placement;
    const struct model_replica *replicas =
        model_placement_replicas(placement, tp.topic, tp.partition);
    double most = 0;
    for (int r = 0; r < model_placement_replication(placement, tp.topic); r++) {
        double bytes = cached_bytes(start, (uint32_t)replicas[r].broker, tp);
        most = bytes > most ? bytes : most;
    }
    return most;
}

static uint32_t segments_max(const struct cluster *cluster)
{
    uint32_t each = START_SEGMENTS_MOST / cluster->replica_total; /* for the same reason */
    return cluster->replica_total > REPLICAS_IN_FULL || each < SEGMENTS_OF_MANY ? SEGMENTS_OF_MANY
                                                                                : each;
}

/* Where the log begins when so many segments of it are laid. */
static double first_bytes(const struct horizon_preload *preload, struct sim_stream random,
                          uint32_t segments_max)
{
    struct horizon_preload p = *preload;
    p.segments_max = segments_max;
    return horizon_preload_first(&p, &random);
}

static int preload_log(const struct start *start, struct broker_tp tp, struct env_sim *env,
                       struct broker_log *log, struct broker_err *err)
{
    const struct cluster *cluster = start->cluster;
    const struct scenario_topic *topic = &cluster->scenario->topics[tp.topic];
    const struct model_flow *flow = model_flows_partition(cluster->before, tp.topic, tp.partition);
    struct horizon_preload preload = {
        .bytes_per_s = flow->wire_bytes_per_s,
        .record_bytes = record_bytes(start, tp.topic, tp.partition),
        .retention_ms = retention_ms(cluster->scenario, &topic->config),
        .retention_bytes = topic->config.retention_bytes,
        .segment_bytes = topic->config.segment_bytes,
        .segment_ms = topic->config.segment_ms,
        .check_interval_ms = cluster->scenario->cluster.config.log_retention_check_interval_ms,
        .segments_max = segments_max(cluster),
        .stretches = start->stretches,
        .stamp_producer = -1,
    };
    if (preload.bytes_per_s <= 0)
        return BROKER_OK;
    preload.read_bytes = (uint64_t)most_cached_bytes(start, tp) + 1;
    struct sim_stream random; /* the same for every replica: their logs must be the same */
    sim_stream_initf(&random, cluster->options.seed, cluster->options.replication, "start %s %d",
                     topic->name, tp.partition);
    double first = first_bytes(&preload, random, preload.segments_max);
    start_tail_note(start->cluster, tp, first, first_bytes(&preload, random, 0));
    preload.stretch_count = start_tail(cluster, tp, first, start->tail_batches, start->stretches);
    return horizon_preload_log(env, log, &preload, CLUSTER_EPOCH_MS, &random, err);
}

/* ---- page cache ---- */

/* The region's batches, the last one whole: their bytes, and the offset behind them. */
static uint64_t whole_batches(struct broker_env *env, const struct broker_region *region,
                              int64_t *next)
{
    struct broker_batch_header header;
    uint8_t bytes[BROKER_BATCH_HEADER_BYTES];
    uint64_t at = 0;
    while (at < region->size_bytes) {
        size_t got;
        int rc = env->ops->read_at(env, broker_region_file(region), region->position + at, bytes,
                                   sizeof bytes, &got);
        assert(rc == BROKER_OK &&
               got == sizeof bytes); /* the log has just said that they are there */
        (void)rc;
        broker_batch_header_read(bytes, &header);
        at += broker_batch_size(&header);
        *next = broker_batch_last_offset(&header) + 1;
    }
    return at;
}

/*
 * Of this log, what was written within the cache's age is in memory, the newest byte as young as now. Its share of the broker's writes
 * tells how much older each byte is in bytes of the whole cache.
 */
static void warm_log(const struct start *start, uint32_t broker, struct broker_tp tp,
                     struct env_sim *env, struct broker_log *log)
{
    struct model_cache *cache = start->cluster->broker_machines[broker]->cache;
    double rate = wire_rate(start, tp.topic, tp.partition),
           share = rate / start->fill_bytes_per_s[broker];
    double cached = (double)model_cache_size_bytes(cache) * share,
           record = record_bytes(start, tp.topic, tp.partition);
    uint64_t now = model_cache_stamp(cache);
    int64_t end = broker_log_end_offset(log), offset = end - (int64_t)(cached / record);
    struct env_sim_cache aged = {.size_bytes = model_cache_size_bytes(cache)};
    if (offset < broker_log_start_offset(log))
        offset = broker_log_start_offset(log);
    env_sim_set_cache(env, &aged);
    while (offset < end) {
        struct broker_region region;
        struct broker_receipt receipt = {0};
        double back = (double)(end - offset) * record / share;
        aged.fill_bytes = back < (double)now ? now - (uint64_t)back : 0;
        if (broker_log_read(log, offset, (uint64_t)(cached / CACHE_STEPS) + 1, true,
                            BROKER_READ_END, &region, &receipt) != KAFKA_NONE ||
            region.size_bytes == 0)
            break;
        uint64_t whole = whole_batches(env_sim_env(env), &region, &offset);
        env_sim_touch(env, broker_region_file(&region), region.position, whole);
        broker_region_release(&region);
    }
}

/* ---- writeback ---- */

struct dirty {
    double age_s;
    double age_most_s;
    uint32_t disk;
    uint64_t file, position;
    double bytes_per_s;
};

static int oldest_first(const void *a, const void *b)
{
    const struct dirty *x = a, *y = b;
    if (x->age_s != y->age_s)
        return x->age_s < y->age_s ? 1 : -1;
    if (x->disk != y->disk)
        return x->disk < y->disk ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file;
}

/* Above the background threshold the flusher would have been at work: no more than that has been left, and it is so much younger. */
static void limit_ages(struct dirty *files, uint32_t count, double background_bytes)
{
    double dirty_bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        dirty_bytes += files[i].age_s * files[i].bytes_per_s;
    if (dirty_bytes <= background_bytes)
        return;
    for (uint32_t i = 0; i < count; i++)
        files[i].age_s *= background_bytes / dirty_bytes;
}

/* The kernel writes what is so old, and a topic's flushes what is younger. */
static double age_most_s(const struct start *start, struct broker_tp tp)
{
    const struct scenario *s = start->cluster->scenario;
    const struct scenario_topic_config *c = &s->topics[tp.topic].config;
    double most = (double)s->cluster.dirty_expire_ns / 1e9;
    double records =
        model_flows_partition(start->cluster->before, tp.topic, tp.partition)->records_per_s;
    if (c->flush_messages != INT64_MAX && records > 0)
        most = fmin(most, (double)c->flush_messages / records);
    return fmin(most, log_sync_period_s(s, c));
}

/* What the brokers of a machine have dirty, the last of them `broker`. */
static void dirty_machine(const struct start *start, uint32_t broker, struct dirty *files,
                          uint32_t count)
{
    struct model_cache *cache = start->cluster->broker_machines[broker]->cache;
    struct sim_stream random;
    sim_stream_initf(&random, start->cluster->options.seed, start->cluster->options.replication,
                     "start dirty %u", broker);
    for (uint32_t i = 0; i < count; i++)
        files[i].age_s = sim_uniform(&random, 0, files[i].age_most_s);
    limit_ages(files, count, (double)model_cache_background_bytes(cache));
    qsort(files, count, sizeof *files, oldest_first);
    for (uint32_t i = 0; i < count; i++)
        model_cache_dirty_before(cache, files[i].disk, files[i].file, files[i].position,
                                 (uint64_t)(files[i].age_s * files[i].bytes_per_s),
                                 (int64_t)(files[i].age_s * 1e9));
}

/* ---- all replicas ---- */

typedef int each_fn(const struct start *start, struct broker_tp tp,
                    const struct model_replica *replica, void *ctx, struct broker_err *err);

/* Of the first topics: those of the scenario, behind which the offsets topic comes. */
static int each_replica_of(const struct start *start, int topics, each_fn *each, void *ctx,
                           struct broker_err *err)
{
    const struct model_placement *placement = start->cluster->placement;
    int status = BROKER_OK;
    for (int t = 0; t < topics; t++) {
        for (int p = 0; p < model_placement_partition_count(placement, t); p++) {
            const struct model_replica *replicas = model_placement_replicas(placement, t, p);
            for (int r = 0; r < model_placement_replication(placement, t) && status == BROKER_OK;
                 r++)
                status = each(start, (struct broker_tp){t, p}, &replicas[r], ctx, err);
        }
    }
    return status;
}

static int each_replica(const struct start *start, each_fn *each, void *ctx, struct broker_err *err)
{
    return each_replica_of(start, start->cluster->scenario->topic_count, each, ctx, err);
}

static int add_rate(const struct start *start, struct broker_tp tp,
                    const struct model_replica *replica, void *ctx, struct broker_err *err)
{
    (void)ctx;
    (void)err;
    start->fill_bytes_per_s[replica->broker] += wire_rate(start, tp.topic, tp.partition);
    return BROKER_OK;
}

static int add_batches(const struct start *start, struct broker_tp tp,
                       const struct model_replica *replica, void *ctx, struct broker_err *err)
{
    (void)replica;
    (void)err;
    *(double *)ctx += start_tail_batches(start->cluster, tp);
    return BROKER_OK;
}

static int preload(const struct start *start, struct broker_tp tp,
                   const struct model_replica *replica, void *ctx, struct broker_err *err)
{
    (void)ctx;
    struct model_host *host = start->cluster->hosts[replica->broker];
    struct env_sim *env = model_host_env(host, (uint32_t)replica->disk);
    env_sim_set_cache(env, &start->cold);
    int status = preload_log(start, tp, env, model_host_log(host, tp), err);
    if (status == BROKER_OK && start->cluster->scenario->start.cache == SCENARIO_FULL &&
        start->fill_bytes_per_s[replica->broker] > 0)
        warm_log(start, (uint32_t)replica->broker, tp, env, model_host_log(host, tp));
    return status;
}

/*
 * A follower writes a leader's epoch down, and syncs that, with the first batch of it. Nobody's first commit falls into the run: its fetcher
 * would stand still for as long as the disk needs for what is dirty, which is most of a second on a volume.
 */
static int enter_epoch(const struct start *start, struct broker_tp tp,
                       const struct model_replica *replica, void *ctx, struct broker_err *err)
{
    (void)ctx;
    struct broker_receipt unpaid = {0};
    return broker_log_assign_epoch(model_host_log(start->cluster->hosts[replica->broker], tp),
                                   CLUSTER_FIRST_EPOCH, &unpaid, err);
}

struct dirty_list {
    struct dirty *files;
    uint32_t count;
    int broker;
};

static int note_dirty(const struct start *start, struct broker_tp tp,
                      const struct model_replica *replica, void *ctx, struct broker_err *err)
{
    (void)err;
    struct dirty_list *list = ctx;
    if (replica->broker != list->broker)
        return BROKER_OK;
    const struct broker_log *log = model_host_log(start->cluster->hosts[replica->broker], tp);
    list->files[list->count++] = (struct dirty){
        .disk = (uint32_t)replica->disk,
        .file = env_sim_file_number(broker_log_active_file(log)),
        .position = broker_log_active_bytes(log),
        .bytes_per_s = wire_rate(start, tp.topic, tp.partition),
        .age_most_s = age_most_s(start, tp),
    };
    return BROKER_OK;
}

static void dirty_all(const struct start *start)
{
    struct cluster *cluster = start->cluster;
    struct dirty_list list = {.files = calloc(cluster->replica_total + 1, sizeof(struct dirty))};
    assert(list.files);
    uint32_t each = (uint32_t)cluster->scenario->cluster.brokers_per_machine;
    for (uint32_t b = 0; b < cluster->broker_count; b++) {
        list.broker = (int)b;
        list.count = b % each == 0 ? 0 : list.count;
        each_replica(start, note_dirty, &list, NULL);
        if (b % each == each - 1 || b == cluster->broker_count - 1)
            dirty_machine(start, b, list.files, list.count);
    }
    free(list.files);
}

/* A disk that could not hold what retention keeps is the horizon's answer; the run goes on as if it were large enough. */
static void set_capacities(struct cluster *cluster, bool unlimited)
{
    for (uint32_t b = 0; b < cluster->broker_count; b++) {
        const struct model_machine *machine = cluster->broker_machines[b];
        for (uint32_t d = 0; d < machine->disk_count; d++) {
            struct env_sim *env = model_host_env(cluster->hosts[b], d);
            uint64_t size = model_disk_size_bytes(machine->disks[d]),
                     used = env_sim_used_bytes(env);
            env_sim_set_capacity(env, unlimited     ? UINT64_MAX / 2
                                      : used < size ? size
                                                    : UINT64_MAX / 2);
        }
    }
}

/* All partitions of a group are equally far back in time, as over the horizon. */
static double lag_s(const struct cluster *cluster, const struct scenario_group *group)
{
    double records = 0, bytes = 0;
    for (int t = 0; t < group->topic_count; t++) {
        for (int p = 0; p < cluster->scenario->topics[group->topics[t]].partitions; p++) {
            const struct model_flow *flow =
                model_flows_partition(cluster->before, group->topics[t], p);
            records += flow->records_per_s;
            bytes += flow->payload_bytes_per_s;
        }
    }
    return scenario_lag_s(group, records, bytes);
}

static void start_rates(struct cluster *cluster)
{
    const struct scenario *s = cluster->scenario;
    cluster->shares = model_shares_new(s);
    cluster->before =
        model_flows_mean(s, cluster->profile, cluster->placement, cluster->shares, NULL);
    cluster->lag_s = calloc((size_t)s->group_count + 1, sizeof(double));
    cluster->laid_s = calloc((size_t)s->group_count + 1, sizeof(double));
    assert(cluster->lag_s && cluster->laid_s);
    for (int g = 0; g < s->group_count; g++)
        cluster->lag_s[g] = lag_s(cluster, &s->groups[g]);
}

int cluster_start_state(struct cluster *cluster, struct broker_err *err)
{
    const struct scenario *s = cluster->scenario;
    struct start start = {.cluster = cluster};
    start_rates(cluster);
    int status = BROKER_OK;
    start.fill_bytes_per_s = calloc(cluster->broker_count, sizeof(double));
    start.stretches = calloc(2 * (size_t)s->group_count + 1, sizeof *start.stretches);
    assert(start.fill_bytes_per_s && start.stretches);
    each_replica(&start, add_rate, NULL, NULL);
    if (s->start.logs == SCENARIO_FULL) {
        set_capacities(cluster, true);
        each_replica(&start, add_batches, &start.tail_batches, NULL);
        status = each_replica(&start, preload, NULL, err);
        if (status == BROKER_OK)
            status = each_replica_of(&start, model_placement_topic_count(cluster->placement),
                                     enter_epoch, NULL, err);
        set_capacities(cluster, false);
    }
    if (status == BROKER_OK && s->start.cache == SCENARIO_FULL)
        dirty_all(&start);
    for (uint32_t b = 0; b < cluster->broker_count; b++)
        model_host_own_cache(cluster->hosts[b]);
    free(start.fill_bytes_per_s);
    free(start.stretches);
    return status == BROKER_OK ? status : broker_err_wrap(err, status, "start state");
}

void cluster_start_free(struct cluster *cluster)
{
    model_flows_free(cluster->before);
    model_shares_free(cluster->shares);
    free(cluster->lag_s);
    free(cluster->laid_s);
}
