/* See horizon.h. */
#include "model/cluster/horizon_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

int horizon_new(const struct scenario *s, const struct model_profile *profile,
                const struct model_placement *placement, struct horizon **horizon,
                struct broker_err *err)
{
    struct horizon *h = *horizon = sim_alloc(1, sizeof *h);
    h->share = model_machine_share(s);
    h->s = &h->share;
    h->profile = profile;
    h->placement = placement;
    h->brokers = model_placement_broker_count(placement);
    h->disks_each = model_placement_disk_count(placement);
    h->length_ns = s->horizon.length_ns;
    h->step_ns = s->horizon.step_ns < h->length_ns ? s->horizon.step_ns : h->length_ns;
    assert(h->step_ns > 0);
    horizon_sources_init(h);
    int rc = horizon_logs_init(h, err);
    if (rc != BROKER_OK)
        return rc;
    horizon_nodes_init(h);
    horizon_groups_init(h);
    horizon_credits_init(h);
    return BROKER_OK;
}

void horizon_free(struct horizon *h)
{
    if (!h)
        return;
    horizon_groups_free(h);
    horizon_nodes_free(h);
    horizon_logs_free(h);
    horizon_sources_free(h);
    free(h->credits);
    free(h);
}

void horizon_plan_block(struct horizon *h)
{
    h->steps = 0;
    h->step_begin_ns[0] = h->now_ns;
    while (h->steps < HORIZON_BLOCK && h->step_begin_ns[h->steps] < h->length_ns) {
        int64_t end = h->step_begin_ns[h->steps] + h->step_ns;
        h->step_begin_ns[++h->steps] = end < h->length_ns ? end : h->length_ns;
    }
}

static void note_load(struct horizon *h, int step)
{
    double load = 0, peak = 0;
    for (int i = 0; i < h->source_count; i++) {
        double bytes = h->sources[i].producer->payload_bytes_per_s_peak;
        load += bytes * h->sources[i].moments[step].now;
        peak += bytes;
    }
    if (load <= h->load_max * peak)
        return;
    h->load_max = load / peak;
    h->load_max_ns = h->step_begin_ns[step + 1];
}

int horizon_advance(struct horizon *h, bool *done, struct broker_err *err)
{
    horizon_plan_block(h);
    horizon_sources_block(h);
    int rc = horizon_logs_block(h, err);
    if (rc != BROKER_OK)
        return rc;
    horizon_disks_block(h);
    for (int step = 0; step < h->steps; step++) {
        horizon_groups_step(h, step);
        horizon_credits_step(h, step);
        note_load(h, step);
    }
    h->now_ns = h->step_begin_ns[h->steps];
    *done = h->now_ns >= h->length_ns;
    return BROKER_OK;
}

int64_t horizon_now_ns(const struct horizon *h)
{
    return h->now_ns;
}

uint32_t horizon_log_count(const struct horizon *h)
{
    return (uint32_t)h->log_count;
}

void horizon_worst(const struct horizon *h, struct horizon_worst *w)
{
    *w = (struct horizon_worst){
        .fullest_ns = -1, .lag_ns = -1, .lag_group = -1, .credit_ns = -1, .credit = ""};
    double fullest = -1, deepest = 0;
    for (int i = 0; i < h->brokers * h->disks_each; i++)
        if (h->disks[i].used_max > fullest) {
            fullest = h->disks[i].used_max;
            w->fullest_ns = h->disks[i].max_ns;
            w->fullest_broker = i / h->disks_each;
            w->fullest_disk = i % h->disks_each;
        }
    for (int g = 0; g < h->group_count; g++)
        if (h->groups[g].lag_max > h->groups[g].lag_start && h->groups[g].age_max_s > deepest) {
            deepest = h->groups[g].age_max_s;
            w->lag_group = g;
            w->lag_ns = h->groups[g].max_ns;
            w->lag_age_s = deepest;
        }
    for (int i = 0; i < h->credit_count; i++)
        if (h->credits[i].empty_ns >= 0 &&
            (w->credit_ns < 0 || h->credits[i].empty_ns < w->credit_ns)) {
            w->credit_ns = h->credits[i].empty_ns;
            w->credit = h->credits[i].name;
        }
}

int horizon_follow(const struct scenario *s, const struct model_profile *profile,
                   const struct model_placement *placement, const volatile sig_atomic_t *stop,
                   struct horizon **h, struct broker_err *err)
{
    bool done = false;
    int rc = horizon_new(s, profile, placement, h, err);
    while (rc == BROKER_OK && !done)
        rc = stop && *stop ? broker_err_set(err, BROKER_EREFUSED, "stopped")
                           : horizon_advance(*h, &done, err);
    return rc;
}

int horizon_fill(const struct scenario *s, const struct model_profile *profile,
                 struct result *result, const volatile sig_atomic_t *stop, struct broker_err *err)
{
    struct model_placement *placement = model_placement_new(s, s->run.seed);
    struct horizon *h;
    int rc = horizon_follow(s, profile, placement, stop, &h, err);
    if (rc == BROKER_OK)
        horizon_fill_result(h, result);
    horizon_free(h);
    model_placement_free(placement);
    return rc;
}
