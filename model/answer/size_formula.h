/*
 * model/answer/size_formula.h - the arithmetic of capacity planning, one formula a function.
 *
 * Shape    Pure functions of numbers: size.c applies them to a scenario, tests hold them against published worked examples.
 * Units    In the names; bytes are bytes, whatever the caller counts them in, as long as it does so throughout.
 * Source   reference/peers-capacity.md section 4, by item number.
 * Checked  tests/model/test_size_formula.c: the golden numbers there.
 */
#ifndef MODEL_ANSWER_SIZE_FORMULA_H
#define MODEL_ANSWER_SIZE_FORMULA_H

#include <stdint.h>

/* How many units of `capacity` hold `demand`: rounded up, never down; at least 1. 0 when capacity is not above 0. */
int64_t size_count(double demand, double capacity);
/* The next multiple of `step` that is not below count. */
int64_t size_round_up(int64_t count, int64_t step);

/* Item 4. Seconds of writes that stay in memory. INFINITY when nothing is written. */
double size_cache_s(double cache_bytes, double write_bytes_per_s);

/* Item 2. Sustained produce rate that disks, machine-to-volume links and interfaces of `brokers` allow. 0 for an unknown limit. */
double size_sustained_bytes_per_s(int64_t brokers, int replication, int groups,
                                  double disk_bytes_per_s, double link_bytes_per_s,
                                  double nic_bytes_per_s);

/*
 * Item 6, Google's rule. Write-equivalent load: stored bytes count once, read bytes a quarter. One vCPU carries 20 MB/s of it at full
 * use; `use` is what may be used.
 */
double size_write_equivalent_bytes_per_s(double produce_bytes_per_s, double consume_bytes_per_s,
                                         int replication);
int64_t size_vcpus_by_rule(double write_equivalent_bytes_per_s, double use);

/* Item 6, square-root staffing: probability that one who comes finds all servers busy, `servers` for `erlangs` of load (Halfin-Whitt). */
double size_wait_probability(double servers, double erlangs);

/* Item 11. Seconds until a backlog is gone, INFINITY when consumption does not exceed production. */
double size_catch_up_s(double backlog, double produce_per_s, double consume_per_s);

/* Item 13. Bytes a second between zones when everything is spread evenly: produce, replication, consumption. */
struct size_cross_zone {
    double produce, replication, consume;
};
struct size_cross_zone size_cross_zone_bytes_per_s(double produce_bytes_per_s, int zones,
                                                   int replication, int groups);

/* Item 14. Memory of a broker that reserves so much for each replica. */
double size_replica_memory_bytes(int64_t partitions, int replication, double each_bytes);

#endif
