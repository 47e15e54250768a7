/*
 * model/answer/fill_held.c - requests that wait for each other. A broker takes the next request of a connection when it has answered the one before
 * (reference/kafka: Processor mutes the channel), so that of several in flight all but one stand in a socket: with acks=all for as long as
 * the followers take, each. More in flight then make requests smaller and later, not faster.
 */
#include "model/answer/fill.h"

#include "model/answer/advice.h"
#include "model/scenario/full_batch.h"

/* Judgement: less than a quarter of the latency is not what to look at first, and less than a millisecond is nobody's concern. */
#define HELD_SHARE  0.25
#define HELD_NS_MIN 1e6
/* Judgement: batches that are so full are closed by batch.size. */
#define FULL_FROM   0.8

static double held_ns(const struct outcome *outcome, uint32_t p, double unused)
{
    (void)unused;
    return outcome->producers[p].held_ns;
}

/* From its receipt until its answer is written, about: what the next one waits for. */
static double taken_ns(const struct outcome *outcome, uint32_t p, double unused)
{
    double sum = 0;
    (void)unused;
    for (int part = CLUSTER_PART_REQUEST_QUEUE; part <= CLUSTER_PART_RESPONSE_QUEUE; part++)
        sum += sim_histogram_mean_ns(&outcome->producers[p].parts[part]);
    return sum;
}

static double latency_ns(const struct outcome *outcome, uint32_t p, double unused)
{
    (void)unused;
    return sim_histogram_mean_ns(&outcome->producers[p].latency);
}

static double mean(const struct fill *fill, fill_value_fn *value, int p)
{
    return fill_estimate(fill, value, (uint32_t)p, 0).value;
}

/*
 * Fewer requests that carry more, or fewer of them at a time. A Java client sends a broker all that waits for it when one batch is due, so
 * that its requests are linger.ms apart: longer than each is kept, they do not meet.
 */
static const char *remedy(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    const struct result_estimate *records = &fill->result->flows[p].records_per_batch;
    bool full = records->known && records->value >= FULL_FROM * scenario_full_batch(entry);
    return result_format(
        fill->result,
        "%s linger.ms (now %.4g)%s, or limit "
        "max.in.flight.requests.per.connection (now %d)",
        full ? "raise batch.size and" : "raise", (double)entry->config.linger_us / 1e3,
        entry->client == SCENARIO_CLIENT_JAVA ? " above that" : "", entry->config.max_in_flight);
}

void fill_held(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    double held = mean(fill, held_ns, p), latency = mean(fill, latency_ns, p);
    if (fill->producer_unstable[p] || entry->rate_kind == SCENARIO_RATE_MAX ||
        entry->config.max_in_flight < 2 || advice_sockets_bound(fill->result, entry) ||
        held < HELD_NS_MIN || held < HELD_SHARE * latency)
        return;
    result_warn(fill->result,
                result_format(fill->result,
                              "requests of %s wait in sockets for %.2g ms of a mean latency of "
                              "%.2g: a broker takes one request of a connection at a time, and "
                              "each keeps it %.2g ms",
                              entry->name, held / 1e6, latency / 1e6,
                              mean(fill, taken_ns, p) / 1e6),
                remedy(fill, p));
}
