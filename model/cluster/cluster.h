/*
 * model/cluster/cluster.h - one replication of a scenario: everything put together, run, and what was seen.
 *
 * Shape    Built from a resolved scenario and a profile: machines, brokers with their replicas and start state, clients. Time
 *          then runs to the end of the warm-up, statistics are reset, time runs to the end of measuring, and everything
 *          observed stands in one `struct cluster_seen`. One cluster belongs to one thread; any number run side by side.
 * Clock    Simulated time 0 is CLUSTER_EPOCH_MS on the wall: a fixed Monday midnight UTC, so that daily shapes and file times
 *          mean the same in every run.
 * Units    ns of simulated time, bytes; ratios: 1 is 100 %.
 * Omits    Failures of brokers, disks and racks in detail (`survive` is answered by the bounds of model/answer/size.h).
 * Source   design: kafka defaults come through the scenario, costs through the profile.
 * Checked  tests/model/test_cluster.c (conservation, Little's law, determinism), tests/theory/, tests/agreement/
 */
#ifndef MODEL_CLUSTER_CLUSTER_H
#define MODEL_CLUSTER_CLUSTER_H

#include "broker-core/status.h"
#include "model/client/consumer.h"
#include "model/client/producer.h"
#include "model/broker/host.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"
#include "sim/histogram.h"

#define CLUSTER_EPOCH_MS INT64_C(1767571200000) /* Monday 2026-01-05 00:00:00 UTC */

struct cluster;

struct cluster_options {
    uint64_t seed;
    uint32_t replication;
    int64_t tick_ns;   /* interval of the series */
    int64_t length_ns; /* warm-up and measuring together: sizes the series */
};

/* Borrows scenario and profile until free. Gives *cluster. Fails when a trace cannot be read or a disk cannot hold the start state. */
int cluster_new(const struct scenario *scenario, const struct model_profile *profile,
                const struct cluster_options *options, struct cluster **cluster,
                struct broker_err *err);
void cluster_free(struct cluster *cluster);

/*
 * Recorded arrivals of a producer; NULL when its arrivals are no trace. Free with model_trace_free.
 * Fails when the file cannot be read, or has another rate or record size than the entry states (by more than 10 %).
 */
int cluster_trace_read(const struct scenario_producer *entry, struct model_trace **trace,
                       struct broker_err *err);
/* The same of all producers, to know it before anything runs. */
int cluster_check_traces(const struct scenario *scenario, struct broker_err *err);

/* Runs to simulated time t_ns. */
void cluster_run_until(struct cluster *cluster, int64_t t_ns);
int64_t cluster_now_ns(const struct cluster *cluster);
/* Drained by all producers since the reset. */
uint64_t cluster_batches(const struct cluster *cluster);
/* End of the warm-up: forgets what was seen, keeps the state. */
void cluster_reset_seen(struct cluster *cluster);

/* Kafka's parts of a produce request's time, and the client's own. */
enum cluster_part {
    CLUSTER_PART_CLIENT, /* intended send to drained: linger, queue */
    CLUSTER_PART_SEND, /* drained to received by a network thread: sender thread, network, waiting behind others */
    CLUSTER_PART_REQUEST_QUEUE,
    CLUSTER_PART_LOCAL,
    CLUSTER_PART_REMOTE,
    CLUSTER_PART_RESPONSE_QUEUE,
    CLUSTER_PART_RESPONSE, /* taken by the network thread to answered: send, network */
    CLUSTER_PARTS
};
const char *cluster_part_name(enum cluster_part part);

/* Percentiles of one interval of a series, ns; NAN where nothing came. */
struct cluster_latency_series {
    double *mean_ns, *p50_ns, *p95_ns, *p99_ns;
};

/* A topic's followers: what they have still to fetch, and all that there was to fetch; records, each follower's counted. */
struct cluster_following {
    double lag_records, records;
};

struct cluster_producer_seen {
    const struct model_producer_stats *stats;
    struct sim_histogram
        parts[CLUSTER_PARTS]; /* per request; CLIENT per record is stats->queue_ns */
    double
        held_ns; /* of its requests, in all: in sockets behind others of their connection; part of SEND */
    double backlog_end_s; /* oldest record not yet in a batch, largest over the clients */
    struct cluster_following following_start, following_end; /* of its topic */
    struct cluster_latency_series latency;
    double *acked_records, *acked_bytes; /* per interval */
    double *buffered_records;            /* at each tick, all clients */
    double *backlog_s;                   /* at each tick, largest over the clients */
};

struct cluster_group_seen {
    const struct model_consumer_stats *stats;
    double lag_start_records, lag_end_records;
    double
        laid_s; /* so far behind it began, because its lag was longer than what of the logs is laid; else 0 */
    double thread_ratio; /* busy share of the busiest member's thread */
    struct cluster_latency_series latency;
    double *records, *bytes; /* per interval */
    double *lag_records;     /* at each tick */
};

struct cluster_broker_seen {
    struct model_host_stats host;
    double cpu_ratio;
    double cpu_cores; /* busy cores of this broker alone */
    double cpu_class_ratio[MODEL_THREAD_CLASSES];
    double network_in_ratio, network_out_ratio; /* of baseline; 0 without a limit */
    double network_in_bytes_per_s, network_out_bytes_per_s;
    double shared_network_ratio; /* of the link that all share: the same for each broker */
    double disk_ratio;           /* busiest disk */
    const char *disk_bind;
    double disk_write_bytes_per_s, disk_read_bytes_per_s;
    double
        cache_seconds; /* age of the oldest page at the present fill rate; INFINITY when nothing is written */
    struct broker_counters counters;
    uint64_t log_bytes;                            /* of all replicas here */
    double *cpu, *network_in, *network_out, *disk; /* ratio per interval */
};

struct cluster_client_seen { /* one client machine */
    const char *name;
    double cpu_ratio;
    double cpu_cores;
    double application_cores, network_thread_cores; /* of it: threads of its clients */
    double network_in_ratio, network_out_ratio;
};

struct cluster_seen {
    int64_t begin_ns, end_ns;
    uint32_t tick_count; /* whole intervals since begin_ns; index of the series */
    int64_t tick_ns;
    uint32_t producer_count, group_count, broker_count, client_count;
    struct cluster_producer_seen *producers;
    struct cluster_group_seen *groups;
    struct cluster_broker_seen *brokers;
    struct cluster_client_seen *clients;
    uint64_t batches; /* drained by producers since the start of time */
    uint64_t requests;
    uint64_t events;
    uint64_t fingerprint;
};

/* Everything seen since the last reset. Borrowed; valid until time runs on. */
const struct cluster_seen *cluster_seen(struct cluster *cluster);

/* For tests: the parts themselves. */
struct sim *cluster_sim(struct cluster *cluster);
struct model_host *cluster_host(struct cluster *cluster, uint32_t broker);
/*
 * When a producer's client begins, counted over all entries. Applications do not begin at one moment: clients that did would linger in step
 * for as long as a run is, and all their requests would come together. The first begins at 0, and those of a trace, which says
 * itself when its records come; the others within their linger or the step of their regular arrivals.
 * Asserts  the client is a producer's.
 */
int64_t cluster_producer_begins_ns(const struct cluster *cluster, uint32_t client);
/* The first offset of a partition that the group has not been handed; -1 when nobody of the group reads it. */
int64_t cluster_position(const struct cluster *cluster, uint32_t group, struct broker_tp tp);

#endif
