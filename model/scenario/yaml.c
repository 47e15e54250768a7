/*
 * From bytes to a tree of nodes with their places, by libyaml's events.
 *
 * The event interface and not the loader: the loader is quadratic in anchors, and a walk over what it builds is
 * exponential in aliases. Here depth, nodes and scalar length are bounded while events come in, and what a scenario
 * never needs (anchors, aliases, tags, more documents) is refused.
 */
#include "model/scenario/scenario_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sim/memory.h"

enum {
    DEPTH_MAX = 32,     /* the table needs 7 */
    NODES_MAX = 200000, /* 10,000 topics with 10 settings each, twice */
    SCALAR_MAX = 64 * 1024,
};

struct reader {
    yaml_parser_t parser;
    const char *source;
    struct scenario_arena *arena;
    struct scenario_errors *errors;
    struct scenario_node *open[DEPTH_MAX]; /* from the root to the node being filled */
    int depth;
    const char *key[DEPTH_MAX]; /* read, its value not yet */
    struct scenario_place key_at[DEPTH_MAX];
    struct scenario_node *root;
    int nodes, documents;
};

static struct scenario_place place(const struct reader *r, yaml_mark_t mark)
{
    return (struct scenario_place){r->source, (int)mark.line + 1, (int)mark.column + 1};
}

static bool refuse(struct reader *r, yaml_mark_t mark, const char *message)
{
    scenario_errors_add(r->errors, place(r, mark), "%s", message);
    return false;
}

static bool refuse_limit(struct reader *r, yaml_mark_t mark, const char *what, int limit)
{
    r->errors->limit = true;
    scenario_errors_add(r->errors, place(r, mark), "%s; the limit is %d", what, limit);
    return false;
}

/* Hangs a node under the open one, under the key that was read before. */
static struct scenario_node *attach(struct reader *r, enum scenario_node_kind kind,
                                    yaml_mark_t mark)
{
    struct scenario_node *node = scenario_arena_take(r->arena, sizeof *node);
    node->kind = kind;
    node->at = node->key_at = place(r, mark);
    if (r->depth == 0) {
        r->root = node;
        return node;
    }
    struct scenario_node *parent = r->open[r->depth - 1];
    if (parent->kind == SCENARIO_NODE_MAP) {
        node->key = r->key[r->depth - 1];
        node->key_at = r->key_at[r->depth - 1];
        r->key[r->depth - 1] = NULL;
    }
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
    return node;
}

static bool expects_key(const struct reader *r)
{
    return r->depth > 0 && r->open[r->depth - 1]->kind == SCENARIO_NODE_MAP &&
           !r->key[r->depth - 1];
}

static bool on_scalar(struct reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t bytes = event->data.scalar.length;
    if (bytes > SCALAR_MAX)
        return refuse_limit(r, event->start_mark, "value is too long", SCALAR_MAX);
    if (memchr(text, 0, bytes))
        return refuse(r, event->start_mark, "value holds a zero byte");
    if (expects_key(r)) {
        if (bytes == 0)
            return refuse(r, event->start_mark, "key is empty");
        r->key[r->depth - 1] = scenario_arena_text(r->arena, text, bytes);
        r->key_at[r->depth - 1] = place(r, event->start_mark);
        return true;
    }
    struct scenario_node *node = attach(r, SCENARIO_NODE_SCALAR, event->start_mark);
    node->text = scenario_arena_text(r->arena, text, bytes);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool on_start(struct reader *r, const yaml_event_t *event, enum scenario_node_kind kind)
{
    if (expects_key(r))
        return refuse(r, event->start_mark, "a map or list cannot be a key");
    if (r->depth == DEPTH_MAX)
        return refuse_limit(r, event->start_mark, "nested too deeply", DEPTH_MAX);
    struct scenario_node *node = attach(r, kind, event->start_mark);
    r->key[r->depth] = NULL;
    r->open[r->depth++] = node;
    return true;
}

static int by_key_then_place(const void *a, const void *b)
{
    const struct scenario_node *x = *(struct scenario_node *const *)a,
                               *y = *(struct scenario_node *const *)b;
    int order = strcmp(x->key, y->key);
    if (order != 0)
        return order;
    if (x->key_at.line != y->key_at.line)
        return x->key_at.line < y->key_at.line ? -1 : 1;
    return x->key_at.column < y->key_at.column ? -1 : x->key_at.column > y->key_at.column;
}

/* By sorting, since a map may hold as many keys as the node limit allows. */
static void refuse_twins(struct reader *r, const struct scenario_node *map)
{
    if (map->count < 2)
        return;
    struct scenario_node **list = sim_alloc((size_t)map->count, sizeof *list);
    int n = 0;
    for (struct scenario_node *child = map->first; child; child = child->next)
        list[n++] = child;
    qsort(list, (size_t)n, sizeof *list, by_key_then_place);
    for (int i = 1; i < n; i++)
        if (strcmp(list[i - 1]->key, list[i]->key) == 0)
            scenario_errors_add(r->errors, list[i]->key_at,
                                "key \"%s\" is there twice; it was first given in line %d",
                                scenario_shown(r->arena, list[i]->key), list[i - 1]->key_at.line);
    free(list);
}

static bool has_anchor_or_tag(struct reader *r, const yaml_event_t *event,
                              const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        refuse(r, event->start_mark,
               "anchors (&) are not allowed; write the value where it is used");
    else if (tag)
        refuse(r, event->start_mark, "tags (!) are not allowed");
    return anchor || tag;
}

static bool on_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return ++r->documents < 2 ||
               refuse(r, event->start_mark, "a second document begins; a scenario is one document");
    case YAML_ALIAS_EVENT:
        return refuse(r, event->start_mark, "aliases (*) are not allowed; write the value out");
    case YAML_SCALAR_EVENT:
        return !has_anchor_or_tag(r, event, event->data.scalar.anchor, event->data.scalar.tag) &&
               on_scalar(r, event);
    case YAML_MAPPING_START_EVENT:
        return !has_anchor_or_tag(r, event, event->data.mapping_start.anchor,
                                  event->data.mapping_start.tag) &&
               on_start(r, event, SCENARIO_NODE_MAP);
    case YAML_SEQUENCE_START_EVENT:
        return !has_anchor_or_tag(r, event, event->data.sequence_start.anchor,
                                  event->data.sequence_start.tag) &&
               on_start(r, event, SCENARIO_NODE_LIST);
    case YAML_MAPPING_END_EVENT:
        refuse_twins(r, r->open[r->depth - 1]);
        r->depth--;
        return true;
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return true;
    default:
        return true;
    }
}

static void report_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "cannot be read";
    yaml_mark_t mark = p->problem_mark;
    if (p->context && p->context_mark.line != mark.line)
        scenario_errors_add(r->errors, place(r, mark), "YAML: %s, %s that began in line %d",
                            problem, p->context, (int)p->context_mark.line + 1);
    else
        scenario_errors_add(r->errors, place(r, mark), "YAML: %s%s%s", problem,
                            p->context ? ", " : "", p->context ? p->context : "");
}

static bool read_events(struct reader *r)
{
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event)) {
            report_syntax(r);
            return false;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        bool ok = ++r->nodes <= 2 * NODES_MAX ||
                  refuse_limit(r, event.start_mark, "too many values", NODES_MAX);
        ok = ok && on_event(r, &event);
        yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    return true;
}

struct scenario_node *scenario_yaml_read(const char *source, const char *text, size_t bytes,
                                         struct scenario_arena *arena,
                                         struct scenario_errors *errors)
{
    struct reader *r = scenario_arena_take(arena, sizeof *r);
    r->source = source;
    r->arena = arena;
    r->errors = errors;
    if (!yaml_parser_initialize(&r->parser))
        abort();
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, bytes);
    bool ok = read_events(r);
    yaml_parser_delete(&r->parser);
    if (ok && !r->root)
        scenario_errors_add(errors, (struct scenario_place){source, 1, 1}, "the file is empty");
    return ok ? r->root : NULL;
}

struct scenario_node *scenario_node_find(const struct scenario_node *map, const char *key)
{
    if (!map || map->kind != SCENARIO_NODE_MAP)
        return NULL;
    for (struct scenario_node *child = map->first; child; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

bool scenario_node_is_empty(const struct scenario_node *node)
{
    return node->kind == SCENARIO_NODE_SCALAR && !node->quoted &&
           (node->text[0] == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}
