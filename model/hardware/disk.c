/* What all kinds of disk share: splitting over a stripe, counting, answering. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/disk_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

enum { PARTS_PER_BLOCK = 64 };

struct model_part_block {
    struct model_part_block *next;
    struct model_io parts[PARTS_PER_BLOCK];
};

const char *model_disk_bind_name(enum model_disk_bind bind)
{
    static const char *const names[] = {"device",
                                        "read IOPS",
                                        "write IOPS",
                                        "read MB/s",
                                        "write MB/s",
                                        "volume IOPS",
                                        "volume throughput",
                                        "machine-to-volume IOPS",
                                        "machine-to-volume throughput"};
    _Static_assert(sizeof(names) / sizeof(names[0]) == MODEL_DISK_BINDS, "a name each");
    assert(bind < MODEL_DISK_BINDS);
    return names[bind];
}

double model_device_lognormal(struct model_device *device, double median_ns, double sigma)
{
    if (!(sigma > 0))
        return median_ns;
    return median_ns * sim_exp(sigma * sim_normal(&device->random, 0, 1));
}

/* ---- life ---- */

static void check(const struct model_disk_config *config)
{
    assert(config->count >= 1);
    switch (config->kind) {
    case MODEL_DISK_NULL:
        break;
    case MODEL_DISK_HDD:
        assert(config->rpm > 0);
        assert(config->size_bytes > 0);
        assert(config->seek_track_ns <= config->seek_average_ns);
        assert(config->seek_average_ns <= config->seek_full_ns);
        assert(config->inner_bytes_per_s > 0);
        assert(config->outer_bytes_per_s >= config->inner_bytes_per_s);
        assert(config->queue_depth >= 1 && config->queue_depth <= MODEL_DISK_QUEUE_DEPTH_MAX);
        assert(config->used_ratio >= 0 && config->used_ratio <= 1);
        break;
    case MODEL_DISK_SSD:
        assert(config->read_latency_ns > 0 && config->write_latency_ns > 0);
        assert(config->stall_ratio >= 0 && config->stall_ratio <= 1);
        assert(config->servers > 0 || config->read_iops > 0);
        assert(config->buffer_bytes == 0 || config->write_bytes_per_s > 0);
        break;
    case MODEL_DISK_VOLUME:
        assert(config->read_latency_ns > 0 && config->write_latency_ns > 0);
        assert(config->io_bytes_max > 0);
        break;
    }
}

static void device_init(struct model_disk *disk, uint32_t index, uint64_t seed,
                        uint32_t replication, const char *name)
{
    struct model_device *device = &disk->devices[index];
    device->disk = disk;
    sim_stream_initf(&device->random, seed, replication, "%s member %u", name, index);
    if (disk->config.kind == MODEL_DISK_SSD)
        model_ssd_init(device);
    if (disk->config.kind == MODEL_DISK_VOLUME)
        model_volume_init(device);
}

struct model_disk *model_disk_new(struct sim *sim, uint64_t seed, uint32_t replication,
                                  const char *name, const struct model_disk_config *config,
                                  struct model_block_limits *limits)
{
    check(config);
    struct model_disk *disk = sim_alloc(1, sizeof(*disk));
    disk->sim = sim;
    disk->config = *config;
    if (disk->config.stripe_bytes == 0)
        disk->config.stripe_bytes = MODEL_DISK_STRIPE_BYTES;
    disk->limits = config->kind == MODEL_DISK_VOLUME ? limits : NULL;
    disk->changed_ns = sim_now_ns(sim);
    disk->stats.since_ns = sim_now_ns(sim);
    disk->devices = sim_alloc(config->count, sizeof(*disk->devices));
    for (uint32_t i = 0; i < config->count; i++)
        device_init(disk, i, seed, replication, name);
    return disk;
}

void model_disk_free(struct model_disk *disk)
{
    if (disk == NULL)
        return;
    if (disk->config.kind == MODEL_DISK_SSD)
        for (uint32_t i = 0; i < disk->config.count; i++)
            model_ssd_release(&disk->devices[i]);
    while (disk->blocks != NULL) {
        struct model_part_block *block = disk->blocks;
        disk->blocks = block->next;
        free(block);
    }
    free(disk->devices);
    free(disk);
}

/* ---- requests ---- */

static void length_changes(struct model_disk *disk)
{
    int64_t now_ns = sim_now_ns(disk->sim);
    int64_t passed_ns = now_ns - disk->changed_ns;
    disk->stats.queue_ns += (double)passed_ns * disk->length;
    if (disk->length > 0)
        disk->stats.busy_ns += passed_ns;
    disk->changed_ns = now_ns;
}

static void answer(struct model_io *io)
{
    struct model_disk *disk = io->disk;
    length_changes(disk);
    assert(disk->length > 0);
    disk->length--;
    int64_t latency_ns = sim_now_ns(disk->sim) - io->submitted_ns;
    disk->stats.finished[io->kind]++;
    disk->stats.latency_ns[io->kind] += latency_ns;
    if (latency_ns > disk->stats.latency_ns_max)
        disk->stats.latency_ns_max = latency_ns;
    io->done(io);
}

static void part_free(struct model_disk *disk, struct model_io *part)
{
    part->next = disk->free_parts;
    disk->free_parts = part;
}

static struct model_io *part_new(struct model_disk *disk)
{
    if (disk->free_parts == NULL) {
        struct model_part_block *block = sim_checked(malloc(sizeof(*block)));
        block->next = disk->blocks;
        disk->blocks = block;
        for (int i = 0; i < PARTS_PER_BLOCK; i++)
            part_free(disk, &block->parts[i]);
    }
    struct model_io *part = disk->free_parts;
    disk->free_parts = part->next;
    return part;
}

void model_device_done(struct model_io *io)
{
    struct model_io *whole = io->whole;
    if (whole == NULL) {
        answer(io);
        return;
    }
    part_free(io->disk, io);
    assert(whole->parts > 0);
    if (--whole->parts == 0)
        answer(whole);
}

static void device_event(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    model_device_done(sim_container(event, struct model_io, event));
}

static void device_submit(struct model_device *device, struct model_io *io)
{
    struct sim *sim = device->disk->sim;
    io->device = device;
    int64_t done_ns = sim_now_ns(sim);
    switch (device->disk->config.kind) {
    case MODEL_DISK_NULL:
        break;
    case MODEL_DISK_HDD:
        model_hdd_submit(device, io);
        return;
    case MODEL_DISK_SSD:
        done_ns = model_ssd_done_ns(device, io);
        break;
    case MODEL_DISK_VOLUME:
        done_ns = model_volume_done_ns(device, io);
        break;
    }
    if (io->kind == MODEL_IO_WRITE)
        device->unflushed = true;
    sim_event_init(&io->event, device_event);
    sim_at(sim, &io->event, done_ns, SIM_PRIORITY_NORMAL);
}

/* Bytes below `position` that lie on one member: whole rounds, then what the last round gives it. */
static uint64_t bytes_before(const struct model_disk_config *config, uint64_t position,
                             uint32_t member)
{
    uint64_t round = config->stripe_bytes * config->count;
    uint64_t rest = position % round;
    uint64_t begin = config->stripe_bytes * member;
    uint64_t in_rest = rest > begin ? rest - begin : 0;
    if (in_rest > config->stripe_bytes)
        in_rest = config->stripe_bytes;
    return position / round * config->stripe_bytes + in_rest;
}

static void part_submit(struct model_io *whole, uint32_t member)
{
    struct model_disk *disk = whole->disk;
    uint64_t from = bytes_before(&disk->config, whole->position, member);
    uint64_t to = bytes_before(&disk->config, whole->position + whole->bytes, member);
    if (whole->kind != MODEL_IO_FLUSH && from == to)
        return;
    struct model_io *part = part_new(disk);
    memset(part, 0, sizeof(*part));
    part->disk = disk;
    part->whole = whole;
    part->kind = whole->kind;
    part->file = whole->file;
    part->position = from;
    part->bytes = to - from;
    part->submitted_ns = whole->submitted_ns;
    whole->parts++;
    device_submit(&disk->devices[member], part);
}

void model_disk_submit(struct model_disk *disk, struct model_io *io)
{
    assert(io->kind < MODEL_IO_KINDS);
    assert((io->bytes == 0) == (io->kind == MODEL_IO_FLUSH));
    length_changes(disk);
    if (++disk->length > disk->stats.queue_max)
        disk->stats.queue_max = disk->length;
    disk->stats.ios[io->kind]++;
    disk->stats.bytes[io->kind] += io->bytes;
    io->disk = disk;
    io->whole = NULL;
    io->next = NULL;
    io->submitted_ns = sim_now_ns(disk->sim);
    if (disk->config.count == 1) {
        device_submit(&disk->devices[0], io);
        return;
    }
    io->parts = 0;
    for (uint32_t member = 0; member < disk->config.count; member++)
        part_submit(io, member);
}

/* ---- figures ---- */

uint64_t model_disk_size_bytes(const struct model_disk *disk)
{
    return disk->config.size_bytes * disk->config.count;
}

uint32_t model_disk_queue_length(const struct model_disk *disk)
{
    return disk->length;
}

void model_disk_stats(const struct model_disk *disk, struct model_disk_stats *stats)
{
    *stats = disk->stats;
    int64_t passed_ns = sim_now_ns(disk->sim) - disk->changed_ns;
    stats->queue_ns += (double)passed_ns * disk->length;
    if (disk->length > 0)
        stats->busy_ns += passed_ns;
}

static double device_busy_ratio(const struct model_device *device, enum model_disk_bind *bind)
{
    const struct model_disk *disk = device->disk;
    *bind = MODEL_BIND_DEVICE;
    if (disk->config.kind == MODEL_DISK_SSD)
        return model_ssd_busy_ratio(device, bind);
    if (disk->config.kind == MODEL_DISK_VOLUME)
        return model_volume_busy_ratio(device, bind);
    int64_t elapsed_ns = sim_now_ns(disk->sim) - disk->stats.since_ns;
    if (disk->config.kind == MODEL_DISK_NULL || elapsed_ns <= 0)
        return 0;
    struct model_disk_stats stats;
    model_disk_stats(disk, &stats);
    return (double)stats.busy_ns / (double)elapsed_ns;
}

double model_disk_busy_ratio(const struct model_disk *disk, enum model_disk_bind *bind)
{
    double most = 0;
    enum model_disk_bind most_bind = MODEL_BIND_DEVICE;
    for (uint32_t i = 0; i < disk->config.count; i++) {
        enum model_disk_bind one_bind;
        double one = device_busy_ratio(&disk->devices[i], &one_bind);
        if (one > most) {
            most = one;
            most_bind = one_bind;
        }
    }
    if (bind != NULL)
        *bind = most_bind;
    return most;
}

void model_disk_reset_stats(struct model_disk *disk)
{
    memset(&disk->stats, 0, sizeof(disk->stats));
    disk->stats.since_ns = sim_now_ns(disk->sim);
    disk->changed_ns = sim_now_ns(disk->sim);
    disk->stats.queue_max = disk->length;
    for (uint32_t i = 0; i < disk->config.count; i++) {
        if (disk->config.kind == MODEL_DISK_SSD)
            model_ssd_reset_stats(&disk->devices[i]);
        if (disk->config.kind == MODEL_DISK_VOLUME)
            model_volume_reset_stats(&disk->devices[i]);
    }
}
