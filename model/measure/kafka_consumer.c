#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/measure/clock.h"
#include "model/measure/kafka_internal.h"
#include "model/measure/payload.h"

/* The topic has just been made and its name is nobody else's: its end is offset 0 of each partition. */
static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct kafka_health *health = opaque;
    struct kafka_consumer *c =
        (struct kafka_consumer *)((char *)health - offsetof(struct kafka_consumer, health));
    if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        rd_kafka_assign(rk, NULL);
        return;
    }
    /* Only the first time: after another rebalance it goes on where the group is. */
    for (int i = 0; i < partitions->cnt && !atomic_load(&c->assigned); i++)
        partitions->elems[i].offset = 0;
    rd_kafka_assign(rk, partitions);
    atomic_store(&c->assigned, partitions->cnt > 0);
}

static void take_record(struct kafka_consumer *c, const rd_kafka_message_t *message)
{
    int64_t now = measure_now_ns();
    int64_t from = atomic_load_explicit(&c->from_ns, memory_order_relaxed);
    int64_t to = atomic_load_explicit(&c->to_ns, memory_order_relaxed);
    if (message->len < MEASURE_RECORD_BYTES_MIN)
        return;
    int64_t intended = measure_payload_time(message->payload);
    if (now >= from && now < to)
        c->received_in_window++;
    if (intended >= from && intended < to)
        sim_histogram_record(&c->latency, now > intended ? now - intended : 0);
    atomic_fetch_add_explicit(&c->received, 1, memory_order_relaxed);
}

static void *consume(void *arg)
{
    struct kafka_consumer *c = arg;
    while (!atomic_load_explicit(&c->stop, memory_order_relaxed)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(c->rk, 100);
        if (!message)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            take_record(c, message);
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

static int new_client(struct kafka_consumer *c, const struct kafka_address *address,
                      struct measure_err *err)
{
    rd_kafka_conf_t *conf;
    int rc = kafka_conf_new(&conf, address, &c->health, err);
    if (rc != MEASURE_OK)
        return rc;
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    char text[256];
    rc = kafka_conf_set(conf, "group.id", c->group, err);
    if (rc == MEASURE_OK)
        rc = kafka_conf_set(conf, "auto.offset.reset", "latest", err);
    if (rc == MEASURE_OK) {
        c->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
        if (c->rk)
            return MEASURE_OK;
        rc = measure_fail(err, MEASURE_EFAILED, "librdkafka: %s", text);
    }
    rd_kafka_conf_destroy(conf);
    return rc;
}

static int subscribe(struct kafka_consumer *c, const char *topic, struct measure_err *err)
{
    rd_kafka_poll_set_consumer(c->rk);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(c->rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? MEASURE_OK
                                              : measure_fail(err, MEASURE_EFAILED, "group %s: %s",
                                                             c->group, rd_kafka_err2str(code));
}

int kafka_consumer_open(struct kafka_consumer *c, const struct kafka_address *address,
                        const char *topic, int number, struct measure_err *err)
{
    memset(c, 0, sizeof *c);
    atomic_store(&c->from_ns, INT64_MAX);
    atomic_store(&c->to_ns, INT64_MAX);
    snprintf(c->group, sizeof c->group, "%s-group-%d", topic, number);
    int rc = new_client(c, address, err);
    if (rc != MEASURE_OK)
        return rc;
    sim_histogram_init(&c->latency);
    rc = subscribe(c, topic, err);
    if (rc != MEASURE_OK) {
        kafka_consumer_close(c, true);
        return rc;
    }
    c->running = true;
    if (pthread_create(&c->thread, NULL, consume, c) != 0)
        abort();
    return MEASURE_OK;
}

void kafka_consumer_stop(struct kafka_consumer *c)
{
    if (!c->running)
        return;
    c->running = false;
    atomic_store(&c->stop, true);
    pthread_join(c->thread, NULL);
}

void kafka_consumer_close(struct kafka_consumer *c, bool answering)
{
    kafka_consumer_stop(c);
    if (!c->rk)
        return;
    if (answering) {
        rd_kafka_consumer_close(c->rk);
        rd_kafka_destroy(c->rk);
    }
    c->rk = NULL;
    sim_histogram_release(&c->latency);
}
