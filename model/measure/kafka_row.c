#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/measure/clock.h"
#include "model/measure/kafka_internal.h"
#include "sim/memory.h"

/* ns. DRAIN: what is acknowledged later is not in the row; the rows that calibration reads were cut there, too. */
#define DRAIN_NS   INT64_C(10000000000)
#define GROUP_NS   INT64_C(30000000000) /* until every consumer has its partitions */
#define DOWN_NS    INT64_C(10000000000) /* without a broker, and the row is given up */
#define REFUSED_NS INT64_C(2000000000)  /* nothing but errors for so long: likewise */
#define LEAD_NS    INT64_C(100000000)   /* threads start before the schedule does */

struct row_run {
    struct kafka_session *session;
    const struct measure_options *options;
    const struct measure_config *config;
    char topic[KAFKA_TOPIC_MAX];
    struct kafka_producer producer;
    struct kafka_consumer *consumers;
    int opened; /* consumers */
    int64_t start_ns, from_ns, to_ns;
    struct cpu_sample client[2], broker[2][MEASURE_BROKERS];
    int64_t gc_from[MEASURE_BROKERS];
    struct measured_row row;
    struct measured_group *groups;
};

/* ---- waiting, while watching ---- */

static bool is_down(struct row_run *r)
{
    char text[200];
    int64_t down_at;
    kafka_health_read(&r->producer.health, text, &down_at);
    return down_at > 0;
}

static int check_producer(struct row_run *r, struct measure_err *err)
{
    struct kafka_producer *p = &r->producer;
    if (atomic_load(&p->sender_done) && p->send_failure[0])
        return measure_fail(err, MEASURE_EFAILED, "records of %d bytes cannot be sent: %s",
                            r->config->record_bytes, p->send_failure);
    uint64_t failed = atomic_load_explicit(&p->failed, memory_order_acquire);
    int64_t now = measure_now_ns();
    if (failed > 0 && atomic_load(&p->acked) == 0 && now > r->start_ns + REFUSED_NS)
        return measure_fail(err, MEASURE_EFAILED, "every record of %d bytes is refused: %s",
                            r->config->record_bytes, p->failure);
    char text[200];
    int64_t down_at;
    kafka_health_read(&p->health, text, &down_at);
    if (down_at > 0 && now > down_at + DOWN_NS)
        return measure_fail(err, MEASURE_EFAILED, "no broker answers any more: %s", text);
    return MEASURE_OK;
}

static int wait_until(struct row_run *r, int64_t at_ns, struct measure_err *err)
{
    const int64_t look_ns = 250000000;
    for (int64_t now; (now = measure_now_ns()) < at_ns;) {
        if (!measure_wait_until(at_ns - now > look_ns ? now + look_ns : at_ns, r->options->stop))
            return MEASURE_STOPPED;
        int rc = check_producer(r, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

/* ---- clients ---- */

static int open_consumers(struct row_run *r, struct measure_err *err)
{
    for (int i = 0; i < r->config->groups; i++, r->opened++) {
        int rc = kafka_consumer_open(&r->consumers[i], &r->session->address, r->topic, i + 1, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    int64_t deadline = measure_now_ns() + GROUP_NS;
    for (int i = 0; i < r->opened; i++) {
        while (!atomic_load(&r->consumers[i].assigned)) {
            char text[200];
            int64_t down;
            kafka_health_read(&r->consumers[i].health, text, &down);
            if (measure_now_ns() > deadline)
                return measure_fail(err, MEASURE_EFAILED,
                                    "group %s got no partitions in %lld s%s%s",
                                    r->consumers[i].group, (long long)(GROUP_NS / 1000000000),
                                    text[0] ? ": " : "", text);
            if (!measure_wait_until(measure_now_ns() + 20000000, r->options->stop))
                return MEASURE_STOPPED;
        }
    }
    return MEASURE_OK;
}

static void start(struct row_run *r, int repeat)
{
    r->start_ns = measure_now_ns() + LEAD_NS;
    r->from_ns = r->start_ns + r->config->warmup_ns;
    r->to_ns = r->from_ns + r->config->measure_ns;
    for (int i = 0; i < r->opened; i++) {
        atomic_store(&r->consumers[i].to_ns, r->to_ns);
        atomic_store(&r->consumers[i].from_ns, r->from_ns);
    }
    kafka_producer_start(&r->producer, r->options->seed, repeat, r->start_ns, r->from_ns, r->to_ns);
}

/* ---- the window ---- */

static int count_cpu(struct row_run *r, int when, struct measure_err *err)
{
    const struct measure_options *o = r->options;
    for (int i = 0; i < o->broker_pid_count; i++) {
        int rc = cpu_sample_read(&r->broker[when][i], "/proc", o->broker_pids[i], err);
        r->broker[when][i].at_ns = measure_now_ns();
        if (rc != MEASURE_OK)
            return rc;
    }
    int rc = cpu_sample_read(&r->client[when], "/proc", getpid(), err);
    r->client[when].at_ns = measure_now_ns();
    return rc;
}

static int scrape(struct row_run *r, struct broker_scrape *scrapes, struct measure_err *err)
{
    const struct measure_options *o = r->options;
    return broker_scrape_all(scrapes, o->metrics, o->metrics_count, r->topic, err);
}

static bool all_received(struct row_run *r)
{
    if (!kafka_producer_done(&r->producer))
        return false;
    for (int i = 0; i < r->opened; i++)
        if (atomic_load(&r->consumers[i].received) < atomic_load(&r->producer.acked))
            return false;
    return true;
}

static int drain(struct row_run *r, struct measure_err *err)
{
    int64_t deadline = measure_now_ns() + DRAIN_NS;
    while (!all_received(r) && measure_now_ns() < deadline) {
        int rc = wait_until(r, measure_now_ns() + 20000000, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return check_producer(r, err);
}

/* Two, one after the other, over before what is measured begins. */
static int scrape_before(struct row_run *r, struct measure_err *err)
{
    if (r->options->metrics_count == 0)
        return MEASURE_OK;
    int rc = wait_until(r, r->from_ns - BROKER_SCRAPE_LEAD_NS, err);
    if (rc == MEASURE_OK)
        rc = scrape(r, r->row.probe, err);
    if (rc == MEASURE_OK)
        rc = scrape(r, r->row.before, err);
    return rc == MEASURE_OK ? broker_scrape_in_time(measure_now_ns(), r->from_ns, err) : rc;
}

static int run_window(struct row_run *r, struct measure_err *err)
{
    int rc = scrape_before(r, err);
    if (rc == MEASURE_OK)
        rc = wait_until(r, r->from_ns, err);
    if (rc == MEASURE_OK)
        rc = count_cpu(r, 0, err);
    if (rc == MEASURE_OK)
        rc = wait_until(r, r->to_ns, err);
    if (rc == MEASURE_OK)
        rc = count_cpu(r, 1, err);
    if (rc == MEASURE_OK)
        rc = scrape(r, r->row.after, err);
    return rc == MEASURE_OK ? drain(r, err) : rc;
}

/* ---- the row ---- */

static int fill_client(struct row_run *r, struct measure_err *err)
{
    struct client_stats *s = &r->row.client;
    client_stats_init(s, r->from_ns, r->to_ns);
    for (int i = 0; i < r->producer.statistics_count; i++) {
        int rc = client_stats_add(s, r->producer.statistics[i], err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

static void fill_groups(struct row_run *r, double seconds)
{
    r->row.groups = r->groups;
    r->row.group_count = r->opened;
    for (int i = 0; i < r->opened; i++) {
        kafka_consumer_stop(&r->consumers[i]);
        r->groups[i].latency = &r->consumers[i].latency;
        r->groups[i].consumed_per_s = (double)r->consumers[i].received_in_window / seconds;
    }
}

static void fill_cpu(struct row_run *r)
{
    struct measured_row *row = &r->row;
    cpu_usage_between(&row->client_cpu, &r->client[0], &r->client[1], CPU_CLIENT);
    row->broker_count = r->options->broker_pid_count;
    for (int i = 0; i < row->broker_count; i++)
        cpu_usage_between(&row->broker_cpu[i], &r->broker[0][i], &r->broker[1][i], CPU_BROKER);
}

static int note_gc_logs(struct row_run *r, struct measure_err *err)
{
    int rc = MEASURE_OK;
    for (int i = 0; i < r->options->gc_log_count && rc == MEASURE_OK; i++)
        rc = gc_log_end(r->options->gc_logs[i], &r->gc_from[i], err);
    return rc;
}

static int fill_gc(struct row_run *r, struct measure_err *err)
{
    int rc = MEASURE_OK;
    r->row.gc_log_count = r->options->gc_log_count;
    for (int i = 0; i < r->row.gc_log_count && rc == MEASURE_OK; i++)
        rc = gc_log_read(r->options->gc_logs[i], r->gc_from[i], &r->row.gc[i], err);
    return rc;
}

static int fill_row(struct row_run *r, int repeat, struct measure_err *err)
{
    struct measured_row *row = &r->row;
    struct kafka_producer *p = &r->producer;
    double seconds = (double)r->config->measure_ns / 1e9;
    kafka_producer_stop(p);
    if (p->acked_count == 0)
        return measure_fail(err, MEASURE_EFAILED, "nothing was acknowledged%s%s",
                            p->failed_count ? ": " : "", p->failed_count ? p->failure : "");
    row->config = r->config;
    row->repeat = repeat;
    row->brokers = r->session->admin.brokers;
    row->jit = r->session->jit;
    row->acked_per_s = (double)p->acked_in_window / seconds;
    row->failed = p->failed_count;
    row->queue_full_waits = p->queue_full_waits;
    row->latency = &p->latency;
    row->unacknowledged = p->meant - p->latency.count;
    row->scrape_count = r->options->metrics_count;
    fill_groups(r, seconds);
    fill_cpu(r);
    int rc = fill_client(r, err);
    if (rc == MEASURE_OK)
        rc = fill_gc(r, err);
    row->has_log = r->options->log_dir_count > 0;
    if (rc == MEASURE_OK && row->has_log)
        rc = measure_log_scan(&row->log, r->options->log_dirs, r->options->log_dir_count, r->topic,
                              r->config->partitions, err);
    return rc;
}

static void say(const struct row_run *r, const char *text)
{
    if (r->options->say)
        r->options->say(r->options->ctx, text);
}

/* What stays is named: somebody has to remove it when the cluster is back. */
static int remove_topic(struct row_run *r, struct measure_err *err)
{
    struct measure_err inner;
    int rc = kafka_admin_delete_topic(&r->session->admin, r->topic, &inner);
    return rc == MEASURE_OK
               ? rc
               : measure_fail(err, MEASURE_EFAILED, "topic %s stays: %.200s", r->topic, inner.text);
}

/* Topic and groups go in any case. A cluster that does not answer for the topic is not asked for the groups. */
static int clean_up(struct row_run *r, int rc, struct measure_err *err)
{
    struct measure_err inner;
    bool down = is_down(r);
    kafka_producer_close(&r->producer);
    for (int i = 0; i < r->opened; i++)
        kafka_consumer_close(&r->consumers[i], !down);
    int removed = remove_topic(r, &inner);
    r->session->removed_ns = measure_now_ns();
    for (int i = 0; i < r->opened && removed == MEASURE_OK; i++)
        removed = kafka_admin_delete_group(&r->session->admin, r->consumers[i].group, &inner);
    if (removed == MEASURE_OK)
        return rc;
    if (rc == MEASURE_OK)
        *err = inner;
    else
        say(r, inner.text);
    return rc == MEASURE_OK ? removed : rc;
}

static void release(struct row_run *r)
{
    for (int when = 0; when < 2; when++) {
        cpu_sample_release(&r->client[when]);
        for (int i = 0; i < MEASURE_BROKERS; i++)
            cpu_sample_release(&r->broker[when][i]);
    }
    free(r->consumers);
    free(r->groups);
    free(r);
}

static void name_topic(struct row_run *r)
{
    struct kafka_session *s = r->session;
    if (s->topics++ == 0 && r->options->topic)
        snprintf(r->topic, sizeof r->topic, "%s", s->topic_base);
    else
        snprintf(r->topic, sizeof r->topic, "%.230s-%d", s->topic_base, s->topics);
}

static struct row_run *new_run(struct kafka_session *session, const struct measure_config *config)
{
    struct row_run *r = sim_alloc(1, sizeof *r);
    r->session = session;
    r->options = session->options;
    r->config = config;
    r->consumers = sim_alloc((size_t)config->groups + 1, sizeof *r->consumers);
    r->groups = sim_alloc((size_t)config->groups + 1, sizeof *r->groups);
    name_topic(r);
    return r;
}

static void say_unanswered(struct row_run *r)
{
    char text[200];
    snprintf(text, sizeof text,
             "%s: %llu records of the window were not acknowledged %lld s after it; latencies are "
             "those of the others",
             r->config->id, (unsigned long long)r->row.unacknowledged,
             (long long)(DRAIN_NS / 1000000000));
    if (r->row.unacknowledged)
        say(r, text);
}

int kafka_row_measure(struct kafka_session *session, const struct measure_config *config,
                      int repeat,
                      int (*done)(void *ctx, const struct measured_row *row,
                                  struct measure_err *err),
                      void *ctx, struct measure_err *err)
{
    struct row_run *r = new_run(session, config);
    int rc = kafka_admin_create_topic(&session->admin, r->topic, config, err);
    if (rc != MEASURE_OK) {
        release(r);
        return rc;
    }
    rc = kafka_producer_open(&r->producer, &session->address, r->topic, config, err);
    if (rc == MEASURE_OK)
        rc = open_consumers(r, err);
    if (rc == MEASURE_OK)
        rc = note_gc_logs(r, err);
    if (rc == MEASURE_OK) {
        start(r, repeat);
        rc = run_window(r, err);
    }
    if (rc == MEASURE_OK)
        rc = fill_row(r, repeat, err);
    if (rc == MEASURE_OK)
        say_unanswered(r);
    if (rc == MEASURE_OK && done)
        rc = done(ctx, &r->row, err);
    rc = clean_up(r, rc, err);
    release(r);
    return rc;
}
