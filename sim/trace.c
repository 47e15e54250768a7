/*
 * sim/trace.c - one fixed-column line.
 */
#include "sim/trace.h"

#include <inttypes.h>
#include <stdarg.h>

void sim_trace_on(struct sim *sim, struct sim_trace *trace, FILE *file)
{
    *trace = (struct sim_trace){.file = file, .from_ns = 0, .until_ns = SIM_TIME_NEVER};
    sim->trace = trace;
}

void sim_trace_off(struct sim *sim)
{
    sim->trace = NULL;
}

void sim_trace_line(struct sim *sim, const char *who, int64_t index, const char *what,
                    const char *format, ...)
{
    struct sim_trace *trace = sim->trace;
    if (sim->now_ns < trace->from_ns || sim->now_ns > trace->until_ns)
        return;
    char actor[32];
    if (index < 0)
        snprintf(actor, sizeof(actor), "%s", who);
    else
        snprintf(actor, sizeof(actor), "%s %" PRId64, who, index);
    fprintf(trace->file, "%10" PRId64 ".%09" PRId64 " %-16s %-16s ", sim->now_ns / 1000000000,
            sim->now_ns % 1000000000, actor, what);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(trace->file, format, arguments);
    va_end(arguments);
    fputc('\n', trace->file);
    trace->line_count++;
}
