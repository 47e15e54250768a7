/* model/cluster/seen.c - how busy machines and threads were when measuring ends. */
#include "model/cluster/cluster_internal.h"
#include "model/cluster/disk_rate.h"

#include <math.h>

/* The longest log of a partition is its leader's. */
static void add_partition(const struct cluster *cluster, int topic, int partition,
                          struct cluster_following *sum)
{
    const struct model_replica *replicas =
        model_placement_replicas(cluster->placement, topic, partition);
    int count = model_placement_replication(cluster->placement, topic);
    double most = 0, all = 0;
    for (int i = 0; i < count; i++) {
        const struct broker_log *log = model_host_log(cluster->hosts[replicas[i].broker],
                                                      (struct broker_tp){topic, partition});
        double end = log ? (double)broker_log_end_offset(log) : 0;
        most = fmax(most, end);
        all += end;
    }
    sum->lag_records += count * most - all;
    sum->records += (count - 1) * most;
}

struct cluster_following seen_following(const struct cluster *cluster, int topic)
{
    struct cluster_following sum = {0};
    for (int p = 0; p < model_placement_partition_count(cluster->placement, topic); p++)
        add_partition(cluster, topic, p, &sum);
    return sum;
}

/*
 * Busy with what was written in the measured time. Write-back comes in turns of dirty_expire: what a shorter time sees of it is chance. So
 * the bytes that are still to be written back count with the time that they will take, and those of before do not. *bind: what limits the
 * larger part.
 */
static double disk_ratio(const struct scenario *s, const struct model_machine *machine, uint32_t d,
                         double elapsed_s, const char **bind)
{
    enum model_disk_bind done_bind;
    const char *rate_bind;
    double done = model_disk_busy_ratio(machine->disks[d], &done_bind), yet = 0;
    double rate = disk_rate_write(s, &rate_bind);
    if (rate > 0 && elapsed_s > 0)
        yet = model_cache_disk_dirty_growth(machine->cache, d) / (rate * elapsed_s);
    *bind = yet > done ? rate_bind : model_disk_bind_name(done_bind);
    return fmin(1, fmax(0, done + yet));
}

static void read_disks(const struct scenario *s, const struct model_machine *machine,
                       struct cluster_broker_seen *seen, double elapsed_s)
{
    seen->disk_ratio = 0;
    seen->disk_bind = "";
    seen->disk_read_bytes_per_s = seen->disk_write_bytes_per_s = 0;
    for (uint32_t d = 0; d < machine->disk_count; d++) {
        const char *bind;
        struct model_disk_stats stats;
        double ratio = disk_ratio(s, machine, d, elapsed_s, &bind);
        if (ratio > seen->disk_ratio) {
            seen->disk_ratio = ratio;
            seen->disk_bind = bind;
        }
        model_disk_stats(machine->disks[d], &stats);
        seen->disk_read_bytes_per_s += (double)stats.bytes[MODEL_IO_READ] / elapsed_s;
        seen->disk_write_bytes_per_s += (double)stats.bytes[MODEL_IO_WRITE] / elapsed_s;
    }
}

static double class_cores(const struct model_machine *machine, enum model_thread_class class,
                          double elapsed_s)
{
    return (double)model_cpu_busy_ns(&machine->cpu, class) / (elapsed_s * 1e9);
}

static void read_broker(const struct cluster *cluster, uint32_t b, struct cluster_broker_seen *seen,
                        double elapsed_s)
{
    const struct model_machine *machine = cluster->broker_machines[b];
    model_host_stats(cluster->hosts[b], &seen->host);
    seen->cpu_ratio = model_cpu_utilisation(&machine->cpu);
    seen->cpu_cores =
        seen->cpu_ratio * machine->cpu.vcpus / cluster->scenario->cluster.brokers_per_machine;
    for (int class = 0; class < MODEL_THREAD_CLASSES; class ++)
        seen->cpu_class_ratio[class] =
            class_cores(machine, (enum model_thread_class) class, elapsed_s) / machine->cpu.vcpus;
    seen->network_in_ratio = model_nic_used_ratio(&machine->nic.in);
    seen->network_out_ratio = model_nic_used_ratio(&machine->nic.out);
    seen->network_in_bytes_per_s = machine->nic.in.wire_bytes / elapsed_s;
    seen->network_out_bytes_per_s = machine->nic.out.wire_bytes / elapsed_s;
    seen->shared_network_ratio = model_nic_used_ratio(&cluster->net.shared.out);
    read_disks(cluster->scenario, machine, seen, elapsed_s);
    struct model_cache_stats cache;
    model_cache_stats(machine->cache, &cache);
    double fill = (double)(cache.written_bytes + cache.missed_bytes) / elapsed_s;
    seen->cache_seconds =
        fill > 0 ? (double)model_cache_size_bytes(machine->cache) / fill : INFINITY;
    seen->counters = *model_host_counters(cluster->hosts[b]);
    seen->log_bytes = 0;
    for (uint32_t d = 0; d < machine->disk_count; d++)
        seen->log_bytes += env_sim_used_bytes(model_host_env(cluster->hosts[b], d));
}

static void read_threads(const struct cluster *cluster, struct cluster_seen *seen, double elapsed_s)
{
    for (uint32_t g = 0; g < seen->group_count; g++)
        seen->groups[g].thread_ratio = 0;
    for (uint32_t c = 0; c < cluster->client_count; c++) {
        if (!cluster->clients[c].consumes)
            continue;
        double busy_s = (double)model_consumer_busy_ns(cluster->clients[c].consumes) / 1e9;
        double *most = &seen->groups[cluster->clients[c].group].thread_ratio;
        *most = fmax(*most, busy_s / elapsed_s);
    }
}

static void read_client(const struct model_machine *machine, struct cluster_client_seen *seen,
                        double elapsed_s)
{
    seen->cpu_ratio = model_cpu_utilisation(&machine->cpu);
    seen->cpu_cores = seen->cpu_ratio * machine->cpu.vcpus;
    seen->application_cores = class_cores(machine, MODEL_THREAD_APPLICATION, elapsed_s) +
                              model_cpu_hum_cores(&machine->cpu);
    seen->network_thread_cores = class_cores(machine, MODEL_THREAD_CLIENT_NETWORK, elapsed_s);
    seen->network_in_ratio = model_nic_used_ratio(&machine->nic.in);
    seen->network_out_ratio = model_nic_used_ratio(&machine->nic.out);
}

void seen_read_machines(const struct cluster *cluster, struct cluster_seen *seen, double elapsed_s)
{
    for (uint32_t b = 0; b < seen->broker_count; b++)
        read_broker(cluster, b, &seen->brokers[b], elapsed_s);
    for (uint32_t c = 0; c < seen->client_count; c++)
        read_client(&cluster->client_machines[c], &seen->clients[c], elapsed_s);
    read_threads(cluster, seen, elapsed_s);
}
