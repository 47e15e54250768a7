/*
 * The smallest number of brokers by each resource. A count is judged on its own placement, so the search asks for real counts: it goes up by
 * what the present busiest broker suggests until the limit holds, then looks at the counts below. One that does not hold says little of a smaller
 * one: some counts pile several leaders on a broker that others spread.
 */
#include "model/answer/size_internal.h"

#include <math.h>
#include <stdlib.h>

#include "model/answer/size_formula.h"
#include "model/cluster/machine_share.h"

enum {
    TRIED_MAX = 256,     /* counts judged in one search, over all resources */
    BROKERS_MAX = 20000, /* beyond any Kafka cluster; placement of more would only take time */
    NEAR = 16, /* steps looked at below a count that holds, and above for one at which all do */
};

struct tried {
    int brokers;
    double use[SIZE_DIMS]; /* of the limit, the worst of now, survive and both at the horizon's end;
                              NAN: unknown or not used */
};

struct search {
    const struct scenario *s;
    const struct model_profile *profile;
    const struct model_shares *shares;
    const volatile sig_atomic_t *stop;
    int step, least;
    int spread; /* so many brokers can have a replica each */
    int count;
    struct tried tried[TRIED_MAX];
};

bool size_stopped(const volatile sig_atomic_t *stop)
{
    return stop && *stop;
}

static void keep_worst(const struct scenario *s, const struct size_use now[SIZE_DIMS],
                       const struct size_use lost[SIZE_DIMS], struct tried *t)
{
    bool is_lost;
    for (int d = 0; d < SIZE_DIMS; d++)
        t->use[d] =
            fmax(t->use[d], size_use_of_limit(s, (enum size_dim)d, &now[d], &lost[d], &is_lost));
}

static void judge(const struct search *q, struct tried *t)
{
    struct size_plan *plan = size_plan_new(q->s, q->profile, q->shares, t->brokers);
    plan->stop = q->stop;
    struct size_use now[SIZE_DIMS], lost[SIZE_DIMS];
    for (int d = 0; d < SIZE_DIMS; d++)
        t->use[d] = NAN;
    size_uses_all(plan, now, lost);
    keep_worst(q->s, now, lost, t);
    if (size_grows(q->s)) {
        size_uses_grown(plan, q->shares, (double)q->s->horizon.length_ns / 86400e9, now, lost);
        keep_worst(q->s, now, lost, t);
    }
    size_plan_free(plan);
}

/* NULL when as many counts were tried as there is room for, or the search is to stop. */
static const struct tried *try_count(struct search *q, int brokers)
{
    for (int i = 0; i < q->count; i++)
        if (q->tried[i].brokers == brokers)
            return &q->tried[i];
    if (q->count == TRIED_MAX || size_stopped(q->stop))
        return NULL;
    q->tried[q->count].brokers = brokers;
    judge(q, &q->tried[q->count]);
    return &q->tried[q->count++];
}

/* A resource of unknown capacity or without demand asks for no more than the least. */
static bool holds(const struct tried *t, int dim)
{
    return !(t->use[dim] > 1);
}

static int next_up(const struct search *q, const struct tried *t, int dim)
{
    double want = ceil(t->brokers * t->use[dim]);
    int64_t n = want > BROKERS_MAX ? BROKERS_MAX + q->step : (int64_t)want;
    n = size_round_up(n, q->step);
    return n > t->brokers ? (int)n : t->brokers + q->step;
}

/* Beyond twice as many as can have a replica each, all that one more changes is how many are idle. */
static int32_t needed_by(struct search *q, int dim)
{
    const struct tried *t = try_count(q, q->least);
    while (t && !holds(t, dim)) {
        int n = next_up(q, t, dim);
        t = n > BROKERS_MAX || t->brokers > 2 * q->spread ? NULL : try_count(q, n);
    }
    if (!t)
        return 0;
    int enough = t->brokers, from = enough - NEAR * q->step;
    for (int n = from > q->least ? from : q->least; n < enough; n += q->step) {
        t = try_count(q, n);
        if (t && holds(t, dim))
            return n;
    }
    return enough;
}

/* The first count from `brokers` on at which every resource holds. */
static int32_t all_hold_from(struct search *q, int32_t brokers)
{
    for (int i = 0; i <= NEAR; i++) {
        const struct tried *t = try_count(q, brokers + i * q->step);
        bool hold = t;
        for (int d = 0; d < SIZE_DIMS && hold; d++)
            hold = holds(t, d);
        if (hold)
            return t->brokers;
    }
    return brokers;
}

/* A topic needs as many brokers as replicas; one lost unit must leave something. */
static int least_count(const struct scenario *s)
{
    int least = 1;
    for (int t = 0; t < s->topic_count; t++)
        least = s->topics[t].replication > least ? s->topics[t].replication : least;
    int lost = s->cluster.survive == SCENARIO_SURVIVE_BROKER    ? 1
               : s->cluster.survive == SCENARIO_SURVIVE_MACHINE ? s->cluster.brokers_per_machine
                                                                : 0;
    least = least > lost ? least : lost + 1;
    return (int)size_round_up(least, scenario_rack_step(&s->cluster));
}

/* Of the least count, or of as many brokers as there are replicas, where that is more. */
static int spread_over(const struct search *q)
{
    int replicas = 0;
    for (int t = 0; t < q->s->topic_count; t++)
        replicas += q->s->topics[t].partitions * q->s->topics[t].replication;
    return (int)size_round_up(replicas > q->least ? replicas : q->least, q->step);
}

/* No count spreads one partition: its leader's share is the least that any broker count leaves. */
static bool helps_at_all(struct search *q, int dim)
{
    if (q->spread > BROKERS_MAX)
        return true;
    const struct tried *first = try_count(q, q->least);
    if (!first || holds(first, dim))
        return first;
    /* Survival of many cases on many brokers takes long: judge the whole cluster alone first. */
    struct scenario whole = *q->s;
    struct search alone = {.s = &whole, .profile = q->profile, .shares = q->shares};
    struct tried last = {.brokers = q->spread};
    whole.cluster.survive = SCENARIO_SURVIVE_NONE;
    judge(&alone, &last);
    return holds(&last, dim);
}

static struct size_counts search_all(struct search *q)
{
    struct size_counts counts = {.all = q->least};
    bool enough = true;
    for (int d = 0; d < SIZE_DIMS; d++) {
        bool helps = helps_at_all(q, d);
        counts.needed[d] = helps ? needed_by(q, d) : 0;
        counts.by_loss[d] = helps && counts.needed[d] == 0 && q->spread <= BROKERS_MAX &&
                            q->s->cluster.survive != SCENARIO_SURVIVE_NONE;
        enough = enough && counts.needed[d] > 0;
        counts.all = counts.needed[d] > counts.all ? counts.needed[d] : counts.all;
    }
    counts.all = enough && !size_stopped(q->stop) ? all_hold_from(q, counts.all) : 0;
    return counts;
}

struct size_counts size_search(const struct scenario *s, const struct model_profile *profile,
                               const volatile sig_atomic_t *stop)
{
    struct scenario share = model_machine_share(s);
    struct model_shares *shares = model_shares_new(&share);
    struct search q = {.s = &share,
                       .profile = profile,
                       .shares = shares,
                       .stop = stop,
                       .step = scenario_rack_step(&share.cluster),
                       .least = least_count(&share)};
    q.spread = spread_over(&q);
    struct size_counts counts = search_all(&q);
    model_shares_free(shares);
    return counts;
}
