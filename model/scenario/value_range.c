/*
 * Numbers, ranges (15..25 MB/s) and distributions. The last two are inputs that the user isn't sure of: the scenario gets
 * their central value, and the build remembers them so that replications can draw.
 */
#include "model/scenario/sample_internal.h"
#include "model/scenario/value_internal.h"

#include <math.h>
#include <string.h>

/* ---- numbers ---- */

static bool in_range(const struct scenario_key *key, double value)
{
    return value >= key->low && value <= key->high;
}

/* One number, range-checked as the row says. */
static bool read_point(struct scenario_build *b, const char *path, const struct scenario_key *key,
                       const struct scenario_node *node, const char *text,
                       struct scenario_number *out)
{
    switch (scenario_number_parse(text, strlen(text), key->unit, key->is_kafka, out)) {
    case SCENARIO_NUMBER_NOT:
        scenario_report_not(b, path, key, node, text);
        return false;
    case SCENARIO_NUMBER_NO_UNIT:
        scenario_report_no_unit(b, path, key, node, text);
        return false;
    case SCENARIO_NUMBER_BAD_UNIT:
        scenario_report_unit(b, path, key->unit, node, text);
        return false;
    case SCENARIO_NUMBER_ODD:
        scenario_errors_add(b->errors, node->at,
                            "%s is \"%s\"; write numbers in plain decimal, such as 1000 or 0.5",
                            path, scenario_shown(b->arena, text));
        return false;
    case SCENARIO_NUMBER_HUGE:
        scenario_report_range(b, path, key, out->unit, node, text);
        return false;
    case SCENARIO_NUMBER_OK:
        break;
    }
    if (!in_range(key, out->value)) {
        scenario_report_range(b, path, key, out->unit, node, text);
        return false;
    }
    if (scenario_key_is_whole(key) && !out->is_whole) {
        const char *of = key->unit == SCENARIO_UNIT_MS      ? " of ms"
                         : key->unit == SCENARIO_UNIT_BYTES ? " of bytes"
                                                            : "";
        scenario_errors_add(b->errors, node->at, "%s is %s; expected a whole number%s", path,
                            scenario_value_shown(b->arena, text), of);
        return false;
    }
    return true;
}

bool scenario_value_number(struct scenario_build *b, const char *path,
                           const struct scenario_key *like, const struct scenario_node *node,
                           struct scenario_number *out)
{
    if (node->kind == SCENARIO_NODE_SCALAR)
        return read_point(b, path, like, node, node->text, out);
    scenario_errors_add(b->errors, node->at, "%s is a %s; expected %s", path,
                        node->kind == SCENARIO_NODE_MAP ? "map" : "list", scenario_key_noun(like));
    return false;
}

/* ---- ranges and distributions ---- */

static const char *const dist_names[] = {"uniform", "lognormal", "triangular", NULL};
static const char *const dist_parts[][4] = {
    {"min", "max", NULL},
    {"mean", "cv", NULL},
    {"min", "mode", "max", NULL},
};

static int dist_find(const char *name)
{
    for (int i = 0; dist_names[i]; i++)
        if (strcmp(dist_names[i], name) == 0)
            return i;
    return -1;
}

bool scenario_is_distribution(const struct scenario_node *node)
{
    return node->kind == SCENARIO_NODE_MAP && node->count == 1 && dist_find(node->first->key) >= 0;
}

/* "15..25 MB/s", "500 kB/s..2 MB/s": a low end without unit has the high end's. */
static bool read_range(struct scenario_build *b, const char *path, const struct scenario_key *key,
                       const struct scenario_node *node, const char *dots,
                       struct scenario_uncertain *u)
{
    const char *text = node->text, *high_text = dots + 2 + strspn(dots + 2, " ");
    size_t low_bytes = (size_t)(dots - text);
    while (low_bytes > 0 && text[low_bytes - 1] == ' ')
        low_bytes--;
    size_t end = scenario_number_end(high_text, strlen(high_text));
    const char *unit = high_text + end;
    bool low_is_plain = low_bytes > 0 && scenario_number_end(text, low_bytes) == low_bytes;
    const char *low_text =
        low_is_plain ? scenario_arena_printf(b->arena, "%.*s%s", (int)low_bytes, text, unit)
                     : scenario_arena_text(b->arena, text, low_bytes);
    struct scenario_number low, high;
    if (scenario_number_parse(high_text, strlen(high_text), key->unit, key->is_kafka, &high) ==
        SCENARIO_NUMBER_NO_UNIT) {
        scenario_report_no_unit(b, path, key, node, text);
        return false;
    }
    if (!read_point(b, path, key, node, high_text, &high) ||
        !read_point(b, path, key, node, low_text, &low))
        return false;
    if (low.unit != high.unit || low.value >= high.value) {
        scenario_errors_add(b->errors, node->at, "%s is \"%s\"; expected a range from low to high",
                            path, scenario_shown(b->arena, text));
        return false;
    }
    u->dist = SCENARIO_DIST_UNIFORM;
    u->a = low.value;
    u->b = high.value;
    b->rate_kind = low.unit == SCENARIO_UNIT_RECORDS ? SCENARIO_RATE_RECORDS : SCENARIO_RATE_BYTES;
    return true;
}

/* cv has no unit; all other parts are values of the key. */
static bool read_part(struct scenario_build *b, const char *path, const struct scenario_key *key,
                      const struct scenario_node *map, const char *part, double *out,
                      enum scenario_unit *unit)
{
    static const struct scenario_key cv_like = {.type = SCENARIO_KEY_NUMBER, .low = 0, .high = 10};
    const struct scenario_node *node = scenario_node_find(map, part);
    const char *part_path = scenario_arena_printf(b->arena, "%s.%s.%s", path, map->key, part);
    bool is_cv = strcmp(part, "cv") == 0;
    if (!node) {
        scenario_errors_add(b->errors, map->at, "%s is missing", part_path);
        return false;
    }
    struct scenario_key like = is_cv ? cv_like : *key;
    if (like.type == SCENARIO_KEY_COUNT || like.type == SCENARIO_KEY_INTEGER)
        like.type = SCENARIO_KEY_NUMBER; /* a mean need not be whole */
    struct scenario_number number;
    if (!scenario_value_number(b, part_path, &like, node, &number))
        return false;
    *out = number.value;
    if (!is_cv)
        *unit = number.unit;
    return true;
}

static bool know_parts(struct scenario_build *b, const char *path, const struct scenario_node *map,
                       int dist)
{
    bool ok = true;
    for (const struct scenario_node *child = map->first; child; child = child->next) {
        bool known = false;
        for (int i = 0; dist_parts[dist][i]; i++)
            known = known || strcmp(dist_parts[dist][i], child->key) == 0;
        if (!known)
            scenario_errors_add(
                b->errors, child->key_at, "unknown key \"%s\" in %s.%s; expected %s%s%s%s%s",
                scenario_shown(b->arena, child->key), path, map->key, dist_parts[dist][0], ", ",
                dist_parts[dist][1], dist_parts[dist][2] ? ", " : "",
                dist_parts[dist][2] ? dist_parts[dist][2] : "");
        ok = ok && known;
    }
    return ok;
}

static bool read_distribution(struct scenario_build *b, const char *path,
                              const struct scenario_key *key, const struct scenario_node *node,
                              struct scenario_uncertain *u)
{
    const struct scenario_node *map = node->first;
    int dist = dist_find(map->key);
    double *parts[] = {&u->a, &u->b, &u->c};
    enum scenario_unit units[3] = {key->unit, key->unit, key->unit};
    u->dist = (enum scenario_dist)dist;
    if (map->kind != SCENARIO_NODE_MAP) {
        scenario_errors_add(b->errors, map->at, "%s.%s is not a map; expected {%s: ..., %s: ...}",
                            path, map->key, dist_parts[dist][0], dist_parts[dist][1]);
        return false;
    }
    bool ok = know_parts(b, path, map, dist);
    for (int i = 0; dist_parts[dist][i]; i++)
        ok = read_part(b, path, key, map, dist_parts[dist][i], parts[i], &units[i]) && ok;
    if (!ok)
        return false;
    double high = u->dist == SCENARIO_DIST_TRIANGULAR ? u->c : u->b;
    bool is_ordered =
        u->dist == SCENARIO_DIST_LOGNORMAL ||
        (u->a < high && (u->dist == SCENARIO_DIST_UNIFORM || (u->a <= u->b && u->b <= u->c)));
    if (!is_ordered || (u->dist != SCENARIO_DIST_LOGNORMAL && units[0] != units[1])) {
        scenario_errors_add(b->errors, map->at, "%s.%s is not in order; expected min below max",
                            path, map->key);
        return false;
    }
    b->rate_kind = units[0] == SCENARIO_UNIT_RECORDS ? SCENARIO_RATE_RECORDS : SCENARIO_RATE_BYTES;
    return true;
}

static const char *flow_text(struct scenario_arena *arena, const struct scenario_node *node)
{
    if (node->kind == SCENARIO_NODE_SCALAR)
        return node->text;
    const struct scenario_node *map = node->first;
    const char *text = scenario_arena_printf(arena, "{%s: {", map->key);
    for (const struct scenario_node *part = map->first; part; part = part->next)
        text = scenario_arena_printf(arena, "%s%s: %s%s", text, part->key, part->text,
                                     part->next ? ", " : "}}");
    return text;
}

/* Remembers the input and returns the value that counts in this build. */
static double add_uncertain(struct scenario_build *b, const char *path,
                            const struct scenario_key *key, const struct scenario_node *node,
                            struct scenario_uncertain *u)
{
    u->key = key;
    u->at = node->at;
    enum scenario_unit unit = key->unit;
    if (unit == SCENARIO_UNIT_RATE && b->rate_kind == SCENARIO_RATE_RECORDS)
        unit = SCENARIO_UNIT_RECORDS;
    u->input = (struct scenario_input){
        .path = path, .text = flow_text(b->arena, node), .unit = scenario_unit_base(unit)};
    scenario_uncertain_describe(u);
    b->uncertain = scenario_arena_grow(b->arena, b->uncertain, b->uncertain_count,
                                       &b->uncertain_room, sizeof *b->uncertain);
    int index = b->uncertain_count++;
    b->uncertain[index] = *u;
    double value = b->override && index < b->override_count ? b->override[index] : u->input.central;
    return value < key->low ? key->low : value > key->high ? key->high : value;
}

bool scenario_value_any(struct scenario_build *b, const char *path, const struct scenario_key *like,
                        const struct scenario_node *node, struct scenario_number *out)
{
    const char *dots = node->kind == SCENARIO_NODE_SCALAR ? strstr(node->text, "..") : NULL;
    if (!dots && !scenario_is_distribution(node)) {
        if (!scenario_value_number(b, path, like, node, out))
            return false;
        b->rate_kind =
            out->unit == SCENARIO_UNIT_RECORDS ? SCENARIO_RATE_RECORDS : SCENARIO_RATE_BYTES;
        return true;
    }
    if (like->is_fixed) {
        scenario_errors_add(b->errors, node->at,
                            "%s must be one value, not a range or distribution", path);
        return false;
    }
    struct scenario_uncertain u = {0};
    bool ok = dots ? read_range(b, path, like, node, dots, &u)
                   : read_distribution(b, path, like, node, &u);
    if (!ok)
        return false;
    out->value = add_uncertain(b, path, like, node, &u);
    if (scenario_key_is_whole(like)) {
        out->value = floor(out->value + 0.5);
        out->integer = out->value < 9e18 ? (int64_t)out->value : INT64_MAX;
    }
    return true;
}
