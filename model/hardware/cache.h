/*
 * model/hardware/cache.h - the page cache of a machine: what is still in memory, what is dirty, who must wait.
 *
 * Shape    Residence: first in, first out by age. The cache counts every byte that entered it; whoever keeps an extent keeps the
 *          count at its write or last fault (its stamp) and it is in memory while fill - stamp < size. O(1), no pages.
 *          Dirty: per disk and file. The flusher of a disk writes files in chunks when dirty memory is above the
 *          background threshold, and files that are dirty for longer than dirty_expire. Writers are paced by the kernel's law:
 *          free below (background + limit) / 2, then at the disk's measured write rate times a position ratio; with stable_writes
 *          an append waits for its file's writeback.
 *          Sync: a file's dirty bytes are written, then a journal commit and a flush; commits of one disk are serialised, callers
 *          that come during one share the next.
 * Units    bytes; ns.
 * Omits    Active and inactive lists (scan_protection stands in), read-ahead ramp-up, memory pressure by other programs.
 * Source   reference/hardware-models.md section 2.
 * Checked  tests/model/test_cache.c; tests/theory/test_hardware_oracles.c: section 8, numbers 9 and 10.
 */
#ifndef MODEL_HARDWARE_CACHE_H
#define MODEL_HARDWARE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/hardware/disk.h"
#include "sim/sim.h"

struct model_cache; /* its inside is in cache_internal.h */

enum {
    MODEL_CACHE_CHUNK_BYTES = 4 * 1024 * 1024
}; /* MIN_WRITEBACK_PAGES: hardware-models.md 1.2 */

#define MODEL_FLUSHER_PERIOD_NS INT64_C(5000000000) /* Linux: vm.dirty_writeback_centisecs 500 */

struct model_cache_config {
    uint64_t size_bytes;      /* memory for file pages */
    uint64_t dirtyable_bytes; /* base of the two ratios; 0: size_bytes */
    double dirty_background_ratio;
    double dirty_ratio;
    int64_t dirty_expire_ns;
    int64_t flusher_period_ns; /* vm.dirty_writeback_centisecs; 0: 5 s */
    const int64_t *
        flusher_phase_ns; /* first tick of each disk's flusher; NULL: all at 0. Borrowed until made */
    uint64_t chunk_bytes;      /* writeback of one file at a time; 0: MODEL_CACHE_CHUNK_BYTES */
    uint64_t read_ahead_bytes; /* 0: 128 KiB */
    uint64_t journal_bytes;    /* written by one commit; 0: 8 KiB */
    bool stable_writes;        /* see model_cache_held_ns */
    double scan_protection;    /* share of a cold read that does not push out what is hot, 0 to 1 */
};

/*
 * Gives    the cache, cold: a stamp of 0 misses.
 * Borrows  sim and disks[disk_count] until freed.
 */
struct model_cache *model_cache_new(struct sim *sim, const struct model_cache_config *config,
                                    struct model_disk **disks, uint32_t disk_count);
void model_cache_free(struct model_cache *cache);

/* ---- what is in memory ---- */

/* Bytes that entered so far: the stamp of what enters now. At least size_bytes, so that stamp 0 always misses. */
uint64_t model_cache_stamp(const struct model_cache *cache);

/* Whether bytes of that stamp are still in memory. */
bool model_cache_hits(const struct model_cache *cache, uint64_t stamp);

/* Set-up only: bytes that entered before the run and are clean, for a cache that begins warm. Take stamps on the way. */
void model_cache_fill(struct model_cache *cache, uint64_t bytes);
/*
 * Set-up only: a file that has been dirty for age_ns already, with so many bytes since then, so that writeback is under way from the
 * start and not only after dirty_expire. Asserts that the files of a disk come oldest first, before any write.
 */
void model_cache_dirty_before(struct model_cache *cache, uint32_t disk, uint64_t file,
                              uint64_t position, uint64_t bytes, int64_t age_ns);

/* Age in bytes at which pages leave. */
uint64_t model_cache_size_bytes(const struct model_cache *cache);

/* Dirty bytes above which the flushers are at work. */
uint64_t model_cache_background_bytes(const struct model_cache *cache);

/* ---- writing ---- */

/*
 * Bytes were written to a file: they enter the cache and are dirty. Take the stamp after it.
 *
 * Returns  how long the kernel holds the writer before its call returns, ns; 0 almost always, at most 200 ms a call.
 * Asserts  disk below disk_count.
 */
int64_t model_cache_write(struct model_cache *cache, uint32_t disk, uint64_t file,
                          uint64_t position, uint64_t bytes);

/*
 * Where the device wants pages not to change while they are written (queue/stable_writes: it checksums them), an append to a page that writeback
 * has taken waits until all that was taken with it is on the disk. Ask after model_cache_write, wait as long, ask again.
 *
 * Returns  0: go on; else ns, at most half of what seems to be left.
 */
int64_t model_cache_held_ns(struct model_cache *cache, uint32_t disk, uint64_t file);
/* Whether it ever says anything but 0. */
bool model_cache_is_stable(const struct model_cache *cache);

/* One wait for a file to be safe. The caller sets the first part and owns the memory until done begins. */
struct model_sync {
    void (*done)(struct model_sync *sync);
    void *owner;
    bool data_only; /* fdatasync of a file whose size did not change: no journal, only the flush */

    struct model_sync *next;
    struct model_cache *cache;
    struct model_io io; /* the flush of data_only */
    uint32_t disk;
    uint32_t pending; /* writes of the file it waits for */
    uint64_t mark;    /* number of the last of them, begun or not */
    int64_t begun_ns;
};

/* fsync: done runs when the file's dirty bytes, and those being written, and the journal are on the disk. */
void model_cache_sync(struct model_cache *cache, uint32_t disk, uint64_t file,
                      struct model_sync *sync);

/* ---- reading what is not in memory ---- */

/*
 * A reader of files from their disk, as the kernel follows it: a miss waits for read_ahead_bytes, and when these begin to be used the next
 * as many are asked for, so that the disk works on while they are. Zero it once; the caller owns it as long as the cache.
 */
struct model_read_ahead {
    struct model_cache *cache;
    struct model_io io;
    struct model_read *waiting;
    uint32_t disk;
    uint64_t file;
    uint64_t begin, end; /* asked for and not used yet */
    uint64_t limit;      /* where the missing bytes end, as far as readers told */
    bool flying;
};

/* A read of bytes of which the first is missing. The caller sets the first part and owns the memory until done begins. */
struct model_read {
    void (*done)(struct model_read *read);
    void *owner;
    uint64_t file;
    uint64_t position;
    uint64_t limit; /* what is missing ends here, or later than two windows on */

    uint64_t begin, end; /* given: bytes that are in memory now, position among them */
    struct model_cache *cache;
    struct model_read *next;
    struct model_io io;
};

/*
 * Read what is missing; it enters the cache (take the stamp then).
 *
 * Returns  true: it had been read ahead, begin and end are set and done does not run; false: done runs, and not inside this call.
 * Asserts  read->limit above read->position.
 */
bool model_cache_read_miss(struct model_cache *cache, uint32_t disk, struct model_read_ahead *ahead,
                           struct model_read *read);
/* For limit: how far beyond position to look. */
uint64_t model_cache_windows_bytes(const struct model_cache *cache);

/* ---- figures ---- */

struct model_cache_stats {
    int64_t since_ns;
    uint64_t written_bytes; /* by writers, into the cache */
    uint64_t missed_bytes;  /* read from disks */
    uint64_t pauses;        /* writers that were held */
    int64_t pause_ns;       /* sum */
    int64_t pause_ns_max;
    uint64_t syncs;
    int64_t sync_ns; /* sum of finished syncs */
    uint64_t commits;
    uint64_t dirty_bytes_max;
};

void model_cache_stats(const struct model_cache *cache, struct model_cache_stats *stats);
void model_cache_reset_stats(struct model_cache *cache);

/* Dirty bytes, those being written included: of one disk, of one file, of all. */
uint64_t model_cache_dirty_bytes(const struct model_cache *cache);
uint64_t model_cache_disk_dirty_bytes(const struct model_cache *cache, uint32_t disk);
uint64_t model_cache_file_dirty_bytes(const struct model_cache *cache, uint32_t disk,
                                      uint64_t file);

/* By how much a disk's dirty bytes grew since statistics were reset: what was written to the cache and is still to be written back. */
double model_cache_disk_dirty_growth(const struct model_cache *cache, uint32_t disk);

/* The kernel's pacing factor, 0 to 2: section 2.2. */
double model_cache_position_ratio(double dirty, double freerun, double limit);

#endif
