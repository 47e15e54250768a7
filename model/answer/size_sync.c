/*
 * What an append waits that flushes its log: the steps of model/hardware/sync.c and model/broker/flush.c. The log's sync ends with a commit of
 * the journal, two writes with a flush after each; one commit of a disk at a time, and the next takes all who came meanwhile. Then each
 * index is synced: a flush without a commit. Other appends to the partition wait for its log all the while.
 */
#include "model/answer/size_internal.h"
#include "model/cluster/disk_rate.h"

#include <math.h>

static double commit_s(const struct scenario *s)
{
    return 2 * (disk_rate_small_write_s(s) + (double)s->cluster.disks.flush_ns / 1e9);
}

/* Of one disk: its syncs that come during a commit, on the average. */
static double come_meanwhile(const struct size_plan *plan, const struct size_load *l)
{
    return (l->lead_syncs + l->follow_syncs) / plan->disks * commit_s(plan->s);
}

/*
 * An idle journal commits at once, and again and again while somebody comes during each commit: with n coming, e^n commits in a row. Who
 * comes during one has half of it to wait and then his own.
 */
static double log_s(const struct size_plan *plan, const struct size_load *l)
{
    double n = come_meanwhile(plan, l);
    return commit_s(plan->s) * (1 + 0.5 * n / (n + exp(-n)));
}

/*
 * Two indexes. With an entry to bring each is a write and a flush. Else a flush is one command, unless the next commit has begun: it
 * has something to flush, twice, and each index waits for one of those.
 */
static double indexes_s(const struct size_plan *plan, const struct size_load *l)
{
    const struct scenario *s = plan->s;
    double write_s = disk_rate_small_write_s(s), commit = commit_s(s);
    double flush_s = (double)s->cluster.disks.flush_ns / 1e9;
    double dirty = l->lead_syncs > 0 ? l->lead_syncs_dirty / l->lead_syncs : 1;
    double again = 1 - exp(-come_meanwhile(plan, l));
    double clean = again * commit + (1 - again) * 2 * fmin(write_s, flush_s);
    return dirty * commit + (1 - dirty) * clean;
}

double size_sync_s(const struct size_plan *plan, const struct size_load *l)
{
    return disk_rate_small_write_s(plan->s) + log_s(plan, l) + indexes_s(plan, l);
}

/*
 * A log that is synced for the share r of the time lets the next append wait r / (1 - r) / 2 syncs (M/D/1). One that cannot keep up has all
 * threads wait for it in the end.
 */
double size_sync_threads(const struct size_plan *plan, const struct size_load *l)
{
    if (l->lead_syncs <= 0)
        return 0;
    double each_s = size_sync_s(plan, l), syncing = l->lead_syncs * each_s;
    double busy = l->lead_syncs_squared / l->lead_syncs * each_s;
    double all = (double)plan->s->cluster.config.num_io_threads * fmax(1, busy);
    double with_waiting = busy < 1 ? syncing * (1 + 0.5 * busy / (1 - busy)) : all;
    return fmax(syncing, fmin(with_waiting, all));
}
