/* model/broker/env_sim_internal.h - what the files of env_sim share; see env_sim.h. */
#ifndef MODEL_BROKER_ENV_SIM_INTERNAL_H
#define MODEL_BROKER_ENV_SIM_INTERNAL_H

#include "model/broker/env_sim.h"

/* `byte_count` bytes at arena offset `data`, then a hole up to the next extent or the file's end. */
struct env_sim_extent {
    uint64_t start;
    uint64_t stamp;
    uint32_t data;
    uint32_t byte_count;
};

/* What was done to a file since its last sync, in order; bytes NULL: a resize to `position`. */
struct env_sim_change {
    uint64_t position;
    uint64_t size;
    uint64_t number; /* in the order of all changes of names and sizes; 0: neither */
    uint8_t *bytes;
};
/* Durable content of a file and the changes that are not durable yet. */
struct env_sim_image {
    uint8_t *bytes;
    uint64_t size;
    struct env_sim_change *changes;
    uint32_t change_count;
    uint32_t change_room;
    uint32_t kept; /* during a power loss: changes that survive whole, and bytes of the next one */
    uint64_t kept_part;
};

struct broker_file {
    /* What each write touches, in 64 bytes. */
    struct env_sim_extent *extents;
    uint32_t extent_count;
    uint32_t hint;       /* extent of the last look-up */
    uint8_t *arena_at;   /* the next byte of the newest chunk */
    uint32_t arena_left; /* of that chunk */
    uint32_t arena_size;
    uint64_t size;
    uint64_t written_end;  /* end of what was written: the disk space it takes */
    uint64_t unsynced_low; /* lowest byte rewritten in place since the last sync; UINT64_MAX none */
    int64_t modified_ms;

    uint8_t **chunks; /* arena, in chunks that never move, because views borrow from them */
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t extent_room;
    int32_t opens;
    int32_t links; /* names, durable names included */
    bool locked;
    uint64_t synced_size;        /* survives power loss */
    uint64_t number;             /* in the order of creation */
    struct env_sim_image *image; /* NULL unless durability is tracked */
};

/* A name in a folder that will be there after a power loss. */
struct env_sim_entry {
    char *name;
    struct env_sim_node *node;
};
enum env_sim_name_kind { ENV_SIM_NAME_ADDED, ENV_SIM_NAME_DROPPED };
/* One step of the names' history since the folder's last sync; a rename is two steps. */
struct env_sim_name_change {
    enum env_sim_name_kind kind;
    uint64_t number; /* see env_sim_change; the two steps of a rename share it */
    struct env_sim_entry entry;
};

/* A file or folder. Kept while it has a name, a durable name or an open file. */
struct env_sim_node {
    char *name;
    uint32_t name_size;
    uint32_t child_gap; /* free places in front of children: the oldest segments go first */
    struct env_sim_node *parent;    /* NULL: the root, or no longer named */
    struct broker_file *file;       /* NULL: a folder */
    struct env_sim_node **children; /* sorted by name */
    uint32_t child_count;
    uint32_t child_room; /* places, with the gap */
    uint32_t child_hint; /* where the last look-up ended */
    int32_t refs;
    struct env_sim_entry *durable;
    uint32_t durable_count;
    struct env_sim_name_change *changes;
    uint32_t change_count;
    uint32_t change_room;
};

enum {
    ENV_SIM_GRAIN_BYTES = 16, /* any object may stand at a multiple of it */
    ENV_SIM_SMALL_BYTES = 2048,
};
/* See env_sim_memory.c. */
struct env_sim_memory {
    struct env_sim_block *blocks;
    uint8_t *at; /* what is left of the newest block */
    size_t left, block_bytes;
    struct env_sim_piece *free[ENV_SIM_SMALL_BYTES / ENV_SIM_GRAIN_BYTES];
};

struct env_sim {
    struct broker_env env;
    struct env_sim_memory memory;
    int64_t now_ms;
    uint64_t random;
    uint64_t capacity_bytes;
    uint64_t used_bytes;
    uint64_t memory_bytes;
    uint64_t files_made;
    uint64_t synced[ENV_SIM_SYNCED_MAX];
    uint32_t synced_count;
    const struct env_sim_cache *cache;
    uint64_t writes;
    uint64_t fail_at; /* UINT64_MAX: never */
    uint64_t torn_bytes;
    bool stopped;
    bool tracked;
    uint64_t last_number;    /* of the changes of names and sizes */
    uint64_t durable_number; /* those up to here survive a power loss */
    struct env_sim_node *root;
};

/* ---- memory (env_sim_memory.c) ---- */
/* Memory that is counted; new_size 0 frees, and all is freed with sim. Growth aborts when the machine has none left: there is no result to save. */
void *env_sim_resize(struct env_sim *sim, void *memory, size_t old_size, size_t new_size);
/* Makes room for one more item in an array that doubles. */
void *env_sim_room(struct env_sim *sim, void *items, uint32_t count, uint32_t *room,
                   size_t item_size);
void env_sim_memory_release(struct env_sim *sim);
uint64_t env_sim_next_random(uint64_t *state);

/* Counts a change; BROKER_OK to go on, BROKER_EIO if the process is stopped or stops here (*now_stopping, may be NULL). */
int env_sim_begin_change(struct env_sim *sim, bool *now_stopping);

/* ---- content (env_sim_file.c) ---- */
struct broker_file *env_sim_file_new(struct env_sim *sim);
/* Frees the file if nothing refers to it any more. */
void env_sim_file_drop(struct env_sim *sim, struct broker_file *file);
void env_sim_file_append(struct env_sim *sim, struct broker_file *file,
                         const struct broker_span *spans, size_t count, uint64_t limit);
void env_sim_file_write(struct env_sim *sim, struct broker_file *file, uint64_t position,
                        const uint8_t *bytes, uint64_t size);
size_t env_sim_file_read(struct broker_file *file, uint64_t position, uint8_t *bytes, size_t size);
void env_sim_file_resize(struct env_sim *sim, struct broker_file *file, uint64_t size);
void env_sim_file_set_written(struct env_sim *sim, struct broker_file *file, uint64_t written_end);
uint32_t env_sim_file_find(struct broker_file *file, uint64_t position);
const uint8_t *env_sim_file_bytes(const struct broker_file *file, uint32_t data);
static inline uint64_t env_sim_extent_end(const struct broker_file *file, uint32_t index)
{
    return index + 1 < file->extent_count ? file->extents[index + 1].start : file->size;
}

/* ---- names (env_sim_name.c) ---- */
struct env_sim_node *env_sim_node_new(struct env_sim *sim, const char *name,
                                      struct broker_file *file);
void env_sim_node_drop(struct env_sim *sim, struct env_sim_node *node);
struct env_sim_node *env_sim_find(const struct env_sim *sim, const char *path);
/* The folder that holds path's last part; *name points at that part. NULL if there is none. */
struct env_sim_node *env_sim_find_parent(const struct env_sim *sim, const char *path,
                                         const char **name);
struct env_sim_node *env_sim_child(struct env_sim_node *folder, const char *name, size_t size);
void env_sim_link(struct env_sim *sim, struct env_sim_node *folder, struct env_sim_node *node,
                  const char *name);
void env_sim_unlink(struct env_sim *sim, struct env_sim_node *node);

/* ---- durability (env_sim_crash.c) ---- */
void env_sim_image_new(struct env_sim *sim, struct broker_file *file);
void env_sim_image_free(struct env_sim *sim, struct broker_file *file);
void env_sim_note_write(struct env_sim *sim, struct broker_file *file, uint64_t position,
                        const struct broker_span *spans, size_t count, uint64_t limit);
void env_sim_note_resize(struct env_sim *sim, struct broker_file *file, uint64_t size);
/* file NULL: a folder was synced. */
void env_sim_note_sync(struct env_sim *sim, struct broker_file *file);
void env_sim_note_name(struct env_sim *sim, struct env_sim_node *folder,
                       enum env_sim_name_kind kind, const char *name, struct env_sim_node *node);
void env_sim_forget_names(struct env_sim *sim, struct env_sim_node *folder);

#endif
