/* model/broker/env_sim_name.c - the tree of names: folders hold their children sorted, so that no order is ever hashed. */
#include "model/broker/env_sim_internal.h"

#include <assert.h>
#include <string.h>

static char *copy_name(struct env_sim *sim, const char *name, size_t size)
{
    return memcpy(env_sim_resize(sim, NULL, 0, size + 1), name, size + 1);
}

struct env_sim_node *env_sim_node_new(struct env_sim *sim, const char *name,
                                      struct broker_file *file)
{
    struct env_sim_node *node = env_sim_resize(sim, NULL, 0, sizeof *node);
    memset(node, 0, sizeof *node);
    size_t size = strlen(name);
    node->name = copy_name(sim, name, size);
    node->name_size = (uint32_t)size;
    node->file = file;
    if (file)
        file->links++;
    return node;
}

/* Frees a node that has neither a name nor a durable name. */
void env_sim_node_drop(struct env_sim *sim, struct env_sim_node *node)
{
    if (node->refs > 0)
        return;
    while (node->child_count > 0)
        env_sim_unlink(sim, node->children[node->child_count - 1]);
    env_sim_forget_names(sim, node);
    if (node->file) {
        node->file->links--;
        env_sim_file_drop(sim, node->file);
    }
    if (node->children)
        env_sim_resize(sim, node->children - node->child_gap,
                       node->child_room * sizeof *node->children, 0);
    env_sim_resize(sim, node->name, node->name_size + UINT64_C(1), 0);
    env_sim_resize(sim, node, sizeof *node, 0);
}

/* As strcmp of the node's name and name[0..size). */
static int compare(const struct env_sim_node *node, const char *name, size_t size)
{
    size_t common = node->name_size < size ? node->name_size : size;
    int order = memcmp(node->name, name, common);
    return order ? order : (node->name_size > size) - (node->name_size < size);
}

/*
 * Narrows [*low, *high] to a stretch that holds the position of name: at the end, where new segments go, or near the last look-up, as
 * one segment's files are named one after the other. Steps double from there.
 */
static void narrow(const struct env_sim_node *folder, const char *name, size_t size, uint32_t *low,
                   uint32_t *high)
{
    uint32_t count = folder->child_count, at = folder->child_hint, step = 1;
    *low = 0;
    *high = count;
    if (count == 0)
        return;
    if (compare(folder->children[count - 1], name, size) < 0) {
        *low = count;
        return;
    }
    at = at < count ? at : count - 1;
    if (compare(folder->children[at], name, size) < 0) {
        for (*low = at + 1; *low + step < *high; step *= 2) {
            if (compare(folder->children[*low + step - 1], name, size) >= 0) {
                *high = *low + step - 1;
                return;
            }
            *low += step;
        }
        return;
    }
    for (*high = at; *high > step; step *= 2) {
        if (compare(folder->children[*high - step], name, size) < 0) {
            *low = *high - step + 1;
            return;
        }
        *high -= step;
    }
}

/* Position of the first child that is not before name[0..size). */
static uint32_t child_position(struct env_sim_node *folder, const char *name, size_t size,
                               bool *found)
{
    uint32_t low, high;
    narrow(folder, name, size, &low, &high);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(folder->children[middle], name, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < folder->child_count && compare(folder->children[low], name, size) == 0;
    return folder->child_hint = low;
}

struct env_sim_node *env_sim_child(struct env_sim_node *folder, const char *name, size_t size)
{
    bool found;
    uint32_t at = child_position(folder, name, size, &found);
    return found ? folder->children[at] : NULL;
}

struct env_sim_node *env_sim_find_parent(const struct env_sim *sim, const char *path,
                                         const char **name)
{
    struct env_sim_node *folder = sim->root;
    for (;;) {
        while (*path == '/')
            path++;
        const char *slash = strchr(path, '/');
        if (!slash) {
            *name = path;
            return folder;
        }
        folder = env_sim_child(folder, path, (size_t)(slash - path));
        if (!folder || folder->file)
            return NULL;
        path = slash + 1;
    }
}

struct env_sim_node *env_sim_find(const struct env_sim *sim, const char *path)
{
    const char *name;
    struct env_sim_node *folder = env_sim_find_parent(sim, path, &name);
    if (!folder)
        return NULL;
    if (name[0] == 0 || strcmp(name, ".") == 0)
        return folder;
    return env_sim_child(folder, name, strlen(name));
}

/* A free place behind the last child: what was free in front of them, if that is much, or more memory. */
static void make_room(struct env_sim *sim, struct env_sim_node *folder)
{
    const size_t each = sizeof(struct env_sim_node *);
    uint32_t gap = folder->child_gap;
    struct env_sim_node **all = folder->children ? folder->children - gap : NULL;
    if (gap + folder->child_count < folder->child_room)
        return;
    if (gap > folder->child_room / 4) {
        folder->children = memmove(all, folder->children, folder->child_count * each);
        folder->child_gap = 0;
    } else {
        all = env_sim_room(sim, all, folder->child_room, &folder->child_room, each);
        folder->children = all + gap;
    }
}

/* Room for a child at position `at`: the shorter side moves, if there is a gap for it. */
static void open_place(struct env_sim *sim, struct env_sim_node *folder, uint32_t at)
{
    const size_t each = sizeof(struct env_sim_node *);
    uint32_t behind = folder->child_count - at;
    if (folder->child_gap > 0 && at < behind) {
        folder->children--;
        folder->child_gap--;
        memmove(folder->children, folder->children + 1, at * each);
    } else {
        make_room(sim, folder);
        memmove(folder->children + at + 1, folder->children + at, behind * each);
    }
    folder->child_count++;
}

static void close_place(struct env_sim_node *folder, uint32_t at)
{
    const size_t each = sizeof(struct env_sim_node *);
    uint32_t behind = --folder->child_count - at;
    if (behind <= at) {
        memmove(folder->children + at, folder->children + at + 1, behind * each);
        return;
    }
    memmove(folder->children + 1, folder->children, at * each);
    folder->children++;
    folder->child_gap++;
}

void env_sim_link(struct env_sim *sim, struct env_sim_node *folder, struct env_sim_node *node,
                  const char *name)
{
    bool found;
    size_t size = strlen(name);
    uint32_t at = child_position(folder, name, size, &found);
    assert(!found && !node->parent);
    if (compare(node, name, size) != 0) {
        char *old = node->name;
        node->name = copy_name(sim, name, size);
        env_sim_resize(sim, old, node->name_size + UINT64_C(1), 0);
        node->name_size = (uint32_t)size;
    }
    open_place(sim, folder, at);
    folder->children[at] = node;
    node->parent = folder;
    node->refs++;
}

void env_sim_unlink(struct env_sim *sim, struct env_sim_node *node)
{
    struct env_sim_node *folder = node->parent;
    bool found;
    uint32_t at = child_position(folder, node->name, node->name_size, &found);
    assert(found && folder->children[at] == node);
    close_place(folder, at);
    node->parent = NULL;
    node->refs--;
    env_sim_node_drop(sim, node);
}
