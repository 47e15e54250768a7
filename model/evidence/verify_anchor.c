/*
 * One factor for a series, fitted to its anchor, as M/M/1 gets one point. Two parameters may carry it: the speed of all cores (what the
 * profile's costs take) and the round trip. A throughput is fitted by the cores, and by the round trip when they cannot reach it. A median
 * is fitted by either; that one is taken which then comes nearer to the anchor's 99th percentile, for a median alone tells them apart badly.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/verify_internal.h"
#include "sim/memory.h"

enum { STEPS_OUT_MAX = 4, BISECTIONS = 5 };
#define STEP        2.0  /* factors of 1/16 to 16: beyond, it is another machine */
#define REACHED_LOG 0.05 /* as near as short runs tell */
#define GOOD_LOG    0.02 /* of ln(predicted / measured): nearer than any repeat spread */

static const char *const parameters[] = {"CPU costs", "round trip"};
enum { CPU_COSTS, ROUND_TRIP };

/* What the anchor is fitted on: a maximum, else the median, else the tail. */
static int anchor_quantity(const struct verify_case *c)
{
    static const enum measured_quantity order[] = {MEASURED_PRODUCE_P50, MEASURED_END_TO_END_P50,
                                                   MEASURED_PRODUCE_P99, MEASURED_END_TO_END_P99};
    if (c->measured.maximum && measured_median(&c->measured, MEASURED_THROUGHPUT) > 0)
        return MEASURED_THROUGHPUT;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (measured_median(&c->measured, order[i]) > 0)
            return (int)order[i];
    return -1;
}

/* The case with the factor applied to the parameter. */
static int predict_with(const struct verify_work *work, enum verify_effort effort,
                        struct verify_case *c, int parameter, double factor, struct prediction *out,
                        struct broker_err *err)
{
    struct model_profile *profile = sim_checked(malloc(sizeof *profile));
    int status = verify_profile_of(work, c, profile, err);
    struct scenario_doc *doc = NULL;
    char same[80], cross[80];
    const char *sets[] = {same, cross};
    const struct scenario_network *network = &scenario_base(c->doc)->cluster.network;
    snprintf(same, sizeof same, "cluster.network.same_rack=%.0f ns",
             (double)network->same_rack_rtt_ns * factor);
    snprintf(cross, sizeof cross, "cluster.network.cross_rack=%.0f ns",
             (double)network->cross_rack_rtt_ns * factor);
    if (parameter == CPU_COSTS)
        profile->coremark *=
            factor; /* costs scale by the ratio of the profile's core to the machine's */
    else if (status == 0)
        status = verify_reload(work, c, sets, 2, &doc, err);
    if (status == 0)
        status = verify_predict_once(work, effort, c, doc ? doc : c->doc, profile, out, err);
    if (status == 0 && c->maximum == VERIFY_BISECTION && parameter == CPU_COSTS)
        status = verify_bisect(work, c, profile, out, err);
    scenario_doc_free(doc);
    free(profile);
    return status;
}

struct search {
    const struct verify_work *work;
    struct verify_case *anchor;
    int parameter, quantity;
    double sign; /* +1: a larger factor gives a larger value */
    /* the best so far */
    double factor;
    double left; /* |ln(predicted / measured)| of the quantity */
    double tail; /* the same of the tail; 0 where no tail was measured */
};

/* |ln| of the produce p99, or of the end-to-end p99. */
static double tail_miss(const struct verify_case *c, const struct prediction *seen)
{
    static const enum measured_quantity tails[] = {MEASURED_PRODUCE_P99, MEASURED_END_TO_END_P99};
    for (int i = 0; i < 2; i++) {
        double measured = measured_median(&c->measured, tails[i]);
        if (measured > 0 && seen->quantity[tails[i]].value > 0)
            return fabs(log(seen->quantity[tails[i]].value / measured));
    }
    return 0;
}

/* sign * ln(predicted / measured): rises with the factor. NAN: no prediction. Keeps the best. */
static double miss(struct search *s, double factor)
{
    struct prediction seen;
    struct broker_err err = {""};
    if (predict_with(s->work, VERIFY_STEP, s->anchor, s->parameter, factor, &seen, &err) != 0)
        return NAN;
    double measured = measured_median(&s->anchor->measured, (enum measured_quantity)s->quantity);
    double value = s->sign * log(seen.quantity[s->quantity].value / measured);
    if (fabs(value) < s->left) {
        s->left = fabs(value);
        s->tail = tail_miss(s->anchor, &seen);
        s->factor = factor;
    }
    return value;
}

/* Steps outward until the miss changes its sign, then bisects. */
static void solve(struct search *s)
{
    double at = 1, here = miss(s, 1), step = here < 0 ? STEP : 1 / STEP;
    double low = 1, high = 1;
    for (int i = 0; i < STEPS_OUT_MAX && s->left > GOOD_LOG && !isnan(here); i++) {
        double next = at * step, there = miss(s, next);
        if (isnan(there))
            break;
        low = fmin(at, next);
        high = fmax(at, next);
        at = next;
        if ((there < 0) != (here < 0))
            break;
    }
    for (int i = 0; i < BISECTIONS && s->left > GOOD_LOG && high > low; i++) {
        double middle = sqrt(low * high), value = miss(s, middle);
        if (isnan(value))
            break;
        *(value < 0 ? &low : &high) = middle;
    }
}

/* What reaches the quantity beats what does not; among those that do, the tail decides. */
static bool is_better(const struct search *a, const struct search *b)
{
    bool a_reaches = a->left <= REACHED_LOG, b_reaches = b->left <= REACHED_LOG;
    if (a_reaches && b_reaches)
        return a->tail < b->tail;
    return a_reaches != b_reaches ? a_reaches : a->left < b->left;
}

struct verify_anchor verify_anchor_fit(const struct verify_work *work, struct verify_case *anchor)
{
    int quantity = anchor_quantity(anchor);
    if (quantity < 0 || anchor->failure[0])
        return (struct verify_anchor){NULL, 1};
    bool is_rate = quantity == MEASURED_THROUGHPUT;
    struct search best = {.left = INFINITY};
    for (int k = 0; k < 2 && !(is_rate && best.left <= REACHED_LOG); k++) {
        struct search s = {.work = work,
                           .anchor = anchor,
                           .parameter = is_rate == (k == 0) ? CPU_COSTS : ROUND_TRIP,
                           .quantity = quantity,
                           .sign = is_rate ? -1 : 1,
                           .factor = 1,
                           .left = INFINITY};
        solve(&s);
        if (isfinite(s.left) && (isinf(best.left) || is_better(&s, &best)))
            best = s;
    }
    return isfinite(best.left) ? (struct verify_anchor){parameters[best.parameter], best.factor}
                               : (struct verify_anchor){NULL, 1};
}

void verify_anchored(const struct verify_work *work, struct verify_case *c,
                     struct verify_anchor anchor)
{
    struct prediction seen;
    struct broker_err err = {""};
    int parameter = anchor.parameter == parameters[CPU_COSTS] ? CPU_COSTS : ROUND_TRIP;
    if (!anchor.parameter ||
        predict_with(work, VERIFY_WHOLE, c, parameter, anchor.factor, &seen, &err) != 0)
        return;
    verify_leave_out(c, &seen);
    c->anchor_parameter = anchor.parameter;
    c->anchor_factor = anchor.factor;
    memcpy(c->predicted[VERIFY_ANCHORED], seen.quantity, sizeof c->predicted[VERIFY_ANCHORED]);
}
