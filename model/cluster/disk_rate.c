/* model/cluster/disk_rate.c - see disk_rate.h. */
#include "model/cluster/disk_rate.h"

#include <math.h>

#include "model/hardware/cache.h"
#include "model/hardware/disk.h"
#include "sim/dmath.h"

static double least(double value, double other, enum model_disk_bind by, const char **bind)
{
    if (other > 0 && (value <= 0 || other < value)) {
        *bind = model_disk_bind_name(by);
        return other;
    }
    return value;
}

/*
 * Mean seek between two places of the used part u: track + a x + b sqrt(x) as in model/hardware/device_hdd.c, with means u / 3 and
 * 8 sqrt(u) / 15.
 */
static double mean_seek_ns(const struct scenario_disks *d)
{
    double track = (double)d->seek_track_ns, u = d->used_ratio;
    double average = (double)d->seek_average_ns - track, full = (double)d->seek_full_ns - track;
    double a = 8 * full / 3 - 5 * average, b = 5 * average - 5 * full / 3;
    return track + a * u / 3 + b * sqrt(u) * 8 / 15;
}

/* A seek to anywhere, and half a turn. */
static double way_s(const struct scenario_disks *d)
{
    return mean_seek_ns(d) / 1e9 + 30.0 / (d->rpm > 0 ? d->rpm : 7200);
}

double disk_rate_members(const struct scenario_disks *d)
{
    return d->layout == SCENARIO_RAID0 && d->count > 1 ? d->count : 1;
}

double disk_rate_dirs(const struct scenario_disks *d)
{
    return fmax(1, d->count / disk_rate_members(d));
}

/* What lies together on one member of a stripe of so many bytes in a row: they go round in the stripe's chunks. */
static double on_member(const struct scenario_disks *d, double bytes)
{
    return fmax(bytes / disk_rate_members(d), fmin(bytes, MODEL_DISK_STRIPE_BYTES));
}

/* Streams that take turns: a chunk at the medium's rate, then the way to the next one. All members of a stripe. */
static double hdd_rate(const struct scenario_disks *d, double row_bytes, double way, double outer)
{
    double chunk_bytes = on_member(d, row_bytes);
    double medium = outer - (outer - d->inner_bytes_per_s) * d->used_ratio / 2;
    return disk_rate_members(d) * chunk_bytes / (chunk_bytes / medium + way);
}

/* The machine's limit towards its volumes, as far as one log dir has a share in it. */
static double machine_share(const struct scenario *s, double chunk_bytes, const char **bind)
{
    const struct scenario_machine *m = &s->cluster.machine;
    const struct scenario_disks *d = &s->cluster.disks;
    double dirs = disk_rate_dirs(d), rate = 0;
    rate = least(rate, m->block_baseline_bytes_per_s / dirs, MODEL_BIND_INSTANCE_BYTES, bind);
    return least(rate, m->block_baseline_iops * chunk_bytes / dirs, MODEL_BIND_INSTANCE_IOPS, bind);
}

static double volume_rate(const struct scenario *s, double chunk_bytes, const char **bind)
{
    const struct scenario_disks *d = &s->cluster.disks;
    double io = chunk_bytes < (double)d->io_bytes_max ? chunk_bytes : (double)d->io_bytes_max;
    const char *machine_bind = "";
    double machine = machine_share(s, io, &machine_bind);
    double rate =
        least(0, d->throughput_bytes_per_s * disk_rate_members(d), MODEL_BIND_VOLUME_BYTES, bind);
    rate = least(rate, d->iops * io * disk_rate_members(d), MODEL_BIND_VOLUME_IOPS, bind);
    if (machine <= 0 || (rate > 0 && machine >= rate))
        return rate;
    *bind = machine_bind;
    return machine;
}

double disk_rate_write(const struct scenario *s, const char **bind)
{
    const struct scenario_disks *d = &s->cluster.disks;
    *bind = model_disk_bind_name(MODEL_BIND_DEVICE);
    if (d->is_volume)
        return volume_rate(s, MODEL_CACHE_CHUNK_BYTES, bind);
    if (d->type == SCENARIO_DISK_HDD)
        return hdd_rate(d, MODEL_CACHE_CHUNK_BYTES, way_s(d), d->write_bytes_per_s);
    return least(0, d->write_bytes_per_s, MODEL_BIND_WRITE_BYTES, bind) * disk_rate_members(d);
}

/* What groups read from disk: those that are stated to lag; where none is, all. */
static bool reads_disk(const struct scenario *s, const struct scenario_group *group)
{
    bool some_lag = false;
    for (int g = 0; g < s->group_count; g++)
        some_lag |= s->groups[g].lag_kind != SCENARIO_LAG_NONE;
    return !some_lag || group->lag_kind != SCENARIO_LAG_NONE;
}

/* Readers that take turns: each has one connection to a broker. */
static int readers(const struct scenario *s)
{
    int clients = 0;
    for (int g = 0; g < s->group_count; g++)
        clients += reads_disk(s, &s->groups[g]) ? s->groups[g].clients : 0;
    return clients;
}

double disk_rate_row_bytes(const struct scenario *s)
{
    double row = INFINITY;
    for (int i = 0; i < s->group_count; i++) {
        const struct scenario_consumer_config *c = &s->groups[i].config;
        if (reads_disk(s, &s->groups[i]))
            row = fmin(row, fmin((double)c->max_partition_fetch_bytes, (double)c->fetch_max_bytes));
    }
    if (readers(s) > 1)
        row = fmin(row, (double)scenario_send_buffer_bytes(&s->cluster.config));
    return fmax(isfinite(row) ? row : 0, (double)s->cluster.read_ahead_bytes);
}

/*
 * Of each partition the next read-ahead is asked for already: among so many a disk takes the nearest, up to its queue's 32. How much shorter
 * the way is then: hardware-models.md 1.2. One reader alone stays where it is.
 */
static double among(const struct scenario *s)
{
    double partitions = 0;
    for (int g = 0; g < s->group_count; g++)
        for (int t = 0; t < s->groups[g].topic_count && reads_disk(s, &s->groups[g]); t++)
            partitions += s->topics[s->groups[g].topics[t]].partitions;
    partitions /= fmax(1, s->cluster.brokers) * disk_rate_dirs(&s->cluster.disks);
    return readers(s) > 1 ? 1 + 0.36 * sim_log(fmax(1, fmin(partitions, 32))) : 1;
}

double disk_rate_read(const struct scenario *s, const char **bind)
{
    const struct scenario_disks *d = &s->cluster.disks;
    double chunk = (double)s->cluster.read_ahead_bytes;
    *bind = model_disk_bind_name(MODEL_BIND_DEVICE);
    if (d->is_volume)
        return volume_rate(s, (double)d->io_bytes_max, bind);
    if (d->type == SCENARIO_DISK_HDD)
        return hdd_rate(d, disk_rate_row_bytes(s), way_s(d) / among(s), d->read_bytes_per_s);
    double rate = least(0, d->read_bytes_per_s, MODEL_BIND_READ_BYTES, bind);
    return least(rate, d->read_iops * chunk, MODEL_BIND_READ_IOPS, bind) * disk_rate_members(d);
}

double disk_rate_cold_read_s(const struct scenario *s)
{
    const struct scenario_disks *d = &s->cluster.disks;
    const char *bind;
    return (double)s->cluster.read_ahead_bytes / disk_rate_read(s, &bind) * disk_rate_members(d) +
           (double)d->read_latency_ns / 1e9;
}

double disk_rate_small_write_s(const struct scenario *s)
{
    const struct scenario_disks *d = &s->cluster.disks;
    if (d->type != SCENARIO_DISK_HDD || d->is_volume)
        return (double)d->write_latency_ns / 1e9;
    return way_s(d);
}

double disk_rate_log_write_s(const struct scenario *s, double bytes)
{
    const struct scenario_disks *d = &s->cluster.disks;
    const char *bind;
    bool head = d->type == SCENARIO_DISK_HDD && !d->is_volume;
    double rate = disk_rate_write(s, &bind), small = disk_rate_small_write_s(s);
    if (head)
        small *= 1 - fmin(1, bytes / MODEL_CACHE_CHUNK_BYTES);
    return rate > 0 ? small + bytes / rate : small;
}

double disk_rate_extra_ways(const struct scenario *s, double bytes_per_s, double batches_per_s)
{
    const struct scenario_disks *d = &s->cluster.disks;
    double expire_s = (double)s->cluster.dirty_expire_ns / 1e9;
    if (d->type != SCENARIO_DISK_HDD || d->is_volume || expire_s <= 0)
        return 0;
    return fmax(0, fmin(1 / expire_s, batches_per_s) - bytes_per_s / MODEL_CACHE_CHUNK_BYTES);
}

/* What is small lies on one member of a stripe; the others write meanwhile. */
double disk_rate_way_bytes(const struct scenario *s, double write_rate)
{
    return write_rate * disk_rate_small_write_s(s) / disk_rate_members(&s->cluster.disks);
}

/* A sync is one operation at least; on a hard disk it holds the whole device. */
double disk_rate_sync_bytes(const struct scenario *s, double write_rate)
{
    const struct scenario_disks *d = &s->cluster.disks;
    double iops = d->is_volume ? d->iops : d->write_iops;
    if (d->type == SCENARIO_DISK_HDD)
        return write_rate * (double)d->flush_ns / 1e9 / disk_rate_members(d);
    return iops > 0 ? write_rate / (iops * disk_rate_members(d)) : 0;
}
