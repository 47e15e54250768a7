/*
 * model/measure/measure.h - an open-loop load generator for a running Kafka cluster: one row for each configuration measured.
 *
 * Shape    Records are sent at the times of a schedule, whatever the acknowledgements do; latency counts from the intended time to
 *          the delivery callback, so a late sender shows in it. Consumers run in the same process. A row has a topic of its own,
 *          made for it and removed after it.
 * Units    Times: int64_t ns of the monotonic clock, or ns from the schedule's start. `linger_ms` and the row are in Kafka's units.
 * Omits    Transactions, keys, security settings, more than one producer.
 * Source   The row's format is that of the measured rows that calibration reads (model/evidence/rows.h).
 * Checked  tests/model/test_measure_plan.c without a broker; tests/interop/run with Apache Kafka.
 */
#ifndef MODEL_MEASURE_MEASURE_H
#define MODEL_MEASURE_MEASURE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct measure_err {
    char text[400];
};

enum measure_status {
    MEASURE_OK,
    MEASURE_EFAILED,  /* the cluster, a file; err tells */
    MEASURE_EINVALID, /* an option that this cluster or this librdkafka cannot do; err tells */
    MEASURE_STOPPED,  /* by *stop; everything that was made is gone */
};

/* Sets err's sentence, returns status. */
int measure_fail(struct measure_err *err, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

enum measure_arrivals { MEASURE_POISSON, MEASURE_CONSTANT };

#define MEASURE_TOPIC_CONFIGS    16
#define MEASURE_RECORD_BYTES_MIN 8 /* the time stamp */

/* What a row's `config` says. */
struct measure_config {
    char id[64], family[32];
    double rate_per_s;    /* records; 0: as fast as the producer's queue takes them */
    int32_t record_bytes; /* of the value; there is no key */
    int partitions, replication;
    int acks; /* 0, 1, -1: all */
    double linger_ms;
    int32_t batch_bytes;
    char compression[16];
    double random_share; /* of the payload behind the time stamp; the rest is one letter */
    int groups;
    enum measure_arrivals arrivals;
    int burst; /* records at once, at the arrival times; 1: none */
    char topic_config[MEASURE_TOPIC_CONFIGS][128]; /* "key=value" */
    int topic_config_count;
    int64_t warmup_ns, measure_ns;
};

/* 1000-byte records, 4 partitions, acks 1, linger 5 ms, Poisson; 20000/s; 5 s + 15 s: the centre of the measured rows. */
void measure_config_init(struct measure_config *config);
/* MEASURE_OK, or MEASURE_EINVALID: err names the value and what is possible. */
int measure_config_check(const struct measure_config *config, struct measure_err *err);
/* "r20000-b1000-p4-l5": config->id from its values. Two configurations that differ in a value have different ids. */
void measure_config_name(struct measure_config *config);

enum measure_plan { MEASURE_NO_PLAN, MEASURE_QUICK, MEASURE_FULL };

/* Borrowed during the call. */
struct measure_options {
    const char *bootstrap;               /* HOST:PORT[,...] */
    const char *client_config;           /* file of security settings; NULL: none */
    const char *out;                     /* rows are appended */
    const char *topic;                   /* NULL: a drawn name */
    const struct measure_config *config; /* with MEASURE_NO_PLAN; else only its times are used */
    enum measure_plan plan;
    int repeats;     /* 0: one, or what the plan says */
    const char *jit; /* "warm", "mostly warm", "warming"; NULL: what prewarm_ns says */
    int64_t prewarm_ns;
    uint64_t seed;
    const int *broker_pids;
    int broker_pid_count;
    const char *const *log_dirs;
    int log_dir_count;
    const char *const *metrics; /* URLs */
    int metrics_count;
    const char *const *gc_logs; /* of the brokers' JVMs, in the order of their ids */
    int gc_log_count;
    bool dry_run; /* say the plan, measure nothing */
    volatile sig_atomic_t *stop;
    void (*say)(void *ctx, const char *text);                         /* messages */
    void (*progress)(void *ctx, double done_ratio, const char *what); /* NULL: none */
    void *ctx;
};

/* Says what will run and how long it takes, runs it, appends a row as soon as each is done. Returns enum measure_status. */
int measure_run(const struct measure_options *options, struct measure_err *err);

#endif
