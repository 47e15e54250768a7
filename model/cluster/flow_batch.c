/* model/cluster/flow_batch.c - how many records an expected batch holds; see flow.h. */
#include "model/cluster/flow_internal.h"

#include <math.h>

#include "sim/dmath.h"

/* P(X <= n) of a Poisson variate: by the incomplete gamma function, as the counts that a run draws are. */
static double poisson_at_most(unsigned n, double mean)
{
    return 1 - sim_gamma_inc((double)n + 1, mean);
}

/* E[min(k, N)] of a Poisson N. Above a mean of 10^5 the spread is below 1 %, and GSL's sums take long. */
static double poisson_min(double mean, double k)
{
    if (k <= 0 || mean <= 0)
        return 0;
    if (mean > 1e5)
        return mean < k ? mean : k;
    double whole = floor(k);
    if (whole > 4e9)
        return mean;
    unsigned n = (unsigned)whole;
    double below = n > 0 ? poisson_at_most(n - 1, mean) : 0;
    double at_most = poisson_at_most(n, mean);
    return mean * below + k * (1 - at_most);
}

double flow_batch_filled(double many, double mean)
{
    return many <= 0 ? 1 : many > 4e9 ? 0 : 1 - poisson_at_most((unsigned)ceil(many) - 1, mean);
}

double model_flow_batch(double rate_per_s, double burst, double window_s, double most)
{
    double events_most = most / burst;
    if (events_most <= 1)
        return most < 1 ? 1 : most;
    return burst * (1 + poisson_min(rate_per_s * window_s, events_most - 1));
}

/* Each record of a burst goes its own way. */
struct flow_events flow_events(const struct flow_client *c, double share)
{
    double some = -sim_expm1(c->burst * sim_log1p(-fmin(1, share)));
    struct flow_events events = {c->records_per_s / c->burst * some, 1};
    if (events.per_s > 0)
        events.burst = fmax(1, c->records_per_s * share / events.per_s);
    return events;
}
