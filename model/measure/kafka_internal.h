/*
 * model/measure/kafka_internal.h - the parts that speak to a cluster by librdkafka: administration, producer, consumers, a row.
 *
 * Shape    kafka_run.c: all rows; kafka_row.c: one row; kafka_admin.c: topics and groups; kafka_producer.c: a sender, which follows
 *          the schedule, and a poller, which takes acknowledgements, each in a thread; kafka_consumer.c: a thread a group.
 * Units    ns of the monotonic clock.
 */
#ifndef MODEL_MEASURE_KAFKA_INTERNAL_H
#define MODEL_MEASURE_KAFKA_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/measure/client_config.h"
#include "model/measure/measured_row.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_topic_s;

#define KAFKA_TOPIC_MAX 250 /* Kafka's own limit is 249 letters */

/* What librdkafka last complained of. */
struct kafka_health {
    pthread_mutex_t lock;
    char text[200];
    int64_t down_at_ns; /* all brokers; 0: not, or some broker answered since */
};

/* How to reach the cluster. */
struct kafka_address {
    const char *bootstrap;
    struct client_config settings;
};

/* Settings that all clients share. Gives *conf. health is borrowed for the client's life. */
int kafka_conf_new(struct rd_kafka_conf_s **conf, const struct kafka_address *address,
                   struct kafka_health *health, struct measure_err *err);
int kafka_conf_set(struct rd_kafka_conf_s *conf, const char *key, const char *value,
                   struct measure_err *err);
void kafka_health_init(struct kafka_health *health);
void kafka_health_read(struct kafka_health *health, char text[200], int64_t *down_at_ns);
void kafka_health_clear_down(struct kafka_health *health);

/* ---- kafka_admin.c ---- */

struct kafka_admin {
    struct rd_kafka_s *rk;
    struct kafka_health health;
    int brokers;
    int first_broker; /* its id */
};

int kafka_admin_open(struct kafka_admin *admin, const struct kafka_address *address,
                     struct measure_err *err);
void kafka_admin_close(struct kafka_admin *admin); /* also of one that is all 0 */
/* MEASURE_EINVALID: the topic exists, or the cluster refuses its settings. */
int kafka_admin_create_topic(struct kafka_admin *admin, const char *topic,
                             const struct measure_config *config, struct measure_err *err);
int kafka_admin_delete_topic(struct kafka_admin *admin, const char *topic, struct measure_err *err);
/* log.segment.delete.delay.ms of a broker; Kafka's default where it does not tell. */
int64_t kafka_admin_delete_delay_ns(struct kafka_admin *admin);
int kafka_admin_delete_group(struct kafka_admin *admin, const char *group, struct measure_err *err);

/* ---- kafka_producer.c ---- */

#define KAFKA_STATISTICS_MAX 4096

struct kafka_producer {
    struct rd_kafka_s *rk;
    struct rd_kafka_topic_s *topic;
    struct kafka_health health;
    const struct measure_config *config;
    uint64_t seed;
    int repeat;
    int64_t start_ns, from_ns, to_ns;
    pthread_t sender, poller;
    bool running;
    atomic_bool stop_sending, stop_polling, sender_done, purging;
    atomic_uint_fast64_t acked, failed; /* whole run, published after each poll */
    /* Of the poller, until it has ended: */
    struct sim_histogram latency;
    uint64_t acked_count, acked_in_window, failed_count;
    char *statistics[KAFKA_STATISTICS_MAX]; /* documents, as librdkafka gave them */
    int statistics_count;
    char failure[256]; /* the first; valid when failed > 0 */
    /* Of the sender, until it has ended: */
    uint64_t queue_full_waits;
    uint64_t meant;         /* for the window, sent or not */
    char send_failure[256]; /* valid when sender_done */
};

int kafka_producer_open(struct kafka_producer *producer, const struct kafka_address *address,
                        const char *topic, const struct measure_config *config,
                        struct measure_err *err);
/* Does this build of librdkafka know the configuration's settings? Speaks to nobody. */
int kafka_producer_check(const struct measure_config *config, struct measure_err *err);
/* Starts both threads; the schedule starts at start_ns, the window is [from_ns, to_ns). */
void kafka_producer_start(struct kafka_producer *producer, uint64_t seed, int repeat,
                          int64_t start_ns, int64_t from_ns, int64_t to_ns);
/* Everything that was meant for the window has been sent and answered. */
bool kafka_producer_done(struct kafka_producer *producer);
/* Drops what is under way and ends the threads. May be called twice. */
void kafka_producer_stop(struct kafka_producer *producer);
void kafka_producer_close(struct kafka_producer *producer);

/* ---- kafka_consumer.c ---- */

struct kafka_consumer {
    struct rd_kafka_s *rk;
    struct kafka_health health;
    char group[KAFKA_TOPIC_MAX + 16];
    pthread_t thread;
    bool running;
    atomic_bool assigned, stop;
    atomic_int_fast64_t from_ns, to_ns;
    atomic_uint_fast64_t received;
    struct sim_histogram latency;
    uint64_t received_in_window;
};

int kafka_consumer_open(struct kafka_consumer *consumer, const struct kafka_address *address,
                        const char *topic, int number, struct measure_err *err);
void kafka_consumer_stop(struct kafka_consumer *consumer); /* may be called twice */
/*
 * Leaves the group, so that it can be removed. answering false: no broker answers; librdkafka would wait for a minute or more,
 * so its handle stays until the process ends, which this error brings about.
 */
void kafka_consumer_close(struct kafka_consumer *consumer, bool answering);

/* ---- kafka_row.c ---- */

struct kafka_session {
    const struct measure_options *options;
    struct kafka_address address;
    struct kafka_admin admin;
    char topic_base[KAFKA_TOPIC_MAX];
    int topics;         /* made so far */
    int64_t removed_ns; /* when the last of them was; 0: none */
    const char *jit;
};

/* Measures one configuration. done(ctx, row) is called while the row's parts live. Its topic and groups are gone afterwards. */
int kafka_row_measure(struct kafka_session *session, const struct measure_config *config,
                      int repeat,
                      int (*done)(void *ctx, const struct measured_row *row,
                                  struct measure_err *err),
                      void *ctx, struct measure_err *err);

#endif
