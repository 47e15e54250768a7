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

/* What a client sends to the partitions of one leader. */
struct cycle {
    const struct flow_client *c;
    const int *of_broker;
    int count;
    double all, hottest; /* records a second: of all of them, of the partition that gets most */
    double equal;        /* partitions that would have as much if all had as much */
    double hot;          /* of them, those that are as hot as the hottest */
    struct flow_events events;
    double most;   /* records of a full batch */
    double fill_s; /* until the first one is full */
};

/* Records of an event that one of the partitions gets. */
static double brought(const struct cycle *cycle, double records_per_s)
{
    return cycle->events.burst * records_per_s / cycle->all;
}

/*
 * Until the first of the equal partitions is full: the fullest of n is some 1.06 sqrt(ln n) standard deviations ahead of the mean (that of n
 * normal variates, within a tenth for 3 to 1,000). The event that begins the cycle brings it one record at least.
 */
static double first_full_s(const struct cycle *cycle)
{
    double ahead = 1.06 * sqrt(sim_log(fmax(1, cycle->hot)));
    double more = cycle->most - fmax(1, brought(cycle, cycle->hottest));
    double root = (sqrt(ahead * ahead + 4 * fmax(0, more)) - ahead) / 2;
    return root * root / cycle->hottest;
}

/* What ends a cycle by size. Java learns its ratio from all batches of it, small ones above all, and begins with 1. */
static void fill(struct cycle *cycle)
{
    const struct flow_client *c = cycle->c;
    int count = cycle->count;
    double others = count > 1 ? (cycle->all - cycle->hottest) / (count - 1) : 0, estimate = 1;
    for (int i = 0;; i++) {
        cycle->most = scenario_full_batch_at(c->p, estimate);
        cycle->fill_s = first_full_s(cycle);
        if (i == SETTLES || cycle->fill_s >= c->linger_s || others <= 0)
            return;
        double elsewhere = (c->partitions - count) * cycle->fill_s / c->linger_s;
        double together_s = cycle->fill_s + (cycle->events.burst - 1) / cycle->all;
        estimate = estimate_beside(c, (count - 1) / (count + elsewhere), others * together_s);
    }
}

/* Sums the records that come. How many are as hot as the hottest: those with half as much have no part in it. */
static struct cycle cycle_of(const struct flow_client *c, const int *of_broker, int count,
                             struct flow_stream *out)
{
    struct cycle cycle = {.c = c, .of_broker = of_broker, .count = count};
    double squared = 0;
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        s->records = c->records_per_s * c->share[of_broker[i]];
        cycle.all += s->records;
        cycle.hottest = fmax(cycle.hottest, s->records);
        squared += s->records * s->records;
    }
    if (cycle.all <= 0)
        return cycle;
    for (int i = 0; i < count; i++)
        cycle.hot += sim_pow(out[of_broker[i]].records / cycle.hottest, 8);
    cycle.equal = cycle.all * cycle.all / squared;
    cycle.events = flow_events(c, cycle.all / c->records_per_s);
    return cycle;
}

/* How long a cycle is open. */
static double window_s(const struct cycle *cycle)
{
    double next_s = 1 / cycle->events.per_s, window = fmin(cycle->fill_s, cycle->c->linger_s);
    struct gather_at at = {cycle->all, cycle->equal, 1, 0};
    double held = gather_requests_per_s(cycle->c->gather, &at, 1 / (next_s + window));
    return fmin(cycle->fill_s, fmax(window, 1 / held - next_s));
}

/* Of a partition, in a cycle: none where nothing came for it, several where one event brings more than a batch holds, the last half full. */
static double batches_of(const struct cycle *cycle, double records_per_s, double window)
{
    double missed = sim_pow(1 - records_per_s / cycle->all, cycle->events.burst);
    double none = missed * sim_exp(-cycle->events.per_s * window * (1 - missed));
    double full = brought(cycle, records_per_s) / cycle->most;
    return (1 - none) * fmax(1, full + (1 - 1 / cycle->most) / 2);
}

/* Of so many cycles: one each, as many as a partition has batches, and none larger than max.request.size. */
static double requests_of(const struct cycle *cycle, const struct flow_stream *out,
                          double cycles_per_s)
{
    double requests = cycles_per_s, batches = 0;
    for (int i = 0; i < cycle->count; i++) {
        requests = fmax(requests, out[cycle->of_broker[i]].batches);
        batches += out[cycle->of_broker[i]].batches;
    }
    double bytes_per_s = cycle->all * cycle->c->record_bytes;
    requests = fmax(requests, bytes_per_s / (double)cycle->c->p->config.max_request_size);
    return fmin(requests, batches);
}

/*
 * The partitions of one leader share a cycle: it begins with a record, and ends after the linger or when the hottest partition is
 * full. A partition takes part when it has the first record or gets one during the cycle.
 */
void flow_stream_cycle(const struct flow_client *c, const int *of_broker, int count,
                       struct flow_stream *out)
{
    struct cycle cycle = cycle_of(c, of_broker, count, out);
    double batches = 0;
    if (cycle.all <= 0)
        return;
    fill(&cycle);
    double window = window_s(&cycle), cycles_per_s = 1 / (1 / cycle.events.per_s + window);
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        s->batches = cycles_per_s * batches_of(&cycle, s->records, window);
        batches += s->batches;
    }
    double requests = requests_of(&cycle, out, cycles_per_s);
    for (int i = 0; i < count; i++)
        out[of_broker[i]].requests = requests * out[of_broker[i]].batches / batches;
}
