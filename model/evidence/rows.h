/*
 * model/evidence/rows.h - measured rows of a real cluster: read, checked, and turned into scenarios.
 *
 * Shape    A row is one configuration measured once. Read from JSON lines (the format that `headroom measure` writes), from lines of
 *          kafka-producer-perf-test, or from a result file of the OpenMessaging Benchmark; the format is found by looking.
 *          Rows of one `id` are repeats of one configuration and become one scenario with a `measured:` block.
 * Units    As measured.h, fitted.h.
 * Errors   All of a file at once, each "FILE:LINE: row ID: field, value, what was expected"; warnings for rows that are left out.
 * Checked  tests/model/test_rows.c
 */
#ifndef MODEL_EVIDENCE_ROWS_H
#define MODEL_EVIDENCE_ROWS_H

#include <stdio.h>

#include "broker-core/status.h"
#include "model/evidence/fitted.h"

struct scenario;

struct row_config {
    bool java;      /* else librdkafka */
    bool in_pulses; /* as kafka-producer-perf-test paces: what is due, each two milliseconds */
    bool rate_max;
    double rate_per_s;   /* records; 0 with rate_max */
    double record_bytes; /* value */
    int partitions, replication, brokers;
    bool brokers_said; /* else brokers is a guess: a cluster that is given has its own */
    int acks;          /* 0, 1, -1 */
    double linger_ms;
    double batch_bytes;
    char compression[8];
    double random_payload_share; /* of the bytes: no codec makes them fewer */
    int consumer_groups;
    int producers, consumers; /* clients: of the load, which is that of all; of each group */
    bool constant;            /* arrivals; else Poisson */
    double burst;             /* records at once; 1: none */
    double flush_messages;    /* 0: left to the system */
    char topic_config[2200];  /* the topic's others as YAML, ", segment.bytes: 1048576" each */
    double link_bytes_per_s;  /* 0: none */
    double disk_read_bytes_per_s, disk_write_bytes_per_s, disk_read_iops,
        disk_write_iops; /* 0: none */
    bool catch_up, cache_dropped;
    double warmup_s, measure_s;
};

enum row_jit { ROW_WARM, ROW_MOSTLY_WARM, ROW_WARMING };

struct row {
    char id[64], family[32];
    int repeat;
    bool
        elsewhere; /* its format cannot say what machine it is of, and nobody measures on ours with it */
    enum row_jit jit;
    struct row_config config;
    double value[FITTED_QUANTITIES]; /* NAN: not measured */
    double broker_cpu_most;          /* cores, of the busiest broker; 0: unknown */
    double pauses, pause_s;          /* of all brokers' collectors, the whole row; NAN: not read */
    double log_batches, log_records,
        log_bytes;    /* of all replicas, warm-up included; NAN: unknown */
    const char *file; /* borrowed from rows */
    int line;
};

struct rows {
    int count;
    struct row *row;
    int problem_count; /* errors: the rows must not be used */
    int warning_count;
    char **problems, **warnings;
    char *files[64];
    int file_count;
};

/* Reads and appends. Returns 0, or -1 when the file cannot be read (err) or has errors (rows->problems). */
int rows_read(struct rows *rows, const char *path, struct broker_err *err);
void rows_release(struct rows *rows);

/*
 * Refuses CPU that the machines of the row's scenario do not have, and a row of more or fewer brokers: no prediction there could come
 * true. No part of rows_read, for a row does not say its machine. Returns 0, or -1 with err ("FILE:LINE: row ID: field, value, what was expected").
 */
int row_check_machines(const struct row *row, const struct scenario *s, struct broker_err *err);

/* Why a quantity (measured.h, fitted.h) of the row is no measure of a prediction; NULL: it is one. */
const char *row_left_out(const struct row *row, int quantity);

/* Takes "segment.bytes=1048576". False: it is no KEY=VALUE of a setting. Which of them a scenario has is found when it is loaded. */
bool rows_topic_setting(struct row_config *config, const char *text);
/* `topics:` of a scenario, with the topic that is loaded. */
void rows_topic_write(const struct row_config *config, FILE *out);

/* What rows from elsewhere were measured on, in the words of a scenario. */
struct row_place {
    const char *cluster; /* its `cluster:` block, with its line's end; NULL: as without a place */
    const char *client;  /* the clients' machine: "{vcpus: 4, ...}"; NULL: the default machine */
};

/*
 * The scenario of rows[first .. first+count), which are repeats of one configuration: YAML with its `measured:` block.
 * place NULL: on the machine of the rows that ship, with that profile's name as cluster.profile.
 * Returns 0, or -1 with errno.
 */
int rows_scenario_write(const struct row *row, int count, const char *profile,
                        const struct row_place *place, FILE *out);

#endif
