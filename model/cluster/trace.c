/* model/cluster/trace.c - a producer's recorded arrivals, which have to be those that its entry states: see cluster.h. */
#include "model/cluster/cluster.h"

#include <math.h>

#define TOLERANCE 0.1 /* judgement: less is nobody's mistake */

static bool agrees(double has, double stated)
{
    return fabs(has - stated) <= TOLERANCE * stated;
}

/* Bounds, disks and horizon reckon with what the entry states: a trace that has another load would give a page of two. */
static int check(const struct scenario_producer *entry, const struct model_trace *trace,
                 struct broker_err *err)
{
    double rate = (double)model_trace_records(trace) / ((double)model_trace_length_ns(trace) / 1e9);
    double bytes = model_trace_mean_bytes(trace), size = entry->size.mean_bytes;
    if (!agrees(rate, entry->records_per_s_mean))
        return broker_err_set(err, BROKER_EREFUSED,
                              "producer %s, trace %s: it has %.6g records/s and rate says %.6g, by "
                              "which bounds, disks and horizon reckon; state rate: %.6g records/s",
                              entry->name, entry->arrivals.trace_path, rate,
                              entry->records_per_s_mean, rate);
    if (bytes > 0 && !agrees(bytes, size))
        return broker_err_set(err, BROKER_EREFUSED,
                              "producer %s, trace %s: its records have %.6g B and record.size says "
                              "%.6g, by which bounds, disks and horizon reckon; state record: "
                              "{size: %.0f B}",
                              entry->name, entry->arrivals.trace_path, bytes, size, bytes);
    return BROKER_OK;
}

int cluster_trace_read(const struct scenario_producer *entry, struct model_trace **trace,
                       struct broker_err *err)
{
    char error[128];
    *trace = NULL;
    if (entry->arrivals.kind != SCENARIO_ARRIVALS_TRACE)
        return BROKER_OK;
    struct model_trace *read = model_trace_read(entry->arrivals.trace_path, error);
    if (!read)
        return broker_err_set(err, BROKER_EIO, "producer %s, trace %s: %s", entry->name,
                              entry->arrivals.trace_path, error);
    int status = check(entry, read, err);
    if (status == BROKER_OK)
        *trace = read;
    else
        model_trace_free(read);
    return status;
}

int cluster_check_traces(const struct scenario *s, struct broker_err *err)
{
    for (int p = 0; p < s->producer_count; p++) {
        struct model_trace *trace;
        int status = cluster_trace_read(&s->producers[p], &trace, err);
        if (status != BROKER_OK)
            return status;
        model_trace_free(trace);
    }
    return BROKER_OK;
}
