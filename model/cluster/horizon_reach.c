/*
 * How fast a group that lags can be served: what the brokers' disks have left for reads that the page cache no longer holds, what their
 * interfaces have left for all, and what its own machines take in. Consumers ask every partition of theirs alike, so the slowest disk or interface paces the group.
 */
#include "model/cluster/disk_rate.h"
#include "model/cluster/horizon_internal.h"

#include <math.h>

/* Rates of a log dir: reads, writes, and the writes that one sync costs. */
struct rates {
    double read, write, sync_bytes;
};

static struct rates rates_of(const struct horizon *h, bool burst)
{
    struct scenario s = *h->s;
    const char *bind;
    if (burst) {
        s.cluster.disks.throughput_bytes_per_s = s.cluster.disks.burst_bytes_per_s;
        s.cluster.disks.iops = s.cluster.disks.burst_iops;
        s.cluster.machine.block_baseline_bytes_per_s = s.cluster.machine.block_burst_bytes_per_s;
        s.cluster.machine.block_baseline_iops = s.cluster.machine.block_burst_iops;
    }
    double write = disk_rate_write(&s, &bind);
    return (struct rates){disk_rate_read(&s, &bind), write, disk_rate_sync_bytes(&s, write)};
}

static bool reads(const struct horizon_group *group, const struct horizon_source *src)
{
    return scenario_reads(group->group, src->producer->topic);
}

/* Bytes a second that one place (a disk or a broker) serves when the group reads as fast as producers send at their peaks. */
static double asked(const struct horizon *h, int g, const double *lead, const double *near)
{
    double sum = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        double share = near ? near[g * h->source_count + i] : lead[i];
        if (reads(&h->groups[g], src))
            sum += horizon_source_wire_peak(src) * share;
    }
    return sum;
}

static double disk_free(const struct horizon *h, int at, const struct horizon_disk *d,
                        const struct rates *r)
{
    double written = 0;
    for (int i = 0; i < h->source_count; i++)
        written += horizon_source_wire_all(&h->sources[i], at) * d->write_share[i] +
                   d->syncs[i] * h->sources[i].moments[at].now * r->sync_bytes;
    return r->read * fmax(0, 1 - written / r->write);
}

/* Left of an interface when replication and the readers that keep up have had theirs. */
static double network_free(const struct horizon *h, int at, int broker, double nic)
{
    const struct horizon_node *n = &h->nodes[broker];
    double sent = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        double wire = horizon_source_wire_all(src, at);
        sent += wire * n->lead_share[i] * (h->s->topics[src->producer->topic].replication - 1);
        for (int g = 0; g < h->group_count; g++)
            if (reads(&h->groups[g], src) && h->groups[g].lag < 1)
                sent += wire *
                        (n->near_share ? n->near_share[g * h->source_count + i] : n->lead_share[i]);
    }
    return fmax(0, nic - sent);
}

static bool is_cold(const struct horizon *h, const struct horizon_group *group)
{
    return group->age_s > h->cache_s;
}

/* Those that lag share what is left; cold: from disk. */
static int count_lagging(const struct horizon *h, bool cold)
{
    int count = 0;
    for (int g = 0; g < h->group_count; g++)
        count += h->groups[g].lag >= 1 && (!cold || is_cold(h, &h->groups[g]));
    return count;
}

static double pace_of_disks(const struct horizon *h, int g, int at, int broker, int sharing)
{
    double pace = INFINITY;
    struct rates r = rates_of(h, horizon_credits_left(h, broker));
    for (int i = broker * h->disks_each; i < (broker + 1) * h->disks_each; i++) {
        const struct horizon_disk *d = &h->disks[i];
        double ask = asked(h, g, d->lead_share, d->near_share);
        if (ask > 0 && r.read > 0)
            pace = fmin(pace, disk_free(h, at, d, &r) / sharing / ask);
    }
    return pace;
}

/* What the group's own machines take in; they have no burst left when a backlog of hours is read. */
static double pace_of_clients(const struct horizon *h, int g)
{
    const struct scenario_group *group = h->groups[g].group;
    double nic = group->machine.nic_baseline_bytes_per_s, ask = 0;
    for (int b = 0; b < h->brokers; b++)
        ask += asked(h, g, h->nodes[b].lead_share, h->nodes[b].near_share);
    return nic > 0 && ask > 0 ? nic * (group->machines > 0 ? group->machines : 1) / ask : INFINITY;
}

/* Network threads that stand still while a disk reads for them. */
static double pace_of_threads(const struct horizon *h, int g, int broker, int sharing)
{
    double cold_s = disk_rate_cold_read_s(h->s);
    double ask = asked(h, g, h->nodes[broker].lead_share, h->nodes[broker].near_share);
    double rate = (double)h->s->cluster.config.num_network_threads *
                  (double)h->s->cluster.read_ahead_bytes / cold_s;
    return ask > 0 && cold_s > 0 ? rate / sharing / ask : INFINITY;
}

static void slower(double *least, enum horizon_pace *pace, double one, enum horizon_pace by)
{
    if (one >= *least)
        return;
    *least = one;
    *pace = by;
}

static double pace_of_interface(const struct horizon *h, int g, int at, int broker, int sharing)
{
    const struct scenario_machine *m = &h->s->cluster.machine;
    double nic =
        horizon_credits_left(h, broker) ? m->nic_burst_bytes_per_s : m->nic_baseline_bytes_per_s;
    double ask = asked(h, g, h->nodes[broker].lead_share, h->nodes[broker].near_share);
    return ask > 0 && nic > 0 ? network_free(h, at, broker, nic) / sharing / ask : INFINITY;
}

double horizon_reach(const struct horizon *h, int g, int at, enum horizon_pace *pace)
{
    double least = INFINITY;
    bool cold = is_cold(h, &h->groups[g]);
    int sharing = count_lagging(h, false), colds = count_lagging(h, true);
    slower(&least, pace, pace_of_clients(h, g), HORIZON_PACE_CLIENTS);
    for (int b = 0; b < h->brokers; b++) {
        slower(&least, pace, pace_of_interface(h, g, at, b, sharing), HORIZON_PACE_INTERFACES);
        if (!cold)
            continue;
        slower(&least, pace, pace_of_disks(h, g, at, b, colds), HORIZON_PACE_DISKS);
        slower(&least, pace, pace_of_threads(h, g, b, colds), HORIZON_PACE_NETWORK_READS);
    }
    return least;
}
