/* Cores, run queue, pauses. */
#include "model/hardware/cpu.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/cpu_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

/* A core that hums without end: the wait is a slice then, whatever is divided by. */
#define HUM_USE_MAX     0.999
/* Before so much time has passed, what bursts use is not known yet. */
#define WARM_NS         1e8
/* Two busy threads of a core do as much as 4/3 of it. */
#define WHOLE_CORE_GAIN 1.5

static int64_t max_ns(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

uint32_t model_cpu_collector_threads(uint32_t vcpus)
{
    return vcpus <= 8 ? vcpus : 8 + (vcpus - 8) * 5 / 8;
}

double model_cpu_speed(double coremark_per_vcpu, double profile_coremark)
{
    return coremark_per_vcpu > 0 && profile_coremark > 0 ? coremark_per_vcpu / profile_coremark : 1;
}

double model_cpu_gain(uint32_t threads_per_core, double busy)
{
    if (threads_per_core < 2 || busy >= 1)
        return 1;
    if (busy <= 0.5)
        return WHOLE_CORE_GAIN;
    /* Of `busy` threads, 2 * busy - 1 share their core. */
    return (2 * busy - 1 + (1 - busy) * WHOLE_CORE_GAIN) / busy;
}

/* Speeds are averaged by the time that a work takes. */
double model_cpu_gain_among(uint32_t threads_per_core, uint32_t vcpus, double others)
{
    double chance = sim_exp(-others), left = 1, time = 0;
    for (uint32_t n = 1; n < vcpus; n++) {
        time += chance / model_cpu_gain(threads_per_core, (double)n / vcpus);
        left -= chance;
        chance *= others / n;
    }
    return 1 / (time + left);
}

static void set_speeds(struct model_cpu *cpu)
{
    for (uint32_t n = 0; n <= cpu->vcpus; n++)
        cpu->work_scale[n] = 1 / (cpu->speed * model_cpu_gain(cpu->threads_per_core,
                                                              (n + cpu->hum_cores) / cpu->vcpus));
}

void model_cpu_init(struct model_cpu *cpu, struct sim *sim, const struct model_cpu_config *config)
{
    assert(config->vcpus > 0);
    assert(config->speed > 0);
    assert(config->quantum_ns > 0);
    assert(config->wakeup_ns >= 0);
    assert(config->cold_work_ns >= 0 && config->cold_sleep_ns >= 0);
    memset(cpu, 0, sizeof(*cpu));
    cpu->sim = sim;
    cpu->vcpus = config->vcpus;
    cpu->gc_cores = model_cpu_collector_threads(config->vcpus);
    cpu->threads_per_core = config->threads_per_core;
    cpu->speed = config->speed;
    cpu->quantum_ns = config->quantum_ns;
    cpu->wakeup_ns = config->wakeup_ns;
    cpu->cold_work_ns = config->cold_work_ns;
    cpu->cold_sleep_ns = (double)config->cold_sleep_ns;
    cpu->running = sim_alloc(cpu->vcpus, sizeof(struct model_burst *));
    cpu->free_cores = sim_alloc(cpu->vcpus, sizeof(uint32_t));
    cpu->work_scale = sim_alloc(cpu->vcpus + 1, sizeof(double));
    set_speeds(cpu);
    cpu->free_count = cpu->vcpus;
    for (uint32_t i = 0; i < cpu->vcpus; i++)
        cpu->free_cores[i] = cpu->vcpus - 1 - i;
    cpu->stats.since_ns = sim_now_ns(sim);
}

void model_cpu_release(struct model_cpu *cpu)
{
    free(cpu->running);
    free(cpu->free_cores);
    free(cpu->work_scale);
    cpu->running = NULL;
    cpu->free_cores = NULL;
    cpu->work_scale = NULL;
}

int64_t cpu_executed_ns(const struct model_cpu *cpu, const struct model_burst *burst)
{
    int64_t now_ns = sim_now_ns(cpu->sim);
    /* Pauses since it began that are over; negative when begin_ns lies behind a pause that is going on. */
    int64_t ahead_ns = max_ns(0, cpu->paused_until_ns - now_ns);
    int64_t paused_ns = cpu->pause_total_ns - burst->pause_seen_ns - ahead_ns;
    int64_t ran_ns = max_ns(0, now_ns - burst->begin_ns - paused_ns);
    return ran_ns < burst->stay_ns ? ran_ns : burst->stay_ns;
}

static void stay(struct model_cpu *cpu, struct model_burst *burst, int64_t begin_ns)
{
    burst->begin_ns = max_ns(begin_ns, cpu->paused_until_ns);
    burst->pause_seen_ns = cpu->pause_total_ns;
    burst->counted_ns = 0;
    burst->stay_ns = burst->left_ns < burst->slice_left_ns ? burst->left_ns : burst->slice_left_ns;
    sim_at(cpu->sim, &burst->event, burst->begin_ns + burst->stay_ns, SIM_PRIORITY_NORMAL);
}

static void enqueue(struct model_cpu *cpu, struct model_burst *burst)
{
    burst->next = NULL;
    burst->begin_ns = sim_now_ns(cpu->sim);
    burst->slice_left_ns = cpu->quantum_ns;
    if (cpu->queue == NULL)
        cpu->queue = burst;
    else
        cpu->queue_last->next = burst;
    cpu->queue_last = burst;
    cpu->stats.waited++;
    if (++cpu->queue_length > cpu->stats.queue_max)
        cpu->stats.queue_max = cpu->queue_length;
}

void cpu_hand_over(struct model_cpu *cpu, uint32_t core)
{
    struct model_burst *burst = cpu->queue;
    cpu->running[core] = burst;
    if (burst == NULL) {
        cpu->free_cores[cpu->free_count++] = core;
        cpu->freed_ns = sim_now_ns(cpu->sim);
        return;
    }
    cpu->queue = burst->next;
    cpu->queue_length--;
    burst->core = core;
    int64_t waiting_since_ns = burst->begin_ns;
    stay(cpu, burst, sim_now_ns(cpu->sim));
    cpu->stats.wait_ns += burst->begin_ns - waiting_since_ns;
}

static void finish(struct model_cpu *cpu, struct model_burst *burst)
{
    uint32_t core = burst->core;
    int64_t slice_left_ns = burst->slice_left_ns;
    burst->cpu = NULL;
    burst->slept_since_ns = sim_now_ns(cpu->sim);
    cpu->stats.bursts++;
    cpu->running[core] = NULL;
    cpu->finishing = burst;
    cpu->again = false;
    burst->done(burst); /* the burst may be gone after it, unless it said `again` */
    cpu->finishing = NULL;
    if (!cpu->again) {
        cpu_hand_over(cpu, core);
        return;
    }
    burst->cpu = cpu;
    if (process_holds(burst)) { /* its done stopped it */
        process_hold(burst);
    } else if (slice_left_ns == 0 && cpu->queue != NULL) {
        cpu->stats.switches++;
        enqueue(cpu, burst);
    } else {
        burst->slice_left_ns = slice_left_ns > 0 ? slice_left_ns : cpu->quantum_ns;
        cpu->running[core] = burst;
        stay(cpu, burst, sim_now_ns(cpu->sim));
        return;
    }
    cpu_hand_over(cpu, core);
}

static void stay_over(struct sim *sim, struct sim_event *event)
{
    struct model_burst *burst = sim_container(event, struct model_burst, event);
    struct model_cpu *cpu = burst->cpu;
    int64_t paused_ns = cpu->pause_total_ns - burst->pause_seen_ns;
    if (paused_ns > 0) { /* it was stopped for so long */
        burst->pause_seen_ns = cpu->pause_total_ns;
        burst->begin_ns += paused_ns; /* as if it had begun later: what ran is the same */
        sim_after(sim, event, paused_ns);
        return;
    }
    cpu->stats.busy_ns[burst->class] += burst->stay_ns - burst->counted_ns;
    burst->left_ns -= burst->stay_ns;
    burst->slice_left_ns -= burst->stay_ns;
    if (burst->left_ns == 0) {
        finish(cpu, burst);
    } else if (cpu->queue == NULL) {
        burst->slice_left_ns = cpu->quantum_ns;
        stay(cpu, burst, sim_now_ns(sim));
    } else {
        cpu->stats.switches++;
        enqueue(cpu, burst);
        cpu_hand_over(cpu, burst->core);
    }
}

void model_cpu_hum(struct model_cpu *cpu, double cores, double piece_ns)
{
    assert(cores >= 0 && piece_ns >= 0);
    cpu->hum_cores += cores;
    if (piece_ns > cpu->hum_piece_ns)
        cpu->hum_piece_ns = piece_ns;
    set_speeds(cpu);
}

/* Mean of what is left of a busy period, of so much on average, when no more than limit_ns is waited for. */
static double met_ns(double left_ns, double limit_ns)
{
    return limit_ns > 0 ? left_ns * (1 - sim_exp(-limit_ns / left_ns)) : 0;
}

/*
 * Linux lets a thread that runs finish its slice before one that wakes (EEVDF's run to parity). After a burst a hum that never sleeps begins
 * a slice of its own, and what is left of that has to be waited for. It sleeps once in piece / (1 - use): from then on a wake-up meets
 * one of its busy periods by chance, and waits for the rest of it.
 */
static int64_t hum_wait_ns(const struct model_cpu *cpu)
{
    if (!(cpu->hum_cores > 0))
        return 0;
    double bursts = cpu->asked_ns / ((double)sim_now_ns(cpu->sim) + WARM_NS);
    double use = cpu->hum_cores / fmax(cpu->vcpus - bursts, 1e-3), all = 1;
    use = fmin(use, HUM_USE_MAX);
    for (uint32_t i = 0; i < cpu->free_count && all > 1e-6; i++)
        all *= use;
    double piece_ns = cpu->hum_piece_ns / cpu->speed, quantum_ns = (double)cpu->quantum_ns;
    double since_ns = (double)(sim_now_ns(cpu->sim) - cpu->freed_ns);
    double left_ns = piece_ns / 2 / ((1 - use) * (1 - use));
    double never_slept = sim_exp(-since_ns * (1 - use) / piece_ns);
    return (int64_t)(all * (never_slept * met_ns(left_ns, quantum_ns - since_ns) +
                            (1 - never_slept) * met_ns(left_ns, quantum_ns / 2)));
}

void cpu_place(struct model_cpu *cpu, struct model_burst *burst, int64_t delay_ns)
{
    sim_event_init(&burst->event, stay_over);
    if (cpu->free_count == 0) {
        enqueue(cpu, burst);
        return;
    }
    burst->core = cpu->free_cores[--cpu->free_count];
    cpu->running[burst->core] = burst;
    burst->slice_left_ns = cpu->quantum_ns;
    stay(cpu, burst, sim_now_ns(cpu->sim) + delay_ns);
}

double model_cpu_cold_work(const struct model_cpu *cpu, int64_t slept_ns)
{
    if (slept_ns <= 0 || !(cpu->cold_work_ns > 0))
        return 0;
    return cpu->cold_work_ns * (double)slept_ns / ((double)slept_ns + cpu->cold_sleep_ns);
}

void model_cpu_run(struct model_cpu *cpu, struct model_burst *burst, double work_ns)
{
    assert(work_ns >= 0);
    assert(work_ns < 9e15); /* exact as a double, a hundred days */
    uint32_t others = cpu->vcpus - cpu->free_count - (burst == cpu->finishing);
    double scale = cpu->work_scale[others < cpu->vcpus ? others + 1 : others];
    burst->left_ns = (int64_t)(work_ns * scale + 0.5);
    cpu->asked_ns += (double)burst->left_ns;
    if (burst == cpu->finishing) {
        assert(!cpu->again);
        cpu->again = true;
        return;
    }
    assert(burst->cpu == NULL);
    assert(burst->class < MODEL_THREAD_CLASSES);
    burst->cpu = cpu;
    int64_t slept_ns = sim_now_ns(cpu->sim) - burst->slept_since_ns;
    burst->left_ns += (int64_t)(model_cpu_cold_work(cpu, slept_ns) * scale);
    if (process_holds(burst))
        process_hold(burst);
    else
        cpu_place(cpu, burst, cpu->free_count > 0 ? cpu->wakeup_ns + hum_wait_ns(cpu) : 0);
}

double model_cpu_work(const struct model_cpu *cpu, double ns)
{
    return ns / cpu->work_scale[1];
}

double model_cpu_alone_ns(const struct model_cpu *cpu, double work_ns)
{
    return work_ns * cpu->work_scale[1];
}

void model_cpu_pause(struct model_cpu *cpu, int64_t pause_ns)
{
    assert(pause_ns >= 0);
    cpu->paused_until_ns = max_ns(cpu->paused_until_ns, sim_now_ns(cpu->sim)) + pause_ns;
    cpu->pause_total_ns += pause_ns;
    cpu->stats.busy_ns[MODEL_THREAD_GC] += pause_ns * cpu->gc_cores;
}

static int64_t pause_ahead_ns(const struct model_cpu *cpu)
{
    return max_ns(0, cpu->paused_until_ns - sim_now_ns(cpu->sim));
}

int64_t model_cpu_busy_ns(const struct model_cpu *cpu, enum model_thread_class class)
{
    assert(class < MODEL_THREAD_CLASSES);
    int64_t busy_ns = cpu->stats.busy_ns[class];
    if (class == MODEL_THREAD_GC)
        busy_ns -= pause_ahead_ns(cpu) * cpu->gc_cores;
    for (uint32_t i = 0; i < cpu->vcpus; i++) {
        const struct model_burst *burst = cpu->running[i];
        if (burst != NULL && burst->class == class)
            busy_ns += cpu_executed_ns(cpu, burst) - burst->counted_ns;
    }
    return busy_ns;
}

/* Share of all core time, since the reset. */
static double bursts_ratio(const struct model_cpu *cpu)
{
    int64_t elapsed_ns = sim_now_ns(cpu->sim) - cpu->stats.since_ns;
    if (elapsed_ns <= 0)
        return 0;
    double busy_ns = 0;
    for (int class = 0; class < MODEL_THREAD_CLASSES; class ++)
        busy_ns += (double)model_cpu_busy_ns(cpu, (enum model_thread_class) class);
    return busy_ns / ((double)elapsed_ns * cpu->vcpus);
}

static double hum_ratio(const struct model_cpu *cpu, double bursts)
{
    if (sim_now_ns(cpu->sim) <= cpu->stats.since_ns)
        return 0;
    return fmax(0, fmin(cpu->hum_cores / cpu->vcpus, 1 - bursts));
}

double model_cpu_hum_cores(const struct model_cpu *cpu)
{
    return hum_ratio(cpu, bursts_ratio(cpu)) * cpu->vcpus;
}

double model_cpu_utilisation(const struct model_cpu *cpu)
{
    double bursts = bursts_ratio(cpu);
    return bursts + hum_ratio(cpu, bursts);
}

void model_cpu_reset_stats(struct model_cpu *cpu)
{
    memset(&cpu->stats, 0, sizeof(cpu->stats));
    cpu->stats.since_ns = sim_now_ns(cpu->sim);
    cpu->stats.busy_ns[MODEL_THREAD_GC] = pause_ahead_ns(cpu) * cpu->gc_cores;
    for (uint32_t i = 0; i < cpu->vcpus; i++) {
        struct model_burst *burst = cpu->running[i];
        if (burst != NULL)
            burst->counted_ns = cpu_executed_ns(cpu, burst);
    }
}
