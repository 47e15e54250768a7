/* model/cluster/log_sync.c - see log_sync.h. */
#include "model/cluster/log_sync.h"

#include <math.h>

#include "model/cluster/disk_rate.h"
#include "sim/dmath.h"

static double flush_s(const struct scenario *s)
{
    return (double)s->cluster.disks.flush_ns / 1e9;
}

static double commit_s(const struct scenario *s)
{
    return 2 * (disk_rate_small_write_s(s) + flush_s(s));
}

/*
 * An idle journal commits at once, and again and again while somebody comes during each commit: with n coming, e^n commits in a row. Who
 * comes during one has half of it to wait and then his own.
 */
static double journal_s(const struct scenario *s, double n)
{
    return commit_s(s) * (1 + 0.5 * n / (n + sim_exp(-n)));
}

/*
 * Two indexes. With an entry to bring each is a write and a flush. Else a flush is one command, unless the next commit has begun: it
 * has something to flush, twice, and each index waits for one of those.
 */
static double indexes_s(const struct scenario *s, double n, double dirty)
{
    double write_s = disk_rate_small_write_s(s), commit = commit_s(s), again = 1 - sim_exp(-n);
    double clean = again * commit + (1 - again) * 2 * fmin(write_s, flush_s(s));
    return dirty * commit + (1 - dirty) * clean;
}

double log_sync_s(const struct scenario *s, double disk_syncs_per_s, double bytes, double dirty)
{
    double n = disk_syncs_per_s * commit_s(s); /* that come during a commit, on the average */
    return disk_rate_log_write_s(s, bytes) + journal_s(s, n) + indexes_s(s, n, dirty);
}

double log_sync_bytes(const struct scenario *s, double bytes_per_s, double syncs_per_s)
{
    return bytes_per_s * fmin(1 / syncs_per_s, (double)s->cluster.dirty_expire_ns / 1e9);
}

/* An index gets an entry each so many bytes. */
double log_sync_dirty(const struct scenario_topic_config *c, double bytes)
{
    return c->index_interval_bytes > 0 ? fmin(1, bytes / (double)c->index_interval_bytes) : 1;
}

double log_sync_counted_per_s(const struct scenario_topic_config *config, double records_per_s,
                              double batches_per_s)
{
    if (config->flush_messages == INT64_MAX)
        return 0;
    return fmin(records_per_s / (double)config->flush_messages, batches_per_s);
}

double log_sync_period_s(const struct scenario *s, const struct scenario_topic_config *config)
{
    int64_t looks_ms = s->cluster.config.log_flush_scheduler_interval_ms;
    if (config->flush_ms == INT64_MAX || looks_ms == INT64_MAX)
        return INFINITY;
    return (double)looks_ms * fmax(1, ceil((double)config->flush_ms / (double)looks_ms)) / 1e3;
}
