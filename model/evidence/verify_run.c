/* All cases, in threads: blind first, then the series that have an anchor, then their other points. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/verify_internal.h"
#include "model/report/number.h"
#include "sim/memory.h"

enum { SERIES_MAX = 256 };
#define US_PER_BATCH 5.0 /* of small batches and many clients, as these cases have, on one core */

/* ---- threads ---- */

struct pool {
    pthread_mutex_t lock;
    int next, done, count;
    volatile sig_atomic_t *stop;
    void (*work)(void *context, int index);
    void *context;
};

static void *run_worker(void *context)
{
    struct pool *pool = context;
    for (;;) {
        pthread_mutex_lock(&pool->lock);
        int index = pool->stop && *pool->stop ? pool->count : pool->next++;
        pthread_mutex_unlock(&pool->lock);
        if (index >= pool->count)
            return NULL;
        pool->work(pool->context, index);
        pthread_mutex_lock(&pool->lock);
        pool->done++;
        pthread_mutex_unlock(&pool->lock);
    }
}

static double done_ratio(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    double ratio = (double)pool->done / pool->count;
    pthread_mutex_unlock(&pool->lock);
    return ratio;
}

void verify_parallel(int count, int threads, volatile sig_atomic_t *stop,
                     void (*work)(void *context, int index), void *context,
                     void (*progress)(void *progress_ctx, double ratio, const char *what),
                     void *progress_ctx, const char *what)
{
    if (count == 0)
        return;
    struct pool pool = {.count = count, .stop = stop, .work = work, .context = context};
    pthread_t *thread = calloc((size_t)threads, sizeof *thread);
    if (!thread || pthread_mutex_init(&pool.lock, NULL) != 0)
        abort();
    int started = 0;
    while (started < threads && pthread_create(&thread[started], NULL, run_worker, &pool) == 0)
        started++;
    if (started == 0)
        run_worker(&pool);
    while (progress && started && done_ratio(&pool) < 1 && !(stop && *stop)) {
        progress(progress_ctx, done_ratio(&pool), what);
        usleep(100000);
    }
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&pool.lock);
    free(thread);
}

/* ---- series ---- */

struct series {
    int anchor; /* index of the case */
    struct verify_anchor found;
};

struct plan {
    struct verify_work work;
    int series_count;
    struct series series[SERIES_MAX];
    int point_count;
    int *point;        /* cases of a series with an anchor, the anchor left out */
    int *point_series; /* by point */
};

static int series_of(const struct plan *plan, const struct verify *v, const char *name)
{
    for (int s = 0; s < plan->series_count && name[0]; s++)
        if (strcmp(v->cases[plan->series[s].anchor].measured.series, name) == 0)
            return s;
    return -1;
}

static void make_plan(struct plan *plan, struct verify *v, const struct verify_options *options)
{
    *plan = (struct plan){.work = {.options = options, .verify = v}};
    plan->point = sim_alloc((size_t)v->count + 1, sizeof *plan->point);
    plan->point_series = sim_alloc((size_t)v->count + 1, sizeof *plan->point_series);
    for (int i = 0; i < v->count; i++)
        if (v->cases[i].measured.anchor && v->cases[i].measured.series[0] &&
            series_of(plan, v, v->cases[i].measured.series) < 0 && plan->series_count < SERIES_MAX)
            plan->series[plan->series_count++] = (struct series){i, {NULL, 1}};
    for (int i = 0; i < v->count; i++) {
        int s = series_of(plan, v, v->cases[i].measured.series);
        if (s >= 0 && plan->series[s].anchor != i) {
            plan->point_series[plan->point_count] = s;
            plan->point[plan->point_count++] = i;
        }
    }
}

static void release_plan(struct plan *plan)
{
    free(plan->point);
    free(plan->point_series);
}

/* Whole predictions that are made in all, at most: twenty steps of a tenth a series, points and ten trials of a third. */
static int prediction_count(const struct plan *plan, const struct verify *v)
{
    int thirds = 3 * v->count + 6 * plan->series_count + plan->point_count;
    for (int i = 0; i < v->count; i++)
        thirds += v->cases[i].maximum == VERIFY_BISECTION ? 10 : 0;
    return thirds / 3 + 1;
}

static void do_blind(void *context, int index)
{
    struct plan *plan = context;
    verify_blind(&plan->work, &plan->work.verify->cases[index]);
}

static void do_fit(void *context, int index)
{
    struct plan *plan = context;
    struct series *s = &plan->series[index];
    s->found = verify_anchor_fit(&plan->work, &plan->work.verify->cases[s->anchor]);
}

static void do_point(void *context, int index)
{
    struct plan *plan = context;
    verify_anchored(&plan->work, &plan->work.verify->cases[plan->point[index]],
                    plan->series[plan->point_series[index]].found);
}

static int thread_count(const struct verify_options *options)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return options->threads > 0 ? options->threads : cores > 0 ? (int)cores : 1;
}

/* Batches a second that a producer makes at most: full ones, or one a linger and partition that it has open. */
static double batch_rate(const struct scenario *s, const struct scenario_producer *p)
{
    double linger_s = fmax((double)p->config.linger_us / 1e6, 5e-4); /* a round trip, about */
    double open =
        p->partitioner == SCENARIO_PARTITIONER_STICKY ? 1 : s->topics[p->topic].partitions;
    double full = p->payload_bytes_per_s_peak / (double)(p->config.batch_size + 1);
    return fmin(p->records_per_s_peak, full + p->clients * open / linger_s);
}

/* Of one prediction, at most its share; what is limited by nothing else takes all of it. */
static double batches_of(const struct verify_case *c, double share)
{
    const struct scenario *s = scenario_base(c->doc);
    double rate = 0, warmup_s = (double)s->run.warmup_ns / 1e9,
           measure_s = (double)s->run.measure_ns / 1e9, measured = VERIFY_MEASURED_SHARE * share;
    for (int p = 0; p < s->producer_count; p++) {
        if (s->producers[p].rate_kind == SCENARIO_RATE_MAX)
            return share;
        rate += batch_rate(s, &s->producers[p]);
    }
    return fmin(share - measured, VERIFY_REPLICATIONS * warmup_s * rate) +
           fmin(measured, VERIFY_REPLICATIONS * measure_s * rate);
}

void verify_forecast(const struct verify *verify, const struct verify_options *options, char *text,
                     size_t size)
{
    struct plan plan;
    struct verify copy = *verify;
    char budget[REPORT_CELL_MAX], need[REPORT_CELL_MAX], time[REPORT_CELL_MAX];
    make_plan(&plan, &copy, options);
    double share = (double)verify->budget / prediction_count(&plan, verify), sum = 0;
    for (int i = 0; i < verify->count; i++)
        sum += batches_of(&verify->cases[i], share);
    for (int i = 0; i < plan.point_count; i++)
        sum += batches_of(&verify->cases[plan.point[i]], share) / 3;
    for (int i = 0; i < plan.series_count; i++)
        sum += 2 * batches_of(&verify->cases[plan.series[i].anchor], share);
    int threads = thread_count(options);
    report_count(budget, (double)verify->budget);
    report_count(need, sum);
    report_duration(time, sum * US_PER_BATCH / 1e6 / threads);
    snprintf(
        text, size,
        "%d case%s, %d series with an anchor: about %s batches (budget %s) in %d threads, some %s",
        verify->count, verify->count == 1 ? "" : "s", plan.series_count, need, budget, threads,
        time);
    release_plan(&plan);
}

int verify_run(struct verify *verify, const struct verify_options *options, struct broker_err *err)
{
    struct plan plan;
    make_plan(&plan, verify, options);
    plan.work.share = verify->budget / (uint64_t)prediction_count(&plan, verify);
    int threads = thread_count(options);
    verify_parallel(verify->count, threads, options->stop, do_blind, &plan, options->progress,
                    options->progress_ctx, "blind");
    verify_parallel(plan.series_count, threads, options->stop, do_fit, &plan, options->progress,
                    options->progress_ctx, "anchors");
    verify_parallel(plan.point_count, threads, options->stop, do_point, &plan, options->progress,
                    options->progress_ctx, "anchored");
    release_plan(&plan);
    if (options->stop && *options->stop)
        return broker_err_set(err, VERIFY_STOPPED, "stopped");
    verify_widen(verify, options);
    if (options->peers)
        verify_null_models(verify);
    return VERIFY_OK;
}
