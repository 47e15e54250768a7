/* model/cluster/shape.c - a producer's rate by hour, day and growth, as a factor of its peak; see flow.h. */
#include "model/cluster/flow.h"

#include <math.h>

#include "sim/dmath.h"

static const int64_t NS_HOUR = 3600000000000;

double model_growth_factor(const struct scenario_producer *p, int64_t since_start_ns)
{
    if (p->growth_ratio == 0 || p->growth_period_ns <= 0)
        return 1;
    return sim_pow(1 + p->growth_ratio, (double)since_start_ns / (double)p->growth_period_ns);
}

double model_growth_mean(const struct scenario_producer *p, double from_s, double until_s)
{
    if (p->growth_ratio == 0 || p->growth_period_ns <= 0)
        return 1;
    double k = sim_log1p(p->growth_ratio) / ((double)p->growth_period_ns / 1e9);
    double begin_s = fmax(0, from_s), end_s = fmax(0, until_s);
    if (until_s <= from_s)
        return sim_exp(k * end_s);
    double before_s = fmin(0, until_s) - fmin(0, from_s);
    double grown_s = sim_exp(k * begin_s) * sim_expm1(k * (end_s - begin_s)) / k;
    return (before_s + grown_s) / (until_s - from_s);
}

static double shape_at(const struct scenario_producer *p, int hour)
{
    return p->daily[hour % 24] * p->weekly[hour / 24 % 7];
}

static double shape_sum(const struct scenario_producer *p)
{
    double sum = 0;
    for (int h = 0; h < MODEL_WEEK_HOURS; h++)
        sum += shape_at(p, h);
    return sum;
}

/* The stated mean holds over the week, whatever the rounded figures of the shape (or no shape) come to. */
static double level(const struct scenario_producer *p)
{
    double of_shape = p->payload_bytes_per_s_peak * shape_sum(p) / MODEL_WEEK_HOURS;
    return of_shape > 0 ? p->payload_bytes_per_s_mean / of_shape : 1;
}

double model_shape_factor(const struct scenario_producer *p, int64_t since_start_ns)
{
    int64_t hour = since_start_ns / NS_HOUR;
    return level(p) * shape_at(p, (int)(hour % MODEL_WEEK_HOURS)) *
           model_growth_factor(p, since_start_ns);
}

double model_shape_mean(const struct scenario_producer *p)
{
    return level(p) * shape_sum(p) / MODEL_WEEK_HOURS;
}

void model_shape_week(const struct scenario_producer *p, double factor[MODEL_WEEK_HOURS])
{
    double whole = level(p);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        factor[hour] = whole * shape_at(p, hour);
}

static bool is_flat(const double hours[MODEL_WEEK_HOURS])
{
    for (int h = 1; h < MODEL_WEEK_HOURS; h++)
        if (hours[h] != hours[0])
            return false;
    return true;
}

/* The largest sum of so many hours in a row, of a week that repeats. */
static double worst_hours(const double hours[MODEL_WEEK_HOURS], int many)
{
    double sum = 0, most;
    for (int h = 0; h < many; h++)
        sum += hours[h % MODEL_WEEK_HOURS];
    most = sum;
    for (int h = 0; h + 1 < MODEL_WEEK_HOURS; h++) {
        sum += hours[(h + many) % MODEL_WEEK_HOURS] - hours[h];
        most = fmax(most, sum);
    }
    return most;
}

void model_stretches_init(struct model_stretches *x, const struct scenario_producer *p,
                          const double hours[MODEL_WEEK_HOURS])
{
    double mean = worst_hours(hours, MODEL_WEEK_HOURS) / MODEL_WEEK_HOURS;
    for (int n = 0; n <= MODEL_WEEK_HOURS; n++)
        x->worst[n] = mean > 0 ? worst_hours(hours, n) / mean : n;
    x->mean = model_shape_mean(p);
    x->flat = is_flat(hours);
}

/* Hours at the peak in so many hours, the rest at nothing: a day holds what its mean says, and nothing says when. */
static double hours_without_shape(double mean, double hours)
{
    double days = floor(hours / 24);
    return days * 24 * mean + fmin(hours - days * 24, 24 * mean);
}

/* The shape is constant within an hour: a worst stretch begins or ends on a full hour. */
static double worst_mean(double stretch_h, double week, const double rest[2])
{
    double weeks = floor(stretch_h / MODEL_WEEK_HOURS), whole = floor(stretch_h);
    return (weeks * week + rest[0] + (rest[1] - rest[0]) * (stretch_h - whole)) / stretch_h;
}

double model_stretches_more(const struct model_stretches *x, double stretch_s)
{
    double hours = stretch_s / 3600;
    int whole = (int)fmod(floor(hours), MODEL_WEEK_HOURS);
    if (x->flat && x->mean > 0)
        return hours > 0 ? hours_without_shape(x->mean, hours) / hours / x->mean : 1 / x->mean;
    if (hours <= 0)
        return x->worst[1];
    return worst_mean(hours, x->worst[MODEL_WEEK_HOURS], &x->worst[whole]);
}

double model_stretch_rate(const double rate[MODEL_WEEK_HOURS], double stretch_s)
{
    double hours = stretch_s / 3600;
    int whole = (int)fmod(floor(hours), MODEL_WEEK_HOURS);
    double rest[2] = {worst_hours(rate, whole), worst_hours(rate, whole + 1)};
    if (hours <= 0)
        return worst_hours(rate, 1);
    return worst_mean(hours, worst_hours(rate, MODEL_WEEK_HOURS), rest);
}

double model_shape_mean_max(const struct scenario_producer *p, int64_t stretch_ns)
{
    struct model_stretches x;
    double hours[MODEL_WEEK_HOURS];
    model_shape_week(p, hours);
    model_stretches_init(&x, p, hours);
    return x.mean * model_stretches_more(&x, (double)stretch_ns / 1e9);
}
