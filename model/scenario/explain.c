/*
 * The resolved scenario as YAML that loads to the same scenario, each line with the origin of its value. What the file
 * states is written as it stands there, ranges included; defaults and what follows from other values are written out.
 */
#include "model/scenario/explain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMN = 46 };

/* ---- comments ---- */

/* 172800000 is 2 d: what a reader would have to work out. */
static void write_meaning(const struct scenario_explained *e, FILE *out,
                          const struct scenario_key *key, const char *shown)
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

static void write_machine_meaning(const struct scenario_explained *e, FILE *out,
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

static void write_origin(const struct scenario_explained *e, FILE *out,
                         const struct scenario_key *key, const struct scenario_origin *origin,
                         const char *shown)
{
    if (key->special == &scenario_special_machine)
        write_machine_meaning(e, out, key);
    write_meaning(e, out, key, shown);
    if (origin->kind == SCENARIO_ORIGIN_DEFAULT) {
        bool is_rdkafka =
            key->value_librdkafka && scenario_client_of(e->thing) == SCENARIO_CLIENT_LIBRDKAFKA;
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
static void write_row(const struct scenario_explained *e, int indent, const char *step,
                      const struct scenario_key *key, const struct scenario_origin *origin)
{
    char *text = NULL, *comment = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    fprintf(memory, "%*s%s: ", indent, "", step);
    scenario_explain_value(e, key, memory);
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

/* Whether any row below has a value. */
static bool has_values(const struct scenario_explained *e, const char *prefix, size_t bytes)
{
    const struct scenario_key *keys = scenario_key_tables[e->thing->section].keys;
    for (int i = 0; i < scenario_key_count(e->thing->section); i++)
        if (scenario_key_is_below(keys[i].path, prefix, bytes) &&
            e->thing->origins[i].kind != SCENARIO_ORIGIN_NONE)
            return true;
    return false;
}

static void write_map(const struct scenario_explained *e, const char *prefix, size_t prefix_bytes,
                      int indent)
{
    const struct scenario_key *keys = scenario_key_tables[e->thing->section].keys;
    for (int i = 0; i < scenario_key_count(e->thing->section); i++) {
        if (!scenario_key_is_below(keys[i].path, prefix, prefix_bytes))
            continue;
        const char *step = keys[i].path + prefix_bytes + (prefix_bytes > 0);
        size_t step_bytes = strcspn(step, "/"), bytes = (size_t)(step - keys[i].path) + step_bytes;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)step_bytes, step);
        if (scenario_key_is_repeated(keys, i, bytes))
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

static void write_things(struct scenario_explained *e, enum scenario_section section,
                         struct scenario_thing *things, int count)
{
    if (count > 0)
        fprintf(e->out, "%s:\n", scenario_key_tables[section].name);
    for (int i = 0; i < count; i++) {
        e->thing = &things[i];
        fprintf(e->out, "  ");
        scenario_explain_text(e->out, things[i].name, false);
        fprintf(e->out, ":\n");
        write_map(e, "", 0, 4);
    }
}

int scenario_explain(const struct scenario_doc *doc, FILE *out)
{
    const struct scenario_build *b = &doc->base.build;
    struct scenario_thing root = b->root;
    struct scenario_explained e = {.s = b->s, .thing = &root, .out = out};
    fprintf(out, "# %s, resolved: behind each value stands where it comes from.\n", doc->path);
    write_map(&e, "", 0, 0);
    write_things(&e, SCENARIO_SECTION_TOPIC, b->topics, b->s->topic_count);
    write_things(&e, SCENARIO_SECTION_PRODUCER, b->producers, b->s->producer_count);
    write_things(&e, SCENARIO_SECTION_GROUP, b->groups, b->s->group_count);
    scenario_explain_variants(doc, out);
    return ferror(out) ? -1 : 0;
}
