/* A hard disk: where the head is decides what comes next and how long it takes. */
#include <assert.h>

#include "model/hardware/disk_internal.h"
#include "sim/dmath.h"

/* Linux mq-deadline: a read is not passed over for longer than 500 ms, a write not for longer than 5 s. */
#define READ_DEADLINE_NS  INT64_C(500000000)
#define WRITE_DEADLINE_NS INT64_C(5000000000)

/*
 * track + a*x + b*sqrt(x) with a and b such that the mean over all pairs of cylinders is seek_average and seek(1) is seek_full:
 * hardware-models.md 1.1 (mean of x is 1/3, of sqrt(x) 8/15).
 */
double model_disk_seek_ns(const struct model_disk_config *config, double distance)
{
    assert(distance >= 0 && distance <= 1);
    if (!(distance > 0))
        return 0;
    double track = (double)config->seek_track_ns;
    double average = (double)config->seek_average_ns - track;
    double full = (double)config->seek_full_ns - track;
    double b = 5 * average - 5 * full / 3;
    double a = 8 * full / 3 - 5 * average;
    return track + a * distance + b * sim_sqrt(distance);
}

/* Files are spread evenly over the used part; what runs over its end goes on at the outside. */
static double location(const struct model_disk_config *config, uint64_t file, uint64_t position)
{
    double used = config->used_ratio > 0 ? config->used_ratio : 1;
    double start = (double)(model_mix(file) >> 11) * 0x1p-53 * used;
    double at = start + (double)position / (double)config->size_bytes;
    if (at >= used)
        at -= used * sim_floor(at / used);
    return at < 1 ? at : 0;
}

static double absolute(double x)
{
    return x < 0 ? -x : x;
}

static bool continues(const struct model_hdd *hdd, const struct model_io *io)
{
    return hdd->moved && hdd->last_file == io->file && hdd->last_end == io->position;
}

/* Until the head is over the first sector, from now. */
static double reach_ns(const struct model_device *device, const struct model_io *io, int64_t now_ns)
{
    const struct model_disk_config *config = &device->disk->config;
    const struct model_hdd *hdd = &device->hdd;
    double turn_ns = 60e9 / config->rpm;
    double seek_ns = 0;
    if (continues(hdd, io)) {
        /* The next sector is under the head unless a whole turn went by unused. */
        if ((double)(now_ns - hdd->last_done_ns) <= turn_ns)
            return 0;
    } else {
        seek_ns = model_disk_seek_ns(config, absolute(io->location - hdd->head));
    }
    double turns = ((double)now_ns + (double)config->command_ns + seek_ns) / turn_ns;
    double angle = io->sector - (turns - sim_floor(turns));
    return seek_ns + (angle < 0 ? angle + 1 : angle) * turn_ns;
}

static bool overdue(const struct model_io *io, int64_t now_ns)
{
    int64_t deadline_ns = io->kind == MODEL_IO_READ ? READ_DEADLINE_NS : WRITE_DEADLINE_NS;
    return now_ns - io->submitted_ns > deadline_ns;
}

/*
 * The one that is reached first among up to queue_depth, or the oldest when it is overdue. A flush waits for all before
 * it, and none behind it passes.
 */
static struct model_io *choose(struct model_device *device, int64_t now_ns, double *best_ns)
{
    struct model_io *best = device->hdd.waiting;
    *best_ns = best->kind == MODEL_IO_FLUSH ? 0 : reach_ns(device, best, now_ns);
    if (best->kind == MODEL_IO_FLUSH || overdue(best, now_ns))
        return best;
    uint32_t seen = 1;
    for (struct model_io *io = best->next; io != NULL && seen < device->disk->config.queue_depth;
         io = io->next, seen++) {
        if (io->kind == MODEL_IO_FLUSH)
            break;
        double ns = reach_ns(device, io, now_ns);
        if (ns < *best_ns) {
            *best_ns = ns;
            best = io;
        }
    }
    return best;
}

static void take_out(struct model_hdd *hdd, struct model_io *io)
{
    struct model_io **at = &hdd->waiting;
    struct model_io *previous = NULL;
    while (*at != io) {
        previous = *at;
        at = &(*at)->next;
    }
    *at = io->next;
    if (hdd->waiting_last == io)
        hdd->waiting_last = previous;
}

static double transfer_ns(const struct model_disk_config *config, const struct model_io *io)
{
    double per_s = config->outer_bytes_per_s -
                   (config->outer_bytes_per_s - config->inner_bytes_per_s) * io->location;
    return (double)io->bytes / per_s * 1e9;
}

static void served(struct sim *sim, struct sim_event *event);

static void serve_next(struct model_device *device)
{
    struct model_hdd *hdd = &device->hdd;
    struct sim *sim = device->disk->sim;
    if (hdd->current != NULL || hdd->waiting == NULL)
        return;
    double service_ns;
    struct model_io *io = choose(device, sim_now_ns(sim), &service_ns);
    take_out(hdd, io);
    hdd->current = io;
    if (io->kind == MODEL_IO_FLUSH) {
        service_ns = (double)model_flush_ns(device, device->disk->config.command_ns);
    } else {
        device->disk->stats.positioning_ns += (int64_t)service_ns;
        if (continues(hdd, io))
            device->disk->stats.continued++;
        device->unflushed |= io->kind == MODEL_IO_WRITE;
        service_ns +=
            (double)device->disk->config.command_ns + transfer_ns(&device->disk->config, io);
    }
    int64_t waited_ns = sim_now_ns(sim) - io->submitted_ns;
    device->disk->stats.bind_wait_ns[MODEL_BIND_DEVICE] += waited_ns;
    sim_event_init(&io->event, served);
    sim_after(sim, &io->event, (int64_t)(service_ns + 0.5));
}

static void served(struct sim *sim, struct sim_event *event)
{
    struct model_io *io = sim_container(event, struct model_io, event);
    struct model_device *device = io->device;
    struct model_hdd *hdd = &device->hdd;
    hdd->current = NULL;
    if (io->kind != MODEL_IO_FLUSH) {
        hdd->head = location(&device->disk->config, io->file, io->position + io->bytes);
        hdd->last_file = io->file;
        hdd->last_end = io->position + io->bytes;
        hdd->last_done_ns = sim_now_ns(sim);
        hdd->moved = true;
    }
    model_device_done(io); /* may submit the next of its stream, which the drive sees at once */
    serve_next(device);
}

void model_hdd_submit(struct model_device *device, struct model_io *io)
{
    struct model_hdd *hdd = &device->hdd;
    io->next = NULL;
    io->sector = sim_unit(&device->random);
    io->location = location(&device->disk->config, io->file, io->position);
    if (hdd->waiting == NULL)
        hdd->waiting = io;
    else
        hdd->waiting_last->next = io;
    hdd->waiting_last = io;
    serve_next(device);
}
