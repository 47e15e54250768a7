/* model/evidence/null_models.c - see null_models.h. */
#include "model/evidence/null_models.h"

#include <math.h>

#define GOOGLE_BYTES_PER_VCPU 20e6 /* Google, "Plan your cluster size" */
#define GOOGLE_READ_WEIGHT    0.25 /* a byte read is four times cheaper than a byte written */
#define AKALCULATOR_WRITE     (5.0 * 1048576)
#define AKALCULATOR_READ      (15.0 * 1048576)
#define LEAST_ABOVE_LINGER_S  1e-4 /* judgement: a latency below the linger says only "small" */

/* ---- the scenario as the rules see it ---- */

static double disk_write_bytes_per_s(const struct scenario_disks *d)
{
    double one = d->is_volume ? d->throughput_bytes_per_s : d->write_bytes_per_s;
    return one * d->count;
}

/* A group reads everything only when it reads every topic; elsewhere its share by the load of its topics. */
static double fan_out(const struct scenario *s)
{
    double all = 0, read = 0;
    for (int p = 0; p < s->producer_count; p++)
        all += s->producers[p].payload_bytes_per_s_peak;
    for (int g = 0; g < s->group_count; g++) {
        if (!(all > 0)) {
            read += 1;
            continue;
        }
        for (int t = 0; t < s->groups[g].topic_count; t++)
            for (int p = 0; p < s->producer_count; p++)
                if (s->producers[p].topic == s->groups[g].topics[t])
                    read += s->producers[p].payload_bytes_per_s_peak / all;
    }
    return read;
}

struct null_cluster null_cluster_of(const struct scenario *s)
{
    const struct scenario_cluster *c = &s->cluster;
    struct null_cluster out = {
        .brokers = c->brokers,
        .vcpus = c->machine.vcpus,
        .groups = fan_out(s),
        .disk_bytes_per_s = disk_write_bytes_per_s(&c->disks),
        .block_bytes_per_s = c->disks.is_volume ? c->machine.block_baseline_bytes_per_s : 0,
        .nic_bytes_per_s = c->machine.nic_baseline_bytes_per_s,
    };
    double most = -1;
    for (int p = 0; p < s->producer_count; p++) {
        const struct scenario_producer *producer = &s->producers[p];
        out.payload_bytes_per_s += producer->payload_bytes_per_s_peak;
        if (producer->payload_bytes_per_s_peak > most) {
            most = producer->payload_bytes_per_s_peak;
            out.linger_s = (double)producer->config.linger_us / 1e6;
            out.replication = s->topics[producer->topic].replication;
        }
    }
    return out;
}

/* ---- the rules ---- */

static double least(double a, double b)
{
    if (isnan(a) || (b > 0 && b < a))
        return b > 0 ? b : a;
    return a;
}

double null_aws_bytes_per_s(const struct null_cluster *c)
{
    double reads = c->groups + c->replication - 1;
    double most = least(NAN, c->disk_bytes_per_s * c->brokers / c->replication);
    most = least(most, c->block_bytes_per_s * c->brokers / c->replication);
    if (reads > 0)
        most = least(most, c->nic_bytes_per_s * c->brokers / reads);
    return most;
}

double null_google_bytes_per_s(const struct null_cluster *c)
{
    double equivalent = c->replication + GOOGLE_READ_WEIGHT * (c->groups + c->replication - 1);
    return c->vcpus > 0 ? c->vcpus * c->brokers * GOOGLE_BYTES_PER_VCPU / equivalent : NAN;
}

double null_akalculator_bytes_per_s(const struct null_cluster *c)
{
    double vcpus = c->vcpus * c->brokers;
    if (!(vcpus > 0))
        return NAN;
    double write = vcpus * AKALCULATOR_WRITE;
    return c->groups > 0 ? fmin(write, vcpus * AKALCULATOR_READ / c->groups) : write;
}

/* ---- M/M/1 plus linger ---- */

/* 1 - load / capacity; 1 where no capacity is known, 0 or less above it. */
static double room(const struct null_cluster *c)
{
    double capacity = null_aws_bytes_per_s(c);
    return isnan(capacity) ? 1 : 1 - c->payload_bytes_per_s / capacity;
}

struct null_mm1 null_mm1_anchor(const struct null_cluster *anchor, double q, double latency_s)
{
    double above = fmax(latency_s - anchor->linger_s, LEAST_ABOVE_LINGER_S);
    double left = room(anchor);
    if (!(latency_s > 0) || left <= 0)
        return (struct null_mm1){NAN};
    return (struct null_mm1){above * left / -log1p(-q)};
}

double null_mm1_quantile_s(struct null_mm1 model, const struct null_cluster *c, double q)
{
    double left = room(c);
    return left > 0 ? c->linger_s + model.service_s / left * -log1p(-q) : NAN;
}
