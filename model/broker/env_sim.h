/*
 * model/broker/env_sim.h - the broker core's environment for simulated brokers: files in memory, holes instead of payload.
 *
 * Shape    A tree of folders and files. A file is a list of extents; an extent is some bytes followed by a hole, so that a
 *          batch {61 header bytes, hole} costs its header and one extent whatever its size. Space that was only reserved
 *          (preallocated indexes) costs neither memory nor disk space; an appended hole costs disk space like bytes.
 *          Clock, capacity and page cache belong to the host, which sets them; a fresh environment is empty.
 * Cache    Each extent is stamped with the host's cumulative cache-fill counter when it is written or faulted in. It is
 *          cached while counter - stamp < cache size: an exact FIFO page cache at one comparison an extent. This file only
 *          reads the counter; the host moves it, for writes and for faults.
 * Crash    A killed process keeps what it wrote. A power loss keeps what was synced and, file by file, a prefix of what was
 *          done after that. Without env_sim_track_durability only unsynced data is at risk (sizes and appended bytes; a
 *          truncation, a new name and a removal count as durable), which costs nothing. With it, contents, truncations and
 *          names are all at risk and each file keeps a second image: for crash tests. Names and sizes then survive in the
 *          order in which they changed, whatever the file, and any sync makes all earlier ones durable, as the journals of
 *          ext4 (ordered) and XFS do; bytes written in place are lost or kept file by file.
 * Units    Bytes; ms since 1970.
 * Omits    Permissions, fragmentation, journal and metadata space.
 * Checked  tests/model/test_env_sim.c; tests/agreement/ against env_posix, byte for byte.
 */
#ifndef MODEL_BROKER_ENV_SIM_H
#define MODEL_BROKER_ENV_SIM_H

#include "broker-core/env.h"

struct env_sim;

/* One page cache, owned by the host. */
struct env_sim_cache {
    uint64_t fill_bytes; /* everything that ever entered the cache */
    uint64_t size_bytes;
};

/* Gives an empty environment. seed feeds random16 only. */
struct env_sim *env_sim_new(uint64_t seed, uint64_t capacity_bytes);
void env_sim_free(struct env_sim *sim);
/* The table to hand to the broker core; lives as long as sim. */
struct broker_env *env_sim_env(struct env_sim *sim);

/* Files get numbers from `first` on: environments that share a machine's page cache must not use the same. Asserts that sim is empty. */
void env_sim_number_from(struct env_sim *sim, uint64_t first);
void env_sim_set_now(struct env_sim *sim, int64_t now_ms);
void env_sim_set_capacity(struct env_sim *sim, uint64_t capacity_bytes);
/* Borrows cache until replaced; NULL: everything is cached. */
void env_sim_set_cache(struct env_sim *sim, const struct env_sim_cache *cache);

struct env_sim_range {
    uint64_t begin, end;
};
/* The first run of bytes of a range that are no longer cached; empty where all are. What lies beyond the file's end is none. */
struct env_sim_range env_sim_miss(const struct env_sim *sim, struct broker_file *file,
                                  uint64_t position, uint64_t size);
/* Stamps the range as faulted in now. */
void env_sim_touch(struct env_sim *sim, struct broker_file *file, uint64_t position, uint64_t size);

/* A number that no other file of this environment has or had: names the file to the machine's disk and page cache. */
uint64_t env_sim_file_number(const struct broker_file *file);

#define ENV_SIM_SYNCED_MAX 64 /* a task of a log syncs less */
/* Numbers of the files that were synced since the last time this was asked, in order, the first ENV_SIM_SYNCED_MAX of them. Returns how many. */
uint32_t env_sim_take_synced(struct env_sim *sim, uint64_t files[ENV_SIM_SYNCED_MAX]);

/* Disk space in use: what was written, without reserved space; a removed file counts while it is open. */
uint64_t env_sim_used_bytes(const struct env_sim *sim);
/* Memory in use by files, names and images. */
uint64_t env_sim_memory_bytes(const struct env_sim *sim);

/* Keeps what a power loss may bring back. Asserts that sim is empty. */
void env_sim_track_durability(struct env_sim *sim);

/* Calls that change anything (also sync), so far: the count that env_sim_fail_after refers to. */
uint64_t env_sim_writes(const struct env_sim *sim);
/*
 * The n-th change from now (1: the next) is not carried out and every call from then on returns BROKER_EIO, as if the process had
 * stopped there. If it is an append, all but its last torn_bytes bytes still reach the file. n 0: never.
 */
void env_sim_fail_after(struct env_sim *sim, uint64_t n, uint64_t torn_bytes);
bool env_sim_stopped(const struct env_sim *sim);

/* The process was killed and may start again: locks are gone, faults are off. Files that it had open must have been closed. */
void env_sim_restart(struct env_sim *sim);
/* As restart, after a power loss; seed draws how much of the unsynced work survives. No file may be open. */
void env_sim_power_loss(struct env_sim *sim, uint64_t seed);

#endif
