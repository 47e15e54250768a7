#include <librdkafka/rdkafka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "model/measure/clock.h"
#include "model/measure/kafka_internal.h"
#include "model/measure/payload.h"
#include "model/measure/schedule.h"

/* As the rows that calibration reads were measured. */
#define QUEUE_RECORDS "200000"
#define QUEUE_KIB     "131072"
#define BATCH_RECORDS "10000"
#define LATE_NS                                                                                    \
    50000 /* moments nearer than this are served together; the wait shows in the latency */
#define FULL_WAIT_NS  500000 /* a full queue is tried again after it */
#define METADATA_MS   20000
#define STATISTICS_MS 1000

/* ---- settings ---- */

static int set_number(rd_kafka_conf_t *conf, const char *key, double value, struct measure_err *err)
{
    char text[40];
    snprintf(text, sizeof text, "%.10g", value);
    return kafka_conf_set(conf, key, text, err);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* An answer that comes after the row is no answer: the last may come when all that waits is given up. */
static double timeout_ms(const struct measure_config *c)
{
    return larger((double)(c->warmup_ns + c->measure_ns) / 1e6 + 60000, c->linger_ms + 60000);
}

/* Eight intervals of the window at least, and no more documents than are kept. */
static double statistics_ms(const struct measure_config *c)
{
    double window_ms = (double)c->measure_ns / 1e6, run_ms = window_ms + (double)c->warmup_ns / 1e6;
    double interval_ms = window_ms / 8 < STATISTICS_MS ? window_ms / 8 : STATISTICS_MS;
    return larger(floor(interval_ms), ceil(run_ms / (KAFKA_STATISTICS_MAX - 100)));
}

static int configure(rd_kafka_conf_t *conf, const struct measure_config *c, struct measure_err *err)
{
    const struct {
        const char *key, *text;
        double number;
    } settings[] = {
        {"compression.codec", c->compression, 0},
        {"acks",
         c->acks < 0 ? "all"
         : c->acks   ? "1"
                     : "0",
         0},
        {"queue.buffering.max.messages", QUEUE_RECORDS, 0},
        {"queue.buffering.max.kbytes", QUEUE_KIB, 0},
        {"batch.num.messages", BATCH_RECORDS, 0},
        {"batch.size", NULL, c->batch_bytes},
        /* librdkafka's default, unless a record or batch could not be sent with it. 512 B: heads of a batch and a record. */
        {"message.max.bytes", NULL, larger(1e6, larger(c->record_bytes + 512.0, c->batch_bytes))},
        {"message.timeout.ms", NULL, timeout_ms(c)},
        {"statistics.interval.ms", NULL, statistics_ms(c)},
        {"linger.ms", NULL, c->linger_ms},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int rc = settings[i].text ? kafka_conf_set(conf, settings[i].key, settings[i].text, err)
                                  : set_number(conf, settings[i].key, settings[i].number, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

int kafka_producer_check(const struct measure_config *config, struct measure_err *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int rc = configure(conf, config, err);
    rd_kafka_conf_destroy(conf);
    return rc;
}

/* ---- answers: in the poller ---- */

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    int64_t now = measure_now_ns();
    (void)opaque; /* the client's health; the producer hangs on the topic */
    struct kafka_producer *p = rd_kafka_topic_opaque(message->rkt);
    int64_t intended = p->start_ns + (int64_t)(intptr_t)message->_private;
    if (message->err) {
        if (atomic_load_explicit(&p->purging, memory_order_relaxed))
            return;
        if (p->failed_count++ == 0)
            snprintf(p->failure, sizeof p->failure, "%s%s", rd_kafka_err2str(message->err),
                     message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
                         ? " (the topic's max.message.bytes limits a batch)"
                         : "");
        return;
    }
    p->acked_count++;
    if (now >= p->from_ns && now < p->to_ns)
        p->acked_in_window++;
    if (intended >= p->from_ns && intended < p->to_ns)
        sim_histogram_record(&p->latency, now > intended ? now - intended : 0);
}

/* Kept and read later: reading takes ms, and acknowledgements wait meanwhile. */
static int on_statistics(rd_kafka_t *rk, char *json, size_t size, void *opaque)
{
    (void)rk, (void)size;
    struct kafka_health *health = opaque;
    struct kafka_producer *p =
        (struct kafka_producer *)((char *)health - offsetof(struct kafka_producer, health));
    if (p->statistics_count == KAFKA_STATISTICS_MAX)
        return 0;
    p->statistics[p->statistics_count++] = json;
    return 1;
}

static void *poll_answers(void *arg)
{
    struct kafka_producer *p = arg;
    while (!atomic_load(&p->stop_polling)) {
        uint64_t acked = p->acked_count;
        rd_kafka_poll(p->rk, 100);
        atomic_store_explicit(&p->acked, p->acked_count, memory_order_relaxed);
        atomic_store_explicit(&p->failed, p->failed_count, memory_order_release);
        if (p->acked_count > acked && p->config->acks != 0)
            kafka_health_clear_down(&p->health);
    }
    return NULL;
}

/* ---- sending ---- */

struct sender {
    struct kafka_producer *p;
    struct sim_stream partition;
    struct measure_payload payload;
};

static void count_meant(struct kafka_producer *p, int64_t intended_ns)
{
    p->meant += p->start_ns + intended_ns >= p->from_ns && p->start_ns + intended_ns < p->to_ns;
}

/* Returns false when the record cannot be sent at all, or sending has been stopped. intended_ns -1: whenever it is taken. */
static bool send_one(struct sender *s, int64_t intended_ns)
{
    struct kafka_producer *p = s->p;
    int32_t partition = (int32_t)sim_below(&s->partition, (uint64_t)p->config->partitions);
    bool tried = false;
    for (;;) {
        int64_t at = intended_ns >= 0 ? intended_ns : measure_now_ns() - p->start_ns;
        /* A second try carries the first one's bytes: only the time of rate max has moved. */
        const uint8_t *bytes =
            tried ? s->payload.record : measure_payload_next(&s->payload, p->start_ns + at);
        if (tried && intended_ns < 0)
            measure_payload_stamp(&s->payload, p->start_ns + at);
        if (rd_kafka_produce(p->topic, partition, RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)bytes,
                             s->payload.record_bytes, NULL, 0, (void *)(intptr_t)at) == 0) {
            if (intended_ns < 0)
                count_meant(p, at);
            return true;
        }
        rd_kafka_resp_err_t code = rd_kafka_last_error();
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            snprintf(p->send_failure, sizeof p->send_failure, "%s", rd_kafka_err2str(code));
            return false;
        }
        tried = true;
        p->queue_full_waits++;
        int64_t now = measure_now_ns();
        if (atomic_load(&p->stop_sending) || (intended_ns < 0 && now >= p->to_ns))
            return false;
        measure_sleep_until(now + FULL_WAIT_NS);
    }
}

static void send_max(struct sender *s)
{
    while (!atomic_load_explicit(&s->p->stop_sending, memory_order_relaxed) &&
           measure_now_ns() < s->p->to_ns)
        if (!send_one(s, -1))
            return;
}

static void send_scheduled(struct sender *s)
{
    struct kafka_producer *p = s->p;
    struct measure_schedule schedule;
    measure_schedule_init(&schedule, p->config, p->seed, p->repeat);
    int64_t next = measure_schedule_next(&schedule), end = p->to_ns - p->start_ns;
    while (next < end && !atomic_load_explicit(&p->stop_sending, memory_order_relaxed)) {
        int64_t now = measure_now_ns() - p->start_ns;
        if (next > now) {
            int64_t wake = next - now < LATE_NS ? now + LATE_NS : next;
            measure_sleep_until(p->start_ns + wake);
            continue;
        }
        if (!send_one(s, next))
            break;
        count_meant(p, next);
        next = measure_schedule_next(&schedule);
    }
    for (; next < end; next = measure_schedule_next(&schedule)) /* never sent, yet meant */
        count_meant(p, next);
}

static void *send_records(void *arg)
{
    struct sender s = {.p = arg};
    prctl(PR_SET_TIMERSLACK, 1UL); /* the kernel's 50 us would be in every latency */
    sim_stream_init(&s.partition, s.p->seed, (uint64_t)s.p->repeat, "measure partitions");
    measure_payload_init(&s.payload, s.p->config, s.p->seed, s.p->repeat);
    measure_sleep_until(s.p->start_ns);
    if (s.p->config->rate_per_s > 0)
        send_scheduled(&s);
    else
        send_max(&s);
    measure_payload_release(&s.payload);
    atomic_store(&s.p->sender_done, true);
    /* A thread that has ended has no CPU time to read: the window's end is still to come. */
    while (!atomic_load(&s.p->stop_sending))
        measure_sleep_until(measure_now_ns() + 50000000);
    return NULL;
}

/* ---- life ---- */

static int new_client(struct kafka_producer *p, const struct kafka_address *address,
                      struct measure_err *err)
{
    rd_kafka_conf_t *conf;
    int rc = kafka_conf_new(&conf, address, &p->health, err);
    if (rc != MEASURE_OK)
        return rc;
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_stats_cb(conf, on_statistics);
    char text[256];
    rc = configure(conf, p->config, err);
    if (rc == MEASURE_OK) {
        p->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
        if (p->rk)
            return MEASURE_OK;
        rc = measure_fail(err, MEASURE_EINVALID, "librdkafka: %s", text);
    }
    rd_kafka_conf_destroy(conf);
    return rc;
}

static bool has_leaders(const struct rd_kafka_metadata *metadata, int partitions)
{
    if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt != partitions)
        return false;
    for (int i = 0; i < partitions; i++)
        if (metadata->topics[0].partitions[i].err || metadata->topics[0].partitions[i].leader < 0)
            return false;
    return true;
}

/* A topic that has just been made takes a moment until every broker knows its leaders. */
static int wait_leaders(struct kafka_producer *p, struct measure_err *err)
{
    int64_t deadline = measure_now_ns() + METADATA_MS * INT64_C(1000000);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    while (measure_now_ns() < deadline) {
        const struct rd_kafka_metadata *metadata;
        code = rd_kafka_metadata(p->rk, 0, p->topic, &metadata, METADATA_MS);
        bool ready =
            code == RD_KAFKA_RESP_ERR_NO_ERROR && has_leaders(metadata, p->config->partitions);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_metadata_destroy(metadata);
        if (ready)
            return MEASURE_OK;
        measure_sleep_until(measure_now_ns() + 50000000);
    }
    return measure_fail(err, MEASURE_EFAILED,
                        "topic %s: its partitions have no leaders after %d s%s%s",
                        rd_kafka_topic_name(p->topic), METADATA_MS / 1000, code ? ": " : "",
                        code ? rd_kafka_err2str(code) : "");
}

int kafka_producer_open(struct kafka_producer *p, const struct kafka_address *address,
                        const char *topic, const struct measure_config *config,
                        struct measure_err *err)
{
    memset(p, 0, sizeof *p);
    p->config = config;
    int rc = new_client(p, address, err);
    if (rc != MEASURE_OK)
        return rc;
    sim_histogram_init(&p->latency);
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(p->rk);
    rd_kafka_topic_conf_set_opaque(conf, p);
    p->topic = rd_kafka_topic_new(p->rk, topic, conf);
    rc = p->topic ? wait_leaders(p, err)
                  : measure_fail(err, MEASURE_EINVALID, "topic %s: %s", topic,
                                 rd_kafka_err2str(rd_kafka_last_error()));
    if (rc != MEASURE_OK)
        kafka_producer_close(p);
    return rc;
}

void kafka_producer_start(struct kafka_producer *p, uint64_t seed, int repeat, int64_t start_ns,
                          int64_t from_ns, int64_t to_ns)
{
    p->seed = seed;
    p->repeat = repeat;
    p->start_ns = start_ns;
    p->from_ns = from_ns;
    p->to_ns = to_ns;
    p->running = true;
    if (pthread_create(&p->poller, NULL, poll_answers, p) != 0 ||
        pthread_create(&p->sender, NULL, send_records, p) != 0)
        abort();
}

bool kafka_producer_done(struct kafka_producer *p)
{
    return atomic_load(&p->sender_done) && rd_kafka_outq_len(p->rk) == 0;
}

void kafka_producer_stop(struct kafka_producer *p)
{
    if (!p->running)
        return;
    p->running = false;
    atomic_store(&p->stop_sending, true);
    pthread_join(p->sender, NULL);
    atomic_store(&p->purging, true);
    rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    int64_t deadline = measure_now_ns() + INT64_C(5000000000);
    while (rd_kafka_outq_len(p->rk) > 0 && measure_now_ns() < deadline)
        measure_sleep_until(measure_now_ns() + 10000000);
    atomic_store(&p->stop_polling, true);
    pthread_join(p->poller, NULL);
}

void kafka_producer_close(struct kafka_producer *p)
{
    kafka_producer_stop(p);
    if (p->topic)
        rd_kafka_topic_destroy(p->topic);
    if (p->rk) {
        rd_kafka_destroy(p->rk);
        sim_histogram_release(&p->latency);
    }
    p->topic = NULL;
    p->rk = NULL;
    for (int i = 0; i < p->statistics_count; i++)
        free(p->statistics[i]);
    p->statistics_count = 0;
}
