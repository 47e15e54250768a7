/*
 * model/evidence/null_models.h - what the rules that people use today say of a cluster: the models to beat.
 *
 * Shape    AWS's closed form for the most payload that a cluster carries; two rules by vCPU; M/M/1 plus linger for a latency, with its one
 *          unknown taken from one measured point. All from what a scenario states; NAN where a rule gives no answer.
 * Units    SI.
 * Omits    The headroom factors that the rules' authors put on top: here they answer "how much at most".
 * Source   reference/peers-capacity.md section 4: AWS Equation 1 (2), Google and AKalculator (6). Golden numbers: same file.
 * Checked  tests/model/test_null_models.c
 */
#ifndef MODEL_EVIDENCE_NULL_MODELS_H
#define MODEL_EVIDENCE_NULL_MODELS_H

#include "model/scenario/scenario.h"

struct null_cluster {
    double brokers, replication, groups, vcpus; /* vcpus of one broker */
    /* of one broker, each direction; 0: no limit is known */
    double disk_bytes_per_s;  /* all its log disks together */
    double block_bytes_per_s; /* towards volumes; 0 for local disks */
    double nic_bytes_per_s;
    double linger_s;            /* of the producer that loads most */
    double payload_bytes_per_s; /* offered; 0 under `rate: max` */
};

/* Reads a resolved scenario: baselines, never bursts, because the rules are about what lasts. */
struct null_cluster null_cluster_of(const struct scenario *scenario);

/* The most payload a second, of all producers. NAN: nothing that binds is known. */
double null_aws_bytes_per_s(const struct null_cluster *cluster);
/* 20 MB/s of "write equivalent" a vCPU: replicas written, a quarter of what is read. */
double null_google_bytes_per_s(const struct null_cluster *cluster);
/* 5 MiB/s produced and 15 MiB/s consumed a vCPU. */
double null_akalculator_bytes_per_s(const struct null_cluster *cluster);

/* M/M/1 plus linger: quantile q of linger + an exponential time of mean service / (1 - load / capacity), capacity by AWS's form. */
struct null_mm1 {
    double service_s; /* NAN: the anchor gives none */
};
/* From one measured latency at quantile q. A latency below the linger counts as a tenth of a millisecond above it. */
struct null_mm1 null_mm1_anchor(const struct null_cluster *anchor, double q, double latency_s);
/* NAN: above capacity, or no anchor. */
double null_mm1_quantile_s(struct null_mm1 model, const struct null_cluster *cluster, double q);

#endif
