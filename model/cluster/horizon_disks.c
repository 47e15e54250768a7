/* From logs to disks: which share of each log and of each producer a broker and a disk hold. */
#include "model/cluster/horizon_internal.h"
#include "model/cluster/log_sync.h"
#include "model/cluster/reading.h"

#include <stdlib.h>

const double horizon_levels[3] = {0.80, 0.85, 0.95};

static double disk_bytes(const struct scenario_disks *d)
{
    int members = d->layout == SCENARIO_RAID0 && d->count > 1 ? d->count : 1;
    return (double)d->size_bytes * members;
}

static void add_shares(struct horizon *h, const double *row, struct horizon_disk *d)
{
    int count = 0;
    for (int i = 0; i < h->log_count; i++)
        count += row[i] > 0;
    d->shares = sim_alloc((size_t)count, sizeof *d->shares);
    for (int i = 0; i < h->log_count; i++)
        if (row[i] > 0)
            d->shares[d->share_count++] = (struct horizon_share){i, row[i]};
}

static void collect_shares(struct horizon *h)
{
    int disks = h->brokers * h->disks_each;
    double *rows = sim_alloc((size_t)disks * (size_t)h->log_count, sizeof *rows);
    for (int t = 0; t < h->s->topic_count; t++)
        for (int p = 0; p < h->s->topics[t].partitions; p++) {
            const struct model_replica *r = model_placement_replicas(h->placement, t, p);
            for (int i = 0; i < h->s->topics[t].replication; i++)
                rows[(size_t)(r[i].broker * h->disks_each + r[i].disk) * (size_t)h->log_count +
                     (size_t)h->log_of[t][p]] += h->scale_of[t][p];
        }
    for (int d = 0; d < disks; d++)
        add_shares(h, rows + (size_t)d * (size_t)h->log_count, &h->disks[d]);
    free(rows);
}

/* flush.messages and flush.ms, as size counts them: at each append at most. */
static double syncs_per_s(const struct horizon *h, const struct horizon_source *src, int partition)
{
    const struct scenario_topic_config *c = &h->s->topics[src->producer->topic].config;
    double records = src->records_peak * src->share[partition], batches = src->batches[partition];
    double syncs = log_sync_counted_per_s(c, records, batches) + 1 / log_sync_period_s(h->s, c);
    return syncs < batches ? syncs : batches;
}

/* What the groups that may read from followers read of one partition, and where. */
static void add_near(struct horizon *h, int index, const struct model_replica *r, double share)
{
    int topic = h->sources[index].producer->topic, n = h->s->topics[topic].replication;
    double shares[SCENARIO_REPLICAS_MAX];
    for (int g = 0; g < h->s->group_count; g++) {
        const struct scenario_group *group = &h->s->groups[g];
        size_t at = (size_t)(g * h->source_count + index);
        if (!scenario_reads(group, topic))
            continue;
        model_reading_shares(h->s, group, h->placement, r, n, shares);
        for (int i = 0; i < n; i++) {
            h->nodes[r[i].broker].near_share[at] += share * shares[i];
            h->disks[r[i].broker * h->disks_each + r[i].disk].near_share[at] += share * shares[i];
        }
    }
}

static bool any_near(const struct horizon *h)
{
    for (int g = 0; g < h->s->group_count; g++)
        if (model_reads_near(h->s, &h->s->groups[g]))
            return true;
    return false;
}

static void add_source(struct horizon *h, int index)
{
    const struct horizon_source *src = &h->sources[index];
    int t = src->producer->topic;
    for (int p = 0; p < h->s->topics[t].partitions; p++) {
        const struct model_replica *r = model_placement_replicas(h->placement, t, p);
        double all = src->wire_all[src->grid.count - 1];
        double share = all > 0 ? src->wire[src->grid.count - 1][p] / all : 0;
        h->nodes[r[0].broker].lead_share[index] += share;
        h->disks[r[0].broker * h->disks_each + r[0].disk].lead_share[index] += share;
        if (h->nodes[0].near_share)
            add_near(h, index, r, share);
        for (int i = 0; i < h->s->topics[t].replication; i++) {
            struct horizon_disk *d = &h->disks[r[i].broker * h->disks_each + r[i].disk];
            h->nodes[r[i].broker].hold_share[index] += share;
            d->write_share[index] += share;
            d->syncs[index] += syncs_per_s(h, src, p);
        }
    }
}

static void measure_start(struct horizon *h)
{
    for (int i = 0; i < h->brokers * h->disks_each; i++) {
        struct horizon_disk *d = &h->disks[i];
        for (int k = 0; k < d->share_count; k++) {
            const struct horizon_log *log = &h->logs[d->shares[k].log];
            d->used_start +=
                (double)broker_log_size_bytes(log->log) * log->indexes * d->shares[k].scale;
        }
        d->used = d->used_max = d->used_start;
    }
}

void horizon_nodes_init(struct horizon *h)
{
    size_t sources = (size_t)h->source_count, near = sources * (size_t)h->s->group_count;
    bool is_near = any_near(h);
    h->nodes = sim_alloc((size_t)h->brokers, sizeof *h->nodes);
    h->disks = sim_alloc((size_t)(h->brokers * h->disks_each), sizeof *h->disks);
    for (int b = 0; b < h->brokers; b++) {
        h->nodes[b].hold_share = sim_alloc(sources, sizeof(double));
        h->nodes[b].lead_share = sim_alloc(sources, sizeof(double));
        h->nodes[b].near_share = is_near ? sim_alloc(near, sizeof(double)) : NULL;
    }
    for (int i = 0; i < h->brokers * h->disks_each; i++) {
        struct horizon_disk *d = &h->disks[i];
        d->capacity = disk_bytes(&h->s->cluster.disks);
        d->write_share = sim_alloc(sources, sizeof(double));
        d->lead_share = sim_alloc(sources, sizeof(double));
        d->near_share = is_near ? sim_alloc(near, sizeof(double)) : NULL;
        d->syncs = sim_alloc(sources, sizeof(double));
        d->points = sim_alloc(HORIZON_POINTS, sizeof *d->points);
        for (int l = 0; l < 3; l++)
            d->crossed_ns[l] = -1;
    }
    collect_shares(h);
    for (int i = 0; i < h->source_count; i++)
        add_source(h, i);
    measure_start(h);
}

void horizon_nodes_free(struct horizon *h)
{
    for (int b = 0; h->nodes && b < h->brokers; b++) {
        free(h->nodes[b].hold_share);
        free(h->nodes[b].lead_share);
        free(h->nodes[b].near_share);
    }
    for (int i = 0; h->disks && i < h->brokers * h->disks_each; i++) {
        free(h->disks[i].shares);
        free(h->disks[i].write_share);
        free(h->disks[i].lead_share);
        free(h->disks[i].near_share);
        free(h->disks[i].syncs);
        free(h->disks[i].points);
    }
    free(h->nodes);
    free(h->disks);
}

int horizon_point_count(const struct horizon *h)
{
    int64_t steps = (h->length_ns + h->step_ns - 1) / h->step_ns;
    return steps < HORIZON_POINTS ? (int)steps : HORIZON_POINTS;
}

int horizon_point(const struct horizon *h, int64_t now_ns)
{
    int64_t steps = (h->length_ns + h->step_ns - 1) / h->step_ns;
    int64_t step = (now_ns + h->step_ns - 1) / h->step_ns - 1; /* the one that ends now */
    return step < 0 ? 0 : (int)(step * horizon_point_count(h) / steps);
}

static void note(const struct horizon *h, struct horizon_disk *d, double used, int64_t now_ns)
{
    int point = horizon_point(h, now_ns);
    d->used = used;
    if (used > d->used_max) {
        d->used_max = used;
        d->max_ns = now_ns;
    }
    if (used > (double)d->points[point])
        d->points[point] = (float)used;
    for (int l = 0; l < 3; l++)
        if (d->crossed_ns[l] < 0 && used >= horizon_levels[l] * d->capacity)
            d->crossed_ns[l] = now_ns;
}

void horizon_disks_block(struct horizon *h)
{
    for (int i = 0; i < h->brokers * h->disks_each; i++) {
        struct horizon_disk *d = &h->disks[i];
        double used[HORIZON_BLOCK] = {0};
        for (int k = 0; k < d->share_count; k++) {
            const double *sizes = &h->sizes[(size_t)d->shares[k].log * HORIZON_BLOCK];
            for (int step = 0; step < h->steps; step++)
                used[step] += sizes[step] * d->shares[k].scale;
        }
        for (int step = 0; step < h->steps; step++)
            note(h, d, used[step], h->step_begin_ns[step + 1]);
    }
}
