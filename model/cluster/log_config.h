/*
 * model/cluster/log_config.h - the real log's settings for a topic of the scenario.
 *
 * Shape    Kafka's settings by Kafka's names; what a release of Kafka does differently; records that are only counted are holes.
 * Source   reference/kafka/log-storage.md; KAFKA-15046 (roll_syncs)
 * Checked  tests/model/test_cluster.c, tests/model/test_horizon.c
 */
#ifndef MODEL_CLUSTER_LOG_CONFIG_H
#define MODEL_CLUSTER_LOG_CONFIG_H

#include "broker-core/log/log.h"
#include "model/scenario/scenario.h"

struct broker_log_config model_log_config(const struct scenario *s, int topic);

#endif
