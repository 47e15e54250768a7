/*
 * model/measure/broker_metrics.h - what a broker says of itself, by a JMX exporter.
 *
 * Shape    Two scrapes, one before and one after the measured window. Counters become rates between them; times of requests and
 *          sizes are as the later one says. A scrape costs the broker CPU, 0.1 to 0.3 s of a core for the 11,000 lines of Kafka 4.2
 *          without rules: a third scrape before the two tells how much.
 * Units    Requests and bytes a second between the scrapes; ms; bytes.
 * Omits    Everything else that is exported. Kafka keeps times of requests in a sample of some minutes, weighted to the recent past,
 *          so they describe the row and what was before it.
 * Source   Exporters name one MBean in several ways, by their rules. Names are compared in lower case without underscores, with
 *          the value of the label `name` behind: kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"},
 *          kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Produce"} are the same.
 * Checked  tests/model/test_measure_metrics.c
 */
#ifndef MODEL_MEASURE_BROKER_METRICS_H
#define MODEL_MEASURE_BROKER_METRICS_H

#include <stddef.h>

#include "model/measure/measure.h"

enum broker_request {
    BROKER_PRODUCE,
    BROKER_FETCH_CONSUMER,
    BROKER_FETCH_FOLLOWER,
    BROKER_REQUESTS
};
enum broker_part {
    BROKER_TOTAL,
    BROKER_REQUEST_QUEUE,
    BROKER_LOCAL,
    BROKER_REMOTE,
    BROKER_RESPONSE_QUEUE,
    BROKER_RESPONSE_SEND,
    BROKER_PARTS
};
enum broker_statistic { BROKER_MEAN, BROKER_P50, BROKER_P99, BROKER_STATISTICS };

/* NAN: not exported. */
struct broker_scrape {
    int64_t at_ns;
    double requests[BROKER_REQUESTS];
    double bytes_in, bytes_out, messages_in; /* counters over all topics */
    double gc_count, gc_seconds;
    double process_cpu_s; /* counter: the agent's own, its process being the broker */
    double
        system_cpu_s; /* the same of the MBean OperatingSystem, which is the broker's wherever the exporter runs */
    double log_bytes; /* of the topic */
    double time_ms[BROKER_REQUESTS][BROKER_PARTS][BROKER_STATISTICS];
    const char *topic; /* borrowed; whose log size counts */
};

/* Reads an exporter's text. Returns MEASURE_OK or MEASURE_EFAILED. */
int broker_scrape_parse(struct broker_scrape *scrape, const char *text, size_t size,
                        const char *topic, struct measure_err *err);
/* Fetches and reads. at_ns lies half way to the answer, which takes up to seconds: when in them a counter was read nobody tells. */
int broker_scrape_get(struct broker_scrape *scrape, const char *url, const char *topic,
                      struct measure_err *err);
/*
 * All brokers at the same time, by a thread each, scrapes[i] of urls[i]: one after the other, many would still be asked when the load is
 * measured. Returns as broker_scrape_get, of the first that failed.
 */
int broker_scrape_all(struct broker_scrape *scrapes, const char *const *urls, int count,
                      const char *topic, struct measure_err *err);

/* A scrape costs CPU, which would be in what is measured, and in its first seconds alone. Judgement: two of 11,000 lines take less. */
#define BROKER_SCRAPE_LEAD_NS INT64_C(4000000000)
/*
 * Whether the two scrapes that began BROKER_SCRAPE_LEAD_NS before from_ns were over by then; both ns of one clock.
 * Returns MEASURE_OK or MEASURE_EFAILED, with what would help.
 */
int broker_scrape_in_time(int64_t over_ns, int64_t from_ns, struct measure_err *err);

/* A counter's rate; NAN unless both scrapes have it and it did not fall (a restart). */
double broker_rate(double before, double after, const struct broker_scrape *first,
                   const struct broker_scrape *last);

/*
 * Cores that the load used from first to last, without the scrapes' own. probe: the scrape before `first`, nearer to it than `last` is.
 * NAN: not exported, or the broker was started again. Checked: on rows of a real broker beside --broker-pid.
 */
double broker_cores(const struct broker_scrape *probe, const struct broker_scrape *first,
                    const struct broker_scrape *last);

/* "Produce"; "total"; "mean": as a row spells them. */
extern const char *const BROKER_REQUEST_NAMES[BROKER_REQUESTS];
extern const char *const BROKER_PART_NAMES[BROKER_PARTS];
extern const char *const BROKER_STATISTIC_NAMES[BROKER_STATISTICS];

#endif
