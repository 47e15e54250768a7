/*
 * model/hardware/gc.h - young collections of a broker's garbage collector.
 *
 * Shape    Each time young_bytes were allocated, the broker's process stops for a lognormal time, or longer where others on its machine want the
 *          cores that it collects on (process.h). What arrives for it meanwhile counts for its next collection.
 * Units    bytes; ns.
 * Omits    Mixed and full collections (one in hours), concurrent marking's CPU, promotion failures. After a pause beyond its target G1 makes the
 *          young generation small and lets it grow again (1 GiB heap: 47 MB, pauses of 6 ms; 550 MB, 13 ms): here it
 *          has one size, and each collection the same work. Requests of half a region go
 *          past it: their 1 to 3 pauses of 5 ms for each 35 % of the heap are 2.5 % of the time at 400 MB/s, where these are 1.
 * Source   reference/hardware-models.md section 4.6.
 * Checked  tests/model/test_gc.c: number and quantiles of the pauses.
 */
#ifndef MODEL_HARDWARE_GC_H
#define MODEL_HARDWARE_GC_H

#include <stdbool.h>
#include <stdint.h>

#include "model/hardware/process.h"
#include "sim/random.h"

struct model_gc_config {
    bool on;
    double young_bytes;
    double pause_median_ns; /* of the machine's cores when all are the collector's */
    double pause_sigma;
};

struct model_gc {
    struct model_process *process;
    struct model_gc_config config;
    double allocated_bytes; /* since the last collection */
    struct sim_stream random;
};

/* Borrows process. `name` names the random stream. Asserts young_bytes above 0 when on. */
void model_gc_init(struct model_gc *gc, struct model_process *process, uint64_t seed,
                   uint32_t replication, const char *name, const struct model_gc_config *config);

/* The broker allocated: may start a pause now. */
void model_gc_allocate(struct model_gc *gc, double bytes);

#endif
