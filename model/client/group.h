/*
 * model/client/group.h - which member of a consumer group reads which partitions.
 *
 * Shape    Static membership: assigned once. range (Kafka's default first choice): topic by topic, consecutive partitions, the first members
 *          get one more. round robin: all partitions of all topics in turn. Members beyond the partitions stay idle.
 * Source   reference/kafka/groups.md; Kafka's RangeAssignor and RoundRobinAssignor.
 * Checked  tests/model/test_consumer.c
 */
#ifndef MODEL_CLIENT_GROUP_H
#define MODEL_CLIENT_GROUP_H

#include "broker-core/broker/broker.h"

enum model_assignor { MODEL_ASSIGN_RANGE, MODEL_ASSIGN_ROUND_ROBIN };

struct model_group_topic {
    int32_t topic;
    uint32_t partitions;
};

/*
 * Fills assigned[] with the partitions of one member of `members`. Room for all partitions is always enough.
 * Returns how many.
 */
uint32_t model_group_assign(enum model_assignor assignor, const struct model_group_topic *topics,
                            uint32_t topic_count, uint32_t members, uint32_t member,
                            struct broker_tp *assigned);

/* Partition of the offsets topic that a group commits to: abs(Java's hash of the name) modulo partitions. */
int32_t model_group_offsets_partition(const char *group, uint32_t partitions);

#endif
