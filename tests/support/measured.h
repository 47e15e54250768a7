/*
 * tests/support/measured.h - what a run costs and gives, in the few numbers that metamorphic tests compare.
 */
#ifndef TESTS_SUPPORT_MEASURED_H
#define TESTS_SUPPORT_MEASURED_H

#include "tests/support/small_cluster.h"

struct measured_run {
    double produced, consumed;      /* records a second: acknowledged; read, all groups together */
    double latency_ns;              /* produce, mean */
    double end_to_end_ns;           /* mean, first group */
    double cpu, disk;               /* of the busiest broker, 1: all of it */
    double cores, disks;            /* busy on average, all brokers together */
    double network_in, network_out; /* of the busiest broker, share of its baseline */
    double in_bytes, out_bytes;     /* a second on the wire, all brokers together */
    double written_bytes;           /* a second to disks, all brokers together */
    double log_bytes;               /* at the end, all brokers together */
    double lag_start, lag_end;      /* records, all groups together */
    uint64_t fingerprint;
};

/* One run with `--set`s, separated by newlines ("" for none): a second of warm-up, then measure_ns. */
struct measured_run measured_run(const char *yaml, const char *sets, uint64_t seed,
                                 int64_t measure_ns);
struct measured_run measured_run_with(const char *yaml, const char *sets, uint64_t seed,
                                      int64_t measure_ns, const struct model_profile *profile);

#endif
