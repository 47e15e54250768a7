/* model/cluster/cluster_internal.h - the parts of a cluster, shared by the files that implement cluster.h. */
#ifndef MODEL_CLUSTER_CLUSTER_INTERNAL_H
#define MODEL_CLUSTER_CLUSTER_INTERNAL_H

#include "model/cluster/cluster.h"
#include "model/cluster/flow.h"
#include "model/cluster/horizon_log.h"
#include "model/cluster/placement.h"
#include "sim/sim.h"

/* Of a connection's sender, for requests that nobody answers: what has gone into it and not arrived. */
struct cluster_socket {
    uint64_t bytes, bytes_max;
    struct unanswered *first; /* that waits for room */
};

/* One client process: a producer or a group member, with its connections to all brokers. */
struct cluster_client {
    struct model_transport transport; /* first: the client knows only this */
    struct cluster *cluster;
    struct model_machine *machine;
    struct model_connection *connections; /* [broker] */
    struct model_connection **connection_list;
    struct cluster_socket *sockets;      /* [broker] */
    struct model_connection coordinator; /* a group member's, for its commits */
    struct model_metadata metadata;
    void (*answered[MODEL_CALL_KINDS])(struct model_call *call); /* the client's own callbacks */
    uint32_t producer; /* entry in the scenario; UINT32_MAX for a group's member */
    uint32_t group;    /* entry in the scenario; UINT32_MAX for a producer */
    struct model_producer *produces;
    struct model_consumer *consumes;
    struct sim_event start; /* of an application that begins later than the first */
};

#define CLUSTER_FIRST_EPOCH 0 /* of all leaders: nobody has failed before the run */

struct cluster {
    struct sim sim;
    const struct scenario *scenario;
    const struct model_profile *profile;
    struct model_profile broker_profile;   /* on the brokers' machines */
    struct model_profile *client_profiles; /* [producer entry], then [group]: on theirs */
    struct cluster_options options;
    struct model_net net;
    struct model_placement *placement;
    struct unanswered *unanswered; /* requests with acks=0 that no broker is done with */

    uint32_t broker_count;
    uint32_t replica_total;         /* of the scenario's topics */
    struct model_machine *machines; /* that brokers run on */
    uint32_t machine_count;
    struct model_machine **broker_machines; /* [broker]; several brokers may share one */
    struct model_host **hosts;
    struct broker_env **envs; /* [broker]: any environment of it shows any of its files */

    struct model_shares *shares;
    struct model_flows *before; /* at the mean rate: what brought the start state about */
    double *lag_s;              /* [group]: how old what it has yet to read is at the start */
    double *laid_s; /* [group]: the same where its logs are not laid so far back; else 0 */

    uint32_t client_machine_count;
    struct model_machine *client_machines;
    uint32_t client_count;
    struct cluster_client *clients;
    struct model_producer_stats *producer_stats; /* [producer entry] */
    struct model_consumer_stats *consumer_stats; /* [group] */
    double *record_bytes;                        /* [producer entry], mean payload of a record */
    double **weights;                            /* [producer entry], NULL where sticky */
    struct model_trace **traces;                 /* [producer entry], NULL unless it replays one */

    struct controller *controller;
    struct recorder *recorder;
};

/* machines.c: hardware from the scenario. */
void cluster_machines_new(struct cluster *cluster);
void cluster_machines_free(struct cluster *cluster);
/* First machine of a producer entry or group among the client machines, in the order producers, groups. */
uint32_t cluster_first_client_machine(const struct cluster *cluster, bool group, uint32_t entry);

/* brokers.c: hosts, replicas, start state. */
int cluster_brokers_new(struct cluster *cluster, struct broker_err *err);
void cluster_brokers_start(struct cluster *cluster);
void cluster_brokers_free(struct cluster *cluster);

/* start.c: fills the logs, the page caches and the writeback queues. Before anybody leads. */
int cluster_start_state(struct cluster *cluster, struct broker_err *err);
void cluster_start_free(struct cluster *cluster);

/*
 * start_tail.c: batches as small as clients' that the groups that lag on one replica of the partition would find in the run; and what is
 * batched how, at most two stretches a group, when all replicas together wanted `batches`. first_bytes: the log goes no further back.
 */
double start_tail_batches(const struct cluster *cluster, struct broker_tp tp);
uint32_t start_tail(const struct cluster *cluster, struct broker_tp tp, double first_bytes,
                    double batches, struct horizon_stretch *stretches);
/* Notes in laid_s which groups begin at first_bytes, where the partition's log does that retention would let begin at kept_bytes. */
void start_tail_note(struct cluster *cluster, struct broker_tp tp, double first_bytes,
                     double kept_bytes);

/* clients.c */
int cluster_clients_new(struct cluster *cluster, struct broker_err *err);
void cluster_clients_start(struct cluster *cluster);
void cluster_clients_free(struct cluster *cluster);

/* transport.c */
void cluster_send(struct model_transport *transport, struct model_call *call);
/* What is on its way when nobody waits for it any more. */
void cluster_transport_free(struct cluster *cluster);
void cluster_close(struct model_transport *transport, struct model_connection *connection);

/* controller.c: carries ISR changes; the metadata quorum's delay. */
struct controller *controller_new(struct cluster *cluster);
void controller_free(struct controller *controller);
void controller_propose(void *ctx, struct model_host *host, struct broker_tp tp,
                        const struct broker_partition_state *proposal);
int32_t controller_leader(void *ctx, struct broker_tp tp, int32_t *leader_epoch);
/* Tells every replica its first state. */
int controller_elect(struct controller *controller, struct broker_err *err);

/* recorder.c */
struct recorder *recorder_new(struct cluster *cluster);
void recorder_free(struct recorder *recorder);
void recorder_start(struct recorder *recorder);
void recorder_reset(struct recorder *recorder);
/* A produce request has been answered to its client. */
void recorder_answered(struct recorder *recorder, const struct cluster_client *client,
                       const struct model_call *call);
const struct cluster_seen *recorder_seen(struct recorder *recorder);

/* seen.c: a topic's followers now. */
struct cluster_following seen_following(const struct cluster *cluster, int topic);
/* brokers, clients' machines and consumers' threads, over the elapsed_s since the reset. */
void seen_read_machines(const struct cluster *cluster, struct cluster_seen *seen, double elapsed_s);

#endif
