/*
 * model/hardware/process.h - one process of a machine, whose threads a garbage collection stops.
 *
 * Shape    During a stop the process's bursts leave cores and run queue, and those that are asked for wait. Its collector's
 *          gc_cores threads compute each for the length of the stop on an idle machine, under the same run queue and slices as everybody's: the
 *          stop is over when the last is done, so it lasts longer where others want the cores, and they go on meanwhile. Then what
 *          was held goes on in order: first what had waited for a core, then what ran, then what was asked for since.
 *          A process that has its machine for itself pauses the CPU (model_cpu_pause): the same without events.
 * Units    ns of simulated time.
 * Omits    The way to the safepoint, which threads that wait for a core have to come to; a collection's phases, at each of which its threads
 *          queue anew; work that these take from each other.
 * Source   reference/hardware-models.md section 4.6. Measured (families rf3 and net3 of scenarios/validation/kafka-4.2/rows.jsonl): three
 *          brokers on one core stop for 23 ms, in which their collector's threads compute for 12.
 * Checked  tests/model/test_process.c, by hand, and against model_cpu_pause.
 */
#ifndef MODEL_HARDWARE_PROCESS_H
#define MODEL_HARDWARE_PROCESS_H

#include "model/hardware/cpu.h"

/* Since the statistics were reset. */
struct model_process_stats {
    uint64_t stops;
    int64_t stopped_ns; /* of stops that are over, and of those of a process alone on its machine */
    int64_t longest_ns;
};

struct model_process {
    struct model_cpu *cpu;
    bool stopped; /* by collectors that compete: never when alone */
    int64_t stopped_since_ns;
    struct model_burst *held, *held_last;
    struct model_burst *collectors; /* gc_cores of them */
    uint32_t collecting;            /* of those, not done */
    struct model_process_stats stats;
};

/* Borrows  cpu, until release. All of a machine's processes are there before the first stops. */
void model_process_init(struct model_process *process, struct model_cpu *cpu);
void model_process_release(struct model_process *process);

/*
 * A collection that would last work_ns on an idle machine begins.
 * Asserts  it is not stopped.
 */
void model_process_stop(struct model_process *process, int64_t work_ns);

/* Stops that go on are counted when they are over. */
void model_process_reset_stats(struct model_process *process);

#endif
