/*
 * model/measure/gc_log.h - how often and for how long did a broker's JVM stop, by its own log?
 *
 * Shape    Lines that a JVM writes with -Xlog:gc: "[12.3s][info][gc] GC(3) Pause Young (Normal) (...) 51M->2M(1024M) 8.602ms".
 *          Every pause counts; concurrent phases do not.
 * Units    ms.
 * Checked  tests/model/test_measure_logs.c
 */
#ifndef MODEL_MEASURE_GC_LOG_H
#define MODEL_MEASURE_GC_LOG_H

#include "model/measure/measure.h"

struct gc_pauses {
    int64_t count;
    double total_ms, max_ms;
};

/* Where the log ends now. */
int gc_log_end(const char *path, int64_t *end, struct measure_err *err);
/* The pauses that were written behind `from`; all of them when the log has been begun anew since. */
int gc_log_read(const char *path, int64_t from, struct gc_pauses *pauses, struct measure_err *err);

#endif
