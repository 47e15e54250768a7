/*
 * model/cluster/reading.h - which replica of a partition a consumer reads, for answers that do not simulate it.
 *
 * Shape    The leader; or, with replica.selector.class and client.rack, a replica of the consumer's own rack if there is one. A group's
 *          consumers are spread over its racks in turn, so that each rack of its list reads an equal share.
 * Omits    Which of two replicas in one rack is further ahead at the moment: the first of the list is taken.
 * Source   reference/kafka/replication.md section 12 (KIP-392).
 * Checked  tests/model/test_reading.c, also against the simulation
 */
#ifndef MODEL_CLUSTER_READING_H
#define MODEL_CLUSTER_READING_H

#include <stdbool.h>

#include "model/cluster/placement.h"

/* Whether the group's consumers may read from followers. */
bool model_reads_near(const struct scenario *s, const struct scenario_group *group);

/* Index of the replica that a consumer in `rack` reads, when it may read from followers. live: those that are up, leader first. */
int model_reading_replica(const struct model_placement *placement, const struct model_replica *live,
                          int count, int rack);

/* Share of the group's reading of a partition that each live replica serves; sums to 1. Asserts count above 0. */
void model_reading_shares(const struct scenario *s, const struct scenario_group *group,
                          const struct model_placement *placement, const struct model_replica *live,
                          int count, double *shares);

/* The part of each of these shares that consumers in another rack than the replica's read. */
void model_reading_far(const struct scenario *s, const struct scenario_group *group,
                       const struct model_placement *placement, const struct model_replica *live,
                       int count, double *far);

/* Their sum: the share of the group's reading of a partition that comes from another rack than the consumer's. */
double model_reading_elsewhere(const struct scenario *s, const struct scenario_group *group,
                               const struct model_placement *placement,
                               const struct model_replica *live, int count);

#endif
