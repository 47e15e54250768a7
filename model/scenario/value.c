/*
 * One row of the table: from what stands in the file to the field, with all that can be wrong about it.
 *
 * A number may be a single value, a range (15..25 MB/s) or a distribution. The last two are inputs that the user isn't
 * sure of: the scenario gets their central value, and the build remembers them so that replications can draw.
 */
#include "model/scenario/scenario_internal.h"
#include "model/scenario/sample_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
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

/* ---- messages ---- */

static bool is_whole_key(const struct scenario_key *key)
{
    return key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_INTEGER;
}

const char *scenario_range_text(struct scenario_arena *arena, const struct scenario_key *key,
                                enum scenario_unit unit)
{
    char low[64], high[64];
    if (unit == SCENARIO_UNIT_RATE)
        unit = SCENARIO_UNIT_SPEED;
    const char *behind = "";
    if (key->is_kafka || unit == SCENARIO_UNIT_NONE) {
        behind = unit == SCENARIO_UNIT_MS ? " (ms)" : unit == SCENARIO_UNIT_BYTES ? " (bytes)" : "";
        unit = SCENARIO_UNIT_NONE;
    }
    if (is_whole_key(key)) {
        scenario_integer_write((int64_t)key->low, unit, low);
        scenario_integer_write(isinf(key->high) ? 0 : (int64_t)key->high, unit, high);
    } else {
        scenario_number_write(key->low, unit, low);
        scenario_number_write(isinf(key->high) ? 0 : key->high, unit, high);
    }
    if (isinf(key->high))
        return scenario_arena_printf(arena, "%s or more%s", low, behind);
    return scenario_arena_printf(arena, "%s to %s%s", low, high, behind);
}

static const char *noun(const struct scenario_key *key)
{
    static const char *const nouns[SCENARIO_UNITS] = {
        [SCENARIO_UNIT_NONE] = "a number",
        [SCENARIO_UNIT_BYTES] = "a size",
        [SCENARIO_UNIT_TIME] = "a time",
        [SCENARIO_UNIT_MS] = "a time",
        [SCENARIO_UNIT_SPEED] = "a speed",
        [SCENARIO_UNIT_RECORDS] = "a rate",
        [SCENARIO_UNIT_RATE] = "a rate",
        [SCENARIO_UNIT_RATIO] = "a percentage",
        [SCENARIO_UNIT_TIME_PER_BYTE] = "a time per size",
        [SCENARIO_UNIT_USD_HOUR] = "a price",
        [SCENARIO_UNIT_USD_YEAR] = "a price",
        [SCENARIO_UNIT_USD_GB] = "a price",
        [SCENARIO_UNIT_USD_GB_MONTH] = "a price",
        [SCENARIO_UNIT_USD_IOPS_MONTH] = "a price",
        [SCENARIO_UNIT_USD_MB_S_MONTH] = "a price",
    };
    return key->unit == SCENARIO_UNIT_NONE && is_whole_key(key) ? "a whole number"
                                                                : nouns[key->unit];
}

/* As a message shows a value: numbers bare, other text in quotes. */
const char *scenario_value_shown(struct scenario_arena *arena, const char *text)
{
    size_t bytes = strlen(text);
    if (bytes > 0 && scenario_number_end(text, bytes) > 0)
        return scenario_shown(arena, text);
    return scenario_arena_printf(arena, "\"%s\"", scenario_shown(arena, text));
}

/* What people write when they mean one of our units. */
static const char *unit_meant(const char *text, enum scenario_unit unit,
                              struct scenario_guess *guess)
{
    static const struct {
        const char *written;
        enum scenario_unit unit;
        const char *meant;
    } slips[] = {
        {"sec", SCENARIO_UNIT_TIME, "s"},
        {"secs", SCENARIO_UNIT_TIME, "s"},
        {"second", SCENARIO_UNIT_TIME, "s"},
        {"seconds", SCENARIO_UNIT_TIME, "s"},
        {"min", SCENARIO_UNIT_TIME, "m"},
        {"mins", SCENARIO_UNIT_TIME, "m"},
        {"minute", SCENARIO_UNIT_TIME, "m"},
        {"minutes", SCENARIO_UNIT_TIME, "m"},
        {"hour", SCENARIO_UNIT_TIME, "h"},
        {"hours", SCENARIO_UNIT_TIME, "h"},
        {"day", SCENARIO_UNIT_TIME, "d"},
        {"days", SCENARIO_UNIT_TIME, "d"},
        {"week", SCENARIO_UNIT_TIME, "w"},
        {"weeks", SCENARIO_UNIT_TIME, "w"},
        {"msec", SCENARIO_UNIT_TIME, "ms"},
        {"usec", SCENARIO_UNIT_TIME, "us"},
        {"K", SCENARIO_UNIT_BYTES, "kB"},
        {"KB", SCENARIO_UNIT_BYTES, "kB"},
        {"kb", SCENARIO_UNIT_BYTES, "kB"},
        {"k", SCENARIO_UNIT_BYTES, "kB"},
        {"M", SCENARIO_UNIT_BYTES, "MB"},
        {"mb", SCENARIO_UNIT_BYTES, "MB"},
        {"Mb", SCENARIO_UNIT_BYTES, "MB"},
        {"G", SCENARIO_UNIT_BYTES, "GB"},
        {"gb", SCENARIO_UNIT_BYTES, "GB"},
        {"Gb", SCENARIO_UNIT_BYTES, "GB"},
        {"T", SCENARIO_UNIT_BYTES, "TB"},
        {"Tb", SCENARIO_UNIT_BYTES, "TB"},
        {"tb", SCENARIO_UNIT_BYTES, "TB"},
        {"bytes", SCENARIO_UNIT_BYTES, "B"},
        {"Gi", SCENARIO_UNIT_BYTES, "GiB"},
        {"Mi", SCENARIO_UNIT_BYTES, "MiB"},
        {"Ki", SCENARIO_UNIT_BYTES, "KiB"},
        {"MB", SCENARIO_UNIT_SPEED, "MB/s"},
        {"MiB", SCENARIO_UNIT_SPEED, "MiB/s"},
        {"kB", SCENARIO_UNIT_SPEED, "kB/s"},
        {"GB", SCENARIO_UNIT_SPEED, "GB/s"},
        {"MBps", SCENARIO_UNIT_SPEED, "MB/s"},
        {"mb/s", SCENARIO_UNIT_SPEED, "MB/s"},
        {"Mb/s", SCENARIO_UNIT_SPEED, "Mbit/s"},
        {"Mbps", SCENARIO_UNIT_SPEED, "Mbit/s"},
        {"mbps", SCENARIO_UNIT_SPEED, "Mbit/s"},
        {"Gbps", SCENARIO_UNIT_SPEED, "Gbit/s"},
        {"Gb/s", SCENARIO_UNIT_SPEED, "Gbit/s"},
        {"gbps", SCENARIO_UNIT_SPEED, "Gbit/s"},
        {"msg/s", SCENARIO_UNIT_RATE, "records/s"},
        {"msgs/s", SCENARIO_UNIT_RATE, "records/s"},
        {"messages/s", SCENARIO_UNIT_RATE, "records/s"},
        {"rec/s", SCENARIO_UNIT_RATE, "records/s"},
        {"records", SCENARIO_UNIT_RATE, "records/s"},
        {"records/sec", SCENARIO_UNIT_RATE, "records/s"},
        {"/s", SCENARIO_UNIT_RATE, "records/s"},
        {"percent", SCENARIO_UNIT_RATIO, "%"},
        {"pct", SCENARIO_UNIT_RATIO, "%"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        bool fits = slips[i].unit == unit ||
                    (slips[i].unit == SCENARIO_UNIT_TIME && unit == SCENARIO_UNIT_MS) ||
                    (slips[i].unit == SCENARIO_UNIT_SPEED && unit == SCENARIO_UNIT_RATE);
        if (fits && strcmp(slips[i].written, text) == 0)
            return slips[i].meant;
    }
    scenario_guess_init(guess, text);
    scenario_unit_guess(unit, guess);
    return guess->best;
}

static void report_unit(struct scenario_build *b, const char *path, enum scenario_unit unit,
                        const struct scenario_node *node, const char *text)
{
    size_t end = scenario_number_end(text, strlen(text));
    const char *name = text + end + strspn(text + end, " ");
    struct scenario_guess guess;
    const char *meant = unit_meant(name, unit, &guess);
    const char *ask = meant ? scenario_arena_printf(b->arena, "; did you mean \"%.*s %s\"?",
                                                    (int)end, text, meant)
                            : "";
    scenario_errors_add(b->errors, node->at, "%s is \"%s\"; unit \"%s\" is not one of %s%s", path,
                        scenario_shown(b->arena, text), scenario_shown(b->arena, name),
                        scenario_unit_names(unit), ask);
}

/* The unit that a bare number most likely lacks: that of the default, else one of the size that the key is about. */
static const char *proposal(const struct scenario_key *key)
{
    const char *value = key->value && scenario_key_is_numeric(key) ? key->value : "";
    const char *unit = value + scenario_number_end(value, strlen(value));
    if (unit[0] == ' ')
        return unit + 1;
    if (key->unit == SCENARIO_UNIT_BYTES && key->low <= 1)
        return "B";
    return key->unit == SCENARIO_UNIT_BYTES ? "GB" : scenario_unit_proposal(key->unit);
}

static void report_no_unit(struct scenario_build *b, const char *path,
                           const struct scenario_key *key, const struct scenario_node *node,
                           const char *text)
{
    const char *number = scenario_shown(b->arena, text), *meant = number;
    char *end;
    double value = strtod(text, &end), percent = value * 100;
    if (key->unit == SCENARIO_UNIT_RATIO && !*end && value > 0 && value <= 1)
        meant = scenario_arena_printf(b->arena, "%g", percent);
    const char *also = key->unit == SCENARIO_UNIT_RATE
                           ? scenario_arena_printf(b->arena, " or %s records/s", number)
                           : "";
    scenario_errors_add(b->errors, node->at, "%s is %s; a unit is needed, such as %s %s%s", path,
                        number, meant, proposal(key), also);
}

static void report_range(struct scenario_build *b, const char *path, const struct scenario_key *key,
                         enum scenario_unit unit, const struct scenario_node *node,
                         const char *text)
{
    scenario_errors_add(b->errors, node->at, "%s is %s; expected %s", path,
                        scenario_value_shown(b->arena, text),
                        scenario_range_text(b->arena, key, unit));
}

static void report_not(struct scenario_build *b, const char *path, const struct scenario_key *key,
                       const struct scenario_node *node, const char *text)
{
    const char *range = scenario_range_text(b->arena, key, key->unit);
    scenario_errors_add(b->errors, node->at, "%s is %s; expected %s, %s", path,
                        scenario_value_shown(b->arena, text), noun(key), range);
}

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
        report_not(b, path, key, node, text);
        return false;
    case SCENARIO_NUMBER_NO_UNIT:
        report_no_unit(b, path, key, node, text);
        return false;
    case SCENARIO_NUMBER_BAD_UNIT:
        report_unit(b, path, key->unit, node, text);
        return false;
    case SCENARIO_NUMBER_ODD:
        scenario_errors_add(b->errors, node->at,
                            "%s is \"%s\"; write numbers in plain decimal, such as 1000 or 0.5",
                            path, scenario_shown(b->arena, text));
        return false;
    case SCENARIO_NUMBER_HUGE:
        report_range(b, path, key, out->unit, node, text);
        return false;
    case SCENARIO_NUMBER_OK:
        break;
    }
    if (!in_range(key, out->value)) {
        report_range(b, path, key, out->unit, node, text);
        return false;
    }
    if (is_whole_key(key) && !out->is_whole) {
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
                        node->kind == SCENARIO_NODE_MAP ? "map" : "list", noun(like));
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
        report_no_unit(b, path, key, node, text);
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
    if (b->uncertain_count == b->uncertain_room) {
        int room = b->uncertain_room ? 2 * b->uncertain_room : 8;
        struct scenario_uncertain *more =
            scenario_arena_take(b->arena, (size_t)room * sizeof *more);
        if (b->uncertain_count > 0)
            memcpy(more, b->uncertain, (size_t)b->uncertain_count * sizeof *more);
        b->uncertain = more;
        b->uncertain_room = room;
    }
    int index = b->uncertain_count++;
    b->uncertain[index] = *u;
    double value = b->override && index < b->override_count ? b->override[index] : u->input.central;
    return value < key->low ? key->low : value > key->high ? key->high : value;
}

bool scenario_value_any(struct scenario_build *b, const char *path, const struct scenario_key *like,
                        const struct scenario_node *node, struct scenario_number *out,
                        bool *is_uncertain)
{
    const char *dots = node->kind == SCENARIO_NODE_SCALAR ? strstr(node->text, "..") : NULL;
    *is_uncertain = dots || scenario_is_distribution(node);
    if (!*is_uncertain) {
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
    if (is_whole_key(like)) {
        out->value = floor(out->value + 0.5);
        out->integer = out->value < 9e18 ? (int64_t)out->value : INT64_MAX;
    }
    return true;
}

static bool read_number(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                        const struct scenario_key *key, const struct scenario_node *node)
{
    struct scenario_number number = {0};
    bool is_uncertain;
    if (!scenario_value_any(b, path, key, node, &number, &is_uncertain))
        return false;
    scenario_field_set_number(key, thing->base, number.value, number.integer);
    scenario_origin_at(thing, key)->is_uncertain = is_uncertain;
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

static const char *choice_list(struct scenario_arena *arena, const char *const *choices)
{
    const char *text = choices[0];
    for (int i = 1; choices[i]; i++)
        text = scenario_arena_printf(arena, "%s%s%s", text, choices[i + 1] ? ", " : " or ",
                                     choices[i]);
    return text;
}

static bool read_choice(struct scenario_build *b, const char *path, struct scenario_thing *thing,
                        const struct scenario_key *key, const struct scenario_node *node)
{
    const char *list = choice_list(b->arena, key->choices);
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
    int before = b->errors->count + b->errors->left_out;
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
    scenario_origin_at(thing, key)->is_bad = b->errors->count + b->errors->left_out > before;
}

/* The default is text, as a file would have it: reader, reference and schema then cannot disagree about it. */
void scenario_value_default(struct scenario_build *b, struct scenario_thing *thing,
                            const struct scenario_key *key)
{
    const char *text = key->value;
    bool is_producer = thing->section == SCENARIO_SECTION_PRODUCER;
    if (is_producer && key->value_librdkafka &&
        ((struct scenario_producer *)thing->base)->client == SCENARIO_CLIENT_LIBRDKAFKA)
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
