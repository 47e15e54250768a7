/*
 * model/measure/cpu.h - how much CPU did a process and its threads use between two moments?
 *
 * Shape    A sample is the CPU time of a process and of each of its threads, with their names. Usage is the difference of two,
 *          in cores (CPU seconds a second), threads summed by name.
 * Units    ns of CPU time; cores.
 * Omits    Threads that ended between the samples (their time is in the process's sum only).
 * Source   proc(5): PID/stat, PID/task/TID/{comm,stat,schedstat}. schedstat has ns where stat has ticks of 10 ms; the process's
 *          CPU clock has ns as well. Both fall back to stat.
 * Checked  tests/model/test_measure_cpu.c on a folder made like /proc.
 */
#ifndef MODEL_MEASURE_CPU_H
#define MODEL_MEASURE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "model/measure/measure.h"

struct cpu_thread {
    int tid;
    char name[16];
    int64_t cpu_ns;
};

struct cpu_sample {
    int64_t cpu_ns, at_ns; /* at_ns: monotonic clock, for the caller */
    int count, capacity;
    struct cpu_thread *threads;
};

/* Ticks of user and system time from a line of PID/stat, whose second field may hold spaces and parentheses. */
bool cpu_parse_stat(const char *text, int64_t *ticks);
/* The first field of schedstat. */
bool cpu_parse_schedstat(const char *text, int64_t *cpu_ns);

/* root: "/proc". Gives sample->threads. Returns MEASURE_OK or MEASURE_EFAILED (no such process: err). */
int cpu_sample_read(struct cpu_sample *sample, const char *root, int pid, struct measure_err *err);
void cpu_sample_release(struct cpu_sample *sample);

#define CPU_GROUPS          24
#define CPU_GROUP_CORES_MIN 0.002 /* smaller ones are not listed, as in the measured rows */

struct cpu_usage {
    double cores;
    int count; /* the larger groups of threads, largest first */
    struct {
        char name[40];
        double cores;
    } groups[CPU_GROUPS];
};

enum cpu_names { CPU_BROKER, CPU_CLIENT };

/* "data-plane-kafk" is "network_and_io_threads", "rdk:broker1" is "librdkafka_broker_thread"; others lose their digits. */
void cpu_group_name(enum cpu_names names, const char *thread, char group[40]);
/* Asserts after->at_ns > before->at_ns. */
void cpu_usage_between(struct cpu_usage *usage, const struct cpu_sample *before,
                       const struct cpu_sample *after, enum cpu_names names);

#endif
