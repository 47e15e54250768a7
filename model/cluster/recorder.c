/*
 * model/cluster/recorder.c - what is seen of a run: the parts of each request's time, and series at a fixed interval.
 *
 * The producers', consumers' and hosts' own figures are read, never kept twice; here is only what needs a look at regular times
 * (series, backlogs) or at more than one of them (the parts of a request's time).
 */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts of a histogram at the last tick, so that an interval has percentiles of its own. */
struct snapshot {
    uint64_t *bins;
    uint64_t count;
    double sum_ns;
};

struct busy_snapshot {
    int64_t cpu_ns;
    double in_bytes, out_bytes;
    double disk_ns;
};

struct recorder {
    struct cluster *cluster;
    struct sim_event tick;
    uint32_t tick_max;
    struct cluster_seen seen;
    struct snapshot *produced, *consumed;        /* [producer], [group] */
    uint64_t *acked_records, *acked_bytes;       /* at the last tick */
    uint64_t *consumed_records, *consumed_bytes; /* at the last tick */
    struct busy_snapshot *brokers;
    uint64_t scratch[SIM_HISTOGRAM_BINS];
};

const char *cluster_part_name(enum cluster_part part)
{
    static const char *const names[] = {
        "client linger, queue", "client send, network", "request queue",    "local (append)",
        "remote (replicas)",    "response queue",       "response, network"};
    return names[part];
}

/* ---- parts of a produce request's time ---- */

void recorder_answered(struct recorder *recorder, const struct cluster_client *client,
                       const struct model_call *call)
{
    if (!recorder || call->kind != MODEL_PRODUCE || client->producer == UINT32_MAX ||
        call->outcome != MODEL_CALL_ANSWERED)
        return;
    struct cluster_producer_seen *seen = &recorder->seen.producers[client->producer];
    struct sim_histogram *parts = seen->parts;
    const struct model_stamps *at = &call->at;
    seen->held_ns += (double)(at->turn_ns - at->arrived_ns);
    sim_histogram_record(&parts[CLUSTER_PART_SEND], at->received_ns - at->created_ns);
    sim_histogram_record(&parts[CLUSTER_PART_REQUEST_QUEUE], at->taken_ns - at->received_ns);
    sim_histogram_record(&parts[CLUSTER_PART_LOCAL], at->local_ns - at->taken_ns);
    sim_histogram_record(&parts[CLUSTER_PART_REMOTE], at->ready_ns - at->local_ns);
    sim_histogram_record(&parts[CLUSTER_PART_RESPONSE_QUEUE], at->response_ns - at->ready_ns);
    sim_histogram_record(&parts[CLUSTER_PART_RESPONSE], at->answered_ns - at->response_ns);
}

/* ---- one interval's latencies: what was added to a histogram since the last tick ---- */

static double interval_quantile(const uint64_t *now, const uint64_t *before, uint64_t count,
                                double q)
{
    uint64_t rank = (uint64_t)(q * (double)count), below = 0;
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++) {
        below += now[bin] - before[bin];
        if (below > rank)
            return ((double)sim_histogram_bin_lower_ns(bin) +
                    (double)sim_histogram_bin_lower_ns(bin + 1)) /
                   2;
    }
    return NAN;
}

static void add_interval(struct recorder *recorder, struct snapshot *snapshot,
                         const struct sim_histogram *h, struct cluster_latency_series *series,
                         uint32_t tick)
{
    struct sim_histogram_cursor cursor = {0};
    memset(recorder->scratch, 0, sizeof recorder->scratch);
    while (sim_histogram_next(h, &cursor))
        recorder->scratch[sim_histogram_bin(cursor.lower_ns)] = cursor.count;
    uint64_t added = h->count - snapshot->count;
    double sum_ns = sim_histogram_mean_ns(h) * (double)h->count;
    series->mean_ns[tick] = added ? (sum_ns - snapshot->sum_ns) / (double)added : NAN;
    series->p50_ns[tick] =
        added ? interval_quantile(recorder->scratch, snapshot->bins, added, 0.50) : NAN;
    series->p95_ns[tick] =
        added ? interval_quantile(recorder->scratch, snapshot->bins, added, 0.95) : NAN;
    series->p99_ns[tick] =
        added ? interval_quantile(recorder->scratch, snapshot->bins, added, 0.99) : NAN;
    memcpy(snapshot->bins, recorder->scratch, sizeof recorder->scratch);
    snapshot->count = h->count;
    snapshot->sum_ns = sum_ns;
}

/* ---- levels: what is waiting where ---- */

struct backlog {
    double seconds, records;
};

static struct backlog producer_backlog(const struct cluster *cluster, uint32_t entry)
{
    struct backlog backlog = {0};
    for (uint32_t i = 0; i < cluster->client_count; i++) {
        if (cluster->clients[i].producer != entry)
            continue;
        struct model_producer_now now;
        model_producer_now(cluster->clients[i].produces, &now);
        backlog.seconds = fmax(backlog.seconds, (double)now.backlog_ns / 1e9);
        backlog.records += (double)now.buffered_records;
    }
    return backlog;
}

static double member_lag(const struct cluster *cluster, const struct cluster_client *client)
{
    double lag = 0;
    for (uint32_t i = 0; i < model_consumer_part_count(client->consumes); i++) {
        struct broker_tp tp;
        int64_t position = model_consumer_position(client->consumes, i, &tp);
        int32_t leader = controller_leader((void *)cluster, tp, NULL);
        int64_t end = broker_log_high_watermark(model_host_log(cluster->hosts[leader], tp));
        lag += end > position ? (double)(end - position) : 0;
    }
    return lag;
}

static double group_lag(const struct cluster *cluster, uint32_t group)
{
    double lag = 0;
    for (uint32_t i = 0; i < cluster->client_count; i++)
        if (cluster->clients[i].group == group)
            lag += member_lag(cluster, &cluster->clients[i]);
    return lag;
}

static int64_t cpu_busy_ns(const struct model_cpu *cpu)
{
    int64_t busy_ns = 0;
    for (int class = 0; class < MODEL_THREAD_CLASSES; class ++)
        busy_ns += model_cpu_busy_ns(cpu, (enum model_thread_class) class);
    return busy_ns;
}

static double disk_busy_ns(const struct model_machine *machine, int64_t now_ns, int64_t since_ns)
{
    double most = 0;
    for (uint32_t d = 0; d < machine->disk_count; d++)
        most = fmax(most, model_disk_busy_ratio(machine->disks[d], NULL));
    return most * (double)(now_ns - since_ns);
}

/* ---- ticks ---- */

static void tick_producer(struct recorder *recorder, uint32_t p, uint32_t tick)
{
    struct cluster_producer_seen *seen = &recorder->seen.producers[p];
    const struct model_producer_stats *stats = seen->stats;
    add_interval(recorder, &recorder->produced[p], stats->latency_ns, &seen->latency, tick);
    seen->acked_records[tick] = (double)(stats->records_acked - recorder->acked_records[p]);
    seen->acked_bytes[tick] = (double)(stats->raw_bytes_acked - recorder->acked_bytes[p]);
    recorder->acked_records[p] = stats->records_acked;
    recorder->acked_bytes[p] = stats->raw_bytes_acked;
    struct backlog backlog = producer_backlog(recorder->cluster, p);
    seen->buffered_records[tick] = backlog.records;
    seen->backlog_s[tick] = backlog.seconds;
}

static void tick_group(struct recorder *recorder, uint32_t g, uint32_t tick)
{
    struct cluster_group_seen *seen = &recorder->seen.groups[g];
    const struct model_consumer_stats *stats = seen->stats;
    add_interval(recorder, &recorder->consumed[g], stats->end_to_end_ns, &seen->latency, tick);
    seen->records[tick] = (double)(stats->records - recorder->consumed_records[g]);
    seen->bytes[tick] = (double)(stats->raw_bytes - recorder->consumed_bytes[g]);
    recorder->consumed_records[g] = stats->records;
    recorder->consumed_bytes[g] = stats->raw_bytes;
    seen->lag_records[tick] = group_lag(recorder->cluster, g);
}

static double share(double now, double before, double capacity)
{
    return capacity > 0 ? (now - before) / capacity : 0;
}

static void tick_broker(struct recorder *recorder, uint32_t b, uint32_t tick)
{
    const struct cluster *cluster = recorder->cluster;
    const struct model_machine *machine = cluster->broker_machines[b];
    struct cluster_broker_seen *seen = &recorder->seen.brokers[b];
    struct busy_snapshot *before = &recorder->brokers[b];
    double interval_ns = (double)recorder->seen.tick_ns;
    struct busy_snapshot now = {
        .cpu_ns = cpu_busy_ns(&machine->cpu),
        .in_bytes = machine->nic.in.wire_bytes,
        .out_bytes = machine->nic.out.wire_bytes,
        .disk_ns = disk_busy_ns(machine, cluster->sim.now_ns, recorder->seen.begin_ns),
    };
    seen->cpu[tick] =
        share((double)now.cpu_ns, (double)before->cpu_ns, interval_ns * machine->cpu.vcpus);
    seen->network_in[tick] =
        share(now.in_bytes, before->in_bytes, machine->nic.in.baseline * interval_ns);
    seen->network_out[tick] =
        share(now.out_bytes, before->out_bytes, machine->nic.out.baseline * interval_ns);
    seen->disk[tick] = fmax(0, share(now.disk_ns, before->disk_ns, interval_ns));
    *before = now;
}

static void tick_fired(struct sim *sim, struct sim_event *event)
{
    struct recorder *recorder = sim_container(event, struct recorder, tick);
    struct cluster_seen *seen = &recorder->seen;
    if (seen->tick_count >= recorder->tick_max)
        return;
    for (uint32_t p = 0; p < seen->producer_count; p++)
        tick_producer(recorder, p, seen->tick_count);
    for (uint32_t g = 0; g < seen->group_count; g++)
        tick_group(recorder, g, seen->tick_count);
    for (uint32_t b = 0; b < seen->broker_count; b++)
        tick_broker(recorder, b, seen->tick_count);
    seen->tick_count++;
    sim_at(sim, event, sim->now_ns + seen->tick_ns, SIM_PRIORITY_LAST);
}

/* ---- making, starting, resetting ---- */

static double *series_new(const struct recorder *recorder)
{
    double *series = calloc(recorder->tick_max, sizeof *series);
    assert(series);
    return series;
}

static void latency_series_new(const struct recorder *recorder,
                               struct cluster_latency_series *series)
{
    series->mean_ns = series_new(recorder);
    series->p50_ns = series_new(recorder);
    series->p95_ns = series_new(recorder);
    series->p99_ns = series_new(recorder);
}

static void latency_series_free(struct cluster_latency_series *series)
{
    free(series->mean_ns);
    free(series->p50_ns);
    free(series->p95_ns);
    free(series->p99_ns);
}

static struct snapshot *snapshots_new(uint32_t count)
{
    struct snapshot *snapshots = calloc(count + 1, sizeof *snapshots);
    assert(snapshots);
    for (uint32_t i = 0; i < count; i++) {
        snapshots[i].bins = calloc(SIM_HISTOGRAM_BINS, sizeof(uint64_t));
        assert(snapshots[i].bins);
    }
    return snapshots;
}

static void producers_new(struct recorder *recorder)
{
    struct cluster_seen *seen = &recorder->seen;
    seen->producers = calloc(seen->producer_count + 1, sizeof *seen->producers);
    recorder->acked_records = calloc(seen->producer_count + 1, sizeof(uint64_t));
    recorder->acked_bytes = calloc(seen->producer_count + 1, sizeof(uint64_t));
    assert(seen->producers && recorder->acked_records && recorder->acked_bytes);
    recorder->produced = snapshots_new(seen->producer_count);
    for (uint32_t p = 0; p < seen->producer_count; p++) {
        struct cluster_producer_seen *one = &seen->producers[p];
        one->stats = &recorder->cluster->producer_stats[p];
        for (int part = 0; part < CLUSTER_PARTS; part++)
            sim_histogram_init(&one->parts[part]);
        latency_series_new(recorder, &one->latency);
        one->acked_records = series_new(recorder);
        one->acked_bytes = series_new(recorder);
        one->buffered_records = series_new(recorder);
        one->backlog_s = series_new(recorder);
    }
}

static void groups_new(struct recorder *recorder)
{
    struct cluster_seen *seen = &recorder->seen;
    seen->groups = calloc(seen->group_count + 1, sizeof *seen->groups);
    recorder->consumed_records = calloc(seen->group_count + 1, sizeof(uint64_t));
    recorder->consumed_bytes = calloc(seen->group_count + 1, sizeof(uint64_t));
    assert(seen->groups && recorder->consumed_records && recorder->consumed_bytes);
    recorder->consumed = snapshots_new(seen->group_count);
    for (uint32_t g = 0; g < seen->group_count; g++) {
        struct cluster_group_seen *one = &seen->groups[g];
        one->stats = &recorder->cluster->consumer_stats[g];
        latency_series_new(recorder, &one->latency);
        one->records = series_new(recorder);
        one->bytes = series_new(recorder);
        one->lag_records = series_new(recorder);
    }
}

static void machines_new(struct recorder *recorder)
{
    struct cluster_seen *seen = &recorder->seen;
    seen->brokers = calloc(seen->broker_count + 1, sizeof *seen->brokers);
    seen->clients = calloc(seen->client_count + 1, sizeof *seen->clients);
    recorder->brokers = calloc(seen->broker_count + 1, sizeof *recorder->brokers);
    assert(seen->brokers && seen->clients && recorder->brokers);
    for (uint32_t b = 0; b < seen->broker_count; b++) {
        seen->brokers[b].cpu = series_new(recorder);
        seen->brokers[b].network_in = series_new(recorder);
        seen->brokers[b].network_out = series_new(recorder);
        seen->brokers[b].disk = series_new(recorder);
    }
    for (uint32_t c = 0; c < seen->client_count; c++)
        seen->clients[c].name = recorder->cluster->client_machines[c].name;
}

struct recorder *recorder_new(struct cluster *cluster)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    assert(recorder);
    recorder->cluster = cluster;
    recorder->tick_max = (uint32_t)(cluster->options.length_ns / cluster->options.tick_ns) + 1;
    recorder->seen.tick_ns = cluster->options.tick_ns;
    recorder->seen.producer_count = (uint32_t)cluster->scenario->producer_count;
    recorder->seen.group_count = (uint32_t)cluster->scenario->group_count;
    recorder->seen.broker_count = cluster->broker_count;
    recorder->seen.client_count = cluster->client_machine_count;
    producers_new(recorder);
    groups_new(recorder);
    machines_new(recorder);
    sim_event_init(&recorder->tick, tick_fired);
    return recorder;
}

static void note_start(struct recorder *recorder)
{
    struct cluster_seen *seen = &recorder->seen;
    struct cluster *cluster = recorder->cluster;
    seen->begin_ns = cluster->sim.now_ns;
    seen->tick_count = 0;
    for (uint32_t p = 0; p < seen->producer_count; p++)
        seen->producers[p].following_start =
            seen_following(cluster, cluster->scenario->producers[p].topic);
    for (uint32_t g = 0; g < seen->group_count; g++) {
        seen->groups[g].lag_start_records = group_lag(cluster, g);
        seen->groups[g].laid_s = cluster->laid_s[g];
    }
    sim_at(&cluster->sim, &recorder->tick, seen->begin_ns + seen->tick_ns, SIM_PRIORITY_LAST);
}

void recorder_start(struct recorder *recorder)
{
    note_start(recorder);
}

static void forget(struct snapshot *snapshot)
{
    memset(snapshot->bins, 0, SIM_HISTOGRAM_BINS * sizeof(uint64_t));
    snapshot->count = 0;
    snapshot->sum_ns = 0;
}

void recorder_reset(struct recorder *recorder)
{
    struct cluster *cluster = recorder->cluster;
    struct cluster_seen *seen = &recorder->seen;
    for (uint32_t p = 0; p < seen->producer_count; p++) {
        seen->batches += cluster->producer_stats[p].batches;
        seen->requests += cluster->producer_stats[p].requests;
        model_producer_stats_reset(&cluster->producer_stats[p]);
        forget(&recorder->produced[p]);
        recorder->acked_records[p] = recorder->acked_bytes[p] = 0;
        seen->producers[p].held_ns = 0;
        for (int part = 0; part < CLUSTER_PARTS; part++)
            sim_histogram_reset(&seen->producers[p].parts[part]);
    }
    for (uint32_t g = 0; g < seen->group_count; g++) {
        model_consumer_stats_reset(&cluster->consumer_stats[g]);
        forget(&recorder->consumed[g]);
        recorder->consumed_records[g] = recorder->consumed_bytes[g] = 0;
    }
    for (uint32_t b = 0; b < cluster->broker_count; b++) {
        model_host_reset_stats(cluster->hosts[b]);
        recorder->brokers[b] = (struct busy_snapshot){0};
    }
    for (uint32_t c = 0; c < cluster->client_machine_count; c++)
        model_machine_reset_stats(&cluster->client_machines[c]);
    model_nic_reset_stats(&cluster->net.shared);
    for (uint32_t c = 0; c < cluster->client_count; c++)
        if (cluster->clients[c].consumes)
            model_consumer_reset_busy(cluster->clients[c].consumes);
    note_start(recorder);
}

/* ---- the end ---- */

const struct cluster_seen *recorder_seen(struct recorder *recorder)
{
    struct cluster *cluster = recorder->cluster;
    struct cluster_seen *seen = &recorder->seen;
    seen->end_ns = cluster->sim.now_ns;
    double elapsed_s = (double)(seen->end_ns - seen->begin_ns) / 1e9;
    for (uint32_t p = 0; p < seen->producer_count; p++) {
        seen->producers[p].backlog_end_s = producer_backlog(cluster, p).seconds;
        seen->producers[p].following_end =
            seen_following(cluster, cluster->scenario->producers[p].topic);
    }
    for (uint32_t g = 0; g < seen->group_count; g++)
        seen->groups[g].lag_end_records = group_lag(cluster, g);
    seen_read_machines(cluster, seen, elapsed_s);
    seen->events = sim_event_count(&cluster->sim);
    seen->fingerprint = cluster->sim.fingerprint;
    return seen;
}

static void producers_free(struct recorder *recorder)
{
    for (uint32_t p = 0; p < recorder->seen.producer_count; p++) {
        struct cluster_producer_seen *one = &recorder->seen.producers[p];
        for (int part = 0; part < CLUSTER_PARTS; part++)
            sim_histogram_release(&one->parts[part]);
        latency_series_free(&one->latency);
        free(one->acked_records);
        free(one->acked_bytes);
        free(one->buffered_records);
        free(one->backlog_s);
        free(recorder->produced[p].bins);
    }
    free(recorder->seen.producers);
    free(recorder->produced);
    free(recorder->acked_records);
    free(recorder->acked_bytes);
}

static void groups_free(struct recorder *recorder)
{
    for (uint32_t g = 0; g < recorder->seen.group_count; g++) {
        struct cluster_group_seen *one = &recorder->seen.groups[g];
        latency_series_free(&one->latency);
        free(one->records);
        free(one->bytes);
        free(one->lag_records);
        free(recorder->consumed[g].bins);
    }
    free(recorder->seen.groups);
    free(recorder->consumed);
    free(recorder->consumed_records);
    free(recorder->consumed_bytes);
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    producers_free(recorder);
    groups_free(recorder);
    for (uint32_t b = 0; b < recorder->seen.broker_count; b++) {
        free(recorder->seen.brokers[b].cpu);
        free(recorder->seen.brokers[b].network_in);
        free(recorder->seen.brokers[b].network_out);
        free(recorder->seen.brokers[b].disk);
    }
    free(recorder->seen.brokers);
    free(recorder->seen.clients);
    free(recorder->brokers);
    free(recorder);
}
