/* model/cluster/machines.c - brokers' and clients' machines from the scenario: names and units become plain numbers. */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/memory.h"

static struct model_cpu_config cpu_config(const struct scenario_machine *machine,
                                          const struct model_profile *profile, bool broker)
{
    return (struct model_cpu_config){
        .vcpus = (uint32_t)machine->vcpus,
        .threads_per_core = (uint32_t)machine->threads_per_core,
        .speed = model_cpu_speed(machine->coremark_per_vcpu, profile->coremark),
        .quantum_ns = profile->quantum_ns,
        .wakeup_ns = profile->wakeup_ns,
        .cold_work_ns = broker ? profile->cold_work_ns : profile->client_cold_work_ns,
        .cold_sleep_ns = broker ? profile->cold_sleep_ns : profile->client_cold_sleep_ns,
    };
}

static struct model_nic_config nic_config(const struct scenario_machine *machine,
                                          const struct scenario_start *start)
{
    return (struct model_nic_config){
        .baseline_bytes_per_s = machine->nic_baseline_bytes_per_s,
        .burst_bytes_per_s = machine->nic_burst_bytes_per_s,
        .credit_bytes = machine->nic_credit_bytes,
        .credits_full = start->credits == SCENARIO_FULL,
    };
}

static enum model_disk_kind disk_kind(enum scenario_disk_type type)
{
    switch (type) {
    case SCENARIO_DISK_HDD:
        return MODEL_DISK_HDD;
    case SCENARIO_DISK_SSD:
    case SCENARIO_DISK_NVME:
        return MODEL_DISK_SSD;
    default:
        return MODEL_DISK_VOLUME;
    }
}

static struct model_disk_config disk_config(const struct scenario_disks *d,
                                            const struct scenario_start *start)
{
    return (struct model_disk_config){
        .kind = disk_kind(d->type),
        .count = d->layout == SCENARIO_RAID0 ? (uint32_t)d->count : 1,
        .size_bytes = (uint64_t)d->size_bytes,
        .flush_ns = d->flush_ns,
        .rpm = d->rpm,
        .seek_track_ns = d->seek_track_ns,
        .seek_average_ns = d->seek_average_ns,
        .seek_full_ns = d->seek_full_ns,
        .outer_bytes_per_s = d->write_bytes_per_s,
        .inner_bytes_per_s = d->inner_bytes_per_s,
        .queue_depth = (uint32_t)d->queue_depth,
        .used_ratio = d->used_ratio,
        .read_latency_ns = d->read_latency_ns,
        .write_latency_ns = d->write_latency_ns,
        .latency_sigma = d->latency_sigma,
        .stall_ratio = d->stall_ratio,
        .stall_ns = d->stall_ns,
        .stall_sigma = d->stall_sigma,
        .read_iops = d->read_iops,
        .write_iops = d->write_iops,
        .read_bytes_per_s = d->read_bytes_per_s,
        .write_bytes_per_s = d->write_bytes_per_s,
        .buffer_bytes = (uint64_t)d->buffer_bytes,
        .buffer_bytes_per_s = d->buffer_bytes_per_s,
        .buffer_safe = d->buffer_is_safe,
        .iops = d->iops,
        .burst_iops = d->burst_iops,
        .credit_ios = d->credit_ios,
        .bytes_per_s = d->throughput_bytes_per_s,
        .burst_bytes_per_s = d->burst_bytes_per_s,
        .credit_bytes = d->credit_bytes,
        .io_bytes_max = (uint64_t)d->io_bytes_max,
        .credits_full = start->credits == SCENARIO_FULL,
    };
}

static struct model_net_config net_config(const struct scenario_network *n)
{
    return (struct model_net_config){
        .same_rack_rtt_ns = n->same_rack_rtt_ns,
        .cross_rack_rtt_ns = n->cross_rack_rtt_ns,
        .loopback_rtt_ns = n->loopback_rtt_ns,
        .rtt_sigma = n->rtt_sigma,
        .spike_ratio = n->spike_ratio,
        .spike_ns_min = n->spike_ns_min,
        .spike_ns_max = n->spike_ns_max,
        .single_flow_bytes_per_s = n->single_flow_bytes_per_s,
        .shared_bytes_per_s = n->shared_bytes_per_s,
        .shared_burst_bytes = n->shared_burst_bytes,
    };
}

static void broker_machine(struct cluster *cluster, uint32_t i)
{
    const struct scenario_cluster *c = &cluster->scenario->cluster;
    const struct scenario_machine *m = &c->machine;
    struct model_disk_config disks[MODEL_MACHINE_DISKS_MAX];
    uint32_t disk_count = (uint32_t)model_placement_disk_count(cluster->placement);
    char name[32];
    uint32_t each = (uint32_t)c->brokers_per_machine;
    snprintf(name, sizeof name, each > 1 ? "machine %u" : "broker %u", i + 1);
    for (uint32_t d = 0; d < disk_count; d++)
        disks[d] = disk_config(&c->disks, &cluster->scenario->start);
    struct model_machine_config config = {
        .name = name,
        .id = (int32_t)i,
        .rack = i % (uint32_t)c->rack_count,
        .cpu = cpu_config(m, cluster->profile, true),
        .nic = nic_config(m, &cluster->scenario->start),
        .cache =
            {
                .dirty_background_ratio = c->dirty_background_ratio,
                .stable_writes = c->stable_writes,
                .dirty_ratio = c->dirty_ratio,
                .dirty_expire_ns = c->dirty_expire_ns,
                .read_ahead_bytes = (uint64_t)c->read_ahead_bytes,
                .scan_protection = 0.5, /* reference/hardware-models.md 2.3: judgement */
            },
        .ram_bytes = (uint64_t)m->ram_bytes,
        .heap_bytes = (uint64_t)c->heap_bytes * each,
        .reserved_bytes = (uint64_t)c->reserved_bytes,
        .disk_count = disk_count,
        .disks = disks,
        .block_bytes_per_s = c->disks.is_volume ? m->block_baseline_bytes_per_s : 0,
        .block_burst_bytes_per_s = m->block_burst_bytes_per_s,
        .block_iops = c->disks.is_volume ? m->block_baseline_iops : 0,
        .block_burst_iops = m->block_burst_iops,
        .block_burst_ns = m->block_burst_ns,
        .block_credits_full = cluster->scenario->start.credits == SCENARIO_FULL,
        .seed = cluster->options.seed,
        .replication = cluster->options.replication,
    };
    model_machine_init(&cluster->machines[i], &cluster->sim, &cluster->net, &config);
}

static void client_machine(struct cluster *cluster, struct model_machine *machine,
                           const char *entry, uint32_t i, uint32_t count,
                           const struct scenario_machine *m, uint32_t rack)
{
    char name[SCENARIO_NAME_MAX + 24];
    snprintf(name, sizeof name, count > 1 ? "%s clients %u" : "%s clients", entry, i + 1);
    struct model_machine_config config = {
        .name = name,
        .id = (int32_t)(cluster->broker_count + (uint32_t)(machine - cluster->client_machines)),
        .rack = rack,
        .cpu = cpu_config(m, cluster->profile, false),
        .nic = nic_config(m, &cluster->scenario->start),
        .seed = cluster->options.seed,
        .replication = cluster->options.replication,
    };
    model_machine_init(machine, &cluster->sim, &cluster->net, &config);
}

uint32_t cluster_first_client_machine(const struct cluster *cluster, bool group, uint32_t entry)
{
    const struct scenario *s = cluster->scenario;
    uint32_t first = 0;
    if (group && entry < (uint32_t)s->group_count && s->groups[entry].beside >= 0)
        return cluster_first_client_machine(cluster, false, (uint32_t)s->groups[entry].beside);
    uint32_t producers = group ? (uint32_t)s->producer_count : entry;
    for (uint32_t i = 0; i < producers; i++)
        first += (uint32_t)s->producers[i].machines;
    for (uint32_t i = 0; group && i < entry; i++)
        if (s->groups[i].beside < 0)
            first += (uint32_t)s->groups[i].machines;
    return first;
}

static void client_machines(struct cluster *cluster)
{
    const struct scenario *s = cluster->scenario;
    uint32_t total = cluster_first_client_machine(cluster, true, (uint32_t)s->group_count);
    struct model_machine *machine = cluster->client_machines = sim_alloc(total, sizeof *machine);
    for (int p = 0; p < s->producer_count; p++) {
        const struct scenario_producer *entry = &s->producers[p];
        for (int i = 0; i < entry->machines; i++, cluster->client_machine_count++)
            client_machine(cluster, machine++, entry->name, (uint32_t)i, (uint32_t)entry->machines,
                           &entry->machine, (uint32_t)entry->racks[i % entry->rack_count]);
    }
    for (int g = 0; g < s->group_count; g++) {
        const struct scenario_group *entry = &s->groups[g];
        if (entry->beside >= 0) /* they run on the producer's */
            continue;
        for (int i = 0; i < entry->machines; i++, cluster->client_machine_count++)
            client_machine(cluster, machine++, entry->name, (uint32_t)i, (uint32_t)entry->machines,
                           &entry->machine, (uint32_t)entry->racks[i % entry->rack_count]);
    }
}

static void profile_on(const struct cluster *cluster, const struct model_machine *machine,
                       struct model_profile *profile)
{
    model_profile_on(cluster->profile, model_cpu_work(&machine->cpu, 1),
                     cluster->scenario->cluster.page_reporting, profile);
}

static void make_profiles(struct cluster *cluster)
{
    const struct scenario *s = cluster->scenario;
    uint32_t producers = (uint32_t)s->producer_count, groups = (uint32_t)s->group_count;
    cluster->client_profiles = sim_alloc(producers + groups, sizeof *cluster->client_profiles);
    profile_on(cluster, &cluster->machines[0], &cluster->broker_profile);
    for (uint32_t i = 0; i < producers + groups; i++) {
        bool group = i >= producers;
        uint32_t first = cluster_first_client_machine(cluster, group, group ? i - producers : i);
        profile_on(cluster, &cluster->client_machines[first], &cluster->client_profiles[i]);
    }
}

void cluster_machines_new(struct cluster *cluster)
{
    struct model_net_config net = net_config(&cluster->scenario->cluster.network);
    net.seed = cluster->options.seed;
    net.replication = cluster->options.replication;
    model_net_init(&cluster->net, &cluster->sim, &net);
    uint32_t brokers = (uint32_t)model_placement_broker_count(cluster->placement);
    uint32_t each = (uint32_t)cluster->scenario->cluster.brokers_per_machine;
    cluster->broker_machines = sim_alloc(brokers, sizeof(struct model_machine *));
    cluster->machines = sim_alloc(brokers, sizeof *cluster->machines);
    for (; cluster->broker_count < brokers; cluster->broker_count++) {
        if (cluster->broker_count % each == 0)
            broker_machine(cluster, cluster->machine_count++);
        cluster->broker_machines[cluster->broker_count] =
            &cluster->machines[cluster->machine_count - 1];
    }
    client_machines(cluster);
    make_profiles(cluster);
}

void cluster_machines_free(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->machine_count; i++)
        model_machine_release(&cluster->machines[i]);
    for (uint32_t i = 0; i < cluster->client_machine_count; i++)
        model_machine_release(&cluster->client_machines[i]);
    free(cluster->broker_machines);
    free(cluster->machines);
    free(cluster->client_machines);
    free(cluster->client_profiles);
    model_net_release(&cluster->net);
}
