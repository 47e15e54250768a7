/* I/O threads that stand still for syncs of logs (model/cluster/log_sync.h). Other appends to a partition wait for its log all the while. */
#include "model/answer/size_internal.h"
#include "model/cluster/log_sync.h"
#include "model/cluster/round_trip.h"

#include <math.h>

double size_sync_s(const struct size_plan *plan, const struct size_load *l)
{
    double on_disk = (l->lead_syncs + l->follow_syncs) / plan->disks;
    if (l->lead_syncs <= 0)
        return log_sync_s(plan->s, on_disk, 0, 1);
    return log_sync_s(plan->s, on_disk, l->lead_syncs_bytes / l->lead_syncs,
                      l->lead_syncs_dirty / l->lead_syncs);
}

/*
 * What the connections of producers whose records are flushed keep standing still: one each, but with acks=all the followers sync as long,
 * a round trip away. Clients go to all brokers, as leaders are spread.
 */
static double connections_wait(const struct size_plan *plan, double sync_s)
{
    const struct scenario_cluster *cluster = &plan->s->cluster;
    double loop_s = sync_s + round_trip_rtt_s(&cluster->network, cluster->rack_count > 1);
    double waiting = 0;
    for (int i = 0; i < plan->s->producer_count; i++) {
        const struct scenario_producer *p = &plan->s->producers[i];
        const struct scenario_topic_config *c = &plan->s->topics[p->topic].config;
        bool follows = p->config.acks == -1 && plan->s->topics[p->topic].replication > 1;
        if (c->flush_messages != INT64_MAX)
            waiting += p->clients * (follows ? sync_s / (sync_s + loop_s) : 1);
    }
    return waiting;
}

/*
 * A log that is synced for the share r of the time lets an append wait r / (1 - r) / 2 syncs (M/D/1), whether it syncs itself or not. One that cannot keep up has all
 * threads wait for it in the end; but a connection has one request at work, so that no more threads stand still than there are connections.
 */
double size_sync_threads(const struct size_plan *plan, const struct size_load *load)
{
    if (load->lead_syncs <= 0)
        return 0;
    double each_s = size_sync_s(plan, load), syncing = load->lead_syncs * each_s;
    double busy = load->lead_syncs_squared / load->lead_syncs * each_s;
    double all = (double)plan->s->cluster.config.num_io_threads * fmax(1, busy);
    double waiting = 0.5 * load->lead_syncs_batches * each_s * each_s;
    double with_waiting = busy < 1 ? syncing + waiting / (1 - busy) : all;
    return fmin(fmax(syncing, fmin(with_waiting, all)), connections_wait(plan, each_s));
}
