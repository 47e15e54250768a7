/*
 * What was produced when: how old a backlog is, and how far back what is kept reaches. Load differs by the hour, so the rate of now says
 * neither. Each source's production is remembered as its sum at the ends of steps; what a reader or a log gets of it is a factor. Of a
 * long horizon old points are thinned out: what is asked for lies near. Before the start all came at the mean rate.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdlib.h>

void horizon_past_init(struct horizon *h)
{
    struct horizon_past *p = &h->past;
    size_t sources = (size_t)h->source_count;
    *p = (struct horizon_past){.count = 1,
                               .at_s = sim_alloc(HORIZON_PAST, sizeof(double)),
                               .sum = sim_alloc(HORIZON_PAST * sources, sizeof(double)),
                               .before = sim_alloc(sources, sizeof(double))};
    for (size_t i = 0; i < sources; i++)
        p->before[i] = model_shape_mean(h->sources[i].producer);
}

void horizon_past_free(struct horizon *h)
{
    free(h->past.at_s);
    free(h->past.sum);
    free(h->past.before);
}

/* Each second point goes, and the newest stays. Those of long ago have been through it more often. */
static void thin_out(struct horizon_past *p, size_t sources)
{
    for (int k = 1; 2 * k < p->count; k++) {
        p->at_s[k] = p->at_s[2 * k];
        for (size_t i = 0; i < sources; i++)
            p->sum[(size_t)k * sources + i] = p->sum[(size_t)(2 * k) * sources + i];
    }
    p->count = (p->count + 1) / 2;
}

void horizon_past_step(struct horizon *h, int at)
{
    struct horizon_past *p = &h->past;
    size_t sources = (size_t)h->source_count;
    double *now = &p->sum[(size_t)p->count * sources], *last = now - sources;
    double s = (double)horizon_step_ns(h, at) / 1e9;
    for (size_t i = 0; i < sources; i++)
        now[i] = last[i] + h->sources[i].moments[at].now * s;
    p->at_s[p->count++] = (double)h->step_begin_ns[at + 1] / 1e9;
    if (p->count == HORIZON_PAST)
        thin_out(p, sources);
}

/* What came since a point, without what is gone. */
static double since(const struct horizon *h, const double *peak, const double *gone, int point)
{
    size_t sources = (size_t)h->source_count;
    const double *now = &h->past.sum[(size_t)(h->past.count - 1) * sources],
                 *then = &h->past.sum[(size_t)point * sources];
    double sum = 0;
    for (size_t i = 0; i < sources; i++)
        sum += peak[i] * (now[i] - (gone ? fmax(then[i], gone[i]) : then[i]));
    return sum;
}

static double before_start(const struct horizon *h, const double *peak, const double *gone)
{
    double sum = 0;
    for (int i = 0; i < h->source_count; i++)
        if (!gone || gone[i] < 0)
            sum += peak[i] * h->past.before[i];
    return sum;
}

/* The newest point since which no less came; 0 where all of it is not enough. Searched from the last answer on. */
static int seek(const struct horizon *h, const double *peak, const double *gone, double amount,
                int from)
{
    int last = h->past.count - 1, k = from < last ? from : last;
    while (k > 0 && since(h, peak, gone, k) < amount)
        k--;
    while (k < last && since(h, peak, gone, k + 1) >= amount)
        k++;
    return k;
}

double horizon_past_age(const struct horizon *h, const double *peak, const double *gone,
                        double amount, int *point)
{
    const double *at_s = h->past.at_s;
    double now_s = at_s[h->past.count - 1];
    int k = *point = seek(h, peak, gone, amount, *point);
    double more = since(h, peak, gone, k) - amount;
    if (more < 0)
        return now_s + -more / before_start(h, peak, gone);
    if (more == 0)
        return now_s - at_s[k];
    double part = more / (more + amount - since(h, peak, gone, k + 1));
    return now_s - at_s[k] - part * (at_s[k + 1] - at_s[k]);
}

/* The last point that is not later. */
static int point_at(const struct horizon_past *p, double s)
{
    int low = 0, high = p->count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (p->at_s[middle] <= s)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

double horizon_past_sum(const struct horizon *h, int source, double age_s)
{
    const struct horizon_past *p = &h->past;
    size_t sources = (size_t)h->source_count;
    double s = p->at_s[p->count - 1] - age_s;
    if (isinf(age_s) || s <= 0)
        return isinf(age_s) ? -INFINITY : p->before[source] * s;
    int k = point_at(p, s);
    const double *sum = &p->sum[(size_t)k * sources + (size_t)source];
    if (k + 1 == p->count)
        return sum[0];
    return sum[0] + (sum[sources] - sum[0]) * (s - p->at_s[k]) / (p->at_s[k + 1] - p->at_s[k]);
}

double horizon_past_amount(const struct horizon *h, const double *peak, const double *gone,
                           double age_s)
{
    const struct horizon_past *p = &h->past;
    const double *now = &p->sum[(size_t)(p->count - 1) * (size_t)h->source_count];
    double sum = 0;
    for (int i = 0; i < h->source_count; i++)
        if (peak[i] > 0)
            sum += peak[i] * (now[i] - fmax(horizon_past_sum(h, i, age_s), gone[i]));
    return sum;
}
