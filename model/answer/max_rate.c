#include "model/answer/max_rate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/answer/size_internal.h"

/* A linger that fills any batch at a rate worth asking about: an application at `rate: max` does not wait for it. */
static const int64_t FULL_LINGER_US = 10000000;

enum {
    DOUBLINGS_MAX = 40, /* from 1 kB/s: beyond any cluster */
    HALVINGS = 20,      /* to a millionth */
    ROWS_MAX = 256,     /* resources and clients; more of the latter are left out */
};

static bool is_max(const struct scenario *s, int producer)
{
    return s->producers[producer].rate_kind == SCENARIO_RATE_MAX;
}

bool max_rate_any(const struct scenario *s)
{
    for (int i = 0; i < s->producer_count; i++)
        if (is_max(s, i))
            return true;
    return false;
}

const char *max_rate_names(const struct scenario *s, struct result *result)
{
    const char *first = "";
    int count = 0;
    for (int i = 0; i < s->producer_count; i++)
        if (is_max(s, i) && count++ == 0)
            first = s->producers[i].name;
    return count == 1   ? result_string(result, first)
           : count == 2 ? result_format(result, "%s and another", first)
                        : result_format(result, "%s and %d others", first, count - 1);
}

const struct scenario *max_rate_assume(const struct scenario *s, const double *bytes_per_s,
                                       struct result *result)
{
    struct scenario *copy = result_alloc(result, 1, sizeof *copy);
    size_t count = (size_t)s->producer_count;
    *copy = *s;
    copy->producers = result_alloc(result, count, sizeof *copy->producers);
    memcpy(copy->producers, s->producers, count * sizeof *copy->producers);
    for (int i = 0; i < s->producer_count; i++) {
        struct scenario_producer *p = &copy->producers[i];
        if (!is_max(s, i))
            continue;
        double records = bytes_per_s[i] / p->size.mean_bytes, mean = model_shape_mean(p);
        p->rate_kind = SCENARIO_RATE_BYTES;
        p->rate_peak = p->payload_bytes_per_s_peak = bytes_per_s[i];
        p->rate_mean = p->payload_bytes_per_s_mean = bytes_per_s[i] * mean;
        p->records_per_s_peak = records;
        p->records_per_s_mean = records * mean;
        p->config.linger_us = FULL_LINGER_US;
    }
    return copy;
}

/* ---- the most that each resource carries ---- */

struct row {
    const char *name; /* "cpu", "client thread of checkout" */
    double used;      /* share of the whole resource */
    const char *why;  /* with the numbers put in; "" while rates are tried */
    bool reads;       /* of a consumer: it falls behind, and nobody else is held up */
};

struct trial {
    const struct scenario *s;
    const struct model_profile *profile;
    int brokers;
    double clients;        /* of all such producers */
    struct result *memory; /* of trials: freed at the end */
    bool explain;
    int count;
    struct row rows[ROWS_MAX];
};

static const enum size_dim dims[] = {SIZE_CPU,
                                     SIZE_NETWORK_IN,
                                     SIZE_NETWORK_OUT,
                                     SIZE_SHARED_NETWORK,
                                     SIZE_DISK_BANDWIDTH,
                                     SIZE_NETWORK_THREADS,
                                     SIZE_IO_THREADS,
                                     SIZE_REPLICA_FETCHERS};

static void add_row(struct trial *t, const char *name, double used, const char *why, bool reads)
{
    if (t->count < ROWS_MAX && used > 0) /* NAN: its capacity is not known */
        t->rows[t->count++] = (struct row){name, used, why, reads};
}

static void add_brokers(struct trial *t, const struct size_answer *a)
{
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++)
        if (a->now[dims[i]].broker >= 0)
            add_row(t, size_dim_name(dims[i]), size_ratio(&a->now[dims[i]]),
                    t->explain ? size_explain(a, dims[i]) : "", false);
}

typedef void fill_fn(const struct size_plan *, const struct size_state *, struct result *);

static void add_clients(struct trial *t, const struct size_plan *plan,
                        const struct size_state *state, fill_fn *fill, bool reads)
{
    uint32_t first = t->memory->bound_count;
    fill(plan, state, t->memory);
    for (uint32_t i = first; i < t->memory->bound_count; i++)
        add_row(t, t->memory->bounds[i].resource, t->memory->bounds[i].utilisation,
                t->memory->bounds[i].formula, reads);
}

/* What all resources are used for at so many bytes a second of all such producers together. Returns the largest. */
static double try_rate(struct trial *t, double bytes_per_s)
{
    double *rates = result_alloc(t->memory, (size_t)t->s->producer_count, sizeof *rates);
    for (int i = 0; i < t->s->producer_count; i++)
        rates[i] = bytes_per_s * t->s->producers[i].clients / t->clients;
    const struct scenario *assumed = max_rate_assume(t->s, rates, t->memory);
    struct model_shares *shares = model_shares_new(assumed);
    struct size_plan *plan = size_plan_new(assumed, t->profile, shares, t->brokers);
    struct size_answer a = {.s = assumed, .profile = t->profile, .r = t->memory, .plan = plan};
    double most = 0;
    size_state_init(plan, &a.state);
    size_uses(plan, &a.state, a.now);
    t->count = 0;
    add_brokers(t, &a);
    add_clients(t, plan, &a.state, size_producers_fill, false);
    add_clients(t, plan, &a.state, size_groups_fill, true);
    for (int i = 0; i < t->count; i++)
        if (!t->rows[i].reads)
            most = fmax(most, t->rows[i].used);
    size_state_release(&a.state);
    size_plan_free(plan);
    model_shares_free(shares);
    return most;
}

/* The rate at which something is fully used; 0: nothing is left for these producers; INFINITY: nothing known bounds them. */
static double ceiling(struct trial *t)
{
    double low = 0, high = 1e3;
    for (int i = 0; i < DOUBLINGS_MAX && try_rate(t, high) < 1; i++) {
        low = high;
        high *= 2;
    }
    if (low == 0 || t->count == 0)
        return 0;
    if (high > 1e14)
        return INFINITY;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (try_rate(t, middle) < 1)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static const struct row *row_of(const struct trial *t, const char *name)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(t->rows[i].name, name) == 0)
            return &t->rows[i];
    return NULL;
}

/* Use is a constant and a share that goes with the rate, near enough: from half the ceiling and the ceiling to where it is 1. */
static double carried(double rate, double half_used, double used)
{
    double slope = (used - half_used) / (rate / 2);
    return slope > 0 ? rate + (1 - used) / slope : INFINITY;
}

static void add_bound(const struct trial *t, const struct row *row, double rate, double most,
                      struct result *result)
{
    struct result_bound *b = RESULT_ADD(result, bounds, bound_count);
    b->resource = result_format(result, "max by %s", row->name);
    b->formula =
        result_format(result, "carries %.4g MB/s of %s in full batches%s; at %.4g MB/s, %s",
                      most / 1e6, max_rate_names(t->s, result),
                      most > rate * 1.001 ? "" : ": more is not carried", rate / 1e6, row->why);
    b->demand = 0;
    b->capacity = most;
    b->unit = "bytes/s";
    b->utilisation = b->utilisation_survive = NAN;
}

static const struct result_bound *add_bounds(struct trial *t, double rate, struct result *result)
{
    struct trial half = *t;
    half.explain = false;
    struct result_bound *binding = NULL;
    uint32_t first = result->bound_count;
    try_rate(&half, rate / 2);
    for (int i = 0; i < t->count; i++) {
        const struct row *before = row_of(&half, t->rows[i].name);
        /* What is little used at half the rate has no row there: it goes with the rate. */
        double used = t->rows[i].used, most = carried(rate, before ? before->used : used / 2, used);
        if (isfinite(most) && most > 0)
            add_bound(t, &t->rows[i], rate, most, result);
    }
    for (uint32_t i = first; i < result->bound_count; i++)
        if (strncmp(result->bounds[i].resource, "max by ", 7) == 0 &&
            (!binding || result->bounds[i].capacity < binding->capacity))
            binding = &result->bounds[i];
    if (binding)
        binding->binding = true;
    return binding;
}

const struct result_bound *max_rate_fill(const struct scenario *s,
                                         const struct model_profile *profile, int brokers,
                                         struct result *result)
{
    struct trial *t = result_alloc(result, 1, sizeof *t);
    struct model_profile *awake = result_alloc(result, 1, sizeof *awake);
    *awake = *profile; /* who always has another record is never woken for one */
    awake->java_app_wake_ns = awake->librdkafka_app_wake_ns = awake->client_cold_work_ns = 0;
    *t = (struct trial){.s = s, .profile = awake, .brokers = brokers, .memory = result_new()};
    for (int i = 0; i < s->producer_count; i++)
        t->clients += is_max(s, i) ? s->producers[i].clients : 0;
    assert(t->clients > 0);
    double rate = ceiling(t);
    const struct result_bound *binding = NULL;
    if (rate > 0 && isfinite(rate)) {
        t->explain = true;
        try_rate(t, rate);
        binding = add_bounds(t, rate, result);
    }
    result_free(t->memory);
    return binding;
}
