/*
 * model/cluster/placement.h - which broker, and which of its disks, holds each replica of each partition.
 *
 * Shape    Every topic is placed as Kafka's controller places a new topic: striped over the racks, from a random rack and a
 *          random broker in each rack, reshuffled each time that as many partitions as brokers are placed. The draws of a
 *          topic come from the stream "placement TOPIC", so another topic in the scenario moves nothing. The first
 *          replica is the leader (Kafka's preferred one). On a broker with several log dirs (JBOD) a replica goes to the one
 *          with the fewest, the lowest index among equals; topics are created in the order of the scenario.
 * Offsets  When at least one group commits (enable.auto.commit), `__consumer_offsets` stands behind the scenario's topics, with
 *          offsets.topic.num.partitions; its replication is offsets.topic.replication.factor, but never above the broker
 *          count (a smaller Kafka cluster cannot create it otherwise and is set so). The group's coordinator leads
 *          the partition |Java's hashCode of the group's name| mod partitions: model_placement_coordinator.
 * Units    Counts and indexes.
 * Omits    Fenced brokers, manual assignments, reassignment; min.insync.replicas plays no part in placing.
 * Source   reference/kafka/replication.md section 10; coordinator: reference/kafka/groups.md.
 * Checked  tests/model/test_placement.c
 */
#ifndef MODEL_CLUSTER_PLACEMENT_H
#define MODEL_CLUSTER_PLACEMENT_H

#include <stdint.h>

#include "model/scenario/scenario.h"

struct model_replica {
    int32_t broker; /* from 0; scenario_rack_of tells its rack */
    int32_t disk;   /* log dir of that broker, from 0; always 0 with RAID-0 */
};

struct model_placement;

/*
 * Gives    the placement, for model_placement_free. Nothing of the scenario is kept.
 * Asserts  cluster.brokers is at least 1 (not `auto`) and no topic's replication exceeds it.
 */
struct model_placement *model_placement_new(const struct scenario *s, uint64_t seed);
void model_placement_free(struct model_placement *placement);

int model_placement_broker_count(const struct model_placement *placement);
int model_placement_disk_count(const struct model_placement *placement); /* log dirs a broker */
int model_placement_rack_of(const struct model_placement *placement, int broker);

/* The scenario's topics by their index there, then __consumer_offsets if any group commits. */
int model_placement_topic_count(const struct model_placement *placement);
int model_placement_offsets_topic(const struct model_placement *placement); /* -1: none */
const char *model_placement_topic_name(const struct model_placement *placement, int topic);
int model_placement_partition_count(const struct model_placement *placement, int topic);
int model_placement_replication(const struct model_placement *placement, int topic);

/* The replicas of a partition, `replication` of them, leader first. Borrowed. */
const struct model_replica *model_placement_replicas(const struct model_placement *placement,
                                                     int topic, int partition);

/* Replicas and leaders on one broker, all topics together. */
int model_placement_replicas_on(const struct model_placement *placement, int broker);
int model_placement_leaders_on(const struct model_placement *placement, int broker);

/* Partition of __consumer_offsets that a group's commits go to, with `partitions` of them. */
int model_placement_coordinator(const char *group, int partitions);

#endif
