/* See machine_share.h. */
#include "model/cluster/machine_share.h"

#include <math.h>

#include "model/hardware/cpu.h"

static void share_machine(struct scenario_machine *m, double part)
{
    double *const rates[] = {&m->nic_baseline_bytes_per_s, &m->nic_burst_bytes_per_s,
                             &m->nic_credit_bytes,         &m->block_baseline_bytes_per_s,
                             &m->block_burst_bytes_per_s,  &m->block_baseline_iops,
                             &m->block_burst_iops};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        *rates[i] *= part;
    m->ram_bytes = (int64_t)((double)m->ram_bytes * part);
}

/* A hard disk's way to the data takes its share of time as the data do: a rate is a part of the whole one only if both are longer. */
static void share_disks(struct scenario_disks *d, double part)
{
    double *const rates[] = {&d->read_bytes_per_s,
                             &d->write_bytes_per_s,
                             &d->inner_bytes_per_s,
                             &d->buffer_bytes_per_s,
                             &d->read_iops,
                             &d->write_iops,
                             &d->throughput_bytes_per_s,
                             &d->burst_bytes_per_s,
                             &d->credit_bytes,
                             &d->iops,
                             &d->burst_iops,
                             &d->credit_ios};
    int64_t *const ways[] = {&d->seek_track_ns, &d->seek_average_ns, &d->seek_full_ns};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        *rates[i] *= part;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        *ways[i] = (int64_t)((double)*ways[i] / part);
    d->rpm = (int)(d->rpm * part);
    d->size_bytes = (int64_t)((double)d->size_bytes * part);
}

struct scenario model_machine_share(const struct scenario *s)
{
    struct scenario share = *s;
    struct scenario_cluster *c = &share.cluster;
    double part = 1.0 / c->brokers_per_machine;
    if (c->brokers_per_machine > 1) {
        share_machine(&c->machine, part);
        share_disks(&c->disks, part);
        c->reserved_bytes = (int64_t)((double)c->reserved_bytes * part);
    }
    return share;
}

double model_machine_cores(const struct scenario *s)
{
    return (double)s->cluster.machine.vcpus / s->cluster.brokers_per_machine;
}

struct model_gc_config model_machine_collector(const struct scenario_cluster *c,
                                               const struct model_profile *profile)
{
    struct model_profile own = *profile;
    own.gc_pause_median_ns /= model_cpu_speed(c->machine.coremark_per_vcpu, profile->coremark);
    /* ZGC's longest pause near 50 us (reference/hardware-models.md 4.6): it counts as none. */
    return (struct model_gc_config){
        .on = c->gc == SCENARIO_GC_G1 && profile->gc,
        .young_bytes = model_young_bytes(&own, (double)c->heap_bytes,
                                         (double)c->brokers_per_machine / c->machine.vcpus),
        .pause_median_ns = own.gc_pause_median_ns,
        .pause_sigma = profile->gc_pause_sigma,
    };
}

double model_machine_collector_cores(const struct scenario_cluster *c)
{
    uint32_t vcpus = (uint32_t)c->machine.vcpus;
    return c->brokers_per_machine == 1 ? vcpus : model_cpu_collector_threads(vcpus);
}

int model_machines_for(const struct scenario *s, int brokers)
{
    int each = s->cluster.brokers_per_machine;
    return (brokers + each - 1) / each;
}

double model_machine_speed(const struct scenario_machine *m, const struct model_profile *profile,
                           double busy)
{
    return model_cpu_speed(m->coremark_per_vcpu, profile->coremark) *
           model_cpu_gain((uint32_t)m->threads_per_core, busy);
}

/*
 * Threads of a broker that compute at once because one message woke them: an append the fetches that wait for it, each answer the thread that
 * sends it. From runs on two hyper-threads: 0.8 others with two followers and one group, 1.4 with three groups; the larger is taken.
 */
static const double WOKEN_TOGETHER = 1.4;

double model_machine_speed_mean(const struct scenario_machine *m,
                                const struct model_profile *profile, double busy)
{
    double among =
        model_cpu_gain_among((uint32_t)m->threads_per_core, (uint32_t)m->vcpus, WOKEN_TOGETHER);
    return fmin(model_machine_speed(m, profile, busy),
                model_cpu_speed(m->coremark_per_vcpu, profile->coremark) * among);
}
