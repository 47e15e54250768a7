/*
 * broker-core/env.h - everything that the broker core asks of the world it runs in.
 *
 * Shape    A table of functions, called synchronously, the way Kafka calls the kernel. Two implementations:
 *          broker-core/env_posix.c (real files) and model/broker/env_sim.c (files in memory, holes instead of payload).
 *          Time is charged by the host, never here: a call returns at once and the host charges for what it asked for
 *          (before) and for what the I/O receipt says (after).
 * Holes    A hole of n bytes MEANS n zero bytes in both environments: env_posix writes zeros (or seeks over them), env_sim
 *          keeps one extent. CRCs are therefore real and both environments can be compared byte for byte.
 * Units    Sizes and positions: bytes. Wall clock: ms since 1970.
 * Errors   enum broker_status. EMISSING, EEXISTS, EFULL and EIO mean the same in both environments.
 * Paths    Relative to the environment's root, '/' between parts, at most BROKER_PATH_MAX bytes with the final 0.
 * Threads  The table may be called by several threads on different files; one file is used under its partition's lock.
 *
 * A host changes nothing in this file; it supplies the table.
 */
#ifndef BROKER_ENV_H
#define BROKER_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker-core/status.h"

/* A topic name has up to 249 characters (Kafka), a log file's name 20 digits and suffixes; two folders deep. */
#define BROKER_PATH_MAX 640

/* Part of a byte string: bytes at `bytes`, or `size` zero bytes where bytes is NULL (a hole). */
struct broker_span {
    const uint8_t *bytes;
    uint64_t size;
};

/*
 * A byte string borrowed from a file: a list of spans. Small views use the inline array; `owned` is memory that the
 * environment frees in view_release (env_posix reads into it; env_sim lends its own bytes and leaves it NULL).
 */
struct broker_view {
    struct broker_span *spans;
    uint32_t count;
    uint64_t size; /* sum of the spans' sizes; less than asked for at the end of the file */
    struct broker_span inline_spans[4];
    void *owned;
};

struct broker_file; /* defined by each environment */
struct broker_env;

enum broker_open_flags {
    BROKER_OPEN_READ = 0,
    BROKER_OPEN_WRITE = 1,  /* read and write */
    BROKER_OPEN_CREATE = 2, /* with WRITE: make it if missing */
    BROKER_OPEN_FRESH = 4,  /* with CREATE: EEXISTS if it is there */
};

/* Called once per name by list(); names come in byte order, so that no result depends on a directory's order. */
typedef void broker_list_fn(void *ctx, const char *name, bool is_folder);

struct broker_env_ops {
    /* The clock that Kafka stamps records and expires segments with. */
    int64_t (*now_ms)(struct broker_env *env);
    /* 16 random bytes: topic ids, directory ids, session ids. Deterministic in the simulation. */
    void (*random16)(struct broker_env *env, uint8_t out[16]);
    /* Free space of the file system that holds the folder. */
    int (*free_bytes)(struct broker_env *env, const char *folder, uint64_t *free_bytes);

    /* Gives *file; the caller closes it. */
    int (*open)(struct broker_env *env, const char *path, int flags, struct broker_file **file);
    void (*close)(struct broker_env *env, struct broker_file *file);
    /* Writes the spans at the file's end. All or nothing: after an error the file has its old size. */
    int (*append)(struct broker_env *env, struct broker_file *file, const struct broker_span *spans,
                  size_t count);
    /* Writes inside the file's present size: entries of a preallocated index, which Kafka maps into memory. */
    int (*write_at)(struct broker_env *env, struct broker_file *file, uint64_t position,
                    const void *bytes, size_t size);
    /* Copies up to size bytes; *got is less at the end of the file. */
    int (*read_at)(struct broker_env *env, struct broker_file *file, uint64_t position, void *bytes,
                   size_t size, size_t *got);
    /* Borrows a range as spans, until view_release or until the file is changed below position + size or closed. */
    int (*view)(struct broker_env *env, struct broker_file *file, uint64_t position, uint64_t size,
                struct broker_view *view);
    void (*view_release)(struct broker_env *env, struct broker_view *view);
    /* The file's bytes and its size survive power loss after this. */
    int (*sync)(struct broker_env *env, struct broker_file *file);
    /* Cuts the file to size, or extends it by a hole. */
    int (*truncate)(struct broker_env *env, struct broker_file *file, uint64_t size);
    /* Reserves space and extends the file to size; what is new reads as zeros and costs no space in env_sim. */
    int (*preallocate)(struct broker_env *env, struct broker_file *file, uint64_t size);
    uint64_t (*size)(struct broker_env *env, struct broker_file *file);
    /* Last change of the file's content, ms since 1970. */
    int (*modified_ms)(struct broker_env *env, struct broker_file *file, int64_t *modified_ms);
    int (*set_modified_ms)(struct broker_env *env, struct broker_file *file, int64_t modified_ms);

    int (*make_folder)(struct broker_env *env, const char *path); /* EEXISTS if it is there */
    int (*sync_folder)(struct broker_env *env, const char *path);
    int (*rename)(struct broker_env *env, const char *from,
                  const char *to); /* atomic; replaces `to`; open files follow */
    int (*remove)(struct broker_env *env,
                  const char *path); /* a file, or an empty folder; open files live on */
    int (*list)(struct broker_env *env, const char *folder, broker_list_fn *each, void *ctx);
    /* An exclusive lock on the path (made if missing) until unlock or until the process ends; ELOCKED if held. */
    int (*lock)(struct broker_env *env, const char *path, struct broker_file **lock);
    void (*unlock)(struct broker_env *env, struct broker_file *lock);
};

/* First member of each environment's own struct. */
struct broker_env {
    const struct broker_env_ops *ops;
};

/*
 * What one call did to the world, for the host to charge: filled by the log, added up by the layers above.
 * Everything is a count or a byte count; nothing here is a time.
 */
struct broker_receipt {
    uint64_t appended_bytes;   /* to .log files: bytes dirtied in the page cache */
    uint64_t index_bytes;      /* to index files */
    uint64_t small_file_bytes; /* checkpoints, snapshots, epoch files */
    uint64_t scanned_bytes;    /* batch headers and index pages read to find a position */
    uint64_t
        crc_bytes; /* bytes whose checksum was computed (holes included, as Kafka computes them) */
    uint64_t synced_bytes;  /* bytes that the syncs below had to bring to the device */
    uint32_t syncs;         /* sync calls on files and folders */
    uint32_t segment_syncs; /* of those, on a segment's files: the flush of a log */
    uint32_t dirty_syncs;   /* of those, with something to bring */
    uint32_t files_made;
    uint32_t files_removed;
    uint32_t renames;
    uint32_t batches; /* batches validated or appended */
    uint32_t records; /* records in them */
    uint32_t lookups; /* index binary searches */
};

void broker_receipt_add(struct broker_receipt *sum, const struct broker_receipt *part);

/* Environment on real files below root (an existing folder). Gives *env; free with broker_env_posix_free. */
int broker_env_posix_new(const char *root, struct broker_env **env, struct broker_err *err);
void broker_env_posix_free(struct broker_env *env);

/* Total size of a list of spans. */
uint64_t broker_spans_size(const struct broker_span *spans, size_t count);

#endif
