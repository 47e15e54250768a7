/*
 * The table as JSON Schema (draft-07, what editors' YAML servers know). It accepts all that the parser accepts; the
 * parser alone checks units, ranges of values with units and contradictions.
 */
#include "model/scenario/keys_internal.h"

#include <string.h>

static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', out);
        fputc(*c, out);
    }
    fputc('"', out);
}

static void write_bounds(FILE *out, const struct scenario_key *key)
{
    char number[64];
    fprintf(out, ", \"minimum\": %s", scenario_number_write(key->low, SCENARIO_UNIT_NONE, number));
    if (!isinf(key->high))
        fprintf(out, ", \"maximum\": %s",
                scenario_number_write(key->high, SCENARIO_UNIT_NONE, number));
}

static void write_number_type(FILE *out, const struct scenario_key *key)
{
    bool takes_plain = key->is_kafka || key->unit == SCENARIO_UNIT_NONE;
    bool is_whole = key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_INTEGER;
    fputs("\"type\": [\"string\"", out);
    if (takes_plain)
        fputs(is_whole ? ", \"integer\"" : ", \"number\"", out);
    fputs(key->is_fixed ? "]" : ", \"object\"]", out);
    if (takes_plain)
        write_bounds(out, key);
    if (key->type == SCENARIO_KEY_RATE)
        fputs(", \"pattern\": \"^(max$|[-+]?[0-9.])\"", out);
    else
        fputs(", \"pattern\": \"^[-+]?[0-9.]\"", out);
}

static void write_type(FILE *out, const struct scenario_key *key)
{
    if (scenario_key_is_numeric(key)) {
        write_number_type(out, key);
    } else if (key->type == SCENARIO_KEY_BOOL) {
        fputs("\"type\": \"boolean\"", out);
    } else if (key->type == SCENARIO_KEY_TEXT) {
        fputs("\"type\": \"string\"", out);
    } else if (key->type == SCENARIO_KEY_SPECIAL) {
        fputs(key->special->schema, out);
    } else {
        fputs("\"enum\": [", out);
        for (int i = 0; key->choices[i]; i++) {
            fputs(i > 0 ? ", " : "", out);
            write_string(out, key->choices[i]);
            if (key->choices[i][strspn(key->choices[i], "0123456789.")] == 0)
                fprintf(out, ", %s", key->choices[i]); /* to YAML, 3.6 is a number */
        }
        fputs("]", out);
    }
}

static void write_help(FILE *out, const struct scenario_key *key)
{
    fputs("\"description\": ", out);
    write_string(out, key->help);
    if (key->value) {
        fputs(", \"default\": ", out);
        write_string(out, key->value);
    }
}

struct schema {
    FILE *out;
    enum scenario_section section;
};

static void write_map(const struct schema *s, const char *prefix, size_t prefix_bytes, int indent);

/* A step that is a value, a map, or either. */
static void write_property(const struct schema *s, const struct scenario_key *key, const char *path,
                           size_t bytes, bool is_map, int indent)
{
    fputc('{', s->out);
    if (key) {
        write_help(s->out, key);
        fputs(", ", s->out);
    }
    if (key && is_map) {
        fputs("\"anyOf\": [{", s->out);
        write_type(s->out, key);
        fputs("}, {", s->out);
        write_map(s, path, bytes, indent + 2);
        fputs("}]", s->out);
    } else if (key) {
        write_type(s->out, key);
    } else {
        write_map(s, path, bytes, indent + 2);
    }
    fputc('}', s->out);
}

/* Members of an object schema for the rows below prefix. */
static void write_map(const struct schema *s, const char *prefix, size_t prefix_bytes, int indent)
{
    const struct scenario_key *keys = scenario_key_tables[s->section].keys;
    const char *separator = "";
    fputs("\"type\": [\"object\", \"null\"], \"additionalProperties\": false, "
          "\"patternProperties\": {\"^x-\": {}}, "
          "\"properties\": {",
          s->out);
    for (int i = 0; i < scenario_key_count(s->section); i++) {
        if (!scenario_key_is_below(keys[i].path, prefix, prefix_bytes))
            continue;
        const char *step = keys[i].path + prefix_bytes + (prefix_bytes > 0);
        size_t step_bytes = strcspn(step, "/"), bytes = (size_t)(step - keys[i].path) + step_bytes;
        char path[128], name[64];
        if (scenario_key_is_repeated(keys, i, bytes))
            continue;
        snprintf(path, sizeof path, "%.*s", (int)bytes, keys[i].path);
        snprintf(name, sizeof name, "%.*s", (int)step_bytes, step);
        fprintf(s->out, "%s\n%*s\"%s\": ", separator, indent, "", name);
        write_property(s, scenario_key_find(s->section, path), keys[i].path, bytes,
                       scenario_key_has_below(s->section, path), indent);
        separator = ",";
    }
    if (s->section == SCENARIO_SECTION_ROOT && prefix_bytes == 0)
        scenario_schema_things_write(s->out, indent);
    fputc('}', s->out);
}

void scenario_schema_things_write(FILE *out, int indent)
{
    for (int section = SCENARIO_SECTION_TOPIC; section < SCENARIO_SECTIONS; section++) {
        struct schema s = {out, (enum scenario_section)section};
        fprintf(out, ",\n%*s\"%s\": {\"type\": [\"object\", \"null\"], \"additionalProperties\": {",
                indent, "", scenario_key_tables[section].name);
        write_map(&s, "", 0, indent + 2);
        fputs("}}", out);
    }
    fprintf(out,
            ",\n%*s\"variants\": {\"description\": \"Named lists of what to change: paths with "
            "their values.\", "
            "\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"type\": \"object\"}}",
            indent, "");
}

int scenario_schema_write(FILE *out)
{
    struct schema s = {out, SCENARIO_SECTION_ROOT};
    fputs("{\"$schema\": \"http://json-schema.org/draft-07/schema#\",\n \"title\": \"headroom "
          "scenario\",\n "
          "\"required\": [\"version\", \"cluster\", \"producers\"],\n ",
          out);
    write_map(&s, "", 0, 2);
    fputs("}\n", out);
    return ferror(out) ? -1 : 0;
}

/* ---- the same as Markdown ---- */

static const char *kind(const struct scenario_key *key)
{
    static const char *const units[SCENARIO_UNITS] = {
        [SCENARIO_UNIT_BYTES] = "size",
        [SCENARIO_UNIT_TIME] = "time",
        [SCENARIO_UNIT_MS] = "time",
        [SCENARIO_UNIT_SPEED] = "speed",
        [SCENARIO_UNIT_RECORDS] = "rate",
        [SCENARIO_UNIT_RATE] = "rate",
        [SCENARIO_UNIT_RATIO] = "percentage",
        [SCENARIO_UNIT_TIME_PER_BYTE] = "time per size",
        [SCENARIO_UNIT_USD_HOUR] = "price",
        [SCENARIO_UNIT_USD_YEAR] = "price",
        [SCENARIO_UNIT_USD_GB] = "price",
        [SCENARIO_UNIT_USD_GB_MONTH] = "price",
        [SCENARIO_UNIT_USD_IOPS_MONTH] = "price",
        [SCENARIO_UNIT_USD_MB_S_MONTH] = "price",
    };
    if (key->type == SCENARIO_KEY_BOOL)
        return "true or false";
    if (key->type == SCENARIO_KEY_TEXT)
        return "text";
    if (units[key->unit])
        return units[key->unit];
    return key->type == SCENARIO_KEY_NUMBER ? "number" : "whole number";
}

static void write_values(FILE *out, struct scenario_arena *arena, const struct scenario_key *key)
{
    if (key->type == SCENARIO_KEY_SPECIAL)
        fputs(key->special->expects, out);
    else if (key->type == SCENARIO_KEY_CHOICE)
        for (int i = 0; key->choices[i]; i++)
            fprintf(out, "%s%s", i > 0 ? ", " : "", key->choices[i]);
    else if (scenario_key_is_numeric(key))
        fprintf(out, "%s, %s", kind(key), scenario_range_text(arena, key, key->unit));
    else
        fputs(kind(key), out);
}

int scenario_keys_write(FILE *out)
{
    struct scenario_arena arena = {0};
    fputs("# Keys of a scenario\n\nOur own keys need a unit; Kafka's, under `config`, also take "
          "Kafka's plain number. A number may "
          "be a range (`15..25 MB/s`) or a distribution (`{lognormal: {mean: 1 KiB, cv: 0.8}}`, "
          "`{uniform: {min: 1, "
          "max: 2}}`, `{triangular: {min: 1, mode: 2, max: 4}}`): each replication draws it.\n",
          out);
    for (int section = 0; section < SCENARIO_SECTIONS; section++) {
        const struct scenario_key_table *table = &scenario_key_tables[section];
        fprintf(out,
                "\n## %s%s\n\n| key | values | default | meaning |\n| --- | --- | --- | --- |\n",
                section ? table->name : "the scenario itself", section ? ".NAME" : "");
        for (int i = 0; i < scenario_key_count((enum scenario_section)section); i++) {
            const struct scenario_key *key = &table->keys[i];
            fprintf(out, "| `%s` | ", scenario_path_text(&arena, "", key->path));
            write_values(out, &arena, key);
            if (key->value && key->value[0])
                fprintf(out, " | `%s`%s%s%s (%s)", key->value,
                        key->value_librdkafka ? ", librdkafka `" : "",
                        key->value_librdkafka ? key->value_librdkafka : "",
                        key->value_librdkafka ? "`" : "", key->origin);
            else
                fprintf(out, " | %s", key->is_required ? "required" : "");
            fprintf(out, " | %s%s |\n", key->help,
                    key->clients == SCENARIO_FOR_JAVA         ? " Java client only."
                    : key->clients == SCENARIO_FOR_LIBRDKAFKA ? " librdkafka only."
                                                              : "");
        }
    }
    scenario_arena_release(&arena);
    return ferror(out) ? -1 : 0;
}
