/*
 * model/measure/measured_row.h - one measured row, and how it is written: one JSON object in one line.
 *
 * Shape    Field names and nesting are those of the measured rows that calibration reads. What was not measured is null, an empty
 *          list, or (log_whole_run, broker_metrics) not there. `unacknowledged` is there when it is not 0.
 * Units    As the names say; ms and cores with the digits that the clocks support.
 * Checked  tests/model/test_measure_rows.c reads rows back
 */
#ifndef MODEL_MEASURE_MEASURED_ROW_H
#define MODEL_MEASURE_MEASURED_ROW_H

#include <stdio.h>

#include "model/measure/broker_metrics.h"
#include "model/measure/client_stats.h"
#include "model/measure/cpu.h"
#include "model/measure/gc_log.h"
#include "model/measure/log_dirs.h"
#include "sim/histogram.h"

#define MEASURE_BROKERS 64

struct measured_group {
    const struct sim_histogram *latency;
    double consumed_per_s;
};

struct measured_row {
    const struct measure_config *config;
    int repeat, brokers;
    const char *jit;
    double acked_per_s;
    uint64_t failed, queue_full_waits;
    uint64_t
        unacknowledged; /* meant for the window, not acknowledged by the row's end: latencies lack them */
    const struct sim_histogram *latency; /* empty: null */
    int group_count;
    struct measured_group *groups;
    struct client_stats client;
    struct cpu_usage client_cpu;
    int broker_count; /* whose CPU was read */
    struct cpu_usage broker_cpu[MEASURE_BROKERS];
    int gc_log_count; /* 0: the scrapes tell, if there are any */
    struct gc_pauses gc[MEASURE_BROKERS];
    bool has_log;
    struct measure_log log;
    int scrape_count;
    struct broker_scrape probe[MEASURE_BROKERS]; /* just before `before`: what a scrape costs */
    struct broker_scrape before[MEASURE_BROKERS], after[MEASURE_BROKERS];
};

/* With the line's end. Returns 0, or -1 when the stream failed. */
int measured_row_write(const struct measured_row *row, FILE *out);

#endif
