/*
 * model/answer/fill_lag.c - groups that fall behind, and what helps them: by what they wait for. Threads that are busy want more of them, or
 * cores; threads that are not wait for their connections, or for who serves them.
 */
#include "model/answer/fill.h"

#include <math.h>
#include <string.h>

#include "model/cluster/hot_partition.h"

/* Between two fetches a saturated consumer still waits a little: busier than this, its own work binds. */
#define THREAD_BINDS     0.8
#define CONNECTION_BINDS 0.9 /* of a bound that takes full batches and no waiting behind others */

/* The busiest machine that its consumers are on, as the replications had it on average. */
static double cores_ratio(const struct fill *fill, const struct scenario_group *group)
{
    const char *host =
        group->beside >= 0 ? fill->scenario->producers[group->beside].name : group->name;
    const struct outcome *first = fill->replications->outcomes[0];
    double most = 0;
    for (uint32_t i = 0; i < first->client_count; i++)
        if (fill_is_of_client(first->clients[i].name, host))
            most = fmax(most, fill_estimate(fill, fill_client_cpu, i, 0).value);
    return most;
}

/* More threads on the machines than they have cores, and not because most wait for something else. */
static bool shares_cores(const struct fill *fill, const struct scenario_group *group)
{
    const struct scenario_machine *m = &group->machine;
    return m->vcpus > 0 && group->machines > 0 &&
           group->clients * m->threads_per_core > group->machines * m->vcpus &&
           cores_ratio(fill, group) > THREAD_BINDS;
}

static bool is_full(const struct result_bound *bound)
{
    return bound && bound->utilisation > CONNECTION_BINDS;
}

/* Threads, machines and brokers all wait for the way there and back. NULL: they do not. */
static const char *remedy_of_connections(struct result *r, const struct scenario *s,
                                         const struct scenario_group *group)
{
    bool java = group->client == SCENARIO_CLIENT_JAVA;
    bool shared = scenario_partitions_read(s, group) > (int64_t)group->clients * s->cluster.brokers;
    const struct result_bound *connection = result_bound_of(
                                  r, result_format(r, "client connection of %s", group->name)),
                              *fetches = result_bound_of(
                                  r, result_format(r, "client fetches of %s", group->name));
    const char *add = shared
                          ? "add clients, which have connections of their own"
                          : "add partitions and clients, as each connection brings one partition";
    if (is_full(connection) && strstr(connection->formula, "single_flow"))
        return result_format(r, "its connections are full (single_flow): %s", add);
    if (is_full(connection))
        return result_format(r, "its connections wait for their windows: raise %s, or %s",
                             java ? "receive.buffer.bytes" : "socket.receive.buffer.bytes", add);
    if (is_full(fetches))
        return result_format(r, "its fetches, one at a time, bring too little: raise %s, or %s",
                             java ? "max.partition.fetch.bytes and fetch.max.bytes"
                                  : "fetch.message.max.bytes and fetch.max.bytes",
                             add);
    return NULL;
}

/* A core for each thread is enough only where no thread has more work than time. */
static const char *remedy_of_cores(struct result *r, const struct scenario *s,
                                   const struct scenario_group *group,
                                   const struct result_bound *thread)
{
    if (!thread || thread->utilisation <= 1)
        return "its threads share cores: add machines, or shorten processing";
    return result_format(
        r,
        "its threads share cores, and each has more work than time even on one of "
        "its own: add %s and machines, or shorten processing",
        group->clients < scenario_partitions_read(s, group) ? "clients" : "partitions, clients");
}

static const char *remedy_of_lag(const struct fill *fill, const struct scenario_group *group,
                                 double thread_ratio)
{
    struct result *r = fill->result;
    const struct scenario *s = fill->scenario;
    const struct result_bound *bound =
        result_bound_of(r, result_format(r, "client thread of %s", group->name));
    const char *waits = thread_ratio < THREAD_BINDS ? remedy_of_connections(r, s, group) : NULL;
    if (waits)
        return waits;
    if (thread_ratio < THREAD_BINDS)
        return "its threads are not busy: look at what serves it (interfaces, disks, network "
               "threads) and at its machines";
    const char *hot = model_hot_partition_remedy(
        r, s, group, bound ? fmax(thread_ratio, bound->utilisation) : thread_ratio);
    if (hot)
        return hot;
    if (shares_cores(fill, group))
        return remedy_of_cores(r, s, group, bound);
    return group->clients < scenario_partitions_read(s, group)
               ? "add clients or shorten processing"
               : "clients beyond the partitions add nothing: add partitions or shorten processing";
}

void fill_lag(struct fill *fill, int g)
{
    if (!fill->group_unstable[g])
        return;
    const struct scenario_group *entry = &fill->scenario->groups[g];
    double lag = 0, busy = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome_group *group = &fill->replications->outcomes[r]->groups[g];
        lag = fmax(lag, group->lag_end_records);
        busy = fmax(busy, group->thread_ratio);
    }
    result_warn(fill->result,
                result_format(fill->result, "%s falls behind: lag up to %.3g records at the end",
                              entry->name, lag),
                remedy_of_lag(fill, entry, busy));
}
