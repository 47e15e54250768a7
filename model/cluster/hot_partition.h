/*
 * model/cluster/hot_partition.h - the partition that has most of what a group reads: whatever the members, one of them reads it alone.
 *
 * Units    Shares: of the group's records when all producers send at their peaks.
 */
#ifndef MODEL_CLUSTER_HOT_PARTITION_H
#define MODEL_CLUSTER_HOT_PARTITION_H

#include "model/cluster/result.h"
#include "model/scenario/scenario.h"

struct model_hot_partition {
    const char *topic;
    double share;  /* of the hottest partition */
    double fair;   /* of one, were all alike */
    double member; /* of the member that reads it, with an equal part of the others */
};

/* The share of the member that reads a partition of that share, with an equal part of the others. Asserts at most a member a partition. */
double model_hot_member(double share, int partitions, int members);

struct model_hot_partition model_hot_partition(const struct scenario *s,
                                               const struct scenario_group *group);

/*
 * What helps a group whose busiest member is `busy` (a share of its thread, above 1 where it falls behind), because of that partition alone; NULL:
 * it is not the partition.
 */
const char *model_hot_partition_remedy(struct result *r, const struct scenario *s,
                                       const struct scenario_group *group, double busy);

#endif
