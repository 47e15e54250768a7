/* A rate with burst credits, all in closed form. */
#include "model/hardware/limit.h"

#include <assert.h>
#include <string.h>

#include "sim/dmath.h"

void model_limit_init(struct model_limit *limit, double base_per_s, double burst_per_s,
                      double credit_max, bool full)
{
    assert(base_per_s >= 0);
    assert(credit_max >= 0);
    memset(limit, 0, sizeof(*limit));
    limit->base_per_s = base_per_s;
    limit->burst_per_s = burst_per_s > base_per_s ? burst_per_s : base_per_s;
    limit->credit_max = limit->burst_per_s > base_per_s ? credit_max : 0;
    limit->credit = full ? limit->credit_max : 0;
}

int64_t model_limit_begin_ns(const struct model_limit *limit, int64_t now_ns)
{
    return limit->free_ns > now_ns ? limit->free_ns : now_ns;
}

double model_limit_credit(const struct model_limit *limit, int64_t now_ns)
{
    double idle_s = (double)(now_ns - limit->free_ns) * 1e-9;
    if (idle_s <= 0)
        return limit->credit;
    double credit = limit->credit + limit->base_per_s * idle_s;
    return credit < limit->credit_max ? credit : limit->credit_max;
}

/* Seconds that the amount needs; spends the credits for it. */
static double pass_s(struct model_limit *limit, double amount)
{
    double above_per_s = limit->burst_per_s - limit->base_per_s;
    if (!(limit->credit > 0) || !(above_per_s > 0))
        return amount / limit->base_per_s;
    double burst_s = limit->credit / above_per_s;
    if (amount <= burst_s * limit->burst_per_s) {
        double s = amount / limit->burst_per_s;
        limit->credit -= s * above_per_s;
        return s;
    }
    limit->credit = 0;
    return burst_s + (amount - burst_s * limit->burst_per_s) / limit->base_per_s;
}

int64_t model_limit_take(struct model_limit *limit, int64_t now_ns, double amount)
{
    assert(amount >= 0);
    limit->taken += amount;
    if (!(limit->base_per_s > 0))
        return now_ns;
    limit->credit = model_limit_credit(limit, now_ns);
    int64_t begin_ns = model_limit_begin_ns(limit, now_ns);
    limit->wait_ns += begin_ns - now_ns;
    limit->free_ns = begin_ns + (int64_t)sim_ceil(pass_s(limit, amount) * 1e9);
    return limit->free_ns;
}

double model_limit_used_ratio(const struct model_limit *limit, int64_t now_ns)
{
    double elapsed_s = (double)(now_ns - limit->since_ns) * 1e-9;
    if (!(limit->base_per_s > 0) || elapsed_s <= 0)
        return 0;
    /* What was taken but has yet to pass is not used yet. */
    double ahead_s = limit->free_ns > now_ns ? (double)(limit->free_ns - now_ns) * 1e-9 : 0;
    double used = limit->taken - ahead_s * limit->base_per_s;
    return used > 0 ? used / (limit->base_per_s * elapsed_s) : 0;
}

void model_limit_reset_stats(struct model_limit *limit, int64_t now_ns)
{
    double ahead_s = limit->free_ns > now_ns ? (double)(limit->free_ns - now_ns) * 1e-9 : 0;
    limit->taken = ahead_s * limit->base_per_s;
    limit->wait_ns = 0;
    limit->since_ns = now_ns;
}
