/*
 * What the page cache's files know of each other: cache.c residence and writing; read_ahead.c reading; writeback.c the flushers; sync.c fsync;
 * dirty.c the table of files that have dirty bytes.
 */
#ifndef MODEL_HARDWARE_CACHE_INTERNAL_H
#define MODEL_HARDWARE_CACHE_INTERNAL_H

#include "model/hardware/cache.h"

#define MODEL_DIRTY_NONE UINT32_MAX

/* Which list of its flusher a file is in. */
enum model_dirty_list { MODEL_LIST_NONE, MODEL_LIST_AGED, MODEL_LIST_MORE, MODEL_DIRTY_LISTS };

/*
 * A file with dirty bytes, bytes being written, or somebody waiting for them. Kafka appends: its dirty bytes are one range that
 * ends at the file's end. Like an inode it is as old as its oldest dirty byte.
 */
struct model_dirty_file {
    uint64_t file;
    uint64_t position; /* of the first dirty byte */
    uint64_t dirty_bytes;
    int64_t dirtied_ns;
    uint64_t issued;       /* writes begun so far */
    uint32_t writing;      /* of those, not done */
    uint32_t sync_writing; /* of those, begun by syncs */
    uint64_t writing_bytes;
    uint64_t taken_bytes;     /* of what writeback took when it came to the file: not begun yet */
    bool tail_taken;          /* nothing was appended since */
    bool held;                /* a writer waits for what was taken */
    struct model_sync *syncs; /* waiting for writes of it */
    uint32_t disk;
    uint32_t next; /* in its list, or of free entries */
    uint32_t previous;
    enum model_dirty_list list;
};

struct model_writeback_io {
    struct model_io io;
    struct model_cache *cache;
    struct model_writeback_io *next; /* free */
    uint32_t entry;
    uint32_t disk;
    uint64_t number; /* of the file's writes */
    bool flusher;    /* not a sync's */
};

struct model_dirty_queue {
    uint32_t first;
    uint32_t last;
};

enum model_commit_state {
    MODEL_COMMIT_IDLE,
    MODEL_COMMIT_JOURNAL, /* descriptor and metadata blocks */
    MODEL_COMMIT_ORDER,   /* flush before the commit block */
    MODEL_COMMIT_BLOCK,
    MODEL_COMMIT_FLUSH,
};

struct model_flusher {
    struct model_cache *cache;
    struct model_disk *disk;
    uint32_t index;
    int64_t phase_ns;           /* first tick of its clock */
    uint64_t dirty_bytes;       /* with those being written */
    uint64_t dirty_bytes_reset; /* when statistics were last reset */
    struct model_dirty_queue lists[MODEL_DIRTY_LISTS];
    uint32_t writing; /* flusher's own writes under way */
    struct sim_event event;
    bool busy;     /* writing without a gap */
    bool expiring; /* the periodic wake-up found old files and is writing them */

    /* rate that the disk was seen to write at */
    double bytes_per_s;
    int64_t measured_ns;
    double measured_bytes;
    double written_recently; /* decaying: share of the dirty limit */
    int64_t written_ns;

    int64_t paced_ns; /* writers admitted so far have paid until then */

    enum model_commit_state commit;
    struct model_io commit_io;
    struct model_sync *committing;
    struct model_sync *next_commit;
    struct model_sync *next_commit_last;
    uint64_t journal_position;
};

struct model_cache {
    struct sim *sim;
    struct model_cache_config config;
    double background_bytes;
    double limit_bytes;
    double fill_bytes;
    uint64_t dirty_bytes;
    uint32_t disk_count;
    struct model_flusher *flushers;

    struct model_dirty_file *files;
    uint32_t file_capacity;
    uint32_t file_free;
    uint32_t *table; /* open addressing: entries, or MODEL_DIRTY_NONE */
    uint32_t table_size;

    struct model_writeback_io *free_ios;
    struct model_writeback_block *blocks;
    struct model_cache_stats stats;
};

/* ---- dirty.c ---- */

void model_dirty_init(struct model_cache *cache);
void model_dirty_release(struct model_cache *cache);
uint32_t model_dirty_find(const struct model_cache *cache, uint32_t disk, uint64_t file);
uint32_t model_dirty_get(struct model_cache *cache, uint32_t disk, uint64_t file);
/* Gives the entry back when nothing is dirty, written or waited for any more. */
void model_dirty_drop_if_clean(struct model_cache *cache, uint32_t entry);
void model_dirty_move(struct model_cache *cache, uint32_t entry, enum model_dirty_list list);

/* ---- writeback.c ---- */

void model_writeback_init(struct model_cache *cache, struct model_disk **disks);
void model_writeback_release(struct model_cache *cache);
/* After a write: start the flusher when it has work. */
void model_writeback_wake(struct model_flusher *flusher);
/* Judgement: the block queue holds 64 requests of 256 KiB of one thread; the flusher and each file's syncs have so many chunks of 4 MiB. */
#define MODEL_WRITES_AHEAD 4
/* Begin writing up to `bytes` of a file's dirty range. */
void model_writeback_issue(struct model_cache *cache, uint32_t entry, uint64_t bytes, bool flusher);
/* An append at that position comes to the file: whether it must wait. */
void model_writeback_hold(struct model_cache *cache, uint32_t entry, uint64_t position);
int64_t model_writeback_pause_ns(struct model_flusher *flusher, uint64_t bytes);

/* ---- sync.c ---- */

/* Begins the writes that the file's syncs wait for, a few at a time. */
void model_sync_write_more(struct model_cache *cache, uint32_t entry);
/* A write of the file is done: syncs that waited for it count down. */
void model_sync_write_done(struct model_cache *cache, uint32_t entry, uint64_t number);

#endif
