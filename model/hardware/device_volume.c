/*
 * A cloud volume: published limits, of the volume and of its machine, then a latency. A request is admitted when the amounts
 * before it have passed every limit; it is done when its latency is over and its own amounts have passed as well.
 */
#include <assert.h>

#include "model/hardware/disk_internal.h"

void model_volume_init(struct model_device *device)
{
    const struct model_disk_config *config = &device->disk->config;
    model_limit_init(&device->volume.ios, config->iops, config->burst_iops, config->credit_ios,
                     config->credits_full);
    model_limit_init(&device->volume.bytes, config->bytes_per_s, config->burst_bytes_per_s,
                     config->credit_bytes, config->credits_full);
}

/* Operations that a request counts for: sequential ones are merged up to io_bytes_max, larger ones split. */
static double operations(struct model_device *device, const struct model_io *io)
{
    struct model_stream_end *end = &device->volume.ends[model_mix(io->file) % MODEL_STREAMS];
    bool continues = end->file == io->file && end->position == io->position && io->position > 0;
    end->file = io->file;
    end->position = io->position + io->bytes;
    double ios = (double)io->bytes / (double)device->disk->config.io_bytes_max;
    if (continues) {
        device->disk->stats.continued++;
        return ios;
    }
    uint64_t whole =
        (io->bytes + device->disk->config.io_bytes_max - 1) / device->disk->config.io_bytes_max;
    return (double)whole;
}

struct admission {
    int64_t now_ns;
    int64_t begin_ns;
    int64_t passed_ns;
    struct model_wait wait;
};

static void pass(struct admission *a, struct model_limit *limit, double amount,
                 enum model_disk_bind bind)
{
    int64_t begin_ns = model_limit_begin_ns(limit, a->now_ns);
    model_wait_note(&a->wait, bind, begin_ns - a->now_ns);
    a->begin_ns = model_later(a->begin_ns, begin_ns);
    a->passed_ns = model_later(a->passed_ns, model_limit_take(limit, a->now_ns, amount));
}

int64_t model_volume_done_ns(struct model_device *device, const struct model_io *io)
{
    struct model_disk *disk = device->disk;
    int64_t now_ns = sim_now_ns(disk->sim);
    if (io->kind == MODEL_IO_FLUSH) /* what is done is durable: there is nothing to wait for */
        return model_flush_done_ns(device, now_ns);
    struct admission a = {.now_ns = now_ns, .begin_ns = now_ns, .passed_ns = now_ns};
    double ios = operations(device, io);
    pass(&a, &device->volume.ios, ios, MODEL_BIND_VOLUME_IOPS);
    pass(&a, &device->volume.bytes, (double)io->bytes, MODEL_BIND_VOLUME_BYTES);
    if (disk->limits != NULL) {
        pass(&a, &disk->limits->ios, ios, MODEL_BIND_INSTANCE_IOPS);
        pass(&a, &disk->limits->bytes, (double)io->bytes, MODEL_BIND_INSTANCE_BYTES);
    }
    disk->stats.bind_wait_ns[a.wait.bind] += a.wait.ns;
    int64_t median_ns =
        io->kind == MODEL_IO_READ ? disk->config.read_latency_ns : disk->config.write_latency_ns;
    double latency_ns =
        model_device_lognormal(device, (double)median_ns, disk->config.latency_sigma);
    return model_later(a.begin_ns + (int64_t)(latency_ns + 0.5), a.passed_ns);
}

#define TIED 1.01 /* st1 and sc1 count I/Os of 1 MiB: their operations are their bytes */

double model_volume_busy_ratio(const struct model_device *device, enum model_disk_bind *bind)
{
    const struct model_disk *disk = device->disk;
    int64_t now_ns = sim_now_ns(disk->sim);
    const struct model_limit *limits[] = {
        &device->volume.bytes,
        &device->volume.ios,
        disk->limits != NULL ? &disk->limits->bytes : NULL,
        disk->limits != NULL ? &disk->limits->ios : NULL,
    };
    static const enum model_disk_bind binds[] = {MODEL_BIND_VOLUME_BYTES, MODEL_BIND_VOLUME_IOPS,
                                                 MODEL_BIND_INSTANCE_BYTES,
                                                 MODEL_BIND_INSTANCE_IOPS};
    double most = 0;
    for (int i = 0; i < 4 && limits[i] != NULL; i++) {
        double ratio = model_limit_used_ratio(limits[i], now_ns);
        if (ratio > TIED * most)
            *bind = binds[i];
        most = ratio > most ? ratio : most;
    }
    return most;
}

void model_volume_reset_stats(struct model_device *device)
{
    int64_t now_ns = sim_now_ns(device->disk->sim);
    model_limit_reset_stats(&device->volume.ios, now_ns);
    model_limit_reset_stats(&device->volume.bytes, now_ns);
}
