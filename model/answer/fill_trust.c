/*
 * model/answer/fill_trust.c - how far the quantities that a result shows may be trusted, a row each: the slowest producer and group, the
 * busiest broker and clients, what `rate: max` reached, the fullest disk.
 */
#include "model/answer/fill.h"
#include "model/answer/trust.h"

#include <math.h>

/* At `rate: max` a latency is that of a full queue: no error is known of it. */
static bool is_paced(const struct scenario *s)
{
    for (int p = 0; p < s->producer_count; p++)
        if (s->producers[p].rate_kind == SCENARIO_RATE_MAX)
            return false;
    return true;
}

static bool is_latency(enum measured_quantity quantity)
{
    return quantity == MEASURED_PRODUCE_MEAN || quantity == MEASURED_PRODUCE_P50 ||
           quantity == MEASURED_PRODUCE_P99 || quantity == MEASURED_END_TO_END_P50 ||
           quantity == MEASURED_END_TO_END_P99;
}

struct result_estimate fill_predicted(const struct fill *fill, enum measured_quantity quantity,
                                      const struct result_estimate *simulated)
{
    struct trust_evidence evidence = trust_evidence(fill->scenario, fill->profile, quantity);
    if (is_latency(quantity) && !is_paced(fill->scenario))
        return result_unknown();
    struct result_estimate predicted = trust_predict(simulated, evidence.error);
    if (quantity == MEASURED_BROKER_CPU || quantity == MEASURED_CLIENT_CPU)
        predicted.high = fmin(1, predicted.high); /* of all cores */
    return predicted;
}

struct result_estimate fill_predicted_tail(const struct fill *fill, enum measured_quantity tail,
                                           const struct result_estimate *simulated,
                                           const struct result_estimate *median)
{
    enum measured_quantity body =
        tail == MEASURED_PRODUCE_P99 ? MEASURED_PRODUCE_P50 : MEASURED_END_TO_END_P50;
    struct result_estimate of_tail = fill_predicted(fill, tail, simulated);
    struct result_estimate of_median = fill_predicted(fill, body, median);
    return result_above(&of_tail, &of_median);
}

static struct result_trust *add(struct fill *fill, enum measured_quantity quantity,
                                const char *name, const char *unit,
                                const struct result_estimate *simulated)
{
    struct trust_evidence evidence = trust_evidence(fill->scenario, fill->profile, quantity);
    if (!simulated->known || !(simulated->value > 0))
        return NULL;
    struct result_trust *row = RESULT_ADD(fill->result, trusts, trust_count);
    row->quantity = name;
    row->unit = unit;
    row->evidence = trust_class_name(evidence.class);
    row->simulated = *simulated;
    row->predicted = fill_predicted(fill, quantity, simulated);
    row->error_median = evidence.error ? evidence.error->median : NAN;
    row->error_cases = evidence.error ? evidence.error->rows : 0;
    return row;
}

/* The one whose p99, else whose median, is largest. */
static const struct result_latency *slowest(const struct fill *fill, enum result_latency_kind kind)
{
    const struct result_latency *found = NULL;
    for (uint32_t i = 0; i < fill->result->latency_count; i++) {
        const struct result_latency *row = &fill->result->latencies[i];
        if (row->kind != kind || !row->p50_ns.known)
            continue;
        if (!found || row->p99_ns.value > found->p99_ns.value ||
            (row->p99_ns.value == found->p99_ns.value && row->p50_ns.value > found->p50_ns.value))
            found = row;
    }
    return found;
}

static void add_latency(struct fill *fill, enum result_latency_kind kind, const char *word,
                        enum measured_quantity p50, enum measured_quantity p99)
{
    const struct result_latency *row = slowest(fill, kind);
    if (!row)
        return;
    add(fill, p50, result_format(fill->result, "%s %s p50", row->subject, word), "ns",
        &row->p50_ns);
    struct result_trust *tail =
        add(fill, p99, result_format(fill->result, "%s %s p99", row->subject, word), "ns",
            &row->p99_ns);
    if (tail)
        tail->predicted = fill_predicted_tail(fill, p99, &row->p99_ns, &row->p50_ns);
}

/* A paced load is the scenario's: nobody predicts it. */
static void add_maxima(struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (int p = 0; p < s->producer_count; p++)
        if (s->producers[p].rate_kind == SCENARIO_RATE_MAX)
            add(fill, MEASURED_THROUGHPUT,
                result_format(fill->result, "%s at most", s->producers[p].name), "records/s",
                &fill->result->flows[p].records_per_s);
}

static void add_resource(struct fill *fill, enum result_resource_kind kind)
{
    for (uint32_t i = 0; i < fill->result->resource_count; i++) {
        const struct result_resource *row = &fill->result->resources[i];
        if (row->kind == kind && row->used)
            add(fill, fill_measured(kind),
                result_format(fill->result, "%s of %s", row->name, row->busiest), "ratio",
                &row->now);
    }
}

void fill_trusts(struct fill *fill)
{
    if (!fill->profile->calibrated)
        return;
    add_maxima(fill);
    if (is_paced(fill->scenario) && !fill_queue_grows(fill)) {
        add_latency(fill, RESULT_PRODUCE, "produce", MEASURED_PRODUCE_P50, MEASURED_PRODUCE_P99);
        add_latency(fill, RESULT_END_TO_END, "end to end", MEASURED_END_TO_END_P50,
                    MEASURED_END_TO_END_P99);
    }
    add_resource(fill, RESULT_CPU);
    add_resource(fill, RESULT_CLIENT_CPU);
    add_resource(fill, RESULT_DISK_SPACE);
}
