/*
 * What waits in a librdkafka client while its sockets' small requests are worked off (gather.h): of a record a request thousands fit, and the
 * broker takes one after the other. queue.buffering.max.messages counts all that are not acknowledged; beyond it records are refused.
 */
#include "model/answer/size_internal.h"

#include <math.h>

#include "model/scenario/full_batch.h"

static double queue_records(const struct scenario_producer *p)
{
    return fmin((double)p->config.queue_max_messages,
                (double)p->config.buffer_memory / scenario_record_bytes(p));
}

/* Then what waits goes in no larger batches, and grows: that bound says it. */
static bool full_batches_are_too_few(struct result *r, const struct scenario_producer *p)
{
    const struct result_bound *in_flight =
        result_bound_of(r, result_format(r, "client in flight of %s", p->name));
    return in_flight && in_flight->utilisation > 1;
}

void size_producer_queue(const struct size_plan *plan, int producer, struct result *r)
{
    const struct scenario_producer *p = &plan->s->producers[producer];
    const struct model_producer_flow *f = model_flows_producer(plan->flows, producer);
    const struct gather_socketful *full = &f->sockets;
    double each = f->records_per_s / p->clients, capacity = queue_records(p);
    /* What is in the sockets counts too: no more than are made until the queue is full. */
    double requests = fmin(full->requests, full->requests_per_s * capacity / each);
    double seconds = requests * full->broker_s, demand = each * seconds;
    if (!(demand / capacity >= SIZE_WORTH_A_ROW) || full_batches_are_too_few(r, p))
        return;
    struct result_bound *b = RESULT_ADD(r, bounds, bound_count);
    b->resource = result_format(r, "client queue of %s", p->name);
    b->demand = demand;
    b->capacity = capacity;
    b->unit = "records";
    b->utilisation = demand / capacity;
    b->utilisation_survive = NAN;
    b->formula = result_format(
        r,
        "one client makes %.4g requests/s of %.2g records for a broker, which takes %.3g ms for "
        "each: %.0f in the connection's sockets last %.3g s, and %.4g records/s come meanwhile; "
        "queue.buffering.max lets %.4g wait",
        full->requests_per_s, full->records, full->broker_s * 1e3, requests, seconds, each,
        capacity);
}
