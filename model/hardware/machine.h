/*
 * model/hardware/machine.h - one machine: cores, interface, page cache, disks.
 *
 * Shape    What stands inside is in the headers beside this one; here they are put together from plain numbers.
 * Units    bytes; ns; per second.
 * Source   reference/instance-catalog.csv by way of the scenario; this folder has never heard of the scenario.
 * Checked  tests/model/test_machine.c
 */
#ifndef MODEL_HARDWARE_MACHINE_H
#define MODEL_HARDWARE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/hardware/cache.h"
#include "model/hardware/cpu.h"
#include "model/hardware/disk.h"
#include "model/hardware/network.h"

#define MODEL_MACHINE_DISKS_MAX 64 /* beyond any machine of the catalog */

struct model_machine_config {
    const char *name; /* "broker 2": names its random streams */
    int32_t id;
    uint32_t rack;
    uint64_t seed;
    uint32_t replication;
    struct model_cpu_config cpu;
    struct model_nic_config nic;
    struct model_cache_config cache; /* size_bytes 0: ram - heap - reserved */
    uint64_t ram_bytes;
    uint64_t heap_bytes;
    uint64_t reserved_bytes; /* operating system and everything else that is not file pages */
    uint32_t disk_count;     /* 0: a client machine, without a cache */
    const struct model_disk_config *disks;
    /* Limits towards volumes; base 0: none. They bind disks of kind MODEL_DISK_VOLUME. */
    double block_bytes_per_s;
    double block_burst_bytes_per_s;
    double block_iops;
    double block_burst_iops;
    int64_t block_burst_ns; /* how long a full bucket lasts at burst */
    bool block_credits_full;
};

struct model_machine {
    char name[64];
    int32_t id;
    uint32_t rack;
    struct sim *sim;
    struct model_net *net;
    struct model_cpu cpu;
    struct model_nic nic;
    struct model_cache *cache; /* NULL without disks */
    struct model_block_limits block;
    uint32_t disk_count;
    struct model_disk *disks[MODEL_MACHINE_DISKS_MAX];
};

/*
 * Borrows  sim and net until release; config only inside the call.
 * Asserts  disk_count within MODEL_MACHINE_DISKS_MAX, and memory is left for the page cache when there are disks.
 */
void model_machine_init(struct model_machine *machine, struct sim *sim, struct model_net *net,
                        const struct model_machine_config *config);
void model_machine_release(struct model_machine *machine);

/* Forget what was counted during warm-up, everywhere in the machine. */
void model_machine_reset_stats(struct model_machine *machine);

#endif
