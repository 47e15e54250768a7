/* model/broker/env_sim_name.c - the tree of names: folders hold their children sorted, so that no order is ever hashed. */
#include "model/broker/env_sim_internal.h"

#include <assert.h>
#include <string.h>

static char *copy_name(struct env_sim *sim, const char *name)
{
    size_t size = strlen(name) + 1;
    return memcpy(env_sim_resize(sim, NULL, 0, size), name, size);
}

struct env_sim_node *env_sim_node_new(struct env_sim *sim, const char *name,
                                      struct broker_file *file)
{
    struct env_sim_node *node = env_sim_resize(sim, NULL, 0, sizeof *node);
    memset(node, 0, sizeof *node);
    node->name = copy_name(sim, name);
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
    env_sim_resize(sim, node->children, node->child_room * sizeof *node->children, 0);
    env_sim_resize(sim, node->name, strlen(node->name) + 1, 0);
    env_sim_resize(sim, node, sizeof *node, 0);
}

/* Position of the first child that is not before name[0..size). */
static uint32_t child_position(const struct env_sim_node *folder, const char *name, size_t size,
                               bool *found)
{
    uint32_t low = 0, high = folder->child_count;
    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *other = folder->children[middle]->name;
        int order = strncmp(other, name, size);
        if (order == 0 && other[size] != 0)
            order = 1;
        if (order == 0)
            *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct env_sim_node *env_sim_child(const struct env_sim_node *folder, const char *name, size_t size)
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

void env_sim_link(struct env_sim *sim, struct env_sim_node *folder, struct env_sim_node *node,
                  const char *name)
{
    bool found;
    uint32_t at = child_position(folder, name, strlen(name), &found);
    assert(!found && !node->parent);
    if (strcmp(node->name, name) != 0) {
        char *old = node->name;
        node->name = copy_name(sim, name);
        env_sim_resize(sim, old, strlen(old) + 1, 0);
    }
    folder->children = env_sim_room(sim, folder->children, folder->child_count, &folder->child_room,
                                    sizeof(struct env_sim_node *));
    memmove(folder->children + at + 1, folder->children + at,
            (folder->child_count - at) * sizeof(struct env_sim_node *));
    folder->children[at] = node;
    folder->child_count++;
    node->parent = folder;
    node->refs++;
}

void env_sim_unlink(struct env_sim *sim, struct env_sim_node *node)
{
    struct env_sim_node *folder = node->parent;
    bool found;
    uint32_t at = child_position(folder, node->name, strlen(node->name), &found);
    assert(found && folder->children[at] == node);
    folder->child_count--;
    memmove(folder->children + at, folder->children + at + 1,
            (folder->child_count - at) * sizeof(struct env_sim_node *));
    node->parent = NULL;
    node->refs--;
    env_sim_node_drop(sim, node);
}
