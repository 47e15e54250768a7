/* model/scenario/full_batch.c - see full_batch.h. */
#include "model/scenario/full_batch.h"

#include "broker-core/record/batch.h"
#include "sim/dmath.h"

/* Java's estimate of a batch's size has this margin on top of the learned ratio (clients.md section 1). */
static const double ESTIMATE_MARGIN = 1.05;

enum {
    SETTLES = 16
}; /* both fixed points converge fast: a ratio moves with the logarithm of a size */

static double record_bytes(const struct scenario_producer *p)
{
    return p->size.mean_bytes + SCENARIO_RECORD_OVERHEAD_BYTES;
}

/* Records that fit on the average: a renewal count, t / m + (cv^2 - 1) / 2, and never less than one. */
static double records_within(const struct scenario_producer *p, double bytes)
{
    double cv = p->size.cv, n = bytes / record_bytes(p);
    n = cv == 0 ? sim_floor(n) : n + (cv * cv - 1) / 2;
    return n < 1 ? 1 : n;
}

/* Java calls a batch full by its estimated compressed size, so that it holds more than batch.size before compression. */
double scenario_full_batch(const struct scenario_producer *p)
{
    const struct scenario_producer_config *f = &p->config;
    double room = (double)f->batch_size - BROKER_BATCH_HEADER_BYTES;
    if (p->client == SCENARIO_CLIENT_LIBRDKAFKA) {
        double n = records_within(p, (double)f->batch_size);
        return n < (double)f->batch_num_messages ? n : (double)f->batch_num_messages;
    }
    if (f->batch_size <= 0)
        return 1;
    double raw = room;
    if (f->compression_type != SCENARIO_COMPRESSION_NONE)
        for (int i = 0; i < SETTLES; i++)
            raw = room * scenario_ratio_at(&p->compression_ratio, raw) / ESTIMATE_MARGIN;
    return records_within(p, raw);
}

/* Without keys one batch is open at a time. */
static double gathered(const struct scenario_producer *p, int partitions, double records_per_s,
                       double full)
{
    double streams = p->partitioner == SCENARIO_PARTITIONER_STICKY ? 1 : partitions;
    double n = 1 + records_per_s / p->clients / streams * (double)p->config.linger_us / 1e6;
    return n < full ? n : full;
}

double scenario_payload_of_wire(const struct scenario_producer *p, int partitions,
                                double wire_bytes_per_s)
{
    double full = scenario_full_batch(p), n = full, payload = wire_bytes_per_s;
    for (int i = 0; i < SETTLES; i++) {
        double raw = n * record_bytes(p);
        double wire =
            BROKER_BATCH_HEADER_BYTES + raw / scenario_ratio_at(&p->compression_ratio, raw);
        payload = wire_bytes_per_s * n * p->size.mean_bytes / wire;
        n = gathered(p, partitions, payload / p->size.mean_bytes, full);
    }
    return payload;
}
