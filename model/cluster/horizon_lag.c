/*
 * Lag over the horizon: each consumer reads what its partitions get, as fast as its thread can and, while it lags, as the brokers can serve it
 * (horizon_reach.c). A group is as slow as its slowest consumer: one hot partition is enough to fall behind.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdlib.h>

#include "model/cluster/record_work.h"
#include "model/hardware/cpu.h"

/* What is kept is the same step after step but for the last digits: the first time counts as the deepest. */
static const double ROUNDING = 1e-9;

/* Steps to a fixed point: of how busy threads are and how fast that leaves them. */
enum { SETTLES = 20 };

/* Range assignment, Kafka's first choice: the topic's partitions in a row, the first n mod C consumers get one more. */
static int consumer_of(int partition, int partitions, int consumers)
{
    int each = partitions / consumers, more = partitions % consumers;
    int in_larger = more * (each + 1);
    return partition < in_larger ? partition / (each + 1)
                                 : more + (partition - in_larger) / (each > 0 ? each : 1);
}

/* How much faster a vCPU of the group's machines is than when all are busy, with so many consumers busy on the average. */
static double gain_of(const struct scenario_group *g, double consumers)
{
    double vcpus = (double)g->machine.vcpus * (g->machines > 0 ? g->machines : 1);
    double busy = vcpus > 0 ? fmin(1, consumers / vcpus) : 1;
    return model_cpu_gain((uint32_t)g->machine.threads_per_core, busy);
}

/* Time of one record on the consumer's thread, the mean of all that its producers send at their peaks. */
static double work_of(const struct horizon *h, const struct scenario_group *g, double consumers)
{
    bool java = g->client == SCENARIO_CLIENT_JAVA, tls = h->s->cluster.tls != SCENARIO_TLS_OFF;
    double decrypt = tls ? model_client_tls(h->profile, java)->byte_ns : 0;
    double gain = gain_of(g, consumers), ns = 0, records = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        if (!scenario_reads(g, src->producer->topic) || !(src->records_peak > 0))
            continue;
        double unpack = h->profile->decompress_byte_ns[src->producer->config.compression_type];
        struct record_work record = {.batches = src->batches_peak / src->records_peak,
                                     .bytes = src->producer->size.mean_bytes,
                                     .unpack = unpack + decrypt};
        records += src->records_peak;
        ns += src->records_peak *
              (record_work_ns(h->profile, g, gain, &record) + (double)g->processing_wait_ns);
    }
    return records > 0 ? ns / records : 0;
}

/* How old what the group has yet to read is stated to be. Behind empty logs there is nothing. */
static double start_age_s(const struct horizon *h, const struct scenario_group *g)
{
    double records = 0, bytes = 0;
    if (h->s->start.logs != SCENARIO_FULL)
        return 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        if (!scenario_reads(g, src->producer->topic))
            continue;
        records += src->records_peak * h->past.before[i];
        bytes += src->producer->payload_bytes_per_s_peak * h->past.before[i];
    }
    return records > 0 ? scenario_lag_s(g, records, bytes) : 0;
}

/* Nobody is further behind than the log of a source reaches back. */
static double behind_s(const struct horizon *h, int source, double age_s)
{
    return fmin(age_s, h->kept[h->sources[source].producer->topic].reach_s);
}

/* Records a second that come to a consumer when all producers send at their peaks. */
static double peak_of(const struct horizon *h, const struct horizon_consumer *c)
{
    double sum = 0;
    for (int i = 0; i < h->source_count; i++)
        sum += c->peak[i];
    return sum;
}

/*
 * Consumers that are busy on the average at the producers' peaks: one that cannot keep up always is, and all are who start behind. Beside one hot
 * consumer the others are mostly idle, and its thread has a core to itself.
 */
static double busy_consumers(const struct horizon *h, const struct horizon_group *group)
{
    double busy = group->consumers;
    for (int i = 0; i < SETTLES && !(start_age_s(h, group->group) > 0); i++) {
        double work_s = work_of(h, group->group, busy) / 1e9, sum = 0;
        for (int c = 0; c < group->consumers; c++)
            sum += fmin(1, peak_of(h, &group->consumer[c]) * work_s);
        busy = sum;
    }
    return busy;
}

static void share_partitions(const struct horizon *h, struct horizon_group *group)
{
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        int partitions = h->s->topics[src->producer->topic].partitions;
        if (!scenario_reads(group->group, src->producer->topic))
            continue;
        for (int p = 0; p < partitions; p++)
            group->consumer[consumer_of(p, partitions, group->consumers)].peak[i] += src->share[p];
        for (int c = 0; c < group->consumers; c++)
            group->consumer[c].peak[i] *= src->records_peak;
    }
}

/* All are equally far back, as far as their topics' logs reach. */
static void share_lag(const struct horizon *h, struct horizon_group *group)
{
    double age_s = start_age_s(h, group->group);
    for (int c = 0; c < group->consumers; c++)
        for (int i = 0; i < h->source_count; i++) {
            double rate = group->consumer[c].peak[i] * h->past.before[i];
            if (!(rate > 0))
                continue;
            group->consumer[c].lag += rate * behind_s(h, i, age_s);
            group->age_s = fmax(group->age_s, behind_s(h, i, age_s));
        }
    for (int c = 0; c < group->consumers; c++)
        group->lag_start += group->consumer[c].lag;
    group->lag = group->lag_max = group->lag_start;
}

static void group_init(struct horizon *h, struct horizon_group *group,
                       const struct scenario_group *g)
{
    int most = 1;
    for (int t = 0; t < g->topic_count; t++)
        most = h->s->topics[g->topics[t]].partitions > most ? h->s->topics[g->topics[t]].partitions
                                                            : most;
    group->group = g;
    group->consumers = g->clients < most ? g->clients : most;
    group->consumer = sim_alloc((size_t)group->consumers, sizeof *group->consumer);
    for (int c = 0; c < group->consumers; c++)
        group->consumer[c].peak = sim_alloc((size_t)h->source_count, sizeof(double));
    group->points = sim_alloc(HORIZON_POINTS, sizeof *group->points);
    group->reads = 1;
    share_partitions(h, group);
    group->work_ns = work_of(h, g, busy_consumers(h, group));
    share_lag(h, group);
    group->points[0] = (float)group->lag_start; /* steps only note their ends */
    group->caught_up_ns = group->lag_start > 0 ? -1 : 0;
}

void horizon_groups_init(struct horizon *h)
{
    horizon_past_init(h);
    horizon_kept_init(h);
    h->group_count = h->s->group_count;
    h->groups = sim_alloc((size_t)h->group_count, sizeof *h->groups);
    for (int g = 0; g < h->group_count; g++)
        group_init(h, &h->groups[g], &h->s->groups[g]);
}

void horizon_groups_free(struct horizon *h)
{
    for (int g = 0; h->groups && g < h->group_count; g++) {
        for (int c = 0; c < h->groups[g].consumers; c++)
            free(h->groups[g].consumer[c].peak);
        free(h->groups[g].consumer);
        free(h->groups[g].points);
    }
    free(h->groups);
    horizon_kept_free(h);
    horizon_past_free(h);
}

/* One consumer over the step. Returns what it read; *until_s is raised to the time it was behind. */
static double consume(struct horizon_consumer *c, double comes, double most, double step_s,
                      double *until_s)
{
    double there = c->lag + comes, reads = there < most ? there : most;
    double behind_s = c->lag <= 0 ? 0 : most > comes ? c->lag / (most - comes) * step_s : step_s;
    *until_s = fmax(*until_s, fmin(behind_s, step_s));
    c->lag = there - reads;
    if (c->lag > 0) {
        c->behind_s += step_s;
        c->behind_read += reads;
    }
    return reads;
}

static void note(struct horizon *h, struct horizon_group *group, int64_t now_ns, int64_t even_ns)
{
    int point = horizon_point(h, now_ns);
    if (group->lag > (double)group->points[point])
        group->points[point] = (float)group->lag;
    if (group->lag > group->lag_max * (1 + ROUNDING)) {
        group->lag_max = group->lag;
        group->max_ns = now_ns;
    }
    group->age_max_s = fmax(group->age_max_s, group->age_s);
    if (group->caught_up_ns < 0 && group->lag < 1)
        group->caught_up_ns = even_ns;
}

/* Records a second that come to a consumer in the step. */
static double rate_of(const struct horizon *h, const struct horizon_consumer *c, int at)
{
    double sum = 0;
    for (int i = 0; i < h->source_count; i++)
        sum += c->peak[i] * h->sources[i].moments[at].now;
    return sum;
}

/* How far back the topics of a group reach, the one that keeps least or most. */
static double reach_of(const struct horizon *h, const struct horizon_group *group,
                       double (*choose)(double, double))
{
    double reach = h->kept[group->group->topics[0]].reach_s;
    for (int t = 1; t < group->group->topic_count; t++)
        reach = choose(reach, h->kept[group->group->topics[t]].reach_s);
    return reach;
}

/* How old the oldest record is that the consumer has not read. What the logs deleted meanwhile it lags no more: it is lost. */
static double settle(const struct horizon *h, struct horizon_group *group,
                     struct horizon_consumer *c)
{
    if (c->lag <= 0)
        return 0;
    double age_s = horizon_past_age(h, c->peak, h->gone_before, c->lag, &c->point);
    if (age_s <= reach_of(h, group, fmin))
        return age_s;
    double there = fmin(c->lag, horizon_past_amount(h, c->peak, h->gone, age_s));
    group->lost += c->lag - there;
    c->lag = there;
    return fmin(age_s, reach_of(h, group, fmax));
}

static void group_step(struct horizon *h, int g, int at)
{
    struct horizon_group *group = &h->groups[g];
    double step_ns = (double)horizon_step_ns(h, at), s = step_ns / 1e9;
    double came = 0, read = 0, until_s = 0;
    double thread = group->work_ns > 0 ? step_ns / group->work_ns : INFINITY;
    enum horizon_pace pace = HORIZON_PACE_THREADS;
    double reach = group->lag >= 1 ? horizon_reach(h, g, at, &pace) : INFINITY;
    group->lag = group->age_s = 0;
    for (int c = 0; c < group->consumers; c++) {
        struct horizon_consumer *consumer = &group->consumer[c];
        double comes = rate_of(h, consumer, at) * s;
        double served = isfinite(reach) ? reach * peak_of(h, consumer) * s : INFINITY;
        bool behind = consumer->lag > 0;
        came += comes;
        read += consume(consumer, comes, fmin(thread, served), s, &until_s);
        if (behind || consumer->lag > 0)
            group->paced_s[thread <= served ? HORIZON_PACE_THREADS : pace] += s;
        group->age_s = fmax(group->age_s, settle(h, group, consumer));
        group->lag += consumer->lag;
    }
    group->records_per_s = came / s;
    group->reads = came > 0 ? read / came : 0;
    note(h, group, h->step_begin_ns[at + 1], h->step_begin_ns[at] + (int64_t)(until_s * 1e9));
}

void horizon_groups_step(struct horizon *h, int at)
{
    horizon_past_step(h, at);
    horizon_kept_logs_step(h);
    for (int g = 0; g < h->group_count; g++)
        group_step(h, g, at);
    horizon_kept_cache_step(h);
}
