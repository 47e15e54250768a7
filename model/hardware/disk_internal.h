/*
 * What the disk's files know of each other: disk.c splits, counts and answers; device_*.c say how long one device needs.
 *
 * A device is one physical disk or volume. Flash and volumes know at once when a request will be done; a hard disk chooses
 * the next request when the present one ends.
 */
#ifndef MODEL_HARDWARE_DISK_INTERNAL_H
#define MODEL_HARDWARE_DISK_INTERNAL_H

#include "model/hardware/disk.h"
#include "sim/random.h"

/* Where streams of requests ended, to see which request continues one: a file's slot is its number's hash. */
#define MODEL_STREAMS 256 /* judgement: more streams than an elevator merges at a time */

struct model_stream_end {
    uint64_t file;
    uint64_t position;
};

struct model_hdd {
    struct model_io *waiting; /* in order of arrival */
    struct model_io *waiting_last;
    struct model_io *current;
    double head; /* 0 outer to 1 inner */
    uint64_t last_file;
    uint64_t last_end;
    int64_t last_done_ns;
    bool moved; /* anything was done yet: last_file is valid */
};

struct model_ssd {
    int64_t *server_free_ns; /* heap: earliest first */
    uint32_t servers;
    struct model_limit read_ios;
    struct model_limit write_ios;
    struct model_limit read_bytes;
    struct model_limit write_bytes; /* into the buffer, or the device */
    double buffered_bytes;
    int64_t buffered_ns;  /* when buffered_bytes held */
    double drained_bytes; /* written since the reset: what the drain rate has to carry */
    int64_t turn_ns;      /* single commands so far, at half the rate, have passed by then */
};

struct model_volume {
    struct model_limit ios;
    struct model_limit bytes;
    struct model_stream_end ends[MODEL_STREAMS];
};

struct model_device {
    struct model_disk *disk;
    struct sim_stream random;
    int64_t flushed_ns; /* when the last flush submitted so far is done */
    bool unflushed;     /* something was written since that flush */
    union {
        struct model_hdd hdd;
        struct model_ssd ssd;
        struct model_volume volume;
    };
};

struct model_disk {
    struct sim *sim;
    struct model_disk_config config;
    struct model_block_limits *limits;
    struct model_device *devices; /* config.count */
    struct model_io *free_parts;
    struct model_part_block *blocks;
    uint32_t length;    /* requests not done */
    int64_t changed_ns; /* when length changed last */
    struct model_disk_stats stats;
};

static inline int64_t model_later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What a flush costs that begins now: one command where nothing was written since the last. */
static inline int64_t model_flush_ns(struct model_device *device, int64_t command_ns)
{
    int64_t flush_ns = device->disk->config.flush_ns;
    bool empty = !device->unflushed && command_ns < flush_ns;
    device->unflushed = false;
    return empty ? command_ns : flush_ns;
}

/* The same where flushes overlap: one that finds nothing to bring may still wait for one that does. */
static inline int64_t model_flush_done_ns(struct model_device *device, int64_t begin_ns)
{
    int64_t cost_ns = model_flush_ns(device, device->disk->config.write_latency_ns);
    device->flushed_ns = model_later(begin_ns + cost_ns, device->flushed_ns);
    return device->flushed_ns;
}

/* A well-mixed number for a file's: the finaliser of splitmix64. */
static inline uint64_t model_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A wait's cause: the longest of those noted for one request gets all of it. */
struct model_wait {
    enum model_disk_bind bind;
    int64_t ns;
};

static inline void model_wait_note(struct model_wait *wait, enum model_disk_bind bind, int64_t ns)
{
    if (ns > wait->ns) {
        wait->ns = ns;
        wait->bind = bind;
    }
}

/* Lognormal by its median. */
double model_device_lognormal(struct model_device *device, double median_ns, double sigma);

/* One device has done its request. Runs inside an event. */
void model_device_done(struct model_io *io);

void model_ssd_init(struct model_device *device);
void model_ssd_release(struct model_device *device);
int64_t model_ssd_done_ns(struct model_device *device, const struct model_io *io);
double model_ssd_busy_ratio(const struct model_device *device, enum model_disk_bind *bind);
void model_ssd_reset_stats(struct model_device *device);

void model_volume_init(struct model_device *device);
int64_t model_volume_done_ns(struct model_device *device, const struct model_io *io);
double model_volume_busy_ratio(const struct model_device *device, enum model_disk_bind *bind);
void model_volume_reset_stats(struct model_device *device);

void model_hdd_submit(struct model_device *device, struct model_io *io);

#endif
