/*
 * Flash: parallel servers with a latency each, limits shared by all, a write buffer in front of the drain rate.
 * All is known at submission, so a request is one event.
 */
#include <assert.h>
#include <stdlib.h>

#include "model/hardware/disk_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

enum { COMMAND_BYTES = 262144 }; /* the largest that the kernel gives to common NVMe drives */

/* Mean of a read's latency: lognormal body, and the stalls. */
static double read_mean_ns(const struct model_disk_config *config)
{
    double body = (double)config->read_latency_ns *
                  sim_exp(config->latency_sigma * config->latency_sigma / 2);
    double stall =
        (double)config->stall_ns * sim_exp(config->stall_sigma * config->stall_sigma / 2);
    return body + config->stall_ratio * stall;
}

/* Little's law: so many requests are inside when the device gives read_iops. */
static uint32_t servers_of(const struct model_disk_config *config)
{
    if (config->servers > 0)
        return config->servers;
    double servers = sim_round(config->read_iops * read_mean_ns(config) * 1e-9);
    return servers < 1 ? 1 : (uint32_t)servers;
}

void model_ssd_init(struct model_device *device)
{
    const struct model_disk_config *config = &device->disk->config;
    struct model_ssd *ssd = &device->ssd;
    double into_per_s =
        config->buffer_bytes > 0 ? config->buffer_bytes_per_s : config->write_bytes_per_s;
    if (config->buffer_bytes > 0 && !(into_per_s > 0))
        into_per_s = config->write_bytes_per_s;
    model_limit_init(&ssd->read_ios, config->read_iops, 0, 0, false);
    model_limit_init(&ssd->write_ios, config->write_iops, 0, 0, false);
    model_limit_init(&ssd->read_bytes, config->read_bytes_per_s, 0, 0, false);
    model_limit_init(&ssd->write_bytes, into_per_s, 0, 0, false);
    ssd->servers = servers_of(config);
    ssd->server_free_ns = sim_alloc(ssd->servers, sizeof(int64_t));
}

void model_ssd_release(struct model_device *device)
{
    free(device->ssd.server_free_ns);
    device->ssd.server_free_ns = NULL;
}

/* The server that is free first serves from then on for latency_ns; the heap is put in order again. */
static int64_t serve(struct model_ssd *ssd, int64_t now_ns, int64_t latency_ns)
{
    int64_t *heap = ssd->server_free_ns;
    int64_t free_ns = model_later(heap[0], now_ns) + latency_ns;
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= ssd->servers)
            break;
        if (child + 1 < ssd->servers && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= free_ns)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = free_ns;
    return free_ns;
}

/* Take from a limit and note how long it held the request. */
static int64_t take(struct model_limit *limit, int64_t now_ns, double amount,
                    struct model_wait *wait, enum model_disk_bind bind)
{
    model_wait_note(wait, bind, model_limit_begin_ns(limit, now_ns) - now_ns);
    return model_limit_take(limit, now_ns, amount);
}

static int64_t read_done_ns(struct model_device *device, const struct model_io *io, int64_t now_ns,
                            struct model_wait *wait)
{
    const struct model_disk_config *config = &device->disk->config;
    struct model_ssd *ssd = &device->ssd;
    double latency_ns =
        model_device_lognormal(device, (double)config->read_latency_ns, config->latency_sigma);
    if (config->stall_ratio > 0 && sim_chance(&device->random, config->stall_ratio))
        latency_ns += model_device_lognormal(device, (double)config->stall_ns, config->stall_sigma);
    model_wait_note(wait, MODEL_BIND_DEVICE, model_later(ssd->server_free_ns[0], now_ns) - now_ns);
    int64_t done_ns = serve(ssd, now_ns, (int64_t)(latency_ns + 0.5));
    done_ns = model_later(done_ns, take(&ssd->read_ios, now_ns, 1, wait, MODEL_BIND_READ_IOPS));
    return model_later(
        done_ns, take(&ssd->read_bytes, now_ns, (double)io->bytes, wait, MODEL_BIND_READ_BYTES));
}

/* Bytes that the buffer still holds. */
static double buffered_bytes(const struct model_device *device, int64_t now_ns)
{
    double drained =
        (double)(now_ns - device->ssd.buffered_ns) * 1e-9 * device->disk->config.write_bytes_per_s;
    double left = device->ssd.buffered_bytes - drained;
    return left > 0 ? left : 0;
}

/* How long until the buffer has room for so many bytes more, which are in it from then on. */
static int64_t buffer_wait_ns(struct model_device *device, uint64_t bytes, int64_t now_ns)
{
    const struct model_disk_config *config = &device->disk->config;
    double held = buffered_bytes(device, now_ns) + (double)bytes;
    device->ssd.buffered_bytes = held;
    device->ssd.buffered_ns = now_ns;
    double above = held - (double)config->buffer_bytes;
    return above > 0 ? (int64_t)sim_ceil(above / config->write_bytes_per_s * 1e9) : 0;
}

/*
 * When its bytes have passed. A drive takes commands of its queues, one of each core, in turn (NVMe's round robin): what is one command
 * waits for one of the flusher's and shares the rate with them, and does not wait for all that the flusher has queued. Its bytes
 * delay the flusher's all the same.
 */
static int64_t write_passed_ns(struct model_ssd *ssd, const struct model_io *io, int64_t now_ns,
                               struct model_wait *wait)
{
    double rate = ssd->write_bytes.base_per_s;
    int64_t passed_ns =
        take(&ssd->write_bytes, now_ns, (double)io->bytes, wait, MODEL_BIND_WRITE_BYTES);
    if (io->bytes > COMMAND_BYTES || !(rate > 0))
        return passed_ns;
    ssd->turn_ns = model_later(ssd->turn_ns, now_ns) + (int64_t)(2e9 * (double)io->bytes / rate);
    int64_t shared_ns = ssd->turn_ns + (int64_t)(1e9 * COMMAND_BYTES / rate);
    return shared_ns < passed_ns ? shared_ns : passed_ns;
}

static int64_t write_done_ns(struct model_device *device, const struct model_io *io, int64_t now_ns,
                             struct model_wait *wait)
{
    const struct model_disk_config *config = &device->disk->config;
    struct model_ssd *ssd = &device->ssd;
    int64_t latency_ns = (int64_t)(model_device_lognormal(device, (double)config->write_latency_ns,
                                                          config->latency_sigma) +
                                   0.5);
    int64_t done_ns;
    if (config->buffer_bytes > 0) {
        int64_t full_ns = buffer_wait_ns(device, io->bytes, now_ns);
        model_wait_note(wait, MODEL_BIND_WRITE_BYTES, full_ns);
        done_ns = now_ns + full_ns + latency_ns;
    } else {
        model_wait_note(wait, MODEL_BIND_DEVICE,
                        model_later(ssd->server_free_ns[0], now_ns) - now_ns);
        done_ns = serve(ssd, now_ns, latency_ns);
    }
    ssd->drained_bytes += (double)io->bytes;
    done_ns = model_later(done_ns, take(&ssd->write_ios, now_ns, 1, wait, MODEL_BIND_WRITE_IOPS));
    return model_later(done_ns, write_passed_ns(ssd, io, now_ns, wait));
}

/* What is done is safe, but for what a volatile buffer holds. */
static int64_t flush_done_ns(struct model_device *device, int64_t now_ns)
{
    const struct model_disk_config *config = &device->disk->config;
    int64_t begin_ns = now_ns;
    if (config->buffer_bytes > 0 && !config->buffer_safe) {
        double drain_s = buffered_bytes(device, now_ns) / config->write_bytes_per_s;
        begin_ns += (int64_t)sim_ceil(drain_s * 1e9);
    }
    return model_flush_done_ns(device, begin_ns);
}

int64_t model_ssd_done_ns(struct model_device *device, const struct model_io *io)
{
    int64_t now_ns = sim_now_ns(device->disk->sim);
    struct model_wait wait = {MODEL_BIND_DEVICE, 0};
    int64_t done_ns = now_ns;
    if (io->kind == MODEL_IO_READ)
        done_ns = read_done_ns(device, io, now_ns, &wait);
    else if (io->kind == MODEL_IO_WRITE)
        done_ns = write_done_ns(device, io, now_ns, &wait);
    else
        done_ns = flush_done_ns(device, now_ns);
    device->disk->stats.bind_wait_ns[wait.bind] += wait.ns;
    return done_ns;
}

double model_ssd_busy_ratio(const struct model_device *device, enum model_disk_bind *bind)
{
    const struct model_ssd *ssd = &device->ssd;
    const struct model_disk_config *config = &device->disk->config;
    int64_t now_ns = sim_now_ns(device->disk->sim);
    double elapsed_s = (double)(now_ns - device->disk->stats.since_ns) * 1e-9;
    double written = config->write_bytes_per_s > 0 && elapsed_s > 0
                         ? ssd->drained_bytes / (config->write_bytes_per_s * elapsed_s)
                         : 0;
    const struct {
        double ratio;
        enum model_disk_bind bind;
    } all[] = {
        {model_limit_used_ratio(&ssd->read_ios, now_ns), MODEL_BIND_READ_IOPS},
        {model_limit_used_ratio(&ssd->write_ios, now_ns), MODEL_BIND_WRITE_IOPS},
        {model_limit_used_ratio(&ssd->read_bytes, now_ns), MODEL_BIND_READ_BYTES},
        {written, MODEL_BIND_WRITE_BYTES},
    };
    double most = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].ratio > most) {
            most = all[i].ratio;
            *bind = all[i].bind;
        }
    return most;
}

void model_ssd_reset_stats(struct model_device *device)
{
    int64_t now_ns = sim_now_ns(device->disk->sim);
    struct model_ssd *ssd = &device->ssd;
    model_limit_reset_stats(&ssd->read_ios, now_ns);
    model_limit_reset_stats(&ssd->write_ios, now_ns);
    model_limit_reset_stats(&ssd->read_bytes, now_ns);
    model_limit_reset_stats(&ssd->write_bytes, now_ns);
    ssd->drained_bytes = 0;
}
