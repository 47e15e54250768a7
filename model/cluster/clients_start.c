/*
 * model/cluster/clients_start.c - when the clients begin.
 */
#include <math.h>

#include "model/cluster/cluster_internal.h"

#define START_MOST_NS                                                                              \
    1e9 /* longer lingers are not spread over all of their time: warm-ups are short */

/* What repeats itself in a client: its linger, and the steps of regular arrivals. */
static double period_ns(const struct scenario_producer *entry)
{
    const struct scenario_arrivals *arrivals = &entry->arrivals;
    double step = 0, events_per_s = entry->records_per_s_peak / entry->clients;
    bool regular = arrivals->kind == SCENARIO_ARRIVALS_CONSTANT;
    if (arrivals->kind == SCENARIO_ARRIVALS_BURST) {
        regular = arrivals->burst_kind == SCENARIO_ARRIVALS_CONSTANT;
        events_per_s /= (double)arrivals->burst_records;
    }
    if (regular && events_per_s > 0)
        step = 1e9 / events_per_s;
    return fmin(fmax((double)entry->config.linger_us * 1000, step), START_MOST_NS);
}

int64_t cluster_producer_begins_ns(const struct cluster *cluster, uint32_t client)
{
    const struct scenario_producer *entry =
        &cluster->scenario->producers[cluster->clients[client].producer];
    struct sim_stream random;
    if (client == 0 || entry->arrivals.kind == SCENARIO_ARRIVALS_TRACE)
        return 0;
    sim_stream_initf(&random, cluster->options.seed, cluster->options.replication,
                     "client %u begins", client);
    return (int64_t)(sim_unit(&random) * period_ns(entry));
}

static void begin(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    model_producer_start(sim_container(event, struct cluster_client, start)->produces);
}

static void begin_at(struct cluster *cluster, struct cluster_client *client, int64_t t_ns)
{
    if (t_ns == 0) {
        model_producer_start(client->produces);
        return;
    }
    sim_event_init(&client->start, begin);
    sim_at(&cluster->sim, &client->start, t_ns, SIM_PRIORITY_NORMAL);
}

void cluster_clients_start(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->client_count; i++) {
        struct cluster_client *client = &cluster->clients[i];
        if (client->produces)
            begin_at(cluster, client, cluster_producer_begins_ns(cluster, i));
        else
            model_consumer_start(client->consumes);
    }
}
