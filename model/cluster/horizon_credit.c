/*
 * Burst credits: NIC, machine to volumes, volumes. A bucket is earned at the base rate and spent at the use; rates are constant within a step, so
 * the moment it runs empty is solved exactly.
 */
#include "model/cluster/horizon_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/memory.h"

static void add(struct horizon *h, enum horizon_credit_kind kind, const char *what,
                const char *unit, int broker, int disk, double base, double burst, double most)
{
    if (!(most > 0) || !(burst > base) || !(base > 0))
        return;
    h->credits =
        sim_checked(realloc(h->credits, (size_t)(h->credit_count + 1) * sizeof *h->credits));
    struct horizon_credit *c = &h->credits[h->credit_count++];
    *c = (struct horizon_credit){.kind = kind,
                                 .broker = broker,
                                 .disk = disk,
                                 .unit = unit,
                                 .base = base,
                                 .burst = burst,
                                 .most = most,
                                 .credit = h->s->start.credits == SCENARIO_FULL ? most : 0,
                                 .empty_ns = -1};
    if (disk >= 0)
        snprintf(c->name, sizeof c->name, "%s of broker %d disk %d", what, broker + 1, disk + 1);
    else
        snprintf(c->name, sizeof c->name, "%s of broker %d", what, broker + 1);
}

static int members(const struct scenario_disks *d)
{
    return d->layout == SCENARIO_RAID0 && d->count > 1 ? d->count : 1;
}

static void add_broker(struct horizon *h, int b)
{
    const struct scenario_machine *m = &h->s->cluster.machine;
    const struct scenario_disks *d = &h->s->cluster.disks;
    double burst_s = (double)m->block_burst_ns / 1e9, each = members(d);
    if (m->nic_model == SCENARIO_NIC_CREDIT) {
        add(h, HORIZON_NIC_IN, "network in", "MB/s", b, -1, m->nic_baseline_bytes_per_s,
            m->nic_burst_bytes_per_s, m->nic_credit_bytes);
        add(h, HORIZON_NIC_OUT, "network out", "MB/s", b, -1, m->nic_baseline_bytes_per_s,
            m->nic_burst_bytes_per_s, m->nic_credit_bytes);
    }
    if (!d->is_volume)
        return;
    add(h, HORIZON_MACHINE_BYTES, "machine-to-volume throughput", "MB/s", b, -1,
        m->block_baseline_bytes_per_s, m->block_burst_bytes_per_s,
        (m->block_burst_bytes_per_s - m->block_baseline_bytes_per_s) * burst_s);
    add(h, HORIZON_MACHINE_IOS, "machine-to-volume IOPS", "IOPS", b, -1, m->block_baseline_iops,
        m->block_burst_iops, (m->block_burst_iops - m->block_baseline_iops) * burst_s);
    for (int i = 0; i < h->disks_each; i++) {
        add(h, HORIZON_VOLUME_BYTES, "volume throughput", "MB/s", b, i,
            d->throughput_bytes_per_s * each, d->burst_bytes_per_s * each, d->credit_bytes * each);
        if (d->credit_bytes <= 0) /* else the same bucket: st1 and sc1 count I/Os of 1 MiB */
            add(h, HORIZON_VOLUME_IOS, "volume IOPS", "IOPS", b, i, d->iops * each,
                d->burst_iops * each, d->credit_ios * each);
    }
}

void horizon_credits_init(struct horizon *h)
{
    for (int b = 0; b < h->brokers; b++)
        add_broker(h, b);
}

/*
 * What groups take out of here of a source, as a multiple of what is produced; cold: only from disk. lead, near: the shares of a broker
 * or disk.
 */
static double readers(const struct horizon *h, int source, const double *lead, const double *near,
                      bool cold)
{
    double sum = 0;
    for (int g = 0; g < h->group_count; g++) {
        const struct horizon_group *group = &h->groups[g];
        double share = near ? near[g * h->source_count + source] : lead[source];
        if (cold && group->age_s <= h->cache_s)
            continue;
        if (scenario_reads(group->group, h->sources[source].producer->topic))
            sum += group->reads * share;
    }
    return sum;
}

struct use {
    double bytes, ios;
};

/* One disk: writes and the read-aheads of a stream in I/Os as large as the volume merges, syncs one each. */
static struct use use_disk(const struct horizon *h, int at, int index)
{
    const struct horizon_disk *d = &h->disks[index];
    double io = (double)h->s->cluster.disks.io_bytes_max;
    struct use sum = {0, 0};
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        double wire = horizon_source_wire_all(src, at);
        double write = wire * d->write_share[i];
        double cold = wire * readers(h, i, d->lead_share, d->near_share, true);
        sum.bytes += write + cold;
        sum.ios += d->syncs[i] * src->moments[at].now;
        if (io > 0)
            sum.ios += (write + cold) / io;
    }
    return sum;
}

static double use_of(const struct horizon *h, int at, const struct horizon_credit *c)
{
    const struct horizon_node *n = &h->nodes[c->broker];
    struct use sum = {0, 0};
    double in = 0, out = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        int topic = src->producer->topic;
        double wire = horizon_source_wire_all(src, at);
        in += wire * n->hold_share[i];
        out += wire * (n->lead_share[i] * (h->s->topics[topic].replication - 1) +
                       readers(h, i, n->lead_share, n->near_share, false));
    }
    switch (c->kind) {
    case HORIZON_NIC_IN:
        return in;
    case HORIZON_NIC_OUT:
        return out;
    case HORIZON_MACHINE_BYTES:
    case HORIZON_MACHINE_IOS:
        for (int i = 0; i < h->disks_each; i++) {
            struct use one = use_disk(h, at, c->broker * h->disks_each + i);
            sum.bytes += one.bytes;
            sum.ios += one.ios;
        }
        return c->kind == HORIZON_MACHINE_BYTES ? sum.bytes : sum.ios;
    case HORIZON_VOLUME_BYTES:
    case HORIZON_VOLUME_IOS:
        break;
    }
    sum = use_disk(h, at, c->broker * h->disks_each + c->disk);
    return c->kind == HORIZON_VOLUME_BYTES ? sum.bytes : sum.ios;
}

static void step(struct horizon_credit *c, double use, int64_t now_ns, int64_t step_ns)
{
    double spent = fmin(use, c->burst) - c->base, s = (double)step_ns / 1e9;
    if (spent <= 0) {
        c->credit = fmin(c->most, c->credit - spent * s);
        return;
    }
    double lasts_s = c->credit / spent;
    if (lasts_s >= s) {
        c->credit -= spent * s;
        return;
    }
    if (c->empty_ns < 0) {
        c->empty_ns = now_ns + (int64_t)(lasts_s * 1e9);
        c->empty_use = use;
    }
    c->without_ns += step_ns - (int64_t)(lasts_s * 1e9);
    c->credit = 0;
}

bool horizon_credits_left(const struct horizon *h, int broker)
{
    for (int i = 0; i < h->credit_count; i++)
        if (h->credits[i].broker == broker && h->credits[i].credit <= 0)
            return false;
    return true;
}

void horizon_credits_step(struct horizon *h, int at)
{
    for (int i = 0; i < h->credit_count; i++)
        step(&h->credits[i], use_of(h, at, &h->credits[i]), h->step_begin_ns[at],
             horizon_step_ns(h, at));
}
