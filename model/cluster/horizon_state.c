/* See horizon_state.h. Groups and credits do not depend on the logs: their state at a moment is found by stepping them again up to it. */
#include "model/cluster/horizon_state.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/cluster/horizon_internal.h"
#include "model/cluster/result_text.h"
#include "sim/memory.h"

static const double NS_DAY = 86400e9;
/*
 * Judgement: a step's rounding is not a lag, a per cent is no higher load, and a disk goes up and down by a part of its segments and of what
 * comes between two checks.
 */
static const double LAG_MIN_S = 60, LOAD_RATIO = 1.01, DISK_RATIO = 1.05;
/* An hour without load still has its clients. */
static const double LOAD_MIN = 1e-6;

/* ---- which moment ---- */

static bool lag_is_worse(const struct horizon_worst *w)
{
    return w->lag_group >= 0 && w->lag_ns > 0 && w->lag_age_s > LAG_MIN_S;
}

static bool disk_is_worse(const struct horizon *h, const struct horizon_worst *w)
{
    const struct horizon_disk *d = &h->disks[w->fullest_broker * h->disks_each + w->fullest_disk];
    return w->fullest_ns > 0 && d->used_max > DISK_RATIO * d->used_start;
}

static void choose_worst(const struct horizon *h, const struct horizon_worst *w,
                         struct horizon_state *state)
{
    if (lag_is_worse(w)) {
        state->why = HORIZON_WHY_LAG;
        state->at_ns = w->lag_ns;
    } else if (w->credit_ns > 0) {
        state->why = HORIZON_WHY_CREDIT;
        state->at_ns = w->credit_ns;
    } else if (h->load_max > LOAD_RATIO) {
        state->why = HORIZON_WHY_LOAD;
        state->at_ns = h->load_max_ns;
    } else if (disk_is_worse(h, w)) {
        state->why = HORIZON_WHY_DISK;
        state->at_ns = w->fullest_ns;
    }
}

/* ---- what was so then ---- */

static bool all_full(const struct horizon *h)
{
    for (int i = 0; i < h->credit_count; i++)
        if (h->credits[i].credit < h->credits[i].most)
            return false;
    return true;
}

/* Of all partitions of a topic, on average over a week of hours that have grown as far as the moment's. */
static double wire_then(const struct horizon *h, int topic, int64_t at_ns)
{
    double sum = 0, factor[MODEL_WEEK_HOURS];
    for (int i = 0; i < h->source_count; i++) {
        const struct scenario_producer *p = h->sources[i].producer;
        double grown = model_growth_factor(p, at_ns);
        if (p->topic != topic)
            continue;
        model_shape_week(p, factor);
        for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
            sum += horizon_source_wire_all_at(&h->sources[i], factor[hour] * grown);
    }
    return sum / MODEL_WEEK_HOURS;
}

/* How far back the logs of a topic reach at the moment: by time at its retention, by size at the rate that the shape has in the mean. */
static double kept_ns(const struct horizon *h, int topic, const struct horizon_state *state)
{
    const struct scenario_topic *t = &h->s->topics[topic];
    double kept = INFINITY, at = (double)state->at_ns;
    if (t->config.retention_ms >= 0)
        kept = (double)t->config.retention_ms * 1e6;
    if (t->config.retention_bytes >= 0) {
        double wire = wire_then(h, topic, state->at_ns) / t->partitions;
        if (wire > 0)
            kept = fmin(kept, (double)t->config.retention_bytes / wire * 1e9);
    }
    return state->was_empty || isinf(kept) ? fmin(kept, at) : kept;
}

static void note_loads(const struct horizon *h, int last_step, struct horizon_state *state)
{
    for (int i = 0; i < h->source_count; i++) {
        state->load[i] = fmax(LOAD_MIN, h->sources[i].moments[last_step].now);
        state->mean[i] =
            fmax(LOAD_MIN, horizon_history(h->sources[i].producer, state->at_ns,
                                           kept_ns(h, h->sources[i].producer->topic, state),
                                           state->history[i]));
    }
}

static void step_again(struct horizon *h, struct horizon_state *state)
{
    for (int k = 0; k < h->steps && h->now_ns < state->at_ns; k++) {
        horizon_groups_step(h, k);
        horizon_credits_step(h, k);
        h->now_ns = h->step_begin_ns[k + 1];
        if (h->now_ns >= state->at_ns)
            note_loads(h, k, state);
    }
}

/* A second horizon without logs, up to the moment. The sources' moments are overwritten: nobody reads them at the end. */
static void replay(const struct horizon *whole, struct horizon_state *state, double *age_s)
{
    struct horizon *h = sim_alloc(1, sizeof *h);
    *h = *whole;
    h->now_ns = 0;
    h->groups = NULL;
    h->credits = NULL;
    h->credit_count = 0;
    horizon_groups_init(h);
    horizon_credits_init(h);
    while (h->now_ns < state->at_ns) {
        horizon_plan_block(h);
        horizon_sources_block(h);
        step_again(h, state);
    }
    for (int g = 0; g < h->group_count; g++) {
        state->lag_records[g] = h->groups[g].lag;
        age_s[g] = h->groups[g].age_s;
    }
    state->credits_full = all_full(h);
    horizon_groups_free(h);
    free(h->credits);
    free(h);
}

/*
 * What is worst of one thing may be an hour of little load, or after a lag was read: a run from there would say that it fits where the
 * plain one, at the stated peak, says that it does not.
 */
static void not_milder_than_the_start(const struct horizon *h, struct horizon_state *state)
{
    for (int i = 0; i < h->source_count; i++)
        state->load[i] = fmax(state->load[i], 1);
    for (int g = 0; g < h->group_count; g++) {
        state->lag_raised |= h->groups[g].lag_start >= state->lag_records[g] + 1;
        state->lag_records[g] = fmax(state->lag_records[g], h->groups[g].lag_start);
    }
    state->credits_full = state->credits_full && h->s->start.credits == SCENARIO_FULL;
}

/* ---- in words ---- */

static double load_ratio(const struct horizon *h, const struct horizon_state *state)
{
    double then = 0, peak = 0;
    for (int i = 0; i < h->source_count; i++) {
        double bytes = h->sources[i].producer->payload_bytes_per_s_peak;
        then += bytes * state->load[i];
        peak += bytes;
    }
    return peak > 0 ? then / peak : 1;
}

static void reason_text(const struct horizon *h, const struct horizon_worst *w,
                        const struct horizon_state *state, const double *age_s, char *text,
                        size_t size)
{
    char age[32], lost[64] = "";
    const struct horizon_disk *d;
    switch (state->why) {
    case HORIZON_WHY_LAG:
        result_duration_text(age, age_s[w->lag_group]);
        if (h->groups[w->lag_group].lost >= 1)
            snprintf(lost, sizeof lost, "; %.3g are deleted unread by the end",
                     h->groups[w->lag_group].lost);
        snprintf(text, size, "deepest lag of %s, %.3g records, the oldest of them %s old%s",
                 h->groups[w->lag_group].group->name, state->lag_records[w->lag_group], age, lost);
        break;
    case HORIZON_WHY_CREDIT:
        snprintf(text, size, "%s runs out of burst credits, the first to do so", w->credit);
        break;
    case HORIZON_WHY_LOAD:
        snprintf(text, size, "highest load");
        break;
    case HORIZON_WHY_DISK:
        d = &h->disks[w->fullest_broker * h->disks_each + w->fullest_disk];
        snprintf(text, size, "fullest disk, %d of broker %d, %.0f %% full", w->fullest_disk + 1,
                 w->fullest_broker + 1, d->used_max / d->capacity * 100);
        break;
    default:
        snprintf(text, size, "as asked");
    }
}

/* What the run takes instead of what was so then. */
static const char *raised_text(const struct horizon *h, const struct horizon_state *state,
                               double load_then)
{
    bool load = load_ratio(h, state) > LOAD_RATIO * load_then;
    if (load && state->lag_raised)
        return " then, the run takes the peak and the lag of the start";
    if (load)
        return " then, the run takes the peak";
    return state->lag_raised ? ", with the lag of the start" : "";
}

static void describe(const struct horizon *h, enum horizon_at at, const struct horizon_worst *w,
                     const double *age_s, double load_then, struct horizon_state *state)
{
    char reason[250];
    int64_t minute = state->at_ns / 60000000000;
    if (state->why == HORIZON_WHY_START && at == HORIZON_AT_DAY) {
        snprintf(state->text, sizeof state->text, "the start: as asked");
        return;
    }
    if (state->why == HORIZON_WHY_START) {
        snprintf(state->text, sizeof state->text,
                 "the start: the %.3g days that follow bring no deeper lag, no credits that run "
                 "empty, no higher load and no fuller disk",
                 (double)h->length_ns / NS_DAY);
        return;
    }
    reason_text(h, w, state, age_s, reason, sizeof reason);
    snprintf(state->text, sizeof state->text,
             "day %d, %02d:%02d: %s; load %.2f of the stated peak%s%s", (int)(minute / 1440),
             (int)(minute / 60 % 24), (int)(minute % 60), reason, load_then,
             raised_text(h, state, load_then),
             h->credit_count == 0  ? ""
             : state->credits_full ? "; burst credits are full"
                                   : "; burst credits count as empty");
}

/* ---- */

struct horizon_state *horizon_state_new(struct horizon *h, enum horizon_at at, double day)
{
    struct horizon_state *state = sim_alloc(1, sizeof *state);
    struct horizon_worst worst;
    double *age_s = sim_alloc((size_t)h->group_count, sizeof *age_s);
    assert(h->now_ns >= h->length_ns);
    state->producers = h->source_count;
    state->groups = h->group_count;
    state->load = sim_alloc((size_t)h->source_count, sizeof *state->load);
    state->mean = sim_alloc((size_t)h->source_count, sizeof *state->mean);
    state->history = sim_alloc((size_t)h->source_count, sizeof *state->history);
    state->lag_records = sim_alloc((size_t)h->group_count, sizeof *state->lag_records);
    state->was_empty = h->s->start.logs == SCENARIO_EMPTY;
    horizon_worst(h, &worst);
    if (at == HORIZON_AT_WORST)
        choose_worst(h, &worst, state);
    if (at == HORIZON_AT_DAY && day > 0) {
        assert(day * NS_DAY <= (double)h->length_ns);
        state->why = HORIZON_WHY_ASKED;
        state->at_ns = (int64_t)(day * NS_DAY);
    }
    if (state->why != HORIZON_WHY_START)
        replay(h, state, age_s);
    double load_then = load_ratio(h, state);
    if (at == HORIZON_AT_WORST)
        not_milder_than_the_start(h, state);
    describe(h, at, &worst, age_s, load_then, state);
    free(age_s);
    return state;
}

void horizon_state_free(struct horizon_state *state)
{
    if (!state)
        return;
    free(state->load);
    free(state->mean);
    free(state->history);
    free(state->lag_records);
    free(state);
}

/* The series keep the fullest of each stretch, which may be half a day of a year: the logs are followed again, and no further than that. */
static int fill_moment(const struct scenario *s, const struct model_profile *profile,
                       const struct model_placement *placement, int64_t at_ns,
                       const volatile sig_atomic_t *stop, struct result *result,
                       struct broker_err *err)
{
    struct scenario until = *s;
    struct horizon *h;
    if (at_ns == 0)
        return BROKER_OK; /* so the disks begin */
    until.horizon.length_ns = at_ns;
    int rc = horizon_follow(&until, profile, placement, stop, &h, err);
    for (uint32_t i = 0; rc == BROKER_OK && i < result->disk_count; i++)
        result->disks[i].used_moment_bytes = (uint64_t)h->disks[i].used;
    horizon_free(h);
    return rc;
}

int horizon_fill_at(const struct scenario *s, const struct model_profile *profile,
                    enum horizon_at at, double day, const volatile sig_atomic_t *stop,
                    struct result *result, struct horizon_state **state, struct broker_err *err)
{
    struct model_placement *placement = model_placement_new(s, s->run.seed);
    struct horizon *h;
    *state = NULL;
    int rc = horizon_follow(s, profile, placement, stop, &h, err);
    if (rc == BROKER_OK) {
        horizon_fill_result(h, result);
        *state = horizon_state_new(h, at, day);
    }
    horizon_free(h); /* before there is another */
    if (rc == BROKER_OK)
        rc = fill_moment(s, profile, placement, (*state)->at_ns, stop, result, err);
    model_placement_free(placement);
    return rc;
}

/* The run comes at the load; the shape is what its logs came from, and its mean is brought to the stated one wherever it is used. */
static void set_load(struct scenario_producer *p, double load, double mean,
                     const double history[HORIZON_HISTORY])
{
    if (p->rate_kind == SCENARIO_RATE_MAX || p->arrivals.kind == SCENARIO_ARRIVALS_TRACE)
        return;
    p->rate_mean = p->rate_peak * mean;
    p->payload_bytes_per_s_mean = p->payload_bytes_per_s_peak * mean;
    p->records_per_s_mean = p->records_per_s_peak * mean;
    p->rate_peak *= load;
    p->payload_bytes_per_s_peak *= load;
    p->records_per_s_peak *= load;
    for (int k = 0; k < HORIZON_HISTORY; k++)
        p->daily[k] = history[k];
    for (int d = 0; d < 7; d++)
        p->weekly[d] = 1;
    p->growth_ratio = 0;
    _Static_assert(HORIZON_HISTORY == sizeof p->daily / sizeof *p->daily, "a day's hours");
}

void horizon_state_apply(const struct horizon_state *state, struct scenario *s)
{
    assert(state->producers == s->producer_count && state->groups == s->group_count);
    if (state->why == HORIZON_WHY_START)
        return;
    for (int i = 0; i < s->producer_count; i++)
        set_load(&s->producers[i], state->load[i], state->mean[i], state->history[i]);
    for (int g = 0; g < s->group_count; g++) {
        s->groups[g].lag = state->lag_records[g];
        s->groups[g].lag_kind =
            state->lag_records[g] >= 1 ? SCENARIO_LAG_RECORDS : SCENARIO_LAG_NONE;
    }
    s->start.credits = state->credits_full ? SCENARIO_FULL : SCENARIO_EMPTY;
    s->start.logs = SCENARIO_FULL;
    s->start.history_ns = state->at_ns;
    s->start.history_only = state->was_empty;
}
