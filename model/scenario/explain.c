/*
 * The resolved scenario as YAML that loads to the same scenario, each line with the origin of its value. What the file
 * states is written as it stands there, ranges included; defaults and what follows from other values are written out.
 */
#include "model/scenario/keys_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMN = 46 };

struct explain {
    FILE *out;
    const struct scenario *s;
    struct scenario_thing *thing;
    const char *file;
};

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

static void write_text(FILE *out, const char *text, bool quoted)
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
        write_text(out, node->text, node->quoted);
        return;
    }
    bool is_map = node->kind == SCENARIO_NODE_MAP;
    fputc(is_map ? '{' : '[', out);
    for (const struct scenario_node *child = node->first; child; child = child->next) {
        if (is_map) {
            write_text(out, child->key, false);
            fputs(": ", out);
        }
        write_node(out, child);
        if (child->next)
            fputs(", ", out);
    }
    fputc(is_map ? '}' : ']', out);
}

static void write_field(const struct explain *e, FILE *out, const struct scenario_key *key)
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
        write_text(out, *(const char *const *)field, true);
        break;
    case SCENARIO_KEY_SPECIAL:
        key->special->write(e->s, e->thing, key, out);
        break;
    }
}

/* ---- comments ---- */

/* 172800000 is 2 d: what a reader would have to work out. */
static void write_meaning(const struct explain *e, FILE *out, const struct scenario_key *key,
                          const char *shown)
{
    char buffer[64];
    bool is_told = key->is_kafka && key->type == SCENARIO_KEY_INTEGER &&
                   (key->unit == SCENARIO_UNIT_MS || key->unit == SCENARIO_UNIT_BYTES);
    int64_t value = is_told ? *(const int64_t *)((const char *)e->thing->base + key->offset) : 0;
    if (value <= 0 || shown[strspn(shown, "0123456789")])
        return;
    if (value == INT64_MAX)
        fputs("never; ", out);
    else if (strncmp(scenario_integer_write(value, key->unit, buffer), shown, strlen(shown)) != 0)
        fprintf(out, "%s; ", buffer);
}

static void write_machine_meaning(const struct explain *e, FILE *out,
                                  const struct scenario_key *key)
{
    const struct scenario_machine *m = (const void *)((const char *)e->thing->base + key->offset);
    char ram[64], size[64];
    fprintf(out, "%d vCPUs, %s, network %.3g Gbit/s", m->vcpus,
            scenario_integer_write(m->ram_bytes, SCENARIO_UNIT_BYTES, ram),
            m->nic_baseline_bytes_per_s / 125e6);
    if (m->disks.count > 0)
        fprintf(out, ", %d x %s %s", m->disks.count,
                scenario_integer_write(m->disks.size_bytes, SCENARIO_UNIT_BYTES, size),
                scenario_disk_type_name(m->disks.type));
    fputs("; ", out);
}

static void write_origin(const struct explain *e, FILE *out, const struct scenario_key *key,
                         const struct scenario_origin *origin, const char *shown)
{
    if (key->special == &scenario_special_machine)
        write_machine_meaning(e, out, key);
    write_meaning(e, out, key, shown);
    if (origin->kind == SCENARIO_ORIGIN_DEFAULT) {
        const struct scenario_producer *p = e->thing->base;
        bool is_rdkafka = key->value_librdkafka && p->client == SCENARIO_CLIENT_LIBRDKAFKA;
        fprintf(out, "default: %s", is_rdkafka ? LIBRDKAFKA : key->origin);
    } else if (origin->kind == SCENARIO_ORIGIN_DERIVED) {
        fputs(origin->text, out);
    } else if (origin->node->at.line > 0) {
        fprintf(out, "%s:%d", origin->node->at.source, origin->node->at.line);
    } else {
        fputs(origin->node->at.source, out);
    }
    if (origin->is_uncertain)
        fputs("; drawn for each replication", out);
}

/* Values and comments come through memory, so that comments can stand in one column. */
static void write_row(const struct explain *e, int indent, const char *step,
                      const struct scenario_key *key, const struct scenario_origin *origin)
{
    char *text = NULL, *comment = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    fprintf(memory, "%*s%s: ", indent, "", step);
    if (origin->kind == SCENARIO_ORIGIN_STATED)
        write_node(memory, origin->node);
    else if (origin->kind == SCENARIO_ORIGIN_DEFAULT && origin->text[0] == '[')
        fputs(origin->text, memory);
    else if (origin->kind == SCENARIO_ORIGIN_DEFAULT)
        write_text(memory, origin->text, false);
    else
        write_field(e, memory, key);
    fclose(memory);
    memory = open_memstream(&comment, &bytes);
    write_origin(e, memory, key, origin, text + indent + strlen(step) + 2);
    fclose(memory);
    for (char *c = comment; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    fprintf(e->out, "%-*s # %s\n", COMMENT_COLUMN, text, comment);
    free(text);
    free(comment);
}

/* ---- maps ---- */

static bool is_below(const char *path, const char *prefix, size_t bytes)
{
    return bytes == 0 || (strncmp(path, prefix, bytes) == 0 && path[bytes] == '/');
}

/* Whether any row below has a value. */
static bool has_values(const struct explain *e, const char *prefix, size_t bytes)
{
    const struct scenario_key *keys = scenario_key_tables[e->thing->section].keys;
    for (int i = 0; i < scenario_key_count(e->thing->section); i++)
        if (is_below(keys[i].path, prefix, bytes) &&
            e->thing->origins[i].kind != SCENARIO_ORIGIN_NONE)
            return true;
    return false;
}

/* Whether an earlier row already brought up this step. */
static bool is_repeated(const struct scenario_key *keys, int row, size_t bytes)
{
    for (int i = 0; i < row; i++)
        if (strncmp(keys[i].path, keys[row].path, bytes) == 0 &&
            (keys[i].path[bytes] == '/' || keys[i].path[bytes] == 0))
            return true;
    return false;
}

static void write_map(const struct explain *e, const char *prefix, size_t prefix_bytes, int indent)
{
    const struct scenario_key *keys = scenario_key_tables[e->thing->section].keys;
    for (int i = 0; i < scenario_key_count(e->thing->section); i++) {
        if (!is_below(keys[i].path, prefix, prefix_bytes))
            continue;
        const char *step = keys[i].path + prefix_bytes + (prefix_bytes > 0);
        size_t step_bytes = strcspn(step, "/"), bytes = (size_t)(step - keys[i].path) + step_bytes;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)step_bytes, step);
        if (is_repeated(keys, i, bytes))
            continue;
        bool is_row = !step[step_bytes];
        if (is_row && e->thing->origins[i].kind != SCENARIO_ORIGIN_NONE) {
            write_row(e, indent, name, &keys[i], &e->thing->origins[i]);
        } else if (has_values(e, keys[i].path, bytes)) {
            fprintf(e->out, "%*s%s:\n", indent, "", name);
            write_map(e, keys[i].path, bytes, indent + 2);
        }
    }
}

static void write_things(struct explain *e, enum scenario_section section,
                         struct scenario_thing *things, int count)
{
    if (count > 0)
        fprintf(e->out, "%s:\n", scenario_key_tables[section].name);
    for (int i = 0; i < count; i++) {
        e->thing = &things[i];
        fprintf(e->out, "  ");
        write_text(e->out, things[i].name, false);
        fprintf(e->out, ":\n");
        write_map(e, "", 0, 4);
    }
}

static void write_variants(FILE *out, const struct scenario_node *variants)
{
    if (!variants || variants->kind != SCENARIO_NODE_MAP || variants->count == 0)
        return;
    fputs("variants:\n", out);
    for (const struct scenario_node *variant = variants->first; variant; variant = variant->next) {
        fputs("  ", out);
        write_text(out, variant->key, false);
        fputs(": ", out);
        write_node(out, variant);
        fputs("\n", out);
    }
}

int scenario_explain(const struct scenario_doc *doc, FILE *out)
{
    const struct scenario_build *b = &doc->base.build;
    struct scenario_thing root = b->root;
    struct explain e = {.out = out, .s = b->s, .thing = &root, .file = doc->path};
    fprintf(out, "# %s, resolved: behind each value stands where it comes from.\n", doc->path);
    write_map(&e, "", 0, 0);
    write_things(&e, SCENARIO_SECTION_TOPIC, b->topics, b->s->topic_count);
    write_things(&e, SCENARIO_SECTION_PRODUCER, b->producers, b->s->producer_count);
    write_things(&e, SCENARIO_SECTION_GROUP, b->groups, b->s->group_count);
    write_variants(out, scenario_node_find(b->tree, "variants"));
    return ferror(out) ? -1 : 0;
}
