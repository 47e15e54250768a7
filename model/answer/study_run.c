/* model/answer/study_run.c - one variant, sized, through its replications and its horizon to the verdict. */
#include "model/answer/study_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/fill.h"
#include "model/answer/max_rate.h"
#include "model/answer/rank.h"
#include "model/cluster/horizon_state.h"

static void report_progress(void *ctx, double done_ratio)
{
    struct study *study = ctx;
    const struct study_options *o = study->options;
    if (o->progress)
        o->progress(o->progress_ctx, (study->done + done_ratio) / (study->variant_count + 1),
                    study->what);
}

static struct replicate_options replicate_options(struct study *study, const struct scenario *s,
                                                  int brokers)
{
    const struct study_options *o = study->options;
    return (struct replicate_options){
        .seed = study_seed(o, s),
        .brokers = brokers,
        .replications = study_replications(o, s),
        .replications_max = (uint32_t)s->run.replications_max,
        .precision = study_precision(o, s),
        .measure_ns = study_measure_ns(o, s),
        .warmup_ns = s->run.warmup_ns,
        .warmup_auto = s->run.warmup_auto,
        .threads = study_threads(o),
        .stop = o->stop,
        .progress = report_progress,
        .progress_ctx = study,
    };
}

static void fill_run(struct fill *fill, const struct replicate_options *o)
{
    const struct replications *reps = fill->replications;
    struct result_run *run = &fill->result->run;
    run->seed = o->seed;
    run->replications = reps->count;
    run->complete = !reps->stopped;
    run->measured_s = (double)o->measure_ns / 1e9;
    run->warmup_s = (double)reps->warmup_ns / 1e9;
    run->precision = o->precision;
    run->precision_reached = reps->precision_reached;
    run->precision_met = reps->precision_met;
    for (uint32_t r = 0; r < reps->count; r++) {
        run->batches += reps->outcomes[r]->batches;
        run->requests += reps->outcomes[r]->requests;
        run->events += reps->outcomes[r]->events;
        run->fingerprint = sim_hash_step(run->fingerprint, reps->outcomes[r]->fingerprint);
    }
}

static int study_status_of(int broker_status)
{
    return broker_status == BROKER_OK      ? STUDY_OK
           : broker_status == BROKER_EIO   ? STUDY_EIO
           : broker_status == BROKER_EFULL ? STUDY_ELIMIT
                                           : STUDY_EINVALID;
}

/* What was reached of what disks carry in the long run: beyond 1 (and a run's noise) memory or credits took the rest, which ends. */
static double beyond_disks(struct result *result, const char *names, double reached)
{
    const struct result_bound *disks = result_bound_of(result, "max by disk bandwidth");
    if (!disks || reached <= 1.02 * disks->capacity)
        return 1;
    result_warn(
        result,
        result_format(result,
                      "%s reached %.4g MB/s while memory or credits took what the disks do not "
                      "write for ever: they carry %.4g MB/s",
                      names, reached / 1e6, disks->capacity / 1e6),
        "plan with that; a longer run.measure comes near it");
    return reached / disks->capacity;
}

/* Producers at `rate: max` go on over the horizon at the rate that they reached in the run, or at what their disks carry. */
static int horizon_at_reached(struct fill *fill, const struct replicate_options *o,
                              struct broker_err *err)
{
    const struct scenario *s = fill->scenario;
    struct result *result = fill->result;
    double *rates = result_alloc(result, (size_t)s->producer_count, sizeof *rates), sum = 0;
    for (int p = 0; p < s->producer_count; p++) {
        const struct result_estimate *reached = &result->flows[p].bytes_per_s;
        rates[p] = reached->known ? reached->value : 0;
        sum += s->producers[p].rate_kind == SCENARIO_RATE_MAX ? rates[p] : 0;
    }
    const char *names = max_rate_names(s, result);
    double beyond = beyond_disks(result, names, sum);
    for (int p = 0; p < s->producer_count; p++)
        rates[p] /= beyond;
    result_warn(result,
                result_format(result,
                              "disks, credits and lag over the horizon assume that %s goes on at "
                              "%s%.4g MB/s%s",
                              names, beyond > 1 ? "these " : "the ", sum / beyond / 1e6,
                              beyond > 1 ? "" : " that the run reached"),
                "state the rate that is expected day by day");
    return study_status_of(
        horizon_fill(max_rate_assume(s, rates, result), fill->profile, result, o->stop, err));
}

static int fill_all(struct fill *fill, const struct replicate_options *o, struct broker_err *err)
{
    fill_run(fill, o);
    fill_latencies(fill);
    fill_parts(fill);
    fill_flows(fill);
    int status = max_rate_any(fill->scenario) ? horizon_at_reached(fill, o, err) : STUDY_OK;
    if (status != STUDY_OK)
        return status;
    fill_resources(fill);
    fill_series(fill);
    fill_rares(fill);
    fill_trusts(fill);
    fill_slos(fill);
    fill_verdict(fill);
    fill_warnings(fill);
    return STUDY_OK;
}

/* ---- the horizon, beside the run where there are threads: until it has ended it alone writes to the result ---- */

struct beside {
    const struct scenario *scenario;
    const struct model_profile *profile;
    struct result *result;
    const volatile sig_atomic_t *stop;
    pthread_t thread;
    bool threaded;
    int status; /* of the broker's */
    struct broker_err err;
};

static void *look_ahead(void *ctx)
{
    struct beside *beside = ctx;
    beside->status =
        horizon_fill(beside->scenario, beside->profile, beside->result, beside->stop, &beside->err);
    return NULL;
}

static void horizon_begin(struct beside *beside, uint32_t threads)
{
    beside->threaded =
        threads > 1 && pthread_create(&beside->thread, NULL, look_ahead, beside) == 0;
    if (!beside->threaded)
        look_ahead(beside);
}

static int horizon_end(struct beside *beside, struct broker_err *err)
{
    if (beside->threaded)
        pthread_join(beside->thread, NULL);
    beside->threaded = false;
    if (beside->status != BROKER_OK && err)
        *err = beside->err;
    return study_status_of(beside->status);
}

static int replicated(struct study *study, int variant, const struct model_profile *profile,
                      const struct replicate_options *o, struct replications *reps,
                      struct broker_err *err)
{
    int status = study_status_of(replicate(study->doc, variant, profile, o, reps, err));
    if (status == STUDY_OK && reps->stopped)
        status = broker_err_set(err, STUDY_STOPPED, "stopped");
    return status;
}

static int simulate(struct study *study, int variant, const struct scenario *settled,
                    const struct model_profile *profile, const struct horizon_state *state,
                    struct result *result, struct broker_err *err)
{
    struct replicate_options o = replicate_options(study, settled, settled->cluster.brokers);
    o.state = state;
    struct replications reps = {0};
    struct beside beside = {
        .scenario = settled, .profile = profile, .result = result, .stop = o.stop};
    if (!state && !max_rate_any(settled)) /* else it is known already, or once the rate is */
        horizon_begin(&beside, o.threads);
    int status = beside.status == BROKER_OK || beside.threaded
                     ? replicated(study, variant, profile, &o, &reps, err)
                     : STUDY_OK;
    int ahead = horizon_end(&beside, err);
    if (o.stop && *o.stop)
        status = broker_err_set(err, STUDY_STOPPED, "stopped");
    else
        status = ahead != STUDY_OK ? ahead : status;
    if (status == STUDY_OK) {
        struct fill fill;
        result->study = "steady";
        fill_init(&fill, result, settled, profile, &reps);
        fill.drawn = scenario_input_count(study->doc, variant) > 0;
        status = fill_all(&fill, &o, err);
        fill_release(&fill);
        if (status == STUDY_OK && variant < 0 && result->verdict != RESULT_UNSTABLE)
            status = study_status_of(
                rank_inputs(study->doc, variant, profile, &o, reps.warmup_ns, result, err));
    }
    replications_release(&reps);
    return status;
}

static void *copy_of(const void *items, size_t size)
{
    void *copy = malloc(size + 1);
    assert(copy);
    return memcpy(copy, items, size);
}

/* The replications' scenario as it is at the moment, for those who judge what they measured. */
static int simulate_from(struct study *study, int variant, const struct scenario *settled,
                         const struct model_profile *profile, const struct horizon_state *state,
                         struct result *result, struct broker_err *err)
{
    struct scenario then = *settled;
    then.producers =
        copy_of(settled->producers, (size_t)settled->producer_count * sizeof *then.producers);
    then.groups = copy_of(settled->groups, (size_t)settled->group_count * sizeof *then.groups);
    horizon_state_apply(state, &then);
    int status = simulate(study, variant, &then, profile, state, result, err);
    free(then.producers);
    free(then.groups);
    return status;
}

int study_simulate(struct study *study, int variant, const struct scenario *settled,
                   const struct model_profile *profile, struct result *result,
                   struct broker_err *err)
{
    const struct study_options *o = study->options;
    struct horizon_state *state;
    if (o->at == HORIZON_AT_START)
        return simulate(study, variant, settled, profile, NULL, result, err);
    int status = study_status_of(
        horizon_fill_at(settled, profile, o->at, o->at_day, o->stop, result, &state, err));
    if (o->stop && *o->stop)
        status = broker_err_set(err, STUDY_STOPPED, "stopped");
    if (status == STUDY_OK) {
        result->moment = result_string(result, state->text);
        result->moment_day = (double)state->at_ns / STUDY_NS_DAY;
    }
    if (status == STUDY_OK)
        status = simulate_from(study, variant, settled, profile, state, result, err);
    horizon_state_free(state);
    return status;
}
