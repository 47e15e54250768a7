/* Young collections. */
#include "model/hardware/gc.h"

#include <assert.h>
#include <string.h>

#include "sim/dmath.h"

void model_gc_init(struct model_gc *gc, struct model_process *process, uint64_t seed,
                   uint32_t replication, const char *name, const struct model_gc_config *config)
{
    assert(!config->on || config->young_bytes > 0);
    assert(config->pause_median_ns >= 0 && config->pause_sigma >= 0);
    memset(gc, 0, sizeof(*gc));
    gc->process = process;
    gc->config = *config;
    sim_stream_initf(&gc->random, seed, replication, "%s collector", name);
    if (config->on) /* young memory is filled to some part when the run begins */
        gc->allocated_bytes = sim_uniform(&gc->random, 0, config->young_bytes);
}

void model_gc_allocate(struct model_gc *gc, double bytes)
{
    if (!gc->config.on)
        return;
    assert(bytes >= 0);
    gc->allocated_bytes += bytes;
    if (gc->allocated_bytes < gc->config.young_bytes || gc->process->stopped)
        return;
    while (gc->allocated_bytes >= gc->config.young_bytes)
        gc->allocated_bytes -= gc->config.young_bytes;
    double z = sim_normal(&gc->random, 0, 1);
    int64_t pause_ns =
        (int64_t)(gc->config.pause_median_ns * sim_exp(gc->config.pause_sigma * z) + 0.5);
    model_process_stop(gc->process, pause_ns);
}
