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
    double member; /* of the member that reads it and as many others as any has */
};

/*
 * The share of a member that reads a partition of that share, of all that the group reads, and as many others, alike among each other, as any member
 * has: by range assignment the first members have one more of each topic that does not go round.
 */
double model_hot_member(const struct scenario *s, const struct scenario_group *group, double share);

struct model_hot_partition model_hot_partition(const struct scenario *s,
                                               const struct scenario_group *group);

/*
 * What helps a group whose busiest member is `busy` (a share of its thread, above 1 where it falls behind), because of that partition alone; NULL:
 * it is not the partition.
 */
const char *model_hot_partition_remedy(struct result *r, const struct scenario *s,
                                       const struct scenario_group *group, double busy);

#endif
