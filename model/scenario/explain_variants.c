/* Variants of a resolved scenario: what each changes, and what follows from that. */
#include "model/scenario/explain_internal.h"

#include <stdlib.h>
#include <string.h>

struct variant {
    const struct scenario_build *base, *changed;
    FILE *out;
    int written;
};

static void separate(struct variant *v)
{
    fputs(v->written++ > 0 ? ", " : "", v->out);
}

/* The row's value as text; NULL when it has none. */
static char *value_text(const struct scenario *s, struct scenario_thing *thing,
                        const struct scenario_key *key)
{
    struct scenario_explained e = {.s = s, .thing = thing};
    char *text = NULL;
    size_t bytes = 0;
    if (scenario_origin_at(thing, key)->kind == SCENARIO_ORIGIN_NONE)
        return NULL;
    FILE *memory = open_memstream(&text, &bytes);
    scenario_explain_value(&e, key, memory);
    fclose(memory);
    return text;
}

static bool has_values(const struct scenario_thing *thing, const char *prefix, size_t bytes)
{
    const struct scenario_key *keys = scenario_key_tables[thing->section].keys;
    for (int i = 0; i < scenario_key_count(thing->section); i++)
        if (scenario_key_is_below(keys[i].path, prefix, bytes) &&
            thing->origins[i].kind != SCENARIO_ORIGIN_NONE)
            return true;
    return false;
}

/* All rows below prefix as one flow map. */
static void write_flow(const struct scenario_explained *e, const char *prefix, size_t prefix_bytes)
{
    const struct scenario_key *keys = scenario_key_tables[e->thing->section].keys;
    const char *separator = "{";
    for (int i = 0; i < scenario_key_count(e->thing->section); i++) {
        if (!scenario_key_is_below(keys[i].path, prefix, prefix_bytes))
            continue;
        const char *step = keys[i].path + prefix_bytes + (prefix_bytes > 0);
        size_t step_bytes = strcspn(step, "/"), bytes = (size_t)(step - keys[i].path) + step_bytes;
        bool is_value = !step[step_bytes] && e->thing->origins[i].kind != SCENARIO_ORIGIN_NONE;
        if (scenario_key_is_repeated(keys, i, bytes) ||
            (!is_value && !has_values(e->thing, keys[i].path, bytes)))
            continue;
        fprintf(e->out, "%s%.*s: ", separator, (int)step_bytes, step);
        separator = ", ";
        if (is_value)
            scenario_explain_value(e, &keys[i], e->out);
        else
            write_flow(e, keys[i].path, bytes);
    }
    fputs("}", e->out);
}

/* A value that the base has and the variant has not can't be taken back by a path: its whole map is written anew. */
static bool loses_values(const struct scenario_thing *base, const struct scenario_thing *changed,
                         const char *prefix, size_t bytes)
{
    const struct scenario_key *keys = scenario_key_tables[base->section].keys;
    for (int i = 0; i < scenario_key_count(base->section); i++) {
        bool is_it = bytes > 0 && strncmp(keys[i].path, prefix, bytes) == 0 && !keys[i].path[bytes];
        if ((is_it || scenario_key_is_below(keys[i].path, prefix, bytes)) &&
            base->origins[i].kind != SCENARIO_ORIGIN_NONE &&
            changed->origins[i].kind == SCENARIO_ORIGIN_NONE)
            return true;
    }
    return false;
}

/* The map that is written anew for a row: the thing itself, or cluster.volumes and its like. */
static size_t whole_bytes(const struct scenario_thing *thing, const char *path)
{
    if (thing->section != SCENARIO_SECTION_ROOT)
        return 0;
    size_t first = strcspn(path, "/");
    return path[first] ? first + 1 + strcspn(path + first + 1, "/") : first;
}

static void write_path(struct variant *v, const struct scenario_thing *thing, const char *path,
                       size_t bytes)
{
    struct scenario_arena arena = {0};
    const char *key = scenario_arena_text(&arena, path, bytes);
    separate(v);
    scenario_explain_text(v->out, scenario_path_text(&arena, thing->path, key), false);
    fputs(": ", v->out);
    scenario_arena_release(&arena);
}

static void write_difference(struct variant *v, struct scenario_thing *base,
                             struct scenario_thing *changed, const struct scenario_key *key)
{
    char *before = value_text(v->base->s, base, key),
         *after = value_text(v->changed->s, changed, key);
    if (after && (!before || strcmp(before, after) != 0)) {
        write_path(v, changed, key->path, strlen(key->path));
        fputs(after, v->out);
    }
    free(before);
    free(after);
}

/* Row `row` is the first of a map of which the variant lacks something. */
static void write_whole(struct variant *v, struct scenario_thing *changed, int row, size_t bytes)
{
    const struct scenario_key *key = &scenario_key_tables[changed->section].keys[row];
    struct scenario_explained e = {.s = v->changed->s, .thing = changed, .out = v->out};
    bool is_value = !key->path[bytes] && changed->origins[row].kind != SCENARIO_ORIGIN_NONE;
    if (!is_value && !has_values(changed, key->path, bytes))
        return;
    write_path(v, changed, key->path, bytes);
    if (is_value)
        scenario_explain_value(&e, key, v->out);
    else
        write_flow(&e, key->path, bytes);
}

static void write_thing(struct variant *v, struct scenario_thing *base,
                        struct scenario_thing *changed)
{
    const struct scenario_key *keys = scenario_key_tables[base->section].keys;
    for (int i = 0; i < scenario_key_count(base->section); i++) {
        size_t bytes = whole_bytes(base, keys[i].path);
        bool is_first = bytes > 0 ? !scenario_key_is_repeated(keys, i, bytes) : i == 0;
        if (!loses_values(base, changed, keys[i].path, bytes))
            write_difference(v, base, changed, &keys[i]);
        else if (is_first)
            write_whole(v, changed, i, bytes);
    }
}

static void write_things(struct variant *v, struct scenario_thing *base,
                         struct scenario_thing *changed, int count)
{
    for (int i = 0; i < count; i++)
        write_thing(v, &base[i], &changed[i]);
}

/* Paths can change things but not make or remove them (load.c sees to it), so both builds have the same ones. */
void scenario_explain_variants(const struct scenario_doc *doc, FILE *out)
{
    struct scenario_build base = doc->base.build;
    if (doc->variant_count > 0)
        fputs("variants:\n", out);
    for (int i = 0; i < doc->variant_count; i++) {
        struct scenario_build changed = doc->variants[i].build;
        struct variant v = {.base = &base, .changed = &changed, .out = out};
        fputs("  ", out);
        scenario_explain_text(out, doc->variants[i].name, false);
        fputs(": {", out);
        write_thing(&v, &base.root, &changed.root);
        write_things(&v, base.topics, changed.topics, base.s->topic_count);
        write_things(&v, base.producers, changed.producers, base.s->producer_count);
        write_things(&v, base.groups, changed.groups, base.s->group_count);
        fputs("}\n", out);
    }
}
