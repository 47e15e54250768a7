/*
 * model/scenario/scenario.h - what a scenario file says, resolved: every value present, in plain C.
 *
 * Shape    load.h reads YAML and gives one struct scenario for the file as written, one per variant, and one per
 *          replication when inputs are uncertain. Here is only the description itself; nothing in it is optional:
 *          what the file leaves out has its default (`explain` names the origin).
 * Units    Our own times: int64_t ns. Kafka's settings keep Kafka's names and units (`linger_ms`, `batch_size` in bytes).
 *          Sizes: int64_t bytes. Rates: double bytes per second or records per second. Ratios: 1 is 100 %.
 * Omits    Measured costs: a profile is named here and read elsewhere. Incidents.
 * Source   Defaults: model/scenario/keys*.c, each with its origin.
 * Checked  tests/model/test_scenario*.c
 *
 * All memory belongs to whoever made the scenario (see load.h); readers borrow. Strings are never NULL, "" is "none".
 */
#ifndef MODEL_SCENARIO_SCENARIO_H
#define MODEL_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/scenario/measured.h"

enum {
    SCENARIO_RACKS_MAX = 64,     /* beyond any zone or rack count that Kafka operators describe */
    SCENARIO_TABLE_MAX = 64,     /* points of a size or compression table */
    SCENARIO_REPLICAS_MAX = 100, /* of a partition: beyond any use */
    SCENARIO_NAME_MAX = 249,     /* Kafka's topic name limit, used for every name */
};

/* ---- hardware ---- */

enum scenario_nic_model { SCENARIO_NIC_FIXED, SCENARIO_NIC_CREDIT };

enum scenario_disk_type {
    SCENARIO_DISK_HDD,
    SCENARIO_DISK_SSD,
    SCENARIO_DISK_NVME,
    SCENARIO_DISK_GP2,
    SCENARIO_DISK_GP3,
    SCENARIO_DISK_IO2,
    SCENARIO_DISK_ST1,
    SCENARIO_DISK_SC1,
};

enum scenario_layout { SCENARIO_JBOD, SCENARIO_RAID0 };

/*
 * The data disks of one broker: `count` identical ones. `type` says which fields a model reads:
 *   hdd             seek_*, rpm, read/write_bytes_per_s (outer tracks), inner_bytes_per_s, queue_depth, used_ratio, flush_ns
 *   ssd, nvme       read/write_bytes_per_s, read/write_iops (4 KiB), read/write_latency_ns, latency_sigma, stall_*, buffer_*, flush_ns
 *   gp2 ... sc1     throughput_bytes_per_s, iops, burst_*, credit_*, io_bytes_max, read/write_latency_ns, latency_sigma
 * Fields of other types are 0.
 */
struct scenario_disks {
    enum scenario_disk_type type;
    bool is_volume; /* behind the machine's block limits (cloud volume), not a local disk */
    int count;
    int64_t size_bytes; /* each */
    enum scenario_layout layout;

    double read_bytes_per_s;
    double write_bytes_per_s;
    double read_iops;
    double write_iops;
    int64_t read_latency_ns;  /* median of one small request on an idle device */
    int64_t write_latency_ns; /* as read_latency_ns */
    double latency_sigma;     /* of ln(latency) */
    double stall_ratio;       /* share of reads that wait behind a program or erase */
    int64_t stall_ns;         /* median of such a wait */
    double stall_sigma;
    int64_t flush_ns;          /* one cache flush */
    double buffer_bytes;       /* flash: write buffer, drained at write_bytes_per_s; 0: none */
    double buffer_bytes_per_s; /* rate into it */
    bool buffer_is_safe;       /* against power loss: a flush does not wait for it */

    int rpm;
    int64_t seek_track_ns;
    int64_t seek_average_ns;
    int64_t seek_full_ns;
    double inner_bytes_per_s;
    int queue_depth;   /* NCQ */
    double used_ratio; /* share of the disk, from the outside, over which its files are spread */

    double throughput_bytes_per_s; /* sustained, reads and writes together */
    double iops;                   /* sustained */
    double burst_bytes_per_s;      /* equal to throughput_bytes_per_s when there is no burst */
    double burst_iops;             /* equal to iops when there is no burst */
    double credit_bytes;           /* bucket of st1, sc1; 0: none */
    double credit_ios;             /* bucket of gp2; of st1 and sc1 that of their bytes; 0: none */
    int64_t io_bytes_max;          /* an I/O up to this size counts as one */

    double usd_per_gb_month;   /* 0: part of the machine's price */
    double usd_per_iops_month; /* above iops_free */
    double usd_per_mb_s_month; /* above throughput_free_bytes_per_s */
    double iops_free;
    double throughput_free_bytes_per_s;
};

/* Of an ordinary vCPU where nothing is known (judgement): as the slower half of the catalogue. */
#define SCENARIO_COREMARK 14000

struct scenario_machine {
    const char *name;     /* "aws/i3en.2xlarge", or "own" */
    const char *provider; /* "aws", "aws-msk", "gcp"; "": one's own */
    int vcpus;
    int threads_per_core;     /* hardware threads, each a vCPU, that share a core */
    double coremark_per_vcpu; /* iterations per second, all vCPUs busy; 0: unknown */
    int64_t ram_bytes;

    enum scenario_nic_model nic_model;
    double nic_baseline_bytes_per_s; /* each direction */
    double nic_burst_bytes_per_s;    /* each direction; equal to baseline when fixed */
    double
        nic_credit_bytes; /* bucket each direction: sent above baseline until empty; 0 when fixed */

    /* Limits of the machine towards its volumes. 0: no such limit is known. */
    double block_baseline_bytes_per_s;
    double block_burst_bytes_per_s;
    double block_baseline_iops;
    double block_burst_iops;
    int64_t block_burst_ns; /* how long a full bucket lasts at burst */

    struct scenario_disks disks; /* count 0: none inside */

    double usd_per_hour;            /* on demand; 0: unknown */
    double usd_per_year_3y;         /* three years, paid in advance; 0: unknown */
    const char *volume_type;        /* what its provider attaches: "gp3", "pd-ssd"; "": unknown */
    double volume_usd_per_gb_month; /* of volume_type; 0: unknown */
    double cross_zone_usd_per_gb;   /* both sides together; 0: unknown */
    const char *price_date;         /* "2026-07-20", region behind it in price_region */
    const char *price_region;
};

/* Amazon MSK's own price list holds: no bill for replication, storage of its own. */
bool scenario_machine_is_msk(const struct scenario_machine *machine);
/* Whether its provider sells such volumes; EBS's types are AWS's, and one's own machine may stand there. */
bool scenario_machine_sells(const struct scenario_machine *machine,
                            const struct scenario_disks *volumes);
/* Whether the machine's price has these disks in it. A cloud's machine comes with its own, whatever is written under volumes. */
bool scenario_disks_are_included(const struct scenario_machine *machine,
                                 const struct scenario_disks *disks);

/* ---- Kafka's topic settings ---- */

enum scenario_compression { /* Kafka's codec ids, "producer" behind them */
                            SCENARIO_COMPRESSION_NONE,
                            SCENARIO_COMPRESSION_GZIP,
                            SCENARIO_COMPRESSION_SNAPPY,
                            SCENARIO_COMPRESSION_LZ4,
                            SCENARIO_COMPRESSION_ZSTD,
                            SCENARIO_COMPRESSION_PRODUCER,
};

enum scenario_cleanup { SCENARIO_CLEANUP_DELETE };
enum scenario_timestamp_type { SCENARIO_CREATE_TIME, SCENARIO_LOG_APPEND_TIME };

struct scenario_topic_config {
    int min_insync_replicas;
    int64_t segment_bytes;
    int64_t segment_ms;
    int64_t segment_jitter_ms;
    int64_t segment_index_bytes;
    int64_t index_interval_bytes;
    int64_t retention_ms;    /* -1: for ever */
    int64_t retention_bytes; /* of one partition; -1: no limit */
    int64_t max_message_bytes;
    int64_t flush_messages; /* INT64_MAX: leave it to the operating system */
    int64_t flush_ms;       /* as flush_messages */
    int64_t file_delete_delay_ms;
    bool preallocate;
    enum scenario_compression compression_type;
    enum scenario_timestamp_type message_timestamp_type;
    enum scenario_cleanup cleanup_policy;
};

/* ---- cluster ---- */

/* 3.6: of scenario_cluster.kafka. Releases have one digit behind the point. */
double scenario_kafka_release(int kafka);
enum scenario_survive {
    SCENARIO_SURVIVE_NONE,
    SCENARIO_SURVIVE_BROKER,  /* a process */
    SCENARIO_SURVIVE_MACHINE, /* all brokers on it */
    SCENARIO_SURVIVE_RACK,
};
enum scenario_gc { SCENARIO_GC_OFF, SCENARIO_GC_G1, SCENARIO_GC_ZGC };
enum scenario_tls { SCENARIO_TLS_OFF, SCENARIO_TLS_CLIENTS, SCENARIO_TLS_ALL };

/* Kafka's replica.selector.class: by its short or whole name. */
enum scenario_replica_selector {
    SCENARIO_SELECT_LEADER,
    SCENARIO_SELECT_RACK,
    SCENARIO_SELECT_RACK_WHOLE,
};

/* Kafka's broker settings, same for every broker. */
struct scenario_broker_config {
    enum scenario_replica_selector replica_selector;
    int num_network_threads;
    int num_io_threads;
    int queued_max_requests;
    int num_replica_fetchers;
    int background_threads;
    int num_recovery_threads_per_data_dir;
    int64_t replica_fetch_max_bytes;
    int64_t replica_fetch_response_max_bytes;
    int64_t replica_fetch_min_bytes;
    int64_t replica_fetch_wait_max_ms;
    int64_t replica_fetch_backoff_ms;
    int64_t replica_lag_time_max_ms;
    int64_t replica_socket_receive_buffer_bytes;
    int64_t replica_high_watermark_checkpoint_interval_ms;
    int64_t fetch_max_bytes;
    int max_incremental_fetch_session_cache_slots;
    int64_t socket_send_buffer_bytes;
    int64_t socket_receive_buffer_bytes;
    int64_t socket_request_max_bytes;
    int64_t log_retention_check_interval_ms;
    int64_t log_flush_offset_checkpoint_interval_ms;
    int64_t log_flush_start_offset_checkpoint_interval_ms;
    int64_t log_flush_scheduler_interval_ms;
    int64_t log_initial_task_delay_ms;
    int offsets_topic_num_partitions;
    int offsets_topic_replication_factor;
    int64_t offsets_topic_segment_bytes;
};

struct scenario_network {
    int64_t same_rack_rtt_ns;
    int64_t cross_rack_rtt_ns; /* racks are zones when the machine is a cloud's */
    int64_t loopback_rtt_ns;   /* within one machine */
    double rtt_sigma;          /* lognormal jitter: sigma of ln(rtt) */
    double spike_ratio;        /* share of messages between racks that meet a spike */
    int64_t spike_ns_min;      /* uniform between the two */
    int64_t spike_ns_max;
    double single_flow_bytes_per_s; /* limit of one connection */
    double shared_bytes_per_s;      /* one link for all traffic, both directions; 0: none */
    double shared_burst_bytes;      /* what passes it at once after a silence */
};

struct scenario_cluster {
    int brokers;             /* 0 while brokers_auto and not sized yet */
    bool brokers_auto;       /* `brokers: auto`: size finds the count */
    int brokers_per_machine; /* brokers i * n to i * n + n - 1 share a machine */
    int rack_count;          /* at least 1; machines take turns in them */
    const char *racks[SCENARIO_RACKS_MAX];
    struct scenario_machine machine;
    struct scenario_disks
        disks; /* where the logs are: the volumes if any, else the machine's own disks */
    const char *profile;
    int kafka; /* release of the brokers, counted from the oldest: scenario_kafka_release */
    enum scenario_survive survive;
    struct scenario_broker_config config;
    struct scenario_topic_config topic_defaults; /* already applied to the topics */
    struct scenario_network network;
    enum scenario_gc gc;
    enum scenario_tls tls;
    int64_t heap_bytes;
    int64_t reserved_bytes; /* memory that neither heap nor page cache may use */
    double dirty_background_ratio;
    bool stable_writes;  /* queue/stable_writes of the devices */
    bool page_reporting; /* brokers are guests that hand free memory back */
    double dirty_ratio;
    int64_t dirty_expire_ns;
    int64_t read_ahead_bytes;
};

/* ---- topics ---- */

struct scenario_topic {
    const char *name;
    int partitions;
    int replication;
    struct scenario_topic_config config;
};

/* ---- producers ---- */

enum scenario_client_kind { SCENARIO_CLIENT_JAVA, SCENARIO_CLIENT_LIBRDKAFKA };
enum scenario_rate_kind { SCENARIO_RATE_BYTES, SCENARIO_RATE_RECORDS, SCENARIO_RATE_MAX };
enum scenario_counted { SCENARIO_COUNTED_PAYLOAD, SCENARIO_COUNTED_WIRE };
enum scenario_size_kind { SCENARIO_SIZE_FIXED, SCENARIO_SIZE_LOGNORMAL, SCENARIO_SIZE_TABLE };
enum scenario_arrivals_kind {
    SCENARIO_ARRIVALS_CONSTANT,
    SCENARIO_ARRIVALS_POISSON,
    SCENARIO_ARRIVALS_BURST,
    SCENARIO_ARRIVALS_MMPP,
    SCENARIO_ARRIVALS_TRACE,
};
enum scenario_partitioner {
    SCENARIO_PARTITIONER_STICKY, /* Java: by batch.size bytes; librdkafka: by sticky.partitioning.linger.ms */
    SCENARIO_PARTITIONER_KEYED,   /* the client's hash of the key */
    SCENARIO_PARTITIONER_UNIFORM, /* a new random partition for each record */
};
enum scenario_keys_kind { SCENARIO_KEYS_NONE, SCENARIO_KEYS_ZIPF, SCENARIO_KEYS_HOTTEST };

/* Payload of one record (key and value together), before compression. */
struct scenario_size {
    enum scenario_size_kind kind;
    double mean_bytes; /* of any kind */
    double cv;         /* standard deviation / mean; of any kind */
    int count;         /* table: bytes[i] with probability share[i]; shares sum to 1 */
    int64_t bytes[SCENARIO_TABLE_MAX];
    double share[SCENARIO_TABLE_MAX];
};

struct scenario_arrivals {
    enum scenario_arrivals_kind kind;
    double burst_records;                   /* burst: records that arrive together */
    enum scenario_arrivals_kind burst_kind; /* burst: when bursts come, constant or poisson */
    double mmpp_high;       /* mmpp: rate in the busy state as a multiple of the mean */
    int64_t mmpp_busy_ns;   /* mmpp: mean stay in the busy state */
    int64_t mmpp_quiet_ns;  /* mmpp: mean stay in the other state */
    const char *trace_path; /* trace: CSV, resolved against the scenario's folder */
};

/* What one client is set to. Names are the Java client's; librdkafka's own are marked. */
struct scenario_producer_config {
    int acks; /* 0, 1 or -1 (all) */
    int64_t linger_ms;
    int64_t linger_us; /* linger_ms in microseconds */
    int64_t batch_size;
    int64_t buffer_memory;    /* librdkafka: queue.buffering.max.kbytes * 1024 */
    int64_t max_request_size; /* librdkafka: message.max.bytes */
    int max_in_flight;
    enum scenario_compression compression_type;
    int64_t request_timeout_ms;
    int64_t socket_timeout_ms; /* librdkafka only */
    int64_t reconnect_backoff_ms;
    int64_t reconnect_backoff_max_ms;
    int64_t delivery_timeout_ms; /* librdkafka: message.timeout.ms */
    int64_t max_block_ms;        /* Java only; librdkafka fails at once (QUEUE_FULL): 0 */
    int64_t retries;
    int64_t retry_backoff_ms;
    int64_t retry_backoff_max_ms;
    bool enable_idempotence;
    bool adaptive_partitioning;   /* Java only */
    int64_t send_buffer_bytes;    /* -1: the system's own */
    int64_t receive_buffer_bytes; /* -1: the system's own */
    int64_t batch_num_messages;   /* librdkafka only; INT64_MAX for Java */
    int64_t queue_max_messages;   /* librdkafka only; INT64_MAX for Java */
    int64_t sticky_linger_ms;     /* librdkafka only */
};

/* Compression ratio (before / after) by batch size before compression; linear in ln(size) between points, flat outside. */
struct scenario_ratio_table {
    int count; /* at least 1 */
    int64_t batch_bytes[SCENARIO_TABLE_MAX];
    double ratio[SCENARIO_TABLE_MAX];
};

struct scenario_producer {
    const char *name;
    int topic; /* index into topics */
    enum scenario_client_kind client;
    int clients;
    struct scenario_machine machine; /* that the clients run on */
    int machines;                    /* how many of them the clients are spread over */
    int rack_count;                  /* racks that the machines are in, in turn */
    int racks[SCENARIO_RACKS_MAX];   /* index into cluster.racks */

    /*
     * Load of all clients together. MAX: as much as they can; the rates are 0 then. BYTES or RECORDS tells how the
     * file said it; all four rates are filled either way. `counted: wire` is already divided out: these are payload.
     */
    enum scenario_rate_kind rate_kind;
    enum scenario_counted counted;
    double rate_mean; /* as stated, in the unit of rate_kind */
    double rate_peak; /* as stated; equal to rate_mean when one value was given without a shape */
    double payload_bytes_per_s_mean;
    double payload_bytes_per_s_peak; /* what `run` simulates */
    double records_per_s_mean;
    double records_per_s_peak;

    struct scenario_size size;
    double key_bytes; /* part of size */
    struct scenario_arrivals arrivals;
    enum scenario_partitioner partitioner;
    enum scenario_keys_kind keys_kind;
    int64_t key_count;
    double key_zipf_s;
    double hottest_partition_share;

    /* Share of the peak by hour of the day and by day of the week (day 0 first); the largest of each is 1. */
    double daily[24];
    double weekly[7];
    double growth_ratio;      /* 0.03: by 3 % each growth_period_ns, compound */
    int64_t growth_period_ns; /* a month: 30.4375 days */

    struct scenario_producer_config config;
    struct scenario_ratio_table compression_ratio; /* {0: 1} with compression.type none */
};

/* ---- consumer groups ---- */

enum scenario_lag_kind {
    SCENARIO_LAG_NONE,
    SCENARIO_LAG_TIME,
    SCENARIO_LAG_BYTES,
    SCENARIO_LAG_RECORDS
};

enum scenario_offset_reset { SCENARIO_RESET_LATEST, SCENARIO_RESET_EARLIEST };

/* Names are the Java client's; librdkafka's own are marked. */
struct scenario_consumer_config {
    int64_t fetch_min_bytes;
    int64_t fetch_max_wait_ms;
    int64_t fetch_max_bytes;
    int64_t max_partition_fetch_bytes;
    int64_t max_poll_records; /* Java only; INT64_MAX for librdkafka */
    int64_t max_poll_interval_ms;
    int64_t queued_min_messages; /* librdkafka only */
    int64_t queued_max_bytes;    /* librdkafka only: queued.max.messages.kbytes * 1024 */
    int64_t queue_backoff_ms;    /* librdkafka only */
    enum scenario_offset_reset auto_offset_reset;
    bool enable_auto_commit;
    int64_t auto_commit_interval_ms;
    int64_t request_timeout_ms; /* librdkafka: socket.timeout.ms */
    int64_t retry_backoff_ms;   /* librdkafka: fetch.error.backoff.ms */
    int64_t reconnect_backoff_ms;
    int64_t reconnect_backoff_max_ms;
    int64_t receive_buffer_bytes; /* -1: the system's own */
    int64_t send_buffer_bytes;
};

struct scenario_group {
    const char *name;
    int topic_count;   /* at least 1 */
    const int *topics; /* indexes into topics */
    enum scenario_client_kind client;
    int clients;
    int beside; /* producer on whose machines its clients run; -1: on its own */
    struct scenario_machine machine;
    int machines;
    int rack_count;
    int racks[SCENARIO_RACKS_MAX];
    bool states_rack; /* client.rack: each consumer names its machine's */
    int64_t processing_per_record_ns;
    double processing_ns_per_byte;
    int64_t processing_wait_ns;      /* of a record, without CPU */
    enum scenario_lag_kind lag_kind; /* at the start, over all partitions of the group together */
    double lag;                      /* ns, bytes (payload on the log) or records */
    struct scenario_consumer_config config;
};

/* ---- run, horizon, verdicts ---- */

struct scenario_run {
    int64_t measure_ns;
    bool warmup_auto;  /* found by MSER-5 */
    int64_t warmup_ns; /* auto: what is simulated before measuring can begin, at most */
    int replications;
    int replications_max; /* bound for precision */
    uint64_t seed;
    double precision; /* relative half-width to reach; 0: run exactly `replications` */
    bool quick;
};

enum scenario_fill { SCENARIO_EMPTY, SCENARIO_FULL };

struct scenario_start {
    enum scenario_fill logs;    /* FULL: what retention keeps, segments of random age */
    enum scenario_fill credits; /* burst credits of NIC, block limit and volumes */
    enum scenario_fill cache;   /* FULL: warm */
    /* No keys: a run that goes on from a moment of the horizon begins so long after the start, else 0. */
    int64_t history_ns;
    bool history_only; /* the logs were empty then: they hold no more than what came since */
};

struct scenario_horizon {
    int64_t length_ns;
    int64_t step_ns;
};

/* Shares of capacity that a verdict allows; thread_idle is a floor. */
struct scenario_limits {
    double cpu;
    double disk_space;
    double disk_bandwidth;
    double network; /* of the NIC's baseline */
    double thread_idle;
};

enum scenario_commitment { SCENARIO_ON_DEMAND, SCENARIO_THREE_YEARS };

struct scenario_cost {
    enum scenario_commitment commitment;
    double hours_per_month;
    double machine_usd_per_hour;     /* 0: unknown */
    double storage_usd_per_gb_month; /* volumes; 0: none or part of the machine */
    double cross_zone_usd_per_gb;    /* 0: none or unknown */
};

enum scenario_metric {
    SCENARIO_METRIC_PRODUCE,        /* subject: producer; ns */
    SCENARIO_METRIC_END_TO_END,     /* subject: group; ns */
    SCENARIO_METRIC_FETCH,          /* subject: group; ns */
    SCENARIO_METRIC_LAG_TIME,       /* subject: group; ns */
    SCENARIO_METRIC_LAG_RECORDS,    /* subject: group; records */
    SCENARIO_METRIC_THROUGHPUT,     /* subject: producer or group; bytes per second of payload */
    SCENARIO_METRIC_RECORD_RATE,    /* subject: producer or group; records per second */
    SCENARIO_METRIC_ERRORS,         /* subject: producer; ratio of records that failed */
    SCENARIO_METRIC_DISK,           /* fill of the fullest disk over the horizon; ratio */
    SCENARIO_METRIC_CPU,            /* busiest broker; ratio */
    SCENARIO_METRIC_NETWORK,        /* busiest direction of a broker's NIC, of baseline; ratio */
    SCENARIO_METRIC_DISK_BANDWIDTH, /* busiest disk; ratio */
};

enum scenario_subject {
    SCENARIO_SUBJECT_CLUSTER,
    SCENARIO_SUBJECT_PRODUCER,
    SCENARIO_SUBJECT_GROUP
};
enum scenario_statistic {
    SCENARIO_STAT_MEAN,
    SCENARIO_STAT_MAX,
    SCENARIO_STAT_MIN,
    SCENARIO_STAT_PERCENTILE
};
enum scenario_compare {
    SCENARIO_LESS,
    SCENARIO_LESS_EQUAL,
    SCENARIO_GREATER,
    SCENARIO_GREATER_EQUAL
};

struct scenario_slo {
    const char *text; /* as in the file */
    enum scenario_metric metric;
    enum scenario_subject subject_kind;
    int subject; /* index into producers or groups; -1: each of them, or the cluster */
    enum scenario_statistic statistic;
    double percentile; /* 99.9; only with SCENARIO_STAT_PERCENTILE */
    enum scenario_compare compare;
    double value; /* in the metric's unit */
};

struct scenario {
    int version;
    const char *name; /* the file's name without folder and .yaml */
    const char *path; /* as it was given */
    const char *question;
    const char *variant; /* "" for the file as written */
    struct scenario_cluster cluster;
    int topic_count;
    struct scenario_topic *topics;
    int producer_count;
    struct scenario_producer *producers;
    int group_count;
    struct scenario_group *groups;
    struct scenario_run run;
    struct scenario_start start;
    struct scenario_horizon horizon;
    struct scenario_limits limits;
    struct scenario_cost cost;
    int slo_count;
    struct scenario_slo *slos;
    struct measured measured; /* of a case for `verify` */
};

/* Index of the thing with that name, or -1. */
int scenario_topic_find(const struct scenario *s, const char *name);
int scenario_producer_find(const struct scenario *s, const char *name);
int scenario_group_find(const struct scenario *s, const char *name);

/* Whether the group is stated to have something of its topics yet to read. */
bool scenario_begins_behind(const struct scenario_group *group);
/* Rack, from 0, of a broker; brokers that share a machine share its rack. */
int scenario_rack_of(const struct scenario_cluster *cluster, int broker);
/* "one rack lost". */
const char *scenario_lost_name(enum scenario_survive survive);
/* The least by which brokers can grow and stay as many in each rack, on full machines; 1 with one rack. */
int scenario_rack_step(const struct scenario_cluster *cluster);

/* Whether the group reads that topic, and how many groups do. A group names a topic once. */
bool scenario_reads(const struct scenario_group *group, int topic);

/* What a broker's socket takes at once: Linux doubles what is set (socket(7)); the system's own, which grows, is as good as any number. */
static inline int64_t scenario_send_buffer_bytes(const struct scenario_broker_config *config)
{
    return config->socket_send_buffer_bytes > 0 ? 2 * config->socket_send_buffer_bytes : INT32_MAX;
}
int scenario_readers(const struct scenario *s, int topic);
/* Partitions of all topics that the group reads. */
int scenario_partitions_read(const struct scenario *s, const struct scenario_group *group);
/* How far back the group begins, seconds, where its topics get so many records and bytes of payload a second; 0: nothing comes. */
double scenario_lag_s(const struct scenario_group *group, double records_per_s, double bytes_per_s);

/* Compression ratio for a batch of that size before compression: at least the table's smallest, at most its largest. */
double scenario_ratio_at(const struct scenario_ratio_table *table, double batch_bytes);

/* "gp3", "lz4", ...: the spelling in the file. Never NULL. */
const char *scenario_disk_type_name(enum scenario_disk_type type);
const char *scenario_compression_name(enum scenario_compression codec);

#endif
