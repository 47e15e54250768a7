/*
 * model/cluster/start_tail.c - which batches of a start state are as small as those of clients: what the groups that lag may read in the run.
 *
 * From where such a group starts, on each partition that it reads, for as long as the run may get with the group's own speed: by its
 * records' work and its machines' and the brokers' interfaces. What was batched so costs some hundred bytes of memory a batch, so over
 * all replicas there is a bound: beyond it, batches are as large as a fetch may take, no larger, because a batch goes out whole.
 */
#include "model/cluster/cluster_internal.h"

#include <math.h>

#include "model/cluster/record_work.h"
#include "model/hardware/cpu.h"

/* Judgement: of all replicas together, some hundred MB. 24 partitions at RF 3 have 27,000 each: 54 MB of the log in batches of 2 KB. */
#define TAIL_BATCHES   2000000
/* A reader's first offset is found by mean sizes: it must not fall into the large batch before. */
#define MARGIN_BATCHES 4
#define FETCH_BYTES    (1 << 20) /* Kafka's default of max.partition.fetch.bytes */

static const struct model_flow *flow_of(const struct cluster *cluster, struct broker_tp tp)
{
    return model_flows_partition(cluster->before, tp.topic, tp.partition);
}

static double batch_bytes(const struct model_flow *flow)
{
    return flow->batches_per_s > 0 ? (double)(int64_t)(flow->wire_bytes_per_s / flow->batches_per_s)
                                   : 0;
}

/* Time of a record on a consumer's thread when all of the group are busy, without what only slows it down further: TLS, decompression. */
static double work_ns(const struct cluster *cluster, int g, const struct model_flow *flow)
{
    const struct scenario_group *group = &cluster->scenario->groups[g];
    double vcpus = (double)group->machine.vcpus * (group->machines > 0 ? group->machines : 1);
    double queue = vcpus > 0 && group->machines > 0 ? fmax(1, group->clients / vcpus) : 1;
    double gain = model_cpu_gain((uint32_t)group->machine.threads_per_core,
                                 vcpus > 0 ? fmin(1, group->clients / vcpus) : 1);
    struct record_work record = {.batches = flow->batches_per_s / flow->records_per_s,
                                 .bytes = flow->payload_bytes_per_s / flow->records_per_s};
    return queue * record_work_ns(cluster->profile, group, gain, &record) +
           (double)group->processing_wait_ns;
}

/* No consumer of the group takes more bytes a second of the partition's records. */
static double most_bytes_per_s(const struct cluster *cluster, int g, const struct model_flow *flow)
{
    const struct scenario_machine *server = &cluster->scenario->cluster.machine;
    const struct scenario_group *group = &cluster->scenario->groups[g];
    double wire = flow->wire_bytes_per_s / flow->records_per_s;
    double ns = work_ns(cluster, g, flow), network = INFINITY;
    if (group->machines > 0 && group->machine.nic_burst_bytes_per_s > 0)
        network = group->machine.nic_burst_bytes_per_s *
                  fmin(1, (double)group->machines / group->clients);
    if (server->nic_burst_bytes_per_s > 0)
        network =
            fmin(network, server->nic_burst_bytes_per_s * cluster->machine_count / group->clients);
    return ns > 0 ? fmin(network, wire * 1e9 / ns) : network;
}

/* What a consumer may have fetched of one partition and not worked on. */
static double ahead_bytes(const struct scenario_group *group, double wire_record_bytes)
{
    const struct scenario_consumer_config *k = &group->config;
    double fetch = (double)k->max_partition_fetch_bytes;
    if (group->client == SCENARIO_CLIENT_JAVA)
        return 2 * fetch;
    return fetch +
           fmin((double)k->queued_max_bytes, (double)k->queued_min_messages * wire_record_bytes);
}

/* Partitions of one consumer are read in turn; twice an equal share leaves room for those that have more to read. */
static double reach_bytes(const struct cluster *cluster, int g, const struct model_flow *flow)
{
    const struct scenario_group *group = &cluster->scenario->groups[g];
    double each = (double)scenario_partitions_read(cluster->scenario, group) / group->clients;
    double share = 2 / (fmax(1, each) + 1), s = (double)cluster->options.length_ns / 1e9;
    double read = most_bytes_per_s(cluster, g, flow) * s * share;
    return read + ahead_bytes(group, flow->wire_bytes_per_s / flow->records_per_s);
}

static bool lags_on(const struct cluster *cluster, int g, int topic)
{
    return cluster->lag_s[g] > 0 && scenario_reads(&cluster->scenario->groups[g], topic);
}

/* Where the group starts on the log and how far it may get, in bytes before the end. */
static struct horizon_stretch stretch_of(const struct cluster *cluster, int g,
                                         const struct model_flow *flow, double first_bytes)
{
    double small = batch_bytes(flow), lag = cluster->lag_s[g] * flow->wire_bytes_per_s;
    double from = fmin(lag, first_bytes);
    return (struct horizon_stretch){.from_bytes = from + MARGIN_BATCHES * small,
                                    .to_bytes = fmax(0, from - reach_bytes(cluster, g, flow)),
                                    .batch_bytes = (uint64_t)small};
}

double start_tail_batches(const struct cluster *cluster, struct broker_tp tp)
{
    const struct model_flow *flow = flow_of(cluster, tp);
    double batches = 0;
    for (int g = 0; g < cluster->scenario->group_count && batch_bytes(flow) > 0; g++) {
        if (!lags_on(cluster, g, tp.topic))
            continue;
        struct horizon_stretch stretch = stretch_of(cluster, g, flow, INFINITY);
        batches += (stretch.from_bytes - stretch.to_bytes) / (double)stretch.batch_bytes;
    }
    return batches;
}

/* Both stretches of a group: what fits within the bound, and what does not. */
static uint32_t split(const struct scenario_group *group, struct horizon_stretch whole,
                      double share, struct horizon_stretch stretches[2])
{
    double middle = whole.from_bytes - (whole.from_bytes - whole.to_bytes) * share;
    uint64_t large = (uint64_t)group->config.max_partition_fetch_bytes;
    large = large < FETCH_BYTES ? large : FETCH_BYTES;
    stretches[0] = stretches[1] = whole;
    stretches[0].to_bytes = stretches[1].from_bytes = middle;
    if (large > whole.batch_bytes)
        stretches[1].batch_bytes = large;
    return share < 1 ? 2 : 1;
}

uint32_t start_tail(const struct cluster *cluster, struct broker_tp tp, double first_bytes,
                    double batches, struct horizon_stretch *stretches)
{
    const struct model_flow *flow = flow_of(cluster, tp);
    double share = batches > TAIL_BATCHES ? TAIL_BATCHES / batches : 1;
    uint32_t count = 0;
    for (int g = 0; g < cluster->scenario->group_count && batch_bytes(flow) > 0; g++)
        if (lags_on(cluster, g, tp.topic))
            count += split(&cluster->scenario->groups[g], stretch_of(cluster, g, flow, first_bytes),
                           share, stretches + count);
    return count;
}

void start_tail_note(struct cluster *cluster, struct broker_tp tp, double first_bytes,
                     double kept_bytes)
{
    double rate = flow_of(cluster, tp)->wire_bytes_per_s;
    for (int g = 0; g < cluster->scenario->group_count; g++) {
        double wanted = fmin(cluster->lag_s[g] * rate, kept_bytes), s = first_bytes / rate;
        bool is_short = lags_on(cluster, g, tp.topic) && first_bytes < wanted;
        if (is_short && (cluster->laid_s[g] == 0 || s < cluster->laid_s[g]))
            cluster->laid_s[g] = s;
    }
}
