/* model/broker/env_sim.c - the table of functions over files in memory; see env_sim.h. */
#include "model/broker/env_sim_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

static struct env_sim *sim_of(struct broker_env *env)
{
    return (struct env_sim *)env; /* env is the first member */
}

/* SplitMix64 (Steele, Lea, Flood 2014): seeds of any quality give good bits. */
uint64_t env_sim_next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

int env_sim_begin_change(struct env_sim *sim, bool *now_stopping)
{
    if (sim->stopped)
        return BROKER_EIO;
    sim->writes++;
    if (sim->writes < sim->fail_at)
        return BROKER_OK;
    sim->stopped = true;
    if (now_stopping)
        *now_stopping = true;
    return BROKER_EIO;
}

/* ---- clock, chance, space ---- */

static int64_t op_now_ms(struct broker_env *env)
{
    return sim_of(env)->now_ms;
}

static void op_random16(struct broker_env *env, uint8_t out[16])
{
    for (int half = 0; half < 2; half++) {
        uint64_t bits = env_sim_next_random(&sim_of(env)->random);
        for (int i = 0; i < 8; i++)
            out[half * 8 + i] = (uint8_t)(bits >> (8 * i));
    }
}

static int op_free_bytes(struct broker_env *env, const char *folder, uint64_t *free_bytes)
{
    struct env_sim *sim = sim_of(env);
    struct env_sim_node *node = env_sim_find(sim, folder);
    if (sim->stopped)
        return BROKER_EIO;
    if (!node)
        return BROKER_EMISSING;
    *free_bytes = sim->capacity_bytes > sim->used_bytes ? sim->capacity_bytes - sim->used_bytes : 0;
    return BROKER_OK;
}

/* Whether `more` bytes fit on the disk. */
static bool fits(const struct env_sim *sim, uint64_t more)
{
    return more == 0 || (sim->used_bytes <= sim->capacity_bytes &&
                         more <= sim->capacity_bytes - sim->used_bytes);
}

/* ---- files ---- */

static int create_file(struct env_sim *sim, const char *path, struct broker_file **file)
{
    const char *name;
    struct env_sim_node *folder = env_sim_find_parent(sim, path, &name);
    if (!folder)
        return BROKER_EMISSING;
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    *file = env_sim_file_new(sim);
    struct env_sim_node *node = env_sim_node_new(sim, name, *file);
    env_sim_link(sim, folder, node, name);
    sim->last_number++;
    env_sim_note_name(sim, folder, ENV_SIM_NAME_ADDED, name, node);
    return BROKER_OK;
}

static int op_open(struct broker_env *env, const char *path, int flags, struct broker_file **file)
{
    struct env_sim *sim = sim_of(env);
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *node = env_sim_find(sim, path);
    if (node && !node->file)
        return BROKER_EIO; /* a folder */
    if (node && (flags & BROKER_OPEN_FRESH))
        return BROKER_EEXISTS;
    if (node) {
        *file = node->file;
    } else {
        int status = flags & BROKER_OPEN_CREATE ? create_file(sim, path, file) : BROKER_EMISSING;
        if (status != BROKER_OK)
            return status;
    }
    (*file)->opens++;
    return BROKER_OK;
}

static void op_close(struct broker_env *env, struct broker_file *file)
{
    assert(file->opens > 0);
    file->opens--;
    env_sim_file_drop(sim_of(env), file);
}

static int op_append(struct broker_env *env, struct broker_file *file,
                     const struct broker_span *spans, size_t count)
{
    struct env_sim *sim = sim_of(env);
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += spans[i].size;
    uint64_t limit = size;
    bool stopping = false;
    if (!sim->stopped && !fits(sim, file->size + size - file->written_end))
        return BROKER_EFULL;
    int status = env_sim_begin_change(sim, &stopping);
    if (stopping && sim->torn_bytes > 0)
        limit = size > sim->torn_bytes ? size - sim->torn_bytes : 0;
    else if (status != BROKER_OK)
        return status;
    if (sim->tracked)
        env_sim_note_write(sim, file, file->size, spans, count, limit);
    env_sim_file_append(sim, file, spans, count, limit);
    return status;
}

static int op_write_at(struct broker_env *env, struct broker_file *file, uint64_t position,
                       const void *bytes, size_t size)
{
    struct env_sim *sim = sim_of(env);
    assert(position <= file->size && size <= file->size - position);
    uint64_t end = position + size;
    if (!sim->stopped && end > file->written_end && !fits(sim, end - file->written_end))
        return BROKER_EFULL;
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    if (sim->tracked) {
        struct broker_span span = {bytes, size};
        env_sim_note_write(sim, file, position, &span, 1, size);
    }
    env_sim_file_write(sim, file, position, bytes, size);
    return BROKER_OK;
}

static int op_read_at(struct broker_env *env, struct broker_file *file, uint64_t position,
                      void *bytes, size_t size, size_t *got)
{
    if (sim_of(env)->stopped)
        return BROKER_EIO;
    *got = env_sim_file_read(file, position, bytes, size);
    return BROKER_OK;
}

/* Adds a part to a view; neighbouring holes become one span. */
static void view_add(struct broker_view *view, uint32_t *room, const uint8_t *bytes, uint64_t size)
{
    if (size == 0)
        return;
    view->size += size;
    if (!bytes && view->count > 0 && !view->spans[view->count - 1].bytes) {
        view->spans[view->count - 1].size += size;
        return;
    }
    if (view->count == *room) {
        struct broker_span *more = sim_checked(realloc(view->owned, *room * 2 * sizeof *more));
        if (!view->owned)
            memcpy(more, view->inline_spans, sizeof view->inline_spans);
        *room *= 2;
        view->owned = view->spans = more;
    }
    view->spans[view->count++] = (struct broker_span){bytes, size};
}

static int op_view(struct broker_env *env, struct broker_file *file, uint64_t position,
                   uint64_t size, struct broker_view *view)
{
    uint32_t room = sizeof view->inline_spans / sizeof *view->inline_spans;
    if (sim_of(env)->stopped)
        return BROKER_EIO;
    view->spans = view->inline_spans;
    view->count = 0;
    view->size = 0;
    view->owned = NULL;
    if (size == 0 || position >= file->size)
        return BROKER_OK;
    uint64_t end = size < file->size - position ? position + size : file->size;
    for (uint32_t i = env_sim_file_find(file, position); position < end; i++) {
        const struct env_sim_extent *e = file->extents + i;
        uint64_t extent_end = env_sim_extent_end(file, i);
        uint64_t part_end = extent_end < end ? extent_end : end;
        uint64_t inside = position - e->start;
        if (inside < e->byte_count) {
            uint64_t bytes = e->byte_count - inside;
            bytes = bytes < part_end - position ? bytes : part_end - position;
            view_add(view, &room, env_sim_file_bytes(file, e->data) + inside, bytes);
            position += bytes;
        }
        view_add(view, &room, NULL, part_end - position);
        position = part_end;
    }
    return BROKER_OK;
}

static void op_view_release(struct broker_env *env, struct broker_view *view)
{
    (void)env;
    free(view->owned);
    view->owned = NULL;
    view->count = 0;
}

static int op_sync(struct broker_env *env, struct broker_file *file)
{
    struct env_sim *sim = sim_of(env);
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    file->synced_size = file->size;
    file->unsynced_low = UINT64_MAX;
    if (sim->synced_count < ENV_SIM_SYNCED_MAX)
        sim->synced[sim->synced_count++] = file->number;
    if (sim->tracked)
        env_sim_note_sync(sim, file);
    return BROKER_OK;
}

static int op_truncate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    struct env_sim *sim = sim_of(env);
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    if (sim->tracked)
        env_sim_note_resize(sim, file, size);
    env_sim_file_resize(sim, file, size);
    return BROKER_OK;
}

static int op_preallocate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    return size > file->size ? op_truncate(env, file, size) : BROKER_OK;
}

static uint64_t op_size(struct broker_env *env, struct broker_file *file)
{
    (void)env;
    return file->size;
}

static int op_modified_ms(struct broker_env *env, struct broker_file *file, int64_t *modified_ms)
{
    if (sim_of(env)->stopped)
        return BROKER_EIO;
    *modified_ms = file->modified_ms;
    return BROKER_OK;
}

static int op_set_modified_ms(struct broker_env *env, struct broker_file *file, int64_t modified_ms)
{
    if (sim_of(env)->stopped)
        return BROKER_EIO;
    file->modified_ms = modified_ms;
    return BROKER_OK;
}

/* ---- names ---- */

static int op_make_folder(struct broker_env *env, const char *path)
{
    struct env_sim *sim = sim_of(env);
    const char *name;
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *folder = env_sim_find_parent(sim, path, &name);
    if (!folder)
        return BROKER_EMISSING;
    if (name[0] == 0 || env_sim_child(folder, name, strlen(name)))
        return BROKER_EEXISTS;
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    struct env_sim_node *node = env_sim_node_new(sim, name, NULL);
    env_sim_link(sim, folder, node, name);
    sim->last_number++;
    env_sim_note_name(sim, folder, ENV_SIM_NAME_ADDED, name, node);
    return BROKER_OK;
}

static int op_sync_folder(struct broker_env *env, const char *path)
{
    struct env_sim *sim = sim_of(env);
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *folder = env_sim_find(sim, path);
    if (!folder)
        return BROKER_EMISSING;
    int status = env_sim_begin_change(sim, NULL);
    if (status == BROKER_OK && sim->tracked)
        env_sim_note_sync(sim, NULL);
    return status;
}

static int op_remove(struct broker_env *env, const char *path)
{
    struct env_sim *sim = sim_of(env);
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *node = env_sim_find(sim, path);
    if (!node || node == sim->root)
        return BROKER_EMISSING;
    if (node->child_count > 0)
        return BROKER_EEXISTS; /* a folder that is not empty */
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    sim->last_number++;
    env_sim_note_name(sim, node->parent, ENV_SIM_NAME_DROPPED, node->name, node);
    env_sim_unlink(sim, node);
    return BROKER_OK;
}

static int op_rename(struct broker_env *env, const char *from, const char *to)
{
    struct env_sim *sim = sim_of(env);
    const char *name;
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *node = env_sim_find(sim, from);
    struct env_sim_node *folder = env_sim_find_parent(sim, to, &name);
    if (!node || node == sim->root || !folder)
        return BROKER_EMISSING;
    struct env_sim_node *old = env_sim_child(folder, name, strlen(name));
    if (old == node)
        return BROKER_OK;
    if (old && old->child_count > 0)
        return BROKER_EEXISTS;
    int status = env_sim_begin_change(sim, NULL);
    if (status != BROKER_OK)
        return status;
    node->refs++; /* over the moment without a name */
    sim->last_number++;
    env_sim_note_name(sim, node->parent, ENV_SIM_NAME_DROPPED, node->name, node);
    env_sim_note_name(sim, folder, ENV_SIM_NAME_ADDED, name, node);
    env_sim_unlink(sim, node);
    if (old)
        env_sim_unlink(sim, old);
    env_sim_link(sim, folder, node, name);
    node->refs--;
    return BROKER_OK;
}

static int op_list(struct broker_env *env, const char *path, broker_list_fn *each, void *ctx)
{
    struct env_sim *sim = sim_of(env);
    if (sim->stopped)
        return BROKER_EIO;
    struct env_sim_node *folder = env_sim_find(sim, path);
    if (!folder || folder->file)
        return BROKER_EMISSING;
    for (uint32_t i = 0; i < folder->child_count; i++)
        each(ctx, folder->children[i]->name, !folder->children[i]->file);
    return BROKER_OK;
}

static int op_lock(struct broker_env *env, const char *path, struct broker_file **lock)
{
    int status = op_open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, lock);
    if (status != BROKER_OK)
        return status;
    if ((*lock)->locked) {
        op_close(env, *lock);
        return BROKER_ELOCKED;
    }
    (*lock)->locked = true;
    return BROKER_OK;
}

static void op_unlock(struct broker_env *env, struct broker_file *lock)
{
    lock->locked = false;
    op_close(env, lock);
}

static const struct broker_env_ops ops = {
    .now_ms = op_now_ms,
    .random16 = op_random16,
    .free_bytes = op_free_bytes,
    .open = op_open,
    .close = op_close,
    .append = op_append,
    .write_at = op_write_at,
    .read_at = op_read_at,
    .view = op_view,
    .view_release = op_view_release,
    .sync = op_sync,
    .truncate = op_truncate,
    .preallocate = op_preallocate,
    .size = op_size,
    .modified_ms = op_modified_ms,
    .set_modified_ms = op_set_modified_ms,
    .make_folder = op_make_folder,
    .sync_folder = op_sync_folder,
    .rename = op_rename,
    .remove = op_remove,
    .list = op_list,
    .lock = op_lock,
    .unlock = op_unlock,
};

/* ---- the environment itself ---- */

struct env_sim *env_sim_new(uint64_t seed, uint64_t capacity_bytes)
{
    struct env_sim *sim = sim_alloc(1, sizeof *sim);
    sim->env.ops = &ops;
    sim->random = seed;
    sim->capacity_bytes = capacity_bytes;
    sim->fail_at = UINT64_MAX;
    sim->root = env_sim_node_new(sim, "", NULL);
    return sim;
}

void env_sim_free(struct env_sim *sim)
{
    if (!sim)
        return;
    env_sim_memory_release(sim);
    free(sim);
}

struct broker_env *env_sim_env(struct env_sim *sim)
{
    return &sim->env;
}

void env_sim_number_from(struct env_sim *sim, uint64_t first)
{
    assert(sim->files_made == 0);
    sim->files_made = first;
}

void env_sim_set_now(struct env_sim *sim, int64_t now_ms)
{
    sim->now_ms = now_ms;
}

void env_sim_set_capacity(struct env_sim *sim, uint64_t capacity_bytes)
{
    sim->capacity_bytes = capacity_bytes;
}

void env_sim_set_cache(struct env_sim *sim, const struct env_sim_cache *cache)
{
    sim->cache = cache;
}

uint32_t env_sim_take_synced(struct env_sim *sim, uint64_t files[ENV_SIM_SYNCED_MAX])
{
    uint32_t count = sim->synced_count;
    memcpy(files, sim->synced, count * sizeof *files);
    sim->synced_count = 0;
    return count;
}

uint64_t env_sim_used_bytes(const struct env_sim *sim)
{
    return sim->used_bytes;
}

uint64_t env_sim_memory_bytes(const struct env_sim *sim)
{
    return sim->memory_bytes;
}

uint64_t env_sim_writes(const struct env_sim *sim)
{
    return sim->writes;
}

void env_sim_fail_after(struct env_sim *sim, uint64_t n, uint64_t torn_bytes)
{
    sim->fail_at = n ? sim->writes + n : UINT64_MAX;
    sim->torn_bytes = torn_bytes;
}

bool env_sim_stopped(const struct env_sim *sim)
{
    return sim->stopped;
}
