/*
 * At which rates what a log holds came: the hours of the shape as they had grown, whenever they were. Batches, and with them bytes, depend on
 * the rate, so that a mean alone would not do. Growth begins with the horizon: before it the hours were those of the shape.
 */
#include "model/cluster/horizon_internal.h"
#include "sim/memory.h"

#include <math.h>
#include <stdlib.h>

static const int64_t NS_HOUR = 3600000000000;

struct part {
    double factor, ns;
};

static int lower_first(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    return x->factor < y->factor ? -1 : x->factor > y->factor;
}

static size_t add_since_start(const struct scenario_producer *p, int64_t from_ns, int64_t at_ns,
                              struct part *parts)
{
    size_t count = 0;
    for (int64_t t = from_ns, next; t < at_ns; t = next) {
        next = (t / NS_HOUR + 1) * NS_HOUR;
        next = next < at_ns ? next : at_ns;
        parts[count++] =
            (struct part){model_shape_factor(p, t + (next - t) / 2), (double)(next - t)};
    }
    return count;
}

static size_t add_before_start(const struct scenario_producer *p, double ns, struct part *parts)
{
    double factor[MODEL_WEEK_HOURS];
    model_shape_week(p, factor);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        parts[hour] = (struct part){factor[hour], ns / MODEL_WEEK_HOURS};
    return MODEL_WEEK_HOURS;
}

/* Equal parts of the time, the lowest rates first. Returns the mean. */
static double share_out(const struct part *parts, size_t count, double all_ns,
                        double history[HORIZON_HISTORY])
{
    double each = all_ns / HORIZON_HISTORY, until = each, mean = 0;
    int k = 0;
    for (size_t i = 0; i < count; i++) {
        double ns = parts[i].ns;
        while (ns > until && k + 1 < HORIZON_HISTORY) {
            history[k++] += parts[i].factor * until / each;
            ns -= until;
            until = each;
        }
        history[k] += parts[i].factor * ns / each;
        until -= ns;
        mean += parts[i].factor * parts[i].ns / all_ns;
    }
    return mean;
}

double horizon_history(const struct scenario_producer *p, int64_t at_ns, double kept_ns,
                       double history[HORIZON_HISTORY])
{
    int64_t from_ns = kept_ns < (double)at_ns ? at_ns - (int64_t)kept_ns : 0;
    double before_ns = fmax(0, kept_ns - (double)at_ns);
    double all_ns = (double)(at_ns - from_ns) + before_ns;
    size_t hours = (size_t)((at_ns - from_ns) / NS_HOUR) + 2;
    struct part *parts = sim_alloc(hours + MODEL_WEEK_HOURS, sizeof *parts);
    for (int k = 0; k < HORIZON_HISTORY; k++)
        history[k] = 0;
    size_t count = add_since_start(p, from_ns, at_ns, parts);
    if (before_ns > 0 || count == 0)
        count += add_before_start(p, all_ns > 0 ? before_ns : 1, parts + count);
    qsort(parts, count, sizeof *parts, lower_first);
    double mean = share_out(parts, count, all_ns > 0 ? all_ns : 1, history);
    free(parts);
    return mean;
}
