/*
 * From a tree to a scenario: every key finds its row, every row gets its value or its default, and what follows from
 * other values comes last.
 */
#include "model/scenario/scenario_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum { THINGS_MAX = 10000 }; /* topics, producers, groups: beyond any cluster described in public */

/* ---- origins and places ---- */

struct scenario_origin *scenario_origin_at(struct scenario_thing *thing,
                                           const struct scenario_key *key)
{
    return &thing->origins[key - scenario_key_tables[thing->section].keys];
}

struct scenario_origin *scenario_origin_of(struct scenario_thing *thing, const char *path)
{
    const struct scenario_key *key = scenario_key_find(thing->section, path);
    assert(key);
    return scenario_origin_at(thing, key);
}

bool scenario_is_stated(struct scenario_thing *thing, const char *path)
{
    return scenario_origin_of(thing, path)->kind == SCENARIO_ORIGIN_STATED;
}

void scenario_derived(struct scenario_build *b, struct scenario_thing *thing, const char *path,
                      const char *format, ...)
{
    va_list args;
    struct scenario_origin *origin = scenario_origin_of(thing, path);
    origin->kind = SCENARIO_ORIGIN_DERIVED;
    va_start(args, format);
    origin->text = scenario_arena_vprintf(b->arena, format, args);
    va_end(args);
}

struct scenario_place scenario_place_of(struct scenario_thing *thing, const char *path)
{
    const struct scenario_origin *origin = scenario_origin_of(thing, path);
    return origin->node ? origin->node->at : thing->at;
}

const char *scenario_path_text(struct scenario_arena *arena, const char *thing_path,
                               const char *key_path)
{
    char *text = scenario_arena_printf(arena, "%s%s%s", thing_path,
                                       thing_path[0] && key_path[0] ? "." : "", key_path);
    for (char *c = text + strlen(thing_path); *c; c++)
        if (*c == '/')
            *c = '.';
    return text;
}

const struct scenario_node *scenario_node_at(const struct scenario_node *map, const char *path)
{
    char step[64];
    while (map && *path) {
        size_t bytes = strcspn(path, "/");
        assert(bytes < sizeof step);
        memcpy(step, path, bytes);
        step[bytes] = 0;
        map = scenario_node_find(map, step);
        path += bytes + (path[bytes] == '/');
    }
    return map;
}

/* ---- walking a thing's tree ---- */

/* {uniform: ...} at a row that has no rows of its own below by that name. */
static bool is_leaf_map(struct scenario_build *b, struct scenario_thing *thing,
                        const struct scenario_key *key, const char *path,
                        const struct scenario_node *node)
{
    if (!key || !scenario_key_is_numeric(key) || !scenario_is_distribution(node))
        return false;
    const char *inner = scenario_arena_printf(b->arena, "%s/%s", path, node->first->key);
    return !scenario_key_find(thing->section, inner) &&
           !scenario_key_has_below(thing->section, inner);
}

static const char *step_list(struct scenario_build *b, struct scenario_thing *thing,
                             const char *path)
{
    const struct scenario_key_table *table = &scenario_key_tables[thing->section];
    size_t skip = strlen(path);
    const char *list = "", *last = "";
    for (int i = 0; i < scenario_key_count(thing->section); i++) {
        const char *row = table->keys[i].path;
        if (strncmp(row, path, skip) != 0 || row[skip] != '/')
            continue;
        const char *step =
            scenario_arena_text(b->arena, row + skip + 1, strcspn(row + skip + 1, "/"));
        if (strcmp(step, last) == 0)
            continue;
        if (strlen(list) > 60)
            return scenario_arena_printf(b->arena, "%s, ...", list);
        list = scenario_arena_printf(b->arena, "%s%s%s", list, list[0] ? ", " : "", step);
        last = step;
    }
    return list;
}

static void walk(struct scenario_build *b, struct scenario_thing *thing,
                 const struct scenario_node *map, const char *prefix);

static void take_child(struct scenario_build *b, struct scenario_thing *thing, const char *prefix,
                       const struct scenario_node *node)
{
    const char *path =
        prefix[0] ? scenario_arena_printf(b->arena, "%s/%s", prefix, node->key) : node->key;
    const struct scenario_key *key =
        strchr(node->key, '/') ? NULL : scenario_key_find(thing->section, path);
    bool has_below = !strchr(node->key, '/') && scenario_key_has_below(thing->section, path);
    if (!key && !has_below) {
        scenario_report_unknown(b, thing, prefix, node, path);
    } else if (node->kind == SCENARIO_NODE_MAP && has_below &&
               !is_leaf_map(b, thing, key, path, node)) {
        walk(b, thing, node, path);
    } else if (key) {
        struct scenario_origin *origin =
            &thing->origins[key - scenario_key_tables[thing->section].keys];
        *origin = (struct scenario_origin){.kind = SCENARIO_ORIGIN_STATED, .node = node};
    } else if (!scenario_node_is_empty(node)) {
        scenario_errors_add(b->errors, node->at, "%s is not a map; expected a map with %s",
                            scenario_path_text(b->arena, thing->path, path),
                            step_list(b, thing, path));
    }
}

static void walk(struct scenario_build *b, struct scenario_thing *thing,
                 const struct scenario_node *map, const char *prefix)
{
    bool is_root = thing->section == SCENARIO_SECTION_ROOT && prefix[0] == 0;
    for (const struct scenario_node *child = map->first; child; child = child->next) {
        bool is_note = strncmp(child->key, "x-", 2) == 0;
        if (!is_note && !(is_root && scenario_is_root_map(child->key)))
            take_child(b, thing, prefix, child);
    }
}

/* ---- rows to values ---- */

enum scenario_client_kind scenario_client_of(const struct scenario_thing *thing)
{
    switch (thing->section) {
    case SCENARIO_SECTION_PRODUCER:
        return ((const struct scenario_producer *)thing->base)->client;
    case SCENARIO_SECTION_GROUP:
        return ((const struct scenario_group *)thing->base)->client;
    default:
        return SCENARIO_CLIENT_JAVA;
    }
}

static unsigned client_bit(const struct scenario_thing *thing)
{
    return scenario_client_of(thing) == SCENARIO_CLIENT_JAVA ? SCENARIO_FOR_JAVA
                                                             : SCENARIO_FOR_LIBRDKAFKA;
}

static void report_client(struct scenario_build *b, struct scenario_thing *thing,
                          const struct scenario_key *key, const struct scenario_node *node)
{
    const struct scenario_key_table *table = &scenario_key_tables[thing->section];
    const char *of = key->clients == SCENARIO_FOR_JAVA ? "the Java client" : "librdkafka";
    const char *own = key->clients == SCENARIO_FOR_JAVA ? "librdkafka" : "the Java client";
    const char *name = NULL;
    for (int i = 0; i < scenario_key_count(thing->section); i++)
        if (table->keys[i].offset == key->offset && table->keys[i].clients == client_bit(thing))
            name = strrchr(table->keys[i].path, '/') + 1;
    const char *hint = name ? scenario_arena_printf(b->arena, "; %s calls it %s", own, name)
                            : scenario_arena_printf(b->arena, "; %s has none", own);
    scenario_errors_add(b->errors, node->key_at, "%s is a setting of %s%s",
                        scenario_path_text(b->arena, thing->path, key->path), of, hint);
}

static void fill_row(struct scenario_build *b, struct scenario_thing *thing,
                     const struct scenario_key *key, struct scenario_origin *origin)
{
    bool fits = !key->clients || (key->clients & client_bit(thing));
    const struct scenario_node *group =
        key->group ? scenario_node_at(thing->node, key->group) : thing->node;
    bool has_group = !key->group || (group && group->kind == SCENARIO_NODE_MAP);
    if (origin->kind == SCENARIO_ORIGIN_STATED) {
        if (fits)
            scenario_value_read(b, thing, key, origin->node);
        else
            report_client(b, thing, key, origin->node);
    } else if (has_group && key->is_required) {
        scenario_errors_add(b->errors, key->group ? group->at : thing->at, "%s is missing",
                            scenario_path_text(b->arena, thing->path, key->path));
    } else if (has_group && fits && !scenario_node_at(thing->node, key->path)) {
        scenario_value_default(b, thing, key);
    }
}

static void fill(struct scenario_build *b, struct scenario_thing *thing)
{
    const struct scenario_key_table *table = &scenario_key_tables[thing->section];
    for (int i = 0; i < scenario_key_count(thing->section); i++)
        fill_row(b, thing, &table->keys[i], &thing->origins[i]);
}

/* ---- things ---- */

static void thing_init(struct scenario_build *b, struct scenario_thing *thing,
                       enum scenario_section section, int index, const struct scenario_node *node,
                       void *base)
{
    size_t rows = (size_t)scenario_key_count(section);
    *thing =
        (struct scenario_thing){.section = section, .index = index, .node = node, .base = base};
    thing->name = section == SCENARIO_SECTION_ROOT ? "" : node->key;
    thing->path = section == SCENARIO_SECTION_ROOT
                      ? ""
                      : scenario_arena_printf(b->arena, "%s.%s", scenario_key_tables[section].name,
                                              node->key);
    thing->at = node->key_at;
    thing->origins = scenario_arena_take(b->arena, rows * sizeof *thing->origins);
}

static void check_name(struct scenario_build *b, const char *noun, const struct scenario_node *node)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t bytes = strlen(node->key);
    bool is_dots = strcmp(node->key, ".") == 0 || strcmp(node->key, "..") == 0;
    if (bytes > SCENARIO_NAME_MAX)
        scenario_errors_add(b->errors, node->key_at,
                            "%s name is too long; expected at most %d characters", noun,
                            SCENARIO_NAME_MAX);
    else if (strspn(node->key, allowed) != bytes || is_dots)
        scenario_errors_add(
            b->errors, node->key_at,
            "%s name \"%s\" is not allowed; expected letters, digits, \".\", \"_\" and \"-\"", noun,
            scenario_shown(b->arena, node->key));
}

/* The map of one section, or NULL when there is none to read. */
static const struct scenario_node *section_map(struct scenario_build *b,
                                               const struct scenario_key_table *table)
{
    const struct scenario_node *map = scenario_node_find(b->tree, table->name);
    if (!map || scenario_node_is_empty(map))
        return NULL;
    if (map->kind != SCENARIO_NODE_MAP) {
        scenario_errors_add(b->errors, map->at,
                            "%s is not a map; expected %s names with their settings", table->name,
                            table->noun);
        return NULL;
    }
    if (map->count > THINGS_MAX) {
        b->errors->limit = true;
        scenario_errors_add(b->errors, map->at, "%s has %d entries; the limit is %d", table->name,
                            map->count, THINGS_MAX);
        return NULL;
    }
    return map;
}

static void report_not_settings(struct scenario_build *b, struct scenario_thing *thing,
                                const char *noun)
{
    thing->is_wrong = true;
    scenario_errors_add(b->errors, thing->node->at, "%s is not a map; expected the %s's settings",
                        thing->path, noun);
}

/* Walks each thing's tree; returns their count and structs. */
static int read_things(struct scenario_build *b, enum scenario_section section,
                       struct scenario_thing **things, void **structs)
{
    const struct scenario_key_table *table = &scenario_key_tables[section];
    const struct scenario_node *map = section_map(b, table);
    int count = map ? map->count : 0, i = 0;
    *things = scenario_arena_take(b->arena, (size_t)(count + 1) * sizeof **things);
    *structs = scenario_arena_take(b->arena, (size_t)(count + 1) * table->size_bytes);
    for (const struct scenario_node *node = map ? map->first : NULL; node; node = node->next) {
        if (strncmp(node->key, "x-", 2) == 0)
            continue;
        struct scenario_thing *thing = &(*things)[i];
        thing_init(b, thing, section, i, node, (char *)*structs + (size_t)i * table->size_bytes);
        check_name(b, table->noun, node);
        i++;
        if (node->kind == SCENARIO_NODE_MAP)
            walk(b, thing, node, "");
        else if (!scenario_node_is_empty(node))
            report_not_settings(b, thing, table->noun);
    }
    return i;
}

/* `topics` may be left out: then the topics are those that producers name. */
static void name_topics_by_producers(struct scenario_build *b)
{
    const struct scenario_key_table *table = &scenario_key_tables[SCENARIO_SECTION_TOPIC];
    size_t room = (size_t)b->s->producer_count + 1;
    b->topics = scenario_arena_take(b->arena, room * sizeof *b->topics);
    b->s->topics = scenario_arena_take(b->arena, room * table->size_bytes);
    for (int i = 0; i < b->s->producer_count; i++) {
        const struct scenario_node *node = scenario_node_find(b->producers[i].node, "topic");
        if (!node || node->kind != SCENARIO_NODE_SCALAR ||
            scenario_topic_find(b->s, node->text) >= 0)
            continue;
        struct scenario_node *made = scenario_arena_take(b->arena, sizeof *made);
        *made = (struct scenario_node){
            .kind = SCENARIO_NODE_MAP, .at = node->at, .key_at = node->at, .key = node->text};
        int t = b->s->topic_count++;
        thing_init(b, &b->topics[t], SCENARIO_SECTION_TOPIC, t, made, &b->s->topics[t]);
        check_name(b, table->noun, made);
        b->s->topics[t].name = made->key;
    }
}

static void read_sections(struct scenario_build *b)
{
    void *structs;
    b->s->topic_count = read_things(b, SCENARIO_SECTION_TOPIC, &b->topics, &structs);
    b->s->topics = structs;
    b->s->producer_count = read_things(b, SCENARIO_SECTION_PRODUCER, &b->producers, &structs);
    b->s->producers = structs;
    b->s->group_count = read_things(b, SCENARIO_SECTION_GROUP, &b->groups, &structs);
    b->s->groups = structs;
    for (int i = 0; i < b->s->topic_count; i++)
        b->s->topics[i].name = b->topics[i].name;
    for (int i = 0; i < b->s->producer_count; i++)
        b->s->producers[i].name = b->producers[i].name;
    for (int i = 0; i < b->s->group_count; i++)
        b->s->groups[i].name = b->groups[i].name;
    if (!scenario_node_find(b->tree, "topics"))
        name_topics_by_producers(b);
}

void scenario_build_run(struct scenario_build *b)
{
    if (b->tree->kind != SCENARIO_NODE_MAP) {
        scenario_errors_add(
            b->errors, b->tree->at,
            "the file is not a map; expected version, cluster, topics, producers, groups");
        return;
    }
    thing_init(b, &b->root, SCENARIO_SECTION_ROOT, 0, b->tree, b->s);
    walk(b, &b->root, b->tree, "");
    read_sections(b);
    fill(b, &b->root);
    for (int i = 0; i < b->s->topic_count; i++)
        fill(b, &b->topics[i]);
    for (int i = 0; i < b->s->producer_count; i++)
        fill(b, &b->producers[i]);
    for (int i = 0; i < b->s->group_count; i++)
        fill(b, &b->groups[i]);
    scenario_resolve(b);
    scenario_check(b);
}
