/*
 * model/answer/outcome.h - what is kept of one replication after its cluster is gone.
 *
 * Shape    Histograms, counts and series, copied from cluster_seen; outcomes of one scenario are added up in replication order.
 */
#ifndef MODEL_ANSWER_OUTCOME_H
#define MODEL_ANSWER_OUTCOME_H

#include "model/cluster/cluster.h"

struct outcome_series {
    double *mean_ns, *p50_ns, *p95_ns, *p99_ns;
};

struct outcome_producer {
    struct sim_histogram latency, queue, batch; /* batch: records a batch */
    struct sim_histogram round_trip;            /* per batch: handed to the NIC to answered */
    struct sim_histogram parts[CLUSTER_PARTS];  /* CLIENT is empty: it is `queue`, per record */
    struct model_producer_stats counts;         /* its histograms are NULL */
    double held_ns; /* mean of its requests, in sockets behind others of their connection */
    double
        backlog_growth_ratio; /* how fast what waits grows, as a share of the records due; > 0 grows */
    double backlog_outside_growth_ratio; /* the same of what its accumulator has not taken yet */
    double backlog_end_s;
    double
        follower_growth_ratio; /* of what there was to replicate, so much was added to the followers' lag */
    double follower_lag_end_s; /* at the rate of the load */
    struct outcome_series latency_series;
    double *acked_records, *acked_bytes, *buffered_records, *backlog_s;
};

struct outcome_group {
    struct sim_histogram end_to_end, fetch;
    struct model_consumer_stats counts; /* its histograms are NULL */
    bool lag_grows;                     /* growth.h */
    double lag_end_records;
    double lag_fell_records; /* meanwhile; below 0: it grew */
    double laid_s;           /* as seen */
    double thread_ratio;     /* busy share of the busiest member's thread */
    struct outcome_series latency_series;
    double *records, *bytes, *lag_records;
};

struct outcome_broker {
    struct cluster_broker_seen seen; /* its series are copies */
};

struct outcome {
    double seconds; /* measured */
    uint32_t tick_count;
    double tick_s;
    uint32_t producer_count, group_count, broker_count, client_count;
    struct outcome_producer *producers;
    struct outcome_group *groups;
    struct outcome_broker *brokers;
    struct cluster_client_seen *clients; /* names are copies */
    bool warmup_cut;                     /* by the limit of its batches */
    uint64_t batches, requests, events, fingerprint;
};

/* Copies what the cluster has seen. Gives. */
struct outcome *outcome_new(struct cluster *cluster);
void outcome_free(struct outcome *outcome);

/* The producer's load grows faster than it is carried: no steady state. */
bool outcome_producer_unstable(const struct outcome_producer *producer);
/*
 * The client gives up what waits longer than it may (delivery.timeout.ms, librdkafka: message.timeout.ms): no more than comes in that time waits in
 * it, whatever trend a short run shows, as long as nothing waits for room there.
 */
bool outcome_gives_up(const struct outcome_producer *producer);
/* Its acknowledgements do not wait for the followers, and those fall behind: sooner or later they leave the ISR. */
bool outcome_followers_unstable(const struct outcome_producer *producer);
bool outcome_group_unstable(const struct outcome_group *group);

#endif
