/*
 * model/hardware/disk.h - one disk: hard disk, flash, cloud volume, or a stripe over several of them.
 *
 * Shape    NULL    no cost: done at the same time, after what is due already.
 *          HDD     one server. Per request: command + seek by distance + rotation to its sector (both nothing when it continues
 *                  the previous request) + bytes at the zone's rate. Among up to `queue_depth` waiting requests the one that
 *                  is reached first is served next, unless one waits beyond its deadline.
 *          SSD     `servers` parallel servers with lognormal latency and rare stalls for reads; shared limits for read and write
 *                  operations and bytes; writes land in a buffer that drains at the write rate.
 *          VOLUME  limits of operations and bytes, of the volume and of its machine, each with burst credits; then a lognormal
 *                  latency. An I/O counts one operation per `io_bytes_max`; one that continues the previous of its file is merged.
 *          STRIPE  RAID-0 over `count` equal disks: bytes go round in chunks, done when the last part is done.
 *          JBOD is several disks. One event a request, except stripes (one a part).
 * Units    ns; bytes; per second.
 * Omits    Flash translation layer and wear, thermal throttling, drive failure, RAID-5, host caches.
 * Source   reference/hardware-models.md section 1.
 * Checked  tests/model/test_disk.c; tests/theory/test_hardware_oracles.c: SSD with one server and fixed latency is M/D/1, HDD
 *          seek mean and interleaving, volume burst times (section 8).
 */
#ifndef MODEL_HARDWARE_DISK_H
#define MODEL_HARDWARE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "model/hardware/limit.h"
#include "sim/sim.h"

enum model_disk_kind {
    MODEL_DISK_NULL,
    MODEL_DISK_HDD,
    MODEL_DISK_SSD,
    MODEL_DISK_VOLUME,
};

enum model_io_kind { MODEL_IO_READ, MODEL_IO_WRITE, MODEL_IO_FLUSH, MODEL_IO_KINDS };

/* One request. The caller sets the first part and owns the memory until done begins. */
struct model_io {
    void (*done)(struct model_io *io);
    void *owner;
    enum model_io_kind kind;
    uint64_t file; /* any number that is unique on this disk; requests of one file lie together */
    uint64_t position; /* bytes from the file's start */
    uint64_t bytes;    /* 0 for a flush */

    struct sim_event event;
    struct model_disk *disk;
    struct model_device *device; /* the member of a stripe that handles it */
    struct model_io *next;
    struct model_io *whole; /* of a stripe's part: what it is part of */
    int64_t submitted_ns;
    double sector;   /* HDD: angle of its first sector, 0 to 1 */
    double location; /* HDD: radial position, 0 outer to 1 inner */
    uint32_t parts;  /* of a whole: parts not yet done */
};

enum { MODEL_DISK_STRIPE_BYTES = 512 * 1024 }; /* the default of Linux md */

/* Fields of other kinds are not read. */
struct model_disk_config {
    enum model_disk_kind kind;
    uint32_t count;        /* 1, or the members of a stripe; everything below is of one member */
    uint64_t stripe_bytes; /* chunk of a stripe; 0: MODEL_DISK_STRIPE_BYTES */
    uint64_t size_bytes;
    int64_t
        flush_ns; /* one cache flush, beside writing what the device buffers; after no write: one command, if that is less */

    /* HDD */
    double rpm;
    int64_t seek_track_ns;
    int64_t seek_average_ns; /* over all pairs of cylinders */
    int64_t seek_full_ns;
    int64_t command_ns;
    double outer_bytes_per_s;
    double inner_bytes_per_s;
    uint32_t queue_depth; /* at most MODEL_DISK_QUEUE_DEPTH_MAX */
    double
        used_ratio; /* share of the disk, from the outside, over which its files are spread; 0: all */

    /* SSD and VOLUME */
    int64_t read_latency_ns;  /* median of a small request */
    int64_t write_latency_ns; /* as read_latency_ns */
    double latency_sigma;     /* of ln(latency) */
    double stall_ratio;       /* share of reads that wait behind a program or erase */
    int64_t stall_ns;         /* median of such a wait */
    double stall_sigma;

    /* SSD */
    uint32_t servers; /* 0: round(read_iops * mean latency), at least 1 */
    double read_iops;
    double write_iops;
    double read_bytes_per_s;
    double write_bytes_per_s;  /* sustained: the rate the buffer drains at */
    double buffer_bytes_per_s; /* rate into the buffer; 0: as write_bytes_per_s */
    uint64_t buffer_bytes;     /* 0: none */
    bool buffer_safe;          /* against power loss: a flush does not wait for it */

    /* VOLUME: sustained and burst; burst 0: no burst */
    double iops;
    double burst_iops;
    double credit_ios;
    double bytes_per_s;
    double burst_bytes_per_s;
    double credit_bytes;
    uint64_t io_bytes_max; /* 256 KiB on flash volumes, 1 MiB on disk volumes */
    bool credits_full;
};

#define MODEL_DISK_QUEUE_DEPTH_MAX 32 /* native command queuing has 32 tags */

/* Limits of a machine towards all its volumes. */
struct model_block_limits {
    struct model_limit ios;
    struct model_limit bytes;
};

/* What made a request wait, or fills first. */
enum model_disk_bind {
    MODEL_BIND_DEVICE, /* the device's own latency, positions, servers */
    MODEL_BIND_READ_IOPS,
    MODEL_BIND_WRITE_IOPS,
    MODEL_BIND_READ_BYTES,
    MODEL_BIND_WRITE_BYTES,
    MODEL_BIND_VOLUME_IOPS,
    MODEL_BIND_VOLUME_BYTES,
    MODEL_BIND_INSTANCE_IOPS,
    MODEL_BIND_INSTANCE_BYTES,
    MODEL_DISK_BINDS,
};

/* "volume MB/s", ...: never NULL. */
const char *model_disk_bind_name(enum model_disk_bind bind);

struct model_disk_stats {
    int64_t since_ns;
    uint64_t ios[MODEL_IO_KINDS];
    uint64_t bytes[MODEL_IO_KINDS];
    int64_t latency_ns[MODEL_IO_KINDS]; /* sum, submit to done, of finished requests */
    uint64_t finished[MODEL_IO_KINDS];
    int64_t latency_ns_max;
    int64_t busy_ns;        /* at least one request was being handled */
    int64_t positioning_ns; /* HDD: seeks and rotations */
    uint64_t continued;     /* requests that went on where the one before ended */
    double queue_ns;        /* integral of the number of requests */
    uint32_t queue_max;
    int64_t bind_wait_ns[MODEL_DISK_BINDS]; /* waits by what caused them */
};

struct model_disk; /* its inside is in disk_internal.h */

/*
 * Gives    the disk; free it with model_disk_free.
 * Borrows  sim; limits (the machine's, or NULL for a local disk), until freed.
 * `name` names the random streams ("broker 2 disk 0"): same name and seed, same draws.
 * Asserts  the values are possible: sizes and rates that the kind reads are above 0.
 */
struct model_disk *model_disk_new(struct sim *sim, uint64_t seed, uint32_t replication,
                                  const char *name, const struct model_disk_config *config,
                                  struct model_block_limits *limits);
void model_disk_free(struct model_disk *disk);

/*
 * Queue one request; `done` runs when it completes, never inside this call. A flush completes after every write that
 * was done before it, and of a hard disk after every write that was submitted before it.
 *
 * Borrows  io until done begins.
 * Asserts  bytes above 0 for reads and writes, 0 for a flush.
 */
void model_disk_submit(struct model_disk *disk, struct model_io *io);

/* Of the whole stripe. */
uint64_t model_disk_size_bytes(const struct model_disk *disk);

/* Requests that are not done yet. */
uint32_t model_disk_queue_length(const struct model_disk *disk);

/*
 * The busiest of the disk's limits since the reset, as a share of its sustained rate (an HDD: of its time); `bind` (may be
 * NULL) says which. Bursts can exceed 1.
 */
double model_disk_busy_ratio(const struct model_disk *disk, enum model_disk_bind *bind);

/* Statistics up to now. A stripe's requests are counted whole. */
void model_disk_stats(const struct model_disk *disk, struct model_disk_stats *stats);
void model_disk_reset_stats(struct model_disk *disk);

/* Seek time over a share of the cylinders, 0 to 1; the curve of section 1.1. */
double model_disk_seek_ns(const struct model_disk_config *config, double distance);

#endif
