/* See size.h: one row of the answer per resource, the sentence that explains it, and the verdict. */
#include "model/answer/size.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/against.h"
#include "model/answer/max_rate.h"
#include "model/answer/size_formula.h"
#include "model/answer/size_internal.h"

static const char *unit_of(enum size_dim dim)
{
    static const char *const units[SIZE_DIMS] = {"vCPU",    "bytes/s", "bytes/s", "bytes/s",
                                                 "bytes/s", "bytes",   "threads", "threads",
                                                 "threads", "replicas"};
    return units[dim];
}

static double mb(double bytes)
{
    return bytes / 1e6;
}

bool size_load_unknown(const struct scenario *s)
{
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].rate_kind != SCENARIO_RATE_MAX)
            return false;
    return s->producer_count > 0;
}

/* ---- rows ---- */

static void fill_bound(struct size_answer *a, enum size_dim dim)
{
    const struct size_use *u = &a->now[dim];
    double limit = size_limit(a->s, dim);
    if (u->broker < 0 || (dim == SIZE_REPLICA_FETCHERS && u->demand == 0))
        return; /* nothing is replicated */
    if (size_load_unknown(a->s) && dim != SIZE_PARTITIONS)
        return;
    struct result_bound *b = RESULT_ADD(a->r, bounds, bound_count);
    b->resource = size_dim_name(dim);
    b->formula = size_explain(a, dim);
    b->demand = u->demand;
    b->capacity = u->capacity > 0 ? u->capacity * limit : NAN;
    b->unit = unit_of(dim);
    b->utilisation = size_ratio(u);
    b->utilisation_survive =
        a->survive && a->lost[dim].broker >= 0 ? size_ratio(&a->lost[dim]) : NAN;
    b->brokers_needed = a->counts.needed[dim];
}

static double broker_writes(const struct size_answer *a, int broker)
{
    double sum = 0;
    for (int d = 0; d < a->plan->disks; d++)
        sum += a->state.disk[broker * a->plan->disks + d].write_bytes;
    return sum;
}

static void fill_page_cache(struct size_answer *a)
{
    double cache = size_page_cache_bytes(a->s), most = 0, cold = 0;
    int at = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        double fill = broker_writes(a, b) + a->state.load[b].cold_bytes;
        if (fill > most) {
            most = fill;
            cold = a->state.load[b].cold_bytes;
            at = b;
        }
    }
    if (most <= 0 || size_load_unknown(a->s))
        return;
    struct result_bound *b = RESULT_ADD(a->r, bounds, bound_count);
    double held = size_cache_s(cache, most);
    b->resource = "page cache";
    b->formula = result_format(a->r,
                               "broker %d: (%.4g GB of memory - %.4g heap - %.4g reserved) = %.4g "
                               "GB, filled at %.4g MB/s by "
                               "writes + %.4g by cold reads: holds the last %s",
                               at + 1, (double)a->s->cluster.machine.ram_bytes / 1e9,
                               (double)a->s->cluster.heap_bytes / 1e9,
                               (double)a->s->cluster.reserved_bytes / 1e9, cache / 1e9,
                               mb(most - cold), mb(cold), result_duration(a->r, held));
    b->demand = 0;
    b->capacity = held;
    b->unit = "s";
    b->utilisation = NAN;
    b->utilisation_survive = NAN;
}

double size_use_of_limit(const struct scenario *s, enum size_dim dim, const struct size_use *now,
                         const struct size_use *lost, bool *is_lost)
{
    double whole = now->broker < 0 ? NAN : size_ratio(now);
    double left = lost->broker < 0 ? NAN : size_ratio(lost);
    *is_lost = left > whole * (1 + 1e-9) || isnan(whole); /* beyond a rounding */
    return fmax(whole, left) / size_limit(s, dim);
}

static void find_binding(struct size_answer *a)
{
    a->worst = -1;
    a->worst_use = 0;
    for (int d = 0; d < SIZE_DIMS; d++) {
        bool lost;
        double use = size_use_of_limit(a->s, (enum size_dim)d, &a->now[d], &a->lost[d], &lost);
        if (use > a->worst_use) {
            a->worst = d;
            a->worst_use = use;
            a->worst_lost = lost;
        }
    }
}

/* ---- verdict ---- */

/* acks=all needs min.insync.replicas alive, and all others one. Returns the topic that has too few, -1 if none. */
static int too_few_in_sync(const struct size_answer *a)
{
    for (int i = 0; a->survive && i < a->s->producer_count; i++) {
        const struct scenario_producer *p = &a->s->producers[i];
        int least = p->config.acks == -1 ? a->s->topics[p->topic].config.min_insync_replicas : 1;
        if (a->live[p->topic] < least)
            return p->topic;
    }
    return -1;
}

/* The client's row that is nearest to its limit, or furthest beyond it; NULL when there is none. */
static const struct result_bound *busiest_client(const struct size_answer *a)
{
    const struct result_bound *worst = NULL;
    for (uint32_t i = 0; i < a->r->bound_count; i++) {
        const struct result_bound *b = &a->r->bounds[i];
        if (strncmp(b->resource, "client ", 7) != 0 || !(b->capacity > 0))
            continue;
        if (!worst || b->demand / b->capacity > worst->demand / worst->capacity)
            worst = b;
    }
    return worst;
}

/* Whether all holds with what `survive` names lost; UNDECIDED when nothing is asked. */
static void verdict_lost(struct size_answer *a)
{
    static const enum result_survive survive[] = {RESULT_SURVIVE_NONE, RESULT_SURVIVE_BROKER,
                                                  RESULT_SURVIVE_MACHINE, RESULT_SURVIVE_RACK};
    int few = too_few_in_sync(a);
    a->r->survive = survive[a->s->cluster.survive];
    a->r->survive_verdict = a->survive ? RESULT_FITS : RESULT_UNDECIDED;
    for (int d = 0; a->survive && d < SIZE_DIMS; d++)
        if (a->lost[d].broker >= 0 && size_ratio(&a->lost[d]) > size_limit(a->s, (enum size_dim)d))
            a->r->survive_verdict = RESULT_DOES_NOT_FIT;
    if (few < 0)
        return;
    a->r->survive_verdict = RESULT_DOES_NOT_FIT;
    a->r->survive_note =
        a->live[few] == 0
            ? result_format(a->r, "with %s no replica is left of some partitions of %s",
                            size_lost_name(a), a->s->topics[few].name)
            : result_format(
                  a->r, "with %s %s keeps %d of %d replicas, below min.insync.replicas %d",
                  size_lost_name(a), a->s->topics[few].name, a->live[few],
                  a->s->topics[few].replication, a->s->topics[few].config.min_insync_replicas);
}

/* Disk space is judged at the end of the horizon: what the load grows into by then counts of all else too. */
static const char *growth_note(const struct size_answer *a)
{
    const struct size_growth *growth = &a->growth;
    double days = (double)a->s->horizon.length_ns / 86400e9;
    if (growth->day > days)
        return "";
    return result_format(a->r, "growth brings %s to its limit %s of %.0f", growth->place,
                         result_day(a->r, growth->day), days);
}

/* As the column "used" has it, which is a share of the whole and not of the limit. */
static const char *beyond(const struct size_answer *a, const char *what, const char *when,
                          double used, double limit)
{
    return result_format(a->r, "%s is used to %s%s%s, and its limit is %.3g %%", what,
                         result_percent(a->r, used, limit), *when ? " with " : "", when,
                         100 * limit);
}

/* The row that is furthest beyond its limit. client: where that is one of clients, else NULL. */
static const char *worst_text(const struct size_answer *a, const struct result_bound *client)
{
    if (client)
        return beyond(a, client->resource, "", client->utilisation, result_bound_limit(client));
    double limit = size_limit(a->s, (enum size_dim)a->worst);
    return beyond(a, a->r->binding, a->worst_lost ? size_lost_name(a) : "", a->worst_use * limit,
                  limit);
}

/* NULL: nothing speaks against it. */
static const char *reasons(const struct size_answer *a, const struct result_bound *client,
                           double use)
{
    struct against against = {.result = a->r};
    if (a->r->survive_note[0])
        against_add(&against, a->r->survive_note, false);
    if (use > 1)
        against_add(&against, worst_text(a, client), true);
    int beyond = 0;
    for (uint32_t i = 0; i < a->r->bound_count; i++)
        if (result_bound_beyond(&a->r->bounds[i]) && beyond++ > 0)
            against_add(&against, "", true);
    if (!against.text && a->r->growth_note[0]) /* of what holds today */
        against_add(&against, a->r->growth_note, false);
    return against_text(&against);
}

/* Without a rate nothing fits or fails to: what can be said is where it ends. */
static const char *max_text(struct size_answer *a)
{
    const char *names = max_rate_names(a->s, a->r);
    if (!a->most && size_load_unknown(a->s))
        a->r->binding = "";
    if (!a->most)
        return result_format(a->r, "?: %s at rate: max, which nothing known bounds", names);
    a->r->binding = a->most->resource + strlen("max by ");
    return result_format(a->r, "?: %s at rate: max, at most %.4g MB/s", names,
                         a->most->capacity / 1e6);
}

/* The row that the sentence names: "disk space" of "disk space of broker 1 disk 2". At rate: max that is a row of its own. */
static void mark_binding(struct result *r)
{
    for (uint32_t i = 0; i < r->bound_count; i++) {
        struct result_bound *b = &r->bounds[i];
        size_t length = strlen(b->resource);
        if (strncmp(r->binding, b->resource, length) == 0 &&
            (r->binding[length] == '\0' || strncmp(r->binding + length, " of ", 4) == 0))
            b->binding = true;
    }
}

static void verdict(struct size_answer *a)
{
    struct result *r = a->r;
    const struct result_bound *client = busiest_client(a);
    double client_use = client ? client->demand / client->capacity : 0;
    verdict_lost(a);
    r->binding = a->worst >= 0 ? size_place(a, (enum size_dim)a->worst,
                                            &(a->worst_lost ? a->lost : a->now)[a->worst])
                               : "";
    bool client_first = client_use > a->worst_use;
    if (client_first)
        r->binding = client->resource;
    const char *why = reasons(a, client_first ? client : NULL, fmax(client_use, a->worst_use));
    if (why == r->growth_note)
        r->binding = a->growth.place;
    r->verdict = why ? RESULT_DOES_NOT_FIT : max_rate_any(a->s) ? RESULT_UNDECIDED : RESULT_FITS;
    if (why)
        r->verdict_text = result_format(r, "DOES NOT FIT: %s", why);
    else if (r->verdict == RESULT_UNDECIDED)
        r->verdict_text = max_text(a);
    else
        r->verdict_text = result_format(r, "FITS%s%s", a->survive ? ", also with " : "",
                                        a->survive ? size_lost_name(a) : "");
    if (r->verdict != RESULT_UNDECIDED)
        mark_binding(r);
}

/* The counts that are enough, and the one that is judged. */
static void fill_counts(struct size_answer *a)
{
    a->r->brokers = a->s->cluster.brokers;
    a->r->brokers_auto = a->s->cluster.brokers_auto;
    a->r->brokers_needed = size_load_unknown(a->s) ? 0 : a->counts.all;
    a->r->brokers_needed_days = size_grows(a->s) ? (double)a->s->horizon.length_ns / 86400e9 : 0;
}

static void place(struct size_answer *a)
{
    a->plan = size_plan_new(a->s, a->profile, a->shares, a->r->brokers);
    a->plan->stop = a->stop;
    a->live = result_alloc(a->r, (size_t)model_placement_topic_count(a->plan->placement),
                           sizeof *a->live);
    size_state_init(a->plan, &a->state);
    size_uses(a->plan, &a->state, a->now);
    a->survive = size_uses_survive(a->plan, &a->state, a->lost, a->live);
}

static void fill_bounds(struct size_answer *a)
{
    find_binding(a);
    for (int d = 0; d < SIZE_DIMS; d++)
        fill_bound(a, (enum size_dim)d);
    fill_page_cache(a);
    size_producers_fill(a->plan, &a->state, a->r);
    size_groups_fill(a->plan, &a->state, a->r);
    if (max_rate_any(a->s))
        a->most = max_rate_fill(a->s, a->profile, a->plan->brokers, a->r);
}

static void judge(struct size_answer *a)
{
    place(a);
    fill_bounds(a);
    a->growth = size_growth(a);
    a->r->growth_note = growth_note(a);
    verdict(a);
    size_warn(a);
    size_state_release(&a->state);
    size_plan_free(a->plan);
}

bool size_fill(const struct scenario *s, const struct model_profile *profile,
               const struct size_counts *counts, const volatile sig_atomic_t *stop,
               struct result *result)
{
    struct scenario share = model_machine_share(s);
    struct size_answer a = {
        .s = &share, .profile = profile, .counts = *counts, .stop = stop, .r = result};
    assert(share.cluster.brokers >= 1);
    a.shares = model_shares_new(a.s);
    fill_counts(&a);
    if (!size_stopped(stop))
        judge(&a);
    model_shares_free(a.shares);
    return !size_stopped(stop);
}
