/*
 * model/broker/env_sim_crash.c - what is left after a kill or a power loss, and the images that crash tests keep.
 *
 * An image is the content at the last sync and the changes since; a power loss keeps a prefix of the changes, the last of them
 * perhaps in part. Changes of names and sizes are numbered over all files and folders: if one survives, all earlier ones do.
 */
#include "model/broker/env_sim_internal.h"

#include <assert.h>
#include <string.h>

/* ---- images of contents ---- */

void env_sim_track_durability(struct env_sim *sim)
{
    assert(sim->root->child_count == 0);
    sim->tracked = true;
}

void env_sim_image_new(struct env_sim *sim, struct broker_file *file)
{
    file->image = env_sim_resize(sim, NULL, 0, sizeof *file->image);
    memset(file->image, 0, sizeof *file->image);
}

static void forget_changes(struct env_sim *sim, struct env_sim_image *image)
{
    for (uint32_t i = 0; i < image->change_count; i++)
        env_sim_resize(sim, image->changes[i].bytes, image->changes[i].size, 0);
    image->change_count = 0;
}

void env_sim_image_free(struct env_sim *sim, struct broker_file *file)
{
    struct env_sim_image *image = file->image;
    if (!image)
        return;
    forget_changes(sim, image);
    env_sim_resize(sim, image->changes, image->change_room * sizeof *image->changes, 0);
    env_sim_resize(sim, image->bytes, image->size, 0);
    env_sim_resize(sim, image, sizeof *image, 0);
    file->image = NULL;
}

static struct env_sim_change *add_change(struct env_sim *sim, struct env_sim_image *image,
                                         uint64_t position, uint64_t size)
{
    image->changes = env_sim_room(sim, image->changes, image->change_count, &image->change_room,
                                  sizeof *image->changes);
    struct env_sim_change *change = image->changes + image->change_count++;
    *change = (struct env_sim_change){.position = position, .size = size};
    return change;
}

void env_sim_note_write(struct env_sim *sim, struct broker_file *file, uint64_t position,
                        const struct broker_span *spans, size_t count, uint64_t limit)
{
    if (limit == 0)
        return;
    struct env_sim_change *change = add_change(sim, file->image, position, limit);
    if (position + limit > file->size)
        change->number = ++sim->last_number;
    uint8_t *to = change->bytes = env_sim_resize(sim, NULL, 0, limit);
    memset(to, 0, limit);
    for (size_t i = 0; i < count && limit > 0; i++) {
        uint64_t size = spans[i].size < limit ? spans[i].size : limit;
        if (spans[i].bytes)
            memcpy(to, spans[i].bytes, size);
        to += size;
        limit -= size;
    }
}

void env_sim_note_resize(struct env_sim *sim, struct broker_file *file, uint64_t size)
{
    add_change(sim, file->image, size, 0)->number = ++sim->last_number;
}

static void image_resize(struct env_sim *sim, struct env_sim_image *image, uint64_t size)
{
    uint64_t old = image->size;
    image->bytes = env_sim_resize(sim, image->bytes, old, size);
    if (size > old)
        memset(image->bytes + old, 0, size - old);
    image->size = size;
}

static void image_apply(struct env_sim *sim, struct env_sim_image *image,
                        const struct env_sim_change *change, uint64_t size)
{
    if (!change->bytes) {
        image_resize(sim, image, change->position);
        return;
    }
    if (size == 0)
        return;
    if (change->position + size > image->size)
        image_resize(sim, image, change->position + size);
    memcpy(image->bytes + change->position, change->bytes, size);
}

void env_sim_note_sync(struct env_sim *sim, struct broker_file *file)
{
    sim->durable_number = sim->last_number;
    if (!file)
        return;
    for (uint32_t i = 0; i < file->image->change_count; i++)
        image_apply(sim, file->image, file->image->changes + i, file->image->changes[i].size);
    forget_changes(sim, file->image);
    assert(file->image->size == file->size);
}

/* ---- names ---- */

static void entry_drop(struct env_sim *sim, struct env_sim_entry *entry)
{
    env_sim_resize(sim, entry->name, strlen(entry->name) + 1, 0);
    entry->node->refs--;
    env_sim_node_drop(sim, entry->node);
}

void env_sim_note_name(struct env_sim *sim, struct env_sim_node *folder,
                       enum env_sim_name_kind kind, const char *name, struct env_sim_node *node)
{
    if (!sim->tracked)
        return;
    folder->changes = env_sim_room(sim, folder->changes, folder->change_count, &folder->change_room,
                                   sizeof *folder->changes);
    size_t size = strlen(name) + 1;
    char *copy = memcpy(env_sim_resize(sim, NULL, 0, size), name, size);
    node->refs++;
    folder->changes[folder->change_count++] =
        (struct env_sim_name_change){kind, sim->last_number, {copy, node}};
}

static void drop_durable(struct env_sim *sim, struct env_sim_node *folder, const char *name)
{
    for (uint32_t i = 0; i < folder->durable_count; i++) {
        if (strcmp(folder->durable[i].name, name) != 0)
            continue;
        struct env_sim_entry gone = folder->durable[i];
        folder->durable[i] = folder->durable[folder->durable_count - 1];
        folder->durable =
            env_sim_resize(sim, folder->durable, folder->durable_count * sizeof *folder->durable,
                           (folder->durable_count - 1) * sizeof *folder->durable);
        folder->durable_count--;
        entry_drop(sim, &gone);
        return;
    }
}

/* Makes the first `count` name changes durable and forgets the others. */
static void settle_names(struct env_sim *sim, struct env_sim_node *folder, uint32_t count)
{
    uint32_t changes = folder->change_count;
    folder->change_count = 0;
    for (uint32_t i = 0; i < changes; i++) {
        struct env_sim_name_change *change = folder->changes + i;
        if (i >= count) {
            entry_drop(sim, &change->entry);
            continue;
        }
        drop_durable(sim, folder, change->entry.name);
        if (change->kind == ENV_SIM_NAME_DROPPED) {
            entry_drop(sim, &change->entry);
            continue;
        }
        folder->durable =
            env_sim_resize(sim, folder->durable, folder->durable_count * sizeof *folder->durable,
                           (folder->durable_count + 1) * sizeof *folder->durable);
        folder->durable[folder->durable_count++] = change->entry;
    }
}

void env_sim_forget_names(struct env_sim *sim, struct env_sim_node *folder)
{
    settle_names(sim, folder, 0);
    while (folder->durable_count > 0)
        drop_durable(sim, folder, folder->durable[0].name);
    env_sim_resize(sim, folder->changes, folder->change_room * sizeof *folder->changes, 0);
    folder->changes = NULL;
    folder->change_room = 0;
}

/* ---- the crash ---- */

/* 0 to bound, both included. */
static uint64_t draw(uint64_t *random, uint64_t bound)
{
    uint64_t bits = env_sim_next_random(random);
    return bound == UINT64_MAX ? bits : bits % (bound + 1);
}

/* How much of a file's history reached the disk by itself; notes the newest change of size in it. */
static void draw_file(struct broker_file *file, uint64_t *random, uint64_t *newest)
{
    struct env_sim_image *image = file->image;
    image->kept = (uint32_t)draw(random, image->change_count);
    image->kept_part =
        image->kept < image->change_count ? draw(random, image->changes[image->kept].size) : 0;
    for (uint32_t i = 0; i < image->kept + (image->kept_part > 0); i++)
        if (image->changes[i].number > *newest)
            *newest = image->changes[i].number;
}

/* Cuts the file as every resize up to `last` did, even if what was written before that resize is lost. */
static void lose_tracked(struct env_sim *sim, struct broker_file *file, uint64_t last)
{
    struct env_sim_image *image = file->image;
    for (uint32_t i = 0; i < image->change_count; i++) {
        const struct env_sim_change *change = image->changes + i;
        if (i < image->kept)
            image_apply(sim, image, change, change->size);
        else if (change->bytes && i == image->kept)
            image_apply(sim, image, change, image->kept_part);
        else if (!change->bytes && change->number <= last && change->position < image->size)
            image_resize(sim, image, change->position);
    }
    forget_changes(sim, image);
    struct broker_span span = {image->bytes, image->size};
    env_sim_file_resize(sim, file, 0);
    env_sim_file_append(sim, file, &span, 1, image->size);
}

/* Unsynced appended bytes go from a drawn position on; bytes rewritten in place read as zeros from another one. */
static void lose_untracked(struct env_sim *sim, struct broker_file *file, uint64_t *random)
{
    static const uint8_t zeros[4096];
    if (file->size > file->synced_size)
        env_sim_file_resize(sim, file,
                            file->synced_size + draw(random, file->size - file->synced_size));
    if (file->unsynced_low < file->written_end) {
        uint64_t end = file->written_end;
        uint64_t from = file->unsynced_low + draw(random, end - file->unsynced_low);
        for (uint64_t at = from; at < end; at += sizeof zeros)
            env_sim_file_write(sim, file, at, zeros,
                               end - at < sizeof zeros ? end - at : sizeof zeros);
    }
    file->unsynced_low = UINT64_MAX;
    file->synced_size = file->size;
}

static void lose_names(struct env_sim *sim, struct env_sim_node *folder, uint64_t last)
{
    uint32_t kept = 0;
    while (kept < folder->change_count && folder->changes[kept].number <= last)
        kept++;
    folder->refs++;
    settle_names(sim, folder, kept);
    while (folder->child_count > 0)
        env_sim_unlink(sim, folder->children[folder->child_count - 1]);
    for (uint32_t i = 0; i < folder->durable_count; i++) {
        struct env_sim_entry *entry = folder->durable + i;
        if (entry->node->parent) /* moved away to another folder, and that is durable */
            continue;
        env_sim_link(sim, folder, entry->node, entry->name);
    }
    folder->refs--;
}

/* Draws for every file that may come back, named now or not. */
static void draw_all(struct env_sim_node *node, uint64_t *random, uint64_t *newest)
{
    if (node->file) {
        draw_file(node->file, random, newest);
        return;
    }
    for (uint32_t i = 0; i < node->child_count; i++)
        draw_all(node->children[i], random, newest);
}

static void lose(struct env_sim *sim, struct env_sim_node *node, uint64_t *random, uint64_t last)
{
    if (node->file) {
        assert(node->file->opens == 0);
        if (sim->tracked)
            lose_tracked(sim, node->file, last);
        else
            lose_untracked(sim, node->file, random);
        return;
    }
    if (sim->tracked)
        lose_names(sim, node, last);
    for (uint32_t i = 0; i < node->child_count; i++)
        lose(sim, node->children[i], random, last);
}

static void unlock_all(struct env_sim_node *node)
{
    if (node->file)
        node->file->locked = false;
    for (uint32_t i = 0; i < node->child_count; i++)
        unlock_all(node->children[i]);
}

void env_sim_restart(struct env_sim *sim)
{
    sim->stopped = false;
    sim->fail_at = UINT64_MAX;
    sim->torn_bytes = 0;
    unlock_all(sim->root);
}

void env_sim_power_loss(struct env_sim *sim, uint64_t seed)
{
    env_sim_restart(sim);
    uint64_t random = seed;
    uint64_t last = sim->durable_number;
    if (sim->tracked) {
        draw_all(sim->root, &random, &last);
        last += draw(&random, sim->last_number - last);
    }
    lose(sim, sim->root, &random, last);
    sim->durable_number = sim->last_number;
}
