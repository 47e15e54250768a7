#include "model/client/group.h"

#include <assert.h>

static uint32_t assign_range(const struct model_group_topic *topic, uint32_t members,
                             uint32_t member, struct broker_tp *assigned)
{
    uint32_t each = topic->partitions / members, more = topic->partitions % members;
    uint32_t first = each * member + (member < more ? member : more);
    uint32_t count = each + (member < more ? 1 : 0);
    for (uint32_t i = 0; i < count; i++)
        assigned[i] = (struct broker_tp){topic->topic, (int32_t)(first + i)};
    return count;
}

uint32_t model_group_assign(enum model_assignor assignor, const struct model_group_topic *topics,
                            uint32_t topic_count, uint32_t members, uint32_t member,
                            struct broker_tp *assigned)
{
    assert(member < members);
    uint32_t count = 0, turn = 0;
    for (uint32_t t = 0; t < topic_count; t++) {
        if (assignor == MODEL_ASSIGN_RANGE) {
            count += assign_range(&topics[t], members, member, assigned + count);
            continue;
        }
        for (uint32_t p = 0; p < topics[t].partitions; p++, turn++)
            if (turn % members == member)
                assigned[count++] = (struct broker_tp){topics[t].topic, (int32_t)p};
    }
    return count;
}

/* Kafka's Utils.abs: the smallest int becomes 0. */
int32_t model_group_offsets_partition(const char *group, uint32_t partitions)
{
    assert(partitions > 0);
    uint32_t hash = 0;
    for (const char *c = group; *c; c++)
        hash = hash * 31 + (uint8_t)*c;
    int32_t signed_hash = (int32_t)hash;
    uint32_t positive =
        signed_hash == INT32_MIN ? 0 : (uint32_t)(signed_hash < 0 ? -signed_hash : signed_hash);
    return (int32_t)(positive % partitions);
}
