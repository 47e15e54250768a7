/*
 * --set and variants: a tree with one value replaced. Paths are those of messages: producers.checkout.config.linger.ms.
 * Names and Kafka's settings hold dots themselves, so a path is matched against what there is, not split at its dots.
 */
#include "model/scenario/scenario_internal.h"

#include <string.h>

enum { STEPS_MAX = 8 };

struct path {
    struct scenario_arena *arena;
    struct scenario_errors *errors;
    struct scenario_place at;
    const char *text;
    const struct scenario_node *value;
    const char *steps[STEPS_MAX];
    int count;
};

static const char *const thing_maps[] = {NULL, "topics", "producers", "groups"};

static void add_step(struct path *p, const char *text, size_t bytes)
{
    if (p->count < STEPS_MAX)
        p->steps[p->count++] = scenario_arena_text(p->arena, text, bytes);
}

/* A path of the table, or the beginning of one, that is spelled `dotted`. */
static bool match_key(struct path *p, enum scenario_section section, const char *dotted)
{
    const struct scenario_key_table *table = &scenario_key_tables[section];
    for (int i = 0; i < scenario_key_count(section); i++) {
        const char *path = table->keys[i].path, *d = dotted, *k = path;
        while (*d && *k && (*d == *k || (*d == '.' && *k == '/')))
            d++, k++;
        if (*d || (*k && *k != '/'))
            continue;
        for (const char *step = path; step < k;) {
            size_t bytes = strcspn(step, "/");
            bytes = step + bytes > k ? (size_t)(k - step) : bytes;
            add_step(p, step, bytes);
            step += bytes + 1;
        }
        return true;
    }
    return false;
}

static bool fail_unmodelled(struct path *p, const char *dotted, bool families)
{
    static const char config[] = "config.";
    const char *name = strstr(dotted, config), *why = NULL;
    if (name)
        why = scenario_unmodelled(p->arena, name + sizeof config - 1, p->value, families);
    if (why)
        scenario_errors_add(p->errors, p->at, "%s is not modelled; %s",
                            scenario_shown(p->arena, p->text), why);
    return why;
}

/* "config.log.retention.hours" of a topic, "cluster.config.log.retention.hours", "replicas". */
static bool fail_other(struct path *p, enum scenario_section section, const char *dotted)
{
    static const char *const befores[] = {"cluster.config.", "cluster.", "config.", ""};
    bool is_root = section == SCENARIO_SECTION_ROOT;
    for (int i = is_root ? 0 : 2; i < (is_root ? 2 : 4); i++) {
        size_t bytes = strlen(befores[i]);
        const char *name = strncmp(dotted, befores[i], bytes) == 0
                               ? scenario_other_name(p->arena, section, dotted + bytes, p->value)
                               : NULL;
        if (!name)
            continue;
        scenario_errors_add(p->errors, p->at, "no key \"%s\"; use %s",
                            scenario_shown(p->arena, p->text), name);
        return true;
    }
    return false;
}

static bool fail_key(struct path *p, enum scenario_section section, const char *dotted)
{
    const struct scenario_key_table *table = &scenario_key_tables[section];
    struct scenario_guess guess;
    if (fail_other(p, section, dotted) || fail_unmodelled(p, dotted, false))
        return false;
    scenario_guess_init(&guess, dotted);
    for (int i = 0; i < scenario_key_count(section); i++)
        scenario_guess_offer(&guess, scenario_path_text(p->arena, "", table->keys[i].path));
    const char *hint = "";
    if (!guess.best && fail_unmodelled(p, dotted, true))
        return false;
    if (guess.best)
        hint = scenario_arena_printf(p->arena, "; did you mean \"%.*s%s\"?",
                                     (int)(strlen(p->text) - strlen(dotted)), p->text, guess.best);
    scenario_errors_add(p->errors, p->at, "no key \"%s\"%s", scenario_shown(p->arena, p->text),
                        hint);
    return false;
}

static bool fail_name(struct path *p, const struct scenario_node *map,
                      enum scenario_section section, const char *rest)
{
    const char *name = scenario_arena_text(p->arena, rest, strcspn(rest, "."));
    struct scenario_guess guess;
    scenario_guess_init(&guess, name);
    for (const struct scenario_node *n = map ? map->first : NULL; n; n = n->next)
        scenario_guess_offer(&guess, n->key);
    scenario_errors_add(p->errors, p->at, "no %s \"%s\" for \"%s\"%s",
                        scenario_key_tables[section].noun, scenario_shown(p->arena, name),
                        scenario_shown(p->arena, p->text), scenario_guess_text(&guess, p->arena));
    return false;
}

/* The longest name that the rest begins with. */
static const struct scenario_node *match_name(const struct scenario_node *map, const char *rest)
{
    const struct scenario_node *best = NULL;
    for (const struct scenario_node *n = map && map->kind == SCENARIO_NODE_MAP ? map->first : NULL;
         n; n = n->next) {
        size_t bytes = strlen(n->key);
        if (strncmp(n->key, rest, bytes) == 0 && (rest[bytes] == '.' || !rest[bytes]) &&
            (!best || strlen(best->key) < bytes))
            best = n;
    }
    return best;
}

/* Topics that only producers name have no node to be found. */
static bool parse(struct path *p, const struct scenario_node *tree)
{
    for (int section = SCENARIO_SECTION_TOPIC; section <= SCENARIO_SECTION_GROUP; section++) {
        const char *map_name = thing_maps[section];
        size_t bytes = strlen(map_name);
        if (strncmp(p->text, map_name, bytes) != 0 || p->text[bytes] != '.')
            continue;
        const char *rest = p->text + bytes + 1;
        const struct scenario_node *map = scenario_node_find(tree, map_name),
                                   *thing = match_name(map, rest);
        if (!thing)
            return fail_name(p, map, (enum scenario_section)section, rest);
        add_step(p, map_name, bytes);
        add_step(p, thing->key, strlen(thing->key));
        rest += strlen(thing->key);
        return !*rest || match_key(p, (enum scenario_section)section, rest + 1) ||
               fail_key(p, (enum scenario_section)section, rest + 1);
    }
    return match_key(p, SCENARIO_SECTION_ROOT, p->text) ||
           fail_key(p, SCENARIO_SECTION_ROOT, p->text);
}

static struct scenario_node *copy_node(struct scenario_arena *arena,
                                       const struct scenario_node *node)
{
    struct scenario_node *copy = scenario_arena_take(arena, sizeof *copy);
    *copy = *node;
    copy->next = NULL;
    return copy;
}

static void append(struct scenario_node *map, struct scenario_node *child)
{
    if (map->last)
        map->last->next = child;
    else
        map->first = child;
    map->last = child;
    map->count++;
}

/* A map with the same children (each copied alone) but the one called key, which the caller then appends in its place. */
static struct scenario_node *copy_map(struct path *p, const struct scenario_node *map,
                                      const char *key, struct scenario_node **found)
{
    struct scenario_node *copy = scenario_arena_take(p->arena, sizeof *copy);
    *copy = *map;
    copy->first = copy->last = copy->next = NULL;
    copy->count = 0;
    *found = NULL;
    for (const struct scenario_node *child = map->first; child; child = child->next) {
        struct scenario_node *own = copy_node(p->arena, child);
        append(copy, own);
        if (strcmp(child->key, key) == 0)
            *found = own;
    }
    return copy;
}

static struct scenario_node *new_map(struct path *p, const char *key)
{
    struct scenario_node *map = scenario_arena_take(p->arena, sizeof *map);
    *map =
        (struct scenario_node){.kind = SCENARIO_NODE_MAP, .at = p->at, .key_at = p->at, .key = key};
    return map;
}

/* Goes down one step: the child as a map of its own. NULL after an error. */
static struct scenario_node *descend(struct path *p, struct scenario_node *map, int step)
{
    struct scenario_node *child = scenario_node_find(map, p->steps[step]), *unused;
    if (!child) {
        child = new_map(p, p->steps[step]);
        append(map, child);
        return child;
    }
    bool is_choice = strcmp(p->steps[step], "arrivals") == 0 || strcmp(p->steps[step], "size") == 0;
    if (child->kind == SCENARIO_NODE_SCALAR && (scenario_node_is_empty(child) || is_choice)) {
        child->kind = SCENARIO_NODE_MAP;
        child->first = child->last = NULL;
        child->count = 0;
        return child;
    }
    if (child->kind != SCENARIO_NODE_MAP) {
        bool is_machine = strcmp(p->steps[step], "machine") == 0;
        const char *hint =
            is_machine ? scenario_arena_printf(p->arena, "; write it as {like: %s} to change it",
                                               child->text)
                       : "";
        scenario_errors_add(p->errors, p->at, "\"%s\" cannot be set: %s is one value in line %d%s",
                            scenario_shown(p->arena, p->text), p->steps[step], child->at.line,
                            hint);
        return NULL;
    }
    struct scenario_node *copy = copy_map(p, child, "", &unused);
    struct scenario_node *next = child->next;
    *child = *copy;
    child->next = next;
    return child;
}

struct scenario_node *scenario_set(struct scenario_arena *arena, struct scenario_errors *errors,
                                   const struct scenario_node *tree, const char *path,
                                   struct scenario_place path_at, const struct scenario_node *value)
{
    struct path p = {.arena = arena, .errors = errors, .at = path_at, .text = path, .value = value};
    struct scenario_node *found, *root;
    if (!parse(&p, tree))
        return NULL;
    root = copy_map(&p, tree, "", &found);
    struct scenario_node *map = root;
    for (int i = 0; i + 1 < p.count; i++) {
        map = descend(&p, map, i);
        if (!map)
            return NULL;
    }
    found = scenario_node_find(map, p.steps[p.count - 1]);
    if (!found) {
        found = new_map(&p, p.steps[p.count - 1]);
        append(map, found);
    }
    const struct scenario_node old = *found;
    *found = *value;
    found->key = old.key;
    found->key_at = path_at;
    found->next = old.next;
    return root;
}
