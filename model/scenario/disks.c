/*
 * What is known of a disk by its type and size. Figures: data sheets and published measurements gathered in
 * model/hardware's sources; those marked judgement have no published figure.
 */
#include "model/scenario/scenario_internal.h"

#include <math.h>

const char *const scenario_disk_type_names[] = {"hdd", "ssd", "nvme", "gp2", "gp3",
                                                "io2", "st1", "sc1",  NULL};

static const double MIB = 1048576, GIB = 1073741824, TIB = 1099511627776;

/* WD Ultrastar HC310 class, 7200 rpm: seeks by data sheet; 200 and 100 MB/s are usual for the class (judgement). */
static void preset_hdd(struct scenario_disks *d)
{
    d->rpm = 7200;
    d->seek_track_ns = 230000;
    d->seek_average_ns = 7400000;
    d->seek_full_ns = 16000000;
    d->read_bytes_per_s = d->write_bytes_per_s = 200e6;
    d->inner_bytes_per_s = 100e6;
    d->queue_depth = 32;
    d->used_ratio = 1;      /* judgement: as when it is full, which a plan is for */
    d->flush_ns = 10000000; /* one revolution and a little */
}

/* Latency: mixture fitted to measured i3 NVMe reads (median 0.156 ms, 1.5 % stalls of median 1.3 ms). */
static void preset_nvme(struct scenario_disks *d)
{
    d->read_bytes_per_s =
        2000e6; /* judgement, as the next three: a data centre drive of the middle class */
    d->write_bytes_per_s = 1000e6;
    d->read_iops = 200000;
    d->write_iops = 100000;
    d->read_latency_ns = 125000;
    d->write_latency_ns = 30000;
    d->latency_sigma = 0.17;
    d->stall_ratio = 0.015;
    d->stall_ns = 1300000;
    d->stall_sigma = 0.45;
    d->flush_ns = 30000; /* with power-loss protection: tens of microseconds */
    d->buffer_bytes_per_s = d->write_bytes_per_s; /* buffer_bytes 0: no vendor states its size */
    d->buffer_is_safe = true;
}

/* SATA: the link bounds it. */
static void preset_ssd(struct scenario_disks *d)
{
    preset_nvme(d);
    d->read_bytes_per_s = 540e6;
    d->write_bytes_per_s = 480e6;
    d->read_iops = 90000;
    d->write_iops = 30000;
    d->read_latency_ns = 175000;
    d->write_latency_ns = 60000;
    d->flush_ns = 1640000; /* fdatasync measured on a drive without power-loss protection */
    d->buffer_bytes_per_s = d->write_bytes_per_s;
    d->buffer_is_safe = false;
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* EBS, AWS user guide. Read and write latency of gp types: measured means 1.05 and 2 ms; io2 0.8 and 1.2 ms. */
static void preset_ssd_volume(struct scenario_disks *d, int64_t read_ns, int64_t write_ns)
{
    d->is_volume = true;
    d->io_bytes_max = 262144;
    d->read_latency_ns = read_ns;
    d->write_latency_ns = write_ns;
    d->latency_sigma = 0.34; /* measured on gp2 */
    d->flush_ns =
        0; /* they report write through: the kernel skips the flush (hardware-models.md 1.6) */
}

static void preset_gp2(struct scenario_disks *d, double gib)
{
    preset_ssd_volume(d, 1000000, 2000000);
    d->iops = clamp(3 * gib, 100, 16000);
    d->throughput_bytes_per_s = (gib <= 170 ? 128 : 250) * MIB;
    d->burst_iops = d->iops < 3000 ? 3000 : d->iops;
    d->credit_ios = d->iops < 3000 ? 5400000 : 0;
    d->usd_per_gb_month = 0.10;
}

static void preset_gp3(struct scenario_disks *d)
{
    preset_ssd_volume(d, 1000000, 2000000);
    d->iops = d->burst_iops = 3000;
    d->throughput_bytes_per_s = 125 * MIB;
    d->usd_per_gb_month = 0.08;
    d->usd_per_iops_month = 0.005;
    d->usd_per_mb_s_month = 0.04;
    d->iops_free = 3000;
    d->throughput_free_bytes_per_s = 125 * MIB;
}

static void preset_io2(struct scenario_disks *d, double gib)
{
    preset_ssd_volume(d, 800000, 1200000);
    d->iops = d->burst_iops = clamp(50 * gib, 100, 3000); /* judgement: as many as gp3 gives free */
    d->throughput_bytes_per_s = clamp(0.256 * d->iops, 1, 4000) * MIB;
    d->usd_per_gb_month = 0.125;
    d->usd_per_iops_month = 0.065;
}

void scenario_disks_count_megabytes(struct scenario_disks *d)
{
    d->iops = d->throughput_bytes_per_s / MIB;
    d->burst_iops = d->burst_bytes_per_s / MIB;
    d->credit_ios = d->credit_bytes / MIB;
}

/* Base and burst MiB/s per TiB, both capped; bucket of 1 TiB a TiB. */
static void preset_hdd_volume(struct scenario_disks *d, double tib, double base, double burst,
                              double base_cap, double burst_cap, double usd)
{
    d->is_volume = true;
    d->io_bytes_max = 1048576;
    d->throughput_bytes_per_s = clamp(base * tib, 1, base_cap) * MIB;
    d->burst_bytes_per_s = clamp(burst * tib, 1, burst_cap) * MIB;
    d->credit_bytes = d->burst_bytes_per_s > d->throughput_bytes_per_s ? tib * TIB : 0;
    scenario_disks_count_megabytes(d);
    d->read_latency_ns = d->write_latency_ns =
        5000000; /* judgement: a hard disk behind a network */
    d->latency_sigma = 0.5;
    d->flush_ns = 0; /* write through, as the others */
    d->usd_per_gb_month = usd;
}

void scenario_disks_preset(struct scenario_disks *d, enum scenario_disk_type type,
                           int64_t size_bytes)
{
    *d = (struct scenario_disks){.type = type, .count = 1, .size_bytes = size_bytes};
    double gib = (double)size_bytes / GIB, tib = (double)size_bytes / TIB;
    switch (type) {
    case SCENARIO_DISK_HDD:
        preset_hdd(d);
        break;
    case SCENARIO_DISK_SSD:
        preset_ssd(d);
        break;
    case SCENARIO_DISK_NVME:
        preset_nvme(d);
        break;
    case SCENARIO_DISK_GP2:
        preset_gp2(d, gib);
        break;
    case SCENARIO_DISK_GP3:
        preset_gp3(d);
        break;
    case SCENARIO_DISK_IO2:
        preset_io2(d, gib);
        break;
    case SCENARIO_DISK_ST1:
        preset_hdd_volume(d, tib, 40, 250, 500, 500, 0.045);
        break;
    case SCENARIO_DISK_SC1:
        preset_hdd_volume(d, tib, 12, 80, 192, 250, 0.015);
        break;
    }
    if (d->is_volume && d->burst_bytes_per_s < d->throughput_bytes_per_s)
        d->burst_bytes_per_s = d->throughput_bytes_per_s;
}
