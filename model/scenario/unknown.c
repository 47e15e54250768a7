/* A key that is none: why, and what may be meant by it. */
#include "model/scenario/scenario_internal.h"

#include <stddef.h>
#include <string.h>

static const char *const root_maps[] = {"topics", "producers", "groups", "variants", NULL};

bool scenario_is_root_map(const char *key)
{
    for (int i = 0; root_maps[i]; i++)
        if (strcmp(root_maps[i], key) == 0)
            return true;
    return false;
}

/* Offers the steps that may follow prefix. */
static void offer_steps(struct scenario_build *b, enum scenario_section section, const char *prefix,
                        struct scenario_guess *guess)
{
    const struct scenario_key_table *table = &scenario_key_tables[section];
    size_t skip = strlen(prefix);
    for (int i = 0; i < scenario_key_count(section); i++) {
        const char *path = table->keys[i].path;
        if (strncmp(path, prefix, skip) != 0 || (skip > 0 && path[skip] != '/') || !path[skip])
            continue;
        const char *step = path + skip + (skip > 0);
        size_t bytes = strcspn(step, "/");
        scenario_guess_offer(guess,
                             step[bytes] ? scenario_arena_text(b->arena, step, bytes) : step);
    }
    for (int i = 0; section == SCENARIO_SECTION_ROOT && skip == 0 && root_maps[i]; i++)
        scenario_guess_offer(guess, root_maps[i]);
}

/* The same setting where it would be known: the broker's name for a topic's, or the other way round. */
static const char *other_name(struct scenario_build *b, enum scenario_section section,
                              const char *path)
{
    size_t topic_at = offsetof(struct scenario_topic, config);
    size_t root_at = offsetof(struct scenario, cluster.topic_defaults);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    enum scenario_section other = SCENARIO_SECTION_TOPIC;
    const char *other_path = scenario_arena_printf(b->arena, "config/%s", name);
    if (section == SCENARIO_SECTION_TOPIC) {
        other = SCENARIO_SECTION_ROOT;
        other_path = scenario_arena_printf(b->arena, "cluster/config/%s", name);
    }
    const struct scenario_key *key = scenario_key_find(other, other_path);
    if (!key || strncmp(strchr(path, '/') ? path : "", "c", 1) != 0)
        return NULL;
    size_t wanted = section == SCENARIO_SECTION_TOPIC ? key->offset - root_at + topic_at
                                                      : key->offset - topic_at + root_at;
    const struct scenario_key_table *table = &scenario_key_tables[section];
    for (int i = 0; i < scenario_key_count(section); i++)
        if (table->keys[i].offset == wanted && strstr(table->keys[i].path, "config/"))
            return strrchr(table->keys[i].path, '/') + 1;
    return NULL;
}

enum { FEW_STEPS = 6 };

const char *scenario_few_steps(struct scenario_arena *arena, enum scenario_section section,
                               const char *prefix)
{
    const struct scenario_key_table *table = &scenario_key_tables[section];
    const char *steps[FEW_STEPS + 1] = {NULL};
    size_t skip = strlen(prefix), first = skip + (skip > 0);
    int count = 0;
    for (int i = 0; i < scenario_key_count(section); i++) {
        const char *path = table->keys[i].path;
        if (!scenario_key_is_below(path, prefix, skip))
            continue;
        size_t bytes = strcspn(path + first, "/");
        if (scenario_key_is_repeated(table->keys, i, first + bytes))
            continue;
        if (count == FEW_STEPS)
            return NULL;
        steps[count++] = scenario_arena_text(arena, path + first, bytes);
    }
    return count > 0 ? scenario_choices_text(arena, steps) : NULL;
}

/* A map in place of a number may also be a distribution that we don't have. */
static const char *guess_step(struct scenario_build *b, struct scenario_thing *thing,
                              const char *prefix, const struct scenario_node *node)
{
    const struct scenario_key *key = scenario_key_find(thing->section, prefix);
    bool is_number = key && scenario_key_is_numeric(key);
    struct scenario_guess guess;
    scenario_guess_init(&guess, node->key);
    offer_steps(b, thing->section, prefix, &guess);
    if (is_number && !guess.best)
        return "; a distribution is uniform, lognormal or triangular";
    return scenario_guess_text(&guess, b->arena);
}

/* Kafka's settings stand in a config, or beside it by mistake. */
static bool report_unmodelled(struct scenario_build *b, const struct scenario_thing *thing,
                              const char *prefix, const struct scenario_node *node,
                              const char *path, bool families)
{
    static const char *const maps[] = {"", "config", "cluster", "cluster/config"};
    const char *why = NULL;
    for (size_t i = 0; !why && i < sizeof maps / sizeof *maps; i++)
        if (strcmp(prefix, maps[i]) == 0)
            why = scenario_unmodelled(b->arena, node->key, node, families);
    if (why)
        scenario_errors_add(b->errors, node->key_at, "%s is not modelled; %s",
                            scenario_path_text(b->arena, thing->path, path), why);
    return why;
}

/* Of the root, those of the cluster. */
static const char *called_here(struct scenario_build *b, const struct scenario_thing *thing,
                               const char *prefix, const struct scenario_node *node)
{
    bool is_root = thing->section == SCENARIO_SECTION_ROOT;
    const char *own = is_root ? "cluster" : "", *config = is_root ? "cluster/config" : "config";
    if (strcmp(prefix, own) != 0 && strcmp(prefix, config) != 0)
        return NULL;
    const char *name = scenario_other_name(b->arena, thing->section, node->key, node);
    return name ? scenario_arena_printf(b->arena, "; use %s", name) : NULL;
}

/* Another section's key, in its config: "; it is a topic's, in topics.NAME.config". NULL: nobody's. */
static const char *of_another(struct scenario_build *b, const struct scenario_thing *thing,
                              const char *config)
{
    for (int s = SCENARIO_SECTION_TOPIC; s < SCENARIO_SECTIONS; s++)
        if (s != (int)thing->section && scenario_key_find((enum scenario_section)s, config))
            return scenario_arena_printf(b->arena, "; it belongs in %s.NAME.config",
                                         scenario_key_tables[s].name);
    return scenario_key_find(SCENARIO_SECTION_ROOT,
                             scenario_arena_printf(b->arena, "cluster/%s", config))
               ? "; it belongs in cluster.config"
               : NULL;
}

/* Why it is none, and what may be meant; NULL when that was said in an error of its own. */
static const char *hint_of(struct scenario_build *b, struct scenario_thing *thing,
                           const char *prefix, const struct scenario_node *node, const char *path)
{
    const char *config = scenario_arena_printf(b->arena, "config/%s", node->key);
    bool is_root = thing->section == SCENARIO_SECTION_ROOT;
    bool has_levels = is_root || thing->section == SCENARIO_SECTION_TOPIC;
    const char *hint = called_here(b, thing, prefix, node);
    if (hint)
        return hint;
    if (report_unmodelled(b, thing, prefix, node, path, false))
        return NULL;
    if (prefix[0] == 0 && scenario_key_find(thing->section, config))
        return scenario_arena_printf(b->arena, "; it belongs in %s.config", thing->path);
    if (is_root && strcmp(prefix, "cluster") == 0 &&
        scenario_key_find(SCENARIO_SECTION_ROOT,
                          scenario_arena_printf(b->arena, "cluster/%s", config)))
        return "; it belongs in cluster.config";
    const char *other = has_levels ? other_name(b, thing->section, path) : NULL;
    if (other)
        return scenario_arena_printf(b->arena, "; the %s's name of this setting is \"%s\"",
                                     is_root ? "broker" : "topic", other);
    hint = of_another(b, thing, config);
    hint = hint ? hint : guess_step(b, thing, prefix, node);
    if (hint[0])
        return hint;
    if (report_unmodelled(b, thing, prefix, node, path, true))
        return NULL;
    const char *few = scenario_few_steps(b->arena, thing->section, prefix);
    return few ? scenario_arena_printf(b->arena, "; expected %s", few) : "";
}

void scenario_report_unknown(struct scenario_build *b, struct scenario_thing *thing,
                             const char *prefix, const struct scenario_node *node, const char *path)
{
    const char *in = scenario_path_text(b->arena, thing->path, prefix);
    const char *hint = hint_of(b, thing, prefix, node, path);
    if (hint)
        scenario_errors_add(b->errors, node->key_at, "unknown key \"%s\"%s%s%s",
                            scenario_shown(b->arena, node->key), in[0] ? " in " : "", in, hint);
}
