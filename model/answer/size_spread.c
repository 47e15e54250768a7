/* model/answer/size_spread.c - see size_spread.h. */
#include "model/answer/size_spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/size.h"

/* Enough for the 5 % points of a uniform range; a large cluster's bounds take longer, and fewer draws show its ends well enough. */
enum { DRAWS_MOST = 60, DRAWS_LEAST = 12, REPLICAS_OF_ALL_DRAWS = 1000000 };

struct spread {
    struct result *result;
    const volatile sig_atomic_t *stop;
    double *used[DRAWS_MOST]; /* [draw][bound] */
    int draws, fits;
};

static int draws_for(const struct scenario *s)
{
    int64_t replicas = 1;
    for (int t = 0; t < s->topic_count; t++)
        replicas += (int64_t)s->topics[t].partitions * s->topics[t].replication;
    int64_t draws = REPLICAS_OF_ALL_DRAWS / replicas;
    return draws > DRAWS_MOST ? DRAWS_MOST : draws < DRAWS_LEAST ? DRAWS_LEAST : (int)draws;
}

/* False when it is to stop. */
static bool add_draw(struct spread *spread, const struct scenario *drawn, int32_t brokers,
                     const struct model_profile *profile)
{
    static const struct size_counts not_searched = {.all = 0}; /* nobody reads what is enough */
    struct scenario settled = *drawn;
    struct result *one = result_new();
    double *used = result_alloc(spread->result, spread->result->bound_count + 1, sizeof *used);
    settled.cluster.brokers = brokers;
    settled.cluster.brokers_auto = false;
    bool filled = size_fill(&settled, profile, &not_searched, spread->stop, one);
    for (uint32_t i = 0; i < spread->result->bound_count; i++) {
        const struct result_bound *b = result_bound_of(one, spread->result->bounds[i].resource);
        used[i] = b ? b->utilisation : NAN;
    }
    spread->fits += one->verdict != RESULT_DOES_NOT_FIT;
    spread->used[spread->draws++] = used;
    result_free(one);
    return filled;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fill_ends(const struct spread *spread, uint32_t bound)
{
    double known[DRAWS_MOST];
    int count = 0;
    for (int d = 0; d < spread->draws; d++)
        if (isfinite(spread->used[d][bound]))
            known[count++] = spread->used[d][bound];
    if (count < DRAWS_LEAST / 2)
        return;
    qsort(known, (size_t)count, sizeof *known, by_size);
    int beyond = count / 20;
    spread->result->bounds[bound].utilisation_low = known[beyond];
    spread->result->bounds[bound].utilisation_high = known[count - 1 - beyond];
}

/* Of what it may have, limit applied, at the upper end. */
static double used_most(const struct result_bound *b)
{
    return b->utilisation > 0 ? b->utilisation_high / b->utilisation * (b->demand / b->capacity)
                              : NAN;
}

static const struct result_bound *hardest(const struct result *result)
{
    const struct result_bound *found = NULL;
    for (uint32_t i = 0; i < result->bound_count; i++) {
        const struct result_bound *b = &result->bounds[i];
        if (isfinite(used_most(b)) && (!found || used_most(b) > used_most(found)))
            found = b;
    }
    return found;
}

/* "620 % .. 2,315 %" of the whole; one number where both ends look alike. */
static const char *range_text(struct result *r, const struct result_bound *b)
{
    double limit = result_bound_limit(b);
    const char *low = result_percent(r, b->utilisation_low, limit),
               *high = result_percent(r, b->utilisation_high, limit);
    return strcmp(low, high) == 0 ? low : result_format(r, "%s .. %s", low, high);
}

static void decide(const struct spread *spread)
{
    struct result *r = spread->result;
    const struct result_bound *b = hardest(r);
    if (b && r->verdict == RESULT_DOES_NOT_FIT && spread->fits == 0)
        r->verdict_text =
            result_format(r,
                          "%s; that is at the middle of the ranges, and in nine of ten draws %s "
                          "is at %s",
                          r->verdict_text, b->resource, range_text(r, b));
    if (!b || spread->fits == 0 || spread->fits == spread->draws)
        return;
    r->verdict = RESULT_UNDECIDED;
    r->verdict_text =
        result_format(r, "UNDECIDED: fits in %d of %d draws of the ranges; %s is at %s",
                      spread->fits, spread->draws, b->resource, range_text(r, b));
}

/* The rows are the middle's: said, with the one that moves most. */
static void warn_middle(struct result *r)
{
    const struct result_bound *b = hardest(r);
    if (!b)
        return;
    result_warn(r,
                result_format(r,
                              "bounds are reckoned at the middle of each range; in nine of ten "
                              "draws %s is at %s",
                              b->resource, range_text(r, b)),
                "state what is known; for one end of a range: --set KEY=VALUE");
}

bool size_spread(const struct scenario_doc *doc, int variant, uint64_t seed, int32_t brokers,
                 const struct model_profile *profile, const volatile sig_atomic_t *stop,
                 struct result *result)
{
    struct spread spread = {.result = result, .stop = stop};
    bool whole = true;
    for (uint32_t i = 0; i < result->bound_count; i++)
        result->bounds[i].utilisation_low = result->bounds[i].utilisation_high = NAN;
    if (scenario_input_count(doc, variant) == 0)
        return true;
    int draws = draws_for(variant < 0 ? scenario_base(doc) : scenario_variant_at(doc, variant));
    for (uint32_t d = 0; d < (uint32_t)draws && whole; d++) {
        struct scenario *drawn = scenario_sample(doc, variant, seed, d);
        if (drawn)
            whole = add_draw(&spread, drawn, brokers, profile);
        scenario_free(drawn);
    }
    if (!whole)
        return false;
    for (uint32_t i = 0; i < result->bound_count; i++)
        fill_ends(&spread, i);
    decide(&spread);
    warn_middle(result);
    return true;
}
