/*
 * model/broker/flush.c - what an append syncs, waited for by the thread that does it: a flush of the segment (flush.messages,
 * flush.ms), and small files: the checkpoint of a new leader epoch, and before Kafka 3.7 the producer snapshot of a roll.
 *
 * A small file is written and synced whole, journal included. The log is synced (fsync: its size is new, so the journal commits), then
 * each index (msync of a mapped file that was allocated beforehand, which Linux does as fdatasync: the page that got an entry, if one
 * did, and a flush of the device, but no commit). After each sync the thread wakes and computes what the system call costs (broker.sync).
 */
#include "model/broker/host_internal.h"

#define PAGE_BYTES 4096 /* what an index entry dirties, or a small file */

static void sync_small(struct host_flush *flush)
{
    struct model_cache *cache = flush->host->machine->cache;
    uint32_t disk = flush->replica->disk;
    flush->left.small--;
    flush->sync.data_only = false;
    model_cache_write(cache, disk, HOST_SMALL_FILE, 0, PAGE_BYTES);
    model_cache_sync(cache, disk, HOST_SMALL_FILE, &flush->sync);
}

static void sync_segment(struct host_flush *flush)
{
    struct model_cache *cache = flush->host->machine->cache;
    uint32_t disk = flush->replica->disk;
    uint64_t file = host_active_file(flush->replica) | (flush->log_synced ? HOST_INDEX_FILE : 0);
    bool dirty = flush->left.dirty > 0;
    flush->left.segment--;
    if (dirty)
        flush->left.dirty--;
    flush->sync.data_only = flush->log_synced;
    if (flush->log_synced && dirty)
        model_cache_write(cache, disk, file, 0, PAGE_BYTES);
    flush->log_synced = true;
    model_cache_sync(cache, disk, file, &flush->sync);
}

static bool sync_next(struct host_flush *flush)
{
    if (flush->left.small > 0)
        sync_small(flush);
    else if (flush->left.segment > 0)
        sync_segment(flush);
    else
        return false;
    return true;
}

static void computed(struct model_burst *burst)
{
    struct host_flush *flush = burst->owner;
    if (sync_next(flush))
        return;
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
    return (struct host_syncs){.small = (uint16_t)(receipt->syncs - receipt->segment_syncs),
                               .segment = (uint16_t)receipt->segment_syncs,
                               .dirty = (uint16_t)receipt->dirty_syncs};
}

bool host_flush_begin(struct host_flush *flush, struct model_host *host,
                      struct host_replica *replica, struct host_syncs syncs)
{
    if (syncs.small == 0 && syncs.segment == 0)
        return false;
    host->stats.syncs++;
    flush->host = host;
    flush->replica = replica;
    flush->left = syncs;
    flush->log_synced = false;
    flush->sync.done = synced;
    return sync_next(flush);
}
