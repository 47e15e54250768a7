/* model/scenario/full_batch.c - see full_batch.h. */
#include "model/scenario/full_batch.h"

#include "broker-core/record/batch.h"
#include "broker-core/record/ratio_estimate.h"
#include "model/hardware/call.h"
#include "sim/dmath.h"

/* Java's estimate of a batch's size has this margin on top of the learned ratio (clients.md section 1). */
static const double ESTIMATE_MARGIN = 1.05;

enum {
    SETTLES = 16, /* both fixed points converge fast: a ratio moves with the logarithm of a size */
    STRIDE = 4,   /* batches looked at together: the estimate moves by 0.02 meanwhile */
};

double scenario_record_bytes(const struct scenario_producer *p)
{
    return p->size.mean_bytes + model_call_record_overhead_bytes(p->size.mean_bytes, p->key_bytes,
                                                                 (double)p->config.batch_size,
                                                                 p->config.linger_us * 1000);
}

/*
 * Records that fit on the average: each batch begins with the record that the one before had no room for, and large ones are likelier to be that.
 * What is left of the room is then half of such a record: (1 + cv^2) / 2 of the mean. Never less than one record.
 */
static double records_within(const struct scenario_producer *p, double bytes)
{
    double cv = p->size.cv, n = bytes / scenario_record_bytes(p);
    n = cv == 0 ? sim_floor(n) : n - (1 + cv * cv) / 2;
    return n < 1 ? 1 : n;
}

double scenario_ratio_observed(const struct scenario_producer *p, double raw_bytes)
{
    return 1 / scenario_ratio_at(&p->compression_ratio, raw_bytes);
}

/* Java calls a batch full by its estimated size; the record that is to be added counts uncompressed (model/client/buffer_pool.c). */
static double full_at(const struct scenario_producer *p, double estimate)
{
    double room = (double)p->config.batch_size - BROKER_BATCH_HEADER_BYTES,
           last = scenario_record_bytes(p);
    if (room > last)
        room = (room - last) / (estimate * ESTIMATE_MARGIN) + last;
    return records_within(p, room);
}

/* What Java's estimate comes down to from 1 when all batches are full. */
static double learned(const struct scenario_producer *p)
{
    double estimate = 1;
    for (int i = 0; i < SETTLES; i++)
        estimate = scenario_ratio_observed(p, full_at(p, estimate) * scenario_record_bytes(p));
    return estimate;
}

/*
 * The estimate jumps to what a small batch shows and comes down a little with each full one, until the next small one: the mean over how many lie
 * between, which is geometric.
 */
static double full_between(const struct scenario_producer *p, double share, double estimate,
                           double low)
{
    double all = share < 1 ? sim_pow(1 - share, STRIDE) : 0, left = 1, sum = 0;
    while (left > 0.01 && estimate > low) {
        sum += left * (1 - all) * full_at(p, estimate);
        left *= all;
        for (int i = 0; i < STRIDE; i++)
            estimate = broker_ratio_estimate_next(estimate, low);
    }
    return sum + left * full_at(p, estimate);
}

/* Java with compression: the only one that goes by an estimate. */
static bool estimates(const struct scenario_producer *p)
{
    return p->client == SCENARIO_CLIENT_JAVA && p->config.batch_size > 0 &&
           p->config.compression_type != SCENARIO_COMPRESSION_NONE;
}

/* By bytes as they are. */
static double full_plain(const struct scenario_producer *p)
{
    const struct scenario_producer_config *f = &p->config;
    bool java = p->client == SCENARIO_CLIENT_JAVA;
    if (java && f->batch_size <= 0)
        return 1;
    double n = records_within(p, (double)f->batch_size - (java ? BROKER_BATCH_HEADER_BYTES : 0));
    return java || n < (double)f->batch_num_messages ? n : (double)f->batch_num_messages;
}

double scenario_full_batch_beside(const struct scenario_producer *p, double share,
                                  double small_raw_bytes)
{
    if (!estimates(p))
        return full_plain(p);
    double low = learned(p), small = share > 0 ? scenario_ratio_observed(p, small_raw_bytes) : low;
    return small > low ? full_between(p, share, small, low) : full_at(p, low);
}

double scenario_full_batch_at(const struct scenario_producer *p, double estimate)
{
    if (!estimates(p))
        return full_plain(p);
    double low = learned(p);
    return full_at(p, estimate > low ? estimate : low);
}

double scenario_full_batch(const struct scenario_producer *p)
{
    return scenario_full_batch_beside(p, 0, 0);
}

/* Without keys one batch is open at a time. */
static double gathered(const struct scenario_producer *p, int partitions, double records_per_s,
                       double full)
{
    double streams = p->partitioner == SCENARIO_PARTITIONER_STICKY ? 1 : partitions;
    double n = 1 + records_per_s / p->clients / streams * (double)p->config.linger_us / 1e6;
    return n < full ? n : full;
}

/* On the wire, of so many records in one batch. */
static double batch_bytes(const struct scenario_producer *p, double records)
{
    double raw = records * scenario_record_bytes(p);
    return BROKER_BATCH_HEADER_BYTES + raw / scenario_ratio_at(&p->compression_ratio, raw);
}

/* Of keyless Java's batches, those that the request of a full one takes along with one record (model/cluster/flow_sticky.c). */
static double cut_share(const struct scenario_producer *p, int partitions, int brokers)
{
    bool sticky = p->partitioner == SCENARIO_PARTITIONER_STICKY;
    double leaders = brokers < partitions ? brokers : partitions;
    return sticky && p->client == SCENARIO_CLIENT_JAVA && p->config.batch_size > 0 && brokers > 0
               ? (1 / leaders - 1.0 / partitions) / 2
               : 0;
}

double scenario_payload_of_wire(const struct scenario_producer *p, int partitions, int brokers,
                                double wire_bytes_per_s)
{
    double cut = cut_share(p, partitions, brokers), payload = wire_bytes_per_s;
    double full = scenario_full_batch_beside(p, cut, scenario_record_bytes(p)), n = full;
    for (int i = 0; i < SETTLES; i++) {
        double small = n < full ? 0 : cut;
        double records = (1 - small) * n + small;
        double wire = (1 - small) * batch_bytes(p, n) + small * batch_bytes(p, 1);
        payload = wire_bytes_per_s * records * p->size.mean_bytes / wire;
        n = gathered(p, partitions, payload / p->size.mean_bytes, full);
    }
    return payload;
}
