/* model/measure/kafka_config.c - what a broker says of its own settings. */
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "model/measure/kafka_internal.h"

enum { ANSWER_MS = 5000 };

#define DELETE_DELAY         "log.segment.delete.delay.ms"
#define DELETE_DELAY_DEFAULT 60000 /* of Kafka 4.2 */

/* In ms; -1: it is not among them. */
static int64_t find_delay(const rd_kafka_DescribeConfigs_result_t *result)
{
    size_t count, entries;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(result, &count);
    if (count == 0 || rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return -1;
    const rd_kafka_ConfigEntry_t **entry = rd_kafka_ConfigResource_configs(resources[0], &entries);
    for (size_t i = 0; i < entries; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entry[i]), DELETE_DELAY) == 0 &&
            rd_kafka_ConfigEntry_value(entry[i]))
            return strtoll(rd_kafka_ConfigEntry_value(entry[i]), NULL, 10);
    return -1;
}

int64_t kafka_admin_delete_delay_ns(struct kafka_admin *admin)
{
    char broker[16], text[256];
    snprintf(broker, sizeof broker, "%d", admin->first_broker);
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, broker);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(admin->rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, text, sizeof text);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_DescribeConfigs(admin->rk, &resource, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ANSWER_MS + 1000);
    int64_t delay_ms = event && !rd_kafka_event_error(event)
                           ? find_delay(rd_kafka_event_DescribeConfigs_result(event))
                           : -1;
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy(resource);
    return (delay_ms >= 0 ? delay_ms : DELETE_DELAY_DEFAULT) * INT64_C(1000000);
}
