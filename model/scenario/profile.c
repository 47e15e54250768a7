/* model/scenario/profile.c - see profile.h: one table row a number, the path in the file is the key. */
#include "model/scenario/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario_internal.h"

enum { FILE_BYTES_MAX = 256 * 1024 }; /* a profile has some eighty lines */

enum row_type { ROW_DOUBLE, ROW_INT64, ROW_BOOL, ROW_TEXT };

struct row {
    const char *path;
    enum row_type type;
    enum scenario_unit unit;
    size_t offset;
    size_t size; /* of a text */
};

#define AT(field) offsetof(struct model_profile, field)
#define COST(path, field)                                                                          \
    {path ".request", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(field.request_ns), 0},                    \
        {path ".partition", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(field.partition_ns), 0},            \
        {path ".batch", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(field.batch_ns), 0},                    \
        {path ".record", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(field.record_ns), 0},                  \
    {                                                                                              \
        path ".byte", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(field.byte_ns), 0                         \
    }
#define CODEC(name, index)                                                                         \
    {"codec." name ".compress_byte", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(compress_byte_ns[index]),  \
     0},                                                                                           \
    {                                                                                              \
        "codec." name ".decompress_byte", ROW_DOUBLE, SCENARIO_UNIT_TIME,                          \
            AT(decompress_byte_ns[index]), 0                                                       \
    }

static const struct row rows[] = {
    {"error", ROW_TEXT, SCENARIO_UNIT_NONE, AT(error), sizeof((struct model_profile *)0)->error},
    {"calibrated", ROW_BOOL, SCENARIO_UNIT_NONE, AT(calibrated), 0},
    {"coremark", ROW_DOUBLE, SCENARIO_UNIT_NONE, AT(coremark), 0},
    COST("broker.receive", receive),
    COST("broker.append", append),
    COST("broker.fetch_receive", fetch_receive),
    COST("broker.fetch", fetch),
    COST("broker.send", send),
    COST("broker.replica_append", replica_append),
    COST("broker.replica_fetch", replica_fetch),
    COST("broker.tls", tls),
    {"broker.idle_per_s", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(idle_broker_ns_per_s), 0},
    {"broker.idle_partition_per_s", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(idle_partition_ns_per_s), 0},
    COST("client.java_send", java_send),
    COST("client.java_receive", java_receive),
    COST("client.librdkafka_send", librdkafka_send),
    COST("client.librdkafka_receive", librdkafka_receive),
    CODEC("gzip", 1),
    CODEC("snappy", 2),
    CODEC("lz4", 3),
    CODEC("zstd", 4),
    {"scheduler.quantum", ROW_INT64, SCENARIO_UNIT_TIME, AT(quantum_ns), 0},
    {"scheduler.wakeup", ROW_INT64, SCENARIO_UNIT_TIME, AT(wakeup_ns), 0},
    {"scheduler.cold_work", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(cold_work_ns), 0},
    {"scheduler.cold_sleep", ROW_INT64, SCENARIO_UNIT_TIME, AT(cold_sleep_ns), 0},
    {"gc.on", ROW_BOOL, SCENARIO_UNIT_NONE, AT(gc), 0},
    {"gc.alloc_per_byte", ROW_DOUBLE, SCENARIO_UNIT_NONE, AT(gc_alloc_per_byte), 0},
    {"gc.alloc_per_request", ROW_DOUBLE, SCENARIO_UNIT_BYTES, AT(gc_alloc_per_request), 0},
    {"gc.young", ROW_DOUBLE, SCENARIO_UNIT_BYTES, AT(gc_young_bytes), 0},
    {"gc.pause_median", ROW_DOUBLE, SCENARIO_UNIT_TIME, AT(gc_pause_median_ns), 0},
    {"gc.pause_sigma", ROW_DOUBLE, SCENARIO_UNIT_NONE, AT(gc_pause_sigma), 0},
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

struct reading {
    struct scenario_arena arena;
    struct scenario_errors errors;
    struct model_profile *profile;
};

static void take_number(struct reading *r, const struct scenario_node *node, const struct row *row,
                        const char *path)
{
    struct scenario_number number;
    bool plain = row->unit == SCENARIO_UNIT_NONE;
    if (scenario_number_parse(node->text, strlen(node->text), row->unit, plain, &number) !=
            SCENARIO_NUMBER_OK ||
        number.value < 0) {
        scenario_errors_add(&r->errors, node->at, "%s is %s; expected a number from 0%s", path,
                            scenario_shown(&r->arena, node->text), plain ? "" : " with its unit");
        return;
    }
    char *at = (char *)r->profile + row->offset;
    if (row->type == ROW_INT64)
        *(int64_t *)(void *)at = (int64_t)number.value;
    else
        *(double *)(void *)at = number.value;
}

static void take(struct reading *r, const struct scenario_node *node, const struct row *row,
                 const char *path)
{
    char *at = (char *)r->profile + row->offset;
    if (row->type == ROW_TEXT) {
        snprintf(at, row->size, "%s", node->text);
    } else if (row->type == ROW_BOOL) {
        if (strcmp(node->text, "true") && strcmp(node->text, "false"))
            scenario_errors_add(&r->errors, node->at, "%s is %s; expected true or false", path,
                                scenario_shown(&r->arena, node->text));
        *(bool *)(void *)at = strcmp(node->text, "true") == 0;
    } else {
        take_number(r, node, row, path);
    }
}

static void walk(struct reading *r, const struct scenario_node *map, const char *prefix)
{
    for (const struct scenario_node *node = map->first; node; node = node->next) {
        const char *path =
            *prefix ? scenario_arena_printf(&r->arena, "%s.%s", prefix, node->key) : node->key;
        if (node->kind == SCENARIO_NODE_MAP) {
            walk(r, node, path);
            continue;
        }
        const struct row *row = NULL;
        struct scenario_guess guess;
        scenario_guess_init(&guess, path);
        for (int i = 0; i < ROW_COUNT; i++) {
            scenario_guess_offer(&guess, rows[i].path);
            if (strcmp(rows[i].path, path) == 0)
                row = &rows[i];
        }
        if (row && node->kind == SCENARIO_NODE_SCALAR)
            take(r, node, row, path);
        else
            scenario_errors_add(&r->errors, node->key_at, "a profile has no \"%s\"%s", path,
                                scenario_guess_text(&guess, &r->arena));
    }
}

/* ---- files ---- */

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_profile(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int no_such(const char *datadir, const char *name, struct broker_err *err)
{
    char folder[1024], names[160] = "";
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/profiles", datadir);
    int count = scandir(folder, &entries, is_profile, compare_names);
    for (int i = 0; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.*s", used ? ", " : "",
                 (int)strlen(entries[i]->d_name) - 5, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return broker_err_set(err, -1, "no profile \"%.60s\"; there are: %s", name,
                          *names ? names : "none");
}

static char *read_whole(FILE *file, size_t *size)
{
    char *text = malloc(FILE_BYTES_MAX + 1);
    *size = text ? fread(text, 1, FILE_BYTES_MAX + 1, file) : 0;
    return text;
}

static int parse(const char *path, const char *text, size_t size, struct model_profile *profile,
                 struct broker_err *err)
{
    struct reading r = {.profile = profile};
    int status = 0;
    scenario_errors_init(&r.errors, &r.arena);
    struct scenario_node *root = scenario_text_check(path, text, size, &r.errors)
                                     ? scenario_yaml_read(path, text, size, &r.arena, &r.errors)
                                     : NULL;
    if (root && root->kind == SCENARIO_NODE_MAP)
        walk(&r, root, "");
    if (r.errors.count > 0) {
        const struct scenario_error *e = &r.errors.list[0];
        status = broker_err_set(err, -1, "%s:%d:%d: %s", e->source, e->line, e->column, e->message);
    }
    scenario_arena_release(&r.arena);
    return status;
}

int scenario_profile_load(const char *datadir, const char *name, struct model_profile *profile,
                          struct broker_err *err)
{
    char path[1024];
    model_profile_init(profile);
    if (strchr(name, '/') || name[0] == '.' ||
        snprintf(path, sizeof path, "%s/profiles/%s.yaml", datadir, name) >= (int)sizeof path)
        return no_such(datadir, name, err);
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT ? no_such(datadir, name, err)
                               : broker_err_set(err, -1, "%s: %s", path, strerror(errno));
    size_t size;
    char *text = read_whole(file, &size);
    fclose(file);
    int status = !text || size > FILE_BYTES_MAX
                     ? broker_err_set(err, -1, "%s: not a profile: larger than %d bytes", path,
                                      FILE_BYTES_MAX)
                     : parse(path, text, size, profile, err);
    free(text);
    snprintf(profile->name, sizeof profile->name, "%s", name);
    return status;
}
