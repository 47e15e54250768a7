/* new, check, explain, schema, keys: what needs no simulation. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/answer/advice.h"
#include "model/cli/cli.h"
#include "model/cluster/cluster.h"
#include "model/report/json_write.h"

static int write_presets(void *context, FILE *out)
{
    const struct cli *cli = context;
    return scenario_presets_write(cli->scenarios, out);
}

static int write_preset(void *context, FILE *out)
{
    const struct cli *cli = context;
    return scenario_new_write(cli->scenarios, cli->preset, out);
}

/* Whether there is such a preset is found out first: an unknown name must not touch --out. */
static int preset_status(const struct cli *cli)
{
    FILE *nothing = fopen("/dev/null", "w");
    int rc = nothing ? scenario_new_write(cli->scenarios, cli->preset, nothing) : -1;
    if (nothing)
        fclose(nothing);
    return rc;
}

int cli_new(struct cli *cli)
{
    if (cli->list)
        return cli_output(cli, write_presets, cli);
    int rc = preset_status(cli);
    if (rc > 0)
        return cli_fail(cli, CLI_USAGE, "no preset %s; `headroom new --list` tells which there are",
                        cli->preset);
    if (rc < 0)
        return cli_fail(cli, CLI_FAILED, "the presets in %s cannot be read", cli->scenarios);
    /* Somebody's own scenario may stand there, and nothing else has it. */
    if (cli->out && strcmp(cli->out, "-") != 0 && access(cli->out, F_OK) == 0)
        return cli_fail(cli, CLI_FAILED, "%s is there already; give another name, or remove it",
                        cli->out);
    return cli_output(cli, write_preset, cli);
}

/* context: a result whose warnings are those of all files. */
static int write_valid(void *context, FILE *out)
{
    const struct result *advice = context;
    struct json_writer w;
    json_put_init(&w, out);
    json_put_object_begin(&w);
    json_put_key(&w, "valid"), json_put_bool(&w, true);
    if (advice->warning_count > 0) {
        json_put_key(&w, "warnings");
        json_put_array_begin(&w);
        for (uint32_t i = 0; i < advice->warning_count; i++)
            json_put_string(&w, advice->warnings[i].text);
        json_put_array_end(&w);
    }
    json_put_object_end(&w);
    json_put_finish(&w);
    return ferror(out) ? -1 : 0;
}

static void put_count(FILE *out, int count, const char *noun)
{
    fprintf(out, ", %d %s%s", count, noun, count == 1 ? "" : "s");
}

/* "quickstart.yaml: no errors; 3 brokers, 1 topic, 1 producer, 1 group, 2 variants" */
static void put_right(FILE *out, const char *file, const struct scenario_doc *doc)
{
    const struct scenario *s = scenario_base(doc);
    fprintf(out, "%s: no errors; ", file);
    if (s->cluster.brokers_auto)
        fputs("brokers: auto", out);
    else
        fprintf(out, "%d broker%s", s->cluster.brokers, s->cluster.brokers == 1 ? "" : "s");
    put_count(out, s->topic_count, "topic");
    put_count(out, s->producer_count, "producer");
    put_count(out, s->group_count, "group");
    if (scenario_variant_count(doc) > 0)
        put_count(out, scenario_variant_count(doc), "variant");
    fputc('\n', out);
}

/* What is right may still not be what was meant. */
static void put_advice(FILE *out, const char *file, const struct scenario_doc *doc,
                       struct result *advice)
{
    uint32_t first = advice->warning_count;
    advice_groups(advice, scenario_base(doc));
    advice_polls(advice, doc, -1);
    for (uint32_t i = first; i < advice->warning_count; i++) {
        struct result_warning *w = &advice->warnings[i];
        w->text = result_format(advice, "%s: %s; %s", file, w->text, w->remedy);
        fprintf(out, "warning: %s\n", w->text);
    }
}

static int write_lines(void *context, FILE *out)
{
    return fputs(context, out) < 0 ? -1 : 0;
}

/* Variants too: any of them may have a trace of its own. */
static int check_traces(struct cli *cli, const char *file, const struct scenario_doc *doc)
{
    struct broker_err err = {""};
    int status = cluster_check_traces(scenario_base(doc), &err);
    for (int i = 0; status == BROKER_OK && i < scenario_variant_count(doc); i++)
        status = cluster_check_traces(scenario_variant_at(doc, i), &err);
    return status == BROKER_OK ? CLI_DONE : cli_fail(cli, CLI_SCENARIO, "%s: %s", file, err.text);
}

static int check_files(struct cli *cli, FILE *lines, struct result *advice)
{
    int worst = CLI_DONE;
    for (int i = 0; i < cli->file_count; i++) {
        struct scenario_doc *doc;
        int status = cli_scenario_load(cli, cli->files[i], &doc);
        if (status == CLI_DONE)
            status = check_traces(cli, cli->files[i], doc);
        worst = status > worst ? status : worst;
        if (status == CLI_DONE) {
            put_right(lines, cli->files[i], doc);
            put_advice(lines, cli->files[i], doc, advice);
        }
        scenario_doc_free(doc);
    }
    return worst;
}

int cli_check(struct cli *cli)
{
    char *lines = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&lines, &bytes);
    if (!memory)
        return cli_fail(cli, CLI_FAILED, "out of memory");
    struct result *advice = result_new();
    int worst = check_files(cli, memory, advice), status = CLI_DONE;
    fclose(memory);
    if (worst == CLI_DONE && cli->format == CLI_JSON)
        status = cli_output(cli, write_valid, advice);
    else if (cli->format != CLI_JSON && lines[0] && !cli->quiet)
        status = cli_output(cli, write_lines, lines);
    free(lines);
    result_free(advice);
    return worst == CLI_DONE ? status : worst;
}

static int write_explain(void *context, FILE *out)
{
    return scenario_explain(context, out);
}

int cli_explain(struct cli *cli)
{
    struct scenario_doc *doc;
    int status = cli_scenario_load(cli, cli->files[0], &doc);
    if (status == CLI_DONE)
        status = cli_output(cli, write_explain, doc);
    scenario_doc_free(doc);
    return status;
}

static int write_schema(void *context, FILE *out)
{
    (void)context;
    return scenario_schema_write(out);
}

int cli_schema(struct cli *cli)
{
    return cli_output(cli, write_schema, NULL);
}

static int write_keys(void *context, FILE *out)
{
    (void)context;
    return scenario_keys_write(out);
}

int cli_keys(struct cli *cli)
{
    return cli_output(cli, write_keys, NULL);
}
