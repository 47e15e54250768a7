/* new, check, explain, schema, keys: what needs no simulation. */
#include <string.h>

#include "model/cli/cli.h"
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
    return cli_output(cli, write_preset, cli);
}

static int write_valid(void *context, FILE *out)
{
    (void)context;
    struct json_writer w;
    json_put_init(&w, out);
    json_put_object_begin(&w);
    json_put_key(&w, "valid"), json_put_bool(&w, true);
    json_put_object_end(&w);
    json_put_finish(&w);
    return ferror(out) ? -1 : 0;
}

int cli_check(struct cli *cli)
{
    int worst = CLI_DONE;
    for (int i = 0; i < cli->file_count; i++) {
        struct scenario_doc *doc;
        int status = cli_scenario_load(cli, cli->files[i], &doc);
        worst = status > worst ? status : worst;
        scenario_doc_free(doc);
    }
    if (worst == CLI_DONE && cli->format == CLI_JSON)
        return cli_output(cli, write_valid, NULL);
    return worst;
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
