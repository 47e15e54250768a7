/* Stops of one process. */
#include "model/hardware/process.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/cpu_internal.h"
#include "sim/memory.h"

static void count_stop(struct model_process *process, int64_t stop_ns)
{
    process->stats.stops++;
    process->stats.stopped_ns += stop_ns;
    if (stop_ns > process->stats.longest_ns)
        process->stats.longest_ns = stop_ns;
}

void process_hold(struct model_burst *burst)
{
    struct model_process *process = burst->process;
    burst->next = NULL;
    if (process->held == NULL)
        process->held = burst;
    else
        process->held_last->next = burst;
    process->held_last = burst;
}

static void go_on(struct model_process *process)
{
    struct model_burst *burst = process->held;
    process->stopped = false;
    process->held = NULL;
    while (burst != NULL) {
        struct model_burst *next = burst->next;
        cpu_place(process->cpu, burst, 0);
        burst = next;
    }
}

static void collected(struct model_burst *burst)
{
    struct model_process *process = burst->owner;
    if (--process->collecting > 0)
        return;
    count_stop(process, sim_now_ns(process->cpu->sim) - process->stopped_since_ns);
    go_on(process);
}

void model_process_init(struct model_process *process, struct model_cpu *cpu)
{
    memset(process, 0, sizeof(*process));
    process->cpu = cpu;
    process->collectors = sim_alloc(cpu->gc_cores, sizeof(struct model_burst));
    for (uint32_t i = 0; i < cpu->gc_cores; i++)
        process->collectors[i] =
            (struct model_burst){.done = collected, .owner = process, .class = MODEL_THREAD_GC};
    cpu->process_count++;
}

void model_process_release(struct model_process *process)
{
    free(process->collectors);
    process->collectors = NULL;
}

/* All that wait, the process's to its hold and the others' in their order. */
static void evict_queued(struct model_cpu *cpu, const struct model_process *process)
{
    struct model_burst *burst = cpu->queue, *last = NULL, **link = &cpu->queue;
    int64_t now_ns = sim_now_ns(cpu->sim);
    for (; burst != NULL; burst = *link) {
        if (burst->process != process) {
            last = burst;
            link = &burst->next;
            continue;
        }
        *link = burst->next;
        cpu->queue_length--;
        cpu->stats.wait_ns += now_ns - burst->begin_ns;
        process_hold(burst);
    }
    cpu->queue_last = last;
}

static void evict_running(struct model_cpu *cpu, struct model_burst *burst)
{
    int64_t ran_ns = cpu_executed_ns(cpu, burst);
    sim_cancel(cpu->sim, &burst->event);
    cpu->stats.busy_ns[burst->class] += ran_ns - burst->counted_ns;
    burst->left_ns -= ran_ns;
    process_hold(burst);
    cpu_hand_over(cpu, burst->core);
}

static void evict(struct model_cpu *cpu, const struct model_process *process)
{
    evict_queued(cpu, process);
    for (uint32_t core = 0; core < cpu->vcpus; core++) {
        struct model_burst *burst = cpu->running[core];
        if (burst != NULL && burst->process == process)
            evict_running(cpu, burst);
    }
}

static void collect(struct model_process *process, int64_t work_ns)
{
    struct model_cpu *cpu = process->cpu;
    process->collecting = cpu->gc_cores;
    for (uint32_t i = 0; i < cpu->gc_cores; i++) {
        struct model_burst *burst = &process->collectors[i];
        burst->cpu = cpu;
        burst->left_ns = work_ns;
        cpu_place(cpu, burst, 0);
    }
}

void model_process_stop(struct model_process *process, int64_t work_ns)
{
    assert(!process->stopped);
    assert(work_ns >= 0);
    if (process->cpu->process_count == 1) {
        model_cpu_pause(process->cpu, work_ns);
        count_stop(process, work_ns);
        return;
    }
    process->stopped = true;
    process->stopped_since_ns = sim_now_ns(process->cpu->sim);
    evict(process->cpu, process);
    collect(process, work_ns);
}

void model_process_reset_stats(struct model_process *process)
{
    memset(&process->stats, 0, sizeof(process->stats));
}
