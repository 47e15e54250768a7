/*
 * model/hardware/gc.h - young collections of a broker's garbage collector.
 *
 * Shape    Each time young_bytes were allocated, all cores of the machine stop for a lognormal time.
 * Units    bytes; ns.
 * Omits    Mixed and full collections (one in hours), concurrent marking's CPU, promotion failures. After a pause beyond its target G1 makes the
 *          young generation small and lets it grow again (1 GiB heap: 47 MB, pauses of 6 ms; 550 MB, 13 ms). Requests of half a region go
 *          past it: their 1 to 3 pauses of 5 ms for each 35 % of the heap are 2.5 % of the time at 400 MB/s, where these are 1.
 * Source   reference/hardware-models.md section 4.6.
 * Checked  tests/model/test_gc.c: number and quantiles of the pauses.
 */
#ifndef MODEL_HARDWARE_GC_H
#define MODEL_HARDWARE_GC_H

#include <stdbool.h>
#include <stdint.h>

#include "model/hardware/cpu.h"
#include "sim/random.h"

struct model_gc_config {
    bool on;
    double young_bytes;
    double pause_median_ns;
    double pause_sigma;
};

struct model_gc {
    struct model_cpu *cpu;
    struct model_gc_config config;
    double allocated_bytes; /* since the last collection */
    struct sim_stream random;
    /* since the statistics were reset */
    uint64_t pauses;
    int64_t pause_ns;
    int64_t pause_ns_max;
};

/* Borrows cpu. `name` names the random stream. Asserts young_bytes above 0 when on. */
void model_gc_init(struct model_gc *gc, struct model_cpu *cpu, uint64_t seed, uint32_t replication,
                   const char *name, const struct model_gc_config *config);

/* The broker allocated: may start a pause now. */
void model_gc_allocate(struct model_gc *gc, double bytes);

void model_gc_reset_stats(struct model_gc *gc);

#endif
