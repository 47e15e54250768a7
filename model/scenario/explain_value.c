/* One value of a resolved scenario as text that YAML reads back. */
#include "model/scenario/explain_internal.h"
#include "model/scenario/profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- text that YAML reads back ---- */

static bool is_plain(const char *text)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-+/%<>=";
    size_t bytes = strlen(text);
    bool starts_well = bytes > 0 && strchr(" -%<>=", text[0]) == NULL;
    bool is_negative = bytes > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9';
    return (starts_well || is_negative) && strspn(text, safe) == bytes && text[bytes - 1] != ' ';
}

void scenario_explain_text(FILE *out, const char *text, bool quoted)
{
    if (!quoted && is_plain(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", out);
        else if (*c == '\t')
            fputs("\\t", out);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void write_node(FILE *out, const struct scenario_node *node)
{
    if (node->kind == SCENARIO_NODE_SCALAR) {
        scenario_explain_text(out, node->text, node->quoted);
        return;
    }
    bool is_map = node->kind == SCENARIO_NODE_MAP;
    fputc(is_map ? '{' : '[', out);
    for (const struct scenario_node *child = node->first; child; child = child->next) {
        if (is_map) {
            scenario_explain_text(out, child->key, false);
            fputs(": ", out);
        }
        write_node(out, child);
        if (child->next)
            fputs(", ", out);
    }
    fputc(is_map ? '}' : ']', out);
}

static void write_field(const struct scenario_explained *e, FILE *out,
                        const struct scenario_key *key)
{
    const char *field = (const char *)e->thing->base + key->offset;
    enum scenario_unit unit = key->is_kafka ? SCENARIO_UNIT_NONE : key->unit;
    char buffer[64];
    switch (key->type) {
    case SCENARIO_KEY_COUNT:
        fprintf(out, "%d", *(const int *)field);
        break;
    case SCENARIO_KEY_INTEGER:
        fputs(scenario_integer_write(*(const int64_t *)field, unit, buffer), out);
        break;
    case SCENARIO_KEY_NUMBER:
        fputs(scenario_number_write(*(const double *)field, unit, buffer), out);
        break;
    case SCENARIO_KEY_RATE: {
        const struct scenario_producer *p = e->thing->base;
        bool is_records = p->rate_kind == SCENARIO_RATE_RECORDS;
        unit = is_records ? SCENARIO_UNIT_RECORDS : SCENARIO_UNIT_SPEED;
        fputs(scenario_number_write(*(const double *)field, unit, buffer), out);
        break;
    }
    case SCENARIO_KEY_BOOL:
        fputs(*(const bool *)field ? "true" : "false", out);
        break;
    case SCENARIO_KEY_CHOICE:
        fputs(key->choices[*(const int *)field], out);
        break;
    case SCENARIO_KEY_TEXT:
        scenario_explain_text(out, *(const char *const *)field, true);
        break;
    case SCENARIO_KEY_SPECIAL:
        key->special->write(e->s, e->thing, key, out);
        break;
    }
}

/* What is written may lie in another folder than the scenario: a relative path would be another file there. */
static void write_file(const struct scenario_explained *e, FILE *out,
                       const struct scenario_key *key, bool quoted)
{
    const char *path = *(const char *const *)((const char *)e->thing->base + key->offset);
    bool is_name = e->thing->section == SCENARIO_SECTION_ROOT && !scenario_profile_is_path(path);
    char *whole = is_name ? NULL : realpath(path, NULL);
    scenario_explain_text(out, whole ? whole : path, quoted);
    free(whole);
}

void scenario_explain_value(const struct scenario_explained *e, const struct scenario_key *key,
                            FILE *out)
{
    const struct scenario_origin *origin = scenario_origin_at(e->thing, key);
    if (origin->kind == SCENARIO_ORIGIN_STATED && key->is_file)
        write_file(e, out, key, origin->node->quoted);
    else if (origin->kind == SCENARIO_ORIGIN_STATED)
        write_node(out, origin->node);
    else if (origin->kind == SCENARIO_ORIGIN_DEFAULT && origin->text[0] == '[')
        fputs(origin->text, out);
    else if (origin->kind == SCENARIO_ORIGIN_DEFAULT)
        scenario_explain_text(out, origin->text, false);
    else
        write_field(e, out, key);
}
