/*
 * model/broker/flush.c - a flush of a segment, waited for by the thread whose append asked for it (flush.messages, flush.ms).
 *
 * The log is synced (fsync: its size is new, so the journal commits), then each index (msync of a mapped file that was allocated
 * beforehand, which Linux does as fdatasync: the page that got an entry, if one did, and a flush of the device, but no commit). After each
 * sync the thread wakes and computes what the system call costs (broker.sync).
 * Not waited for: the checkpoint that a partition's first append of a leader epoch writes, once an epoch.
 */
#include "model/broker/host_internal.h"

#define PAGE_BYTES 4096 /* what an index entry dirties */

static void sync_next(struct host_flush *flush)
{
    struct model_cache *cache = flush->host->machine->cache;
    uint32_t disk = flush->replica->disk;
    uint64_t file = host_active_file(flush->replica) | (flush->log_synced ? HOST_INDEX_FILE : 0);
    bool dirty = flush->left.dirty > 0;
    flush->left.count--;
    if (dirty)
        flush->left.dirty--;
    flush->sync.data_only = flush->log_synced;
    if (flush->log_synced && dirty)
        model_cache_write(cache, disk, file, 0, PAGE_BYTES);
    flush->log_synced = true;
    model_cache_sync(cache, disk, file, &flush->sync);
}

static void computed(struct model_burst *burst)
{
    struct host_flush *flush = burst->owner;
    if (flush->left.count > 0) {
        sync_next(flush);
        return;
    }
    burst->owner = flush->owner;
    flush->done(flush->owner);
}

/* The thread's own burst: it is the one that slept. */
static void synced(struct model_sync *sync)
{
    struct host_flush *flush = sim_container(sync, struct host_flush, sync);
    flush->burst->owner = flush;
    flush->burst->done = computed;
    model_cpu_run(&flush->host->machine->cpu, flush->burst, flush->host->profile->sync_ns);
}

struct host_syncs host_syncs(const struct broker_receipt *receipt)
{
    return (struct host_syncs){.count = (uint16_t)receipt->segment_syncs,
                               .dirty = (uint16_t)receipt->dirty_syncs};
}

bool host_flush_begin(struct host_flush *flush, struct model_host *host,
                      struct host_replica *replica, struct host_syncs syncs)
{
    if (syncs.count == 0)
        return false;
    host->stats.syncs++;
    flush->host = host;
    flush->replica = replica;
    flush->left = syncs;
    flush->log_synced = false;
    flush->sync.done = synced;
    sync_next(flush);
    return true;
}
