#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "model/measure/clock.h"
#include "model/measure/kafka_internal.h"

enum {
    CONNECT_MS = 10000, /* a cluster that answers at all answers its metadata in less */
    REFUSED_MS = 2000,
    ADMIN_MS = 15000, /* making a topic of thousands of partitions takes some seconds */
};

/* ---- what all clients share ---- */

void kafka_health_init(struct kafka_health *health)
{
    memset(health, 0, sizeof *health);
    pthread_mutex_init(&health->lock, NULL);
}

void kafka_health_read(struct kafka_health *health, char text[200], int64_t *down_at_ns)
{
    pthread_mutex_lock(&health->lock);
    memcpy(text, health->text, sizeof health->text);
    *down_at_ns = health->down_at_ns;
    pthread_mutex_unlock(&health->lock);
}

void kafka_health_clear_down(struct kafka_health *health)
{
    pthread_mutex_lock(&health->lock);
    health->down_at_ns = 0;
    pthread_mutex_unlock(&health->lock);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk;
    struct kafka_health *health = opaque;
    pthread_mutex_lock(&health->lock);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        if (health->down_at_ns == 0)
            health->down_at_ns = measure_now_ns();
    } else {
        snprintf(health->text, sizeof health->text, "%.199s", reason);
    }
    pthread_mutex_unlock(&health->lock);
}

/* Its messages are repeated by on_error where they matter. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

int kafka_conf_set(rd_kafka_conf_t *conf, const char *key, const char *value,
                   struct measure_err *err)
{
    char text[256] = "";
    if (rd_kafka_conf_set(conf, key, value, text, sizeof text) == RD_KAFKA_CONF_OK)
        return MEASURE_OK;
    return measure_fail(err, MEASURE_EINVALID, "librdkafka %s: %s", rd_kafka_version_str(), text);
}

int kafka_conf_new(rd_kafka_conf_t **conf, const struct kafka_address *address,
                   struct kafka_health *health, struct measure_err *err)
{
    kafka_health_init(health);
    *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(*conf, health);
    rd_kafka_conf_set_error_cb(*conf, on_error);
    rd_kafka_conf_set_log_cb(*conf, on_log);
    int rc = kafka_conf_set(*conf, "client.id", "headroom-measure", err);
    if (rc == MEASURE_OK)
        rc = kafka_conf_set(*conf, "bootstrap.servers", address->bootstrap, err);
    for (int i = 0; i < address->settings.count && rc == MEASURE_OK; i++)
        rc = kafka_conf_set(*conf, address->settings.settings[i].key,
                            address->settings.settings[i].value, err);
    if (rc != MEASURE_OK)
        rd_kafka_conf_destroy(*conf);
    return rc;
}

/* ---- administration ---- */

static int no_connection(struct kafka_admin *admin, const char *bootstrap, rd_kafka_resp_err_t code,
                         struct measure_err *err)
{
    char text[200];
    int64_t down;
    kafka_health_read(&admin->health, text, &down);
    return measure_fail(err, MEASURE_EFAILED, "no connection to %s: %s", bootstrap,
                        text[0] ? text : rd_kafka_err2str(code));
}

/* Waits for a cluster that is being started, but not for one that refuses: REFUSED_MS after all brokers did. */
static int connect_admin(struct kafka_admin *admin, const char *bootstrap, struct measure_err *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    int64_t deadline = measure_now_ns() + CONNECT_MS * INT64_C(1000000), down = 0;
    while (measure_now_ns() < deadline) {
        code = rd_kafka_metadata(admin->rk, 0, NULL, &metadata, 1000);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            admin->brokers = metadata->broker_cnt;
            admin->first_broker = metadata->broker_cnt > 0 ? metadata->brokers[0].id : 0;
            rd_kafka_metadata_destroy(metadata);
            return MEASURE_OK;
        }
        char text[200];
        rd_kafka_poll(admin->rk, 0);
        kafka_health_read(&admin->health, text, &down);
        if (down && measure_now_ns() > down + REFUSED_MS * INT64_C(1000000))
            break;
    }
    return no_connection(admin, bootstrap, code, err);
}

int kafka_admin_open(struct kafka_admin *admin, const struct kafka_address *address,
                     struct measure_err *err)
{
    memset(admin, 0, sizeof *admin);
    rd_kafka_conf_t *conf;
    int rc = kafka_conf_new(&conf, address, &admin->health, err);
    if (rc != MEASURE_OK)
        return rc;
    char text[256];
    admin->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (!admin->rk) {
        rd_kafka_conf_destroy(conf);
        return measure_fail(err, MEASURE_EFAILED, "librdkafka: %s", text);
    }
    rc = connect_admin(admin, address->bootstrap, err);
    if (rc != MEASURE_OK)
        kafka_admin_close(admin);
    return rc;
}

void kafka_admin_close(struct kafka_admin *admin)
{
    if (admin->rk)
        rd_kafka_destroy(admin->rk);
    admin->rk = NULL;
}

static rd_kafka_AdminOptions_t *admin_options(struct kafka_admin *admin, rd_kafka_admin_op_t op)
{
    char text[256];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->rk, op);
    rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_MS, text, sizeof text);
    if (op != RD_KAFKA_ADMIN_OP_DELETEGROUPS)
        rd_kafka_AdminOptions_set_operation_timeout(options, ADMIN_MS, text, sizeof text);
    return options;
}

/* Waits for the answer to one request; NULL, and err, when there is none. */
static rd_kafka_event_t *wait_answer(rd_kafka_queue_t *queue, const char *what, const char *name,
                                     struct measure_err *err)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS + 1000);
    if (!event)
        measure_fail(err, MEASURE_EFAILED, "%s %s: no answer", what, name);
    else if (rd_kafka_event_error(event))
        measure_fail(err, MEASURE_EFAILED, "%s %s: %s", what, name,
                     rd_kafka_event_error_string(event));
    else
        return event;
    if (event)
        rd_kafka_event_destroy(event);
    return NULL;
}

static int topic_answer(const rd_kafka_topic_result_t *result, const char *what, const char *name,
                        struct measure_err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return MEASURE_OK;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return measure_fail(err, MEASURE_EINVALID,
                            "topic %s exists; only topics made here are written to and removed",
                            name);
    const char *text = rd_kafka_topic_result_error_string(result);
    return measure_fail(err, MEASURE_EINVALID, "%s %s: %s", what, name,
                        text ? text : rd_kafka_err2str(code));
}

static int new_topic(rd_kafka_NewTopic_t **out, const char *topic,
                     const struct measure_config *config, struct measure_err *err)
{
    char text[256];
    *out = rd_kafka_NewTopic_new(topic, config->partitions, config->replication, text, sizeof text);
    if (!*out)
        return measure_fail(err, MEASURE_EINVALID, "topic %s: %s", topic, text);
    for (int i = 0; i < config->topic_config_count; i++) {
        char pair[sizeof config->topic_config[0]];
        strcpy(pair, config->topic_config[i]);
        char *value = strchr(pair, '=');
        *value++ = 0;
        rd_kafka_NewTopic_set_config(*out, pair, value);
    }
    return MEASURE_OK;
}

int kafka_admin_create_topic(struct kafka_admin *admin, const char *topic,
                             const struct measure_config *config, struct measure_err *err)
{
    rd_kafka_NewTopic_t *request;
    int rc = new_topic(&request, topic, config, err);
    if (rc != MEASURE_OK)
        return rc;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_AdminOptions_t *options = admin_options(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(admin->rk, &request, 1, options, queue);
    rd_kafka_event_t *event = wait_answer(queue, "making topic", topic, err);
    rc = MEASURE_EFAILED;
    if (event) {
        size_t count;
        const rd_kafka_topic_result_t **results =
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        rc = topic_answer(results[0], "making topic", topic, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(request);
    return rc;
}

int kafka_admin_delete_topic(struct kafka_admin *admin, const char *topic, struct measure_err *err)
{
    rd_kafka_DeleteTopic_t *request = rd_kafka_DeleteTopic_new(topic);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_AdminOptions_t *options = admin_options(admin, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopics(admin->rk, &request, 1, options, queue);
    rd_kafka_event_t *event = wait_answer(queue, "removing topic", topic, err);
    int rc = MEASURE_EFAILED;
    if (event) {
        size_t count;
        const rd_kafka_topic_result_t **results =
            rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
        rc = topic_answer(results[0], "removing topic", topic, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteTopic_destroy(request);
    return rc;
}

int kafka_admin_delete_group(struct kafka_admin *admin, const char *group, struct measure_err *err)
{
    rd_kafka_DeleteGroup_t *request = rd_kafka_DeleteGroup_new(group);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->rk);
    rd_kafka_AdminOptions_t *options = admin_options(admin, RD_KAFKA_ADMIN_OP_DELETEGROUPS);
    rd_kafka_DeleteGroups(admin->rk, &request, 1, options, queue);
    rd_kafka_event_t *event = wait_answer(queue, "removing group", group, err);
    int rc = MEASURE_EFAILED;
    if (event) {
        size_t count;
        const rd_kafka_group_result_t **results =
            rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
        const rd_kafka_error_t *error = rd_kafka_group_result_error(results[0]);
        /* A group that has committed nothing is gone with its last member. */
        rc = !error || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND
                 ? MEASURE_OK
                 : measure_fail(err, MEASURE_EFAILED, "removing group %s: %s", group,
                                rd_kafka_error_string(error));
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteGroup_destroy(request);
    return rc;
}
