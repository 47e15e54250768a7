/*
 * model/measure/client_stats.h - librdkafka's own statistics, over the measured window only.
 *
 * Shape    librdkafka emits a JSON document every statistics.interval.ms; its windowed averages cover the time since the one
 *          before, its counters everything since the start. Documents whose whole interval lies in the window are summed.
 * Units    The document's us become ms. ts is us of the monotonic clock.
 * Omits    What lies in the window but in an interval that crosses its ends: at most one interval at each.
 * Source   librdkafka's STATISTICS.md: brokers.*.{rtt,int_latency,outbuf_latency,req.Produce}, topics.*.{batchsize,batchcnt}.
 *          The 99th percentile is that of each interval, averaged by its number of round trips: the document has no more.
 * Checked  tests/model/test_measure_client.c
 */
#ifndef MODEL_MEASURE_CLIENT_STATS_H
#define MODEL_MEASURE_CLIENT_STATS_H

#include "model/measure/measure.h"

struct client_sum {
    double sum, count, p99_weighted;
};

struct client_stats {
    int64_t from_ns, to_ns;
    int64_t last_us;      /* ts of the document before; 0: none */
    double last_requests; /* Produce requests at that time */
    double covered_us, requests;
    int documents; /* summed */
    struct client_sum round_trip, queue_wait, send_buffer, batch_bytes, batch_records;
};

/* from_ns, to_ns: the window, on the monotonic clock. */
void client_stats_init(struct client_stats *stats, int64_t from_ns, int64_t to_ns);
/* In the order of emission. Returns MEASURE_OK, or MEASURE_EFAILED when it is not such a document. */
int client_stats_add(struct client_stats *stats, const char *json, struct measure_err *err);

/* NAN where nothing was counted. */
double client_sum_mean(const struct client_sum *sum);
double client_sum_p99(const struct client_sum *sum);
double client_requests_per_s(const struct client_stats *stats);

#endif
