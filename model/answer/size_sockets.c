/*
 * How many connections a broker keeps, and with them and its segments how many file descriptors. A client has one to each broker that it has to do
 * with, and a group's members have one more to their coordinator, which may be any broker (reference/kafka/clients.md, groups.md).
 */
#include "model/answer/size_internal.h"

#include <math.h>

/* Kafka's documentation, operations, OS: "at least 100000 allowed file descriptors for the broker processes as a starting point". */
static const double DESCRIPTORS = 100000;

static bool leads(const struct size_plan *plan, int broker, int topic)
{
    for (int i = plan->on_first[broker]; i < plan->on_first[broker + 1]; i++) {
        const struct size_where *at = &plan->on[i];
        if (at->topic == topic &&
            model_placement_replicas(plan->placement, topic, at->partition)[0].broker == broker)
            return true;
    }
    return false;
}

/* Any partition of a topic may be any record's, in time. */
static double of_producers(const struct size_plan *plan, int broker)
{
    double sum = 0;
    for (int p = 0; p < plan->s->producer_count; p++)
        if (leads(plan, broker, plan->s->producers[p].topic))
            sum += plan->s->producers[p].clients;
    return sum;
}

static double of_groups(const struct size_plan *plan, const struct size_state *state, int broker)
{
    double sum = 0, coordinated = 0;
    for (int g = 0; g < plan->s->group_count; g++) {
        double clients = plan->s->groups[g].clients;
        sum += fmin(state->reading[g * plan->brokers + broker].partitions, clients);
        coordinated = fmax(coordinated, clients);
    }
    return sum + coordinated;
}

double size_sockets(const struct size_plan *plan, const struct size_state *state, int broker)
{
    double fetchers = (plan->brokers - 1.0) * plan->s->cluster.config.num_replica_fetchers;
    return of_producers(plan, broker) + of_groups(plan, state, broker) + 2 * fetchers;
}

void size_sockets_warn(const struct size_answer *a)
{
    double most = 0, sockets = 0;
    int broker = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        double one = size_sockets(a->plan, &a->state, b);
        if (one + a->state.load[b].segments <= most)
            continue;
        most = one + a->state.load[b].segments;
        sockets = one;
        broker = b;
    }
    if (most > DESCRIPTORS)
        result_warn(
            a->r,
            result_format(a->r,
                          "broker %d comes to have up to %s connections and %s segments open, a "
                          "file descriptor each: Kafka's documentation starts with 100,000",
                          broker + 1, result_count(a->r, (uint64_t)sockets),
                          size_segments_text(a, most - sockets)),
            "raise the limit (LimitNOFILE, ulimit -n), fewer clients or larger segments, or more "
            "brokers");
}
