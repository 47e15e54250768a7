/*
 * sim/trace.h - readable lines about what a run does, in fixed columns, or nothing at all.
 *
 *     seconds.nanoseconds who              what             details
 *            1.000250000 broker 2         append           orders-7 offset 4711 bytes 16384
 *
 * Off (the default) a trace statement costs one predicted branch and evaluates no argument.
 * Order and content follow from the run alone, so two traces can be compared line by line.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdio.h>

#include "sim/sim.h"

struct sim_trace {
    FILE *file;
    int64_t from_ns; /* lines outside [from_ns, until_ns] are left out */
    int64_t until_ns;
    uint64_t line_count;
};

/* Borrows  file and trace until sim_trace_off or the end of the run. */
void sim_trace_on(struct sim *sim, struct sim_trace *trace, FILE *file);

void sim_trace_off(struct sim *sim);

/* One line; use the macro below. `who` is an actor such as "broker", `index` its number (negative:
 * none), `what` a short verb. */
void sim_trace_line(struct sim *sim, const char *who, int64_t index, const char *what,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

#define sim_trace(sim, who, index, what, ...)                                                      \
    do {                                                                                           \
        if (__builtin_expect((sim)->trace != NULL, 0))                                             \
            sim_trace_line((sim), (who), (index), (what), __VA_ARGS__);                            \
    } while (0)

#endif
