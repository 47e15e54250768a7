/*
 * broker-core/log/index.h - the offset index and the time index of one segment: sorted entries of fixed size in a file.
 *
 * Shape    An entry is a key and a value. Offset index: relative offset -> position in the .log (8 bytes). Time index: largest
 *          timestamp so far -> relative offset (12 bytes). Keys strictly increase. The file of the active segment is
 *          preallocated; the count of entries and the last entry are kept in memory, everything else is read from the file.
 * Source   reference/kafka/log-storage.md section 3.
 * Checked  tests/broker-core/test_index.c
 */
#ifndef BROKER_LOG_INDEX_H
#define BROKER_LOG_INDEX_H

#include "broker-core/env.h"

enum {
    BROKER_OFFSET_ENTRY_BYTES = 4 + 4, /* relative offset, position */
    BROKER_TIME_ENTRY_BYTES = 8 + 4,   /* timestamp, relative offset */
};

struct broker_index_entry {
    int64_t key;
    uint32_t value;
};

struct broker_index {
    struct broker_file *file; /* NULL: not open */
    uint32_t count;
    uint32_t synced;                /* entries that a sync has brought to the device */
    struct broker_index_entry last; /* while count > 0 */
    uint8_t entry_bytes;
};

/* Opens the file at path, as a closed index: every whole entry in it counts. With `make`, it is made if missing. */
int broker_index_open(struct broker_index *index, struct broker_env *env, const char *path,
                      bool make, struct broker_err *err);
void broker_index_close(struct broker_index *index, struct broker_env *env);

/* Room for floor(max_bytes / entry) entries, zero filled behind the present ones. */
int broker_index_preallocate(struct broker_index *index, struct broker_env *env, int64_t max_bytes);
/* Cuts the file behind the last entry. */
int broker_index_trim(struct broker_index *index, struct broker_env *env);
/* Forgets all entries from number `count` on; the file keeps its size, the forgotten bytes become zero. */
int broker_index_cut(struct broker_index *index, struct broker_env *env, uint32_t count);

/*
 * Adds an entry. Where the file has no room it is left out: a lookup then scans further.
 * Returns  BROKER_ECORRUPT if key is not greater than the last one.
 */
int broker_index_add(struct broker_index *index, struct broker_env *env,
                     const struct broker_index_entry *entry);

/* Entry number n < count. */
int broker_index_get(const struct broker_index *index, struct broker_env *env, uint32_t n,
                     struct broker_index_entry *entry);
/* The greatest entry with key <= `key`; *found is its number, -1 if there is none. */
int broker_index_find(const struct broker_index *index, struct broker_env *env, int64_t key,
                      int64_t *found, struct broker_index_entry *entry,
                      struct broker_receipt *receipt);
/* The first entry whose value is >= `value`, for an index whose values grow with its keys; *found is -1 if none. */
int broker_index_find_value(const struct broker_index *index, struct broker_env *env,
                            uint32_t value, int64_t *found, struct broker_index_entry *entry,
                            struct broker_receipt *receipt);

#endif
