/* model/answer/replicate.c - see replicate.h. */
#include "model/answer/replicate.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sim/stat.h"

#define SERIES_POINTS 100 /* a figure shows no more */
#define PILOT_POINTS  200 /* MSER-5 looks at means of five: forty of them */
#define PILOT_LENGTHS                                                                              \
    2 /* of the largest warm-up: the cut must lie in the first half to be believed */
#define LEVEL         0.95
/* What the warm-up is for: a difference of 2 % or less disturbs no answer, one within two standard errors is noise. */
#define BIAS_RATIO    0.02
#define BIAS_ERRORS   2
/* Whatever the pilot finds: sessions, first batches and first fetches are over by then. */
#define WARMUP_MIN_NS INT64_C(1000000000)
#define PIECE_MIN_NS  INT64_C(1000000) /* some batches of the fastest clients */
#define LOOK_AHEAD                                                                                 \
    2 /* replications by which a precision must still hold (Hoad and others, see sim/stat.h) */

struct job {
    const struct scenario_doc *doc;
    int variant;
    const struct model_profile *profile;
    const struct replicate_options *options;
    int64_t warmup_ns;
    uint32_t limit; /* replications to start at most */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t next;     /* to start */
    uint32_t finished; /* of any number */
    bool enough;
    int status;
    uint32_t failed_number;
    struct broker_err err;
    struct outcome **outcomes; /* [limit] */
};

int64_t replicate_tick_ns(int64_t measure_ns)
{
    int64_t tick_ns = measure_ns / SERIES_POINTS;
    return tick_ns > 0 ? tick_ns : 1;
}

static bool stopping(const struct replicate_options *options)
{
    return options->stop && *options->stop;
}

static bool spent(struct cluster *cluster, uint64_t batches_max)
{
    return batches_max > 0 && cluster_batches(cluster) >= batches_max;
}

/* A replication is run in pieces, so that a signal does not wait for its end, nor a budget; a piece is the least that is measured. */
static bool run_to(struct cluster *cluster, int64_t end_ns, const struct replicate_options *options,
                   uint64_t batches_max, int64_t piece_ns)
{
    while (cluster_now_ns(cluster) < end_ns && !stopping(options)) {
        int64_t next_ns = cluster_now_ns(cluster) + piece_ns;
        cluster_run_until(cluster, next_ns < end_ns ? next_ns : end_ns);
        if (spent(cluster, batches_max))
            break;
    }
    return !stopping(options);
}

void replicate_apply(const struct replicate_options *options, struct scenario *scenario)
{
    if (options->brokers > 0)
        scenario->cluster.brokers = options->brokers;
    if (options->state)
        horizon_state_apply(options->state, scenario);
}

/* A limit is met as nearly as this part of it, also where few batches are asked of many a second. */
#define BUDGET_PIECES 10

/* The length of a tick, or shorter where a tick of what was seen so far would take more than a piece of the budget. */
static int64_t piece_of(const struct cluster *cluster, int64_t tick_ns, uint64_t batches_max)
{
    double seen = (double)cluster_batches(cluster), now_ns = (double)cluster_now_ns(cluster);
    double budget_ns = (double)batches_max / BUDGET_PIECES * now_ns / fmax(seen, 1);
    if (seen == 0 || budget_ns >= (double)tick_ns)
        return tick_ns;
    return budget_ns > (double)PIECE_MIN_NS ? (int64_t)budget_ns : PIECE_MIN_NS;
}

static struct outcome *run_cluster(const struct job *job, struct cluster *cluster)
{
    const struct replicate_options *o = job->options;
    int64_t tick_ns = replicate_tick_ns(o->measure_ns), warmup_ns = job->warmup_ns;
    uint64_t limit = o->warmup_batches_max;
    if (!run_to(cluster, warmup_ns, o, limit, limit ? PIECE_MIN_NS : tick_ns))
        return NULL;
    int64_t from_ns = cluster_now_ns(cluster);
    int64_t piece_ns = limit ? piece_of(cluster, tick_ns, o->batches_max) : tick_ns;
    cluster_reset_seen(cluster);
    if (!run_to(cluster, from_ns + o->measure_ns, o, o->batches_max, piece_ns))
        return NULL;
    struct outcome *outcome = outcome_new(cluster);
    outcome->warmup_cut = from_ns < warmup_ns;
    return outcome;
}

static int run_one(struct job *job, uint32_t number, struct outcome **outcome,
                   struct broker_err *err)
{
    const struct replicate_options *o = job->options;
    struct scenario *scenario = scenario_sample(job->doc, job->variant, o->seed, number);
    if (!scenario)
        return broker_err_set(err, BROKER_EREFUSED,
                              "replication %u: the inputs that were drawn contradict each other",
                              number);
    replicate_apply(o, scenario);
    struct cluster_options options = {.seed = o->seed,
                                      .replication = number,
                                      .tick_ns = replicate_tick_ns(o->measure_ns),
                                      .length_ns = job->warmup_ns + o->measure_ns};
    struct cluster *cluster;
    int status = cluster_new(scenario, job->profile, &options, &cluster, err);
    if (status != BROKER_OK) {
        status = broker_err_wrap(err, status, "replication %u", number);
    } else {
        *outcome = run_cluster(job, cluster);
        cluster_free(cluster);
    }
    scenario_free(scenario);
    return status;
}

/* ---- warm-up ---- */

/* Mean and its standard error, by means of ten points: neighbours are alike. */
static void mean_of(const double *series, size_t count, double *mean, double *error)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    for (size_t i = 0; i + 10 <= count; i += 10) {
        double sum = 0;
        for (size_t k = 0; k < 10; k++)
            sum += series[i + k];
        sim_tally_add(&tally, sum / 10);
    }
    *mean = tally.mean;
    *error = tally.count > 1 ? sim_tally_sd(&tally) / sqrt((double)tally.count) : 0;
}

/* MSER-5 minimises a variance and cuts noise, too: a cut only counts where what it drops differs from the rest by more than noise. */
static bool is_biased(const double *series, size_t cut, size_t count)
{
    double head, head_error, rest, rest_error;
    mean_of(series, cut, &head, &head_error);
    mean_of(series + cut, count - cut, &rest, &rest_error);
    double difference = fabs(head - rest);
    return difference > BIAS_RATIO * fabs(rest) &&
           difference > BIAS_ERRORS * hypot(head_error, rest_error);
}

static size_t cut_of(const double *series, uint32_t count, bool *too_short)
{
    double *known = calloc(count + 1, sizeof *known);
    assert(known);
    double last = 0;
    for (uint32_t i = 0; i < count; i++)
        known[i] = last = isnan(series[i]) ? last : series[i];
    struct sim_warmup warmup = sim_mser5(known, count);
    size_t cut = warmup.cut >= 10 && is_biased(known, warmup.cut, count) ? warmup.cut
                 : warmup.cut < 10                                       ? warmup.cut
                                                                         : 0;
    *too_short |= warmup.too_short && cut > 0;
    free(known);
    return cut;
}

static size_t pilot_cut(struct cluster *cluster, bool *too_short)
{
    const struct cluster_seen *seen = cluster_seen(cluster);
    size_t cut = 0;
    for (uint32_t p = 0; p < seen->producer_count; p++) {
        size_t one = cut_of(seen->producers[p].latency.mean_ns, seen->tick_count, too_short);
        cut = one > cut ? one : cut;
    }
    for (uint32_t g = 0; g < seen->group_count; g++) {
        size_t one = cut_of(seen->groups[g].latency.mean_ns, seen->tick_count, too_short);
        cut = one > cut ? one : cut;
    }
    return cut;
}

/* The pilot is replication UINT32_MAX: its draws are nobody else's. */
static int find_warmup(struct job *job, bool *too_short)
{
    const struct replicate_options *o = job->options;
    int64_t length_ns = PILOT_LENGTHS * o->warmup_ns;
    struct scenario *scenario = scenario_sample(job->doc, job->variant, o->seed, UINT32_MAX);
    if (!scenario)
        return broker_err_set(&job->err, BROKER_EREFUSED,
                              "the inputs that were drawn contradict each other");
    replicate_apply(o, scenario);
    struct cluster_options options = {.seed = o->seed,
                                      .replication = UINT32_MAX,
                                      .tick_ns = length_ns / PILOT_POINTS,
                                      .length_ns = length_ns};
    struct cluster *cluster;
    int status = cluster_new(scenario, job->profile, &options, &cluster, &job->err);
    if (status == BROKER_OK) {
        run_to(cluster, length_ns, o, 0, replicate_tick_ns(o->measure_ns));
        int64_t cut_ns = (int64_t)pilot_cut(cluster, too_short) * options.tick_ns;
        cut_ns = cut_ns > WARMUP_MIN_NS ? cut_ns : WARMUP_MIN_NS;
        job->warmup_ns = cut_ns < o->warmup_ns ? cut_ns : o->warmup_ns;
        cluster_free(cluster);
    }
    scenario_free(scenario);
    return status;
}

/* ---- workers ---- */

static void *work(void *ctx)
{
    struct job *job = ctx;
    pthread_mutex_lock(&job->lock);
    while (job->next < job->limit && !job->enough && job->status == BROKER_OK &&
           !stopping(job->options)) {
        uint32_t number = job->next++;
        pthread_mutex_unlock(&job->lock);
        struct outcome *outcome = NULL;
        struct broker_err err = {0};
        int status = run_one(job, number, &outcome, &err);
        pthread_mutex_lock(&job->lock);
        job->outcomes[number] = outcome;
        job->finished++;
        if (status != BROKER_OK && (job->status == BROKER_OK || number < job->failed_number)) {
            job->status = status;
            job->failed_number = number;
            job->err = err;
        }
        pthread_cond_signal(&job->changed);
    }
    pthread_mutex_unlock(&job->lock);
    return NULL;
}

/* ---- precision ---- */

static double relative_width(const double *values, uint32_t count)
{
    struct sim_interval interval = sim_interval_mean(values, count, LEVEL);
    return sim_interval_relative(&interval);
}

static double metric_of(const struct outcome *outcome, uint32_t metric)
{
    const struct sim_histogram *h =
        metric < outcome->producer_count
            ? &outcome->producers[metric].latency
            : &outcome->groups[metric - outcome->producer_count].end_to_end;
    return (double)sim_histogram_quantile_ns(h, 0.99);
}

/* Replications that the precision needs, out of the first `count`; 0: not enough yet. *widest is at that count, or at all. */
static uint32_t needed(const struct job *job, uint32_t count, double *widest)
{
    const struct replicate_options *o = job->options;
    uint32_t metrics = count ? job->outcomes[0]->producer_count + job->outcomes[0]->group_count : 0;
    double *values = calloc((size_t)metrics * count + 1, sizeof *values);
    const double **rows = calloc(metrics + 1, sizeof *rows);
    assert(values && rows);
    for (uint32_t m = 0; m < metrics; m++) {
        rows[m] = values + (size_t)m * count;
        for (uint32_t i = 0; i < count; i++)
            values[(size_t)m * count + i] = metric_of(job->outcomes[i], m);
    }
    struct sim_stopping rule = {.level = LEVEL,
                                .precision = o->precision,
                                .min = o->replications,
                                .look_ahead = LOOK_AHEAD};
    size_t r = o->precision > 0 ? sim_stopping_decide(&rule, rows, metrics, count) : 0;
    *widest = 0;
    for (uint32_t m = 0; m < metrics; m++)
        *widest = fmax(*widest, relative_width(rows[m], r ? (uint32_t)r : count));
    free(values);
    free(rows);
    return (uint32_t)r;
}

static uint32_t finished_prefix(const struct job *job)
{
    uint32_t count = 0;
    while (count < job->limit && job->outcomes[count])
        count++;
    return count;
}

/* With the lock held: waits for outcomes and decides when there are enough. Returns the count to keep. */
static uint32_t supervise(struct job *job, struct replications *out)
{
    const struct replicate_options *o = job->options;
    for (;;) {
        uint32_t prefix = finished_prefix(job);
        double widest;
        if (o->precision > 0 && prefix >= o->replications) {
            uint32_t r = needed(job, prefix, &widest);
            if (r) {
                job->enough = true;
                out->precision_met = true;
                return r;
            }
        }
        if (job->finished >= job->limit || job->status != BROKER_OK || stopping(o))
            return prefix;
        if (o->progress)
            o->progress(o->progress_ctx, (double)job->finished / job->limit);
        pthread_cond_wait(&job->changed, &job->lock);
    }
}

static void run_all(struct job *job, struct replications *out)
{
    uint32_t threads = job->options->threads ? job->options->threads : 1;
    pthread_t *ids = calloc(threads, sizeof *ids);
    assert(ids);
    pthread_mutex_lock(&job->lock);
    uint32_t started = 0;
    while (started < threads && pthread_create(&ids[started], NULL, work, job) == 0)
        started++;
    assert(started > 0);
    out->count = supervise(job, out);
    pthread_mutex_unlock(&job->lock);
    for (uint32_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    free(ids);
}

int replicate(const struct scenario_doc *doc, int variant, const struct model_profile *profile,
              const struct replicate_options *options, struct replications *out,
              struct broker_err *err)
{
    struct job job = {.doc = doc,
                      .variant = variant,
                      .profile = profile,
                      .options = options,
                      .warmup_ns = options->warmup_ns};
    *out = (struct replications){.precision_reached = NAN};
    job.limit = options->precision > 0 && options->replications_max > options->replications
                    ? options->replications_max
                    : options->replications;
    job.outcomes = calloc(job.limit + 1, sizeof(struct outcome *));
    assert(job.outcomes);
    pthread_mutex_init(&job.lock, NULL);
    pthread_cond_init(&job.changed, NULL);
    if (options->warmup_auto)
        job.status = find_warmup(&job, &out->warmup_too_short);
    if (job.status == BROKER_OK && !stopping(options))
        run_all(&job, out);
    double widest = NAN;
    if (out->count >= 2)
        needed(&job, out->count, &widest);
    out->precision_reached = widest;
    out->stopped = stopping(options);
    out->warmup_ns = job.warmup_ns;
    out->outcomes = job.outcomes;
    for (uint32_t i = out->count; i < job.limit; i++) {
        outcome_free(job.outcomes[i]);
        job.outcomes[i] = NULL;
    }
    pthread_mutex_destroy(&job.lock);
    pthread_cond_destroy(&job.changed);
    if (job.status != BROKER_OK && err)
        *err = job.err;
    return job.status;
}

void replications_release(struct replications *replications)
{
    for (uint32_t i = 0; i < replications->count; i++)
        outcome_free(replications->outcomes[i]);
    free(replications->outcomes);
    *replications = (struct replications){0};
}
