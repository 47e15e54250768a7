/*
 * model/scenario/measured.h - what was measured of a scenario in the real world: its `measured:` block.
 *
 * Shape    One value a quantity and repeat; NAN where nothing was measured. The quantities are those that a prediction can be held
 *          against; they are named once, here, for rows, scenarios, fits and error tables.
 * Units    SI: records/s, seconds, cores, bytes.
 */
#ifndef MODEL_SCENARIO_MEASURED_H
#define MODEL_SCENARIO_MEASURED_H

#include <stdbool.h>

enum {
    MEASURED_REPEATS_MAX = 16,
};

enum measured_quantity {
    MEASURED_THROUGHPUT,     /* records/s acknowledged, all producers */
    MEASURED_PRODUCE_MEAN,   /* s, from the intended send time */
    MEASURED_PRODUCE_P50,    /* s */
    MEASURED_PRODUCE_P99,    /* s */
    MEASURED_ROUND_TRIP,     /* s, mean of produce requests as the client sees them */
    MEASURED_END_TO_END_P50, /* s, first group */
    MEASURED_END_TO_END_P99, /* s */
    MEASURED_BROKER_CPU,     /* cores, mean over the brokers */
    MEASURED_CLIENT_CPU,     /* cores, all client processes */
    MEASURED_REQUESTS,       /* produce requests/s */
    MEASURED_BATCHES,        /* record batches/s appended by leaders */
    MEASURED_DISK_BYTES,     /* bytes/s of log written by all replicas */
    MEASURED_QUANTITIES
};

struct measured {
    bool present;
    const char *id;     /* of the configuration: repeats and folds go by it */
    const char *family; /* "rate", "fsync" ... */
    const char *source; /* where it is from */
    const char *series; /* points that differ in load alone; "" none: anchoring goes by it */
    bool anchor;        /* the point of its series that may be fitted */
    bool cluster_binds; /* the cluster, not the client, is what limits a maximum throughput */
    bool maximum;       /* throughput is the most that the system carries: a maximum to predict */
    int repeat_count;
    double value[MEASURED_REPEATS_MAX][MEASURED_QUANTITIES];
};

/* "produce_p50"; as in a scenario's `measured:` block and in every table. */
const char *measured_quantity_name(enum measured_quantity quantity);
/* "records/s", "s", "cores", "requests/s", "batches/s", "bytes/s" */
const char *measured_quantity_unit(enum measured_quantity quantity);
/* Median over the repeats that have it; NAN when none has. */
double measured_median(const struct measured *measured, enum measured_quantity quantity);

#endif
