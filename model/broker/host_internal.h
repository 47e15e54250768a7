/*
 * model/broker/host_internal.h - the parts of a simulated broker, shared by the files that implement host.h.
 *
 * One file a thread group: network_thread.c (with network_send.c), io_thread.c, replica_fetcher.c, background.c. A call travels between them
 * by the host_* functions below; nobody reaches into another group's queue.
 */
#ifndef MODEL_BROKER_HOST_INTERNAL_H
#define MODEL_BROKER_HOST_INTERNAL_H

#include "model/broker/host.h"
#include "sim/sim.h"
#include "sim/stat.h"

struct io_thread;

/* FIFO of calls, linked through call->next. */
struct call_queue {
    struct model_call *head, *tail;
    uint32_t count;
};
void call_queue_push(struct call_queue *queue, struct model_call *call);
struct model_call *call_queue_pop(struct call_queue *queue);

/* A replica on this broker, with the lock that its steps hold. */
struct host_replica {
    struct broker_tp tp;
    struct broker_partition *partition;
    struct broker_log *log;
    uint32_t disk;
    uint32_t fetcher_index; /* among the parts of its replica fetcher */
    bool locked;
    struct io_thread *waiting, *waiting_last; /* I/O threads that wait for the lock, in order */
    struct model_read_ahead *ahead;           /* of what is read from disk; NULL until then */
};

/* Syncs that an append's receipt asks for: small files (a roll's snapshot), then the segment's; of these, with something to bring. */
struct host_syncs {
    uint16_t small, segment, dirty;
};
struct host_syncs host_syncs(const struct broker_receipt *receipt);

/* A flush that a thread waits for; see flush.c. The thread sets the first part once. */
struct host_flush {
    struct model_burst *burst; /* the thread's; its done is overwritten */
    void *owner;               /* of the burst */
    void (*done)(void *owner); /* inside the burst's done, never inside host_flush_begin */

    struct model_host *host;
    struct host_replica *replica;
    struct model_sync sync;
    struct host_syncs left;
    bool log_synced;
};
/* Returns false, and does nothing, where there is nothing to sync. */
bool host_flush_begin(struct host_flush *flush, struct model_host *host,
                      struct host_replica *replica, struct host_syncs syncs);

struct network_thread {
    struct model_host *host;
    struct model_burst burst;
    struct call_queue queue; /* frames to read and answers to write, in order of arrival */
    struct model_call *call; /* in hand */
    uint32_t turn_left;      /* of what was ready when this turn of its loop began */
    bool running;
    bool blocked;           /* holds `call` because the request queue is full */
    struct model_read cold; /* the read from disk that it waits for */
    uint64_t room;          /* of the socket's send buffer, left for what it writes */
};

struct io_thread {
    struct model_host *host;
    struct model_burst burst;
    struct model_call *call;
    struct host_replica *replica; /* whose lock it holds */
    struct io_thread *next;       /* idle list, or a lock's queue */
    struct sim_event pause;       /* end of a write pause */
    struct host_flush flush;
    int64_t pause_ns;
    struct broker_receipt receipt;
    struct call_queue completed; /* made ready by this thread's deferred work */
};

struct fetcher_part {
    struct host_replica *replica;
    struct host_syncs syncs; /* of the append in hand */
    bool named;              /* listed in the fetcher's named: new, moved or after an error */
    int64_t retry_ns;        /* not before; 0: at once */
};

/* One replica fetcher thread: one leader, one request in flight. */
struct replica_fetcher {
    struct model_host *host;
    struct model_host *leader;
    struct model_connection connection;
    struct model_call call;
    struct model_burst burst;
    struct sim_event timer; /* end of a write pause */
    struct host_flush flush;
    struct fetcher_part *parts;
    uint32_t part_count;
    struct broker_fetch_part *request; /* as many as parts */
    uint32_t *named;                   /* indexes of the parts that the next request names */
    uint32_t named_count;
    uint32_t *appended; /* indexes of the parts whose publish is pending */
    uint32_t appended_count;
    uint32_t flushed_count; /* of those, looked at */
    int32_t session_id;
    int32_t session_epoch;
    int64_t pause_ns; /* of the appends in hand */
};

struct background_thread {
    struct model_host *host;
    struct model_burst burst;
    struct model_sync sync;
    struct broker_receipt receipt;
    uint64_t synced[ENV_SIM_SYNCED_MAX]; /* files that the task synced */
    uint32_t synced_count, synced_at;
    uint32_t disk;
    bool busy;
};

struct model_host {
    struct sim *sim;
    struct model_net *network;
    struct model_machine *machine;
    const struct model_profile *profile;
    struct model_host_config config;
    model_propose_fn *propose;
    void *propose_ctx;

    struct model_process process;
    struct model_gc gc;
    struct broker *broker;
    uint32_t disk_count;
    struct env_sim **envs; /* one a log dir */
    struct broker_dir **dirs;
    int64_t clocks_until_ns;    /* the environments' clocks are right before it; 0: never */
    struct env_sim_cache cache; /* mirrors the machine's page cache for the environments */

    uint32_t topic_count;
    uint32_t *topic_first; /* index of each topic's partition 0 in replicas */
    struct host_replica **replicas;
    struct host_replica **hosted;
    uint32_t hosted_count;

    struct network_thread *network_threads;
    struct sim_stream accepts; /* who comes first: of each round */
    uint32_t *turns;           /* the round's threads in the order drawn */
    uint32_t accepted;
    struct sim_level network_busy; /* threads that have something in hand, being woken included */
    int64_t network_woken_ns;      /* of that, how long it took until they ran */

    struct io_thread *io_threads;
    struct io_thread *io_idle, *io_idle_last; /* longest idle first */
    struct sim_level io_busy;
    int64_t io_woken_ns;
    struct call_queue requests;
    struct sim_level request_level; /* length of the request queue over time */
    struct call_queue blocked;      /* calls in the hands of blocked network threads, in order */

    struct replica_fetcher **fetchers;
    uint32_t fetcher_count;

    struct background_thread *background;
    struct sim_event background_timer;
    struct sim_event broker_timer; /* purgatories and ISR checks */
    int64_t broker_timer_ns;
    struct sim_event idle_timer; /* the work that a broker does without load */
    struct model_burst idle_burst;

    struct call_queue
        *ready_sink; /* where `ready` puts calls: the thread that runs deferred work */
    struct call_queue timer_ready;

    int64_t stats_since_ns;
    struct model_host_stats stats;
};

void host_set_clocks(struct model_host *host);
/* Before any call into the broker core: its clock and page cache are the simulation's now. */
static inline void host_enter(struct model_host *host)
{
    host->cache.fill_bytes = model_cache_stamp(host->machine->cache);
    if (host->sim->now_ns >= host->clocks_until_ns)
        host_set_clocks(host);
}
int64_t host_wall_ms(const struct model_host *host);
/* Of the simulation; SIM_TIME_NEVER for what Kafka's largest settings put off for longer than its clock runs. */
int64_t host_time_ns(const struct model_host *host, int64_t wall_ms);
struct host_replica *host_find(const struct model_host *host, struct broker_tp tp);
struct broker_env *model_host_env_of(const struct model_host *host, struct broker_tp tp);
uint64_t
host_active_file(const struct host_replica *replica); /* number of the file that appends go to */
/* Files of a broker begin with its id, since brokers may share a machine's page cache. */
#define HOST_FILES_BITS 40
/* Its indexes, for the page cache: file numbers stay far below this bit. */
#define HOST_INDEX_FILE (UINT64_C(1) << 62)
/* Checkpoints and snapshots, which are rewritten in place or made new: one number beside those of the environments' files. */
#define HOST_SMALL_FILE (UINT64_MAX - 1)

/* A thread of the broker: whose time it takes, and whose stops hold it. */
static inline void host_own(struct model_host *host, struct model_burst *burst,
                            enum model_thread_class class)
{
    burst->class = class;
    burst->process = &host->process;
}

/* network_thread.c */
void host_network_init(struct model_host *host);
void host_network_next(
    struct network_thread *thread); /* done with its call, or with a part of it */
void host_network_push(struct model_host *host,
                       struct model_call *call);    /* a frame to read or an answer to write */
void host_network_unblock(struct model_host *host); /* room in the request queue */
uint32_t host_parts_found(
    const struct model_call *call); /* partitions whose records its answer, once built, carries */

/* network_send.c */
void host_network_send(struct network_thread *thread);                    /* the answer in hand */
void host_unmute(struct model_host *host, const struct model_call *call); /* it is answered */
void host_drop(struct model_host *host, struct model_call *call); /* nobody waits for its answer */

/* io_thread.c */
void host_io_init(struct model_host *host);
bool host_io_offer(struct model_host *host,
                   struct model_call *call); /* false: the request queue is full */
void host_answer(struct model_host *host,
                 struct model_call *call);                /* ready: to its network thread */
void host_collect_ready(struct broker_op *op, void *ctx); /* broker_op_ready_fn */
void host_run_deferred_now(
    struct model_host *host); /* by a thread whose own time for it is negligible */
void host_arm_broker_timer(struct model_host *host);
void host_broker_timer(struct sim *sim, struct sim_event *event);

/*
 * How long a thread that has just been given work sleeps on: until then Kafka's gauges of idle threads count it as waiting for requests (io-wait-ratio of a
 * selector, the time in RequestChannel.receiveRequest). What waits for a core counts as busy.
 */
int64_t host_waking_ns(const struct model_host *host, const struct model_burst *burst);

/* What an append's receipt asks of the machine: dirties its bytes and returns the pause that the kernel imposes. */
int64_t host_charge_write(struct model_host *host, struct host_replica *replica,
                          const struct broker_receipt *receipt);
/* Behind it, before the append is published: how long its writer is held (model_cache_held_ns). */
int64_t host_held_ns(struct model_host *host, const struct host_replica *replica);

/* replica_fetcher.c */
void host_fetchers_start(struct model_host *host, struct model_host *const *brokers,
                         uint32_t broker_count);
void host_fetchers_release(struct model_host *host);

/* background.c */
void host_background_init(struct model_host *host);
void host_background_start(struct model_host *host);

#endif
