/* The real logs: which partitions they stand for, their start, and what each step appends. */
#include "model/cluster/horizon_internal.h"
#include "model/cluster/log_config.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/cluster/horizon_log.h"
#include "sim/random.h"

/* log-storage.md: an 8-byte and a 12-byte index entry each time more than index.interval.bytes came. */
static const double INDEX_ENTRY_BYTES = 8 + 12;

static double rate_of(const struct horizon *h, int topic, int partition)
{
    double sum = 0;
    for (int i = 0; i < h->source_count; i++)
        if (h->sources[i].producer->topic == topic)
            sum += h->sources[i].wire[h->sources[i].grid.count - 1][partition];
    return sum;
}

struct ranked {
    int partition;
    double rate;
};

static int busier(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rate != y->rate)
        return x->rate > y->rate ? -1 : 1;
    return x->partition < y->partition ? -1 : x->partition > y->partition;
}

static void add_log(struct horizon *h, int topic, const struct ranked *rank, int count)
{
    const struct ranked *stands = &rank[count / 2];
    struct horizon_log *log = &h->logs[h->log_count];
    log->topic = topic;
    log->partition = stands->partition;
    for (int i = 0; i < count; i++) {
        h->log_of[topic][rank[i].partition] = h->log_count;
        h->scale_of[topic][rank[i].partition] = stands->rate > 0 ? rank[i].rate / stands->rate : 1;
    }
    h->log_count++;
}

/*
 * How long one partition takes, in us of a 3 GHz core: a step, and a segment that is made, closed and deleted (measured, rounded up). A
 * long horizon with small segments gets fewer logs, so that it ends within a time in which somebody waits.
 */
static const double STEP_US = 0.6, SEGMENT_US = 20, BUDGET_US = 9e6;
enum { LOGS_MIN = 16 }; /* of a topic: segments of as many ages */

static double cost_us(const struct horizon *h, int topic)
{
    double bytes = 0, steps = (double)h->length_ns / (double)h->step_ns;
    for (int i = 0; i < h->source_count; i++)
        if (h->sources[i].producer->topic == topic)
            bytes += h->sources[i].wire_all[h->sources[i].grid.count - 1] /
                     h->sources[i].grid.factor[h->sources[i].grid.count - 1] *
                     model_shape_mean(h->sources[i].producer) * (double)h->length_ns / 1e9;
    const struct scenario_topic *t = &h->s->topics[topic];
    double segments = bytes / t->partitions / (double)t->config.segment_bytes;
    return steps * STEP_US + segments * SEGMENT_US;
}

static int logs_of(const struct horizon *h, int topic, int all, double all_us)
{
    int n = h->s->topics[topic].partitions;
    double share = fmin(1, fmin(BUDGET_US / all_us, (double)HORIZON_LOGS_MAX / all));
    int logs = share >= 1 ? n : (int)(n * share);
    int least = all <= HORIZON_LOGS_MAX ? LOGS_MIN : 1;
    logs = logs > least ? logs : least;
    return logs < n ? logs : n;
}

static void choose_topic(struct horizon *h, int topic, int logs)
{
    int n = h->s->topics[topic].partitions;
    struct ranked *rank = sim_alloc((size_t)n, sizeof *rank);
    h->log_of[topic] = sim_alloc((size_t)n, sizeof **h->log_of);
    h->scale_of[topic] = sim_alloc((size_t)n, sizeof **h->scale_of);
    for (int p = 0; p < n; p++)
        rank[p] = (struct ranked){p, rate_of(h, topic, p)};
    if (logs < n)
        qsort(rank, (size_t)n, sizeof *rank, busier);
    for (int i = 0; i < logs; i++) {
        int first = (int)((int64_t)n * i / logs), end = (int)((int64_t)n * (i + 1) / logs);
        add_log(h, topic, rank + first, end - first);
    }
    free(rank);
}

/* Partitions of about the same rate share a log when there are more than can be simulated; else each has its own. */
static void choose_logs(struct horizon *h)
{
    int topics = h->s->topic_count, all = 0;
    double all_us = 0;
    for (int t = 0; t < topics; t++) {
        all += h->s->topics[t].partitions;
        all_us += h->s->topics[t].partitions * cost_us(h, t);
    }
    h->log_of = sim_alloc((size_t)topics, sizeof *h->log_of);
    h->scale_of = sim_alloc((size_t)topics, sizeof *h->scale_of);
    h->logs = sim_alloc((size_t)(all < HORIZON_LOGS_MAX ? all : HORIZON_LOGS_MAX + topics),
                        sizeof *h->logs);
    for (int t = 0; t < topics; t++)
        choose_topic(h, t, logs_of(h, t, all, all_us));
}

/* Bytes of one record as it lies in the log, its share of headers included. */
static void sizes_of(const struct horizon *h, const struct horizon_log *log, double *record_bytes,
                     double *index_factor)
{
    double wire = 0, records = 0, batches = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        if (src->producer->topic != log->topic)
            continue;
        wire +=
            src->wire[src->grid.count - 1][log->partition] / src->grid.factor[src->grid.count - 1];
        records += src->records_peak * src->share[log->partition];
        batches += src->batches[log->partition];
    }
    double batch = batches > 0 ? wire / batches : 1;
    double interval = (double)h->s->topics[log->topic].config.index_interval_bytes + 1;
    *record_bytes = records > 0 && wire > records ? wire / records : 1;
    *index_factor = 1 + INDEX_ENTRY_BYTES / (batch > interval ? batch : interval);
}

/*
 * The hours before the start are those of the shapes, in batches as each hour's load makes them: a log that had filled evenly would hold more
 * by the first noon than ever after, and one of the peak's full batches, which compress better, less. Returns the mean rate.
 */
static double week_of(const struct horizon *h, const struct horizon_log *log,
                      struct horizon_week *week)
{
    double rate[MODEL_WEEK_HOURS] = {0}, sum = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        double factor[MODEL_WEEK_HOURS];
        if (src->producer->topic != log->topic)
            continue;
        model_shape_week(src->producer, factor);
        for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
            rate[hour] += horizon_source_wire_at(src, factor[hour], log->partition);
    }
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        sum += rate[hour];
    if (sum > 0)
        horizon_week_init(week, rate);
    return sum / MODEL_WEEK_HOURS;
}

static int preload(struct horizon *h, struct horizon_log *log, const struct horizon_week *week,
                   double bytes_per_s, struct broker_err *err)
{
    const struct scenario_topic_config *c = &h->s->topics[log->topic].config;
    struct sim_stream random;
    struct horizon_preload p = {.bytes_per_s = bytes_per_s,
                                .week = week,
                                .record_bytes = log->record_bytes,
                                .retention_ms = c->retention_ms,
                                .retention_bytes = c->retention_bytes,
                                .segment_bytes = log->segment_bytes,
                                .segment_ms = log->segment_ms,
                                .check_interval_ms =
                                    h->s->cluster.config.log_retention_check_interval_ms,
                                .stamp_producer = -1};
    if (h->s->start.logs != SCENARIO_FULL || !(p.bytes_per_s > 0))
        return BROKER_OK;
    sim_stream_initf(&random, h->s->run.seed, 0, "horizon age %.200s %d",
                     h->s->topics[log->topic].name, log->partition);
    return horizon_preload_log(log->env, log->log, &p, HORIZON_EPOCH_MS, &random, err);
}

/* Checks within a step judge what was there before it: more of them than batches of a segment tell nothing, and could be 300,000. */
#define CHECKS_A_STEP 16

static void dir_config(const struct horizon *h, struct broker_dir_config *config)
{
    int64_t check_ms = h->s->cluster.config.log_retention_check_interval_ms,
            least_ms = h->step_ns / 1000000 / CHECKS_A_STEP;
    broker_dir_config_init(config);
    config->retention_check_interval_ms = check_ms > least_ms ? check_ms : least_ms;
    config->initial_task_delay_ms = h->s->cluster.config.log_initial_task_delay_ms;
    /* Checkpoints are small files that change nothing here. */
    config->recovery_point_checkpoint_interval_ms = INT64_MAX;
    config->start_offset_checkpoint_interval_ms = INT64_MAX;
    config->high_watermark_checkpoint_interval_ms = INT64_MAX;
    config->flush_scheduler_interval_ms = INT64_MAX;
}

static int open_log(struct horizon *h, struct horizon_log *log, struct broker_err *err)
{
    struct broker_log_config config = model_log_config(h->s, log->topic);
    struct broker_dir_config of_dir;
    struct horizon_week week;
    const struct scenario_topic *topic = &h->s->topics[log->topic];
    double bytes_per_s = week_of(h, log, &week);
    config.max_message_bytes = INT32_MAX; /* batches here stand for many */
    horizon_segments_choose(h, log, bytes_per_s);
    config.segment_bytes = log->segment_bytes;
    config.segment_ms = log->segment_ms;
    dir_config(h, &of_dir);
    log->env = env_sim_new(h->s->run.seed, UINT64_MAX / 2);
    env_sim_set_now(log->env, HORIZON_EPOCH_MS);
    int rc = broker_dir_open(env_sim_env(log->env), "horizon", &of_dir, &log->dir, err);
    if (rc == BROKER_OK)
        rc = broker_dir_log(log->dir, topic->name, log->partition, &config, &log->log, &h->receipt,
                            err);
    if (rc != BROKER_OK)
        return rc;
    sizes_of(h, log, &log->record_bytes, &log->indexes);
    return preload(h, log, &week, bytes_per_s, err);
}

int horizon_logs_init(struct horizon *h, struct broker_err *err)
{
    int rc = BROKER_OK;
    choose_logs(h);
    h->sizes = sim_alloc((size_t)h->log_count * HORIZON_BLOCK, sizeof *h->sizes);
    for (int i = 0; rc == BROKER_OK && i < h->log_count; i++)
        rc = open_log(h, &h->logs[i], err);
    return rc;
}

void horizon_logs_free(struct horizon *h)
{
    for (int i = 0; i < h->log_count; i++) {
        if (h->logs[i].dir)
            broker_dir_abandon(h->logs[i].dir);
        if (h->logs[i].env)
            env_sim_free(h->logs[i].env);
    }
    for (int t = 0; h->log_of && t < h->s->topic_count; t++) {
        free(h->log_of[t]);
        free(h->scale_of[t]);
    }
    free(h->log_of);
    free(h->scale_of);
    free(h->logs);
    free(h->sizes);
}

static int64_t clock_ms(int64_t ns)
{
    return HORIZON_EPOCH_MS + ns / 1000000;
}

static int append(struct horizon *h, struct horizon_log *log, int step, struct broker_err *err)
{
    double s = (double)horizon_step_ns(h, step) / 1e9;
    for (int k = 0; k < h->source_count; k++)
        if (h->sources[k].producer->topic == log->topic)
            log->carry += horizon_source_wire(&h->sources[k], step, log->partition) * s;
    struct horizon_append a = {.bytes = (uint64_t)log->carry,
                               .record_bytes = log->record_bytes,
                               .from_ms = clock_ms(h->step_begin_ns[step]),
                               .to_ms = clock_ms(h->step_begin_ns[step + 1]),
                               .batch_bytes_max = (uint64_t)log->segment_bytes / 16,
                               .stamp_producer = -1};
    env_sim_set_now(log->env, a.to_ms);
    if (log->carry < 1024) /* too little for a batch: it waits for the next step */
        return BROKER_OK;
    log->carry -= (double)a.bytes;
    return horizon_log_append(log->log, &a, &h->receipt, err);
}

/*
 * Everything due before the end of the step, each at its own time: a retention check judges ages by the clock, and a step may be longer
 * than the time between two. What the step appended is younger than any check's limit, so that it may be there already.
 */
static int run_tasks(struct horizon *h, struct horizon_log *log, int64_t end_ms,
                     struct broker_err *err)
{
    int64_t due_ms;
    while ((due_ms = broker_dir_task_due_ms(log->dir)) < end_ms) {
        const char *what;
        env_sim_set_now(log->env, due_ms);
        int rc = broker_dir_run_task(log->dir, due_ms, &h->receipt, &what, err);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

int horizon_logs_block(struct horizon *h, struct broker_err *err)
{
    for (int i = 0; i < h->log_count; i++) {
        struct horizon_log *log = &h->logs[i];
        double *sizes = &h->sizes[(size_t)i * HORIZON_BLOCK];
        for (int k = 0; k < h->steps; k++) {
            int rc = append(h, log, k, err);
            if (rc == BROKER_OK)
                rc = run_tasks(h, log, clock_ms(h->step_begin_ns[k + 1]), err);
            if (rc != BROKER_OK)
                return rc;
            sizes[k] = (double)broker_log_size_bytes(log->log) * log->indexes;
        }
    }
    return BROKER_OK;
}
