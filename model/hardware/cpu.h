/*
 * model/hardware/cpu.h - the cores of one machine and the threads that want them.
 *
 * Shape    `vcpus` identical cores in front of one first-in first-out run queue. A burst is what one thread wants to compute
 *          next. A thread that slept and finds a free core begins after the wake-up delay; one that finds none queues. A
 *          thread that starts its next burst inside `done` keeps its core until its time slice is used up and another one
 *          waits; then it goes to the end of the queue (round robin). One event a burst, one more a slice that runs out.
 *          A thread that slept computes a little more when it wakes: cold_work * slept / (slept + cold_sleep).
 *          Where two hardware threads share a core, a burst computes faster while fewer than all are busy: Linux gives it a core of
 *          its own while there is one. Its speed is that of the moment at which it was asked for.
 *          A garbage collection stops its process (process.h). Where that has the machine for itself, `pause` stops every core: what runs
 *          ends that much later.
 * Units    work: ns on a core of the profile's speed; it is divided by `speed`. Everything else: ns of simulated time.
 * Omits    Priorities, wake-up preemption, affinity, caches.
 * Source   reference/hardware-models.md section 4; quantum and wake-up delay come with the profile.
 * Checked  tests/model/test_cpu.c by hand; tests/theory/test_hardware_oracles.c: M/M/c waits of section 8, number 11.
 */
#ifndef MODEL_HARDWARE_CPU_H
#define MODEL_HARDWARE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"

/* Whose time it was. */
enum model_thread_class {
    MODEL_THREAD_NETWORK,
    MODEL_THREAD_IO,
    MODEL_THREAD_FETCHER,
    MODEL_THREAD_BACKGROUND,
    MODEL_THREAD_APPLICATION, /* a client's: its records, callbacks and, with Java's consumer, fetching */
    MODEL_THREAD_CLIENT_NETWORK, /* Java's sender thread, librdkafka's broker threads */
    MODEL_THREAD_GC,
    MODEL_THREAD_CLASSES,
};

struct model_process;

/* One thread's work. The caller sets the first part and owns the memory; the rest is the CPU's while it runs. */
struct model_burst {
    void (*done)(struct model_burst *burst);
    void *owner;
    enum model_thread_class class;
    struct model_process *process; /* whose stops hold it; NULL: nobody's */

    struct sim_event event;   /* end of the burst or of its slice */
    struct model_cpu *cpu;    /* where it runs or waits; NULL when it does neither */
    struct model_burst *next; /* in the run queue, or held by its process */
    int64_t left_ns;          /* still to be computed */
    int64_t slice_left_ns;    /* before it must let others run */
    int64_t stay_ns;          /* work of its present stay on the core */
    int64_t begin_ns;      /* when that stay began (or begins); in the queue: since when it waits */
    int64_t pause_seen_ns; /* pause_total_ns of the CPU at begin_ns */
    int64_t counted_ns;    /* part of the stay that was over when the statistics were reset */
    int64_t slept_since_ns;
    uint32_t core;
};

struct model_cpu_stats {
    int64_t since_ns;
    int64_t busy_ns[MODEL_THREAD_CLASSES]; /* core time of finished stays */
    uint64_t bursts;
    uint64_t waited;   /* bursts that found no free core, or lost theirs */
    int64_t wait_ns;   /* in the run queue, all bursts */
    uint64_t switches; /* slices that ran out while others waited */
    uint32_t queue_max;
};

struct model_cpu {
    struct sim *sim;
    uint32_t vcpus;
    uint32_t threads_per_core;
    double speed;
    uint32_t gc_cores; /* that a collection keeps busy */
    uint32_t process_count;
    double *work_scale; /* 1 / speed, by number of busy vCPUs: 0 to vcpus */
    int64_t quantum_ns;
    int64_t wakeup_ns;
    double cold_work_ns;
    double cold_sleep_ns;
    struct model_burst **running; /* one a core; NULL: free */
    uint32_t *free_cores;
    uint32_t free_count;
    struct model_burst *queue;
    struct model_burst *queue_last;
    uint32_t queue_length;
    struct model_burst *finishing; /* whose done runs just now */
    bool again;                    /* which wants to go on */
    double hum_cores;              /* see model_cpu_hum */
    double hum_piece_ns;
    int64_t freed_ns; /* when a core last ran out of bursts */
    double asked_ns;  /* work of all bursts since time 0 */
    int64_t paused_until_ns;
    int64_t pause_total_ns; /* sum of all pauses, with what is still to come of the present one */
    struct model_cpu_stats stats;
};

struct model_cpu_config {
    uint32_t vcpus;
    uint32_t threads_per_core; /* 1 or 2; 0: 1 */
    double speed;              /* of a vCPU when all are busy: model_cpu_speed */
    int64_t quantum_ns;        /* above 0 */
    int64_t wakeup_ns;
    double cold_work_ns; /* 0: none */
    int64_t cold_sleep_ns;
};

/* HotSpot's default ParallelGCThreads: all up to 8, then five of every eight more. */
uint32_t model_cpu_collector_threads(uint32_t vcpus);

/* CoreMark per vCPU of a machine / that of the profile; 1 where one is unknown (0). */
double model_cpu_speed(double coremark_per_vcpu, double profile_coremark);

/*
 * How much faster a busy vCPU is than when all are busy, `busy` of them (a ratio) being so: 1.5 while each has a core of its own, then
 * less, so that all of them do as much as CoreMark says. 1.5: reference/hardware-models.md 4.2 (Netflix, where a vCPU is a full core).
 */
double model_cpu_gain(uint32_t threads_per_core, double busy);

/*
 * The same on average for a thread beside which so many others compute, each on a vCPU of its own while there are any: a Poisson number with
 * that mean, for those that one message wakes, whatever else the machine does.
 */
double model_cpu_gain_among(uint32_t threads_per_core, uint32_t vcpus, double others);

/*
 * Borrows  sim, until release.
 * Asserts  vcpus, speed and quantum above 0.
 */
void model_cpu_init(struct model_cpu *cpu, struct sim *sim, const struct model_cpu_config *config);
void model_cpu_release(struct model_cpu *cpu);

/*
 * The thread wants `work_ns` of computing; `done` runs at the simulated time when it is over, never inside this call.
 * Called inside its own `done`, the thread goes on without sleeping; otherwise it is woken.
 *
 * Borrows  burst until done begins.
 * Asserts  the burst is not running, and work_ns is 0 or more.
 */
void model_cpu_run(struct model_cpu *cpu, struct model_burst *burst, double work_ns);

/* What a thread computes more that wakes after such a sleep. */
double model_cpu_cold_work(const struct model_cpu *cpu, int64_t slept_ns);

/* The work that takes so long on this machine while nothing else runs, and how long a work takes then. */
double model_cpu_work(const struct model_cpu *cpu, double ns);
double model_cpu_alone_ns(const struct model_cpu *cpu, double work_ns);

/*
 * Threads that are woken so often that single bursts would be too many events: `cores` of work on average, in pieces of piece_ns, added to
 * what hums already. It takes what the bursts leave. A burst that is woken on a free core may meet it: right after the last burst a hum that
 * had to wait goes on until it sleeps or its slice is over (Linux 6.12 on, EEVDF with run to parity: kernel/sched/fair.c, protect_slice);
 * later the burst waits for the rest of a busy period, as of an M/D/1 server: piece / 2 / (1 - use)^2, and no longer than half a slice.
 */
void model_cpu_hum(struct model_cpu *cpu, double cores, double piece_ns);

/*
 * Stop all cores for `pause_ns` from now (after a pause that is going on), for the machine's one process. Counts as MODEL_THREAD_GC on
 * gc_cores.
 */
void model_cpu_pause(struct model_cpu *cpu, int64_t pause_ns);

/* Core time of one class since the statistics were reset, up to now. */
int64_t model_cpu_busy_ns(const struct model_cpu *cpu, enum model_thread_class class);

/* Cores that hum on average since the reset: what was asked for, or what the bursts left of it. */
double model_cpu_hum_cores(const struct model_cpu *cpu);

/* Share of all core time that was busy since the reset: 0 to 1. */
double model_cpu_utilisation(const struct model_cpu *cpu);

/* Forget what was counted so far; what runs and waits goes on. */
void model_cpu_reset_stats(struct model_cpu *cpu);

#endif
