/* A machine from plain numbers. */
#include "model/hardware/machine.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/random.h"

static void block_limits(struct model_machine *machine, const struct model_machine_config *config)
{
    double seconds = (double)config->block_burst_ns * 1e-9;
    double bytes_above = config->block_burst_bytes_per_s - config->block_bytes_per_s;
    double ios_above = config->block_burst_iops - config->block_iops;
    model_limit_init(&machine->block.bytes, config->block_bytes_per_s,
                     config->block_burst_bytes_per_s, bytes_above > 0 ? bytes_above * seconds : 0,
                     config->block_credits_full);
    model_limit_init(&machine->block.ios, config->block_iops, config->block_burst_iops,
                     ios_above > 0 ? ios_above * seconds : 0, config->block_credits_full);
}

/* Flushers of different disks and machines began at different times: without it all of a cluster would write back in step. */
static void draw_phases(const struct model_machine_config *config, int64_t *phase_ns)
{
    struct sim_stream random;
    sim_stream_initf(&random, config->seed, config->replication, "%s flushers", config->name);
    for (uint32_t i = 0; i < config->disk_count; i++)
        phase_ns[i] = (int64_t)sim_below(&random, MODEL_FLUSHER_PERIOD_NS);
}

static void storage_init(struct model_machine *machine, const struct model_machine_config *config)
{
    for (uint32_t i = 0; i < config->disk_count; i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s disk %u", machine->name, i);
        machine->disks[i] = model_disk_new(machine->sim, config->seed, config->replication, name,
                                           &config->disks[i], &machine->block);
        machine->disk_count = i + 1;
    }
    if (config->disk_count == 0)
        return;
    int64_t phase_ns[MODEL_MACHINE_DISKS_MAX];
    struct model_cache_config cache = config->cache;
    cache.flusher_phase_ns = phase_ns;
    draw_phases(config, phase_ns);
    if (cache.size_bytes == 0) {
        assert(config->ram_bytes > config->heap_bytes + config->reserved_bytes);
        cache.size_bytes = config->ram_bytes - config->heap_bytes - config->reserved_bytes;
    }
    machine->cache = model_cache_new(machine->sim, &cache, machine->disks, machine->disk_count);
}

void model_machine_init(struct model_machine *machine, struct sim *sim, struct model_net *net,
                        const struct model_machine_config *config)
{
    assert(config->disk_count <= MODEL_MACHINE_DISKS_MAX);
    memset(machine, 0, sizeof(*machine));
    snprintf(machine->name, sizeof(machine->name), "%s", config->name);
    machine->id = config->id;
    machine->rack = config->rack;
    machine->sim = sim;
    machine->net = net;
    block_limits(machine, config);
    model_cpu_init(&machine->cpu, sim, &config->cpu);
    model_nic_init(&machine->nic, net, &config->nic);
    storage_init(machine, config);
}

void model_machine_release(struct model_machine *machine)
{
    model_cache_free(machine->cache);
    machine->cache = NULL;
    for (uint32_t i = 0; i < machine->disk_count; i++)
        model_disk_free(machine->disks[i]);
    machine->disk_count = 0;
    model_nic_release(&machine->nic);
    model_cpu_release(&machine->cpu);
}

void model_machine_reset_stats(struct model_machine *machine)
{
    int64_t now_ns = sim_now_ns(machine->sim);
    model_cpu_reset_stats(&machine->cpu);
    model_nic_reset_stats(&machine->nic);
    model_limit_reset_stats(&machine->block.bytes, now_ns);
    model_limit_reset_stats(&machine->block.ios, now_ns);
    for (uint32_t i = 0; i < machine->disk_count; i++)
        model_disk_reset_stats(machine->disks[i]);
    if (machine->cache != NULL)
        model_cache_reset_stats(machine->cache);
}
