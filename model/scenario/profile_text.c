/* model/scenario/profile_text.c - one profile file's text onto a profile; see profile_internal.h. */
#include "model/scenario/profile_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/scenario/scenario_internal.h"

struct reading {
    struct scenario_arena arena;
    struct scenario_errors errors;
    struct model_profile *profile;
    const char *only;
};

static void refuse(struct reading *r, const struct scenario_node *node, const char *path,
                   const char *expected)
{
    scenario_errors_add(&r->errors, node->at, "%s is %s; expected %s", path,
                        scenario_shown(&r->arena, node->text), expected);
}

static bool plain_number(const char *text, size_t size, double *value)
{
    struct scenario_number number;
    bool negative = size > 1 && text[0] == '-';
    if (scenario_number_parse(text + negative, size - negative, SCENARIO_UNIT_NONE, true,
                              &number) != SCENARIO_NUMBER_OK)
        return false;
    *value = negative ? -number.value : number.value;
    return true;
}

static void take_key(struct reading *r, const struct scenario_node *node,
                     const struct scenario_profile_key *key)
{
    static const enum scenario_unit units[] = {
        [SCENARIO_PROFILE_NS] = SCENARIO_UNIT_TIME,
        [SCENARIO_PROFILE_BYTES] = SCENARIO_UNIT_BYTES,
        [SCENARIO_PROFILE_PLAIN] = SCENARIO_UNIT_NONE,
    };
    struct scenario_number number;
    bool plain = key->unit == SCENARIO_PROFILE_PLAIN;
    if (scenario_number_parse(node->text, strlen(node->text), units[key->unit], plain, &number) !=
            SCENARIO_NUMBER_OK ||
        number.value < 0)
        refuse(r, node, key->path, plain ? "a number from 0" : "a number from 0 with its unit");
    else
        scenario_profile_set(r->profile, key, number.value);
}

static void take_range(struct reading *r, const struct scenario_node *node, const char *path,
                       struct model_profile_range *range)
{
    const char *dots = strstr(node->text, "..");
    range->known = dots && plain_number(node->text, (size_t)(dots - node->text), &range->low) &&
                   plain_number(dots + 2, strlen(dots + 2), &range->high) &&
                   range->low <= range->high;
    if (!range->known)
        refuse(r, node, path, "LOW..HIGH");
}

static void take_ids(struct reading *r, const struct scenario_node *list,
                     const struct profile_row *row, char *at)
{
    size_t used = (size_t)snprintf(at, row->size, " ");
    for (const struct scenario_node *id = list->first; id; id = id->next) {
        if (id->kind != SCENARIO_NODE_SCALAR || strchr(id->text, ' ') ||
            used + strlen(id->text) + 2 > row->size) {
            scenario_errors_add(&r->errors, id->at,
                                "%s: expected names without blanks, %zu bytes "
                                "together",
                                row->path, row->size - 2);
            return;
        }
        used += (size_t)snprintf(at + used, row->size - used, "%s ", id->text);
    }
}

static void take_number(struct reading *r, const struct scenario_node *node,
                        const struct profile_row *row, void *at)
{
    double value;
    if (!plain_number(node->text, strlen(node->text), &value) ||
        (row->type != PROFILE_ROW_SIGNED && value < 0) ||
        (row->type == PROFILE_ROW_COUNT && (floor(value) < value || value > 1e9)))
        refuse(r, node, row->path, row->type == PROFILE_ROW_COUNT ? "a count" : "a number");
    else if (row->type == PROFILE_ROW_COUNT)
        *(uint32_t *)at = (uint32_t)value;
    else
        *(double *)at = value;
}

static void take_row(struct reading *r, const struct scenario_node *node,
                     const struct profile_row *row)
{
    void *at = (char *)r->profile + row->offset;
    switch (row->type) {
    case PROFILE_ROW_IDS:
        break; /* not a scalar */
    case PROFILE_ROW_TEXT:
        if ((size_t)snprintf(at, row->size, "%s", node->text) >= row->size)
            refuse(r, node, row->path, "a shorter text");
        break;
    case PROFILE_ROW_BOOL:
        if (strcmp(node->text, "true") && strcmp(node->text, "false"))
            refuse(r, node, row->path, "true or false");
        *(bool *)at = strcmp(node->text, "true") == 0;
        break;
    case PROFILE_ROW_RANGE:
        take_range(r, node, row->path, at);
        break;
    case PROFILE_ROW_NUMBER:
    case PROFILE_ROW_SIGNED:
    case PROFILE_ROW_COUNT:
        take_number(r, node, row, at);
        break;
    }
}

static void unknown(struct reading *r, const struct scenario_node *node, const char *path)
{
    struct scenario_guess guess;
    scenario_guess_init(&guess, path);
    for (int i = 0; scenario_profile_key_at(i); i++)
        scenario_guess_offer(&guess, scenario_profile_key_at(i)->path);
    for (int i = 0; profile_row_at(i); i++)
        scenario_guess_offer(&guess, profile_row_at(i)->path);
    scenario_errors_add(&r->errors, node->key_at, "a profile has no \"%s\"%s", path,
                        scenario_guess_text(&guess, &r->arena));
}

static bool take(struct reading *r, const struct scenario_node *node, const char *path)
{
    bool wanted = strncmp(path, r->only, strlen(r->only)) == 0;
    struct model_profile unused, *into = r->profile;
    bool found = false;
    if (!wanted) {
        unused = *into; /* read and checked, but not kept */
        r->profile = &unused;
    }
    for (int i = 0; !found && scenario_profile_key_at(i); i++)
        if (node->kind == SCENARIO_NODE_SCALAR &&
            strcmp(scenario_profile_key_at(i)->path, path) == 0) {
            take_key(r, node, scenario_profile_key_at(i));
            found = true;
        }
    for (int i = 0; !found && profile_row_at(i); i++) {
        const struct profile_row *row = profile_row_at(i);
        bool list = row->type == PROFILE_ROW_IDS;
        if (strcmp(row->path, path) ||
            node->kind != (list ? SCENARIO_NODE_LIST : SCENARIO_NODE_SCALAR))
            continue;
        if (list)
            take_ids(r, node, row, (char *)r->profile + row->offset);
        else
            take_row(r, node, row);
        found = true;
    }
    r->profile = into;
    return found;
}

static void walk(struct reading *r, const struct scenario_node *map, const char *prefix)
{
    for (const struct scenario_node *node = map->first; node; node = node->next) {
        const char *path =
            *prefix ? scenario_arena_printf(&r->arena, "%s.%s", prefix, node->key) : node->key;
        if (node->kind == SCENARIO_NODE_MAP)
            walk(r, node, path);
        else if (!take(r, node, path))
            unknown(r, node, path);
    }
}

int profile_text_read(const char *source, const char *text, size_t size, const char *only,
                      struct model_profile *profile, struct broker_err *err)
{
    struct reading r = {.profile = profile, .only = only};
    int status = 0;
    scenario_errors_init(&r.errors, &r.arena);
    struct scenario_node *root = scenario_text_check(source, text, size, &r.errors)
                                     ? scenario_yaml_read(source, text, size, &r.arena, &r.errors)
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
