/*
 * model/cluster/flow_cycle.c - a Java client whose partitions each have a batch: those of one leader go out together.
 */
#include "model/cluster/flow_internal.h"

#include <math.h>

#include "broker-core/record/ratio_estimate.h"
#include "model/scenario/full_batch.h"
#include "sim/dmath.h"

enum {
    SIZES_MOST = 64, /* records: larger batches are not what brings an estimate up */
    SETTLES = 6,     /* what is full by the ratio that is learned of a cycle: a few turns */
};

/* The chances of 1, 2, ... records in a batch of which there are `mean` on average, and what it then comes to. */
struct sizes {
    int count;
    double chance[SIZES_MOST], observed[SIZES_MOST];
};

static void sizes_init(struct sizes *sizes, const struct flow_client *c, double mean)
{
    double chance = sim_exp(-mean), some = -sim_expm1(-mean);
    sizes->count = 0;
    for (int n = 1; n <= SIZES_MOST && (n <= mean || chance > 1e-3); n++) {
        chance *= mean / n;
        sizes->chance[sizes->count] = some > 0 ? chance / some : n == 1;
        sizes->observed[sizes->count++] = scenario_ratio_observed(c->p, n * c->record_bytes);
    }
}

/* By how much Java's estimate moves on average with a batch, of which `share` are of those sizes and none shows more than they. */
static double drift(const struct sizes *sizes, double share, double estimate)
{
    double up = 0, above = 0;
    for (int i = 0; i < sizes->count && sizes->observed[i] > estimate; i++) {
        up += share * sizes->chance[i] * fmax(BROKER_RATIO_UP, sizes->observed[i] - estimate);
        above += share * sizes->chance[i];
    }
    return up - (1 - above) * BROKER_RATIO_DOWN;
}

/* Where it stays on average: as far as small batches bring it up, full ones bring it down. */
static double estimate_beside(const struct flow_client *c, double share, double mean)
{
    struct sizes sizes;
    double low = 0, high = 1;
    sizes_init(&sizes, c, mean);
    for (int i = 0; i < 12; i++) {
        double middle = (low + high) / 2;
        *(drift(&sizes, share, middle) > 0 ? &low : &high) = middle;
    }
    return high;
}

/*
 * Until the first of so many equal partitions is full: the fullest of n is some 1.06 sqrt(ln n) standard deviations ahead of the mean (that of n
 * normal variates, within a tenth for 3 to 1,000).
 */
static double first_full_s(double most, double equal, double records_per_s)
{
    double ahead = 1.06 * sqrt(sim_log(fmax(1, equal)));
    double root = (sqrt(ahead * ahead + 4 * fmax(0, most - 1)) - ahead) / 2;
    return root * root / records_per_s;
}

/* How many partitions are as hot as the hottest: those with half as much have no part in it. */
static double hottest_count(const struct flow_stream *out, const int *of_broker, int count,
                            double hottest)
{
    double many = 0;
    for (int i = 0; i < count; i++)
        many += sim_pow(out[of_broker[i]].records / hottest, 8);
    return many;
}

/* What ends a cycle by size. Java learns its ratio from all batches of it, small ones above all, and begins with 1. */
static double cycle_fill_s(const struct flow_client *c, int count, double all, double hot,
                           double hottest)
{
    double others = count > 1 ? (all - hottest) / (count - 1) : 0, estimate = 1, fill_s;
    for (int i = 0;; i++) {
        fill_s = first_full_s(scenario_full_batch_at(c->p, estimate), hot, hottest);
        if (i == SETTLES || fill_s >= c->linger_s || others <= 0)
            return fill_s;
        double elsewhere = (c->partitions - count) * fill_s / c->linger_s;
        estimate = estimate_beside(c, (count - 1) / (count + elsewhere), others * fill_s);
    }
}

/*
 * The partitions of one leader share a cycle: it begins with a record, and ends after the linger or when the hottest partition is
 * full. A partition takes part when it has the first record or gets one during the cycle.
 */
void flow_stream_cycle(const struct flow_client *c, const int *of_broker, int count,
                       struct flow_stream *out)
{
    double all = 0, hottest = 0, squared = 0;
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        s->records = c->records_per_s * c->share[of_broker[i]];
        all += s->records;
        hottest = s->records > hottest ? s->records : hottest;
        squared += s->records * s->records;
    }
    if (all <= 0)
        return;
    double equal = all * all / squared;
    double hot = hottest_count(out, of_broker, count, hottest);
    double fill_s = cycle_fill_s(c, count, all, hot, hottest);
    double window = fill_s < c->linger_s ? fill_s : c->linger_s;
    struct gather_at at = {all, equal, 1, 0};
    double held = gather_requests_per_s(c->gather, &at, 1 / (c->burst / all + window));
    window = fmin(fill_s, fmax(window, 1 / held - c->burst / all));
    double cycles_per_s = 1 / (c->burst / all + window), batches = 0, bytes = 0;
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        double none = sim_pow(1 - s->records / all, c->burst) * sim_exp(-s->records * window);
        s->batches = cycles_per_s * (1 - none);
        batches += s->batches;
        bytes += s->records * c->record_bytes;
    }
    double by_size = bytes / (double)c->p->config.max_request_size;
    double requests = cycles_per_s > by_size ? cycles_per_s : by_size;
    requests = requests < batches ? requests : batches;
    for (int i = 0; i < count; i++)
        out[of_broker[i]].requests = requests * out[of_broker[i]].batches / batches;
}
