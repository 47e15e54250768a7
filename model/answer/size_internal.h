/* What the files of `size` share: loads by broker, demand by resource. */
#ifndef MODEL_ANSWER_SIZE_INTERNAL_H
#define MODEL_ANSWER_SIZE_INTERNAL_H

#include "model/answer/size.h"
#include "model/cluster/flow.h"
#include "model/cluster/machine_share.h"
#include "model/cluster/placement.h"
#include "model/hardware/network.h"

/* What all partitions of a topic have in common. */
struct size_topic {
    double codec_ns_per_byte; /* recompression by the leader */
};

struct size_where {
    int topic, partition;
};

/* Cluster of `brokers`, flows laid over its placement. */
struct size_plan {
    const struct scenario *s;
    const struct model_profile *profile;
    const volatile sig_atomic_t *stop; /* for its user to set; NULL: never */
    struct model_profile broker;       /* the profile on the brokers' machine */
    int brokers, disks;
    struct model_placement *placement;
    struct model_flows *flows;
    double *segments;  /* by topic: live segments of the mean replica */
    double **space;    /* by topic, partition: bytes of one replica at the end of the horizon */
    int *kept_by_size; /* by topic: partitions that reach retention.bytes before retention.ms */
    double *cold;      /* by group: bytes read from disk per byte read (0 or 1) */
    struct size_topic *topics;
    struct size_where *on; /* replicas of broker b: on[on_first[b]] to on[on_first[b + 1] - 1] */
    int *on_first;
};

/* What one broker does, per second. */
struct size_load {
    bool up;
    int leads, holds;
    double in_requests, in_batches, in_records, in_bytes;
    double answers;  /* to in_requests */
    double codec_ns; /* recompression */
    double replica_out_bytes, replica_out_batches, replica_out_partitions;
    double replica_found; /* partitions with records in its answers to followers */
    double follow_bytes, follow_batches, follow_records;
    double follow_found;    /* in its leaders' answers */
    double follow_requests; /* of its leaders, what of them brings these */
    double group_out_bytes;
    double fetches, fetch_batches; /* of consumers */
    double replica_fetches_in;     /* served to followers */
    double replica_fetches_out;    /* its own, as follower */
    double
        looked_partitions; /* that fetches cover: once when they come, once more when they waited */
    double replica_partitions;                     /* of those, of followers, once */
    double found_partitions, named_partitions;     /* in answers to consumers, in their fetches */
    double asked_partitions;                       /* that its own fetches cover */
    double lead_syncs, follow_syncs;               /* that appends wait for */
    double timed_syncs;                            /* of all its logs, in the background */
    double lead_syncs_squared, lead_syncs_batches; /* by partition: appends wait for its syncs */
    double lead_syncs_dirty;                       /* that have an index entry to bring, too */
    double lead_syncs_bytes;                       /* of the log, that they write */
    double segments;
    double cold_bytes; /* read from its disks for lagging consumers */
};

struct size_disk_load {
    double write_bytes, cold_bytes, space_bytes;
    double syncs;
    double ways; /* of a hard disk's head, to logs that get less than a chunk at a time */
};

/* What one group reads from one broker. */
struct size_reading {
    double batches, records, bytes;
    double requests;   /* that bring the batches */
    double fetches;    /* of all its consumers */
    double partitions; /* of the whole it reads there: a share where it reads near */
    double far;        /* of them, read by consumers in another rack */
};

/* A state of the cluster: all up, or some lost. */
struct size_state {
    struct size_reading *reading; /* by group * brokers + broker */
    struct size_load *load;       /* by broker */
    struct size_disk_load *disk;  /* by broker * disks + disk */
    int *live;                    /* by topic: replicas of the partition that has fewest */
};

/* The busiest broker for one resource. */
struct size_use {
    double demand;    /* in the unit of the resource */
    double capacity;  /* whole, without limit; 0: unknown */
    int broker, disk; /* of what the whole cluster shares: 0; -1: nothing asks for it */
    const char *bind; /* which of several limits is the capacity: "volume throughput"; "" */
};

struct size_answer;

/* What its disks hold at the end of the horizon: size_space.c. sized: the scenario with the plan's brokers. */
void size_plan_space(struct size_plan *plan, const struct scenario *sized,
                     const struct model_shares *shares);
struct size_plan *size_plan_new(const struct scenario *s, const struct model_profile *profile,
                                const struct model_shares *shares, int brokers);
void size_plan_free(struct size_plan *plan);
/*
 * The same cluster when each producer has grown for so many days; space, segments and what is cold stay as they are. Borrows the plan until
 * its release.
 */
void size_plan_grow(const struct size_plan *plan, const struct model_shares *shares, double days,
                    struct size_plan *grown);
void size_plan_grown_release(struct size_plan *grown);

/* Loads when all are up. Release with size_state_release. */
void size_state_init(const struct size_plan *plan, struct size_state *state);
/* Which broker, machine or rack is gone; counted from 0. */
struct size_loss {
    enum scenario_survive what;
    int index;
};
/* The same when that is gone: only the partitions that it held are laid anew. */
void size_state_without(const struct size_plan *plan, const struct size_state *whole,
                        struct size_loss loss, struct size_state *state);
void size_state_release(struct size_state *state);

/* The busiest broker in that state. */
void size_uses(const struct size_plan *plan, const struct size_state *state,
               struct size_use uses[SIZE_DIMS]);
/*
 * The worst of all states that `survive` asks for; false without it. live[topic]: replicas of the partition that has fewest then; room for
 * every topic of the placement.
 */
bool size_uses_survive(const struct size_plan *plan, const struct size_state *whole,
                       struct size_use uses[SIZE_DIMS], int *live);

/* Both; lost[].broker is -1 without `survive`. */
void size_uses_all(const struct size_plan *plan, struct size_use now[SIZE_DIMS],
                   struct size_use lost[SIZE_DIMS]);
/* Both, so many days on. Disk space is that of the plan. */
void size_uses_grown(const struct size_plan *plan, const struct model_shares *shares, double days,
                     struct size_use now[SIZE_DIMS], struct size_use lost[SIZE_DIMS]);
bool size_grows(const struct scenario *s); /* whether any producer does */
bool size_dim_grows(enum size_dim dim);    /* with the load of the day */

/* Of messages that fill their frames. An interface's limit counts what is on the wire. */
#define SIZE_WIRE_PER_PAYLOAD                                                                      \
    ((MODEL_NET_SEGMENT_BYTES + MODEL_NET_FRAME_BYTES) / (double)MODEL_NET_SEGMENT_BYTES)
/* Bytes a second on the wire, frames included: size_network.c. */
struct size_wire {
    double in, out;
};
struct size_wire size_wire(const struct size_load *load);
/* Every message once, by its leader, whoever sends it to whom. */
double size_wire_shared(const struct size_load *load);

/* A flush of a log syncs so many files: the log and its two indexes. */
#define SIZE_SYNC_FILES 3

double size_limit(const struct scenario *s, enum size_dim dim);
double size_ratio(const struct size_use *use); /* demand / capacity; NAN when unknown */
const char *size_dim_name(enum size_dim dim);

/* Index entries, for bytes and batches a second or in all. */
double size_index_bytes_per_s(const struct scenario_topic_config *c, double bytes, double batches);

/*
 * CPU of a broker in ns a second, by thread: work, and what its threads' waking and the network threads' turns add while they are not busy all the
 * time. `collector_ratio` is the share of all time that collections compute.
 */
struct size_cpu {
    double network_ns, io_ns, fetcher_ns, idle_ns, total_ns;
    double network_wake_ns, io_wake_ns, fetcher_wake_ns;
    double collector_ratio;
};
void size_cpu(const struct size_plan *plan, const struct size_load *load, struct size_cpu *cpu);
double size_wake_ns(const struct size_cpu *cpu);
/* What an append waits for its syncs, without what they compute. */
double size_sync_s(const struct size_plan *plan, const struct size_load *load);
/* I/O threads that stand still for syncs, or for a log that another one syncs. */
double size_sync_threads(const struct size_plan *plan, const struct size_load *load);
/*
 * Of a vCPU, as a ratio to the profile's core, when as many are busy as the limit allows: what is asked is how much fits below it. On two
 * hyper-threads it is less: threads wake together, whatever the load.
 */
double size_speed(const struct size_plan *plan, const struct scenario_machine *machine);
/* The same of a thread that has a core to itself. */
double size_lone_speed(const struct size_plan *plan, const struct scenario_machine *machine);
/* What a follower's fetcher threads wait in a second for so many bytes: connections carry a window each round trip. */
double size_replica_transfer_s(const struct scenario *s, double bytes);
/* A client's costs on its machine. */
struct model_cost size_receive_cost(const struct size_plan *plan,
                                    const struct scenario_group *group);

/* What a Java consumer computes before it asks a broker again; librdkafka asks ahead. */
double size_handling_s(const struct size_plan *plan, const struct scenario_group *group,
                       double batches, double records, double bytes);

/* Files of a segment that Kafka maps: the offset and the time index (hardware-models.md 4). */
#define SIZE_MAPPED_FILES  2
/* vm.max_map_count is an int: beyond it no machine can be set so that a broker holds them. */
#define SIZE_SEGMENTS_MOST (2147483647.0 / SIZE_MAPPED_FILES)
/* "13,551", or "more than a billion": beyond the bound no number means anything. */
const char *size_segments_text(const struct size_answer *a, double segments);

double size_page_cache_bytes(const struct scenario *s);

/* Was *stop set? NULL: never. */
bool size_stopped(const volatile sig_atomic_t *stop);

/* Of a client's threads, connections and queues: below it nobody asks, the row would say that there is room. */
#define SIZE_WORTH_A_ROW 0.2
/* Adds the bounds of the client machines, threads and connections: rows that begin with "client ". */
void size_producers_fill(const struct size_plan *plan, const struct size_state *state,
                         struct result *result);
void size_groups_fill(const struct size_plan *plan, const struct size_state *state,
                      struct result *result);
/* Of those the connections', where they come near their limits: size_connection.c. */
void size_producer_connections(const struct size_plan *plan, const struct size_state *state,
                               int producer, struct result *result);
/* What waits in a librdkafka client behind its sockets: size_queue.c. */
void size_producer_queue(const struct size_plan *plan, int producer, struct result *result);
void size_group_connections(const struct size_plan *plan, const struct size_state *state, int group,
                            struct result *result);

/* The resource that growth brings to its limit first, within the horizon or three years. */
struct size_growth {
    const char *place; /* "cpu of broker 2", "client cpu of checkout" */
    double day;        /* INFINITY: never */
};

/* What size.c works on. */
struct size_answer {
    const struct scenario *s;
    const struct model_profile *profile;
    const volatile sig_atomic_t *stop; /* NULL: never */
    struct result *r;
    struct size_plan *plan;
    struct size_state state;
    struct size_use now[SIZE_DIMS], lost[SIZE_DIMS];
    bool survive;
    int *live; /* by topic, with the survive loss */
    struct model_shares *shares;
    struct size_counts counts;
    int worst;        /* the dimension nearest to its limit */
    double worst_use; /* of its limit */
    bool worst_lost;  /* in the survive state */
    struct size_growth growth;
    const struct result_bound *most; /* rate: max: what carries least; NULL: none, or not known */
};

/* Connections that a broker keeps at most, of clients and brokers. */
double size_sockets(const struct size_plan *plan, const struct size_state *state, int broker);
/* Where they and its segments are more than the file descriptors that Kafka's documentation starts with. */
void size_sockets_warn(const struct size_answer *a);
/* Racks of unequal size, and partitions that one machine holds alone. */
void size_layout_warn(const struct size_answer *a);

/* Nothing is known of the load before a run: every producer is at rate: max. */
bool size_load_unknown(const struct scenario *s);
const char *size_explain(const struct size_answer *a, enum size_dim dim);
const char *size_lost_name(const struct size_answer *a);
/* A resource, with the broker and disk of that use. */
const char *size_place(const struct size_answer *a, enum size_dim dim, const struct size_use *use);
/* How much of its limit a resource needs, the worse of now and with the loss; NAN where unknown. */
double size_use_of_limit(const struct scenario *s, enum size_dim dim, const struct size_use *now,
                         const struct size_use *lost, bool *is_lost);

struct size_growth size_growth(const struct size_answer *a);
void size_warn(struct size_answer *a);

#endif
