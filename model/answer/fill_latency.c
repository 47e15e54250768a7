/* model/answer/fill_latency.c - latency distributions and the parts of a produce request's time. */
#include "model/answer/fill.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct sim_histogram *merged(const struct fill *fill, fill_histogram_fn *histogram,
                                    uint32_t index)
{
    struct sim_histogram *sum = result_histogram(NULL);
    for (uint32_t r = 0; r < fill->replications->count; r++)
        sim_histogram_merge(sum, histogram(fill->replications->outcomes[r], index));
    return sum;
}

static struct result_latency *add_latency(struct fill *fill, enum result_latency_kind kind,
                                          const char *subject, fill_histogram_fn *histogram,
                                          uint32_t index, bool unstable)
{
    struct result_latency *row = RESULT_ADD(fill->result, latencies, latency_count);
    row->kind = kind;
    row->subject = result_string(fill->result, subject);
    row->of_p99 = "";
    row->mean_ns = row->p50_ns = row->p95_ns = row->p99_ns = row->p999_ns = row->max_ns =
        result_unknown();
    if (unstable)
        return row;
    row->histogram = merged(fill, histogram, index);
    row->mean_ns = fill_mean(fill, histogram, index);
    row->p50_ns = fill_quantile(fill, histogram, index, 0.50);
    row->p95_ns = fill_quantile(fill, histogram, index, 0.95);
    row->p99_ns = fill_quantile(fill, histogram, index, 0.99);
    row->p999_ns = fill_quantile(fill, histogram, index, 0.999);
    row->max_ns = fill_max(fill, histogram, index);
    return row;
}

/* ---- parts ---- */

static const struct sim_histogram *queue_histogram(const struct outcome *outcome, uint32_t index)
{
    return &outcome->producers[index].queue;
}

#define PART_HISTOGRAM(name, part)                                                                 \
    static const struct sim_histogram *name(const struct outcome *outcome, uint32_t index)         \
    {                                                                                              \
        return &outcome->producers[index].parts[part];                                             \
    }
PART_HISTOGRAM(send_histogram, CLUSTER_PART_SEND)
PART_HISTOGRAM(request_queue_histogram, CLUSTER_PART_REQUEST_QUEUE)
PART_HISTOGRAM(local_histogram, CLUSTER_PART_LOCAL)
PART_HISTOGRAM(remote_histogram, CLUSTER_PART_REMOTE)
PART_HISTOGRAM(response_queue_histogram, CLUSTER_PART_RESPONSE_QUEUE)
PART_HISTOGRAM(response_histogram, CLUSTER_PART_RESPONSE)

static fill_histogram_fn *const part_histograms[CLUSTER_PARTS] = {
    queue_histogram,  send_histogram,           request_queue_histogram, local_histogram,
    remote_histogram, response_queue_histogram, response_histogram,
};

/* "linger 10, replica 6": the two parts whose own p99 is largest, in ms. The parts' p99 do not add up; they point. */
static const char *most_of_p99(struct fill *fill, uint32_t p)
{
    static const char *const names[CLUSTER_PARTS] = {
        "linger", "send", "request queue", "append", "replica", "response queue", "response"};
    double p99_ns[CLUSTER_PARTS];
    int first = 0, second = 1;
    for (int part = 0; part < CLUSTER_PARTS; part++) {
        struct result_estimate e = fill_quantile(fill, part_histograms[part], p, 0.99);
        if (!e.known)
            return ""; /* it could be the largest */
        p99_ns[part] = e.value;
    }
    if (p99_ns[second] > p99_ns[first])
        first = 1, second = 0;
    for (int part = 2; part < CLUSTER_PARTS; part++) {
        if (p99_ns[part] > p99_ns[first])
            second = first, first = part;
        else if (p99_ns[part] > p99_ns[second])
            second = part;
    }
    if (p99_ns[first] <= 0)
        return "";
    return result_format(fill->result, "%s %.2g, %s %.2g", names[first], p99_ns[first] / 1e6,
                         names[second], p99_ns[second] / 1e6);
}

void fill_latencies(struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (uint32_t p = 0; p < (uint32_t)s->producer_count; p++) {
        bool unstable = fill->producer_unstable[p];
        struct result_latency *row = add_latency(fill, RESULT_PRODUCE, s->producers[p].name,
                                                 fill_produce_histogram, p, unstable);
        if (!unstable)
            row->of_p99 = most_of_p99(fill, p);
    }
    for (uint32_t g = 0; g < (uint32_t)s->group_count; g++)
        add_latency(fill, RESULT_END_TO_END, s->groups[g].name, fill_end_to_end_histogram, g,
                    fill_end_to_end_unstable(fill, g));
    for (uint32_t g = 0; g < (uint32_t)s->group_count; g++)
        add_latency(fill, RESULT_FETCH, s->groups[g].name, fill_fetch_histogram, g,
                    fill->group_unstable[g]);
}

void fill_parts(struct fill *fill)
{
    for (uint32_t p = 0; p < (uint32_t)fill->scenario->producer_count; p++) {
        if (fill->producer_unstable[p])
            continue;
        for (int part = 0; part < CLUSTER_PARTS; part++) {
            struct result_part *row = RESULT_ADD(fill->result, parts, part_count);
            row->subject = result_string(fill->result, fill->scenario->producers[p].name);
            row->name = cluster_part_name((enum cluster_part)part);
            row->mean_ns = fill_mean(fill, part_histograms[part], p);
            row->p50_ns = fill_quantile(fill, part_histograms[part], p, 0.50);
            row->p99_ns = fill_quantile(fill, part_histograms[part], p, 0.99);
        }
    }
}
