/*
 * model/broker/host.h - one simulated broker process: Kafka's threads, queues and locks around the real broker core.
 *
 * Shape    A frame that arrives goes to the network thread of its connection, through the bounded request queue, to an I/O thread that
 *          runs the op's steps under each partition's lock, perhaps through a purgatory, and back through the response queue of the
 *          same network thread, which pays for page-cache misses of what it sends. Replica fetchers use the same fetch path on the
 *          leader. Background threads run the log dirs' tasks. All threads share the machine's vCPUs.
 *          What an append adds after the real call (a write pause, a sync) passes before its publish, so that nobody reads
 *          what is not yet written.
 * Units    ns of simulated time; bytes.
 * Omits    Controller and group coordinator (their CPU is in the profile's idle costs); quotas; TLS handshakes. A broker learns at
 *          once that a client has closed a connection; Kafka's may read one more request that is there already.
 * Source   reference/kafka/request-path.md; replication.md section 5; costs: the profile.
 * Checked  tests/model/test_host.c (causality of appends, blocking of network threads, queue bounds), tests/theory.
 */
#ifndef MODEL_BROKER_HOST_H
#define MODEL_BROKER_HOST_H

#include "broker-core/broker/broker.h"
#include "broker-core/log/dir.h"
#include "model/broker/env_sim.h"
#include "model/hardware/call.h"
#include "model/hardware/gc.h"
#include "model/hardware/machine.h"
#include "model/hardware/network.h"
#include "model/hardware/profile.h"

/* Kafka's settings, Kafka's names. */
struct model_host_config {
    int32_t broker_id;
    uint32_t num_network_threads;
    uint32_t num_io_threads;
    uint32_t queued_max_requests;
    uint32_t num_replica_fetchers;
    uint32_t background_threads;
    uint64_t socket_send_buffer_bytes;
    bool tls_clients; /* TLS on client connections */
    bool tls_brokers; /* TLS between brokers */
    uint32_t replica_fetch_max_bytes;
    uint32_t replica_fetch_response_max_bytes;
    uint32_t replica_fetch_min_bytes;
    int32_t replica_fetch_wait_max_ms;
    int32_t replica_fetch_backoff_ms;
    double
        replica_window_bytes; /* replica.socket.receive.buffer.bytes: cap of a fetcher's connection */
    struct broker_config broker;
    struct broker_dir_config dir;
    struct model_gc_config gc; /* of the machine's cores, all of them its own */
    int64_t epoch_ms;          /* wall clock at simulated time 0 */
    uint64_t seed;             /* of env_sim's random bytes and of pauses */
    uint32_t replication;
};

struct model_host;

/* The ISR of a partition led here should change; the answer comes as model_host_apply on each replica. */
typedef void model_propose_fn(void *ctx, struct model_host *host, struct broker_tp tp,
                              const struct broker_partition_state *proposal);

/* Borrows all but config. topic_partitions[t] is the number of partitions of topic t. Gives *host. */
struct model_host *model_host_new(struct sim *sim, struct model_net *network,
                                  struct model_machine *machine,
                                  const struct model_profile *profile,
                                  const struct model_host_config *config,
                                  const uint32_t *topic_partitions, uint32_t topic_count,
                                  model_propose_fn *propose, void *ctx);
void model_host_free(struct model_host *host);

/* Puts a replica here, on log dir `disk`; the log is made. Set-up only. */
int model_host_add_replica(struct model_host *host, struct broker_tp tp, const char *topic,
                           uint32_t disk, const struct broker_log_config *log_config,
                           const struct broker_partition_config *config, struct broker_err *err);
/* What the controller says about a replica here. */
int model_host_apply(struct model_host *host, struct broker_tp tp,
                     const struct broker_partition_state *state, struct broker_err *err);
/* After all replicas and states are there: replica fetchers towards their leaders, timers, background work. */
void model_host_start(struct model_host *host, struct model_host *const *brokers,
                      uint32_t broker_count);

/* A request's last byte reached this machine. Runs inside an event. The answer goes back by itself; its op lives until answered returns. */
void model_host_receive(struct model_host *host, struct model_call *call);
/*
 * The client has closed the connection. Requests behind the one in hand are dropped; the one in hand is done and its answer goes
 * nowhere. All end as MODEL_CALL_LOST, none inside this call. The connection can be used again: another thread serves it then.
 */
void model_host_close(struct model_host *host, struct model_connection *connection);
/* The network thread for a new connection: in turn, as the acceptor does, in an order that each round draws. */
uint32_t model_host_accept(struct model_host *host);

struct model_machine *model_host_machine(const struct model_host *host);
struct broker_log *model_host_log(const struct model_host *host, struct broker_tp tp);
/* Set-up only: after a start state has used caches of its own to age what it wrote. */
void model_host_own_cache(struct model_host *host);
struct env_sim *model_host_env(const struct model_host *host, uint32_t disk);

/* What happened since the last reset. */
struct model_host_stats {
    double network_idle_ratio; /* mean over the threads, as NetworkProcessorAvgIdlePercent */
    double io_idle_ratio;      /* as RequestHandlerAvgIdlePercent */
    double request_queue_mean;
    uint32_t request_queue_max;
    uint64_t queue_full_blocks; /* a network thread found the request queue full */
    uint64_t requests[MODEL_CALL_KINDS];
    uint64_t appended_bytes; /* as leader and as follower */
    uint64_t batches;
    uint64_t segment_rolls;
    uint64_t segments_deleted;
    uint64_t cold_bytes; /* sent from disk, not from the page cache */
    uint64_t write_pauses;
    int64_t write_pause_ns;
    uint64_t syncs;
    uint64_t gc_pauses;
    int64_t gc_pause_ns; /* of pauses that are over, on machines that brokers share */
    int64_t gc_pause_ns_max;
    uint64_t storage_errors; /* refused or failed appends because a disk was full */
};
void model_host_stats(const struct model_host *host, struct model_host_stats *stats);
void model_host_reset_stats(struct model_host *host);
const struct broker_counters *model_host_counters(const struct model_host *host);

#endif
