/*
 * When what the load grows into reaches a limit. Every producer grows by its own rate, so the cluster is judged anew on the days asked for; disk
 * space has a horizon of its own (size_plan.c), and replicas do not grow.
 */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DAYS_AHEAD = 3 * 365.25; /* growth further on is anybody's guess */
static const double DAY_EXACT = 0.01;        /* the day is printed whole */

bool size_grows(const struct scenario *s)
{
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].growth_ratio > 0 && s->producers[i].records_per_s_peak > 0)
            return true;
    return false;
}

bool size_dim_grows(enum size_dim dim)
{
    return dim != SIZE_DISK_SPACE && dim != SIZE_PARTITIONS;
}

static void uses_of(const struct size_plan *plan, const struct size_state *state,
                    struct size_use now[SIZE_DIMS], struct size_use lost[SIZE_DIMS])
{
    int *live = malloc(sizeof *live * (size_t)model_placement_topic_count(plan->placement));
    assert(live);
    size_uses(plan, state, now);
    size_uses_survive(plan, state, lost, live);
    free(live);
}

void size_uses_all(const struct size_plan *plan, struct size_use now[SIZE_DIMS],
                   struct size_use lost[SIZE_DIMS])
{
    struct size_state state;
    size_state_init(plan, &state);
    uses_of(plan, &state, now, lost);
    size_state_release(&state);
}

void size_uses_grown(const struct size_plan *plan, const struct model_shares *shares, double days,
                     struct size_use now[SIZE_DIMS], struct size_use lost[SIZE_DIMS])
{
    struct size_plan grown;
    size_plan_grow(plan, shares, days, &grown);
    size_uses_all(&grown, now, lost);
    size_plan_grown_release(&grown);
}

static double of_limit(const struct result_bound *b)
{
    return b->capacity > 0 ? b->demand / b->capacity : 0;
}

/* The day's use of a broker's resource whose limit holds today; 0: it does not hold. */
static double broker_use(const struct size_answer *a, enum size_dim dim, const struct size_use *now,
                         const struct size_use *lost, bool *is_lost)
{
    bool today_lost;
    if (!size_dim_grows(dim) ||
        size_use_of_limit(a->s, dim, &a->now[dim], &a->lost[dim], &today_lost) > 1)
        return 0;
    return size_use_of_limit(a->s, dim, now, lost, is_lost);
}

/* What is beyond its limit today is said as that. */
static bool holds_today(const struct size_answer *a, const struct result_bound *client)
{
    for (uint32_t i = 0; i < a->r->bound_count; i++)
        if (strcmp(a->r->bounds[i].resource, client->resource) == 0)
            return of_limit(&a->r->bounds[i]) <= 1;
    return true; /* too little to have a row */
}

static double brokers_beyond(const struct size_answer *a, const struct size_plan *grown,
                             const struct size_state *state, struct size_growth *growth)
{
    struct size_use now[SIZE_DIMS], lost[SIZE_DIMS];
    double most = 1;
    uses_of(grown, state, now, lost);
    for (int d = 0; d < SIZE_DIMS; d++) {
        enum size_dim dim = (enum size_dim)d;
        bool is_lost = false;
        double use = broker_use(a, dim, &now[d], &lost[d], &is_lost);
        if (!(use > most))
            continue;
        most = use;
        growth->place = size_place(a, dim, is_lost ? &lost[d] : &now[d]);
    }
    return most;
}

static double clients_beyond(const struct size_answer *a, const struct size_plan *grown,
                             const struct size_state *state, double most,
                             struct size_growth *growth)
{
    struct result *day = result_new();
    size_producers_fill(grown, state, day);
    size_groups_fill(grown, state, day);
    for (uint32_t i = 0; i < day->bound_count; i++) {
        double use = of_limit(&day->bounds[i]);
        if (!(use > most) || !holds_today(a, &day->bounds[i]))
            continue;
        most = use;
        growth->place = result_format(a->r, "%s", day->bounds[i].resource);
    }
    result_free(day);
    return most;
}

/* The resource furthest beyond its limit on that day, of brokers and clients; false when none is. */
static bool beyond_on(const struct size_answer *a, double day, struct size_growth *growth)
{
    struct size_plan grown;
    struct size_state state;
    size_plan_grow(a->plan, a->shares, day, &grown);
    size_state_init(&grown, &state);
    double most = brokers_beyond(a, &grown, &state, growth);
    most = clients_beyond(a, &grown, &state, most, growth);
    size_state_release(&state);
    size_plan_grown_release(&grown);
    if (most > 1)
        growth->day = day;
    return most > 1;
}

/* The horizon's end is looked at first, as the search for the smallest cluster does: both say the same of it. */
struct size_growth size_growth(const struct size_answer *a)
{
    struct size_growth growth = {.place = "", .day = INFINITY};
    double low = 0, high = (double)a->s->horizon.length_ns / 86400e9;
    if (!size_grows(a->s))
        return growth;
    if (size_stopped(a->stop) || !beyond_on(a, high, &growth)) {
        low = high;
        high = fmax(high, DAYS_AHEAD);
        if (size_stopped(a->stop) || !beyond_on(a, high, &growth))
            return growth;
    }
    while (high - low > DAY_EXACT && !size_stopped(a->stop)) {
        double middle = (low + high) / 2;
        if (beyond_on(a, middle, &growth))
            high = middle;
        else
            low = middle;
    }
    return growth;
}
