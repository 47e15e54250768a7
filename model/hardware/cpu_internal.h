/*
 * What the CPU's files know of each other: cpu.c cores and run queue; process.c stops, which take bursts off both and give them back.
 */
#ifndef MODEL_HARDWARE_CPU_INTERNAL_H
#define MODEL_HARDWARE_CPU_INTERNAL_H

#include "model/hardware/process.h"

/* A burst of this CPU, whose left_ns is known, begins after delay_ns on a free core, or queues. */
void cpu_place(struct model_cpu *cpu, struct model_burst *burst, int64_t delay_ns);

/* What is over of the present stay of a burst on its core. */
int64_t cpu_executed_ns(const struct model_cpu *cpu, const struct model_burst *burst);

/* The core has nothing to do: the first in the queue gets it. */
void cpu_hand_over(struct model_cpu *cpu, uint32_t core);

/* A burst that runs nowhere waits for the end of its process's stop. */
void process_hold(struct model_burst *burst);

static inline bool process_holds(const struct model_burst *burst)
{
    return burst->process != NULL && burst->process->stopped;
}

#endif
