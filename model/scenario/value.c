/* One row of the table: from what stands in the file to the field, with all that can be wrong about it. */
#include "model/scenario/value_internal.h"

#include <assert.h>
#include <string.h>

/* ---- fields ---- */

void scenario_field_set_number(const struct scenario_key *key, void *base, double value,
                               int64_t integer)
{
    void *field = (char *)base + key->offset;
    if (key->type == SCENARIO_KEY_COUNT)
        *(int *)field = (int)integer;
    else if (key->type == SCENARIO_KEY_INTEGER)
        *(int64_t *)field = integer;
    else
        *(double *)field = value;
}

double scenario_field_number(const struct scenario_key *key, const void *base)
{
    const void *field = (const char *)base + key->offset;
    if (key->type == SCENARIO_KEY_COUNT)
        return *(const int *)field;
    if (key->type == SCENARIO_KEY_INTEGER)
        return (double)*(const int64_t *)field;
    return *(const double *)field;
}

static size_t field_bytes(const struct scenario_key *key)
{
    switch (key->type) {
    case SCENARIO_KEY_COUNT:
    case SCENARIO_KEY_CHOICE:
        return sizeof(int);
    case SCENARIO_KEY_INTEGER:
        return sizeof(int64_t);
    case SCENARIO_KEY_NUMBER:
    case SCENARIO_KEY_RATE:
        return sizeof(double);
    case SCENARIO_KEY_BOOL:
        return sizeof(bool);
    case SCENARIO_KEY_TEXT:
        return sizeof(const char *);
    default:
        return 0;
    }
}

void scenario_field_copy(const struct scenario_key *key, void *to, const void *from)
{
    memcpy((char *)to + key->offset, (const char *)from + key->offset, field_bytes(key));
}

_Static_assert(sizeof(enum scenario_disk_type) == sizeof(int), "CHOICE fields are written as int");

/* ---- numbers ---- */

static bool read_number(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                        const struct scenario_key *key, const struct scenario_node *node)
{
    struct scenario_number number = {0};
    if (!scenario_value_any(b, path, key, node, &number))
        return false;
    scenario_field_set_number(key, thing->base, number.value, number.integer);
    return true;
}

static bool set_rate_kind(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                          const struct scenario_key *key, const struct scenario_node *node)
{
    struct scenario_producer *producer = thing->base;
    bool is_second = strcmp(key->path, "rate/peak") == 0 && scenario_is_stated(thing, "rate/mean");
    if (is_second && producer->rate_kind != b->rate_kind) {
        scenario_errors_add(b->errors, node->at,
                            "%s and mean differ in unit; give both in bytes or both in records",
                            path);
        return false;
    }
    producer->rate_kind = b->rate_kind;
    return true;
}

static bool read_rate(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                      const struct scenario_key *key, const struct scenario_node *node)
{
    struct scenario_producer *producer = thing->base;
    if (strcmp(key->path, "rate") == 0 && node->kind == SCENARIO_NODE_SCALAR &&
        strcmp(node->text, "max") == 0) {
        producer->rate_kind = SCENARIO_RATE_MAX;
        return true;
    }
    return read_number(b, path, thing, key, node) && set_rate_kind(b, path, thing, key, node);
}

/* ---- words ---- */

static bool scalar_or_report(struct scenario_build *b, const char *path,
                             const struct scenario_node *node, const char *expected)
{
    if (node->kind == SCENARIO_NODE_SCALAR)
        return true;
    scenario_errors_add(b->errors, node->at, "%s is a %s; expected %s", path,
                        node->kind == SCENARIO_NODE_MAP ? "map" : "list", expected);
    return false;
}

static bool read_bool(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                      const struct scenario_key *key, const struct scenario_node *node)
{
    if (!scalar_or_report(b, path, node, "true or false"))
        return false;
    bool is_true = strcmp(node->text, "true") == 0;
    if (!is_true && strcmp(node->text, "false") != 0) {
        scenario_errors_add(b->errors, node->at, "%s is %s; expected true or false", path,
                            scenario_value_shown(b->arena, node->text));
        return false;
    }
    *(bool *)((char *)thing->base + key->offset) = is_true;
    return true;
}

const char *scenario_choices_text(struct scenario_arena *arena, const char *const *choices)
{
    const char *text = choices[0];
    for (int i = 1; choices[i]; i++)
        text = scenario_arena_printf(arena, "%s%s%s", text, choices[i + 1] ? ", " : " or ",
                                     choices[i]);
    return text;
}

/* "constant or poisson, or a map with burst, mmpp or trace" */
static const char *choices_or_map(struct scenario_build *b, enum scenario_section section,
                                  const struct scenario_key *key)
{
    const char *list = scenario_choices_text(b->arena, key->choices);
    const char *below = scenario_few_steps(b->arena, section, key->path);
    return below ? scenario_arena_printf(b->arena, "%s, or a map with %s", list, below) : list;
}

static bool read_choice(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                        const struct scenario_key *key, const struct scenario_node *node)
{
    const char *list = choices_or_map(b, thing->section, key);
    if (!scalar_or_report(b, path, node, list))
        return false;
    struct scenario_guess guess;
    scenario_guess_init(&guess, node->text);
    for (int i = 0; key->choices[i]; i++) {
        if (strcmp(node->text, key->choices[i]) == 0) {
            *(int *)((char *)thing->base + key->offset) = i;
            return true;
        }
        scenario_guess_offer(&guess, key->choices[i]);
    }
    scenario_errors_add(b->errors, node->at, "%s is %s; expected %s%s", path,
                        scenario_value_shown(b->arena, node->text), list,
                        scenario_guess_text(&guess, b->arena));
    return false;
}

static bool read_text(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                      const struct scenario_key *key, const struct scenario_node *node)
{
    if (!scalar_or_report(b, path, node, "text"))
        return false;
    *(const char **)((char *)thing->base + key->offset) = node->text;
    return true;
}

/* ---- a row ---- */

void scenario_value_read(struct scenario_build *b, struct scenario_thing *thing,
                         const struct scenario_key *key, const struct scenario_node *node)
{
    const char *path = scenario_path_text(b->arena, thing->path, key->path);
    int before = b->errors->count + b->errors->left_out, drawn = b->uncertain_count;
    if (scenario_node_is_empty(node)) {
        scenario_errors_add(b->errors, node->key_at, "%s has no value", path);
    } else if (key->type == SCENARIO_KEY_SPECIAL) {
        key->special->read(b, thing, key, node);
    } else if (key->type == SCENARIO_KEY_RATE) {
        read_rate(b, path, thing, key, node);
    } else if (key->type == SCENARIO_KEY_BOOL) {
        read_bool(b, path, thing, key, node);
    } else if (key->type == SCENARIO_KEY_CHOICE) {
        read_choice(b, path, thing, key, node);
    } else if (key->type == SCENARIO_KEY_TEXT) {
        read_text(b, path, thing, key, node);
    } else {
        read_number(b, path, thing, key, node);
    }
    struct scenario_origin *origin = scenario_origin_at(thing, key);
    origin->is_bad = b->errors->count + b->errors->left_out > before;
    origin->is_uncertain = b->uncertain_count > drawn;
}

/* The default is text, as a file would have it: reader, reference and schema then cannot disagree about it. */
void scenario_value_default(struct scenario_build *b, struct scenario_thing *thing,
                            const struct scenario_key *key)
{
    const char *text = key->value;
    if (key->value_librdkafka && scenario_client_of(thing) == SCENARIO_CLIENT_LIBRDKAFKA)
        text = key->value_librdkafka;
    struct scenario_origin *origin = scenario_origin_at(thing, key);
    if (!text)
        return;
    struct scenario_node node = {
        .kind = SCENARIO_NODE_SCALAR, .at = thing->at, .key_at = thing->at, .quoted = true};
    struct scenario_node item = node;
    node.text = item.text = text;
    if (text[0] == '[') { /* a list of at most one word */
        node.kind = SCENARIO_NODE_LIST;
        size_t bytes = strlen(text) - 2;
        item.text = scenario_arena_text(b->arena, text + 1, bytes);
        node.first = node.last = bytes > 0 ? &item : NULL;
        node.count = bytes > 0;
    }
    scenario_value_read(b, thing, key, &node);
    scenario_assume(b, thing, key);
    origin->kind = SCENARIO_ORIGIN_DEFAULT;
    origin->text = text;
}
